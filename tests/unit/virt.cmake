yw_test(unit_virt_fake unit SOURCES virt_fake.c ROOMS virt)
yw_test(unit_virt_channel unit SOURCES virt_channel.c ROOMS virt)
yw_test(unit_virt_broker unit SOURCES virt_broker.c ROOMS virt)
yw_test(unit_virt_confine unit SOURCES virt_confine.c ROOMS virt)
