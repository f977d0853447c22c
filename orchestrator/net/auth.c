#include "net/auth.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/random.h"
#include "codec/request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (8 * 1024 * 1024)
#define SLOT_MAX 224 /* "drill/team", "drill/team/person" */

struct yw_auth {
    char dir[256]; /* "" nothing is kept */
    uint8_t key[32];
    char control[YW_ID_SIZE];
    struct yw_hash control_hash;
    struct yw_map teams;  /* slot → struct yw_hash */
    struct yw_buf unkept; /* lines not yet in the file */
};

static void path_of(const struct yw_auth *auth, const char *name, char path[320])
{
    strcpy(path, auth->dir);
    strcat(path, "/");
    strcat(path, name);
}

/* Reads a whole small file. YW_ENOTFOUND when it is not there. */
static int read_file(const char *path, struct yw_buf *ret, struct yw_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path);
    char chunk[4096];
    ssize_t got = 0;
    while (!ret->overflow && (got = read(fd, chunk, sizeof(chunk))) > 0)
        yw_buf_put(ret, chunk, (size_t)got);
    int failed = got < 0 ? errno : 0;
    close(fd);
    if (failed)
        return yw_err_errno(err, YW_EIO, failed, path);
    if (ret->overflow)
        return yw_err_set(err, YW_ELIMIT, "%s: larger than %d bytes", path, FILE_MAX);
    return 0;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        bytes += put;
        size -= (size_t)put;
    }
    return 0;
}

static void slot_of(const char *drill, const char *team, const char *person,
                    char slot[SLOT_MAX])
{
    snprintf(slot, SLOT_MAX, "%s/%s%s%s", drill, team, person[0] ? "/" : "", person);
}

/* One line of tokens.jsonl: the key, or the hash of a team's token or of one of its people's.
 * False: not one of ours. */
static bool take_line(struct yw_auth *auth, const char *line, size_t size, bool *ret_key)
{
    char text[YW_HASH_TEXT_SIZE], drill[YW_NAME_MAX], team[YW_NAME_MAX];
    char person[YW_NAME_MAX];
    struct yw_hash hash;
    if (yw_json_get(line, size, "/key", text, sizeof(text)) == 0) {
        if (yw_hash_parse(text, &hash))
            return false;
        memcpy(auth->key, hash.bytes, sizeof(auth->key));
        *ret_key = true;
        return true;
    }
    if (yw_json_get(line, size, "/hash", text, sizeof(text)) ||
        yw_hash_parse(text, &hash) ||
        yw_json_get(line, size, "/drill", drill, sizeof(drill)) ||
        yw_json_get(line, size, "/team", team, sizeof(team)))
        return false;
    if (yw_json_get(line, size, "/person", person, sizeof(person)))
        person[0] = '\0';
    char slot[SLOT_MAX];
    slot_of(drill, team, person, slot);
    struct yw_hash *place = yw_map_put(&auth->teams, slot);
    if (place)
        *place = hash;
    return place != NULL;
}

static int load_tokens(struct yw_auth *auth, struct yw_err *err)
{
    char path[320];
    path_of(auth, "tokens.jsonl", path);
    struct yw_buf text;
    yw_buf_init(&text, FILE_MAX);
    bool has_key = false;
    int code = read_file(path, &text, err);
    const char *at = text.data;
    for (const char *end; code == 0 && at && (end = strchr(at, '\n')); at = end + 1)
        if (!take_line(auth, at, (size_t)(end - at), &has_key))
            code = yw_err_set(err, YW_ECORRUPT, "%s: damaged line: '%.40s'", path, at);
    /* A crash can leave half a line at the end: cut it off, or the next token would join
     * it. */
    if (code == 0 && at && *at) {
        yw_warn("net", "%s: dropped a torn last line", path);
        if (truncate(path, (off_t)(at - text.data)))
            code = yw_err_errno(err, YW_EIO, errno, path);
    }
    yw_buf_fini(&text);
    if (code && code != YW_ENOTFOUND)
        return code;
    if (!has_key) {
        struct yw_hash key;
        yw_random_secret(key.bytes, sizeof(key.bytes));
        memcpy(auth->key, key.bytes, sizeof(auth->key));
        char hex[YW_HASH_TEXT_SIZE];
        yw_hash_text(&key, hex);
        yw_buf_printf(&auth->unkept, "{\"key\":\"%s\"}\n", hex);
        return yw_auth_keep(auth, err);
    }
    return 0;
}

