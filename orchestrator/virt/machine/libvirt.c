#include "virt/machine/libvirt_inside.h"

#include "base/log.h"
#include "base/mem.h"
#include "virt/machine/domain_xml.h"

#include <assert.h>
#include <errno.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIST_MACHINES_MAX YW_VIRT_LIST_MAX
#define AGENT_S 5 /* a ping of an emulated machine that others keep waiting */
#define DESTROY_TRIES 20
#define DESTROY_STEP_MS 100
#define CONNECT_S 15
/* The reference says 5 s and 3 of them; a lost host is to be shown within ten seconds. */
#define KEEPALIVE_S 1
#define KEEPALIVE_COUNT 4

struct yw_host {
    virConnectPtr conn;
    pthread_t events;
    atomic_bool stop;
    int callback;
    int closing; /* 0: the end of the connection is told */
    int wake;    /* a libvirt timer, so that the event thread sees `stop` */
    struct yw_host_events told;
    void *arg;
};

virConnectPtr yw_host_conn(struct yw_host *host)
{
    return host->conn;
}

/* libvirt would print every error on standard error. */
static void on_error(void *arg, virErrorPtr error)
{
    (void)arg;
    (void)error;
}

int yw_host_fail(struct yw_err *err, const char *what)
{
    const virError *error = virGetLastError();
    int code = YW_EIO;

    if (error && (error->code == VIR_ERR_NO_DOMAIN))
        code = YW_ENOTFOUND;
    return yw_err_set(err, code, "%s: %s", what,
                      error && error->message ? error->message : "unknown error");
}

static void on_wake(int timer, void *arg)
{
    (void)timer;
    (void)arg;
}

static void *run_events(void *arg)
{
    struct yw_host *host = arg;

    while (!atomic_load(&host->stop)) {
        if (virEventRunDefaultImpl() < 0)
            break;
    }
    return NULL;
}

static const char *why_stopped(int detail)
{
    switch ((virDomainEventStoppedDetailType)detail) {
    case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
        return "the machine shut down or restarted itself";
    case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
        return "the machine crashed";
    case VIR_DOMAIN_EVENT_STOPPED_FAILED:
        return "the machine's process ended";
    case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
        return "the machine was ended";
    case VIR_DOMAIN_EVENT_STOPPED_MIGRATED:
    case VIR_DOMAIN_EVENT_STOPPED_SAVED:
    case VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT:
    default:
        return "the machine stopped";
    }
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr domain, int event, int detail,
                        void *arg)
{
    struct yw_host *host = arg;
    char uuid[VIR_UUID_STRING_BUFLEN];

    (void)conn;
    if (virDomainGetUUIDString(domain, uuid) < 0)
        return 0;
    if (event == VIR_DOMAIN_EVENT_STOPPED)
        host->told.on_stopped(host->arg, uuid, why_stopped(detail));
    else if (event == VIR_DOMAIN_EVENT_SUSPENDED) /* an accelerator that gave up */
        host->told.on_stopped(host->arg, uuid, "the machine was halted");
    return 0;
}

static int start_events(struct yw_host *host, struct yw_err *err)
{
    if (virEventRegisterDefaultImpl() < 0)
        return yw_host_fail(err, "register events");
    host->wake = virEventAddTimeout(1000, on_wake, host, NULL);
    if (host->wake < 0)
        return yw_host_fail(err, "register events");
    int status = pthread_create(&host->events, NULL, run_events, host);

    if (status != 0)
        return yw_err_errno(err, YW_EIO, status, "event thread");
    return 0;
}

static void stop_events(struct yw_host *host)
{
    atomic_store(&host->stop, true);
    virEventUpdateTimeout(host->wake, 0);
    (void)pthread_join(host->events, NULL);
    (void)virEventRemoveTimeout(host->wake);
}

/* ---- opening: it may hang, so a thread does it that can be left behind ---- */

struct opening {
    char uri[YW_VIRT_URI_MAX * 2];
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool ended, abandoned;
    virConnectPtr conn;
    struct yw_err err;
};

/* A daemon that does not accept our certificate just hangs up: libvirt has only an I/O
 * error for that. */
static void refuse(struct opening *opening)
{
    const virError *error = virGetLastError();
    bool hung_up = strstr(opening->uri, "+tls:") && error &&
                   error->code == VIR_ERR_SYSTEM_ERROR && error->int1 == EIO;

    (void)yw_host_fail(&opening->err, hung_up ? "the daemon there did not accept our "
                                                "certificate (its tls_allowed_dn_list "
                                                "must have our name)"
                                              : "connect");
    (void)yw_err_prefix(&opening->err, "%s", opening->uri);
}

