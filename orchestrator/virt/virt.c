#include "virt/virt.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const how_names[] = {
    [YW_VIRT_HOW_ANY] = "any",
    [YW_VIRT_HOW_COLD] = "cold",
    [YW_VIRT_HOW_SAVED] = "saved",
    [YW_VIRT_HOW_SHARED] = "shared",
};

int yw_virt_call(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err)
{
    assert(call->done && call->deadline_ms > 0);
    return virt->ops->call(virt, call, err);
}

void yw_virt_cancel(struct yw_virt *virt, struct yw_virt_call *call)
{
    virt->ops->cancel(virt, call);
}

void yw_virt_field(struct yw_virt *virt, const char *uuid, const double *values,
                   size_t count)
{
    virt->ops->field(virt, uuid, values,
                     count < YW_VIRT_FIELD_MAX ? count : YW_VIRT_FIELD_MAX);
}

size_t yw_virt_hosts(const struct yw_virt *virt, struct yw_virt_host *ret, size_t max)
{
    if (virt->ops->hosts)
        return virt->ops->hosts(virt, ret, max);
    if (max == 0)
        return 0;
    *ret = (struct yw_virt_host){.name = "local", .weight = 1, .state = YW_HOST_UP};
    return 1;
}

int yw_virt_drain(struct yw_virt *virt, const char *host, bool on, struct yw_err *err)
{
    if (virt->ops->drain)
        return virt->ops->drain(virt, host, on, err);
    return yw_err_set(err, YW_ESTATE,
                      "host '%s': one host alone cannot be drained; name several in a "
                      "hosts file",
                      host);
}

int yw_virt_console_open(struct yw_virt *virt, struct yw_virt_console *console,
                         struct yw_err *err)
{
    assert(console->id == 0 && console->on_bytes && console->on_end);
    console->room = 0;
    return virt->ops->console_open(virt, console, err);
}

void yw_virt_console_send(struct yw_virt *virt, struct yw_virt_console *console,
                          const void *bytes, size_t size)
{
    assert(size <= console->room);
    if (console->id == 0 || size == 0)
        return;
    console->room -= size;
    virt->ops->console_send(virt, console, bytes, size);
}

void yw_virt_console_took(struct yw_virt *virt, struct yw_virt_console *console,
                          size_t size)
{
    if (console->id != 0 && size > 0)
        virt->ops->console_took(virt, console, size);
}

void yw_virt_console_close(struct yw_virt *virt, struct yw_virt_console *console)
{
    if (console->id != 0)
        virt->ops->console_close(virt, console);
    assert(console->id == 0);
}

const char *yw_virt_form_name(enum yw_virt_form form)
{
    return form == YW_VIRT_VNC ? "vnc" : "serial";
}

int yw_virt_form_of(const char *name)
{
    if (strcmp(name, "serial") == 0)
        return YW_VIRT_SERIAL;
    return strcmp(name, "vnc") == 0 ? YW_VIRT_VNC : -1;
}

void yw_virt_close(struct yw_virt *virt)
{
    if (virt)
        virt->ops->close(virt);
}

size_t yw_virt_piece_max(enum yw_virt_op op)
{
    return op == YW_VIRT_CARRIED_PUT ? YW_VIRT_PIECE_MAX : YW_VIRT_FILE_MAX;
}

void yw_virt_carried(const char *uuid, char ret[YW_UUID_SIZE])
{
    char name[YW_UUID_SIZE + 16];

    (void)snprintf(name, sizeof(name), "carried/%s", uuid);
    yw_uuid_from(name, ret);
}

const char *yw_virt_op_name(enum yw_virt_op op)
{
    static const char *const names[] = {
        [YW_VIRT_PROBE] = "probe",
        [YW_VIRT_LIST] = "list",
        [YW_VIRT_NETWORK_UP] = "network-up",
        [YW_VIRT_NETWORK_DOWN] = "network-down",
        [YW_VIRT_MACHINE_UP] = "machine-up",
        [YW_VIRT_MACHINE_SETUP] = "machine-setup",
        [YW_VIRT_MACHINE_DOWN] = "machine-down",
        [YW_VIRT_MACHINE_FIND] = "machine-find",
        [YW_VIRT_LINK] = "link",
        [YW_VIRT_RUN] = "run",
        [YW_VIRT_SWEEP] = "sweep",
        [YW_VIRT_POINT_SAVE] = "point-save",
        [YW_VIRT_POINT_LOAD] = "point-load",
        [YW_VIRT_POINT_DROP] = "point-drop",
        [YW_VIRT_EVIDENCE] = "evidence",
        [YW_VIRT_FREEZE] = "freeze",
        [YW_VIRT_THAW] = "thaw",
        [YW_VIRT_PUT] = "put",
        [YW_VIRT_GET] = "get",
        [YW_VIRT_MOVE] = "move",
        [YW_VIRT_SHAPE] = "shape",
        [YW_VIRT_PING] = "ping",
        [YW_VIRT_CAPTURE_START] = "capture-start",
        [YW_VIRT_CAPTURE_STOP] = "capture-stop",
        [YW_VIRT_FILES] = "files",
        [YW_VIRT_FILE] = "file",
        [YW_VIRT_FILE_DROP] = "file-drop",
        [YW_VIRT_CARRY] = "carry",
        [YW_VIRT_LIFT] = "lift",
        [YW_VIRT_CARRIED_ASK] = "carried-ask",
        [YW_VIRT_CARRIED_GET] = "carried-get",
        [YW_VIRT_CARRIED_PUT] = "carried-put",
        [YW_VIRT_CARRIED_END] = "carried-end",
    };
    _Static_assert(sizeof names / sizeof names[0] == YW_VIRT_CARRIED_END + 1,
                   "every call has a name");
    return (unsigned)op < sizeof names / sizeof names[0] ? names[op] : "unknown";
}

const char *yw_virt_how_name(enum yw_virt_how how)
{
    assert((unsigned)how < sizeof(how_names) / sizeof(how_names[0]));
    return how_names[how];
}

int yw_virt_how_of(const char *name)
{
    for (size_t i = 0; i < sizeof(how_names) / sizeof(how_names[0]); i++) {
        if (strcmp(how_names[i], name) == 0)
            return (int)i;
    }
    return -1;
}
