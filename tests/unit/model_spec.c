/* The spec: there and back through the message, and what is said about mistakes. */
#include "model/spec.h"

#include "base/mem.h"
#include "model_sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_sound(void **state)
{
    (void)state;
    struct yw_spec *spec = sample_spec();
    struct yw_err err = {0};

    if (yw_spec_check(spec, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(yw_spec_machine(spec, "plc1"), 1);
    assert_int_equal(yw_spec_network(spec, "control"), 1);
    assert_int_equal(yw_spec_attack(spec, "nobody"), -1);
    yw_spec_free(spec);
}

static struct yw_spec *broken_by(void (*mistake)(struct yw_spec *))
{
    struct yw_spec *spec = sample_spec();

    mistake(spec);
    return spec;
}

#define MISTAKE(name, change)                                                            \
    static void name(struct yw_spec *s)                                                  \
    {                                                                                    \
        change;                                                                          \
    }

MISTAKE(outside, s->machines[1].nics[0].address = 0x0a14090b)
MISTAKE(twice, s->machines[2].nics[0].address = 0x0a14020b)
MISTAKE(broadcast, s->machines[1].nics[0].address = 0x0a1402ff)
MISTAKE(network_address, s->machines[1].nics[0].address = 0x0a140200)
MISTAKE(undeclared, s->machines[1].nics[0].network = 2)
MISTAKE(two_nics, s->machines[0].nics[1] = s->machines[0].nics[0])
MISTAKE(wired_twice, s->machines[2].plant = 0)
MISTAKE(driven_twice, s->machines[2].plant = 0; YW_COPY(s->machines[2].image, "sis");
        YW_COPY(s->machines[1].drives, "dosing_pump");
        YW_COPY(s->machines[2].drives, "inlet_valve dosing_pump"))
MISTAKE(no_such_input, YW_COPY(s->machines[1].trips, "dosing_pump dosing_pumps"))
MISTAKE(no_such_tag, YW_COPY(s->machines[1].trips, "dosing_pump");
        YW_COPY(s->machines[1].senses, "level"))
MISTAKE(senses_alone, YW_COPY(s->machines[1].senses, "level_m"))
MISTAKE(wires_of_none, YW_COPY(s->machines[0].trips, "dosing_pump"))
MISTAKE(key_of_none, YW_COPY(s->machines[0].key, "run"))
MISTAKE(scan_fast, s->machines[1].scan_ms = 9)
MISTAKE(pace_of_none, s->machines[1].pace_ms = 1000)
MISTAKE(learn_of_none, s->machines[1].learn_ms = 1000)
MISTAKE(serves_itself, s->machines[2].serves = 2)
MISTAKE(program_up, YW_COPY(s->machines[1].program, "files/../../etc/passwd"))
MISTAKE(program_root, YW_COPY(s->machines[1].program, "/etc/passwd"))
MISTAKE(same_name, YW_COPY(s->machines[2].name, "plc1"))
MISTAKE(bad_name, YW_COPY(s->machines[2].name, "PLC 1"))
MISTAKE(overlap, s->networks[1].address = 0x0a140000; s->networks[1].prefix = 16)
MISTAKE(host_bits, s->networks[1].address = 0x0a140201)
MISTAKE(prefix, s->networks[1].prefix = 31)
MISTAKE(too_slow, s->networks[1].bandwidth_kbit = YW_SPEC_BANDWIDTH_MIN - 1)
MISTAKE(too_fast, s->networks[1].bandwidth_kbit = YW_SPEC_BANDWIDTH_MAX + 1)
MISTAKE(too_late, s->networks[0].delay_ms = YW_SPEC_DELAY_MAX_MS + 1)
MISTAKE(model, YW_COPY(s->plants[0].model, "water-dosin"))
MISTAKE(time_scale, s->plants[0].time_scale = 121)
MISTAKE(time_scale_nan, s->plants[0].time_scale = (double)NAN)
MISTAKE(technique, YW_COPY(s->attacks[0].technique, "836"))
MISTAKE(sub_technique, YW_COPY(s->attacks[0].technique, "T1693.01"))
MISTAKE(no_argv, s->attacks[0].argc = 0)
MISTAKE(from, s->attacks[0].from = 3)
MISTAKE(points, s->objectives[0].points = 100001)
MISTAKE(fades_to, s->objectives[0].fades_to = 151)
MISTAKE(since, s->objectives[0].since = 1)
MISTAKE(no_cond, s->objectives[0].met_by.count = 0)
MISTAKE(one_language, s->objectives[0].says.zh[0] = '\0')
MISTAKE(utf8, YW_COPY(s->objectives[0].says.en, "\xff"))
MISTAKE(subject, YW_COPY(s->objectives[0].met_by.nodes[0].subject, "jmp"))
MISTAKE(tag, YW_COPY(s->objectives[1].met_by.nodes[0].tag, "naoh_mgl"))
MISTAKE(playbook_file, s->playbooks[0].file[0] = '\0')
MISTAKE(title, s->title.en[0] = '\0')
MISTAKE(length, s->length_ms = 0)

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        void (*mistake)(struct yw_spec *);
        const char *want;
    } rows[] = {
        {outside,
         "scenario.lua:12: machine 'plc1': address 10.20.9.11 is outside network "
         "'control' (10.20.2.0/24)"},
        {twice,
         "scenario.lua:13: machine 'hmi1': address 10.20.2.11 is used by machine 'plc1' "
         "(line 12)"},
        {broadcast,
         "scenario.lua:12: machine 'plc1': address 10.20.2.255 is the broadcast"},
        {network_address,
         "scenario.lua:12: machine 'plc1': address 10.20.2.0 is the network"},
        {undeclared,
         "scenario.lua:12: machine 'plc1': on a network that is not declared"},
        {two_nics, "scenario.lua:10: machine 'jump': twice on network 'it'"},
        {wired_twice,
         "scenario.lua:13: machine 'hmi1': machine 'plc1' (line 12) drives this plant "
         "already: say which of its inputs are whose"},
        {driven_twice, "scenario.lua:13: machine 'hmi1': input 'dosing_pump' is driven "
                       "by machine 'plc1' "
                       "(line 12)"},
        {no_such_input, "scenario.lua:12: machine 'plc1': trips: plant 'works' "
                        "(water-dosing) has no input "
                        "'dosing_pumps'; did you mean 'dosing_pump'?"},
        {no_such_tag, "scenario.lua:12: machine 'plc1': senses: plant 'works' "
                      "(water-dosing) has no tag "
                      "'level'"},
        {senses_alone,
         "scenario.lua:12: machine 'plc1': senses alone drives nothing: say drives or "
         "trips too, or wire another machine to plant 'works'"},
        {wires_of_none,
         "scenario.lua:10: machine 'jump': senses, drives and trips belong to a plc"},
        {key_of_none,
         "scenario.lua:10: machine 'jump': key, password and scan belong to"},
        {scan_fast, "scenario.lua:12: machine 'plc1': scan must be from 10ms to 1s"},
        {pace_of_none, "scenario.lua:12: machine 'plc1': pace belongs to the images"},
        {learn_of_none,
         "scenario.lua:12: machine 'plc1': learn belongs to the image sensor"},
        {serves_itself,
         "scenario.lua:13: machine 'hmi1': serves must name another machine"},
        {program_up, "scenario.lua:12: machine 'plc1': program 'files/../../etc/passwd'"},
        {program_root, "scenario.lua:12: machine 'plc1': program '/etc/passwd'"},
        {same_name, "scenario.lua:13: machine 'plc1' is declared before (line 12)"},
        {bad_name, "scenario.lua:13: machine 'PLC 1': a name has"},
        {overlap,
         "scenario.lua:8: network 'control': 10.20.0.0/16 overlaps network 'it'"},
        {host_bits, "scenario.lua:8: network 'control': 10.20.2.1/24 has bits beyond its "
                    "prefix; did you mean 10.20.2.0/24?"},
        {prefix, "scenario.lua:8: network 'control': prefix /31 is outside /8../30"},
        {too_slow,
         "scenario.lua:8: network 'control': bandwidth 7 kbit/s is outside 8.."},
        {too_fast, "scenario.lua:8: network 'control': bandwidth 10000001 kbit/s is"},
        {too_late, "scenario.lua:7: network 'it': delay 10001 ms is outside 0..10000"},
        {model,
         "scenario.lua:9: plant 'works': unknown model 'water-dosin'; did you mean "
         "'water-dosing'?"},
        {time_scale, "scenario.lua:9: plant 'works': time_scale 121 is outside 1..120"},
        {time_scale_nan, "scenario.lua:9: plant 'works': time_scale"},
        {technique, "scenario.lua:16: attack 'raise-dose': technique '836'"},
        {sub_technique, "scenario.lua:16: attack 'raise-dose': technique 'T1693.01'"},
        {no_argv, "scenario.lua:16: attack 'raise-dose': needs 1..16 arguments"},
        {from, "scenario.lua:16: attack 'raise-dose': from and to"},
        {points, "scenario.lua:20: objective 'contained': points 100001"},
        {fades_to,
         "scenario.lua:20: objective 'contained': fades_to 151 is outside 0..150"},
        {since, "scenario.lua:20: objective 'contained': since"},
        {no_cond, "scenario.lua:20: objective 'contained': met_by is missing"},
        {one_language,
         "scenario.lua:20: objective 'contained': the text is missing in 'zh'"},
        {utf8, "scenario.lua:20: objective 'contained': the text is not valid UTF-8"},
        {subject,
         "scenario.lua:20: objective 'contained': no machine named 'jmp'; did you "
         "mean 'jump'?"},
        {tag,
         "scenario.lua:24: objective 'water-safe': plant 'works' (water-dosing) has no "
         "tag 'naoh_mgl'; did you mean 'naoh_mg_l'?"},
        {playbook_file, "scenario.lua:28: playbook 'first-response': file ''"},
        {title, "scenario.lua: scenario 'water-dosing': the text is missing in 'en'"},
        {length, "scenario.lua: scenario 'water-dosing': length"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct yw_spec *spec = broken_by(rows[i].mistake);
        struct yw_err err = {0};

        assert_int_equal(yw_spec_check(spec, &err), YW_EINVAL);
        if (strncmp(err.text, rows[i].want, strlen(rows[i].want)) != 0)
            fail_msg("wanted: %s\ngot:    %s", rows[i].want, err.text);
        yw_spec_free(spec);
    }
}

static void pack(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_buf_init(out, 4 * 1024 * 1024);
    yw_spec_pack(out, spec);
    assert_false(out->overflow);
}

static void test_there_and_back(void **state)
{
    (void)state;
    struct yw_spec *spec = sample_spec(), *back = yw_spec_new();
    struct yw_buf first, second;

    pack(&first, spec);
    assert_int_equal(yw_spec_unpack(back, first.data, first.size, NULL), 0);
    assert_memory_equal(spec, back, sizeof *spec);
    pack(&second, back);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    yw_buf_fini(&first);
    yw_buf_fini(&second);
    yw_spec_free(spec);
    yw_spec_free(back);
}

/* A hostile host: cut anywhere it is refused; a changed byte gives an error or a spec
 * whose indexes hold, which check and describe then survive. */
static void test_damage(void **state)
{
    (void)state;
    struct yw_spec *spec = sample_spec(), *back = yw_spec_new();
    struct yw_buf buf;

    pack(&buf, spec);
    for (size_t i = 0; i < buf.size; i++)
        assert_int_equal(yw_spec_unpack(back, buf.data, i, NULL), YW_EINVAL);
    for (size_t i = 0; i < buf.size * 4; i++) {
        static const unsigned char values[] = {0x00, 0xff, 0x7f, 0x21};
        char kept = buf.data[i / 4];

        buf.data[i / 4] = (char)values[i % 4];
        if (yw_spec_unpack(back, buf.data, buf.size, NULL) == 0) {
            struct yw_err err;

            (void)yw_spec_check(back, &err);
            for (size_t m = 0; m < back->machine_count; m++)
                assert_true(back->machines[m].plant < (int)back->plant_count);
        }
        buf.data[i / 4] = kept;
    }
    yw_buf_fini(&buf);
    yw_spec_free(spec);
    yw_spec_free(back);
}

static void test_unpack_limits(void **state)
{
    (void)state;
    struct yw_spec *spec = sample_spec(), *back = yw_spec_new();
    struct yw_buf buf;

    spec->machines[1].nics[0].network = 2; /* two are declared */
    pack(&buf, spec);
    assert_int_equal(yw_spec_unpack(back, buf.data, buf.size, NULL), YW_EINVAL);
    yw_buf_fini(&buf);
    spec->machines[1].nics[0].network = 1;
    spec->attacks[0].to = -2;
    pack(&buf, spec);
    assert_int_equal(yw_spec_unpack(back, buf.data, buf.size, NULL), YW_EINVAL);
    yw_buf_fini(&buf);
    yw_spec_free(spec);
    yw_spec_free(back);
}

static void test_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "10.0.0",    "10.0.0.256", "10.0.0.1.1", "10.0.0.01",  "10..0.1",
        " 10.0.0.1", "10.0.0.1 ", "0x0a.0.0.1", "10.0.0.-1",  "10.0.0.1111"};
    uint32_t address;
    char text[16];

    assert_int_equal(yw_spec_address_parse("10.20.2.11", &address), 0);
    assert_int_equal(address, 0x0a14020b);
    yw_spec_address_text(address, text);
    assert_string_equal(text, "10.20.2.11");
    yw_spec_address_text(0xffffffff, text);
    assert_string_equal(text, "255.255.255.255");
    assert_int_equal(yw_spec_address_parse("0.0.0.0", &address), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (yw_spec_address_parse(bad[i], &address) != YW_EINVAL)
            fail_msg("accepted '%s'", bad[i]);
    }
}

/* Whoever takes them elsewhere takes them all. */
static void test_files_of_micro_images(void **state)
{
    (void)state;
    for (size_t i = 0; yw_spec_micro_image(i); i++) {
        const char *wanted = yw_spec_micro_initrd(yw_spec_micro_image(i));
        size_t found = 0;

        for (size_t k = 0; yw_spec_micro_file(k); k++)
            found += strcmp(yw_spec_micro_file(k), wanted) == 0;
        if (found != 1)
            fail_msg("%s boots from %s", yw_spec_micro_image(i), wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_unpack_limits),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_files_of_micro_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
