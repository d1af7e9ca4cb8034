/*
 * The report of status_report() for human eyes.
 */
#pragma once

#include "protocol/autoptr_jansson.h"

/* (transfer full) */
char *status_text(const json_t *report);
/* "45 s", "12 min", "3 h 20 min", "2 d 4 h". (transfer full) */
char *status_duration(double seconds);
