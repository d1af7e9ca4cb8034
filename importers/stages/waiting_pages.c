#include "importers/stages/waiting_pages.h"

#include "importers/gitlab/user_preload.h"
#include "importers/stages/scheduling_page.h"

#define MAX_PAGES 100
#define MAX_BYTES (6 * 1024 * 1024) /* of JSON */

struct WaitingPages {
    UserPreload *people;
    GQueue pages;    /* of SchedulingPage */
    GHashTable *ids; /* of their objects; borrowed */
    gsize bytes;     /* of their objects, as JSON */
};

WaitingPages *waiting_pages_new(Stage *stage)
{
    WaitingPages *waiting = g_new0(WaitingPages, 1);
    waiting->people = user_preload_new(stage);
    g_queue_init(&waiting->pages);
    waiting->ids = g_hash_table_new(g_str_hash, g_str_equal);
    return waiting;
}

void waiting_pages_free(WaitingPages *waiting)
{
    g_hash_table_unref(waiting->ids);
    g_queue_clear_full(&waiting->pages, (GDestroyNotify)scheduling_page_free);
    user_preload_free(waiting->people);
    g_free(waiting);
}

gboolean waiting_pages_contain(const WaitingPages *waiting, const char *id)
{
    return g_hash_table_contains(waiting->ids, id);
}

static gboolean add_people(WaitingPages *waiting, const ObjectCollection *collection,
                           const SchedulingPage *page, GError **error)
{
    g_autoptr(json_t) users = json_array();
    size_t i;
    json_t *object;
    if (!collection->people)
        return TRUE;
    json_array_foreach (page->objects, i, object)
        collection->people(object, users);
    return json_array_size(users) == 0 || user_preload_add(waiting->people, users, error);
}

/* (transfer full) */
static void queue_page(WaitingPages *waiting, SchedulingPage *page)
{
    g_queue_push_tail(&waiting->pages, page);
    for (guint i = 0; i < page->ids->len; i++)
        g_hash_table_add(waiting->ids, page->ids->pdata[i]);
}

static void forget_page(WaitingPages *waiting, const SchedulingPage *page)
{
    waiting->bytes -= page->bytes;
    for (guint i = 0; i < page->ids->len; i++)
        g_hash_table_remove(waiting->ids, page->ids->pdata[i]);
}

static gboolean is_ready(const WaitingPages *waiting, const SchedulingPage *page)
{
    return page && page->people <= user_preload_asked(waiting->people);
}

static gboolean run_ready_pages(Scheduling *scheduling, GError **error)
{
    WaitingPages *waiting = scheduling->waiting;
    while (is_ready(waiting, g_queue_peek_head(&waiting->pages))) {
        g_autoptr(SchedulingPage) page = g_queue_pop_head(&waiting->pages);
        forget_page(waiting, page);
        if (!session_check_stopping(scheduling->stage->session, error) ||
            !scheduling_page_run(scheduling, page, error))
            return FALSE;
    }
    return TRUE;
}

gboolean waiting_pages_add(Scheduling *scheduling, SchedulingPage *page, GError **error)
{
    WaitingPages *waiting = scheduling->waiting;
    queue_page(waiting, page);
    if (!add_people(waiting, scheduling->collection, page, error))
        return FALSE;
    page->people = user_preload_asked(waiting->people) + user_preload_pending(waiting->people);
    if (user_preload_pending(waiting->people) > 0)
        page->bytes = json_dumpb(page->objects, NULL, 0, JSON_COMPACT);
    waiting->bytes += page->bytes;
    if (waiting->pages.length >= MAX_PAGES || waiting->bytes >= MAX_BYTES)
        return waiting_pages_run(scheduling, error);
    return user_preload_resolve_full(waiting->people, error) && run_ready_pages(scheduling, error);
}

gboolean waiting_pages_run(Scheduling *scheduling, GError **error)
{
    return user_preload_resolve(scheduling->waiting->people, error) && run_ready_pages(scheduling, error);
}
