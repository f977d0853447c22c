yw_test(golden_model_place golden
  SOURCES model_place.c ../unit/model_sample.c ROOMS model base)
target_include_directories(golden_model_place PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
