#include "cli/catalogue.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define STARS_MAX 6

/* `*` stands for any text, in the same order in both. The first that fits is taken. */
static const struct sentence {
    const char *en, *zh;
} sentences[] = {
    /* a daemon, or none */
    {"no daemon serves *; start one with 'yanwu serve'",
     "数据目录 * 没有守护进程在运行；请先执行“yanwu serve”"},
    {"no daemon has run on this data directory: no *",
     "此数据目录上没有运行过守护进程：没有 *"},
    {"the daemon does not answer; see *", "守护进程没有应答；请看 *"},
    {"the daemon ended at once; see *", "守护进程立即退出；请看 *"},
    {"the daemon answered *", "守护进程答复 *"},
    {"the daemon's answer is not understood", "守护进程的答复无法理解"},
    {"the connection ended before the answer", "连接在答复之前中断"},
    {"*: cannot connect", "*：无法连接"},
    /* names that are not there */
    {"'*' is no drill in * and no file", "“*”既不是 * 中的演练，也不是文件"},
    {"no drill '*'", "没有演练“*”"},
    {"no machine '*'", "没有机器“*”"},
    {"no machine '*' of this team", "该队没有机器“*”"},
    {"no team '*'", "没有队伍“*”"},
    {"team: no team '*'", "没有队伍“*”"},
    {"team: whose machine is missing", "未说明是哪一队的机器"},
    {"not the name of a machine", "不是机器的名字"},
    {"no checkpoint '*'", "没有检查点“*”"},
    {"no checkpoint * is kept", "没有保存检查点 *"},
    {"no capture '*'", "没有抓包“*”"},
    {"no recording '*'", "没有录像“*”"},
    {"no host '*'", "没有主机“*”"},
    {"*: is there already; nothing was changed", "*：已经存在；什么都没有改动"},
    {"--from: no scenario '*'; did you mean '*'?", "--from：没有场景“*”；是否想用“*”？"},
    {"--from: no scenario '*'; 'yanwu scenario list' names those that are there",
     "--from：没有场景“*”；“yanwu scenario list”可列出已有的场景"},
    {"'*': expected a name of a-z, 0-9 and -, as water-dosing",
     "“*”：名字应由 a-z、0-9 和 - 组成，例如 water-dosing"},
    {"*: a technique without an id of MITRE's", "*：技术缺少 MITRE 编号"},
    {"*: '*' stands there twice, or it is one too many",
     "*：“*”出现了两次，或者已超过上限"},
    {"*: *; a scenario is a folder with scenario.lua; did you mean '*'?",
     "*：*；场景是含有 scenario.lua 的文件夹；是否想用“*”？"},
    {"*: *; a scenario is a folder with scenario.lua",
     "*：*；场景是含有 scenario.lua 的文件夹"},
    {"machine '*': no image '*' is registered; 'yanwu image list' names those that are",
     "机器“*”：没有登记镜像“*”；“yanwu image list”可列出已登记的镜像"},
    {"machine '*': no image '*' is registered; did you mean '*'?",
     "机器“*”：没有登记镜像“*”；是否想用“*”？"},
    /* who may what */
    {"a token is needed", "需要令牌"},
    {"no such token", "没有此令牌"},
    {"in this scenario teams reset no machines", "本场景中队伍不能重置机器"},
    {"/person: this token is '*''s; got '*'", "/person：此令牌属于“*”，而非“*”"},
    {"/person: the people of this team answer with tokens of their own",
     "/person：该队人员须以个人令牌回答"},
    {"/person: expected a name of at most * bytes without '/'; got '*'",
     "/person：应为不超过 * 字节、不含“/”的姓名，而非“*”"},
    {"only for control", "只有导调可以这样做"},
    {"only for teams", "只有队伍可以这样做"},
    {"only for *", "只有 * 可以这样做"},
    {"this token belongs to another drill", "此令牌属于另一个演练"},
    {"this token's team is not in the drill", "此令牌的队伍不在该演练中"},
    {"too many wrong tokens from this address", "此地址的错误令牌过多"},
    {"too many requests from this address", "此地址的请求过多"},
    {"*: Permission denied; only root and the daemon's user may ask it",
     "*：没有权限（Permission denied）；只有 root 和守护进程的用户可以"},
    {"*: Permission denied", "*：没有权限（Permission denied）"},
    {"only root can boot a machine", "只有 root 能启动机器"},
    /* not in this state */
    {"drill '*' is archived", "演练“*”已归档"},
    {"drill '*' is stopped: resume it first", "演练“*”已急停：请先恢复"},
    {"drill '*' is stopped: its machines stand still", "演练“*”已急停：其机器静止"},
    {"drill '*' is *: cannot *", "演练“*”处于 * 阶段：不能 *"},
    {"drill '*' is *: no machine serves", "演练“*”处于 * 阶段：没有机器在服务"},
    {"drill '*': the range is * already", "演练“*”：靶场已在变动（*）"},
    {"drill '*': the disk is full, nothing can be put on record; make room and ask again "
     "*",
     "演练“*”：磁盘已满，无法记录任何事件；请腾出空间后再试 *"},
    {"machine '*' does not run", "机器“*”没有运行"},
    {"interrupted; the range is down", "已中断；靶场已拆除"},
    {"interrupted while the range came up; it is down", "搭建靶场时被中断；靶场已拆除"},
    {"interrupted, but the range was not taken down: *", "已中断，但靶场未能拆除：*"},
    /* a scenario */
    {"*: unknown field '*'; did you mean '*'?", "*：未知字段“*”（是否想用“*”？）"},
    {"*: unknown field '*'", "*：未知字段“*”"},
    {"unknown name '*'; did you mean '*'?", "未知名字“*”（是否想用“*”？）"},
    {"*: expected *, got *", "*：应为 *，实际为 *"},
    {"* '*': no * named '*'; did you mean '*'?", "* “*”：没有 *“*”；是否想用“*”？"},
    {"* '*': no * named '*'", "* “*”：没有 *“*”"},
    {"* '*' is declared before (line *)", "* “*”此前已声明（第 * 行）"},
    {"scenario.lua: not in the folder", "文件夹里没有 scenario.lua"},
    {"no such file: *", "没有文件 *"},
    {"*: --auto needs rehearsal.lua with teams",
     "*：--auto 需要含有队伍的 rehearsal.lua"},
    /* the command line */
    {"no such option: * (did you mean *?)", "没有选项 *（是否想用 *？）"},
    {"no such option: *", "没有选项 *"},
    {"* needs a value", "* 需要一个值"},
    {"*: expected a number from 0; got '*'", "*：应为从 0 起的数；实际为“*”"},
    {"*: expected a number; got '*'", "*：应为数；实际为“*”"},
    {"--to *: events are numbered from 1 on", "--to *：事件从 1 开始编号"},
    {"unexpected '*'; usage: yanwu *", "不应有“*”；用法：yanwu *"},
    {"*; usage: yanwu *", "*；用法：yanwu *"},
    {"usage: yanwu *", "用法：yanwu *"},
};

