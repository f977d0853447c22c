/* Brokers that run on far hosts, over a line that can be cut: images travel once, two
 * machines on two hosts talk through a VXLAN, a host that is cut off is shown and found
 * again with its machine, and another build is refused; an image is brought to a host once,
 * and a machine with a disk is carried from one to the other and back. Run by tests/libvirt/far.py. */
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "range/fleet.h"
#include "virt/hosts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEALED_MS 120000
#define LOST_MS 60000 /* 10 s in peace */

static int setup(void **state)
{
    struct fleet *fleet = yw_new(sizeof(*fleet));

    fleet_init(fleet);
    fleet_open_far(fleet, 1, "DIAL");
    fleet_open_far(fleet, 2, "ENTER");
    *state = fleet;
    return 0;
}

static int teardown(void **state)
{
    struct fleet *fleet = *state;

    for (int host = 1; host <= 2; host++) {
        (void)fleet_shell(host, "HEAL", "");
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_SWEEP, -1), 0);
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_LIST, -1), 0);
        assert_int_not_equal(
            fleet_shell(host, "ENTER", " ip -o link | grep -E ' (yw|vnet)'"), 0);
    }
    fleet_fini(fleet);
    free(fleet);
    return 0;
}

static void bring_up(struct fleet *fleet)
{
    const int hosts[FLEET_MACHINES] = {1, 2};

    assert_int_equal(fleet_span(fleet, 1, 2), 0);
    assert_int_equal(fleet_span(fleet, 2, 1), 0);
    for (int i = 0; i < FLEET_MACHINES; i++) {
        assert_int_equal(fleet_call(fleet, hosts[i], YW_VIRT_MACHINE_UP, i), 0);
        assert_int_equal(fleet_call(fleet, hosts[i], YW_VIRT_MACHINE_SETUP, i), 0);
    }
}

static void wait_ups(struct fleet *fleet, int host, int ups)
{
    for (int64_t left = HEALED_MS; fleet->hosts[host - 1].ups < ups && left > 0;
         left -= 100)
        fleet_turn(fleet, 100);
    assert_int_equal(fleet->hosts[host - 1].ups, ups);
}

/* By the clock of whoever listens: how long a busy machine leaves the test waiting does not
 * count. */
static void assert_silence_was_short(const struct fleet_host *host)
{
    const char *heard = strstr(host->why, "last heard ");

    if (!heard)
        fail_msg("down: %s", host->why);
    long span_ms = strtol(heard + strlen("last heard "), NULL, 10);

    assert_in_range(span_ms, 1, LOST_MS);
}

static void test_two_hosts_are_one_range(void **state)
{
    struct fleet *fleet = *state;
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_PROBE, -1), 0);
    assert_true(fleet->hosts[0].progress > 0);
    assert_int_equal(fleet_shell(1, "ENTER", " test -s $YW_FAR1_DATA/images/vmlinux"), 0);
    bring_up(fleet);
    assert_int_equal(
        fleet_run(fleet, 2, 1, "modbus write 10.20.2.11 1 holding 40 11100", output), 0);
    assert_int_equal(
        fleet_run(fleet, 2, 2, "modbus read 10.20.2.11 1 holding 40 1", output), 0);
    assert_non_null(strstr(output, "11100"));

    /* Cut: shown in time, the other goes on, nobody hangs. */
    fleet_wait_field(fleet, 1);
    int64_t start = 0;
    struct yw_clock clock = *yw_loop_clock(fleet->loop);

    assert_int_equal(fleet_shell(1, "CUT", ""), 0);
    start = yw_clock_mono_ms(&clock);
    assert_int_equal(fleet_call_for(fleet, 1, YW_VIRT_MACHINE_FIND, FLEET_PLC, 3000),
                     YW_ETIMEOUT);
    assert_int_equal(fleet_run(fleet, 2, 3, "addr", output), 0);
    assert_int_equal(fleet_run(fleet, 2, 4, "ping 10.20.2.11", output), 1);
    while (fleet->hosts[0].downs == 0)
        fleet_turn(fleet, 100);
    assert_silence_was_short(&fleet->hosts[0]);
    print_message("shown after %lld ms\n", (long long)(yw_clock_mono_ms(&clock) - start));
    assert_int_equal(fleet->hosts[1].downs, 0);

    /* Healed: the same machine, with what it had in its registers. */
    assert_int_equal(fleet_shell(1, "HEAL", ""), 0);
    fleet->hosts[0].progress = 0;
    wait_ups(fleet, 1, 1);
    assert_int_equal(fleet->hosts[0].progress, 0); /* no image travelled again */
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_FIND, FLEET_PLC), 0);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_UP, FLEET_PLC), 0);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_LIST, -1), 2);
    assert_int_equal(
        fleet_run(fleet, 2, 5, "modbus read 10.20.2.11 1 holding 40 1", output), 0);
    assert_non_null(strstr(output, "11100"));
}

