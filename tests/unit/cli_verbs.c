/* The built binary as a person or a program meets it: exit status, languages, JSON. */
#include "base/buf.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OUTPUT_MAX (8 * 1024 * 1024)
#define DOSING "scenarios/water-dosing/files/dosing.st"
#define JOURNAL "tests/golden/report/journal.ndjson"

static const char *program; /* argv[1] of this test */

static const char *const verbs[] = {
    "serve",  "check",  "plan",     "rehearse",   "run",      "up",     "down",
    "stop",   "resume", "reset",    "checkpoint", "evidence", "exec",   "console",
    "put",    "get",    "capture",  "host",       "plant",    "status", "journal",
    "verify", "report", "replay",   "doctor",     "playbook", "rules",  "bench",
    "image",  "st",     "scenario", "technique",  "attack",   "version"};

/* Runs "yanwu <words>" in a shell and returns the exit status; the output is *out's. */
static int run(struct yw_buf *out, const char *lang, const char *words)
{
    char command[2048];
    char chunk[4096];
    size_t size = 0;

    (void)snprintf(command, sizeof command, "YW_LANG=%s '%s' %s", lang, program, words);
    yw_buf_init(out, OUTPUT_MAX);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    while ((size = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        yw_buf_put(out, chunk, size);
    int status = pclose(pipe);

    assert_true(WIFEXITED(status));
    assert_false(out->overflow);
    return WEXITSTATUS(status);
}

static void expect(const char *lang, const char *words, int status, const char *part)
{
    struct yw_buf out;
    int got = run(&out, lang, words);

    if (got != status)
        fail_msg("yanwu %s: status %d, expected %d: %s", words, got, status, out.data);
    if (strstr(out.data, part) == NULL)
        fail_msg("yanwu %s: no '%s' in: %s", words, part, out.data);
    yw_buf_fini(&out);
}

/* One JSON document on standard output, in which `pointer` reads `want`. */
static void expect_json(const char *words, int status, const char *pointer,
                        const char *want)
{
    struct yw_buf out;
    char value[512] = "";
    int got = run(&out, "en", words);

    if (got != status)
        fail_msg("yanwu %s: status %d, expected %d: %s", words, got, status, out.data);
    if (yw_json_get(out.data, out.size, pointer, value, sizeof value) != 0)
        fail_msg("yanwu %s: no %s in: %s", words, pointer, out.data);
    assert_string_equal(value, want);
    assert_true(out.size > 0 && strchr(out.data, '\n') == out.data + out.size - 1);
    yw_buf_fini(&out);
}

static void every_verb_helps_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        struct yw_buf zh;
        struct yw_buf en;
        char words[64];
        char usage[64], example[64];

        (void)snprintf(words, sizeof words, "%s --help", verbs[i]);
        (void)snprintf(usage, sizeof usage, "yanwu %s", verbs[i]);
        assert_int_equal(run(&zh, "zh", words), 0);
        assert_int_equal(run(&en, "en", words), 0);
        assert_true(strncmp(zh.data, usage, strlen(usage)) == 0);
        assert_true(strncmp(en.data, usage, strlen(usage)) == 0);
        (void)snprintf(example, sizeof example, "\n例：yanwu %s", verbs[i]);
        assert_non_null(strstr(zh.data, example));
        (void)snprintf(example, sizeof example, "\nExample: yanwu %s", verbs[i]);
        assert_non_null(strstr(en.data, example));
        assert_non_null(strstr(zh.data, "退出码"));
        assert_non_null(strstr(en.data, "Exit status"));
        assert_non_null(strstr(en.data, "--json"));
        for (size_t k = 0; k < en.size;
             k++) /* no Chinese in the English; "…" is U+2026 */
            assert_true((unsigned char)en.data[k] < 0xe3);
        yw_buf_fini(&zh);
        yw_buf_fini(&en);
    }
}

