if(TARGET yw_response)
  yw_fuzz(codec_playbook ROOMS codec)
endif()
