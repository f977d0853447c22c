#include "stand_in.h"

#include "base/mem.h"
#include "codec/request/request.h"
#include "drill/seat/recording.h"
#include "drill/seat/seat.h"
#include "loop/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRILLS 3
#define TEAMS_MAX 2
#define BOARDS 64

struct drill {
    char name[YW_NAME_MAX];
    char teams[TEAMS_MAX][YW_NAME_MAX];
    size_t team_count;
    struct yw_view view;
    struct yw_score score;
    int64_t seq;
    bool gone;
};

struct board {
    struct drill *drill;
    enum yw_audience audience;
    int team;
    int watchers;
};

struct job { /* a command that is done later, or a burst */
    struct yw_due_entry due;
    struct yw_conductor *conductor;
    struct yw_command *command;
    int code;
    struct drill *drill;
    int left, bytes, gap_ms;
    struct job *next;
};

struct yw_conductor {
    struct yw_loop *loop;
    struct drill drills[DRILLS];
    size_t count;
    struct board boards[BOARDS];
    size_t board_count;
    yw_patch_fn *on_patch;
    void *owner;
    struct job *jobs;
    int64_t command_seq;
};

static size_t live_frames; /* frames are free of any conductor */

static struct drill *find(const struct yw_conductor *conductor, const char *name)
{
    for (size_t i = 0; i < conductor->count; i++)
        if (strcmp(conductor->drills[i].name, name) == 0 && !conductor->drills[i].gone)
            return (struct drill *)(uintptr_t)&conductor->drills[i];
    return NULL;
}

static struct drill *add(struct yw_conductor *conductor, const char *name,
                         const char *team_a, const char *team_b)
{
    struct drill *drill = &conductor->drills[conductor->count++];
    (void)YW_COPY(drill->name, name);
    (void)YW_COPY(drill->teams[0], team_a);
    (void)YW_COPY(drill->teams[1], team_b ? team_b : "");
    drill->team_count = team_b ? 2 : 1;
    drill->seq = 1;
    yw_view_init(&drill->view, YW_AUDIENCE_PUBLIC, -1);
    drill->view.state.phase = YW_PHASE_RUNNING;
    (void)YW_COPY(drill->view.state.facts.title.en, "A \"quoted\" drill");
    (void)YW_COPY(drill->view.state.facts.title.zh, "演练");
    yw_score_init(&drill->score);
    return drill;
}

struct yw_conductor *stand_in_new(struct yw_loop *loop)
{
    struct yw_conductor *conductor = yw_new(sizeof(*conductor));
    conductor->loop = loop;
    conductor->command_seq = 100;
    add(conductor, "drill-one", "blue-quick", "blue-slow");
    add(conductor, "drill-two", "other", NULL);
    return conductor;
}

void stand_in_free(struct yw_conductor *conductor)
{
    while (conductor->jobs) {
        struct job *job = conductor->jobs;
        conductor->jobs = job->next;
        yw_due_cancel(yw_loop_due(conductor->loop), &job->due);
        if (job->command) {
            struct yw_err err = {0};
            (void)yw_err_set(&err, YW_ECANCELED, "the conductor closes");
            job->command->done(job->command, YW_ECANCELED, &err);
        }
        free(job);
    }
    for (size_t i = 0; i < conductor->count; i++) {
        yw_view_fini(&conductor->drills[i].view);
        yw_score_fini(&conductor->drills[i].score);
    }
    free(conductor);
}

int stand_in_watched(const struct yw_conductor *conductor)
{
    int watched = 0;
    for (size_t i = 0; i < conductor->board_count; i++)
        watched += conductor->boards[i].watchers;
    return watched;
}

size_t stand_in_frames(const struct yw_conductor *conductor)
{
    (void)conductor;
    return live_frames;
}

/* ---- frames ---- */

struct yw_frame *yw_frame_ref(struct yw_frame *frame)
{
    frame->refs++;
    return frame;
}

void yw_frame_unref(struct yw_frame *frame)
{
    if (!frame || --frame->refs > 0)
        return;
    live_frames--;
    free(frame->text);
    free(frame);
}

