/* The jobs that bring attachments over: every rule of NoteAttachmentsImporter, on a GitHub of the spec's own.
 */
#include "importers/objects/note_text.h"

#include "importers/attachments/attachments_downloader.h"
#include "spec/support/object_import.h"
#include "spec/support/scripted_server.h"

#define CLASS "Gitlab::GithubImport::Attachments::ImportIssueWorker"
#define IMAGE "{GITHUB}/user-attachments/assets/75334fd4"
#define VIDEO "{GITHUB}/user-attachments/assets/0e0e0e0e"

typedef struct Context {
    ObjectImport *import;
    ScriptedServer *github;
    char *folder;
    gint64 issue;
} Context;

/* `text` with {GITHUB} replaced by its address. (transfer full) */
static char *at_github(const Context *context, const char *text)
{
    g_auto(GStrv) pieces = g_strsplit(text, "{GITHUB}", -1);
    return g_strjoinv(scripted_server_url(context->github), pieces);
}

/* `format` gets the project's id and the text. Both of the text's columns have been rendered. */
static gint64 create_record(const Context *context, const char *format, const char *text)
{
    g_autofree char *whole = at_github(context, text);
    g_auto(GStrv) pieces = g_strsplit(whole, "'", -1);
    g_autofree char *quoted = g_strjoinv("''", pieces);
    g_autofree char *sql = g_strdup_printf(format, context->import->project->id, quoted);
    return private_gitlab_integer("%s", sql);
}

#define CREATE_ISSUE                                                                                         \
    "INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, description,"   \
    " title_html, description_html, cached_markdown_version, lock_version, created_at, updated_at)"          \
    " SELECT 12, 'Pump leaks', id, project_namespace_id, 1, 1, '%2$s', 'old', 'old', 7, 3, '2020-01-01',"    \
    " '2020-01-02' FROM projects WHERE id = %1$" G_GINT64_FORMAT " RETURNING id"
#define CREATE_MERGE_REQUEST                                                                                 \
    "INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id,"               \
    " source_project_id, author_id, description, description_html, cached_markdown_version, lock_version,"   \
    " created_at, updated_at) VALUES (15, 'Mend it', 'main', 'topic', %1$" G_GINT64_FORMAT                   \
    ", %1$" G_GINT64_FORMAT ", 1, '%2$s', 'old', 7, 3, '2020-01-01', '2020-01-02') RETURNING id"
#define CREATE_NOTE                                                                                          \
    "INSERT INTO notes (project_id, noteable_type, noteable_id, author_id, note, note_html,"                 \
    " cached_markdown_version, created_at, updated_at) VALUES (%1$" G_GINT64_FORMAT                          \
    ", 'Issue', 1, 1, '%2$s', 'old', 7, '2020-01-01', '2020-01-02') RETURNING id"
#define CREATE_RELEASE                                                                                       \
    "INSERT INTO releases (tag, project_id, author_id, description, description_html,"                       \
    " cached_markdown_version, created_at, updated_at, released_at) VALUES ('v1', %1$" G_GINT64_FORMAT       \
    ", 1, '%2$s', 'old', 7, '2020-01-01', '2020-01-02', '2020-01-01') RETURNING id"

static int set_up(void **state)
{
    Context *context = g_new0(Context, 1);
    Configuration *configuration = private_gitlab_configuration();
    context->github = scripted_server_new();
    context->folder = g_dir_make_tmp("uploads-XXXXXX", NULL);
    configuration->uploads.directory = context->folder;
    configuration->github_site = g_strconcat(scripted_server_url(context->github), "/api/v3", NULL);
    context->import = object_import_new(CLASS, &issue_attachments_importer, NULL, "{}");
    g_autofree char *changed = private_gitlab_sql("UPDATE application_settings SET max_attachment_size = 1,"
                                                  " outbound_local_requests_whitelist = '{127.0.0.1}'");
    *state = context;
    return 0;
}

static int tear_down(void **state)
{
    Context *context = *state;
    Configuration *configuration = private_gitlab_configuration();
    g_autofree char *remove = g_strdup_printf("rm -r '%s'", context->folder);
    assert_true(g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL));
    object_import_free(context->import);
    scripted_server_free(context->github);
    configuration->uploads = (FileStoreSettings){0};
    g_clear_pointer(&configuration->github_site, g_free);
    g_free(context->folder);
    g_free(context);
    return 0;
}

/* --- jobs --- */

