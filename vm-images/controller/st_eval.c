#include "controller/st_inner.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct machine {
    const struct yw_st_program *program;
    struct yw_st_image *image;
    double stack[YW_ST_STACK_MAX];
    uint32_t depth;
    enum yw_st_trouble trouble;
};

static double clamp(double least, double value, double most)
{
    if (!(value >= least)) /* also when not a number */
        return least;
    return value > most ? most : value;
}

static double load(const struct machine *m, uint32_t index)
{
    const struct yw_st_var *var = &m->program->vars[index];
    const struct yw_st_image *image = m->image;
    switch (var->place) {
    case YW_ST_LOCAL:
        return image->local[index];
    case YW_ST_INPUT_WORD:
        return image->input[var->index];
    case YW_ST_INPUT_BIT:
        return image->discrete[var->index] != 0;
    case YW_ST_MEMORY_WORD:
        return image->holding[var->index];
    case YW_ST_MEMORY_BIT:
        return image->coil[var->index] != 0;
    case YW_ST_OUTPUT_WORD:
        return image->output[var->index];
    case YW_ST_OUTPUT_BIT:
        return image->output[var->index] != 0;
    }
    return 0;
}

static void store(const struct yw_st_program *program, struct yw_st_image *image,
                  uint32_t index, double value)
{
    const struct yw_st_var *var = &program->vars[index];
    switch (var->place) {
    case YW_ST_LOCAL:
        image->local[index] = value;
        break;
    case YW_ST_MEMORY_WORD:
        image->holding[var->index] = (uint16_t)clamp(0, value, UINT16_MAX);
        break;
    case YW_ST_MEMORY_BIT:
        image->coil[var->index] = value != 0;
        break;
    case YW_ST_OUTPUT_WORD:
    case YW_ST_OUTPUT_BIT:
        image->output[var->index] = value;
        break;
    case YW_ST_INPUT_WORD:
    case YW_ST_INPUT_BIT:
        break; /* the compiler refuses to store there */
    }
}

static void push(struct machine *m, double value)
{
    assert(m->depth < YW_ST_STACK_MAX);
    m->stack[m->depth++] = value;
}

static double pop(struct machine *m)
{
    assert(m->depth > 0);
    return m->stack[--m->depth];
}

static double divide(struct machine *m, enum op code, double a, double b)
{
    if (b == 0) {
        m->trouble = YW_ST_DIVIDE_BY_ZERO;
        return 0;
    }
    if (code == OP_MOD)
        return fmod(a, b);
    return code == OP_DIV_INT ? trunc(a / b) : a / b;
}

static double binary(struct machine *m, enum op code, double a, double b)
{
    switch ((int)code) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_EQ:
        return a == b;
    case OP_NE:
        return a != b;
    case OP_LT:
        return a < b;
    case OP_LE:
        return a <= b;
    case OP_GT:
        return a > b;
    case OP_GE:
        return a >= b;
    case OP_AND:
        return a != 0 && b != 0;
    case OP_OR:
        return a != 0 || b != 0;
    case OP_XOR:
        return (a != 0) != (b != 0);
    case OP_MIN:
        return a < b ? a : b;
    case OP_MAX:
        return a > b ? a : b;
    default:
        return divide(m, code, a, b);
    }
}

static double unary(enum op code, double a)
{
    switch ((int)code) {
    case OP_NEG:
        return -a;
    case OP_SATURATE:
        return clamp(INT32_MIN, a, INT32_MAX);
    case OP_ROUND:
        return clamp(INT32_MIN, rint(a), INT32_MAX);
    case OP_NOT:
        return a == 0;
    default:
        return fabs(a);
    }
}

static void calculate(struct machine *m, enum op code)
{
    double c = 0;
    double b = 0;
    double result = 0;
    switch ((int)code) {
    case OP_NEG:
    case OP_SATURATE:
    case OP_ROUND:
    case OP_NOT:
    case OP_ABS:
        result = unary(code, pop(m));
        break;
    case OP_LIMIT:
    case OP_SEL:
        c = pop(m);
        b = pop(m);
        result = pop(m);
        if (code == OP_LIMIT)
            result = clamp(result, b, c);
        else
            result = result != 0 ? c : b;
        break;
    default:
        b = pop(m);
        result = binary(m, code, pop(m), b);
    }
    if (!isfinite(result))
        m->trouble = YW_ST_OVERFLOW;
    push(m, result);
}

