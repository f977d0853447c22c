/* Consoles of a drill: seats, keys, the ring, the recording, and the events of all that.
 *
 *   opening ──bytes──▶ open ──ended by the machine or the broker──▶ waiting ──┐
 *                       ▲                     (serial: again each second) ◀───┘
 *                       └─────────────────────────┘     RETRY_MS: its seats end
 */
#include "drill/seat/console.h"

#include "base/log.h"
#include "base/mem.h"
#include "drill/drill.h"
#include "drill/seat/recording.h"
#include "drill/seat/seat.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS 1000
#define RETRY_MS 60000
#define RATE_BYTES (256 * 1024) /* a second that one machine may show */

struct yw_console {
    struct yw_drill *drill;
    int team;
    char machine[YW_NAME_MAX];
    struct yw_virt_console line;
    char *ring;    /* YW_SEAT_RING */
    uint64_t head; /* bytes ever */
    size_t shown;  /* in this second */
    size_t debt;   /* not yet given back to the machine's side */
    struct yw_seat *seats;
    struct yw_seat *typist;
    struct yw_recording *recording;
    char recording_name[YW_NAME_MAX];
    int64_t opened_ms;
    int64_t lost_ms; /* since when it is not connected; 0: it is */
    struct yw_due_entry tick;
    struct yw_console *next;
};

static int64_t now_ms(const struct yw_drill *drill)
{
    return yw_clock_mono_ms(drill->stage->clock);
}

static void news(struct yw_seat *seat)
{
    seat->on_news(seat);
}

static void end_seat(struct yw_seat *seat, int code, const char *why)
{
    if (seat->ended)
        return;
    seat->ended = true;
    (void)yw_err_set(&seat->why, code, "%s", why);
    news(seat);
}

static char *folder_of(const struct yw_drill *drill)
{
    if (drill->stage->data_dir[0] == '\0')
        return NULL;
    return yw_strf("%s/drills/%s", drill->stage->data_dir, drill->id);
}

char *yw_drill_folder(const struct yw_drill *drill)
{
    return folder_of(drill);
}

/* ---- events ---- */

static void tell(struct yw_seat *seat, bool on, const char *detail)
{
    struct yw_console *console = seat->console;
    struct yw_event event;

    yw_drill_event(&event, YW_EVENT_CONSOLE_CHANGED, console->team, seat->actor);
    struct yw_ev_console_changed *p = &event.console_changed;

    p->console = seat->number;
    YW_COPY(p->machine, console->machine);
    YW_COPY(p->form, yw_virt_form_name(seat->form));
    p->on = on;
    YW_COPY(p->mode, seat->has_keys ? "type" : "view");
    YW_COPY(p->recording, console->recording_name);
    (void)yw_copyf(p->detail, sizeof(p->detail), "%s", detail);
    if (!on && console->recording && !console->seats->next) { /* the last one out */
        struct yw_hash hash;

        yw_recording_close(console->recording, &hash, &p->bytes);
        console->recording = NULL;
        yw_hash_text(&hash, p->hash);
    }
    (void)yw_drill_emit(console->drill, &event, NULL, NULL);
}

static void record(struct yw_console *console, char kind, const void *bytes, size_t size)
{
    if (console->recording)
        yw_recording_add(console->recording, now_ms(console->drill) - console->opened_ms,
                         kind, bytes, size);
}

static void mark(struct yw_console *console, const char *actor, const char *what)
{
    char *text = yw_strf("%s %s", actor, what);

    record(console, 'm', text, strlen(text));
    free(text);
}

/* ---- the line ---- */

static void put_ring(struct yw_console *console, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t at = (size_t)(console->head % YW_SEAT_RING);
        size_t part = YW_SEAT_RING - at < size - done ? YW_SEAT_RING - at : size - done;

        memcpy(console->ring + at, bytes + done, part);
        console->head += part;
        done += part;
    }
}

