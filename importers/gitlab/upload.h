/*
 * FileUploader and UploadService (app/uploaders/file_uploader.rb, records_uploads.rb,
 * app/services/upload_service.rb): a project's file, its row in `uploads`, and the link that Markdown has to
 * it. Unlike Ruby's random one, the secret is made from one of GitLab's own secrets and what the file belongs
 * to: nobody can guess it, and a job that is executed again finds its file where it left it.
 *
 * Files are kept byte for byte, whatever they are: it is up to GitLab how they are served. The checksum of a
 * local file is known when its last byte is there, so that no UploadChecksumWorker has to read files above
 * 100 MiB once more, as Ruby's does. A name that no file system takes is cut, its extension stays; Ruby fails
 * there.
 */
#pragma once

#include "importers/files/file_store.h"
#include "importers/gitlab/project.h"
#include "importers/gitlab/row_table.h"

typedef struct Upload {
    char *secret; /* 32 hex digits */
    char *name;   /* of the file */
    guint64 size;
    char *checksum; /* SHA-256; NULL: not stored locally */
    FilePlace place;
    char *path; /* column `path` */
} Upload;

/* Keeps `file` as `name`, which has no slash; `origin` says what the file is ("Issue/3401/https://..."). For
 * a day it is remembered, in the import cache, that it is there. (transfer full) */
Upload *upload_store(Session *session, const Project *project, const char *origin, IncomingFile *file,
                     const char *name, const char *content_type, GError **error);
/* *upload is what an earlier execution of the job has kept for `origin`, if it is there still; or NULL.
 * (transfer full) */
gboolean upload_find(Session *session, const Project *project, const char *origin, Upload **upload,
                     GError **error);
/* Their jobs are done: nobody will look for them again. */
gboolean upload_forget_all(Session *session, const Project *project, const GPtrArray *uploads,
                           GError **error);
void upload_free(Upload *upload);

/* "/uploads/SECRET/NAME". (transfer full) */
char *upload_markdown_url(const Upload *upload);
/* In the transaction of what refers to the files: their rows, if they are not there yet. */
gboolean upload_record_all(Session *session, const Project *project, const GPtrArray *uploads,
                           const char *now, GError **error);

extern const TableColumns upload_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Upload, upload_free)
