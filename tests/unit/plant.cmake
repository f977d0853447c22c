yw_test(unit_plant_water unit SOURCES plant_water.c ROOMS plant base model LIBS m)
