#include "codec/facts.h"

#include "codec/request/request.h"
#include "codec/write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((int64_t)1 << 40)

static int number(const char *text, size_t size, const char *pointer, int64_t low,
                  int64_t *ret, struct yw_err *err)
{
    char value[32];
    char *end = NULL;

    if (yw_json_get(text, size, pointer, value, sizeof value) != 0)
        return yw_err_set(err, YW_EINVAL, "facts of the host: %s: missing", pointer);
    errno = 0;
    *ret = strtoll(value, &end, 10);
    if (errno != 0 || *end != '\0' || end == value || *ret < low || *ret > NUMBER_MAX)
        return yw_err_set(err, YW_EINVAL, "facts of the host: %s: '%s'", pointer, value);
    return 0;
}

int yw_facts_decode(struct yw_host_facts *ret, const char *text, size_t size,
                    struct yw_err *err)
{
    char way[16];
    int code = number(text, size, "/cores", 1, &ret->cores, err);

    if (code == 0)
        code = number(text, size, "/memory_mib", 0, &ret->memory_mib, err);
    if (code == 0)
        code = number(text, size, "/disk_mib", 0, &ret->disk_mib, err);
    if (code < 0)
        return code;
    int known = yw_json_get(text, size, "/how", way, sizeof way) == 0
                    ? yw_admit_way_of(way)
                    : YW_ADMIT_COLD;

    if (known < 0)
        return yw_err_set(err, YW_EINVAL, "facts of the host: /how: '%s'", way);
    ret->way = (enum yw_admit_way)known;
    ret->alone = yw_json_get(text, size, "/spans", way, sizeof way) == 0 &&
                 strcmp(way, "false") == 0;
    ret->filters = yw_json_get(text, size, "/filters", way, sizeof way) == 0 &&
                   strcmp(way, "true") == 0;
    ret->no_capture = yw_json_get(text, size, "/capture", way, sizeof way) == 0 &&
                      strcmp(way, "false") == 0;
    return 0;
}

static void write_load(struct yw_writer *w, const char *key,
                       const struct yw_place_load *load)
{
    yw_write_object(w, key);
    yw_write_int(w, "cpu_ms", load->boot_ms);
    yw_write_int(w, "disk_mib", load->disk_mib);
    yw_write_int(w, "memory_mib", load->memory_mib);
    yw_write_int(w, "millicores", load->millicores);
    yw_write_end(w, '}');
}

static void write_hosts(struct yw_writer *w, const struct yw_admit *admit)
{
    yw_write_array(w, "hosts");
    for (size_t i = 0; i < admit->host_count; i++) {
        int64_t machines = 0;

        for (size_t m = 0; admit->ok && m < admit->place.machine_count; m++)
            machines += admit->place.machines[m].host == (int)i;
        yw_write_object(w, NULL);
        yw_write_int(w, "machines", machines);
        yw_write_string(w, "name", admit->hosts[i].name);
        write_load(w, "room", &admit->rooms[i].room);
        write_load(w, "used", &admit->place.used[i]);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_machines(struct yw_writer *w, const struct yw_admit *admit)
{
    yw_write_array(w, "machines");
    for (size_t i = 0; admit->ok && i < admit->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &admit->plan->machines[i];

        yw_write_object(w, NULL);
        yw_write_string(w, "host", admit->hosts[admit->place.machines[i].host].name);
        yw_write_string(w, "machine", machine->name);
        yw_write_string(w, "team", machine->team_name);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

void yw_admit_write(struct yw_writer *w, const char *key, const struct yw_admit *admit)
{
    yw_write_object(w, key);
    yw_write_string(w, "detail", admit->detail);
    write_hosts(w, admit);
    yw_write_string(w, "lacks", admit->lacks);
    write_machines(w, admit);
    yw_write_bool(w, "ok", admit->ok);
    yw_write_int(w, "reset_mib", admit->reset_mib);
    yw_write_array(w, "spans");
    for (size_t i = 0; i < admit->place.span_count; i++) {
        const struct yw_place_span *span = &admit->place.spans[i];

        yw_write_object(w, NULL);
        yw_write_string(w, "network", admit->spec->networks[span->network].name);
        yw_write_string(w, "team", admit->plan->teams[span->team]);
        yw_write_int(w, "vni", span->vni);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
    write_load(w, "team", &admit->team);
    yw_write_int(w, "teams_max", admit->teams_max);
    write_load(w, "total", &admit->total);
    yw_write_end(w, '}');
}
