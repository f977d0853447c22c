#include "event_sample.h"

#include "base/mem.h"

#include <string.h>

#define STEP "action--7b3a5a0e-5f0c-4f6e-9d51-1d2f6f6f6f01"
#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const struct yw_text title = {.zh = "加药参数遭篡改",
                                     .en = "Dosing set-point tampering"};

static void declared(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_DRILL_CREATED)
        ret->drill_created = (struct yw_ev_drill_created){.scenario = "water-dosing",
                                                          .title = title,
                                                          .sector = "water",
                                                          .length_ms = 900000,
                                                          .team_count = 2};
    else if (kind == YW_EVENT_DRILL_PLANNED)
        ret->drill_planned = (struct yw_ev_drill_planned){.seed = 9007199254740991,
                                                          .plan_digest = DIGEST,
                                                          .package_digest = DIGEST,
                                                          .connect = "qemu:///embed"};
    else if (kind == YW_EVENT_TEAM_ADDED)
        YW_COPY(ret->team_added.name, "blue-quick");
    else if (kind == YW_EVENT_MACHINE_PLANNED)
        ret->machine_planned =
            (struct yw_ev_machine_planned){.machine = "plc1",
                                           .image = "plc",
                                           .addresses = "10.20.2.11/24",
                                           .plant = "works"};
    else if (kind == YW_EVENT_PLANT_PLANNED)
        ret->plant_planned = (struct yw_ev_plant_planned){
            .plant = "works", .model = "water-dosing", .time_scale = 1.5};
    else if (kind == YW_EVENT_ATTACK_PLANNED)
        ret->attack_planned = (struct yw_ev_attack_planned){
            .attack = "raise-dose", .technique = "T0836", .from = "jump", .to = "plc1"};
    else
        ret->objective_set = (struct yw_ev_objective_set){.objective = "contained",
                                                          .says = title,
                                                          .points = 150,
                                                          .fades_to = 40,
                                                          .over_ms = 360000,
                                                          .since_attack = true};
}

static void range(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_PHASE_CHANGED)
        ret->phase_changed =
            (struct yw_ev_phase_changed){.phase = YW_PHASE_RUNNING, .reason = "开始"};
    else if (kind == YW_EVENT_CLOCK_CHANGED)
        ret->clock_changed =
            (struct yw_ev_clock_changed){.running = true, .speed = 10, .drill_ms = 61234};
    else if (kind == YW_EVENT_RANGE_ORDERED)
        ret->range_ordered.up = true;
    else if (kind == YW_EVENT_RANGE_STATE)
        ret->range_state = (struct yw_ev_range_state){
            .up = true, .detail = "up 'blue-quick': machine 'plc1': no such image"};
    else if (kind == YW_EVENT_MACHINE_STATE)
        ret->machine_state = (struct yw_ev_machine_state){.machine = "jump",
                                                          .state = YW_MACHINE_SERVING,
                                                          .hidden = true,
                                                          .detail = "first boot"};
    else if (kind == YW_EVENT_MACHINE_STARTED)
        ret->machine_started =
            (struct yw_ev_machine_started){.machine = "jump",
                                           .how = "saved",
                                           .why = "shared: no such option",
                                           .confined = true,
                                           .uid = 1880065003,
                                           .seccomp = 2,
                                           .no_new_privs = true,
                                           .cap_eff = "0",
                                           .mount_ns = true,
                                           .mac = "unconfined"};
    else if (kind == YW_EVENT_CONFINEMENT_PROVED)
        ret->confinement_proved = (struct yw_ev_confinement_proved){.machine = "jump",
                                                                    .of = "golden",
                                                                    .confined = true,
                                                                    .uid = 1880065003,
                                                                    .seccomp = 2,
                                                                    .no_new_privs = true,
                                                                    .cap_eff = "0",
                                                                    .mount_ns = true,
                                                                    .mac = "unconfined"};
    else if (kind == YW_EVENT_ISOLATION_PROVED)
        ret->isolation_proved = (struct yw_ev_isolation_proved){
            .machine = "jump",
            .probes = 14,
            .reached = 1,
            .detail = "reached 172.17.0.2 by arp, answered by 02:42:ac:11:00:02"};
    else if (kind == YW_EVENT_LINK_ORDERED)
        ret->link_ordered = (struct yw_ev_link_ordered){.machine = "jump"};
    else if (kind == YW_EVENT_LINK_CHANGED)
        ret->link_changed = (struct yw_ev_link_changed){.machine = "jump", .up = true};
    else
        ret->guest_line = (struct yw_ev_guest_line){
            .machine = "hmi1", .line = "tab\there, quote \" backslash \\ bell \a end"};
}

