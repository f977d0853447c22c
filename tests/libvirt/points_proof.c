/* What must hold of points and cables whatever the moment: a group is of one moment, no
 * frame passes a cut cable, and a broker that is killed midway leaves no half point and no
 * machine standing. */
#include "points.h"
#include "seat.h"

#include "base/mem.h"
#include "loop/loop.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>

#define WRITES_BEFORE 24 /* and so many after: fewer than the guest remembers */
#define FRAMES 40

/* ---- one moment ---- */

/* Writes 1, 2, 3, … to the controllers in turn, each when the one before is answered: so at
 * every moment the controllers hold a prefix of them, and the writer knows of all of it but
 * the last. */
struct writer {
    struct bench *bench;
    struct yw_virt_call *call;
    struct answer answer;
    uint32_t first; /* request number of write 1 */
    int count;      /* begun */
    bool on;
};

static int target_of(const struct writer *writer, int number)
{
    return PLC + number % (writer->bench->count - PLC);
}

static void write_next(struct writer *writer)
{
    struct bench *bench = writer->bench;
    struct yw_virt_call *call = writer->call;

    memset(call, 0, sizeof(*call));
    YW_COPY(call->argv[0], "modbus");
    YW_COPY(call->argv[1], "write");
    (void)snprintf(call->argv[2], sizeof(call->argv[2]), "10.20.2.%d",
                   100 + target_of(writer, ++writer->count));
    YW_COPY(call->argv[3], "1");
    YW_COPY(call->argv[4], "holding");
    YW_COPY(call->argv[5], "40");
    (void)snprintf(call->argv[6], sizeof(call->argv[6]), "%d", writer->count);
    call->argc = 7;
    call->request = ++bench->request;
    call->deadline_ms = 60000;
    points_begin(bench, call, &writer->answer, YW_VIRT_RUN, ATTACKER);
}

static void pump(struct writer *writer)
{
    yw_loop_turn(writer->bench->loop, 20);
    if (!writer->answer.came)
        return;
    assert_int_equal(writer->answer.code, 0);
    assert_int_equal(writer->call->exit_code, 0);
    if (writer->on)
        write_next(writer);
}

static void write_until(struct writer *writer, int count)
{
    while (writer->count < count)
        pump(writer);
}

static int save_while_writing(struct writer *writer)
{
    struct bench *bench = writer->bench;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    YW_COPY(call->point, bench->point);
    call->machines = bench->group;
    call->machine_count = (size_t)bench->count;
    call->deadline_ms = 60000;
    points_begin(bench, call, &answer, YW_VIRT_POINT_SAVE, -1);
    while (!answer.came)
        pump(writer);
    free(call);
    return answer.code;
}

/* The last write whose answer the writer knew; it is asked under the numbers of the writes,
 * and does what it does not remember: something harmless. */
static int last_known(struct writer *writer)
{
    struct bench *bench = writer->bench;
    uint32_t number = bench->request;
    int known = WRITES_BEFORE - 1;

    for (bool wrote = true; wrote; known += wrote) {
        bench->request =
            writer->first + (uint32_t)known - 1; /* the next one's is asked */
        (void)points_run(bench, "addr", 60000);  /* or what was on its way: it fails */
        wrote = strstr(bench->output, "\"new\"") != NULL;
    }
    bench->request = number;
    return known;
}

static int dose_of(struct bench *bench, int machine)
{
    char line[80];
    int value = -1;

    (void)snprintf(line, sizeof(line), "modbus read 10.20.2.%d 1 holding 40 1",
                   100 + machine);
    assert_int_equal(points_run(bench, line, 60000), 0);
    assert_int_equal(sscanf(bench->output, "{\"values\":[%d]}", &value), 1);
    return value;
}

static void write_dose(struct bench *bench, int value)
{
    char line[80];

    (void)snprintf(line, sizeof(line), "modbus write 10.20.2.101 1 holding 40 %d", value);
    assert_int_equal(points_run(bench, line, 60000), 0);
}

/* Every write up to the last one that anybody has, and no more. */
static void assert_prefix(struct writer *writer, int known)
{
    struct bench *bench = writer->bench;
    int last = 0;

    for (int i = PLC; i < bench->count; i++) {
        int dose = dose_of(bench, i);

        last = dose > last ? dose : last;
    }
    print_message("the writer knew of %d, the last write that is there is %d\n", known,
                  last);
    assert_in_range(last, known, known + 1);
    for (int number = last; number > last - (bench->count - PLC); number--)
        assert_int_equal(dose_of(bench, target_of(writer, number)), number);
}

