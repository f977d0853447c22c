#include "../golden/event_sample.h"

#include "base/random.h"
#include "codec/event.h"
#include "codec/request/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX (16 * 1024)

static void round_trip(const struct yw_event *event)
{
    static struct yw_event back; /* too large for comfort on the stack twice */
    struct yw_buf text;
    struct yw_buf again;
    struct yw_err err = {0};

    yw_buf_init(&text, TEXT_MAX);
    yw_buf_init(&again, TEXT_MAX);
    yw_event_encode(&text, event);
    assert_false(text.overflow);
    if (yw_event_decode(&back, text.data, text.size, &err) < 0)
        fail_msg("%s: %s", err.text, text.data);
    yw_event_encode(&again, &back);
    assert_string_equal(text.data, again.data);
    yw_buf_fini(&text);
    yw_buf_fini(&again);
}

static void every_kind_comes_back(void **state)
{
    (void)state;
    for (int kind = 0; kind < YW_EVENT_KINDS; kind++) {
        struct yw_event event;
        struct yw_event back;
        struct yw_buf text;
        struct yw_err err = {0};

        event_sample((enum yw_event_kind)kind, &event);
        round_trip(&event);
        yw_buf_init(&text, TEXT_MAX);
        yw_event_encode(&text, &event);
        assert_int_equal(yw_event_decode(&back, text.data, text.size, &err), 0);
        assert_memory_equal(&event, &back, sizeof event);
        yw_buf_fini(&text);
    }
}

/* Any double that is finite comes back bit for bit. */
static void doubles_keep_every_bit(void **state)
{
    (void)state;
    struct yw_random random;
    int finite = 0;

    yw_random_init(&random, 7, "doubles");
    for (int round = 0; round < 4000; round++) {
        struct yw_event event;
        struct yw_event back;
        struct yw_buf text;
        uint64_t bits = yw_random_u64(&random);

        event_sample(YW_EVENT_PLANT_SAMPLE, &event);
        memcpy(&event.plant_sample.truth[0], &bits, sizeof bits);
        yw_buf_init(&text, TEXT_MAX);
        yw_event_encode(&text, &event);
        if (!text.overflow) {
            finite++;
            assert_int_equal(yw_event_decode(&back, text.data, text.size, NULL), 0);
            assert_memory_equal(&event, &back, sizeof event);
        }
        yw_buf_fini(&text);
    }
    assert_true(finite > 3900);
}

static void large_doubles_are_no_counters(void **state)
{
    (void)state;
    struct yw_event event;
    struct yw_buf text;

    event_sample(YW_EVENT_PLANT_LEVEL, &event);
    event.plant_level.value = -11111111111111118.0;
    round_trip(&event);
    yw_buf_init(&text, TEXT_MAX);
    yw_event_encode(&text, &event);
    assert_non_null(strstr(text.data, "\"value\":-11111111111111118.0}"));
    event.plant_level.value = 9007199254740991.0;
    yw_buf_clear(&text);
    yw_event_encode(&text, &event);
    assert_non_null(strstr(text.data, "\"value\":9007199254740991}"));
    yw_buf_fini(&text);
}

/* Bytes of a hostile guest: the text stays JSON, never grows beyond its member, and is
 * stable. */
static void any_bytes_make_stable_text(void **state)
{
    (void)state;
    struct yw_random random;

    yw_random_init(&random, 8, "bytes");
    for (int round = 0; round < 2000; round++) {
        struct yw_event event;
        size_t size = yw_random_u64(&random) % sizeof event.guest_line.line;

        event_sample(YW_EVENT_GUEST_LINE, &event);
        for (size_t i = 0; i < size; i++)
            event.guest_line.line[i] = (char)(1 + yw_random_u64(&random) % 255);
        event.guest_line.line[size] = '\0';
        round_trip(&event);
    }
}

