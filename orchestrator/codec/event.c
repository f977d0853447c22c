/* One table a payload; the envelope around it. A kind without a row here does not
 * compile. */
#include "codec/event.h"

#include "codec/field.h"
#include "codec/request/request_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ROWS(payload) static const struct yw_field payload##_rows[] =
#define F(type, holder, member) YW_FIELD(type, yw_ev_##holder, member, #member)
#define L(type, holder, member, count)                                                   \
    YW_FIELD_LIST(type, yw_ev_##holder, member, count, #member)

ROWS(drill_created){F(INT, drill_created, length_ms),  F(STRING, drill_created, scenario),
                    F(STRING, drill_created, sector),  F(BOOL, drill_created, tabletop),
                    F(INT, drill_created, team_count), F(TEXT, drill_created, title)};
ROWS(drill_planned){F(STRING, drill_planned, connect),
                    F(STRING, drill_planned, package_digest),
                    F(STRING, drill_planned, plan_digest), F(INT, drill_planned, seed)};
ROWS(team_added){F(STRING, team_added, name)};
ROWS(machine_planned){F(STRING, machine_planned, addresses),
                      F(BOOL, machine_planned, hidden), F(STRING, machine_planned, image),
                      F(STRING, machine_planned, machine),
                      F(STRING, machine_planned, plant)};
ROWS(plant_planned){F(STRING, plant_planned, model), F(STRING, plant_planned, plant),
                    F(DOUBLE, plant_planned, time_scale)};
ROWS(attack_planned){F(STRING, attack_planned, attack), F(STRING, attack_planned, from),
                     F(STRING, attack_planned, technique), F(STRING, attack_planned, to)};
ROWS(objective_set){
    F(INT, objective_set, fades_to), F(STRING, objective_set, objective),
    F(INT, objective_set, over_ms),  F(INT, objective_set, points),
    F(TEXT, objective_set, says),    F(BOOL, objective_set, since_attack)};
ROWS(phase_changed){F(PHASE, phase_changed, phase), F(STRING, phase_changed, reason)};
ROWS(clock_changed){F(INT, clock_changed, drill_ms), F(BOOL, clock_changed, running),
                    F(DOUBLE, clock_changed, speed)};
ROWS(range_ordered){F(BOOL, range_ordered, up)};
ROWS(way_chosen){F(STRING, way_chosen, how)};
ROWS(range_state){F(STRING, range_state, detail), F(BOOL, range_state, ok),
                  F(BOOL, range_state, up)};
ROWS(machine_state){F(STRING, machine_state, detail), F(BOOL, machine_state, hidden),
                    F(STRING, machine_state, machine),
                    F(MACHINE_STATE, machine_state, state)};
ROWS(isolation_proved){F(STRING, isolation_proved, detail),
                       F(STRING, isolation_proved, machine),
                       F(BOOL, isolation_proved, ok), F(INT, isolation_proved, probes),
                       F(INT, isolation_proved, reached)};
ROWS(confinement_proved){
    F(STRING, confinement_proved, cap_eff), F(BOOL, confinement_proved, confined),
    F(STRING, confinement_proved, mac),     F(STRING, confinement_proved, machine),
    F(BOOL, confinement_proved, mount_ns),  F(BOOL, confinement_proved, no_new_privs),
    F(STRING, confinement_proved, of),      F(INT, confinement_proved, seccomp),
    F(INT, confinement_proved, uid)};
ROWS(machine_started){
    F(STRING, machine_started, cap_eff),    F(BOOL, machine_started, confined),
    F(STRING, machine_started, how),        F(STRING, machine_started, mac),
    F(STRING, machine_started, machine),    F(BOOL, machine_started, mount_ns),
    F(BOOL, machine_started, no_new_privs), F(INT, machine_started, seccomp),
    F(INT, machine_started, uid),           F(STRING, machine_started, why)};
ROWS(host_checked){F(STRING, host_checked, accelerator),
                   F(STRING, host_checked, controls), F(BOOL, host_checked, hostile),
                   F(STRING, host_checked, mac), F(STRING, host_checked, weak)};
ROWS(overridden){F(STRING, overridden, reason), F(STRING, overridden, what)};
ROWS(disk_state){F(INT, disk_state, floor_mib), F(INT, disk_state, free_mib),
                 F(BOOL, disk_state, ok)};
ROWS(link_ordered){F(STRING, link_ordered, machine), F(BOOL, link_ordered, up)};
ROWS(link_changed){F(STRING, link_changed, machine), F(BOOL, link_changed, up)};
ROWS(guest_line){F(STRING, guest_line, line), F(STRING, guest_line, machine)};
ROWS(story_step){F(INT, story_step, index), F(INT, story_step, span_ms),
                 F(STRING, story_step, subject), F(STRING, story_step, verb)};
ROWS(story_result){F(BOOL, story_result, holds), F(INT, story_result, index)};
ROWS(said){F(BOOL, said, hint), F(TEXT, said, text)};
ROWS(attack_started){F(STRING, attack_started, argv), F(STRING, attack_started, attack),
                     F(STRING, attack_started, machine), F(INT, attack_started, request),
                     F(STRING, attack_started, technique)};
ROWS(attack_ended){F(STRING, attack_ended, attack), F(BOOL, attack_ended, ok),
                   F(STRING, attack_ended, output)};
ROWS(attack_skipped){F(STRING, attack_skipped, attack), F(STRING, attack_skipped, fact)};
ROWS(undo_started){F(STRING, undo_started, argv), F(STRING, undo_started, attack),
                   F(STRING, undo_started, machine), F(INT, undo_started, request)};
ROWS(plant_sample){L(DOUBLES, plant_sample, faults, fault_count),
                   L(DOUBLES, plant_sample, field, count),
                   F(INT, plant_sample, hand),
                   L(DOUBLES, plant_sample, inputs, input_count),
                   F(DOUBLE, plant_sample, level_s),
                   F(DOUBLE, plant_sample, lost_s),
                   F(STRING, plant_sample, plant),
                   L(DOUBLES, plant_sample, state, state_count),
                   F(INT, plant_sample, steps),
                   L(DOUBLES, plant_sample, truth, count)};
ROWS(plant_view){F(STRING, plant_view, plant), L(DOUBLES, plant_view, view, count)};
ROWS(fault_ordered){F(INT, fault_ordered, at_ms),     F(STRING, fault_ordered, fault),
                    F(BOOL, fault_ordered, on_input), F(STRING, fault_ordered, part),
                    F(STRING, fault_ordered, plant),  F(DOUBLE, fault_ordered, size)};
ROWS(plant_level){F(INT, plant_level, level), F(STRING, plant_level, plant),
                  F(INT, plant_level, previous), F(STRING, plant_level, tag),
                  F(DOUBLE, plant_level, value)};
ROWS(playbook_started){
    F(INT, playbook_started, caller),          F(INT, playbook_started, caller_exec),
    F(BOOL, playbook_started, hidden),         F(STRING, playbook_started, id),
    F(TEXT, playbook_started, name),           F(STRING, playbook_started, override),
    F(STRING, playbook_started, playbook),     F(INT, playbook_started, run),
    L(VARS, playbook_started, vars, var_count)};
ROWS(step_started){F(INT, step_started, branch),     F(INT, step_started, deadline_ms),
                   F(INT, step_started, exec),       F(BOOL, step_started, hidden),
                   F(TEXT, step_started, name),      F(INT, step_started, opener),
                   F(INT, step_started, run),        F(STRING, step_started, step),
                   F(INT, step_started, timeout_ms), F(STRING, step_started, type)};
ROWS(step_branched){F(STRING, step_branched, detail), F(INT, step_branched, exec),
                    F(STRING, step_branched, first),  F(BOOL, step_branched, hidden),
                    F(INT, step_branched, run),       F(STRING, step_branched, step),
                    F(INT, step_branched, turn)};
ROWS(step_asked){F(STRING, step_asked, ack),
                 F(TEXT, step_asked, asks),
                 L(VARS, step_asked, choices, choice_count),
                 F(STRING, step_asked, confirms),
                 F(INT, step_asked, deadline_ms),
                 F(STRING, step_asked, escalates),
                 F(STRING, step_asked, evidence),
                 F(INT, step_asked, exec),
                 L(VARS, step_asked, fields, field_count),
                 F(TEXT, step_asked, name),
                 F(STRING, step_asked, role),
                 F(INT, step_asked, run),
                 F(STRING, step_asked, step),
                 F(INT, step_asked, timeout_ms),
                 F(INT, step_asked, warns_ms)};
ROWS(step_ended){F(STRING, step_ended, detail), F(INT, step_ended, exec),
                 F(BOOL, step_ended, hidden),   F(STRING, step_ended, next),
                 F(INT, step_ended, run),       F(STEP_STATUS, step_ended, status),
                 F(STRING, step_ended, step),   L(VARS, step_ended, vars, var_count)};
ROWS(step_ref){F(INT, step_ref, exec), F(INT, step_ref, run), F(STRING, step_ref, step)};
ROWS(step_escalated){F(INT, step_escalated, exec), F(STRING, step_escalated, role),
                     F(INT, step_escalated, run), F(STRING, step_escalated, step)};
ROWS(step_answered){
    F(INT, step_answered, exec),    F(BOOL, step_answered, ok),
    F(STRING, step_answered, role), F(INT, step_answered, run),
    F(STRING, step_answered, step), L(VARS, step_answered, vars, var_count)};
ROWS(step_confirmed){F(BOOL, step_confirmed, agrees), F(INT, step_confirmed, exec),
                     F(STRING, step_confirmed, note), F(STRING, step_confirmed, role),
                     F(INT, step_confirmed, run),     F(STRING, step_confirmed, step)};
ROWS(step_evidence){F(INT, step_evidence, bytes),   F(INT, step_evidence, exec),
                    F(STRING, step_evidence, form), F(STRING, step_evidence, hash),
                    F(STRING, step_evidence, name), F(STRING, step_evidence, role),
                    F(INT, step_evidence, run),     F(STRING, step_evidence, step),
                    F(STRING, step_evidence, text)};
ROWS(command_ordered){
    F(STRING, command_ordered, does),    F(INT, command_ordered, exec),
    F(BOOL, command_ordered, hidden),    F(INT, command_ordered, item),
    F(STRING, command_ordered, machine), F(INT, command_ordered, run),
    F(STRING, command_ordered, step),    F(STRING, command_ordered, text),
    F(STRING, command_ordered, type)};
ROWS(command_ended){
    F(INT, command_ended, exec),      F(BOOL, command_ended, hidden),
    F(INT, command_ended, item),      F(BOOL, command_ended, ok),
    F(STRING, command_ended, output), F(INT, command_ended, run),
    F(STRING, command_ended, step),   L(VARS, command_ended, vars, var_count)};
ROWS(playbook_controlled){
    F(INT, playbook_controlled, exec),      F(BOOL, playbook_controlled, hidden),
    F(STRING, playbook_controlled, name),   F(BOOL, playbook_controlled, ok),
    F(STRING, playbook_controlled, reason), F(INT, playbook_controlled, run),
    F(STRING, playbook_controlled, step),   F(STRING, playbook_controlled, value),
    F(STRING, playbook_controlled, verb)};
ROWS(playbook_ended){F(STRING, playbook_ended, detail), F(BOOL, playbook_ended, ok),
                     F(INT, playbook_ended, run)};
ROWS(action_ordered){F(INT, action_ordered, action), F(STRING, action_ordered, argv),
                     F(STRING, action_ordered, machine), F(INT, action_ordered, request)};
ROWS(action_ended){F(INT, action_ended, action), F(STRING, action_ended, machine),
                   F(BOOL, action_ended, ok), F(STRING, action_ended, output)};
ROWS(report_filed){F(STRING, report_filed, text)};
ROWS(objective_ref){F(STRING, objective_ref, objective), F(INT, objective_ref, since_ms),
                    F(STRING, objective_ref, why)};
ROWS(ruling){F(INT, ruling, points), F(STRING, ruling, reason)};
ROWS(console_planned){F(BOOL, console_planned, console),
                      F(BOOL, console_planned, display), F(BOOL, console_planned, hidden),
                      F(STRING, console_planned, machine)};
ROWS(console_changed){
    F(INT, console_changed, bytes),       F(INT, console_changed, console),
    F(STRING, console_changed, detail),   F(STRING, console_changed, form),
    F(STRING, console_changed, hash),     F(STRING, console_changed, machine),
    F(STRING, console_changed, mode),     F(BOOL, console_changed, on),
    F(STRING, console_changed, recording)};
ROWS(note){F(STRING, note, text)};
ROWS(quota_set){F(INT, quota_set, count), F(STRING, quota_set, what)};
ROWS(reset_ordered){F(BOOL, reset_ordered, all),     F(BOOL, reset_ordered, counted),
                    F(BOOL, reset_ordered, hidden),  F(STRING, reset_ordered, machine),
                    F(STRING, reset_ordered, point), F(INT, reset_ordered, reset)};
ROWS(reset_ended){F(STRING, reset_ended, detail),  F(BOOL, reset_ended, hidden),
                  F(STRING, reset_ended, machine), F(BOOL, reset_ended, ok),
                  F(STRING, reset_ended, point),   F(INT, reset_ended, reset),
                  F(INT, reset_ended, span_ms)};
ROWS(checkpoint_ordered){F(INT, checkpoint_ordered, checkpoint),
                         F(STRING, checkpoint_ordered, label),
                         F(STRING, checkpoint_ordered, point)};
ROWS(checkpoint_ended){
    F(INT, checkpoint_ended, bytes),     F(INT, checkpoint_ended, checkpoint),
    F(STRING, checkpoint_ended, detail), F(INT, checkpoint_ended, frozen_ms),
    F(STRING, checkpoint_ended, label),  F(BOOL, checkpoint_ended, ok)};
ROWS(checkpoint_ref){F(INT, checkpoint_ref, checkpoint),
                     F(STRING, checkpoint_ref, label)};
ROWS(checkpoint_restored){
    F(INT, checkpoint_restored, back_ms),   F(INT, checkpoint_restored, checkpoint),
    F(STRING, checkpoint_restored, detail), F(STRING, checkpoint_restored, label),
    F(BOOL, checkpoint_restored, ok),       F(INT, checkpoint_restored, span_ms)};
ROWS(checkpoint_dropped){
    F(INT, checkpoint_dropped, checkpoint), F(STRING, checkpoint_dropped, detail),
    F(STRING, checkpoint_dropped, label), F(BOOL, checkpoint_dropped, ok)};
ROWS(drill_forked){F(INT, drill_forked, checkpoint), F(STRING, drill_forked, from),
                   F(STRING, drill_forked, hash),    F(STRING, drill_forked, label),
                   F(STRING, drill_forked, macs_of), F(STRING, drill_forked, point),
                   F(INT, drill_forked, seq)};
ROWS(capture_ordered){
    F(INT, capture_ordered, capture),    F(INT, capture_ordered, files),
    F(STRING, capture_ordered, network), F(BOOL, capture_ordered, on),
    F(STRING, capture_ordered, reason),  F(INT, capture_ordered, size_mib)};
ROWS(capture_changed){
    F(INT, capture_changed, bytes),      F(INT, capture_changed, capture),
    F(STRING, capture_changed, detail),  F(INT, capture_changed, files),
    F(STRING, capture_changed, network), F(BOOL, capture_changed, ok),
    F(BOOL, capture_changed, on)};
ROWS(evidence_ordered){F(INT, evidence_ordered, evidence),
                       F(STRING, evidence_ordered, machine),
                       F(STRING, evidence_ordered, reason)};
ROWS(evidence_kept){
    F(INT, evidence_kept, bytes),      F(STRING, evidence_kept, collector),
    F(STRING, evidence_kept, detail),  F(INT, evidence_kept, evidence),
    F(STRING, evidence_kept, file),    F(STRING, evidence_kept, hash),
    F(STRING, evidence_kept, machine), F(BOOL, evidence_kept, ok)};
ROWS(stop_ordered){F(STRING, stop_ordered, reason)};
ROWS(stop_ended){F(STRING, stop_ended, detail), F(INT, stop_ended, forced),
                 F(INT, stop_ended, machines), F(BOOL, stop_ended, ok),
                 F(INT, stop_ended, span_ms)};
ROWS(thaw_ordered){F(STRING, thaw_ordered, reason)};
ROWS(exec_ordered){F(INT, exec_ordered, action), F(STRING, exec_ordered, argv),
                   F(STRING, exec_ordered, machine), F(INT, exec_ordered, request)};
ROWS(exec_ended){F(INT, exec_ended, action), F(INT, exec_ended, exit),
                 F(STRING, exec_ended, machine), F(BOOL, exec_ended, ok),
                 F(STRING, exec_ended, output)};
ROWS(file_ordered){F(INT, file_ordered, bytes),   F(INT, file_ordered, file),
                   F(STRING, file_ordered, hash), F(STRING, file_ordered, machine),
                   F(STRING, file_ordered, path), F(BOOL, file_ordered, put)};
ROWS(file_moved){F(INT, file_moved, bytes),      F(STRING, file_moved, detail),
                 F(INT, file_moved, file),       F(STRING, file_moved, hash),
                 F(STRING, file_moved, machine), F(BOOL, file_moved, ok),
                 F(STRING, file_moved, path),    F(BOOL, file_moved, put)};
ROWS(reconciled){F(STRING, reconciled, action), F(STRING, reconciled, detail),
                 F(STRING, reconciled, name), F(STRING, reconciled, object)};
ROWS(range_admitted){F(BOOL, range_admitted, anyway),    F(INT, range_admitted, cpu_ms),
                     F(STRING, range_admitted, detail),  F(INT, range_admitted, disk_mib),
                     F(INT, range_admitted, memory_mib), F(BOOL, range_admitted, ok)};
ROWS(machine_placed){F(STRING, machine_placed, from), F(STRING, machine_placed, host),
                     F(STRING, machine_placed, machine)};
ROWS(machine_moved){F(STRING, machine_moved, detail), F(STRING, machine_moved, host),
                    F(STRING, machine_moved, how), F(STRING, machine_moved, machine),
                    F(BOOL, machine_moved, ok)};
ROWS(network_spanned){F(STRING, network_spanned, network), F(INT, network_spanned, vni)};
ROWS(host_changed){F(STRING, host_changed, detail), F(STRING, host_changed, host),
                   F(STRING, host_changed, state)};

#include "codec/event_duty.h"

#undef F
#undef L
#undef ROWS

static const struct {
    struct yw_fields fields;
    size_t offset;
} payloads[] = {
#define YW_EVENT(NAME, wire, payload, audience, fold)                                    \
    {{payload##_rows, sizeof payload##_rows / sizeof payload##_rows[0]},                 \
     offsetof(struct yw_event, payload)},
#include "model/event.def"
#undef YW_EVENT
};

#define TEAM_MAX 63 /* YW_SPEC_TEAMS_MAX - 1: indexes */

static void write_causes(struct yw_writer *writer, const struct yw_event *event)
{
    yw_write_array(writer, "causes");
    for (size_t i = 0; i < YW_EVENT_CAUSES_MAX && event->causes[i] != 0; i++)
        yw_write_int(writer, NULL, event->causes[i]);
    yw_write_end(writer, ']');
}

void yw_event_encode(struct yw_buf *out, const struct yw_event *event)
{
    struct yw_writer writer;

    assert((unsigned)event->kind < YW_EVENT_KINDS);
    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "actor", event->actor);
    write_causes(&writer, event);
    yw_write_int(&writer, "drill_ms", event->drill_ms);
    yw_write_string(&writer, "key", event->key);
    yw_write_string(&writer, "kind", yw_event_name(event->kind));
    yw_write_object(&writer, "payload");
    yw_fields_write(&writer, payloads[event->kind].fields,
                    (const char *)event + payloads[event->kind].offset);
    yw_write_end(&writer, '}');
    yw_write_int(&writer, "seq", event->seq);
    yw_write_int(&writer, "team", event->team);
    yw_write_int(&writer, "wall_us", event->wall_us);
    yw_write_end(&writer, '}');
}

static int read_causes(struct yw_event *ret, const json_t *causes, struct yw_err *err)
{
    char path[YW_FIELD_PATH_MAX];
    char number[24];

    if (!json_is_array(causes))
        return yw_json_expected(err, "/causes", "an array", causes);
    if (json_array_size(causes) > YW_EVENT_CAUSES_MAX)
        return yw_err_set(err, YW_EINVAL,
                          "/causes: expected at most %d elements; got %zu",
                          YW_EVENT_CAUSES_MAX, json_array_size(causes));
    for (size_t i = 0; i < json_array_size(causes); i++) {
        yw_json_path(path, "/causes", yw_write_key(number, (int64_t)i));
        int status = yw_json_read_int(json_array_get(causes, i), path, 1, YW_JSON_INT_MAX,
                                      &ret->causes[i], err);

        if (status < 0)
            return status;
    }
    return 0;
}

static int read_kind(struct yw_event *ret, const json_t *json, struct yw_err *err)
{
    const char *names[YW_EVENT_KINDS];
    const json_t *kind = json_object_get(json, "kind");

    if (!json_is_string(kind))
        return yw_json_expected(err, "/kind", "a string", kind);
    int found = yw_event_kind_of(json_string_value(kind));

    if (found >= 0) {
        ret->kind = (enum yw_event_kind)found;
        return 0;
    }
    for (int i = 0; i < YW_EVENT_KINDS; i++)
        names[i] = yw_event_name((enum yw_event_kind)i);
    const char *nearest = yw_name_nearest(json_string_value(kind), names, YW_EVENT_KINDS);

    if (nearest != NULL)
        return yw_err_set(err, YW_EINVAL,
                          "/kind: expected an event kind; got '%s'; did you mean '%s'?",
                          json_string_value(kind), nearest);
    return yw_json_expected(err, "/kind", "an event kind", kind);
}

/* The members of the envelope; `line` allows hash and prev besides. */
static int read_envelope(struct yw_event *ret, json_t *json, bool line,
                         struct yw_err *err)
{
    static const char *const names[] = {"actor",   "causes",  "drill_ms", "key",
                                        "kind",    "payload", "seq",      "team",
                                        "wall_us", "hash",    "prev"};
    size_t count = sizeof names / sizeof names[0];
    int64_t team = 0;

    memset(ret, 0, sizeof *ret);
    int status = yw_json_only(json, "", names, line ? count : count - 2, err);

    if (status == 0)
        status = yw_json_read_string(json_object_get(json, "actor"), "/actor", ret->actor,
                                     sizeof ret->actor, err);
    if (status == 0)
        status = read_causes(ret, json_object_get(json, "causes"), err);
    if (status == 0)
        status = yw_json_read_int(json_object_get(json, "drill_ms"), "/drill_ms",
                                  -YW_JSON_INT_MAX, YW_JSON_INT_MAX, &ret->drill_ms, err);
    if (status == 0)
        status = yw_json_read_string(json_object_get(json, "key"), "/key", ret->key,
                                     sizeof ret->key, err);
    if (status == 0)
        status = read_kind(ret, json, err);
    if (status == 0)
        status = yw_json_read_int(json_object_get(json, "seq"), "/seq", 0,
                                  YW_JSON_INT_MAX, &ret->seq, err);
    if (status == 0)
        status =
            yw_json_read_int(json_object_get(json, "team"), "/team",
                             YW_TEAM_OFFICE(YW_EVENT_TIERS - 1), TEAM_MAX, &team, err);
    if (status == 0)
        status = yw_json_read_int(json_object_get(json, "wall_us"), "/wall_us",
                                  -YW_JSON_INT_MAX, YW_JSON_INT_MAX, &ret->wall_us, err);
    ret->team = (int)team;
    return status;
}

static int read_event(struct yw_event *ret, json_t *json, bool line, struct yw_err *err)
{
    int status = read_envelope(ret, json, line, err);

    if (status < 0)
        return status;
    return yw_fields_read((char *)ret + payloads[ret->kind].offset,
                          payloads[ret->kind].fields, json_object_get(json, "payload"),
                          "/payload", err);
}

int yw_event_payload_decode(struct yw_event *ret, enum yw_event_kind kind,
                            json_t *payload, struct yw_err *err)
{
    ret->kind = kind;
    return yw_fields_read((char *)ret + payloads[kind].offset, payloads[kind].fields,
                          payload, "", err);
}

int yw_event_decode(struct yw_event *ret, const char *text, size_t size,
                    struct yw_err *err)
{
    json_t *json = NULL;
    int status = yw_json_load(&json, text, size, err);

    if (status < 0)
        return status;
    status = read_event(ret, json, false, err);
    json_decref(json);
    return status;
}

static int read_hash(const json_t *json, const char *path, struct yw_hash *ret,
                     struct yw_err *err)
{
    if (!json_is_string(json) || yw_hash_parse(json_string_value(json), ret) < 0)
        return yw_json_expected(err, path, "a hash of 64 hexadecimal digits", json);
    return 0;
}

int yw_event_decode_line(struct yw_event *ret, struct yw_hash *ret_prev,
                         struct yw_hash *ret_hash, struct yw_buf *ret_canonical,
                         const char *line, size_t size, struct yw_err *err)
{
    json_t *json = NULL;
    int status = yw_json_load(&json, line, size, err);

    if (status < 0)
        return status;
    status = read_event(ret, json, true, err);
    if (status == 0)
        status = read_hash(json_object_get(json, "prev"), "/prev", ret_prev, err);
    if (status == 0)
        status = read_hash(json_object_get(json, "hash"), "/hash", ret_hash, err);
    if (status == 0)
        yw_event_encode(ret_canonical, ret);
    json_decref(json);
    return status;
}