static int load_control(struct yw_auth *auth, struct yw_err *err)
{
    char path[320];
    path_of(auth, "api.json", path);
    struct yw_buf text;
    yw_buf_init(&text, FILE_MAX);
    int code = read_file(path, &text, err);
    if (code == 0 && (yw_json_get(text.data, text.size, "/control", auth->control,
                                  sizeof(auth->control)) ||
                      strlen(auth->control) != YW_ID_SIZE - 1))
        code = yw_err_set(err, YW_ECORRUPT, "%s: /control: expected a token", path);
    yw_buf_fini(&text);
    return code == YW_ENOTFOUND ? 0 : code;
}

int yw_auth_open(struct yw_auth **ret, const char *data_dir, struct yw_err *err)
{
    struct yw_auth *auth = yw_new(sizeof(*auth));
    yw_map_init(&auth->teams, sizeof(struct yw_hash), YW_AUTH_TOKENS_MAX);
    yw_buf_init(&auth->unkept, FILE_MAX);
    if (yw_copy(auth->dir, sizeof(auth->dir), data_dir)) {
        yw_auth_close(auth);
        return yw_err_set(err, YW_ELIMIT, "data directory: its path is too long");
    }
    int code = 0;
    if (auth->dir[0]) {
        code = load_tokens(auth, err);
        if (code == 0)
            code = load_control(auth, err);
    } else {
        yw_random_secret(auth->key, sizeof(auth->key));
    }
    if (code) {
        yw_auth_close(auth);
        return yw_err_prefix(err, "tokens");
    }
    if (!auth->control[0])
        yw_id_random(auth->control);
    yw_hash_keyed(auth->key, auth->control, strlen(auth->control), &auth->control_hash);
    *ret = auth;
    return 0;
}

void yw_auth_close(struct yw_auth *auth)
{
    if (!auth)
        return;
    yw_map_fini(&auth->teams);
    yw_buf_fini(&auth->unkept);
    free(auth);
}

const char *yw_auth_control(const struct yw_auth *auth)
{
    return auth->control;
}

int yw_auth_publish(const struct yw_auth *auth, const char *url, int keeper_pid,
                    struct yw_err *err)
{
    if (!auth->dir[0])
        return 0;
    char path[320], next[320];
    path_of(auth, "api.json", path);
    path_of(auth, "api.json.new", next);
    struct yw_buf text;
    yw_buf_init(&text, 4096);
    yw_buf_puts(&text, "{\"control\":");
    yw_json_string(&text, auth->control);
    if (keeper_pid != 0)
        yw_buf_printf(&text, ",\"keeper\":%d", keeper_pid);
    yw_buf_printf(&text, ",\"pid\":%d,\"url\":", (int)getpid());
    yw_json_string(&text, url);
    yw_buf_puts(&text, "}\n");
    (void)unlink(next);
    int fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int failed = fd < 0 ? errno : write_all(fd, text.data, text.size);
    if (fd >= 0) {
        if (!failed && fdatasync(fd))
            failed = errno;
        close(fd);
    }
    if (!failed && rename(next, path))
        failed = errno;
    yw_buf_fini(&text);
    return failed ? yw_err_errno(err, YW_EIO, failed, path) : 0;
}

int yw_auth_issue(struct yw_auth *auth, const char *drill, const char *team,
                  char ret_token[YW_ID_SIZE], struct yw_err *err)
{
    return yw_auth_issue_person(auth, drill, team, "", ret_token, err);
}