/* The broker there stands still without an end to its connection. */
static void test_a_hung_broker_is_replaced(void **state)
{
    struct fleet *fleet = *state;

    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(
        fleet_shell(1, "ENTER",
                    " sh -c 'for p in /proc/[0-9]*; do grep -qs -- --stdio $p/cmdline && "
                    "[ \"$(cut -d\" \" -f1 $p/comm)\" = range_virt_far ] && kill -STOP "
                    "${p#/proc/}; done; true'"),
        0);
    while (fleet->hosts[0].downs == 0)
        fleet_turn(fleet, 100);
    assert_silence_was_short(&fleet->hosts[0]);
    assert_int_equal(fleet_call_for(fleet, 2, YW_VIRT_LIST, -1, 60000), 0);
    assert_int_equal(
        fleet_shell(1, "ENTER",
                    " sh -c 'for p in /proc/[0-9]*; do grep -qs -- --stdio $p/cmdline && "
                    "kill -CONT ${p#/proc/}; done; true'"),
        0);
    wait_ups(fleet, 1, 1);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_LIST, -1), 0);
}

/* ---- two brokers as one connection: an image is brought, a machine with a disk leaves ---- */

#define DISK_BYTES (4 * 1024 * 1024)
#define IMAGE "attacker" /* a role that the micro agent has */

static const char *const names[] = {"east", "west"};

struct joined {
    struct fleet *fleet;
    struct yw_virt *virt;
    int progress;
    char disk[300]; /* of the image, as it is registered here */
};

static void on_joined_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct joined *joined = owner;

    if (notice->kind == YW_VIRT_PROGRESS && strstr(notice->text, "image " IMAGE))
        joined->progress++;
}

static int find_image(const void *arg, const char *id, struct yw_hosts_image *ret,
                      struct yw_err *err)
{
    const struct joined *joined = arg;
    char *bytes = yw_new(2 * DISK_BYTES);
    struct yw_hash hash;

    (void)err;
    assert_string_equal(id, IMAGE);
    ret->fd = open(joined->disk, O_RDONLY | O_CLOEXEC);
    assert_true(ret->fd >= 0);
    ret->size = pread(ret->fd, bytes, 2 * DISK_BYTES, 0);
    assert_true(ret->size > DISK_BYTES && ret->size < 2 * DISK_BYTES);
    yw_hash_of(bytes, (size_t)ret->size, &hash);
    yw_hash_text(&hash, ret->hash);
    free(bytes);
    return 0;
}

/* The micro agent under a full image's name: a disk, and nothing slow to boot. */
static void make_images(struct joined *joined)
{
    const char *place = getenv("YW_FAR_PLACE"), *images = getenv("YW_IMAGES");
    char *command = yw_strf(
        "mkdir -p %s/full && cp %s/vmlinux %s/micro.cpio.gz %s/full/ && "
        "cp %s/micro.cpio.gz %s/full/full.cpio.gz && "
        "head -c %d /dev/urandom > %s/raw && qemu-img convert -f raw -O "
        "qcow2 %s/raw %s/disk.qcow2",
        place, images, images, place, images, place, DISK_BYTES, place, place, place);

    assert_int_equal(system(command), 0);
    free(command);
    (void)snprintf(joined->disk, sizeof(joined->disk), "%s/disk.qcow2", place);
    command = yw_strf("%s/full", place);
    assert_int_equal(setenv("YW_IMAGES", command, 1), 0);
    free(command);
}

static int setup_joined(void **state)
{
    struct joined *joined = yw_new(sizeof(*joined));
    struct yw_hosts_member members[2] = {{.weight = 1}, {.weight = 1}};
    struct fleet *fleet = yw_new(sizeof(*fleet));
    struct yw_err err;

    joined->fleet = fleet;
    fleet_init(fleet);
    make_images(joined);
    for (int i = 0; i < 2; i++) {
        fleet_open_far(fleet, i + 1, "DIAL");
        YW_COPY(members[i].name, names[i]);
        members[i].virt = fleet->hosts[i].virt;
        fleet->hosts[i].virt = NULL;
    }
    assert_int_equal(yw_virt_open_hosts(&joined->virt, yw_loop_clock(fleet->loop),
                                        yw_loop_due(fleet->loop), members, 2, &err),
                     0);
    joined->virt->on_notice = on_joined_notice;
    joined->virt->owner = joined;
    yw_virt_hosts_images(joined->virt, find_image, joined);
    fleet->plan.machine_count = 1;
    YW_COPY(fleet->machines[0].image, IMAGE);
    YW_COPY(fleet->machines[0].host, "east");
    fleet->machines[0].has_disk = true;
    fleet->machines[0].has_field = false;
    *state = joined;
    return 0;
}

