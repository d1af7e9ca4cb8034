#include "spec/fake_github/generator.h"

#include <stddef.h>
#include <string.h>

/* 2015-01-01T00:00:00Z */
static const guint64 FIRST_DAY = 1420070400;
static const guint64 FIRST_USER_ID = 1000;
static const guint64 GHOST_ID = 10137;
enum { BOT_EVERY = 50, GONE_EVERY = 59 };

static const char *const WORDS[] = {
    "adapter", "anchor", "archive", "beacon",  "bearing", "boiler",  "bridge", "buffer", "cable",   "camera",
    "channel", "clamp",  "compass", "coupler", "deck",    "dial",    "engine", "filter", "flange",  "funnel",
    "gasket",  "gauge",  "harbor",  "hatch",   "helm",    "hull",    "keel",   "ladder", "lantern", "mast",
    "mooring", "pallet", "pier",    "pilot",   "pump",    "railing", "ramp",   "rudder", "sensor",  "signal",
    "strap",   "tank",   "tide",    "trolley", "valve",   "vessel",  "winch",  "window"};

G_DEFINE_QUARK(fake - github - generator - error, generator_error)

typedef struct {
    const char *name;
    gsize offset;
} CountMember;

static const CountMember COUNT_MEMBERS[] = {{"labels", offsetof(Generator, labels)},
                                            {"milestones", offsetof(Generator, milestones)},
                                            {"releases", offsetof(Generator, releases)},
                                            {"issues", offsetof(Generator, issues)},
                                            {"pulls", offsetof(Generator, pulls)},
                                            {"branches", offsetof(Generator, branches)},
                                            {"collaborators", offsetof(Generator, collaborators)},
                                            {"comments", offsetof(Generator, comments)},
                                            {"events", offsetof(Generator, events)},
                                            {"reviews", offsetof(Generator, reviews)},
                                            {"review_comments", offsetof(Generator, review_comments)},
                                            {"attachments", offsetof(Generator, attachments)},
                                            {"lfs", offsetof(Generator, lfs)},
                                            {"late", offsetof(Generator, late)},
                                            {"users", offsetof(Generator, users)},
                                            {"nasty", offsetof(Generator, nasty)}};

