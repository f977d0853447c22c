#include "codec/request/request_inside.h"

#include "base/clock.h"
#include "base/mem.h"
#include "codec/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yw_package_free(struct yw_package *package)
{
    if (package == NULL)
        return;
    for (size_t i = 0; i < package->file_count; i++)
        free(package->files[i].bytes);
    free(package);
}

const struct yw_package_file *yw_package_file(const struct yw_package *package,
                                              const char *path)
{
    for (size_t i = 0; i < package->file_count; i++) {
        if (strcmp(package->files[i].path, path) == 0)
            return &package->files[i];
    }
    return NULL;
}

/* A relative path inside the folder: parts of plain characters, none of them "." or "..".
 */
static bool path_valid(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._-";

    if (strlen(path) >= YW_SPEC_PATH_MAX)
        return false;
    for (;;) {
        size_t size = strcspn(path, "/");

        if (size == 0 || path[0] == '.' || strspn(path, plain) < size)
            return false;
        if (path[size] == '\0')
            return true;
        path += size + 1;
    }
}

static int read_file(struct yw_package *package, const char *path, const json_t *json,
                     struct yw_err *err)
{
    char full[YW_FIELD_PATH_MAX];

    yw_json_path(full, "/files", path);
    if (!path_valid(path))
        return yw_err_set(err, YW_EINVAL, "%s: not a plain relative path", full);
    if (!json_is_string(json))
        return yw_json_expected(err, full, "a string", json);
    if (json_string_length(json) > YW_REQUEST_FILE_MAX)
        return yw_err_set(err, YW_ELIMIT, "%s: at most %d bytes; got %zu", full,
                          YW_REQUEST_FILE_MAX, json_string_length(json));
    struct yw_package_file *file = &package->files[package->file_count++];

    (void)YW_COPY(file->path, path);
    file->size = json_string_length(json);
    file->bytes = yw_strndup(json_string_value(json), file->size);
    return 0;
}

static int read_files(struct yw_package *package, json_t *files, struct yw_err *err)
{
    const char *path = NULL;
    json_t *value = NULL;

    if (!json_is_object(files))
        return yw_json_expected(err, "/files", "an object", files);
    if (json_object_size(files) > YW_REQUEST_FILES_MAX)
        return yw_err_set(err, YW_ELIMIT, "/files: at most %d files; got %zu",
                          YW_REQUEST_FILES_MAX, json_object_size(files));
    json_object_foreach(files, path, value)
    {
        int status = read_file(package, path, value, err);

        if (status < 0)
            return status;
    }
    if (yw_package_file(package, "scenario.lua") == NULL)
        return yw_err_set(err, YW_EINVAL, "/files/scenario.lua: missing");
    return 0;
}

int yw_request_name(const json_t *json, const char *path, char ret[YW_NAME_MAX],
                    struct yw_err *err)
{
    int status = yw_json_read_string(json, path, ret, YW_NAME_MAX, err);

    if (status == 0 && !yw_name_valid(ret))
        return yw_json_expected(err, path, "a name (a-z, 0-9 and -)", json);
    return status;
}

static int read_teams(struct yw_request_create *ret, json_t *teams, struct yw_err *err)
{
    char path[YW_FIELD_PATH_MAX];

    if (!json_is_array(teams))
        return yw_json_expected(err, "/teams", "an array", teams);
    if (json_array_size(teams) < 1 || json_array_size(teams) > YW_SPEC_TEAMS_MAX)
        return yw_err_set(err, YW_EINVAL, "/teams: expected 1 to %d names; got %zu",
                          YW_SPEC_TEAMS_MAX, json_array_size(teams));
    for (size_t i = 0; i < json_array_size(teams); i++) {
        (void)snprintf(path, sizeof path, "/teams/%zu", i);
        int status = yw_request_name(json_array_get(teams, i), path, ret->teams[i], err);

        if (status < 0)
            return status;
        for (size_t k = 0; k < i; k++) {
            if (strcmp(ret->teams[k], ret->teams[i]) == 0)
                return yw_err_set(err, YW_EINVAL, "%s: '%s' stands there twice", path,
                                  ret->teams[i]);
        }
        ret->team_count = i + 1;
    }
    return 0;
}

static int read_speed(const json_t *json, double *ret, struct yw_err *err)
{
    int status = yw_json_read_double(json, "/speed", ret, err);

    if (status == 0 && (*ret <= 0 || *ret > YW_CLOCK_SPEED_MAX))
        return yw_json_expected(err, "/speed", "a number above 0, at most 1000", json);
    return status;
}

