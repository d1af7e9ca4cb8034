/*
 * The floor of bringing files over: what plain libcurl takes to download them on as many connections, each
 * into a file of its own that is on disk before the next begins, with nothing else done to it.
 *
 *   download_floor FOLDER CONNECTIONS     reads "URL HEADER" lines (the header may be missing), prints
 * seconds
 */
#include <curl/curl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *folder;
static char **lines;
static gint next; /* line */

static FILE *open_file(gint number)
{
    g_autofree char *path = g_strdup_printf("%s/%d", folder, number);
    FILE *file = fopen(path, "wb");
    if (!file)
        g_error("%s cannot be written", path);
    return file;
}

static void download(CURL *curl, const char *line, FILE *file)
{
    g_auto(GStrv) parts = g_strsplit(line, " ", 2);
    struct curl_slist *headers = parts[1] ? curl_slist_append(NULL, parts[1]) : NULL;
    curl_easy_setopt(curl, CURLOPT_URL, parts[0]);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, file);
    CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK)
        g_error("%s: %s", parts[0], curl_easy_strerror(result));
    curl_slist_free_all(headers);
}

static gpointer work(G_GNUC_UNUSED gpointer data)
{
    CURL *curl = curl_easy_init();
    gint count = (gint)g_strv_length(lines), number;
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    while ((number = g_atomic_int_add(&next, 1)) < count) {
        FILE *file = open_file(number);
        download(curl, lines[number], file);
        if (fflush(file) != 0 || fsync(fileno(file)) != 0)
            g_error("a file cannot be written");
        fclose(file);
    }
    curl_easy_cleanup(curl);
    return NULL;
}

/* Without the empty one at the end. */
static char **read_lines(void)
{
    g_autoptr(GIOChannel) input = g_io_channel_unix_new(STDIN_FILENO);
    g_autofree char *text = NULL;
    if (g_io_channel_read_to_end(input, &text, NULL, NULL) != G_IO_STATUS_NORMAL)
        g_error("no lines can be read");
    return g_strsplit(g_strchomp(text), "\n", -1);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: download_floor FOLDER CONNECTIONS\n");
        return 2;
    }
    folder = argv[1];
    lines = read_lines();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    g_autoptr(GPtrArray) threads = g_ptr_array_new();
    gint64 start = g_get_monotonic_time();
    for (int i = 0; i < atoi(argv[2]); i++)
        g_ptr_array_add(threads, g_thread_new("download", work, NULL));
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
    printf("%.3f\n", (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
    g_strfreev(lines);
    return 0;
}
