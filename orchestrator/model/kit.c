#include "model/kit.h"

#include "base/mem.h"

#include <string.h>

static const struct yw_kit_family families[] = {
    {.name = "sweep",
     .title = {"扫描端口、单元号与信息对象", "Sweep ports, unit ids and objects"},
     .techniques = "T0846 T0888 T0861",
     .actions = "modbus.scan iec104.sweep engineering.status",
     .alerts = "sweep new-talker",
     .lines = "iec104-master",
     .sights =
         {{"arp.opcode == 1 && arp.src.proto_ipv4 == FROM", 16},
          {"tcp.flags.syn == 1 && tcp.flags.ack == 0 && ip.src == FROM", 4},
          {"iec60870_asdu.causetx >= 44 && iec60870_asdu.causetx <= 47 && ip.dst == FROM",
           1}},
     .network =
         {"同一来源询问许多地址（ARP、SYN）；传送原因 44–47",
          "one source asks for many addresses (ARP, SYN); causes of transmission 44–47"},
     .host = {"连接数增加", "connection counter"},
     .process = {"无", "none"},
     .counter = {"2 分钟内发现并封禁来源", "detect within 2 min, block the source"}},
    {.name = "read-all",
     .title = {"读取全部寄存器与信息对象", "Read all registers and objects"},
     .techniques = "T0801 T0802 T0861",
     .actions = "modbus.read iec104.interrogate mqtt.listen",
     .alerts = "new-talker new-function",
     .lines = "iec104-master mqtt-client",
     .sights = {{"modbus.func_code in {3, 4} && modbus.word_cnt >= 100 && ip.src == FROM",
                 1},
                {"modbus.exception_code == 2 && ip.dst == FROM", 1},
                {"iec60870_asdu.typeid == 100 && ip.src == FROM", 1},
                {"mqtt.msgtype == 8 && ip.src == FROM", 1}},
     .network = {"新客户端的 3、4 号功能码，范围很长，越界得异常码 2",
                 "FC 3 and 4 of a new client, long ranges, exception 2 beyond the end"},
     .host = {"客户端增加", "one more client"},
     .process = {"无", "none"},
     .counter = {"访问控制、白名单", "access list, allow-list"}},
    {.name = "single-write",
     .title = {"单次写入", "Single write"},
     .techniques = "T0836 T0855",
     .actions = "modbus.write iec104.command iec104.operate iec104.setpoint mqtt.publish "
                "mqtt.replay",
     .alerts = "new-talker write-from-unknown new-write replay",
     .lines = "modbus-write iec104-command",
     .sights =
         {{"modbus.func_code in {5, 6, 15, 16} && ip.src == FROM && tcp.dstport == 502",
           1},
          {"iec60870_asdu.typeid in {45, 46, 50} && ip.src == FROM", 2},
          {"mqtt.msgtype == 3 && mqtt.topic contains \"command\" && ip.src == FROM", 2}},
     .network = {"非操作站发出的 5、6、15、16 号功能码或 C_DC、C_SE",
                 "FC 5, 6, 15, 16 or C_DC, C_SE of somebody who is no operator station"},
     .host = {"写入记录：原值与新值", "write journal: old and new"},
     .process = {"设定值突变", "a step of the set-point"},
     .counter = {"改回、访问控制、转手动", "set it back, access list, manual operation"}},
    {.name = "brute-force-io",
     .title = {"反复强写输出", "Brute-force I/O"},
     .techniques = "T0806",
     .actions = "modbus.toggle modbus.fuzz",
     .alerts = "write-rate new-write",
     .lines = "modbus-write",
     .sights =
         {{"modbus.func_code in {5, 6, 15, 16} && ip.src == FROM && tcp.dstport == 502",
           11}},
     .network = {"写入频率高于基线", "writes faster than the baseline"},
     .host = {"写入记录增长", "the write journal grows"},
     .process = {"执行机构来回动作", "actuators chatter"},
     .counter = {"限速、隔离", "limit the rate, isolate"}},
    {.name = "drift",
     .title = {"缓慢漂移", "Slow drift"},
     .techniques = "T0836 T0831",
     .actions = "modbus.ramp",
     .alerts = "new-talker write-from-unknown new-write",
     .lines = "modbus-write",
     .sights =
         {{"modbus.func_code in {5, 6, 15, 16} && ip.src == FROM && tcp.dstport == 502",
           2}},
     .network = {"稀疏的小幅写入", "rare small writes"},
     .host = {"只在写入记录中", "in the write journal only"},
     .process = {"缓慢偏离", "a slow residual"},
     .counter = {"按不变关系报警", "alarm on an invariant"}},
    {.name = "alarm",
     .title = {"改报警限值、压制报警", "Alarm limits changed, alarms suppressed"},
     .techniques = "T0838 T0878",
     .actions = "modbus.write modbus.hold",
     .alerts = "new-talker write-from-unknown new-write",
     .lines = "modbus-write",
     .sights =
         {{"modbus.func_code in {5, 6, 15, 16} && ip.src == FROM && tcp.dstport == 502",
           2}},
     .network = {"向限值寄存器写入", "writes to limit registers"},
     .host = {"报警字不变", "the alarm word stands still"},
     .process = {"有后果而无报警", "a consequence without an alarm"},
     .counter = {"与交接班记录核对限值", "compare limits with the shift sheet"}},
    {.name = "logic",
     .title = {"切换模式并下装逻辑", "Mode changed, logic downloaded"},
     .techniques = "T0858 T0843 T0821 T0889",
     .actions = "engineering.login engineering.mode engineering.patch",
     .alerts = "new-talker transfer",
     .lines = "plc-login plc-mode plc-download",
     .sights = {{"tcp.dstport == 20547 && tcp.len >= 512 && ip.src == FROM", 1}},
     .network = {"工程端口上成块传输", "block transfer on the engineering port"},
     .host = {"程序校验和、模式、扫描计数变化", "checksum, mode and scan counter change"},
     .process = {"重启时扰动", "a bump at the restart"},
     .counter = {"与基准程序比对并重装", "compare with the golden logic, load it again"}},
    {.name = "safety",
     .title = {"旁路安全仪表系统", "Safety system bypassed"},
     .techniques = "T0837 T0880",
     .actions = "safety.bypass",
     .alerts = "new-talker write-from-unknown new-write",
     .lines = "modbus-write",
     .sights =
         {{"modbus.func_code in {6, 16} && modbus.reference_num == 80 && ip.src == FROM",
           1}},
     .network = {"写旁路字", "a write to the bypass word"},
     .host = {"钥匙或旁路报警", "key or bypass alarm"},
     .process = {"要求时不动作", "a demand is not met"},
     .counter = {"钥匙转回运行，停车", "key to RUN, stop the plant"}},
    {.name = "middle",
     .title = {"中间人并重放数值", "Adversary in the middle with value replay"},
     .techniques = "T0830 T0832 T0856",
     .actions = "aitm.stand",
     .alerts = "address-moved",
     .lines = "",
     .sights = {{"arp.duplicate-address-detected", 1}},
     .network = {"ARP 变化、地址重复", "ARP changes, an address twice"},
     .host = {"操作站曲线完全重复", "the station's trend repeats exactly"},
     .process = {"物料不平衡", "the mass balance is not 0"},
     .counter = {"核对就地仪表，静态 ARP", "read the local gauge, static ARP"}},
    {.name = "block",
     .title = {"阻断命令或上送", "Commands or reports blocked"},
     .techniques = "T0803 T0804",
     .actions = "aitm.stand iec104.block",
     .alerts = "address-moved new-talker",
     .lines = "iec104-master",
     .sights = {{"tcp.dstport == 2404 && tcp.flags.syn == 1 && ip.src == FROM", 2},
                {"arp.duplicate-address-detected", 1}},
     .network = {"半开连接、无应答", "half-open sessions, no answers"},
     .host = {"操作站超时、心跳陈旧", "the station times out, stale heartbeat"},
     .process = {"过程不听命令", "the plant ignores orders"},
     .counter = {"备用通道、转手动", "alternate path, manual operation"}},
    {.name = "flood",
     .title = {"洪泛", "Flood"},
     .techniques = "T0814 T0815 T0813",
     .actions = "modbus.flood iec104.flood",
     .alerts = "flood",
     .lines = "",
     .sights = {{"tcp.flags.syn == 1 && tcp.flags.ack == 0 && ip.src == FROM && "
                 "tcp.dstport in {502, 2404}",
                 21}},
     .network = {"每秒大量连接", "many connections a second"},
     .host = {"连接被挤掉", "connections are pushed out"},
     .process = {"保持末值", "hold last value"},
     .counter = {"在防火墙丢弃", "drop at the firewall"}},
    {.name = "restart",
     .title = {"重启或停止设备", "Device restarted or stopped"},
     .techniques = "T0816 T0881",
     .actions = "modbus.restart iec104.reset engineering.stop",
     .alerts = "new-function new-talker",
     .lines = "plc-restart iec104-reset plc-mode",
     .sights =
         {{"modbus.func_code == 8 && ip.src == FROM", 1},
          {"iec60870_asdu.typeid == 105 && ip.src == FROM", 1},
          {"tcp.dstport == 20547 && tcp.payload contains \"MODE stop\" && ip.src == FROM",
           1}},
     .network = {"8 号功能码、C_RP、工程端口", "FC 8, C_RP, the engineering port"},
     .host = {"运行时间归零", "uptime begins anew"},
     .process = {"输出归零或保持", "outputs safe or last"},
     .counter = {"重新启动，查根因", "start it again, find the root cause"}},
    {.name = "wipe",
     .title = {"擦除操作站与历史库、取走数据",
               "Stations and historians wiped, data taken"},
     .techniques = "T0809 T0881 T0828 T0829 T0811 T0882",
     .actions = "station.fetch station.stop station.wipe",
     .alerts = "new-talker",
     .lines = "upkeep",
     .sights = {{"http.request.uri == \"/upkeep\" && ip.src == FROM", 2},
                {"http.response.code == 200 && tcp.srcport == 80 && ip.dst == FROM", 1}},
     .network = {"从历史库成批取数", "bursts out of the historian"},
     .host = {"服务停止、数据缺失", "service stopped, data missing"},
     .process = {"失去视图", "loss of view"},
     .counter = {"由镜像重建，人工操作", "rebuild from the image, manual operation"}},
    {.name = "firmware",
     .title = {"固件更新模式", "Firmware update mode"},
     .techniques = "T0800 T0857",
     .actions = "engineering.boot",
     .alerts = "new-talker",
     .lines = "plc-mode",
     .sights =
         {{"tcp.dstport == 20547 && tcp.payload contains \"MODE boot\" && ip.src == FROM",
           1}},
     .network = {"厂商端口", "the maker's port"},
     .host = {"设备处于引导模式，不应答",
              "the device is in boot mode and answers nothing"},
     .process = {"失去保护", "protection is missing"},
     .counter = {"更换设备、隔离", "replace it, isolate"}},
    {.name = "credentials",
     .title = {"猜口令、改口令", "Passwords guessed and changed"},
     .techniques = "T0812 T0859 T0892",
     .actions = "engineering.guess engineering.lock station.guess",
     .alerts = "new-talker",
     .lines = "plc-login plc-password upkeep",
     .sights =
         {{"tcp.dstport == 20547 && tcp.payload contains \"LOGIN\" && ip.src == FROM", 3},
          {"http.request.uri == \"/upkeep\" && ip.src == FROM", 2}},
     .network = {"登录成串", "login bursts"},
     .host = {"认证日志", "authentication log"},
     .process = {"无", "none"},
     .counter = {"改口令、锁定、双因素", "change it, lock, a second factor"}},
};

