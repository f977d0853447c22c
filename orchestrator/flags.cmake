# One interface target with the flags of all our code.
add_library(yw_flags INTERFACE)
target_compile_options(yw_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wswitch-enum
  -Wnull-dereference -Werror
  -fno-strict-aliasing         # parsers overlay bytes; not worth a surprise
  -ffp-contract=off            # the same double on every machine: plants and scores replay bit for bit
  -fno-common
  -UNDEBUG)                    # assertions are for our own bugs and stay on in release
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(yw_flags INTERFACE -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
else()
  target_compile_options(yw_flags INTERFACE
    -Wno-cast-qual)            # clang looks into the kernel's netlink macros; gcc holds the rule
endif()
target_compile_definitions(yw_flags INTERFACE _GNU_SOURCE)
target_include_directories(yw_flags INTERFACE ${CMAKE_SOURCE_DIR}/orchestrator)

if(YW_SANITIZE_ADDRESS)
  target_compile_options(yw_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                         -fno-omit-frame-pointer -Wno-null-dereference)
  target_link_options(yw_flags INTERFACE -fsanitize=address,undefined)
elseif(YW_SANITIZE_THREAD)
  target_compile_options(yw_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(yw_flags INTERFACE -fsanitize=thread)
else()
  target_compile_options(yw_flags INTERFACE
    -fstack-protector-strong   # a smashed stack ends the process
    -fstack-clash-protection   # no jump over the guard page
    -fcf-protection)           # indirect branches land where they may
  target_compile_definitions(yw_flags INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)  # bounds known at compile time are checked
  target_link_options(yw_flags INTERFACE
    -Wl,-z,relro -Wl,-z,now    # no writable GOT
    -Wl,-z,noexecstack)
endif()
if(YW_FUZZ)
  target_compile_options(yw_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)  # rooms give coverage
  target_link_options(yw_flags INTERFACE -fsanitize=address,undefined)
endif()
if(YW_ANALYZE)
  # Not in tests: cmocka's assertions do not say that they do not return.
  target_compile_options(yw_flags INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:YW_TEST>>>:-fanalyzer>)
endif()
