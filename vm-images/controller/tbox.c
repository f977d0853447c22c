#include "controller/tbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOVING_M_S 1.0
#define FIRST_RELEASE 1 /* 2.4.0 */
#define PACE_MS 5000

/* ---- configuration ---- */

/* "speed_07" is 6; -1: no such name. */
static int car_of(const char *name, const char *what)
{
    size_t size = strlen(what);
    char *end = NULL;
    if (strncmp(name, what, size) != 0 || name[size] != '_')
        return -1;
    long number = strtol(name + size + 1, &end, 10);
    return end == name + size + 1 || *end != '\0' || number < 1 ||
                   number > YW_VEHICLES_MAX
               ? -1
               : (int)number - 1;
}

static void name_wire(struct yw_tbox *tbox, const char *name, bool is_output, int index)
{
    static const struct {
        const char *what;
        bool is_output;
        size_t at;
    } wires[] = {
        {"speed", false, offsetof(struct yw_tbox_car, speed)},
        {"soc", false, offsetof(struct yw_tbox_car, soc)},
        {"immobilise", true, offsetof(struct yw_tbox_car, immobilise)},
        {"unlock", true, offsetof(struct yw_tbox_car, unlock)},
        {"limit", true, offsetof(struct yw_tbox_car, limit)},
    };
    for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        int car = wires[i].is_output == is_output ? car_of(name, wires[i].what) : -1;
        if (car >= 0)
            memcpy((char *)&tbox->cars[car] + wires[i].at, &index, sizeof(index));
    }
}

static int read_wire(struct yw_tbox *tbox, const struct yw_conf_line *line,
                     bool is_output, char *problem)
{
    double low = 0;
    double high = 0;
    double initial = 0;
    uint16_t *count = is_output ? &tbox->output_count : &tbox->sensor_count;
    if (line->count != (is_output ? 5 : 4) ||
        !yw_conf_number(line->words[2], -1e9, 1e9, &low) ||
        !yw_conf_number(line->words[3], low, 1e9, &high) ||
        (is_output && !yw_conf_number(line->words[4], low, high, &initial)))
        return yw_conf_refuse(
            line, "expected sensor NAME LOW HIGH or output NAME LOW HIGH INITIAL", "",
            problem);
    if (*count == YW_FIELD_VALUES)
        return yw_conf_refuse(line, "more values than a field has", "", problem);
    name_wire(tbox, line->words[1], is_output, *count);
    if (is_output)
        tbox->outputs[*count] = (struct yw_tbox_output){low, high, initial};
    (*count)++;
    return 0;
}

static int read_line(struct yw_tbox *tbox, const struct yw_conf_line *line, char *problem)
{
    const char *what = line->words[0];
    double pace = 0;
    if (line->bad)
        return yw_conf_refuse(line, "too many words, or one too long", "", problem);
    if (strcmp(what, "sensor") == 0 || strcmp(what, "output") == 0)
        return read_wire(tbox, line, what[0] == 'o', problem);
    if (yw_mqtt_client_read(&tbox->client, line))
        return 0;
    if (strcmp(what, "key") == 0 && line->count == 2) {
        memcpy(tbox->key, line->words[1], sizeof(tbox->key));
    } else if (strcmp(what, "pace") == 0 && line->count == 2 &&
               yw_conf_number(line->words[1], 100, 3600000, &pace)) {
        tbox->pace_ms = (int64_t)pace;
    } else {
        return yw_conf_refuse(
            line, "expected broker, account, key, pace, sensor or output", what, problem);
    }
    return 0;
}

int yw_tbox_load(struct yw_tbox *tbox, const char *text, size_t size,
                 char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    void (*tell)(void *arg, const char *line) = tbox->line;
    void *arg = tbox->arg;
    memset(tbox, 0, sizeof(*tbox));
    tbox->line = tell;
    tbox->arg = arg;
    tbox->pace_ms = PACE_MS;
    (void)snprintf(tbox->client.id, sizeof(tbox->client.id), "tbox");
    (void)snprintf(tbox->client.filter, sizeof(tbox->client.filter), "fleet/+/command");
    tbox->told_ms = -1;
    for (int i = 0; i < YW_VEHICLES_MAX; i++)
        tbox->cars[i] = (struct yw_tbox_car){.speed = -1,
                                             .soc = -1,
                                             .immobilise = -1,
                                             .unlock = -1,
                                             .limit = -1,
                                             .release = FIRST_RELEASE,
                                             .pending = -1,
                                             .flash_ms = -1};
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        if (read_line(tbox, &line, problem) != 0)
            return -1;
    }
    return 0;
}

/* ---- the field ---- */

