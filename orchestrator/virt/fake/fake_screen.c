#include "virt/fake/fake_screen.h"

#include <string.h>

enum step { VERSION, SECURITY, INIT, MESSAGE };
enum type {
    SET_PIXEL_FORMAT,
    SET_ENCODINGS = 2,
    UPDATE = 3,
    KEY = 4,
    POINTER = 5,
    CUT = 6
};

#define UPDATES_ON 150
#define FENCE 248
#define QEMU 255

static void put16(struct yw_buf *out, unsigned value)
{
    uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    yw_buf_put(out, bytes, sizeof(bytes));
}

void yw_fake_screen_open(struct yw_buf *out)
{
    yw_buf_puts(out, "RFB 003.008\n");
}

/* 32 bits a pixel, true colour; then the name. */
static void put_init(struct yw_buf *out)
{
    static const uint8_t format[16] = {32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0};

    put16(out, YW_FAKE_SCREEN_WIDTH);
    put16(out, YW_FAKE_SCREEN_HEIGHT);
    yw_buf_put(out, format, sizeof(format));
    yw_buf_put(out, "\0\0\0\6screen", 10);
}

static void put_picture(struct yw_fake_screen *screen, uint8_t colour, struct yw_buf *out)
{
    const uint8_t pixel[4] = {colour, colour, colour, 0};

    screen->wanted = false;
    screen->shown = colour;
    yw_buf_put(out, "\0\0\0\1\0\0\0\0", 8); /* one rectangle from the corner */
    put16(out, YW_FAKE_SCREEN_WIDTH);
    put16(out, YW_FAKE_SCREEN_HEIGHT);
    yw_buf_put(out, "\0\0\0\0", 4); /* raw */
    for (int i = 0; i < YW_FAKE_SCREEN_WIDTH * YW_FAKE_SCREEN_HEIGHT; i++)
        yw_buf_put(out, pixel, sizeof(pixel));
}

void yw_fake_screen_show(struct yw_fake_screen *screen, uint8_t colour,
                         struct yw_buf *out)
{
    if (screen->wanted && screen->shown != colour)
        put_picture(screen, colour, out);
}

/* Bytes of the message's head, by its first. */
static size_t wanted(const struct yw_fake_screen *screen)
{
    if (screen->step != MESSAGE)
        return screen->step == VERSION ? 12 : 1;
    switch (screen->in[0]) {
    case SET_PIXEL_FORMAT:
        return 20;
    case SET_ENCODINGS:
        return 4;
    case UPDATE:
    case UPDATES_ON:
        return 10;
    case POINTER:
        return 6;
    case FENCE:
        return 9;
    case QEMU:
        return 12;
    case KEY:
    case CUT:
    default:
        return 8;
    }
}

static void take_message(struct yw_fake_screen *screen, uint8_t *colour,
                         struct yw_buf *out)
{
    const uint8_t *in = screen->in;

    if (in[0] == SET_ENCODINGS) {
        screen->skip = 4u * (unsigned)(in[2] << 8 | in[3]);
    } else if (in[0] == FENCE) {
        screen->skip = in[8];
    } else if (in[0] == CUT) {
        screen->skip = in[7];
    } else if (in[0] == UPDATE && in[1] == 0) {
        put_picture(screen, *colour, out);
    } else if (in[0] == UPDATE) {
        screen->wanted = true;
        yw_fake_screen_show(screen, *colour, out);
    } else if ((in[0] == KEY && in[1] != 0) || (in[0] == QEMU && in[3] != 0)) {
        *colour = in[7];
    }
}

static void take_head(struct yw_fake_screen *screen, uint8_t *colour, struct yw_buf *out)
{
    switch ((enum step)screen->step) {
    case VERSION:
        yw_buf_put(out, "\1\1", 2); /* one kind of security: none */
        screen->step = SECURITY;
        break;
    case SECURITY:
        yw_buf_put(out, "\0\0\0\0", 4);
        screen->step = INIT;
        break;
    case INIT:
        put_init(out);
        screen->step = MESSAGE;
        break;
    case MESSAGE:
        take_message(screen, colour, out);
        break;
    }
}

void yw_fake_screen_input(struct yw_fake_screen *screen, uint8_t *colour,
                          const uint8_t *bytes, size_t size, struct yw_buf *out)
{
    for (size_t i = 0; i < size; i++) {
        if (screen->skip > 0) {
            screen->skip--;
            continue;
        }
        screen->in[screen->have++] = bytes[i];
        if (screen->have == wanted(screen)) {
            screen->have = 0;
            take_head(screen, colour, out);
        }
    }
}
