#include "virt/confine/confine.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- /proc/PID/status ---- */

/* The value of the one line "Name:\t…" into `value`. */
static int line_of(const char *text, const char *name, char value[512],
                   struct yw_err *err)
{
    size_t size = strlen(name);
    bool found = false;

    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, size) != 0 || at[size] != ':')
            continue;
        size_t length = strcspn(at + size + 1, "\n");

        if (found)
            return yw_err_set(err, YW_EINVAL, "status: %s stands there twice", name);
        if (length >= 512)
            return yw_err_set(err, YW_ELIMIT, "status: %s is longer than 511 bytes",
                              name);
        memcpy(value, at + size + 1, length);
        value[length] = '\0';
        found = true;
    }
    return found ? 0 : yw_err_set(err, YW_EINVAL, "status: no line %s", name);
}

/* One number of `base` that blanks or the end follow; *at moves behind it. */
static int number(const char **at, int base, uint64_t most, uint64_t *ret)
{
    const char *start = *at + strspn(*at, " \t");
    char *end = NULL;

    if (*start == '\0' || !strchr("0123456789abcdefABCDEF", *start) || start[1] == 'x')
        return YW_EINVAL;
    errno = 0;
    unsigned long long value = strtoull(start, &end, base);

    if (errno != 0 || end == start || !strchr(" \t", *end) || value > most)
        return YW_EINVAL;
    *ret = value;
    *at = end;
    return 0;
}

static int one_number(const char *text, const char *name, int base, uint64_t most,
                      uint64_t *ret, struct yw_err *err)
{
    char value[512];
    const char *at = value;
    int code = line_of(text, name, value, err);

    if (code < 0)
        return code;
    if (number(&at, base, most, ret) < 0 || at[strspn(at, " \t")] != '\0')
        return yw_err_set(err, YW_EINVAL, "status: %s is not one number: '%.40s'", name,
                          value);
    return 0;
}

/* Exactly four ids, or for Groups any number up to its limit. */
static int ids(const char *text, const char *name, unsigned *ret, size_t most,
               size_t *ret_count, struct yw_err *err)
{
    char value[512];
    const char *at = value;
    int code = line_of(text, name, value, err);

    for (*ret_count = 0; code == 0 && at[strspn(at, " \t")] != '\0';) {
        uint64_t id = 0;

        if (*ret_count == most)
            return yw_err_set(err, YW_ELIMIT, "status: %s has more than %zu ids", name,
                              most);
        if (number(&at, 10, UINT32_MAX, &id) < 0)
            return yw_err_set(err, YW_EINVAL, "status: %s is not a list of ids: '%.40s'",
                              name, value);
        ret[(*ret_count)++] = (unsigned)id;
    }
    return code;
}

static int four(const char *text, const char *name, unsigned ret[4], struct yw_err *err)
{
    size_t count = 0;
    int code = ids(text, name, ret, 4, &count, err);

    if (code == 0 && count != 4)
        return yw_err_set(err, YW_EINVAL, "status: %s has %zu ids, not 4", name, count);
    return code;
}

static int parse_caps(const char *text, struct yw_confine_status *ret, struct yw_err *err)
{
    const struct {
        const char *name;
        uint64_t *value;
    } sets[] = {{"CapInh", &ret->cap_inh},
                {"CapPrm", &ret->cap_prm},
                {"CapEff", &ret->cap_eff},
                {"CapBnd", &ret->cap_bnd},
                {"CapAmb", &ret->cap_amb}};
    int code = 0;

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]) && code == 0; i++)
        code = one_number(text, sets[i].name, 16, UINT64_MAX, sets[i].value, err);
    return code;
}

int yw_confine_status_parse(const char *text, size_t size, struct yw_confine_status *ret,
                            struct yw_err *err)
{
    uint64_t no_new_privs = 0, seccomp = 0;