static void *run_open(void *arg)
{
    struct opening *opening = arg;
    virConnectPtr conn = virConnectOpen(opening->uri);

    (void)pthread_mutex_lock(&opening->lock);
    if (!conn)
        refuse(opening);
    opening->conn = conn;
    opening->ended = true;
    bool abandoned = opening->abandoned;

    (void)pthread_cond_signal(&opening->done);
    (void)pthread_mutex_unlock(&opening->lock);
    if (abandoned)
        free(opening);
    return NULL;
}

static int connect_to(struct yw_host *host, const char *uri, struct yw_err *err)
{
    struct opening *opening = yw_new(sizeof(*opening));
    struct timespec until;
    pthread_t thread;
    int status = 0, code = 0;

    YW_COPY(opening->uri, uri);
    (void)pthread_mutex_init(&opening->lock, NULL);
    (void)pthread_cond_init(&opening->done, NULL);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CONNECT_S;
    if (pthread_create(&thread, NULL, run_open, opening) != 0) {
        free(opening);
        return yw_err_set(err, YW_EIO, "thread");
    }
    (void)pthread_detach(thread);
    (void)pthread_mutex_lock(&opening->lock);
    while (!opening->ended && status == 0)
        status = pthread_cond_timedwait(&opening->done, &opening->lock, &until);
    host->conn = opening->conn;
    opening->abandoned = !opening->ended;
    if (!opening->ended)
        code = yw_err_set(err, YW_ETIMEOUT, "%s: no connection in %d s", uri, CONNECT_S);
    else if (!host->conn)
        code = opening->err.code;
    if (opening->ended && code < 0 && err)
        *err = opening->err;
    bool abandoned = opening->abandoned;

    (void)pthread_mutex_unlock(&opening->lock);
    if (!abandoned)
        free(opening);
    return code;
}

static void on_closed(virConnectPtr conn, int reason, void *arg)
{
    static const char *const reasons[] = {
        [VIR_CONNECT_CLOSE_REASON_ERROR] = "an error on the line",
        [VIR_CONNECT_CLOSE_REASON_EOF] = "the daemon ended it",
        [VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "the daemon is silent",
        [VIR_CONNECT_CLOSE_REASON_CLIENT] = "we ended it",
    };
    struct yw_host *host = arg;

    (void)conn;
    if (host->told.on_closed)
        host->told.on_closed(host->arg,
                             reason >= 0 && reason <= VIR_CONNECT_CLOSE_REASON_CLIENT
                                 ? reasons[reason]
                                 : "unknown");
}

static void watch(struct yw_host *host)
{
    host->callback = virConnectDomainEventRegisterAny(
        host->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
        VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), host, NULL);
    if (host->callback < 0)
        yw_warn("virt", "no lifecycle events: %s", virGetLastErrorMessage());
    host->closing = virConnectRegisterCloseCallback(host->conn, on_closed, host, NULL);
    /* An embedded driver has no line to keep alive. */
    if (virConnectSetKeepAlive(host->conn, KEEPALIVE_S, KEEPALIVE_COUNT) < 0 &&
        virGetLastErrorCode() != VIR_ERR_NO_SUPPORT)
        yw_warn("virt", "no keepalive: %s", virGetLastErrorMessage());
}

int yw_host_open(struct yw_host **ret, const char *uri,
                 const struct yw_host_events *events, void *arg, struct yw_err *err)
{
    struct yw_host *host = yw_new(sizeof(*host));

    host->told = *events;
    host->arg = arg;
    virSetErrorFunc(NULL, on_error);
    /* It would warn of every copy that its arguments are not libvirt's own. */
    (void)setenv("LIBVIRT_LOG_FILTERS", "4:qemu.qemu_domain", 0);
    int code =
        virInitialize() < 0 ? yw_host_fail(err, "libvirt") : start_events(host, err);

    if (code < 0) {
        free(host);
        return code;
    }
    code = connect_to(host, uri, err);
    if (code == YW_ETIMEOUT)
        return code; /* a thread still uses it all: this process is to end */
    if (code < 0) {
        stop_events(host);
        free(host);
        return code;
    }
    watch(host);
    *ret = host;
    return 0;
}

void yw_host_close(struct yw_host *host)
{
    if (!host)
        return;
    if (host->callback >= 0)
        (void)virConnectDomainEventDeregisterAny(host->conn, host->callback);
    if (host->closing == 0)
        (void)virConnectUnregisterCloseCallback(host->conn, on_closed);
    (void)virConnectClose(host->conn);
    stop_events(host);
    free(host);
}

