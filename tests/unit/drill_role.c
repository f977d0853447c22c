/* Configurations of roles: what the guest program is told, and where a mistake stands. */
#include "base/mem.h"
#include "drill/range/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_spec *make(void)
{
    struct yw_spec *spec = yw_spec_new();

    spec->plant_count = 1;
    (void)yw_copy(spec->plants[0].name, YW_NAME_MAX, "works");
    (void)yw_copy(spec->plants[0].model, YW_NAME_MAX, "water-dosing");
    spec->machine_count = 2;
    (void)yw_copy(spec->machines[0].name, YW_NAME_MAX, "hmi1");
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "hmi");
    spec->machines[0].plant = -1;
    spec->machines[0].nics[0].address = 0x0a140215;
    spec->machines[0].nic_count = 1;
    (void)yw_copy(spec->machines[1].name, YW_NAME_MAX, "rtu1");
    (void)yw_copy(spec->machines[1].image, YW_NAME_MAX, "rtu");
    spec->machines[1].line = 9;
    spec->machines[1].station = 5;
    spec->machines[1].masters[0] = 0;
    spec->machines[1].master_count = 1;
    spec->point_count = 2;
    spec->points[0] =
        (struct yw_spec_point){.machine = 1, .address = 2001, .deadband = -1, .line = 11};
    (void)yw_copy(spec->points[0].type, YW_NAME_MAX, "M_ME_TF_1");
    (void)yw_copy(spec->points[0].tag, YW_NAME_MAX, "naoh_mg_l");
    spec->points[1] = (struct yw_spec_point){
        .machine = 1, .address = 3001, .deadband = -1, .select_ms = 10000, .line = 12};
    (void)yw_copy(spec->points[1].type, YW_NAME_MAX, "C_SC_NA_1");
    (void)yw_copy(spec->points[1].tag, YW_NAME_MAX, "dosing_pump");
    return spec;
}

static void test_text(void **state)
{
    struct yw_spec *spec = make();
    struct yw_buf out;

    (void)state;
    yw_buf_init(&out, 65536);
    yw_role_write(spec, 0, 1, &out);
    yw_buf_clear(&out);
    yw_role_write(spec, 1, 1, &out);
    assert_string_equal(out.data, "station 5\n"
                                  "masters \"10.20.2.21 \"\n"
                                  "sensor naoh_mg_l 0 20000\n"
                                  "sensor flow_m3_h 0 5\n"
                                  "sensor level_m 0 1.6\n"
                                  "sensor dose_cmd_mg_l 0 20000\n"
                                  "output dose_mg_l 0 20000 100\n"
                                  "output dosing_pump 0 1 1\n"
                                  "output inlet_valve 0 1 1\n"
                                  "point 2001 M_ME_TF_1 naoh_mg_l\n"
                                  "point 3001 C_SC_NA_1 dosing_pump select 10000\n");
    assert_int_equal(yw_role_check(spec, NULL), 0);
    yw_buf_fini(&out);
    yw_spec_free(spec);
}

/* Stations are told where the registers are, of an outstation where its mirror has them. */
static void test_stations(void **state)
{
    struct yw_spec *spec = make();
    struct yw_buf out;

    (void)state;
    spec->machines[1].nics[0].address = 0x0a14020b;
    spec->machines[1].nic_count = 1;
    spec->machines[0].serves = 1;
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "historian");
    yw_buf_init(&out, 65536);
    yw_role_write(spec, 0, 1, &out);
    assert_string_equal(out.data,
                        "plc 10.20.2.11 1\n"
                        "tag naoh_mg_l \"mg/l\" input 0 1 0 20000 "
                        "\"出水氢氧化钠浓度\" \"Sodium hydroxide at the outlet\" 0\n");
    assert_int_equal(yw_role_check(spec, NULL), 0);
    yw_buf_clear(&out);
    (void)yw_copy(spec->machines[1].image, YW_NAME_MAX, "plc");
    yw_role_write(spec, 0, 1, &out);
    assert_non_null(strstr(out.data, "tag level_m \"m\" input 2 0.001 0 1.6 "));
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "hmi");
    (void)yw_copy(spec->plants[0].model, YW_NAME_MAX, "boiler-turbine");
    yw_buf_clear(&out);
    yw_role_write(spec, 0, 1, &out);
    assert_non_null(strstr(out.data, "title \""));
    assert_non_null(strstr(out.data, "\nlimit "));
    assert_int_equal(yw_role_check(spec, NULL), 0);
    yw_buf_clear(&out);
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "sensor");
    spec->machines[0].masters[0] = 1;
    spec->machines[0].master_count = 1;
    yw_role_write(spec, 0, 1, &out);
    assert_string_equal(out.data, "masters \"10.20.2.11 \"\n");
    yw_buf_clear(&out);
    yw_role_write(spec, 0, 4, &out);
    assert_string_equal(out.data, "learn 15\nmasters \"10.20.2.11 \"\n");
    yw_buf_clear(&out);
    spec->machines[0].learn_ms = 5000;
    yw_role_write(spec, 0, 10, &out);
    assert_string_equal(out.data, "learn 0.5\nmasters \"10.20.2.11 \"\n");
    yw_buf_fini(&out);
    yw_spec_free(spec);
}

