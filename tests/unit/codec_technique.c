/* The table of techniques: the shipped one, MITRE's bundle, and files that are neither. */
#include "codec/technique.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHIPPED "scenarios/techniques.json"

static int decode(struct yw_techniques *ret, const char *text, struct yw_err *err)
{
    return yw_techniques_decode(ret, text, strlen(text), err);
}

static void test_the_shipped_table(void **state)
{
    struct yw_techniques table;
    struct yw_err err = {0};
    struct yw_buf out;
    char *text = NULL;
    size_t size = 0;
    (void)state;

    assert_int_equal(yw_techniques_read(&table, SHIPPED, &err), 0);
    assert_int_equal(table.list.count, 83); /* of version 18.1, by MITRE's own count */
    assert_string_equal(table.version, "18.1");
    assert_string_equal(yw_techniques_find(&table, "T0836")->name, "Modify Parameter");
    assert_string_equal(yw_techniques_find(&table, "T1692.001")->id, "T0855");
    assert_null(yw_techniques_find(&table, "T9999"));
    yw_buf_init(&out, 1 << 20);
    yw_techniques_encode(&out, &table);
    assert_int_equal(yw_file_read(SHIPPED, 1 << 20, &text, &size, &err), 0);
    assert_string_equal(out.data, text);
    free(text);
    yw_buf_fini(&out);
    yw_techniques_fini(&table);
}

#define PATTERN(stix, id, name, rest)                                                    \
    "{\"type\":\"attack-pattern\",\"id\":\"" stix "\",\"name\":\"" name                  \
    "\",\"x_mitre_domains\":[\"ics-attack\"],\"external_references\":[{\"source_name\":" \
    "\"mitre-attack\",\"external_id\":\"" id "\"}],\"kill_chain_phases\":[{"             \
    "\"kill_chain_name\":\"mitre-ics-attack\",\"phase_name\":\"impact\"}]" rest "}"

static const char
    bundle[] =
        "{\"type\":\"bundle\",\"objects\":["
        "{\"type\":\"x-mitre-collection\",\"name\":\"ICS\",\"x_mitre_version\":\"19.1\"}"
        "," PATTERN(
            "attack-pattern--b", "T1692.001", "Command Message",
            "") "," PATTERN("attack-pattern--a", "T0855", "Unauthorized Command Message",
                            ",\"revoked\":true") "," PATTERN("attack-pattern--c", "T0111",
                                                             "Old",
                                                             ",\"x_mitre_deprecated\":"
                                                             "true") ","
                                                                     "{\"type\":"
                                                                     "\"relationship\","
                                                                     "\"relationship_"
                                                                     "type\":\"revoked-"
                                                                     "by\",\"source_"
                                                                     "ref\":"
                                                                     "\"attack-pattern--"
                                                                     "a\",\"target_ref\":"
                                                                     "\"attack-pattern--"
                                                                     "b\"}]}";

static void test_a_bundle(void **state)
{
    struct yw_techniques table;
    struct yw_err err = {0};
    (void)state;

    assert_int_equal(decode(&table, bundle, &err), 0);
    assert_string_equal(table.version, "19.1");
    assert_string_equal(table.domain, "ics-attack");
    assert_int_equal(table.list.count, 2); /* the deprecated one is left out */
    const struct yw_technique *old = yw_techniques_find(&table, "T0855");

    assert_string_equal(old->now, "T1692.001");
    assert_int_equal(old->tactic_count, 1);
    assert_string_equal(old->tactics[0], "impact");
    assert_string_equal(yw_techniques_find(&table, "T1692.001")->name, "Command Message");
    yw_techniques_fini(&table);
}

static void test_what_is_no_table(void **state)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        {"{\"type\":\"bundle\",\"objects\":[]}", "/objects: expected techniques"},
        {"{\"type\":\"bundle\",\"objects\":[{\"type\":\"attack-pattern\"}]}",
         "/objects/0: a technique without an id"},
        {"{\"domain\":\"d\",\"source\":\"s\",\"version\":\"1\",\"techniques\":{}}",
         "/techniques: expected an array"},
        {"{\"domain\":\"d\",\"source\":\"s\",\"version\":\"1\",\"techniques\":[{\"id\":"
         "\"T1\",\"name\":\"n\",\"tactics\":[]},{\"id\":\"T1\",\"name\":\"n\","
         "\"tactics\":"
         "[]}]}",
         "/techniques/1: 'T1' stands there twice"},
        {"{\"domain\":\"d\",\"source\":\"s\",\"version\":\"1\",\"techniques\":[{\"id\":"
         "\"T1\",\"nam\":\"n\",\"tactics\":[]}]}",
         "nam"},
        {"{\"domain\":\"d\",\"source\":\"s\",\"version\":\"1\",\"techniques\":[{\"id\":"
         "\"T1\",\"name\":\"n\",\"tactics\":[1,2,3,4,5,6,7,8,9]}]}",
         "/techniques/0/tactics: expected an array of at most 8"},
        {"[]", "object"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct yw_techniques table;
        struct yw_err err = {0};

        assert_true(decode(&table, wrong[i].text, &err) < 0);
        if (strstr(err.text, wrong[i].says) == NULL)
            fail_msg("no '%s' in: %s", wrong[i].says, err.text);
        assert_int_equal(table.list.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shipped_table),
        cmocka_unit_test(test_a_bundle),
        cmocka_unit_test(test_what_is_no_table),
    };

    return cmocka_run_group_tests_name("codec_technique", tests, NULL, NULL);
}
