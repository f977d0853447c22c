/* What hosts.c and hosts_call.c share; nobody else includes it. */
#ifndef YW_VIRT_HOSTS_INSIDE_H
#define YW_VIRT_HOSTS_INSIDE_H

#include "base/map.h"
#include "virt/hosts.h"

struct yw_hosts;

struct yw_hosts_host {
    struct yw_hosts *hosts;
    struct yw_hosts_member member;
    bool lost, draining;
    int64_t since_ms; /* in this state */
    char why[256];
    struct yw_due_entry silent; /* lost when this comes */
    struct yw_due_entry next_ping;
    struct yw_virt_call *ping; /* owned; under way when `pinging` */
    bool pinging;
};

struct yw_hosts {
    struct yw_virt virt;
    const struct yw_clock *clock;
    struct yw_due *due;
    struct yw_hosts_host *items;
    size_t count;
    struct yw_map where; /* size_t by uuid: the host that has the machine */
    struct yw_hosts_request *requests;
    struct yw_hosts_carry *carries; /* hosts_carry.c's */
    struct yw_hosts_push *pushes;   /* the same */
    yw_hosts_find_image *find_image;
    const void *find_arg;
};

struct yw_hosts_host *yw_hosts_named(struct yw_hosts *hosts, const char *name);
int yw_hosts_lost_error(const struct yw_hosts_host *host, struct yw_err *err);
int64_t yw_hosts_now(const struct yw_hosts *hosts);

/* hosts_call.c */
int yw_hosts_call(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err);
void yw_hosts_cancel(struct yw_virt *virt, struct yw_virt_call *call);
/* The host is lost: what it was asked ends now. */
void yw_hosts_drop(struct yw_hosts_host *host);
/* All requests, without a callback; connections are closed already. */
void yw_hosts_forget(struct yw_hosts *hosts);

bool yw_hosts_is_daemon(const struct yw_hosts_host *host); /* no broker of ours there */

/* hosts_carry.c: CARRY, as yw_hosts_call and yw_hosts_cancel. */
int yw_hosts_carry_start(struct yw_hosts *hosts, struct yw_virt_call *call,
                         struct yw_err *err);
void yw_hosts_carry_cancel(struct yw_virt_call *call);
/* *ret: what a MACHINE_UP there has to wait for, until yw_hosts_image_came; NULL nothing. */
int yw_hosts_push_image(struct yw_hosts *hosts, struct yw_hosts_host *host,
                        const char *image, struct yw_hosts_push **ret,
                        struct yw_err *err);
void yw_hosts_carry_forget(struct yw_hosts *hosts);
/* hosts_call.c: every request that waits for it goes on, or ends. */
void yw_hosts_image_came(struct yw_hosts *hosts, const struct yw_hosts_push *push,
                         int code, const struct yw_err *err);

#endif
