#include "worker/config/database_config.h"

#include <libpq-fe.h>

#define CONNECT_TIMEOUT "10" /* seconds, where the file says nothing */

typedef struct Keyword {
    const char *key;     /* database.yml's */
    const char *keyword; /* libpq's */
} Keyword;

static const Keyword keyword_table[] = {
    {"database", "dbname"},
    {"username", "user"},
    {"password", "password"},
    {"host", "host"},
    {"socket", "host"}, /* a socket's directory; wins over host as in Rails' pg adapter */
    {"port", "port"},
    {"sslmode", "sslmode"},
    {"sslrootcert", "sslrootcert"},
    {"sslca", "sslrootcert"},
    {"sslcert", "sslcert"},
    {"sslkey", "sslkey"},
    {"sslcrl", "sslcrl"},
    {"sslcompression", "sslcompression"},
    {"connect_timeout", "connect_timeout"},
    {"keepalives", "keepalives"},
    {"keepalives_idle", "keepalives_idle"},
    {"keepalives_interval", "keepalives_interval"},
    {"keepalives_count", "keepalives_count"},
    {"tcp_user_timeout", "tcp_user_timeout"},
    {"target_session_attrs", "target_session_attrs"},
};

typedef PQconninfoOption ConninfoOptions;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConninfoOptions, PQconninfoFree)

void database_config_clear(DatabaseConfig *config)
{
    g_clear_pointer(&config->keywords, g_strfreev);
    g_clear_pointer(&config->values, g_strfreev);
}

/* Sets KEYWORD, replacing an earlier value. */
static void set_keyword(GPtrArray *keywords, GPtrArray *values, const char *keyword, const char *value)
{
    for (guint i = 0; i < keywords->len; i++)
        if (g_str_equal(keywords->pdata[i], keyword)) {
            g_free(values->pdata[i]);
            values->pdata[i] = g_strdup(value);
            return;
        }
    g_ptr_array_add(keywords, g_strdup(keyword));
    g_ptr_array_add(values, g_strdup(value));
}

/* Consumes the arrays. */
static void store_keywords(DatabaseConfig *config, GPtrArray *keywords, GPtrArray *values)
{
    g_ptr_array_add(keywords, NULL);
    g_ptr_array_add(values, NULL);
    config->keywords = (char **)g_ptr_array_free(keywords, FALSE);
    config->values = (char **)g_ptr_array_free(values, FALSE);
}

static void take_mapping(DatabaseConfig *config, const json_t *mapping)
{
    GPtrArray *keywords = g_ptr_array_new(), *values = g_ptr_array_new();
    set_keyword(keywords, values, "connect_timeout", CONNECT_TIMEOUT);
    for (guint i = 0; i < G_N_ELEMENTS(keyword_table); i++) {
        g_autofree char *value = config_text(mapping, keyword_table[i].key);
        if (value && *value)
            set_keyword(keywords, values, keyword_table[i].keyword, value);
    }
    store_keywords(config, keywords, values);
    config->prepared_statements = json_is_true(json_object_get(mapping, "prepared_statements"));
}

/* The mapping of database `main`; the flat form has the keys themselves in the section. */
static json_t *main_database(json_t *section)
{
    json_t *named = json_object_get(section, "main");
    return json_is_object(named) ? named : section;
}

static gboolean check_mapping(const json_t *mapping, GError **error)
{
    g_autofree char *adapter = config_text(mapping, "adapter");
    if (adapter && !g_str_equal(adapter, "postgresql")) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNSUPPORTED,
                    "database.yml: adapter %s is not postgresql", adapter);
        return FALSE;
    }
    if (json_object_get(mapping, "database"))
        return TRUE;
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE,
                "database.yml names no database: neither a key 'database' nor a section 'main' with one");
    return FALSE;
}

gboolean database_config_load(const ConfigDirectory *directory, DatabaseConfig *config, GError **error)
{
    g_autoptr(json_t) section = NULL;
    if (!config_file_section(directory, "database.yml", &section, error))
        return FALSE;
    if (!section)
        return TRUE;
    if (!config_file_extend(section, "database.yml", error))
        return FALSE;
    json_t *mapping = main_database(section);
    if (mapping != section && !config_file_extend(mapping, "database.yml", error))
        return FALSE;
    if (!check_mapping(mapping, error))
        return FALSE;
    take_mapping(config, mapping);
    return TRUE;
}

gboolean database_config_from_url(const char *url, DatabaseConfig *config, GError **error)
{
    char *message = NULL;
    g_autoptr(ConninfoOptions) options = PQconninfoParse(url, &message);
    if (!options) {
        /* libpq's message may quote the URL, password included. */
        PQfreemem(message);
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                            "the database URL is not of the form postgresql://USER:PASSWORD@HOST:PORT/NAME "
                            "(characters like @ or / in the password must be URL-encoded)");
        return FALSE;
    }
    GPtrArray *keywords = g_ptr_array_new(), *values = g_ptr_array_new();
    set_keyword(keywords, values, "connect_timeout", CONNECT_TIMEOUT);
    for (const PQconninfoOption *option = options; option->keyword; option++)
        if (option->val)
            set_keyword(keywords, values, option->keyword, option->val);
    store_keywords(config, keywords, values);
    return TRUE;
}
