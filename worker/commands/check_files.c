#include "importers/files/file_store.h"
#include "worker/commands/checks.h"

#define BUCKET_KEY "hubferry-check"

typedef struct FileKind {
    FileStoreKind kind;
    const char *files; /* in messages */
} FileKind;

static const FileKind kinds[] = {{FILE_STORE_UPLOADS, "uploads"}, {FILE_STORE_LFS, "LFS objects"}};

/* A file that is received and not published leaves nothing. */
static void check_folder(Findings *findings, const Session *session, const FileKind *kind,
                         const char *directory)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(IncomingFile) file = file_store_receive(session, kind->kind, 1, &error);
    if (!file || !incoming_file_write(file, "", 1, &error))
        findings_error(findings, "run hubferry as the owner of the folder (git), and see that there is room",
                       "%s: %s", kind->files, error->message);
    else
        findings_ok(findings, "%s: %s is writable", kind->files, directory);
}

/* An empty object tells more than a question would: GitLab's keys need not have the right to list. */
static void check_bucket(Findings *findings, Session *session, const FileKind *kind, const Bucket *bucket)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(IncomingFile) empty = file_store_receive(session, kind->kind, 0, &error);
    if (!empty || !file_store_keep(session, kind->kind, empty, BUCKET_KEY, NULL, &error))
        findings_error(findings, "compare object_store in gitlab.yml, and the rights of its key",
                       "%s: %s: %s", kind->files, bucket->endpoint, error->message);
    else if (!object_storage_remove(session, bucket, BUCKET_KEY, &error))
        findings_warning(findings, "remove the empty object " BUCKET_KEY, "%s: %s", kind->files,
                         error->message);
    else
        findings_ok(findings, "%s: bucket %s at %s is writable", kind->files, bucket->name, bucket->endpoint);
}

static void check_store(Findings *findings, Session *session, const FileKind *kind,
                        const FileStoreSettings *settings)
{
    FilePlace place;
    g_autoptr(GError) error = NULL;
    if (!file_store_place(session, kind->kind, &place, &error))
        findings_warning(findings,
                         "GitLab's Sidekiq performs these jobs, if it listens to the fallback queue", "%s",
                         error->message);
    else if (place == FILE_PLACE_LOCAL)
        check_folder(findings, session, kind, settings->directory);
    else
        check_bucket(findings, session, kind, settings->bucket);
}

void check_files(Findings *findings, Session *session)
{
    const Configuration *configuration = session->configuration;
    check_store(findings, session, &kinds[0], &configuration->uploads);
    if (configuration->lfs)
        check_store(findings, session, &kinds[1], &configuration->lfs_objects);
    else
        findings_ok(findings, "LFS objects: GitLab has LFS disabled");
}