static json_t *representation_of(const Context *context, const char *type, gint64 id, const char *text)
{
    g_autofree char *whole = at_github(context, text);
    return json_pack("{s:I, s:s, s:s, s:n, s:n, s:n}", "record_db_id", (json_int_t)id, "record_type", type,
                     "text", whole, "iid", "tag", "noteable_type");
}

static GError *perform(const Context *context, json_t *representation)
{
    g_autoptr(json_t) owned = representation;
    g_autofree char *text = json_dump(owned);
    return object_import_perform(context->import, text);
}

/* The job of an issue whose text was this one when it was imported. */
static GError *perform_issue(const Context *context, const char *imported)
{
    return perform(context, representation_of(context, "Issue", context->issue, imported));
}

static void bring(const Context *context, const char *imported)
{
    g_autoptr(GError) error = perform_issue(context, imported);
    assert_no_error(error);
}

static void create_issue(Context *context, const char *text)
{
    context->issue = create_record(context, CREATE_ISSUE, text);
}

/* An issue has this text, and its job succeeds. */
static void import_text(Context *context, const char *text)
{
    create_issue(context, text);
    bring(context, text);
}

/* The issue's text, secrets written as SECRET. */
static void assert_description(const Context *context, const char *expected)
{
    g_autofree char *whole = at_github(context, expected);
    assert_sql("SELECT regexp_replace(description, '[0-9a-f]{32}', 'SECRET', 'g') FROM issues", whole);
}

static void assert_uploads(const char *expected)
{
    assert_sql("SELECT coalesce(string_agg(split_part(path, '/', 2) || ' ' || size, ', ' ORDER BY id), '')"
               " FROM uploads",
               expected);
}

static void assert_failure(const char *expected)
{
    assert_sql("SELECT source, exception_class FROM import_failures", expected);
}

static void assert_waiter_told(gboolean told)
{
    assert_redis(told ? "1" : "0", "LLEN", OBJECT_WAITER);
}

/* Files in the folder of uploads. */
static int count_files(const Context *context)
{
    g_autofree char *command = g_strdup_printf("find '%s' -type f", context->folder);
    g_autofree char *output = NULL;
    assert_true(g_spawn_command_line_sync(command, &output, NULL, NULL, NULL));
    int n = 0;
    for (const char *c = output; *c; c++)
        n += *c == '\n';
    return n;
}

static void github_has(const Context *context, const char *content)
{
    scripted_server_reply(context->github, 302, "Location: /storage\r\n", "");
    scripted_server_reply(context->github, 200, NULL, content);
}

static void github_has_not(const Context *context, guint status, const char *headers)
{
    scripted_server_reply(context->github, 302, "Location: /storage\r\n", "");
    scripted_server_reply(context->github, status, headers, "");
}

static void switch_to(const Context *context, const ObjectImporter *importer)
{
    context->import->classes[0].importer = importer;
}

/* --- what is written --- */

static void a_file_is_kept_and_the_text_links_to_it(void **state)
{
    Context *context = *state;
    github_has(context, "PNG");
    import_text(context, "see ![x](" IMAGE ")");
    assert_description(context, "see ![x](/uploads/SECRET/75334fd4)");
    assert_uploads("75334fd4 3");
    assert_sql("SELECT strpos(description, '/uploads/' || path) > 0 FROM issues, uploads", "t");
    assert_int_equal(count_files(context), 1);
    assert_waiter_told(TRUE);
    object_import_assert_counted(context->import, "issue_attachment", "1");
}

static void only_the_text_and_its_html_change(void **state)
{
    Context *context = *state;
    github_has(context, "PNG");
    import_text(context, "![x](" IMAGE ")");
    assert_sql("SELECT description_html, cached_markdown_version, title_html, lock_version, created_at,"
               " updated_at, last_edited_at FROM issues",
               "||old|3|2020-01-01 00:00:00|2020-01-02 00:00:00|");
}

