yw_test(unit_codec_event unit
  SOURCES codec_event.c ../golden/event_sample.c ROOMS codec)