    memset(ret, 0, sizeof(*ret));
    if (size > YW_CONFINE_STATUS_MAX)
        return yw_err_set(err, YW_ELIMIT, "status: above %d bytes",
                          YW_CONFINE_STATUS_MAX);
    if (memchr(text, '\0', size))
        return yw_err_set(err, YW_EINVAL, "status: has a zero byte in it");
    char *copy = yw_strndup(text, size);
    int code = four(copy, "Uid", ret->uid, err);

    if (code == 0)
        code = four(copy, "Gid", ret->gid, err);
    if (code == 0)
        code = ids(copy, "Groups", ret->groups, YW_CONFINE_GROUPS_MAX, &ret->group_count,
                   err);
    if (code == 0)
        code = parse_caps(copy, ret, err);
    if (code == 0)
        code = one_number(copy, "NoNewPrivs", 10, 1, &no_new_privs, err);
    if (code == 0)
        code = one_number(copy, "Seccomp", 10, 2, &seccomp, err);
    ret->no_new_privs = (int)no_new_privs;
    ret->seccomp = (int)seccomp;
    free(copy);
    return code;
}

/* ---- whose process it is ---- */

/* The words of a command line end in NUL each, the last one too. */
static const char *next_word(const char *word, const char *end)
{
    const char *next = memchr(word, '\0', (size_t)(end - word));

    return next && next + 1 < end ? next + 1 : NULL;
}

int yw_confine_cmdline_check(const char *bytes, size_t size,
                             const struct yw_confine_want *want, struct yw_err *err)
{
    char name[YW_PLAN_DOMAIN_MAX + 16];
    bool named = false, known = false;

    if (size > YW_CONFINE_CMDLINE_MAX)
        return yw_err_set(err, YW_ELIMIT, "command line above %d bytes",
                          YW_CONFINE_CMDLINE_MAX);
    if (size == 0 || bytes[size - 1] != '\0')
        return yw_err_set(err, YW_EINVAL, "command line: empty or cut");
    (void)snprintf(name, sizeof(name), "guest=%s,", want->domain);
    const char *end = bytes + size;

    for (const char *word = bytes; word; word = next_word(word, end)) {
        const char *value = next_word(word, end);

        if (!value)
            break;
        named = named ||
                (strcmp(word, "-name") == 0 && strncmp(value, name, strlen(name)) == 0);
        known = known || (strcmp(word, "-uuid") == 0 && strcmp(value, want->uuid) == 0);
    }
    if (named && known)
        return 0;
    return yw_err_set(err, YW_EINVAL, "the process is not that of machine '%s'",
                      want->domain);
}

/* ---- what it holds open ---- */

static bool under(const char *path, const char *folder)
{
    size_t size = strlen(folder);

    return size > 1 && strncmp(path, folder, size) == 0 && path[size] == '/';
}

/* "<domain>.log" and "…/domain-4-<domain, cut>/…": the driver names its files so. */
static bool names_domain(const char *below, const char *domain)
{
    const char *base = strrchr(below, '/') + 1;
    size_t size = strlen(domain);

    if (strncmp(base, domain, size) == 0 && base[size] == '.')
        return true;
    const char *part = strstr(below, "/domain-");

    if (!part)
        return false;
    part += strlen("/domain-");
    part += strspn(part, "0123456789");
    size = strcspn(part, "/");
    return part[0] == '-' && size > 1 && part[size] == '/' &&
           strncmp(part + 1, domain, size - 1) == 0;
}

bool yw_confine_link_known(const struct yw_confine_want *want, const char *link)
{
    static const char *const kinds[] = {"socket:[", "pipe:[", "anon_inode:", "/memfd:"};
    static const char *const devices[] = {"/dev/null",      "/dev/net/tun", "/dev/kvm",
                                          "/dev/vhost-net", "/dev/urandom", "/dev/ptmx"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(link, kinds[i], strlen(kinds[i])) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (strcmp(link, devices[i]) == 0)
            return true;
    }
    for (size_t i = 0; i < YW_CONFINE_PLACES_MAX && want->shared[i]; i++) {
        if (under(link, want->shared[i]))
            return true;
    }
    for (size_t i = 0; i < YW_CONFINE_PLACES_MAX && want->own[i]; i++) {
        if (!under(link, want->own[i]))
            continue;
        const char *below = link + strlen(want->own[i]);

        if (strstr(below, want->uuid) || names_domain(below, want->domain))
            return true;
    }
    return false;
}

