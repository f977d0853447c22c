#include "cli/verb/playbook_conduct.h"

#include "base/mem.h"
#include "cli/ask.h"
#include "codec/request/request_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (64 * 1024)

bool yw_playbook_conducts(const char *verb)
{
    static const char *const verbs[] = {"start", "pause", "resume", "skip",
                                        "force", "set",   "rewind", "abort"};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i], verb) == 0)
            return true;
    }
    return false;
}

int yw_playbook_run_word(const char *word, struct yw_err *err)
{
    if (word[0] != '\0' && strlen(word) <= 15 && word[strspn(word, "0123456789")] == '\0')
        return 0;
    return yw_err_set(err, YW_EINVAL, "RUN: expected a number; got '%s'", word);
}

static int read_start(struct yw_request_task *task, const struct yw_words *words,
                      struct yw_err *err)
{
    int code = yw_words_expect(words, 3, 4, YW_PLAYBOOK_CONDUCT_USAGE, err);

    if (code == 0)
        code = yw_ask_name(task->playbook, "PLAYBOOK", words->items[2], err);
    if (code == 0 && words->count > 3)
        code = yw_ask_name(task->team, "TEAM", words->items[3], err);
    return code;
}

static int read_set(struct yw_request_task *task, const char *word, struct yw_err *err)
{
    const char *equals = strchr(word, '=');

    if (equals == NULL || equals == word ||
        (size_t)(equals - word) >= sizeof task->name ||
        yw_copy(task->value, sizeof task->value, equals + 1) != 0)
        return yw_err_set(err, YW_EINVAL, "NAME=VALUE: expected a variable; got '%s'",
                          word);
    memcpy(task->name, word, (size_t)(equals - word));
    return 0;
}

static int read_control(struct yw_request_task *task, const struct yw_words *words,
                        struct yw_err *err)
{
    const char *verb = words->items[0];
    bool at_step = strcmp(verb, "skip") == 0 || strcmp(verb, "force") == 0 ||
                   strcmp(verb, "rewind") == 0;
    int wanted = at_step || strcmp(verb, "set") == 0 ? 4 : 3;
    int code = yw_words_expect(words, wanted, wanted, YW_PLAYBOOK_CONDUCT_USAGE, err);

    if (code != 0)
        return code;
    code = yw_playbook_run_word(words->items[2], err);
    if (code != 0)
        return code;
    YW_COPY(task->verb, verb);
    if (at_step && YW_COPY(task->step, words->items[3]) != 0)
        return yw_err_set(err, YW_EINVAL, "STEP: longer than %zu bytes",
                          sizeof task->step - 1);
    return strcmp(verb, "set") == 0 ? read_set(task, words->items[3], err) : 0;
}

int yw_playbook_conduct(struct yw_cli *cli, const struct yw_words *words,
                        const char *reason, bool failure, struct yw_err *err)
{
    struct yw_request_task task = {.agrees = true, .ok = !failure};
    bool start = strcmp(words->items[0], "start") == 0;
    struct yw_buf body;
    char *answer = NULL;

    if (reason == NULL || reason[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "--reason: say why; it is kept");
    if (YW_COPY(task.reason, reason) != 0)
        return yw_err_set(err, YW_EINVAL, "--reason: longer than %zu bytes",
                          sizeof task.reason - 1);
    int code = start ? read_start(&task, words, err) : read_control(&task, words, err);

    if (code != 0)
        return code;
    char *tail = start ? yw_strdup("/playbooks")
                       : yw_strf("/playbooks/%s/control", words->items[2]);

    yw_buf_init(&body, BODY_MAX);
    yw_request_task_encode(&body, start ? YW_REQUEST_START : YW_REQUEST_CONTROL, &task);
    code = yw_ask(cli, words->items[1], tail, body.data, &answer, err);
    if (code == 0)
        puts(cli->json ? answer : yw_cli_text(cli, "已执行。", "Done."));
    yw_buf_fini(&body);
    free(tail);
    free(answer);
    return code;
}
