#include "protocol/settlement_sender.h"

struct SettlementSender {
    AsyncRedis *redis;
    void (*answered)(const Settlement *settlement, gpointer user_data);
    gpointer user_data;
    GQueue pending; /* of Pending, in the order of sending */
};

typedef struct Pending {
    SettlementSender *sender;
    Settlement *settlement;
    const char *working_list;
    gboolean resent;
    GList link; /* in `pending` */
} Pending;

static void pending_free(Pending *pending)
{
    settlement_free(pending->settlement);
    g_free(pending);
}

static void send_settlement(Pending *pending);

/* SCRIPT FLUSH, or a failover behind a proxy. */
static void load_and_resend(Pending *pending)
{
    SettlementSender *sender = pending->sender;
    async_redis_load_script(sender->redis, settlement_script_text());
    g_queue_unlink(&sender->pending, &pending->link);
    g_queue_push_tail_link(&sender->pending, &pending->link);
    send_settlement(pending);
}

static void finish(Pending *pending, const redisReply *reply)
{
    SettlementSender *sender = pending->sender;
    const char *queue = settlement_queue(pending->settlement);

    g_queue_unlink(&sender->pending, &pending->link);
    if (reply->type == REDIS_REPLY_ERROR) {
        log_write(LOG_ERROR, "Redis refused to settle a job; it stays in the working list",
                  json_pack("{s:s, s:s}", "queue", queue, "reason", reply->str));
    } else {
        if (reply->integer == 0 && !pending->resent)
            log_warn("a finished job was no longer in the working list; another process has recovered it",
                     "{s:s}", "queue", queue);
        async_redis_confirm(sender->redis);
        sender->answered(pending->settlement, sender->user_data);
    }
    pending_free(pending);
}

static void on_answer(const redisReply *reply, gpointer data)
{
    Pending *pending = data;
    AsyncRedis *redis = pending->sender->redis;

    if (async_redis_is_outage(reply))
        async_redis_drop(redis, reply->str);
    else if (reply->type == REDIS_REPLY_ERROR && g_str_has_prefix(reply->str, "NOSCRIPT"))
        load_and_resend(pending);
    else
        finish(pending, reply);
}

static void send_settlement(Pending *pending)
{
    SettlementWords words;
    settlement_words(pending->settlement, pending->working_list, &words);
    async_redis_send(pending->sender->redis, on_answer, pending, words.count, words.words, words.lengths);
}

void settlement_sender_push(SettlementSender *sender, Settlement *settlement, const char *working_list)
{
    Pending *pending = g_new(Pending, 1);
    *pending = (Pending){.sender = sender, .settlement = settlement, .working_list = working_list};
    pending->link.data = pending;
    g_queue_push_tail_link(&sender->pending, &pending->link);
    if (async_redis_is_ready(sender->redis))
        send_settlement(pending);
}

void settlement_sender_resume(SettlementSender *sender)
{
    async_redis_load_script(sender->redis, settlement_script_text());
    for (GList *link = sender->pending.head; link; link = link->next) {
        Pending *pending = link->data;
        pending->resent = TRUE;
        send_settlement(pending);
    }
}

guint settlement_sender_pending(const SettlementSender *sender)
{
    return sender->pending.length;
}

SettlementSender *settlement_sender_new(AsyncRedis *redis,
                                        void (*answered)(const Settlement *settlement, gpointer user_data),
                                        gpointer user_data)
{
    SettlementSender *sender = g_new0(SettlementSender, 1);
    sender->redis = redis;
    sender->answered = answered;
    sender->user_data = user_data;
    g_queue_init(&sender->pending);
    return sender;
}

void settlement_sender_free(SettlementSender *sender)
{
    if (!sender)
        return;
    for (GList *link = sender->pending.head, *next; link; link = next) {
        next = link->next;
        pending_free(link->data);
    }
    g_free(sender);
}
