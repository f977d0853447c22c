/* What cars obey and what they refuse, by release; and the platform that commands them. */
#include "controller/backend.h"
#include "controller/tbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CAR 2 /* LYWFLEET026000003 */
#define KEY "fleet-key"

static const char tbox_text[] = "broker 10.20.4.30\n"
                                "account tbox secret\n"
                                "key " KEY "\n"
                                "pace 1600\n"
                                "sensor speed_01 0 60\n"
                                "sensor speed_03 0 60\n"
                                "sensor soc_03 0 1\n"
                                "output immobilise_03 0 1 0\n"
                                "output unlock_03 0 1 0\n"
                                "output limit_03 0 60 60\n";

struct fleet {
    struct yw_tbox tbox;
    struct yw_backend backend;
    char line[YW_TBOX_LINE_MAX];
    int64_t now_ms;
};

static void on_line(void *arg, const char *line)
{
    (void)strcpy(((struct fleet *)arg)->line, line);
}

static void drive(struct fleet *fleet, double speed)
{
    struct yw_field_record record = {
        .magic = YW_FIELD_MAGIC, .count = 3, .value = {0, speed, 0.5}};

    assert_true(yw_tbox_sense(&fleet->tbox, &record));
    yw_tbox_scan(&fleet->tbox, fleet->now_ms, &record);
}

/* It stands until what was ordered is in it. */
static void flash(struct fleet *fleet)
{
    drive(fleet, 0);
    assert_true(fleet->tbox.outputs[0].value == 1);
    fleet->now_ms += YW_TBOX_FLASH_MS - 1;
    drive(fleet, 0);
    assert_true(fleet->tbox.outputs[0].value == 1);
    fleet->now_ms++;
    fleet->line[0] = '\0';
    drive(fleet, 0);
    assert_true(fleet->tbox.outputs[0].value == 0);
    assert_non_null(strstr(fleet->line, "\"kind\":\"vehicle-release\""));
}

static int setup(void **state)
{
    struct fleet *fleet = calloc(1, sizeof *fleet);
    char problem[YW_CONF_PROBLEM_MAX] = "";

    fleet->tbox.line = on_line;
    fleet->tbox.arg = fleet;
    if (yw_tbox_load(&fleet->tbox, tbox_text, strlen(tbox_text), problem) != 0 ||
        yw_backend_load(&fleet->backend, tbox_text,
                        (size_t)(strstr(tbox_text, "pace") - tbox_text), problem) != 0)
        fail_msg("%s", problem);
    drive(fleet, 0);
    *state = fleet;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* A command as the platform signs it; why it was refused, "" done. */
static const char *command(struct fleet *fleet, const char *name, const char *value,
                           uint32_t id)
{
    struct yw_vehicle_command one = {.id = id};
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
    static char why[YW_VEHICLE_WORD_MAX];

    (void)strcpy(one.name, name);
    (void)strcpy(one.value, value);
    one.sign = yw_vehicle_sign(KEY, CAR, &one);
    yw_vehicle_write(&one, text);
    yw_vehicle_topic(CAR, "command", topic);
    fleet->line[0] = '\0';
    yw_tbox_message(&fleet->tbox, topic, text);
    assert_true(yw_vehicle_value(fleet->line, "why", why, sizeof why));
    return why;
}

static double output(const struct fleet *fleet, int index)
{
    return fleet->tbox.outputs[index].value;
}

static void commands_are_obeyed(void **state)
{
    struct fleet *fleet = *state;
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];

    assert_string_equal(command(fleet, "lock", "0", 1), "");
    assert_true(output(fleet, 1) == 1);
    assert_string_equal(fleet->line,
                        "{\"kind\":\"vehicle-command\",\"vin\":\"LYWFLEET026000003\","
                        "\"command\":\"lock\",\"value\":\"0\",\"id\":1,\"done\":true,"
                        "\"why\":\"\"}");
    assert_true(yw_tbox_next(&fleet->tbox, 0, topic, text));
    assert_string_equal(topic, "fleet/LYWFLEET026000003/reply");
    assert_string_equal(text,
                        "{\"id\":1,\"command\":\"lock\",\"done\":true,\"why\":\"\"}");
    assert_string_equal(command(fleet, "limit", "13.9", 2), "");
    assert_true(output(fleet, 2) == 13.9);
    assert_string_equal(command(fleet, "limit", "0", 3), "");
    assert_true(output(fleet, 2) == 60);
    assert_string_equal(command(fleet, "limit", "61", 4), "value");
    assert_string_equal(command(fleet, "immobilise", "1", 5), "");
    drive(fleet, 0);
    assert_true(output(fleet, 0) == 1);
    assert_string_equal(command(fleet, "explode", "1", 6), "unknown");
    assert_string_equal(command(fleet, "ota", "9.9.9", 7), "unsigned");
}

