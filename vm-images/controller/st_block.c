/* The standard function blocks (IEC 61131-3, 2.5.2.3), and two of ours. Times are those of
 * the scan, so that a block sees one instant however long the scan takes.
 *
 *   TON, TOF, TP (IN, PT) → Q, ET      on delay, off delay, pulse
 *   CTU (CU, R, PV) → Q, CV            counts rising edges up to 32767
 *   CTD (CD, LD, PV) → Q, CV           counts down from PV
 *   R_TRIG, F_TRIG (CLK) → Q           one scan at an edge
 *   SR (S1, R), RS (S, R1) → Q1        the input with the 1 wins
 *   PID (AUTO, PV, SP, X0, KP, TR, TD, XMIN, XMAX) → XOUT
 *       KP·(e + ∫e/TR + TD·de/dt), e = SP − PV, TR and TD in seconds (TR 0: no integral);
 *       without AUTO XOUT is X0, and switching is bumpless; the integral stands at a limit
 *   VOTE_2OO3 (A, B, C, BY_A, BY_B, BY_C) → Q, DIFFERS, COUNT
 *       two of three; a bypassed channel votes no more: 2oo2 of the two left, 1oo1 of one,
 *       and with none left it trips */
#include "controller/st_inner.h"

#include <math.h>
#include <string.h>

static int32_t signed_of(uint32_t cell)
{
    return (int32_t)cell;
}

/* TON, TOF, TP: IN, PT, Q, ET, start, was IN. */
static void run_ton(uint32_t *cell, uint32_t now_ms)
{
    if (cell[0] == 0) {
        cell[2] = 0;
        cell[3] = 0;
    } else {
        if (cell[5] == 0)
            cell[4] = now_ms;
        int32_t elapsed = signed_of(now_ms - cell[4]);
        int32_t span = signed_of(cell[1]);
        cell[2] = elapsed >= span;
        cell[3] = (uint32_t)(cell[2] ? (span > 0 ? span : 0) : elapsed);
        if (cell[2])
            cell[4] = now_ms - cell[3]; /* a long run does not wrap around */
    }
    cell[5] = cell[0];
}

static void run_tof(uint32_t *cell, uint32_t now_ms)
{
    if (cell[0] != 0) {
        cell[2] = 1;
        cell[3] = 0;
    } else if (cell[2] != 0) {
        if (cell[5] != 0)
            cell[4] = now_ms;
        int32_t elapsed = signed_of(now_ms - cell[4]);
        int32_t span = signed_of(cell[1]);
        cell[2] = elapsed < span;
        cell[3] = (uint32_t)(cell[2] ? elapsed : (span > 0 ? span : 0));
    }
    cell[5] = cell[0];
}

static void run_tp(uint32_t *cell, uint32_t now_ms)
{
    int32_t span = signed_of(cell[1]);
    if (cell[0] != 0 && cell[5] == 0 && cell[2] == 0 && cell[3] == 0) {
        cell[4] = now_ms;
        cell[2] = 1;
    }
    if (cell[2] != 0) {
        int32_t elapsed = signed_of(now_ms - cell[4]);
        cell[2] = elapsed < span;
        cell[3] = (uint32_t)(cell[2] ? elapsed : (span > 0 ? span : 0));
    }
    if (cell[2] == 0 && cell[0] == 0)
        cell[3] = 0;
    cell[5] = cell[0];
}

/* CU, R, PV, Q, CV, was CU. */
static void run_ctu(uint32_t *cell, uint32_t now_ms)
{
    (void)now_ms;
    if (cell[1] != 0)
        cell[4] = 0;
    else if (cell[0] != 0 && cell[5] == 0 && signed_of(cell[4]) < INT16_MAX)
        cell[4]++;
    cell[3] = signed_of(cell[4]) >= signed_of(cell[2]);
    cell[5] = cell[0];
}

/* CD, LD, PV, Q, CV, was CD. */
static void run_ctd(uint32_t *cell, uint32_t now_ms)
{
    (void)now_ms;
    if (cell[1] != 0)
        cell[4] = cell[2];
    else if (cell[0] != 0 && cell[5] == 0 && signed_of(cell[4]) > INT16_MIN)
        cell[4]--;
    cell[3] = signed_of(cell[4]) <= 0;
    cell[5] = cell[0];
}

/* CLK, Q, was. */
static void run_r_trig(uint32_t *cell, uint32_t now_ms)
{
    (void)now_ms;
    cell[1] = cell[0] != 0 && cell[2] == 0;
    cell[2] = cell[0];
}

/* CLK, Q, was NOT CLK: so that the first scan shows no edge. */
static void run_f_trig(uint32_t *cell, uint32_t now_ms)
{
    (void)now_ms;
    cell[1] = cell[0] == 0 && cell[2] != 0;
    cell[2] = cell[0];
}

static void run_sr(uint32_t *cell, uint32_t now_ms)
{
    (void)now_ms;
    cell[2] = cell[0] != 0 || (cell[1] == 0 && cell[2] != 0);
}

static void run_rs(uint32_t *cell, uint32_t now_ms)
{
    (void)now_ms;
    cell[2] = cell[1] == 0 && (cell[0] != 0 || cell[2] != 0);
}

struct pid {
    float error, span_s, slope;
};