static void what_json_cannot_say_is_refused(void **state)
{
    (void)state;
    const double wrong[] = {1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0};
    struct yw_event event;
    struct yw_buf text;

    yw_buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < 3; i++) {
        event_sample(YW_EVENT_PLANT_LEVEL, &event);
        event.plant_level.value = wrong[i];
        yw_buf_clear(&text);
        yw_event_encode(&text, &event);
        assert_true(text.overflow);
    }
    event_sample(YW_EVENT_PLANT_LEVEL, &event);
    event.seq = INT64_C(1) << 53;
    yw_buf_clear(&text);
    yw_event_encode(&text, &event);
    assert_true(text.overflow);
    event_sample(YW_EVENT_PLANT_VIEW, &event);
    event.plant_view.count = YW_EVENT_TAGS_MAX + 1;
    yw_buf_clear(&text);
    yw_event_encode(&text, &event);
    assert_true(text.overflow);
    yw_buf_fini(&text);
}

#define HEAD "{\"actor\":\"core\",\"causes\":[],\"drill_ms\":0,\"key\":\"\",\"kind\":"
#define TAIL ",\"seq\":1,\"team\":-1,\"wall_us\":5}"
#define EVENT(kind, payload) HEAD "\"" kind "\",\"payload\":" payload TAIL

#define ONES_8 "1,1,1,1,1,1,1,1"
#define ONES_16 ONES_8 "," ONES_8
#define ONES_48 ONES_16 "," ONES_16 "," ONES_16
#define ONES_64 ONES_48 "," ONES_16
#define SAMPLE(field, inputs, state, faults, truth)                                      \
    "{\"faults\":[" faults "],\"field\":[" field "],\"hand\":0,\"inputs\":[" inputs      \
    "],\"level_s\":0,\"lost_s\":0,\"plant\":\"p\",\"state\":[" state                     \
    "],\"steps\":0,\"truth\":[" truth "]}"

static void refused(const char *text, const char *message)
{
    struct yw_event event;
    struct yw_err err = {0};

    assert_int_equal(yw_event_decode(&event, text, strlen(text), &err), YW_EINVAL);
    if (strstr(err.text, message) == NULL)
        fail_msg("expected '%s' in '%s'", message, err.text);
}

static void wrong_input_is_named(void **state)
{
    (void)state;
    refused(EVENT("ruling", "{\"points\":\"x\",\"reason\":\"\"}"),
            "/payload/points: expected an integer; got 'x'");
    refused(EVENT("ruling", "{\"points\":1.5,\"reason\":\"\"}"),
            "/payload/points: expected an integer; got 1.5");
    refused(EVENT("ruling", "{\"points\":9007199254740992,\"reason\":\"\"}"),
            "/payload/points");
    refused(EVENT("ruling", "{\"points\":1}"),
            "/payload/reason: missing; expected a string");
    refused(EVENT("ruling", "{\"points\":1,\"reason\":\"\",\"reasn\":1}"),
            "/payload/reasn: unknown member; did you mean 'reason'?");
    refused(EVENT("ruling", "{\"points\":1,\"points\":1,\"reason\":\"\"}"), "duplicate");
    refused(EVENT("ruling", "{\"points\":1,\"reason\":\"\\u0000\"}"), "\\u0000");
    refused(EVENT("ruling", "[]"), "/payload: expected an object; got an array");
    refused(EVENT("rulling", "{}"), "did you mean 'ruling'?");
    refused(EVENT("phase-changed", "{\"phase\":\"asleep\",\"reason\":\"\"}"),
            "/payload/phase: expected a phase; got 'asleep'");
    refused(EVENT("plant-view", "{\"plant\":\"p\",\"view\":[1,2,\"x\"]}"),
            "/payload/view/2: expected a number; got 'x'");
    refused(EVENT("plant-view", "{\"plant\":\"p\",\"view\":[" ONES_64 ",1]}"),
            "/payload/view: expected at most 64 elements; got 65");
    refused(EVENT("plant-sample", SAMPLE("1", "", "", "", "1,2")),
            "/payload/truth: expected exactly 1 elements; got 2");
    refused(EVENT("plant-sample", SAMPLE("", ONES_64 ",1", "", "", "")),
            "/payload/inputs: expected at most 64 elements; got 65");
    refused(EVENT("plant-sample", SAMPLE("", "", ONES_48 "," ONES_48 ",1", "", "")),
            "/payload/state: expected at most 96 elements; got 97");
    refused(EVENT("plant-sample", SAMPLE("", "", "", ONES_48 "," ONES_8 ",1", "")),
            "/payload/faults: expected at most 56 elements; got 57");
    refused("[1]", "expected an object");
    refused("{\"a\":1", "line 1");
    refused("", "line");
    refused("{\"kind\":\"\xff\"}", "line 1");
    refused("{\"actor\":1}", "/actor: expected a string; got 1");
    refused("{\"hash\":\"\"}", "/hash: unknown member");
}

