/* The texts of protocol/lua/NAME.lua, embedded at build time as lua_NAME. */
#pragma once

extern const char lua_move_due[];
extern const char lua_settle[];
extern const char lua_take[];
extern const char lua_cancel_exclusive_lease[];
extern const char lua_waiter_notify[];
extern const char lua_cache_read[];
extern const char lua_cache_write_if_greater[];
extern const char lua_cache_increment_once[];
extern const char lua_cache_list_add[];
extern const char lua_duplicate_check[];
extern const char lua_push_once[];
extern const char lua_record_scheduled[];
