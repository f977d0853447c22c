/* Any bytes as a Structured Text program; what compiles runs three scans, is packed, read
 * back the same, and carried into itself. */
#include "controller/st.h"

#include <assert.h>
#include <stdlib.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_st_program program, again;
    static struct yw_st_image image, other;
    static uint16_t words[2][YW_ST_WORDS];
    static uint8_t bits[2][YW_ST_WORDS], packed[YW_ST_PACK_MAX], kept[YW_ST_RETAIN_MAX];
    static double output[YW_ST_OUTPUTS];
    struct yw_st_problem problem;
    char text[300];
    image.input = words[0];
    image.holding = words[1];
    image.discrete = bits[0];
    image.coil = bits[1];
    image.output = output;
    if (yw_st_compile(&program, (const char *)bytes, size, &problem) != 0) {
        assert(problem.trouble != YW_ST_OK && problem.trouble != YW_ST_BAD_CODE);
        yw_st_explain(&problem, (size & 1) != 0, text, sizeof(text));
        return 0;
    }
    yw_st_reset(&program, &image, true);
    for (uint32_t scan = 0; scan < 3; scan++) {
        image.now_ms = scan * 100;
        (void)yw_st_run(&program, &image, &problem);
    }
    size_t used = yw_st_pack(&program, packed, sizeof(packed));
    if (used > 0) {
        int status = yw_st_unpack(&again, packed, used, &problem);
        assert(status == 0 && again.crc == program.crc);
        other = image;
        yw_st_carry(&program, &image, &again, &other, false);
        size_t held = yw_st_retain_save(&program, &image, kept, sizeof(kept));
        assert(held == 0 || yw_st_retain_load(&again, &other, kept, held));
    }
    return 0;
}
