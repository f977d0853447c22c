/* The loop goes on while files are slow: a drill is created, forked and found again by
 * workers. The slow file waits until the loop has turned and served another drill; if the
 * loop waited for the file, neither would ever go on. And what a crash leaves of a creation
 * is gone after the next start, at each of its steps; what hypervisors have is told object
 * by object. */
#include "outcome.h"

#include "base/folder.h"
#include "base/mem.h"
#include "drill/package.h"
#include "loop/loop.h"

#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_S 60
#define TURNS 20
#define TICK_MS 2

struct house {
    char dir[64];
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_virt_world *world;
    struct yw_conductor *conductor;
    struct yw_package *package;
    char program[256];
    bool in_memory; /* journals */
    /* the slow file */
    atomic_bool slow;    /* the next one waits */
    atomic_bool waiting; /* one waits */
    atomic_bool stuck;   /* it waited in vain */
    sem_t go;
    int turns;         /* of the loop, while it waited */
    bool served;       /* the other drill took an order meanwhile */
    const char *other; /* drill; NULL: only turns count */
    struct yw_command order;
    struct yw_due_entry tick;
    /* the answer to `command` */
    struct yw_command command;
    struct yw_request_create create;
    bool done;
    int code;
    struct yw_err why;
};

static struct house *house_of(void *arg)
{
    return arg;
}

static void wait_for_the_loop(struct house *house)
{
    if (!atomic_exchange(&house->slow, false))
        return;
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    atomic_store(&house->waiting, true);
    int failed = sem_timedwait(&house->go, &until);
    while (failed != 0 && errno == EINTR)
        failed = sem_timedwait(&house->go, &until);
    atomic_store(&house->waiting, false);
    if (failed != 0)
        atomic_store(&house->stuck, true);
}

static int open_journal(void *arg, const char *drill, struct yw_journal **ret,
                        struct yw_err *err)
{
    struct house *house = house_of(arg);
    wait_for_the_loop(house);
    if (house->in_memory)
        return yw_journal_open_memory(ret, yw_loop_due(house->loop),
                                      yw_loop_clock(house->loop), 0, err);
    char *dir = yw_strf("%s/drills/%s", house->dir, drill);
    char *path = yw_strf("%s/journal.db", dir);
    (void)mkdir(dir, 0750);
    int code = yw_journal_open(ret, NULL, path, NULL, err);
    free(path);
    free(dir);
    return code;
}

static int fork_journal(void *arg, struct yw_journal *from, const char *drill,
                        int64_t seq, struct yw_journal **ret, struct yw_err *err)
{
    struct house *house = house_of(arg);
    wait_for_the_loop(house);
    char *dir = yw_strf("%s/drills/.fork-%s", house->dir, drill);
    char *path = yw_strf("%s/journal.db", dir);
    (void)mkdir(dir, 0750);
    int code = yw_journal_fork(from, path, seq, err);
    if (code == 0)
        code = yw_journal_open(ret, NULL, path, NULL, err);
    free(path);
    free(dir);
    return code;
}

static void on_ordered(struct yw_command *command, int code, const struct yw_err *err)
{
    struct house *house = command->owner;
    if (code != 0)
        fail_msg("the other drill: %s", err->text);
    house->served = true;
}

/* While a file keeps a worker, the loop turns and the other drill takes an order. */
static void on_tick(struct yw_due_entry *entry)
{
    struct house *house = house_of(entry->arg);
    yw_due_add(yw_loop_due(house->loop), entry,
               yw_clock_mono_ms(yw_loop_clock(house->loop)) + TICK_MS);
    if (!atomic_load(&house->waiting))
        return;
    house->turns++;
    if (house->turns == 1 && house->other != NULL) {
        struct yw_err err = {0};
        memset(&house->order, 0, sizeof house->order);
        house->order.kind = YW_COMMAND_RULE;
        YW_COPY(house->order.drill, house->other);
        YW_COPY(house->order.actor, "control");
        YW_COPY(house->order.ruling.reason, "as planned");
        house->order.ruling.points = 1;
        house->order.done = on_ordered;
        house->order.owner = house;
        if (yw_conductor_command(house->conductor, &house->order, &err) != 0)
            fail_msg("the other drill: %s", err.text);
    }
    if (house->turns >= TURNS && (house->other == NULL || house->served)) {
        house->turns = 0;
        (void)sem_post(&house->go);
    }
}

