/* The declare stage: the registry of fields, and the constructors that read bodies by it.
 * To add a field: one row here, one member in model/spec.h. */
#include "script/value.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SPEC(member) offsetof(struct yw_spec, member)
#define NETWORK(member) offsetof(struct yw_spec_network, member)
#define PLANT(member) offsetof(struct yw_spec_plant, member)
#define MACHINE(member) offsetof(struct yw_spec_machine, member)
#define ATTACK(member) offsetof(struct yw_spec_attack, member)
#define OBJECTIVE(member) offsetof(struct yw_spec_objective, member)
#define PLAYBOOK(member) offsetof(struct yw_spec_playbook, member)
#define POINT(member) offsetof(struct yw_spec_point, member)
#define CONTROL(member) offsetof(struct yw_spec_control, member)
#define TIER(member) offsetof(struct yw_spec_tier, member)
#define LIMIT(member) offsetof(struct yw_spec_limit, member)
#define PERIOD(member) offsetof(struct yw_spec_period, member)
#define MEASURE(member) offsetof(struct yw_spec_measure, member)
#define VERB(member) offsetof(struct yw_script_verb, member)
#define STATE(member) offsetof(struct yw_script_state, member)

/* constructor, field, type, required, offset, size, low, high, help (en, zh) */
static const struct yw_field fields[] = {
    {"scenario", "title", YW_FIELD_TEXT, true, SPEC(title), 0, 0, 0, "what people read",
     "显示给人看的标题"},
    {"scenario", "sector", YW_FIELD_WORD, true, SPEC(sector), YW_NAME_MAX, 0, 0,
     "industry: water, power, …", "行业：water、power 等"},
    {"scenario", "mode", YW_FIELD_MODE, false, SPEC(tabletop), 0, 0, 0,
     "tabletop has no machines; drill if absent", "tabletop 不启动机器；缺省为 drill"},
    {"scenario", "length", YW_FIELD_SPAN, true, SPEC(length_ms), 0, 0, 0,
     "the drill ends by itself after it", "到时演练自动结束"},
    {"scenario", "hostile", YW_FIELD_FLAG, false, SPEC(hostile), 0, 0, 0,
     "its people may attack the host: it comes up on a strong one only",
     "参与者可能攻击主机：只在防护完备的主机上启动"},
    {"scenario", "resets", YW_FIELD_INTEGER, false, SPEC(resets), 0, 0, 1000,
     "how often each team may reset machines by itself; never if absent",
     "每队可自行复位机器的次数；缺省为不可"},
    {"scenario", "rules", YW_FIELD_WORDS, false, 0, 0, 0, 0, "rule packs that apply",
     "适用的规则包"},
    {"scenario", "classes", YW_FIELD_LIST, false, SPEC(classes), YW_SPEC_LIST_MAX, 0, 0,
     "what the enterprise is: cii, level3, …", "企业类别：cii、level3 等"},
    {"scenario", "region", YW_FIELD_WORD, false, SPEC(region), 8, 0, 0,
     "where it is: CN-CQ", "所在地区：CN-CQ"},
    {"scenario", "date", YW_FIELD_STRING, false, SPEC(date), YW_NAME_MAX, 0, 0,
     "civil time there when the drill starts, \"2026-11-20 08:30\"; now if absent",
     "演练开始时当地的日期时间，\"2026-11-20 08:30\"；缺省为当前"},
    {"scenario", "wall_clock", YW_FIELD_FLAG, false, SPEC(wall_clock), 0, 0, 0,
     "legal clocks count wall time; drill time if absent",
     "法定时限按真实时间计；缺省按演练时间"},
    {"scenario", "tolerance", YW_FIELD_NUMBER, false, SPEC(tolerance), 0, 0, 1,
     "how far a reported figure may be off; 0.1 if absent",
     "报告数字允许的偏差；缺省 0.1"},
    {"network", "cidr", YW_FIELD_CIDR, true, 0, 0, 0, 0, "its addresses", "地址段"},
    {"network", "zone", YW_FIELD_WORD, false, NETWORK(zone), YW_NAME_MAX, 0, 0,
     "Purdue level: L2, L4, …", "Purdue 层级：L2、L4 等"},
    {"network", "isolated", YW_FIELD_FLAG, false, NETWORK(isolated), 0, 0, 0,
     "its machines reach only promiscuous ones",
     "机器之间互相隔离，只能到达混杂端口的机器"},
    {"network", "capture", YW_FIELD_FLAG, false, NETWORK(capture), 0, 0, 0,
     "its packets are kept from the start", "自始抓取其报文"},
    {"network", "bandwidth", YW_FIELD_RATE, false, NETWORK(bandwidth_kbit), 0, 0, 0,
     "of each machine's link", "每台机器链路的带宽"},
    {"network", "delay", YW_FIELD_SPAN, false, NETWORK(delay_ms), 0, 0, 0,
     "of each machine's link, \"40ms\"; where the host can",
     "每台机器链路的时延，\"40ms\"；需主机支持"},
    {"plant", "model", YW_FIELD_NAME, true, PLANT(model), YW_NAME_MAX, 0, 0,
     "the physical process", "物理过程模型"},
    {"plant", "time_scale", YW_FIELD_NUMBER, false, PLANT(time_scale), 0, 1, 120,
     "plant seconds in one drill second; 1 if absent", "演练一秒等于多少工艺秒；缺省 1"},
    {"machine", "image", YW_FIELD_NAME, true, MACHINE(image), YW_NAME_MAX, 0, 0,
     "registered image: plc, hmi, rtu, …", "已登记的镜像：plc、hmi、rtu 等"},
    {"machine", "at", YW_FIELD_ADDRESSES, true, 0, 0, 0, 0,
     "its addresses, one a network card", "地址，每块网卡一个"},
    {"machine", "field", YW_FIELD_PLANT, false, MACHINE(plant), 0, 0, 0,
     "the plant that it is wired to", "所接线的工艺过程"},
    {"machine", "senses", YW_FIELD_LIST, false, MACHINE(senses), YW_SPEC_LIST_MAX, 0, 0,
     "plc, sis, remote-io: tags that its inputs are wired to, in order; all if absent; "
     "alone: it only looks",
     "控制器、安全仪表、远程 I/O：各输入依次所接的测点；缺省全部；单独给出则只看不动"},
    {"machine", "drives", YW_FIELD_LIST, false, MACHINE(drives), YW_SPEC_LIST_MAX, 0, 0,
     "likewise: inputs of the plant that follow its outputs; what no other drives if "
     "absent",
     "同上：随其输出动作的工艺输入；缺省为他机未接的全部"},
    {"machine", "trips", YW_FIELD_LIST, false, MACHINE(trips), YW_SPEC_LIST_MAX, 0, 0,
     "likewise: inputs that lose their power when its next outputs say 0",
     "同上：其后各输出为 0 时失电的工艺输入"},
    {"machine", "key", YW_FIELD_WORD, false, MACHINE(key), YW_NAME_MAX, 0, 0,
     "position of its key switch: stop, run, program or remote",
     "钥匙开关位置：stop、run、program 或 remote"},
    {"machine", "password", YW_FIELD_STRING, false, MACHINE(password), YW_NAME_MAX, 0, 0,
     "of its engineering port; \"1111\" if absent; tbox, backend: what signs commands",
     "工程口口令；缺省 \"1111\"；车载终端、车联网平台：指令签名密钥"},
    {"machine", "scan", YW_FIELD_SPAN, false, MACHINE(scan_ms), 0, 0, 0,
     "its scan cycle, 10ms to 1s; as the program says if absent",
     "扫描周期，10ms 至 1s；缺省按程序"},
    {"machine", "program", YW_FIELD_PATH, false, MACHINE(program), YW_SPEC_PATH_MAX, 0, 0,
     "controller program", "控制程序"},
    {"machine", "serves", YW_FIELD_MACHINE, false, MACHINE(serves), 0, 0, 0,
     "hmi, historian, noise: the controller that it reads; tbox, backend: its broker",
     "操作员站、历史库、背景流量：所读取的控制器；车载终端、车联网平台：消息代理"},
    {"machine", "pace", YW_FIELD_SPAN, false, MACHINE(pace_ms), 0, 0, 0,
     "hmi, historian, noise: between rounds of reading; 1s if absent; tbox: 5s",
     "操作员站、历史库、背景流量：轮询间隔；缺省 1s；车载终端：5s"},
    {"machine", "learn", YW_FIELD_SPAN, false, MACHINE(learn_ms), 0, 0, 0,
     "sensor: how long it learns what is usual; 60s if absent",
     "探针：学习基线的时长；缺省 60s"},
    {"machine", "hidden", YW_FIELD_FLAG, false, MACHINE(hidden), 0, 0, 0,
     "teams and public do not see it", "对队伍和公众隐藏"},
    {"machine", "console", YW_FIELD_FLAG, false, MACHINE(console), 0, 0, 0,
     "its team may open its consoles", "本队可以打开其控制台"},
    {"machine", "important", YW_FIELD_FLAG, false, MACHINE(important), 0, 0, 0,
     "not to be changed in a freeze", "重要对象：冻结期间不得变更"},
    {"machine", "promiscuous", YW_FIELD_FLAG, false, MACHINE(promiscuous), 0, 0, 0,
     "all reach it on isolated networks", "在隔离网络中人人可达（混杂端口）"},
    {"machine", "spoof", YW_FIELD_FLAG, false, MACHINE(spoof), 0, 0, 0,
     "may use others' addresses in ARP and IPv4: man in the middle",
     "可在 ARP 和 IPv4 中冒用他人地址：中间人演练"},
    {"machine", "display", YW_FIELD_FLAG, false, MACHINE(display), 0, 0, 0,
     "it has a screen, seen over VNC", "带显示器，可用 VNC 查看"},
    {"machine", "ram_mib", YW_FIELD_INTEGER, false, MACHINE(ram_mib), 0,
     YW_SPEC_RAM_MIN_MIB, YW_SPEC_RAM_MAX_MIB,
     "full images: memory in MiB; 256 if absent", "完整镜像：内存，单位 MiB；缺省 256"},
    {"machine", "station", YW_FIELD_INTEGER, false, MACHINE(station), 0, 1, 65534,
     "rtu: its common address; 1 if absent", "远动终端：公共地址；缺省 1"},
    {"machine", "points", YW_FIELD_POINTS, false, 0, 0, 0, 0,
     "rtu: what masters see and command", "远动终端：主站可见可控的点"},
    {"machine", "controls", YW_FIELD_CONTROLS, false, 0, 0, 0, 0,
     "hmi: what an operator can set; without a program, the plant's table if absent",
     "操作站：操作员可设定的项目；控制器无自带程序时缺省按工艺点表"},
    {"machine", "masters", YW_FIELD_MASTERS, false, 0, 0, 0, 0,
     "rtu, sensor: machines that may command; all if absent",
     "远动终端、探针：可下发命令的机器；缺省不限"},
    {"machine", "mirror", YW_FIELD_MIRRORS, false, 0, 0, 0, 0,
     "sensor: networks whose packets are copied to it; it cannot send there",
     "探针：把这些网络的报文镜像给它；它不能向其中发送"},
    {"machine", "forward", YW_FIELD_LINES, false, 0, 0, YW_SPEC_FORWARD, 0,
     "firewall: rules in order, \"allow it control tcp 502\"; the rest is dropped",
     "防火墙：按序匹配的规则，\"allow it control tcp 502\"；其余丢弃"},
    {"machine", "accounts", YW_FIELD_LINES, false, 0, 0, YW_SPEC_ACCOUNT, 0,
     "firewall, jump, broker: who may log in, \"user:password\"; tbox, backend: as whom",
     "防火墙、跳板机、消息代理：可登录的账号，\"user:"
     "password\"；车载终端、平台：自己的账号"},
    {"machine", "topics", YW_FIELD_LINES, false, 0, 0, YW_SPEC_TOPIC, 0,
     "broker: who may what, \"user readwrite fleet/#\"",
     "消息代理：谁可收发什么，\"user readwrite fleet/#\""},
    {"point", "ioa", YW_FIELD_INTEGER, true, POINT(address), 0, 1, 16777215,
     "address of the information object", "信息对象地址"},
    {"point", "type", YW_FIELD_WORD, true, POINT(type), YW_NAME_MAX, 0, 0,
     "type of IEC 60870-5-104, \"M_ME_TF_1\"", "IEC 60870-5-104 类型，\"M_ME_TF_1\""},
    {"point", "tag", YW_FIELD_TAG, true, POINT(tag), YW_NAME_MAX, 0, 0,
     "tag or input of the plant", "工艺过程的测点或输入量"},
    {"point", "deadband", YW_FIELD_NUMBER, false, POINT(deadband), 0, 0, 1e9,
     "change that is told; 0.5 % of the range if absent", "变化死区；缺省为量程的 0.5 %"},
    {"point", "scale", YW_FIELD_NUMBER, false, POINT(scale), 0, 1e-6, 1e9,
     "engineering value of one raw step", "每个原始码值对应的工程量"},
    {"point", "select", YW_FIELD_SPAN, false, POINT(select_ms), 0, 0, 0,
     "a command needs a selection, which holds so long", "先选择后执行，选择有效的时长"},
    {"control", "holding", YW_FIELD_INTEGER, false, CONTROL(holding), 0, 0, 65535,
     "holding register of the controller", "控制器的保持寄存器"},
    {"control", "coil", YW_FIELD_INTEGER, false, CONTROL(coil), 0, 0, 65535,
     "coil of the controller", "控制器的线圈"},
    {"control", "says", YW_FIELD_TEXT, true, CONTROL(says), 0, 0, 0, "what it sets",
     "设定的是什么"},
    {"control", "unit", YW_FIELD_STRING, false, CONTROL(unit), YW_NAME_MAX, 0, 0,
     "unit of the value", "单位"},
    {"control", "scale", YW_FIELD_NUMBER, false, CONTROL(scale), 0, 1e-6, 1e9,
     "engineering value of one raw step; 1 if absent", "每个原始码值对应的工程量；缺省 1"},
    {"control", "offset", YW_FIELD_NUMBER, false, CONTROL(offset), 0, 0, 65535,
     "raw value of 0; 0 if absent", "工程量为 0 时的码值；缺省 0"},
    {"control", "low", YW_FIELD_NUMBER, false, CONTROL(low), 0, -1e9, 1e9,
     "least value; what the register holds if absent", "下限；缺省为寄存器量程"},
    {"control", "high", YW_FIELD_NUMBER, false, CONTROL(high), 0, -1e9, 1e9,
     "greatest value", "上限"},
    {"attack", "technique", YW_FIELD_WORD, true, ATTACK(technique), 16, 0, 0,
     "ATT&CK for ICS id", "ATT&CK for ICS 编号"},
    {"attack", "from", YW_FIELD_MACHINE, true, ATTACK(from), 0, 0, 0, "where it runs",
     "发起的机器"},
    {"attack", "to", YW_FIELD_MACHINE, false, ATTACK(to), 0, 0, 0, "its target",
     "目标机器"},
    {"attack", "action", YW_FIELD_ACTION, true, 0, 0, 0, 0, "what it does", "做什么"},
    {"attack", "needs", YW_FIELD_LIST, false, ATTACK(needs), YW_SPEC_LIST_MAX, 0, 0,
     "facts that the attacker must know; it is left out otherwise",
     "攻击者须先掌握的事实；未掌握则略过"},
    {"attack", "produces", YW_FIELD_LIST, false, ATTACK(produces), YW_SPEC_LIST_MAX, 0, 0,
     "facts that the attacker knows once it took effect", "生效后攻击者掌握的事实"},
    {"objective", "says", YW_FIELD_TEXT, true, OBJECTIVE(says), 0, 0, 0,
     "what teams read", "显示给队伍的目标"},
    {"objective", "points", YW_FIELD_INTEGER, true, OBJECTIVE(points), 0, 0, 100000,
     "when met at once", "立即达成的得分"},
    {"objective", "fades_to", YW_FIELD_INTEGER, false, OBJECTIVE(fades_to), 0, 0, 100000,
     "when met after `over` or later; needs over", "超过 over 之后的得分；需要 over"},
    {"objective", "over", YW_FIELD_SPAN, false, OBJECTIVE(over_ms), 0, 0, 0,
     "how long the points fade; needs fades_to", "分值衰减的时长；需要 fades_to"},
    {"objective", "since", YW_FIELD_ATTACK, false, OBJECTIVE(since), 0, 0, 0,
     "fading begins with this attack's effect; the drill's start if absent",
     "自该攻击生效起衰减；缺省自演练开始"},
    {"objective", "met_by", YW_FIELD_COND, true, OBJECTIVE(met_by), 0, 0, 0,
     "the condition that meets it", "达成条件"},
    {"playbook", "file", YW_FIELD_PATH, true, PLAYBOOK(file), YW_SPEC_PATH_MAX, 0, 0,
     "under files/, else in the library playbooks/",
     "files/ 下的文件，否则取自 playbooks/"},
    {"playbook", "lenient", YW_FIELD_FLAG, false, PLAYBOOK(lenient), 0, 0, 0,
     "from elsewhere: what it gets wrong is put right as it is read",
     "外来文件：不合规范之处读入时就地修正"},
    {"playbook", "vars", YW_FIELD_GIVEN, false, PLAYBOOK(vars), YW_SPEC_GIVEN_SIZE, 0, 0,
     "values of its external variables, { name = value }",
     "其外部变量的值，{ name = value }"},
    {"playbook", "office", YW_FIELD_WORD, false, PLAYBOOK(office), YW_NAME_MAX, 0, 0,
     "tier whose own it is: a team's first report that comes there starts it",
     "属于哪一级单位：某队首份报告送达即启动"},
    {"playbook", "starts_on", YW_FIELD_COND, false, PLAYBOOK(starts_on), 0, 0, 0,
     "the condition that starts it", "启动条件"},
    {"tier", "people", YW_FIELD_FLAG, false, TIER(people), 0, 0, 0,
     "played by people; by the system if absent", "由人员担任；缺省由系统担任"},
    {"tier", "receives", YW_FIELD_SPAN, false, TIER(receive_ms), 0, 0, 0,
     "the system: after a report came", "系统担任：收到报告后多久签收"},
    {"tier", "relays", YW_FIELD_SPAN, false, TIER(relay_ms), 0, 0, 0,
     "the system: after that, to the next level; never if absent",
     "系统担任：签收后多久转报上一级；缺省不转报"},
    {"tier", "roles", YW_FIELD_LIST, false, TIER(roles), YW_SPEC_LIST_MAX, 0, 0,
     "that may act; any if absent", "可以操作的角色；缺省不限"},
    {"tier", "leader", YW_FIELD_WORD, false, TIER(leader), YW_NAME_MAX, 0, 0,
     "the role that confirms as the tier's leader; leader if absent",
     "以本级负责人身份确认的角色；缺省 leader"},
    {"limit", "duty", YW_FIELD_WORD, true, LIMIT(duty), YW_NAME_MAX, 0, 0,
     "a duty that the law sets no figure for", "法规未规定具体时限的义务"},
    {"limit", "within", YW_FIELD_SPAN, true, LIMIT(within_ms), 0, 0, 0,
     "the house's own limit", "本次演练自定的时限"},
    {"period", "state", YW_FIELD_WORD, true, PERIOD(state), YW_NAME_MAX, 0, 0,
     "state of a rule pack: CQ.KEYPERIOD", "规则包中的状态：CQ.KEYPERIOD"},
    {"period", "from", YW_FIELD_SPAN, false, PERIOD(from_ms), 0, 0, 0,
     "drill time at which it begins; the start if absent", "起始的演练时间；缺省自开始"},
    {"period", "till", YW_FIELD_SPAN, false, PERIOD(to_ms), 0, 0, 0,
     "drill time at which it ends; the end if absent", "结束的演练时间；缺省至结束"},
    {"period", "zero_report", YW_FIELD_SPAN, false, PERIOD(zero_every_ms), 0, 0, 0,
     "a zero report is due so often", "零报告的间隔"},
    {"period", "checks", YW_FIELD_SPAN, false, PERIOD(check_every_ms), 0, 0, 0,
     "one presence check in each, at a random moment", "每段时间内随机查岗一次"},
    {"period", "check_limit", YW_FIELD_SPAN, false, PERIOD(check_limit_ms), 0, 0, 0,
     "by when a presence check is answered", "查岗应答时限"},
    {"period", "freeze", YW_FIELD_FLAG, false, PERIOD(freeze), 0, 0, 0,
     "important machines are not to be changed", "冻结重要对象的变更"},
    {"measure", "metric", YW_FIELD_WORD, true, MEASURE(metric), YW_NAME_MAX, 0, 0,
     "figure of the rule packs that the drill measures: people_affected",
     "由演练测得的规则包指标：people_affected"},
    {"measure", "from", YW_FIELD_READING, true, MEASURE(from), 0, 0, 0,
     "a tag of a plant, or outage_s, production_lost_s, level_seconds",
     "工艺测点，或 outage_s、production_lost_s、level_seconds"},
    {"measure", "factor", YW_FIELD_NUMBER, false, MEASURE(factor), 0, 0, 1e12,
     "so many of the metric for one of the tag; 1 if absent",
     "每单位测点折合的指标数；缺省 1"},
    {"measure", "above", YW_FIELD_NUMBER, false, MEASURE(above), 0, -1e12, 1e12,
     "`counts` is reached once the tag is above this", "测点高于此值即计 counts"},
    {"measure", "below", YW_FIELD_NUMBER, false, MEASURE(below), 0, -1e12, 1e12,
     "`counts` is reached once the tag is below this", "测点低于此值即计 counts"},
    {"measure", "counts", YW_FIELD_NUMBER, false, MEASURE(counts), 0, 0, 1e15,
     "the metric then; needs above or below", "届时的指标值；需要 above 或 below"},
    {"rehearsal", "speed", YW_FIELD_NUMBER, false, STATE(rehearsal_speed), 0, 1, 120,
     "speed of the drill clock; 1 if absent", "演练时钟的速度；缺省 1"},
    {"rehearsal", "teams", YW_FIELD_TEAMS, true, 0, 0, 0, 0, "who plays which team",
     "各队由哪个剧本人扮演"},
    {"rehearsal", "offices", YW_FIELD_TEAMS, false, 0, 0, 0, 0,
     "who plays which tier that people play: { county = \"officer\" }",
     "各级单位由哪个剧本人扮演"},
    {"answer", "step", YW_FIELD_STRING, true, VERB(subject), YW_NAME_MAX, 0, 0,
     "English name of the playbook's step", "处置步骤的英文名"},
    {"answer", "role", YW_FIELD_WORD, true, VERB(role), YW_NAME_MAX, 0, 0,
     "in which role", "以何角色"},
    {"answer", "vars", YW_FIELD_VARS, false, 0, 0, 0, 0, "the values asked for",
     "所填的值"},
    {"answer", "evidence", YW_FIELD_STRING, false, VERB(evidence), YW_EVENT_NOTE_MAX, 0,
     0, "given first, in every form that the step asks for",
     "先提交的证据，步骤要求的每种形式都用它"},
    {"answer", "second", YW_FIELD_WORD, false, VERB(second), YW_NAME_MAX, 0, 0,
     "who else of that role confirms the answer", "同一角色中由谁复核"},
    {"fault", "kind", YW_FIELD_WORD, true, VERB(role), YW_NAME_MAX, 0, 0,
     "bias, drift, stuck, trip, leak, load or repair",
     "bias、drift、stuck、trip、leak、load 或 repair"},
    {"fault", "tag", YW_FIELD_STRING, false, VERB(tag), YW_NAME_MAX, 0, 0,
     "the tag that it befalls; this or input", "故障的位号；与 input 二选一"},
    {"fault", "input", YW_FIELD_STRING, false, VERB(input), YW_NAME_MAX, 0, 0,
     "the input that it befalls", "故障的输入"},
    {"fault", "size", YW_FIELD_NUMBER, false, VERB(size), 0, -1e9, 1e9,
     "bias in the tag's unit; drift the same in a plant hour; leak and load the value",
     "偏差取位号单位；漂移为每工艺小时；泄漏与负荷为其数值"},
    {"fault", "at", YW_FIELD_SPAN, false, VERB(span_ms), 0, 0, 0,
     "drill time of its start; at once if absent", "发生时的演练时间；缺省立即"},
};