static void every_kind_of_record_is_rewritten(void **state)
{
    static const struct {
        const ObjectImporter *importer;
        const char *model, *table, *create, *column, *counter;
    } kinds[] = {
        {&release_attachments_importer, "Release", "releases", CREATE_RELEASE, "description",
         "release_attachment"},
        {&note_attachments_importer, "Note", "notes", CREATE_NOTE, "note", "note_attachment"},
        {&issue_attachments_importer, "Issue", "issues", CREATE_ISSUE, "description", "issue_attachment"},
        {&merge_request_attachments_importer, "MergeRequest", "merge_requests", CREATE_MERGE_REQUEST,
         "description", "merge_request_attachment"},
    };
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        gint64 id = create_record(context, kinds[i].create, "![x](" IMAGE ")");
        switch_to(context, kinds[i].importer);
        github_has(context, "PNG");
        g_autoptr(GError) error =
            perform(context, representation_of(context, kinds[i].model, id, "![x](" IMAGE ")"));
        assert_no_error(error);
        g_autofree char *sql = g_strdup_printf(
            "SELECT regexp_replace(%1$s, '[0-9a-f]{32}', 'SECRET'), %1$s_html, cached_markdown_version,"
            " updated_at FROM %2$s",
            kinds[i].column, kinds[i].table);
        assert_sql(sql, "![x](/uploads/SECRET/75334fd4)|||2020-01-02 00:00:00");
        object_import_assert_counted(context->import, kinds[i].counter, "1");
    }
    assert_sql("SELECT count(DISTINCT secret) FROM uploads", "4");
}

static void every_occurrence_of_an_address_is_replaced_by_one_file(void **state)
{
    Context *context = *state;
    github_has(context, "PNG");
    import_text(context, IMAGE "\n\n![x](" IMAGE ") <img src=\"" IMAGE "\">");
    assert_description(context, "/uploads/SECRET/75334fd4\n\n![x](/uploads/SECRET/75334fd4)"
                                " <img src=\"/uploads/SECRET/75334fd4\">");
    assert_uploads("75334fd4 3");
    assert_int_equal(scripted_server_requests(context->github), 2);
}

/* Ruby breaks the second one when it replaces the first. */
static void an_address_within_another_one_does_not_break_it(void **state)
{
    Context *context = *state;
    github_has(context, "PNG");
    github_has(context, "JPEG");
    import_text(context, "![x](" IMAGE ") ![y]({GITHUB}/acme/rocket/assets/1/2?from=" IMAGE ")");
    assert_description(context, "![x](/uploads/SECRET/75334fd4) ![y](/uploads/SECRET/2)");
    assert_sql("SELECT string_agg(split_part(path, '/', 2) || ' ' || size, ', ' ORDER BY size) FROM uploads",
               "75334fd4 3, 2 4");
}

static void a_video_becomes_an_image_of_markdown(void **state)
{
    Context *context = *state;
    scripted_server_reply(context->github, 302, "Location: /storage/clip.mp4\r\n", "");
    scripted_server_reply(context->github, 200, NULL, "MP4");
    import_text(context, VIDEO);
    assert_description(context, "![media_attachment](/uploads/SECRET/0e0e0e0e.mp4)");
}

static void links_to_files_of_the_repository_lead_to_the_project(void **state)
{
    Context *context = *state;
    import_text(context, "[a]({GITHUB}/acme/rocket/blob/main/docs/a.md)");
    assert_description(context, "[a](https://gitlab.example.com/imports/rocket/-/blob/main/docs/a.md)");
    assert_sql("SELECT description_html, cached_markdown_version FROM issues", "|");
    assert_int_equal(scripted_server_requests(context->github), 0);
}

static void other_addresses_stay_and_nothing_is_written(void **state)
{
    static const char text[] = "{GITHUB}/acme/rocket/issues/5 [b]({GITHUB}/other/repo/files/1/b.pdf)";
    Context *context = *state;
    import_text(context, text);
    assert_description(context, text);
    assert_sql("SELECT description_html, cached_markdown_version FROM issues", "old|7");
    assert_int_equal(scripted_server_requests(context->github), 0);
    object_import_assert_counted(context->import, "issue_attachment", "1");
}

static void a_file_for_which_github_wants_a_login_keeps_its_address(void **state)
{
    Context *context = *state;
    scripted_server_reply(context->github, 302, "Location: /login?return_to=x\r\n", "");
    github_has(context, "MP4");
    import_text(context, "![x](" IMAGE ") ![y](" VIDEO ")");
    assert_description(context, "![x](" IMAGE ") ![y](/uploads/SECRET/0e0e0e0e)");
}

static void names_and_contents_are_harmless_whatever_they_are(void **state)
{
    static const char svg[] = "<svg onload=\"alert(1)\"/>";
    Context *context = *state;
    github_has(context, svg);
    import_text(context, "[x]({GITHUB}/acme/rocket/files/1/a%2F%3Cb%3E%00.svg.zip)");
    assert_description(context, "[x](/uploads/SECRET/a__b__.svg.zip)");
    g_autofree char *command = g_strdup_printf("find '%s' -type f -exec cat {} +", context->folder);
    g_autofree char *output = NULL;
    assert_true(g_spawn_command_line_sync(command, &output, NULL, NULL, NULL));
    assert_string_equal(output, svg);
}

