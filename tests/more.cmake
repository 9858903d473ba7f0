# Tests that need more than tests/CMakeLists.txt gives to all of them.

# Printers are judged by jansson, whose symbols clash with those of json-c, which librevue needs: such a test links what it
# tests and nothing of librevue.
pkg_check_modules(JANSSON IMPORTED_TARGET jansson)
foreach(name test_printer_json test_hits_json test_answers_json)
  if(NOT TARGET ${name})
    continue()
  endif()
  if(JANSSON_FOUND)
    set_target_properties(${name} PROPERTIES LINK_LIBRARIES "revue_output;revue_base;PkgConfig::CMOCKA;PkgConfig::JANSSON;m")
  else()
    message(STATUS "jansson is not installed: ${name} is not built")
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    set_tests_properties(${name} PROPERTIES DISABLED ON)
  endif()
endforeach()

# What prints hits is a library of its own, beside librevue.
foreach(name test_hits_terminal test_hits_lines test_wrap)
  if(TARGET ${name})
    target_link_libraries(${name} PRIVATE revue_output)
  endif()
endforeach()

# The search endpoint is another one.
foreach(name test_page test_page_html test_filter_parts fuzz_page_text test_params test_admission fuzz_serve_params)
  if(TARGET ${name})
    target_link_libraries(${name} PRIVATE revue_serve)
  endif()
endforeach()

# Parts of the programs.
if(TARGET test_answers_json)
  target_sources(test_answers_json PRIVATE ${CMAKE_SOURCE_DIR}/indexer/cli/update_answer.c
                 ${CMAKE_SOURCE_DIR}/indexer/cli/stats_answer.c ${CMAKE_SOURCE_DIR}/indexer/cli/figures.c)
endif()
if(TARGET test_figures)
  target_sources(test_figures PRIVATE ${CMAKE_SOURCE_DIR}/indexer/cli/figures.c ${CMAKE_SOURCE_DIR}/indexer/cli/progress_line.c)
endif()
if(TARGET test_query_fault)
  target_sources(test_query_fault PRIVATE ${CMAKE_SOURCE_DIR}/query/cli/query_fault.c)
endif()
if(TARGET test_watch_state)
  target_sources(test_watch_state PRIVATE ${CMAKE_SOURCE_DIR}/query/cli/watch_state.c)
endif()
if(TARGET test_query_file)
  target_sources(test_query_file PRIVATE ${CMAKE_SOURCE_DIR}/query/cli/query_file.c)
endif()

# Indexes that earlier formats left.
add_test(NAME compat COMMAND bash ${CMAKE_CURRENT_LIST_DIR}/compat/compat.sh ${CMAKE_BINARY_DIR} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(compat PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)

# Crashes: a library to be preloaded, and the script that kills and cuts power with it. Sanitizers want to be loaded first.
if(NOT REVUE_SANITIZE AND NOT REVUE_FUZZ)
  add_library(fault_shim MODULE ${CMAKE_CURRENT_LIST_DIR}/fault/fault_shim.c)
  target_link_libraries(fault_shim PRIVATE PkgConfig::LMDB ${CMAKE_DL_LIBS})
  set_target_properties(fault_shim PROPERTIES PREFIX "" C_VISIBILITY_PRESET default LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(REVUE_PYTHON)
    add_test(NAME crashes COMMAND ${REVUE_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/fault/crashes ${CMAKE_BINARY_DIR} --kills 24 --losses 36 --fulls 12)
    set_tests_properties(crashes PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
  endif()
endif()

# The search page in a browser, by the interpreter that Debian's Selenium belongs to.
find_program(REVUE_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(REVUE_SYSTEM_PYTHON)
  add_test(NAME browser COMMAND ${REVUE_SYSTEM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/browser/run ${CMAKE_BINARY_DIR})
  set_tests_properties(browser PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endif()