static struct yw_virt_call *joined_call(struct joined *joined, enum yw_virt_op op)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));

    call->op = op;
    call->deadline_ms = 180000;
    call->plan = &joined->fleet->plan;
    call->nic = -1;
    YW_COPY(call->drill, FLEET_DRILL);
    YW_COPY(call->plan_digest, "digest");
    if (op == YW_VIRT_NETWORK_UP)
        call->network = &joined->fleet->network;
    else if (op != YW_VIRT_SWEEP && op != YW_VIRT_LIST)
        call->machine = &joined->fleet->machines[0];
    return call;
}

static int ask_joined(struct joined *joined, struct yw_virt_call *call)
{
    struct fleet_answer answer = {0};

    call->done = fleet_done;
    call->owner = &answer;
    assert_int_equal(yw_virt_call(joined->virt, call, NULL), 0);
    return fleet_wait(joined->fleet, &answer);
}

static void do_joined(struct joined *joined, enum yw_virt_op op)
{
    struct yw_virt_call *call = joined_call(joined, op);

    assert_int_equal(ask_joined(joined, call), 0);
    free(call->found);
    free(call);
}

static int teardown_joined(void **state)
{
    struct joined *joined = *state;

    do_joined(joined, YW_VIRT_SWEEP);
    for (int host = 1; host <= 2; host++)
        assert_int_not_equal(
            fleet_shell(
                host, "ENTER",
                " sh -c 'ls $YW_FAR1_DATA/libvirt/points $YW_FAR2_DATA/libvirt/"
                "points 2>/dev/null | grep -E \"qcow2|[0-9a-f]{12}.disk|lifted\"'"),
            0);
    yw_virt_close(joined->virt);
    fleet_fini(joined->fleet);
    free(joined->fleet);
    free(joined);
    return 0;
}

/* Bytes of a file in the guest, *new*. */
static char *get_joined(struct joined *joined, const char *path, size_t *ret_size)
{
    struct yw_virt_call *call = joined_call(joined, YW_VIRT_GET);

    YW_COPY(call->path, path);
    assert_int_equal(ask_joined(joined, call), 0);
    char *bytes = call->ret_bytes;

    *ret_size = call->ret_size;
    free(call);
    return bytes;
}

static void carry(struct joined *joined, const char *from, const char *to)
{
    struct yw_virt_call *call;

    YW_COPY(joined->fleet->machines[0].host, to);
    do_joined(joined, YW_VIRT_NETWORK_UP);
    call = joined_call(joined, YW_VIRT_CARRY);
    YW_COPY(call->host, from);
    assert_int_equal(ask_joined(joined, call), 0);
    assert_true(call->bytes > DISK_BYTES);
    free(call);
    call = joined_call(joined, YW_VIRT_MACHINE_UP);
    yw_virt_carried(call->machine->uuid, call->source);
    YW_COPY(call->point, YW_VIRT_CARRY_POINT);
    assert_int_equal(ask_joined(joined, call), 0);
    free(call);
    call = joined_call(joined, YW_VIRT_MACHINE_DOWN);
    YW_COPY(call->host, from);
    assert_int_equal(ask_joined(joined, call), 0);
    free(call);
}

/* Its disk and what stands in memory alone go along, there and back again. The point that
 * it begins from is one of both: a disk that had not come would have none. */
static void test_a_machine_with_a_disk_is_carried(void **state)
{
    static const char mark[] = "written before it left";
    struct joined *joined = *state;
    size_t size = 0;

    do_joined(joined, YW_VIRT_NETWORK_UP);
    do_joined(joined, YW_VIRT_MACHINE_UP);
    assert_true(joined->progress > 0);
    joined->progress = 0;
    struct yw_virt_call *call = joined_call(joined, YW_VIRT_PUT);

    YW_COPY(call->path, "/mark");
    call->file.bytes = mark;
    call->file.size = sizeof(mark);
    assert_int_equal(ask_joined(joined, call), 0);
    free(call);
    carry(joined, "east", "west");
    assert_true(joined->progress > 0); /* the image, to the other host */
    assert_int_equal(fleet_shell(2, "ENTER",
                                 " sh -c 'ls $YW_FAR2_DATA/libvirt/points/golden/"
                                 "carried-*.disk $YW_FAR2_DATA/images/" IMAGE
                                 "/disk.qcow2'"),
                     0); /* what the disk stands on, by its contents */
    joined->progress = 0;
    carry(joined, "west", "east");
    assert_int_equal(joined->progress, 0); /* once by its hash */
    char *kept = get_joined(joined, "/mark", &size);

    assert_int_equal(size, sizeof(mark));
    assert_memory_equal(kept, mark, sizeof(mark));
    free(kept);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_hosts_are_one_range, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_hung_broker_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_with_a_disk_is_carried,
                                        setup_joined, teardown_joined),
    };

    yw_log_setup("range_virt_far", YW_LOG_INFO, false, STDERR_FILENO);
    if (argc > 1 && strcmp(argv[1], "broker") == 0)
        return yw_broker_run(argc - 1, argv + 1);
    assert_int_equal(yw_hash_setup(), 0);
    int status = fleet_check();

    return status ? status : cmocka_run_group_tests_name("virt_far", tests, NULL, NULL);
}
