/* A fork: a second drill whose journal begins with this one's, up to a checkpoint.
 *
 *   FORK ─▶ worker, in drills/.fork-<id>/: the first records, copied; drill-forked, paused,
 *        clock stands, range-ordered; package; all synced ─▶ named drills/<id> ─▶ loaded
 *     ─▶ folded as after a restart ─▶ machines come up as copies of the point
 *
 * Until its own first events are durable the fork has no name on the disk: what a crash in
 * between leaves, a start removes (recover.c). */
#include "drill/drill.h"

#include "base/folder.h"
#include "base/id.h"
#include "base/mem.h"
#include "drill/conductor_inside.h"
#include "drill/package.h"
#include "drill/revive.h"
#include "drill/work.h"

#include <stdlib.h>
#include <string.h>

#define PART ".fork-"

struct yw_fork {
    struct yw_conductor *conductor;
    struct yw_command *command;
    struct yw_revival revival;
    struct yw_work work;
    /* what the worker needs to know of the other drill, which goes on meanwhile */
    struct yw_journal *from; /* asked for its first records only */
    struct yw_checkpoint_fold kept; /* its vectors stay the other's: not looked at */
    struct yw_ev_drill_forked forked; /* but for seq and hash */
    int64_t last;                     /* seq of its last own event */
};

static void forget(struct yw_fork *fork)
{
    struct yw_vec *forks = &fork->conductor->forks;
    for (size_t i = 0; i < forks->count; i++) {
        if (*(struct yw_fork **)yw_vec_at(forks, i) == fork) {
            yw_vec_remove(forks, i);
            break;
        }
    }
    yw_revival_fini(&fork->revival);
    free(fork);
}

/* ---- worker ---- */

static int put(struct yw_fork *fork, struct yw_journal *journal, struct yw_event *event,
               struct yw_err *err)
{
    event->wall_us = yw_clock_wall_us(fork->conductor->stage.clock);
    event->drill_ms = fork->kept.drill_ms;
    int code = yw_journal_put(journal, event, err);
    fork->last = event->seq;
    return code;
}

/* The events that make it a drill of its own. */
static int put_all(struct yw_fork *fork, struct yw_journal *journal, struct yw_err *err)
{
    const struct yw_checkpoint_fold *kept = &fork->kept;
    const char *actor = fork->command->actor;
    struct yw_event event;
    struct yw_hash hash;
    yw_drill_event(&event, YW_EVENT_DRILL_FORKED, -1, actor);
    YW_COPY(event.key, fork->command->key);
    event.drill_forked = fork->forked;
    yw_journal_head(journal, &event.drill_forked.seq, &hash);
    yw_hash_text(&hash, event.drill_forked.hash);
    int code = put(fork, journal, &event, err);
    if (code == 0 && kept->phase == YW_PHASE_RUNNING) {
        yw_drill_event(&event, YW_EVENT_PHASE_CHANGED, -1, actor);
        event.phase_changed.phase = YW_PHASE_PAUSED;
        (void)yw_copyf(event.phase_changed.reason, sizeof event.phase_changed.reason,
                       "forked from %s at checkpoint %s", fork->forked.from, kept->label);
        code = put(fork, journal, &event, err);
    }
    if (code == 0) {
        yw_drill_event(&event, YW_EVENT_CLOCK_CHANGED, -1, "core");
        event.clock_changed.speed = kept->speed;
        event.clock_changed.drill_ms = kept->drill_ms;
        code = put(fork, journal, &event, err);
    }
    if (code == 0) {
        yw_drill_event(&event, YW_EVENT_RANGE_ORDERED, -1, actor);
        event.range_ordered.up = true;
        code = put(fork, journal, &event, err);
    }
    return code;
}

/* *ret is open under the fork's own name. */
static int make(struct yw_fork *fork, struct yw_journal **ret, struct yw_err *err)
{
    struct yw_conductor *conductor = fork->conductor;
    const struct yw_stage *stage = &conductor->stage;
    const struct yw_drill *drill = fork->revival.drill;
    struct yw_journal *journal = NULL;
    int code = stage->fork_journal(stage->journal_arg, fork->from, drill->id,
                                   fork->kept.seq, &journal, err);
    if (code == 0) {
        code = put_all(fork, journal, err);
    }
    if (code == 0 && stage->data_dir[0] == '\0') {
        *ret = journal;
        return 0;
    }
    yw_journal_close(journal);
    if (code == 0) {
        char *dir = yw_conductor_path(conductor, PART, drill->id, "/package");
        code = yw_package_save(drill->package, dir, err);
        free(dir);
    }
    if (code == 0) {
        code = yw_conductor_name(conductor, PART, drill->id, err);
    }
    if (code != 0 && stage->data_dir[0] != '\0') {
        char *part = yw_conductor_path(conductor, PART, drill->id, "");
        yw_folder_remove(part);
        free(part);
    }
    return code == 0 ? stage->open_journal(stage->journal_arg, drill->id, ret, err)
                     : code;
}

static int run(struct yw_work *work, struct yw_err *err)
{
    struct yw_fork *fork = work->owner;
    struct yw_journal *journal = NULL;
    int code = make(fork, &journal, err);
    if (code != 0) {
        return code;
    }
    yw_drill_adopt_journal(fork->revival.drill, journal);
    return yw_revival_load(&fork->revival, err);
}

/* ---- loop thread ---- */

static void on_folded(struct yw_revival *revival, int code, const struct yw_err *err)
{
    struct yw_fork *fork = revival->owner;
    struct yw_command *command = fork->command;
    if (code == 0) {
        struct yw_drill *drill = yw_revival_take(revival);
        struct yw_drill_pending pending = {.command = command, .until_up = true};
        command->ret_seq = fork->last;
        yw_pending_add(drill, &pending);
    } else {
        command->done(command, code, err);
    }
    forget(fork);
}