/* What each action takes, as people write it. */
static const char *const forms[] = {
    "modbus.read { unit, holding | input | coil | discrete, count }",
    "modbus.write { unit, holding | coil, value }",
    "modbus.scan { network }",
    "modbus.restart { unit }",
    "modbus.ramp { unit, holding, from, to, over, steps } …",
    "modbus.toggle { unit, holding | coil, low, high, every, over } …",
    "modbus.fuzz { unit, holding | coil, count, every, over } …",
    "modbus.hold { unit, holding | coil, value, every, over } …",
    "modbus.flood { rate, over } …",
    "safety.bypass { unit, word, value }",
    "aitm.stand { between = { plc, hmi }, replay, drop, over } …",
    "iec104.interrogate { station }",
    "iec104.sweep { station, first, last }",
    "iec104.command { station, type, ioa, value }",
    "iec104.operate { station, type, ioa, value }",
    "iec104.setpoint { station, ioa, value }",
    "iec104.reset { station }",
    "iec104.flood { station, count }",
    "iec104.block { span }",
    "engineering.status { }",
    "engineering.login { password }",
    "engineering.mode { password, mode }",
    "engineering.stop { password }",
    "engineering.boot { password }",
    "engineering.patch { password, find, replace }",
    "engineering.guess { words, every }",
    "engineering.lock { password, new }",
    "mqtt.listen { user, password, topic, span, having }",
    "mqtt.publish { user, password, topic, text }",
    "mqtt.replay { user, password, topic, span, having }",
    "station.fetch { tag }",
    "station.guess { words, every }",
    "station.stop { password }",
    "station.wipe { password }",
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

const struct yw_kit_family *yw_kit_family(size_t index)
{
    return index < FAMILIES ? &families[index] : NULL;
}

const struct yw_kit_family *yw_kit_family_of(const char *action)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        if (yw_spec_has_word(families[i].actions, action))
            return &families[i];
    }
    return NULL;
}

