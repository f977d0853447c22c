yw_test(unit_codec_event unit
  SOURCES codec_event.c ../golden/event_sample.c ../golden/event_sample_range.c ../golden/event_sample_duty.c ROOMS codec)
yw_test(unit_codec_request unit
  SOURCES codec_request.c ROOMS codec)
yw_test(unit_codec_request_point unit
  SOURCES codec_request_point.c ROOMS codec)
yw_test(unit_codec_state unit
  SOURCES codec_state.c ../golden/event_sample.c ../golden/event_sample_range.c ../golden/event_sample_duty.c ROOMS codec score)
if(TARGET yw_response)
  yw_test(unit_codec_playbook unit SOURCES codec_playbook.c ROOMS codec)
  yw_test(unit_codec_rules unit SOURCES codec_rules.c ROOMS codec)
  yw_test(unit_playbook_library unit SOURCES playbook_library.c rules_fixture.c ROOMS codec)
  yw_test(unit_codec_chart unit SOURCES codec_chart.c ROOMS codec)
  yw_test(unit_codec_schema unit SOURCES codec_schema.c ROOMS codec)
  yw_test(unit_codec_lint unit SOURCES codec_lint.c ROOMS codec)
  yw_test(unit_codec_signature unit SOURCES codec_signature.c ROOMS codec)
  # The engine of duties on the packs as they are shipped.
  foreach(noun grade duty fault)
    yw_test(unit_rules_${noun} unit SOURCES rules_${noun}.c rules_fixture.c ROOMS codec)
  endforeach()
endif()
yw_test(unit_codec_recipe unit SOURCES codec_recipe.c ROOMS codec ARGS vm-images/full)
yw_test(unit_codec_technique unit SOURCES codec_technique.c ROOMS codec)
yw_test(unit_model_kit unit SOURCES model_kit.c ROOMS codec)
yw_test(unit_codec_guest_agent unit SOURCES codec_guest_agent.c ROOMS codec)
yw_test(unit_codec_hosts unit SOURCES codec_hosts.c ROOMS codec)