/* Every string member is refused at its limit, one byte below it passes. */
static void a_string_ends_at_its_limit(void **state)
{
    (void)state;
    char reason[YW_EVENT_NOTE_MAX + 1] = {0};
    char text[2048];
    struct yw_event event;

    memset(reason, 'a', YW_EVENT_NOTE_MAX - 1);
    (void)snprintf(text, sizeof text, EVENT("ruling", "{\"points\":1,\"reason\":\"%s\"}"),
                   reason);
    assert_int_equal(yw_event_decode(&event, text, strlen(text), NULL), 0);
    reason[YW_EVENT_NOTE_MAX - 1] = 'a';
    (void)snprintf(text, sizeof text, EVENT("ruling", "{\"points\":1,\"reason\":\"%s\"}"),
                   reason);
    refused(text, "/payload/reason: at most 511 bytes; got 512");
}

static void a_line_carries_its_hashes(void **state)
{
    (void)state;
    struct yw_event event;
    struct yw_hash prev;
    struct yw_hash hash;
    struct yw_buf canonical;
    struct yw_err err = {0};
    char line[1024];
    char zeros[YW_HASH_TEXT_SIZE] = {0};

    memset(zeros, '0', sizeof zeros - 1);
    (void)snprintf(
        line, sizeof line,
        "{\"prev\":\"%s\",\"hash\":\"ab%s\"," /* any order in */
        "\"wall_us\":5,\"actor\":\"core\",\"causes\":[],\"drill_ms\":0,\"key\":\"\","
        "\"kind\":\"recovered\",\"payload\":{\"text\":\"x\"},\"seq\":1,\"team\":-1}",
        zeros, zeros + 2);
    yw_buf_init(&canonical, TEXT_MAX);
    assert_int_equal(
        yw_event_decode_line(&event, &prev, &hash, &canonical, line, strlen(line), &err),
        0);
    assert_string_equal(canonical.data, EVENT("recovered", "{\"text\":\"x\"}"));
    assert_int_equal(hash.bytes[0], 0xab);
    assert_int_equal(prev.bytes[0], 0);
    (void)snprintf(line, sizeof line, "%s", EVENT("recovered", "{\"text\":\"x\"}"));
    assert_int_equal(
        yw_event_decode_line(&event, &prev, &hash, &canonical, line, strlen(line), &err),
        YW_EINVAL);
    assert_non_null(strstr(err.text, "/prev: missing"));
    yw_buf_fini(&canonical);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(doubles_keep_every_bit),
        cmocka_unit_test(large_doubles_are_no_counters),
        cmocka_unit_test(any_bytes_make_stable_text),
        cmocka_unit_test(what_json_cannot_say_is_refused),
        cmocka_unit_test(wrong_input_is_named),
        cmocka_unit_test(a_string_ends_at_its_limit),
        cmocka_unit_test(a_line_carries_its_hashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
