/* Variables by name: what watching, forcing, retaining and online edits need. */
#include "controller/st_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A name at *at, in lower case; moves on. */
static bool take_name(const char **at, char ret[YW_ST_NAME_MAX])
{
    size_t length = 0;
    for (;; (*at)++) {
        char here = lower(**at);
        bool part =
            (here >= 'a' && here <= 'z') || (here >= '0' && here <= '9') || here == '_';
        if (!part)
            break;
        if (length == YW_ST_NAME_MAX - 1)
            return false;
        ret[length++] = here;
    }
    ret[length] = '\0';
    return length > 0;
}

static bool take_whole(const char **at, long *ret)
{
    char *end = NULL;
    while (**at == ' ')
        (*at)++;
    bool negative = **at == '-';
    if ((*at)[negative] < '0' || (*at)[negative] > '9')
        return false;
    *ret = strtol(*at, &end, 10);
    *at = end;
    return true;
}

static int find_address(const char *path, struct yw_st_spot *ret)
{
    static const struct {
        char text[3];
        enum yw_st_place place;
        enum yw_st_type type;
        long limit;
    } places[] = {
        {"iw", YW_ST_INPUT_WORD, YW_ST_UINT, YW_ST_WORDS},
        {"ix", YW_ST_INPUT_BIT, YW_ST_BOOL, YW_ST_WORDS},
        {"mw", YW_ST_MEMORY_WORD, YW_ST_UINT, YW_ST_WORDS},
        {"mx", YW_ST_MEMORY_BIT, YW_ST_BOOL, YW_ST_WORDS},
        {"md", YW_ST_MEMORY_DOUBLE, YW_ST_DINT, YW_ST_WORDS - 1},
        {"qw", YW_ST_OUTPUT_WORD, YW_ST_REAL, YW_ST_OUTPUTS},
        {"qx", YW_ST_OUTPUT_BIT, YW_ST_BOOL, YW_ST_OUTPUTS},
    };
    const char *at = path + 1;
    long index = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (lower(at[0]) != places[i].text[0] || lower(at[1]) != places[i].text[1])
            continue;
        at += 2;
        if (!take_whole(&at, &index) || index < 0 || index >= places[i].limit ||
            *at != '\0')
            return -1;
        *ret = (struct yw_st_spot){
            .type = places[i].type, .place = places[i].place, .at = (uint16_t)index};
        return 0;
    }
    return -1;
}

static const struct yw_st_var *variable(const struct yw_st_program *program,
                                        const struct yw_st_unit *unit, const char *name)
{
    for (uint32_t i = 0; i < unit->var_count; i++) {
        const struct yw_st_var *var = &program->vars[unit->var_at + i];
        if (strcmp(var->name, name) == 0)
            return var;
    }
    return NULL;
}

/* `[2, 1]` at *at: adds the number of the element. */
static bool take_index(const char **at, const struct yw_st_var *var, uint32_t *cell)
{
    uint32_t element = 0;
    for (uint8_t i = 0; i < var->dims; i++) {
        long index = 0;
        if (*(*at)++ != (i == 0 ? '[' : ',') || !take_whole(at, &index))
            return false;
        index -= var->low[i];
        if (index < 0 || index >= var->count[i])
            return false;
        element = element * var->count[i] + (uint32_t)index;
    }
    *cell += element;
    return var->dims == 0 || *(*at)++ == ']';
}

static int find_standard(const struct block *block, const char *at, uint32_t cell,
                         struct yw_st_spot *ret)
{
    char name[YW_ST_NAME_MAX];
    if (!take_name(&at, name) || *at != '\0')
        return -1;
    for (uint16_t i = 0; i < block->var_count; i++) {
        if (block->vars[i].name == NULL || strcmp(block->vars[i].name, name) != 0)
            continue;
        *ret = (struct yw_st_spot){
            .type = block->vars[i].type, .place = YW_ST_CELL, .at = (uint16_t)(cell + i)};
        return 0;
    }
    return -1;
}

int yw_st_find(const struct yw_st_program *program, const char *path,
               struct yw_st_spot *ret)
{
    const char *at = path;
    char name[YW_ST_NAME_MAX];
    if (path[0] == '%')
        return find_address(path, ret);
    if (program->unit_count == 0)
        return -1;
    const struct yw_st_unit *unit = yw_st_main(program);
    uint32_t cell = unit->frame_at;
    for (;;) {
        const struct yw_st_var *var =
            take_name(&at, name) ? variable(program, unit, name) : NULL;
        if (var == NULL)
            return -1;
        *ret = (struct yw_st_spot){.type = (enum yw_st_type)var->type,
                                   .place = (enum yw_st_place)var->place,
                                   .at = var->at,
                                   .constant = var->constant};
        if (var->place != YW_ST_CELL)
            return *at == '\0' ? 0 : -1;
        cell += var->at;
        if (!take_index(&at, var, &cell))
            return -1;
        ret->at = (uint16_t)cell;
        if (var->type != YW_ST_BLOCK)
            return *at == '\0' ? 0 : -1;
        if (*at++ != '.')
            return -1;
        if (var->unit >= YW_ST_UNITS_MAX)
            return find_standard(block_at((uint32_t)var->unit - YW_ST_UNITS_MAX), at,
                                 cell, ret);
        unit = &program->units[var->unit];
    }
}

