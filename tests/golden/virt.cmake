if("virt" IN_LIST YW_ROOMS)
  yw_test(golden_virt_domain golden SOURCES virt_domain.c ROOMS virt)
endif()