static void on_made(struct yw_work *work, int code, const struct yw_err *err)
{
    struct yw_fork *fork = work->owner;
    if (code != 0) {
        fork->command->done(fork->command, code, err);
        forget(fork);
    } else if (!fork->conductor->closing) { /* else close answers */
        yw_revival_fold(&fork->revival);
    }
}

static int copy_spec(struct yw_spec **ret, const struct yw_spec *spec, struct yw_err *err)
{
    struct yw_buf packed;
    yw_buf_init(&packed, (size_t)16 * 1024 * 1024);
    yw_spec_pack(&packed, spec);
    *ret = yw_new(sizeof **ret);
    int code = yw_spec_unpack(*ret, packed.data, packed.size, err);
    yw_buf_fini(&packed);
    return code;
}

/* A simulation must not differ from run to run, its id is part of every name in it. */
static void make_id(const struct yw_drill *from, int64_t checkpoint, char id[YW_NAME_MAX])
{
    char random[YW_ID_SIZE];
    yw_id_random(random);
    if (from->stage->loop == NULL) {
        (void)yw_copyf(id, YW_NAME_MAX, "%.40s-f%lld", from->spec->id,
                       (long long)checkpoint);
    } else {
        (void)yw_copyf(id, YW_NAME_MAX, "%.40s-%.6s", from->spec->id, random);
    }
}

static int check(const struct yw_drill *drill, const struct yw_command *command,
                 const struct yw_checkpoint_fold **ret, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_checkpoint_fold *kept = yw_drill_checkpoint(state, command->number);
    if (kept == NULL || kept->state != YW_CHECKPOINT_KEPT) {
        return yw_err_set(err, YW_ENOTFOUND, "no checkpoint %lld is kept",
                          (long long)command->number);
    }
    if (kept->team >= 0 && state->teams.count > 1) {
        return yw_err_set(err, YW_ESTATE,
                          "checkpoint %lld is of one team; a fork needs one of the whole "
                          "drill",
                          (long long)command->number);
    }
    if (state->phase >= YW_PHASE_ARCHIVED || drill->stage->fork_journal == NULL) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' cannot be forked", drill->id);
    }
    if (state->spans.count > 0) {
        /* two drills with one VXLAN number would meet */
        return yw_err_set(err, YW_ESTATE,
                          "drill '%s' has networks that span hosts: it cannot be forked",
                          drill->id);
    }
    *ret = kept;
    return yw_conductor_room(drill->conductor, err);
}

/* The same key again: 1 when the fork that it made is told at the next turn. */
static int made_before(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err)
{
    struct yw_conductor *conductor = drill->conductor;
    if (command->key[0] == '\0') {
        return 0;
    }
    for (size_t i = 0; i < conductor->drills.count; i++) {
        const struct yw_drill *other = yw_conductor_drill(conductor, i);
        if (strcmp(yw_drill_state(other)->forked.from, drill->id) == 0 &&
            yw_journal_key(other->journal, command->key) > 0) {
            YW_COPY(command->drill, other->id);
            yw_conductor_done_later(conductor, command);
            return 1;
        }
    }
    for (size_t i = 0; i < conductor->forks.count; i++) {
        const struct yw_fork *fork = *(struct yw_fork **)yw_vec_at(&conductor->forks, i);
        if (strcmp(fork->forked.from, drill->id) == 0 &&
            strcmp(fork->command->key, command->key) == 0) {
            return yw_err_set(err, YW_ESTATE,
                              "a fork is being made with this key; ask again");
        }
    }
    return 0;
}

int yw_fork_start(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_ev_drill_forked *before = &yw_drill_state(drill)->forked;
    const struct yw_checkpoint_fold *kept = NULL;
    char id[YW_NAME_MAX];
    int code = made_before(drill, command, err);
    if (code != 0) {
        return code > 0 ? 0 : code;
    }
    code = check(drill, command, &kept, err);
    if (code != 0) {
        return code;
    }
    struct yw_fork *fork = yw_new(sizeof *fork);
    fork->conductor = drill->conductor;
    fork->command = command;
    fork->from = drill->journal;
    fork->kept = *kept;
    YW_COPY(fork->forked.from, drill->id);
    fork->forked.checkpoint = kept->checkpoint;
    YW_COPY(fork->forked.label, kept->label);
    YW_COPY(fork->forked.point, kept->point);
    YW_COPY(fork->forked.macs_of, before->from[0] != '\0' ? before->macs_of : drill->id);
    make_id(drill, command->number, id);
    yw_revival_init(&fork->revival, drill->conductor, id);
    fork->revival.folded = on_folded;
    fork->revival.owner = fork;
    fork->revival.drill->package = yw_package_copy(drill->package);
    (void)yw_vec_push(&drill->conductor->forks, &fork);
    code = copy_spec(&fork->revival.drill->spec, drill->spec, err);
    if (code == 0) {
        fork->work.run = run;
        fork->work.done = on_made;
        fork->work.owner = fork;
        code = yw_work_start(drill->conductor, &fork->work, id, err);
    }
    if (code != 0) {
        forget(fork);
    }
    return code;
}

void yw_fork_close(struct yw_conductor *conductor)
{
    struct yw_err err = {0};
    (void)yw_err_set(&err, YW_ECANCELED, "the daemon is stopping");
    while (conductor->forks.count > 0) {
        struct yw_fork *fork = *(struct yw_fork **)yw_vec_at(&conductor->forks, 0);
        fork->command->done(fork->command, YW_ECANCELED, &err);
        forget(fork);
    }
}
