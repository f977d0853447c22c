yw_test(golden_codec_event golden
  SOURCES codec_event.c event_sample.c event_sample_range.c event_sample_duty.c ROOMS codec)
