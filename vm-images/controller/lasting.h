/* Attacks that go on for a while: what one does in each turn, and how it puts things back. The
 * guest runs each in a child of its own, the in-memory hypervisor from its scan; both bring the
 * time and `io`, which knows how drill time runs (pace.h): EVERY_MS, REPLAY_MS and SPAN_MS are
 * of drill time, RATE is of the wall's. Arguments are those behind "background NAME":
 *
 *   modbus toggle HOST UNIT holding|coil ADDRESS LOW HIGH EVERY_MS SPAN_MS   high, low, high, …
 *   modbus fuzz HOST UNIT holding|coil ADDRESS COUNT EVERY_MS SPAN_MS        any value into any
 *   modbus hold HOST UNIT holding|coil ADDRESS VALUE EVERY_MS SPAN_MS        again and again
 *   modbus ramp HOST UNIT holding|coil ADDRESS FROM|now TO STEPS SPAN_MS     little by little
 *   modbus flood HOST RATE SPAN_MS       so many connections a second; the newest stay open
 *   aitm stand PLC HMI REPLAY_MS nothing|commands|reports|all SPAN_MS
 *                     between the two (between.h), by who runs this: here are its words only
 *
 * The first step is done at once: what cannot begin says so, {"error":…}. Output at the
 * beginning {"began":true,"old":…}, at the end {"steps":…,"restored":true}. After SPAN_MS nothing
 * more is done; the end puts back what stood there before, whenever it is asked for. A step that
 * fails (the line is cut) is tried again at the next. One thread. */
#ifndef YW_CONTROLLER_LASTING_H
#define YW_CONTROLLER_LASTING_H

#include "controller/applet.h"
#include "controller/between.h"

#define YW_LASTING_COUNT_MAX 100
#define YW_LASTING_STEPS_MAX 1000
#define YW_LASTING_SPAN_MAX_MS (30 * 60 * 1000)
#define YW_LASTING_EVERY_MIN_MS 50
#define YW_LASTING_RATE_MAX 1000
#define YW_LASTING_OPEN_MAX 48 /* connections of a flood that stay open */
#define YW_LASTING_NAME_MAX 64
#define YW_LASTING_REPLAY_MAX_MS 120000

enum yw_lasting_kind {
    YW_LASTING_TOGGLE,
    YW_LASTING_FUZZ,
    YW_LASTING_HOLD,
    YW_LASTING_RAMP,
    YW_LASTING_FLOOD,
    YW_LASTING_STAND
};

struct yw_lasting {
    enum yw_lasting_kind kind;
    char host[16];
    uint8_t unit;
    bool is_coil;
    uint16_t address;
    uint16_t count;     /* of values that are put back */
    uint16_t low, high; /* toggle; ramp from, to; hold: high */
    uint32_t steps;     /* of a ramp */
    uint32_t rate;      /* of a flood */
    uint32_t ends[2];   /* of a stand: the controller, who looks at it */
    int64_t
        replay_ms; /* of a stand: so long it keeps answers before it plays them; 0 never */
    enum yw_between_drop drop;
    int64_t every_ms; /* between steps */
    int64_t span_ms;
    int64_t began_ms; /* these four are of drill time */
    int64_t due_ms;
    int64_t flooded_ms; /* of the wall: when it opened connections last */
    int64_t owed;       /* of a flood: thousandths of a connection */
    uint64_t done;      /* steps */
    uint64_t random;
    int streams[YW_LASTING_OPEN_MAX]; /* of a flood; -1 none */
    uint16_t before[YW_LASTING_COUNT_MAX];
};

/* False: ret says why, and nothing goes on. */
bool yw_lasting_begin(struct yw_lasting *lasting, const struct yw_applet_io *io, int argc,
                      const char *const *argv, uint64_t seed, int64_t now_ms,
                      struct yw_applet_result *ret);
/* now_ms is the wall's. Does what is due; when on the wall to call again, INT64_MAX: nothing more
 * is to be done. */
int64_t yw_lasting_turn(struct yw_lasting *lasting, const struct yw_applet_io *io,
                        int64_t now_ms);
void yw_lasting_end(struct yw_lasting *lasting, const struct yw_applet_io *io,
                    struct yw_applet_result *ret);

#endif