bool yw_kit_produces(const struct yw_spec_attack *attack, const char *fact)
{
    return yw_spec_has_word(attack->produces, fact);
}

/* Where the program stands: behind "background" and the attack's name. */
static size_t program_at(const char argv[][YW_SPEC_ARG_MAX], size_t argc)
{
    return argc > 2 && strcmp(argv[0], "background") == 0 ? 2 : 0;
}

void yw_kit_action(const char argv[][YW_SPEC_ARG_MAX], size_t argc, char ret[YW_NAME_MAX])
{
    size_t at = program_at(argv, argc);

    ret[0] = '\0';
    if (argc >= at + 2)
        (void)yw_copyf(ret, YW_NAME_MAX, "%.30s.%.30s", argv[at], argv[at + 1]);
}

static void put_row(struct yw_buf *out, const struct yw_kit_family *family, bool zh)
{
#define SAY(member) (zh ? family->member.zh : family->member.en)
    yw_buf_printf(out, "| %s `%s` | %s | %s | %s | %s | %s | %s | %s |\n", SAY(title),
                  family->name, family->techniques, family->actions, SAY(network),
                  family->alerts, SAY(host), SAY(process), SAY(counter));
#undef SAY
}

static void put_sights(struct yw_buf *out, bool zh)
{
    yw_buf_puts(
        out, zh ? "\n在抓包文件中（Wireshark 显示过滤器，FROM 为攻击者地址，至少的帧数）"
                  "及靶机自己的记录：\n\n"
                : "\nIn a capture (display filters of Wireshark, FROM is the "
                  "attacker's address, frames at least) and in the targets' own "
                  "lines:\n\n");
    for (size_t i = 0; i < FAMILIES; i++) {
        const struct yw_kit_family *family = &families[i];

        yw_buf_printf(out, "- `%s`:", family->name);
        for (size_t k = 0; k < YW_KIT_SIGHTS_MAX && family->sights[k].filter; k++)
            yw_buf_printf(out, "%s `%s` ≥ %d", k > 0 ? ";" : "", family->sights[k].filter,
                          family->sights[k].least);
        yw_buf_printf(out, "%s%s\n", family->lines[0] ? "; " : "", family->lines);
    }
}

