#include "codec/hosts.h"

#include "base/file.h"
#include "base/mem.h"
#include "codec/field.h"
#include "codec/nest.h"
#include "model/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"data", "drain",    "name", "pki",
                                    "run",  "underlay", "uri",  "weight"};

/* The index-th host begins at the index-th brace that opens inside the outermost array. */
static bool is_host(void *context, char bracket, int depth)
{
    size_t *before = context;

    return bracket == '{' && depth == 3 && (*before)-- == 0;
}

static int read_text(const json_t *json, const char *path, char *ret, struct yw_err *err)
{
    return json ? yw_json_read_string(json, path, ret, YW_HOSTS_FILE_TEXT_MAX, err) : 0;
}

static int read_run(struct yw_host_entry *ret, const json_t *json, const char *path,
                    struct yw_err *err)
{
    if (!json)
        return 0;
    if (!json_is_array(json) || json_array_size(json) < 1 ||
        json_array_size(json) > YW_HOSTS_FILE_RUN_MAX)
        return yw_json_expected(err, path, "an array of 1 to 16 words", json);
    for (size_t i = 0; i < json_array_size(json); i++) {
        char at[YW_FIELD_PATH_MAX], number[24];

        yw_json_path(at, path, yw_write_key(number, (int64_t)i));
        int code = read_text(json_array_get(json, i), at, ret->run[i], err);

        if (code < 0)
            return code;
        ret->run_count = i + 1;
    }
    return 0;
}

static int read_underlay(struct yw_host_entry *ret, const json_t *json, const char *path,
                         struct yw_err *err)
{
    char text[YW_HOSTS_FILE_TEXT_MAX] = "";
    int code = read_text(json, path, text, err);

    if (code == 0 && json &&
        (yw_spec_address_parse(text, &ret->underlay) < 0 || ret->underlay == 0))
        return yw_json_expected(err, path, "an IPv4 address such as \"10.0.0.1\"", json);
    return code;
}

/* It becomes a part of the URI, so nothing that means something there may be in it. */
static bool is_plain_path(const char *path)
{
    return path[0] == '/' && path[strspn(path, "abcdefghijklmnopqrstuvwxyz"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                               "0123456789/._-")] == '\0';
}

void yw_hosts_file_uri(const struct yw_host_entry *host, char ret[YW_HOSTS_FILE_TEXT_MAX])
{
    bool with = host->pki[0] != '\0';

    (void)yw_copyf(ret, YW_HOSTS_FILE_TEXT_MAX, "%s%s%s", host->uri,
                   !with                            ? ""
                   : strchr(host->uri, '?') != NULL ? "&pkipath="
                                                    : "?pkipath=",
                   host->pki);
}

static int check_pki(const struct yw_host_entry *host, const json_t *json,
                     const char *path, struct yw_err *err)
{
    if (!json)
        return 0;
    if (!is_plain_path(host->pki))
        return yw_json_expected(err, path,
                                "an absolute path of letters, digits and / . _ -", json);
    if (host->run_count > 0 || strstr(host->uri, "+tls://") == NULL)
        return yw_err_set(err, YW_EINVAL,
                          "%s: certificates are for a \"uri\" like "
                          "\"qemu+tls://HOST/system\", which this host does not have",
                          path);
    if (strstr(host->uri, "pkipath=") != NULL)
        return yw_err_set(err, YW_EINVAL, "%s: the \"uri\" has a pkipath already", path);
    if (strlen(host->uri) + strlen("?pkipath=") + strlen(host->pki) >=
        YW_HOSTS_FILE_TEXT_MAX)
        return yw_err_set(err, YW_ELIMIT, "%s: with the \"uri\" above %d bytes", path,
                          YW_HOSTS_FILE_TEXT_MAX - 1);
    return 0;
}

static int read_host(struct yw_host_entry *ret, json_t *json, const char *path,
                     struct yw_err *err)
{
    char at[sizeof names / sizeof names[0]][YW_FIELD_PATH_MAX];
    const json_t *drain = json_object_get(json, "drain");
    const json_t *weight = json_object_get(json, "weight");

    if (!json_is_object(json))
        return yw_json_expected(err, path, "an object", json);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        yw_json_path(at[i], path, names[i]);
    int code = yw_json_only(json, path, names, sizeof names / sizeof names[0], err);

