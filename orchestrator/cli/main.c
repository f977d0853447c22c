/* The command line: one row a verb. To add one: cmd_<verb>.c and a row here. */
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct verb {
    const char *name;
    const char *usage;
    const char *zh, *en;           /* one line */
    const char *more_zh, *more_en; /* options, JSON, exit status beyond the usual */
    const char *example;           /* behind "yanwu" */
    int (*run)(struct yw_cli *cli, int argc, char **argv);
};

static const struct verb verbs[] = {
    {"serve", "serve [--config FILE] [--listen ADDRESS] [--port N] [--log-level LEVEL] …",
     "启动守护进程：演练、接口与大屏", "run the daemon: drills, API and board",
     "配置文件的每一项都可写成选项（port = 8630 即 --port 8630）。\n"
     "--json：{\"data\",\"pid\",\"url\"}，就绪后输出一行，之后一直运行。",
     "Every setting of the file is also an option (port = 8630 is --port 8630).\n"
     "--json: {\"data\",\"pid\",\"url\"}, one line once ready; then it keeps running.",
     "serve --data /srv/yanwu --port 8630", yw_cmd_serve},
    {"check", "check SCENARIO [--tabletop]", "检查场景：语言、引用、预案与程序文件",
     "check a scenario: language, references, playbooks and programs",
     "--tabletop：当作桌面推演检查，列出不计分的目标。\n"
     "--json：{\"ok\",\"players\",\"scenario\",\"techniques\",\"warnings\"}"
     "。有错误时退出码为 2。",
     "--tabletop: as a tabletop exercise; names what gives no points there.\n"
     "--json: {\"ok\",\"players\",\"scenario\",\"techniques\",\"warnings\"}. Errors end "
     "with "
     "status 2.",
     "check scenarios/water-dosing", yw_cmd_check},
    {"plan",
     "plan SCENARIO [--teams A,B] [--seed N] [--drill ID] [--how WAY] [--hosts FILE] "
     "[--svg FILE]",
     "列出将要创建的网络与机器，并估算本机能否承担",
     "show what will exist, and whether this host can carry it",
     "不给 --teams 时取 rehearsal.lua 的队伍。--how：cold、saved 或 shared。\n"
     "--hosts：询问主机文件里的每台主机，列出各队安排在哪里；其守护进程须未在运行。\n"
     "--svg：只把网络画成一张图，写入该文件。\n"
     "不启动任何机器。主机承担不了时退出码为 1。\n"
     "--json：{\"digest\",\"drill\",\"estimate\",\"machines\",\"networks\",\"scenario\","
     "\"seed\",\"teams\"}。",
     "Without --teams: those of rehearsal.lua. --how: cold, saved or shared.\n"
     "--hosts: asks every host of the hosts file and shows where each team goes; no "
     "daemon may be using them.\n"
     "--svg: only draws its networks into that file.\n"
     "Starts no machine. Status 1 when it cannot be carried.\n"
     "--json: {\"digest\",\"drill\",\"estimate\",\"machines\",\"networks\",\"scenario\","
     "\"seed\",\"teams\"}.",
     "plan scenarios/water-dosing --teams blue,green", yw_cmd_plan},
    {"rehearse", "rehearse SCENARIO [--tabletop] [--seed N] [--journal FILE]",
     "在虚拟时钟上完整预演，不用真实机器",
     "run the whole drill on a virtual clock, without machines",
     "--tabletop：作为桌面推演，不启动机器，攻击只讲述。\n"
     "--json：导调席的状态文档，另有 \"findings\"：[{\"code\",\"message\",\"where\"}]。",
     "--tabletop: as a tabletop exercise: no machines, attacks are told.\n"
     "--json: the state document of the control room, with \"findings\":\n"
     "[{\"code\",\"message\",\"where\"}].",
     "rehearse scenarios/water-dosing", yw_cmd_rehearse},
    {"scenario", "scenario list | new NAME [--from TEMPLATE] [--to DIR]",
     "列出场景模板，由模板建立新场景", "list scenarios, make a new one of a template",
     "TEMPLATE：场景的名字或文件夹。--json：list {\"scenarios\"}；new "
     "{\"from\",\"name\",\"path\"}。",
     "TEMPLATE: a scenario's name or folder. --json: list {\"scenarios\"}; new "
     "{\"from\",\"name\",\"path\"}.",
     "scenario new our-works --from water-dosing", yw_cmd_scenario},
    {"attack", "attack list", "攻击动作库：每种做法的动作、技术、可见迹象与对策",
     "the attack kit: actions, techniques, what is to be seen, what helps",
     "--json：{\"aliases\",\"attacks\",\"domain\",\"version\"}。",
     "--json: {\"aliases\",\"attacks\",\"domain\",\"version\"}.", "attack list",
     yw_cmd_attack},
    {"technique", "technique list | import BUNDLE [--out FILE]",
     "攻击技术表（ATT&CK for ICS）：查看、由 STIX 更新",
     "the table of attack techniques (ATT&CK for ICS): show it, renew it from STIX",
     "import：读 MITRE 发布的 STIX "
     "包，写出本项目的表；表外的编号照样保留。--json：表本身。",
     "import reads the STIX bundle that MITRE publishes and writes our table; ids that a "
     "table does not hold are kept. --json: the table.",
     "technique import ics-attack.json --out scenarios/techniques.json",
     yw_cmd_technique},
    {"run",
     "run SCENARIO [--auto] [--stay] [--tabletop] [--teams A,B] [--speed N] [--seed N] "
     "[--how WAY]",
     "在真实机器上进行一次演练", "run a drill on real machines from bring-up to report",
     "--auto：由 rehearsal.lua 的队员代替真人。--how：cold、saved 或 shared。\n"
     "--tabletop：作为桌面推演，不启动机器。\n"
     "搭建时按 Ctrl-C：拆除靶场；再按一次立即离开。",
     "--auto: the players of rehearsal.lua act. --how: cold, saved or shared.\n"
     "--tabletop: as a tabletop exercise, without machines.\n"
     "Ctrl-C while it comes up takes it down; a second one leaves at once.",
     "run scenarios/water-dosing --auto --speed 20", yw_cmd_run},
    {"up",
     "up SCENARIO [--tabletop] [--teams A,B] [--speed N] [--seed N] [--how WAY] "
     "[--override REASON]",
     "创建演练并搭建靶场", "create a drill and bring its range up",
     "--tabletop：作为桌面推演，不启动机器。\n"
     "--how：机器只以 cold、saved 或 shared 方式启动。搭建时按 Ctrl-C：拆除靶场。\n"
     "--override：写明理由后，越过对薄弱主机等的拒绝；记入日志。--json：{\"id\",…}。",
     "--tabletop: as a tabletop exercise, without machines.\n"
     "--how: machines start cold, saved or shared only. Ctrl-C while it comes up takes "
     "it down.\n"
     "--override: go on where it would be refused, as on a weak host; the reason stays "
     "in "
     "the journal. --json: {\"id\",…}.",
     "up scenarios/water-dosing --teams blue,green", yw_cmd_up},
    {"down", "down DRILL", "结束演练并拆除靶场", "end a drill and take its range down",
     "--json：{\"ok\",\"phase\",\"seq\"}。", "--json: {\"ok\",\"phase\",\"seq\"}.",
     "down water-dosing-1", yw_cmd_down},
    {"stop", "stop [DRILL] --now [--reason TEXT]", "急停：冻结全部机器并切断网络",
     "emergency stop: freeze all machines and cut their links",
     "不给 DRILL 时停住所有进行中的演练。之后以 resume 恢复，或 down 拆除。\n"
     "--json：{\"drills\",\"ok\"}。",
     "Without DRILL: all that run. Afterwards: resume, or down.\n"
     "--json: {\"drills\",\"ok\"}.",
     "stop water-dosing-1 --now --reason \"smoke in the hall\"", yw_cmd_stop},
    {"resume", "resume DRILL", "继续暂停或急停的演练",
     "go on with a drill that is paused or stopped",
     "--json：{\"ok\",\"phase\",\"seq\"}。", "--json: {\"ok\",\"phase\",\"seq\"}.",
     "resume water-dosing-1", yw_cmd_resume},
    {"reset", "reset DRILL TEAM [MACHINE] [--to POINT]", "把机器复位到还原点",
     "take machines back to a point",
     "不给 MACHINE 时为全队；默认还原点 start 在全部机器就绪时建立。\n"
     "--json：{\"ok\",\"phase\",\"seq\"}。",
     "Without MACHINE: the whole team. The point is start, made when all machines "
     "serve.\n--json: {\"ok\",\"phase\",\"seq\"}.",
     "reset water-dosing-1 blue plc1", yw_cmd_reset},
    {"checkpoint",
     "checkpoint create DRILL [TEAM] [--label NAME] | list DRILL | restore|fork|drop "
     "DRILL NUMBER",
     "检查点：机器、工艺、时钟与日志位置",
     "checkpoints: machines, plant, clock and journal position",
     "restore：机器、网络与工艺一同回去，演练时钟与日志继续向前。\n"
     "fork：由检查点另起一场演练，处于暂停状态。\n"
     "--json：create {\"checkpoint\",\"ok\",\"seq\"}；list {\"checkpoints\"}；"
     "fork {\"id\",\"teams\"}。",
     "restore: machines, links and plant go back together; drill clock and journal go "
     "on.\nfork: a second drill from the checkpoint, paused.\n"
     "--json: create {\"checkpoint\",\"ok\",\"seq\"}; list {\"checkpoints\"}; fork "
     "{\"id\",\"teams\"}.",
     "checkpoint create water-dosing-1 blue --label before-rule", yw_cmd_checkpoint},
    {"evidence", "evidence DRILL TEAM MACHINE [--reason TEXT]",
     "取证：保存一台机器的内存与磁盘", "keep memory and disk of one machine as evidence",
     "存于数据目录，附哈希、收集人与时间。--json：{\"evidence\",\"ok\",\"seq\"}。",
     "In the data directory, with hash, collector and time. --json: "
     "{\"evidence\",\"ok\",\"seq\"}.",
     "evidence water-dosing-1 blue plc1 --reason \"case 12\"", yw_cmd_evidence},
    {"exec", "exec DRILL [TEAM/]MACHINE -- PROGRAM [ARGUMENT …]", "在机器中执行程序",
     "run a program in a machine",
     "退出码即程序的退出码。--json：{\"exit\",\"ok\",\"output\",\"seq\"}。",
     "Ends with the program's status. --json: "
     "{\"exit\",\"ok\",\"output\",\"seq\"}.",
     "exec water-dosing-1 blue/jump -- ping 10.20.2.11", yw_cmd_exec},
    {"console", "console DRILL [TEAM/]MACHINE [--view] [--take]", "打开机器的串口控制台",
     "open a machine's serial console",
     "Ctrl-] 离开。--view：只看；--take：接管输入。标准输入不是终端时逐行送入，\n"
     "直到不再有输出。内容录制在演练目录的 recordings/ 下。",
     "^] leaves. --view: only watch; --take: take the keys. Input that is no terminal "
     "is\n"
     "typed until nothing more comes. It is recorded in the drill's folder recordings/.",
     "console water-dosing-1 blue/plc1 --view", yw_cmd_console},
    {"capture",
     "capture start|stop DRILL [TEAM/]NETWORK [--size MIB] [--files N] | list DRILL | "
     "get "
     "DRILL FILE [--out PATH]",
     "抓包：把网络的报文存为 pcap 文件", "keep the packets of a network as pcap files",
     "每个网络一圈文件：--files 个（缺省 8），每个至多 --size MiB（缺省 16）或 15 "
     "分钟。\n"
     "list 按演练时间列出。--json：start、stop {\"capture\",\"ok\",\"seq\"}；"
     "list {\"captures\",\"files\",\"left_off\"}，至多最近 200 个。",
     "A ring of files a network: --files (8 if absent), each at most --size MiB (16) or "
     "15\n"
     "minutes. list tells them by drill time. --json: start, stop "
     "{\"capture\",\"ok\",\"seq\"}; list {\"captures\",\"files\",\"left_off\"}, the last "
     "200.",
     "capture start water-dosing-1 blue/control --size 50 --files 4", yw_cmd_capture},
    {"duty", "duty show DRILL | NOUN DRILL [NAME=VALUE …] [--team TEAM] [--token TOKEN]",
     "事件处置义务：录入定级、报告、签收、查岗、预警，查看时限与过错",
     "duties: enter grades, reports, receipts, watches, warnings; show clocks and faults",
     "NOUN：incident（mark=discovered "
     "等）、metric、fact、grade、report、receipt、act、period、\n"
     "check、presence、warning、warning-answer、dispute、verdict。报告的栏目写作 "
     "items.1=…，\n"
     "数字写作 claims.deaths=0。--token：以某队或某级部门的身份；缺省为导调。\n"
     "--json：show 为文档的 duty 一节；其余 {\"ok\",\"phase\",\"seq\"}。",
     "NOUN: incident (mark=discovered …), metric, fact, grade, report, receipt, act, "
     "period,\n"
     "check, presence, warning, warning-answer, dispute, verdict. Items of a form are "
     "items.1=…,\n"
     "figures claims.deaths=0. --token: as that team or office; control if absent.\n"
     "--json: show, the document's section duty; else {\"ok\",\"phase\",\"seq\"}.",
     "duty report water-dosing-1 form=cac_art7 to=county_jingxin items.1=works "
     "claims.people_affected=1200 --token TOKEN",
     yw_cmd_duty},
    {"put", "put DRILL [TEAM/]MACHINE FILE PATH", "把文件写入机器",
     "write a file into a machine",
     "每个文件至多 512 KiB。--json：{\"bytes\",\"ok\",\"seq\"}。",
     "At most 512 KiB a file. --json: {\"bytes\",\"ok\",\"seq\"}.",
     "put water-dosing-1 blue/hmi1 notes.txt /tmp/notes.txt", yw_cmd_put},
    {"get", "get DRILL [TEAM/]MACHINE PATH FILE", "从机器取出文件",
     "fetch a file from a machine", "每个文件至多 512 KiB。--json：{\"bytes\",\"ok\"}。",
     "At most 512 KiB a file. --json: {\"bytes\",\"ok\"}.",
     "get water-dosing-1 blue/hmi1 /tmp/notes.txt notes.txt", yw_cmd_get},
    {"host", "host list|drain|undrain|forget [HOST]", "主机：列出、腾空、恢复、放弃",
     "hosts: list, drain, undrain, give up",
     "drain：不再接受新机器，已有机器迁往别处。forget：放弃失联的主机，其机器在别处重建。"
     "\n"
     "--json：{\"hosts\"}（list），{\"ok\"}。",
     "drain: takes nothing new, and its machines move. forget: gives a lost host up, "
     "its\n"
     "machines are made anew elsewhere.\n"
     "--json: {\"hosts\"} (list), {\"ok\"}.",
     "host drain west", yw_cmd_host},
    {"status", "status", "列出演练及其状态", "list the drills and their phases",
     "--json：{\"version\",\"drills\",\"wall_us\"}。",
     "--json: {\"version\",\"drills\",\"wall_us\"}.", "status", yw_cmd_status},
    {"journal", "journal DRILL|FILE [--from N] [--all] [--ndjson]", "列出或导出日志",
     "list or export a journal",
     "DRILL 是数据目录中的演练，FILE 是 journal.db 或导出的文件。\n"
     "--all：连同采样与内部记录；--ndjson：导出，可供 verify 核验。\n"
     "--json：{\"events\",\"head\",\"seq\"}。",
     "DRILL is one of the data directory, FILE a journal.db or an exported file.\n"
     "--all: samples and bookkeeping too; --ndjson: the export that verify checks.\n"
     "--json: {\"events\",\"head\",\"seq\"}.",
     "journal water-dosing-1 --from 120", yw_cmd_journal},
    {"verify", "verify DRILL|FILE", "核验日志的哈希链",
     "check the hash chain of a journal",
     "指出第一条坏记录，退出码 1。\n"
     "--json：{\"bad_line\",\"bad_seq\",\"count\",\"detail\",\"head\",\"ok\"}。",
     "Names the first bad record and ends with status 1.\n"
     "--json: {\"bad_line\",\"bad_seq\",\"count\",\"detail\",\"head\",\"ok\"}.",
     "verify journal.ndjson", yw_cmd_verify},
    {"report",
     "report DRILL|FILE [--lang zh|en] [--format md|html] [--navigator] [--out FILE]",
     "由日志写出总结报告", "write the report from the journal alone",
     "每一句都带事件编号。--json：{\"format\",\"lang\",\"text\"}。\n"
     "--navigator：ATT&CK Navigator 图层（4.5），标出已计划、已实施、已发现的技术。",
     "Every sentence about an event carries its number. --json: "
     "{\"format\",\"lang\",\"text\"}.\n"
     "--navigator: a layer (4.5) of the ATT&CK Navigator with the techniques that were "
     "planned, executed, detected.",
     "report water-dosing-1 --lang zh --format html --out report.html", yw_cmd_report},
    {"replay", "replay DRILL|FILE [--to N]", "由日志重算状态与得分",
     "fold a journal again: state and scores",
     "--to N：只算到第 N 条事件。--json：导调席的状态文档。",
     "--to N: stop after event N. --json: the state document of the control room.",
     "replay journal.ndjson --to 200", yw_cmd_replay},
    {"doctor", "doctor", "检查这台主机能否承担演练",
     "check whether this host can run drills",
     "缺少必需项时退出码为 1；薄弱之处只列出。--json：{\"checks\",\"ok\",\"weak\"}。",
     "Ends with status 1 when a needed thing is missing; what is weak is told only. "
     "--json: {\"checks\",\"ok\",\"weak\"}.",
     "doctor", yw_cmd_doctor},
    {"image",
     "image build NAME | add FILE --id ID [--format qcow2|raw] [--title TEXT] [--ram "
     "MIB] "
     "[--agent yanwu|qemu-ga|none] | list | show ID",
     "制作、登记与查看机器镜像（verify ID、remove ID）",
     "build, register and show images of machines (verify ID, remove ID)",
     "build 按配方制作完整镜像（run 与 up 首次用到时自动制作）。上传的文件先隔离检查，"
     "再转换为自有格式。--agent：镜像内由谁应答——yanwu 为按本平台方法制作；qemu-ga "
     "为自带系统与 "
     "QEMU 代理；none 为自带系统、无代理，不能在其中执行命令与传文件。"
     "--json：build 逐行给出进度 {\"image\",\"says\",\"step\",\"steps\"}，"
     "清单为 {\"images\",\"micro\",\"recipes\"}，其余为该镜像的清单。",
     "build makes a full image by its recipe; run and up do so when they first need it. "
     "A "
     "file is examined in quarantine and converted into one of ours. --agent: who "
     "answers "
     "in it: yanwu, made as ours are; qemu-ga, a system of its own with the QEMU guest "
     "agent; none, one without: no programs or files there. --json: build gives a "
     "line of progress {\"image\",\"says\",\"step\",\"steps\"} a step, list gives "
     "{\"images\",\"micro\",\"recipes\"}, the others the manifest of the image.",
     "image add disk.qcow2 --id windows-hmi --agent none", yw_cmd_image},
    {"playbook",
     "playbook list | check [--profile schema|strict|lenient] FILE … | show FILE | "
     "sign FILE --key PEM [--signee NAME] | verify FILE [--key PEM] | "
     "start DRILL PLAYBOOK [TEAM] --reason TEXT | "
     "pause|resume|abort DRILL RUN --reason TEXT | "
     "skip|rewind DRILL RUN STEP --reason TEXT | "
     "force DRILL RUN STEP [--failure] --reason TEXT | "
     "set DRILL RUN NAME=VALUE --reason TEXT | "
     "export DRILL RUN [--timeline [--format md|html|csv|json]] [--lang zh|en] "
     "[--out FILE]",
     "列出、检查、展示、签署、验签、导调或导出 CACAO 预案",
     "list, check, show, sign, verify, conduct or export CACAO playbooks",
     "strict（缺省）：规范全文；lenient：外来文件，偏差只作警告。\n"
     "check 的退出码：0 无问题，1 有问题，2 无法读取。\n"
     "sign：用私钥（Ed25519、RSA、P-256）签署，写到标准输出。verify：全部有效为 0；\n"
     "给出 --key（公钥）时还须由它签署。export：一次执行的记录，写成带各步骤执行状态的\n"
     "CACAO 文件，或逐事件的时间线。--json：check 每个文件一行 "
     "{\"file\",\"findings\",\"ok\",\"profile\"}；list "
     "{\"playbooks\"}；show {\"id\",\"name\",\"steps\","
     "\"variables\"}；verify {\"ok\",\"signatures\"}。",
     "strict (the usual): all of the specification; lenient: files from elsewhere, where "
     "a\n"
     "deviation is a warning. check ends with 0 clean, 1 findings, 2 not readable.\n"
     "sign writes the playbook with a signature by a private key (Ed25519, RSA, P-256).\n"
     "verify ends with 0 when all hold, and are by the public key of --key where given.\n"
     "export writes what became of a run: a CACAO file with the state of each step, or "
     "a\n"
     "timeline of its events.\n"
     "--json: check, a line a file {\"file\",\"findings\",\"ok\",\"profile\"}; list "
     "{\"playbooks\"}; show {\"id\",\"name\",\"steps\",\"variables\"}; verify "
     "{\"ok\",\"signatures\"}.",
     "playbook check playbooks/ics-tampering.json", yw_cmd_playbook},
    {"token", "token DRILL TEAM|@TIER PERSON", "为队员或上级单位人员个人发放令牌",
     "hand a person of a team, or of an office, a token of his own",
     "此后该队只有持个人令牌者可以回答、复核预案中的问题，双人复核即为两个人。\n"
     "@county、@city、@province、@ministry 为上级单位。再次发放使旧令牌失效。\n"
     "--json：{\"person\",\"team\",\"token\"}。",
     "From then on only people with tokens of their own answer and confirm what playbooks ask\n"
     "this team: two persons are two. An office is @county, @city, @province, @ministry. A new\n"
     "one ends the older.\n"
     "--json: {\"person\",\"team\",\"token\"}.",
     "token water-dosing-1 blue \"Li Wei\"", yw_cmd_token},
    {"rules",
     "rules list | check FILE … | explain PACK|DUTY|METRIC=VALUE … [--date DAY] "
     "[--region "
     "CN-CQ] [--class A,B]",
     "法规规则包：列出、检查、解释", "rule packs: list, check, explain",
     "--date、--region、--class：只取当日有效、适用于该企业的规则包。\n"
     "仅供演练，不构成法律意见。--json：list {\"packs\"}；check {\"files\"}；"
     "explain {\"duties\",\"pack\"} 或 {\"grades\"}。",
     "--date, --region, --class: only what is in force that day for such an enterprise.\n"
     "Training material, not legal advice. --json: list {\"packs\"}; check {\"files\"}; "
     "explain {\"duties\",\"pack\"} or {\"grades\"}.",
     "rules explain cii_total_outage_s=3600 deaths=3 --class cii", yw_cmd_rules},
    {"plant",
     "plant list | show MODEL | run MODEL --seconds N [--step S] [--control off] "
     "[--init TAG=VALUE]… [--set INPUT=VALUE@T]… [--fault KIND:TARGET=SIZE@T]… [--seed "
     "N] "
     "[--csv|--json] [--plot FILE.svg]",
     "不搭靶场，直接查看与运行物理过程",
     "show and run the physical processes without a range",
     "run 打印每个位号的真值、后果等级、各限值首次越限的时刻与两个积分。\n"
     "--control off：关闭工艺自身的调节；--set 的输入从此由人工控制。\n"
     "--fault 的 KIND：bias drift stuck trip leak load repair。\n"
     "--json：list {\"plants\"}；show {\"control\",\"inputs\",\"limits\",\"model\","
     "\"product\",\"sector\",\"step_s\",\"tags\",\"title\"}；run "
     "{\"control\",\"crossed\","
     "\"level\",\"level_seconds\",\"model\",\"production_lost_s\",\"t_s\",\"truth\"}。",
     "run tells the truth of every tag, the level, when each limit was first crossed, "
     "and "
     "the two integrals.\n"
     "--control off: without the plant's own regulation; an input of --set is in manual "
     "from then on.\n"
     "KIND of --fault: bias drift stuck trip leak load repair.\n"
     "--json: list {\"plants\"}; show {\"control\",\"inputs\",\"limits\",\"model\","
     "\"product\",\"sector\",\"step_s\",\"tags\",\"title\"}; run "
     "{\"control\",\"crossed\","
     "\"level\",\"level_seconds\",\"model\",\"production_lost_s\",\"t_s\",\"truth\"}.",
     "plant run te-reactor --seconds 200 --control off --set x1=100 --set x3=0 --plot "
     "te.svg",
     yw_cmd_plant},
    {"st",
     "st check FILE … | compile FILE [--out FILE] | run FILE [--scans N] [--step MS] "
     "[--set LIST] [--show LIST] | diff FILE FILE",
     "控制程序（结构化文本）：检查、编译、试运行、比较",
     "controller programs (Structured Text): check, compile, try, compare",
     "run：按扫描逐行输出变量。--set %IW0=1500,start=TRUE@20：在第 20 次扫描赋值；"
     "--show a,b：只列这些。\n"
     "退出码 1：程序有错、运行中停机，或（diff）执行内容不同。\n"
     "--json：check、compile {\"cells\",\"crc\",\"file\",\"instructions\",\"ok\","
     "\"program\",\"scan_ms\"} 或 {\"column\",\"file\",\"line\",\"ok\",\"problem\","
     "\"right\"}，每个文件一行；run 每次扫描一行 {\"ms\",\"scan\",\"values\"}；"
     "diff {\"lines\",\"same_program\",\"same_text\"}。",
     "run: a line of variables a scan. --set %IW0=1500,start=TRUE@20: a value at scan "
     "20; "
     "--show a,b: only these.\n"
     "Ends with 1: a mistake, a stop while running, or (diff) they execute differently.\n"
     "--json: check, compile {\"cells\",\"crc\",\"file\",\"instructions\",\"ok\","
     "\"program\",\"scan_ms\"} or {\"column\",\"file\",\"line\",\"ok\",\"problem\","
     "\"right\"}, a line a file; run, a line a scan {\"ms\",\"scan\",\"values\"}; diff "
     "{\"lines\",\"same_program\",\"same_text\"}.",
     "st run scenarios/water-dosing/files/dosing.st --set %IW0=1600@5 --show "
     "alarms,dose_cmd",
     yw_cmd_st},
    {"bench",
     "bench rehearse SCENARIO [--rounds N] | journal [--events N] [--rate N] | "
     "range [--machines N] [--how cold|saved|shared] [--hold SECONDS] [--compare] | "
     "plant | place",
     "测量预演、日志、靶场与工艺的速度",
     "measure how fast rehearsal, journal, ranges and plants are",
     "journal：在数据目录里与平面文件加 fdatasync 相比；--rate 0 为尽力而为。\n"
     "--json：{\"drill_ms\",\"events\",\"max_ms\",\"median_ms\",\"min_ms\",\"rounds\","
     "\"times_real\"}；\n"
     "{\"events\",\"flat_p99_us\",\"flat_per_second\",\"journal_p99_us\","
     "\"journal_per_second\",\"times_p99\",\"times_per_second\"}；\n"
     "range：以 root 启动 N 台真实微型机器，直到每台应答 Modbus 读，复位，急停；--hold "
     "保持若干秒；"
     "--compare 再用 virsh 与 Ansible 启动同样的机器。--json：{\"answered\","
     "\"cpu_ms_each\",\"down_ms\",\"first_ms\",\"golden_ms\",\"how\",\"machines\","
     "\"pss_mib_each\",\"reset_all_ms\",\"reset_cpu_ms_each\",\"reset_ms\","
     "\"reset_pss_mib_each\",\"stop_count\",\"stop_forced\","
     "\"stop_ms\",\"thaw_ms\",\"up_ms\"}，另有 \"compare\"、"
     "\"hold_s\"、\"idle_percent_of_a_core\"、\"lost\"。\n"
     "place：20 队各 500 台机器安排到 40 台主机，与读入它们相比。--json：{\"hosts\","
     "\"machines\",\"place_ms\",\"read_ms\",\"spans\",\"steps\",\"teams\","
     "\"times_read\"}。",
     "journal: in the data directory, against a flat file with fdatasync; --rate 0 is "
     "all it can.\n"
     "--json: {\"drill_ms\",\"events\",\"max_ms\",\"median_ms\",\"min_ms\",\"rounds\","
     "\"times_real\"};\n"
     "{\"events\",\"flat_p99_us\",\"flat_per_second\",\"journal_p99_us\","
     "\"journal_per_second\",\"times_p99\",\"times_per_second\"}.\n"
     "range: as root, N real micro machines until each answers a Modbus read, their "
     "reset "
     "and emergency stop; --hold "
     "keeps them so long; --compare has virsh and Ansible start the same machines. "
     "--json: {\"answered\",\"cpu_ms_each\",\"down_ms\",\"first_ms\",\"golden_ms\","
     "\"how\",\"machines\",\"pss_mib_each\",\"reset_all_ms\","
     "\"reset_cpu_ms_each\",\"reset_ms\",\"reset_pss_mib_each\","
     "\"stop_count\",\"stop_forced\",\"stop_ms\",\"thaw_ms\",\"up_ms\"}, and "
     "\"compare\", \"hold_s\", \"idle_percent_of_a_core\", "
     "\"lost\".\n"
     "place: 20 teams of 500 machines on 40 hosts, against reading them. --json: "
     "{\"hosts\",\"machines\",\"place_ms\",\"read_ms\",\"spans\",\"steps\",\"teams\","
     "\"times_read\"}.",
     "bench range --machines 20 --how shared", yw_cmd_bench},
    {"version", "version", "显示版本", "show the version", "--json：{\"version\"}。",
     "--json: {\"version\"}.", "version", yw_cmd_version},
    {"script-host", NULL, NULL, NULL, NULL, NULL, NULL, yw_cmd_script_host},
    {"broker", NULL, NULL, NULL, NULL, NULL, NULL, yw_cmd_broker},
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_overview(const struct yw_cli *cli, FILE *out)
{
    fprintf(out, "%s\n\n",
            yw_cli_text(cli, "演武：工控网络靶场与应急演练",
                        "Yanwu: industrial cyber range and response drills"));
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (verbs[i].usage != NULL)
            fprintf(out, "  yanwu %-10s %s\n", verbs[i].name,
                    yw_cli_text(cli, verbs[i].zh, verbs[i].en));
    }
    fprintf(out, "\n%s\n",
            yw_cli_text(
                cli,
                "通用选项：--help --json --data DIR --connect URI。\n"
                "退出码：0 完成；1 已执行，结论为否；2 输入或用法有误。\n"
                "语言由 YW_LANG 或 LANG 决定（zh、en），默认中文。",
                "Options of all verbs: --help --json --data DIR --connect URI.\n"
                "Exit status: 0 done; 1 it ran and the answer is no; 2 wrong input or "
                "wrong use.\nYW_LANG or LANG decides the language (zh, en); Chinese is "
                "the default."));
}