static void put_words(struct yw_buf *out, enum yw_audience audience, int team)
{
    if (audience == YW_AUDIENCE_CONTROL)
        yw_buf_puts(out, ",\"orders\":\"" STAND_IN_CONTROL_SECRET "\"");
    if (audience == YW_AUDIENCE_TEAM)
        yw_buf_printf(out, ",\"hint\":\"" STAND_IN_TEAM_SECRET "%d\"", team);
}

static struct yw_frame *frame_new(int64_t seq, int64_t prev, const char *drill,
                                  enum yw_audience audience, int team, int bytes)
{
    struct yw_buf text;
    yw_buf_init(&text, 8 * 1024 * 1024);
    yw_buf_printf(&text, "{\"n\":%lld", (long long)seq);
    if (prev < 0)
        yw_buf_printf(&text, ",\"drill\":\"%s\"", drill);
    put_words(&text, audience, team);
    if (bytes > 0) {
        yw_buf_puts(&text, ",\"pad\":\"");
        for (int i = 0; i < bytes; i++)
            yw_buf_put(&text, &"abcdefghijklmnop"[i % 16], 1);
        yw_buf_puts(&text, "\"");
    }
    yw_buf_puts(&text, "}");
    struct yw_frame *frame = yw_new(sizeof(*frame));
    frame->refs = 1;
    frame->seq = seq;
    frame->prev = prev;
    frame->size = text.size;
    frame->text = yw_buf_steal(&text);
    live_frames++;
    return frame;
}

struct yw_frame *yw_conductor_snapshot(struct yw_conductor *conductor, const char *drill,
                                       enum yw_audience audience, int team)
{
    const struct drill *found = find(conductor, drill);
    return found ? frame_new(found->seq, -1, drill, audience, team, 0) : NULL;
}

void yw_conductor_on_patch(struct yw_conductor *conductor, yw_patch_fn *fn, void *owner)
{
    conductor->on_patch = fn;
    conductor->owner = owner;
}

void yw_conductor_watch(struct yw_conductor *conductor, const char *drill,
                        enum yw_audience audience, int team, int change)
{
    struct board *board = NULL;
    for (size_t i = 0; i < conductor->board_count; i++) {
        struct board *at = &conductor->boards[i];
        if (strcmp(at->drill->name, drill) == 0 && at->audience == audience &&
            at->team == team)
            board = at;
    }
    if (!board) {
        assert(conductor->board_count < BOARDS);
        board = &conductor->boards[conductor->board_count++];
        *board = (struct board){
            .drill = find(conductor, drill), .audience = audience, .team = team};
        assert(board->drill);
    }
    board->watchers += change;
    assert(board->watchers == 0 || board->watchers == 1);
}

static void publish(struct yw_conductor *conductor, struct drill *drill, int bytes)
{
    int64_t prev = drill->seq++;
    for (size_t i = 0; i < conductor->board_count; i++) {
        const struct board *board = &conductor->boards[i];
        if (board->drill != drill || board->watchers == 0 || !conductor->on_patch)
            continue;
        struct yw_frame *frame =
            frame_new(drill->seq, prev, drill->name, board->audience, board->team, bytes);
        conductor->on_patch(conductor->owner, drill->name, board->audience, board->team,
                            frame);
        yw_frame_unref(frame);
    }
}

/* ---- commands ---- */

static void forget(struct job *job)
{
    for (struct job **at = &job->conductor->jobs; *at; at = &(*at)->next)
        if (*at == job) {
            *at = job->next;
            break;
        }
    free(job);
}

static void on_burst(struct yw_due_entry *entry)
{
    struct job *job = entry->arg;
    publish(job->conductor, job->drill, job->bytes);
    if (--job->left > 0)
        yw_due_add(yw_loop_due(job->conductor->loop), entry,
                   yw_clock_mono_ms(yw_loop_clock(job->conductor->loop)) + job->gap_ms);
    else
        forget(job);
}

