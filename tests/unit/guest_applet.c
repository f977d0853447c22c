#include "controller/applet.h"
#include "controller/plc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PLC "10.20.2.11"

static struct yw_plc plc;
static struct yw_applet_result result;
static bool cut;
static int transactions;
static uint32_t asked_ms;
static size_t asked_count;
static struct yw_applet_target asked[YW_APPLET_TARGETS_MAX];

static int transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                    size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    (void)arg;
    transactions++;
    if (cut || strcmp(host, PLC) != 0)
        return -1;
    return (int)yw_plc_answer(&plc, "10.20.2.66", unit, pdu, size, reply);
}

static void sweep(void *arg, uint32_t first, uint32_t count, bool *ret_open)
{
    (void)arg;
    uint32_t address = 0;
    assert_true(yw_applet_address(PLC, &address));
    if (address >= first && address - first < count)
        ret_open[address - first] = true;
}

static bool reach(void *arg, const char *host)
{
    (void)arg;
    return strcmp(host, PLC) == 0;
}

static void interfaces(void *arg, char *ret, size_t ret_size)
{
    (void)arg;
    (void)snprintf(ret, ret_size, "[]");
}

static const char *setting(void *arg, const char *name)
{
    return strcmp(name, "plc") == 0 ? arg : NULL;
}

static size_t probe(void *arg, uint32_t span_ms, const struct yw_applet_target *targets,
                    size_t count, struct yw_applet_heard *ret, size_t max)
{
    (void)arg;
    (void)max;
    asked_ms = span_ms;
    asked_count = count;
    memcpy(asked, targets, count * sizeof(*targets));
    ret[0] = (struct yw_applet_heard){0x0a14020b, "52:54:00:00:00:01", "arp"};
    ret[1] = (struct yw_applet_heard){0x0a14020c, "-", "tcp"};
    return 2;
}

static char plc_setting[16];
static const struct yw_applet_io io = {.transact = transact,
                                       .sweep = sweep,
                                       .reach = reach,
                                       .interfaces = interfaces,
                                       .setting = setting,
                                       .probe = probe,
                                       .arg = plc_setting};

static int start(void **state)
{
    (void)state;
    yw_plc_init(&plc, 9);
    strcpy(plc_setting, PLC);
    cut = false;
    transactions = 0;
    plc.bank.holding[40] = 100;
    plc.bank.holding[41] = 1500;
    return 0;
}

#define MAX_WORDS 40

static int run(const char *line)
{
    char text[512];
    const char *argv[MAX_WORDS];
    int argc = 0;
    (void)snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word != NULL && argc < MAX_WORDS;
         word = strtok(NULL, " "))
        argv[argc++] = word;
    yw_applet_run(&io, argc, argv, &result);
    return result.code;
}

static void expect(const char *line, int code, const char *output)
{
    assert_int_equal(run(line), code);
    assert_string_equal(result.output, output);
}

static void reads_and_writes(void **state)
{
    (void)state;
    expect("modbus read 10.20.2.11 1 holding 40 2", 0, "{\"values\":[100,1500]}");
    expect("modbus write 10.20.2.11 1 holding 40 11100", 0,
           "{\"old\":100,\"new\":11100}");
    expect("modbus write 10.20.2.11 1 holding 40 1 2", 0,
           "{\"old\":[11100,1500],\"new\":[1,2]}");
    expect("modbus write 10.20.2.11 1 coil 1 1", 0, "{\"old\":0,\"new\":1}");
    expect("modbus read 10.20.2.11 1 coil 0 3", 0, "{\"values\":[0,1,0]}");
    expect("modbus read 10.20.2.11 1 discrete 0 1", 0, "{\"values\":[0]}");
    assert_int_equal(plc.bank.holding[41], 2);
    assert_string_equal(result.line, "");
}