/* Of those about machines: what is missing is told by the line of use. */
static void nothing_given_tells_the_use(void **state)
{
    static const char *const about[] = {"console", "capture",    "exec",  "put",
                                        "get",     "evidence",   "reset", "resume",
                                        "image",   "checkpoint", "host",  "down"};

    (void)state;
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        char words[64], part[64];

        (void)snprintf(words, sizeof words, "%s 2>&1", about[i]);
        (void)snprintf(part, sizeof part, "用法：yanwu %s", about[i]);
        expect("zh", words, 2, part);
        (void)snprintf(part, sizeof part, "usage: yanwu %s", about[i]);
        expect("en", words, 2, part);
    }
    expect("en", "exec d m -- 2>&1", 2, "expected -- and then 1 to 16 words; got 0");
    expect("en", "exec d m 2>&1", 2, "usage: yanwu exec");
    expect("en", "console d blue/ 2>&1", 2, "machine 'blue/': expected names");
    expect("en", "capture get d ../x 2>&1", 2, "a file as in the list");
    expect("en", "stop d 2>&1", 2, "takes --now");
    expect_json("reset --json 2>/dev/null", 2, "/error/code", "invalid");
}

static void wrong_use_is_two(void **state)
{
    (void)state;
    expect("en", "2>&1", 2, "yanwu check");
    expect("zh", "--help", 0, "演武");
    expect("en", "chekc 2>&1", 2, "did you mean 'check'");
    expect("zh", "chekc 2>&1", 2, "'check'");
    expect("en", "verify --jsno x 2>&1", 2, "did you mean --json");
    expect("en", "verify 2>&1", 2, "usage: yanwu verify");
    expect("en", "verify a b 2>&1", 2, "usage: yanwu verify");
    expect("en", "verify no-such-drill 2>&1", 2, "is no drill in");
    expect("en", "journal --from x " JOURNAL " 2>&1", 2, "--from: expected a number");
    expect("en", "journal --from 2>&1", 2, "--from needs a value");
    expect("en", "report --format pdf " JOURNAL " 2>&1", 2,
           "expected md or html; got 'pdf'");
    expect("en", "report --lang fr " JOURNAL " 2>&1", 2, "expected zh or en; got 'fr'");
    expect("en", "status --data 2>&1", 2, "--data needs a value");
    expect("en", "version x 2>&1", 2, "unexpected 'x'");
    expect("en", "bench 2>&1", 2, "bench journal");
    expect("en", "bench journal --events 1000001 2>&1", 2, "--events 1..1000000");
    expect("en", "bench rehearse x --rounds 101 2>&1", 2, "--rounds 1..100");
    expect("en", "rehearse --seed x scenarios/water-dosing 2>&1", 2, "--seed: expected");
    expect("en", "rehearse 2>&1", 2, "usage: yanwu rehearse");
    expect("en", "up --speed 1001 x 2>&1", 2, "at most 1000; got '1001'");
    expect("en", "up --speed nan x 2>&1", 2, "--speed: expected a number above 0");
    expect("en", "run --speed=0 x 2>&1", 2, "--speed: expected a number above 0");
    expect("en", "run --auto --teams green scenarios/water-dosing 2>&1", 2,
           "a player for none of the teams");
    expect("en", "playbook draw x 2>&1", 2,
           "resume, skip, force, set, rewind or abort; got 'draw'");
    expect_json("verify --json no-such-drill 2>/dev/null", 2, "/error/code", "not-found");
}

static void errors_speak_chinese(void **state)
{
    (void)state;
    expect("zh", "verify no-such-drill 2>&1", 2, "既不是");
    expect("zh", "status --data /nowhere/at/all 2>&1", 2, "没有守护进程在运行");
    expect("zh", "down x --data /nowhere/at/all 2>&1", 2,
           "yanwu: 数据目录 /nowhere/at/all");
    expect("zh", "verify --jsno x 2>&1", 2, "没有选项 --jsno（是否想用 --json？）");
    expect("zh", "journal --from x " JOURNAL " 2>&1", 2,
           "--from：应为从 0 起的数；实际为“x”");
    expect("zh", "verify 2>&1", 2, "用法：yanwu verify");
    expect("zh", "check no-such-folder 2>&1", 2, "场景是含有 scenario.lua 的文件夹");
    expect("zh", "replay --to 0 " JOURNAL " 2>&1", 2, "--to 0：事件从 1 开始编号");
    expect("en", "replay --to 0 " JOURNAL " 2>&1", 2,
           "--to 0: events are numbered from 1 on");
    expect("en", "replay --to 1 " JOURNAL, 0, "#1");
    /* programs read the same in every language */
    expect("zh", "verify --json no-such-drill 2>/dev/null", 2, "is no drill in");
}

