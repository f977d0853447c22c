#include "response/pattern.h"

#include "base/id.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_MAX 16 /* of one set */
#define REPEAT_MAX 64
#define DEPTH_MAX 16

enum op { OP_CHAR, OP_ANY, OP_SET, OP_SPLIT, OP_JUMP, OP_START, OP_END, OP_MATCH };

struct state {
    enum op op;
    uint32_t c;   /* CHAR */
    int to, also; /* SPLIT, JUMP */
    bool negated; /* SET */
    uint32_t low[RANGES_MAX], high[RANGES_MAX];
    size_t range_count;
};

struct machine {
    const char *at;
    struct state *states; /* YW_PATTERN_STATES_MAX */
    int count;
    int depth;
    const char *flaw; /* NULL: none */
};

/* The next character of valid UTF-8; moves past it. */
static uint32_t take_char(const char **at)
{
    const unsigned char *byte = (const unsigned char *)*at;
    size_t size = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    uint32_t c = size == 1 ? byte[0] : byte[0] & (0xffU >> (size + 1));

    for (size_t i = 1; i < size; i++)
        c = (c << 6) | (byte[i] & 0x3fU);
    *at += size;
    return c;
}

static int fail(struct machine *m, const char *what)
{
    if (!m->flaw)
        m->flaw = what;
    return -1;
}

static struct state *emit(struct machine *m, enum op op)
{
    if (m->count == YW_PATTERN_STATES_MAX) {
        fail(m, "the pattern has too many states");
        m->count--; /* it is never run */
    }
    struct state *state = &m->states[m->count++];

    memset(state, 0, sizeof *state);
    state->op = op;
    return state;
}

static void add_range(struct machine *m, struct state *set, uint32_t low, uint32_t high)
{
    if (set->range_count == RANGES_MAX || low > high) {
        fail(m, low > high ? "a range runs backwards" : "a set has too many parts");
        return;
    }
    set->low[set->range_count] = low;
    set->high[set->range_count++] = high;
}

/* \d \w \s; their capitals negate a set of their own. */
static bool add_class(struct machine *m, struct state *set, char name)
{
    switch (name | 0x20) {
    case 'd':
        add_range(m, set, '0', '9');
        return true;
    case 'w':
        add_range(m, set, '0', '9');
        add_range(m, set, 'A', 'Z');
        add_range(m, set, '_', '_');
        add_range(m, set, 'a', 'z');
        return true;
    case 's':
        add_range(m, set, '\t', '\r');
        add_range(m, set, ' ', ' ');
        return true;
    default:
        return false;
    }
}

