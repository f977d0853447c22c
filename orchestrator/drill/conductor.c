#include "drill/conductor_inside.h"

#include "base/folder.h"
#include "base/log.h"
#include "base/mem.h"
#include "codec/state/state.h"
#include "drill/exercise/respond.h"
#include "drill/range/hosted.h"
#include "drill/range/operation.h"
#include "drill/range/reconcile.h"
#include "drill/seat/console.h"
#include "drill/seat/seat.h"
#include "drill/work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATER_MAX 1024

static struct yw_drill *drill_at(const struct yw_conductor *conductor, size_t index)
{
    return *(struct yw_drill **)yw_vec_at(&conductor->drills, index);
}

struct yw_drill *yw_conductor_find(const struct yw_conductor *conductor, const char *id)
{
    for (size_t i = 0; i < conductor->drills.count; i++) {
        if (strcmp(drill_at(conductor, i)->id, id) == 0) {
            return drill_at(conductor, i);
        }
    }
    return NULL;
}

const struct yw_stage *yw_conductor_stage(const struct yw_conductor *conductor)
{
    return &conductor->stage;
}

struct yw_drill *yw_conductor_drill(const struct yw_conductor *conductor, size_t index)
{
    return drill_at(conductor, index);
}

struct yw_disk *yw_conductor_disk(struct yw_conductor *conductor)
{
    return &conductor->disk;
}

void yw_conductor_set_port(struct yw_conductor *conductor, int port)
{
    conductor->port = (uint16_t)port;
}

uint16_t yw_conductor_port(const struct yw_conductor *conductor)
{
    return conductor->port;
}

struct yw_virt *yw_conductor_virt(const struct yw_conductor *conductor)
{
    return conductor->stage.virt;
}

void yw_conductor_reconciling(struct yw_conductor *conductor, void *call, bool begins)
{
    if (begins) {
        (void)yw_vec_push(&conductor->reconciling, &call);
        return;
    }
    for (size_t i = 0; i < conductor->reconciling.count; i++) {
        if (*(void **)yw_vec_at(&conductor->reconciling, i) == call) {
            yw_vec_remove(&conductor->reconciling, i);
            return;
        }
    }
}

uint64_t yw_conductor_broker_generation(const struct yw_conductor *conductor)
{
    return conductor->broker_generation;
}

static void on_later(struct yw_due_entry *entry)
{
    struct yw_conductor *conductor = entry->arg;
    while (conductor->later.count > 0) {
        struct yw_command *command =
            *(struct yw_command **)yw_vec_at(&conductor->later, 0);
        struct yw_err none = {0};
        yw_vec_remove(&conductor->later, 0);
        command->done(command, 0, &none);
    }
}

void yw_conductor_done_later(struct yw_conductor *conductor, struct yw_command *command)
{
    (void)yw_vec_push(&conductor->later, &command);
    YW_COPY(command->ret_drill, command->drill);
    yw_due_add(conductor->stage.due, &conductor->later_due,
               yw_clock_mono_ms(conductor->stage.clock));
}

/* ---- what the hypervisor tells ---- */

/* A broker of one of many hosts is of no interest to a drill that is not there. */
static bool concerns(const struct yw_drill *drill, const struct yw_virt_notice *notice)
{
    return yw_drill_state(drill)->phase < YW_PHASE_ARCHIVED &&
           (notice->host[0] == '\0' || yw_hosted_machines(drill, notice->host) > 0);
}

