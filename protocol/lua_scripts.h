/* The texts of protocol/lua/NAME.lua, embedded at build time as lua_NAME. */
#pragma once

extern const char lua_move_due[];
extern const char lua_settle[];
extern const char lua_take[];