static int read_create(struct yw_request_create *ret, json_t *json, struct yw_err *err)
{
    static const char *const names[] = {"files", "name",     "seed",
                                        "speed", "tabletop", "teams"};
    const json_t *tabletop = json_object_get(json, "tabletop");
    const json_t *seed = json_object_get(json, "seed");
    const json_t *speed = json_object_get(json, "speed");
    int status = yw_json_only(json, "", names, sizeof names / sizeof names[0], err);

    ret->seed = 1;
    ret->speed = 1;
    if (status == 0)
        status = yw_request_name(json_object_get(json, "name"), "/name",
                                 ret->package->name, err);
    if (status == 0 && seed != NULL)
        status = yw_json_read_int(seed, "/seed", 0, YW_JSON_INT_MAX, &ret->seed, err);
    if (status == 0 && speed != NULL)
        status = read_speed(speed, &ret->speed, err);
    if (status == 0 && tabletop != NULL && !json_is_boolean(tabletop))
        status = yw_json_expected(err, "/tabletop", "true or false", tabletop);
    ret->tabletop = json_is_true(tabletop);
    if (status == 0)
        status = read_teams(ret, json_object_get(json, "teams"), err);
    if (status == 0)
        status = read_files(ret->package, json_object_get(json, "files"), err);
    return status;
}

/* The root object of a request within its limit. */
static int load(json_t **ret, const char *text, size_t size, size_t max,
                struct yw_err *err)
{
    if (size > max)
        return yw_err_set(err, YW_ELIMIT, "/: at most %zu bytes; got %zu", max, size);
    return yw_json_load(ret, text, size, err);
}

int yw_request_load(json_t **ret, const char *text, size_t size, size_t max,
                    const char *const *names, size_t count, struct yw_err *err)
{
    *ret = NULL;
    int status = load(ret, text, size, max, err);

    if (status < 0)
        return status;
    status = yw_json_only(*ret, "", names, count, err);
    if (status < 0) {
        json_decref(*ret);
        *ret = NULL;
    }
    return status;
}

/* A small request with these members and no others. *ret is *new* after 0. */
static int load_only(json_t **ret, const char *text, size_t size,
                     const char *const *names, size_t count, struct yw_err *err)
{
    return yw_request_load(ret, text, size, YW_REQUEST_BYTES_MAX, names, count, err);
}

int yw_request_create_decode(struct yw_request_create *ret, const char *text, size_t size,
                             struct yw_err *err)
{
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    int status = load(&json, text, size, YW_REQUEST_PACKAGE_MAX, err);

    if (status < 0)
        return status;
    ret->package = yw_new(sizeof *ret->package);
    status = read_create(ret, json, err);
    json_decref(json);
    if (status < 0) {
        yw_package_free(ret->package);
        ret->package = NULL;
    }
    return status;
}

void yw_request_create_encode(struct yw_buf *out, const struct yw_request_create *request)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_write_object(&writer, "files");
    for (size_t i = 0; i < request->package->file_count; i++)
        yw_write_string(&writer, request->package->files[i].path,
                        request->package->files[i].bytes);
    yw_write_end(&writer, '}');
    yw_write_string(&writer, "name", request->package->name);
    yw_write_int(&writer, "seed", request->seed);
    yw_write_double(&writer, "speed", request->speed);
    if (request->tabletop)
        yw_write_bool(&writer, "tabletop", true);
    yw_write_array(&writer, "teams");
    for (size_t i = 0; i < request->team_count; i++)
        yw_write_string(&writer, NULL, request->teams[i]);
    yw_write_end(&writer, ']');
    yw_write_end(&writer, '}');
}

static int read_vars(struct yw_request_answer *ret, json_t *vars, struct yw_err *err)
{
    char path[YW_FIELD_PATH_MAX];
    const char *name = NULL;
    json_t *value = NULL;

    if (!json_is_object(vars))
        return yw_json_expected(err, "/vars", "an object", vars);
    if (json_object_size(vars) > YW_EVENT_VARS_MAX)
        return yw_err_set(err, YW_EINVAL, "/vars: at most %d variables; got %zu",
                          YW_EVENT_VARS_MAX, json_object_size(vars));
    json_object_foreach(vars, name, value)
    {
        struct yw_ev_var *var = &ret->vars[ret->var_count];

        yw_json_path(path, "/vars", name);
        if (YW_COPY(var->name, name) < 0 || name[0] == '\0')
            return yw_err_set(err, YW_EINVAL, "%s: a name has 1 to %d bytes", path,
                              YW_NAME_MAX - 1);
        int status = yw_json_read_string(value, path, var->value, sizeof var->value, err);

        if (status < 0)
            return status;
        ret->var_count++;
    }
    return 0;
}

