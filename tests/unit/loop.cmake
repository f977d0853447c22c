foreach(noun loop pool gang stream process)
  yw_test(unit_loop_${noun} unit SOURCES loop_${noun}.c ROOMS loop base LIBS Threads::Threads)
endforeach()
