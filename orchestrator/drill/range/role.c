#include "drill/range/role.h"

#include "base/mem.h"
#include "controller/rtu.h"
#include "plant/plant.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 1024 /* of one configuration */
#define TEXT_MAX (64 * 1024)

/* A configuration under way; lines[i] is where statement i + 1 was declared. */
struct text {
    const struct yw_spec *spec;
    int index; /* of the machine */
    const struct yw_spec_machine *machine;
    struct yw_buf *out;
    int lines[LINES_MAX];
    size_t count;
};

/* Begins the next statement; the caller prints it with its end of line. */
static struct yw_buf *next(struct text *text, int line)
{
    if (text->count < LINES_MAX) {
        text->lines[text->count++] = line;
    }
    return text->out;
}

/* All addresses of the masters, as one word. */
static void put_masters(struct text *text)
{
    char address[16];
    if (text->machine->master_count == 0) {
        return;
    }
    struct yw_buf *out = next(text, text->machine->line);
    yw_buf_puts(out, "masters \"");
    for (size_t i = 0; i < text->machine->master_count; i++) {
        const struct yw_spec_machine *master =
            &text->spec->machines[text->machine->masters[i]];
        for (size_t n = 0; n < master->nic_count; n++) {
            yw_spec_address_text(master->nics[n].address, address);
            yw_buf_printf(out, "%s ", address);
        }
    }
    yw_buf_puts(out, "\"\n");
}

static void put_plant(struct text *text, const struct yw_plant_model *model)
{
    int line = text->machine->line;
    for (size_t i = 0; i < model->tag_count; i++) {
        const struct yw_plant_tag *tag = &model->tags[i];
        yw_buf_printf(next(text, line), "sensor %s %.9g %.9g\n", tag->name, tag->low,
                      tag->high);
    }
    for (size_t i = 0; i < yw_plant_wired(model); i++) {
        const struct yw_plant_input *input = &model->inputs[i];
        yw_buf_printf(next(text, line), "output %s %.9g %.9g %.9g\n", input->name,
                      input->low, input->high, input->initial);
    }
}

static void put_rtu(struct text *text)
{
    const struct yw_spec *spec = text->spec;
    const struct yw_plant_model *model =
        text->machine->plant < 0
            ? NULL
            : yw_plant_model_find(spec->plants[text->machine->plant].model);
    yw_buf_printf(next(text, text->machine->line), "station %d\n",
                  text->machine->station == 0 ? 1 : text->machine->station);
    put_masters(text);
    if (model != NULL) {
        put_plant(text, model);
    }
    for (size_t i = 0; i < spec->point_count; i++) {
        const struct yw_spec_point *point = &spec->points[i];
        if (point->machine != text->index) {
            continue;
        }
        struct yw_buf *out = next(text, point->line);
        yw_buf_printf(out, "point %d %s %s", point->address, point->type, point->tag);
        if (point->deadband >= 0) {
            yw_buf_printf(out, " deadband %.9g", point->deadband);
        }
        if (point->scale > 0) {
            yw_buf_printf(out, " scale %.9g", point->scale);
        }
        if (point->select_ms > 0) {
            yw_buf_printf(out, " select %lld", (long long)point->select_ms);
        }
        yw_buf_puts(out, "\n");
    }
}

static int try_rtu(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_rtu *rtu = yw_new(sizeof *rtu);
    yw_rtu_init(rtu, 0);
    int code = yw_rtu_load(rtu, out->data, out->size, problem);
    free(rtu);
    return code;
}

static const struct {
    const char *image;
    void (*put)(struct text *text);
    int (*try)(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX]);
} roles[] = {
    {"rtu", put_rtu, try_rtu},
};

#define ROLES (sizeof roles / sizeof roles[0])

static size_t role_of(const struct yw_spec_machine *machine)
{
    size_t role = 0;
    while (role < ROLES && strcmp(roles[role].image, machine->image) != 0) {
        role++;
    }
    return role;
}

void yw_role_write(const struct yw_spec *spec, int machine, struct yw_buf *out)
{
    struct text *text = yw_new(sizeof *text);
    size_t role = role_of(&spec->machines[machine]);
    text->spec = spec;
    text->index = machine;
    text->machine = &spec->machines[machine];
    text->out = out;
    if (role < ROLES) {
        roles[role].put(text);
    }
    free(text);
}

/* "line 7: WHY" of the guest's reader, where the scenario says it. */
static int refuse(const struct text *text, const char *problem, struct yw_err *err)
{
    unsigned long line =
        strncmp(problem, "line ", 5) == 0 ? strtoul(problem + 5, NULL, 10) : 0;
    const char *why = strstr(problem, ": ");
    bool known = line >= 1 && line <= text->count && why != NULL;
    return yw_err_set(err, YW_EINVAL, "scenario.lua:%d: machine '%s': %s",
                      known ? text->lines[line - 1] : text->machine->line,
                      text->machine->name, known ? why + 2 : problem);
}

static int check_machine(const struct yw_spec *spec, int machine, struct yw_err *err)
{
    char problem[YW_CONF_PROBLEM_MAX] = "";
    size_t role = role_of(&spec->machines[machine]);
    if (role == ROLES) {
        return 0;
    }
    struct yw_buf out;
    struct text *text = yw_new(sizeof *text);
    yw_buf_init(&out, TEXT_MAX);
    text->spec = spec;
    text->index = machine;
    text->machine = &spec->machines[machine];
    text->out = &out;
    roles[role].put(text);
    int code = 0;
    if (out.overflow || text->count == LINES_MAX) {
        code = refuse(text, "its configuration is too long", err);
    } else if (roles[role].try(&out, problem) != 0) {
        code = refuse(text, problem, err);
    }
    yw_buf_fini(&out);
    free(text);
    return code;
}

int yw_role_check(const struct yw_spec *spec, struct yw_err *err)
{
    int code = 0;
    for (size_t i = 0; i < spec->machine_count && code == 0; i++) {
        code = check_machine(spec, (int)i, err);
    }
    return code;
}
