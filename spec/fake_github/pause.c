#include "spec/fake_github/pause.h"

struct Pause {
    GMutex lock;
    GCond changed;
    gboolean over;
};

Pause *pause_new(void)
{
    Pause *pause = g_new0(Pause, 1);
    g_mutex_init(&pause->lock);
    g_cond_init(&pause->changed);
    return pause;
}

void pause_free(Pause *pause)
{
    g_cond_clear(&pause->changed);
    g_mutex_clear(&pause->lock);
    g_free(pause);
}

gboolean pause_wait(Pause *pause, guint64 milliseconds)
{
    gint64 end = g_get_monotonic_time() + (gint64)milliseconds * 1000;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pause->lock);
    gboolean signalled = TRUE;
    while (!pause->over && signalled) {
        signalled = g_cond_wait_until(&pause->changed, &pause->lock, end);
    }
    return !pause->over;
}

gboolean pause_is_over(Pause *pause)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pause->lock);
    return pause->over;
}

void pause_end(Pause *pause)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&pause->lock);
    pause->over = TRUE;
    g_cond_broadcast(&pause->changed);
}