static uint32_t take_escape(struct machine *m)
{
    char c = *m->at;

    if (c == '\0' || (c >= '0' && c <= '9')) {
        fail(m,
             c ? "back-references are not carried out" : "a backslash ends the pattern");
        return 0;
    }
    if (c == 'n' || c == 't' || c == 'r') {
        m->at++;
        return c == 'n' ? '\n' : c == 't' ? '\t' : '\r';
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        fail(m, "no such escape");
    return take_char(&m->at);
}

static void parse_set(struct machine *m)
{
    struct state *set = emit(m, OP_SET);

    set->negated = *m->at == '^';
    m->at += set->negated;
    for (bool first = true; first || *m->at != ']'; first = false) {
        if (*m->at == '\0') {
            fail(m, "a set has no ']'");
            return;
        }
        if (*m->at == '\\' && strchr("dws", m->at[1]) && m->at[1]) {
            add_class(m, set, m->at[1]);
            m->at += 2;
            continue;
        }
        bool escaped = *m->at == '\\';

        m->at += escaped;
        uint32_t low = escaped ? take_escape(m) : take_char(&m->at);
        uint32_t high = low;

        if (m->at[0] == '-' && m->at[1] != ']' && m->at[1] != '\0') {
            m->at++;
            escaped = *m->at == '\\';
            m->at += escaped;
            high = escaped ? take_escape(m) : take_char(&m->at);
        }
        add_range(m, set, low, high);
        if (m->flaw)
            return;
    }
    m->at++;
}

static void parse_or(struct machine *m);

static void parse_atom(struct machine *m)
{
    char c = *m->at;

    if (c == '(') {
        m->at += strncmp(m->at, "(?:", 3) == 0 ? 3 : 1;
        if (++m->depth > DEPTH_MAX)
            fail(m, "too many parentheses");
        else
            parse_or(m);
        m->depth--;
        if (!m->flaw && *m->at++ != ')')
            fail(m, "expected ')'");
    } else if (c == '[') {
        m->at++;
        parse_set(m);
    } else if (c == '.' || c == '^' || c == '$') {
        m->at++;
        emit(m, c == '.' ? OP_ANY : c == '^' ? OP_START : OP_END);
    } else if (c == '*' || c == '+' || c == '?' || c == '{') {
        fail(m, "nothing to repeat");
    } else if (c == '\\' && m->at[1] && strchr("dwsDWS", m->at[1])) {
        struct state *set = emit(m, OP_SET);

        set->negated = m->at[1] < 'a';
        add_class(m, set, m->at[1]);
        m->at += 2;
    } else if (c == '\\') {
        m->at++;
        emit(m, OP_CHAR)->c = take_escape(m);
    } else {
        emit(m, OP_CHAR)->c = take_char(&m->at);
    }
}

/* After the atom that begins here, without looking into it. */
static const char *skip_atom(const char *at)
{
    int depth = 0;

    do {
        if (*at == '\\' && at[1]) {
            at++;
        } else if (*at == '[') {
            at += 1 + (at[1] == '^');
            for (at += *at == ']'; *at && *at != ']'; at++)
                at += *at == '\\' && at[1];
        }
        depth += *at == '(';
        depth -= *at == ')';
        if (*at)
            (void)take_char(&at);
    } while (depth > 0 && *at);
    return at;
}

static bool take_number(const char **at, int *ret)
{
    size_t digits = strspn(*at, "0123456789");

    if (digits == 0 || digits > 3)
        return false;
    *ret = (int)strtol(*at, NULL, 10);
    *at += digits;
    return true;
}

/* {2} {2,} {2,5}; high -1: without end. Moves past it. */
static bool take_repeat(struct machine *m, const char **at, int *low, int *high)
{
    static const struct {
        char c;
        int low, high;
    } rows[] = {{'*', 0, -1}, {'+', 1, -1}, {'?', 0, 1}};

    *low = *high = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (**at == rows[i].c) {
            *low = rows[i].low;
            *high = rows[i].high;
            ++*at;
            return true;
        }
    }
    if (**at != '{')
        return false;
    ++*at;
    bool fits = take_number(at, low);

    *high = *low;
    if (fits && **at == ',') {
        ++*at;
        *high = -1;
        fits = **at == '}' || take_number(at, high);
    }
    if (!fits || **at != '}' || *low > REPEAT_MAX || *high > REPEAT_MAX ||
        (*high >= 0 && *high < *low))
        fail(m, "expected a repeat like {2}, {2,} or {2,5}, at most 64");
    ++*at;
    return true;
}

static void parse_repeated(struct machine *m)
{
    const char *atom = m->at;
    const char *after = skip_atom(atom);
    int low, high;

    if (*atom == '^' || *atom == '$' || !take_repeat(m, &after, &low, &high)) {
        parse_atom(m);
        return;
    }
    after += *after == '?'; /* lazy: whether it matches is the same */
    for (int i = 0; i < low && !m->flaw; i++) {
        m->at = atom;
        parse_atom(m);
    }
    for (int i = low; (high < 0 ? i == low : i < high) && !m->flaw; i++) {
        int split = m->count;

        emit(m, OP_SPLIT);
        m->at = atom;
        parse_atom(m);
        if (high < 0)
            emit(m, OP_JUMP)->to = split;
        if (m->flaw)
            return;
        m->states[split].to = split + 1;
        m->states[split].also = m->count;
    }
    m->at = after;
}

static void parse_and(struct machine *m)
{
    while (*m->at && *m->at != '|' && *m->at != ')' && !m->flaw)
        parse_repeated(m);
}