bool yw_tbox_sense(struct yw_tbox *tbox, const struct yw_field_record *record)
{
    if (record->magic != YW_FIELD_MAGIC || record->count != tbox->sensor_count)
        return false;
    memcpy(tbox->sensors, record->value, record->count * sizeof(record->value[0]));
    tbox->sensed = true;
    return true;
}

static double sensed(const struct yw_tbox *tbox, int index)
{
    return index < 0 ? 0 : tbox->sensors[index];
}

static double ordered(const struct yw_tbox *tbox, int index)
{
    return index < 0 ? 0 : tbox->outputs[index].value;
}

static bool moves(const struct yw_tbox *tbox, const struct yw_tbox_car *car)
{
    return sensed(tbox, car->speed) > MOVING_M_S;
}

static bool guarded(const struct yw_tbox_car *car)
{
    return yw_vehicle_release(car->release)->guarded;
}

static void say(const struct yw_tbox *tbox, const char *line)
{
    if (tbox->line != NULL)
        tbox->line(tbox->arg, line);
}

/* A car takes its release while it stands, and does not drive meanwhile. */
static void flash(struct yw_tbox *tbox, int index, int64_t now_ms)
{
    struct yw_tbox_car *car = &tbox->cars[index];
    char vin[YW_VIN_SIZE];
    char line[YW_TBOX_LINE_MAX];
    if (car->pending >= 0 && car->flash_ms < 0 && tbox->sensed && !moves(tbox, car))
        car->flash_ms = now_ms + YW_TBOX_FLASH_MS;
    if (car->flash_ms < 0 || now_ms < car->flash_ms)
        return;
    car->release = car->pending;
    car->pending = -1;
    car->flash_ms = -1;
    yw_vehicle_vin(index, vin);
    (void)snprintf(line, sizeof(line),
                   "{\"kind\":\"vehicle-release\",\"vin\":\"%s\",\"release\":\"%s\"}",
                   vin, yw_vehicle_release(car->release)->name);
    say(tbox, line);
}

static void step(struct yw_tbox *tbox, int index, int64_t now_ms)
{
    const struct yw_tbox_car *car = &tbox->cars[index];
    flash(tbox, index, now_ms);
    if (car->unlock >= 0 && guarded(car) && moves(tbox, car))
        tbox->outputs[car->unlock].value = 0; /* locks at drive-away */
    if (car->immobilise >= 0)
        tbox->outputs[car->immobilise].value = car->immobilised || car->flash_ms >= 0;
}

void yw_tbox_scan(struct yw_tbox *tbox, int64_t now_ms, struct yw_field_record *ret)
{
    for (int i = 0; i < YW_VEHICLES_MAX; i++)
        step(tbox, i, now_ms);
    memset(ret, 0, sizeof(*ret));
    ret->magic = YW_FIELD_MAGIC;
    ret->scan = ++tbox->scans;
    ret->count = tbox->output_count;
    ret->views = tbox->sensed ? tbox->sensor_count : 0;
    for (uint16_t i = 0; i < tbox->output_count; i++)
        ret->value[i] = tbox->outputs[i].value;
    memcpy(ret->view, tbox->sensors, ret->views * sizeof(ret->view[0]));
}

/* ---- commands ---- */

static bool set(struct yw_tbox *tbox, int output, double value)
{
    if (output < 0 || value < tbox->outputs[output].low ||
        value > tbox->outputs[output].high)
        return false;
    tbox->outputs[output].value = value;
    return true;
}

/* Any release that the maker signed, whoever asks for it; NULL: done. */
static const char *update(struct yw_tbox_car *car, const char *name)
{
    int release = yw_vehicle_release_find(name);
    if (release < 0)
        return "unsigned";
    if (release < car->release && yw_vehicle_release(car->release)->no_way_back)
        return "rollback";
    car->pending = release;
    return NULL;
}

static const char *immobilise_car(struct yw_tbox_car *car, bool on)
{
    if (car->immobilise < 0)
        return "unwired";
    car->immobilised = on;
    return NULL;
}

static const char *obey(struct yw_tbox *tbox, struct yw_tbox_car *car,
                        const struct yw_vehicle_command *command)
{
    double value = 0;
    bool lock = strcmp(command->name, "lock") == 0;
    bool immobilise = strcmp(command->name, "immobilise") == 0;
    bool limit = strcmp(command->name, "limit") == 0;
    if (!lock && !immobilise && !limit)
        return "unknown";
    if (!yw_conf_number(command->value, 0, limit ? YW_VEHICLE_LIMIT_MAX : 1, &value))
        return "value";
    if (guarded(car) && moves(tbox, car) && (lock ? value < 1 : immobilise && value > 0))
        return "moving";
    if (lock)
        return set(tbox, car->unlock, value < 1 ? 1 : 0) ? NULL : "unwired";
    if (immobilise)
        return immobilise_car(car, value >= 1);
    return set(tbox, car->limit, value > 0 ? value : YW_VEHICLE_LIMIT_MAX) ? NULL
                                                                           : "unwired";
}

