/* What core and broker say to each other: packed calls, results and notices (base/pack.h)
 * in messages of loop/stream.h. Both ends are ours, in one build, which the broker's first
 * message proves: a number made from the sources that decide the bytes. The reader still
 * refuses what does not fit. Pure; any thread. */
#ifndef YW_VIRT_BROKER_WIRE_H
#define YW_VIRT_BROKER_WIRE_H

#include "base/buf.h"
#include "base/pack.h"
#include "virt/net/guard.h"
#include "virt/virt.h"

#define YW_BROKER_MESSAGE_MAX (2 * 1024 * 1024)
#define YW_BROKER_QUEUE_MAX (16 * 1024 * 1024)

enum yw_broker_message {
    /* core → broker */
    YW_BROKER_CALL = 1,
    YW_BROKER_CANCEL = 2, /* i64 id: its result is of no interest any more */
    YW_BROKER_FIELD = 3,
    YW_BROKER_IMAGE_HAVE = 4, /* u32 count, each: str name, i64 size, str hash */
    YW_BROKER_IMAGE_PUT = 5,  /* u32 index, i64 offset, bytes */
    YW_BROKER_PING = 6,
    YW_BROKER_CONSOLE_OPEN = 8,  /* u32 id, u8 form, string uuid */
    YW_BROKER_CONSOLE_CLOSE = 9, /* u32 id */
    /* both ways */
    YW_BROKER_CONSOLE_DATA = 10, /* u32 id, bytes ≤ YW_VIRT_CONSOLE_CHUNK */
    YW_BROKER_CONSOLE_TOOK = 11, /* u32 id, u32 bytes that the reader is done with */
    /* broker → core */
    YW_BROKER_RESULT = 16,
    YW_BROKER_NOTICE = 17,
    YW_BROKER_READY = 18, /* which build; then it serves */
    YW_BROKER_HELLO = 19, /* which build; a far one says it first and waits for offers */
    YW_BROKER_IMAGE_WANT = 20, /* u32 index, i64 offset: a piece */
    YW_BROKER_PONG = 21,
    YW_BROKER_FAILED = 22,      /* str: why it cannot serve; its last word */
    YW_BROKER_CONSOLE_END = 23, /* u32 id, i64 code, string why */
};

/* One of a group: only what freezing, points and links need. */
struct yw_broker_member {
    char uuid[YW_UUID_SIZE];
    char domain[YW_PLAN_DOMAIN_MAX];
    bool has_field;
    int ram_mib;
    size_t nic_count;
    char bridges[YW_SPEC_NICS_MAX][YW_PLAN_BRIDGE_MAX];
    char macs[YW_SPEC_NICS_MAX][YW_PLAN_MAC_SIZE];
};

/* READY or HELLO of this build. */
void yw_broker_pack_build(struct yw_buf *out, enum yw_broker_message type);
/* 0; YW_EINVAL with a sentence when the other end is another build. */
int yw_broker_unpack_build(struct yw_unpack *in, struct yw_err *err);

/* A call as the broker has it: everything it borrows stands beside it. */
struct yw_broker_job {
    int64_t id;
    struct yw_virt_call call; /* machine, network and file point into this job */
    struct yw_plan_machine machine;
    int team_mib; /* of the machines of its team on its host, as planned; 0 not known */
    char bridges[YW_SPEC_NICS_MAX][YW_PLAN_BRIDGE_MAX];
    bool spans[YW_SPEC_NICS_MAX]; /* its network spans hosts */
    struct yw_plan_network network;
    struct yw_guard_port *ports; /* owned: the nics on `network` */
    size_t port_count;
    struct yw_broker_member *members; /* owned; call.machine_count of them */
    char *file;                       /* owned */
};

void yw_broker_pack_call(struct yw_buf *out, int64_t id, const struct yw_virt_call *call);
/* *new*; NULL when the message does not fit. `in` stands behind the type. */
struct yw_broker_job *yw_broker_unpack_call(struct yw_unpack *in);
void yw_broker_job_free(struct yw_broker_job *job); /* NULL-safe */

void yw_broker_pack_result(struct yw_buf *out, int64_t id,
                           const struct yw_virt_call *call, int code,
                           const struct yw_err *err);
/* The id comes first, so that the reader can find the call: 0 or YW_EINVAL. */
int yw_broker_unpack_result(struct yw_unpack *in, struct yw_virt_call *call,
                            int *ret_code, struct yw_err *ret_err);

void yw_broker_pack_notice(struct yw_buf *out, const struct yw_virt_notice *notice);
int yw_broker_unpack_notice(struct yw_unpack *in, struct yw_virt_notice *ret);
void yw_broker_pack_field(struct yw_buf *out, const char *uuid, const double *values,
                          size_t count);
int yw_broker_unpack_field(struct yw_unpack *in, char uuid[YW_UUID_SIZE],
                           double values[YW_VIRT_FIELD_MAX], size_t *ret_count);

#endif
