/*
 * One Redis command as an argument vector. Commands are never formatted from a string; arguments may hold any
 * byte, and are copied. Not thread-safe.
 */
#pragma once

#include <glib.h>

typedef struct RedisCommand RedisCommand;

/* The words of the command, ended by NULL. (transfer full) */
RedisCommand *redis_command_new(const char *verb, ...) G_GNUC_NULL_TERMINATED;
RedisCommand *redis_command_new_va(const char *verb, va_list words);
void redis_command_add(RedisCommand *command, const char *word);
void redis_command_add_bytes(RedisCommand *command, const void *bytes, gsize length);
void redis_command_add_int(RedisCommand *command, gint64 number);
/* As Ruby prints a Float: shortest form, with a decimal point. */
void redis_command_add_double(RedisCommand *command, double number);

/* As hiredis wants them; borrowed, and valid until the next word is added. */
int redis_command_argc(const RedisCommand *command);
const char **redis_command_argv(const RedisCommand *command);
const size_t *redis_command_lengths(const RedisCommand *command);
void redis_command_free(RedisCommand *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RedisCommand, redis_command_free)
