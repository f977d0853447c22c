/* What is wrong in a scenario is said with file, line and, where there is one, the
 * nearest right word. */
#include "script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "title = { zh = \"试\", en = \"Try\" }, sector = \"water\""
#define SCENARIO "scenario \"try\" { " TITLE ", length = \"5m\" }\n"
#define NET "local net = network \"control\" { cidr = \"10.20.2.0/24\" }\n"
#define TWO                                                                              \
    "local p = machine \"p\" { image = \"plc\", at = { net \".1\" } }\n"                 \
    "local h = machine \"h\" { image = \"hmi\", at = { net \".2\" } }\n"
#define PLANT "local works = plant \"works\" { model = \"water-dosing\" }\n"
#define MACHINE "local plc = machine \"plc1\" { image = \"plc\", at = { net \".11\" } }\n"
#define BROKER "local b = machine \"m\" { image = \"broker\", at = { net \".9\" } }\n"
#define HMI "machine \"h\" { image = \"hmi\", at = { net \".9\" }, controls = { "
#define RTU "machine \"r\" { image = \"rtu\", at = { net \".1\" }, field = works, "
#define SAYS "says = { zh = \"试\", en = \"Try\" }, points = 10"

struct bad {
    const char *source;
    const char *says;
};

static const struct bad declares[] = {
    {"", "scenario.lua:1: no scenario: begin with scenario \"name\""},
    {"local x = = 1\n", "scenario.lua:1: unexpected symbol near '='"},
    {"scenario \"try\" { " TITLE " }",
     "scenario.lua:1: scenario 'try': field 'length' is missing"},
    {"scenario \"try\" { " TITLE ", length = 5 }",
     "scenario.lua:1: scenario 'try': length: expected a time span such as"},
    {"scenario \"try\" { " TITLE ", length = \"31d\" }", "(at most 30d), got \"31d\""},
    {"scenario \"try\" { " TITLE ", length = \"5 m\" }", "expected a time span"},
    {"scenario \"try\" { " TITLE ", length = \"0s\" }",
     "a drill lasts a second at least"},
    {"scenario \"Try\" { }", "scenario 'Try': a name has lower-case letters"},
    {"scenario \"try\" { title = { en = \"Try\" }, sector = \"water\", length = \"5m\" }",
     "scenario 'try': title: zh is missing"},
    {"scenario \"try\" { " TITLE ", length = \"5m\", mode = \"game\" }",
     "mode: expected \"drill\" or \"tabletop\", got \"game\""},
    {SCENARIO SCENARIO,
     "scenario.lua:2: scenario 'try': there is one already, in line 1"},
    {SCENARIO "network \"it\"\n", "scenario.lua:2: network 'it' has no body: write "
                                  "network \"it\" followed by its body"},
    {SCENARIO "aitm.stnd {}",
     "scenario.lua:2: aitm has no action 'stnd'; did you mean 'stand'?"},
    {SCENARIO "modbus.explode {}", "scenario.lua:2: modbus has no action 'explode'"},
    {SCENARIO "statoin.stop {}", "unknown name 'statoin'; did you mean 'station'?"},
    {SCENARIO NET "machine \"m\" {\n  imgae = \"plc\",\n}",
     "scenario.lua:4: machine 'm': unknown field 'imgae'; did you mean 'image'?"},
    {SCENARIO NET "machine \"m\" {\n  image = 7, at = { net \".1\" } }",
     "scenario.lua:4: machine 'm': image: expected a text, got 7"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = \".1\" }",
     "machine 'm': at: expected a list of addresses such as { control \".11\" }, got "
     "\".1\""},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1.2.3.4\" } }",
     "network 'control': expected an address such as \".11\", got \".1.2.3.4\""},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \"10.9.9.9\" } }",
     "scenario.lua:3: machine 'm'"},
    {SCENARIO "local a = iec104.operate { type = \"M_SP_NA_1\", ioa = 1, value = 1 }",
     "scenario.lua:2: iec104.operate: type: a command such as \"C_DC_NA_1\" is needed, "
     "got \"M_SP_NA_1\""},
    {SCENARIO "local a = iec104.setpoint { ioa = 1, value = \"x\" }",
     "scenario.lua:2: iec104.setpoint: value: a number is needed, got \"x\""},
    {SCENARIO "local a = iec104.sweep { first = 1, last = 513 }",
     "iec104.sweep: last: from first on, at most 512 addresses"},
    {SCENARIO "local a = iec104.block { span = \"3m\" }",
     "iec104.block: span: from 1 ms to 120 s"},
    {SCENARIO "local a = modbus.ramp { holding = 40, to = 7, over = \"1s\", steps = 21 }",
     "scenario.lua:2: modbus.ramp: steps: from 1 on, at most one in 50 ms"},
    {SCENARIO "local a = modbus.ramp { holding = 40, to = 7 }", "modbus.ramp: over"},
    {SCENARIO "local a = modbus.toggle { holding = 40 }",
     "modbus.toggle: high: a whole number from 0 to 65535 is needed, got nothing"},
    {SCENARIO "local a = modbus.fuzz { holding = 40, count = 101 }",
     "modbus.fuzz: count: a whole number from 0 to 100 is needed, got 101"},
    {SCENARIO "local a = modbus.flood { rate = 1001 }",
     "modbus.flood: rate: a whole number from 0 to 1000 is needed, got 1001"},
    {SCENARIO "local a = modbus.hold { coil = 1, value = 2 }",
     "modbus.hold: value: a whole number from 0 to 1 is needed, got 2"},
    {SCENARIO "local a = engineering.guess { words = { } }",
     "engineering.guess: words: a list of 1 to 10 words is needed"},
    {SCENARIO "local a = station.guess { words = { \"a b\" } }",
     "station.guess: words: word 1: 1 to 31 letters without blanks, got \"a b\""},
    {SCENARIO "local a = aitm.stand { between = { } }",
     "aitm.stand: between: two machines are needed, { plc, hmi }"},
    {SCENARIO NET TWO "local a = aitm.stand { between = { p, p } }",
     "aitm.stand: between: two different machines are needed"},
    {SCENARIO NET TWO "local a = aitm.stand { between = { p, h }, drop = \"some\" }",
     "aitm.stand: drop: \"nothing\", \"commands\", \"reports\" or \"all\", got \"some\""},
    {SCENARIO NET TWO "attack \"a\" { technique = \"T0830\", from = h,\n"
                      "action = aitm.stand { between = { p, h } } }",
     "from sends under addresses of others: it needs spoof = true"},
    {SCENARIO NET TWO "attack \"a\" { technique = \"T0836\", from = h, to = p,\n"
                      "needs = { \"password\" }, action = modbus.read { holding = 1 } }",
     "attack 'a': needs 'password', which no other attack produces"},
    {SCENARIO NET PLANT RTU "points = { { ioa = 1, type = \"M_SP_NA_1\" } } }",
     "scenario.lua:4: machine 'r': point 1: field 'tag' is missing"},
    {SCENARIO NET PLANT RTU
     "points = {\n{ ioa = 1, type = \"M_SP_NA_1\", tag = \"a\" },\n"
     "{ ioa = 2, typ = \"M_SP_NA_1\" } } }",
     "scenario.lua:6: machine 'r': point 2: unknown field 'typ'; did you mean 'type'?"},
    {SCENARIO NET PLANT RTU
     "points = {\n{ ioa = 7, type = \"M_SP_NA_1\", tag = \"a\" },\n"
     "{ ioa = 7, type = \"M_SP_NA_1\", tag = \"b\" } } }",
     "scenario.lua:6: machine 'r': ioa 7 is used already, in line 5"},
    {SCENARIO NET PLANT RTU
     "points = { { ioa = 0, type = \"M_SP_NA_1\", tag = \"a\" } } }",
     "point 1: ioa: a whole number from 1 to 16777215 is needed, got 0"},
    {SCENARIO NET HMI "{ holding = 1, says = { zh = \"试\", en = \"Try\" } },\n"
                      "{ coil = 70000, says = { zh = \"试\", en = \"Try\" } } } }",
     "scenario.lua:4: machine 'h': control 2: coil: a whole number from 0 to 65535 is needed"},
    {SCENARIO NET HMI "{ holding = 1, coil = 1, says = { zh = \"试\", en = \"Try\" } } } }",
     "machine 'h': a control sets one holding register or one coil"},
    {SCENARIO NET HMI "{ says = { zh = \"试\", en = \"Try\" } } } }",
     "machine 'h': a control sets one holding register or one coil"},
    {SCENARIO NET HMI "{ holding = 1, scale = 0.1, high = 6554, "
                      "says = { zh = \"试\", en = \"Try\" } } } }",
     "machine 'h': from low to high does not fit a register of 0 to 65535"},
    {SCENARIO NET HMI "{ holding = 1, low = -1, high = 1, "
                      "says = { zh = \"试\", en = \"Try\" } } } }",
     "machine 'h': from low to high does not fit a register of 0 to 65535"},
    {SCENARIO NET HMI "{ coil = 1, says = { zh = \"试\", en = \"Try\" } },\n"
                      "{ coil = 1, says = { zh = \"试\", en = \"Try\" } } } }",
     "scenario.lua:4: machine 'h': this address is set already, in line 3"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" }, "
                  "controls = { { coil = 1, says = { zh = \"试\", en = \"Try\" } } } }",
     "machine 'm': controls belong to the image hmi"},
    {SCENARIO NET
     "machine \"m\" { image = \"plc\", at = { net \".1\" }, mirror = { net } }",
     "scenario.lua:3: machine 'm': mirror belongs to the image sensor"},
    {SCENARIO NET
     "machine \"m\" { image = \"sensor\", at = { net \".1\" }, mirror = net }",
     "mirror: expected a list of networks, { control }, got network 'control'"},
    {SCENARIO NET
     "machine \"m\" { image = \"sensor\", at = { net \".1\" }, mirror = { } }",
     "mirror: 1 to 8 networks, and at most 8 cards with those of at"},
    {SCENARIO NET "machine \"m\" { image = \"sensor\", at = { net \".1\" }, mirror = { "
                  "net, net } }",
     "machine 'm': twice on network 'mirror-control'"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" },\n"
                  "  forward = { \"deny any any\" } }",
     "scenario.lua:4: machine 'm': forward belongs to the image firewall"},
    {SCENARIO NET
     "machine \"m\" { image = \"jump\", at = { net \".1\" }, topics = { \"a\" } }",
     "topics belong to the image broker"},
    {SCENARIO NET
     "machine \"m\" { image = \"plc\", at = { net \".1\" }, accounts = { \"a\" } }",
     "accounts belong to the images firewall, jump, broker, tbox and backend"},
    {SCENARIO NET
     "machine \"m\" { image = \"jump\", at = { net \".1\" }, accounts = { } }",
     "accounts: at least one, and at most 512 in a scenario"},
    {SCENARIO NET "local t = {} for i = 1, 513 do t[i] = \"a:b\" end\n"
                  "machine \"m\" { image = \"jump\", at = { net \".1\" }, accounts = t }",
     "accounts: at least one, and at most 512 in a scenario"},
    {SCENARIO NET "machine \"m\" { image = \"jump\", at = { net \".1\" }, "
                  "accounts = { (\"a\"):rep(120) } }",
     "accounts: the text has 120 bytes, at most 119 fit"},
    {SCENARIO NET "machine \"m\" { image = \"firewall\", at = { net \".1\" } }",
     "a firewall stands between networks: at = … names two or more"},
    {SCENARIO NET "machine \"b\" { image = \"backend\", at = { net \".1\" } }",
     "machine 'b': a backend needs its message broker: add serves = …"},
    {SCENARIO NET BROKER
     "machine \"b\" { image = \"backend\", at = { net \".1\" }, serves = b }",
     "a backend has one account at its broker"},
    {SCENARIO NET BROKER
     "machine \"t\" { image = \"tbox\", at = { net \".1\" }, serves = b, "
     "accounts = { \"a:b\" } }",
     "a tbox needs the key that commands are signed with: add password = …"},
    {SCENARIO NET BROKER
     "machine \"t\" { image = \"tbox\", at = { net \".1\" }, serves = b, "
     "accounts = { \"a:b\" }, password = \"k\" }",
     "a tbox needs its fleet: add field = …"},
    {SCENARIO NET BROKER
     "attack \"a\" { technique = \"T0855\", from = b, to = b, action = mqtt.publish {\n"
     "  user = \"u\", password = \"p\", topic = \"fleet/+/command\", text = \"\" } }",
     "mqtt.publish: topic: + and # are for listening"},
    {SCENARIO NET BROKER
     "attack \"a\" { technique = \"T0855\", from = b, to = b, action = mqtt.replay {\n"
     "  user = \"u\", password = \"p\", topic = \"#\", span = \"3m\" } }",
     "mqtt.replay: span"},
    {SCENARIO NET PLANT RTU "points = { } }", "machine 'r': points: the list is empty"},
    {SCENARIO NET PLANT RTU "points = 5 }",
     "machine 'r': points: expected a list of { … }"},
    {SCENARIO NET PLANT RTU "station = 3 }",
     "scenario.lua:4: machine 'r': an rtu needs points"},
    {SCENARIO NET "machine \"h\" { image = \"historian\", at = { net \".1\" } }",
     "machine 'h': a historian needs the controller that it reads: add serves = …"},
    {SCENARIO NET "machine \"r\" { image = \"rtu\", at = { net \".1\" } }",
     "machine 'r': an rtu needs its plant: add field = …"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" }, station = 2 }",
     "machine 'm': station belongs to the image rtu"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" }, ram_mib = 256 }",
     "machine 'm': ram_mib belongs to full images; 'plc' has its own memory"},
    {SCENARIO NET "machine \"m\" { image = \"deb\", at = { net \".1\" }, ram_mib = 127 }",
     "ram_mib: a whole number from 128 to 16384 is needed, got 127"},
    {SCENARIO NET
     "machine \"m\" { image = \"deb\", at = { net \".1\" }, ram_mib = 16385 }",
     "ram_mib: a whole number from 128 to 16384 is needed, got 16385"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" }, field = net }",
     "field: expected a value made by plant \"…\" { … }, got network 'control'"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" }, hidden = 1 }",
     "hidden: expected true or false, got 1"},
    {SCENARIO NET "machine \"m\" { image = \"plc\", at = { net \".1\" },\n"
                  "program = \"../etc/passwd\" }",
     "scenario.lua:4: machine 'm': program: a path stays inside the scenario's folder"},
    {SCENARIO NET MACHINE MACHINE,
     "scenario.lua:4: machine 'plc1': the name is used already, in line 3"},
    {SCENARIO "network \"n\" { cidr = \"10.20.2.1/24\" }", "bits set outside its prefix"},
    {SCENARIO "network \"n\" { cidr = \"10.20.2.0/31\" }", "prefix 8 to 30"},
    {SCENARIO "network \"n\" { cidr = \"10.20.2.0/24\", bandwidth = \"2mb\" }",
     "expected a rate such as"},
    {SCENARIO "network \"n\" { cidr = \"10.20.2.0/24\", bandwidth = \"7kbit\" }",
     "8kbit to 10gbit"},
    {SCENARIO "network \"n\" { cidr = \"10.20.2.0/24\", bandwidth = \"11gbit\" }",
     "8kbit to 10gbit"},
    {SCENARIO "network \"n\" { cidr = \"10.20.2.0/24\", delay = \"soon\" }",
     "expected a time span"},
    {SCENARIO "network \"n\" { \"10.20.2.0/24\" }", "write every value as name = value"},
    {SCENARIO "network { }", "network: expected a name, got table"},
    {SCENARIO "netwrok \"n\" { }", "unknown name 'netwrok'; did you mean 'network'?"},
    {SCENARIO "wait \"5m\"", "'wait' is a verb of the story: write s:wait inside story("},
    {SCENARIO "player \"x\" (function () end)", "'player' does not belong in this file"},
    {SCENARIO "plant \"p\" { model = \"water-dosing\", time_scale = 121 }",
     "time_scale: a number from 1 to 120 is needed, got 121"},
    {SCENARIO "plant \"p\" { model = \"water-dosing\", time_scale = 0/0 }",
     "time_scale: a number from 1 to 120 is needed, got"},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", met_by = works }",
     "met_by: expected a condition such as any { alarm(works) }, got plant 'works'"},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", met_by = works.level:above(1) }",
     "scenario.lua:3: "},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", met_by = works.naoh_mg_l:abov(1) }",
     "tag 'works' has no 'abov'; did you mean 'above'?"},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", met_by = works.naoh_mg_l:above(\"x\") }",
     "above: expected a number, got \"x\""},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", fades_to = 20, over = \"5m\",\n"
                    "met_by = alarm(works) }",
     "objective 'o': fades_to (20) is more than points (10)"},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", fades_to = 2, met_by = alarm(works) }",
     "objective 'o': fades_to and over belong together"},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", met_by = any { } }",
     "any takes 1 to 8 conditions, got 0"},
    {SCENARIO PLANT "objective \"o\" { " SAYS ", met_by = any { 1 } }",
     "any: item 1: expected a condition, got 1"},
    {SCENARIO PLANT "local c = alarm(works)\nfor i = 1, 5 do c = all { c, c } end",
     "scenario.lua:4: a condition has at most 32 parts"},
    {SCENARIO NET "isolated(net)", "isolated: expected a value made by machine"},
    {SCENARIO NET MACHINE "attack \"a\" { technique = \"T0836\", from = plc,\n"
                          "action = modbus.write { holding = 40, value = 1 } }",
     "scenario.lua:5: attack 'a': action: this action needs a target: add to = …"},
    {SCENARIO NET "modbus.write { holding = 40, coil = 1, value = 1 }",
     "modbus.write: both holding and coil: one of them is needed"},
    {SCENARIO NET "modbus.write { holding = 70000, value = 1 }",
     "modbus.write: holding: a whole number from 0 to 65535 is needed, got 70000"},
    {SCENARIO NET "modbus.write { holding = 40, valeu = 1 }",
     "modbus.write: unknown field 'valeu'; did you mean 'value'?"},
    {SCENARIO NET "modbus.scan { network = \"control\" }",
     "modbus.scan: network: expected a network, got \"control\""},
    {SCENARIO "story(5)", "story: expected function (s) … end, got 5"},
    {SCENARIO "story(function () end)\nstory(function () end)",
     "scenario.lua:3: story: there is one already, in line 2"},
    {SCENARIO
     "for i = 1, 33 do network(\"n\" .. i) { cidr = \"10.20.\" .. i .. \".0/24\" } end",
     "network 'n33': a scenario has at most 32 of them"},
    {"\x1bLua", "attempt to load a binary chunk"},
};

