/* The streams of applets in memory: between an attacker and the outstation, the engineering
 * port, or the message broker, of another fake machine. They live as long as the applet, which runs at once. */
#include "virt/fake/fake_world.h"

#include "base/mem.h"
#include "controller/mqtt.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_MAX (256 * 1024)
#define PAGE_PORT 80

struct yw_fake_stream {
    struct yw_fake_machine *peer; /* NULL: closed */
    bool gone;
    uint32_t source;        /* who asks */
    char user[YW_NAME_MAX]; /* at a broker; "" nobody yet */
    struct yw_buf in;       /* what the outstation said */
};

struct yw_fake_streams {
    int64_t now_ms;
    struct yw_fake_stream streams[YW_RTU_SESSIONS_MAX];
};

struct yw_fake_streams *yw_fake_streams_new(int64_t now_ms)
{
    struct yw_fake_streams *streams = yw_new(sizeof(*streams));

    streams->now_ms = now_ms;
    return streams;
}

static void end(struct yw_fake_streams *streams, int stream)
{
    struct yw_fake_stream *one = &streams->streams[stream];

    if (!one->peer)
        return;
    if (one->peer->rtu)
        yw_rtu_close(one->peer->rtu, stream);
    else if (one->peer->eng)
        yw_eng_close(one->peer->eng, stream);
    one->peer->streams = NULL;
    one->peer = NULL;
    yw_buf_fini(&one->in);
}

void yw_fake_streams_free(struct yw_fake_streams *streams)
{
    if (!streams)
        return;
    for (int i = 0; i < YW_RTU_SESSIONS_MAX; i++)
        end(streams, i);
    free(streams);
}

bool yw_fake_stream_put(void *arg, int session, const void *bytes, size_t size)
{
    const struct yw_fake_machine *machine = arg;

    if (!machine->streams)
        return true; /* nobody listens in memory */
    struct yw_buf *in = &machine->streams->streams[session].in;

    yw_buf_put(in, bytes, size);
    return !in->overflow;
}

/* Does the peer take the connection? An engineering port greets at once. */
static bool answer(struct yw_fake_machine *peer, int stream, uint32_t source,
                   int64_t now_ms)
{
    char from[16];

    yw_fake_address_text(source, from);
    return peer->rtu   ? yw_rtu_open(peer->rtu, stream, from, now_ms)
           : peer->eng ? yw_eng_open(peer->eng, stream, from)
                       : true;
}

static bool serves(const struct yw_fake_machine *peer, uint16_t port)
{
    return (port == YW_IEC104_PORT && peer->rtu) || (port == YW_ENG_PORT && peer->eng) ||
           (port == YW_MQTT_PORT && peer->broker) ||
           (port == PAGE_PORT && yw_fake_has_pages(peer));
}

int yw_fake_stream_open(void *arg, const char *host, uint16_t port)
{
    struct yw_fake_machine *machine = arg;
    struct yw_fake_streams *streams = machine->streams;
    uint32_t address, source;
    int stream = 0;

    if (!yw_applet_address(host, &address))
        return -1;
    struct yw_fake_machine *peer = yw_fake_call(machine, address, port, &source);

    while (stream < YW_RTU_SESSIONS_MAX && streams->streams[stream].peer)
        stream++;
    if (!peer || peer == machine || !serves(peer, port))
        return -1;
    if (stream == YW_RTU_SESSIONS_MAX) {
        stream = 0; /* the oldest makes room, as in the guest program */
        end(streams, 0);
    }
    if (peer->rtu && peer->rtu->now_ms > streams->now_ms)
        streams->now_ms = peer->rtu->now_ms;
    struct yw_fake_stream *one = &streams->streams[stream];

    *one = (struct yw_fake_stream){.peer = peer, .source = source};
    yw_buf_init(&one->in, STREAM_MAX);
    peer->streams = streams;
    if (answer(peer, stream, source, streams->now_ms))
        return stream;
    end(streams, stream);
    return -1;
}

/* The port takes nothing while it sends a page; in memory that is at once. */
static bool feed_engineering(struct yw_eng *eng, int stream, const char *bytes,
                             size_t size)
{
    size_t at = 0;

    while (at < size) {
        int taken = yw_eng_feed(eng, stream, bytes + at, size - at);

        if (taken < 0 || (taken == 0 && yw_eng_sending(eng, stream)))
            return false;
        at += (size_t)taken;
    }
    return true;
}

bool yw_fake_stream_send(void *arg, int stream, const void *bytes, size_t size)
{
    struct yw_fake_machine *machine = arg;
    struct yw_fake_stream *one = &machine->streams->streams[stream];
    int64_t now_ms = machine->streams->now_ms;

    if (!one->peer || one->gone)
        return false;
    one->peer->streams = machine->streams;
    if (one->peer->broker) {
        one->gone =
            !yw_fake_broker_feed(one->peer->broker, one->user, bytes, size, &one->in);
        return true;
    }
    if (one->peer->eng) {
        one->gone = !feed_engineering(one->peer->eng, stream, bytes, size);
        return true;
    }
    if (!one->peer->rtu) {
        yw_fake_page(one->peer, one->source, bytes, size, &one->in);
        one->gone = true;
        return true;
    }
    one->gone = yw_rtu_feed(one->peer->rtu, stream, bytes, size, now_ms) < 0 ||
                !yw_rtu_pump(one->peer->rtu, stream, now_ms);
    return true;
}

int yw_fake_stream_receive(void *arg, int stream, void *bytes, size_t size,
                           int64_t wait_ms)
{
    struct yw_fake_machine *machine = arg;
    struct yw_fake_stream *one = &machine->streams->streams[stream];

    if (!one->peer || (one->gone && one->in.size == 0))
        return -1;
    if (one->in.size == 0)
        machine->streams->now_ms += wait_ms;
    size_t got = one->in.size < size ? one->in.size : size;

    if (got > 0)
        memcpy(bytes, one->in.data, got);
    yw_buf_drop(&one->in, got);
    return (int)got;
}

void yw_fake_stream_close(void *arg, int stream)
{
    struct yw_fake_machine *machine = arg;

    end(machine->streams, stream);
}

/* A millisecond passes with each look: what loops over time comes to its end. */
int64_t yw_fake_stream_now(void *arg)
{
    struct yw_fake_machine *machine = arg;

    return machine->streams->now_ms++;
}