static void a_name_of_4000_characters_is_cut_and_keeps_its_extension(void **state)
{
    Context *context = *state;
    g_autofree char *name = g_strnfill(4000, 'n');
    g_autofree char *text = g_strdup_printf("[x]({GITHUB}/acme/rocket/files/1/%s.zip)", name);
    github_has(context, "ZIP");
    import_text(context, text);
    assert_sql("SELECT description = '[x](/uploads/' || path || ')', path LIKE '%nnn.zip',"
               " length(split_part(path, '/', 2)) FROM issues, uploads",
               "t|t|255");
    assert_int_equal(count_files(context), 1);
}

/* Markdown and HTML read it, but as it is read it is nowhere in the text; Ruby keeps a file for nobody. */
static void an_address_in_another_spelling_stays_and_is_not_downloaded(void **state)
{
    static const char text[] = "<img src=\"{GITHUB}/acme/rocket/assets/1/2?a&amp;b\"> ![x](" IMAGE "\\_)"
                               " (`{GITHUB}/user-attachments/assets/code`)";
    Context *context = *state;
    import_text(context, text);
    assert_description(context, text);
    assert_int_equal(scripted_server_requests(context->github), 0);
    assert_int_equal(count_files(context), 0);
}

/* --- people and other processes --- */

static void an_edit_after_the_scheduling_survives(void **state)
{
    Context *context = *state;
    create_issue(context, "fixed: ![x](" IMAGE "), sorry");
    github_has(context, "PNG");
    bring(context, "![x](" IMAGE ")");
    assert_description(context, "fixed: ![x](/uploads/SECRET/75334fd4), sorry");
}

static void a_file_that_a_user_has_taken_out_is_not_downloaded(void **state)
{
    Context *context = *state;
    create_issue(context, "no image any more");
    bring(context, "![x](" IMAGE ")");
    assert_description(context, "no image any more");
    assert_int_equal(scripted_server_requests(context->github), 0);
}

static void an_address_that_the_import_has_not_brought_stays(void **state)
{
    Context *context = *state;
    create_issue(context, "![x](" IMAGE ") ![y](" VIDEO ")");
    github_has(context, "PNG");
    bring(context, "![x](" IMAGE ")");
    assert_description(context, "![x](/uploads/SECRET/75334fd4) ![y](" VIDEO ")");
}

static void a_record_that_was_deleted_is_done(void **state)
{
    Context *context = *state;
    context->issue = 4711;
    bring(context, "![x](" IMAGE ")");
    assert_int_equal(scripted_server_requests(context->github), 0);
    assert_waiter_told(TRUE);
}

static void a_record_of_another_project_is_left_alone(void **state)
{
    Context *context = *state;
    create_issue(context, "![x](" IMAGE ")");
    gint64 other = private_gitlab_integer("SELECT spec.create_project('imports', 'other', 'acme/other', '',"
                                          " '{}', NULL, NULL, NULL)");
    g_autofree char *sql = g_strdup_printf("UPDATE issues SET project_id = %" G_GINT64_FORMAT, other);
    g_autofree char *moved = private_gitlab_sql(sql);
    bring(context, "![x](" IMAGE ")");
    assert_description(context, "![x](" IMAGE ")");
    assert_int_equal(scripted_server_requests(context->github), 0);
}

static void a_second_execution_downloads_nothing_and_changes_nothing(void **state)
{
    Context *context = *state;
    github_has(context, "PNG");
    import_text(context, "![x](" IMAGE ")");
    g_autofree char *before = private_gitlab_sql("SELECT description FROM issues");
    bring(context, "![x](" IMAGE ")");
    assert_int_equal(scripted_server_requests(context->github), 2);
    assert_sql("SELECT description FROM issues", before);
    assert_uploads("75334fd4 3");
}

typedef struct Rival {
    ObjectImport import; /* with a session of its own */
    const char *representation;
} Rival;

static gpointer perform_as_rival(gpointer data)
{
    Rival *rival = data;
    return object_import_perform(&rival->import, rival->representation);
}