static bool was_lost(const struct yw_drill *drill, const char *host)
{
    const struct yw_host_fold *fold = yw_drill_host(yw_drill_state(drill), host);
    return fold != NULL && fold->state == YW_HOST_LOST;
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct yw_conductor *conductor = owner;
    if (notice->kind == YW_VIRT_HOST) {
        yw_warn("drill", "host '%s' is %s%s%s", notice->host,
                yw_host_state_name(notice->host_state),
                notice->text[0] != '\0' ? ": " : "", notice->text);
    }
    if (notice->kind == YW_VIRT_HOST && notice->host_state == YW_HOST_UP) {
        yw_reconcile_start(conductor, notice->host, true);
    }
    if (notice->kind == YW_VIRT_BROKER_DOWN) {
        conductor->broker_generation++;
        yw_warn("drill", "virt broker is down: %s", notice->text);
    }
    if (notice->kind == YW_VIRT_BROKER_UP && conductor->broker_generation > 0) {
        yw_reconcile_start(conductor, notice->host, false);
    }
    for (size_t i = 0; i < conductor->drills.count; i++) {
        struct yw_drill *drill = drill_at(conductor, i);
        if (drill->plan == NULL || drill->broken) {
            continue;
        }
        switch (notice->kind) {
        case YW_VIRT_FIELD:
            yw_sense_notice(drill, notice);
            break;
        case YW_VIRT_BROKER_DOWN:
            yw_reconcile_forget(drill);
            if (concerns(drill, notice)) {
                yw_drill_fault(drill,
                               "the virt broker%s%s went away; it is started again",
                               notice->host[0] != '\0' ? " of host " : "", notice->host);
            }
            break;
        case YW_VIRT_BROKER_UP:
            if (!was_lost(drill, notice->host)) { /* else host-changed finds them */
                yw_range_find_on(drill, notice->host);
            }
            yw_capture_again(drill, true, "the virt broker was started again");
            break;
        case YW_VIRT_HOST:
            yw_hosted_notice(drill, notice);
            break;
        case YW_VIRT_PROGRESS:
            break;
        case YW_VIRT_CAPTURE_LOST:
            yw_capture_lost(drill, notice->bridge, notice->text);
            break;
        case YW_VIRT_LINE:
        case YW_VIRT_LOST:
        case YW_VIRT_GUEST_LOST:
            yw_range_notice(drill, notice);
            break;
        }
    }
}

const struct yw_law *yw_conductor_law(const struct yw_conductor *conductor)
{
    return yw_law_of(&conductor->book);
}

bool yw_conductor_tier(const struct yw_conductor *conductor, const char *drill, int tier)
{
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    return view != NULL && tier > 0 && tier < YW_EVENT_TIERS &&
           view->state.tier_planned[tier] && view->state.tiers[tier].people;
}

int yw_conductor_open(struct yw_conductor **ret, const struct yw_stage *stage,
                      struct yw_err *err)
{
    (void)err;
    struct yw_conductor *conductor = yw_new(sizeof *conductor);
    conductor->stage = *stage;
    yw_law_open(&conductor->book, stage->library_dir);
    yw_vec_init(&conductor->drills, sizeof(struct yw_drill *), YW_CONDUCTOR_DRILLS_MAX);
    yw_vec_init(&conductor->creating, sizeof(struct yw_creating *),
                YW_CONDUCTOR_DRILLS_MAX);
    yw_vec_init(&conductor->forks, sizeof(struct yw_fork *), YW_CONDUCTOR_DRILLS_MAX);
    yw_vec_init(&conductor->works, sizeof(struct yw_work *), LATER_MAX);
    yw_vec_init(&conductor->reconciling, sizeof(void *), LATER_MAX);
    yw_vec_init(&conductor->later, sizeof(struct yw_command *), LATER_MAX);
    conductor->later_due.run = on_later;
    conductor->later_due.arg = conductor;
    yw_disk_open(&conductor->disk, conductor, &conductor->stage);
    if (stage->virt != NULL) {
        conductor->stage.virt->on_notice = on_notice;
        conductor->stage.virt->owner = conductor;
    }
    *ret = conductor;
    return 0;
}

int yw_conductor_command(struct yw_conductor *conductor, struct yw_command *command,
                         struct yw_err *err)
{
    if (command->kind == YW_COMMAND_CREATE) {
        return yw_create_start(conductor, command, err);
    }
    struct yw_drill *drill = yw_conductor_find(conductor, command->drill);
    if (drill == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", command->drill);
    }
    if (drill->plan == NULL) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' is archived", command->drill);
    }
    if (command->kind == YW_COMMAND_FORK && yw_disk_waits(drill, err) != 0) {
        return YW_EIO;
    }
    return command->kind == YW_COMMAND_FORK ? yw_fork_start(drill, command, err)
                                            : yw_drill_command(drill, command, err);
}