const struct yw_field *yw_script_field_at(size_t index)
{
    return index < sizeof(fields) / sizeof(fields[0]) ? &fields[index] : NULL;
}

/* A constructor and where its items lie in the spec. */
struct maker {
    const char *name;
    enum yw_handle_kind kind;
    size_t items; /* offset of the array */
    size_t count; /* offset of its size_t count */
    size_t size;  /* of an item; its first member is char name[YW_NAME_MAX] */
    size_t line;  /* offset of the item's int line */
    size_t max;
};

static const struct maker makers[] = {
    {"network", YW_HANDLE_NETWORK, SPEC(networks), SPEC(network_count),
     sizeof(struct yw_spec_network), NETWORK(line), YW_SPEC_NETWORKS_MAX},
    {"plant", YW_HANDLE_PLANT, SPEC(plants), SPEC(plant_count),
     sizeof(struct yw_spec_plant), PLANT(line), YW_SPEC_PLANTS_MAX},
    {"machine", YW_HANDLE_MACHINE, SPEC(machines), SPEC(machine_count),
     sizeof(struct yw_spec_machine), MACHINE(line), YW_SPEC_MACHINES_MAX},
    {"attack", YW_HANDLE_ATTACK, SPEC(attacks), SPEC(attack_count),
     sizeof(struct yw_spec_attack), ATTACK(line), YW_SPEC_ATTACKS_MAX},
    {"objective", YW_HANDLE_OBJECTIVE, SPEC(objectives), SPEC(objective_count),
     sizeof(struct yw_spec_objective), OBJECTIVE(line), YW_SPEC_OBJECTIVES_MAX},
    {"playbook", YW_HANDLE_PLAYBOOK, SPEC(playbooks), SPEC(playbook_count),
     sizeof(struct yw_spec_playbook), PLAYBOOK(line), YW_SPEC_PLAYBOOKS_MAX},
    {"tier", YW_HANDLE_TIER, SPEC(tiers), SPEC(tier_count), sizeof(struct yw_spec_tier),
     TIER(line), YW_SPEC_TIERS_MAX},
    {"limit", YW_HANDLE_LIMIT, SPEC(limits), SPEC(limit_count),
     sizeof(struct yw_spec_limit), LIMIT(line), YW_SPEC_LIMITS_MAX},
    {"period", YW_HANDLE_PERIOD, SPEC(periods), SPEC(period_count),
     sizeof(struct yw_spec_period), PERIOD(line), YW_SPEC_PERIODS_MAX},
    {"measure", YW_HANDLE_MEASURE, SPEC(measures), SPEC(measure_count),
     sizeof(struct yw_spec_measure), MEASURE(line), YW_SPEC_MEASURES_MAX},
};