void yw_kit_describe(struct yw_buf *out, const char *lang)
{
    bool zh = strncmp(lang, "zh", 2) == 0;

    yw_buf_puts(out,
                zh ? "| 做法 | 技术 | 动作 | 网络上可见 | 探针告警 | 主机或控制器上 | "
                     "过程中 | 对策 |\n"
                   : "| What it does | Techniques | Actions | On the network | "
                     "Sensor alerts | On host or controller | In the process | "
                     "Counter |\n");
    yw_buf_puts(out, "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < FAMILIES; i++)
        put_row(out, &families[i], zh);
    put_sights(out, zh);
    yw_buf_puts(out,
                zh ? "\n带 … 的动作开始后自行继续，直到 `over` 结束或 `s:undo`；"
                     "`aitm.stand` 的机器须有 `spoof = true`。`s:undo` "
                     "也能收回：`modbus.write`、`safety.bypass`、`engineering.mode`、"
                     "`.stop`、`.boot`、`.patch`、`.lock`、`station.stop`；"
                     "IEC 104 的命令与 MQTT 的消息收不回。\n\n"
                   : "\nThose with … go on by themselves once they began, until `over` "
                     "has passed or `s:undo`; the machine of `aitm.stand` has "
                     "`spoof = true`. `s:undo` takes back, too: `modbus.write`, "
                     "`safety.bypass`, `engineering.mode`, `.stop`, `.boot`, `.patch`, "
                     "`.lock`, `station.stop`; a command over IEC 104 and a message to a "
                     "broker cannot be unsaid.\n\n");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        yw_buf_printf(out, "- `%s`\n", forms[i]);
}

/* ---- undoing ---- */

void yw_kit_old(const char *output, char ret[YW_KIT_OLD_MAX])
{
    static const char key[] = "\"old\":";
    const char *at = strstr(output, key);
    size_t size = 0;

    ret[0] = '\0';
    if (!at)
        return;
    at += sizeof(key) - 1;
    at += *at == '"';
    size = strspn(at, "0123456789abcdefghijklmnopqrstuvwxyz");
    if (size == 0 || size >= YW_KIT_OLD_MAX ||
        (at[size] != '"' && at[size] != ',' && at[size] != '}'))
        return;
    memcpy(ret, at, size);
    ret[size] = '\0';
}

enum undo {
    UNDO_NEVER,
    UNDO_HALT,
    UNDO_WRITE,
    UNDO_MODE,
    UNDO_PATCH,
    UNDO_LOCK,
    UNDO_STOP
};

static enum undo way_back(const char argv[][YW_SPEC_ARG_MAX], size_t argc)
{
    static const struct {
        const char *program, *verb;
        size_t argc;
        enum undo undo;
    } ways[] = {{"modbus", "write", 7, UNDO_WRITE},
                {"engineering", "mode", 5, UNDO_MODE},
                {"engineering", "patch", 6, UNDO_PATCH},
                {"engineering", "lock", 5, UNDO_LOCK},
                {"station", "stop", 4, UNDO_STOP}};

    if (program_at(argv, argc) > 0)
        return UNDO_HALT;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (argc == ways[i].argc && strcmp(argv[0], ways[i].program) == 0 &&
            strcmp(argv[1], ways[i].verb) == 0)
            return ways[i].undo;
    }
    return UNDO_NEVER;
}

