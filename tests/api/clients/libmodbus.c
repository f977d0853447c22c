/* What libmodbus's own unit-test-client asks of a server, asked of a controller by that
 * library: each read and write and its reverse, addresses beyond the end, more than a
 * request may hold, wrong and odd units, raw requests that are too short, and the connection
 * that is still good after all of it. What only libmodbus's own server can answer (its
 * exceptions on purpose, its wrong transactions and its sleeping) is left out. Arguments:
 * host, port. Says "agreed". */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITS 120      /* coils that no program uses */
#define REGISTERS 220 /* holding registers likewise */
#define END 256       /* the first address that there is not */
#define COUNT 3

#define must(what)                                                                       \
    do {                                                                                 \
        if (!(what)) {                                                                   \
            (void)fprintf(stderr, "line %d: %s: %s\n", __LINE__, #what,                  \
                          modbus_strerror(errno));                                       \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

/* The library counts what it could not do as -1 with the server's exception. */
#define must_refuse(what, exception) must((what) == -1 && errno == (exception))

static void bits(modbus_t *ctx)
{
    static const uint8_t pattern[] = {0xcd, 0x6b, 0xb2, 0x0e, 0x1b};
    uint8_t wanted[0x25];
    uint8_t got[0x25] = {0};

    must(modbus_write_bit(ctx, BITS, TRUE) == 1);
    must(modbus_read_bits(ctx, BITS, 1, got) == 1 && got[0] == TRUE);
    modbus_set_bits_from_bytes(wanted, 0, sizeof wanted, pattern);
    must(modbus_write_bits(ctx, BITS, sizeof wanted, wanted) == sizeof wanted);
    must(modbus_read_bits(ctx, BITS, sizeof got, got) == sizeof got);
    must(memcmp(got, wanted, sizeof got) == 0);
    must(modbus_get_byte_from_bits(got, 8, 8) == pattern[1]);
    must(modbus_read_input_bits(ctx, 0, 16, got) == 16);
}

static void registers(modbus_t *ctx)
{
    static const uint16_t wanted[COUNT] = {0x022b, 1, 0x64};
    uint16_t got[COUNT] = {0};
    uint16_t zeros[COUNT] = {0};

    must(modbus_write_register(ctx, REGISTERS, 0x1234) == 1);
    must(modbus_read_registers(ctx, REGISTERS, 1, got) == 1 && got[0] == 0x1234);
    must(modbus_write_registers(ctx, REGISTERS, COUNT, wanted) == COUNT);
    must(modbus_read_registers(ctx, REGISTERS, COUNT, got) == COUNT);
    must(memcmp(got, wanted, sizeof got) == 0);
    must(modbus_write_and_read_registers(ctx, REGISTERS + 1, COUNT - 1, zeros, REGISTERS,
                                         COUNT, got) == COUNT);
    must(got[0] == wanted[0] && got[1] == 0 && got[2] == 0);
    must(modbus_read_input_registers(ctx, 0, COUNT, got) == COUNT);
    must(modbus_write_register(ctx, REGISTERS, 0x12) == 1);
    must(modbus_mask_write_register(ctx, REGISTERS, 0xf2, 0x25) != -1);
    must(modbus_read_registers(ctx, REGISTERS, 1, got) == 1 && got[0] == 0x17);
}

static void beyond_the_end(modbus_t *ctx)
{
    uint16_t words[2] = {0};
    uint8_t flags[2] = {0};

    must_refuse(modbus_read_bits(ctx, END, 1, flags), EMBXILADD);
    must_refuse(modbus_read_bits(ctx, END - 1, 2, flags), EMBXILADD);
    must_refuse(modbus_read_input_bits(ctx, END, 1, flags), EMBXILADD);
    must_refuse(modbus_read_registers(ctx, END - 1, 2, words), EMBXILADD);
    must_refuse(modbus_read_input_registers(ctx, END - 1, 2, words), EMBXILADD);
    must_refuse(modbus_write_bit(ctx, END, TRUE), EMBXILADD);
    must_refuse(modbus_write_bits(ctx, END - 1, 2, flags), EMBXILADD);
    must_refuse(modbus_write_register(ctx, END, 1), EMBXILADD);
    must_refuse(modbus_write_registers(ctx, END - 1, 2, words), EMBXILADD);
    must_refuse(modbus_mask_write_register(ctx, END, 0xf2, 0x25), EMBXILADD);
    must_refuse(modbus_write_and_read_registers(ctx, REGISTERS, 1, words, END, 1, words),
                EMBXILADD);
    must_refuse(modbus_write_and_read_registers(ctx, END, 1, words, REGISTERS, 1, words),
                EMBXILADD);
}

/* The library refuses these itself; the server's limits are asked by raw requests. */
static void too_many(modbus_t *ctx)
{
    static uint16_t words[MODBUS_MAX_READ_REGISTERS + 1];
    static uint8_t flags[MODBUS_MAX_READ_BITS + 1];

    must_refuse(modbus_read_bits(ctx, 0, MODBUS_MAX_READ_BITS + 1, flags), EMBMDATA);
    must_refuse(modbus_read_registers(ctx, 0, MODBUS_MAX_READ_REGISTERS + 1, words),
                EMBMDATA);
    must_refuse(modbus_write_registers(ctx, 0, MODBUS_MAX_WRITE_REGISTERS + 1, words),
                EMBMDATA);
}

/* A raw request: unit, function and what follows; what the answer's function and code are. */
static void ask_raw(modbus_t *ctx, const uint8_t *request, int size, int function,
                    int code)
{
    uint8_t answer[MODBUS_TCP_MAX_ADU_LENGTH];

    must(modbus_send_raw_request(ctx, request, size) == 6 + size);
    int got = modbus_receive_confirmation(ctx, answer);
    must(got >= 9 && answer[7] == function && answer[8] == code);
}

static void raw(modbus_t *ctx)
{
    static const struct {
        uint8_t bytes[8];
        int size;
        int function, code;
    } rows[] = {
        {{1, 3, 0, REGISTERS, 0, 1}, 6, 3, 2},     /* two bytes of values */
        {{1, 3, 0, 0, 0, 126}, 6, 0x83, 3},        /* 126 registers */
        {{1, 3, 0, 0, 0, 0}, 6, 0x83, 3},          /* none */
        {{1, 1, 0, 0, 0x07, 0xd1}, 6, 0x81, 3},    /* 2001 bits */
        {{1, 5, 0, BITS, 0x12, 0x34}, 6, 0x85, 3}, /* neither on nor off */
        {{1, 0x42, 0, 0}, 4, 0xc2, 1},             /* no such function */
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ask_raw(ctx, rows[i].bytes, rows[i].size, rows[i].function, rows[i].code);
}

static void units(modbus_t *ctx)
{
    static const int odd[] = {0, 1, 255};
    uint8_t said[MODBUS_MAX_PDU_LENGTH];
    uint16_t word = 0;

    must(modbus_report_slave_id(ctx, sizeof said, said) > 2);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        must(modbus_set_slave(ctx, odd[i]) == 0);
        must(modbus_write_register(ctx, REGISTERS, (uint16_t)(7 + i)) == 1);
        must(modbus_read_registers(ctx, REGISTERS, 1, &word) == 1 && word == 7 + i);
    }
    must(modbus_set_slave(ctx, 1) == 0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    modbus_t *ctx = modbus_new_tcp(argv[1], atoi(argv[2]));

    must(ctx != NULL && modbus_set_response_timeout(ctx, 20, 0) == 0);
    must(modbus_set_slave(ctx, 1) == 0 && modbus_connect(ctx) == 0);
    bits(ctx);
    registers(ctx);
    beyond_the_end(ctx);
    too_many(ctx);
    raw(ctx);
    units(ctx);
    modbus_close(ctx);
    must(modbus_connect(ctx) == 0);
    registers(ctx);
    modbus_close(ctx);
    modbus_free(ctx);
    puts("agreed");
    return 0;
}