/* A line for each form: "plant list | show MODEL". */
static void print_forms(const struct verb *verb)
{
    const char *at = verb->usage, *bar;

    printf("yanwu ");
    for (; (bar = strstr(at, " | ")) != NULL; at = bar + 3)
        printf("%.*s\nyanwu %s ", (int)(bar - at), at, verb->name);
    printf("%s\n", at);
}

static void print_verb(const struct yw_cli *cli, const struct verb *verb)
{
    print_forms(verb);
    printf(
        "\n%s\n\n%s\n\n%syanwu %s\n\n%s\n", yw_cli_text(cli, verb->zh, verb->en),
        yw_cli_text(cli, verb->more_zh, verb->more_en),
        yw_cli_text(cli, "例：", "Example: "), verb->example,
        yw_cli_text(
            cli,
            "通用选项：--json（标准输出只有一个 JSON 文档）\n"
            "          --data DIR（数据目录，默认 /var/lib/yanwu）\n"
            "          --connect URI（虚拟化连接，默认内嵌；fake: 为内存模拟）\n"
            "退出码：0 完成；1 已执行，结论为否；2 输入或用法有误。",
            "Options: --json (one JSON document on standard output)\n"
            "         --data DIR (data directory, /var/lib/yanwu by default)\n"
            "         --connect URI (hypervisor, embedded by default; fake: in memory)\n"
            "Exit status: 0 done; 1 it ran and the answer is no; 2 wrong input or "
            "wrong use."));
}