/* ---- consoles ---- */

int yw_seat_open(struct yw_conductor *conductor, struct yw_seat *seat, struct yw_err *err)
{
    struct yw_drill *drill = yw_conductor_find(conductor, seat->drill);
    seat->console = NULL;
    if (drill == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", seat->drill);
    }
    if (drill->plan == NULL || drill->broken) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' has no machines now", seat->drill);
    }
    return yw_drill_sit(drill, seat, err);
}

char *yw_conductor_folder(const struct yw_conductor *conductor, const char *drill)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    return found == NULL ? NULL : yw_drill_folder(found);
}

/* ---- bringing drills in ---- */

int yw_conductor_room(const struct yw_conductor *conductor, struct yw_err *err)
{
    size_t count =
        conductor->drills.count + conductor->creating.count + conductor->forks.count;
    return count < YW_CONDUCTOR_DRILLS_MAX
               ? 0
               : yw_err_set(err, YW_ELIMIT, "at most %d drills a daemon",
                            YW_CONDUCTOR_DRILLS_MAX);
}

void yw_conductor_reserve(const struct yw_drill *drill, bool keep)
{
    struct yw_err err = {0};
    if (drill->stage->data_dir[0] != '\0' &&
        yw_journal_reserve(drill->journal, keep, &err) != 0) {
        yw_warn("store", "%s: no room is kept for a full disk: %s", drill->id, err.text);
    }
}

void yw_conductor_add(struct yw_conductor *conductor, struct yw_drill *drill)
{
    (void)yw_vec_push(&conductor->drills, &drill);
}

char *yw_conductor_path(const struct yw_conductor *conductor, const char *before,
                        const char *id, const char *after)
{
    return yw_strf("%s/drills/%s%s%s", conductor->stage.data_dir, before, id, after);
}

int yw_conductor_name(const struct yw_conductor *conductor, const char *before,
                      const char *id, struct yw_err *err)
{
    char *part = yw_conductor_path(conductor, before, id, "");
    char *whole = yw_conductor_path(conductor, "", id, "");
    char *drills = yw_conductor_path(conductor, "", "", "");
    int code = yw_folder_sync(part, err);
    if (code == 0 && rename(part, whole) != 0) {
        code = yw_err_errno(err, YW_EIO, errno, whole);
    }
    if (code == 0) {
        code = yw_folder_sync(drills, err);
    }
    free(part);
    free(whole);
    free(drills);
    return code;
}

void yw_conductor_close(struct yw_conductor *conductor)
{
    if (conductor == NULL) {
        return;
    }
    conductor->closing = true;
    yw_work_close(conductor);
    yw_recover_close(conductor);
    yw_create_close(conductor);
    yw_fork_close(conductor);
    for (size_t i = 0; i < conductor->drills.count; i++) {
        yw_drill_free(drill_at(conductor, i));
    }
    for (size_t i = 0; i < conductor->reconciling.count; i++) {
        yw_reconcile_drop(conductor->stage.virt,
                          *(void **)yw_vec_at(&conductor->reconciling, i));
    }
    if (conductor->stage.virt != NULL) {
        conductor->stage.virt->on_notice = NULL;
    }
    yw_due_cancel(conductor->stage.due, &conductor->later_due);
    yw_disk_close(&conductor->disk);
    yw_vec_fini(&conductor->drills);
    yw_vec_fini(&conductor->creating);
    yw_vec_fini(&conductor->forks);
    yw_vec_fini(&conductor->works);
    yw_vec_fini(&conductor->later);
    yw_vec_fini(&conductor->reconciling);
    yw_law_close(&conductor->book);
    free(conductor);
}

/* ---- reading ---- */

size_t yw_conductor_count(const struct yw_conductor *conductor)
{
    return conductor->drills.count;
}

const char *yw_conductor_drill_at(const struct yw_conductor *conductor, size_t index)
{
    return index < conductor->drills.count ? drill_at(conductor, index)->id : NULL;
}