static void l_need_phase(lua_State *L, const char *name, enum yw_script_phase phase)
{
    const struct yw_script_state *state = yw_script_state_of(L);
    if (state->phase != phase)
        l_yw_fail(L, 0, "%s belongs to the declare stage: write it outside the story",
                  name);
}

/* ---- names that wait for their body ---- */

static int l_pend(lua_State *L, const char *maker)
{
    struct yw_script_state *state = yw_script_state_of(L);
    char got[128];
    if (lua_type(L, 1) != LUA_TSTRING)
        return l_yw_fail(L, 0, "%s: expected a name, got %s: write %s \"name\" …", maker,
                         yw_script_what(L, 1, got), maker);
    const char *name = lua_tostring(L, 1);
    if (!yw_name_valid(name))
        return l_yw_fail(
            L, 0, "%s '%.63s': a name has lower-case letters, digits and -, at most 63",
            maker, name);
    if (state->pending_count == YW_SCRIPT_PENDING_MAX)
        return l_yw_fail(L, 0, "%s '%s': the names before it have no body", maker, name);
    struct yw_script_pending *open = &state->pending[state->pending_count++];
    *open = (struct yw_script_pending){
        .serial = ++state->serial, .line = yw_script_line(L), .maker = maker};
    YW_COPY(open->name, name);
    return open->serial;
}

