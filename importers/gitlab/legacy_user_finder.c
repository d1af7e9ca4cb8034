#include "importers/gitlab/legacy_user_finder.h"

#include "importers/github/url.h"
#include "importers/gitlab/public_email.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"

/* Only read, and only by this look-up, which newer GitLabs do not need. */
const TableColumns identity_columns = {
    .table = "identities",
    .columns = COLUMNS("user_id", "provider", "extern_uid"),
    .optional = TRUE,
};
const TableColumns email_columns = {
    .table = "emails",
    .columns = COLUMNS("user_id", "email"),
    .optional = TRUE,
};

static const Statement find_by_account = {
    "legacy_user_finder_by_account",
    "SELECT extern_uid AS identity, min(user_id) AS user_id FROM identities WHERE provider = 'github'"
    " AND extern_uid IN (SELECT jsonb_array_elements_text($1)) GROUP BY extern_uid",
};
static const Statement find_by_address = {
    "legacy_user_finder_by_address",
    "SELECT address AS identity, coalesce("
    "  (SELECT min(id) FROM users WHERE lower(users.email) = lower(address)),"
    "  (SELECT min(user_id) FROM emails WHERE emails.email = lower(address))) AS user_id"
    " FROM jsonb_array_elements_text($1) AS address",
};

/* One GitHub user, whose address is known, during the look-up. */
typedef struct Person {
    gint64 github_id;
    char *account; /* the id as text; NULL: of a server whose ids mean other accounts */
    char *address; /* NULL: none */
    gboolean decided;
    gint64 user_id;
} Person;

static void person_free(Person *person)
{
    g_free(person->account);
    g_free(person->address);
    g_free(person);
}

static GPtrArray *people_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)person_free);
}

/* `address` is consumed. */
static void add_person(GPtrArray *people, const Project *project, gint64 github_id, char *address)
{
    Person *person = g_new0(Person, 1);
    person->github_id = github_id;
    if (!github_is_enterprise(project->import_url))
        person->account = g_strdup_printf("%" G_GINT64_FORMAT, github_id);
    person->address = address;
    g_ptr_array_add(people, person);
}

static char *account_key(const Person *person)
{
    return g_strdup_printf("github-import/user-finder/user-id/%" G_GINT64_FORMAT, person->github_id);
}

/* Somebody without address has the key of the empty address. */
static char *address_key(const Person *person)
{
    return g_strconcat("github-import/user-finder/id-for-email/", person->address ? person->address : "",
                       NULL);
}

static void decide(Person *person, gint64 user_id)
{
    person->decided = TRUE;
    person->user_id = user_id;
}

/* A blank answer by account does not end the search, one by address does, if there is an address. */
static void decide_from_cache(Person *person, const char *by_account, const char *by_address)
{
    gint64 user_id = by_account ? g_ascii_strtoll(by_account, NULL, 10) : 0;
    if (user_id > 0)
        decide(person, user_id);
    else if (person->address && by_address)
        decide(person, MAX(g_ascii_strtoll(by_address, NULL, 10), 0));
}

static gboolean ask_cache(Session *session, const GPtrArray *people, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < people->len; i++) {
        g_ptr_array_add(keys, account_key(people->pdata[i]));
        g_ptr_array_add(keys, address_key(people->pdata[i]));
    }
    g_autoptr(GPtrArray) values =
        cache_read_multiple(session_redis(session, REDIS_SHARED_STATE), keys, CACHE_TIMEOUT, error);
    if (!values)
        return FALSE;
    for (guint i = 0; i < people->len; i++)
        decide_from_cache(people->pdata[i], values->pdata[2 * i], values->pdata[2 * i + 1]);
    return TRUE;
}

/* What identifies a person to a statement; NULL: nothing does. Borrowed. */
static const char *account_of(const Person *person)
{
    return person->account;
}

static const char *address_of(const Person *person)
{
    return person->address;
}

/* The undecided people's `identity`, for a statement. (transfer full) */
static json_t *identities(const GPtrArray *people, const char *(*identity)(const Person *))
{
    json_t *texts = json_array();
    for (guint i = 0; i < people->len; i++) {
        const Person *person = people->pdata[i];
        if (!person->decided && identity(person))
            json_array_append_new(texts, json_string(identity(person)));
    }
    return texts;
}