/* A scenario with one thing wrong: where stays as it is, what is said in Chinese. */
static void wrong_scenarios_speak_chinese(void **state)
{
    (void)state;
    static const struct {
        const char *line, *zh;
    } wrong[] = {
        {"network 'it' { cdir = '10.20.4.0/24' }",
         "scenario.lua:2: network 'it'：未知字段“cdir”（是否想用“cidr”？）"},
        {"netwrok 'it' { }", "未知名字“netwrok”（是否想用“network”？）"},
        {"network 'it' { cidr = 5 }", "：应为 "},
    };
    char folder[] = "/tmp/yw-cli-XXXXXX";
    char path[128];
    char words[256];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/scenario.lua", folder);
    (void)snprintf(words, sizeof words, "check %s 2>&1", folder);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        (void)fprintf(file,
                      "scenario 'x' { title = { zh = '一', en = 'x' }, sector = 'water', "
                      "mode = 'drill', length = '5m' }\n%s\n",
                      wrong[i].line);
        assert_int_equal(fclose(file), 0);
        expect("zh", words, 2, wrong[i].zh);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_journal_is_read(void **state)
{
    (void)state;
    struct yw_buf out;
    struct yw_buf file;

    expect("zh", "verify " JOURNAL, 0, "完好：144 条记录");
    expect_json("verify --json " JOURNAL, 0, "/ok", "true");
    expect_json("verify --json " JOURNAL, 0, "/count", "144");
    expect("en", "replay " JOURNAL, 0, "rank 1  blue-quick  477 points");
    expect("zh", "replay " JOURNAL, 0, "第 2 名  blue-slow  44 分");
    expect("en", "replay --to 92 " JOURNAL, 0, "blue-slow  0 points");
    expect_json("replay --json " JOURNAL, 0, "/teams/blue-slow/points", "44");
    expect_json("replay --json --to=92 " JOURNAL, 0, "/drill/phase", "running");
    expect("zh", "journal " JOURNAL, 0, "blue-quick 的机器 jump 已从网络隔离");
    expect("en", "journal --all " JOURNAL, 0, "machine-planned");
    expect_json("journal --json --from 144 " JOURNAL, 0, "/events/0/kind",
                "phase-changed");
    expect("zh", "report " JOURNAL, 0, "## 时间线");
    expect("en", "report --format=html " JOURNAL, 0, "<!doctype html>");
    expect_json("report --json --lang en " JOURNAL, 0, "/format", "md");
    assert_int_equal(run(&out, "en", "journal --ndjson " JOURNAL), 0);
    yw_buf_init(&file, OUTPUT_MAX);
    FILE *golden = fopen(JOURNAL, "r");
    char chunk[4096];
    size_t size = 0;

    assert_non_null(golden);
    while ((size = fread(chunk, 1, sizeof chunk, golden)) > 0)
        yw_buf_put(&file, chunk, size);
    assert_int_equal(fclose(golden), 0);
    assert_string_equal(out.data, file.data);
    yw_buf_fini(&file);
    yw_buf_fini(&out);
}

static void make_folder(char folder[64])
{
    (void)snprintf(folder, 64, "/tmp/yw-cli-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *fmt, ...)
{
    char command[1024];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

/* Each of these once made the reader wait for ever, or lost files without a word. */
static void odd_folders_are_refused(void **state)
{
    (void)state;
    char folder[64];
    char words[256];

    make_folder(folder);
    shell("cp -r scenarios/water-dosing/. %s", folder);
    (void)snprintf(words, sizeof words, "check %s 2>&1", folder);
    shell("mkfifo %s/files/pipe", folder);
    expect("en", words, 2, "files/pipe: not a regular file");
    shell("cd %s/files && rm pipe && ln -s /etc/hostname link", folder);
    expect("en", words, 2, "files/link: links are not followed");
    shell("cd %s/files && rm link && for i in $(seq 64); do : > f$i; done", folder);
    expect("en", words, 2, "files: more than 64 files");
    shell("rm -r %s", folder);
}

static void one_answer_when_the_file_fails(void **state)
{
    (void)state;
    expect_json("rehearse scenarios/water-dosing --json --journal /nowhere/x 2>/dev/null",
                1, "/error/code", "io");
}

static void damage_is_named(void **state)
{
    (void)state;
    char folder[64];
    char words[256];

    make_folder(folder);
    shell("sed '100s/drill_ms\":/drill_ms\":1/' " JOURNAL " > %s/bad.ndjson", folder);
    (void)snprintf(words, sizeof words, "verify %s/bad.ndjson", folder);
    expect("en", words, 1, "damaged: record 100 (line 100)");
    (void)snprintf(words, sizeof words, "verify --json %s/bad.ndjson", folder);
    expect_json(words, 1, "/bad_seq", "100");
    (void)snprintf(words, sizeof words, "report %s/bad.ndjson 2>&1", folder);
    expect("en", words, 1, "record 100");
    (void)snprintf(words, sizeof words, "replay %s/bad.ndjson 2>&1", folder);
    expect("en", words, 1, "record 100");
    shell("rm -r %s", folder);
}

/* A copy of the shipped scenario with one change in one file. */
static void check_changed(const char *file, const char *change, const char *message)
{
    char folder[64];
    char words[256];

    make_folder(folder);
    shell("cp -r tests/drills/dosing-line %s/s && sed -i '%s' %s/s/%s", folder, change,
          folder, file);
    (void)snprintf(words, sizeof words, "check %s/s 2>&1", folder);
    expect("en", words, 2, message);
    shell("rm -r %s", folder);
}

static void scenarios_are_checked(void **state)
{
    (void)state;
    expect("zh", "check scenarios/water-dosing", 0, "检查通过");
    expect("en", "check scenarios/water-dosing", 0, "the scenario is sound");
    expect_json("check --json scenarios/water-dosing", 0, "/scenario/id", "water-dosing");
    expect_json("check --json scenarios/water-dosing", 0, "/players/0/player", "quick");
    expect("en", "check scenarios/water-dosing", 0,
           "techniques: planned T0846 T0836 (2)");
    expect_json("check --json scenarios/water-dosing", 0, "/techniques/1", "T0836");
    expect("en", "check --tabletop scenarios/water-dosing", 0, "250 points at most");
    expect("zh", "check --tabletop scenarios/water-dosing", 0,
           "桌面推演不计分：water-safe");
    expect("en", "check scenarios/nothing 2>&1", 2, "with scenario.lua\n");
    expect("en", "check scenarios/water-dosng/ 2>&1", 2, "did you mean 'water-dosing'?");
    expect("zh", "check scenarios/boiler-lowwatr 2>&1", 2, "是否想用“boiler-lowwater”？");
    check_changed("scenario.lua", "s/dosing.st/nothing.st/",
                  "machine 'plc1': no such file: files/nothing.st");
    check_changed("files/dosing.st", "1s/.*/PROGRAM PROGRAM/",
                  "machine 'plc1': files/dosing.st:1:9: ");
    check_changed("scenario.lua", "s/ics-tampering.json/nothing.json/",
                  "playbook 'first-response': ");
    check_changed("scenario.lua",
                  "s/answered \"Assess the alarm\"/answered \"Assess it\"/",
                  "no playbook has a step named 'Assess it'");
    check_changed("scenario.lua", "s/machine \"jump\"/machine \"jumper\"/",
                  "acts on machine 'jump', which is not declared");
    check_changed("scenario.lua", "s/image = \"plc\"/imgae = \"plc\"/",
                  "scenario.lua:11");
}

static void doubtful_scenarios_are_warned_of(void **state)
{
    (void)state;
    char folder[64];
    char words[256];

    make_folder(folder);
    shell("cp -r tests/drills/dosing-line %s/s && rm %s/s/rehearsal.lua && "
          "sed -i 's/, program = .*$/ }/' %s/s/scenario.lua",
          folder, folder, folder);
    shell("echo 'network \"spare\" { cidr = \"10.9.0.0/24\", zone = \"L3\" }' >> "
          "%s/s/scenario.lua",
          folder);
    (void)snprintf(words, sizeof words, "check %s/s", folder);
    expect("en", words, 0, "is wired to a plant and has no program");
    expect("en", words, 0, "no machine is on network 'spare'");
    expect("en", words, 0, "rehearsal.lua: has no players");
    shell("rm -r %s", folder);
}

static void a_place_ends_at_its_limit(void **state)
{
    (void)state;
    char words[512];
    char path[257];

    memset(path, 'a', 256);
    path[256] = '\0';
    (void)snprintf(words, sizeof words, "version --data %s 2>&1", path);
    expect("en", words, 2, "--data: at most 255 bytes");
    path[255] = '\0';
    (void)snprintf(words, sizeof words, "version --data %s 2>&1", path);
    expect("en", words, 0, "yanwu 0.1.0");
}

/* All but the estimate, which looks at what the host has free now. */
static char *without_estimate(struct yw_buf *text)
{
    char *from = strstr(text->data, ",\"estimate\":");
    char *end = from != NULL ? strstr(from, "\"total\":{") : NULL;
    char *to = end != NULL ? strstr(end, ",\"machines\":") : NULL;

    assert_non_null(to);
    memmove(from, to, strlen(to) + 1);
    return text->data;
}

static void a_plan_is_the_same_each_time(void **state)
{
    (void)state;
    struct yw_buf first;
    struct yw_buf again;
    struct yw_buf other;

    assert_int_equal(run(&first, "en", "plan --json scenarios/water-dosing"), 0);
    assert_int_equal(run(&again, "en", "plan --json scenarios/water-dosing"), 0);
    assert_int_equal(run(&other, "en", "plan --json --seed 2 scenarios/water-dosing"), 0);
    assert_string_equal(without_estimate(&first), without_estimate(&again));
    assert_string_not_equal(first.data, without_estimate(&other));
    yw_buf_fini(&first);
    yw_buf_fini(&again);
    yw_buf_fini(&other);
    expect_json("plan --json --teams a,b,c scenarios/water-dosing", 0, "/teams/2", "c");
    expect_json("plan --json --teams a,b --how shared scenarios/water-dosing", 0,
                "/estimate/ok", "true");
    expect("zh", "plan --teams a,b --how cold scenarios/water-dosing", 0, "估算");
    expect("en", "plan --how warm scenarios/water-dosing 2>&1", 2,
           "cold, saved or shared");
    expect("en", "plan --teams A scenarios/water-dosing 2>&1", 2, "A");
    expect("en", "plan --teams a,a scenarios/water-dosing 2>&1", 2, "a");
}

static void controller_programs_are_tried(void **state)
{
    (void)state;
    expect("en", "st check " DOSING, 0, "dosing, CRC ");
    expect_json("st compile --json " DOSING, 0, "/program", "dosing");
    expect("en", "st check tests/fuzz/corpus/guest_st/units.st README.md 2>&1", 1,
           "README.md:1:1: ");
    expect("en", "st check no-such.st 2>&1", 2, "no-such.st");
    expect("en", "st run " DOSING " --scans 8 --set %IW0=1600@5 --show alarms,%QW0", 0,
           "400,4,0,100.0\n500,5,1,100.0\n");
    expect("zh", "st run " DOSING " --show nothing 2>&1", 2, "nothing");
    expect("zh", "st run " DOSING " --set alarms=maybe 2>&1", 2, "UINT");
    expect("en", "st diff " DOSING " " DOSING, 0, "they execute the same");
    expect_json("st diff --json " DOSING " tests/fuzz/corpus/guest_st/units.st", 1,
                "/lines/0",
                "-1 (* Sodium hydroxide dosing at a water works.  "
                "自来水厂氢氧化钠加药控制。");
    expect("en", "st draw x 2>&1", 2, "expected check, compile, run or diff; got 'draw'");
}

static void playbooks_are_shown(void **state)
{
    (void)state;
    expect("zh", "playbook check playbooks/ics-tampering.json", 0, "检查通过");
    expect("en", "playbook show playbooks/ics-tampering.json", 0, "isolate");
    expect("zh", "playbook show playbooks/isolate-machine.json", 0,
           "│   └ 失败时\n│       □ 现场拔线");
    expect(
        "en", "playbook show playbooks/restore-and-watch.json", 0,
        "↻ Watch until it is steady  [__stable__:value = false]\n└ each time\n    □ Read "
        "and judge");
    expect("en", "playbook check --profile schema playbooks/insider.json", 0, "sound");
    expect_json("playbook show --json playbooks/ics-tampering.json", 0, "/steps/0/type",
                "start");
    expect("zh", "playbook list", 0, "设定值遭篡改");
    expect_json("playbook list --json", 0, "/playbooks/0/file", "collect-evidence.json");
    expect("en", "playbook list x 2>&1", 2, "usage: yanwu playbook list");
    expect("en", "playbook --help", 0, "\nyanwu playbook verify FILE");
    expect("en", "playbook check README.nothing 2>&1", 2, "README.nothing");
    expect("en", "playbook check " JOURNAL " 2>&1", 2, JOURNAL);
}

/* With the version of the matrix, and what the next one calls a technique. */
static void the_attack_kit_is_shown(void **state)
{
    (void)state;
    expect("en", "attack list", 0, "ATT&CK ics-attack 18.1\nsweep  Sweep ports");
    expect("en", "attack list", 0, "techniques: T0836 T0855 (T1692.001)\n");
    expect("en", "attack list", 0,
           "capture: modbus.func_code == 8 && ip.src == FROM (≥ 1)");
    expect("zh", "attack list", 0, "靶机记录： modbus-write iec104-command");
    expect_json("attack list --json", 0, "/attacks/11/name", "restart");
    expect_json("attack list --json", 0, "/attacks/11/sights/0/least", "1");
    expect_json("attack list --json", 0, "/aliases/T0855", "T1692.001");
    expect_json("attack list --json", 0, "/version", "18.1");
    expect("en", "attack lists 2>&1", 2, "usage: yanwu attack list");
}

static void the_host_is_looked_at(void **state)
{
    (void)state;
    struct yw_buf out;
    char value[512];
    int status = run(&out, "en", "--connect fake: doctor --json");

    assert_true(status == 0 || status == 1);
    assert_int_equal(yw_json_get(out.data, out.size, "/ok", value, sizeof value), 0);
    assert_string_equal(value, status == 0 ? "true" : "false");
    assert_int_equal(
        yw_json_get(out.data, out.size, "/checks/0/name", value, sizeof value), 0);
    assert_string_equal(value, "root");
    /* what is weak is named with its cure; without a proof the accelerator is */
    assert_int_equal(yw_json_get(out.data, out.size, "/weak/0/name", value, sizeof value),
                     0);
    assert_string_equal(value, "emulation");
    assert_int_equal(
        yw_json_get(out.data, out.size, "/weak/0/mend/en", value, sizeof value), 0);
    assert_non_null(strstr(out.data, "\"name\":\"cgroups\""));
    assert_non_null(strstr(out.data, "\"name\":\"nftables\""));
    yw_buf_fini(&out);
    expect("en", "--data /no-such-place/x doctor", status,
           "kvm\thardware acceleration (not");
    expect_json("version --json", 0, "/version", "0.1.0");
}

static void the_journal_is_measured(void **state)
{
    char dir[] = "/tmp/yw-bench-XXXXXX";
    char words[128];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(words, sizeof words, "--data %s bench journal --rate 0 --events 5000",
                   dir);
    expect("zh", words, 0, "日志与平面文件之比");
    (void)snprintf(words, sizeof words, "--data %s bench journal --events 50 --json",
                   dir);
    expect_json(words, 0, "/events", "50");
    assert_int_equal(rmdir(dir), 0); /* nothing is left */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verb_helps_in_both_languages),
        cmocka_unit_test(nothing_given_tells_the_use),
        cmocka_unit_test(wrong_use_is_two),
        cmocka_unit_test(errors_speak_chinese),
        cmocka_unit_test(wrong_scenarios_speak_chinese),
        cmocka_unit_test(a_journal_is_read),
        cmocka_unit_test(odd_folders_are_refused),
        cmocka_unit_test(one_answer_when_the_file_fails),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(scenarios_are_checked),
        cmocka_unit_test(doubtful_scenarios_are_warned_of),
        cmocka_unit_test(a_place_ends_at_its_limit),
        cmocka_unit_test(a_plan_is_the_same_each_time),
        cmocka_unit_test(controller_programs_are_tried),
        cmocka_unit_test(playbooks_are_shown),
        cmocka_unit_test(the_attack_kit_is_shown),
        cmocka_unit_test(the_host_is_looked_at),
        cmocka_unit_test(the_journal_is_measured),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
