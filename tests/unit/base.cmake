foreach(noun err mem buf vec map log clock due id number random hash pack folder)
  yw_test(unit_base_${noun} unit SOURCES base_${noun}.c ROOMS base)
endforeach()
