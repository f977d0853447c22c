#include "drill/revive.h"

#include "base/mem.h"
#include "drill/conductor_inside.h"
#include "drill/package.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_MS 5
#define SLICE_EVENTS 16 /* between two looks at the clock */

static int on_scan(void *arg, const struct yw_event *event)
{
    struct yw_revival *revival = arg;
    if (event->kind == YW_EVENT_TEAM_ADDED && revival->team_count < YW_SPEC_TEAMS_MAX) {
        YW_COPY(revival->teams[revival->team_count], event->team_added.name);
        revival->team_count++;
    } else if (event->kind == YW_EVENT_DRILL_CREATED) {
        revival->tabletop = event->drill_created.tabletop;
    } else if (event->kind == YW_EVENT_DRILL_PLANNED) {
        revival->seed = event->drill_planned.seed;
    } else if (event->kind == YW_EVENT_DRILL_FORKED) {
        revival->forked = event->drill_forked;
    } else if (event->kind == YW_EVENT_PHASE_CHANGED) {
        revival->archived = event->phase_changed.phase == YW_PHASE_ARCHIVED;
    } else if (event->kind == YW_EVENT_CLOCK_CHANGED) {
        revival->declared = true;
    }
    return 0;
}

/* The declare stage again. */
static int declare_again(struct yw_drill *drill, int64_t seed, struct yw_err *err)
{
    const struct yw_package_file *file = yw_package_file(drill->package, "scenario.lua");
    struct yw_script_request request = {.ask = YW_SCRIPT_LOAD,
                                        .scenario = file->bytes,
                                        .scenario_size = file->size,
                                        .seed = (uint64_t)seed};
    YW_COPY(request.scenario_name, "scenario.lua");
    struct yw_script_reply *reply = yw_new(sizeof *reply);
    pid_t pid = 0;
    int fd = -1;
    int code = yw_script_spawn(drill->stage->program, &pid, &fd, err);
    if (code == 0) {
        code = yw_script_exchange(pid, fd, &request, reply, YW_SCRIPT_LOAD_MS, err);
        yw_script_end(pid, fd);
    }
    if (code == 0 && reply->answer != YW_SCRIPT_LOADED) {
        code = yw_err_set(err, YW_ECORRUPT, "%s", reply->fault.text);
    }
    if (code == 0) {
        drill->spec = reply->spec;
        reply->spec = NULL;
    }
    yw_script_reply_fini(reply);
    free(reply);
    return code;
}

static int rebuild(struct yw_revival *revival, struct yw_err *err)
{
    struct yw_drill *drill = revival->drill;
    const char *teams[YW_SPEC_TEAMS_MAX];
    for (size_t i = 0; i < revival->team_count; i++) {
        teams[i] = revival->teams[i];
    }
    if (revival->archived) {
        yw_board_open(drill, revival->team_count);
        return 0;
    }
    int code = 0;
    if (drill->package == NULL) {
        char *dir = yw_conductor_path(revival->conductor, "", drill->id, "/package");
        code = yw_package_load(&drill->package, dir, err);
        free(dir);
    }
    if (code == 0 && drill->spec == NULL) {
        code = declare_again(drill, revival->seed, err);
        if (code == 0) {
            yw_spec_seat(drill->spec, revival->tabletop);
        }
    }
    drill->forked = revival->forked;
    return code == 0 ? yw_drill_build(drill, teams, revival->team_count,
                                      (uint64_t)revival->seed, err)
                     : code;
}

void yw_revival_init(struct yw_revival *revival, struct yw_conductor *conductor,
                     const char *id)
{
    memset(revival, 0, sizeof *revival);
    revival->conductor = conductor;
    revival->drill = yw_drill_new(conductor, &conductor->stage, id);
    revival->drill->replaying = true;
    revival->next = 1;
}

int yw_revival_load(struct yw_revival *revival, struct yw_err *err)
{
    struct yw_drill *drill = revival->drill;
    int code = yw_journal_read(drill->journal, 1, on_scan, revival, err);
    if (code == 0 && !revival->declared) {
        code = yw_err_set(err, YW_ECANCELED,
                          "its creation was cut short; it never came to be");
    }
    if (code == 0) {
        yw_conductor_reserve(drill, !revival->archived);
        code = rebuild(revival, err);
    }
    return code == 0 ? 0 : yw_err_prefix(err, "drill '%s'", drill->id);
}

/* ---- the fold ---- */

struct slice {
    struct yw_revival *revival;
    int64_t until_ms; /* mono */
    int left;         /* events before the next look at the clock */
    struct yw_err *err;
};

/* 1: the slice is used up. */
static int fold_one(void *arg, const struct yw_event *event)
{
    struct slice *slice = arg;
    struct yw_revival *revival = slice->revival;
    int code = yw_drill_fold(revival->drill, event, slice->err);
    if (code != 0) {
        return code;
    }
    revival->next = event->seq + 1;
    if (--slice->left > 0) {
        return 0;
    }
    slice->left = SLICE_EVENTS;
    const struct yw_clock *clock = revival->conductor->stage.clock;
    return yw_clock_mono_ms(clock) >= slice->until_ms ? 1 : 0;
}

static int fold_slice(struct yw_revival *revival, int64_t until_ms, struct yw_err *err)
{
    struct slice slice = {
        .revival = revival, .until_ms = until_ms, .left = SLICE_EVENTS, .err = err};
    int code =
        yw_journal_read(revival->drill->journal, revival->next, fold_one, &slice, err);
    if (code == 0 && !revival->archived) {
        code = yw_journal_attach(revival->drill->journal, revival->conductor->stage.loop,
                                 err);
    }
    return code >= 0 ? code : yw_err_prefix(err, "drill '%s'", revival->drill->id);
}

static void on_slice(struct yw_due_entry *entry)
{
    struct yw_revival *revival = entry->arg;
    const struct yw_stage *stage = &revival->conductor->stage;
    struct yw_err err = {0};
    int64_t now_ms = yw_clock_mono_ms(stage->clock);
    int code = fold_slice(revival, now_ms + SLICE_MS, &err);
    if (code == 1) {
        /* not in this turn: others have their turn between two slices */
        yw_due_add(stage->due, entry, yw_clock_mono_ms(stage->clock) + 1);
        return;
    }
    revival->folded(revival, code, &err);
}

void yw_revival_fold(struct yw_revival *revival)
{
    const struct yw_stage *stage = &revival->conductor->stage;
    revival->slice.run = on_slice;
    revival->slice.arg = revival;
    yw_due_add(stage->due, &revival->slice, yw_clock_mono_ms(stage->clock));
}

int yw_revival_fold_all(struct yw_revival *revival, struct yw_err *err)
{
    return fold_slice(revival, INT64_MAX, err);
}

struct yw_drill *yw_revival_take(struct yw_revival *revival)
{
    struct yw_drill *drill = revival->drill;
    revival->drill = NULL;
    drill->replaying = false;
    yw_conductor_add(revival->conductor, drill);
    if (!revival->archived) {
        yw_drill_resume(drill);
        return drill;
    }
    const struct yw_drill_state *state = yw_drill_state(drill);
    yw_drill_clock_set(&drill->clock, false, state->clock.speed, state->drill_ms,
                       yw_clock_mono_ms(drill->stage->clock));
    return drill;
}

void yw_revival_fini(struct yw_revival *revival)
{
    yw_due_cancel(revival->conductor->stage.due, &revival->slice);
    yw_drill_free(revival->drill);
    revival->drill = NULL;
}
