#include "virt/hosts_ship.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALL_MS 20000
#define END_MS 120000 /* it reads the whole file */
#define TELL_MS 500

struct slot {
    struct yw_ship *ship;
    struct yw_virt_call call;
    bool open;
    int64_t at; /* of its piece */
};

struct yw_ship {
    struct yw_hosts *hosts;
    struct yw_ship_order order;
    struct slot slots[YW_SHIP_SLOTS];
    int open;
    int64_t next; /* the piece to begin with */
    int64_t came;
    int64_t told_ms;
    bool ending;
    int code; /* the first failure */
    struct yw_err err;
    struct yw_due_entry end;
    char piece[YW_VIRT_PIECE_MAX];
};

static void go_on(struct yw_ship *ship);

void yw_ship_drop(struct yw_ship *ship)
{
    if (!ship)
        return;
    yw_due_cancel(ship->hosts->due, &ship->end);
    for (int i = 0; i < YW_SHIP_SLOTS; i++)
        free(ship->slots[i].call.ret_bytes);
    if (ship->order.fd >= 0)
        (void)close(ship->order.fd);
    free(ship);
}

static void on_end(struct yw_due_entry *entry)
{
    struct yw_ship *ship = entry->arg;
    struct yw_ship_order order = ship->order;
    struct yw_err err = ship->err;
    int code = ship->code;

    yw_ship_drop(ship);
    order.done(order.owner, code, code < 0 ? &err : NULL);
}

static void finish(struct yw_ship *ship)
{
    if (ship->open == 0 && !yw_due_queued(&ship->end))
        yw_due_add(ship->hosts->due, &ship->end, yw_hosts_now(ship->hosts));
}

static void fail(struct yw_ship *ship, int code, const struct yw_err *err)
{
    if (ship->code == 0) {
        ship->code = code;
        ship->err = *err;
    }
    finish(ship);
}

static void tell(struct yw_ship *ship)
{
    struct yw_virt *virt = &ship->hosts->virt;
    struct yw_virt_notice notice = {.kind = YW_VIRT_PROGRESS};
    int64_t now_ms = yw_hosts_now(ship->hosts);

    if (ship->came < ship->order.size && now_ms - ship->told_ms < TELL_MS)
        return;
    ship->told_ms = now_ms;
    YW_COPY(notice.host, ship->order.to->member.name);
    (void)snprintf(notice.text, sizeof(notice.text), "%s: %lld of %lld KiB sent",
                   ship->order.what, (long long)ship->came / 1024,
                   (long long)ship->order.size / 1024);
    if (virt->on_notice)
        virt->on_notice(virt->owner, &notice);
}

/* ---- calls ---- */

static void ask(struct slot *slot, struct yw_hosts_host *host, enum yw_virt_op op,
                void (*done)(struct yw_virt_call *call, int code,
                             const struct yw_err *err))
{
    struct yw_ship *ship = slot->ship;
    struct yw_virt_call *call = &slot->call;
    struct yw_err err;

    call->op = op;
    call->deadline_ms = op == YW_VIRT_CARRIED_END ? END_MS : CALL_MS;
    call->offset = slot->at;
    call->done = done;
    call->owner = slot;
    if (op != YW_VIRT_CARRIED_PUT)
        call->file.size = 0;
    YW_COPY(call->drill, ship->order.drill);
    YW_COPY(call->path, ship->order.path);
    YW_COPY(call->hash, ship->order.hash);
    slot->open = true;
    ship->open++;
    int code = host->lost ? yw_hosts_lost_error(host, &err)
                          : yw_virt_call(host->member.virt, call, &err);

    if (code < 0) {
        slot->open = false;
        ship->open--;
        fail(ship, code, &err);
    }
}

/* True: the ship goes on. */
static bool answered(struct slot *slot, const struct yw_hosts_host *host, int code,
                     const struct yw_err *err)
{
    struct yw_ship *ship = slot->ship;
    struct yw_err lost;

    slot->open = false;
    ship->open--;
    if (code < 0 && host->lost)
        code = yw_hosts_lost_error(host, &lost);
    if (code < 0)
        fail(ship, code, host->lost ? &lost : err);
    else if (ship->code < 0)
        finish(ship);
    return ship->code == 0;
}