static void on_job(struct yw_due_entry *entry)
{
    struct job *job = entry->arg;
    struct yw_command *command = job->command;
    struct yw_err err = {0};
    int code = job->code;
    if (code)
        (void)yw_err_set(&err, code, "as the test asked");
    forget(job);
    command->done(command, code, &err);
}

static struct job *job_new(struct yw_conductor *conductor,
                           void (*run)(struct yw_due_entry *), int64_t delay_ms)
{
    struct job *job = yw_new(sizeof(*job));
    job->conductor = conductor;
    job->due.run = run;
    job->due.arg = job;
    job->next = conductor->jobs;
    conductor->jobs = job;
    yw_due_add(yw_loop_due(conductor->loop), &job->due,
               yw_clock_mono_ms(yw_loop_clock(conductor->loop)) + delay_ms);
    return job;
}

static void rule(struct yw_conductor *conductor, struct drill *drill, const char *reason)
{
    int count, bytes, gap_ms;
    if (sscanf(reason, "burst %d %d %d", &count, &bytes, &gap_ms) == 3) {
        struct job *job = job_new(conductor, on_burst, 5);
        job->drill = drill;
        job->left = count;
        job->bytes = bytes;
        job->gap_ms = gap_ms;
    } else if (strcmp(reason, "vanish") == 0) {
        drill->gone = true;
    }
}

/* Done after how long, with what code. */
static int64_t decide(struct yw_conductor *conductor, struct drill *drill,
                      struct yw_command *command, int *ret_code)
{
    command->ret_seq = ++conductor->command_seq;
    switch (command->kind) {
    case YW_COMMAND_CREATE:
        assert(command->create->package);
        yw_package_free(command->create->package);
        command->create->package = NULL;
        (void)YW_COPY(command->ret_drill, "drill-new");
        if (!find(conductor, "drill-new") && conductor->count < DRILLS)
            add(conductor, "drill-new", command->create->teams[0],
                command->create->team_count > 1 ? command->create->teams[1] : NULL);
        return 1;
    case YW_COMMAND_UP:
    case YW_COMMAND_DOWN:
        return 7000; /* longer than every deadline of a connection */
    case YW_COMMAND_PAUSE:
        *ret_code = YW_ESTATE;
        return 1;
    case YW_COMMAND_ANSWER:
        *ret_code = strcmp(command->answer.role, "ir_lead") != 0 ? YW_EDENIED
                    : command->run != 3                          ? YW_ESTATE
                                                                 : 0;
        return 1;
    case YW_COMMAND_ACT:
        if (strcmp(command->action.machine, "broken") == 0)
            *ret_code = YW_EIO;
        command->ret_exit = command->action.argc > 1 ? 3 : 0;
        snprintf(command->ret_output, sizeof(command->ret_output),
                 "%.100s by %.60s key %.90s", command->action.argv[0], command->actor,
                 command->key);
        return strcmp(command->action.machine, "slow") == 0
                   ? atoi(command->action.argv[0])
                   : 1;
    case YW_COMMAND_DUTY:
    case YW_COMMAND_CONFIRM:
    case YW_COMMAND_SUBMIT:
    case YW_COMMAND_CONTROL:
    case YW_COMMAND_PLAYBOOK:
        return 1;
    case YW_COMMAND_RULE:
        rule(conductor, drill, command->ruling.reason);
        return 1;
    case YW_COMMAND_RESET:
    case YW_COMMAND_CHECKPOINT:
    case YW_COMMAND_RESTORE:
    case YW_COMMAND_DROP:
    case YW_COMMAND_EVIDENCE:
    case YW_COMMAND_CAPTURE:
    case YW_COMMAND_STOP:
    case YW_COMMAND_EXEC:
    case YW_COMMAND_FILE:
    case YW_COMMAND_FORK:
    case YW_COMMAND_START:
    case YW_COMMAND_RESUME:
    case YW_COMMAND_SPEED:
    case YW_COMMAND_END:
    case YW_COMMAND_REPORT:
        return 1;
    }
    return 1;
}

