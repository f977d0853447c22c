/* What went wrong, in words; and the checksum of what is executed. */
#include "controller/st_inner.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *english;
    const char *chinese;
} messages[] = {
    [YW_ST_OK] = {"no problem", "没有问题"},
    [YW_ST_TOO_LONG] = {"too long, too many or too deep", "过长、过多或嵌套过深"},
    [YW_ST_BAD_CHARACTER] = {"character that does not belong here", "此处不应有的字符"},
    [YW_ST_BAD_NUMBER] = {"number not understood", "无法识别的数字"},
    [YW_ST_OPEN_COMMENT] = {"comment without end", "注释没有结束"},
    [YW_ST_EXPECTED] = {"not expected here", "此处不应为"},
    [YW_ST_UNKNOWN_NAME] = {"unknown name", "未声明的名称"},
    [YW_ST_DOUBLE_NAME] = {"name declared twice", "名称重复声明"},
    [YW_ST_BAD_ADDRESS] = {"no such address", "地址不存在"},
    [YW_ST_WRONG_TYPE] = {"types do not fit", "类型不匹配"},
    [YW_ST_READ_ONLY] = {"cannot be written", "不可写"},
    [YW_ST_DIVIDE_BY_ZERO] = {"division by zero", "除数为零"},
    [YW_ST_OVERFLOW] = {"result is not a finite number", "结果不是有限数"},
    [YW_ST_BUDGET_SPENT] = {"scan takes too long", "扫描周期超时"},
    [YW_ST_OUT_OF_RANGE] = {"index outside the array", "数组下标越界"},
    [YW_ST_NOT_CONSTANT] = {"not a constant", "不是常量"},
    [YW_ST_NO_ARRAY] = {"no array", "不是数组"},
    [YW_ST_BAD_CODE] = {"compiled program refused", "拒绝执行的编译程序"},
};

_Static_assert(sizeof(messages) / sizeof(messages[0]) == YW_ST_TROUBLES, "one each");

void yw_st_explain_bare(const struct yw_st_problem *problem, bool chinese, char *ret,
                        size_t ret_size)
{
    const char *text =
        chinese ? messages[problem->trouble].chinese : messages[problem->trouble].english;
    const char *word = problem->word;
    const char *want = problem->want;
    const char *before = problem->trouble == YW_ST_UNKNOWN_NAME
                             ? (chinese ? "；是否指 " : "; do you mean ")
                         : problem->trouble == YW_ST_TOO_LONG
                             ? (chinese ? "；至多 " : "; at most ")
                             : (chinese ? "；应为 " : "; right would be ");
    if (problem->trouble == YW_ST_EXPECTED && word[0] == '\0')
        word = chinese ? "结尾" : "end";
    (void)snprintf(ret, ret_size, "%s%s%s%s%s%s", text, word[0] != '\0' ? " '" : "", word,
                   word[0] != '\0' ? "'" : "", want[0] != '\0' ? before : "", want);
}

void yw_st_explain(const struct yw_st_problem *problem, bool chinese, char *ret,
                   size_t ret_size)
{
    char text[YW_ST_NAME_MAX + YW_ST_WANT_MAX + 96];
    yw_st_explain_bare(problem, chinese, text, sizeof(text));
    if (problem->column > 0)
        (void)snprintf(ret, ret_size,
                       chinese ? "第 %d 行第 %d 列：%s" : "line %d, column %d: %s",
                       problem->line, problem->column, text);
    else
        (void)snprintf(ret, ret_size, chinese ? "第 %d 行：%s" : "line %d: %s",
                       problem->line, text);
}

static uint32_t crc_more(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return crc;
}

uint32_t yw_st_crc(const void *bytes, size_t size)
{
    return ~crc_more(UINT32_MAX, bytes, size);
}

static uint32_t crc_number(uint32_t crc, uint32_t number)
{
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16 & 255),
                              (uint8_t)(number >> 8 & 255), (uint8_t)(number & 255)};
    return crc_more(crc, bytes, sizeof(bytes));
}

/* Code, frames, initial values and the scan; neither names nor lines. */
uint32_t crc_of(const struct yw_st_program *program)
{
    uint32_t crc = crc_number(UINT32_MAX, program->scan_ms);
    for (uint32_t i = 0; i < program->unit_count; i++) {
        const struct yw_st_unit *unit = &program->units[i];
        crc = crc_number(crc, (uint32_t)unit->kind << 16 | unit->frame_size);
        crc = crc_number(crc, (uint32_t)unit->code_at << 16 | unit->code_count);
    }
    for (uint32_t i = 0; i < program->code_count; i++) {
        crc = crc_number(crc, program->code[i].code);
        crc = crc_number(crc, program->code[i].arg);
    }
    for (uint32_t i = 0; i < program->cell_count; i++)
        crc = crc_number(crc, program->initial[i]);
    for (uint32_t i = 0; i < program->var_count; i++) {
        const struct yw_st_var *var = &program->vars[i];
        if (!var->has_initial)
            continue;
        crc = crc_number(crc, (uint32_t)var->place << 16 | var->at);
        crc = crc_number(crc, var->initial);
    }
    return ~crc;
}
