#include "drill/conductor.h"

#include "base/log.h"
#include "base/mem.h"
#include "codec/state.h"
#include "drill/drill.h"
#include "drill/package.h"
#include "drill/range/disk.h"
#include "drill/range/hosted.h"
#include "drill/range/tidy.h"
#include "drill/seat/console.h"
#include "drill/seat/seat.h"
#include "store/image.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRILLS_MAX 64
#define LATER_MAX 1024

struct creating { /* a CREATE whose scenario is being declared in its script host */
    struct yw_conductor *conductor;
    struct yw_command *command;
    struct yw_story_port *port;
    struct yw_drill *drill;
    struct yw_due_entry close; /* a port is not closed from inside its own callback */
};

struct yw_conductor {
    struct yw_stage stage;
    uint16_t port; /* the daemon's own; 0 none */
    struct yw_vec drills;   /* struct yw_drill * */
    struct yw_vec creating; /* struct creating * */
    struct yw_vec later;    /* struct yw_command *: done at the next turn */
    struct yw_due_entry later_due;
    struct yw_vec tidies; /* void *: hosts that are looked through: tidy.c's */
    uint64_t broker_generation;
    struct yw_disk disk;
    yw_patch_fn *on_patch;
    void *patch_owner;
};

static struct yw_drill *drill_at(const struct yw_conductor *conductor, size_t index)
{
    return *(struct yw_drill **)yw_vec_at(&conductor->drills, index);
}

static struct yw_drill *find(const struct yw_conductor *conductor, const char *id)
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