/* Identity -> user id as text, as the statement finds them. (transfer full) */
static GHashTable *query(Session *session, const Statement *statement, const json_t *texts, GError **error)
{
    g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (json_array_size(texts) == 0)
        return g_steal_pointer(&found);
    g_autofree char *array = json_dump(texts);
    g_autoptr(PGresult) rows = database_run(session_database(session), error, statement, array, DATABASE_END);
    if (!rows)
        return NULL;
    for (int row = 0; row < PQntuples(rows); row++)
        g_hash_table_insert(found, g_strdup(database_value(rows, row, "identity")),
                            g_strdup(database_value(rows, row, "user_id")));
    return g_steal_pointer(&found);
}

/* Asks the database for the undecided, and tells the cache what it said, also where it was not asked. */
static gboolean ask_database(Session *session, const GPtrArray *people, const Statement *statement,
                             const char *(*identity)(const Person *), char *(*key)(const Person *),
                             GError **error)
{
    g_autoptr(json_t) texts = identities(people, identity);
    g_autoptr(GHashTable) found = query(session, statement, texts, error);
    if (!found)
        return FALSE;
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < people->len; i++) {
        Person *person = people->pdata[i];
        if (person->decided)
            continue;
        const char *user_id = identity(person) ? g_hash_table_lookup(found, identity(person)) : NULL;
        g_ptr_array_add(pairs, key(person));
        g_ptr_array_add(pairs, g_strdup(user_id ? user_id : ""));
        if (user_id)
            decide(person, g_ascii_strtoll(user_id, NULL, 10));
    }
    return pairs->len == 0 ||
           cache_write_multiple(session_redis(session, REDIS_SHARED_STATE), pairs, CACHE_TIMEOUT, error);
}

static gboolean look_up(Session *session, const GPtrArray *people, GError **error)
{
    return people->len == 0 ||
           (ask_cache(session, people, error) &&
            ask_database(session, people, &find_by_account, account_of, account_key, error) &&
            ask_database(session, people, &find_by_address, address_of, address_key, error));
}

gboolean legacy_user_finder_find(Session *session, GithubClient *github, const Project *project,
                                 gint64 github_id, const char *login, gint64 *user_id, GError **error)
{
    char *address;
    if (!public_email_find(session, github, project, login, &address, error))
        return FALSE;
    g_autoptr(GPtrArray) people = people_new();
    add_person(people, project, github_id, address);
    if (!look_up(session, people, error))
        return FALSE;
    *user_id = ((const Person *)people->pdata[0])->user_id;
    return TRUE;
}

static GPtrArray *logins_of(const json_t *users)
{
    size_t index;
    json_t *user;
    GPtrArray *logins = g_ptr_array_new();
    json_array_foreach (users, index, user)
        g_ptr_array_add(logins, (gpointer)json_string_field(user, "login"));
    return logins;
}

/* Those whose address is known. (transfer full) */
static GPtrArray *people_with_address(Session *session, const Project *project, const json_t *users,
                                      GError **error)
{
    g_autoptr(GPtrArray) logins = logins_of(users);
    g_autoptr(GPtrArray) emails = public_email_read(session, project, logins, error);
    if (!emails)
        return NULL;
    GPtrArray *people = people_new();
    for (guint i = 0; i < emails->len; i++) {
        PublicEmail *email = emails->pdata[i];
        if (email->known)
            add_person(people, project, json_integer_field(json_array_get(users, i), "id", 0),
                       g_steal_pointer(&email->address));
    }
    return people;
}

GHashTable *legacy_user_finder_find_known(Session *session, const Project *project, const json_t *users,
                                          GError **error)
{
    g_autoptr(GPtrArray) people = people_with_address(session, project, users, error);
    if (!people || !look_up(session, people, error))
        return NULL;
    GHashTable *found = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    for (guint i = 0; i < people->len; i++) {
        const Person *person = people->pdata[i];
        g_hash_table_insert(found, g_memdup2(&person->github_id, sizeof person->github_id),
                            g_memdup2(&person->user_id, sizeof person->user_id));
    }
    return found;
}