static int create(struct yw_host *host, const char *uuid, const char *xml,
                  unsigned int flags, struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (domain) {
        int active = virDomainIsActive(domain);

        if (active == 0) /* left over, defined but not running: ours by its uuid */
            (void)virDomainUndefine(domain);
        (void)virDomainFree(domain);
        if (active == 1)
            return 0;
    }
    domain = virDomainCreateXML(host->conn, xml, flags);
    if (!domain)
        return yw_host_fail(err, "create");
    (void)virDomainFree(domain);
    return 0;
}

int yw_host_create(struct yw_host *host, const char *uuid, const char *xml,
                   struct yw_err *err)
{
    return create(host, uuid, xml, VIR_DOMAIN_NONE, err);
}

int yw_host_create_paused(struct yw_host *host, const char *uuid, const char *xml,
                          struct yw_err *err)
{
    return create(host, uuid, xml, VIR_DOMAIN_START_PAUSED, err);
}

static int on_domain(struct yw_host *host, const char *uuid, int (*act)(virDomainPtr),
                     const char *what, struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (!domain)
        return yw_host_fail(err, what);
    int code = act(domain) < 0 ? yw_host_fail(err, what) : 0;

    (void)virDomainFree(domain);
    return code;
}

int yw_host_resume(struct yw_host *host, const char *uuid, struct yw_err *err)
{
    return on_domain(host, uuid, virDomainResume, "resume", err);
}

int yw_host_suspend(struct yw_host *host, const char *uuid, struct yw_err *err)
{
    return on_domain(host, uuid, virDomainSuspend, "halt", err);
}

int yw_host_save(struct yw_host *host, const char *uuid, const char *path,
                 struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (!domain)
        return yw_host_fail(err, "save");
    int status = virDomainSaveFlags(domain, path, NULL, VIR_DOMAIN_SAVE_RUNNING);
    int code = status < 0 ? yw_host_fail(err, "save") : 0;

    (void)virDomainFree(domain);
    return code;
}

int yw_host_restore(struct yw_host *host, const char *path, struct yw_err *err)
{
    return virDomainRestoreFlags(host->conn, path, NULL, VIR_DOMAIN_SAVE_RUNNING) < 0
               ? yw_host_fail(err, "restore")
               : 0;
}

int yw_host_monitor(struct yw_host *host, const char *uuid, const char *command, int fd,
                    char **ret_answer, struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);
    int fds[1] = {fd};
    char *answer = NULL;

    if (!domain)
        return yw_host_fail(err, "monitor");
    int status = fd < 0 ? virDomainQemuMonitorCommand(domain, command, &answer, 0)
                        : virDomainQemuMonitorCommandWithFiles(domain, command, 1, fds,
                                                               NULL, NULL, &answer, 0);
    int code = status < 0 ? yw_host_fail(err, "monitor") : 0;

    (void)virDomainFree(domain);
    if (code == 0)
        *ret_answer = yw_strdup(answer ? answer : "");
    free(answer);
    return code;
}

int yw_host_agent(struct yw_host *host, const char *uuid, const char *command,
                  char **ret_answer, struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (!domain)
        return yw_host_fail(err, "guest agent");
    char *answer = virDomainQemuAgentCommand(domain, command, AGENT_S, 0);
    int code = answer ? 0 : yw_host_fail(err, "guest agent");

    (void)virDomainFree(domain);
    if (code == 0)
        *ret_answer = yw_strdup(answer);
    free(answer);
    return code;
}

/* While the driver takes a machine over after a restart, ending it can say "not found"
 * with the machine still listed; so the list decides. */
int yw_host_destroy(struct yw_host *host, const char *uuid, struct yw_err *err)
{
    struct timespec step = {.tv_nsec = DESTROY_STEP_MS * 1000000L};

    for (int i = 0; i < DESTROY_TRIES; i++) {
        virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

        if (!domain)
            return 0;
        int status = virDomainDestroy(domain);

        if (status == 0 && virDomainIsPersistent(domain) == 1)
            (void)virDomainUndefine(domain);
        if (status < 0)
            (void)yw_host_fail(err, "end");
        (void)virDomainFree(domain);
        if (status == 0)
            return 0;
        (void)nanosleep(&step, NULL);
    }
    return err ? err->code : YW_EIO;
}