static size_t unseen(const struct yw_console *console)
{
    size_t most = 0;

    for (const struct yw_seat *seat = console->seats; seat; seat = seat->next) {
        size_t left = (size_t)(console->head - seat->at);

        most = left > most ? left : most;
    }
    return most;
}

/* A serial line goes on at its rate, whoever is slow misses some; a screen waits for its
 * only seat. */
static void give_back(struct yw_console *console)
{
    size_t keep = console->line.form == YW_VIRT_VNC ? unseen(console)
                  : console->shown >= RATE_BYTES    ? console->debt
                                                    : 0;

    if (console->debt <= keep)
        return;
    size_t size = console->debt - keep;

    console->debt -= size;
    yw_virt_console_took(console->drill->stage->virt, &console->line, size);
}

static void on_bytes(struct yw_virt_console *line, const void *bytes, size_t size)
{
    struct yw_console *console = line->owner;

    put_ring(console, bytes, size);
    record(console, 'o', bytes, size);
    console->shown += size;
    console->debt += size;
    for (struct yw_seat *seat = console->seats; seat; seat = seat->next)
        news(seat);
    give_back(console);
}

static void on_room(struct yw_virt_console *line)
{
    struct yw_console *console = line->owner;

    for (struct yw_seat *seat = console->seats; seat; seat = seat->next)
        news(seat);
}

static void end_all(struct yw_console *console, const char *why)
{
    for (struct yw_seat *seat = console->seats; seat; seat = seat->next)
        end_seat(seat, YW_EIO, why);
}

static void on_end(struct yw_virt_console *line, const struct yw_err *why)
{
    static const char words[] = "\r\n[the line is cut; it is connected again]\r\n";
    struct yw_console *console = line->owner;

    console->debt = 0;
    if (line->form == YW_VIRT_VNC) {
        end_all(console, why->text);
        return;
    }
    if (console->lost_ms == 0) {
        console->lost_ms = now_ms(console->drill);
        if (console->head > 0) {
            put_ring(console, words, sizeof(words) - 1);
            on_room(line);
        }
    }
}

static int connect_line(struct yw_console *console, struct yw_err *err)
{
    return yw_virt_console_open(console->drill->stage->virt, &console->line, err);
}

/* ---- the keys ---- */

/* One screen has a line for each who sits at it, and still one keyboard. */
static bool same_keyboard(const struct yw_console *a, const struct yw_console *b)
{
    return a->line.form == b->line.form && a->team == b->team &&
           strcmp(a->machine, b->machine) == 0;
}

static struct yw_seat *typist_of(const struct yw_console *console)
{
    for (struct yw_console *at = console->drill->consoles; at; at = at->next) {
        if (at->typist && same_keyboard(at, console))
            return at->typist;
    }
    return NULL;
}

static void show_typist(struct yw_console *console)
{
    const struct yw_seat *typist = typist_of(console);

    for (struct yw_console *at = console->drill->consoles; at; at = at->next) {
        for (struct yw_seat *seat = at->seats; seat && same_keyboard(at, console);
             seat = seat->next) {
            YW_COPY(seat->typist, typist ? typist->actor : "");
            seat->changed = true;
            news(seat);
        }
    }
}

static void lose_keys(struct yw_seat *former, const char *why)
{
    former->console->typist = NULL;
    former->has_keys = false;
    tell(former, true, why);
}

static void give_keys(struct yw_seat *seat)
{
    seat->console->typist = seat;
    seat->has_keys = true;
    seat->typed_ms = now_ms(seat->console->drill);
}

/* Important machines are looked at only, while changes to them are frozen. */
static bool is_frozen(const struct yw_seat *seat)
{
    return seat->party >= 0 &&
           yw_duty_is_frozen(seat->console->drill, seat->console->machine);
}

/* ---- time ---- */

