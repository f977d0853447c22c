/* Stations that poll a controller: over a network in memory that is cut, resets and lies;
 * their pages and their store. */
#include "controller/history.h"
#include "controller/plc.h"
#include "controller/station.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char program[] =
    "PROGRAM t VAR s AT %MW40 : INT; q AT %QW0 : INT; END_VAR q := s; END_PROGRAM";
static struct yw_station station;
static struct yw_plc *plc;
static struct yw_history history;
static char page[32768];
static struct yw_text_out out;
static int64_t now_ms;
static bool linked;
static bool connected; /* as the station sees it */
static bool alive;     /* its connection is known to the controller */

static void reset_plc(void)
{
    struct yw_st_problem problem;
    yw_plc_init(plc, 3);
    assert_int_equal(yw_plc_load(plc, program, sizeof(program) - 1, &problem), 0);
    alive = false;
}

static int begin(void **state)
{
    static const char text[] = "title 站 Station\nplc 10.20.2.11 1\n"
                               "tag a mg/l input 0 0.1 0 1000 甲 Alpha\n"
                               "tag b m input 2 0.001 0 2 乙 \"Beta <b>\"\n"
                               "tag set \"\" holding 40 1 0 20000 设 Set\n"
                               "limit a above 50 2\nlimit b below 0.25 1\n";
    char problem[YW_CONF_PROBLEM_MAX] = "";
    (void)state;
    plc = calloc(1, sizeof(*plc));
    reset_plc();
    now_ms = 1000;
    linked = true;
    connected = alive = false;
    out = (struct yw_text_out){.text = page, .room = sizeof(page)};
    return yw_station_load(&station, text, sizeof(text) - 1, problem);
}

static int end(void **state)
{
    (void)state;
    free(plc);
    return 0;
}

/* What the controller answers on the wire, if the request arrives there. */
static void deliver(const uint8_t *bytes, size_t size)
{
    uint8_t reply[YW_MODBUS_PDU_MAX];
    uint8_t adu_bytes[YW_MODBUS_ADU_MAX];
    struct yw_modbus_adu adu;
    if (!linked)
        return;
    if (!alive) { /* a reset controller knows no such connection */
        connected = false;
        yw_watch_closed(&station.watch, now_ms);
        return;
    }
    assert_int_equal(yw_modbus_frame(bytes, size, &adu), (int)size);
    size_t length =
        yw_plc_answer(plc, "10.20.2.21", adu.unit, adu.pdu, adu.pdu_size, reply);
    length = yw_modbus_wrap(adu.transaction, adu.unit, reply, length, adu_bytes);
    /* in two pieces */
    if (yw_watch_bytes(&station.watch, adu_bytes, 3, now_ms) ||
        yw_watch_bytes(&station.watch, adu_bytes + 3, length - 3, now_ms))
        yw_station_round(&station);
}

static void pass_time(int64_t span_ms)
{
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    size_t size = 0;
    for (int64_t stop_ms = now_ms + span_ms; now_ms < stop_ms; now_ms += 50) {
        enum yw_watch_action action;
        while ((action = yw_watch_turn(&station.watch, now_ms, bytes, &size)) !=
               YW_WATCH_NOTHING) {
            if (action == YW_WATCH_HANG_UP)
                connected = alive = false;
            if (action == YW_WATCH_CONNECT && linked) {
                connected = alive = true;
                yw_watch_connected(&station.watch, true, now_ms);
            }
            if (action == YW_WATCH_SEND)
                deliver(bytes, size);
        }
    }
}

static void sense(double a, double b)
{
    struct yw_field_record in = {
        .magic = YW_FIELD_MAGIC, .count = 4, .value = {a, 2.45, b, 100}};
    struct yw_field_record record;
    assert_true(yw_plc_sense(plc, &in));
    yw_plc_scan(plc, now_ms, &record);
}

static void values_arrive(void **state)
{
    (void)state;
    sense(12.3, 0.9);
    pass_time(2500);
    assert_true(yw_watch_fresh(&station.watch, now_ms));
    assert_true(fabs(yw_watch_tag(&station.watch, "a")->value - 12.3) < 1e-6);
    assert_true(fabs(yw_watch_tag(&station.watch, "b")->value - 0.9) < 1e-6);
    assert_int_equal(station.watch.read_count, 2); /* two tables: a and b in one read */
    assert_true(station.watch.rounds >= 2 && station.watch.rounds <= 4);
}

