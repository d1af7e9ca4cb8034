/*
 * In which order queues are visited. Strict: as configured. Weighted: drawn anew each time, a queue of weight
 * 3 coming first three times as often as one of weight 1, as when Sidekiq shuffles a list that names it three
 * times (reliable_fetch.rb). Not thread-safe.
 */
#pragma once

#include <glib.h>

/* Fills `order` with the indices 0 .. n - 1. Weights are at least 1. */
void queue_order_draw(const guint *weights, guint n, guint *order);