static void l_unpend(lua_State *L, int serial, const char *maker, const char *name)
{
    struct yw_script_state *state = yw_script_state_of(L);
    size_t at = 0;
    while (at < state->pending_count && state->pending[at].serial != serial)
        at++;
    if (at == state->pending_count)
        l_yw_fail(L, 0, "%s '%s' has two bodies", maker, name);
    state->pending_count--;
    memmove(&state->pending[at], &state->pending[at + 1],
            (state->pending_count - at) * sizeof(state->pending[0]));
}

/* ---- what must hold within one body ---- */

static void set_defaults(enum yw_handle_kind kind, void *item)
{
    if (kind == YW_HANDLE_PLANT)
        ((struct yw_spec_plant *)item)->time_scale = 1;
    if (kind == YW_HANDLE_MACHINE) {
        ((struct yw_spec_machine *)item)->plant = -1;
        ((struct yw_spec_machine *)item)->serves = -1;
    }
    if (kind == YW_HANDLE_ATTACK) {
        ((struct yw_spec_attack *)item)->from = -1;
        ((struct yw_spec_attack *)item)->to = -1;
    }
    if (kind == YW_HANDLE_MEASURE) {
        struct yw_spec_measure *measure = item;
        measure->factor = 1;
        measure->above = measure->below = NAN;
    }
    if (kind == YW_HANDLE_OBJECTIVE) {
        ((struct yw_spec_objective *)item)->since = -1;
        ((struct yw_spec_objective *)item)->fades_to = -1;
    }
}

