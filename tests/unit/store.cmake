foreach(noun journal memory lock export damage)
  yw_test(unit_store_${noun} unit
    SOURCES store_${noun}.c store_fixture.c ../golden/event_sample.c
    ROOMS store LIBS PkgConfig::SQLITE)
endforeach()
