# Writes OUTPUT: one C string constant for each Lua file of SCRIPTS.
set(text "/* Made from protocol/lua by embed_lua.cmake. */\n#include \"protocol/lua_scripts.h\"\n")
foreach(script ${SCRIPTS})
  get_filename_component(name ${script} NAME_WE)
  file(READ ${script} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "\nconst char lua_${name}[] = {${bytes}0x00};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