int yw_auth_issue_person(struct yw_auth *auth, const char *drill, const char *team,
                         const char *person, char ret_token[YW_ID_SIZE],
                         struct yw_err *err)
{
    char slot[SLOT_MAX];
    slot_of(drill, team, person, slot);
    struct yw_hash *place = yw_map_put(&auth->teams, slot);
    if (!place)
        return yw_err_set(err, YW_ELIMIT, "tokens: more than %d", YW_AUTH_TOKENS_MAX);
    yw_id_random(ret_token);
    yw_hash_keyed(auth->key, ret_token, strlen(ret_token), place);
    char hex[YW_HASH_TEXT_SIZE];
    yw_hash_text(place, hex);
    yw_buf_puts(&auth->unkept, "{\"drill\":");
    yw_json_string(&auth->unkept, drill);
    yw_buf_printf(&auth->unkept, ",\"hash\":\"%s\"", hex);
    if (person[0]) {
        yw_buf_puts(&auth->unkept, ",\"person\":");
        yw_json_string(&auth->unkept, person);
    }
    yw_buf_puts(&auth->unkept, ",\"team\":");
    yw_json_string(&auth->unkept, team);
    yw_buf_puts(&auth->unkept, "}\n");
    return 0;
}

int yw_auth_keep(struct yw_auth *auth, struct yw_err *err)
{
    if (!auth->dir[0] || auth->unkept.size == 0) {
        yw_buf_clear(&auth->unkept);
        return 0;
    }
    char path[320];
    path_of(auth, "tokens.jsonl", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    struct stat before;
    int failed = fstat(fd, &before) ? errno : 0;
    if (!failed)
        failed = write_all(fd, auth->unkept.data, auth->unkept.size);
    if (!failed && fdatasync(fd))
        failed = errno;
    /* Half a line must not stay: what comes next would join it. */
    if (failed && ftruncate(fd, before.st_size))
        yw_error("net", "%s: cannot take back half a line", path);
    close(fd);
    if (failed)
        return yw_err_errno(err, YW_EIO, failed, path);
    yw_buf_clear(&auth->unkept);
    return 0;
}

bool yw_auth_check(const struct yw_auth *auth, const char *token, struct yw_caller *ret)
{
    struct yw_hash hash;
    yw_hash_keyed(auth->key, token, strlen(token), &hash);
    *ret = (struct yw_caller){.role = YW_ROLE_PUBLIC};
    bool found = yw_hash_equal(&hash, &auth->control_hash);
    if (found)
        ret->role = YW_ROLE_CONTROL;
    /* No early end: the time says nothing about which token came near. */
    for (size_t i = 0; i < auth->teams.count; i++) {
        if (!yw_hash_equal(&hash, yw_map_at(&auth->teams, i)))
            continue;
        const char *slot = yw_map_key_at(&auth->teams, i);
        const char *slash = strchr(slot, '/');
        if (!slash)
            continue;
        found = true;
        ret->role = YW_ROLE_TEAM;
        snprintf(ret->drill, sizeof(ret->drill), "%.*s", (int)(slash - slot), slot);
        bool office = slash[1] == '@';
        if (office)
            ret->role = YW_ROLE_TIER;
        const char *team = slash + 1 + office;
        size_t size = strcspn(team, "/");
        snprintf(ret->team, sizeof(ret->team), "%.*s", (int)size, team);
        snprintf(ret->person, sizeof(ret->person), "%s",
                 team[size] ? team + size + 1 : "");
    }
    return found;
}

bool yw_auth_named(const struct yw_auth *auth, const char *drill, const char *team)
{
    char slot[SLOT_MAX];
    size_t size = (size_t)snprintf(slot, sizeof(slot), "%s/%s/", drill, team);
    for (size_t i = 0; i < auth->teams.count; i++)
        if (strncmp(yw_map_key_at(&auth->teams, i), slot, size) == 0)
            return true;
    return false;
}
