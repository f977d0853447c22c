/* A machine as the broker process knows it: its two ports, whether its agent answers, and
 * what it reports. It connects again by itself while the machine should run. Private to
 * the broker process; loop thread. */
#ifndef YW_VIRT_SERVED_H
#define YW_VIRT_SERVED_H

#include "virt/machine/domain_xml.h"
#include "virt/machine/embed_root.h"
#include "virt/serve/channel.h"
#include "virt/serve/field.h"
#include "virt/serve/patience.h"
#include "virt/virt.h"

struct yw_served;

struct yw_served_events {
    void (*on_hello)(void *owner, struct yw_served *served);
    /* The channel ended: requests on it are lost, it connects again by itself. */
    void (*on_cut)(void *owner, struct yw_served *served);
    void (*on_notice)(void *owner, const struct yw_virt_notice *notice);
    void *owner;
};

struct yw_served {
    char uuid[YW_UUID_SIZE];
    char domain[YW_PLAN_DOMAIN_MAX];
    char drill[YW_NAME_MAX];
    bool has_field;
    enum yw_image_agent agent; /* not OWN: foreign.h speaks for it */
    char image[YW_NAME_MAX];   /* then */
    struct yw_host *host;      /* borrowed */
    bool wanted;               /* it should run: ports are kept connected */
    bool greeted;              /* HELLO came on this connection */
    bool frozen;               /* by order: it stands, and nothing is expected of it */
    bool mending;              /* was found standing and made to run */
    int busy;                  /* groups that have it stand for a moment */
    struct yw_channel *channel;
    struct yw_field *field;

    /* private */
    struct yw_loop *loop;
    const struct yw_embed_root *root;
    struct yw_served_events events;
    struct yw_due_entry connect;
    struct yw_due_entry ping_due;
    struct yw_channel_request ping;
    bool ping_sent;
    bool ping_greets; /* it asks whether somebody is there yet */
    bool heard;       /* the field port, since the last question */
    uint64_t dropped; /* answers that came too late, before the last question */
    int skipped;      /* questions, as the field port was heard */
    struct yw_patience patience;
    uint32_t next_ping;
    int64_t backoff_ms;
    bool told_lost;
    bool reviving;
};

void yw_served_init(struct yw_served *served, struct yw_loop *loop,
                    const struct yw_embed_root *root,
                    const struct yw_served_events *events);
void yw_served_fini(struct yw_served *served);
/* Begins to connect and to keep connected; on_hello when the guest has spoken. */
void yw_served_connect(struct yw_served *served);
/* The same for a machine whose memory went back: its agent believes it is connected and
 * may not greet, so it is asked at once; any answer counts. */
void yw_served_revive(struct yw_served *served);
/* Closes both ports: the machine is to end, or has. */
void yw_served_disconnect(struct yw_served *served);

#endif
