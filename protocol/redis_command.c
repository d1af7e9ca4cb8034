#include "protocol/redis_command.h"

#include "protocol/ruby_float.h"

#include <string.h>

struct RedisCommand {
    GPtrArray *words; /* of char */
    GArray *lengths;  /* of gsize, one for each word */
};

RedisCommand *redis_command_new_va(const char *verb, va_list words)
{
    RedisCommand *command = g_new(RedisCommand, 1);
    command->words = g_ptr_array_new_full(8, g_free);
    command->lengths = g_array_sized_new(FALSE, FALSE, sizeof(gsize), 8);
    for (const char *word = verb; word; word = va_arg(words, const char *))
        redis_command_add(command, word);
    return command;
}

RedisCommand *redis_command_new(const char *verb, ...)
{
    va_list words;
    va_start(words, verb);
    RedisCommand *command = redis_command_new_va(verb, words);
    va_end(words);
    return command;
}

void redis_command_add_bytes(RedisCommand *command, const void *bytes, gsize length)
{
    char *word = g_malloc(length + 1);
    memcpy(word, bytes, length);
    word[length] = '\0';
    g_ptr_array_add(command->words, word);
    g_array_append_val(command->lengths, length);
}

void redis_command_add(RedisCommand *command, const char *word)
{
    redis_command_add_bytes(command, word, strlen(word));
}

void redis_command_add_int(RedisCommand *command, gint64 number)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, number);
    redis_command_add(command, text);
}

void redis_command_add_double(RedisCommand *command, double number)
{
    char text[RUBY_FLOAT_SIZE];
    redis_command_add(command, ruby_float_format(text, number));
}

int redis_command_argc(const RedisCommand *command)
{
    return (int)command->words->len;
}

const char **redis_command_argv(const RedisCommand *command)
{
    return (const char **)command->words->pdata;
}

const size_t *redis_command_lengths(const RedisCommand *command)
{
    return (const size_t *)(void *)command->lengths->data;
}

void redis_command_free(RedisCommand *command)
{
    g_ptr_array_unref(command->words);
    g_array_unref(command->lengths);
    g_free(command);
}