/* Twenty cuts and five resets: each time it says that its values are old, and each time it
 * comes back by itself. */
static void comes_back_every_time(void **state)
{
    (void)state;
    sense(1, 1);
    pass_time(3000);
    for (int i = 0; i < 25; i++) {
        if (i % 5 == 4) {
            reset_plc();
        } else {
            linked = false;
            pass_time(6000 + i * 700);
            assert_false(yw_watch_fresh(&station.watch, now_ms));
            linked = true;
        }
        sense(i, 1);
        pass_time(6000);
        assert_true(yw_watch_fresh(&station.watch, now_ms));
        assert_true(fabs(yw_watch_tag(&station.watch, "a")->value - i) < 1e-6);
    }
    assert_true(station.watch.breaks >= 25);
    /* For ever: a day of nobody there, then somebody. */
    linked = false;
    pass_time(86400000);
    linked = true;
    pass_time(4000);
    assert_true(yw_watch_fresh(&station.watch, now_ms));
}

/* A controller that lies is hung up on, and nothing of it is shown. */
static void lies_are_hung_up_on(void **state)
{
    (void)state;
    unsigned seed = 3;
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    uint8_t noise[YW_MODBUS_ADU_MAX + 20];
    size_t size = 0;
    for (int i = 0; i < 20000; i++) {
        enum yw_watch_action action = yw_watch_turn(&station.watch, now_ms, bytes, &size);
        if (action == YW_WATCH_CONNECT)
            yw_watch_connected(&station.watch, true, now_ms);
        if (action == YW_WATCH_SEND) {
            size_t length = (size_t)rand_r(&seed) % sizeof(noise);
            for (size_t k = 0; k < length; k++)
                noise[k] = (uint8_t)rand_r(&seed);
            if (length > 7 && i % 2 == 0) { /* nearly right */
                memcpy(noise, bytes, 7);
                noise[4] = 0;
            }
            assert_false(yw_watch_bytes(&station.watch, noise, length, now_ms));
        }
        now_ms += 25;
    }
    assert_int_equal(station.watch.rounds, 0);
    assert_true(yw_watch_tag(&station.watch, "a")->good_ms == -1);
    sense(7, 1);
    pass_time(5000);
    assert_true(yw_watch_fresh(&station.watch, now_ms));
}

/* What answers an earlier question is nobody's answer now. */
static void late_answers_are_not_taken(void **state)
{
    (void)state;
    uint8_t ask[YW_MODBUS_ADU_MAX];
    const uint8_t reply[] = {YW_MODBUS_READ_INPUT, 6, 0, 1, 0, 2, 0, 3};
    uint8_t answer[YW_MODBUS_ADU_MAX];
    size_t size = 0;
    assert_int_equal(yw_watch_turn(&station.watch, now_ms, ask, &size), YW_WATCH_CONNECT);
    yw_watch_connected(&station.watch, true, now_ms);
    assert_int_equal(yw_watch_turn(&station.watch, now_ms, ask, &size), YW_WATCH_SEND);
    size = yw_modbus_wrap((uint16_t)(station.watch.transaction - 1), 1, reply,
                          sizeof(reply), answer);
    (void)yw_watch_bytes(&station.watch, answer, size, now_ms);
    assert_true(yw_watch_tag(&station.watch, "a")->good_ms == -1);
    assert_int_equal(yw_watch_turn(&station.watch, now_ms, ask, &size), YW_WATCH_HANG_UP);
}

static const char *show(const char *path)
{
    out.size = 0;
    out.full = false;
    yw_station_page(&station, path, now_ms, &out);
    assert_false(out.full);
    return page;
}

