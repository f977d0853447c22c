/* Every plant's wires reach a controller: what is made of the plant's tables is what the
 * controller reads. */
#include "base/mem.h"
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

static struct yw_spec spec;

/* Machines plc1 and, when it has words, sis1 at one plant. */
static void declare(const struct yw_plant_model *model, const char *senses,
                    const char *drives, const char *trips)
{
    memset(&spec, 0, sizeof spec);
    spec.plant_count = 1;
    YW_COPY(spec.plants[0].name, "works");
    YW_COPY(spec.plants[0].model, model->name);
    spec.machine_count = 2;
    YW_COPY(spec.machines[0].name, "plc1");
    YW_COPY(spec.machines[0].image, "plc");
    spec.machines[0].serves = -1;
    spec.machines[1] = spec.machines[0];
    YW_COPY(spec.machines[1].name, "sis1");
    YW_COPY(spec.machines[1].image, "sis");
    YW_COPY(spec.machines[1].senses, senses);
    YW_COPY(spec.machines[1].drives, drives);
    YW_COPY(spec.machines[1].trips, trips);
    spec.machine_count = drives[0] != '\0' || trips[0] != '\0' ? 2 : 1;
}

static void wire(const struct yw_plant_model *model)
{
    char why[YW_PLC_PROBLEM_MAX];

    memset(&call, 0, sizeof call);
    yw_plc_init(&plc, 1);
    declare(model, "", "", "");
    yw_wiring_fill(&spec, 0, &call);
    assert_in_range(call.setting_count, 1,
                    YW_VIRT_SETTINGS_MAX - 4); /* plc, key, password, scan */
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
    memset(&call, 0, sizeof call);
    YW_COPY(spec.machines[0].image, "rtu");
    yw_wiring_fill(&spec, 0, &call);
    assert_int_equal(call.setting_count, 0);
}

static void test_two_machines(void **state)
{
    struct yw_wire_ends ends;
    struct yw_err err = {0};

    (void)state;
    declare(yw_plant_model_find("te-reactor"), "pressure_kpa level_pct", "x3",
            "x1 e_stop");
    assert_int_equal(yw_wiring_check(&spec, &err), 0);
    yw_wiring_ends(&spec, 0, &ends); /* x1 x2 x3 x4 e_stop, x3 is the other's */
    assert_int_equal(ends.output_count, 5);
    assert_int_equal(ends.outputs[0].input, 0);
    assert_int_equal(ends.outputs[2].input, -1);
    assert_int_equal(ends.outputs[4].input, 4);
    yw_wiring_ends(&spec, 1, &ends);
    assert_int_equal(ends.tag_count, 2);
    assert_int_equal(ends.output_count, 3);
    assert_int_equal(ends.outputs[0].input, 2);
    assert_false(ends.outputs[0].permits);
    assert_int_equal(ends.outputs[1].input, 0);
    assert_true(ends.outputs[1].permits && ends.outputs[2].permits);
    memset(&call, 0, sizeof call);
    YW_COPY(spec.machines[1].key, "program");
    YW_COPY(spec.machines[1].password, "Valve7");
    spec.machines[1].scan_ms = 50;
    yw_wiring_fill(&spec, 1, &call);
    assert_string_equal(call.settings[0].value, "o0.01 o1 o1 i0*0.1 i1*0.01");
    assert_int_equal(call.setting_count, 4);
    assert_string_equal(call.settings[3].value, "50");
}

/* What a machine may not be told, and why. */
static void test_refusals(void **state)
{
    static const struct {
        const char *senses, *trips, *key, *password, *why;
    } bad[] = {
        {"y_a", "e_stop", "", "", "senses: tag 0 of plant 'works' is in no register"},
        {"", "sp_flow", "", "",
         "output 0 is for an input of plant 'works' that is not wired"},
        {"", "e_stop", "ajar", "", "key: expected stop, run, program or remote"},
        {"", "e_stop", "", "a b", "password: expected 1..31 letters and digits"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct yw_err err = {0};

        declare(yw_plant_model_find("te-reactor"), bad[i].senses, "", bad[i].trips);
        YW_COPY(spec.machines[1].key, bad[i].key);
        YW_COPY(spec.machines[1].password, bad[i].password);
        assert_int_equal(yw_wiring_check(&spec, &err), YW_EINVAL);
        if (strstr(err.text, bad[i].why) == NULL)
            fail_msg("%s", err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_plant),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_two_machines),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
