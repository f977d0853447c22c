#include "codec/request/request_task.h"

#include "base/base64.h"
#include "base/mem.h"
#include "codec/request/request_inside.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX (YW_REQUEST_EVIDENCE_MAX / 3 * 4 + 8192)

enum type { TEXT, NUMBER, FLAG, DATA };

/* In order of names, as bodies are written. */
static const struct {
    const char *name;
    enum type type;
    size_t offset, size;
    unsigned kinds; /* bits of enum yw_request_task_kind that know it */
    unsigned must;  /* … that need it */
} members[] = {
#define MEMBER(type_, member)                                                            \
    offsetof(struct yw_request_task, member), sizeof((struct yw_request_task *)0)->member
#define CONFIRM (1U << YW_REQUEST_CONFIRM)
#define EVIDENCE (1U << YW_REQUEST_EVIDENCE)
#define CONTROL (1U << YW_REQUEST_CONTROL)
#define START (1U << YW_REQUEST_START)
#define TOKEN (1U << YW_REQUEST_TOKEN)
    {"agrees", FLAG, MEMBER(FLAG, agrees), CONFIRM, 0},
    {"data", DATA, 0, 0, EVIDENCE, 0},
    {"exec", NUMBER, MEMBER(NUMBER, exec), CONFIRM | EVIDENCE | CONTROL, 0},
    {"form", TEXT, MEMBER(TEXT, form), EVIDENCE, EVIDENCE},
    {"name", TEXT, MEMBER(TEXT, name), EVIDENCE | CONTROL, 0},
    {"note", TEXT, MEMBER(TEXT, note), CONFIRM, 0},
    {"ok", FLAG, MEMBER(FLAG, ok), CONTROL, 0},
    {"person", TEXT, MEMBER(TEXT, person), CONFIRM | EVIDENCE | TOKEN, TOKEN},
    {"playbook", TEXT, MEMBER(TEXT, playbook), START, START},
    {"reason", TEXT, MEMBER(TEXT, reason), CONTROL | START, CONTROL | START},
    {"role", TEXT, MEMBER(TEXT, role), CONFIRM | EVIDENCE, CONFIRM | EVIDENCE},
    {"step", TEXT, MEMBER(TEXT, step), CONFIRM | EVIDENCE | CONTROL, CONFIRM | EVIDENCE},
    {"team", TEXT, MEMBER(TEXT, team), START | TOKEN, TOKEN},
    {"text", TEXT, MEMBER(TEXT, text), EVIDENCE, 0},
    {"value", TEXT, MEMBER(TEXT, value), CONTROL, 0},
    {"verb", TEXT, MEMBER(TEXT, verb), CONTROL, CONTROL},
#undef MEMBER
};

#define MEMBERS (sizeof members / sizeof members[0])

static int read_flag(const json_t *json, const char *path, bool *ret, struct yw_err *err)
{
    if (!json_is_boolean(json))
        return yw_json_expected(err, path, "true or false", json);
    *ret = json_is_true(json);
    return 0;
}

static int read_data(const json_t *json, struct yw_request_task *ret, struct yw_err *err)
{
    if (!json_is_string(json))
        return yw_json_expected(err, "/data", "a string", json);
    if (yw_base64_read(json_string_value(json), json_string_length(json), &ret->bytes,
                       &ret->size) < 0)
        return yw_err_set(err, YW_EINVAL, "/data: expected base64");
    if (ret->size > YW_REQUEST_EVIDENCE_MAX)
        return yw_err_set(err, YW_ELIMIT, "/data: at most %d bytes a file; got %zu",
                          YW_REQUEST_EVIDENCE_MAX, ret->size);
    return 0;
}

static int read_member(struct yw_request_task *ret, size_t i, bool must,
                       const json_t *json, struct yw_err *err)
{
    char path[YW_FIELD_PATH_MAX];
    char *place = (char *)ret + members[i].offset;

    if (!json && !must)
        return 0;
    yw_json_path(path, "", members[i].name);
    switch (members[i].type) {
    case TEXT:
        if (yw_json_read_string(json, path, place, members[i].size, err) < 0)
            return YW_EINVAL;
        return must && place[0] == '\0' ? yw_err_set(err, YW_EINVAL, "%s: is empty", path)
                                        : 0;
    case NUMBER:
        return yw_json_read_int(json, path, 1, YW_JSON_INT_MAX, &ret->exec, err);
    case FLAG:
        return read_flag(json, path, (bool *)place, err);
    case DATA:
        break;
    }
    return read_data(json, ret, err);
}

int yw_request_task_decode(struct yw_request_task *ret, enum yw_request_task_kind kind,
                           const char *text, size_t size, struct yw_err *err)
{
    const char *names[MEMBERS];
    size_t count = 0;
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    ret->agrees = ret->ok = true;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (members[i].kinds & (1U << kind))
            names[count++] = members[i].name;
    }
    int status = yw_request_load(
        &json, text, size, kind == YW_REQUEST_EVIDENCE ? BODY_MAX : YW_REQUEST_BYTES_MAX,
        names, count, err);

    for (size_t i = 0; i < MEMBERS && status == 0; i++) {
        if (members[i].kinds & (1U << kind))
            status = read_member(ret, i, members[i].must & (1U << kind),
                                 json_object_get(json, members[i].name), err);
    }
    json_decref(json);
    if (status < 0)
        yw_request_task_fini(ret);
    return status;
}

void yw_request_task_fini(struct yw_request_task *task)
{
    free(task->bytes);
    task->bytes = NULL;
}

static void write_data(struct yw_writer *w, const struct yw_request_task *task)
{
    struct yw_buf text;

    yw_buf_init(&text, BODY_MAX);
    yw_base64_put(&text, task->bytes, task->size);
    yw_write_string(w, "data", text.data ? text.data : "");
    yw_buf_fini(&text);
}

void yw_request_task_encode(struct yw_buf *out, enum yw_request_task_kind kind,
                            const struct yw_request_task *task)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *place = (const char *)task + members[i].offset;

        if (!(members[i].kinds & (1U << kind)))
            continue;
        if (members[i].type == TEXT && place[0] != '\0')
            yw_write_string(&writer, members[i].name, place);
        else if (members[i].type == NUMBER && task->exec > 0)
            yw_write_int(&writer, members[i].name, task->exec);
        else if (members[i].type == FLAG && !*(const bool *)place)
            yw_write_bool(&writer, members[i].name, false);
        else if (members[i].type == DATA && task->bytes)
            write_data(&writer, task);
    }
    yw_write_end(&writer, '}');
}