/* Every request is answered alike, because nobody knows whose is the next. */
static void two_executions_at_the_same_time_write_one_row(void **state)
{
    Context *context = *state;
    create_issue(context, "![x](" IMAGE ")");
    for (int i = 0; i < 4; i++)
        scripted_server_reply(context->github, 200, NULL, "PNG");
    g_autoptr(json_t) representation = representation_of(context, "Issue", context->issue, "![x](" IMAGE ")");
    g_autofree char *text = json_dump(representation);
    Rival rival = {*context->import, text};
    rival.import.session =
        session_new(private_gitlab_configuration(), context->import->registry, context->import->schema, NULL);
    GThread *thread = g_thread_new("rival", perform_as_rival, &rival);
    g_autoptr(GError) error = object_import_perform(context->import, text);
    g_autoptr(GError) rival_error = g_thread_join(thread);
    session_free(rival.import.session);
    assert_no_error(error);
    assert_no_error(rival_error);
    assert_description(context, "![x](/uploads/SECRET/75334fd4)");
    assert_uploads("75334fd4 3");
    assert_int_equal(count_files(context), 1);
    assert_waiter_told(TRUE);
}

static void without_receipts_a_second_execution_finds_nothing_to_do(void **state)
{
    private_gitlab_configuration()->receipts = FALSE;
    a_second_execution_downloads_nothing_and_changes_nothing(state);
    private_gitlab_configuration()->receipts = TRUE;
}

static void without_receipts_two_executions_at_the_same_time_write_one_row(void **state)
{
    private_gitlab_configuration()->receipts = FALSE;
    two_executions_at_the_same_time_write_one_row(state);
    private_gitlab_configuration()->receipts = TRUE;
}

/* The commit fails, as for a process that dies before it. */
static void a_job_that_is_executed_again_before_its_commit_finds_its_file(void **state)
{
    Context *context = *state;
    g_autofree char *refuse = private_gitlab_sql(
        "ALTER TABLE issues ADD CONSTRAINT spec_refuses CHECK (description NOT LIKE '%/uploads/%')");
    create_issue(context, "![x](" IMAGE ")");
    github_has(context, "PNG");
    g_autoptr(GError) error = perform_issue(context, "![x](" IMAGE ")");
    assert_non_null(error);
    assert_uploads("");
    assert_int_equal(count_files(context), 1);
    g_autofree char *accept = private_gitlab_sql("ALTER TABLE issues DROP CONSTRAINT spec_refuses");
    bring(context, "![x](" IMAGE ")");
    assert_int_equal(scripted_server_requests(context->github), 2);
    assert_description(context, "![x](/uploads/SECRET/75334fd4)");
    assert_uploads("75334fd4 3");
    assert_int_equal(count_files(context), 1);
}

static void a_job_that_is_executed_again_goes_on_with_the_file_that_is_missing(void **state)
{
    static const char text[] = "![x](" IMAGE ") ![y](" VIDEO ")";
    Context *context = *state;
    create_issue(context, text);
    github_has(context, "PNG");
    github_has_not(context, 429, NULL);
    bring(context, text);
    github_has(context, "MP4!");
    bring(context, text);
    assert_int_equal(scripted_server_requests(context->github), 6);
    assert_description(context, "![x](/uploads/SECRET/75334fd4) ![y](/uploads/SECRET/0e0e0e0e)");
    assert_uploads("75334fd4 3, 0e0e0e0e 4");
    assert_sql("SELECT count(checksum) FROM uploads", "2");
    assert_redis("", "KEYS", "*hubferry/uploads*");
}

/* --- several jobs together --- */

/* The jobs of two texts of the issues `one` and `other`; their errors. (transfer full) */
static GPtrArray *perform_two(const Context *context, gint64 one, const char *text, gint64 other,
                              const char *other_text)
{
    g_autoptr(json_t) first = representation_of(context, "Issue", one, text);
    g_autoptr(json_t) second = representation_of(context, "Issue", other, other_text);
    g_autofree char *first_text = json_dump(first), *second_text = json_dump(second);
    const char *const both[] = {first_text, second_text, NULL};
    return object_import_perform_batch(context->import, both);
}

/* (transfer full) */
static GPtrArray *perform_two_issues(Context *context)
{
    create_issue(context, "![x](" IMAGE ")");
    gint64 other =
        private_gitlab_integer("INSERT INTO issues (iid, title, project_id, namespace_id, author_id,"
                               " work_item_type_id, description, created_at, updated_at)"
                               " SELECT 13, 'Other', project_id, namespace_id, author_id,"
                               " work_item_type_id, replace(description, '75334fd4', '0e0e0e0e'),"
                               " created_at, updated_at FROM issues RETURNING id");
    return perform_two(context, context->issue, "![x](" IMAGE ")", other, "![x](" VIDEO ")");
}

