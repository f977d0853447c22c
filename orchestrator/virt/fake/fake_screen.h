/* The screen of an in-memory machine: as much of RFB (RFC 6143, server's side) as a viewer
 * needs to see one colour, which is that of the last key. Private to fake*.c. */
#ifndef YW_VIRT_FAKE_SCREEN_H
#define YW_VIRT_FAKE_SCREEN_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_FAKE_SCREEN_WIDTH 64
#define YW_FAKE_SCREEN_HEIGHT 48

struct yw_fake_screen { /* all zero at first */
    int step;
    uint8_t in[64];
    size_t have;
    size_t skip;   /* bytes of a body that means nothing here */
    bool wanted;   /* a picture, when it differs from */
    uint8_t shown; /* what this viewer saw last */
};

/* What the server says first. */
void yw_fake_screen_open(struct yw_buf *out);
/* `colour` is the machine's, shared by all who look. */
void yw_fake_screen_input(struct yw_fake_screen *screen, uint8_t *colour,
                          const uint8_t *bytes, size_t size, struct yw_buf *out);
/* The colour may have changed: sent to a viewer that waits for it and has not seen it. */
void yw_fake_screen_show(struct yw_fake_screen *screen, uint8_t colour,
                         struct yw_buf *out);

#endif