/* A controller with two cards is read and operated at the one that is near. */
static void test_served(void **state)
{
    struct yw_spec *spec = make();
    char address[16];

    (void)state;
    spec->machines[0].serves = 1;
    spec->machines[0].nics[0].network = 3;
    spec->machines[1].nic_count = 2;
    spec->machines[1].nics[0].address = 0x0a14020b;
    spec->machines[1].nics[0].network = 2;
    spec->machines[1].nics[1].address = 0x0a14030b;
    spec->machines[1].nics[1].network = 3;
    yw_role_served(spec, 0, address);
    assert_string_equal(address, "10.20.3.11");
    spec->machines[0].nics[0].network = 4; /* behind a firewall */
    yw_role_served(spec, 0, address);
    assert_string_equal(address, "10.20.2.11");
    yw_spec_free(spec);
}

static void state_of(struct yw_spec *spec, enum yw_spec_statement_kind kind,
                     const char *text)
{
    struct yw_spec_statement *to = &spec->statements[spec->statement_count++];

    *to = (struct yw_spec_statement){.machine = 0, .kind = kind, .line = 20};
    (void)yw_copy(to->text, sizeof(to->text), text);
}

/* Firewall, jump host and broker; a mistake is told where it stands. */
static void test_packed(void **state)
{
    struct yw_spec *spec = make();
    struct yw_err err = {0};
    struct yw_buf out;

    (void)state;
    yw_buf_init(&out, 65536);
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "firewall");
    spec->machines[0].nic_count = 2;
    spec->machines[0].nics[1].network = 1;
    (void)yw_copy(spec->networks[0].name, YW_NAME_MAX, "it");
    (void)yw_copy(spec->networks[1].name, YW_NAME_MAX, "control");
    state_of(spec, YW_SPEC_FORWARD, "allow it control tcp 502");
    state_of(spec, YW_SPEC_ACCOUNT, "ops:summer24");
    yw_role_write(spec, 0, 1, &out);
    assert_string_equal(out.data, "zone it\nzone control\n"
                                  "rule \"allow\" \"it\" \"control\" \"tcp\" \"502\"\n"
                                  "account \"ops\" \"summer24\"\n");
    assert_int_equal(yw_role_check(spec, NULL), 0);
    (void)yw_copy(spec->statements[0].text, YW_SPEC_STATEMENT_MAX, "allow it mars");
    assert_int_equal(yw_role_check(spec, &err), YW_EINVAL);
    assert_string_equal(err.text,
                        "scenario.lua:20: machine 'hmi1': the firewall is on no "
                        "such network, got 'mars'");
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "broker");
    spec->statements[0].kind = YW_SPEC_TOPIC;
    (void)yw_copy(spec->statements[0].text, YW_SPEC_STATEMENT_MAX, "ops read #");
    yw_buf_clear(&out);
    yw_role_write(spec, 0, 1, &out);
    assert_string_equal(out.data, "account \"ops\" \"summer24\"\n"
                                  "topic \"ops\" \"read\" \"#\"\n");
    assert_int_equal(yw_role_check(spec, NULL), 0);
    (void)yw_copy(spec->machines[0].image, YW_NAME_MAX, "jump");
    spec->statement_count = 2;
    (void)yw_copy(spec->statements[1].text, YW_SPEC_STATEMENT_MAX, "root:x");
    assert_int_equal(yw_role_check(spec, &err), YW_EINVAL);
    assert_non_null(strstr(err.text, "is not root, got 'root'"));
    yw_buf_fini(&out);
    yw_spec_free(spec);
}

static void test_mistakes(void **state)
{
    struct yw_spec *spec = make();
    struct yw_err err = {0};

    (void)state;
    (void)yw_copy(spec->points[1].tag, YW_NAME_MAX, "dosing-pump");
    assert_int_equal(yw_role_check(spec, &err), YW_EINVAL);
    assert_string_equal(err.text, "scenario.lua:12: machine 'rtu1': no such sensor or "
                                  "output, got 'dosing-pump'");
    (void)yw_copy(spec->points[0].type, YW_NAME_MAX, "C_IC_NA_1");
    assert_int_equal(yw_role_check(spec, &err), YW_EINVAL);
    assert_string_equal(err.text, "scenario.lua:11: machine 'rtu1': no type for a point, "
                                  "got 'C_IC_NA_1'");
    yw_spec_free(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_stations),
        cmocka_unit_test(test_served),   cmocka_unit_test(test_packed),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
