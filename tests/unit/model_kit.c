/* The attack kit: fifteen families, each of them whole; what can be taken back, and how. */
#include "codec/technique.h"
#include "model/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define FAMILIES 15

static void every_family_is_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct yw_kit_family *family;
    for (; (family = yw_kit_family(count)) != NULL; count++) {
        const char *const texts[] = {
            family->title.zh,   family->title.en,   family->network.zh,
            family->network.en, family->host.zh,    family->host.en,
            family->process.zh, family->process.en, family->counter.zh,
            family->counter.en, family->techniques, family->actions,
            family->alerts};
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            assert_true(texts[i] != NULL && texts[i][0] != '\0');
        for (size_t k = 0; k < count; k++)
            assert_string_not_equal(yw_kit_family(k)->name, family->name);
    }
    assert_int_equal(count, FAMILIES);
}

static void every_technique_is_in_the_table(void **state)
{
    (void)state;
    struct yw_techniques table;
    struct yw_err err = {0};
    char id[YW_NAME_MAX];
    assert_int_equal(yw_techniques_read(&table, "scenarios/techniques.json", &err), 0);
    for (size_t i = 0; yw_kit_family(i) != NULL; i++) {
        for (size_t k = 0; yw_spec_word(yw_kit_family(i)->techniques, k, id); k++) {
            if (yw_techniques_find(&table, id) == NULL)
                fail_msg("%s: no technique %s", yw_kit_family(i)->name, id);
        }
    }
    yw_techniques_fini(&table);
}

static void old_of(const char *output, const char *want)
{
    char old[YW_KIT_OLD_MAX];
    yw_kit_old(output, old);
    assert_string_equal(old, want);
}

static void what_stood_there_is_taken_with_care(void **state)
{
    (void)state;
    old_of("{\"old\":100,\"new\":11100}", "100");
    old_of("{\"old\":\"run\",\"new\":\"stop\"}", "run");
    old_of("{\"old\":[1,2],\"new\":[3,4]}", "");
    old_of("{\"new\":1}", "");
    old_of("", "");
    old_of("{\"old\":", "");
    old_of("{\"old\":\"", "");
    old_of("{\"old\":\"a b\"}", "");
    old_of("{\"old\":\"../x\"}", "");
    old_of("{\"old\":1234567890123456789012345678901}",
           "1234567890123456789012345678901");
    old_of("{\"old\":12345678901234567890123456789012}", ""); /* the limit + 1 */
}

/* The vector that takes `line` back, in words; "" when nothing does. */
static void undo_of(const char *const *words, size_t argc, const char *old,
                    const char *want)
{
    struct vector {
        char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    } from = {0}, back;
    const struct vector *vector = &from;
    char text[256] = "";
    for (size_t i = 0; i < argc; i++)
        strcpy(from.argv[i], words[i]);
    size_t count = yw_kit_undo(vector->argv, argc, old, back.argv);
    for (size_t i = 0; i < count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, back.argv[i]);
    }
    assert_string_equal(text, want);
    assert_true(yw_kit_undoable(vector->argv, argc) || count == 0);
}

#define UNDO(old, want, ...)                                                             \
    do {                                                                                 \
        static const char *const words[] = {__VA_ARGS__};                                \
        undo_of(words, sizeof(words) / sizeof(words[0]), old, want);                     \
    } while (0)

static void what_can_be_taken_back(void **state)
{
    (void)state;
    UNDO("100", "modbus write 10.0.0.1 1 holding 40 100", "modbus", "write", "10.0.0.1",
         "1", "holding", "40", "11100");
    UNDO("", "", "modbus", "write", "10.0.0.1", "1", "holding", "40", "11100");
    UNDO("run", "engineering mode 10.0.0.1 1111 run", "engineering", "mode", "10.0.0.1",
         "1111", "stop");
    UNDO("", "engineering patch 10.0.0.1 1111 b a", "engineering", "patch", "10.0.0.1",
         "1111", "a", "b");
    UNDO("", "engineering lock 10.0.0.1 mine 1111", "engineering", "lock", "10.0.0.1",
         "1111", "mine");
    UNDO("", "halt creep", "background", "creep", "modbus", "ramp", "10.0.0.1");
    UNDO("1", "", "modbus", "scan", "10.0.0.0/24");
    UNDO("1", "", "modbus", "read", "10.0.0.1", "1", "holding", "40", "1");
}

static void the_action_of_a_vector(void **state)
{
    (void)state;
    static const char plain[2][YW_SPEC_ARG_MAX] = {"modbus", "write"};
    static const char lasting[4][YW_SPEC_ARG_MAX] = {"background", "creep", "modbus",
                                                     "ramp"};
    char name[YW_NAME_MAX];
    yw_kit_action(plain, 2, name);
    assert_string_equal(name, "modbus.write");
    yw_kit_action(lasting, 4, name);
    assert_string_equal(name, "modbus.ramp");
    yw_kit_action(plain, 1, name);
    assert_string_equal(name, "");
    assert_string_equal(yw_kit_family_of("modbus.ramp")->name, "drift");
    assert_null(yw_kit_family_of("modbus.poke"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_is_whole),
        cmocka_unit_test(every_technique_is_in_the_table),
        cmocka_unit_test(what_stood_there_is_taken_with_care),
        cmocka_unit_test(what_can_be_taken_back),
        cmocka_unit_test(the_action_of_a_vector)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
