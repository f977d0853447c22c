/* A station's connection to its controller (poller.c). */
#ifndef YW_GUEST_POLLER_H
#define YW_GUEST_POLLER_H

#include "guest/guest.h"

#include "controller/http.h"
#include "controller/upkeep.h"
#include "controller/watch.h"

struct poller {
    struct yw_watch *watch; /* borrowed */
    int fd;                 /* -1: not connected */
    int slot;
};

void poller_init(struct poller *poller, struct yw_watch *watch);
void poller_stop(struct poller *poller);
void poller_watch(struct poller *poller, struct turn *turn);
/* True: a round of values was completed. */
bool poller_act(struct poller *poller, const struct turn *turn);

/* web.c: one request of a connection, answered by `answer` (status, and the content in
 * out); the connection closes behind it. `location`, when answer sets it, makes a 303. */
struct web_answer {
    int status;
    const char *type;
    const char *location; /* NULL: none */
};
void web_act(struct guest *guest, struct conn *conn,
             void (*answer)(struct guest *guest, const struct yw_http *request,
                            const char *from, struct yw_text_out *out,
                            struct web_answer *ret));

/* The upkeep page (controller/upkeep.h), and 503 in place of all others while the station does not
 * run. False: the request is for the station itself. */
bool web_upkeep(struct guest *guest, struct yw_upkeep *upkeep,
                const struct yw_http *request, const char *from, struct web_answer *ret);

#endif