static struct yw_board *board(const struct yw_conductor *conductor, const char *id,
                              enum yw_audience audience, int team)
{
    const struct yw_drill *drill = yw_conductor_find(conductor, id);
    return drill == NULL ? NULL : yw_board_of(drill, audience, team);
}

const struct yw_view *yw_conductor_view(const struct yw_conductor *conductor,
                                        const char *drill, enum yw_audience audience,
                                        int team)
{
    const struct yw_board *found = board(conductor, drill, audience, team);
    return found == NULL ? NULL : &found->view;
}

const struct yw_score *yw_conductor_score(const struct yw_conductor *conductor,
                                          const char *drill, enum yw_audience audience,
                                          int team)
{
    const struct yw_board *found = board(conductor, drill, audience, team);
    return found == NULL ? NULL : &found->score;
}

const struct yw_run *yw_conductor_run(const struct yw_conductor *conductor,
                                      const char *drill, int64_t run)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    const struct yw_drill_run *one = found != NULL ? yw_respond_run(found, run) : NULL;
    return one == NULL ? NULL : &one->run;
}

struct yw_journal *yw_conductor_journal(const struct yw_conductor *conductor,
                                        const char *drill)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    return found == NULL ? NULL : found->journal;
}

int64_t yw_conductor_drill_ms(const struct yw_conductor *conductor, const char *drill)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    return found == NULL ? 0 : yw_drill_now(found);
}

int yw_conductor_team(const struct yw_conductor *conductor, const char *drill,
                      const char *team)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    for (size_t i = 0; found != NULL && i < found->board_count - 2; i++) {
        const struct yw_team_fold *fold = yw_drill_team(yw_drill_state(found), (int)i);
        if (fold != NULL && strcmp(fold->name, team) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool yw_conductor_kill_script(struct yw_conductor *conductor, const char *drill)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    if (found == NULL || found->port == NULL) {
        return false;
    }
    yw_story_port_kill(found->port);
    return true;
}

int yw_conductor_plan(const struct yw_conductor *conductor, const char *drill,
                      struct yw_buf *out, struct yw_err *err)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    if (found == NULL || found->plan == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no plan of a drill '%s' here", drill);
    }
    yw_plan_encode(out, found->spec, found->plan, NULL);
    return 0;
}

int yw_conductor_operations(const struct yw_conductor *conductor, const char *drill,
                            struct yw_buf *out, struct yw_err *err)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    if (found == NULL || found->spec == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s' with its scenario here", drill);
    }
    yw_operations_encode(out, found->spec);
    return 0;
}

const char *yw_conductor_network(const struct yw_conductor *conductor, const char *drill,
                                 size_t index, int *ret_team)
{
    const struct yw_drill *found = yw_conductor_find(conductor, drill);
    if (found == NULL || found->plan == NULL || index >= found->plan->network_count) {
        return NULL;
    }
    const struct yw_plan_network *network = &found->plan->networks[index];
    *ret_team = network->team;
    return found->spec->networks[network->network].name;
}

/* ---- boards ---- */

struct yw_frame *yw_conductor_snapshot(struct yw_conductor *conductor, const char *drill,
                                       enum yw_audience audience, int team)
{
    struct yw_board *found = board(conductor, drill, audience, team);
    return found == NULL ? NULL
                         : yw_board_snapshot(yw_conductor_find(conductor, drill), found);
}

void yw_conductor_on_patch(struct yw_conductor *conductor, yw_patch_fn *fn, void *owner)
{
    conductor->on_patch = fn;
    conductor->patch_owner = owner;
}

void yw_conductor_patched(struct yw_conductor *conductor, const struct yw_drill *drill,
                          const struct yw_board *board_of, struct yw_frame *patch)
{
    if (conductor->on_patch != NULL) {
        conductor->on_patch(conductor->patch_owner, drill->id, board_of->view.audience,
                            board_of->view.team, patch);
    }
}

void yw_conductor_watch(struct yw_conductor *conductor, const char *drill,
                        enum yw_audience audience, int team, int change)
{
    struct yw_board *found = board(conductor, drill, audience, team);
    if (found != NULL) {
        found->watchers += change;
        yw_board_arm(yw_conductor_find(conductor, drill));
    }
}
