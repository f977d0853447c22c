/* Playbooks: the shipped one decodes to what its author meant; each row breaks it in one
 * place and must be refused with a pointer to that place. */
#include "codec/playbook/playbook.h"

#include "response/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_MAX (256 * 1024)

/* *new* */
static char *shipped(void)
{
    char *text = calloc(1, FILE_MAX);
    const char *root = getenv("YW_SOURCE");
    char path[512];

    snprintf(path, sizeof path, "%s/playbooks/ics-tampering.json", root ? root : ".");
    FILE *file = fopen(path, "r");

    assert_non_null(text);
    assert_non_null(file);
    assert_true(fread(text, 1, FILE_MAX - 1, file) > 0);
    fclose(file);
    return text;
}

static int decode(struct yw_playbook **ret, const char *text, struct yw_err *err)
{
    return yw_playbook_decode(ret, text, strlen(text), err);
}

static void test_shipped(void **state)
{
    (void)state;
    char *text = shipped();
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};

    if (decode(&playbook, text, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(playbook->name.en, "First response to a tampered set-point");
    assert_string_equal(playbook->name.zh, "设定值遭篡改的先期处置");
    assert_int_equal(playbook->step_count, 9);
    assert_int_equal(playbook->var_count, 3);
    assert_int_equal(playbook->exception, -1);
    const struct yw_pb_step *start = &playbook->steps[playbook->start];
    const struct yw_pb_step *assess = &playbook->steps[start->on_completion];

    assert_string_equal(start->name.zh, "开始");
    assert_string_equal(assess->name.en, "Assess the alarm");
    assert_string_equal(assess->name.zh, "研判告警");
    assert_string_equal(assess->role, "ir_lead");
    assert_int_equal(assess->command_count, 0);
    assert_int_equal(assess->deadline_ms, 180000);
    assert_int_equal(assess->timeout_ms, 600000);
    assert_int_equal(assess->out_count, 2);
    assert_string_equal(playbook->vars[assess->fields[0].var].name, "tampered");
    assert_string_equal(playbook->vars[assess->fields[0].var].type, "bool");
    assert_true(strstr(assess->asks.zh, "设定值") &&
                strstr(assess->asks.en, "set-point"));
    const struct yw_pb_step *decide = &playbook->steps[assess->on_success];
    const struct yw_pb_step *cut = &playbook->steps[decide->on_true];

    assert_int_equal(decide->type, YW_PB_IF);
    assert_int_equal(cut->command_count, 1);
    assert_int_equal(cut->commands[0].kind, YW_PB_ISOLATE);
    assert_string_equal(cut->commands[0].machine, "jump");
    assert_string_equal(cut->asks.en, "");
    assert_int_equal(playbook->steps[decide->on_false].type, YW_PB_END);
    assert_true(playbook->steps[assess->on_failure].asks.en[0] != '\0');
    yw_playbook_free(playbook);
    free(text);
}

/* *new*: the first `from` replaced by `to`. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *out = calloc(1, FILE_MAX);

    if (!at || !out)
        fail_msg("the playbook does not hold: %s", from);
    else
        snprintf(out, FILE_MAX, "%.*s%s%s", (int)(at - text), text, to,
                 at + strlen(from));
    return out;
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *want;
    } rows[] = {
        {"\"type\": \"playbook\"", "\"type\": \"plan\"",
         "/type: expected 'playbook'; got 'plan'"},
        {"cacao-2.0", "cacao-1.1", "/spec_version: expected 'cacao-2.0'"},
        {"\"id\": \"playbook--", "\"id\": \"playbook-", "/id: expected playbook--<UUID>"},
        {"\"created_by\": \"identity--", "\"created_by\": \"i--", "/created_by: "},
        {"T00:00:00.000Z", "T00:00:00Z", "/created: expected a time"},
        {"\"modified\": \"2026", "\"modified\": \"2025", "/modified: before created"},
        {"\"name\": \"First response", "\"title\": \"First response", "/name: missing"},
        {"\"name\": \"First", "\"name\": \"\\u0007First", "/name: holds control"},
        {"\"name\": \"First", "\"name\": \"x\", \"name\": \"First", "duplicate"},
        {"\"__tampered__\": {", "\"__9__\": {", "/playbook_variables/__9__: "},
        {"\"type\": \"bool\"", "\"type\": 1", "/playbook_variables/__tampered__/type: "},
        {"\"value\": null", "\"value\": \"maybe\"",
         "/playbook_variables/__tampered__/value: "
         "expected true or false; got 'maybe'"},
        {"\"value\": null", "\"value\": true", "expected text"},
        {"\"value\": null", "\"constant\": true",
         "/out_args: '__tampered__' is a constant"},
        {"\"workflow_start\": \"start--", "\"workflow_start\": \"end--",
         "/workflow_start: "},
        {"\"workflow_start\"", "\"workflow_exception\": \"x\", \"workflow_start\"",
         "/workflow_exception: no such step 'x'"},
        {"\"type\": \"start\"", "\"type\": \"begin\"",
         "/type: no such type of step: 'begin'"},
        {"\"type\": \"start\"", "\"type\": \"end\"", "expected end--<UUID of version 4>"},
        {"\"on_completion\": \"action--", "\"on_completion\": \"action-",
         "/on_completion: no such step"},
        {"\"on_completion\": \"action--", "\"on_success\": \"action--",
         "a start has on_completion only"},
        {"\"on_success\": \"if", "\"on_completion\": \"if",
         "not together with on_success or on_failure"},
        {"\"timeout\": 600000", "\"timeout\": -1", "/timeout: expected milliseconds"},
        {"\"timeout\": 600000", "\"timeout\": 2678400001",
         "/timeout: expected milliseconds"},
        {"\"timeout\": 600000", "\"timeout\": 1.5", "/timeout: expected milliseconds"},
        {"\"command\": \"Compare", "\"comment\": \"Compare", "/command: missing"},
        {"\"agent\": \"group--", "\"agent\": \"group-", "is not in agent_definitions"},
        {"\"targets\": [\n    \"", "\"targets\": [\n    \"x",
         "is not in target_definitions"},
        {"\"out_args\": [\n    \"__tampered__\"", "\"out_args\": [\n    \"__nobody__\"",
         "/out_args: '__nobody__' is not declared"},
        {"\"out_args\": [\n    \"__tampered__\"", "\"out_args\": [\n    \"__source__\"",
         "/out_args: '__source__' twice"},
        {"\"step_extensions\": {\n    \"extension-definition--",
         "\"step_extensions\": {\n"
         "    \"extension-definition-",
         "is not in extension_definitions"},
        {"\"anchor\": \"step_start\"", "\"anchor\": \"someday\"",
         "/anchor: no such anchor 'someday'"},
        {"\"ack\": \"single\"", "\"ack\": \"all\"", "/ack: 'all' is none of its words"},
        {"\"ack\": \"single\"", "\"evidence\": [\"rumour\"]",
         "/evidence: no such form 'rumour'"},
        {"\"ack\": \"single\"", "\"on_overdue\": \"wait\"", "/on_overdue: 'wait'"},
        {"\"deadline_ms\": 180000", "\"deadline_ms\": \"soon\"", "/deadline_ms: "},
        {"\"on_true\"", "\"on_truth\"", "/on_true: missing"},
        {"POST /api", "POST", "expected a start line"},
        {"machines/jump/", "machines/Jump!/", "'Jump!' is not the name of a machine"},
        {"machines/jump/", "machines/__nobody__:value/", "is not the name of a machine"},
        {"\"marking-tlp--94", "\"marking-tlp--95", "/markings: "},
    };
    char *text = shipped();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *broken = replaced(text, rows[i].from, rows[i].to);
        struct yw_playbook *playbook = NULL;
        struct yw_err err = {0};

        if (decode(&playbook, broken, &err) == 0)
            fail_msg("accepted: %s -> %s", rows[i].from, rows[i].to);
        if (!strstr(err.text, rows[i].want))
            fail_msg("%s -> %s: %s", rows[i].from, rows[i].to, err.text);
        free(broken);
    }
    free(text);
}

#define UUID(n) "00000000-0000-4000-8000-00000000000" n
#define HEAD                                                                              \
    "{\"type\":\"playbook\",\"spec_version\":\"cacao-2.0\",\"id\":\"playbook--" UUID(     \
        "1") "\",\"name\":\"n\",\"created_by\":\"identity--" UUID("2") "\",\"created\":"  \
                                                                       "\"2026-11-"       \
                                                                       "21T00:00:00."     \
                                                                       "000Z\","          \
                                                                       "\"modified\":"    \
                                                                       "\"2026-11-"       \
                                                                       "21T00:00:00."     \
                                                                       "000Z\","          \
                                                                       "\"agent_"         \
                                                                       "definitions\":{"  \
                                                                       "\"g\":{}},"       \
                                                                       "\"workflow_"      \
                                                                       "start\":"         \
                                                                       "\"start--" UUID(  \
                                                                           "3") "\","     \
                                                                                "\"work"  \
                                                                                "flow\""  \
                                                                                ":{"      \
                                                                                "\"star"  \
                                                                                "t-"      \
                                                                                "-" UUID( \
                                                                                    "3") "\":{\"type\":\"start\",\"on_completion\":"
#define ACTION(id, next)                                                                 \
    "\"action--" UUID(                                                                   \
        id) "\":{\"type\":\"action\",\"agent\":\"g\",\"commands\":[{\"type\":"           \
            "\"bash\",\"command\":\"true\"}],\"on_completion\":\"" next "\"},"
#define END "\"end--" UUID("9") "\":{\"type\":\"end\"}}}"

static void test_graphs(void **state)
{
    (void)state;
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};

    /* a program that no machine runs is for control to see to: never for the host */
    if (decode(&playbook,
               HEAD "\"action--" UUID("4") "\"}," ACTION("4", "end--" UUID("9")) END,
               &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(playbook->steps[1].command_count, 0);
    assert_true(playbook->steps[1].foreign);
    assert_string_equal(playbook->steps[1].asks.en, "[bash] true");
    yw_playbook_free(playbook);

    assert_int_equal(
        decode(&playbook,
               HEAD "\"action--" UUID("4") "\"}," ACTION("4", "action--" UUID("5"))
                   ACTION("5", "action--" UUID("4")) END,
               &err),
        YW_EINVAL);
    assert_non_null(strstr(err.text, "on a circle"));
    assert_int_equal(
        decode(&playbook,
               HEAD "\"end--" UUID("9") "\"}," ACTION("4", "end--" UUID("9")) END, &err),
        YW_EINVAL);
    assert_non_null(strstr(err.text, "no step leads here"));

    assert_int_equal(decode(&playbook,
                            HEAD "\"parallel--" UUID("4") "\"},\"parallel--" UUID(
                                "4") "\":{\"type\":\"parallel\",\"next_steps\":[\"end-"
                                     "-" UUID("9") "\"]}," END,
                            &err),
                     YW_EINVAL);
    assert_non_null(strstr(err.text, "/next_steps: expected 2 to 16 steps"));
    assert_int_equal(
        decode(&playbook,
               HEAD "\"parallel--" UUID("4") "\"},\"parallel--" UUID(
                   "4") "\":{\"type\":\"parallel\",\"next_steps\":[\"x\",\"x\"],"
                        "\"on_completion\":\"end--" UUID("9") "\"}," END,
               &err),
        YW_EINVAL);
    assert_non_null(strstr(err.text, "/next_steps: no such step 'x'"));
}

/* *new* */
static struct yw_playbook *every_step(void)
{
    char *text = calloc(1, FILE_MAX);
    const char *root = getenv("YW_SOURCE");
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/tests/unit/playbooks/every_step.json",
             root ? root : ".");
    FILE *file = fopen(path, "r");

    assert_non_null(text);
    assert_non_null(file);
    assert_true(fread(text, 1, FILE_MAX - 1, file) > 0);
    fclose(file);
    char *marked = replaced(text, "\"markings\"", "\"labels\""); /* it has a flaw there */

    if (decode(&playbook, marked, &err) < 0)
        fail_msg("%s", err.text);
    free(marked);
    free(text);
    return playbook;
}

static void test_every_step(void **state)
{
    (void)state;
    struct yw_playbook *playbook = every_step();
    int seen[YW_PB_TYPES] = {0};

    for (size_t i = 0; i < playbook->step_count; i++) {
        const struct yw_pb_step *step = &playbook->steps[i];

        seen[step->type]++;
        if (step->type == YW_PB_PARALLEL)
            assert_int_equal(step->branch_count, 2);
        if (step->type == YW_PB_SWITCH) {
            assert_string_equal(step->condition, "__zone__:value");
            assert_string_equal(step->branches[0].value, "control");
            assert_true(step->branches[1].is_default);
        }
        if (step->type == YW_PB_PLAYBOOK)
            assert_int_equal(strncmp(step->playbook, "playbook--0d4f", 14), 0);
        if (step->var_count > 0) {
            assert_string_equal(step->vars[0].name, "try");
            assert_string_equal(step->asks.en, "[ssh] id"); /* decoded */
        }
    }
    for (int type = 0; type < YW_PB_TYPES; type++)
        assert_true(seen[type] > 0);
    yw_playbook_free(playbook);
}

static void test_not_json(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "[]",
                                       "null",
                                       "{",
                                       "{}",
                                       "{\"type\":\"playbook\"}",
                                       "\"playbook\"",
                                       "{\"type\":1e999}"};
    struct yw_playbook *playbook = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(decode(&playbook, rows[i], NULL), YW_EINVAL);
}

