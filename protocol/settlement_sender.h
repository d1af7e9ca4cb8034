/*
 * Carries settlements out over an asynchronous connection: many in one write, in order, and again after each
 * reconnect until they are answered, which is harmless because a settlement has its effect once.
 *
 * A settlement that Redis refuses for a reason that time will not cure is logged, and its job stays in the
 * working list, where the next process finds it. Everything here belongs to the loop's thread.
 */
#pragma once

#include "protocol/async_redis.h"
#include "protocol/settlement.h"

typedef struct SettlementSender SettlementSender;

/* `answered`: the job has left the working list. What is given here is borrowed. */
SettlementSender *settlement_sender_new(AsyncRedis *redis,
                                        void (*answered)(const Settlement *settlement, gpointer user_data),
                                        gpointer user_data);
void settlement_sender_free(SettlementSender *sender);

/* Sends now if the connection is ready, else at settlement_sender_resume(). `settlement`: (transfer full);
 * `working_list` is borrowed until the settlement is answered. */
void settlement_sender_push(SettlementSender *sender, Settlement *settlement, const char *working_list);
/* The connection is new: loads the script and sends everything that is not answered. */
void settlement_sender_resume(SettlementSender *sender);
/* Not answered yet. */
guint settlement_sender_pending(const SettlementSender *sender);