static void l_finish_objective(lua_State *L, const char *title, int line,
                               struct yw_spec_objective *objective)
{
    bool fades = objective->fades_to >= 0;
    if (fades != (objective->over_ms > 0))
        l_yw_fail(L, line, "%s: fades_to and over belong together", title);
    if (!fades)
        objective->fades_to = objective->points;
    if (objective->fades_to > objective->points)
        l_yw_fail(L, line, "%s: fades_to (%d) is more than points (%d)", title,
                  objective->fades_to, objective->points);
    if (objective->since >= 0 && !fades)
        l_yw_fail(L, line, "%s: since needs fades_to and over", title);
}

static void l_check_unused(lua_State *L, const struct maker *maker, const char *items,
                           size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const char *item = items + i * maker->size;
        int line = 0;
        memcpy(&line, item + maker->line, sizeof(line));
        if (strcmp(item, name) == 0)
            l_yw_fail(L, 0, "%s '%s': the name is used already, in line %d", maker->name,
                      name, line);
    }
}

/* Upvalues: maker, name, serial, line of the name. */
static int l_body(lua_State *L)
{
    const struct maker *maker = &makers[lua_tointeger(L, lua_upvalueindex(1))];
    const char *name = lua_tostring(L, lua_upvalueindex(2));
    struct yw_script_state *state = yw_script_state_of(L);
    l_need_phase(L, maker->name, YW_SCRIPT_IN_DECLARE);
    l_unpend(L, (int)lua_tointeger(L, lua_upvalueindex(3)), maker->name, name);
    int line = (int)lua_tointeger(L, lua_upvalueindex(4));
    char title[128];
    snprintf(title, sizeof(title), "%s '%s'", maker->name, name);
    char *base = (char *)state->spec;
    size_t *count = (size_t *)(void *)(base + maker->count);
    char *items = base + maker->items;
    l_check_unused(L, maker, items, *count, name);
    if (*count == maker->max)
        return l_yw_fail(L, line, "%s: a scenario has at most %d of them", title,
                         (int)maker->max);
    char *item = items + *count * maker->size;
    memset(item, 0, maker->size);
    yw_copy(item, YW_NAME_MAX, name);
    memcpy(item + maker->line, &line, sizeof(line));
    set_defaults(maker->kind, item);
    l_yw_read_fields(L, 1, maker->name, title, line, item);
    if (maker->kind == YW_HANDLE_OBJECTIVE)
        l_finish_objective(L, title, line, (struct yw_spec_objective *)(void *)item);
    l_yw_push_handle(L, maker->kind, (int)*count);
    (*count)++;
    return 1;
}

