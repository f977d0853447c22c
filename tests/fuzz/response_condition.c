/* Any bytes as a condition over variables of every kind: a verdict, or a refusal with a
 * text. */
#include "response/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_pb_var vars[] = {
        {.name = "b", .type = "bool", .value = "true", .has_value = true},
        {.name = "s", .type = "string", .value = "较大 %_'\\", .has_value = true},
        {.name = "i", .type = "integer", .value = "-12", .has_value = true},
        {.name = "f", .type = "float", .value = "110.5", .has_value = true},
        {.name = "a", .type = "ipv6-addr", .value = "fe80::1", .has_value = true},
        {.name = "m",
         .type = "mac-addr",
         .value = "52:54:00:AA:bb:01",
         .has_value = true},
        {.name = "u", .type = "uuid"},
        {.name = "d",
         .type = "dictionary",
         .value = "{\"a\":[1,{\"b\":\"c\"}]}",
         .has_value = true},
    };
    const struct yw_playbook playbook = {.vars = vars,
                                         .var_count = sizeof vars / sizeof vars[0]};
    const struct yw_run run = {.playbook = &playbook};
    char *text = calloc(1, size + 1);
    struct yw_err err = {0};
    char explain[256];
    bool holds;

    assert(text);
    if (size > 0)
        memcpy(text, bytes, size);
    for (int strict = 0; strict < 2; strict++) {
        int status = strict ? yw_run_condition_strict(&run, text, &holds, explain, &err)
                            : yw_run_condition(&run, NULL, text, &holds, explain, &err);

        if (status == 0)
            assert(strlen(explain) < sizeof explain &&
                   yw_utf8_valid(explain, strlen(explain)));
        else
            assert(err.code == YW_EINVAL && err.text[0] != '\0');
    }
    free(text);
    return 0;
}
