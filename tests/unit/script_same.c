/* Two hosts, the same requests: the same bytes. And what does not belong to a message is
 * refused on both sides. */
#include "base/mem.h"
#include "script/wire.h"
#include "script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything whose order or value could follow an address, a clock or a hash seed. */
static const char scenario[] =
    "scenario \"same\" { title = { zh = \"同\", en = \"Same\" }, sector = \"water\", "
    "length = \"5m\" }\n"
    "local words = { }\n"
    "for i = 1, 200 do words[\"key\" .. (i * 7919 % 1000)] = math.random(1000000) end\n"
    "local parts = { }\n"
    "for key, value in pairs(words) do parts[#parts + 1] = key .. \"=\" .. value end\n"
    "local text = table.concat(parts, \" \"):sub(1, 400)\n"
    "story(function (s)\n"
    "  local list = { }\n"
    "  for i = 1, 150 do list[i] = { math.random(5), i } end\n"
    "  table.sort(list, function (a, b) return a[1] < b[1] end)\n"
    "  local order = { }\n"
    "  for i, item in ipairs(list) do order[i] = item[2] end\n"
    "  s:say { zh = text, en = table.concat(order, \",\") .. tostring(print_nothing) }\n"
    "  if s:wait_for(any { answered \"x\" }, \"1m\") then s:wait \"2m\" else s:wait "
    "\"3m\" end\n"
    "  error(tostring({}) .. tostring(s))\n"
    "end)\n";

/* One request, the raw bytes of its reply appended to `all`. */
static void ask(struct harness *harness, const struct yw_script_request *request,
                struct yw_buf *all)
{
    struct yw_buf out;
    char *bytes = NULL;
    size_t size = 0;
    yw_buf_init(&out, YW_SCRIPT_MESSAGE_MAX);
    yw_script_request_pack(&out, request);
    assert_int_equal(yw_script_send(harness->fd, out.data, out.size, -1, NULL), 0);
    assert_int_equal(yw_script_receive(harness->fd, &bytes, &size, -1, NULL), 0);
    yw_buf_put(all, bytes, size);
    free(bytes);
    yw_buf_fini(&out);
}

static void drive(const char *source, uint64_t seed, struct yw_buf *all)
{
    struct harness harness;
    harness_open(&harness);
    struct yw_script_request load = {.ask = YW_SCRIPT_LOAD,
                                     .scenario_name = "scenario.lua",
                                     .scenario = source,
                                     .scenario_size = strlen(source),
                                     .seed = seed};
    ask(&harness, &load, all);
    for (int team = 0; team < 2; team++) {
        struct yw_script_request start = {
            .ask = YW_SCRIPT_START, .co = team, .team = team};
        YW_COPY(start.team_name, team == 0 ? "blue" : "green");
        ask(&harness, &start, all);
    }
    for (int turn = 0; turn < 4; turn++)
        for (int team = 0; team < 2; team++) {
            struct yw_script_request resume = {
                .ask = YW_SCRIPT_RESUME, .co = team, .holds = team == 0};
            ask(&harness, &resume, all);
        }
    harness_close(&harness);
}

static char *source_of(void)
{
    /* print_nothing is no name: a local makes it one that is nil. */
    size_t size = sizeof(scenario) + 64;
    char *source = calloc(1, size);
    assert_non_null(source);
    snprintf(source, size, "local print_nothing\n%s", scenario);
    return source;
}

static void replies_are_equal(void **arg)
{
    (void)arg;
    char *source = source_of();
    struct yw_buf runs[3];
    for (int i = 0; i < 3; i++) {
        yw_buf_init(&runs[i], 8 * 1024 * 1024);
        drive(source, i == 2 ? 8 : 7, &runs[i]);
    }
    assert_int_equal(runs[0].size, runs[1].size);
    assert_memory_equal(runs[0].data, runs[1].data, runs[0].size);
    /* Another seed shows: the streams are really used. */
    assert_true(runs[0].size != runs[2].size ||
                memcmp(runs[0].data, runs[2].data, runs[0].size) != 0);
    assert_non_null(strstr(source, "wait_for"));
    for (int i = 0; i < 3; i++)
        yw_buf_fini(&runs[i]);
    free(source);
}