static const struct bad stories[] = {
    {"s:wiat \"5m\"", "scenario.lua:5: story has no 'wiat'; did you mean 'wait'?"},
    {"s:wait(5)", "scenario.lua:5: wait: expected a time span"},
    {"s.wait \"5m\"", "scenario.lua:5: wait: write it with a colon, :wait"},
    {"s:say \"hello\"", "scenario.lua:5: say: expected { zh = \"…\", en = \"…\" }, got"},
    {"s:say { en = \"hello\" }", "scenario.lua:5: say: zh is missing"},
    {"s:attack(plc)", "scenario.lua:5: attack: expected an attack, got machine 'plc1'"},
    {"s:fault(plc, { kind = \"trip\" })",
     "scenario.lua:5: fault: expected a plant, got machine 'plc1'"},
    {"s:fault(works, { tag = \"level_m\" })", "fault: field 'kind' is missing"},
    {"s:fault(works, { tag = \"level_m\", kind = \"bais\" })",
     "scenario.lua:5: fault: kind: no 'bais'; did you mean 'bias'?"},
    {"s:fault(works, { kind = \"stuck\" })", "fault: expected either a tag or an input"},
    {"s:fault(works, { kind = \"stuck\", tag = \"level_m\", input = \"dose_mg_l\" })",
     "fault: expected either a tag or an input"},
    {"s:fault(works, { tag = \"levle_m\", kind = \"bias\" })",
     "fault: water-dosing has no tag 'levle_m'; did you mean 'level_m'?"},
    {"s:fault(works, { tag = \"level_seconds\", kind = \"bias\" })",
     "fault: water-dosing has no tag 'level_seconds'"},
    {"s:fault(works, { input = \"dosing_pumb\", kind = \"trip\" })",
     "has no input 'dosing_pumb'; did you mean 'dosing_pump'?"},
    {"s:fault(works, { tag = \"level_m\", kind = \"trip\" })",
     "fault: trip cannot befall a tag"},
    {"s:fault(works, { tag = \"level_m\", kind = \"bias\", szie = 1 })",
     "unknown field 'szie'; did you mean 'size'?"},
    {"s:wait_for(net, \"5m\")",
     "wait_for: expected a condition or an objective, got network"},
    {"s:wait_for(alarm(works))", "wait_for: expected a time span"},
    {"network \"x\" { }",
     "scenario.lua:5: network belongs to the declare stage: write it outside the story"},
    {"coroutine.wrap(function () s:wait \"1s\" end)()",
     "wait: not inside a coroutine of the script's own"},
    {"table.sort({ 2, 1 }, function () s:wait \"1s\" end)",
     "attempt to yield across a C-call"},
    {"local x = nothing.here", "unknown name 'nothing'"},
};