static void open_conductor(struct house *house)
{
    struct yw_err err = {0};
    struct yw_stage stage = {.clock = yw_loop_clock(house->loop),
                             .due = yw_loop_due(house->loop),
                             .loop = house->loop,
                             .virt = house->virt,
                             .open_journal = open_journal,
                             .fork_journal = fork_journal,
                             .journal_arg = house};
    YW_COPY(stage.data_dir, house->dir);
    YW_COPY(stage.program, house->program);
    YW_COPY(stage.library_dir, "playbooks");
    YW_COPY(stage.connect, "fake");
    assert_int_equal(yw_conductor_open(&house->conductor, &stage, &err), 0);
}

static int set_up(void **state)
{
    struct house *house = yw_new(sizeof *house);
    struct yw_rehearsal_config config;
    struct yw_err err = {0};
    *state = house;
    house->package = sim_package("tests/drills/dosing-line");
    sim_config(&config, house->package);
    YW_COPY(house->program, config.program);
    YW_COPY(house->dir, "/tmp/yw-steady-XXXXXX");
    assert_non_null(mkdtemp(house->dir));
    char *drills = yw_strf("%s/drills", house->dir);
    assert_int_equal(mkdir(drills, 0750), 0);
    free(drills);
    assert_int_equal(yw_loop_open(&house->loop, &err), 0);
    struct yw_virt_fake_config fake = {.clock = yw_loop_clock(house->loop),
                                       .due = yw_loop_due(house->loop),
                                       .seed = 1,
                                       .up_ms = 5,
                                       .setup_ms = 5,
                                       .run_ms = 5,
                                       .link_ms = 5,
                                       .scan_ms = 50};
    house->world = yw_virt_world_new();
    assert_int_equal(yw_virt_open_fake_on(&house->virt, house->world, &fake, &err), 0);
    assert_int_equal(sem_init(&house->go, 0, 0), 0);
    house->tick.run = on_tick;
    house->tick.arg = house;
    yw_due_add(yw_loop_due(house->loop), &house->tick, 0);
    open_conductor(house);
    return 0;
}

static int tear_down(void **state)
{
    struct house *house = *state;
    yw_conductor_close(house->conductor);
    yw_virt_close(house->virt);
    yw_virt_world_free(house->world);
    yw_due_cancel(yw_loop_due(house->loop), &house->tick);
    yw_loop_close(house->loop);
    yw_folder_remove(house->dir);
    yw_package_free(house->package);
    (void)sem_destroy(&house->go);
    free(house);
    return 0;
}

static void on_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct house *house = command->owner;
    house->done = true;
    house->code = code;
    house->why = *err;
}

static void wait_done(struct house *house)
{
    int64_t end_ms = yw_clock_mono_ms(yw_loop_clock(house->loop)) + 2000LL * PATIENCE_S;
    while (!house->done && yw_clock_mono_ms(yw_loop_clock(house->loop)) < end_ms)
        yw_loop_turn(house->loop, 50);
    assert_true(house->done);
    house->done = false;
    assert_false(atomic_load(&house->stuck));
}

/* Of the drill last created or forked, unless `drill` says otherwise. */
static void command(struct house *house, enum yw_command_kind kind, const char *drill)
{
    struct yw_err err = {0};
    char id[YW_NAME_MAX];
    YW_COPY(id, drill);
    int64_t number = house->command.ret_number;
    memset(&house->command, 0, sizeof house->command);
    house->command.kind = kind;
    YW_COPY(house->command.drill, id);
    YW_COPY(house->command.actor, "control");
    house->command.team = -1;
    house->command.number = number;
    if (kind == YW_COMMAND_CREATE) {
        memset(&house->create, 0, sizeof house->create);
        house->create.package = yw_package_copy(house->package);
        house->create.team_count = 1;
        YW_COPY(house->create.teams[0], "blue");
        house->create.seed = 1;
        house->create.speed = 1;
        house->command.create = &house->create;
    }
    house->command.done = on_done;
    house->command.owner = house;
    if (yw_conductor_command(house->conductor, &house->command, &err) != 0)
        fail_msg("%s", err.text);
    wait_done(house);
    if (house->code != 0)
        fail_msg("%s", house->why.text);
}

