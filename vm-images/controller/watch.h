/* What an operator station, a historian or a benign poller reads of one controller: tags,
 * their registers and limits, the questions that fetch them, and the connection that never
 * gives up. Pure: the caller brings sockets and time. One thread.
 *
 * Configuration (conf.h):
 *   title ZH EN
 *   plc ADDRESS [UNIT]
 *   pace MILLISECONDS                            between rounds (1000)
 *   tag NAME UNIT input|holding|coil|discrete ADDRESS SCALE LOW HIGH ZH EN [OFFSET]
 *                                                value = (raw - OFFSET) * SCALE
 *   limit NAME above|below VALUE LEVEL           an alarm of that level, 1..5
 *   form dosing                                  the forms of a dosing room
 *
 *            ┌────── anything wrong, or DEADLINE_MS without an answer ──────┐
 *            ▼                                                              │
 *   waiting ──AGAIN_MS──▶ connecting ──▶ asking 0 ──▶ asking 1 … ──▶ resting ──pace──▶ asking 0
 */
#ifndef YW_CONTROLLER_WATCH_H
#define YW_CONTROLLER_WATCH_H

#include "controller/conf.h"
#include "controller/modbus.h"

#define YW_WATCH_TAGS_MAX 64
#define YW_WATCH_LIMITS_MAX 64
#define YW_WATCH_READS_MAX 64
#define YW_WATCH_GAP 8 /* registers between two tags that are read along */
#define YW_WATCH_AGAIN_MS 1000
#define YW_WATCH_DEADLINE_MS 1500
#define YW_WATCH_FRESH_MS 3500 /* older values are called old */

struct yw_watch_tag {
    char name[YW_CONF_WORD_MAX];
    char unit[YW_CONF_WORD_MAX];
    char zh[YW_CONF_WORD_MAX];
    char en[YW_CONF_WORD_MAX];
    uint8_t function; /* the read of its table */
    uint16_t address;
    double scale;
    double offset; /* raw */
    double low;
    double high;
    double value;
    int64_t good_ms; /* when it was read; -1 never */
};

struct yw_watch_limit {
    uint16_t tag;
    bool above;
    double value;
    int level;
    bool active;
    bool acknowledged;
    bool seen; /* active, or gone and not acknowledged */
    int64_t since_ms;
};

struct yw_watch_read {
    uint8_t function;
    uint16_t address;
    uint16_t count;
};

enum yw_watch_state {
    YW_WATCH_WAITING,
    YW_WATCH_CONNECTING,
    YW_WATCH_ASKING,
    YW_WATCH_RESTING
};

struct yw_watch {
    char zh[YW_CONF_WORD_MAX];
    char en[YW_CONF_WORD_MAX];
    char plc[16]; /* "" none */
    uint8_t unit;
    int64_t pace_ms;
    bool dosing;
    struct yw_watch_tag tags[YW_WATCH_TAGS_MAX];
    uint16_t tag_count;
    struct yw_watch_limit limits[YW_WATCH_LIMITS_MAX];
    uint16_t limit_count;
    struct yw_watch_read reads[YW_WATCH_READS_MAX];
    uint16_t read_count;
    enum yw_watch_state state;
    uint16_t asked; /* which read is under way */
    uint16_t transaction;
    int64_t due_ms;   /* of the state's time-out */
    int64_t fresh_ms; /* of the last whole round; -1 never */
    uint32_t rounds;
    uint32_t breaks; /* how often the connection was lost */
    size_t in_size;
    uint8_t in[YW_MODBUS_ADU_MAX];
};

enum yw_watch_action {
    YW_WATCH_NOTHING,
    YW_WATCH_CONNECT, /* to plc: open a connection, then tell _connected */
    YW_WATCH_SEND,    /* the bytes in ret */
    YW_WATCH_HANG_UP  /* close it */
};

/* What to do now; call again until NOTHING. `ret_size` bytes of ret are to be sent. */
enum yw_watch_action yw_watch_turn(struct yw_watch *watch, int64_t now_ms,
                                   uint8_t ret[YW_MODBUS_ADU_MAX], size_t *ret_size);
void yw_watch_connected(struct yw_watch *watch, bool ok, int64_t now_ms);
/* Bytes of the controller; true: a round was completed by them. */
bool yw_watch_bytes(struct yw_watch *watch, const uint8_t *bytes, size_t size,
                    int64_t now_ms);
void yw_watch_closed(struct yw_watch *watch, int64_t now_ms); /* by the other end */

void yw_watch_init(struct yw_watch *watch);
int yw_watch_load(struct yw_watch *watch, const char *text, size_t size,
                  char problem[YW_CONF_PROBLEM_MAX]);
bool yw_watch_fresh(const struct yw_watch *watch, int64_t now_ms);
/* Of alarm `index`; false: there is none to acknowledge. */
bool yw_watch_acknowledge(struct yw_watch *watch, unsigned index);
const struct yw_watch_tag *yw_watch_tag(const struct yw_watch *watch, const char *name);
int yw_watch_decimals(const struct yw_watch_tag *tag); /* that its scale gives */

#endif
