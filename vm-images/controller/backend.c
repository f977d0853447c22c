#include "controller/backend.h"

#include <stdio.h>
#include <string.h>

#define STANDS_M_S 0.5

int yw_backend_load(struct yw_backend *backend, const char *text, size_t size,
                    char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    memset(backend, 0, sizeof(*backend));
    backend->next_id = 1;
    (void)snprintf(backend->client.id, sizeof(backend->client.id), "platform");
    (void)snprintf(backend->client.filter, sizeof(backend->client.filter),
                   "fleet/+/telemetry");
    for (int i = 0; i < YW_VEHICLES_MAX; i++)
        backend->cars[i].lock_due_ms = -1;
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        const char *what = line.words[0];
        if (line.bad)
            return yw_conf_refuse(&line, "too many words, or one too long", "", problem);
        if (yw_mqtt_client_read(&backend->client, &line))
            continue;
        if (strcmp(what, "key") != 0 || line.count != 2)
            return yw_conf_refuse(&line, "expected broker, account or key", what,
                                  problem);
        memcpy(backend->key, line.words[1], sizeof(backend->key));
    }
    return 0;
}

static bool add(struct yw_backend *backend, int car, const char *name, const char *value)
{
    unsigned at = (backend->first + backend->count) % YW_BACKEND_ORDERS_MAX;
    if (backend->count == YW_BACKEND_ORDERS_MAX)
        return false;
    struct yw_backend_order *order = &backend->orders[at];
    order->car = car;
    (void)snprintf(order->name, sizeof(order->name), "%.23s", name);
    (void)snprintf(order->value, sizeof(order->value), "%.23s", value);
    backend->count++;
    return true;
}

void yw_backend_message(struct yw_backend *backend, const char *topic, const char *text,
                        int64_t now_ms)
{
    double speed = 0;
    int index = yw_vehicle_of(topic, "telemetry");
    if (index < 0 || !yw_vehicle_number(text, "speed", &speed))
        return;
    struct yw_backend_car *car = &backend->cars[index];
    bool moves = speed > STANDS_M_S;
    if (car->heard && car->moved && !moves && add(backend, index, "lock", "0"))
        car->lock_due_ms = now_ms + YW_BACKEND_OPEN_MS;
    car->heard = true;
    car->moved = moves;
}

static void lock_again(struct yw_backend *backend, int64_t now_ms)
{
    for (int i = 0; i < YW_VEHICLES_MAX; i++) {
        struct yw_backend_car *car = &backend->cars[i];
        if (car->lock_due_ms >= 0 && now_ms >= car->lock_due_ms &&
            add(backend, i, "lock", "1"))
            car->lock_due_ms = -1;
    }
}

bool yw_backend_next(struct yw_backend *backend, int64_t now_ms,
                     char topic[YW_MQTT_TOPIC_MAX], char text[YW_MQTT_TEXT_MAX])
{
    struct yw_vehicle_command command = {.id = backend->next_id};
    lock_again(backend, now_ms);
    if (backend->count == 0)
        return false;
    const struct yw_backend_order *order = &backend->orders[backend->first];
    backend->first = (backend->first + 1) % YW_BACKEND_ORDERS_MAX;
    backend->count--;
    backend->next_id++;
    memcpy(command.name, order->name, sizeof(command.name));
    memcpy(command.value, order->value, sizeof(command.value));
    command.sign = yw_vehicle_sign(backend->key, order->car, &command);
    yw_vehicle_topic(order->car, "command", topic);
    yw_vehicle_write(&command, text);
    return true;
}

int64_t yw_backend_due(const struct yw_backend *backend)
{
    int64_t due = INT64_MAX;
    for (int i = 0; i < YW_VEHICLES_MAX; i++) {
        int64_t own = backend->cars[i].lock_due_ms;
        due = own >= 0 && own < due ? own : due;
    }
    return due;
}

static const struct {
    const char *word;
    const char *name;
    const char *value; /* NULL: the operator gives it */
} orders[] = {
    {"lock", "lock", "1"},    {"release", "immobilise", "0"},
    {"limit", "limit", NULL}, {"immobilise", "immobilise", "1"},
    {"ota", "ota", NULL},
};

#define ORDERS (sizeof(orders) / sizeof(orders[0]))

int yw_backend_operate(struct yw_backend *backend, int argc, const char *const *argv,
                       char problem[YW_CONF_PROBLEM_MAX])
{
    double limit = 0;
    size_t at = 0;
    while (argc >= 2 && at < ORDERS && strcmp(orders[at].word, argv[1]) != 0)
        at++;
    int wanted = argc >= 2 && at < ORDERS ? (orders[at].value ? 3 : 4) : -1;
    int car = argc == wanted ? yw_vehicle_find(argv[2]) : -1;
    bool all = argc == wanted && strcmp(argv[2], "all") == 0;
    if (argc != wanted || (car < 0 && !all)) {
        (void)snprintf(problem, YW_CONF_PROBLEM_MAX,
                       "usage: operate lock|release|immobilise VIN|all | operate limit "
                       "VIN|all M_S | operate ota VIN|all RELEASE");
        return -1;
    }
    const char *value = orders[at].value ? orders[at].value : argv[3];
    bool good = orders[at].value != NULL ||
                (strcmp(argv[1], "ota") == 0
                     ? yw_vehicle_release_find(value) >= 0
                     : yw_conf_number(value, 0, YW_VEHICLE_LIMIT_MAX, &limit));
    unsigned needed = all ? YW_VEHICLES_MAX : 1;
    if (!good || backend->count + needed > YW_BACKEND_ORDERS_MAX) {
        (void)snprintf(problem, YW_CONF_PROBLEM_MAX, "%s",
                       good ? "too many orders wait" : "no such release or limit");
        return -1;
    }
    for (int i = 0; i < YW_VEHICLES_MAX; i++) {
        if (all || i == car)
            (void)add(backend, i, orders[at].name, value);
    }
    return 0;
}

void yw_backend_run(struct yw_backend *backend, int argc, const char *const *argv,
                    struct yw_applet_result *ret)
{
    char problem[YW_CONF_PROBLEM_MAX] = "";
    memset(ret, 0, sizeof(*ret));
    if (yw_backend_operate(backend, argc, argv, problem) != 0) {
        ret->code = 1;
        (void)snprintf(ret->output, sizeof(ret->output), "{\"error\":\"%s\"}", problem);
        return;
    }
    (void)snprintf(ret->output, sizeof(ret->output), "{\"waiting\":%u}", backend->count);
    (void)snprintf(ret->line, sizeof(ret->line),
                   "{\"kind\":\"operator\",\"action\":\"%s\",\"value\":\"%s\","
                   "\"done\":true}",
                   argv[1], argc > 3 ? argv[3] : argv[2]);
}
