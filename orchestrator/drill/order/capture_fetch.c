/* Captures on other hosts: their files come into the drill's folder here, while they run and
 * until nothing is left there. */
#include "drill/order/fetch.h"
#include "drill/order/order.h"
#include "drill/range/disk.h"
#include "model/place.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool more(void *owner)
{
    const struct yw_drill_state *state = yw_drill_state(owner);
    for (size_t i = 0; i < state->captures.count; i++) {
        const struct yw_capture_fold *fold = yw_vec_at(&state->captures, i);
        if (fold->running && state->phase < YW_PHASE_ARCHIVED) {
            return true;
        }
    }
    return false;
}

static bool room(void *owner)
{
    struct yw_drill *drill = owner;
    return yw_disk_check(yw_conductor_disk(drill->conductor), NULL) == 0;
}

static struct yw_fetch *fetch_from(const struct yw_drill *drill, const char *host)
{
    for (size_t i = 0; i < drill->fetches.count; i++) {
        struct yw_fetch *fetch = *(struct yw_fetch **)yw_vec_at(&drill->fetches, i);
        if (strcmp(yw_fetch_host(fetch), host) == 0) {
            return fetch;
        }
    }
    return NULL;
}

static void add(struct yw_drill *drill, const char *host)
{
    struct yw_fetch_config config = {.virt = drill->stage->virt,
                                     .clock = drill->stage->clock,
                                     .due = drill->stage->due,
                                     .more = more,
                                     .room = room,
                                     .owner = drill};
    YW_COPY(config.host, host);
    (void)yw_copyf(config.from, sizeof config.from, "drills/%s/captures", drill->id);
    (void)yw_copyf(config.to, sizeof config.to, "%s/%s", drill->stage->data_dir,
                   config.from);
    struct yw_fetch *fetch = yw_fetch_new(&config);
    if (yw_vec_push(&drill->fetches, &fetch) == NULL) {
        yw_fetch_free(fetch);
    }
}

void yw_capture_fetch(struct yw_drill *drill)
{
    const struct yw_stage *stage = drill->stage;
    struct yw_virt_host hosts[YW_PLACE_HOSTS_MAX];
    if (yw_drill_state(drill)->captures.count == 0 || stage->data_dir[0] == '\0' ||
        stage->virt == NULL || stage->virt->ops->hosts == NULL) {
        return; /* the only host writes where we are */
    }
    size_t count = yw_virt_hosts(stage->virt, hosts, YW_PLACE_HOSTS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct yw_fetch *fetch = fetch_from(drill, hosts[i].name);
        if (fetch != NULL) {
            yw_fetch_look(fetch);
        } else {
            add(drill, hosts[i].name);
        }
    }
}

void yw_capture_fetch_close(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->fetches.count; i++) {
        yw_fetch_free(*(struct yw_fetch **)yw_vec_at(&drill->fetches, i));
    }
    yw_vec_fini(&drill->fetches);
}
