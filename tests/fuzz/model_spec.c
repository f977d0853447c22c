/* Any bytes as a spec from the script host: refused, or sound enough to be checked,
 * described, planned, and packed to the same bytes again and again. */
#include "model/plan.h"

#include <assert.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void repack(const struct yw_spec *spec)
{
    struct yw_spec *back = yw_spec_new();
    struct yw_buf first, second;

    yw_buf_init(&first, 4 * 1024 * 1024);
    yw_buf_init(&second, 4 * 1024 * 1024);
    yw_spec_pack(&first, spec);
    assert(yw_spec_unpack(back, first.data, first.size, NULL) == 0);
    yw_spec_pack(&second, back);
    assert(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    yw_buf_fini(&first);
    yw_buf_fini(&second);
    yw_spec_free(back);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static const char *const teams[] = {"a", "b"};
    struct yw_spec *spec = yw_spec_new();
    struct yw_plan *plan = NULL;
    struct yw_err err;
    struct yw_buf words;

    yw_buf_init(&words, 64 * 1024);
    if (yw_spec_unpack(spec, bytes, size, &err) == 0) {
        for (size_t i = 0; i < spec->objective_count; i++)
            yw_cond_describe(&spec->objectives[i].met_by, &words);
        repack(spec);
        (void)yw_spec_check(spec, &err);
        if (yw_plan_make(&plan, spec, "d", teams, 2, size, &err) == 0)
            yw_plan_free(plan);
    }
    yw_buf_fini(&words);
    yw_spec_free(spec);
    return 0;
}