void yw_conductor_tidying(struct yw_conductor *conductor, void *tidy, bool begins)
{
    if (begins) {
        (void)yw_vec_push(&conductor->tidies, &tidy);
        return;
    }
    for (size_t i = 0; i < conductor->tidies.count; i++) {
        if (*(void **)yw_vec_at(&conductor->tidies, i) == tidy) {
            yw_vec_remove(&conductor->tidies, i);
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
                yw_host_state_name(notice->host_state), notice->text[0] != '\0' ? ": " : "",
                notice->text);
    }
    if (notice->kind == YW_VIRT_HOST && notice->host_state == YW_HOST_UP) {
        yw_tidy_start(conductor, notice->host);
    }
    if (notice->kind == YW_VIRT_BROKER_DOWN) {
        conductor->broker_generation++;
        yw_warn("drill", "virt broker is down: %s", notice->text);
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
            if (concerns(drill, notice)) {
                yw_drill_fault(drill, "the virt broker%s%s went away; it is started again",
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
        case YW_VIRT_LINE:
        case YW_VIRT_LOST:
        case YW_VIRT_GUEST_LOST:
            yw_range_notice(drill, notice);
            break;
        }
    }
}

int yw_conductor_open(struct yw_conductor **ret, const struct yw_stage *stage,
                      struct yw_err *err)
{
    (void)err;
    struct yw_conductor *conductor = yw_new(sizeof *conductor);
    conductor->stage = *stage;
    yw_vec_init(&conductor->drills, sizeof(struct yw_drill *), DRILLS_MAX);
    yw_vec_init(&conductor->creating, sizeof(struct creating *), DRILLS_MAX);
    yw_vec_init(&conductor->tidies, sizeof(void *), LATER_MAX);
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

/* ---- create ---- */

static int check_create(const struct yw_conductor *conductor,
                        const struct yw_request_create *create, struct yw_err *err)
{
    if (conductor->drills.count + conductor->creating.count >= DRILLS_MAX) {
        return yw_err_set(err, YW_ELIMIT, "at most %d drills a daemon", DRILLS_MAX);
    }
    if (create->package == NULL ||
        yw_package_file(create->package, "scenario.lua") == NULL) {
        return yw_err_set(err, YW_EINVAL, "/files: scenario.lua is missing");
    }
    if (create->team_count == 0) {
        return yw_err_set(err, YW_EINVAL, "/teams: at least one team is needed");
    }
    if (!(create->speed > 0.0) || create->speed > YW_CLOCK_SPEED_MAX) {
        return yw_err_set(err, YW_EINVAL, "/speed: more than 0 and at most %.0f",
                          YW_CLOCK_SPEED_MAX);
    }
    return 0;
}

static void make_id(const struct yw_conductor *conductor, const struct yw_spec *spec,
                    char id[YW_NAME_MAX])
{
    char random[YW_ID_SIZE];
    yw_id_random(random);
    /* a simulation must not differ from run to run, its id is part of every name in it */
    bool simulated = conductor->stage.loop == NULL;
    (void)yw_copyf(id, YW_NAME_MAX, "%.40s-%.6s", spec->id,
                   simulated ? "000000" : random);
}

static int finish_create(struct yw_conductor *conductor, struct creating *creating,
                         struct yw_script_reply *reply, struct yw_err *err)
{
    struct yw_command *command = creating->command;
    struct yw_request_create *create = command->create;
    const char *teams[YW_SPEC_TEAMS_MAX];
    char id[YW_NAME_MAX];
    make_id(conductor, reply->spec, id);
    struct yw_drill *drill = yw_drill_new(conductor, &conductor->stage, id);
    drill->spec = reply->spec;
    reply->spec = NULL;
    drill->package = create->package;
    create->package = NULL;
    for (size_t i = 0; i < create->team_count; i++) {
        teams[i] = create->teams[i];
    }
    struct yw_journal *journal = NULL;
    int code = yw_package_programs(drill->package, drill->spec, err);
    if (code == 0) {
        code = yw_image_check_spec(conductor->stage.data_dir, drill->spec, err);
    }
    if (code == 0) {
        code =
            yw_drill_build(drill, teams, create->team_count, (uint64_t)create->seed, err);
    }
    if (code == 0 && conductor->stage.data_dir[0] != '\0') {
        char *dir = yw_strf("%s/drills/%s/package", conductor->stage.data_dir, id);
        code = yw_package_save(drill->package, dir, err);
        free(dir);
    }
    if (code == 0) {
        code = conductor->stage.open_journal(conductor->stage.journal_arg, id, &journal,
                                             err);
    }
    if (code != 0) {
        yw_drill_free(drill);
        return code;
    }
    yw_drill_adopt_journal(drill, journal);
    (void)yw_vec_push(&conductor->drills, &drill);
    yw_drill_declare(drill, command);
    YW_COPY(command->drill, id);
    int64_t last_seq = yw_drill_declared_seq(drill);
    struct yw_drill_pending pending = {.command = command, .seq = last_seq};
    yw_pending_add(drill, &pending);
    return 0;
}

static void drop_creating(struct creating *creating)
{
    struct yw_conductor *conductor = creating->conductor;
    for (size_t i = 0; i < conductor->creating.count; i++) {
        if (*(struct creating **)yw_vec_at(&conductor->creating, i) == creating) {
            yw_vec_remove(&conductor->creating, i);
        }
    }
    yw_due_cancel(conductor->stage.due, &creating->close);
    yw_story_port_close(creating->port);
    free(creating);
}

static void on_close_creating(struct yw_due_entry *entry)
{
    drop_creating(entry->arg);
}

static void end_creating(struct creating *creating, int code, const struct yw_err *err)
{
    struct yw_conductor *conductor = creating->conductor;
    struct yw_command *command = creating->command;
    creating->command = NULL;
    creating->close.run = on_close_creating;
    creating->close.arg = creating;
    yw_due_add(conductor->stage.due, &creating->close,
               yw_clock_mono_ms(conductor->stage.clock));
    if (code != 0) {
        command->done(command, code, err);
    }
}

static void on_declared(void *owner, int co, struct yw_script_reply *reply)
{
    struct creating *creating = owner;
    struct yw_err err = {0};
    (void)co;
    int code = 0;
    if (creating->command == NULL) {
        return;
    }
    if (reply->answer != YW_SCRIPT_LOADED) {
        err = reply->fault;
        code = err.code != 0 ? err.code : YW_EINVAL;
    } else {
        code = finish_create(creating->conductor, creating, reply, &err);
    }
    end_creating(creating, code, &err);
}

static void on_declare_end(void *owner, const struct yw_err *why)
{
    struct creating *creating = owner;
    struct yw_err err = {0};
    if (creating->command != NULL) {
        (void)yw_err_set(&err, YW_EINVAL, "scenario.lua: %s", why->text);
        end_creating(creating, YW_EINVAL, &err);
    }
}

static int create(struct yw_conductor *conductor, struct yw_command *command,
                  struct yw_err *err)
{
    int code = check_create(conductor, command->create, err);
    if (code != 0) {
        return code;
    }
    for (size_t i = 0; i < conductor->drills.count; i++) {
        const struct yw_drill *drill = drill_at(conductor, i);
        if (yw_journal_key(drill->journal, command->key) > 0 &&
            yw_drill_state(drill)->forked.from[0] == '\0') {
            YW_COPY(command->drill, drill->id);
            yw_conductor_done_later(conductor, command);
            return 0;
        }
    }
    const struct yw_package_file *file =
        yw_package_file(command->create->package, "scenario.lua");
    struct creating *creating = yw_new(sizeof *creating);
    creating->conductor = conductor;
    creating->command = command;
    struct yw_story_port_events events = {
        .on_reply = on_declared, .on_end = on_declare_end, .owner = creating};
    code = yw_story_port_open(&creating->port, conductor->stage.loop,
                              conductor->stage.due, conductor->stage.clock,
                              conductor->stage.program, &events, err);
    if (code != 0) {
        free(creating);
        return code;
    }
    struct yw_script_request request = {.ask = YW_SCRIPT_LOAD,
                                        .scenario = file->bytes,
                                        .scenario_size = file->size,
                                        .seed = (uint64_t)command->create->seed};
    YW_COPY(request.scenario_name, "scenario.lua");
    code = yw_story_port_ask(creating->port, &request, err);
    (void)yw_vec_push(&conductor->creating, &creating);
    if (code != 0) {
        drop_creating(creating);
    }
    return code;
}

int yw_conductor_command(struct yw_conductor *conductor, struct yw_command *command,
                         struct yw_err *err)
{
    if (command->kind == YW_COMMAND_CREATE) {
        return create(conductor, command, err);
    }
    struct yw_drill *drill = find(conductor, command->drill);
    if (drill == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", command->drill);
    }
    if (drill->plan == NULL) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' is archived", command->drill);
    }
    return command->kind == YW_COMMAND_FORK ? yw_fork_start(drill, command, err)
                                            : yw_drill_command(drill, command, err);
}

/* ---- consoles ---- */

int yw_seat_open(struct yw_conductor *conductor, struct yw_seat *seat, struct yw_err *err)
{
    struct yw_drill *drill = find(conductor, seat->drill);
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
    const struct yw_drill *found = find(conductor, drill);
    return found == NULL ? NULL : yw_drill_folder(found);
}

/* ---- recover ---- */

struct scan { /* what building a drill needs from its journal, before it can be folded */
    char teams[YW_SPEC_TEAMS_MAX][YW_NAME_MAX];
    size_t team_count;
    int64_t seed;
    bool archived;
    struct yw_ev_drill_forked forked;
    bool declared; /* all first events are there: the clock-changed that closes them */
};

static int on_scan(void *arg, const struct yw_event *event)
{
    struct scan *scan = arg;
    if (event->kind == YW_EVENT_TEAM_ADDED && scan->team_count < YW_SPEC_TEAMS_MAX) {
        YW_COPY(scan->teams[scan->team_count], event->team_added.name);
        scan->team_count++;
    } else if (event->kind == YW_EVENT_DRILL_PLANNED) {
        scan->seed = event->drill_planned.seed;
    } else if (event->kind == YW_EVENT_DRILL_FORKED) {
        scan->forked = event->drill_forked;
    } else if (event->kind == YW_EVENT_PHASE_CHANGED) {
        scan->archived = event->phase_changed.phase == YW_PHASE_ARCHIVED;
    } else if (event->kind == YW_EVENT_CLOCK_CHANGED) {
        scan->declared = true;
    }
    return 0;
}

struct refold {
    struct yw_drill *drill;
    struct yw_err *err;
};

static int on_refold(void *arg, const struct yw_event *event)
{
    struct refold *refold = arg;
    return yw_drill_fold(refold->drill, event, refold->err);
}

/* The declare stage again, blocking: the daemon does not serve yet. */
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

static int rebuild(struct yw_drill *drill, const struct scan *scan, struct yw_err *err)
{
    const char *teams[YW_SPEC_TEAMS_MAX];
    for (size_t i = 0; i < scan->team_count; i++) {
        teams[i] = scan->teams[i];
    }
    if (scan->archived) {
        yw_board_open(drill, scan->team_count);
        return 0;
    }
    int code = 0;
    if (drill->package == NULL) {
        char *dir = yw_strf("%s/drills/%s/package", drill->stage->data_dir, drill->id);
        code = yw_package_load(&drill->package, dir, err);
        free(dir);
    }
    if (code == 0 && drill->spec == NULL) {
        code = declare_again(drill, scan->seed, err);
    }
    drill->forked = scan->forked;
    return code == 0
               ? yw_drill_build(drill, teams, scan->team_count, (uint64_t)scan->seed, err)
               : code;
}

int yw_conductor_adopt(struct yw_conductor *conductor, const char *id,
                       struct yw_package *package, struct yw_journal *journal,
                       struct yw_err *err)
{
    return yw_conductor_take(conductor, id, package, NULL, journal, err);
}

int yw_conductor_take(struct yw_conductor *conductor, const char *id,
                      struct yw_package *package, struct yw_spec *spec,
                      struct yw_journal *journal, struct yw_err *err)
{
    struct scan *scan = yw_new(sizeof *scan);
    struct yw_drill *drill = yw_drill_new(conductor, &conductor->stage, id);
    drill->package = package;
    drill->spec = spec;
    yw_drill_adopt_journal(drill, journal);
    drill->replaying = true;
    int code = yw_journal_read(journal, 1, on_scan, scan, err);
    if (code == 0 && !scan->declared) {
        code = yw_err_set(err, YW_ECANCELED,
                          "its creation was cut short; it never came to be");
    }
    if (code == 0) {
        code = rebuild(drill, scan, err);
    }
    if (code == 0) {
        struct refold refold = {.drill = drill, .err = err};
        code = yw_journal_read(journal, 1, on_refold, &refold, err);
    }
    bool archived = scan->archived;
    free(scan);
    drill->replaying = false;
    if (code != 0) {
        yw_drill_free(drill);
        return yw_err_prefix(err, "drill '%s'", id);
    }
    (void)yw_vec_push(&conductor->drills, &drill);
    if (!archived) {
        yw_drill_resume(drill);
    }
    return 0;
}

int yw_conductor_recover(struct yw_conductor *conductor, struct yw_err *err)
{
    char *path = yw_strf("%s/drills", conductor->stage.data_dir);
    DIR *dir = opendir(path);
    free(path);
    if (dir == NULL) {
        return 0;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        struct yw_journal *journal = NULL;
        struct yw_err why = {0};
        if (!yw_name_valid(entry->d_name)) {
            continue;
        }
        int code = conductor->stage.open_journal(conductor->stage.journal_arg,
                                                 entry->d_name, &journal, &why);
        if (code == 0) {
            code = yw_conductor_adopt(conductor, entry->d_name, NULL, journal, &why);
        }
        if (code == YW_ECANCELED) {
            yw_warn("drill", "%s", why.text);
        } else if (code != 0) {
            closedir(dir);
            if (err != NULL) {
                *err = why;
            }
            return code;
        }
    }
    closedir(dir);
    yw_reconcile_start(conductor);
    return 0;
}

void yw_conductor_close(struct yw_conductor *conductor)
{
    if (conductor == NULL) {
        return;
    }
    while (conductor->creating.count > 0) {
        struct creating *creating =
            *(struct creating **)yw_vec_at(&conductor->creating, 0);
        struct yw_err err = {0};
        (void)yw_err_set(&err, YW_ECANCELED, "the daemon is stopping");
        if (creating->command != NULL) {
            creating->command->done(creating->command, YW_ECANCELED, &err);
        }
        drop_creating(creating);
    }
    for (size_t i = 0; i < conductor->drills.count; i++) {
        yw_drill_free(drill_at(conductor, i));
    }
    for (size_t i = 0; i < conductor->tidies.count; i++) {
        yw_tidy_drop(conductor->stage.virt, *(void **)yw_vec_at(&conductor->tidies, i));
    }
    if (conductor->stage.virt != NULL) {
        conductor->stage.virt->on_notice = NULL;
    }
    yw_due_cancel(conductor->stage.due, &conductor->later_due);
    yw_disk_close(&conductor->disk);
    yw_vec_fini(&conductor->drills);
    yw_vec_fini(&conductor->creating);
    yw_vec_fini(&conductor->later);
    yw_vec_fini(&conductor->tidies);
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
    const struct yw_drill *drill = find(conductor, id);
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

struct yw_journal *yw_conductor_journal(const struct yw_conductor *conductor,
                                        const char *drill)
{
    const struct yw_drill *found = find(conductor, drill);
    return found == NULL ? NULL : found->journal;
}

int64_t yw_conductor_drill_ms(const struct yw_conductor *conductor, const char *drill)
{
    const struct yw_drill *found = find(conductor, drill);
    return found == NULL ? 0 : yw_drill_now(found);
}

int yw_conductor_team(const struct yw_conductor *conductor, const char *drill,
                      const char *team)
{
    const struct yw_drill *found = find(conductor, drill);
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
    const struct yw_drill *found = find(conductor, drill);
    if (found == NULL || found->port == NULL) {
        return false;
    }
    yw_story_port_kill(found->port);
    return true;
}

int yw_conductor_plan(const struct yw_conductor *conductor, const char *drill,
                      struct yw_buf *out, struct yw_err *err)
{
    const struct yw_drill *found = find(conductor, drill);
    if (found == NULL || found->plan == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no plan of a drill '%s' here", drill);
    }
    yw_plan_encode(out, found->spec, found->plan, NULL);
    return 0;
}

/* ---- boards ---- */

struct yw_frame *yw_conductor_snapshot(struct yw_conductor *conductor, const char *drill,
                                       enum yw_audience audience, int team)
{
    struct yw_board *found = board(conductor, drill, audience, team);
    return found == NULL ? NULL : yw_board_snapshot(find(conductor, drill), found);
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
        yw_board_arm(find(conductor, drill));
    }
}
