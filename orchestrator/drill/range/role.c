#include "drill/range/role.h"

#include "base/mem.h"
#include "controller/backend.h"
#include "controller/firewall.h"
#include "controller/rtu.h"
#include "controller/sensor.h"
#include "controller/tbox.h"
#include "controller/topics.h"
#include "controller/watch.h"
#include "drill/range/wiring.h"
#include "plant/plant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 1024 /* of one configuration */
#define WORD_BYTES 60  /* of a title; a word of the guest holds 63 */
#define TEXT_MAX (64 * 1024)

/* A configuration under way; lines[i] is where statement i + 1 was declared. */
struct text {
    const struct yw_spec *spec;
    int index; /* of the machine */
    const struct yw_spec_machine *machine;
    double speed;
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

/* A guest's clock is the wall's: in a drill at eight times its speed, a minute is 7.5 s. */
static void put_sensor(struct text *text)
{
    int64_t usual_ms = (int64_t)YW_SENSOR_LEARN_S * 1000;
    int64_t learn_ms = text->machine->learn_ms > 0 ? text->machine->learn_ms : usual_ms;
    double learn_s = (double)learn_ms / 1000 / text->speed;
    if (learn_s != YW_SENSOR_LEARN_S) {
        yw_buf_printf(next(text, text->machine->line), "learn %.9g\n", learn_s);
    }
    put_masters(text);
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

static const struct yw_plant_model *model_of(const struct text *text,
                                             const struct yw_spec_machine *machine)
{
    return machine->plant < 0
               ? NULL
               : yw_plant_model_find(text->spec->plants[machine->plant].model);
}

static void put_rtu(struct text *text)
{
    const struct yw_spec *spec = text->spec;
    const struct yw_plant_model *model = model_of(text, text->machine);
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

/* One word of the configuration: at most 60 bytes of it, whole characters. */
static void put_word(struct yw_buf *out, const char *text)
{
    size_t size = 0;
    yw_buf_puts(out, " \"");
    while (text[size] != '\0' && size < WORD_BYTES) {
        size++;
    }
    while (text[size] != '\0' && ((unsigned char)text[size] & 0xc0) == 0x80) {
        size--;
    }
    for (size_t i = 0; i < size; i++) {
        yw_buf_put(out, text[i] == '"' || text[i] == '\n' ? " " : &text[i], 1);
    }
    yw_buf_puts(out, "\"");
}

static const struct yw_spec_machine *served(const struct text *text)
{
    return &text->spec->machines[text->machine->serves];
}

/* The plant behind the controller that this machine reads; NULL: none. */
static const struct yw_plant_model *model_served(const struct text *text)
{
    return text->machine->serves < 0 ? NULL : model_of(text, served(text));
}

void yw_role_served(const struct yw_spec *spec, int machine, char ret[16])
{
    const struct yw_spec_machine *here = &spec->machines[machine];
    const struct yw_spec_machine *there = &spec->machines[here->serves];
    uint32_t address = there->nics[0].address;
    for (size_t i = 0; i < here->nic_count; i++) {
        for (size_t k = 0; k < there->nic_count; k++) {
            if (here->nics[i].network == there->nics[k].network) {
                address = there->nics[k].address;
            }
        }
    }
    yw_spec_address_text(address, ret);
}

static void put_controller(struct text *text)
{
    char word[16];
    yw_role_served(text->spec, text->index, word);
    yw_buf_printf(next(text, text->machine->line), "plc %s 1\n", word);
    if (text->machine->pace_ms > 0) {
        yw_buf_printf(next(text, text->machine->line), "pace %lld\n",
                      (long long)text->machine->pace_ms);
    }
}

static void put_tag(struct text *text, const struct yw_plant_tag *tag,
                    const struct yw_plant_point *at)
{
    static const char *const tables[] = {[YW_PLANT_INPUT_REGISTER] = "input",
                                         [YW_PLANT_HOLDING_REGISTER] = "holding",
                                         [YW_PLANT_COIL] = "coil",
                                         [YW_PLANT_DISCRETE] = "discrete"};
    bool is_register = at->table <= YW_PLANT_HOLDING_REGISTER;
    struct yw_buf *out = next(text, text->machine->line);
    yw_buf_printf(out, "tag %s", tag->name);
    put_word(out, tag->unit);
    yw_buf_printf(out, " %s %d %.9g %.9g %.9g", tables[at->table], at->address,
                  is_register ? at->scale : 1, tag->low, tag->high);
    put_word(out, tag->title.zh);
    put_word(out, tag->title.en);
    yw_buf_printf(out, " %.9g\n", is_register ? at->offset : 0);
}

/* Tags where a controller's registers have them. */
static void put_mapped(struct text *text, const struct yw_plant_model *model)
{
    struct yw_wire_ends ends;
    yw_wiring_ends(text->spec, text->machine->serves, &ends);
    for (size_t i = 0; i < ends.tag_count && i < YW_WATCH_TAGS_MAX; i++) {
        const struct yw_plant_point at =
            yw_wiring_point(text->spec, text->machine->serves, &ends, i);
        if (at.table != YW_PLANT_UNMAPPED) {
            put_tag(text, &model->tags[ends.tags[i]], &at);
        }
    }
}

struct yw_rtu *yw_role_outstation(const struct yw_spec *spec, int machine)
{
    char problem[YW_CONF_PROBLEM_MAX];
    struct yw_rtu *rtu = yw_new(sizeof *rtu);
    struct yw_buf conf;
    yw_buf_init(&conf, TEXT_MAX);
    yw_role_write(spec, machine, 1, &conf); /* an outstation measures no spans */
    yw_rtu_init(rtu, 0);
    bool known = yw_rtu_load(rtu, conf.data, conf.size, problem) == 0;
    yw_buf_fini(&conf);
    if (!known) {
        free(rtu);
    }
    return known ? rtu : NULL;
}

/* Tags where an outstation mirrors its points. */
static void put_mirrored(struct text *text, const struct yw_plant_model *model)
{
    struct yw_rtu *rtu = yw_role_outstation(text->spec, text->machine->serves);
    for (uint16_t i = 0; rtu != NULL && i < rtu->point_count && i < YW_WATCH_TAGS_MAX; i++) {
        const struct yw_rtu_point *point = &rtu->points[i];
        bool is_bit = yw_rtu_table(point->shape) == YW_RTU_DISCRETE;
        if (point->of_output || (!is_bit && yw_rtu_table(point->shape) != YW_RTU_INPUT)) {
            continue;
        }
        const struct yw_plant_point at = {.table = is_bit ? YW_PLANT_DISCRETE
                                                          : YW_PLANT_INPUT_REGISTER,
                                          .address = point->mirror,
                                          .scale = point->scale};
        put_tag(text, &model->tags[point->tag], &at);
    }
    free(rtu);
}

static void put_watch(struct text *text)
{
    const struct yw_plant_model *model = model_served(text);
    if (model == NULL) {
        return;
    }
    put_controller(text);
    if (strcmp(served(text)->image, "rtu") == 0) {
        put_mirrored(text, model);
    } else {
        put_mapped(text, model);
    }
}

/* Alarms of tags that the station reads. */
static void put_limits(struct text *text, const struct yw_plant_model *model)
{
    for (size_t i = 0; i < model->limit_count && i < YW_WATCH_LIMITS_MAX; i++) {
        const struct yw_plant_limit *limit = &model->limits[i];
        const char *name = model->tags[limit->tag].name;
        char line[YW_NAME_MAX + 8];
        (void)snprintf(line, sizeof line, "\ntag %s ", name);
        if (strstr(text->out->data, line) != NULL) {
            yw_buf_printf(next(text, text->machine->line), "limit %s %s %.9g %d\n", name,
                          limit->above ? "above" : "below", limit->value, limit->level);
        }
    }
}

/* All that a station shows: title, tags and their limits. */
static void put_station(struct text *text)
{
    const struct yw_plant_model *model = model_served(text);
    if (model == NULL) {
        return;
    }
    struct yw_buf *out = next(text, text->machine->line);
    yw_buf_puts(out, "title");
    put_word(out, model->title.zh);
    put_word(out, model->title.en);
    yw_buf_puts(out, "\n");
    put_watch(text);
    put_limits(text, model);
}

static void put_hmi(struct text *text)
{
    const struct yw_plant_model *model = model_served(text);
    if (model != NULL && strcmp(model->name, "water-dosing") != 0) {
        put_station(text); /* the image has that one's pages */
    }
}

/* Every word between quotes, so that a '#' begins no remark; "ops:summer24" is two. What
 * has a quote itself makes no sense to the guest's reader, which says so. */
static void put_words(struct yw_buf *out, const char *at, const char *blanks)
{
    while (*(at += strspn(at, blanks)) != '\0') {
        size_t size = strcspn(at, blanks);
        yw_buf_printf(out, " \"%.*s\"", (int)size, at);
        at += size;
    }
    yw_buf_puts(out, "\n");
}

static void put_statements(struct text *text, enum yw_spec_statement_kind kind,
                           const char *keyword)
{
    for (size_t i = 0; i < text->spec->statement_count; i++) {
        const struct yw_spec_statement *statement = &text->spec->statements[i];
        if (statement->machine != text->index || statement->kind != kind) {
            continue;
        }
        struct yw_buf *out = next(text, statement->line);
        yw_buf_puts(out, keyword);
        put_words(out, statement->text, kind == YW_SPEC_ACCOUNT ? ":" : " ");
    }
}

static void put_firewall(struct text *text)
{
    for (size_t i = 0; i < text->machine->nic_count; i++) {
        yw_buf_printf(next(text, text->machine->line), "zone %s\n",
                      text->spec->networks[text->machine->nics[i].network].name);
    }
    put_statements(text, YW_SPEC_FORWARD, "rule");
    put_statements(text, YW_SPEC_ACCOUNT, "account");
}

static void put_jump(struct text *text)
{
    put_statements(text, YW_SPEC_ACCOUNT, "account");
}

static void put_broker(struct text *text)
{
    put_statements(text, YW_SPEC_ACCOUNT, "account");
    put_statements(text, YW_SPEC_TOPIC, "topic");
}

/* Where its broker is, as whom, and what signs commands. */
static void put_client(struct text *text)
{
    char word[16];
    yw_role_served(text->spec, text->index, word);
    yw_buf_printf(next(text, text->machine->line), "broker %s\n", word);
    put_statements(text, YW_SPEC_ACCOUNT, "account");
    if (text->machine->password[0] != '\0') {
        struct yw_buf *out = next(text, text->machine->line);
        yw_buf_puts(out, "key");
        put_word(out, text->machine->password);
        yw_buf_puts(out, "\n");
    }
}

static void put_tbox(struct text *text)
{
    const struct yw_plant_model *model = model_of(text, text->machine);
    put_client(text);
    if (text->machine->pace_ms > 0) {
        yw_buf_printf(next(text, text->machine->line), "pace %lld\n",
                      (long long)text->machine->pace_ms);
    }
    if (model != NULL) {
        put_plant(text, model);
    }
}

static int try_backend(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_backend *backend = yw_new(sizeof *backend);
    int code = yw_backend_load(backend, out->data, out->size, problem);
    free(backend);
    return code;
}

static int try_tbox(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_tbox *tbox = yw_new(sizeof *tbox);
    int code = yw_tbox_load(tbox, out->data, out->size, problem);
    free(tbox);
    return code;
}

static int try_firewall(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_firewall *firewall = yw_new(sizeof *firewall);
    int code = yw_firewall_load(firewall, out->data, out->size, problem);
    free(firewall);
    return code;
}

static int try_jump(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_accounts *accounts = yw_new(sizeof *accounts);
    int code = yw_accounts_load(accounts, out->data, out->size, problem);
    free(accounts);
    return code;
}

static int try_broker(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_topics *topics = yw_new(sizeof *topics);
    int code = yw_topics_load(topics, out->data, out->size, problem);
    free(topics);
    return code;
}

static int try_watch(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_watch *watch = yw_new(sizeof *watch);
    yw_watch_init(watch);
    int code = yw_watch_load(watch, out->data, out->size, problem);
    free(watch);
    return code;
}

static int try_sensor(const struct yw_buf *out, char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_sensor *sensor = yw_new(sizeof *sensor);
    yw_sensor_init(sensor);
    int code = yw_sensor_load(sensor, out->data, out->size, problem);
    free(sensor);
    return code;
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
    {"backend", put_client, try_backend},
    {"tbox", put_tbox, try_tbox},
    {"broker", put_broker, try_broker},
    {"firewall", put_firewall, try_firewall},
    {"historian", put_watch, try_watch},
    {"hmi", put_hmi, try_watch},
    {"jump", put_jump, try_jump},
    {"noise", put_watch, try_watch},
    {"rtu", put_rtu, try_rtu},
    {"sensor", put_sensor, try_sensor},
    {"", put_station, try_watch}, /* a full image that serves a controller */
};

#define ROLES (sizeof roles / sizeof roles[0])

static size_t role_of(const struct yw_spec_machine *machine)
{
    bool reads = machine->serves >= 0 && !yw_spec_is_micro(machine->image);
    const char *image = reads ? "" : machine->image;
    size_t role = 0;
    while (role < ROLES && strcmp(roles[role].image, image) != 0) {
        role++;
    }
    return role;
}

void yw_role_write(const struct yw_spec *spec, int machine, double speed,
                   struct yw_buf *out)
{
    struct text *text = yw_new(sizeof *text);
    size_t role = role_of(&spec->machines[machine]);
    text->spec = spec;
    text->index = machine;
    text->machine = &spec->machines[machine];
    text->speed = speed;
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
    text->speed = 1.0;
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