static void check_seat(struct yw_seat *seat, int64_t now)
{
    if (seat->has_keys && is_frozen(seat))
        lose_keys(seat, "changes of this machine are frozen");
    if (seat->typed > 0)
        news(seat); /* what was too much for one second may go on */
    seat->typed = 0;
    if (seat->has_keys && now - seat->typed_ms >= seat->idle_ms)
        end_seat(seat, YW_ETIMEOUT, "nothing was typed for too long");
    else if (now - seat->opened_ms >= YW_SEAT_SESSION_MS)
        end_seat(seat, YW_ETIMEOUT, "the session has lasted too long");
}

static void on_tick(struct yw_due_entry *entry)
{
    struct yw_console *console = entry->arg;
    struct yw_drill *drill = console->drill;
    int64_t now = now_ms(drill);
    struct yw_err err;

    yw_due_add(drill->stage->due, entry, now + TICK_MS);
    console->shown = 0;
    give_back(console);
    if (console->recording)
        yw_recording_flush(console->recording);
    if (console->lost_ms != 0 && console->line.id == 0 &&
        connect_line(console, &err) == 0)
        console->lost_ms = 0;
    const struct yw_machine_fold *fold =
        yw_drill_machine(yw_drill_state(drill), console->team, console->machine);

    if (!fold || fold->state == YW_MACHINE_DOWN)
        end_all(console, "the machine was taken down");
    else if (console->lost_ms != 0 && now - console->lost_ms >= RETRY_MS)
        end_all(console, "the machine's line does not come back");
    for (struct yw_seat *seat = console->seats; seat; seat = seat->next)
        check_seat(seat, now);
}

/* ---- sitting down ---- */

static struct yw_console *find_console(struct yw_drill *drill, int team,
                                       const char *machine)
{
    for (struct yw_console *at = drill->consoles; at; at = at->next) {
        if (at->line.form == YW_VIRT_SERIAL && at->team == team &&
            strcmp(at->machine, machine) == 0)
            return at;
    }
    return NULL;
}

static void start_recording(struct yw_console *console, int64_t number)
{
    struct yw_drill *drill = console->drill;
    struct yw_recording_head head = {.drill = drill->id,
                                     .team = drill->plan->teams[console->team],
                                     .machine = console->machine,
                                     .console = number,
                                     .wall_us = yw_clock_wall_us(drill->stage->clock),
                                     .drill_ms = yw_drill_now(drill)};
    char *folder = folder_of(drill);
    struct yw_err err;

    if (!folder)
        return;
    if (yw_recording_open(&console->recording, folder, &head, &err) == 0)
        (void)yw_copyf(console->recording_name, sizeof(console->recording_name),
                       YW_RECORDING_NAME, (long long)number);
    else
        yw_drill_fault(drill, "console of '%s' is not recorded: %s", console->machine,
                       err.text);
    free(folder);
}

static void free_console(struct yw_console *console)
{
    struct yw_console **at = &console->drill->consoles;

    while (*at && *at != console)
        at = &(*at)->next;
    if (*at)
        *at = console->next;
    yw_due_cancel(console->drill->stage->due, &console->tick);
    yw_virt_console_close(console->drill->stage->virt, &console->line);
    yw_recording_close(console->recording, NULL, NULL);
    free(console->ring);
    free(console);
}

static struct yw_console *open_console(struct yw_drill *drill, const struct yw_seat *seat,
                                       const struct yw_plan_machine *planned,
                                       struct yw_err *err)
{
    struct yw_console *console = yw_new(sizeof(*console));

    console->drill = drill;
    console->team = seat->team;
    YW_COPY(console->machine, seat->machine);
    YW_COPY(console->line.uuid, planned->uuid);
    console->line.form = seat->form;
    console->line.on_bytes = on_bytes;
    console->line.on_room = on_room;
    console->line.on_end = on_end;
    console->line.owner = console;
    console->opened_ms = now_ms(drill);
    console->tick.run = on_tick;
    console->tick.arg = console;
    console->ring = yw_new(YW_SEAT_RING);
    if (connect_line(console, err) < 0) {
        free_console(console);
        return NULL;
    }
    console->next = drill->consoles;
    drill->consoles = console;
    yw_due_add(drill->stage->due, &console->tick, console->opened_ms + TICK_MS);
    return console;
}

