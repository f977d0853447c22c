#include "net/rfb.h"

#include <assert.h>
#include <string.h>

enum step { VERSION, SECURITY, INIT, MESSAGE };
enum type { /* RFC 6143 §7.5 and the registry of extensions */
            SET_PIXEL_FORMAT = 0,
            SET_ENCODINGS = 2,
            UPDATE_REQUEST = 3,
            KEY_EVENT = 4,
            POINTER_EVENT = 5,
            CLIENT_CUT_TEXT = 6,
            CONTINUOUS_UPDATES = 150,
            CLIENT_FENCE = 248,
            XVP = 250,
            SET_DESKTOP_SIZE = 251,
            QEMU = 255,
};
#define QEMU_KEY 0
#define SECURITY_NONE 1
#define VERSION_SIZE 12

/* How much of a message must be there to know its length; 0: no such message. */
static size_t head_size(uint8_t type)
{
    switch (type) {
    case SET_PIXEL_FORMAT:
        return 20;
    case SET_ENCODINGS:
        return 4;
    case UPDATE_REQUEST:
    case CONTINUOUS_UPDATES:
        return 10;
    case KEY_EVENT:
    case CLIENT_CUT_TEXT:
    case SET_DESKTOP_SIZE:
        return 8;
    case POINTER_EVENT:
        return 6;
    case CLIENT_FENCE:
        return 9;
    case XVP:
        return 4;
    case QEMU:
        return 12; /* the key event; audio is not there, machines have no sound */
    default:
        return 0;
    }
}

/* What follows the head; -1: not allowed. */
static long body_size(const uint8_t *head)
{
    int32_t text = 0;

    switch (head[0]) {
    case SET_ENCODINGS:
        return 4L * (head[2] << 8 | head[3]);
    case CLIENT_CUT_TEXT: /* below 0: the extended clipboard, of the opposite length */
        text = (int32_t)((uint32_t)head[4] << 24 | (uint32_t)head[5] << 16 |
                         (uint32_t)head[6] << 8 | head[7]);
        if (text > YW_RFB_TEXT_MAX || text < -YW_RFB_TEXT_MAX)
            return -1;
        return text < 0 ? -text : text;
    case SET_DESKTOP_SIZE:
        return 16L * head[6];
    case CLIENT_FENCE:
        return head[8] <= 64 ? head[8] : -1;
    case QEMU:
        return head[1] == QEMU_KEY ? 0 : -1;
    default:
        return 0;
    }
}

static bool is_input(uint8_t type)
{
    return type == KEY_EVENT || type == POINTER_EVENT || type == CLIENT_CUT_TEXT ||
           type == XVP || type == SET_DESKTOP_SIZE || type == QEMU;
}

static size_t wanted(const struct yw_rfb *rfb)
{
    switch ((enum step)rfb->step) {
    case VERSION:
        return VERSION_SIZE;
    case SECURITY:
    case INIT:
        return 1;
    case MESSAGE:
        break;
    }
    return rfb->have == 0 ? 1 : head_size(rfb->head[0]);
}

static bool take_version(struct yw_rfb *rfb)
{
    if (memcmp(rfb->head, "RFB 003.", 8) != 0 || rfb->head[VERSION_SIZE - 1] != '\n')
        return false;
    rfb->old = memcmp(rfb->head + 8, "003", 3) == 0;
    rfb->step = rfb->old ? INIT : SECURITY;
    return rfb->old || memcmp(rfb->head + 8, "007", 3) == 0 ||
           memcmp(rfb->head + 8, "008", 3) == 0;
}

/* The head is whole: false, it is not understood. */
static bool take_head(struct yw_rfb *rfb, bool view_only)
{
    rfb->drop = false;
    switch ((enum step)rfb->step) {
    case VERSION:
        return take_version(rfb);
    case SECURITY:
        rfb->step = INIT;
        return rfb->head[0] == SECURITY_NONE;
    case INIT:
        rfb->step = MESSAGE;
        rfb->head[0] = 1;
        return true;
    case MESSAGE:
        break;
    }
    long body = body_size(rfb->head);

    rfb->drop = view_only && is_input(rfb->head[0]);
    rfb->left = body > 0 ? (size_t)body : 0;
    return body >= 0;
}

long yw_rfb_filter(struct yw_rfb *rfb, bool view_only, const uint8_t *bytes, size_t size,
                   uint8_t *ret, size_t room)
{
    size_t out = 0;

    assert(room >= size + YW_RFB_HEAD_MAX);
    for (size_t at = 0; at < size && !rfb->broken;) {
        if (rfb->left > 0) {
            size_t part = rfb->left < size - at ? rfb->left : size - at;

            if (!rfb->drop) {
                memcpy(ret + out, bytes + at, part);
                out += part;
            }
            rfb->left -= part;
            at += part;
            continue;
        }
        rfb->head[rfb->have++] = bytes[at++];
        size_t whole = wanted(rfb);

        if (whole == 0) {
            rfb->broken = true;
        } else if (rfb->have == whole) {
            rfb->broken = !take_head(rfb, view_only);
            if (!rfb->broken && !rfb->drop) {
                memcpy(ret + out, rfb->head, whole);
                out += whole;
            }
            rfb->have = 0;
        }
    }
    return rfb->broken ? -1 : (long)out;
}