void yw_st_text(enum yw_st_type type, uint32_t cell, char *ret, size_t ret_size)
{
    double real = (double)float_of(cell);
    bool plain = fabs(real) < 1e7 && real == rint(real);
    switch (type) {
    case YW_ST_BOOL:
        (void)snprintf(ret, ret_size, "%s", cell != 0 ? "TRUE" : "FALSE");
        break;
    case YW_ST_REAL:
        (void)snprintf(ret, ret_size, plain ? "%.1f" : "%.7g", real);
        break;
    case YW_ST_TIME:
        (void)snprintf(ret, ret_size, "T#%dms", (int32_t)cell);
        break;
    case YW_ST_INT:
    case YW_ST_DINT:
    case YW_ST_UINT:
    case YW_ST_BLOCK:
        (void)snprintf(ret, ret_size, "%d", (int32_t)cell);
        break;
    }
}

void yw_st_show(const struct yw_st_image *image, const struct yw_st_spot *spot, char *ret,
                size_t ret_size)
{
    yw_st_text(spot->type, yw_st_get(image, spot), ret, ret_size);
}

/* The sign, then one literal of the language. */
static bool take_literal(struct compiler *c, enum yw_st_type type, bool negative,
                         uint32_t *ret)
{
    int64_t whole = negative ? -c->lex.whole : c->lex.whole;
    double real = c->lex.token == TOKEN_REAL ? c->lex.real : (double)c->lex.whole;
    switch (c->lex.token) {
    case TOKEN_NAME:
        *ret = at_word(c, "true");
        return type == YW_ST_BOOL && !negative &&
               (at_word(c, "true") || at_word(c, "false"));
    case TOKEN_TIME:
        *ret = (uint32_t)(whole & UINT32_MAX);
        return type == YW_ST_TIME;
    case TOKEN_WHOLE:
    case TOKEN_REAL:
        *ret = (uint32_t)(whole & UINT32_MAX);
        if (type == YW_ST_REAL)
            *ret = bits_of((float)(negative ? -real : real));
        return type == YW_ST_REAL ||
               (c->lex.token == TOKEN_WHOLE && (type == YW_ST_BOOL || is_whole(type)) &&
                fit(type, whole) == whole);
    case TOKEN_END:
    case TOKEN_ADDRESS:
    case TOKEN_SIGN:
        break;
    }
    return false;
}

bool yw_st_take(enum yw_st_type type, const char *text, uint32_t *ret)
{
    struct yw_st_problem problem = {.trouble = YW_ST_OK};
    struct compiler c = {
        .lex = {.at = text,
                .end = text + strlen(text),
                .line_at = text,
                .line = 1,
                .token_line = 1,
                .token_at = text,
                .token_line_at = text},
        .problem = &problem,
    };
    if (lex_next(&c) != 0)
        return false;
    bool negative = at_word(&c, "-");
    if ((negative && lex_next(&c) != 0) || !take_literal(&c, type, negative, ret))
        return false;
    return lex_next(&c) == 0 && c.lex.token == TOKEN_END;
}

static bool same_shape(const struct yw_st_program *old, const struct yw_st_var *a,
                       const struct yw_st_program *program, const struct yw_st_var *b)
{
    if (a->type != b->type || a->dims != b->dims || a->cells != b->cells ||
        a->place != b->place || a->constant || b->constant)
        return false;
    for (uint8_t i = 0; i < a->dims; i++) {
        if (a->low[i] != b->low[i] || a->count[i] != b->count[i])
            return false;
    }
    if (a->type != YW_ST_BLOCK)
        return true;
    if (a->unit >= YW_ST_UNITS_MAX || b->unit >= YW_ST_UNITS_MAX)
        return a->unit == b->unit;
    return strcmp(old->units[a->unit].name, program->units[b->unit].name) == 0;
}

struct carry {
    const struct yw_st_program *old, *program;
    const uint32_t *from;
    uint32_t *to;
    bool only_retain;
};

/* Where an instance of `a` and one of `b` begin. An instance of a block that was edited is
 * carried member by member; nesting ends because a block stands before who uses it. */
static void carry_unit(const struct carry *carry, const struct yw_st_unit *a,
                       uint32_t from, const struct yw_st_unit *b, uint32_t to, bool top)
{
    for (uint32_t i = 0; i < b->var_count; i++) {
        const struct yw_st_var *var = &carry->program->vars[b->var_at + i];
        const struct yw_st_var *was =
            var->name[0] != '\0' ? variable(carry->old, a, var->name) : NULL;
        if (was == NULL || var->place != YW_ST_CELL ||
            (top && carry->only_retain && !(var->retain && was->retain)))
            continue;
        bool own = var->type == YW_ST_BLOCK && was->type == YW_ST_BLOCK &&
                   var->unit < YW_ST_UNITS_MAX && was->unit < YW_ST_UNITS_MAX &&
                   strcmp(carry->old->units[was->unit].name,
                          carry->program->units[var->unit].name) == 0;
        if (own)
            carry_unit(carry, &carry->old->units[was->unit], from + was->at,
                       &carry->program->units[var->unit], to + var->at, false);
        else if (same_shape(carry->old, was, carry->program, var))
            memcpy(carry->to + to + var->at, carry->from + from + was->at,
                   var->cells * sizeof(uint32_t));
    }
}

void yw_st_carry(const struct yw_st_program *old, const struct yw_st_image *old_image,
                 const struct yw_st_program *program, struct yw_st_image *image,
                 bool only_retain)
{
    const struct carry carry = {.old = old,
                                .program = program,
                                .from = old_image->cell,
                                .to = image->cell,
                                .only_retain = only_retain};
    const struct yw_st_unit *a = yw_st_main(old);
    const struct yw_st_unit *b = yw_st_main(program);
    carry_unit(&carry, a, a->frame_at, b, b->frame_at, true);
}
