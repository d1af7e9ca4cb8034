/* g_autoptr(redisReply). */
#pragma once

#include <glib.h>
#include <hiredis/hiredis.h>

static inline void redis_reply_free(redisReply *reply)
{
    if (reply)
        freeReplyObject(reply);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(redisReply, redis_reply_free)