bool yw_kit_undoable(const char argv[][YW_SPEC_ARG_MAX], size_t argc)
{
    return way_back(argv, argc) != UNDO_NEVER;
}

static void swap(char *a, char *b)
{
    char kept[YW_SPEC_ARG_MAX];

    memcpy(kept, a, YW_SPEC_ARG_MAX);
    memcpy(a, b, YW_SPEC_ARG_MAX);
    memcpy(b, kept, YW_SPEC_ARG_MAX);
}

size_t yw_kit_undo(const char argv[][YW_SPEC_ARG_MAX], size_t argc, const char *old,
                   char ret[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX])
{
    enum undo undo = way_back(argv, argc);

    memset(ret, 0, YW_SPEC_ARGS_MAX * YW_SPEC_ARG_MAX);
    memcpy(ret, argv, argc * YW_SPEC_ARG_MAX);
    switch (undo) {
    case UNDO_NEVER:
        return 0;
    case UNDO_HALT:
        YW_COPY(ret[0], "halt");
        return 2;
    case UNDO_WRITE:
        (void)yw_copy(ret[6], YW_SPEC_ARG_MAX, old);
        return old[0] != '\0' ? argc : 0;
    case UNDO_MODE:
        (void)yw_copy(ret[4], YW_SPEC_ARG_MAX, old);
        return old[0] != '\0' ? argc : 0;
    case UNDO_STOP:
        YW_COPY(ret[1], "start");
        return argc;
    case UNDO_PATCH:
    case UNDO_LOCK:
        swap(ret[argc - 2], ret[argc - 1]);
        return argc;
    }
    return 0;
}