/* What need not be said. */
static int read_answer(struct yw_request_answer *ret, json_t *json, struct yw_err *err)
{
    const json_t *exec = json_object_get(json, "exec");
    const json_t *person = json_object_get(json, "person");
    const json_t *outcome = json_object_get(json, "outcome");
    char word[16] = "success";
    int status = exec == NULL ? 0
                              : yw_json_read_int(exec, "/exec", 1, YW_JSON_INT_MAX,
                                                 &ret->exec, err);

    if (status == 0 && person != NULL)
        status =
            yw_json_read_string(person, "/person", ret->person, sizeof ret->person, err);
    if (status == 0 && outcome != NULL)
        status = yw_json_read_string(outcome, "/outcome", word, sizeof word, err);
    ret->failed = strcmp(word, "failure") == 0;
    if (status == 0 && !ret->failed && strcmp(word, "success") != 0)
        status = yw_err_set(err, YW_EINVAL,
                            "/outcome: expected 'success' or 'failure'; got '%s'", word);
    return status;
}

int yw_request_answer_decode(struct yw_request_answer *ret, const char *text, size_t size,
                             struct yw_err *err)
{
    static const char *const names[] = {"exec", "outcome", "person",
                                        "role", "step",    "vars"};
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    int status = load_only(&json, text, size, names, 6, err);

    if (status < 0)
        return status;
    status = yw_json_read_string(json_object_get(json, "step"), "/step", ret->step,
                                 sizeof ret->step, err);
    if (status == 0)
        status = yw_json_read_string(json_object_get(json, "role"), "/role", ret->role,
                                     sizeof ret->role, err);
    if (status == 0)
        status = read_answer(ret, json, err);
    if (status == 0)
        status = read_vars(ret, json_object_get(json, "vars"), err);
    json_decref(json);
    return status;
}

void yw_request_answer_encode(struct yw_buf *out, const struct yw_request_answer *request)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    if (request->exec > 0)
        yw_write_int(&writer, "exec", request->exec);
    if (request->failed)
        yw_write_string(&writer, "outcome", "failure");
    if (request->person[0] != '\0')
        yw_write_string(&writer, "person", request->person);
    yw_write_string(&writer, "role", request->role);
    yw_write_string(&writer, "step", request->step);
    yw_write_object(&writer, "vars");
    for (size_t i = 0; i < request->var_count; i++)
        yw_write_string(&writer, request->vars[i].name, request->vars[i].value);
    yw_write_end(&writer, '}');
    yw_write_end(&writer, '}');
}

int yw_request_argv(struct yw_request_action *ret, json_t *argv, struct yw_err *err)
{
    char path[YW_FIELD_PATH_MAX];

    if (!json_is_array(argv))
        return yw_json_expected(err, "/argv", "an array", argv);
    if (json_array_size(argv) < 1 || json_array_size(argv) > YW_SPEC_ARGS_MAX)
        return yw_err_set(err, YW_EINVAL, "/argv: expected 1 to %d arguments; got %zu",
                          YW_SPEC_ARGS_MAX, json_array_size(argv));
    for (size_t i = 0; i < json_array_size(argv); i++) {
        (void)snprintf(path, sizeof path, "/argv/%zu", i);
        int status = yw_json_read_string(json_array_get(argv, i), path, ret->argv[i],
                                         YW_SPEC_ARG_MAX, err);

        if (status < 0)
            return status;
        ret->argc = i + 1;
    }
    return 0;
}

int yw_request_action_decode(struct yw_request_action *ret, const char *text, size_t size,
                             struct yw_err *err)
{
    static const char *const names[] = {"argv", "machine"};
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    int status = load_only(&json, text, size, names, 2, err);

    if (status < 0)
        return status;
    status =
        yw_request_name(json_object_get(json, "machine"), "/machine", ret->machine, err);
    if (status == 0)
        status = yw_request_argv(ret, json_object_get(json, "argv"), err);
    json_decref(json);
    return status;
}

void yw_request_put_argv(struct yw_writer *writer,
                         const struct yw_request_action *request)
{
    yw_write_array(writer, "argv");
    for (size_t i = 0; i < request->argc; i++)
        yw_write_string(writer, NULL, request->argv[i]);
    yw_write_end(writer, ']');
}

void yw_request_action_encode(struct yw_buf *out, const struct yw_request_action *request)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_request_put_argv(&writer, request);
    yw_write_string(&writer, "machine", request->machine);
    yw_write_end(&writer, '}');
}