static void failures_are_told(void **state)
{
    (void)state;
    expect("modbus read 10.20.2.12 1 holding 40 1", 1, "{\"error\":\"unreachable\"}");
    expect("modbus read 10.20.2.11 1 holding 256 1", 1, "{\"error\":\"exception 2\"}");
    expect("modbus read 10.20.2.11 9 holding 40 1", 1, "{\"error\":\"exception 11\"}");
    expect("modbus write 10.20.2.11 1 holding 92 1", 1, "{\"error\":\"exception 2\"}");
    expect("modbus write 10.20.2.11 1 holding 40 65536", 1,
           "{\"error\":\"value out of range\"}");
    expect("modbus write 10.20.2.11 1 coil 1 2", 1, "{\"error\":\"value out of range\"}");
    assert_int_equal(plc.bank.holding[40], 100);
    expect("reboot", YW_APPLET_NO_PROGRAM, "{\"error\":\"no such program\"}");
    yw_applet_run(&io, 0, NULL, &result);
    assert_int_equal(result.code, YW_APPLET_NO_PROGRAM);
}

static void wrong_use_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "modbus",
        "modbus poke",
        "modbus read 10.20.2.11 1 holding 40",
        "modbus read 10.20.2.11 1 holding 40 126",
        "modbus read 10.20.2.11 1 coil 0 2001",
        "modbus read 10.20.2.11 1 holding 40 0",
        "modbus read 10.20.2.11 256 holding 40 1",
        "modbus read 10.20.2.11 1 holding 65536 1",
        "modbus read 10.20.2.11 1 holding -1 1",
        "modbus read 10.20.2.11 1 memory 40 1",
        "modbus read 10.20.2.256 1 holding 40 1",
        "modbus read 10.20.2.11.1 1 holding 40 1",
        "modbus read plc1 1 holding 40 1",
        "modbus write 10.20.2.11 1 input 40 1",
        "modbus write 10.20.2.11 1 holding 40",
        "modbus scan 10.20.0.0/23",
        "modbus scan 10.20.2.0/33",
        "modbus scan",
        "operate set-point",
        "operate set-point 65536",
        "operate stop-pump 2",
        "operate dance 1",
        "ping",
        "ping 1.2.3",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(run(lines[i]), 1);
        assert_memory_equal(result.output, "{\"error\":\"", 10);
    }
    assert_int_equal(transactions, 0);
}

static void scan_finds_the_plc(void **state)
{
    (void)state;
    char expected[256];
    (void)snprintf(
        expected, sizeof(expected),
        "{\"found\":[{\"address\":\"" PLC "\",\"vendor\":\"%s\",\"product\":\"%s\"}]}",
        plc.bank.identity[YW_MODBUS_VENDOR], plc.bank.identity[YW_MODBUS_PRODUCT_NAME]);
    expect("modbus scan 10.20.2.0/24", 0, expected);
    expect("modbus scan 10.20.2.77/24", 0, expected);
    expect("modbus scan 10.20.2.11", 0, expected);
    expect("modbus scan 10.20.2.12/31", 0, "{\"found\":[]}");
}

static void operator_acts_and_is_logged(void **state)
{
    (void)state;
    expect("operate set-point 90", 0, "{\"old\":100,\"new\":90}");
    assert_string_equal(result.line, "{\"kind\":\"operator\",\"action\":\"set-point\","
                                     "\"value\":90,\"done\":true}");
    expect("operate stop-pump 1", 0, "{\"old\":0,\"new\":1}");
    assert_int_equal(plc.bank.coil[1], 1);
    cut = true;
    expect("operate stop-pump 0", 1, "{\"error\":\"unreachable\"}");
    assert_string_equal(result.line, "{\"kind\":\"operator\",\"action\":\"stop-pump\","
                                     "\"value\":0,\"done\":false}");
    strcpy(plc_setting, "plc1");
    expect("operate stop-pump 0", 1, "{\"error\":\"setting plc is no address\"}");
}

static void the_rest_answers(void **state)
{
    (void)state;
    expect("ping 10.20.2.11", 0, "{\"reachable\":true}");
    expect("ping 10.20.2.12", 1, "{\"error\":\"unreachable\"}");
    expect("addr", 0, "{\"interfaces\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_and_writes, start),
        cmocka_unit_test_setup(failures_are_told, start),
        cmocka_unit_test_setup(wrong_use_is_refused, start),
        cmocka_unit_test_setup(scan_finds_the_plc, start),
        cmocka_unit_test_setup(operator_acts_and_is_logged, start),
        cmocka_unit_test_setup(the_rest_answers, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