static void on_recovered(void *owner, int code, const struct yw_err *err)
{
    struct house *house = owner;
    house->done = true;
    house->code = code;
    house->why = *err;
}

/* As a daemon that was killed and started again. */
static void restart(struct house *house)
{
    struct yw_err err = {0};
    yw_conductor_close(house->conductor); /* NULL: it is closed */
    open_conductor(house);
    assert_int_equal(yw_conductor_recover(house->conductor, on_recovered, house, &err),
                     0);
    wait_done(house);
    if (house->code != 0)
        fail_msg("%s", house->why.text);
}

static bool has_folder(const struct house *house, const char *name)
{
    char *path = yw_strf("%s/drills/%s", house->dir, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static void a_slow_creation_holds_nobody_up(void **state)
{
    struct house *house = *state;
    char first[YW_NAME_MAX];
    command(house, YW_COMMAND_CREATE, "");
    YW_COPY(first, house->command.ret_drill);
    house->other = first;
    atomic_store(&house->slow, true);
    command(house, YW_COMMAND_CREATE, "");
    assert_true(house->served);
    assert_string_not_equal(first, house->command.ret_drill);
    assert_int_equal(yw_conductor_count(house->conductor), 2);
}

static void a_slow_start_holds_nobody_up(void **state)
{
    struct house *house = *state;
    char first[YW_NAME_MAX];
    command(house, YW_COMMAND_CREATE, "");
    YW_COPY(first, house->command.ret_drill);
    atomic_store(&house->slow, true);
    restart(house);
    assert_int_equal(yw_conductor_count(house->conductor), 1);
    assert_string_equal(yw_conductor_drill_at(house->conductor, 0), first);
}

static void a_slow_fork_holds_nobody_up(void **state)
{
    struct house *house = *state;
    char first[YW_NAME_MAX];
    command(house, YW_COMMAND_CREATE, "");
    YW_COPY(first, house->command.ret_drill);
    command(house, YW_COMMAND_UP, first);
    command(house, YW_COMMAND_START, first);
    command(house, YW_COMMAND_CHECKPOINT, first);
    house->other = first;
    atomic_store(&house->slow, true);
    command(house, YW_COMMAND_FORK, first);
    assert_true(house->served);
    const struct yw_view *view = yw_conductor_view(
        house->conductor, house->command.ret_drill, YW_AUDIENCE_CONTROL, -1);
    assert_non_null(view);
    assert_string_equal(view->state.forked.from, first);
    assert_int_equal(view->state.phase, YW_PHASE_PAUSED);
    restart(house);
    assert_int_equal(yw_conductor_count(house->conductor), 2);
}

/* The daemon ends while a worker is still at it: nothing is lost, and nothing is left. */
static void an_end_in_the_middle_leaves_nothing(void **state)
{
    struct house *house = *state;
    struct yw_err err = {0};
    memset(&house->command, 0, sizeof house->command);
    house->create.package = yw_package_copy(house->package);
    house->create.team_count = 1;
    YW_COPY(house->create.teams[0], "blue");
    house->create.speed = 1;
    house->command.kind = YW_COMMAND_CREATE;
    house->command.create = &house->create;
    house->command.done = on_done;
    house->command.owner = house;
    atomic_store(&house->slow, true);
    assert_int_equal(yw_conductor_command(house->conductor, &house->command, &err), 0);
    house->turns = -1000000; /* nobody lets it go */
    while (!atomic_load(&house->waiting))
        yw_loop_turn(house->loop, 50);
    assert_int_equal(sem_post(&house->go), 0);
    yw_conductor_close(house->conductor);
    assert_true(house->done);
    assert_int_equal(house->code, YW_ECANCELED);
    house->done = false;
    house->turns = 0;
    house->conductor = NULL;
    restart(house);
    assert_int_equal(yw_conductor_count(house->conductor), 0);
    char *drills = yw_strf("%s/drills", house->dir);
    assert_int_equal(rmdir(drills), 0); /* it is empty */
    assert_int_equal(mkdir(drills, 0750), 0);
    free(drills);
}

/* --- what a crash leaves --- */

static void copy_package(const struct house *house, const char *name)
{
    struct yw_err err = {0};
    char *dir = yw_strf("%s/drills/%s/package", house->dir, name);
    assert_int_equal(yw_package_save(house->package, dir, &err), 0);
    free(dir);
}

/* A folder whose journal has the first `seq` events of that drill. */
static void leave(const struct house *house, const char *from, const char *name,
                  int64_t seq)
{
    struct yw_err err = {0};
    copy_package(house, name);
    char *path = yw_strf("%s/drills/%s/journal.db", house->dir, name);
    if (yw_journal_fork(yw_conductor_journal(house->conductor, from), path, seq, &err) !=
        0)
        fail_msg("%s", err.text);
    free(path);
}

static void what_a_crash_leaves_is_removed(void **state)
{
    struct house *house = *state;
    char whole[YW_NAME_MAX];
    int64_t last = 0;
    struct yw_hash hash;
    command(house, YW_COMMAND_CREATE, "");
    YW_COPY(whole, house->command.ret_drill);
    yw_journal_head(yw_conductor_journal(house->conductor, whole), &last, &hash);
    assert_in_range(last, 5, 60);
    copy_package(house, ".new-a");
    leave(house, whole, ".new-b", 0);
    copy_package(house, ".fork-c");
    leave(house, whole, ".fork-d", last);
    for (int64_t seq = 0; seq <= last; seq++) {
        char name[32];
        (void)snprintf(name, sizeof name, "cut-%02lld", (long long)seq);
        leave(house, whole, name, seq);
    }
    restart(house);
    const char *const gone[] = {".new-a", ".new-b", ".fork-c", ".fork-d"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        assert_false(has_folder(house, gone[i]));
    for (int64_t seq = 0; seq <= last; seq++) {
        char name[32];
        (void)snprintf(name, sizeof name, "cut-%02lld", (long long)seq);
        if (has_folder(house, name) != (seq == last))
            fail_msg("%s of %lld", name, (long long)last);
    }
    assert_int_equal(yw_conductor_count(house->conductor), 2);
}

/* --- what is there, against what the journals say --- */

struct tale { /* reconciled events after a number */
    int64_t after, last;
    int machines, networks;
    char actions[512]; /* each once */
    char detail[256];  /* of the last */
};

static int on_tale(void *arg, const struct yw_event *event)
{
    struct tale *tale = arg;
    tale->last = event->seq;
    if (event->seq <= tale->after || event->kind != YW_EVENT_RECONCILED)
        return 0;
    const struct yw_ev_reconciled *told = &event->reconciled;
    bool machine = strcmp(told->object, "machine") == 0;
    assert_true(machine || strcmp(told->object, "network") == 0);
    assert_true(told->name[0] != '\0');
    tale->machines += machine;
    tale->networks += !machine;
    if (strstr(tale->actions, told->action) == NULL) {
        size_t size = strlen(tale->actions);
        (void)snprintf(tale->actions + size, sizeof tale->actions - size, "%s ",
                       told->action);
    }
    YW_COPY(tale->detail, told->detail);
    return 0;
}

/* Turns until so many objects are told after that event, and a little longer. */
static struct tale tale_of(struct house *house, const char *drill, int64_t after,
                           int count)
{
    struct tale tale = {0};
    int quiet = 0;
    for (int i = 0; i < 1500 && quiet < 10; i++) {
        struct yw_err err = {0};
        tale = (struct tale){.after = after};
        yw_loop_turn(house->loop, 20);
        assert_int_equal(yw_journal_read(yw_conductor_journal(house->conductor, drill), 1,
                                         on_tale, &tale, &err),
                         0);
        quiet = tale.machines + tale.networks >= count ? quiet + 1 : 0;
    }
    return tale;
}

static int64_t up_and_running(struct house *house, char drill[YW_NAME_MAX])
{
    command(house, YW_COMMAND_CREATE, "");
    (void)yw_copy(drill, YW_NAME_MAX, house->command.ret_drill);
    command(house, YW_COMMAND_UP, drill);
    return tale_of(house, drill, 0, 0).last;
}

static void notice(struct house *house, enum yw_virt_notice_kind kind)
{
    struct yw_virt_notice one = {.kind = kind};
    YW_COPY(one.text, "killed");
    house->virt->on_notice(house->virt->owner, &one);
}

static void what_runs_is_adopted(void **state)
{
    struct house *house = *state;
    char drill[YW_NAME_MAX];
    int64_t seq = up_and_running(house, drill);
    int machines = (int)yw_virt_world_machines(house->world);
    int all = (int)yw_virt_world_count(house->world);
    assert_true(machines > 2 && all > machines);
    restart(house);
    struct tale tale = tale_of(house, drill, seq, all);
    assert_string_equal(tale.actions, "adopted ");
    assert_int_equal(tale.machines, machines);
    assert_int_equal(tale.networks, all - machines);
    /* a broker that was killed: the same, once more and once only */
    notice(house, YW_VIRT_BROKER_DOWN);
    notice(house, YW_VIRT_BROKER_UP);
    notice(house, YW_VIRT_BROKER_UP);
    struct tale again = tale_of(house, drill, tale.last, all);
    assert_string_equal(again.actions, "adopted ");
    assert_int_equal(again.machines + again.networks, all);
}

/* The journal of a daemon that is not there: one more event at its end. */
static void put(struct house *house, const char *drill, struct yw_event *event)
{
    struct yw_journal *journal = NULL;
    struct yw_err err = {0};
    assert_int_equal(open_journal(house, drill, &journal, &err), 0);
    assert_int_equal(yw_journal_put(journal, event, &err), 0);
    yw_journal_close(journal);
}

static void what_is_unlike_is_repaired(void **state)
{
    struct house *house = *state;
    char drill[YW_NAME_MAX];
    int64_t seq = up_and_running(house, drill);
    int64_t drill_ms = yw_conductor_drill_ms(house->conductor, drill);
    yw_conductor_close(house->conductor);
    house->conductor = NULL;
    struct yw_event event = {.kind = YW_EVENT_LINK_ORDERED, .drill_ms = drill_ms};
    YW_COPY(event.actor, "control");
    YW_COPY(event.link_ordered.machine, "plc1");
    put(house, drill, &event);
    restart(house);
    int all = (int)yw_virt_world_count(house->world);
    struct tale tale = tale_of(house, drill, seq, all + 1);
    assert_non_null(strstr(tale.actions, "repaired"));
    assert_non_null(strstr(tale.actions, "adopted"));
    assert_int_equal(tale.machines + tale.networks, all + 1);
    const struct yw_view *view =
        yw_conductor_view(house->conductor, drill, YW_AUDIENCE_CONTROL, -1);
    assert_false(yw_drill_machine(&view->state, 0, "plc1")->link_up);
}

static void put_phase(struct house *house, const char *drill, int64_t drill_ms,
                      enum yw_phase phase)
{
    struct yw_event event = {
        .kind = YW_EVENT_PHASE_CHANGED, .team = -1, .drill_ms = drill_ms};
    YW_COPY(event.actor, "core");
    event.phase_changed.phase = phase;
    put(house, drill, &event);
}

static void expect_removed(struct house *house, const char *drill, int64_t seq, int all)
{
    restart(house);
    struct tale tale = tale_of(house, drill, seq, all);
    assert_string_equal(tale.actions, "removed ");
    assert_int_equal(tale.machines + tale.networks, all);
    assert_int_equal(yw_virt_world_count(house->world), 0);
    /* and it can be read again, with what was told */
    restart(house);
    assert_int_equal(yw_conductor_count(house->conductor), 1);
}

/* A take-down that came to its end in the journal alone. */
static void what_is_over_is_removed(void **state)
{
    struct house *house = *state;
    char drill[YW_NAME_MAX];
    int64_t seq = up_and_running(house, drill);
    int64_t drill_ms = yw_conductor_drill_ms(house->conductor, drill);
    yw_conductor_close(house->conductor);
    house->conductor = NULL;
    put_phase(house, drill, drill_ms, YW_PHASE_ENDED);
    put_phase(house, drill, drill_ms, YW_PHASE_ARCHIVED);
    expect_removed(house, drill, seq, (int)yw_virt_world_count(house->world));
}

/* A drill that has no range yet has objects: its bring-up was rolled back, not to the end. */
static void what_was_rolled_back_is_removed(void **state)
{
    struct house *house = *state;
    char drill[YW_NAME_MAX];
    int64_t declared = 0;
    struct yw_hash hash;
    command(house, YW_COMMAND_CREATE, "");
    YW_COPY(drill, house->command.ret_drill);
    yw_journal_head(yw_conductor_journal(house->conductor, drill), &declared, &hash);
    leave(house, drill, ".kept", declared);
    command(house, YW_COMMAND_UP, drill);
    int all = (int)yw_virt_world_count(house->world);
    yw_conductor_close(house->conductor);
    house->conductor = NULL;
    char *whole = yw_strf("%s/drills/%s", house->dir, drill);
    char *kept = yw_strf("%s/drills/.kept", house->dir);
    yw_folder_remove(whole);
    assert_int_equal(rename(kept, whole), 0);
    free(kept);
    free(whole);
    expect_removed(house, drill, declared, all);
}

/* --- a full disk --- */

static void start(struct house *house, enum yw_command_kind kind, const char *drill,
                  int expected)
{
    struct yw_err err = {0};
    memset(&house->command, 0, sizeof house->command);
    house->command.kind = kind;
    YW_COPY(house->command.drill, drill);
    YW_COPY(house->command.actor, "control");
    house->command.team = -1;
    house->command.done = on_done;
    house->command.owner = house;
    assert_int_equal(yw_conductor_command(house->conductor, &house->command, &err),
                     expected);
}

/* Its record waits for the disk; the machines stand at once. Nothing else is taken. */
static void a_stop_does_not_wait_for_room(void **state)
{
    struct house *house = *state;
    struct yw_err full = {0};
    char drill[YW_NAME_MAX];
    house->in_memory = true;
    command(house, YW_COMMAND_CREATE, "");
    YW_COPY(drill, house->command.ret_drill);
    command(house, YW_COMMAND_UP, drill);
    command(house, YW_COMMAND_START, drill);
    struct yw_journal *journal = yw_conductor_journal(house->conductor, drill);
    yw_journal_memory_slow(journal, 3600000);
    (void)yw_err_set(&full, YW_EIO, "no space left");
    journal->on_room(journal->owner, YW_JOURNAL_NONE, &full);
    int64_t stands_ms = yw_conductor_drill_ms(house->conductor, drill);
    start(house, YW_COMMAND_PAUSE, drill, YW_EIO);
    start(house, YW_COMMAND_STOP, drill, 0);
    size_t machines = yw_virt_world_machines(house->world);
    assert_true(machines > 2);
    for (int i = 0; i < 500 && yw_virt_world_frozen(house->world) < machines; i++)
        yw_loop_turn(house->loop, 20);
    assert_int_equal(yw_virt_world_frozen(house->world), machines);
    assert_int_equal(yw_conductor_drill_ms(house->conductor, drill), stands_ms);
    assert_false(house->done);
    yw_conductor_close(house->conductor);
    house->conductor = NULL;
    assert_true(house->done);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_slow_creation_holds_nobody_up),
        T(a_slow_start_holds_nobody_up),
        T(a_slow_fork_holds_nobody_up),
        T(an_end_in_the_middle_leaves_nothing),
        T(what_a_crash_leaves_is_removed),
        T(a_stop_does_not_wait_for_room),
        T(what_runs_is_adopted),
        T(what_is_unlike_is_repaired),
        T(what_is_over_is_removed),
        T(what_was_rolled_back_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
