#include "spec/fake_github/pull_plan.h"

static PullFate fate_of(guint ordinal)
{
    guint turn = ordinal % 10;
    if (turn >= 1 && turn <= 6) {
        return PULL_MERGED;
    }
    return turn == 7 || turn == 8 ? PULL_CLOSED : PULL_OPEN;
}

static PullOrigin origin_of(guint ordinal)
{
    if (ordinal % 23 == 0) {
        return PULL_ACCOUNT_GONE;
    }
    if (ordinal % 19 == 0) {
        return PULL_FORK_GONE;
    }
    return ordinal % 7 == 0 ? PULL_FORK : PULL_OWN_BRANCH;
}

static gboolean is_stacked(guint ordinal)
{
    guint turn = ordinal % 20;
    return (turn == 8 || turn == 10) && origin_of(ordinal) == PULL_OWN_BRANCH &&
           origin_of(ordinal - 1) == PULL_OWN_BRANCH;
}

PullPlan pull_plan(const Generator *generator, guint ordinal)
{
    PullOrigin origin = origin_of(ordinal);
    gboolean even = ordinal % 2 == 0;
    return (PullPlan){
        .ordinal = ordinal,
        .number = generator_pull_number(generator, ordinal),
        .fate = fate_of(ordinal),
        .origin = origin,
        .draft = ordinal % 10 == 9,
        .same_name = origin == PULL_ACCOUNT_GONE ? !even : origin != PULL_OWN_BRANCH && even,
        .below_number = is_stacked(ordinal) ? generator_pull_number(generator, ordinal - 1) : 0,
        .late = ordinal + generator->late > generator->pulls,
    };
}

char *pull_plan_branch(guint ordinal, guint64 number)
{
    return g_strdup_printf(
        ordinal % 16 == 5 ? "feature/größe-%" G_GUINT64_FORMAT : "topic-%" G_GUINT64_FORMAT, number);
}
