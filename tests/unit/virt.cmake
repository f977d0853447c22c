yw_test(unit_virt_fake unit SOURCES virt_fake.c ROOMS virt)