/* AUTO, PV, SP, X0, KP, TR, TD, XMIN, XMAX, XOUT, integral of e, last e, last ms, ran. */
static float pid_auto(uint32_t *cell, const struct pid *in, float least, float most)
{
    float gain = float_of(cell[4]);
    float reset_s = float_of(cell[5]);
    float sum = float_of(cell[10]);
    float next = reset_s > 0 ? sum + in->error * in->span_s / reset_s : 0;
    float rest = in->error + float_of(cell[6]) * in->slope;
    float out = gain * (rest + next);
    bool over = out > most && gain * in->error > 0;
    bool under = out < least && gain * in->error < 0;
    if (over || under) { /* no further than to the limit */
        float rim = (over ? most : least) / gain - rest;
        bool up = next > sum;
        next = (next < rim) == up ? next : rim;
        next = (next > sum) == up ? next : sum;
    }
    if (isfinite(next))
        sum = next;
    cell[10] = bits_of(sum);
    return gain * (rest + sum);
}

static void run_pid(uint32_t *cell, uint32_t now_ms)
{
    float least = float_of(cell[7]);
    float most = float_of(cell[8]);
    struct pid in = {.error = float_of(cell[2]) - float_of(cell[1])};
    float out = float_of(cell[3]);
    if (cell[13] != 0)
        in.span_s = (float)(now_ms - cell[12]) / 1000;
    if (in.span_s > 0)
        in.slope = (in.error - float_of(cell[11])) / in.span_s;
    if (cell[0] != 0)
        out = pid_auto(cell, &in, least, most);
    if (!(out >= least)) /* also when not a number */
        out = least;
    if (out > most)
        out = most;
    float gain = float_of(cell[4]);
    if (cell[0] == 0 && gain != 0 && isfinite(out / gain - in.error))
        cell[10] = bits_of(out / gain - in.error);
    cell[9] = bits_of(isfinite(out) ? out : 0);
    cell[11] = bits_of(in.error);
    cell[12] = now_ms;
    cell[13] = 1;
}

/* A, B, C, BY_A, BY_B, BY_C, Q, DIFFERS, COUNT. */
static void run_vote(uint32_t *cell, uint32_t now_ms)
{
    uint32_t votes = 0;
    uint32_t channels = 0;
    (void)now_ms;
    for (int i = 0; i < 3; i++) {
        channels += cell[3 + i] == 0;
        votes += cell[3 + i] == 0 && cell[i] != 0;
    }
    cell[6] = channels == 0 || votes >= (channels == 1 ? 1u : 2u);
    cell[7] = votes != 0 && votes != channels;
    cell[8] = votes;
}

#define IN(name, type, initial)                                                          \
    {                                                                                    \
        name, YW_ST_##type, YW_ST_VAR_INPUT, initial                                     \
    }
#define OUT(name, type)                                                                  \
    {                                                                                    \
        name, YW_ST_##type, YW_ST_VAR_OUTPUT, 0                                          \
    }
#define TIMER                                                                            \
    {                                                                                    \
        IN("in", BOOL, 0), IN("pt", TIME, 0), OUT("q", BOOL), OUT("et", TIME)            \
    }

static const struct block blocks[] = {
    {"ton", 6, 4, TIMER, run_ton},
    {"tof", 6, 4, TIMER, run_tof},
    {"tp", 6, 4, TIMER, run_tp},
    {"ctu",
     6,
     5,
     {IN("cu", BOOL, 0), IN("r", BOOL, 0), IN("pv", INT, 0), OUT("q", BOOL),
      OUT("cv", INT)},
     run_ctu},
    {"ctd",
     6,
     5,
     {IN("cd", BOOL, 0), IN("ld", BOOL, 0), IN("pv", INT, 0), OUT("q", BOOL),
      OUT("cv", INT)},
     run_ctd},
    {"r_trig", 3, 2, {IN("clk", BOOL, 0), OUT("q", BOOL)}, run_r_trig},
    {"f_trig", 3, 2, {IN("clk", BOOL, 0), OUT("q", BOOL)}, run_f_trig},
    {"sr", 3, 3, {IN("s1", BOOL, 0), IN("r", BOOL, 0), OUT("q1", BOOL)}, run_sr},
    {"rs", 3, 3, {IN("s", BOOL, 0), IN("r1", BOOL, 0), OUT("q1", BOOL)}, run_rs},
    {"pid",
     14,
     10,
     {IN("auto", BOOL, 0), IN("pv", REAL, 0), IN("sp", REAL, 0), IN("x0", REAL, 0),
      IN("kp", REAL, 1), IN("tr", REAL, 0), IN("td", REAL, 0), IN("xmin", REAL, 0),
      IN("xmax", REAL, 100), OUT("xout", REAL)},
     run_pid},
    {"vote_2oo3",
     9,
     9,
     {IN("a", BOOL, 0), IN("b", BOOL, 0), IN("c", BOOL, 0), IN("by_a", BOOL, 0),
      IN("by_b", BOOL, 0), IN("by_c", BOOL, 0), OUT("q", BOOL), OUT("differs", BOOL),
      OUT("count", INT)},
     run_vote},
};

#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

const struct block *block_at(uint32_t index)
{
    return index < BLOCKS ? &blocks[index] : NULL;
}

int block_find(const char *name)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        if (strcmp(name, blocks[i].name) == 0)
            return (int)i;
    }
    return -1;
}

void block_reset(const struct block *block, uint32_t *cell)
{
    memset(cell, 0, block->cells * sizeof(*cell));
    for (uint16_t i = 0; i < block->var_count; i++) {
        if (block->vars[i].type == YW_ST_REAL)
            cell[i] = bits_of(block->vars[i].initial);
    }
}