int yw_conductor_command(struct yw_conductor *conductor, struct yw_command *command,
                         struct yw_err *err)
{
    struct drill *drill =
        command->kind == YW_COMMAND_CREATE ? NULL : find(conductor, command->drill);
    if (command->kind != YW_COMMAND_CREATE && !drill)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", command->drill);
    int code = 0;
    int64_t delay_ms = decide(conductor, drill, command, &code);
    struct job *job = job_new(conductor, on_job, delay_ms);
    job->command = command;
    job->code = code;
    return 0;
}

/* ---- reading ---- */

size_t yw_conductor_hosts(const struct yw_conductor *conductor, struct yw_virt_host *ret,
                          size_t max)
{
    (void)conductor;
    if (max == 0)
        return 0;
    *ret = (struct yw_virt_host){.name = "local", .weight = 1, .state = YW_HOST_UP};
    return 1;
}

int64_t yw_conductor_host_memory_mib(const struct yw_conductor *conductor,
                                     const char *host)
{
    (void)conductor;
    (void)host;
    return 0;
}

const char *yw_conductor_network(const struct yw_conductor *conductor, const char *drill,
                                 size_t index, int *ret_team)
{
    (void)conductor;
    (void)drill;
    (void)index;
    (void)ret_team;
    return NULL;
}

size_t yw_conductor_host_machines(const struct yw_conductor *conductor, const char *host)
{
    (void)conductor;
    return strcmp(host, "local") == 0 ? 3 : 0;
}

int yw_conductor_host_order(struct yw_conductor *conductor, const char *host,
                            enum yw_host_order order, const char *actor,
                            struct yw_err *err)
{
    (void)conductor;
    (void)order;
    (void)actor;
    return strcmp(host, "local") == 0
               ? yw_err_set(err, YW_ESTATE, "one host alone cannot be drained")
               : yw_err_set(err, YW_ENOTFOUND, "no host '%s'", host);
}

size_t yw_conductor_count(const struct yw_conductor *conductor)
{
    return conductor->count;
}

const char *yw_conductor_drill_at(const struct yw_conductor *conductor, size_t index)
{
    return conductor->drills[index].name;
}

const struct yw_view *yw_conductor_view(const struct yw_conductor *conductor,
                                        const char *drill, enum yw_audience audience,
                                        int team)
{
    (void)audience;
    (void)team;
    const struct drill *found = find(conductor, drill);
    return found ? &found->view : NULL;
}

const struct yw_score *yw_conductor_score(const struct yw_conductor *conductor,
                                          const char *drill, enum yw_audience audience,
                                          int team)
{
    (void)audience;
    (void)team;
    const struct drill *found = find(conductor, drill);
    return found ? &found->score : NULL;
}

const struct yw_run *yw_conductor_run(const struct yw_conductor *conductor,
                                      const char *drill, int64_t run)
{
    (void)conductor;
    (void)drill;
    (void)run;
    return NULL; /* nobody plays here */
}

struct yw_journal *yw_conductor_journal(const struct yw_conductor *conductor,
                                        const char *drill)
{
    return (struct yw_journal *)find(conductor,
                                     drill); /* only yw_journal_export looks at it */
}

int64_t yw_conductor_drill_ms(const struct yw_conductor *conductor, const char *drill)
{
    const struct drill *found = find(conductor, drill);
    return found ? found->view.state.drill_ms : 0;
}

bool yw_conductor_tier(const struct yw_conductor *conductor, const char *drill, int tier)
{
    (void)conductor;
    (void)drill;
    (void)tier;
    return false;
}

int yw_conductor_team(const struct yw_conductor *conductor, const char *drill,
                      const char *team)
{
    const struct drill *found = find(conductor, drill);
    for (size_t i = 0; found && i < found->team_count; i++)
        if (strcmp(found->teams[i], team) == 0)
            return (int)i;
    return -1;
}