    ret->weight = 1;
    if (code == 0)
        code = read_text(json_object_get(json, "data"), at[0], ret->data, err);
    if (code == 0 && drain && !json_is_boolean(drain))
        code = yw_json_expected(err, at[1], "true or false", drain);
    ret->drain = json_is_true(drain);
    if (code == 0)
        code = yw_json_read_string(json_object_get(json, "name"), at[2], ret->name,
                                   sizeof ret->name, err);
    if (code == 0 && !yw_name_valid(ret->name))
        code = yw_json_expected(err, at[2], "a name (a-z, 0-9 and -)",
                                json_object_get(json, "name"));
    if (code == 0)
        code = read_text(json_object_get(json, "pki"), at[3], ret->pki, err);
    if (code == 0)
        code = read_run(ret, json_object_get(json, "run"), at[4], err);
    if (code == 0)
        code = read_underlay(ret, json_object_get(json, "underlay"), at[5], err);
    if (code == 0)
        code = read_text(json_object_get(json, "uri"), at[6], ret->uri, err);
    if (code == 0 && weight)
        code = yw_json_read_int(weight, at[7], 1, YW_PLACE_WEIGHT_MAX, &ret->weight, err);
    if (code == 0)
        code = check_pki(ret, json_object_get(json, "pki"), at[3], err);
    return code;
}

static int check_twice(const struct yw_hosts_file *file, const char *path,
                       struct yw_err *err)
{
    const struct yw_host_entry *last = &file->hosts[file->count - 1];

    for (size_t i = 0; i + 1 < file->count; i++) {
        const struct yw_host_entry *other = &file->hosts[i];

        if (strcmp(other->name, last->name) == 0)
            return yw_err_set(err, YW_EINVAL, "%s/name: '%s' stands there twice", path,
                              last->name);
        if (last->underlay != 0 && other->underlay == last->underlay)
            return yw_err_set(err, YW_EINVAL,
                              "%s/underlay: host '%s' has this address already", path,
                              other->name);
        if (last->data[0] && strcmp(other->data, last->data) == 0 &&
            strcmp(other->uri, last->uri) == 0 && last->run_count == 0)
            return yw_err_set(err, YW_EINVAL,
                              "%s/data: host '%s' has this directory already", path,
                              other->name);
    }
    return 0;
}

static int read_hosts(struct yw_hosts_file *ret, json_t *root, const char *text,
                      size_t size, int *ret_line, struct yw_err *err)
{
    static const char *const top[] = {"hosts"};
    const json_t *list = json_object_get(root, "hosts");
    int code = yw_json_only(root, "", top, 1, err);

    if (code == 0 && !json_is_array(list))
        code = yw_json_expected(err, "/hosts", "an array", list);
    if (code == 0 &&
        (json_array_size(list) < 1 || json_array_size(list) > YW_HOSTS_FILE_HOSTS_MAX))
        code = yw_err_set(err, YW_EINVAL, "/hosts: expected 1 to %d hosts; got %zu",
                          YW_HOSTS_FILE_HOSTS_MAX, json_array_size(list));
    for (size_t i = 0; code == 0 && i < json_array_size(list); i++) {
        char path[YW_FIELD_PATH_MAX];

        (void)snprintf(path, sizeof path, "/hosts/%zu", i);
        size_t before = i;

        *ret_line = yw_json_nest(text, size, is_host, &before);
        code = read_host(&ret->hosts[ret->count++], json_array_get(list, i), path, err);
        if (code == 0)
            code = check_twice(ret, path, err);
    }
    return code;
}

int yw_hosts_file_decode(struct yw_hosts_file *ret, const char *path, const char *text,
                         size_t size, struct yw_err *err)
{
    json_t *root = NULL;
    int line = 1;

    memset(ret, 0, sizeof *ret);
    int code = yw_json_load(&root, text, size, err);

    if (code < 0)
        return yw_err_prefix(err, "%s", path);
    code = read_hosts(ret, root, text, size, &line, err);
    json_decref(root);
    return code < 0 ? yw_err_prefix(err, "%s:%d", path, line) : 0;
}

int yw_hosts_file_read(struct yw_hosts_file *ret, const char *path, struct yw_err *err)
{
    char *text = NULL;
    size_t size = 0;
    int code = yw_file_read(path, YW_HOSTS_FILE_BYTES_MAX, &text, &size, err);

    if (code == 0)
        code = yw_hosts_file_decode(ret, path, text, size, err);
    free(text);
    return code;
}