static const struct bad players[] = {
    {"p:answer { step = \"Assess\", role = \"ir_lead\", vasr = { } }",
     "rehearsal.lua:2: answer: unknown field 'vasr'; did you mean 'vars'?"},
    {"p:answer { role = \"ir_lead\" }", "answer: field 'step' is missing"},
    {"p:operate(\"plc2\", \"x\")", "operate: no machine 'plc2'; did you mean 'plc1'?"},
    {"p:operate \"plc1\"", "operate: 1 to 15 arguments follow the machine, got 0"},
    {"p:report { }", "report: a text has the fields zh and en, nothing else"},
    {"p:say { zh = \"试\", en = \"Try\" }", "player has no 'say'"},
    {"p:answer { step = \"A\", role = \"r\", vars = { "
     "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1 } }",
     "vars: at most 8 variables"},
    {"p:answer { step = \"A\", role = \"r\", vars = { a = {} } }",
     "vars: expected a text, got table"},
};

static const struct bad rehearsals[] = {
    {"", "rehearsal.lua:1: no rehearsal"},
    {"rehearsal { teams = { blue = \"a\" }, offices = { county = \"b\" } }\n"
     "player \"a\" (function (p) end)",
     "rehearsal.lua:1: office 'county': no player 'b'"},
    {"rehearsal { teams = { blue = \"a\" }, offices = { enterprise = \"a\" } }\n"
     "player \"a\" (function (p) end)",
     "expected county, city, province or ministry"},
    {"rehearsal { teams = { blue = \"quick\" } }",
     "rehearsal.lua:1: team 'blue': no player 'quick'"},
    {"rehearsal { speed = 0.5, teams = { blue = \"quick\" } }",
     "speed: a number from 1 to 120 is needed, got 0.5"},
    {"player \"quick\" \"nothing\"", "player 'quick': expected (function (p) … end)"},
    {"machine \"x\" { }", "'machine' does not belong in this file"},
};