/* The guarded release takes no old command, and none that is dangerous in motion. */
static void a_guarded_car_takes_no_replay(void **state)
{
    struct fleet *fleet = *state;

    assert_string_equal(command(fleet, "lock", "0", 5), "");
    assert_string_equal(command(fleet, "lock", "0", 5), "replayed");
    assert_string_equal(command(fleet, "lock", "1", 4), "replayed");
    drive(fleet, 20);
    assert_true(output(fleet, 1) == 0); /* it locks at drive-away */
    assert_string_equal(command(fleet, "lock", "0", 6), "moving");
    assert_string_equal(command(fleet, "immobilise", "1", 7), "moving");
}

static void an_old_release_takes_all(void **state)
{
    struct fleet *fleet = *state;

    assert_string_equal(command(fleet, "lock", "0", 5), "");
    assert_string_equal(command(fleet, "lock", "1", 6), "");
    /* nobody's sign is asked */
    assert_string_equal(command(fleet, "ota", "2.3.1", 0), "");
    drive(fleet, 20);
    assert_string_equal(command(fleet, "lock", "0", 5), "replayed"); /* not yet */
    assert_true(output(fleet, 0) == 0);
    flash(fleet);
    drive(fleet, 20);
    assert_string_equal(command(fleet, "lock", "0", 5), "");
    drive(fleet, 20);
    assert_true(output(fleet, 1) == 1);
    assert_string_equal(command(fleet, "ota", "2.4.2", 0), "");
    flash(fleet);
    drive(fleet, 20);
    assert_true(output(fleet, 1) == 0);
    assert_string_equal(command(fleet, "ota", "2.3.1", 0), "rollback");
    assert_string_equal(command(fleet, "lock", "0", 5), "replayed");
}

static void a_wrong_sign_is_refused(void **state)
{
    struct fleet *fleet = *state;
    char topic[YW_MQTT_TOPIC_MAX];
    static const char *const rows[][2] = {
        {"{\"command\":\"lock\",\"value\":\"0\",\"id\":1,\"sign\":\"0000000000000001\"}",
         "\"why\":\"sign\""},
        {"{\"command\":\"lock\",\"value\":0,\"id\":1}", "\"why\":\"sign\""},
        {"{\"command\":\"lo ck\",\"value\":\"0\"}", "\"why\":\"nonsense\""},
        {"unlock please", "\"why\":\"nonsense\""},
    };

    yw_vehicle_topic(CAR, "command", topic);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        yw_tbox_message(&fleet->tbox, topic, rows[i][0]);
        if (strstr(fleet->line, rows[i][1]) == NULL)
            fail_msg("%s: %s", rows[i][0], fleet->line);
    }
    fleet->line[0] = '\0';
    yw_tbox_message(&fleet->tbox, "fleet/LYWFLEET026000017/command", rows[0][0]);
    yw_tbox_message(&fleet->tbox, "fleet/LYWFLEET026000003/telemetry", rows[0][0]);
    assert_string_equal(fleet->line, "");
    assert_true(output(fleet, 1) == 0);
}

/* By an independent implementation that gives the reference's own example. */
static void the_sign_is_siphash(void **state)
{
    const struct yw_vehicle_command one = {.name = "lock", .value = "0", .id = 17};

    (void)state;
    assert_true(yw_vehicle_sign(KEY, CAR, &one) == 0xcb908e416a6db65au);
}

static void telemetry_goes_round(void **state)
{
    struct fleet *fleet = *state;
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
    char value[YW_VEHICLE_WORD_MAX];
    int told = 0;

    drive(fleet, 13.9);
    for (int64_t at = 0; at < 16000; at += 50) {
        while (yw_tbox_next(&fleet->tbox, at, topic, text)) {
            if (yw_vehicle_of(topic, "telemetry") != CAR)
                continue;
            told++;
            assert_true(yw_vehicle_value(text, "speed", value, sizeof value));
            assert_string_equal(value, "13.90");
            assert_true(yw_vehicle_value(text, "release", value, sizeof value));
            assert_string_equal(value, "2.4.0");
        }
    }
    assert_in_range(told, 9, 11);
}

