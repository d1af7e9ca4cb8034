#include "protocol/queue_order.h"

static guint total_weight(const guint *weights, const guint *order, guint from, guint n)
{
    guint total = 0;
    for (guint i = from; i < n; i++)
        total += weights[order[i]];
    return total;
}

/* The position, from `from` on, whose queue holds the `ticket`-th lot. */
static guint winner(const guint *weights, const guint *order, guint from, guint ticket)
{
    guint position = from;
    while (ticket >= weights[order[position]])
        ticket -= weights[order[position++]];
    return position;
}

void queue_order_draw(const guint *weights, guint n, guint *order)
{
    for (guint i = 0; i < n; i++)
        order[i] = i;
    for (guint i = 0; i + 1 < n; i++) {
        guint total = total_weight(weights, order, i, n);
        guint ticket = (guint)g_random_int_range(0, (gint32)total);
        guint drawn = winner(weights, order, i, ticket);
        guint index = order[drawn];
        order[drawn] = order[i];
        order[i] = index;
    }
}