static void expect(const struct harness *harness, int code, const char *says)
{
    if (code != 0)
        fail_msg("%s", harness->err.text);
    if (harness->reply.answer != YW_SCRIPT_FAULT)
        fail_msg("no fault instead of: %s", says);
    if (strstr(harness->reply.fault.text, says) == NULL)
        fail_msg("'%s' instead of '%s'", harness->reply.fault.text, says);
}

static void declare_says_what_is_wrong(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(declares) / sizeof(declares[0]); i++) {
        struct harness harness;
        harness_open(&harness);
        int code = harness_load(&harness, declares[i].source, NULL);
        expect(&harness, code, declares[i].says);
        harness_close(&harness);
    }
}

static void story_says_what_is_wrong(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
        struct harness harness;
        char source[2048];
        snprintf(source, sizeof(source), "%sstory(function (s) %s\nend)",
                 SCENARIO NET PLANT MACHINE, stories[i].source);
        harness_open(&harness);
        int code = harness_load(&harness, source, NULL);
        if (code == 0 && harness.reply.answer == YW_SCRIPT_FAULT)
            fail_msg("%s", harness.reply.fault.text);
        code = harness_start_story(&harness, 0, "blue");
        expect(&harness, code, stories[i].says);
        harness_close(&harness);
    }
}

