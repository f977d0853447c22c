/* Sentences about events: what programs wrote reads in both languages, what people wrote
 * stays as they wrote it. */
#include "model/words/words.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void say(const struct yw_event *event, const char *zh, const char *en)
{
    struct yw_drill_state state;
    struct yw_text text;

    yw_drill_state_init(&state);
    yw_event_words(event, &state, &text);
    assert_string_equal(text.zh, zh);
    assert_string_equal(text.en, en);
    yw_drill_state_fini(&state);
}

static void phase(enum yw_phase to, const char *reason, const char *zh, const char *en)
{
    struct yw_event event = {.kind = YW_EVENT_PHASE_CHANGED, .team = -1};

    event.phase_changed.phase = to;
    YW_COPY(event.phase_changed.reason, reason);
    say(&event, zh, en);
}

static void test_reasons_of_programs(void **state)
{
    (void)state;
    phase(YW_PHASE_ENDED, "length reached", "演练已结束：演练时长已到",
          "The drill is ended: length reached");
    phase(YW_PHASE_READY, "6 machines serving", "演练就绪：6 台机器开始服务",
          "The drill is ready: 6 machines serving");
    phase(YW_PHASE_PLANNED, "something may be left over: no such bridge",
          "演练已计划：可能有残留：no such bridge",
          "The drill is planned: something may be left over: no such bridge");
    phase(YW_PHASE_ENDED, "", "演练已结束", "The drill is ended");
}

static void test_words_of_people_stay(void **state)
{
    (void)state;
    phase(YW_PHASE_ENDED, "午饭", "演练已结束：午饭", "The drill is ended: 午饭");
    phase(YW_PHASE_ENDED, "length reached?", "演练已结束：length reached?",
          "The drill is ended: length reached?");
    phase(YW_PHASE_ENDED, "machines serving", "演练已结束：machines serving",
          "The drill is ended: machines serving");
}

static void test_longest_reason(void **state)
{
    struct yw_event event = {.kind = YW_EVENT_PLATFORM_FAULT, .team = -1};
    static const char end[] = "; starting it again";
    struct yw_drill_state drill;
    struct yw_text text;

    (void)state;
    memset(event.note.text, 'x', sizeof event.note.text - 1);
    memcpy(event.note.text + sizeof event.note.text - sizeof end, end, sizeof end);
    yw_drill_state_init(&drill);
    yw_event_words(&event, &drill, &text);
    assert_memory_equal(text.zh, "平台故障：xxx", strlen("平台故障：xxx"));
    assert_null(strstr(text.zh, "starting"));
    yw_drill_state_fini(&drill);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_of_programs),
        cmocka_unit_test(test_words_of_people_stay),
        cmocka_unit_test(test_longest_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