/* Upvalue: maker. */
static int l_make(lua_State *L)
{
    lua_Integer index = lua_tointeger(L, lua_upvalueindex(1));
    l_need_phase(L, makers[index].name, YW_SCRIPT_IN_DECLARE);
    int serial = l_pend(L, makers[index].name);
    lua_pushinteger(L, index);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, serial);
    lua_pushinteger(L, yw_script_line(L));
    lua_pushcclosure(L, l_body, 4);
    return 1;
}

/* Upvalues: name, serial, line. */
static int l_scenario_body(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    l_need_phase(L, "scenario", YW_SCRIPT_IN_DECLARE);
    l_unpend(L, (int)lua_tointeger(L, lua_upvalueindex(2)), "scenario", name);
    if (state->scenario_line != 0)
        return l_yw_fail(L, 0, "scenario '%s': there is one already, in line %d", name,
                         state->scenario_line);
    int line = (int)lua_tointeger(L, lua_upvalueindex(3));
    char title[128];
    snprintf(title, sizeof(title), "scenario '%s'", name);
    YW_COPY(state->spec->id, name);
    l_yw_read_fields(L, 1, "scenario", title, line, state->spec);
    if (state->spec->length_ms < 1000)
        return l_yw_fail(L, line, "%s: length: a drill lasts a second at least", title);
    state->scenario_line = line;
    return 0;
}

