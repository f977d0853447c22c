yw_test(unit_codec_event unit
  SOURCES codec_event.c ../golden/event_sample.c ../golden/event_sample_range.c ROOMS codec)
yw_test(unit_codec_request unit
  SOURCES codec_request.c ROOMS codec)
yw_test(unit_codec_request_point unit
  SOURCES codec_request_point.c ROOMS codec)
yw_test(unit_codec_state unit
  SOURCES codec_state.c ../golden/event_sample.c ../golden/event_sample_range.c ROOMS codec score)
if(TARGET yw_response)
  yw_test(unit_codec_playbook unit SOURCES codec_playbook.c ROOMS codec)
endif()
yw_test(unit_codec_hosts unit SOURCES codec_hosts.c ROOMS codec)