/* At most so many in a minute: a bucket a party. */
static int spend(struct yw_drill *drill, int64_t *at_ms, int most, struct yw_err *err)
{
    int64_t now = now_ms(drill);
    int64_t step = 60000 / most;
    int64_t full = now - 60000; /* or never used */
    int64_t from = *at_ms != 0 && *at_ms > full ? *at_ms : full;

    if (from + step > now)
        return yw_err_set(err, YW_ELIMIT, "console: more than %d times a minute", most);
    *at_ms = from + step;
    return 0;
}

static int count_seats(const struct yw_drill *drill, const struct yw_seat *seat,
                       struct yw_err *err)
{
    size_t all = 0, party = 0, machine = 0;

    for (const struct yw_console *at = drill->consoles; at; at = at->next) {
        for (const struct yw_seat *other = at->seats; other; other = other->next) {
            all++;
            party += other->party == seat->party;
            machine += at->team == seat->team && strcmp(at->machine, seat->machine) == 0;
        }
    }
    if (machine >= YW_SEATS_MACHINE_MAX)
        return yw_err_set(err, YW_ELIMIT, "console: %d sit at this machine already",
                          YW_SEATS_MACHINE_MAX);
    if (seat->party >= 0 && party >= YW_SEATS_TEAM_MAX)
        return yw_err_set(err, YW_ELIMIT, "console: this team has %d open already",
                          YW_SEATS_TEAM_MAX);
    if (all >= YW_SEATS_MAX)
        return yw_err_set(err, YW_ELIMIT, "console: %d are open in this drill already",
                          YW_SEATS_MAX);
    return 0;
}

/* What a team may not know of it is told does not exist. */
static int may_sit(const struct yw_drill *drill, const struct yw_seat *seat,
                   struct yw_err *err)
{
    const struct yw_machine_fold *fold =
        yw_drill_machine(yw_drill_state(drill), seat->team, seat->machine);

    if (!fold || (seat->party >= 0 && (seat->party != seat->team || fold->hidden)))
        return yw_err_set(err, YW_ENOTFOUND, "no machine '%s'", seat->machine);
    if (seat->party >= 0 && !fold->console)
        return yw_err_set(
            err, YW_EDENIED,
            "machine '%s': the scenario does not open its consoles to teams",
            seat->machine);
    if (seat->form == YW_VIRT_VNC && !fold->display)
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s' has no screen", seat->machine);
    if (fold->state != YW_MACHINE_STARTING && fold->state != YW_MACHINE_UP &&
        fold->state != YW_MACHINE_SERVING)
        return yw_err_set(err, YW_ESTATE, "machine '%s' does not run", seat->machine);
    return 0;
}

static int64_t *bucket_of(struct yw_drill *drill, const struct yw_seat *seat, bool takes)
{
    struct yw_drill_party *party =
        seat->party >= 0 ? &drill->teams[seat->party].party : &drill->control;

    return takes ? &party->takes_ms : &party->opens_ms;
}

static void sit_down(struct yw_seat *seat, struct yw_console *console)
{
    struct yw_drill *drill = console->drill;
    int64_t idle_ms = drill->stage->console_idle_ms;
    size_t kept = console->head < YW_SEAT_RING ? (size_t)console->head : YW_SEAT_RING;
    const struct yw_drill_state *state = yw_drill_state(drill);

    if (drill->next_console < state->last_console)
        drill->next_console = state->last_console;
    seat->number = ++drill->next_console;
    seat->console = console;
    seat->at = console->head - kept;
    seat->skipped = false;
    seat->ended = false;
    seat->has_keys = false;
    seat->idle_ms = idle_ms > 0 ? idle_ms : YW_SEAT_IDLE_MS;
    seat->opened_ms = now_ms(drill);
    seat->typed_ms = seat->opened_ms;
    seat->next = console->seats;
    if (!console->seats && seat->form == YW_VIRT_SERIAL)
        start_recording(console, seat->number);
    console->seats = seat;
    if (seat->wants_keys && !typist_of(console) && !is_frozen(seat))
        give_keys(seat);
    tell(seat, true, "");
    mark(console, seat->actor, seat->has_keys ? "sits down to type" : "sits down");
}

