#include "importers/objects/diff_notes/suggestion_blocks.h"

#include <string.h>

#define MAX_INDENT 3

typedef struct Fence {
    char character; /* ` or ~ */
    gsize length, indent;
} Fence;

static void suggestion_block_free(gpointer data)
{
    SuggestionBlock *block = data;
    g_free(block->text);
    g_free(block);
}

static gsize indent_of(const char *line, gsize max)
{
    return MIN(strspn(line, " "), max);
}

static gsize run_length(const char *at, char character)
{
    const char one[] = {character, '\0'};
    return strspn(at, one);
}

/* *info is what follows the fence. */
static gboolean opens(const char *line, Fence *fence, const char **info)
{
    fence->indent = indent_of(line, MAX_INDENT);
    const char *at = line + fence->indent;
    fence->character = *at;
    fence->length = *at == '`' || *at == '~' ? run_length(at, *at) : 0;
    *info = at + fence->length;
    return fence->length >= 3 && !(*at == '`' && strchr(*info, '`'));
}

static gboolean closes(const char *line, const Fence *fence)
{
    const char *at = line + indent_of(line, MAX_INDENT);
    gsize length = run_length(at, fence->character);
    at += length;
    return length >= fence->length && strspn(at, " \t") == strlen(at);
}

static gint64 count(const GMatchInfo *match, const char *name)
{
    g_autofree char *digits = g_match_info_fetch_named(match, name);
    return digits ? MIN(g_ascii_strtoll(digits, NULL, 10), G_MAXINT32) : 0;
}

/* `parameters` is "-2+1", "-2", "+1", or anything else, which counts as nothing. */
static void read_parameters(SuggestionBlock *block, const char *parameters)
{
    g_autoptr(GRegex) pattern =
        g_regex_new("^(-(?<above>\\d+))?(\\+(?<below>\\d+))?$", G_REGEX_DOLLAR_ENDONLY | G_REGEX_OPTIMIZE,
                    G_REGEX_MATCH_DEFAULT, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(pattern, parameters, G_REGEX_MATCH_DEFAULT, &match))
        return;
    block->lines_above = count(match, "above");
    block->lines_below = count(match, "below");
}

/* "suggestion:-1+2", or the parameters after a space. NULL: another language. (transfer full) */
static SuggestionBlock *new_block(const char *info)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(info));
    gsize word = strcspn(trimmed, " \t");
    const char *rest = trimmed + word + strspn(trimmed + word, " \t");
    g_autofree char *language = g_strndup(trimmed, word);
    char *parameters = strchr(language, ':');
    if (parameters)
        *parameters++ = '\0';
    if (!g_str_equal(language, "suggestion"))
        return NULL;
    SuggestionBlock *block = g_new0(SuggestionBlock, 1);
    read_parameters(block, parameters && *parameters ? parameters : rest);
    return block;
}

/* The content of the block that begins at *line, which is left behind the block's last line. A block that
 * nothing closes goes on to the end. (transfer full) */
static char *read_content(char **lines, guint *line, const Fence *fence)
{
    g_autoptr(GPtrArray) content = g_ptr_array_new();
    while (lines[*line] && !closes(lines[*line], fence)) {
        char *text = lines[(*line)++];
        g_ptr_array_add(content, text + indent_of(text, fence->indent));
    }
    g_ptr_array_add(content, NULL);
    return g_strjoinv("\n", (char **)content->pdata);
}

static char **split_lines(const char *markdown)
{
    char **lines = g_strsplit(markdown, "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_suffix(*line, "\r"))
            (*line)[strlen(*line) - 1] = '\0';
    return lines;
}

GPtrArray *suggestion_blocks(const char *markdown)
{
    g_auto(GStrv) lines = split_lines(markdown);
    GPtrArray *blocks = g_ptr_array_new_with_free_func(suggestion_block_free);
    guint n_lines = g_strv_length(lines);
    for (guint line = 0; line < n_lines; line++) {
        Fence fence;
        const char *info;
        if (!opens(lines[line], &fence, &info))
            continue;
        SuggestionBlock *block = new_block(info);
        line++;
        g_autofree char *text = read_content(lines, &line, &fence);
        if (block) {
            block->text = g_steal_pointer(&text);
            g_ptr_array_add(blocks, block);
        }
    }
    return blocks;
}
