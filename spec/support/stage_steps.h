/*
 * For the specs of stages in which what a stage schedules and what follows is only written down. Wraps
 * stage_perform and stage_advance_to: the program's linker has to wrap both. In a header, because only the
 * programs that include it are linked with the importers.
 */
#pragma once

#include "importers/stages/stage.h"
#include "protocol/json.h"

static ImportData stage_data; /* the import's settings */
static GString *stage_steps;  /* what happened, in order */

static inline void stage_steps_begin(void)
{
    stage_data = (ImportData){0};
    stage_steps = g_string_new(NULL);
}

static inline void stage_steps_end(void)
{
    g_string_free(g_steal_pointer(&stage_steps), TRUE);
}

gboolean __wrap_stage_perform(Session *session, const Job *job, StageImport import, GError **error);
gboolean __wrap_stage_perform(Session *session, G_GNUC_UNUSED const Job *job, StageImport import,
                              GError **error)
{
    Stage stage = {.session = session, .data = &stage_data};
    return import(&stage, error);
}

gboolean __wrap_stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error);
gboolean __wrap_stage_advance_to(G_GNUC_UNUSED Stage *stage, json_t *waiters, const char *next_stage,
                                 G_GNUC_UNUSED GError **error)
{
    g_autoptr(json_t) owned = waiters;
    g_autofree char *text = json_dump(owned);
    g_string_append_printf(stage_steps, "advance %s %s", text, next_stage);
    return TRUE;
}
