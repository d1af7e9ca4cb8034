#include "spec/fake_github/late_commits.h"

#include "spec/fake_github/data_set.h"

gboolean late_commits_publish(const char *git_root, const char *full_name, GError **error)
{
    if (git_root == NULL) {
        g_set_error(error, DATA_SET_ERROR, 0, "there are no Git repositories without --git-root");
        return FALSE;
    }
    g_autofree char *directory = g_strdup_printf("%s.git", full_name);
    g_autofree char *repository = g_build_filename(git_root, directory, NULL);
    g_autofree char *late = g_build_filename(repository, "late.git", NULL);
    const char *argv[] = {"git",     "-c", "safe.directory=*", "-C", repository, "fetch",
                          "--quiet", late, "+refs/*:refs/*",   NULL};
    g_autofree char *complaint = NULL;
    int wait_status = 0;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                      NULL, &complaint, &wait_status, error)) {
        return FALSE;
    }
    if (!g_spawn_check_wait_status(wait_status, error)) {
        g_prefix_error(error, "%s", complaint);
        return FALSE;
    }
    return TRUE;
}