static void on_put(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct slot *slot = call->owner;
    struct yw_ship *ship = slot->ship;

    if (!answered(slot, ship->order.to, code, err))
        return;
    ship->came += (int64_t)call->file.size;
    tell(ship);
    go_on(ship);
}

static void put(struct slot *slot, const char *bytes, size_t size)
{
    struct yw_virt_call *call = &slot->call;
    char *mine = call->ret_bytes;

    call->ret_bytes = NULL;
    call->ret_size = 0;
    call->file.bytes = bytes;
    call->file.size = size;
    ask(slot, slot->ship->order.to, YW_VIRT_CARRIED_PUT, on_put);
    call->file.bytes = NULL; /* borrowed until the call was made */
    free(mine);
}

static size_t piece_size(const struct yw_ship *ship, int64_t at)
{
    int64_t left = ship->order.size - at;

    return left < YW_VIRT_PIECE_MAX ? (size_t)left : YW_VIRT_PIECE_MAX;
}

static void cut_short(struct yw_ship *ship)
{
    struct yw_err err;
    int code =
        yw_err_set(&err, YW_ECORRUPT, "'%.80s' is shorter than it was", ship->order.path);

    fail(ship, code, &err);
}

static void on_got(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct slot *slot = call->owner;
    struct yw_ship *ship = slot->ship;

    if (!answered(slot, ship->order.from, code, err))
        return;
    if (call->ret_size != piece_size(ship, slot->at))
        cut_short(ship);
    else
        put(slot, call->ret_bytes, call->ret_size);
}

static void begin_piece(struct yw_ship *ship, struct slot *slot)
{
    size_t size = piece_size(ship, ship->next);

    slot->at = ship->next;
    ship->next += (int64_t)size;
    if (ship->order.from) {
        ask(slot, ship->order.from, YW_VIRT_CARRIED_GET, on_got);
        return;
    }
    ssize_t got = pread(ship->order.fd, ship->piece, size, slot->at);

    if (got == (ssize_t)size)
        put(slot, ship->piece, size);
    else
        cut_short(ship);
}

static void on_whole(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct slot *slot = call->owner;

    if (answered(slot, slot->ship->order.to, code, err))
        finish(slot->ship);
}

static void go_on(struct yw_ship *ship)
{
    for (int i = 0; i < YW_SHIP_SLOTS && ship->code == 0; i++) {
        if (!ship->slots[i].open && ship->next < ship->order.size)
            begin_piece(ship, &ship->slots[i]);
    }
    if (ship->open > 0 || ship->code < 0 || ship->ending)
        return;
    ship->ending = true;
    ship->slots[0].at = ship->order.size;
    ask(&ship->slots[0], ship->order.to, YW_VIRT_CARRIED_END, on_whole);
}

static void on_asked(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct slot *slot = call->owner;
    struct yw_ship *ship = slot->ship;

    if (!answered(slot, ship->order.to, code, err))
        return;
    if (call->exit_code == 1) {
        finish(ship);
        return;
    }
    if (call->bytes > 0 && call->bytes <= ship->order.size)
        ship->next = ship->came = call->bytes;
    go_on(ship);
}

struct yw_ship *yw_ship_start(struct yw_hosts *hosts, const struct yw_ship_order *order)
{
    struct yw_ship *ship = yw_new(sizeof(*ship));

    ship->hosts = hosts;
    ship->order = *order;
    ship->end.run = on_end;
    ship->end.arg = ship;
    for (int i = 0; i < YW_SHIP_SLOTS; i++)
        ship->slots[i].ship = ship;
    ask(&ship->slots[0], order->to, YW_VIRT_CARRIED_ASK, on_asked);
    return ship;
}

void yw_ship_cancel(struct yw_ship *ship)
{
    if (!ship)
        return;
    if (ship->code == 0)
        ship->code = yw_err_set(&ship->err, YW_ECANCELED, "cancelled");
    for (int i = 0; i < YW_SHIP_SLOTS; i++) {
        struct slot *slot = &ship->slots[i];

        if (!slot->open)
            continue;
        bool gets = slot->call.op == YW_VIRT_CARRIED_GET;

        yw_virt_cancel((gets ? ship->order.from : ship->order.to)->member.virt,
                       &slot->call);
    }
    finish(ship);
}
