/* Any bytes as a Structured Text program; what compiles runs three scans. */
#include "controller/st.h"

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_st_program program;
    static uint16_t words[2][YW_ST_WORDS];
    static uint8_t bits[2][YW_ST_WORDS];
    static double output[YW_ST_OUTPUTS];
    struct yw_st_image image = {.input = words[0],
                                .holding = words[1],
                                .discrete = bits[0],
                                .coil = bits[1],
                                .output = output};
    struct yw_st_problem problem;
    char text[128];
    if (yw_st_compile(&program, (const char *)bytes, size, &problem) != 0) {
        yw_st_explain(&problem, (size & 1) != 0, text, sizeof(text));
        return 0;
    }
    yw_st_reset(&program, &image);
    for (int scan = 0; scan < 3; scan++)
        (void)yw_st_run(&program, &image, &problem);
    return 0;
}
