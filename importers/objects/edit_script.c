#include "importers/objects/edit_script.h"

#include <string.h>

guint text_common_prefix(Text a, Text b)
{
    guint n = 0;
    while (n < MIN(a.length, b.length) && a.chars[n] == b.chars[n])
        n++;
    return n;
}

guint text_common_suffix(Text a, Text b)
{
    guint n = 0;
    while (n < MIN(a.length, b.length) && a.chars[a.length - 1 - n] == b.chars[b.length - 1 - n])
        n++;
    return n;
}

static Text text_from(Text text, guint from)
{
    return text_part(text, from, text.length - from);
}

/* Where `part` begins in `text`, at `from` or later; -1: nowhere. */
static int text_find(Text text, Text part, guint from)
{
    for (guint i = from; i + part.length <= text.length; i++)
        if (memcmp(text.chars + i, part.chars, part.length * sizeof *part.chars) == 0)
            return (int)i;
    return -1;
}

void edit_script_add(GArray *script, guint deleted, guint inserted, guint equal)
{
    Hunk *last = script->len ? &g_array_index(script, Hunk, script->len - 1) : NULL;
    if (last && last->equal == 0) {
        *last = (Hunk){last->deleted + deleted, last->inserted + inserted, equal};
    } else if (last && deleted + inserted == 0) {
        last->equal += equal;
    } else if (deleted + inserted + equal > 0) {
        Hunk hunk = {deleted, inserted, equal};
        g_array_append_val(script, hunk);
    }
}

static GArray *diff(Text old, Text new);

static void add_diff(GArray *script, Text old, Text new)
{
    g_autoptr(GArray) part = diff(old, new);
    for (guint i = 0; i < part->len; i++) {
        const Hunk *hunk = &g_array_index(part, Hunk, i);
        edit_script_add(script, hunk->deleted, hunk->inserted, hunk->equal);
    }
}

/* A part that both texts have: where it is in each, and its length. */
typedef struct Common {
    guint in_longer, in_shorter, length;
} Common;

/* The longest common part around a quarter of the longer text, which begins at `index`. */
static Common half_match_at(Text longer, Text shorter, guint index)
{
    Text seed = text_part(longer, index, longer.length / 4);
    Common best = {0};
    for (int at = -1; (at = text_find(shorter, seed, (guint)(at + 1))) >= 0;) {
        guint before = text_common_suffix(text_part(longer, 0, index), text_part(shorter, 0, (guint)at));
        guint after = text_common_prefix(text_from(longer, index), text_from(shorter, (guint)at));
        if (before + after > best.length)
            best = (Common){index - before, (guint)at - before, before + after};
    }
    return best;
}

/* A common part of at least half the longer text, if one is found quickly. */
static gboolean half_match(Text longer, Text shorter, Common *common)
{
    if (longer.length < 4 || shorter.length * 2 < longer.length)
        return FALSE;
    Common second_quarter = half_match_at(longer, shorter, (longer.length + 3) / 4);
    Common third_quarter = half_match_at(longer, shorter, (longer.length + 1) / 2);
    *common = second_quarter.length > third_quarter.length ? second_quarter : third_quarter;
    return common->length * 2 >= longer.length;
}

/* Myers' search for the middle of the shortest script, from one end of both texts. Diagonal k holds the
 * points with x - y = k. */
typedef struct Front {
    Text old, new;
    gboolean from_end;
    int *furthest;   /* x by diagonal, negative diagonals too; -1: not reached */
    int first, last; /* how many diagonals at either side have left the texts */
} Front;

static gboolean front_matches(const Front *front, int x, int y)
{
    int old_index = front->from_end ? (int)front->old.length - 1 - x : x;
    int new_index = front->from_end ? (int)front->new.length - 1 - y : y;
    return front->old.chars[old_index] == front->new.chars[new_index];
}

/* Goes as far as `distance` edits lead on diagonal `k`. FALSE: beyond the texts. */
static gboolean front_advance(Front *front, int distance, int k)
{
    int *furthest = front->furthest, width = (int)front->old.length, height = (int)front->new.length;
    gboolean down = k == -distance || (k != distance && furthest[k - 1] < furthest[k + 1]);
    int x = down ? furthest[k + 1] : furthest[k - 1] + 1;
    while (x < width && x - k < height && front_matches(front, x, x - k))
        x++;
    furthest[k] = x;
    if (x > width)
        front->last += 2;
    else if (x - k > height)
        front->first += 2;
    else
        return TRUE;
    return FALSE;
}

/* The same diagonal as seen from the other end. */
static int opposite_of(const Front *front, int k)
{
    return (int)front->old.length - (int)front->new.length - k;
}

