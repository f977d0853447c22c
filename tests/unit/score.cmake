yw_test(unit_score_fold unit SOURCES score_fold.c ROOMS score model base)
