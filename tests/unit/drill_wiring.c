/* Every plant's wires reach a controller: what is made of the plant's tables is what the
 * controller reads. */
#include "controller/plc.h"
#include "drill/range/wiring.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_plc plc;
static struct yw_virt_call call;

static void wire(const struct yw_plant_model *model)
{
    char why[YW_PLC_PROBLEM_MAX];

    memset(&call, 0, sizeof call);
    yw_plc_init(&plc, 1);
    yw_wiring_fill(model, &call);
    assert_in_range(call.setting_count, 1, YW_VIRT_SETTINGS_MAX - 1);
    for (size_t i = 0; i < call.setting_count; i++)
        assert_int_equal(
            yw_plc_set(&plc, call.settings[i].name, call.settings[i].value, why), 0);
    assert_int_equal(plc.wiring.output_count, yw_plant_wired(model));
    assert_int_equal(plc.wiring.tag_count, model->tag_count);
}

static void test_every_plant(void **state)
{
    const struct yw_plant_model *model;

    (void)state;
    for (size_t i = 0; (model = yw_plant_model_at(i)) != NULL; i++) {
        struct yw_field_record in = {.magic = YW_FIELD_MAGIC};
        struct yw_field_record out;

        wire(model);
        in.count = (uint16_t)model->tag_count;
        for (size_t k = 0; k < model->tag_count; k++) {
            const struct yw_plant_point *at = &model->tags[k].at;
            double most = (UINT16_MAX - at->offset) * at->scale; /* of 16 bits */

            in.value[k] = (model->tags[k].low + model->tags[k].high) / 2;
            if (at->table == YW_PLANT_INPUT_REGISTER && in.value[k] > most)
                in.value[k] = most;
            if (at->table == YW_PLANT_DISCRETE)
                in.value[k] = 1;
        }
        assert_true(yw_plc_sense(&plc, &in));
        yw_plc_scan(&plc, 0, &out);
        for (size_t k = 0; k < model->tag_count; k++) {
            const struct yw_plant_point *at = &model->tags[k].at;
            double step = at->table == YW_PLANT_INPUT_REGISTER ? at->scale : 1;

            if (fabs(out.view[k] - in.value[k]) > step)
                fail_msg("%s, %s: %g is shown as %g", model->name, model->tags[k].name,
                         in.value[k], out.view[k]);
        }
    }
}

static void test_text(void **state)
{
    (void)state;
    wire(yw_plant_model_find("water-dosing"));
    assert_string_equal(call.settings[0].name, "wiring");
    assert_string_equal(call.settings[0].value, YW_PLC_WATER);
    assert_true(yw_wiring_wanted("sis"));
    assert_false(yw_wiring_wanted("rtu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_plant),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
