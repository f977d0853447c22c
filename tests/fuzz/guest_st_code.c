/* Any bytes as a compiled program: the tables are filled from them past the checksum, so
 * that only the verifier stands before the machine. */
#include "controller/st.h"

#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static uint16_t two(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

/* Eight bytes each: first the units, then the code. */
static void fill(struct yw_st_program *program, const uint8_t *bytes, size_t size)
{
    memset(program, 0, sizeof(*program));
    program->scan_ms = YW_ST_SCAN_MS;
    program->unit_count = 1u + bytes[0] % 4u;
    program->cell_count = 16u + bytes[1];
    size_t at = 2;
    for (uint32_t i = 0; i < program->unit_count && at + 8 <= size; i++, at += 8) {
        struct yw_st_unit *unit = &program->units[i];
        bool last = i + 1 == program->unit_count;
        unit->kind = last ? YW_ST_PROGRAM : (uint8_t)(bytes[at] & 1);
        unit->frame_at = bytes[at + 1];
        unit->frame_size = bytes[at + 2];
        unit->code_at = (uint16_t)(two(bytes + at + 3) % 64);
        unit->code_count = (uint16_t)(two(bytes + at + 5) % 256);
    }
    for (; at + 6 <= size && program->code_count < YW_ST_CODE_MAX; at += 6)
        program->code[program->code_count++] = (struct yw_st_op){
            .code = bytes[at],
            .line = bytes[at + 1],
            .arg = two(bytes + at + 2) | (uint32_t)two(bytes + at + 4) << 16};
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_st_program program;
    static struct yw_st_image image;
    static uint16_t words[2][YW_ST_WORDS];
    static uint8_t bits[2][YW_ST_WORDS];
    static double output[YW_ST_OUTPUTS];
    struct yw_st_problem problem;
    image.input = words[0];
    image.holding = words[1];
    image.discrete = bits[0];
    image.coil = bits[1];
    image.output = output;
    if (size < 2)
        return 0;
    if (yw_st_unpack(&program, bytes, size, &problem) != 0) {
        fill(&program, bytes, size);
        if (yw_st_verify(&program, &problem) != 0)
            return 0;
    }
    yw_st_reset(&program, &image, true);
    for (uint32_t scan = 0; scan < 2; scan++)
        (void)yw_st_run(&program, &image, &problem);
    return 0;
}