static gboolean set_member(Generator *generator, const char *name, guint64 value)
{
    if (strcmp(name, "seed") == 0) {
        generator->seed = value;
        return TRUE;
    }
    if (strcmp(name, "start") == 0) {
        generator->start = value;
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(COUNT_MEMBERS); i++) {
        if (strcmp(name, COUNT_MEMBERS[i].name) == 0) {
            *(guint *)G_STRUCT_MEMBER_P(generator, COUNT_MEMBERS[i].offset) = (guint)value;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean parse_member(Generator *generator, const char *member, GError **error)
{
    g_auto(GStrv) pair = g_strsplit(member, "=", 2);
    guint64 value = 0;
    if (pair[0] == NULL || pair[1] == NULL) {
        g_set_error(error, GENERATOR_ERROR, 0, "'%s' is not NAME=NUMBER", member);
        return FALSE;
    }
    if (!g_ascii_string_to_unsigned(pair[1], 10, 0, G_MAXINT, &value, error)) {
        g_prefix_error(error, "%s: ", pair[0]);
        return FALSE;
    }
    if (!set_member(generator, pair[0], value)) {
        g_set_error(error, GENERATOR_ERROR, 0, "'%s' cannot be generated", pair[0]);
        return FALSE;
    }
    return TRUE;
}

Generator *generator_parse(const char *specification, GError **error)
{
    g_autofree Generator *generator = g_new0(Generator, 1);
    generator->users = 10;
    generator->branches = 1;
    generator->seed = 1;
    generator->start = FIRST_DAY;

    g_auto(GStrv) members = g_strsplit(specification, ",", -1);
    for (char **member = members; *member != NULL; member++) {
        if (!parse_member(generator, g_strstrip(*member), error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&generator);
}

/* The finaliser of splitmix64: neighbouring inputs give unrelated outputs. */
static guint64 scramble(guint64 value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

static guint64 hash(const Generator *generator, const char *topic, guint64 index)
{
    guint64 value = scramble(generator->seed + 0x9e3779b97f4a7c15u);
    for (const char *letter = topic; *letter != '\0'; letter++) {
        value = value * 31 + (guint8)*letter;
    }
    return scramble(value ^ (index * 0x9e3779b97f4a7c15u));
}

guint generator_number(const Generator *generator, const char *topic, guint64 index, guint limit)
{
    return (guint)(hash(generator, topic, index) % limit);
}

static void append_words(GString *text, guint64 state, guint count)
{
    for (guint i = 0; i < count; i++) {
        state = scramble(state + i + 1);
        if (i > 0) {
            g_string_append_c(text, ' ');
        }
        g_string_append(text, WORDS[state % G_N_ELEMENTS(WORDS)]);
    }
}

char *generator_words(const Generator *generator, const char *topic, guint64 index, guint count)
{
    GString *text = g_string_new(NULL);
    append_words(text, hash(generator, topic, index), count);
    return g_string_free(text, FALSE);
}

static void append_paragraph(GString *text, guint64 state, guint64 index, guint users)
{
    append_words(text, state, 12 + (guint)(state % 20));
    switch (state % 5) {
    case 0:
        g_string_append_printf(text, ", says @user-%u.", (guint)(state / 7 % users) + 1);
        break;
    case 1:
        g_string_append_printf(text, ", see #%u.", (guint)(state / 7 % index) + 1);
        break;
    case 2:
        g_string_append_printf(text, ", see {web}/{repository}/issues/%u.", (guint)(state / 7 % index) + 1);
        break;
    case 3:
        g_string_append(text, ":\n\n```c\nint tide = 0; // größer als 30 °C 🚢\n```");
        break;
    default:
        g_string_append_c(text, '.');
        break;
    }
}

char *generator_markdown(const Generator *generator, const char *topic, guint64 index)
{
    guint64 state = hash(generator, topic, index);
    GString *text = g_string_new(NULL);
    guint paragraphs = 2 + (guint)(state % 2);
    for (guint i = 0; i < paragraphs; i++) {
        if (i > 0) {
            g_string_append(text, "\r\n\r\n");
        }
        append_paragraph(text, scramble(state + i), MAX(index, 1), MAX(generator->users, 1));
    }
    return g_string_free(text, FALSE);
}

json_t *generator_time(const Generator *generator, guint64 hours, guint64 seconds)
{
    gint64 moment = (gint64)(generator->start + hours * 3600 + seconds);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(moment);
    g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
    return json_string(text);
}

json_t *generator_login(const Generator *generator, const char *topic, guint64 index)
{
    guint ordinal = generator_number(generator, topic, index, MAX(generator->users, 1)) + 1;
    g_autofree char *login = generator_nth_login(ordinal);
    return json_string(login);
}

guint64 generator_pull_number(const Generator *generator, guint ordinal)
{
    guint64 total = (guint64)generator->issues + generator->pulls;
    return (ordinal * total + generator->pulls - 1) / generator->pulls;
}

static guint pulls_up_to(const Generator *generator, guint64 number)
{
    guint64 total = (guint64)generator->issues + generator->pulls;
    return (guint)(number * generator->pulls / total);
}

guint generator_pull_ordinal(const Generator *generator, guint64 number)
{
    if (number < 1 || number > (guint64)generator->issues + generator->pulls) {
        return 0;
    }
    guint ordinal = pulls_up_to(generator, number);
    return ordinal > pulls_up_to(generator, number - 1) ? ordinal : 0;
}

json_t *generator_sha(const Generator *generator, guint64 pull_number, const char *name)
{
    g_autofree char *key = g_strdup_printf("pull/%" G_GUINT64_FORMAT "/%s", pull_number, name);
    return json_incref(json_object_get(generator->git, key));
}

const json_t *generator_spots(const Generator *generator, guint64 pull_number)
{
    g_autofree char *key = g_strdup_printf("%" G_GUINT64_FORMAT, pull_number);
    const json_t *spots = json_object_get(json_object_get(generator->git, "spots"), key);
    return json_array_size(spots) > 0 ? spots : NULL;
}

json_t *generator_merger(const Generator *generator, guint64 pull_number)
{
    return pull_number % 13 == 0 ? json_null() : generator_login(generator, "merger", pull_number);
}

guint generator_spread(guint average, guint64 number)
{
    return (guint)(number % (2 * (guint64)average + 1));
}

guint generator_ordinal(const char *text, guint maximum)
{
    guint64 ordinal = 0;
    gboolean valid = g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT, &ordinal, NULL);
    return valid && ordinal <= maximum ? (guint)ordinal : 0;
}

static gboolean is_bot(guint ordinal)
{
    return ordinal % BOT_EVERY == 0;
}

char *generator_nth_login(guint ordinal)
{
    return g_strdup_printf(is_bot(ordinal) ? "robot-%u[bot]" : "user-%u", ordinal);
}

/* The ordinal of a generated user; 0: it is none. */
static guint user_ordinal(const char *login, guint users)
{
    const char *dash = strchr(login, '-');
    gsize digits = dash != NULL ? strspn(dash + 1, "0123456789") : 0;
    g_autofree char *number = digits > 0 ? g_strndup(dash + 1, digits) : g_strdup("");
    guint ordinal = generator_ordinal(number, users);
    g_autofree char *expected = generator_nth_login(ordinal);
    return ordinal > 0 && strcmp(login, expected) == 0 ? ordinal : 0;
}

static json_t *describe_user(const char *login, guint ordinal)
{
    gboolean is_nameless = is_bot(ordinal) || ordinal % 5 == 0;
    json_t *name = is_nameless ? json_null() : json_sprintf("User %u", ordinal);
    json_t *email = ordinal % 3 == 0 ? json_sprintf("user-%u@example.com", ordinal) : json_null();
    json_t *user = json_pack("{s:s, s:I, s:o, s:o}", "login", login, "id",
                             (json_int_t)(FIRST_USER_ID + ordinal), "name", name, "email", email);
    if (is_bot(ordinal)) {
        json_object_set_new(user, "type", json_string("Bot"));
        json_object_set_new(user, "email", json_null());
    } else if (ordinal % GONE_EVERY == 0) {
        json_object_set_new(user, "gone", json_true());
    }
    return user;
}

json_t *generator_user(const char *login, guint users)
{
    if (strcmp(login, "ghost") == 0 && users > 0) {
        return json_pack("{s:s, s:I, s:s, s:n}", "login", login, "id", (json_int_t)GHOST_ID, "name",
                         "Deleted user", "email");
    }
    guint ordinal = user_ordinal(login, users);
    return ordinal > 0 ? describe_user(login, ordinal) : NULL;
}