static void player_says_what_is_wrong(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(players) / sizeof(players[0]); i++) {
        struct harness harness;
        char source[2048];
        snprintf(
            source, sizeof(source),
            "rehearsal { teams = { blue = \"x\" } } player \"x\" (function (p)\n%s\nend)",
            players[i].source);
        harness_open(&harness);
        int code = harness_load(&harness, SCENARIO NET MACHINE, source);
        if (code == 0 && harness.reply.answer == YW_SCRIPT_FAULT)
            fail_msg("%s", harness.reply.fault.text);
        code = harness_start_player(&harness, 0, "blue", "x");
        expect(&harness, code, players[i].says);
        harness_close(&harness);
    }
}

static void rehearsal_says_what_is_wrong(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(rehearsals) / sizeof(rehearsals[0]); i++) {
        struct harness harness;
        harness_open(&harness);
        int code = harness_load(&harness, SCENARIO, rehearsals[i].source);
        expect(&harness, code, rehearsals[i].says);
        harness_close(&harness);
    }
}

int main(int argc, char **argv)
{
    int status = harness_main(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declare_says_what_is_wrong),
        cmocka_unit_test(story_says_what_is_wrong),
        cmocka_unit_test(player_says_what_is_wrong),
        cmocka_unit_test(rehearsal_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
