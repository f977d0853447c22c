/* What people can order at a station: what the scenario declares, else what stands behind it. */
#include "base/mem.h"
#include "drill/range/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void machine(struct yw_spec *spec, const char *name, const char *image, int plant,
                    int serves)
{
    struct yw_spec_machine *made = &spec->machines[spec->machine_count++];

    (void)yw_copy(made->name, YW_NAME_MAX, name);
    (void)yw_copy(made->image, YW_NAME_MAX, image);
    made->plant = plant;
    made->serves = serves;
}

static void point(struct yw_spec *spec, int address, const char *type, const char *tag)
{
    struct yw_spec_point *made = &spec->points[spec->point_count++];

    *made = (struct yw_spec_point){.machine = 0, .address = address, .deadband = -1};
    (void)yw_copy(made->type, YW_NAME_MAX, type);
    (void)yw_copy(made->tag, YW_NAME_MAX, tag);
}

/* A controller of that image behind a station. */
static struct yw_spec *make(const char *image, const char *model)
{
    struct yw_spec *spec = yw_spec_new();

    spec->plant_count = 1;
    (void)yw_copy(spec->plants[0].name, YW_NAME_MAX, "works");
    (void)yw_copy(spec->plants[0].model, YW_NAME_MAX, model);
    machine(spec, "c1", image, 0, -1);
    machine(spec, "hmi1", "hmi", -1, 0);
    return spec;
}

static char *offered(struct yw_spec *spec)
{
    struct yw_buf out;

    yw_buf_init(&out, (size_t)256 * 1024);
    yw_operations_encode(&out, spec);
    assert_false(out.overflow);
    yw_spec_free(spec);
    return out.data;
}

static void expect(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
}

static void the_plants_own_table(void **state)
{
    char *text = offered(make("plc", "caster"));

    (void)state;
    expect(text, "{\"argv\":[\"operate\",\"register\",\"2\"],\"says\":{\"en\":\"");
    expect(text, "\"takes\":[{\"high\":12000,\"kind\":\"number\",\"low\":0,\"offset\":0,"
                 "\"scale\":1,\"unit\":\"l/min\"}]}");
    expect(text, "{\"argv\":[\"operate\",\"coil\",\"0\"]");
    assert_null(strstr(text, "water_leak")); /* the world is nobody's to set */
    free(text);
}

static void what_the_scenario_declares_instead(void **state)
{
    struct yw_spec *spec = make("plc", "caster");
    char *text;

    (void)state;
    spec->control_count = 2;
    spec->controls[0] = (struct yw_spec_control){
        .machine = 1, .holding = 7, .coil = -1, .scale = 0.1, .offset = 1000};
    (void)yw_copy(spec->controls[0].says.zh, YW_TEXT_MAX, "水位");
    (void)yw_copy(spec->controls[0].unit, YW_NAME_MAX, "mm");
    spec->controls[1] =
        (struct yw_spec_control){.machine = 1, .holding = -1, .coil = 9, .scale = 1};
    text = offered(spec);
    expect(text,
           "{\"argv\":[\"operate\",\"register\",\"7\"],\"says\":{\"en\":\"\",\"zh\":"
           "\"水位\"},\"takes\":[{\"high\":6453.5,\"kind\":\"number\",\"low\":-100,"
           "\"offset\":1000,\"scale\":0.1,\"unit\":\"mm\"}]}");
    expect(text, "{\"argv\":[\"operate\",\"coil\",\"9\"]");
    assert_null(strstr(text, "\"register\",\"2\""));
    free(text);
}

/* The mirror numbers coils in the order of the points, and has no place for what is only told. */
static void the_commands_of_an_outstation(void **state)
{
    struct yw_spec *spec = make("rtu", "grid-feeder");
    char *text;

    (void)state;
    point(spec, 1001, "M_DP_TB_1", "q1_closed");
    point(spec, 3009, "C_DC_NA_1", "q9");
    point(spec, 3013, "C_SC_NA_1", "ufls_on");
    point(spec, 4001, "C_SE_NC_1", "ufls_1_hz");
    text = offered(spec);
    expect(text,
           "{\"argv\":[\"operate\",\"coil\",\"0\"],\"says\":{\"en\":\"Breaker Q9\"");
    expect(text, "{\"argv\":[\"operate\",\"coil\",\"1\"],\"says\":{\"en\":\"");
    expect(text, "{\"argv\":[\"operate\",\"register\",\"0\"],\"says\":{\"en\":\"");
    assert_null(strstr(text, "\"coil\",\"2\""));
    free(text);
}

static void the_platform_of_a_fleet(void **state)
{
    struct yw_spec *spec = yw_spec_new();
    char *text;

    (void)state;
    machine(spec, "backend1", "backend", -1, -1);
    machine(spec, "red", "hmi", -1, -1);
    spec->machines[1].hidden = true;
    text = offered(spec);
    expect(text,
           "{\"machine\":\"backend1\",\"operations\":[{\"argv\":[\"operate\",\"lock\"]");
    expect(text, "\"words\":[\"all\",\"LYWFLEET026000001\",");
    expect(text, "\"2.4.2\"");
    assert_null(strstr(text, "red"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plants_own_table),
        cmocka_unit_test(what_the_scenario_declares_instead),
        cmocka_unit_test(the_commands_of_an_outstation),
        cmocka_unit_test(the_platform_of_a_fleet)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
