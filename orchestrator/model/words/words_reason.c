/* The pieces of sentences: texts cut at characters, and what programs say, in both
 * languages. */
#include "model/words/words_inside.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void yw_words_put(char dst[YW_TEXT_MAX], const char *fmt, ...)
{
    char text[4096]; /* cut at a character boundary, not in the middle of one */
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    (void)yw_copy(dst, YW_TEXT_MAX, text);
}

/* What the journal says in English because programs wrote it. `*` stands for any text,
 * kept as it is; people's own words are in no row and stay as they were written. */
static const struct reason {
    const char *en, *zh;
} reasons[] = {
    {"length reached", "演练时长已到"},
    {"range is down", "靶场已拆除"},
    {"all removed", "已全部清除"},
    {"* machines serving", "* 台机器开始服务"},
    {"something may be left over: *", "可能有残留：*"},
    {"resumed after event *", "自事件 * 之后继续"},
    {"not the name of a machine", "不是机器的名字"},
    {"this type of command cannot be carried out here", "此类命令在此无法执行"},
    {"this type of step cannot be carried out here", "此类步骤在此无法执行"},
    {"ACTION_TIMEOUT", "超过时限"},
    {"a step failed and nothing handles it", "有步骤失败且无人处置"},
    {"ended by the exception handler", "由异常处理结束"},
    {"too many steps", "步骤过多"},
    {"the virt broker went away; it is started again", "虚拟化代理中断，正在重新启动"},
    {"*; starting it again", "*；正在重新启动"},
    {"platform fault", "平台故障"},
    {"the disk under the journal is full: *", "日志所在磁盘已满：*"},
    {"the disk has room again after * s; no event was lost; resume the drill when it may "
     "go on",
     "* 秒后磁盘恢复空间；没有丢失任何事件；可以继续时请恢复演练"},
};

/* Where the text under `*` begins and how long it is; false when the pattern differs. */
static bool matches(const char *pattern, const char *text, const char **ret,
                    int *ret_size)
{
    size_t head = strcspn(pattern, "*"), size = strlen(text);
    const char *rest = pattern[head] == '*' ? pattern + head + 1 : pattern + head;
    size_t end = strlen(rest);

    if (pattern[head] == '\0' ? size != head : size < head + end)
        return false;
    *ret = text + head;
    *ret_size = (int)(size - head - end);
    return strncmp(pattern, text, head) == 0 && strcmp(text + size - end, rest) == 0;
}

static void put_reason(char *dst, size_t size, const char *text)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        const char *kept = "";
        int kept_size = 0;

        if (matches(reasons[i].en, text, &kept, &kept_size)) {
            size_t head = strcspn(reasons[i].zh, "*");
            bool open = reasons[i].zh[head] == '*';

            (void)snprintf(dst, size, "%.*s%.*s%s", (int)head, reasons[i].zh, kept_size,
                           kept, reasons[i].zh + head + (open ? 1 : 0));
            return;
        }
    }
    (void)snprintf(dst, size, "%s", text);
}

const char *yw_words_tail(char room[YW_WORDS_REASON_MAX], const char *detail)
{
    room[0] = '\0';
    if (detail[0] != '\0')
        (void)snprintf(room, YW_WORDS_REASON_MAX, ": %s", detail);
    return room;
}

const char *yw_words_tail_zh(char room[YW_WORDS_REASON_MAX], const char *detail)
{
    static const char mark[] = "：";

    room[0] = '\0';
    if (detail[0] != '\0') {
        memcpy(room, mark, sizeof mark);
        put_reason(room + sizeof mark - 1, YW_WORDS_REASON_MAX - (sizeof mark - 1),
                   detail);
    }
    return room;
}