static void configuration_is_checked(void **state)
{
    static const char *const rows[][2] = {
        {"broker far-away-from-here\n", "line 1: expected broker"},
        {"broker 10.20.4.30\npace 50\n", "line 2: expected broker"},
        {"sensor speed_01 60 0\n", "line 1: expected sensor"},
        {"output unlock_01 0 1 2\n", "line 1: expected sensor"},
        {"account one\n", "line 1: expected broker"},
    };
    struct yw_tbox *tbox = calloc(1, sizeof *tbox);
    char problem[YW_CONF_PROBLEM_MAX];
    char many[YW_FIELD_VALUES * 24 + 64] = "";

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(yw_tbox_load(tbox, rows[i][0], strlen(rows[i][0]), problem), -1);
        if (strncmp(problem, rows[i][1], strlen(rows[i][1])) != 0)
            fail_msg("%s: %s", rows[i][0], problem);
    }
    for (int i = 0; i < YW_FIELD_VALUES; i++)
        (void)strcat(many, "sensor soc_01 0 1\n");
    assert_int_equal(yw_tbox_load(tbox, many, strlen(many), problem), 0);
    (void)strcat(many, "sensor soc_01 0 1\n");
    assert_int_equal(yw_tbox_load(tbox, many, strlen(many), problem), -1);
    free(tbox);
}

/* ---- the platform ---- */

static void hear(struct fleet *fleet, const char *speed, int64_t now_ms)
{
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];

    yw_vehicle_topic(CAR, "telemetry", topic);
    (void)snprintf(text, sizeof text, "{\"speed\":%s}", speed);
    yw_backend_message(&fleet->backend, topic, text, now_ms);
}

/* The platform's next command goes to the car; its line, "" there was none. */
static const char *pass(struct fleet *fleet, int64_t now_ms)
{
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];

    fleet->line[0] = '\0';
    if (yw_backend_next(&fleet->backend, now_ms, topic, text))
        yw_tbox_message(&fleet->tbox, topic, text);
    return fleet->line;
}

static void passengers_get_out(void **state)
{
    struct fleet *fleet = *state;

    hear(fleet, "0.00", 0);
    assert_string_equal(pass(fleet, 0), ""); /* it only stands there */
    hear(fleet, "13.90", 1000);
    hear(fleet, "0.00", 2000);
    assert_non_null(strstr(pass(fleet, 2000), "\"done\":true"));
    assert_true(output(fleet, 1) == 1);
    assert_string_equal(pass(fleet, 2000 + YW_BACKEND_OPEN_MS - 1), "");
    assert_int_equal(yw_backend_due(&fleet->backend), 2000 + YW_BACKEND_OPEN_MS);
    assert_non_null(strstr(pass(fleet, 2000 + YW_BACKEND_OPEN_MS), "\"done\":true"));
    assert_true(output(fleet, 1) == 0);
}

static void its_operator_orders(void **state)
{
    static const char *const good[] = {"operate", "ota", "LYWFLEET026000003", "2.4.2"};
    static const char *const all[] = {"operate", "release", "all"};
    static const char *const bad[][4] = {{"operate", "ota", "all", "9.9"},
                                         {"operate", "limit", "all", "61"},
                                         {"operate", "lock", "LYW", NULL},
                                         {"operate", "sing", "all", NULL}};
    struct fleet *fleet = *state;
    char problem[YW_CONF_PROBLEM_MAX];

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            yw_backend_operate(&fleet->backend, bad[i][3] ? 4 : 3, bad[i], problem), -1);
    assert_int_equal(yw_backend_operate(&fleet->backend, 4, good, problem), 0);
    assert_non_null(strstr(pass(fleet, 0), "\"command\":\"ota\""));
    flash(fleet);
    assert_int_equal(fleet->tbox.cars[CAR].release, 2);
    assert_int_equal(fleet->tbox.cars[CAR + 1].release, 1);
    for (int i = 0; i < YW_BACKEND_ORDERS_MAX / YW_VEHICLES_MAX; i++)
        assert_int_equal(yw_backend_operate(&fleet->backend, 3, all, problem), 0);
    assert_int_equal(yw_backend_operate(&fleet->backend, 3, all, problem), -1);
    assert_string_equal(problem, "too many orders wait");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commands_are_obeyed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_guarded_car_takes_no_replay, setup, teardown),
        cmocka_unit_test_setup_teardown(an_old_release_takes_all, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_sign_is_refused, setup, teardown),
        cmocka_unit_test(the_sign_is_siphash),
        cmocka_unit_test_setup_teardown(telemetry_goes_round, setup, teardown),
        cmocka_unit_test(configuration_is_checked),
        cmocka_unit_test_setup_teardown(passengers_get_out, setup, teardown),
        cmocka_unit_test_setup_teardown(its_operator_orders, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