static void story(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_STORY_STEP)
        ret->story_step = (struct yw_ev_story_step){
            .index = 4, .verb = "wait_for", .subject = "contained", .span_ms = 300000};
    else if (kind == YW_EVENT_STORY_RESULT)
        ret->story_result = (struct yw_ev_story_result){.index = 4, .holds = true};
    else if (kind == YW_EVENT_SAID)
        ret->said = (struct yw_ev_said){.text = title, .hint = true};
    else if (kind == YW_EVENT_ATTACK_STARTED)
        ret->attack_started = (struct yw_ev_attack_started){
            .attack = "raise-dose",
            .technique = "T0836",
            .machine = "jump",
            .request = 2,
            .argv = "modbus write 10.20.2.11 1 holding 40 11100"};
    else if (kind == YW_EVENT_ATTACK_SKIPPED)
        ret->attack_skipped =
            (struct yw_ev_attack_skipped){.attack = "raise-dose", .fact = "password"};
    else if (kind == YW_EVENT_UNDO_STARTED)
        ret->undo_started = (struct yw_ev_undo_started){
            .attack = "raise-dose",
            .machine = "jump",
            .request = 3,
            .argv = "modbus write 10.20.2.11 1 holding 40 100"};
    else
        ret->attack_ended = (struct yw_ev_attack_ended){
            .attack = "raise-dose", .ok = true, .output = "wrote 11100\n"};
}

static void plant(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_PLANT_SAMPLE)
        ret->plant_sample =
            (struct yw_ev_plant_sample){.plant = "works",
                                        .steps = 305,
                                        .count = 4,
                                        .truth = {0.1, 1e22, -0.0, 1.0 / 3},
                                        .field = {100, 2.45, 5e-324, 1e300},
                                        .input_count = 3,
                                        .inputs = {100, 1, 1},
                                        .state_count = 2,
                                        .state = {4294967295.0, -1.5},
                                        .fault_count = 7,
                                        .faults = {1, 0, 2, 0.25, 300, 1, 0},
                                        .hand = 5,
                                        .level_s = 12.4,
                                        .lost_s = 0.2};
    else if (kind == YW_EVENT_FAULT_ORDERED)
        ret->fault_ordered = (struct yw_ev_fault_ordered){.plant = "works",
                                                          .part = "level_m",
                                                          .fault = "drift",
                                                          .size = -0.25,
                                                          .at_ms = 600000};
    else if (kind == YW_EVENT_PLANT_VIEW)
        ret->plant_view = (struct yw_ev_plant_view){
            .plant = "works", .count = 2, .view = {100.25, 2.45}};
    else
        ret->plant_level = (struct yw_ev_plant_level){.plant = "works",
                                                      .level = 1,
                                                      .tag = "naoh_mg_l",
                                                      .value = 120.00000000000001};
}

static const struct yw_ev_step_started started = {
    .run = 3,
    .exec = 2,
    .step = STEP,
    .type = "action",
    .name = {.zh = "研判告警", .en = "Assess the alarm"},
    .deadline_ms = 241234,
    .timeout_ms = 661234};

static const struct yw_ev_step_asked asked = {
    .run = 3,
    .exec = 2,
    .step = STEP,
    .name = {.zh = "研判告警", .en = "Assess the alarm"},
    .asks = {.zh = "设定值是否被篡改？", .en = "Was the set-point tampered with?"},
    .role = "ir_lead",
    .escalates = "duty_leader",
    .ack = "two_person",
    .evidence = "text screenshot",
    .deadline_ms = 241234,
    .timeout_ms = 661234,
    .warns_ms = 205234,
    .field_count = 2,
    .fields = {{"tampered", "bool"}, {"source", "string"}},
    .choice_count = 1,
    .choices = {{"source", "10.20.2.66|10.20.4.66"}}};

static void command(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_COMMAND_ORDERED)
        ret->command_ordered = (struct yw_ev_command_ordered){.run = 3,
                                                              .exec = 4,
                                                              .step = STEP,
                                                              .item = 1,
                                                              .type = "bash",
                                                              .does = "run",
                                                              .machine = "jump",
                                                              .text = "sh -c 'ss -tn'"};
    else
        ret->command_ended =
            (struct yw_ev_command_ended){.run = 3,
                                         .exec = 4,
                                         .step = STEP,
                                         .item = 1,
                                         .ok = true,
                                         .output = "10.20.2.66\n",
                                         .var_count = 1,
                                         .vars = {{"source", "10.20.2.66"}}};
}