/* The value of "--name VALUE" or "--name=VALUE" at argv[*at], or NULL when it is another
 * option. Moves *at to the last word taken. "" with *ret_missing when the value is not
 * there. */
static const char *value_of(const char *name, int argc, char **argv, int *at,
                            bool *ret_missing)
{
    size_t size = strlen(name);

    if (strncmp(argv[*at], name, size) != 0)
        return NULL;
    if (argv[*at][size] == '=')
        return argv[*at] + size + 1;
    if (argv[*at][size] != '\0')
        return NULL;
    if (*at + 1 >= argc) {
        *ret_missing = true;
        return "";
    }
    return argv[++*at];
}

static int take(char *dst, size_t size, const char *name, const char *value, bool missing,
                struct yw_err *err)
{
    if (missing || value[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "%s needs a value", name);
    if (yw_copy(dst, size, value) < 0)
        return yw_err_set(err, YW_ELIMIT, "%s: at most %zu bytes", name, size - 1);
    return 0;
}

/* Takes the options of all verbs out of argv; what stays is the verb and its own words.
 */
static int take_options(struct yw_cli *cli, int *argc, char **argv, bool *ret_help,
                        struct yw_err *err)
{
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        bool missing = false;
        const char *value = NULL;
        int status = 0;

        if (strcmp(argv[i], "--") == 0) {
            while (i < *argc) /* what follows is another program's */
                argv[kept++] = argv[i++];
            break;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            *ret_help = true;
        else if (strcmp(argv[i], "--json") == 0)
            cli->json = true;
        else if ((value = value_of("--data", *argc, argv, &i, &missing)) != NULL)
            status =
                take(cli->data_dir, sizeof cli->data_dir, "--data", value, missing, err);
        else if ((value = value_of("--connect", *argc, argv, &i, &missing)) != NULL)
            status =
                take(cli->connect, sizeof cli->connect, "--connect", value, missing, err);
        else
            argv[kept++] = argv[i];
        if (status < 0)
            return status;
    }
    argv[kept] = NULL;
    *argc = kept;
    return 0;
}

static int unknown_verb(const struct yw_cli *cli, const char *name)
{
    const char *names[VERB_COUNT];
    size_t count = 0;
    struct yw_err err;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (verbs[i].usage != NULL)
            names[count++] = verbs[i].name;
    }
    const char *nearest = yw_name_nearest(name, names, count);