/* Does one instruction; returns the next. */
static uint32_t step(struct machine *m, uint32_t at)
{
    const struct yw_st_op *op = &m->program->code[at];
    switch ((int)op->code) {
    case OP_PUSH:
        push(m, op->value);
        break;
    case OP_LOAD:
        push(m, load(m, op->target));
        break;
    case OP_STORE:
        store(m->program, m->image, op->target, pop(m));
        break;
    case OP_JUMP:
        return op->target;
    case OP_JUMP_FALSE:
        if (pop(m) == 0)
            return op->target;
        break;
    default:
        calculate(m, (enum op)op->code);
    }
    return at + 1;
}

int yw_st_run(const struct yw_st_program *program, struct yw_st_image *image,
              struct yw_st_problem *ret_problem)
{
    struct machine m = {.program = program, .image = image};
    uint32_t at = 0;
    uint32_t left = YW_ST_BUDGET;
    while (program->code[at].code != OP_END) {
        uint16_t line = program->code[at].line;
        at = step(&m, at);
        if (--left == 0)
            m.trouble = YW_ST_BUDGET_SPENT;
        if (m.trouble != YW_ST_OK) {
            *ret_problem = (struct yw_st_problem){.trouble = m.trouble, .line = line};
            return -1;
        }
    }
    return 0;
}

void yw_st_reset(const struct yw_st_program *program, struct yw_st_image *image)
{
    memset(image->local, 0, sizeof(image->local));
    for (uint32_t i = 0; i < program->var_count; i++) {
        if (program->vars[i].has_initial)
            store(program, image, i, program->vars[i].initial);
    }
}

uint32_t yw_st_crc(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

struct message {
    const char *english;
    const char *chinese;
};

static const struct message messages[] = {
    [YW_ST_OK] = {"no problem", "没有问题"},
    [YW_ST_TOO_LONG] = {"too long or too deep", "过长或嵌套过深"},
    [YW_ST_BAD_CHARACTER] = {"character that does not belong here", "此处不应有的字符"},
    [YW_ST_BAD_NUMBER] = {"number not understood", "无法识别的数字"},
    [YW_ST_OPEN_COMMENT] = {"comment without end", "注释没有结束"},
    [YW_ST_EXPECTED] = {"expected", "此处应为"},
    [YW_ST_UNKNOWN_NAME] = {"unknown name", "未声明的名称"},
    [YW_ST_DOUBLE_NAME] = {"name declared twice", "名称重复声明"},
    [YW_ST_BAD_ADDRESS] = {"no such address", "地址不存在"},
    [YW_ST_WRONG_TYPE] = {"types do not fit", "类型不匹配"},
    [YW_ST_READ_ONLY] = {"input cannot be written", "输入不可写"},
    [YW_ST_DIVIDE_BY_ZERO] = {"division by zero", "除数为零"},
    [YW_ST_OVERFLOW] = {"result is not a finite number", "结果不是有限数"},
    [YW_ST_BUDGET_SPENT] = {"scan takes too long", "扫描周期超时"},
};

void yw_st_explain(const struct yw_st_problem *problem, bool chinese, char *ret,
                   size_t ret_size)
{
    const struct message *message = &messages[problem->trouble];
    const char *open = problem->word[0] != '\0' ? " '" : "";
    const char *close = problem->word[0] != '\0' ? "'" : "";
    if (chinese)
        (void)snprintf(ret, ret_size, "第 %d 行：%s%s%s%s", problem->line,
                       message->chinese, open, problem->word, close);
    else
        (void)snprintf(ret, ret_size, "line %d: %s%s%s%s", problem->line,
                       message->english, open, problem->word, close);
}
