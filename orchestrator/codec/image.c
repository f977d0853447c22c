#include "codec/image.h"

#include "codec/field.h"

#include <string.h>

#define F(type, member) YW_FIELD(type, yw_image, member, #member)

static const struct yw_field rows[] = {
    F(STRING, added_by),   F(INT, added_us),  F(STRING, agent),   F(STRING, blake2b),
    F(STRING, id),         F(STRING, kind),   F(STRING, origin),  F(INT, ram_mib),
    F(STRING, recipe),     F(STRING, sha256), F(INT, size_bytes), F(STRING, title),
    F(INT, virtual_bytes),
};
static const struct yw_fields table = {rows, sizeof rows / sizeof rows[0]};

static const char *const agents[] = {
    [YW_IMAGE_AGENT_OWN] = "yanwu",
    [YW_IMAGE_AGENT_QEMU] = "qemu-ga",
    [YW_IMAGE_AGENT_NONE] = "none",
};

const char *yw_image_agent_name(enum yw_image_agent agent)
{
    return agents[agent];
}

int yw_image_agent_parse(const char *name, enum yw_image_agent *ret, struct yw_err *err)
{
    for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++) {
        if (strcmp(name, agents[i]) == 0) {
            *ret = (enum yw_image_agent)i;
            return 0;
        }
    }
    return yw_err_set(err, YW_EINVAL,
                      "agent: expected 'yanwu', 'qemu-ga' or 'none'; got '%.40s'", name);
}

void yw_image_encode(struct yw_buf *out, const struct yw_image *image)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_fields_write(&writer, table, image);
    yw_write_end(&writer, '}');
}

int yw_image_decode(struct yw_image *ret, const char *text, size_t size,
                    struct yw_err *err)
{
    json_t *json = NULL;

    memset(ret, 0, sizeof *ret);
    if (size > YW_IMAGE_MANIFEST_MAX)
        return yw_err_set(err, YW_ELIMIT, "/: above %d bytes", YW_IMAGE_MANIFEST_MAX);
    int status = yw_json_load(&json, text, size, err);

    /* Manifests that an earlier release wrote know nothing of these. */
    if (status == 0 && json_is_object(json) && !json_object_get(json, "ram_mib"))
        (void)json_object_set_new(json, "ram_mib", json_integer(0));
    if (status == 0 && json_is_object(json) && !json_object_get(json, "recipe"))
        (void)json_object_set_new(json, "recipe", json_string(""));
    if (status == 0 && json_is_object(json) && !json_object_get(json, "agent"))
        (void)json_object_set_new(json, "agent", json_string(agents[YW_IMAGE_AGENT_OWN]));
    if (status == 0)
        status = yw_fields_read(ret, table, json, "", err);
    if (status == 0 && !yw_name_valid(ret->id))
        status = yw_err_set(err, YW_EINVAL, "/id: not a name");
    enum yw_image_agent agent;

    if (status == 0 && yw_image_agent_parse(ret->agent, &agent, err) < 0)
        status = yw_err_prefix(err, "/agent");
    json_decref(json);
    return status;
}

/* ---- qemu-img info ---- */

/* Plain members, each with what it must be; NULL: anything of a number or a string. */
static const struct {
    const char *name;
    enum { ANY, FALSE, FORMAT, NUMBER } must;
} root_members[] = {
    {"actual-size", NUMBER}, {"cluster-size", NUMBER}, {"dirty-flag", FALSE},
    {"filename", ANY},       {"format", FORMAT},       {"virtual-size", NUMBER},
};

static const struct {
    const char *name;
    const char *danger;
} dangers[] = {
    {"backing-filename", "it stands on another file"},
    {"full-backing-filename", "it stands on another file"},
    {"backing-filename-format", "it stands on another file"},
    {"data-file", "its data are in another file"},
    {"data-file-raw", "its data are in another file"},
    {"encrypted", "it is encrypted"},
    {"encrypt", "it is encrypted"},
    {"snapshots", "it has snapshots in it"},
    {"bitmaps", "it has bitmaps in it"},
    {"children", "it refers to other files"},
};

static int refuse_member(const char *name, struct yw_err *err)
{
    for (size_t i = 0; i < sizeof dangers / sizeof dangers[0]; i++) {
        if (strcmp(dangers[i].name, name) == 0)
            return yw_err_set(err, YW_EDENIED, "%s (%s)", dangers[i].danger, name);
    }
    return yw_err_set(err, YW_EDENIED, "it has a property that is not known: %.40s",
                      name);
}

static int check_root(const char *name, json_t *value, const char *format,
                      struct yw_err *err)
{
    for (size_t i = 0; i < sizeof root_members / sizeof root_members[0]; i++) {
        if (strcmp(root_members[i].name, name) != 0)
            continue;
        if (root_members[i].must == FALSE && !json_is_false(value))
            return yw_err_set(err, YW_EDENIED, "it was not closed cleanly (%s)", name);
        if (root_members[i].must == NUMBER && !json_is_integer(value))
            return yw_err_set(err, YW_EDENIED, "%s is no number", name);
        if (root_members[i].must == FORMAT &&
            (!json_is_string(value) || strcmp(json_string_value(value), format) != 0))
            return yw_err_set(err, YW_EDENIED, "it is not of format %s", format);
        return 0;
    }
    return refuse_member(name, err);
}

static int check_specific(json_t *data, struct yw_err *err)
{
    static const char *const known[] = {
        "compat",         "compression-type", "corrupt",      "extended-l2",
        "lazy-refcounts", "refcount-bits",    "refcount_bits"};
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(data, name, value)
    {
        bool found = false;

        for (size_t i = 0; i < sizeof known / sizeof known[0] && !found; i++)
            found = strcmp(known[i], name) == 0;
        if (!found)
            return refuse_member(name, err);
        if ((strcmp(name, "corrupt") == 0 || strcmp(name, "extended-l2") == 0) &&
            !json_is_false(value))
            return yw_err_set(err, YW_EDENIED, "it is not a plain image (%s)", name);
    }
    return 0;
}

static int check_info(json_t *json, const char *format, int64_t *ret_virtual,
                      struct yw_err *err)
{
    const char *name = NULL;
    json_t *value = NULL;
    int status = 0;

    json_object_foreach(json, name, value)
    {
        if (strcmp(name, "format-specific") == 0)
            status = check_specific(json_object_get(value, "data"), err);
        else
            status = check_root(name, value, format, err);
        if (status < 0)
            return status;
    }
    if (json_object_get(json, "format") == NULL)
        return yw_err_set(err, YW_EDENIED, "its format is not told");
    return yw_json_read_int(json_object_get(json, "virtual-size"), "/virtual-size", 1,
                            YW_JSON_INT_MAX, ret_virtual, err);
}

int yw_image_info_check(const char *text, size_t size, const char *format,
                        int64_t *ret_virtual, struct yw_err *err)
{
    json_t *json = NULL;

    if (size > YW_IMAGE_INFO_MAX)
        return yw_err_set(err, YW_ELIMIT, "qemu-img says more than %d bytes",
                          YW_IMAGE_INFO_MAX);
    int status = yw_json_load(&json, text, size, err);

    if (status == 0)
        status = check_info(json, format, ret_virtual, err);
    json_decref(json);
    return status;
}
