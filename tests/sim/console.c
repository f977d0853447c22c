/* Consoles on the virtual clock: who types nothing for the idle limit leaves, a watcher may
 * stay, the line comes back after a broker has died, and a machine taken down ends it. */
#include "outcome.h"

#include "base/mem.h"
#include "drill/seat/seat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct room {
    struct yw_seat typist, watcher;
    bool sat, idle_out, over;
    int64_t sat_us, idle_us;
    size_t news;
    uint64_t calls; /* of the hypervisor until they sat down */
    char shown[65536];
    size_t size;
};

static void on_news(struct yw_seat *seat)
{
    ((struct room *)seat->owner)->news++;
}

static void fill(struct yw_seat *seat, struct room *room, const char *drill, bool keys)
{
    YW_COPY(seat->drill, drill);
    YW_COPY(seat->machine, "plc1");
    YW_COPY(seat->actor, keys ? "control" : "control:guest");
    seat->party = -1;
    seat->wants_keys = keys;
    seat->on_news = on_news;
    seat->owner = room;
}

static void sit(struct room *room, struct yw_rehearsal *rehearsal)
{
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    const char *drill = yw_rehearsal_drill(rehearsal);
    struct yw_err err = {0};
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1);

    if (!view || view->state.phase != YW_PHASE_RUNNING)
        return;
    fill(&room->typist, room, drill, true);
    fill(&room->watcher, room, drill, false);
    if (yw_seat_open(conductor, &room->typist, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(yw_seat_open(conductor, &room->watcher, &err), 0);
    assert_true(room->typist.has_keys && !room->watcher.has_keys);
    assert_int_equal(yw_seat_type(&room->watcher, "x", 1, &err), YW_EDENIED);
    assert_int_equal(yw_seat_type(&room->typist, "status\r", 7, &err), 0);
    char *long_line = yw_new(YW_SEAT_TYPE_MAX + 1);
    assert_int_equal(yw_seat_type(&room->typist, long_line, YW_SEAT_TYPE_MAX + 1, &err),
                     YW_EINVAL);
    free(long_line);
    room->sat = true;
    room->calls = yw_rehearsal_calls(rehearsal);
    room->sat_us = yw_rehearsal_wall_us(rehearsal);
}

static void on_turn(void *arg, struct yw_rehearsal *rehearsal)
{
    struct room *room = arg;

    if (!room->sat) {
        sit(room, rehearsal);
        return;
    }
    room->size += yw_seat_read(&room->watcher, room->shown + room->size,
                               sizeof(room->shown) - 1 - room->size);
    if (room->typist.ended && !room->idle_out) {
        room->idle_out = true;
        room->idle_us = yw_rehearsal_wall_us(rehearsal);
        assert_int_equal(room->typist.why.code, YW_ETIMEOUT);
        yw_seat_close(&room->typist, "closed");
        assert_string_equal(room->watcher.typist, "");
    }
    if (room->watcher.ended && !room->over) {
        room->over = true;
        yw_seat_close(&room->watcher, "closed");
    }
}

static void run(struct room *room, uint64_t cut_after)
{
    struct yw_package *package = sim_package("tests/drills/dosing-line");
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, package);
    config.on_turn = on_turn;
    config.turn_arg = room;
    config.cut_broker_after = cut_after;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
    assert_true(room->sat && room->news > 0);
    assert_non_null(strstr(room->shown, "plc1, role plc"));
    yw_seat_close(&room->typist, "closed");
    yw_seat_close(&room->watcher, "closed");
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

static void who_types_nothing_leaves(void **state)
{
    struct room *room = yw_new(sizeof(*room));
    (void)state;
    run(room, 0);
    assert_true(room->idle_out);
    int64_t span_ms = (room->idle_us - room->sat_us) / 1000;
    assert_true(span_ms >= YW_SEAT_IDLE_MS && span_ms < YW_SEAT_IDLE_MS + 5000);
    free(room);
}

static void the_line_comes_back(void **state)
{
    struct room *whole = yw_new(sizeof(*whole));
    struct room *room = yw_new(sizeof(*room));
    (void)state;
    run(whole, 0);
    run(room, whole->calls + 1); /* with the first call after they sat down */
    free(whole);
    assert_non_null(strstr(room->shown, "[the line is cut; it is connected again]"));
    const char *after = strstr(room->shown, "[the line is cut");
    assert_non_null(strstr(after, "plc1> ")); /* greeted anew */
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_types_nothing_leaves),
        cmocka_unit_test(the_line_comes_back),
    };
    return cmocka_run_group_tests_name("sim_console", tests, NULL, NULL);
}
