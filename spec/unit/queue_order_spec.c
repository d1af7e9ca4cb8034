#include "protocol/queue_order.h"
#include "spec/support/cmocka_glib.h"

#define DRAWS 20000

static void every_queue_is_visited_once(G_GNUC_UNUSED void **state)
{
    const guint weights[] = {5, 1, 3, 1};
    for (int draw = 0; draw < 100; draw++) {
        guint order[4], seen = 0;
        queue_order_draw(weights, 4, order);
        for (guint i = 0; i < 4; i++)
            seen |= 1u << order[i];
        assert_int_equal(seen, 0xf);
    }
}

static double share(guint count)
{
    return (double)count / DRAWS;
}

/* Of 3 + 1 + 1 lots, queue 0 holds three; behind it, 1 and 2 are equal. */
static void a_queue_comes_first_as_often_as_its_weight_says(G_GNUC_UNUSED void **state)
{
    const guint weights[] = {3, 1, 1};
    guint first[3] = {0}, second_behind_0[3] = {0};
    for (int draw = 0; draw < DRAWS; draw++) {
        guint order[3];
        queue_order_draw(weights, 3, order);
        first[order[0]]++;
        if (order[0] == 0)
            second_behind_0[order[1]]++;
    }
    assert_true(ABS(share(first[0]) - 0.6) < 0.03);
    assert_true(ABS(share(first[1]) - 0.2) < 0.03);
    assert_true(ABS(share(second_behind_0[1]) - 0.3) < 0.03);
    assert_true(ABS(share(second_behind_0[2]) - 0.3) < 0.03);
}

static void one_queue_has_one_order(G_GNUC_UNUSED void **state)
{
    const guint weight = 7;
    guint order = 9;
    queue_order_draw(&weight, 1, &order);
    assert_int_equal(order, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_queue_is_visited_once),
        cmocka_unit_test(a_queue_comes_first_as_often_as_its_weight_says),
        cmocka_unit_test(one_queue_has_one_order),
    };
    return cmocka_run_group_tests_name("queue_order", tests, NULL, NULL);
}
