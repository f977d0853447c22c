yw_test(unit_plant_water unit SOURCES plant_water.c ROOMS plant base model LIBS m)
foreach(subject process grid utility framework property)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/plant_${subject}.c)
    yw_test(unit_plant_${subject} unit SOURCES plant_${subject}.c plant_rig.c
            ROOMS plant base model LIBS m)
  endif()
endforeach()
# A function of libm may differ in its last bit from processor to processor.
add_test(NAME unit/plant_without_libm
  COMMAND sh -c "nm -u $<TARGET_FILE:yw_plant> | awk '$1 == \"U\" { print $2 }' | sort -u > plant_symbols.txt \
&& test -s plant_symbols.txt \
&& ! grep -xE '(a?(sin|cos|tan)h?|atan2|sincos|exp[m12]*|exp10|log|log10|log1p|log2|pow|sqrt|cbrt|hypot|fma|fmod|remainder|floor|ceil|trunc|l?l?r(ou|i)nd?t?|f(abs|min|max|dim)|ldexp|frexp|modf|erfc?|[lt]gamma)[fl]?' plant_symbols.txt")
set_tests_properties(unit/plant_without_libm PROPERTIES LABELS unit)
