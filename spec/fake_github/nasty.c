#include "spec/fake_github/nasty.h"

#include <string.h>

enum { PERIOD = 50, MILLION = 1000000, LONG_TITLE = 300, LONGEST_TITLE = 255, HUGE = 23, TOO_LONG = 27 };

typedef struct {
    guint position; /* modulo PERIOD */
    guint level;    /* of nasty= */
    const char *text;
    gsize length;
} NastyText;

#define TEXT(position, level, text)                                                                          \
    {                                                                                                        \
        position, level, text, sizeof(text) - 1                                                              \
    }

static const NastyText TEXTS[] = {
    TEXT(3, 1,
         "@user-1, see\r\n@user-2\r\n(@user-3) \t@user-4 mail a@b.org `@code``@user-5`@user-6@user-7 "
         "cc:@user-8\n"
         "@org/team-a. *@user-1*\n```\n@fenced\n```\n@user-2"),
    TEXT(5, 1,
         "\xf0\x9f\x9a\xa2 e\xcc\x81 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d @user-1\xf0\x9f\x91\x8d \xe2\x80\xa8"
         "next \xc2\xa0@user-2"),
    TEXT(7, 1, "before\0behind @user-1 \0"),
    TEXT(11, 2, "before \xed\xa0\xbd behind @user-1"),
    TEXT(13, 1,
         "{web}/{repository}/issues/3 {web}/{repository}/pull/4/files ({web}/{repository}/pulls) "
         "{web}/other/repo/issues/5 `{web}/{repository}/issues/6` {repository}#7 #8 "
         "http://{repository}/issues/9"),
    TEXT(17, 2, "before \xff\xc3( behind @user-1\xf0\x9f"),
    TEXT(19, 1, " \r\n\t "),
};

static json_t *fixed_text(const Generator *generator, guint64 position)
{
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        if (TEXTS[i].position == position % PERIOD && generator->nasty >= TEXTS[i].level) {
            return json_stringn_nocheck(TEXTS[i].text, TEXTS[i].length);
        }
    }
    return NULL;
}

/* With back-ticks around its mentions it gets longer than a MiB. */
static json_t *long_text(gsize length)
{
    static const char SENTENCE[] = "ask @user-1 about `@code` and @user-2.\r\n";
    GString *text = g_string_sized_new(length);
    while (text->len < length) {
        g_string_append_len(text, SENTENCE, (gssize)MIN(strlen(SENTENCE), length - text->len));
    }
    json_t *json = json_stringn(text->str, text->len);
    g_string_free(text, TRUE);
    return json;
}

static json_t *repeated(const char *character, guint times)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < times; i++) {
        g_string_append(text, character);
    }
    json_t *json = json_stringn(text->str, text->len);
    g_string_free(text, TRUE);
    return json;
}

json_t *nasty_issue_body(const Generator *generator, guint64 number)
{
    if (generator->nasty > 0 && number == HUGE) {
        return long_text(MILLION);
    }
    return fixed_text(generator, number);
}

json_t *nasty_issue_title(const Generator *generator, guint64 number)
{
    if (generator->nasty == 0) {
        return NULL;
    }
    switch (number % PERIOD) {
    case 31:
        return repeated("\xf0\x9f\x9a\xa2", LONG_TITLE);
    case 33:
        return repeated("\xc3\xbc", LONGEST_TITLE);
    default:
        return NULL;
    }
}

json_t *nasty_comment_body(const Generator *generator, guint64 number, guint index)
{
    if (index != 0) {
        return NULL;
    }
    if (generator->nasty > 0 && (number == HUGE || number == TOO_LONG)) {
        return repeated("x", number == HUGE ? MILLION : MILLION + 1);
    }
    return fixed_text(generator, number);
}
