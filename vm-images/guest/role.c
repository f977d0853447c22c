#include "guest/guest.h"

#include <string.h>

static const struct role attacker = {.name = "attacker"};

static const struct role *const roles[] = {
    &attacker, &role_backend, &role_broker, &role_firewall, &role_historian,
    &role_hmi, &role_jump,    &role_noise,  &role_plc,      &role_remote_io,
    &role_rtu, &role_sensor,  &role_sis,    &role_tbox,
};

const struct role *role_find(const char *name)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(roles[i]->name, name) == 0)
            return roles[i];
    }
    return NULL;
}

size_t role_room(void)
{
    size_t room = 1;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (roles[i]->size > room)
            room = roles[i]->size;
    }
    return room;
}

bool field_read(struct guest *guest, struct yw_field_record *ret)
{
    for (;;) {
        guest->field_in_size +=
            port_read(&guest->field, guest->field_in + guest->field_in_size,
                      sizeof(guest->field_in) - guest->field_in_size);
        if (guest->field_in_size < sizeof(guest->field_in))
            return false;
        memcpy(ret, guest->field_in, sizeof(*ret));
        if (ret->magic == YW_FIELD_MAGIC) {
            guest->field_in_size = 0;
            return true;
        }
        guest->field_in_size--;
        memmove(guest->field_in, guest->field_in + 1, guest->field_in_size);
    }
}