static void alarms_wait_for_their_operator(void **state)
{
    (void)state;
    sense(60, 1);
    pass_time(3000);
    assert_true(strstr(show("/en/alarms"), "Alpha &gt; 50") != NULL);
    assert_true(strstr(page, "name=\"ack\" value=\"0\"") != NULL);
    assert_true(strstr(show("/zh/values"), "class=\"bad\" id=\"alarm\">报警 (1)") !=
                NULL);
    sense(10, 1);
    pass_time(2000);
    assert_true(strstr(show("/en/alarms"), "returned") != NULL); /* still to be seen */
    assert_true(yw_watch_acknowledge(&station.watch, 0));
    assert_true(strstr(show("/en/alarms"), "Alpha &gt; 50") == NULL);
    assert_false(yw_watch_acknowledge(&station.watch, 0));
    assert_false(yw_watch_acknowledge(&station.watch, 99));
    sense(60, 1);
    pass_time(2000);
    assert_true(yw_watch_acknowledge(&station.watch, 0));
    assert_true(strstr(show("/en/alarms"), "acknowledged") != NULL);
    sense(10, 1);
    pass_time(2000);
    assert_true(strstr(show("/en/alarms"), "Alpha &gt; 50") == NULL);
}

static void pages_show_what_is(void **state)
{
    (void)state;
    sense(12.3, 0.5);
    pass_time(10000);
    assert_true(strstr(show("/zh"), "<iframe name=\"view\" src=\"/zh/values\"") != NULL);
    assert_true(strstr(page, "name=\"dose\"") == NULL); /* no dosing room */
    assert_true(strstr(show("/zh/values"), "id=\"a\">12.3 mg/l") != NULL);
    assert_true(strstr(page, "id=\"link\">控制器在线") != NULL);
    assert_true(strstr(show("/en/values"), "Beta &#60;b&#62;") != NULL);
    assert_true(strstr(show("/en/trend"), "<polyline") != NULL);
    assert_true(strstr(show("/en/mimic"), "id=\"mimic\"") != NULL);
    linked = false;
    pass_time(6000);
    assert_true(strstr(show("/en/values"), "Controller does not answer") != NULL);
    yw_station_log(&station, "09:00:00Z 10.20.2.1 <script>");
    assert_true(strstr(show("/en/alarms"), "&#60;script&#62;") != NULL);
}

