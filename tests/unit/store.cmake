foreach(noun journal fork memory lock export damage faults python)
  yw_test(unit_store_${noun} unit
    SOURCES store_${noun}.c store_fixture.c ../golden/event_sample.c ../golden/event_sample_range.c ../golden/event_sample_duty.c
    ROOMS store LIBS PkgConfig::SQLITE)
endforeach()
target_sources(unit_store_faults PRIVATE store_faulty.c)
yw_test(unit_store_image unit SOURCES store_image.c ROOMS store)