static int state_of(struct yw_host *host, const char *uuid, int *ret, struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    *ret = VIR_DOMAIN_SHUTOFF;
    if (!domain) {
        const virError *error = virGetLastError();

        return error && error->code == VIR_ERR_NO_DOMAIN ? 0
                                                         : yw_host_fail(err, "look up");
    }
    int code =
        virDomainGetState(domain, ret, NULL, 0) < 0 ? yw_host_fail(err, "look up") : 0;

    (void)virDomainFree(domain);
    return code == YW_ENOTFOUND ? 0 : code;
}

int yw_host_running(struct yw_host *host, const char *uuid, bool *ret_running,
                    struct yw_err *err)
{
    int now = VIR_DOMAIN_NOSTATE;
    int code = state_of(host, uuid, &now, err);

    *ret_running = now == VIR_DOMAIN_RUNNING || now == VIR_DOMAIN_BLOCKED;
    return code;
}

int yw_host_stands(struct yw_host *host, const char *uuid, bool *ret_stands,
                   struct yw_err *err)
{
    int now = VIR_DOMAIN_NOSTATE;
    int code = state_of(host, uuid, &now, err);

    *ret_stands = now == VIR_DOMAIN_PAUSED;
    return code;
}

int yw_host_dump(struct yw_host *host, const char *uuid, const char *path,
                 struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (!domain)
        return yw_host_fail(err, "dump");
    int status = virDomainCoreDumpWithFormat(
        domain, path, VIR_DOMAIN_CORE_DUMP_FORMAT_RAW, VIR_DUMP_MEMORY_ONLY);
    int code = status < 0 ? yw_host_fail(err, "dump") : 0;

    (void)virDomainFree(domain);
    return code;
}

int yw_host_links(struct yw_host *host, const char *uuid, bool up[YW_SPEC_NICS_MAX],
                  size_t *ret_count, struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (!domain)
        return yw_host_fail(err, "links");
    char *xml = virDomainGetXMLDesc(domain, 0);
    int code = xml ? 0 : yw_host_fail(err, "links");

    (void)virDomainFree(domain);
    if (code == 0 && yw_domain_links_parse(xml, up, ret_count) < 0)
        code =
            yw_err_set(err, YW_EINVAL, "links: libvirt's description is not understood");
    free(xml);
    return code;
}

int yw_host_update(struct yw_host *host, const char *uuid, const char *device_xml,
                   struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(host->conn, uuid);

    if (!domain)
        return yw_host_fail(err, "link");
    int status = virDomainUpdateDeviceFlags(domain, device_xml, VIR_DOMAIN_AFFECT_LIVE);
    int code = status < 0 ? yw_host_fail(err, "link") : 0;

    (void)virDomainFree(domain);
    return code;
}

static bool read_tag(virDomainPtr domain, struct yw_domain_tag *ret)
{
    char *xml =
        virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, YW_DOMAIN_NAMESPACE, 0);
    bool ours = xml && yw_domain_tag_parse(xml, ret) == 0;

    free(xml);
    return ours;
}

int yw_host_list(struct yw_host *host, const char *drill, struct yw_vec *list,
                 struct yw_err *err)
{
    virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(host->conn, &domains, 0);

    if (count < 0)
        return yw_host_fail(err, "list");
    for (int i = 0; i < count; i++) {
        struct yw_virt_found found = {0};
        struct yw_domain_tag tag;

        if (read_tag(domains[i], &tag) && (!drill[0] || strcmp(tag.drill, drill) == 0) &&
            virDomainGetUUIDString(domains[i], found.uuid) == 0) {
            YW_COPY(found.name, virDomainGetName(domains[i]));
            YW_COPY(found.drill, tag.drill);
            found.running = virDomainIsActive(domains[i]) == 1;
            (void)yw_vec_push(list, &found);
        }
        (void)virDomainFree(domains[i]);
    }
    free(domains);
    return 0;
}

static void version_text(unsigned long version, char text[32])
{
    (void)snprintf(text, 32, "%lu.%lu.%lu", version / 1000000, version / 1000 % 1000,
                   version % 1000);
}

int yw_host_versions(struct yw_host *host, char libvirt[32], char qemu[32],
                     struct yw_err *err)
{
    unsigned long version = 0;

    if (virConnectGetLibVersion(host->conn, &version) < 0)
        return yw_host_fail(err, "version");
    version_text(version, libvirt);
    version = 0;
    if (virConnectGetVersion(host->conn, &version) < 0)
        return yw_host_fail(err, "version");
    version_text(version, qemu);
    return 0;
}