struct piece {
    const char *text;
    size_t size;
};

/* Where the text under each `*` is; false when the sentence is another. */
static bool fits(const char *pattern, const char *text, struct piece pieces[STARS_MAX])
{
    size_t count = 0;
    size_t head = strcspn(pattern, "*");
    if (strncmp(pattern, text, head) != 0) {
        return false;
    }
    pattern += head;
    text += head;
    while (*pattern == '*' && count < STARS_MAX) {
        char literal[128];
        size_t size = strcspn(++pattern, "*");
        (void)yw_copyf(literal, sizeof literal, "%.*s", (int)size, pattern);
        const char *end = size == 0               ? text + strlen(text)
                          : pattern[size] == '\0' ? text + strlen(text) - size
                                                  : strstr(text, literal);
        if (end == NULL || end < text || strncmp(end, literal, size) != 0) {
            return false;
        }
        pieces[count++] = (struct piece){text, (size_t)(end - text)};
        text = end + size;
        pattern += size;
    }
    return *pattern == '\0' && *text == '\0';
}

static void say(struct yw_buf *out, const char *zh, const struct piece pieces[STARS_MAX])
{
    size_t count = 0;
    for (const char *at = zh; *at != '\0'; at++) {
        if (*at == '*') {
            yw_buf_put(out, pieces[count].text, pieces[count].size);
            count++;
        } else {
            yw_buf_put(out, at, 1);
        }
    }
}

static bool say_from(struct yw_buf *out, const char *text)
{
    struct piece pieces[STARS_MAX] = {{0}};
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (fits(sentences[i].en, text, pieces)) {
            say(out, sentences[i].zh, pieces);
            return true;
        }
    }
    return false;
}

/* The longest end of the text that is a sentence: what stands before says where it happened. */
bool yw_catalogue_say(const char *text, char *ret, size_t size)
{
    struct yw_buf out;
    bool known = false;
    yw_buf_init(&out, size * 2);
    for (const char *at = text; at != NULL && !known;) {
        yw_buf_clear(&out);
        yw_buf_put(&out, text, (size_t)(at - text));
        known = say_from(&out, at);
        at = strstr(at, ": ");
        at = at == NULL ? NULL : at + 2;
    }
    (void)yw_copy(ret, size, known && out.data != NULL ? out.data : text);
    yw_buf_fini(&out);
    return known;
}