/* What people say. */
static void word(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_STEP_ASKED)
        ret->step_asked = asked;
    else if (kind == YW_EVENT_STEP_ESCALATED)
        ret->step_escalated = (struct yw_ev_step_escalated){
            .run = 3, .exec = 2, .step = STEP, .role = "duty_leader"};
    else if (kind == YW_EVENT_STEP_EVIDENCE)
        ret->step_evidence = (struct yw_ev_step_evidence){.run = 3,
                                                          .exec = 2,
                                                          .step = STEP,
                                                          .role = "ir_lead",
                                                          .form = "screenshot",
                                                          .name = "hmi.png",
                                                          .hash = "00ff",
                                                          .bytes = 4096,
                                                          .text = "HMI"};
    else if (kind == YW_EVENT_STEP_ANSWERED)
        ret->step_answered = (struct yw_ev_step_answered){
            .run = 3,
            .exec = 2,
            .step = STEP,
            .role = "ir_lead",
            .ok = true,
            .var_count = 2,
            .vars = {{"tampered", "true"}, {"source", "10.20.2.66"}}};
    else
        ret->step_confirmed = (struct yw_ev_step_confirmed){.run = 3,
                                                            .exec = 2,
                                                            .step = STEP,
                                                            .role = "ir_lead",
                                                            .agrees = true,
                                                            .note = "checked"};
}

static void step(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_STEP_STARTED)
        ret->step_started = started;
    else if (kind == YW_EVENT_STEP_BRANCHED)
        ret->step_branched =
            (struct yw_ev_step_branched){.run = 3,
                                         .exec = 2,
                                         .step = STEP,
                                         .turn = 1,
                                         .first = "end--1",
                                         .detail = "grade '重大' = '重大': true"};
    else if (kind == YW_EVENT_STEP_ENDED)
        ret->step_ended = (struct yw_ev_step_ended){.run = 3,
                                                    .exec = 2,
                                                    .step = STEP,
                                                    .status = YW_STEP_TIMEOUT_ERROR,
                                                    .next = "end--1",
                                                    .detail = "nobody answered"};
    else
        ret->step_ref = (struct yw_ev_step_ref){.run = 3, .exec = 2, .step = STEP};
}

static void playbook(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_PLAYBOOK_STARTED)
        ret->playbook_started =
            (struct yw_ev_playbook_started){.run = 3,
                                            .playbook = "first-response",
                                            .id = "playbook--1",
                                            .name = title,
                                            .var_count = 1,
                                            .vars = {{"drill", "d1"}}};
    else if (kind == YW_EVENT_PLAYBOOK_CONTROLLED)
        ret->playbook_controlled =
            (struct yw_ev_playbook_controlled){.run = 3,
                                               .verb = "force",
                                               .exec = 2,
                                               .step = STEP,
                                               .ok = true,
                                               .reason = "time is short"};
    else if (kind == YW_EVENT_PLAYBOOK_ENDED)
        ret->playbook_ended =
            (struct yw_ev_playbook_ended){.run = 3, .ok = true, .detail = "end"};
    else if (kind == YW_EVENT_COMMAND_ORDERED || kind == YW_EVENT_COMMAND_ENDED)
        command(kind, ret);
    else if (kind == YW_EVENT_STEP_STARTED || kind == YW_EVENT_STEP_BRANCHED ||
             kind == YW_EVENT_STEP_ENDED || kind == YW_EVENT_STEP_WARNED ||
             kind == YW_EVENT_STEP_LATE)
        step(kind, ret);
    else
        word(kind, ret);
}

static void people(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_ACTION_ORDERED)
        ret->action_ordered = (struct yw_ev_action_ordered){
            .action = 1, .machine = "hmi1", .request = 2, .argv = "set-point 100"};
    else if (kind == YW_EVENT_ACTION_ENDED)
        ret->action_ended = (struct yw_ev_action_ended){
            .action = 1, .machine = "hmi1", .ok = true, .output = "ok"};
    else if (kind == YW_EVENT_REPORT_FILED)
        YW_COPY(ret->report_filed.text, "加药浓度异常，已恢复设定值");
    else if (kind == YW_EVENT_OBJECTIVE_MET || kind == YW_EVENT_OBJECTIVE_LOST)
        ret->objective_ref = (struct yw_ev_objective_ref){
            .objective = "contained", .since_ms = 120000, .why = "isolated(jump)"};
    else if (kind == YW_EVENT_RULING)
        ret->ruling = (struct yw_ev_ruling){.points = -20, .reason = "迟报"};
    else
        YW_COPY(ret->note.text, "journal: torn tail of 12 bytes dropped");
}

