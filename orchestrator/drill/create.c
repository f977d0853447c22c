/* A drill comes to be.
 *
 *   CREATE ─▶ the scenario is declared in its host ─▶ worker: programs, images, playbooks, plan;
 *        drills/.new-<id>/ with package and empty journal, synced ─▶ named drills/<id>
 *     ─▶ loop: its first events ─▶ (durable) done
 *
 * What a crash leaves of it, a start removes: a folder that has no name yet, or whose journal
 * lacks the last of the first events (recover.c). */
#include "drill/conductor_inside.h"

#include "base/folder.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "drill/package.h"
#include "drill/work.h"
#include "store/image.h"

#include <stdlib.h>
#include <string.h>

#define NEW ".new-"

struct yw_creating {
    struct yw_conductor *conductor;
    struct yw_command *command; /* NULL: it was answered, or the drill has it */
    struct yw_story_port *port;
    struct yw_drill
        *drill; /* the worker's between start and done; then the conductor's */
    struct yw_work work;
    bool working;
    struct yw_due_entry close; /* a port is not closed from inside its own callback */
};

static int check(const struct yw_conductor *conductor,
                 const struct yw_request_create *create, struct yw_err *err)
{
    if (yw_conductor_room(conductor, err) != 0) {
        return YW_ELIMIT;
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

/* ---- worker ---- */

static int save(const struct yw_creating *creating, struct yw_err *err)
{
    const struct yw_conductor *conductor = creating->conductor;
    const struct yw_stage *stage = &conductor->stage;
    const char *id = creating->drill->id;
    struct yw_journal *journal = NULL;
    char unnamed[sizeof NEW + YW_NAME_MAX];
    (void)yw_copyf(unnamed, sizeof unnamed, NEW "%s", id);
    char *package = yw_conductor_path(conductor, NEW, id, "/package");
    int code = yw_package_save(creating->drill->package, package, err);
    free(package);
    if (code == 0) {
        code = stage->open_journal(stage->journal_arg, unnamed, &journal, err);
    }
    yw_journal_close(journal);
    if (code == 0) {
        code = yw_conductor_name(conductor, NEW, id, err);
    }
    if (code != 0) {
        char *part = yw_conductor_path(conductor, NEW, id, "");
        yw_folder_remove(part);
        free(part);
    }
    return code;
}

static int run(struct yw_work *work, struct yw_err *err)
{
    struct yw_creating *creating = work->owner;
    const struct yw_stage *stage = &creating->conductor->stage;
    const struct yw_request_create *create = creating->command->create;
    struct yw_drill *drill = creating->drill;
    struct yw_journal *journal = NULL;
    const char *teams[YW_SPEC_TEAMS_MAX];
    for (size_t i = 0; i < create->team_count; i++) {
        teams[i] = create->teams[i];
    }
    int code = yw_package_programs(drill->package, drill->spec, err);
    if (code == 0 && !drill->spec->tabletop) {
        code = yw_image_check_spec(stage->data_dir, NULL, drill->spec, err);
    }
    if (code == 0) {
        code =
            yw_drill_build(drill, teams, create->team_count, (uint64_t)create->seed, err);
    }
    if (code == 0 && stage->data_dir[0] != '\0') {
        code = save(creating, err);
    }
    if (code == 0) {
        code = stage->open_journal(stage->journal_arg, drill->id, &journal, err);
    }
    if (code == 0) {
        yw_drill_adopt_journal(drill, journal);
        yw_conductor_reserve(drill, true);
    }
    return code;
}

/* ---- loop thread ---- */

static void drop(struct yw_creating *creating)
{
    struct yw_conductor *conductor = creating->conductor;
    for (size_t i = 0; i < conductor->creating.count; i++) {
        if (*(struct yw_creating **)yw_vec_at(&conductor->creating, i) == creating) {
            yw_vec_remove(&conductor->creating, i);
        }
    }
    yw_due_cancel(conductor->stage.due, &creating->close);
    yw_story_port_close(creating->port);
    yw_drill_free(creating->drill);
    free(creating);
}

static void on_close(struct yw_due_entry *entry)
{
    drop(entry->arg);
}

static void end(struct yw_creating *creating, int code, const struct yw_err *err)
{
    struct yw_conductor *conductor = creating->conductor;
    struct yw_command *command = creating->command;
    creating->command = NULL;
    creating->close.run = on_close;
    creating->close.arg = creating;
    yw_due_add(conductor->stage.due, &creating->close,
               yw_clock_mono_ms(conductor->stage.clock));
    if (code != 0) {
        command->done(command, code, err);
    }
}

static void begin(struct yw_creating *creating)
{
    struct yw_drill *drill = creating->drill;
    struct yw_command *command = creating->command;
    creating->drill = NULL;
    yw_conductor_add(creating->conductor, drill);
    yw_drill_declare(drill, command);
    YW_COPY(command->drill, drill->id);
    struct yw_drill_pending pending = {.command = command,
                                       .seq = yw_drill_declared_seq(drill)};
    yw_pending_add(drill, &pending);
}

static void on_saved(struct yw_work *work, int code, const struct yw_err *err)
{
    struct yw_creating *creating = work->owner;
    const struct yw_conductor *conductor = creating->conductor;
    struct yw_err why = *err;
    creating->working = false;
    if (code == 0 && conductor->closing) {
        code = yw_err_set(&why, YW_ECANCELED, "the daemon is stopping");
    }
    if (code == 0) {
        code = yw_journal_attach(creating->drill->journal, conductor->stage.loop, &why);
    }
    if (code == 0) {
        begin(creating);
    }
    end(creating, code, &why);
}

static int prepare(struct yw_creating *creating, struct yw_script_reply *reply,
                   struct yw_err *err)
{
    struct yw_conductor *conductor = creating->conductor;
    struct yw_request_create *create = creating->command->create;
    char id[YW_NAME_MAX];
    make_id(conductor, reply->spec, id);
    creating->drill = yw_drill_new(conductor, &conductor->stage, id);
    yw_spec_seat(reply->spec, create->tabletop);
    creating->drill->spec = reply->spec;
    reply->spec = NULL;
    creating->drill->package = create->package;
    create->package = NULL;
    creating->work.run = run;
    creating->work.done = on_saved;
    creating->work.owner = creating;
    int code = yw_work_start(conductor, &creating->work, id, err);
    creating->working = code == 0;
    return code;
}

static void on_declared(void *owner, int co, struct yw_script_reply *reply)
{
    struct yw_creating *creating = owner;
    struct yw_err err = {0};
    (void)co;
    int code = 0;
    if (creating->command == NULL || creating->working) {
        return;
    }
    if (reply->answer != YW_SCRIPT_LOADED) {
        err = reply->fault;
        code = err.code != 0 ? err.code : YW_EINVAL;
    } else {
        code = prepare(creating, reply, &err);
    }
    if (code != 0) {
        end(creating, code, &err);
    }
}

static void on_declare_end(void *owner, const struct yw_err *why)
{
    struct yw_creating *creating = owner;
    struct yw_err err = {0};
    if (creating->command != NULL && !creating->working) { /* else it has said all */
        (void)yw_err_set(&err, YW_EINVAL, "scenario.lua: %s", why->text);
        end(creating, YW_EINVAL, &err);
    }
}

/* The same key again: 1 when the drill that it made is told at the next turn. */
static int made_before(struct yw_conductor *conductor, struct yw_command *command,
                       struct yw_err *err)
{
    for (size_t i = 0; i < conductor->drills.count; i++) {
        const struct yw_drill *drill = yw_conductor_drill(conductor, i);
        if (yw_journal_key(drill->journal, command->key) > 0 &&
            yw_drill_state(drill)->forked.from[0] == '\0') {
            YW_COPY(command->drill, drill->id);
            yw_conductor_done_later(conductor, command);
            return 1;
        }
    }
    for (size_t i = 0; command->key[0] != '\0' && i < conductor->creating.count; i++) {
        const struct yw_creating *creating =
            *(struct yw_creating **)yw_vec_at(&conductor->creating, i);
        if (creating->command != NULL &&
            strcmp(creating->command->key, command->key) == 0) {
            return yw_err_set(err, YW_ESTATE,
                              "a drill is being made with this key; ask again");
        }
    }
    return 0;
}

int yw_create_start(struct yw_conductor *conductor, struct yw_command *command,
                    struct yw_err *err)
{
    int code = check(conductor, command->create, err);
    if (code == 0) {
        code = made_before(conductor, command, err);
    }
    if (code != 0) {
        return code > 0 ? 0 : code;
    }
    const struct yw_package_file *file =
        yw_package_file(command->create->package, "scenario.lua");
    struct yw_creating *creating = yw_new(sizeof *creating);
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
        drop(creating);
    }
    return code;
}

void yw_create_close(struct yw_conductor *conductor)
{
    struct yw_err err = {0};
    (void)yw_err_set(&err, YW_ECANCELED, "the daemon is stopping");
    while (conductor->creating.count > 0) {
        struct yw_creating *creating =
            *(struct yw_creating **)yw_vec_at(&conductor->creating, 0);
        if (creating->command != NULL) {
            creating->command->done(creating->command, YW_ECANCELED, &err);
        }
        drop(creating);
    }
}
