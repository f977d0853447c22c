/* A compiled program and its retained values as bytes. Numbers are big endian. What is read
 * back is bounded by the tables it fills; whether it may run is the verifier's question. */
#include "controller/st_inner.h"

#include <string.h>

struct bytes {
    uint8_t *to;         /* when writing */
    const uint8_t *from; /* when reading */
    size_t size;
    size_t at;
    bool bad;
};

static void put(struct bytes *b, uint32_t value, size_t width)
{
    if (b->size - b->at < width) {
        b->bad = true;
        return;
    }
    for (size_t i = width; i > 0; i--)
        b->to[b->at++] = (uint8_t)(value >> (8 * (i - 1)) & 255);
}

static void put_name(struct bytes *b, const char name[YW_ST_NAME_MAX])
{
    size_t length = strnlen(name, YW_ST_NAME_MAX - 1);
    put(b, (uint32_t)length, 1);
    for (size_t i = 0; i < length; i++)
        put(b, (uint8_t)name[i], 1);
}

static uint32_t get(struct bytes *b, size_t width)
{
    uint32_t value = 0;
    if (b->size - b->at < width) {
        b->bad = true;
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        value = value << 8 | b->from[b->at++];
    return value;
}

static void get_name(struct bytes *b, char name[YW_ST_NAME_MAX])
{
    size_t length = get(b, 1);
    memset(name, 0, YW_ST_NAME_MAX);
    if (length >= YW_ST_NAME_MAX || b->size - b->at < length) {
        b->bad = true;
        return;
    }
    memcpy(name, b->from + b->at, length);
    b->at += length;
}

static uint32_t get_count(struct bytes *b, uint32_t most)
{
    uint32_t count = get(b, 2);
    if (count > most)
        b->bad = true;
    return b->bad ? 0 : count;
}

static void put_unit(struct bytes *b, const struct yw_st_unit *unit)
{
    put_name(b, unit->name);
    put(b, unit->kind, 1);
    put(b, unit->var_at, 2);
    put(b, unit->var_count, 2);
    put(b, unit->frame_at, 2);
    put(b, unit->frame_size, 2);
    put(b, unit->code_at, 2);
    put(b, unit->code_count, 2);
}

static void get_unit(struct bytes *b, struct yw_st_unit *unit)
{
    get_name(b, unit->name);
    unit->kind = (uint8_t)get(b, 1);
    unit->var_at = (uint16_t)get(b, 2);
    unit->var_count = (uint16_t)get(b, 2);
    unit->frame_at = (uint16_t)get(b, 2);
    unit->frame_size = (uint16_t)get(b, 2);
    unit->code_at = (uint16_t)get(b, 2);
    unit->code_count = (uint16_t)get(b, 2);
}

static void put_var(struct bytes *b, const struct yw_st_var *var)
{
    put_name(b, var->name);
    put(b, var->type, 1);
    put(b, var->section, 1);
    put(b, var->place, 1);
    put(b, (uint32_t)(var->retain | var->constant << 1 | var->has_initial << 2), 1);
    put(b, var->at, 2);
    put(b, var->cells, 2);
    put(b, var->unit, 2);
    put(b, var->initial, 4);
    put(b, var->dims, 1);
    for (uint8_t i = 0; i < var->dims; i++) {
        put(b, (uint32_t)var->low[i], 4);
        put(b, var->count[i], 2);
    }
}

static void get_var(struct bytes *b, struct yw_st_var *var)
{
    get_name(b, var->name);
    var->type = (uint8_t)get(b, 1);
    var->section = (uint8_t)get(b, 1);
    var->place = (uint8_t)get(b, 1);
    uint32_t flags = get(b, 1);
    var->retain = (flags & 1) != 0;
    var->constant = (flags & 2) != 0;
    var->has_initial = (flags & 4) != 0;
    var->at = (uint16_t)get(b, 2);
    var->cells = (uint16_t)get(b, 2);
    var->unit = (uint16_t)get(b, 2);
    var->initial = get(b, 4);
    var->dims = (uint8_t)get(b, 1);
    if (var->dims > YW_ST_DIMS_MAX)
        b->bad = true;
    for (uint8_t i = 0; !b->bad && i < var->dims; i++) {
        var->low[i] = (int32_t)get(b, 4);
        var->count[i] = (uint16_t)get(b, 2);
    }
}

size_t yw_st_pack(const struct yw_st_program *program, uint8_t *ret, size_t ret_size)
{
    struct bytes b = {.to = ret, .size = ret_size};
    for (size_t i = 0; i < sizeof(YW_ST_PACK_MAGIC); i++)
        put(&b, (uint8_t)YW_ST_PACK_MAGIC[i], 1);
    put(&b, program->crc, 4);
    put(&b, program->scan_ms, 2);
    put(&b, program->unit_count, 2);
    put(&b, program->var_count, 2);
    put(&b, program->code_count, 2);
    put(&b, program->cell_count, 2);
    for (uint32_t i = 0; i < program->unit_count; i++)
        put_unit(&b, &program->units[i]);
    for (uint32_t i = 0; i < program->var_count; i++)
        put_var(&b, &program->vars[i]);
    for (uint32_t i = 0; i < program->code_count; i++) {
        put(&b, program->code[i].code, 1);
        put(&b, program->code[i].line, 2);
        put(&b, program->code[i].arg, 4);
    }
    for (uint32_t i = 0; i < program->cell_count; i++)
        put(&b, program->initial[i], 4);
    return b.bad ? 0 : b.at;
}

static void get_tables(struct bytes *b, struct yw_st_program *program)
{
    program->scan_ms = get(b, 2);
    program->unit_count = get_count(b, YW_ST_UNITS_MAX);
    program->var_count = get_count(b, YW_ST_VARS_MAX);
    program->code_count = get_count(b, YW_ST_CODE_MAX);
    program->cell_count = get_count(b, YW_ST_CELLS_MAX);
    for (uint32_t i = 0; i < program->unit_count && !b->bad; i++)
        get_unit(b, &program->units[i]);
    for (uint32_t i = 0; i < program->var_count && !b->bad; i++)
        get_var(b, &program->vars[i]);
    for (uint32_t i = 0; i < program->code_count && !b->bad; i++) {
        program->code[i].code = (uint16_t)get(b, 1);
        program->code[i].line = (uint16_t)get(b, 2);
        program->code[i].arg = get(b, 4);
    }
    for (uint32_t i = 0; i < program->cell_count && !b->bad; i++)
        program->initial[i] = get(b, 4);
}

int yw_st_unpack(struct yw_st_program *program, const uint8_t *bytes, size_t size,
                 struct yw_st_problem *ret_problem)
{
    struct bytes b = {.from = bytes, .size = size};
    memset(program, 0, sizeof(*program));
    *ret_problem = (struct yw_st_problem){.trouble = YW_ST_BAD_CODE};
    if (size < sizeof(YW_ST_PACK_MAGIC) ||
        memcmp(bytes, YW_ST_PACK_MAGIC, sizeof(YW_ST_PACK_MAGIC)) != 0)
        return -1;
    b.at = sizeof(YW_ST_PACK_MAGIC);
    program->crc = get(&b, 4);
    get_tables(&b, program);
    if (b.bad || b.at != size || program->crc != crc_of(program))
        return -1;
    if (yw_st_verify(program, ret_problem) != 0)
        return -1;
    ret_problem->trouble = YW_ST_OK;
    return 0;
}

#define RETAIN_MAGIC 0x59575231u /* "YWR1" */

/* Type and size of a variable in one number; of an instance also whose it is. */
static uint32_t shape_of(const struct yw_st_program *program, const struct yw_st_var *var)
{
    uint32_t whose = var->unit;
    if (var->type == YW_ST_BLOCK && var->unit < YW_ST_UNITS_MAX) {
        const char *name = program->units[var->unit].name;
        whose = yw_st_crc(name, strlen(name)) | 0x8000u;
    }
    return (uint32_t)var->type << 24 | (uint32_t)var->dims << 16 | (whose & UINT16_MAX);
}

size_t yw_st_retain_save(const struct yw_st_program *program,
                         const struct yw_st_image *image, uint8_t *ret, size_t ret_size)
{
    struct bytes b = {.to = ret, .size = ret_size};
    if (program->unit_count == 0)
        return 0;
    const struct yw_st_unit *unit = yw_st_main(program);
    put(&b, RETAIN_MAGIC, 4);
    put(&b, 0, 4);
    for (uint32_t i = 0; i < unit->var_count; i++) {
        const struct yw_st_var *var = &program->vars[unit->var_at + i];
        if (!var->retain)
            continue;
        put_name(&b, var->name);
        put(&b, shape_of(program, var), 4);
        put(&b, var->cells, 2);
        for (uint32_t k = 0; k < var->cells; k++)
            put(&b, image->cell[unit->frame_at + var->at + k], 4);
    }
    if (b.bad || b.at == 8)
        return 0;
    size_t size = b.at;
    b.at = 4;
    put(&b, yw_st_crc(ret + 8, size - 8), 4);
    return size;
}

/* One variable of the file into the image, when the program still has it. */
static void restore_one(const struct yw_st_program *program, struct yw_st_image *image,
                        struct bytes *b)
{
    char name[YW_ST_NAME_MAX];
    const struct yw_st_unit *unit = yw_st_main(program);
    get_name(b, name);
    uint32_t shape = get(b, 4);
    uint32_t cells = get_count(b, YW_ST_CELLS_MAX);
    uint32_t *to = NULL;
    for (uint32_t i = 0; i < unit->var_count; i++) {
        const struct yw_st_var *var = &program->vars[unit->var_at + i];
        if (var->retain && strcmp(var->name, name) == 0 && var->cells == cells &&
            shape_of(program, var) == shape)
            to = image->cell + unit->frame_at + var->at;
    }
    for (uint32_t i = 0; i < cells && !b->bad; i++) {
        uint32_t cell = get(b, 4);
        if (to != NULL)
            to[i] = cell;
    }
}

bool yw_st_retain_load(const struct yw_st_program *program, struct yw_st_image *image,
                       const uint8_t *bytes, size_t size)
{
    struct bytes b = {.from = bytes, .size = size};
    if (program->unit_count == 0 || size < 8 || get(&b, 4) != RETAIN_MAGIC ||
        get(&b, 4) != yw_st_crc(bytes + 8, size - 8))
        return false;
    while (b.at < size && !b.bad)
        restore_one(program, image, &b);
    return !b.bad;
}
