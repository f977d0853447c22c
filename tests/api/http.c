/* Every route: good input, bad input, roles, repeated keys. */
#include "house.h"
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct house house;
static struct answer answer;

static int set_up(void **state)
{
    (void)state;
    house_start(&house);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

static void get(const char *path, const char *token)
{
    peer_request(house.port, "GET", path, token, NULL, NULL, &answer);
}

static void post(const char *path, const char *token, const char *key, const char *body)
{
    peer_request(house.port, "POST", path, token, key, body, &answer);
}

static void expect(int status, const char *part)
{
    if (answer.status != status || !strstr(answer.body, part))
        print_error("got %d: %.2000s\n%.500s\n", answer.status, answer.head, answer.body);
    assert_int_equal(answer.status, status);
    assert_non_null(strstr(answer.body, part));
}

static void test_status(void **state)
{
    (void)state;
    get("/api/v1/status", NULL);
    expect(200, "\"id\":\"drill-one\"");
    expect(200, "\"phase\":\"running\"");
    expect(200, "A \\\"quoted\\\" drill");
    expect(200, "\"version\":\"");
    assert_true(answer_has(&answer, "content-security-policy: default-src 'none'"));
    assert_true(answer_has(&answer, "x-content-type-options: nosniff"));
    assert_true(answer_has(&answer, "referrer-policy: no-referrer"));
    assert_true(answer_has(&answer, "cache-control: no-store"));
    get("/api/v1/drills", NULL);
    expect(200, "drill-two");
}

static void test_missing(void **state)
{
    (void)state;
    get("/api/v1/nothing", NULL);
    expect(404, "\"code\":\"not-found\"");
    get("/api/v1/drills/drill-nine", NULL);
    expect(404, "no drill 'drill-nine'");
    get("/api/v1/drills/DRILL", NULL);
    expect(404, "not-found");
    get("/api/v1/drills/drill-one/start", NULL);
    expect(405, "");
    assert_true(answer_has(&answer, "allow: POST"));
    post("/api/v1/status", house.control, "k", "{}");
    expect(405, "");
    assert_true(answer_has(&answer, "allow: GET, HEAD"));
    peer_request(house.port, "DELETE", "/api/v1/status", NULL, NULL, NULL, &answer);
    assert_int_equal(answer.status, 405);
}

static void test_roles(void **state)
{
    (void)state;
    post("/api/v1/drills/drill-one/start", NULL, "r1", "{}");
    expect(401, "denied");
    assert_true(answer_has(&answer, "www-authenticate: Bearer"));
    post("/api/v1/drills/drill-one/start", "wrong-token", "r1", "{}");
    expect(401, "no such token");
    post("/api/v1/drills/drill-one/start", house.quick, "r1", "{}");
    expect(403, "only for control");
    post("/api/v1/drills/drill-one/reports", house.control, "r1", "{\"text\":\"x\"}");
    expect(403, "only for teams");
    post("/api/v1/drills/drill-two/reports", house.quick, "r1", "{\"text\":\"x\"}");
    expect(403, "another drill");
    get("/api/v1/drills/drill-two", house.quick);
    expect(403, "another drill");
    get("/api/v1/drills/drill-one/journal", house.quick);
    assert_int_equal(answer.status, 403);
    get("/api/v1/drills/drill-one/plan", NULL);
    assert_int_equal(answer.status, 401);
    char longer[200];
    memset(longer, 'a', 65);
    longer[65] = '\0';
    get("/api/v1/drills/drill-one", longer);
    assert_int_equal(answer.status, 401);
}

static void test_state_by_audience(void **state)
{
    (void)state;
    get("/api/v1/drills/drill-one", NULL);
    expect(200, "\"n\":");
    assert_null(strstr(answer.body, "only-for"));
    get("/api/v1/drills/drill-one", house.quick);
    expect(200, "tulip-only-for-team-0");
    assert_null(strstr(answer.body, "orchid"));
    get("/api/v1/drills/drill-one", house.control);
    expect(200, "orchid-only-for-control");
}

static void test_verbs(void **state)
{
    (void)state;
    post("/api/v1/drills/drill-one/start", house.control, "v1", "{\"reason\":\"go\"}");
    expect(200, "{\"ok\":true,\"phase\":\"running\",\"seq\":");
    post("/api/v1/drills/drill-one/pause", house.control, "v2", "{}");
    expect(409, "\"code\":\"state\"");
    post("/api/v1/drills/drill-one/start", house.control, "v3", "{\"reason\":7}");
    expect(400, "\"path\":\"/reason\"");
    post("/api/v1/drills/drill-one/start", house.control, "v4", "{\"speed\":2}");
    assert_int_equal(answer.status, 400);
    post("/api/v1/drills/drill-one/start", house.control, "v5", "not json");
    expect(400, "invalid");
    post("/api/v1/drills/drill-one/clock", house.control, "v6", "{\"speed\":10}");
    expect(200, "\"ok\":true");
    post("/api/v1/drills/drill-one/clock", house.control, "v7", "{\"speed\":0}");
    assert_int_equal(answer.status, 400);
    post("/api/v1/drills/drill-one/clock", house.control, "v8", "{\"speed\":1001}");
    assert_int_equal(answer.status, 400);
    post("/api/v1/drills/drill-one/fly", house.control, "v9", "{}");
    assert_int_equal(answer.status, 404);
}

static void test_answer(void **state)
{
    (void)state;
    const char *path = "/api/v1/drills/drill-one/questions/3/answer";
    const char *good =
        "{\"step\":\"action--1\",\"role\":\"ir_lead\",\"vars\":{\"a\":\"true\"}}";
    post(path, house.quick, "q1", good);
    expect(200, "\"ok\":true");
    post(path, house.quick, "q2",
         "{\"step\":\"action--1\",\"role\":\"cook\",\"vars\":{}}");
    assert_int_equal(answer.status, 403);
    post("/api/v1/drills/drill-one/questions/4/answer", house.quick, "q3", good);
    assert_int_equal(answer.status, 409);
    post(path, house.quick, "q4",
         "{\"step\":\"action--1\",\"role\":\"ir_lead\",\"vars\":{\"a\":3}}");
    expect(400, "/vars/a");
    post("/api/v1/drills/drill-one/questions/x/answer", house.quick, "q5", good);
    assert_int_equal(answer.status, 404);
}

static void test_action(void **state)
{
    (void)state;
    const char *path = "/api/v1/drills/drill-one/actions";
    post(path, house.quick, "a1", "{\"machine\":\"hmi1\",\"argv\":[\"look\"]}");
    expect(200, "{\"exit\":0,\"ok\":true,\"output\":\"look by team:blue-quick key "
                "team:blue-quick:a1\",\"seq\":");
    post(path, house.quick, "a2", "{\"machine\":\"hmi1\",\"argv\":[\"look\",\"x\"]}");
    expect(200, "\"exit\":3,\"ok\":false");
    post(path, house.quick, "a3", "{\"machine\":\"broken\",\"argv\":[\"look\"]}");
    expect(500, "as the test asked");
    post(path, house.quick, "a4", "{\"machine\":\"hmi1\",\"argv\":\"look\"}");
    expect(400, "/argv");
    post(path, house.quick, "a5",
         "{\"machine\":\"hmi1\",\"argv\":[\"look\"],\"more\":1}");
    expect(400, "more");
}

static void test_repeat(void **state)
{
    (void)state;
    const char *path = "/api/v1/drills/drill-one/actions";
    const char *body = "{\"machine\":\"hmi1\",\"argv\":[\"look\"]}";
    static struct answer first;
    post(path, house.quick, "same", body);
    first = answer;
    post(path, house.quick, "same", body);
    assert_int_equal(answer.status, 200);
    assert_string_equal(first.body, answer.body);
    post(path, house.quick, "same", "{\"machine\":\"hmi1\",\"argv\":[\"other\"]}");
    expect(409, "another request");
    post(path, house.slow, "same", body); /* another team's key is another key */
    assert_int_equal(answer.status, 200);
    assert_string_not_equal(first.body, answer.body);
    post(path, house.quick, "bad", "{\"machine\":\"broken\",\"argv\":[\"look\"]}");
    assert_int_equal(answer.status, 500);
    first = answer;
    post(path, house.quick, "bad", "{\"machine\":\"broken\",\"argv\":[\"look\"]}");
    assert_int_equal(answer.status, 500);
}

static void test_headers(void **state)
{
    (void)state;
    char text[512], key[80];
    const char *path = "/api/v1/drills/drill-one/reports";
    post(path, house.quick, NULL, "{\"text\":\"x\"}");
    expect(400, "Idempotency-Key");
    memset(key, 'k', 65);
    key[65] = '\0';
    post(path, house.quick, key, "{\"text\":\"x\"}");
    expect(400, "Idempotency-Key");
    key[64] = '\0';
    post(path, house.quick, key, "{\"text\":\"x\"}");
    assert_int_equal(answer.status, 200);
    snprintf(
        text, sizeof(text),
        "POST %s HTTP/1.1\r\nHost: localhost:1\r\nAuthorization: Bearer %s\r\n"
        "Idempotency-Key: z\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        path, house.quick);
    peer_raw(house.port, text, &answer, NULL);
    assert_int_equal(answer.status, 415);
    snprintf(text, sizeof(text),
             "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
             "Idempotency-Key: z\r\nContent-Type: application/json\r\n\r\n",
             path, house.quick);
    peer_raw(house.port, text, &answer, NULL);
    assert_int_equal(answer.status, 411);
}

/* Who asks comes before what is wrong with the body. */
static void test_a_stranger_is_told_nothing_of_the_body(void **state)
{
    (void)state;
    static const char *const lengths[] = {
        "Content-Length: 2\r\n\r\n{}", "\r\n", "Content-Length: 900000000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"};
    static const int known[] = {200, 411, 413, 411};
    for (int i = 0; i < 4; i++) {
        for (int token = 0; token < 2; token++) {
            char text[1024];
            snprintf(text, sizeof(text),
                     "POST /api/v1/drills/drill-one/start HTTP/1.1\r\nHost: localhost\r\n"
                     "Authorization: Bearer %s\r\nIdempotency-Key: s%d%d\r\n"
                     "Content-Type: application/json\r\n%s",
                     token ? house.control : "wrong", i, token, lengths[i]);
            peer_raw(house.port, text, &answer, NULL);
            if (answer.status != (token ? known[i] : 401))
                fail_msg("%d %d: %d", i, token, answer.status);
        }
    }
    peer_raw(house.port,
             "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n"
             "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             &answer, NULL);
    assert_int_equal(answer.status, 411);
}

static void test_report(void **state)
{
    (void)state;
    post("/api/v1/drills/drill-one/reports", house.quick, "p1",
         "{\"text\":\"浊度异常\"}");
    expect(200, "\"ok\":true");
    post("/api/v1/drills/drill-one/reports", house.quick, "p2", "{\"text\":\"\"}");
    assert_int_equal(answer.status, 400);
    get("/api/v1/drills/drill-one/report?lang=en&format=md", house.control);
    expect(200, "report en md");
    assert_true(answer_has(&answer, "content-type: text/markdown"));
    get("/api/v1/drills/drill-one/report", house.control);
    expect(200, "report zh html");
    get("/api/v1/drills/drill-one/report?lang=fr", house.control);
    expect(400, "lang");
    get("/api/v1/drills/drill-one/report?format=pdf", house.control);
    expect(400, "format");
}

static void test_score(void **state)
{
    (void)state;
    post("/api/v1/drills/drill-one/rulings", house.control, "s1",
         "{\"team\":\"blue-quick\",\"points\":-20,\"reason\":\"late\"}");
    expect(200, "\"ok\":true");
    post("/api/v1/drills/drill-one/rulings", house.control, "s2",
         "{\"team\":\"nobody\",\"points\":-20,\"reason\":\"late\"}");
    expect(404, "nobody");
    post("/api/v1/drills/drill-one/rulings", house.control, "s3",
         "{\"team\":\"blue-quick\",\"points\":\"many\",\"reason\":\"late\"}");
    expect(400, "/points");
    get("/api/v1/drills/drill-one/why", NULL);
    assert_int_equal(answer.status, 200);
    get("/api/v1/drills/drill-one/why?team=nobody", NULL);
    assert_int_equal(answer.status, 404);
}

static void test_journal(void **state)
{
    (void)state;
    get("/api/v1/drills/drill-one/journal", house.control);
    assert_int_equal(answer.status, 200);
    assert_true(answer_has(&answer, "application/x-ndjson"));
    const char *at = answer.body;
    for (long long seq = 1; seq <= 1000; seq++) {
        assert_int_equal(peer_number(at, "seq"), seq);
        at = strchr(at, '\n');
        assert_non_null(at);
        at++;
    }
    assert_int_equal(*at, 0);
    get("/api/v1/drills/drill-one/journal?from=999", house.control);
    assert_string_equal(answer.body, "{\"seq\":999}\n{\"seq\":1000}\n");
    get("/api/v1/drills/drill-one/journal?from=-1", house.control);
    assert_int_equal(answer.status, 400);
    get("/api/v1/drills/drill-one/plan", house.control);
    expect(200, "machines");
}

static void test_create(void **state)
{
    (void)state;
    post("/api/v1/drills", house.control, "c1",
         "{\"name\":\"water\",\"files\":{\"scenario.lua\":\"-- "
         "演\"},\"teams\":[\"red-a\",\"red-b\"],"
         "\"seed\":1,\"speed\":10}");
    expect(201, "{\"id\":\"drill-new\",\"teams\":{\"red-a\":{\"token\":\"");
    char token[32] = "";
    sscanf(strstr(answer.body, "red-b") + 17, "%26[^\"]", token);
    assert_int_equal(strlen(token), 26);
    get("/api/v1/drills/drill-new", token);
    expect(200, "tulip-only-for-team-1");
    post("/api/v1/drills", house.control, "c2", "{\"name\":\"water\"}");
    assert_int_equal(answer.status, 400);
    post("/api/v1/drills", house.control, "c3",
         "{\"name\":\"water\",\"files\":{\"../x\":\"\"},\"teams\":[\"a\"]}");
    assert_int_equal(answer.status, 400);
}

static void test_board_files(void **state)
{
    (void)state;
    get("/", NULL);
    expect(200, "演武");
    assert_true(answer_has(&answer, "content-type: text/html; charset=utf-8"));
    assert_true(answer_has(&answer, "cache-control: no-cache"));
    char etag[64] = "", text[256];
    sscanf(strcasestr(answer.head, "etag: "), "%*s %60s", etag);
    snprintf(text, sizeof(text),
             "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: %s\r\n\r\n", etag);
    peer_raw(house.port, text, &answer, NULL);
    assert_int_equal(answer.status, 304);
    get("/main.0123abcd.js", NULL);
    expect(200, "export");
    assert_true(answer_has(&answer, "immutable"));
    assert_true(answer_has(&answer, "content-type: text/javascript"));
    get("/words/en.json", NULL);
    expect(200, "{}");
    get("/.hidden", NULL);
    assert_int_equal(answer.status, 404);
    get("/../../etc/passwd", NULL);
    assert_true(answer.status == 404 || answer.status == 400 || answer.status == 0);
    get("/%2e%2e/%2e%2e/etc/passwd", NULL);
    assert_true(answer.status == 404 || answer.status == 400 || answer.status == 0);
    post("/index.html", NULL, "k", "{}");
    assert_int_equal(answer.status, 405);
}

/* up takes longer than every deadline of a silent connection; a second request with its
 * key waits for the same command, also when the first one's connection has gone. */
static void test_long_command(void **state)
{
    (void)state;
    char text[512];
    int fd[2];
    snprintf(text, sizeof(text),
             "POST /api/v1/drills/drill-one/up HTTP/1.1\r\nHost: localhost\r\n"
             "Authorization: Bearer %s\r\nIdempotency-Key: up-1\r\n"
             "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
             house.control);
    for (int i = 0; i < 2; i++) {
        fd[i] = peer_connect(house.port);
        peer_text(fd[i], text);
        usleep(100000);
    }
    close(fd[0]);
    assert_true(peer_answer(fd[1], &answer, PEER_PATIENCE_MS));
    expect(200, "\"ok\":true");
    long long seq = peer_number(answer.body, "seq");
    close(fd[1]);
    post("/api/v1/drills/drill-one/up", house.control, "up-1", "{}");
    assert_int_equal(peer_number(answer.body, "seq"), seq);
}

/* One connection, several requests, one after the other and all at once. */
static void test_keep_alive(void **state)
{
    (void)state;
    int fd = peer_connect(house.port);
    for (int i = 0; i < 3; i++) {
        peer_text(fd, "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_true(peer_answer(fd, &answer, PEER_PATIENCE_MS));
        assert_int_equal(answer.status, 200);
    }
    /* HEAD: the head of a GET and nothing after it, so the next answer follows at once.
     */
    peer_text(fd, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    char head[2048];
    assert_true(peer_read(fd, head, sizeof(head), 300) > 0);
    assert_non_null(strstr(head, "200"));
    assert_non_null(strcasestr(head, "content-length: "));
    assert_null(strstr(head, "doctype"));
    peer_text(fd, "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  "GET /api/v1/drills HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (int i = 0; i < 2; i++) {
        assert_true(peer_answer(fd, &answer, PEER_PATIENCE_MS));
        assert_int_equal(answer.status, 200);
    }
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_state_by_audience),
        cmocka_unit_test(test_verbs),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_action),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_score),
        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_board_files),
        cmocka_unit_test(test_long_command),
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_a_stranger_is_told_nothing_of_the_body),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
