/* Any bytes from two engineers at once, one of whom knows the password. */
#include "controller/engineering.h"

#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    size_t *room = arg;
    (void)session;
    (void)bytes;
    if (size > *room)
        return false;
    *room -= size;
    return true;
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static const char program[] =
        "PROGRAM t VAR s AT %MW40 : INT; q AT %QW0 : INT; k : ARRAY[1..3] OF REAL; d : "
        "TON; "
        "END_VAR VAR RETAIN r : DINT; END_VAR q := s; r := r + 1; END_PROGRAM";
    static struct yw_plc plc;
    static struct yw_eng eng;
    struct yw_st_problem problem;
    struct yw_field_record record;
    size_t room = 0;
    size_t at = 0;
    yw_plc_init(&plc, size);
    yw_eng_init(&eng, &plc, program, sizeof(program) - 1);
    eng.put = put;
    eng.arg = &room;
    if (yw_plc_load(&plc, program, sizeof(program) - 1, &problem) != 0 ||
        !yw_eng_open(&eng, 0, "10.20.2.66") || !yw_eng_open(&eng, 1, "10.20.2.67"))
        return 0;
    (void)yw_eng_feed(&eng, 0, "LOGIN 1111\n", 11);
    while (at < size) {
        int session = bytes[at] & 1;
        size_t piece = 1u + (bytes[at] >> 1);
        if (piece > size - at)
            piece = size - at;
        room = 4096;
        yw_eng_pump(&eng, session);
        int used = yw_eng_feed(&eng, session, (const char *)bytes + at, piece);
        if (used < 0)
            (void)yw_eng_open(&eng, session, "10.20.2.68");
        yw_plc_scan(&plc, (int64_t)at, &record);
        at += used > 0 ? (size_t)used : piece;
    }
    return 0;
}
