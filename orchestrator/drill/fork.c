/* A fork: a second drill whose journal begins with this one's, up to a checkpoint.
 *
 *   FORK ─▶ first records, copied ─▶ drill-forked, paused, clock stands, range-ordered
 *        (durable) ─▶ adopted as after a restart ─▶ machines come up as copies of the point
 *
 * Until its own first events are durable the fork has no name on the disk: a crash in
 * between leaves nothing that a restart would take for a drill. */
#include "drill/drill.h"

#include "base/mem.h"
#include "drill/package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fork {
    struct yw_conductor *conductor;
    const struct yw_stage *stage;
    struct yw_command *command;
    char id[YW_NAME_MAX];
    struct yw_journal *journal;
    struct yw_package *package;
    struct yw_spec *spec;
    int64_t last;             /* seq: durable with it */
    struct yw_due_entry next; /* a journal is not closed from inside its own callback */
    struct yw_err why;
    int code;
};

static void fork_free(struct fork *fork)
{
    yw_due_cancel(fork->stage->due, &fork->next);
    yw_journal_close(fork->journal);
    yw_package_free(fork->package);
    yw_spec_free(fork->spec);
    free(fork);
}

static char *path_of(const struct fork *fork, const char *before, const char *after)
{
    return yw_strf("%s/drills/%s%s%s", fork->stage->data_dir, before, fork->id, after);
}

/* It gets its name, and the journal is opened under it. */
static int settle(struct fork *fork, struct yw_err *err)
{
    if (fork->stage->data_dir[0] == '\0') {
        return 0;
    }
    char *part = path_of(fork, ".fork-", "");
    char *whole = path_of(fork, "", "");
    yw_journal_close(fork->journal);
    fork->journal = NULL;
    int code = rename(part, whole) == 0
                   ? 0
                   : yw_err_set(err, YW_EIO, "%s: cannot be renamed", part);
    free(part);
    free(whole);
    return code == 0 ? fork->stage->open_journal(fork->stage->journal_arg, fork->id,
                                                 &fork->journal, err)
                     : code;
}

static int take(struct fork *fork, struct yw_err *err)
{
    struct yw_journal *journal = fork->journal;
    struct yw_package *package = fork->package;
    struct yw_spec *spec = fork->spec;
    fork->journal = NULL;
    fork->package = NULL;
    fork->spec = NULL;
    journal->on_durable = NULL;
    journal->on_broken = NULL;
    return yw_conductor_take(fork->conductor, fork->id, package, spec, journal, err);
}

static void on_next(struct yw_due_entry *entry)
{
    struct fork *fork = entry->arg;
    struct yw_command *command = fork->command;
    struct yw_err err = fork->why;
    int code = fork->code;
    if (code == 0) {
        code = settle(fork, &err);
    }
    if (code == 0) {
        code = take(fork, &err);
    }
    if (code == 0) {
        const size_t last = yw_conductor_count(fork->conductor) - 1;
        struct yw_drill *drill = yw_conductor_drill(fork->conductor, last);
        struct yw_drill_pending pending = {.command = command, .until_up = true};
        command->ret_seq = fork->last;
        yw_pending_add(drill, &pending);
    } else {
        command->done(command, code, &err);
    }
    fork_free(fork);
}

static void end(struct fork *fork)
{
    fork->journal->on_durable = NULL;
    fork->journal->on_broken = NULL;
    yw_due_add(fork->stage->due, &fork->next, yw_clock_mono_ms(fork->stage->clock));
}

static void on_durable(void *owner, const struct yw_event *event)
{
    struct fork *fork = owner;
    if (event->seq == fork->last) {
        end(fork);
    }
}

static void on_broken(void *owner, const struct yw_err *err)
{
    struct fork *fork = owner;
    fork->why = *err;
    fork->code = YW_EIO;
    end(fork);
}

static int append(struct fork *fork, const struct yw_checkpoint_fold *kept,
                  struct yw_event *event, struct yw_err *err)
{
    event->wall_us = yw_clock_wall_us(fork->stage->clock);
    event->drill_ms = kept->drill_ms;
    int code = yw_journal_append(fork->journal, event, NULL, err);
    fork->last = event->seq;
    return code;
}

