/* What a viewer says to a machine's screen (RFC 6143, client to server), taken apart byte
 * by byte: the one that only watches has his keys, pointer and clipboard dropped here,
 * whatever his browser sends. Only messages whose length is known pass; anything else
 * ends the session, for what follows could be anything. Of the extensions those that QEMU
 * and noVNC speak are known. The shared flag is set for everybody, or each new viewer
 * would throw out the others. Pure. */
#ifndef YW_NET_RFB_H
#define YW_NET_RFB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_RFB_HEAD_MAX 24
#define YW_RFB_TEXT_MAX (64 * 1024) /* clipboard */

struct yw_rfb { /* all zero at first */
    int step;
    uint8_t head[YW_RFB_HEAD_MAX]; /* of the message that comes */
    size_t have;                   /* bytes of it */
    size_t left;                   /* of its body still to come */
    bool drop;                     /* the whole of it */
    bool old;                      /* protocol 3.3: no choice of security */
    bool broken;
};

/* Filters in place what may go on to the machine; returns its size, which is at most
 * `size` + YW_RFB_HEAD_MAX: `room` must be that. -1: not understood, end the session.
 * `view_only` holds for messages that begin now. */
long yw_rfb_filter(struct yw_rfb *rfb, bool view_only, const uint8_t *bytes, size_t size,
                   uint8_t *ret, size_t room);

#endif