int yw_drill_sit(struct yw_drill *drill, struct yw_seat *seat, struct yw_err *err)
{
    int index = yw_spec_machine(drill->spec, seat->machine);
    const struct yw_plan_machine *planned =
        index < 0 ? NULL : yw_plan_machine(drill->plan, seat->team, index);
    int code = may_sit(drill, seat, err);

    if (code == 0 && (!planned || !drill->stage->virt))
        code = yw_err_set(err, YW_ENOTFOUND, "no machine '%s'", seat->machine);
    if (code == 0)
        code = count_seats(drill, seat, err);
    if (code == 0)
        code = spend(drill, bucket_of(drill, seat, false), YW_SEAT_OPENS_MAX, err);
    if (code < 0)
        return code;
    struct yw_console *console = seat->form == YW_VIRT_SERIAL
                                     ? find_console(drill, seat->team, seat->machine)
                                     : NULL;

    if (!console)
        console = open_console(drill, seat, planned, err);
    if (!console)
        return err ? err->code : YW_EIO;
    sit_down(seat, console);
    show_typist(console);
    seat->changed = false;
    return 0;
}

/* ---- at the seat ---- */

size_t yw_seat_read(struct yw_seat *seat, void *bytes, size_t size)
{
    static const char gap[] = "\r\n[...]\r\n";
    struct yw_console *console = seat->console;
    size_t done = 0;

    if (!console)
        return 0;
    if (console->head - seat->at > YW_SEAT_RING) {
        seat->at = console->head - YW_SEAT_RING;
        seat->skipped = true;
    }
    if (seat->skipped && size >= sizeof(gap)) {
        memcpy(bytes, gap, sizeof(gap) - 1);
        done = sizeof(gap) - 1;
        seat->skipped = false;
    }
    while (done < size && seat->at < console->head) {
        size_t at = (size_t)(seat->at % YW_SEAT_RING);
        size_t part = YW_SEAT_RING - at;
        size_t left = (size_t)(console->head - seat->at);

        part = part < left ? part : left;
        part = part < size - done ? part : size - done;
        memcpy((char *)bytes + done, console->ring + at, part);
        done += part;
        seat->at += part;
    }
    if (console->line.form == YW_VIRT_VNC)
        give_back(console);
    return done;
}

int yw_seat_type(struct yw_seat *seat, const void *bytes, size_t size, struct yw_err *err)
{
    struct yw_console *console = seat->console;

    if (!console || seat->ended)
        return yw_err_set(err, YW_ESTATE, "the console has ended");
    /* a screen's watchers speak too: what they say was filtered */
    if (!seat->has_keys && seat->form == YW_VIRT_SERIAL)
        return yw_err_set(err, YW_EDENIED, "this seat only watches");
    if (size > YW_SEAT_TYPE_MAX)
        return yw_err_set(err, YW_EINVAL, "more than %d bytes at once", YW_SEAT_TYPE_MAX);
    if (size > console->line.room)
        return yw_err_set(err, YW_ELIMIT, "the machine does not read what is typed");
    if (seat->typed + size > YW_SEAT_TYPE_RATE)
        return yw_err_set(err, YW_ELIMIT, "more than %d bytes a second",
                          YW_SEAT_TYPE_RATE);
    seat->typed += size;
    seat->typed_ms = now_ms(console->drill);
    yw_virt_console_send(console->drill->stage->virt, &console->line, bytes, size);
    if (seat->form == YW_VIRT_SERIAL)
        record(console, 'i', bytes, size);
    return 0;
}