    if (nearest != NULL)
        (void)yw_err_set(&err, YW_EINVAL, "%s '%s' (%s '%s'?)",
                         yw_cli_text(cli, "没有动词", "no such verb:"), name,
                         yw_cli_text(cli, "是否想用", "did you mean"), nearest);
    else
        (void)yw_err_set(&err, YW_EINVAL, "%s '%s'; yanwu --help",
                         yw_cli_text(cli, "没有动词", "no such verb:"), name);
    return yw_cli_fail(cli, &err);
}

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

/* Where the installation's parts are: the environment, else where this binary was built.
 */
static int find_place(char *dst, size_t size, const char *variable, const char *built,
                      struct yw_err *err)
{
    const char *given = getenv(variable);
    const char *place = given != NULL && given[0] != '\0' ? given : built;

    if (yw_copy(dst, size, place) < 0)
        return yw_err_set(err, YW_ELIMIT, "%s: at most %zu bytes", variable, size - 1);
    return 0;
}

static bool reads_english(void)
{
    static const char *const variables[] = {"YW_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);

        if (value != NULL && value[0] != '\0')
            return strncmp(value, "en", 2) == 0;
    }
    return false;
}

static int cli_init(struct yw_cli *cli, struct yw_err *err)
{
    ssize_t size = readlink("/proc/self/exe", cli->program, sizeof cli->program - 1);
    const struct {
        char *dst;
        size_t size;
        const char *variable, *built;
    } places[] = {
        {cli->data_dir, sizeof cli->data_dir, "YW_DATA", "/var/lib/yanwu"},
        {cli->connect, sizeof cli->connect, "YW_CONNECT", ""},
        {cli->library_dir, sizeof cli->library_dir, "YW_LIBRARY", YW_LIBRARY_BUILT},
        {cli->scenarios_dir, sizeof cli->scenarios_dir, "YW_SCENARIOS",
         YW_SCENARIOS_BUILT},
        {cli->board_dir, sizeof cli->board_dir, "YW_BOARD", YW_BOARD_BUILT},
        {cli->images_dir, sizeof cli->images_dir, "YW_IMAGES", YW_IMAGES_BUILT},
        {cli->recipes_dir, sizeof cli->recipes_dir, "YW_RECIPES", YW_RECIPES_BUILT},
    };

    cli->program[size > 0 ? size : 0] = '\0';
    cli->english = reads_english();
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int status = find_place(places[i].dst, places[i].size, places[i].variable,
                                places[i].built, err);

        if (status < 0)
            return status;
    }
    return yw_hash_setup() == 0
               ? 0
               : yw_err_set(err, YW_EIO, "the cryptography library does not start");
}

int main(int argc, char **argv)
{
    struct yw_cli cli = {0};
    struct yw_err err = {0};
    bool help = false;

    yw_log_setup("cli", YW_LOG_WARN, false, STDERR_FILENO);
    if (cli_init(&cli, &err) < 0)
        return yw_cli_fail(&cli, &err);
    int count = argc - 1;
    char **words = argv + 1;
    const struct verb *verb = count > 0 ? find(words[0]) : NULL;

    if (verb != NULL && verb->usage == NULL)
        return verb->run(&cli, count, words); /* a child: its words are not a person's */
    if (take_options(&cli, &count, words, &help, &err) < 0)
        return yw_cli_fail(&cli, &err);
    if (count == 0) {
        print_overview(&cli, help ? stdout : stderr);
        return help ? 0 : 2;
    }
    if (strcmp(words[0], "help") == 0) {
        print_overview(&cli, stdout);
        return 0;
    }
    verb = find(strcmp(words[0], "--version") == 0 ? "version" : words[0]);
    if (verb == NULL || verb->usage == NULL)
        return unknown_verb(&cli, words[0]);
    if (help) {
        print_verb(&cli, verb);
        return 0;
    }
    return verb->run(&cli, count, words);
}