static int l_scenario(lua_State *L)
{
    l_need_phase(L, "scenario", YW_SCRIPT_IN_DECLARE);
    int serial = l_pend(L, "scenario");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, serial);
    lua_pushinteger(L, yw_script_line(L));
    lua_pushcclosure(L, l_scenario_body, 3);
    return 1;
}

static int l_story(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    char got[128];
    l_need_phase(L, "story", YW_SCRIPT_IN_DECLARE);
    if (lua_type(L, 1) != LUA_TFUNCTION || lua_gettop(L) != 1)
        return l_yw_fail(L, 0, "story: expected function (s) … end, got %s",
                         yw_script_what(L, 1, got));
    if (state->story_line != 0)
        return l_yw_fail(L, 0, "story: there is one already, in line %d",
                         state->story_line);
    state->story_line = yw_script_line(L);
    l_yw_keep_story(L, 1);
    return 0;
}

void l_yw_open_declare(lua_State *L)
{
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, l_make, 1);
        lua_setglobal(L, makers[i].name);
    }
    lua_pushcfunction(L, l_scenario);
    lua_setglobal(L, "scenario");
    lua_pushcfunction(L, l_story);
    lua_setglobal(L, "story");
}

/* ---- rehearsal.lua ---- */

static int l_rehearsal(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    l_need_phase(L, "rehearsal", YW_SCRIPT_IN_REHEARSAL);
    if (state->rehearsal_line != 0)
        return l_yw_fail(L, 0, "rehearsal: there is one already, in line %d",
                         state->rehearsal_line);
    state->rehearsal_line = yw_script_line(L);
    l_yw_read_fields(L, 1, "rehearsal", "rehearsal", state->rehearsal_line, state);
    return 0;
}