int yw_seat_take(struct yw_seat *seat, struct yw_err *err)
{
    struct yw_console *console = seat->console;

    if (!console || seat->ended)
        return yw_err_set(err, YW_ESTATE, "the console has ended");
    if (seat->has_keys)
        return 0;
    if (is_frozen(seat))
        return yw_err_set(err, YW_EDENIED,
                          "'%s' is important and changes are frozen: this seat only "
                          "watches",
                          console->machine);
    struct yw_seat *former = typist_of(console);

    if (former && seat->party >= 0 && former->party != seat->party)
        return yw_err_set(err, YW_EDENIED, "%s has the keys", former->actor);
    int code = spend(console->drill, bucket_of(console->drill, seat, true),
                     YW_SEAT_TAKES_MAX, err);

    if (code < 0)
        return code;
    char detail[YW_EVENT_VALUE_MAX] = "took the keys";

    if (former) {
        char lost[YW_EVENT_VALUE_MAX];

        (void)yw_copyf(detail, sizeof(detail), "took the keys from %s", former->actor);
        (void)yw_copyf(lost, sizeof(lost), "%s took the keys", seat->actor);
        lose_keys(former, lost);
    }
    give_keys(seat);
    tell(seat, true, detail);
    mark(console, seat->actor, detail);
    show_typist(console);
    return 0;
}

void yw_seat_yield(struct yw_seat *seat)
{
    struct yw_console *console = seat->console;

    if (!console || !seat->has_keys)
        return;
    lose_keys(seat, "gave up the keys");
    mark(console, seat->actor, "gives up the keys");
    show_typist(console);
}

static void unlink_seat(struct yw_console *console, struct yw_seat *seat)
{
    struct yw_seat **at = &console->seats;

    while (*at && *at != seat)
        at = &(*at)->next;
    if (*at)
        *at = seat->next;
    seat->next = NULL;
    seat->console = NULL;
}

void yw_seat_close(struct yw_seat *seat, const char *why)
{
    struct yw_console *console = seat->console;

    if (!console)
        return;
    bool had = seat->has_keys;

    mark(console, seat->actor, "leaves");
    tell(seat, false, seat->ended ? seat->why.text : why);
    if (had)
        console->typist = NULL;
    seat->has_keys = false;
    unlink_seat(console, seat);
    if (had)
        show_typist(console);
    if (!console->seats)
        free_console(console);
}

/* ---- the drill ---- */

/* Who sat there when the daemon ended without a word. */
void yw_console_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    char *folder = folder_of(drill);

    for (size_t i = 0; i < state->sittings.count; i++) {
        const struct yw_sitting_fold *sitting = yw_vec_at(&state->sittings, i);
        struct yw_event event;
        struct yw_hash hash;

        yw_drill_event(&event, YW_EVENT_CONSOLE_CHANGED, sitting->team, sitting->actor);
        struct yw_ev_console_changed *p = &event.console_changed;

        p->console = sitting->console;
        YW_COPY(p->machine, sitting->machine);
        YW_COPY(p->form, sitting->form);
        YW_COPY(p->mode, sitting->mode);
        YW_COPY(p->recording, sitting->recording);
        YW_COPY(p->detail, "the daemon was restarted");
        if (folder && sitting->recording[0] &&
            yw_recording_look(folder, sitting->recording, &hash, &p->bytes, NULL) == 0)
            yw_hash_text(&hash, p->hash);
        event.causes[0] = sitting->seq;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    free(folder);
}

/* The seats are told; their owner closes them, in its own time. */
void yw_console_close(struct yw_drill *drill)
{
    while (drill->consoles) {
        struct yw_console *console = drill->consoles;

        while (console->seats) {
            struct yw_seat *seat = console->seats;

            if (!seat->ended)
                tell(seat, false, "the daemon stops");
            unlink_seat(console, seat);
            end_seat(seat, YW_ECANCELED, "the daemon stops");
        }
        free_console(console);
    }
}
