# The door behind a stand-in conductor. The stand-in defines the functions of drill/conductor.h, so
# nothing of the drill room is drawn in.
if(TARGET yw_net)
  foreach(noun http client guard stream tls viewers)
    yw_test(api_${noun} api
      SOURCES ${CMAKE_CURRENT_LIST_DIR}/${noun}.c ${CMAKE_CURRENT_LIST_DIR}/house.c
              ${CMAKE_CURRENT_LIST_DIR}/peer.c ${CMAKE_CURRENT_LIST_DIR}/stand_in.c
      ROOMS net score LIBS PkgConfig::WEBSOCKETS TIMEOUT 300)
  endforeach()
endif()
