foreach(noun guard rate route auth static)
  yw_test(unit_net_${noun} unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/net_${noun}.c
          ${CMAKE_SOURCE_DIR}/tests/api/stand_in.c
          ROOMS net score LIBS PkgConfig::WEBSOCKETS)
  target_include_directories(unit_net_${noun} PRIVATE ${CMAKE_SOURCE_DIR}/tests/api)
endforeach()
yw_test(unit_net_ring unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/net_ring.c
        ROOMS net score LIBS PkgConfig::WEBSOCKETS)
yw_test(unit_net_rfb unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/net_rfb.c
        ${CMAKE_SOURCE_DIR}/orchestrator/net/rfb.c ROOMS base)
