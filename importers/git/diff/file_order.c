#include "importers/git/diff/file_order.h"

#include <glib.h>
#include <string.h>

int compare_file_order(const char *a, const char *b)
{
    for (;;) {
        gsize a_length = strcspn(a, "/"), b_length = strcspn(b, "/");
        gboolean a_is_file = !a[a_length], b_is_file = !b[b_length];
        if (a_is_file != b_is_file)
            return a_is_file ? 1 : -1;
        int order = memcmp(a, b, MIN(a_length, b_length));
        if (order)
            return order;
        if (a_length != b_length)
            return a_length < b_length ? -1 : 1;
        if (a_is_file)
            return 0;
        a += a_length + 1;
        b += b_length + 1;
    }
}