static const char *judge(struct yw_tbox *tbox, int index,
                         const struct yw_vehicle_command *command)
{
    struct yw_tbox_car *car = &tbox->cars[index];
    if (strcmp(command->name, "ota") == 0)
        return update(car, command->value);
    if (command->sign != yw_vehicle_sign(tbox->key, index, command))
        return "sign";
    if (guarded(car) && command->id <= car->last_id)
        return "replayed";
    if (command->id > car->last_id)
        car->last_id = command->id;
    return obey(tbox, car, command);
}

void yw_tbox_message(struct yw_tbox *tbox, const char *topic, const char *text)
{
    struct yw_vehicle_command command;
    char line[YW_TBOX_LINE_MAX];
    char vin[YW_VIN_SIZE];
    int car = yw_vehicle_of(topic, "command");
    if (car < 0 || tbox->cars[car].speed < 0)
        return;
    bool known = yw_vehicle_read(text, &command);
    const char *why = known ? judge(tbox, car, &command) : "nonsense";
    yw_vehicle_vin(car, vin);
    yw_vehicle_topic(car, "reply", tbox->reply_topic);
    (void)snprintf(tbox->reply, sizeof(tbox->reply),
                   "{\"id\":%lu,\"command\":\"%s\",\"done\":%s,\"why\":\"%s\"}",
                   (unsigned long)command.id, command.name, why ? "false" : "true",
                   why ? why : "");
    (void)snprintf(line, sizeof(line),
                   "{\"kind\":\"vehicle-command\",\"vin\":\"%s\",\"command\":\"%s\","
                   "\"value\":\"%s\",\"id\":%lu,\"done\":%s,\"why\":\"%s\"}",
                   vin, command.name, command.value, (unsigned long)command.id,
                   why ? "false" : "true", why ? why : "");
    say(tbox, line);
}

/* ---- what the cars say ---- */

static void tell(const struct yw_tbox *tbox, int index, char topic[YW_MQTT_TOPIC_MAX],
                 char text[YW_MQTT_TEXT_MAX])
{
    const struct yw_tbox_car *car = &tbox->cars[index];
    double limit = ordered(tbox, car->limit);
    yw_vehicle_topic(index, "telemetry", topic);
    (void)snprintf(text, YW_MQTT_TEXT_MAX,
                   "{\"speed\":%.2f,\"soc\":%.3f,\"locked\":%d,\"immobilised\":%d,"
                   "\"limit\":%.1f,\"updating\":%d,\"release\":\"%s\"}",
                   sensed(tbox, car->speed), sensed(tbox, car->soc),
                   ordered(tbox, car->unlock) < 0.5,
                   ordered(tbox, car->immobilise) >= 0.5,
                   limit < YW_VEHICLE_LIMIT_MAX ? limit : 0, car->flash_ms >= 0,
                   yw_vehicle_release(car->release)->name);
}

/* Evenly, so that no burst of sixteen meets the broker. */
bool yw_tbox_next(struct yw_tbox *tbox, int64_t now_ms, char topic[YW_MQTT_TOPIC_MAX],
                  char text[YW_MQTT_TEXT_MAX])
{
    if (tbox->reply_topic[0] != '\0') {
        memcpy(topic, tbox->reply_topic, sizeof(tbox->reply_topic));
        memcpy(text, tbox->reply, sizeof(tbox->reply));
        tbox->reply_topic[0] = '\0';
        return true;
    }
    if (!tbox->sensed)
        return false;
    if (tbox->told_ms < 0 || now_ms - tbox->told_ms > 2 * tbox->pace_ms)
        tbox->told_ms = now_ms; /* the beginning, or a machine that slept */
    while (now_ms >= tbox->told_ms) {
        int car = tbox->next_car;
        tbox->next_car = (car + 1) % YW_VEHICLES_MAX;
        tbox->told_ms += (tbox->pace_ms + YW_VEHICLES_MAX - 1) / YW_VEHICLES_MAX;
        if (tbox->cars[car].speed >= 0) {
            tell(tbox, car, topic, text);
            return true;
        }
    }
    return false;
}

int64_t yw_tbox_due(const struct yw_tbox *tbox)
{
    return tbox->told_ms < 0 ? INT64_MAX : tbox->told_ms;
}