int yw_request_text_decode(struct yw_request_text *ret, const char *member,
                           const char *text, size_t size, struct yw_err *err)
{
    const char *names[] = {member, "speed", "override", "how"};
    char path[YW_FIELD_PATH_MAX];
    json_t *json = NULL;
    bool is_report = strcmp(member, "text") == 0;

    memset(ret, 0, sizeof *ret);
    if (size == 0 && !is_report)
        return 0; /* a control verb without a body: no reason given */
    int status = load_only(&json, text, size, names, is_report ? 1 : 4, err);

    if (status < 0)
        return status;
    yw_json_path(path, "", member);
    if (status == 0 && (is_report || json_object_get(json, member) != NULL))
        status =
            yw_json_read_string(json_object_get(json, member), path, ret->text,
                                is_report ? sizeof ret->text : YW_EVENT_NOTE_MAX, err);
    if (status == 0 && is_report && ret->text[0] == '\0')
        status = yw_err_set(err, YW_EINVAL, "%s: empty", path);
    if (status == 0 && json_object_get(json, "speed") != NULL)
        status = read_speed(json_object_get(json, "speed"), &ret->speed, err);
    if (status == 0 && json_object_get(json, "override") != NULL)
        status = yw_json_read_string(json_object_get(json, "override"), "/override",
                                     ret->override, sizeof ret->override, err);
    if (status == 0 && json_object_get(json, "how") != NULL)
        status = yw_json_read_string(json_object_get(json, "how"), "/how", ret->how,
                                     sizeof ret->how, err);
    json_decref(json);
    return status;
}

#define RULING_POINTS_MAX 1000000 /* as much as a score line takes */

int yw_request_ruling_decode(struct yw_request_ruling *ret, const char *text, size_t size,
                             struct yw_err *err)
{
    static const char *const names[] = {"points", "reason", "team"};
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    int status = load_only(&json, text, size, names, 3, err);

    if (status < 0)
        return status;
    status = yw_request_name(json_object_get(json, "team"), "/team", ret->team, err);
    if (status == 0)
        status =
            yw_json_read_int(json_object_get(json, "points"), "/points",
                             -RULING_POINTS_MAX, RULING_POINTS_MAX, &ret->points, err);
    if (status == 0)
        status = yw_json_read_string(json_object_get(json, "reason"), "/reason",
                                     ret->reason, sizeof ret->reason, err);
    json_decref(json);
    return status;
}

/* The path that our own messages begin with ("/vars/x: …"), "" when they do not. */
static size_t path_size(const char *text)
{
    const char *end = strstr(text, ": ");

    return text[0] == '/' && end != NULL ? (size_t)(end - text) : 0;
}

void yw_error_encode(struct yw_buf *out, const struct yw_err *err)
{
    struct yw_writer writer;
    char path[YW_ERR_TEXT_MAX] = "";
    size_t size = path_size(err->text);

    memcpy(path, err->text, size);
    path[size] = '\0';
    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_write_object(&writer, "error");
    yw_write_string(&writer, "code", yw_code_name(err->code));
    yw_write_string(&writer, "message", err->text + (size > 0 ? size + 2 : 0));
    yw_write_string(&writer, "path", path);
    yw_write_end(&writer, '}');
    yw_write_end(&writer, '}');
}

/* One step of a JSON pointer (RFC 6901); NULL when there is nothing. */
static json_t *descend(json_t *json, const char *token, size_t size)
{
    char key[YW_FIELD_PATH_MAX];
    size_t filled = 0;

    for (size_t i = 0; i < size; i++) {
        char byte = token[i];

        if (byte == '~' && i + 1 < size && (token[i + 1] == '0' || token[i + 1] == '1'))
            byte = token[++i] == '0' ? '~' : '/';
        if (filled + 1 >= sizeof key)
            return NULL;
        key[filled++] = byte;
    }
    key[filled] = '\0';
    if (json_is_object(json))
        return json_object_get(json, key);
    if (!json_is_array(json) || filled == 0 || strspn(key, "0123456789") != filled)
        return NULL;
    return json_array_get(json, (size_t)strtoull(key, NULL, 10));
}

static int as_text(const json_t *json, char *ret, size_t ret_size)
{
    char number[40];

    if (json_is_string(json))
        return yw_copy(ret, ret_size, json_string_value(json)) < 0 ? YW_EINVAL : 0;
    if (json_is_boolean(json))
        return yw_copy(ret, ret_size, json_is_true(json) ? "true" : "false");
    if (json_is_integer(json))
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)json_integer_value(json));
    else if (json_is_real(json))
        (void)snprintf(number, sizeof number, "%.17g", json_real_value(json));
    else
        return YW_EINVAL;
    return yw_copy(ret, ret_size, number) < 0 ? YW_EINVAL : 0;
}

int yw_json_get(const char *text, size_t size, const char *pointer, char *ret,
                size_t ret_size)
{
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    json_t *at = root;

    if (root == NULL)
        return YW_EINVAL;
    while (at != NULL && *pointer == '/') {
        size_t length = strcspn(pointer + 1, "/");

        at = descend(at, pointer + 1, length);
        pointer += 1 + length;
    }
    int status = at == NULL ? YW_ENOTFOUND : as_text(at, ret, ret_size);

    json_decref(root);
    return status;
}
