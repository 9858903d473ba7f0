# page_assets.cmake - the page's files as C: cmake -D OUT=FILE.c -P page_assets.cmake
#
# A script served as one file may be made of several parts, which become one function: nothing of it is seen by the page it
# runs in. The hash of the bytes is the version in its address, and its ETag.
set(HERE ${CMAKE_CURRENT_LIST_DIR})
set(code "/* Made by query/serve/page/page_assets.cmake. */\n#include \"query/serve/page/page_assets.h\"\n")
set(rows "")
set(count 0)

function(add_asset path type)
  set(hex "")
  foreach(part IN LISTS ARGN)
    file(READ ${HERE}/${part} part_hex HEX)
    string(APPEND hex "${part_hex}")
  endforeach()
  if(path MATCHES "[.]js$")
    # "use strict" and a function that is called at once: (()=>{ ... })()
    string(PREPEND hex "2275736520737472696374223b2828293d3e7b0a")
    string(APPEND hex "7d2928293b0a")
  endif()
  string(MD5 version "${hex}")
  string(SUBSTRING "${version}" 0 16 version)
  string(REGEX REPLACE "([0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f])" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(APPEND code "static const uint8_t bytes_${count}[] = {\n${hex}};\n")
  string(APPEND rows "    {\"${path}\", \"${type}\", bytes_${count}, sizeof bytes_${count}, \"${version}\"},\n")
  math(EXPR count "${count} + 1")
  set(code "${code}" PARENT_SCOPE)
  set(rows "${rows}" PARENT_SCOPE)
  set(count "${count}" PARENT_SCOPE)
endfunction()

add_asset("/search.css" "text/css; charset=utf-8" search.css)
add_asset("/search.js" "text/javascript; charset=utf-8" combobox.js page.js)
add_asset("/embed.js" "text/javascript; charset=utf-8" combobox.js embed_box.js)
add_asset("/icon.svg" "image/svg+xml" icon.svg)

file(WRITE ${OUT} "${code}const struct page_asset page_assets[] = {\n${rows}};\nconst size_t page_asset_count = ${count};\n")
