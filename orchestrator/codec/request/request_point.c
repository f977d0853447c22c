#include "codec/request/request_point.h"

#include "base/base64.h"
#include "base/mem.h"
#include "codec/request/request_inside.h"

#include <stdlib.h>
#include <string.h>

#define MOVE_BODY_MAX (YW_REQUEST_MOVE_MAX / 3 * 4 + 4096)

static int read_point(struct yw_request_point *ret, json_t *json, struct yw_err *err)
{
    const struct {
        const char *name, *path;
        char *value;
    } members[] = {{"team", "/team", ret->team},
                   {"machine", "/machine", ret->machine},
                   {"to", "/to", ret->to},
                   {"label", "/label", ret->label}};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const json_t *value = json_object_get(json, members[i].name);
        int status = value == NULL
                         ? 0
                         : yw_request_name(value, members[i].path, members[i].value, err);

        if (status < 0)
            return status;
    }
    const json_t *reason = json_object_get(json, "reason");

    return reason == NULL ? 0
                          : yw_json_read_string(reason, "/reason", ret->reason,
                                                sizeof ret->reason, err);
}

int yw_request_point_decode(struct yw_request_point *ret, const char *const *names,
                            size_t count, const char *text, size_t size,
                            struct yw_err *err)
{
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    if (size == 0)
        return 0;
    int status =
        yw_request_load(&json, text, size, YW_REQUEST_BYTES_MAX, names, count, err);

    if (status == 0)
        status = read_point(ret, json, err);
    json_decref(json);
    return status;
}

static int read_ring(struct yw_request_capture *ret, const json_t *json,
                     struct yw_err *err)
{
    const json_t *size = json_object_get(json, "size_mib");
    const json_t *files = json_object_get(json, "files");
    int status = size == NULL ? 0
                              : yw_json_read_int(size, "/size_mib", 1, YW_CAPTURE_MIB_MAX,
                                                 &ret->size_mib, err);

    if (status == 0 && files != NULL)
        status =
            yw_json_read_int(files, "/files", 2, YW_CAPTURE_FILES_MAX, &ret->files, err);
    return status;
}

int yw_request_capture_decode(struct yw_request_capture *ret, const char *text,
                              size_t size, struct yw_err *err)
{
    static const char *const names[] = {"action", "files", "network", "size_mib", "team"};
    char action[YW_NAME_MAX] = "";
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    ret->size_mib = YW_REQUEST_CAPTURE_MIB;
    ret->files = YW_REQUEST_CAPTURE_FILES;
    int status = yw_request_load(&json, text, size, YW_REQUEST_BYTES_MAX, names, 5, err);

    if (status == 0)
        status = yw_request_name(json_object_get(json, "network"), "/network",
                                 ret->network, err);
    if (status == 0 && json_object_get(json, "team") != NULL)
        status = yw_request_name(json_object_get(json, "team"), "/team", ret->team, err);
    if (status == 0)
        status = yw_request_name(json_object_get(json, "action"), "/action", action, err);
    ret->on = strcmp(action, "start") == 0;
    if (status == 0 && !ret->on && strcmp(action, "stop") != 0)
        status = yw_err_set(err, YW_EINVAL,
                            "/action: expected 'start' or 'stop'; got '%s'", action);
    if (status == 0)
        status = read_ring(ret, json, err);
    json_decref(json);
    return status;
}

static int read_data(struct yw_request_file *ret, const json_t *data, struct yw_err *err)
{
    if (!json_is_string(data))
        return yw_json_expected(err, "/data", "a string", data);
    ret->put = true;
    if (yw_base64_read(json_string_value(data), json_string_length(data), &ret->bytes,
                       &ret->size) < 0)
        return yw_err_set(err, YW_EINVAL, "/data: expected base64");
    if (ret->size > YW_REQUEST_MOVE_MAX)
        return yw_err_set(err, YW_ELIMIT, "/data: at most %d bytes a file; got %zu",
                          YW_REQUEST_MOVE_MAX, ret->size);
    return 0;
}

int yw_request_file_decode(struct yw_request_file *ret,
                           struct yw_request_point *ret_point, const char *text,
                           size_t size, struct yw_err *err)
{
    static const char *const names[] = {"data", "machine", "path", "team"};
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    memset(ret_point, 0, sizeof *ret_point);
    int status = yw_request_load(&json, text, size, MOVE_BODY_MAX, names, 4, err);

    if (status == 0)
        status = read_point(ret_point, json, err);
    if (status == 0)
        status = yw_json_read_string(json_object_get(json, "path"), "/path", ret->path,
                                     sizeof ret->path, err);
    if (status == 0 && json_object_get(json, "data") != NULL)
        status = read_data(ret, json_object_get(json, "data"), err);
    json_decref(json);
    if (status < 0)
        yw_request_file_fini(ret);
    return status;
}

void yw_request_file_fini(struct yw_request_file *file)
{
    if (file == NULL)
        return;
    free(file->bytes);
    file->bytes = NULL;
}

int yw_request_exec_decode(struct yw_request_action *ret,
                           struct yw_request_point *ret_point, const char *text,
                           size_t size, struct yw_err *err)
{
    static const char *const names[] = {"argv", "machine", "team"};
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    memset(ret_point, 0, sizeof *ret_point);
    int status = yw_request_load(&json, text, size, YW_REQUEST_BYTES_MAX, names, 3, err);

    if (status == 0)
        status = read_point(ret_point, json, err);
    if (status == 0)
        status = yw_request_argv(ret, json_object_get(json, "argv"), err);
    json_decref(json);
    return status;
}

static void put_name(struct yw_writer *writer, const char *key, const char *value)
{
    if (value[0] != '\0')
        yw_write_string(writer, key, value);
}

void yw_request_point_encode(struct yw_buf *out, const struct yw_request_point *request)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    put_name(&writer, "label", request->label);
    put_name(&writer, "machine", request->machine);
    put_name(&writer, "reason", request->reason);
    put_name(&writer, "team", request->team);
    put_name(&writer, "to", request->to);
    yw_write_end(&writer, '}');
}

void yw_request_capture_encode(struct yw_buf *out,
                               const struct yw_request_capture *request)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "action", request->on ? "start" : "stop");
    yw_write_int(&writer, "files", request->files);
    yw_write_string(&writer, "network", request->network);
    yw_write_int(&writer, "size_mib", request->size_mib);
    put_name(&writer, "team", request->team);
    yw_write_end(&writer, '}');
}

void yw_request_exec_encode(struct yw_buf *out, const struct yw_request_point *point,
                            const struct yw_request_action *request)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_request_put_argv(&writer, request);
    put_name(&writer, "machine", point->machine);
    put_name(&writer, "team", point->team);
    yw_write_end(&writer, '}');
}

void yw_request_file_encode(struct yw_buf *out, const struct yw_request_point *point,
                            const struct yw_request_file *file)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    if (file->put) {
        struct yw_buf data;

        yw_buf_init(&data, MOVE_BODY_MAX);
        yw_base64_put(&data, file->bytes != NULL ? file->bytes : "", file->size);
        yw_write_string(&writer, "data", data.data);
        yw_buf_fini(&data);
    }
    put_name(&writer, "machine", point->machine);
    yw_write_string(&writer, "path", file->path);
    put_name(&writer, "team", point->team);
    yw_write_end(&writer, '}');
}