int yw_conductor_operations(const struct yw_conductor *conductor, const char *drill,
                            struct yw_buf *out, struct yw_err *err)
{
    (void)conductor;
    (void)drill;
    (void)err;
    yw_buf_puts(out, "{\"stations\":[]}");
    return 0;
}

int yw_conductor_plan(const struct yw_conductor *conductor, const char *drill,
                      struct yw_buf *out, struct yw_err *err)
{
    if (!find(conductor, drill))
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", drill);
    yw_buf_puts(out, "{\"machines\":{}}");
    return 0;
}

const struct yw_law *yw_conductor_law(const struct yw_conductor *conductor)
{
    (void)conductor;
    return NULL;
}

bool yw_run_format_read(const char *name, enum yw_run_format *ret)
{
    *ret = YW_RUN_JSON;
    return strcmp(name, "json") == 0;
}

int yw_run_export(struct yw_buf *out, const struct yw_conductor *conductor,
                  const char *drill, int64_t run, enum yw_run_format format,
                  const char *lang, struct yw_err *err)
{
    (void)out, (void)conductor, (void)format, (void)lang;
    return yw_err_set(err, YW_ENOTFOUND, "no run %lld of '%s'", (long long)run, drill);
}

int yw_report_write(struct yw_buf *out, struct yw_journal *journal,
                    const struct yw_law *law, const char *lang,
                    enum yw_report_format format, struct yw_err *err)
{
    (void)journal;
    (void)law;
    (void)err;
    yw_buf_printf(out, "report %s %s\n", lang, format == YW_REPORT_HTML ? "html" : "md");
    return 0;
}

/* 1,000 records, so that an export takes several turns. */
void yw_journal_head(struct yw_journal *journal, int64_t *ret_seq,
                     struct yw_hash *ret_hash)
{
    (void)journal;
    (void)ret_hash;
    *ret_seq = 0;
}

int yw_journal_read(struct yw_journal *journal, int64_t from_seq,
                    int (*fn)(void *arg, const struct yw_event *event), void *arg,
                    struct yw_err *err)
{
    (void)journal;
    (void)from_seq;
    (void)fn;
    (void)arg;
    (void)err;
    return 0;
}

int yw_journal_export(struct yw_journal *journal, int64_t from_seq,
                      int (*write)(void *arg, const char *line, size_t size), void *arg,
                      struct yw_err *err)
{
    (void)journal;
    (void)err;
    for (int64_t seq = from_seq < 1 ? 1 : from_seq; seq <= 1000; seq++) {
        char line[64];
        int size = snprintf(line, sizeof(line), "{\"seq\":%lld}\n", (long long)seq);
        int stop = write(arg, line, (size_t)size);
        if (stop)
            return stop;
    }
    return 0;
}

/* ---- consoles: this conductor has no machines ---- */

int yw_seat_open(struct yw_conductor *conductor, struct yw_seat *seat, struct yw_err *err)
{
    (void)conductor;
    return yw_err_set(err, YW_ENOTFOUND, "no machine '%s'", seat->machine);
}

size_t yw_seat_read(struct yw_seat *seat, void *bytes, size_t size)
{
    (void)seat;
    (void)bytes;
    (void)size;
    return 0;
}

int yw_seat_type(struct yw_seat *seat, const void *bytes, size_t size, struct yw_err *err)
{
    (void)seat;
    (void)bytes;
    (void)size;
    return yw_err_set(err, YW_ESTATE, "the console has ended");
}

int yw_seat_take(struct yw_seat *seat, struct yw_err *err)
{
    (void)seat;
    return yw_err_set(err, YW_ESTATE, "the console has ended");
}

void yw_seat_yield(struct yw_seat *seat)
{
    (void)seat;
}

void yw_seat_close(struct yw_seat *seat, const char *why)
{
    (void)seat;
    (void)why;
}

char *yw_conductor_folder(const struct yw_conductor *conductor, const char *drill)
{
    (void)conductor;
    (void)drill;
    return NULL;
}

char *yw_recording_path(const char *drill_dir, const char *name)
{
    (void)drill_dir;
    (void)name;
    return NULL;
}
