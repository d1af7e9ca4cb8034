#include "importers/stages/waiting_pages.h"

#include "importers/gitlab/user_preload.h"
#include "importers/stages/scheduling_page.h"

#define MAX_PEOPLE 100
#define MAX_PAGES  20
#define MAX_BYTES  (16 * 1024 * 1024)

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

static gboolean must_run(const WaitingPages *waiting)
{
    guint n_people = user_preload_pending(waiting->people);
    return n_people == 0 || n_people >= MAX_PEOPLE || waiting->pages.length >= MAX_PAGES ||
           waiting->bytes >= MAX_BYTES;
}

gboolean waiting_pages_add(Scheduling *scheduling, SchedulingPage *page, GError **error)
{
    WaitingPages *waiting = scheduling->waiting;
    queue_page(waiting, page);
    if (!add_people(waiting, scheduling->collection, page, error))
        return FALSE;
    if (user_preload_pending(waiting->people) > 0)
        waiting->bytes += json_dumpb(page->objects, NULL, 0, JSON_COMPACT);
    return !must_run(waiting) || waiting_pages_run(scheduling, error);
}

gboolean waiting_pages_run(Scheduling *scheduling, GError **error)
{
    WaitingPages *waiting = scheduling->waiting;
    if (user_preload_pending(waiting->people) > 0 && !user_preload_resolve(waiting->people, error))
        return FALSE;
    g_hash_table_remove_all(waiting->ids);
    waiting->bytes = 0;
    while (!g_queue_is_empty(&waiting->pages)) {
        g_autoptr(SchedulingPage) page = g_queue_pop_head(&waiting->pages);
        if (!session_check_stopping(scheduling->stage->session, error) ||
            !scheduling_page_run(scheduling, page, error))
            return FALSE;
    }
    return TRUE;
}