void points_of_one_moment(struct bench *bench)
{
    struct writer writer = {.bench = bench,
                            .call = yw_new(sizeof(*writer.call)),
                            .first = bench->request + 1,
                            .on = true};

    YW_COPY(bench->point, "moving");
    write_next(&writer);
    write_until(&writer, WRITES_BEFORE);
    assert_int_equal(save_while_writing(&writer), 0);
    write_until(&writer, writer.count + WRITES_BEFORE);
    writer.on = false;
    assert_int_equal(points_wait(bench, &writer.answer), 0);
    /* it stands at the point until the writer was asked what it knows */
    assert_int_equal(points_group(bench, YW_VIRT_FREEZE, 0, bench->count, false), 0);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false), 0);
    assert_int_equal(points_group(bench, YW_VIRT_THAW, ATTACKER, 1, false), 0);
    int known = last_known(&writer);

    assert_in_range(known, WRITES_BEFORE - 1, writer.count - WRITES_BEFORE);
    assert_int_equal(points_group(bench, YW_VIRT_THAW, 0, bench->count, false), 0);
    points_turn(bench, 500); /* what was on its way arrives */
    assert_prefix(&writer, known);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_DROP, 0, bench->count, false), 0);
    YW_COPY(bench->point, "start");
    free(writer.call);
}

/* ---- cables ---- */

/* Counted by the machine itself, over its channel, which needs no cable. */
static long received(struct bench *bench, int machine)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    YW_COPY(call->path, "/sys/class/net/eth0/statistics/rx_packets");
    points_begin(bench, call, &answer, YW_VIRT_GET, machine);
    assert_int_equal(points_wait(bench, &answer), 0);
    assert_in_range(call->ret_size, 1, 20);
    char *text = yw_strf("%.*s", (int)call->ret_size, call->ret_bytes);
    long count = strtol(text, NULL, 10);

    free(text);
    free(call->ret_bytes);
    free(call);
    return count;
}

/* Frames of the machine's own address that come to the seat, which has asked for it. */
static int answers(const struct seat *seat, const struct bench *bench, int machine)
{
    uint8_t frame[SEAT_FRAME_MAX], mac[6] = {0x52, 0x54, 0, 0x78, 0, 0}, got[2048];
    int count = 0;

    mac[5] = (uint8_t)(machine + 1);
    for (int i = 0; i < FRAMES; i++) {
        size_t size =
            seat_arp(frame, seat->mac, seat->mac, seat->address,
                     bench->machines[machine].nics[0].address, false, seat_mark());

        seat_send(seat, frame, size);
        (void)usleep(2000);
    }
    (void)usleep(100000);
    while (recv(seat->fd, got, sizeof(got), MSG_DONTWAIT) > 12)
        count += memcmp(got + 6, mac, sizeof(mac)) == 0;
    return count;
}

static int listen_on(const char *interface)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

    assert_true(fd >= 0);
    at.sll_ifindex = (int)if_nametoindex(interface);
    assert_int_not_equal(at.sll_ifindex, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
    return fd;
}

struct passed {
    int to, from; /* the machine */
};

static struct passed passed_on(int tap)
{
    struct passed passed = {0};
    struct sockaddr_ll from = {0};
    socklen_t size = sizeof(from);
    uint8_t got[2048];

    while (recvfrom(tap, got, sizeof(got), MSG_DONTWAIT, (struct sockaddr *)(void *)&from,
                    &size) > 0) {
        passed.to += from.sll_pkttype == PACKET_OUTGOING;
        passed.from += from.sll_pkttype != PACKET_OUTGOING;
    }
    return passed;
}

static void set_link(struct bench *bench, int machine, bool up)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;
    int64_t begun = points_now(bench);

    call->up = up;
    points_begin(bench, call, &answer, YW_VIRT_LINK, machine);
    while (!answer.came)
        yw_loop_turn(bench->loop, 1);
    assert_int_equal(answer.code, 0);
    print_message("link %s in %lld ms\n", up ? "up" : "down",
                  (long long)(points_now(bench) - begun));
    free(call);
}

static void assert_comes_back(struct bench *bench, const struct seat *seat, int machine)
{
    int heard = 0;

    for (int i = 0; i < 20 && heard == 0; i++) {
        points_turn(bench, 50);
        heard = answers(seat, bench, machine);
    }
    assert_true(heard > 0);
}

/* The machine's cable alone: it hears nothing and is not heard; its neighbour is. */
static void cut_one(struct bench *bench, const struct seat *seat, int tap)
{
    set_link(bench, PLC, false);
    long before = received(bench, PLC);

    (void)answers(seat, bench, PLC); /* what was on its way when the cable was cut */
    (void)passed_on(tap);
    assert_int_equal(answers(seat, bench, PLC), 0);
    assert_int_equal(passed_on(tap).from, 0);
    assert_int_equal(received(bench, PLC), before);
    assert_true(answers(seat, bench, PLC + 1) > 0);
    set_link(bench, PLC, true);
    assert_comes_back(bench, seat, PLC);
    assert_true(received(bench, PLC) > before);
}

/* An emergency stop: nothing goes to a machine or comes from it, also when machines run
 * again while the cables are still cut. */