static void forms_are_read_with_care(void **state)
{
    (void)state;
    unsigned value = 0;
    assert_int_equal(yw_station_order(&station, "dose=5", &value), YW_STATION_NOTHING);
    assert_int_equal(yw_station_order(&station, "ack=1", &value), YW_STATION_ACKNOWLEDGE);
    assert_int_equal(value, 1);
    char problem[YW_CONF_PROBLEM_MAX] = "";
    assert_int_equal(yw_station_load(&station, "", 0, problem), 0);
    assert_int_equal(yw_station_order(&station, "x=1&dose=11100", &value),
                     YW_STATION_SET_POINT);
    assert_int_equal(value, 11100);
    assert_int_equal(yw_station_order(&station, "stop=1", &value), YW_STATION_STOP_PUMP);
    static const char *const bad[] = {"dose=",    "dose=70000", "dose=-1", "stop=2",
                                      "dose=1e3", "dose=%",     "ack=64",  "",
                                      "&&&=",     "dose=0x10"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(yw_station_order(&station, bad[i], &value), YW_STATION_NOTHING);
}

static void requests_of_the_web(void **state)
{
    (void)state;
    struct yw_http request;
    char field[16];
    static const char get[] = "GET /query?tag=a%2Fb&to=7 HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char post[] = "POST /en HTTP/1.1\r\nContent-Length: 6\r\n\r\ndose=5";
    for (size_t i = 0; i < sizeof(get) - 1; i++)
        assert_int_equal(yw_http_read(get, i, &request), YW_HTTP_MORE);
    assert_int_equal(yw_http_read(get, sizeof(get) - 1, &request), YW_HTTP_WHOLE);
    assert_true(!request.post && strcmp(request.path, "/query") == 0);
    assert_true(yw_http_field(request.query, "tag", field, sizeof(field)));
    assert_string_equal(field, "a/b");
    assert_false(yw_http_field(request.query, "from", field, sizeof(field)));
    assert_int_equal(yw_http_read(post, sizeof(post) - 2, &request), YW_HTTP_MORE);
    assert_int_equal(yw_http_read(post, sizeof(post) - 1, &request), YW_HTTP_WHOLE);
    assert_string_equal(request.body, "dose=5");
    static const char *const bad[] = {"PUT / HTTP/1.1\r\n\r\n",
                                      "GET x HTTP/1.1\r\n\r\n",
                                      "GET /\r\n\r\n",
                                      "POST / HTTP/1.1\r\nContent-Length: 401\r\n\r\n",
                                      "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                                      "\r\n\r\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(yw_http_read(bad[i], strlen(bad[i]), &request), YW_HTTP_BAD);
    static char endless[YW_HTTP_HEAD_MAX];
    memset(endless, 'a', sizeof(endless));
    assert_int_equal(yw_http_read(endless, sizeof(endless), &request), YW_HTTP_BAD);
}

static int ask(const char *target)
{
    char text[300];
    struct yw_http request;
    const char *type = "";
    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n\r\n", target);
    assert_int_equal(yw_http_read(text, strlen(text), &request), YW_HTTP_WHOLE);
    out.size = 0;
    out.full = false;
    int status =
        yw_history_answer(&history, &station.watch, &request, now_ms, &out, &type);
    assert_false(out.full);
    return status;
}

static void the_store_is_a_ring(void **state)
{
    (void)state;
    memset(&history, 0, sizeof(history));
    for (int i = 0; i < YW_HISTORY_SAMPLES + 100; i++)
        yw_history_add(&history, 0, 1000 + i * 10, i, true);
    assert_true(yw_history_at(&history, 0, 0, 0)->value > 99.5F);
    assert_null(yw_history_at(&history, 0, 0, YW_HISTORY_SAMPLES));
    assert_int_equal(ask("/query?tag=a&from=41000&to=41020"), 200);
    assert_string_equal(
        page, "{\"rows\":[[41000,4000,true],[41010,4001,true],[41020,4002,true]],"
              "\"next\":null}\n");
    assert_int_equal(ask("/csv?tag=a&from=41000&to=41010"), 200);
    assert_string_equal(page, "time_ms,value,good\n41000,4000,1\n41010,4001,1\n");
    assert_int_equal(ask("/csv?tag=a"), 200);
    assert_true(strstr(page, "# next,5000\n") != NULL); /* 300 rows from 2000 on */
    assert_int_equal(ask("/query?tag=nobody"), 404);
    assert_int_equal(ask("/etc/passwd"), 404);
    assert_int_equal(ask("/tags"), 200);
    assert_true(strstr(page, "{\"name\":\"a\",\"unit\":\"mg/l\",\"samples\":4096") !=
                NULL);
    assert_int_equal(ask("/"), 200);
    yw_history_add(&history, 1, 5000, NAN, true);
    yw_history_add(&history, 1, 10, 1, true); /* the clock was set back */
    assert_int_equal(yw_history_at(&history, 1, 0, 1)->time_ms, 5000);
}

static void refuse_text(const char *text, const char *wanted)
{
    static struct yw_watch other;
    char problem[YW_CONF_PROBLEM_MAX] = "";
    yw_watch_init(&other);
    assert_int_equal(yw_watch_load(&other, text, strlen(text), problem), -1);
    assert_string_equal(problem, wanted);
}

static void faults_name_their_line(void **state)
{
    (void)state;
    refuse_text("plc 10.20.2.11\ntag a", "line 2: expected tag NAME UNIT TABLE ADDRESS "
                                         "SCALE LOW HIGH ZH EN [OFFSET], got 'a'");
    refuse_text("limit a above 1 1",
                "line 1: expected limit TAG above|below VALUE LEVEL, "
                "got 'a'");
    refuse_text("pace 5", "line 1: expected title, plc, pace, tag, limit or form, got "
                          "'pace'");
    refuse_text("tag \"a<b\" m input 0 1 0 1 x y",
                "line 1: a name has letters, digits, - . and _, got 'a<b'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_arrive, begin, end),
        cmocka_unit_test_setup_teardown(comes_back_every_time, begin, end),
        cmocka_unit_test_setup_teardown(lies_are_hung_up_on, begin, end),
        cmocka_unit_test_setup_teardown(late_answers_are_not_taken, begin, end),
        cmocka_unit_test_setup_teardown(alarms_wait_for_their_operator, begin, end),
        cmocka_unit_test_setup_teardown(pages_show_what_is, begin, end),
        cmocka_unit_test_setup_teardown(forms_are_read_with_care, begin, end),
        cmocka_unit_test(requests_of_the_web),
        cmocka_unit_test_setup_teardown(the_store_is_a_ring, begin, end),
        cmocka_unit_test(faults_name_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
