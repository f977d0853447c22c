#include "cli/settings.h"

#include "base/id.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_UNSET (-1)
#define PORT_USUAL 8630
#define DISK_FLOOR_USUAL_MIB 1024
#define CONSOLE_IDLE_USUAL 15

enum type { TEXT, NUMBER, FLAG, LEVEL };

struct row { /* one setting */
    const char *name;
    enum type type;
    size_t offset, size;
    long least, most;
};

#define ROW_TEXT(name, member)                                                           \
    {                                                                                    \
        name, TEXT, offsetof(struct yw_settings, member),                                \
            sizeof(((struct yw_settings *)0)->member), 0, 0                              \
    }

static const struct row rows[] = {
    ROW_TEXT("listen", listen),
    {"port", NUMBER, offsetof(struct yw_settings, port), sizeof(int), 0, 65535},
    {"insecure-plain", FLAG, offsetof(struct yw_settings, insecure_plain), sizeof(bool),
     0, 0},
    ROW_TEXT("tls-cert", tls_cert),
    ROW_TEXT("tls-key", tls_key),
    ROW_TEXT("origins", origins),
    ROW_TEXT("hosts", hosts),
    ROW_TEXT("user", user),
    {"boots-at-once", NUMBER, offsetof(struct yw_settings, boots_at_once), sizeof(int), 0,
     256},
    {"disk-floor", NUMBER, offsetof(struct yw_settings, disk_floor), sizeof(int), 0,
     1 << 30},
    {"console-idle", NUMBER, offsetof(struct yw_settings, console_idle), sizeof(int), 1,
     1440},
    {"log-level", LEVEL, offsetof(struct yw_settings, log_level), sizeof(int), 0, 0},
    {"log-json", FLAG, offsetof(struct yw_settings, log_json), sizeof(bool), 0, 0},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static int unknown(const char *name, struct yw_err *err)
{
    const char *names[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        names[i] = rows[i].name;
    }
    const char *nearest = yw_name_nearest(name, names, ROW_COUNT);
    if (nearest != NULL) {
        return yw_err_set(err, YW_EINVAL, "unknown setting '%s'; did you mean '%s'?",
                          name, nearest);
    }
    return yw_err_set(err, YW_EINVAL, "unknown setting '%s'", name);
}

static int set_number(int *at, const struct row *row, const char *value,
                      struct yw_err *err)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);
    if (*value == '\0' || *end != '\0' || number < row->least || number > row->most) {
        return yw_err_set(err, YW_EINVAL,
                          "%s: a number from %ld to %ld is needed; got '%s'", row->name,
                          row->least, row->most, value);
    }
    *at = (int)number;
    return 0;
}

static int set_level(enum yw_log_level *at, const char *value, struct yw_err *err)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(value, names[i]) == 0) {
            *at = (enum yw_log_level)i;
            return 0;
        }
    }
    return yw_err_set(err, YW_EINVAL, "log-level: debug, info, warn or error; got '%s'",
                      value);
}

static int set(struct yw_settings *settings, const char *name, const char *value,
               struct yw_err *err)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &rows[i];
        char *at = (char *)settings + row->offset;
        if (strcmp(row->name, name) != 0) {
            continue;
        }
        switch (row->type) {
        case TEXT:
            return yw_copy(at, row->size, value) == 0
                       ? 0
                       : yw_err_set(err, YW_ELIMIT, "%s: longer than %zu bytes", name,
                                    row->size - 1);
        case NUMBER:
            return set_number((int *)(void *)at, row, value, err);
        case LEVEL:
            return set_level((enum yw_log_level *)(void *)at, value, err);
        case FLAG:
            if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
                return yw_err_set(err, YW_EINVAL, "%s: yes or no; got '%s'", name, value);
            }
            *(bool *)at = value[0] == 'y';
            return 0;
        }
    }
    return unknown(name, err);
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL) {
        text[--size] = '\0';
    }
    return text;
}

static int read_file(struct yw_settings *settings, const char *path, struct yw_err *err)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    int number = 0;
    int code = 0;
    if (file == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "%s: cannot be read", path);
    }
    while (code == 0 && fgets(line, sizeof line, file) != NULL) {
        number++;
        char *text = trim(line);
        char *equals = strchr(text, '=');
        if (*text == '\0' || *text == '#') {
            continue;
        }
        if (equals == NULL) {
            code = yw_err_set(err, YW_EINVAL, "'name = value' is needed; got '%s'", text);
        } else {
            *equals = '\0';
            code = set(settings, trim(text), trim(equals + 1), err);
        }
    }
    fclose(file);
    return code == 0 ? 0 : yw_err_prefix(err, "%s:%d", path, number);
}

static bool is_flag(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].type == FLAG;
        }
    }
    return false;
}

static int read_options(struct yw_settings *settings, int argc, char **argv, bool config,
                        struct yw_err *err)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            return yw_err_set(err, YW_EINVAL, "serve: unexpected '%s'", argv[i]);
        }
        const char *name = argv[i] + 2;
        bool flag = is_flag(name);
        if (!flag && i + 1 == argc) {
            return yw_err_set(err, YW_EINVAL, "--%s needs a value", name);
        }
        const char *value = flag ? "yes" : argv[++i];
        int code = 0;
        if (strcmp(name, "config") == 0) {
            code = config ? read_file(settings, value, err) : 0;
        } else if (!config) {
            code = set(settings, name, value, err);
        }
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

int yw_settings_read(struct yw_settings *ret, int argc, char **argv, struct yw_err *err)
{
    memset(ret, 0, sizeof *ret);
    YW_COPY(ret->listen, "127.0.0.1");
    ret->port = PORT_UNSET;
    ret->log_level = YW_LOG_INFO;
    ret->console_idle = CONSOLE_IDLE_USUAL;
    ret->disk_floor = DISK_FLOOR_USUAL_MIB;
    int code = read_options(ret, argc, argv, true, err);
    if (code == 0) {
        code = read_options(ret, argc, argv, false, err);
    }
    ret->port_by_default = ret->port == PORT_UNSET;
    ret->port = ret->port_by_default ? PORT_USUAL : ret->port;
    return code;
}
