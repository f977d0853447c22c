/* Standing between two machines of one network: what to say by ARP so that each takes us for the
 * other, and what becomes of the frames that then come. Modbus answers of the controller are kept
 * for a while and then given again in place of the true ones, so that who looks sees an old day;
 * orders or answers can be kept from arriving. Everything else goes on as it came, its check sum
 * made anew (who sent it may have left that to his card).
 *
 * End 0 is the controller, end 1 who looks at it. Pure; frames are hostile. Large (about 600 KiB).
 * One thread. */
#ifndef YW_CONTROLLER_BETWEEN_H
#define YW_CONTROLLER_BETWEEN_H

#include "controller/modbus.h"

#define YW_BETWEEN_ARP_SIZE 42
#define YW_BETWEEN_FRAME_MAX 1514
#define YW_BETWEEN_ASKS_MAX 64    /* questions whose answer has not come */
#define YW_BETWEEN_TRACES_MAX 32  /* different questions; more are let through */
#define YW_BETWEEN_SAMPLES_MAX 64 /* answers kept of one; the oldest are played again */

enum yw_between_drop {
    YW_BETWEEN_NOTHING,
    YW_BETWEEN_COMMANDS,
    YW_BETWEEN_REPORTS,
    YW_BETWEEN_ALL
};

/* What was asked. */
struct yw_between_question {
    uint8_t unit;
    uint8_t function;
    uint16_t address;
    uint16_t count;
};

struct yw_between_ask {
    uint16_t port; /* of who asks; 0 free */
    uint16_t transaction;
    struct yw_between_question what;
};

struct yw_between_trace {
    struct yw_between_question what;
    uint32_t kept;   /* samples */
    uint32_t played; /* ever */
    uint8_t size;    /* of each */
    uint8_t samples[YW_BETWEEN_SAMPLES_MAX][YW_MODBUS_PDU_MAX];
};

struct yw_between {
    uint8_t own[6];
    uint32_t own_address;
    uint32_t address[2];
    uint8_t mac[2][6];
    bool known[2]; /* mac */
    enum yw_between_drop drop;
    int64_t replay_from_ms; /* INT64_MAX: never */
    uint64_t forwarded, changed, dropped;
    struct yw_between_ask asks[YW_BETWEEN_ASKS_MAX];
    uint32_t next_ask;
    struct yw_between_trace traces[YW_BETWEEN_TRACES_MAX];
    uint32_t trace_count;
};

/* "nothing", "commands", "reports", "all", or -1. */
int yw_between_drop_find(const char *name);
/* Addresses in host byte order; replay begins at that time. */
void yw_between_init(struct yw_between *between, const uint8_t own[6],
                     uint32_t own_address, const uint32_t address[2]);
/* The ARP frame that asks for the MAC of an end. */
void yw_between_ask(const struct yw_between *between, int end,
                    uint8_t ret[YW_BETWEEN_ARP_SIZE]);
/* The one that tells an end that the other one is here; or, `truth`, where it really is. */
void yw_between_tell(const struct yw_between *between, int end, bool truth,
                     uint8_t ret[YW_BETWEEN_ARP_SIZE]);
/* A frame that came. How many octets are to be sent of ret, 0: none. */
size_t yw_between_frame(struct yw_between *between, const uint8_t *frame, size_t size,
                        int64_t now_ms, uint8_t ret[YW_BETWEEN_FRAME_MAX]);

#endif
