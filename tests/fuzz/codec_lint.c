/* Any bytes as a playbook to check, and as a rule pack: whatever is found has a code and a place,
 * and what strict finds lenient finds too. */
#include "codec/playbook/lint.h"
#include "codec/rules/rules.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void lint(const char *text, size_t size)
{
    struct yw_findings strict, lenient;
    int code = yw_playbook_lint(&strict, text, size, YW_LINT_STRICT, NULL);
    int other = yw_playbook_lint(&lenient, text, size, YW_LINT_LENIENT, NULL);

    assert(code == other);
    assert(strict.count == lenient.count);
    assert(yw_findings_errors(&lenient) <= yw_findings_errors(&strict));
    for (size_t i = 0; i < strict.count; i++) {
        assert(strlen(strict.items[i].code) == 3);
        assert(strict.items[i].message[0] != '\0' && strict.items[i].line >= 0);
    }
    yw_findings_fini(&strict);
    yw_findings_fini(&lenient);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static const char none[] = "{\"schema\":\"drill-names/1\"}";
    static struct yw_calendar calendar;
    const char *text = (const char *)bytes;
    struct yw_rules *rules = NULL;

    lint(text, size);
    (void)yw_rules_decode_calendar(&calendar, text, size, NULL);
    if (yw_rules_decode_names(&rules, text, size, NULL) < 0 &&
        yw_rules_decode_names(&rules, none, strlen(none), NULL) < 0)
        return 0;
    (void)yw_rules_decode_pack(rules, "", text, size, NULL);
    yw_rules_free(rules);
    return 0;
}
