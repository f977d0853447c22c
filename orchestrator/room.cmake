# yw_room(NAME SOURCES … [USES …] [LIBS …])
#   A room is one static library; USES are the rooms it may call, LIBS the libraries it owns.
#   Headers of every room are visible; only the linker knows the walls, so a unit test links
#   its room and the room's uses and nothing else: a call in the wrong direction fails to link.
function(yw_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBS" ${ARGN})
  add_library(yw_${name} STATIC ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND yw_ OUTPUT_VARIABLE uses)
  target_link_libraries(yw_${name} PUBLIC yw_flags ${uses} PRIVATE ${ARG_LIBS})
endfunction()

# yw_test(NAME TIER SOURCES … ROOMS … [LIBS …] [TIMEOUT seconds])
#   One cmocka binary, labelled with its tier; exit 77 is a skip.
function(yw_test name tier)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;ROOMS;LIBS;ARGS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_ROOMS PREPEND yw_ OUTPUT_VARIABLE rooms)
  target_link_libraries(${name} PRIVATE ${rooms} yw_flags PkgConfig::CMOCKA ${ARG_LIBS})
  set_target_properties(${name} PROPERTIES YW_TEST ON)
  add_test(NAME ${tier}/${name} COMMAND ${name} ${ARG_ARGS} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(YW_SANITIZE_ADDRESS OR YW_SANITIZE_THREAD)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")
  endif()
  set_tests_properties(${tier}/${name} PROPERTIES LABELS ${tier} SKIP_RETURN_CODE 77
                       TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR};YW_BUILD=${CMAKE_BINARY_DIR}")
endfunction()
