#include "virt/machine/qmp.h"

#include "base/mem.h"
#include "virt/machine/libvirt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POLL_MS 4
#define REFUSAL_MAX 300

/* Behind `"name":`, or NULL. */
static const char *member(const char *answer, const char *name)
{
    char key[64];

    (void)snprintf(key, sizeof(key), "\"%s\"", name);
    const char *at = strstr(answer, key);

    if (!at)
        return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    if (*at != ':')
        return NULL;
    at++;
    return at + strspn(at, " ");
}

bool yw_qmp_says(const char *answer, const char *name, const char *value)
{
    const char *at = member(answer, name);
    size_t size = strlen(value);

    return at && *at == '"' && strncmp(at + 1, value, size) == 0 && at[1 + size] == '"';
}

/* A JSON string as plain text: what is escaped stands for itself. */
static void copy_string(const char *at, char *ret_text, size_t ret_size)
{
    size_t used = 0;

    for (at++; *at && *at != '"' && used + 1 < ret_size; at++) {
        if (*at == '\\' && at[1])
            at++;
        ret_text[used++] = (unsigned char)*at < 0x20 ? ' ' : *at;
    }
    ret_text[used] = '\0';
}

bool yw_qmp_refused(const char *answer, char *ret_text, size_t ret_size)
{
    const char *at = member(answer, "return") ? NULL : member(answer, "error");

    if (!at)
        return false;
    at = member(at, "desc");
    if (at && *at == '"')
        copy_string(at, ret_text, ret_size);
    else
        (void)snprintf(ret_text, ret_size, "no reason given");
    return true;
}

void yw_qmp_text(const char *answer, const char *name, char *ret_text, size_t ret_size)
{
    const char *at = member(answer, name);

    ret_text[0] = '\0';
    if (at && *at == '"')
        copy_string(at, ret_text, ret_size);
}

bool yw_qmp_is(const char *answer, const char *name, const char *word)
{
    const char *at = member(answer, name);
    size_t size = strlen(word);

    return at && strncmp(at, word, size) == 0 && strchr(",} ]\r\n", at[size]);
}

/* Behind the object that begins here; its end when it is cut off. */
static const char *object_end(const char *at)
{
    bool inside = false; /* a string */
    int depth = 0;

    for (; *at; at++) {
        if (inside && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            inside = !inside;
        else if (!inside && *at == '{')
            depth++;
        else if (!inside && *at == '}' && --depth == 0)
            return at + 1;
    }
    return at;
}

char *yw_qmp_next(const char **at)
{
    const char *list = member(*at, "return");
    const char *begin = strchr(list && *list == '[' ? list : *at, '{');

    if (list && *list != '[')
        return NULL;
    if (!begin)
        return NULL;
    const char *end = object_end(begin);
    size_t size = (size_t)(end - begin);
    char *object = yw_new(size + 1);

    memcpy(object, begin, size);
    *at = end;
    return object;
}

static int run(struct yw_host *host, const char *uuid, const char *command, int fd,
               char **ret_answer, struct yw_err *err)
{
    char *answer = NULL, text[REFUSAL_MAX];
    int code = yw_host_monitor(host, uuid, command, fd, &answer, err);

    if (code < 0)
        return code;
    if (yw_qmp_refused(answer, text, sizeof(text)))
        code = yw_err_set(err, YW_EIO, "monitor: %s", text);
    if (ret_answer && code == 0)
        *ret_answer = answer;
    else
        free(answer);
    return code;
}

int yw_qmp_run(struct yw_host *host, const char *uuid, const char *command,
               char **ret_answer, struct yw_err *err)
{
    return run(host, uuid, command, -1, ret_answer, err);
}

int yw_qmp_give(struct yw_host *host, const char *uuid, const char *name, int fd,
                struct yw_err *err)
{
    char command[160];

    (void)snprintf(command, sizeof(command),
                   "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"%s\"}}", name);
    return run(host, uuid, command, fd, NULL, err);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int yw_qmp_migrated(struct yw_host *host, const char *uuid, int64_t deadline_ms,
                    struct yw_err *err)
{
    const struct timespec step = {.tv_nsec = POLL_MS * 1000000L};
    int64_t until_ms = now_ms() + deadline_ms;

    while (now_ms() < until_ms) {
        char *answer = NULL;
        int code = run(host, uuid, "{\"execute\":\"query-migrate\"}", -1, &answer, err);

        if (code < 0)
            return code;
        bool done = yw_qmp_says(answer, "status", "completed");
        bool failed = yw_qmp_says(answer, "status", "failed");

        free(answer);
        if (done)
            return 0;
        if (failed)
            return yw_err_set(err, YW_EIO, "the machine's state was not taken");
        (void)nanosleep(&step, NULL);
    }
    return yw_err_set(err, YW_ETIMEOUT, "the machine's state was not taken in %lld ms",
                      (long long)deadline_ms);
}
