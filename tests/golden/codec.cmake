yw_test(golden_codec_event golden
  SOURCES codec_event.c event_sample.c ROOMS codec)