int yw_confine_namespace_parse(const char *link, uint64_t *ret, struct yw_err *err)
{
    const char *at = link + strlen("mnt:[");
    char *end = NULL;

    if (strncmp(link, "mnt:[", 5) != 0 || *at < '0' || *at > '9')
        return yw_err_set(err, YW_EINVAL, "mount namespace: '%.40s'", link);
    errno = 0;
    *ret = strtoull(at, &end, 10);
    if (errno != 0 || strcmp(end, "]") != 0)
        return yw_err_set(err, YW_EINVAL, "mount namespace: '%.40s'", link);
    return 0;
}

/* ---- the verdict ---- */

static bool all_are(const unsigned list[4], unsigned id)
{
    return list[0] == id && list[1] == id && list[2] == id && list[3] == id;
}

static bool groups_are_own(const struct yw_confine_status *status, unsigned id)
{
    for (size_t i = 0; i < status->group_count; i++) {
        if (status->groups[i] != id)
            return false;
    }
    return true;
}

static int find_fault(const struct yw_confine_facts *facts,
                      const struct yw_confine_want *want, struct yw_err *err)
{
    const struct yw_confine_status *status = &facts->status;

    if (want->uid == 0 || !all_are(status->uid, want->uid))
        return yw_err_set(err, YW_EDENIED, "user ids %u %u %u %u, not its own %u",
                          status->uid[0], status->uid[1], status->uid[2], status->uid[3],
                          want->uid);
    if (!all_are(status->gid, want->uid) || !groups_are_own(status, want->uid))
        return yw_err_set(err, YW_EDENIED, "groups that are not its own (%u …)",
                          status->gid[0]);
    if (!want->no_filter && status->seccomp != 2)
        return yw_err_set(err, YW_EDENIED, "no seccomp filter (Seccomp: %d)",
                          status->seccomp);
    if (status->no_new_privs != 1)
        return yw_err_set(err, YW_EDENIED, "may gain privileges (NoNewPrivs: %d)",
                          status->no_new_privs);
    if (status->cap_eff || status->cap_prm || status->cap_inh || status->cap_amb)
        return yw_err_set(err, YW_EDENIED, "has capabilities (CapEff: %llx)",
                          (unsigned long long)status->cap_eff);
    if (want->own_mount_ns && facts->mount_ns == facts->our_mount_ns)
        return yw_err_set(err, YW_EDENIED, "no mount namespace of its own");
    if (facts->oom_score_adj < YW_CONFINE_OOM_SCORE)
        return yw_err_set(err, YW_EDENIED,
                          "would outlive the platform without memory "
                          "(oom_score_adj: %d)",
                          facts->oom_score_adj);
    if (facts->foreign_link[0])
        return yw_err_set(err, YW_EDENIED, "holds a file that is not its own: %.80s",
                          facts->foreign_link);
    return 0;
}

int yw_confine_judge(const struct yw_confine_facts *facts,
                     const struct yw_confine_want *want, struct yw_virt_proof *ret,
                     struct yw_err *err)
{
    struct yw_err fault = {0};
    int code = find_fault(facts, want, &fault);

    memset(ret, 0, sizeof(*ret));
    ret->read = true;
    ret->ok = code == 0;
    ret->uid = facts->status.uid[1];
    ret->seccomp = facts->status.seccomp;
    ret->no_new_privs = facts->status.no_new_privs == 1;
    ret->cap_eff = facts->status.cap_eff;
    ret->mount_ns = facts->mount_ns != facts->our_mount_ns;
    YW_COPY(ret->mac, facts->mac);
    YW_COPY(ret->text, fault.text);
    if (code < 0 && err)
        *err = fault;
    return code < 0 ? yw_err_prefix(err, "not confined") : 0;
}