/* Whether the front has met the other one, which comes from the other end, on diagonal `k`. */
static gboolean front_met(const Front *front, const Front *other, int k, int reach)
{
    int opposite = opposite_of(front, k);
    return ABS(opposite) <= reach && other->furthest[opposite] != -1 &&
           front->furthest[k] + other->furthest[opposite] >= (int)front->old.length;
}

static int *front_init(Front *front, Text old, Text new, gboolean from_end, int reach)
{
    int *cells = g_new(int, 2 * (gsize)reach + 3);
    memset(cells, -1, (2 * (gsize)reach + 3) * sizeof *cells);
    *front = (Front){old, new, from_end, cells + reach + 1, 0, 0};
    front->furthest[1] = 0;
    return cells;
}

/* One step of a front. TRUE when it met the other: the point that the front from the beginning has reached.
 */
static gboolean front_step(Front *front, const Front *other, int distance, int reach, gboolean may_meet,
                           guint *x, guint *y)
{
    for (int k = -distance + front->first; k <= distance - front->last; k += 2) {
        if (!front_advance(front, distance, k) || !may_meet || !front_met(front, other, k, reach))
            continue;
        int diagonal = front->from_end ? opposite_of(front, k) : k;
        int reached = (front->from_end ? other : front)->furthest[diagonal];
        *x = (guint)reached;
        *y = (guint)(reached - diagonal);
        return TRUE;
    }
    return FALSE;
}

/* The point that divides the shortest script; FALSE: the texts have nothing in common. */
static gboolean bisect(Text old, Text new, guint *x, guint *y)
{
    int reach = (int)(old.length + new.length + 1) / 2;
    gboolean odd = (old.length + new.length) % 2;
    Front forward, backward;
    g_autofree int *forward_cells = front_init(&forward, old, new, FALSE, reach);
    g_autofree int *backward_cells = front_init(&backward, old, new, TRUE, reach);
    for (int distance = 0; distance < reach; distance++)
        if (front_step(&forward, &backward, distance, reach, odd, x, y) ||
            front_step(&backward, &forward, distance, reach, !odd, x, y))
            return TRUE;
    return FALSE;
}

/* The texts have no common beginning or end. */
static void compute(GArray *script, Text old, Text new)
{
    gboolean shrinks = old.length > new.length;
    Text longer = shrinks ? old : new, shorter = shrinks ? new : old;
    int inside = shorter.length ? text_find(longer, shorter, 0) : -1;
    Common common;
    guint x, y;
    if (inside >= 0) {
        guint before = (guint)inside, after = longer.length - shorter.length - before;
        edit_script_add(script, shrinks ? before : 0, shrinks ? 0 : before, shorter.length);
        edit_script_add(script, shrinks ? after : 0, shrinks ? 0 : after, 0);
    } else if (shorter.length <= 1) {
        edit_script_add(script, old.length, new.length, 0);
    } else if (half_match(longer, shorter, &common)) {
        guint in_old = shrinks ? common.in_longer : common.in_shorter;
        guint in_new = shrinks ? common.in_shorter : common.in_longer;
        add_diff(script, text_part(old, 0, in_old), text_part(new, 0, in_new));
        edit_script_add(script, 0, 0, common.length);
        add_diff(script, text_from(old, in_old + common.length), text_from(new, in_new + common.length));
    } else if (bisect(old, new, &x, &y)) {
        add_diff(script, text_part(old, 0, x), text_part(new, 0, y));
        add_diff(script, text_from(old, x), text_from(new, y));
    } else {
        edit_script_add(script, old.length, new.length, 0);
    }
}

static GArray *diff(Text old, Text new)
{
    GArray *script = g_array_new(FALSE, FALSE, sizeof(Hunk));
    guint prefix = text_common_prefix(old, new);
    Text old_rest = text_from(old, prefix), new_rest = text_from(new, prefix);
    guint suffix = text_common_suffix(old_rest, new_rest);
    edit_script_add(script, 0, 0, prefix);
    compute(script, text_part(old_rest, 0, old_rest.length - suffix),
            text_part(new_rest, 0, new_rest.length - suffix));
    edit_script_add(script, 0, 0, suffix);
    edit_script_merge(script, old, new);
    return script;
}

GArray *edit_script_new(Text old, Text new)
{
    if (MAX(old.length, new.length) > EDIT_SCRIPT_LONGEST) {
        GArray *script = g_array_new(FALSE, FALSE, sizeof(Hunk));
        edit_script_add(script, old.length, new.length, 0);
        return script;
    }
    GArray *script = diff(old, new);
    edit_script_cleanup(script, old, new);
    return script;
}
