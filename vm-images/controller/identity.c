/* Names of makers that do not exist: a drill must not point at a real vendor. */
#include "controller/modbus.h"

#include <stdio.h>

struct maker {
    const char *vendor;
    const char *family;
    const char *host;
};

static const struct maker makers[] = {
    {"Hanxi Automation", "HX", "hanxi-automation.example"},
    {"Norrvik Controls", "NV", "norrvik.example"},
    {"Qingshan Instruments", "QS", "qingshan-inst.example"},
    {"Altamar Systems", "AM", "altamar.example"},
    {"Beiling Electric", "BL", "beiling.example"},
    {"Corvin Process", "CP", "corvin-process.example"},
    {"Taihe Drives", "TH", "taihe-drives.example"},
    {"Weldon & Firth", "WF", "weldonfirth.example"},
};

/* splitmix64 (Vigna, public domain). */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void yw_modbus_identity_make(struct yw_modbus_bank *bank, uint64_t seed)
{
    uint64_t state = seed ^ 0x6d6f64627573u;
    const struct maker *maker =
        &makers[next(&state) % (sizeof(makers) / sizeof(makers[0]))];
    unsigned series = 1 + (unsigned)(next(&state) % 9);
    unsigned model = 10 + (unsigned)(next(&state) % 90);
    unsigned major = 1 + (unsigned)(next(&state) % 5);
    unsigned minor = (unsigned)(next(&state) % 20);
    unsigned serial = (unsigned)(next(&state) % 1000000);
    size_t size = YW_MODBUS_IDENTITY_MAX;
    (void)snprintf(bank->identity[YW_MODBUS_VENDOR], size, "%s", maker->vendor);
    (void)snprintf(bank->identity[YW_MODBUS_PRODUCT_CODE], size, "%s%u%02u-%06u",
                   maker->family, series, model, serial);
    (void)snprintf(bank->identity[YW_MODBUS_REVISION], size, "V%u.%u", major, minor);
    (void)snprintf(bank->identity[YW_MODBUS_VENDOR_URL], size, "%s", maker->host);
    (void)snprintf(bank->identity[YW_MODBUS_PRODUCT_NAME], size, "%s-%u00", maker->family,
                   series);
    (void)snprintf(bank->identity[YW_MODBUS_MODEL_NAME], size, "%s-%u%02u", maker->family,
                   series, model);
    (void)snprintf(bank->identity[YW_MODBUS_APPLICATION], size, "CPU %u", model);
    bank->server_id = (uint8_t)(1 + next(&state) % 250);
}
