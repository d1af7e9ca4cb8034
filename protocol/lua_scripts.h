/* The texts of protocol/lua/NAME.lua, embedded at build time as lua_NAME. */
#pragma once