/* a|b: split to a and to what follows it; a ends with a jump behind b. */
static void parse_or(struct machine *m)
{
    int jumps[32], jump_count = 0;

    for (;;) {
        int split = m->count;

        emit(m, OP_SPLIT);
        parse_and(m);
        if (m->flaw)
            return;
        m->states[split].to = split + 1;
        m->states[split].also = split + 1;
        if (*m->at != '|')
            break;
        m->at++;
        if (jump_count == 32) {
            fail(m, "too many alternatives");
            return;
        }
        jumps[jump_count++] = m->count;
        emit(m, OP_JUMP);
        m->states[split].also = m->count;
        if (m->flaw)
            return;
    }
    for (int i = 0; i < jump_count; i++)
        m->states[jumps[i]].to = m->count;
}

/* ---- running it ---- */

struct front {
    int states[YW_PATTERN_STATES_MAX];
    int count;
    bool in[YW_PATTERN_STATES_MAX];
};

/* The state, and all that it leads to without taking a character. */
static void enter(const struct machine *m, struct front *front, int first, bool at_start,
                  bool at_end)
{
    int stack[YW_PATTERN_STATES_MAX + 2], top = 0;

    stack[top++] = first;
    while (top > 0) {
        int i = stack[--top];
        const struct state *state = &m->states[i];

        if (front->in[i])
            continue;
        front->in[i] = true;
        front->states[front->count++] = i;
        if (state->op == OP_JUMP || state->op == OP_SPLIT) {
            if (!front->in[state->to])
                stack[top++] = state->to;
            if (state->op == OP_SPLIT && !front->in[state->also] &&
                top <= YW_PATTERN_STATES_MAX)
                stack[top++] = state->also;
        } else if ((state->op == OP_START && at_start) ||
                   (state->op == OP_END && at_end)) {
            stack[top++] = i + 1;
        }
    }
}

static bool takes(const struct state *state, uint32_t c)
{
    bool in = false;

    if (state->op == OP_ANY)
        return c != '\n';
    if (state->op == OP_CHAR)
        return state->c == c;
    if (state->op != OP_SET)
        return false;
    for (size_t i = 0; i < state->range_count; i++)
        in = in || (c >= state->low[i] && c <= state->high[i]);
    return in != state->negated;
}

static bool run(const struct machine *m, const char *text)
{
    struct front *both = yw_new_array(2, sizeof *both), *now = both, *next = both + 1;
    const char *at = text;
    bool found = false;

    for (;;) {
        enter(m, now, 0, at == text, *at == '\0'); /* it may begin anywhere */
        for (int i = 0; i < now->count; i++)
            found = found || m->states[now->states[i]].op == OP_MATCH;
        if (found || *at == '\0')
            break;
        uint32_t c = take_char(&at);

        memset(next, 0, sizeof *next);
        for (int i = 0; i < now->count; i++) {
            if (takes(&m->states[now->states[i]], c))
                enter(m, next, now->states[i] + 1, false, *at == '\0');
        }
        struct front *other = now;

        now = next;
        next = other;
    }
    free(both);
    return found;
}

int yw_pattern_matches(const char *pattern, const char *text, bool *ret,
                       struct yw_err *err)
{
    struct machine m = {.at = pattern};

    if (strlen(pattern) >= YW_PATTERN_MAX || !yw_utf8_valid(pattern, strlen(pattern)) ||
        !yw_utf8_valid(text, strlen(text)))
        return yw_err_set(err, YW_EINVAL, "not text of at most %d bytes",
                          YW_PATTERN_MAX - 1);
    m.states = yw_new_array(YW_PATTERN_STATES_MAX, sizeof *m.states);
    parse_or(&m);
    if (!m.flaw && *m.at != '\0')
        fail(&m, "a ')' too many");
    emit(&m, OP_MATCH);
    if (!m.flaw)
        *ret = run(&m, text);
    free(m.states);
    return m.flaw ? yw_err_set(err, YW_EINVAL, "MATCHES '%s': %s", pattern, m.flaw) : 0;
}