static int append_all(struct fork *fork, const struct yw_drill *from,
                      const struct yw_checkpoint_fold *kept, struct yw_err *err)
{
    const struct yw_ev_drill_forked *before = &yw_drill_state(from)->forked;
    struct yw_event event;
    struct yw_hash hash;
    yw_drill_event(&event, YW_EVENT_DRILL_FORKED, -1, fork->command->actor);
    YW_COPY(event.key, fork->command->key);
    YW_COPY(event.drill_forked.from, from->id);
    yw_journal_head(fork->journal, &event.drill_forked.seq, &hash);
    yw_hash_text(&hash, event.drill_forked.hash);
    event.drill_forked.checkpoint = kept->checkpoint;
    YW_COPY(event.drill_forked.label, kept->label);
    YW_COPY(event.drill_forked.point, kept->point);
    YW_COPY(event.drill_forked.macs_of,
            before->from[0] != '\0' ? before->macs_of : from->id);
    int code = append(fork, kept, &event, err);
    if (code == 0 && kept->phase == YW_PHASE_RUNNING) {
        yw_drill_event(&event, YW_EVENT_PHASE_CHANGED, -1, fork->command->actor);
        event.phase_changed.phase = YW_PHASE_PAUSED;
        (void)yw_copyf(event.phase_changed.reason, sizeof event.phase_changed.reason,
                       "forked from %s at checkpoint %s", from->id, kept->label);
        code = append(fork, kept, &event, err);
    }
    if (code == 0) {
        yw_drill_event(&event, YW_EVENT_CLOCK_CHANGED, -1, "core");
        event.clock_changed.speed = kept->speed;
        event.clock_changed.drill_ms = kept->drill_ms;
        code = append(fork, kept, &event, err);
    }
    if (code == 0) {
        yw_drill_event(&event, YW_EVENT_RANGE_ORDERED, -1, fork->command->actor);
        event.range_ordered.up = true;
        code = append(fork, kept, &event, err);
    }
    return code;
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

static int make(struct fork *fork, const struct yw_drill *from,
                const struct yw_checkpoint_fold *kept, struct yw_err *err)
{
    const struct yw_stage *stage = fork->stage;
    fork->package = yw_package_copy(from->package);
    int code = copy_spec(&fork->spec, from->spec, err);
    if (code == 0) {
        code = stage->fork_journal(stage->journal_arg, from->journal, fork->id, kept->seq,
                                   &fork->journal, err);
    }
    if (code == 0 && stage->data_dir[0] != '\0') {
        char *dir = path_of(fork, ".fork-", "/package");
        code = yw_package_save(fork->package, dir, err);
        free(dir);
    }
    if (code == 0) {
        fork->journal->on_durable = on_durable;
        fork->journal->on_broken = on_broken;
        fork->journal->owner = fork;
        code = append_all(fork, from, kept, err);
    }
    return code;
}

/* A simulation must not differ from run to run, its id is part of every name in it. */
static void make_id(struct fork *fork, const struct yw_drill *from, int64_t checkpoint)
{
    char random[YW_ID_SIZE];
    yw_id_random(random);
    if (fork->stage->loop == NULL) {
        (void)yw_copyf(fork->id, sizeof fork->id, "%.40s-f%lld", from->spec->id,
                       (long long)checkpoint);
    } else {
        (void)yw_copyf(fork->id, sizeof fork->id, "%.40s-%.6s", from->spec->id, random);
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
    return 0;
}

/* The same key again: the fork that it made. */
static bool made_before(struct yw_drill *drill, struct yw_command *command)
{
    for (size_t i = 0; i < yw_conductor_count(drill->conductor); i++) {
        const struct yw_drill *other = yw_conductor_drill(drill->conductor, i);
        if (other != NULL && strcmp(yw_drill_state(other)->forked.from, drill->id) == 0 &&
            yw_journal_key(other->journal, command->key) > 0) {
            YW_COPY(command->drill, other->id);
            yw_conductor_done_later(drill->conductor, command);
            return true;
        }
    }
    return false;
}

int yw_fork_start(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_checkpoint_fold *kept = NULL;
    if (command->key[0] != '\0' && made_before(drill, command)) {
        return 0;
    }
    int code = check(drill, command, &kept, err);
    if (code != 0) {
        return code;
    }
    struct fork *fork = yw_new(sizeof *fork);
    fork->conductor = drill->conductor;
    fork->stage = drill->stage;
    fork->command = command;
    fork->next.run = on_next;
    fork->next.arg = fork;
    make_id(fork, drill, command->number);
    code = make(fork, drill, kept, err);
    if (code != 0) {
        if (fork->journal != NULL) {
            fork->journal->on_durable = NULL;
        }
        fork_free(fork);
    }
    return code;
}
