#include "codec/guest_agent.h"

#include "base/base64.h"
#include "base/id.h"
#include "base/mem.h"
#include "codec/field.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIGNALS 128

/* ---- commands: members in order, for the writer ---- */

static void begin(struct yw_writer *writer, struct yw_buf *out)
{
    yw_writer_init(writer, out);
    yw_write_object(writer, NULL);
    yw_write_object(writer, "arguments");
}

static void finish(struct yw_writer *writer, const char *command)
{
    yw_write_end(writer, '}');
    yw_write_string(writer, "execute", command);
    yw_write_end(writer, '}');
}

static void plain(struct yw_buf *out, const char *command, const char *name,
                  int64_t number)
{
    struct yw_writer writer;

    begin(&writer, out);
    if (name)
        yw_write_int(&writer, name, number);
    finish(&writer, command);
}

void yw_guest_agent_ping(struct yw_buf *out)
{
    plain(out, "guest-ping", NULL, 0);
}

void yw_guest_agent_exec(struct yw_buf *out, const char *const *argv, size_t argc)
{
    struct yw_writer writer;

    begin(&writer, out);
    yw_write_array(&writer, "arg");
    for (size_t i = 1; i < argc; i++)
        yw_write_string(&writer, NULL, argv[i]);
    yw_write_end(&writer, ']');
    yw_write_bool(&writer, "capture-output", true);
    yw_write_string(&writer, "path", argv[0]);
    finish(&writer, "guest-exec");
}

void yw_guest_agent_exec_status(struct yw_buf *out, int64_t pid)
{
    plain(out, "guest-exec-status", "pid", pid);
}

/* Nanoseconds do not fit the writer's integers. */
void yw_guest_agent_set_time(struct yw_buf *out, int64_t wall_us)
{
    yw_buf_printf(out,
                  "{\"arguments\":{\"time\":%lld000},\"execute\":\"guest-set-time\"}",
                  (long long)wall_us);
}

void yw_guest_agent_nics(struct yw_buf *out)
{
    plain(out, "guest-network-get-interfaces", NULL, 0);
}

void yw_guest_agent_open(struct yw_buf *out, const char *path, const char *mode)
{
    struct yw_writer writer;

    begin(&writer, out);
    yw_write_string(&writer, "mode", mode);
    yw_write_string(&writer, "path", path);
    finish(&writer, "guest-file-open");
}

void yw_guest_agent_seek(struct yw_buf *out, int64_t handle, int64_t offset)
{
    struct yw_writer writer;

    begin(&writer, out);
    yw_write_int(&writer, "handle", handle);
    yw_write_int(&writer, "offset", offset);
    yw_write_string(&writer, "whence", "set");
    finish(&writer, "guest-file-seek");
}

void yw_guest_agent_write(struct yw_buf *out, int64_t handle, const void *bytes,
                          size_t size)
{
    struct yw_writer writer;
    struct yw_buf text;

    yw_buf_init(&text, YW_GUEST_AGENT_COMMAND_MAX);
    yw_base64_put(&text, bytes, size);
    begin(&writer, out);
    yw_write_string(&writer, "buf-b64", text.data ? text.data : "");
    yw_write_int(&writer, "handle", handle);
    finish(&writer, "guest-file-write");
    out->overflow = out->overflow || text.overflow;
    yw_buf_fini(&text);
}

void yw_guest_agent_read(struct yw_buf *out, int64_t handle, size_t most)
{
    struct yw_writer writer;

    begin(&writer, out);
    yw_write_int(&writer, "count", (int64_t)most);
    yw_write_int(&writer, "handle", handle);
    finish(&writer, "guest-file-read");
}

void yw_guest_agent_close(struct yw_buf *out, int64_t handle)
{
    plain(out, "guest-file-close", "handle", handle);
}

/* ---- answers ---- */

/* `return` of the answer, borrowed from *ret_root (*new*). */
static int open_answer(const char *answer, json_t **ret_root, json_t **ret_value,
                       struct yw_err *err)
{
    size_t size = strnlen(answer, YW_GUEST_AGENT_ANSWER_MAX + 1);

    if (size > YW_GUEST_AGENT_ANSWER_MAX)
        return yw_err_set(err, YW_ELIMIT, "guest agent: an answer above %d bytes",
                          YW_GUEST_AGENT_ANSWER_MAX);
    int code = yw_json_load(ret_root, answer, size, err);

    if (code < 0)
        return yw_err_prefix(err, "guest agent");
    *ret_value = json_object_get(*ret_root, "return");
    if (*ret_value)
        return 0;
    json_decref(*ret_root);
    return yw_err_set(err, YW_EINVAL, "guest agent: an answer without 'return'");
}