static void assert_descriptions(const char *expected)
{
    assert_sql("SELECT string_agg(regexp_replace(description, '(http:.*|[0-9a-f]{32})/', '*/'), ' '"
               " ORDER BY iid) FROM issues",
               expected);
}

static void each_text_gets_its_own_file(void **state)
{
    Context *context = *state;
    github_has(context, "PNG");
    github_has(context, "MP4!");
    g_autoptr(GPtrArray) errors = perform_two_issues(context);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_descriptions("![x](/uploads/*/75334fd4) ![x](/uploads/*/0e0e0e0e)");
    assert_uploads("75334fd4 3, 0e0e0e0e 4");
    object_import_assert_counted(context->import, "issue_attachment", "2");
    assert_redis("2", "LLEN", OBJECT_WAITER);
    assert_redis("", "KEYS", "*hubferry/uploads*");
}

static void a_job_whose_file_cannot_be_had_now_fails_alone(void **state)
{
    Context *context = *state;
    github_has_not(context, 500, NULL);
    github_has(context, "MP4!");
    g_autoptr(GPtrArray) errors = perform_two_issues(context);
    assert_error((GError *)errors->pdata[0], ATTACHMENT_ERROR, ATTACHMENT_ERROR_STATUS);
    assert_null(errors->pdata[1]);
    assert_descriptions("![x](*/75334fd4) ![x](/uploads/*/0e0e0e0e)");
    assert_int_equal(scripted_server_requests(context->github), 4);
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_job_whose_text_is_refused_fails_alone_and_nothing_is_downloaded_again(void **state)
{
    Context *context = *state;
    g_autofree char *refuse = private_gitlab_sql("ALTER TABLE issues ADD CONSTRAINT spec_refuses CHECK "
                                                 "(description NOT LIKE '%/uploads/%/75334fd4%')");
    github_has(context, "PNG");
    github_has(context, "MP4!");
    g_autoptr(GPtrArray) errors = perform_two_issues(context);
    g_autofree char *accept = private_gitlab_sql("ALTER TABLE issues DROP CONSTRAINT spec_refuses");
    assert_non_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_descriptions("![x](*/75334fd4) ![x](/uploads/*/0e0e0e0e)");
    assert_uploads("0e0e0e0e 4");
    assert_int_equal(scripted_server_requests(context->github), 4);
}

static void two_jobs_of_one_record_change_the_same_text(void **state)
{
    Context *context = *state;
    private_gitlab_configuration()->receipts = FALSE;
    create_issue(context, "![x](" IMAGE ") ![y](" VIDEO ")");
    github_has(context, "PNG");
    github_has(context, "MP4!");
    g_autoptr(GPtrArray) errors =
        perform_two(context, context->issue, "![x](" IMAGE ")", context->issue, "![y](" VIDEO ")");
    private_gitlab_configuration()->receipts = TRUE;
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_description(context, "![x](/uploads/SECRET/75334fd4) ![y](/uploads/SECRET/0e0e0e0e)");
    assert_uploads("75334fd4 3, 0e0e0e0e 4");
}

/* --- failures --- */

static void a_file_that_is_gone_is_recorded_and_the_others_are_brought_over(void **state)
{
    Context *context = *state;
    github_has_not(context, 404, NULL);
    github_has(context, "MP4!");
    import_text(context, "![x](" IMAGE ") ![y](" VIDEO ")");
    assert_description(context, "![x](" IMAGE ") ![y](/uploads/SECRET/0e0e0e0e)");
    assert_failure("Gitlab::GithubImport::AttachmentsDownloader|"
                   "Gitlab::GithubImport::AttachmentsDownloader::NotRetriableError");
    assert_uploads("0e0e0e0e 4");
    object_import_assert_counted(context->import, "issue_attachment", "1");
    assert_waiter_told(TRUE);
}

static void each_file_that_is_gone_has_a_failure_of_its_own(void **state)
{
    Context *context = *state;
    github_has_not(context, 404, NULL);
    github_has_not(context, 410, NULL);
    import_text(context, "![x](" IMAGE ") ![y](" VIDEO ")");
    assert_description(context, "![x](" IMAGE ") ![y](" VIDEO ")");
    assert_sql("SELECT string_agg(right(exception_message, 3), ' ' ORDER BY id) FROM import_failures",
               "404 410");
    assert_sql("SELECT DISTINCT external_identifiers ->> 'object_type' FROM import_failures",
               "issue_attachment");
    object_import_assert_counted(context->import, "issue_attachment", "");
    assert_waiter_told(TRUE);
}

static void any_other_failure_is_recorded_and_retried(void **state)
{
    Context *context = *state;
    create_issue(context, "![x](" IMAGE ")");
    github_has_not(context, 500, NULL);
    g_autoptr(GError) error = perform_issue(context, "![x](" IMAGE ")");
    assert_non_null(error);
    assert_failure("Gitlab::GithubImport::Importer::NoteAttachmentsImporter|"
                   "Gitlab::GithubImport::AttachmentsDownloader::DownloadError");
    assert_waiter_told(FALSE);
}

static void a_file_that_is_too_large_is_recorded_and_retried(void **state)
{
    Context *context = *state;
    g_autofree char *body = g_strnfill(1024 * 1024 + 1, 'x');
    create_issue(context, "![x](" IMAGE ")");
    github_has(context, body);
    g_autoptr(GError) error = perform_issue(context, "![x](" IMAGE ")");
    assert_non_null(error);
    assert_failure("Gitlab::GithubImport::Importer::NoteAttachmentsImporter|"
                   "Gitlab::GithubImport::AttachmentsDownloader::DownloadError");
    assert_int_equal(count_files(context), 0);
}

static void a_rate_limit_enqueues_the_job_for_later(void **state)
{
    Context *context = *state;
    create_issue(context, "![x](" IMAGE ")");
    github_has_not(context, 429, "Retry-After: 60\r\n");
    bring(context, "![x](" IMAGE ")");
    assert_redis("1", "ZCARD", "schedule");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_description(context, "![x](" IMAGE ")");
    assert_waiter_told(FALSE);
}

static void failures_name_the_record(void **state)
{
    static const struct {
        const ObjectImporter *importer;
        const char *model, *create, *extra, *expected;
    } kinds[] = {
        {&release_attachments_importer, "Release", CREATE_RELEASE, "{\"tag\":\"v1\"}",
         "{\"tag\": \"v1\", \"db_id\": ID, \"object_type\": \"release_attachment\"}"},
        {&note_attachments_importer, "Note", CREATE_NOTE, "{}",
         "{\"db_id\": ID, \"object_type\": \"note_attachment\", \"noteable_type\": null}"},
        {&issue_attachments_importer, "Issue", CREATE_ISSUE, "{\"iid\":12}",
         "{\"db_id\": ID, \"object_type\": \"issue_attachment\", \"noteable_iid\": 12}"},
        {&merge_request_attachments_importer, "MergeRequest", CREATE_MERGE_REQUEST, "{\"iid\":15}",
         "{\"db_id\": ID, \"object_type\": \"merge_request_attachment\", \"noteable_iid\": 15}"},
    };
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        gint64 id = create_record(context, kinds[i].create, "![x](" IMAGE ")");
        json_t *representation = representation_of(context, kinds[i].model, id, "![x](" IMAGE ")");
        g_autoptr(json_t) extra = json_loads(kinds[i].extra, 0, NULL);
        json_object_update(representation, extra);
        switch_to(context, kinds[i].importer);
        github_has_not(context, 410, NULL);
        g_autoptr(GError) error = perform(context, representation);
        assert_no_error(error);
        g_autofree char *sql = g_strdup_printf(
            "SELECT replace(external_identifiers::jsonb::text, '%" G_GINT64_FORMAT ",', 'ID,')"
            " FROM import_failures ORDER BY id DESC LIMIT 1",
            id);
        assert_sql(sql, kinds[i].expected);
    }
}