static void cut_all(struct bench *bench, const struct seat *seat, int tap)
{
    long before = received(bench, PLC);

    assert_int_equal(points_group(bench, YW_VIRT_FREEZE, 0, bench->count, true), 0);
    points_turn(bench,
                100); /* what the bridge had passed before waits in the tap's queue */
    long passed_before = passed_on(tap).to;

    for (int machine = 0; machine < bench->count; machine++)
        assert_int_equal(answers(seat, bench, machine), 0);
    struct passed passed = passed_on(tap);

    assert_int_equal(passed.to, 0);
    assert_int_equal(passed.from, 0);
    assert_int_equal(points_group(bench, YW_VIRT_THAW, 0, bench->count, false), 0);
    assert_true(received(bench, PLC) <= before + passed_before);
    before = received(bench, PLC);
    assert_int_equal(answers(seat, bench, PLC), 0);
    assert_int_equal(passed_on(tap).to, 0);
    assert_int_equal(received(bench, PLC), before);
    assert_int_equal(points_group(bench, YW_VIRT_THAW, 0, bench->count, true), 0);
    assert_comes_back(bench, seat, PLC);
}

/* The host itself has no address there and says nothing. */
static void assert_silent(const char *tap)
{
    char path[96], text[8] = "";

    (void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", tap);
    FILE *file = fopen(path, "re");

    if (!file)
        return; /* a kernel without IPv6 */
    assert_non_null(fgets(text, sizeof(text), file));
    (void)fclose(file);
    assert_string_equal(text, "1\n");
}

void points_cut_cables(struct bench *bench)
{
    char name[YW_PLAN_BRIDGE_MAX];
    struct seat seat;

    (void)snprintf(name, sizeof(name), "%.8sseat", bench->prefix);
    seat_open(&seat, name, bench->network.bridge, 250);
    int tap = listen_on(bench->machines[PLC].nics[0].tap);

    assert_comes_back(bench, &seat, PLC);
    assert_true(passed_on(tap).from > 0);
    assert_silent(bench->machines[PLC].nics[0].tap);
    cut_one(bench, &seat, tap);
    cut_all(bench, &seat, tap);
    (void)close(tap);
    seat_close(&seat);
}

/* ---- killed midway ---- */

static void begin_and_kill(struct bench *bench, enum yw_virt_op op, int64_t after_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    YW_COPY(call->point, bench->point);
    call->machines = bench->group;
    call->machine_count = (size_t)bench->count;
    call->deadline_ms = 60000;
    points_begin(bench, call, &answer, op, -1);
    points_turn(bench, after_ms);
    points_kill_broker(bench);
    int code = points_wait(bench, &answer);

    assert_true(code == 0 || code == YW_EIO);
    print_message("%s: broker killed after %lld ms: %s\n", yw_virt_op_name(op),
                  (long long)after_ms, code == 0 ? "it was done" : "cut short");
    for (int i = 0; i < bench->count; i++)
        assert_int_equal(points_find(bench, i, false), 0);
    free(call);
    /* every machine runs on */
    for (int i = PLC; i < bench->count; i++)
        assert_true(dose_of(bench, i) >= 0);
}

static int listed(const struct bench *bench)
{
    int count = 0;

    for (int i = 0; i < bench->count; i++)
        count += points_listed(bench, i, bench->point);
    return count;
}

/* What a half would be is taken back by nobody. */
static void assert_all_or_none(struct bench *bench, int mark)
{
    bool whole = listed(bench) == bench->count;

    write_dose(bench, mark);
    int code = points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false);

    assert_int_equal(code, whole ? 0 : YW_ENOTFOUND);
    if (whole)
        assert_int_not_equal(dose_of(bench, PLC), mark);
    else
        assert_int_equal(dose_of(bench, PLC), mark);
}

void points_killed_midway(struct bench *bench)
{
    static const int64_t saves_ms[] = {20, 60, 110}, loads_ms[] = {20, 80};

    YW_COPY(bench->point, "half");
    for (size_t i = 0; i < sizeof(saves_ms) / sizeof(saves_ms[0]); i++) {
        begin_and_kill(bench, YW_VIRT_POINT_SAVE, saves_ms[i]);
        assert_all_or_none(bench, 4711 + (int)i);
        assert_int_equal(points_group(bench, YW_VIRT_POINT_DROP, 0, bench->count, false),
                         0);
        assert_int_equal(listed(bench), 0);
    }
    /* done again, as the core does it, it is whole */
    begin_and_kill(bench, YW_VIRT_POINT_SAVE, saves_ms[1]);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_SAVE, 0, bench->count, false), 0);
    assert_int_equal(listed(bench), bench->count);
    int dose = dose_of(bench, PLC);

    for (size_t i = 0; i < sizeof(loads_ms) / sizeof(loads_ms[0]); i++) {
        write_dose(bench, dose + 1);
        begin_and_kill(bench, YW_VIRT_POINT_LOAD, loads_ms[i]);
        assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false),
                         0);
        assert_int_equal(dose_of(bench, PLC), dose);
    }
    assert_int_equal(points_group(bench, YW_VIRT_POINT_DROP, 0, bench->count, false), 0);
    YW_COPY(bench->point, "start");
}