int yw_guest_agent_number(const char *answer, int64_t *ret, struct yw_err *err)
{
    json_t *root = NULL, *value = NULL;
    int code = open_answer(answer, &root, &value, err);

    if (code < 0)
        return code;
    if (json_is_object(value))
        value = json_object_get(value, "pid");
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *ret = (int64_t)json_integer_value(value);
    else
        code = yw_err_set(err, YW_EINVAL, "guest agent: no number in its answer");
    json_decref(root);
    return code;
}

/* Appends what fits of a member in base64. */
static int append(const json_t *value, const char *name, char *output, size_t room,
                  struct yw_err *err)
{
    const char *text = json_string_value(json_object_get(value, name));
    size_t at = strlen(output), size = 0;
    char *bytes = NULL;

    if (!text)
        return 0;
    if (yw_base64_read(text, strlen(text), &bytes, &size) < 0)
        return yw_err_set(err, YW_EINVAL, "guest agent: %s is no base64", name);
    if (size > room - 1 - at)
        size = room - 1 - at;
    for (size_t i = 0; i < size; i++)
        output[at + i] = bytes[i] == '\0' ? '?' : bytes[i];
    output[at + size] = '\0';
    free(bytes);
    return 0;
}

static void make_text(char *text)
{
    if (yw_utf8_valid(text, strlen(text)))
        return;
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        if (*at >= 0x80)
            *at = '?';
    }
}

static int read_exit(const json_t *value, struct yw_guest_agent_exit *ret,
                     struct yw_err *err)
{
    const json_t *exited = json_object_get(value, "exited");
    const json_t *code = json_object_get(value, "exitcode");
    const json_t *sign = json_object_get(value, "signal");

    if (!json_is_boolean(exited))
        return yw_err_set(err, YW_EINVAL, "guest agent: no 'exited' in its answer");
    ret->exited = json_is_true(exited);
    if (!ret->exited)
        return 0;
    int64_t number = json_is_integer(sign) ? SIGNALS + json_integer_value(sign)
                                           : json_integer_value(code);

    if (number < 0 || number > 255)
        return yw_err_set(err, YW_EINVAL, "guest agent: no exit code in its answer");
    ret->code = (int)number;
    int status = append(value, "out-data", ret->output, sizeof(ret->output), err);

    if (status == 0)
        status = append(value, "err-data", ret->output, sizeof(ret->output), err);
    make_text(ret->output);
    return status;
}

int yw_guest_agent_exit(const char *answer, struct yw_guest_agent_exit *ret,
                        struct yw_err *err)
{
    json_t *root = NULL, *value = NULL;
    int code = open_answer(answer, &root, &value, err);

    memset(ret, 0, sizeof(*ret));
    if (code < 0)
        return code;
    code = read_exit(value, ret, err);
    json_decref(root);
    return code;
}

int yw_guest_agent_piece(const char *answer, void *bytes, size_t most, size_t *ret_size,
                         struct yw_err *err)
{
    json_t *root = NULL, *value = NULL;
    char *read = NULL;
    int code = open_answer(answer, &root, &value, err);

    *ret_size = 0;
    if (code < 0)
        return code;
    const char *text = json_string_value(json_object_get(value, "buf-b64"));

    if (!text || yw_base64_read(text, strlen(text), &read, ret_size) < 0)
        code = yw_err_set(err, YW_EINVAL, "guest agent: no bytes in its answer");
    else if (*ret_size > most)
        code = yw_err_set(err, YW_EINVAL, "guest agent: more bytes than were asked for");
    else
        memcpy(bytes, read, *ret_size);
    free(read);
    json_decref(root);
    return code;
}

int yw_guest_agent_nic(const char *answer, const char *mac,
                       char ret[YW_GUEST_AGENT_NIC_MAX], struct yw_err *err)
{
    json_t *root = NULL, *value = NULL, *nic = NULL;
    size_t index = 0;
    int code = open_answer(answer, &root, &value, err);

    if (code < 0)
        return code;
    code = YW_ENOTFOUND;
    json_array_foreach(value, index, nic)
    {
        const char *has = json_string_value(json_object_get(nic, "hardware-address"));
        const char *name = json_string_value(json_object_get(nic, "name"));

        if (code != 0 && has && name && strcasecmp(has, mac) == 0 && name[0] != '-' &&
            yw_copy(ret, YW_GUEST_AGENT_NIC_MAX, name) == 0)
            code = 0;
    }
    json_decref(root);
    return code == 0 ? 0
                     : yw_err_set(err, YW_ENOTFOUND,
                                  "guest agent: no interface has the MAC %s", mac);
}