/* Upvalues: name, serial. */
static int l_player_body(lua_State *L)
{
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    char got[128];
    l_need_phase(L, "player", YW_SCRIPT_IN_REHEARSAL);
    l_unpend(L, (int)lua_tointeger(L, lua_upvalueindex(2)), "player", name);
    if (lua_type(L, 1) != LUA_TFUNCTION)
        return l_yw_fail(L, 0, "player '%s': expected (function (p) … end), got %s", name,
                         yw_script_what(L, 1, got));
    if (l_yw_has_player(L, name))
        return l_yw_fail(L, 0, "player '%s': the name is used already", name);
    l_yw_keep_player(L, name, 1);
    return 0;
}

static int l_player(lua_State *L)
{
    l_need_phase(L, "player", YW_SCRIPT_IN_REHEARSAL);
    int serial = l_pend(L, "player");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, serial);
    lua_pushcclosure(L, l_player_body, 2);
    return 1;
}

void l_yw_open_rehearsal(lua_State *L)
{
    lua_pushcfunction(L, l_rehearsal);
    lua_setglobal(L, "rehearsal");
    lua_pushcfunction(L, l_player);
    lua_setglobal(L, "player");
}

void yw_script_describe(struct yw_buf *out, const char *lang)
{
    bool zh = lang != NULL && strncmp(lang, "zh", 2) == 0;
    const char *of = "";
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct yw_field *row = &fields[i];
        if (strcmp(of, row->of) != 0) {
            of = row->of;
            yw_buf_printf(out, "%s## `%s`\n\n| %s | %s | %s | %s |\n|---|---|---|---|\n",
                          i == 0 ? "" : "\n", of, zh ? "字段" : "Field",
                          zh ? "类型" : "Type", zh ? "必填" : "Required",
                          zh ? "说明" : "Meaning");
        }
        yw_buf_printf(out, "| `%s` | %s | %s | %s |\n", row->name,
                      yw_field_type_name(row->type, zh),
                      row->required ? (zh ? "是" : "yes") : "", zh ? row->zh : row->en);
    }
}