/* The order in which stories go on does not change what they say. */
static void stories_do_not_meet(void **arg)
{
    (void)arg;
    static const char source[] = "scenario \"apart\" { title = { zh = \"分\", en = "
                                 "\"Apart\" }, sector = \"water\", "
                                 "length = \"5m\" }\nlocal count = 0\nshared = 0\n"
                                 "story(function (s)\n  for i = 1, 3 do\n    count = "
                                 "count + 1\n    shared = shared + 1\n"
                                 "    s:say { zh = tostring(count), en = "
                                 "tostring(shared) .. \"/\" .. math.random(99) }\n"
                                 "  end\nend)";
    char seen[2][3][YW_TEXT_MAX];
    for (int order = 0; order < 2; order++) {
        struct harness harness;
        harness_open(&harness);
        assert_int_equal(harness_load(&harness, source, NULL), 0);
        for (int other = 0; order == 1 && other < 3; other++)
            assert_int_equal(other == 0 ? harness_start_story(&harness, 1, "green")
                                        : harness_resume(&harness, 1, true),
                             0);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(i == 0 ? harness_start_story(&harness, 0, "blue")
                                    : harness_resume(&harness, 0, true),
                             0);
            assert_int_equal(harness.reply.answer, YW_SCRIPT_VERB);
            YW_COPY(seen[order][i], harness.reply.verb.text.en);
        }
        harness_close(&harness);
    }
    for (int i = 0; i < 3; i++)
        assert_string_equal(seen[0][i], seen[1][i]);
}

static void requests_are_bounded(void **arg)
{
    (void)arg;
    struct yw_script_request request;
    struct yw_script_request good = {.ask = YW_SCRIPT_RESUME, .co = YW_SCRIPT_CO_MAX - 1};
    struct yw_buf out;
    yw_buf_init(&out, YW_SCRIPT_MESSAGE_MAX);
    yw_script_request_pack(&out, &good);
    assert_int_equal(yw_script_request_unpack(&request, out.data, out.size, NULL), 0);
    for (size_t cut = 0; cut < out.size; cut++)
        assert_int_equal(yw_script_request_unpack(&request, out.data, cut, NULL),
                         YW_EINVAL);
    yw_buf_put(&out, "", 1);
    assert_int_equal(yw_script_request_unpack(&request, out.data, out.size, NULL),
                     YW_EINVAL);
    yw_buf_clear(&out);
    good.co = YW_SCRIPT_CO_MAX;
    yw_script_request_pack(&out, &good);
    assert_int_equal(yw_script_request_unpack(&request, out.data, out.size, NULL),
                     YW_EINVAL);
    yw_buf_fini(&out);
}

static void sources_are_bounded(void **arg)
{
    (void)arg;
    char *source = malloc(YW_SCRIPT_SOURCE_MAX + 2);
    assert_non_null(source);
    memset(source, '\n', YW_SCRIPT_SOURCE_MAX + 1);
    source[YW_SCRIPT_SOURCE_MAX + 1] = '\0';
    struct harness harness;
    harness_open(&harness);
    assert_int_equal(harness_load(&harness, source, NULL), 0);
    assert_int_equal(harness.reply.fault.code, YW_EINVAL); /* one byte too many */
    assert_non_null(strstr(harness.reply.fault.text, "malformed"));
    source[YW_SCRIPT_SOURCE_MAX] = '\0';
    assert_int_equal(harness_load(&harness, source, NULL), 0);
    assert_non_null(strstr(harness.reply.fault.text, "no scenario"));
    harness_close(&harness);
    free(source);
}

/* The host is hostile: every cut and every flipped byte is refused or is a valid reply.
 */
static void replies_are_not_trusted(void **arg)
{
    (void)arg;
    struct yw_script_reply *reply = calloc(1, sizeof(*reply));
    struct yw_script_reply *ret = calloc(1, sizeof(*ret));
    struct yw_buf out;
    assert_non_null(reply);
    assert_non_null(ret);
    reply->answer = YW_SCRIPT_VERB;
    reply->verb.kind = YW_VERB_ANSWER;
    YW_COPY(reply->verb.subject, "Assess");
    reply->verb.var_count = 1;
    YW_COPY(reply->verb.vars[0].name, "tampered");
    yw_buf_init(&out, YW_SCRIPT_MESSAGE_MAX);
    yw_script_reply_pack(&out, reply);
    assert_int_equal(yw_script_reply_unpack(ret, out.data, out.size, NULL), 0);
    assert_string_equal(ret->verb.vars[0].name, "tampered");
    for (size_t cut = 0; cut < out.size; cut++)
        assert_int_equal(yw_script_reply_unpack(ret, out.data, cut, NULL), YW_ECORRUPT);
    for (size_t at = 0; at < out.size; at++)
        for (int value = 1; value < 256; value += 37) {
            out.data[at] = (char)(out.data[at] ^ value);
            if (yw_script_reply_unpack(ret, out.data, out.size, NULL) == 0)
                yw_script_reply_fini(ret);
            out.data[at] = (char)(out.data[at] ^ value);
        }
    yw_buf_fini(&out);
    free(reply);
    free(ret);
}

int main(int argc, char **argv)
{
    int status = harness_main(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_equal),       cmocka_unit_test(stories_do_not_meet),
        cmocka_unit_test(requests_are_bounded),    cmocka_unit_test(sources_are_bounded),
        cmocka_unit_test(replies_are_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