static void host(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_HOST_CHECKED)
        ret->host_checked = (struct yw_ev_host_checked){.hostile = true,
                                                        .accelerator = "tcg",
                                                        .mac = "none",
                                                        .controls = "cpu memory",
                                                        .weak = "emulation no-mac"};
    else if (kind == YW_EVENT_OVERRIDDEN)
        ret->overridden = (struct yw_ev_overridden){.what = "hostile-on-weak-host",
                                                    .reason = "隔离的培训机房"};
    else
        ret->disk_state =
            (struct yw_ev_disk_state){.ok = false, .free_mib = 900, .floor_mib = 1024};
}

static void hosts(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_RANGE_ADMITTED)
        ret->range_admitted = (struct yw_ev_range_admitted){
            .memory_mib = 816,
            .cpu_ms = 11520,
            .disk_mib = 396,
            .detail =
                "scenario.lua:12: machine \"plc1\" of team 'blue-quick' needs 136 MiB "
                "of memory; host 'east' has 40 of 1088 left; at most 2 teams of this "
                "scenario fit"};
    else if (kind == YW_EVENT_MACHINE_PLACED)
        ret->machine_placed = (struct yw_ev_machine_placed){
            .machine = "plc1", .host = "west", .from = "east"};
    else if (kind == YW_EVENT_MACHINE_MOVED)
        ret->machine_moved = (struct yw_ev_machine_moved){
            .machine = "plc1", .host = "west", .how = "live", .ok = true};
    else if (kind == YW_EVENT_NETWORK_SPANNED)
        ret->network_spanned =
            (struct yw_ev_network_spanned){.network = "control", .vni = 12433127};
    else
        ret->host_changed = (struct yw_ev_host_changed){
            .host = "east", .state = "lost", .detail = "the broker ended"};
}

static void consoles(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_CONSOLE_PLANNED)
        ret->console_planned = (struct yw_ev_console_planned){
            .machine = "plc1", .console = true, .display = true};
    else
        ret->console_changed =
            (struct yw_ev_console_changed){.console = 3,
                                           .machine = "plc1",
                                           .form = "serial",
                                           .on = true,
                                           .mode = "type",
                                           .recording = "console-3",
                                           .detail = "taken over from control"};
}

void event_sample(enum yw_event_kind kind, struct yw_event *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->kind = kind;
    /* later kinds share one number, so that another kind changes no file but its own */
    ret->seq = kind <= YW_EVENT_PLATFORM_FAULT ? 100 + (int64_t)kind : 200;
    ret->wall_us = 1795248000000000;
    ret->drill_ms = 61234;
    ret->team = kind < YW_EVENT_TEAM_ADDED ? -1 : 0;
    YW_COPY(ret->actor, "team:blue-quick/ir_lead");
    YW_COPY(ret->key, "k-1");
    ret->causes[0] = 97;
    ret->causes[1] = 60;
    if (kind < YW_EVENT_PHASE_CHANGED)
        declared(kind, ret);
    else if (kind < YW_EVENT_STORY_STEP)
        range(kind, ret);
    else if ((kind < YW_EVENT_PLANT_SAMPLE && kind != YW_EVENT_STORY_FAULT) ||
             (kind >= YW_EVENT_ATTACK_SKIPPED && kind <= YW_EVENT_UNDO_ENDED))
        story(kind, ret);
    else if ((kind >= YW_EVENT_PLANT_SAMPLE && kind < YW_EVENT_PLAYBOOK_STARTED) ||
             kind == YW_EVENT_FAULT_ORDERED)
        plant(kind, ret);
    else if (kind >= YW_EVENT_PLAYBOOK_STARTED && kind < YW_EVENT_ACTION_ORDERED)
        playbook(kind, ret);
    else if (kind >= YW_EVENT_QUOTA_SET && kind <= YW_EVENT_RECONCILED)
        event_sample_range(kind, ret);
    else if (kind >= YW_EVENT_HOST_CHECKED && kind <= YW_EVENT_DISK_STATE)
        host(kind, ret);
    else if (kind >= YW_EVENT_RANGE_ADMITTED && kind <= YW_EVENT_HOST_CHANGED)
        hosts(kind, ret);
    else if (kind == YW_EVENT_WAY_CHOSEN)
        YW_COPY(ret->way_chosen.how, "shared");
    else if (kind >= YW_EVENT_CONSOLE_PLANNED && kind <= YW_EVENT_CONSOLE_CHANGED)
        consoles(kind, ret);
    else if (kind >= YW_EVENT_DUTY_PLANNED && kind <= YW_EVENT_CHANGE_FROZEN)
        event_sample_duty(kind, ret);
    else
        people(kind, ret);
}