static void without_a_place_for_files_the_job_is_ruby_s(void **state)
{
    Context *context = *state;
    private_gitlab_configuration()->uploads.directory = NULL;
    create_issue(context, "[a]({GITHUB}/acme/rocket/blob/a.md) ![x](" IMAGE ")");
    g_autoptr(GError) error = perform_issue(context, "[a]({GITHUB}/acme/rocket/blob/a.md) ![x](" IMAGE ")");
    assert_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER);
    assert_description(context, "[a]({GITHUB}/acme/rocket/blob/a.md) ![x](" IMAGE ")");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_waiter_told(FALSE);
}

static void links_need_no_place_for_files(void **state)
{
    Context *context = *state;
    private_gitlab_configuration()->uploads.directory = NULL;
    import_text(context, "[a]({GITHUB}/acme/rocket/blob/a.md)");
    assert_description(context, "[a](https://gitlab.example.com/imports/rocket/-/blob/a.md)");
}

/* --- arguments --- */

static void older_jobs_of_releases_have_another_representation(void **state)
{
    Context *context = *state;
    gint64 id = create_record(context, CREATE_RELEASE, "![x](" IMAGE ")");
    g_autofree char *text = at_github(context, "![x](" IMAGE ")");
    switch_to(context, &release_attachments_importer);
    github_has(context, "PNG");
    g_autoptr(GError) error =
        perform(context, json_pack("{s:I, s:s}", "release_db_id", (json_int_t)id, "description", text));
    assert_no_error(error);
    assert_sql("SELECT regexp_replace(description, '[0-9a-f]{32}', 'SECRET') FROM releases",
               "![x](/uploads/SECRET/75334fd4)");
}

