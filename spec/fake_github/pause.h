/* Waiting on purpose (delays, hanging requests) that ends at once when the server stops. */
#pragma once

#include <glib.h>

typedef struct Pause Pause;

Pause *pause_new(void);
void pause_free(Pause *pause);

/* FALSE when the server stops. */
gboolean pause_wait(Pause *pause, guint64 milliseconds);
gboolean pause_is_over(Pause *pause);
void pause_end(Pause *pause);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pause, pause_free)
