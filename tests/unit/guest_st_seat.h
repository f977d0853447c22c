/* A program in a controller's memory, for tests of the language. */
#ifndef YW_TESTS_GUEST_ST_SEAT_H
#define YW_TESTS_GUEST_ST_SEAT_H

#include "controller/st.h"

struct st_seat {
    struct yw_st_program program;
    struct yw_st_image image;
    struct yw_st_problem problem;
    uint16_t input[YW_ST_WORDS];
    uint16_t holding[YW_ST_WORDS];
    uint8_t discrete[YW_ST_WORDS];
    uint8_t coil[YW_ST_WORDS];
    double output[YW_ST_OUTPUTS];
    char texts[4][32]; /* of st_seat_value */
    unsigned next_text;
};

/* Compiles into cleared memory and sets the initial values. */
int st_seat_compile(struct st_seat *seat, const char *source);
int st_seat_scan(struct st_seat *seat, uint32_t now_ms);
/* A variable in the words of the language; "?" when there is none. Valid until the next
 * call but three. */
const char *st_seat_value(struct st_seat *seat, const char *name);
void st_seat_set(struct st_seat *seat, const char *name, const char *value);

#endif
