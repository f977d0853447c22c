/* A seat at a machine's console: what one person sees and may do there.
 *
 *   serial   one line a machine, shown to all who sit at it from a common ring; one of
 *            them types, the others watch. Control may take the keys at any time, a team
 *            from its own and when nobody has them; the former watches on.
 *   vnc      a connection of its own each, as the protocol wants it; keys and pointer go
 *            through only for who may type (net/rfb.h filters).
 *
 * Control sits anywhere; a team at its own machines that are not hidden and that the
 * scenario opens (`console = true`). Every sitting down, change and leaving is a
 * console-changed event; serial sessions are recorded (drill/seat/recording.h). Who types
 * nothing for the idle limit leaves, and everybody after YW_SEAT_SESSION_MS.
 *
 * The seat is the caller's memory from open to close. Loop thread. */
#ifndef YW_DRILL_SEAT_H
#define YW_DRILL_SEAT_H

#include "drill/conductor.h"

#define YW_SEATS_MACHINE_MAX 8
#define YW_SEATS_TEAM_MAX 32
#define YW_SEATS_MAX 128     /* of one drill */
#define YW_SEAT_OPENS_MAX 60 /* a minute and party, so that nobody fills the journal */
#define YW_SEAT_TAKES_MAX 20 /* the same for taking the keys */
/* Shown and kept for those who are slow or come later; as much as can be on its way, so
 * that a screen loses nothing. */
#define YW_SEAT_RING (2 * YW_VIRT_CONSOLE_WINDOW)
#define YW_SEAT_TYPE_MAX 4096            /* bytes at once */
#define YW_SEAT_TYPE_RATE (32 * 1024)    /* and a second */
#define YW_SEAT_IDLE_MS (15 * 60 * 1000) /* unless a setting says otherwise */
#define YW_SEAT_SESSION_MS (12LL * 60 * 60 * 1000)

struct yw_console;

struct yw_seat {
    /* set by the caller before open */
    char drill[YW_NAME_MAX];
    char machine[YW_NAME_MAX];
    int team; /* of the machine */
    enum yw_virt_form form;
    int party; /* who sits: -1 control, else his team */
    char actor[YW_EVENT_ACTOR_MAX];
    bool wants_keys;
    /* Something is there: bytes, room for keys, another state, or the end. Only notes it:
     * it may come at any time, from inside a call of this seat too. */
    void (*on_news)(struct yw_seat *seat);
    void *owner;

    /* read by the caller */
    int64_t number; /* of the sitting, 1.. within the drill */
    bool has_keys;
    char typist[YW_EVENT_ACTOR_MAX]; /* who has them, "" nobody */
    bool changed;                    /* one of the two; the caller clears it */
    bool ended;                      /* why is valid; close it */
    struct yw_err why;
    int64_t idle_ms; /* the limit that holds */

    /* drill/seat/console.c's own */
    struct yw_console *console;
    uint64_t at; /* bytes of the console that it has seen */
    bool skipped;
    size_t typed;                /* in this second */
    int64_t opened_ms, typed_ms; /* mono */
    struct yw_seat *next;
};

/* YW_ENOTFOUND, YW_EDENIED, YW_ESTATE (the machine does not run), YW_ELIMIT. */
int yw_seat_open(struct yw_conductor *conductor, struct yw_seat *seat,
                 struct yw_err *err);
/* What it has not seen yet, at most `size` bytes. */
size_t yw_seat_read(struct yw_seat *seat, void *bytes, size_t size);
/* All of it, or nothing with YW_ELIMIT: come again on news. YW_EDENIED: it only watches. */
int yw_seat_type(struct yw_seat *seat, const void *bytes, size_t size,
                 struct yw_err *err);
/* Takes the keys, or gives them up. */
int yw_seat_take(struct yw_seat *seat, struct yw_err *err);
void yw_seat_yield(struct yw_seat *seat);
void yw_seat_close(struct yw_seat *seat, const char *why); /* fine when not open */
/* <data_dir>/drills/<drill>, *new*; NULL: there is no such drill, or it keeps no files. */
char *yw_conductor_folder(const struct yw_conductor *conductor, const char *drill);

#endif