static void arguments_of_any_shape_do_no_harm(void **state)
{
    static const char *const representations[] = {
        "{}",
        "{\"record_db_id\":null,\"text\":null}",
        "{\"record_db_id\":\"1; DROP TABLE issues\",\"text\":\"![x](y)\"}",
        "{\"record_db_id\":1,\"text\":[\"![x](y)\"]}",
        "{\"record_db_id\":-9223372036854775808,\"text\":\"'; DROP TABLE issues; --\"}",
    };
    Context *context = *state;
    create_issue(context, "![x](" IMAGE ")");
    for (gsize i = 0; i < G_N_ELEMENTS(representations); i++)
        object_import_succeeds(context->import, representations[i]);
    assert_description(context, "![x](" IMAGE ")");
    assert_int_equal(scripted_server_requests(context->github), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_kept_and_the_text_links_to_it),
        TEST(only_the_text_and_its_html_change),
        TEST(every_kind_of_record_is_rewritten),
        TEST(every_occurrence_of_an_address_is_replaced_by_one_file),
        TEST(an_address_within_another_one_does_not_break_it),
        TEST(a_video_becomes_an_image_of_markdown),
        TEST(links_to_files_of_the_repository_lead_to_the_project),
        TEST(other_addresses_stay_and_nothing_is_written),
        TEST(a_file_for_which_github_wants_a_login_keeps_its_address),
        TEST(names_and_contents_are_harmless_whatever_they_are),
        TEST(a_name_of_4000_characters_is_cut_and_keeps_its_extension),
        TEST(an_address_in_another_spelling_stays_and_is_not_downloaded),
        TEST(an_edit_after_the_scheduling_survives),
        TEST(a_file_that_a_user_has_taken_out_is_not_downloaded),
        TEST(an_address_that_the_import_has_not_brought_stays),
        TEST(a_record_that_was_deleted_is_done),
        TEST(a_record_of_another_project_is_left_alone),
        TEST(a_second_execution_downloads_nothing_and_changes_nothing),
        TEST(two_executions_at_the_same_time_write_one_row),
        TEST(without_receipts_a_second_execution_finds_nothing_to_do),
        TEST(without_receipts_two_executions_at_the_same_time_write_one_row),
        TEST(a_job_that_is_executed_again_before_its_commit_finds_its_file),
        TEST(a_job_that_is_executed_again_goes_on_with_the_file_that_is_missing),
        TEST(each_text_gets_its_own_file),
        TEST(a_job_whose_file_cannot_be_had_now_fails_alone),
        TEST(a_job_whose_text_is_refused_fails_alone_and_nothing_is_downloaded_again),
        TEST(two_jobs_of_one_record_change_the_same_text),
        TEST(a_file_that_is_gone_is_recorded_and_the_others_are_brought_over),
        TEST(each_file_that_is_gone_has_a_failure_of_its_own),
        TEST(any_other_failure_is_recorded_and_retried),
        TEST(a_file_that_is_too_large_is_recorded_and_retried),
        TEST(a_rate_limit_enqueues_the_job_for_later),
        TEST(failures_name_the_record),
        TEST(without_a_place_for_files_the_job_is_ruby_s),
        TEST(links_need_no_place_for_files),
        TEST(older_jobs_of_releases_have_another_representation),
        TEST(arguments_of_any_shape_do_no_harm),
    };
    return cmocka_run_group_tests_name("note_text", tests, NULL, NULL);
}