static void test_size_limit(void **state)
{
    (void)state;
    struct yw_playbook *playbook = NULL;
    char *text = malloc(YW_PLAYBOOK_BYTES_MAX + 1);

    assert_non_null(text);
    memset(text, ' ', YW_PLAYBOOK_BYTES_MAX + 1);
    assert_int_equal(yw_playbook_decode(&playbook, text, YW_PLAYBOOK_BYTES_MAX + 1, NULL),
                     YW_ELIMIT);
    assert_int_equal(yw_playbook_decode(&playbook, text, YW_PLAYBOOK_BYTES_MAX, NULL),
                     YW_EINVAL);
    free(text);
}

/* Limits + 1, made by text: variables, steps, commands. */
static void test_count_limits(void **state)
{
    (void)state;
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};
    char *text = calloc(1, FILE_MAX);
    size_t used;

    assert_non_null(text);
    for (int count = YW_PLAYBOOK_STEPS_MAX; count <= YW_PLAYBOOK_STEPS_MAX + 1; count++) {
        used = (size_t)snprintf(text, FILE_MAX, "%s", HEAD "\"end--" UUID("9") "\"},");
        for (int i = 0; i < count - 2; i++)
            used += (size_t)snprintf(
                text + used, FILE_MAX - used,
                "\"end--00000000-0000-4000-8000-%012x\":{\"type\":\"end\"},", 0x1000 + i);
        snprintf(text + used, FILE_MAX - used, "%s", END);
        assert_int_equal(decode(&playbook, text, &err), YW_EINVAL);
        assert_non_null(strstr(err.text, count == YW_PLAYBOOK_STEPS_MAX
                                             ? "no step leads here"
                                             : "expected 1 to 256 steps"));
    }
    for (int count = YW_PLAYBOOK_VARS_MAX; count <= YW_PLAYBOOK_VARS_MAX + 1; count++) {
        used =
            (size_t)snprintf(text, FILE_MAX, "%s", HEAD "\"end--" UUID("9") "\"}," END);
        used -= 1; /* the last brace */
        used +=
            (size_t)snprintf(text + used, FILE_MAX - used, ",\"playbook_variables\":{");
        for (int i = 0; i < count; i++)
            used +=
                (size_t)snprintf(text + used, FILE_MAX - used,
                                 "%s\"__v%d__\":{\"type\":\"string\"}", i ? "," : "", i);
        snprintf(text + used, FILE_MAX - used, "}}");
        int status = decode(&playbook, text, &err);

        assert_int_equal(status, count == YW_PLAYBOOK_VARS_MAX ? 0 : YW_EINVAL);
        if (status == 0)
            yw_playbook_free(playbook);
    }
    free(text);
}

/* Every prefix, and every byte changed: an error or a playbook, never more. */
static void test_damage(void **state)
{
    (void)state;
    char *text = shipped();
    size_t size = strlen(text);
    struct yw_playbook *playbook;

    for (size_t i = 0; i < size; i += 7) {
        char kept = text[i];

        assert_int_equal(yw_playbook_decode(&playbook, text, i, NULL), YW_EINVAL);
        text[i] = (char)(i % 2 ? '"' : 0x80 + (int)(i % 100));
        if (yw_playbook_decode(&playbook, text, size, NULL) == 0)
            yw_playbook_free(playbook);
        text[i] = kept;
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_graphs),       cmocka_unit_test(test_every_step),
        cmocka_unit_test(test_not_json),     cmocka_unit_test(test_size_limit),
        cmocka_unit_test(test_count_limits), cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
