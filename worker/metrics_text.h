/*
 * Prometheus's text exposition format, version 0.0.4: families, samples, label values, numbers.
 * (https://prometheus.io/docs/instrumenting/exposition_formats/)
 */
#pragma once

#include <glib.h>

/* # HELP and # TYPE. */
void metrics_text_family(GString *text, const char *name, const char *type, const char *help);
/* One label, with its value escaped: name="value", preceded by a comma unless it is the first. */
void metrics_text_label(GString *labels, const char *name, const char *value);
/* One sample; `suffix` goes after the family's name; `labels` as made above, may be "". */
void metrics_text_sample(GString *text, const char *name, const char *suffix, const char *labels,
                         double value);
