/* The ring under hundreds of viewers that come, stall, go and come back: what each one got is
 * always one unbroken chain up to the state it has. */
#include "net/ring.h"

#include "base/mem.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define VIEWERS 200
#define PATCHES 5000

struct scene {
    struct yw_ring ring;
    struct yw_cursor viewers[VIEWERS];
    struct yw_random random;
    int64_t seq; /* of the state now */
};

static struct yw_message *patch(int64_t prev, int64_t seq, size_t size)
{
    struct yw_buf text;
    struct yw_message *message;

    yw_buf_init(&text, YW_STREAM_MESSAGE_MAX);
    for (size_t i = 0; i < size; i++)
        yw_buf_put(&text, "x", 1);
    message = yw_message_new(&text, seq, prev);
    yw_buf_fini(&text);
    return message;
}

static void snapshot(struct scene *scene)
{
    if (scene->ring.snapshot == NULL)
        scene->ring.snapshot = patch(-1, scene->seq, 1);
}

/* All that there is for this viewer. */
static void serve(struct scene *scene, struct yw_cursor *viewer)
{
    struct yw_message *message;

    while ((message = yw_ring_next(&scene->ring, viewer)) != NULL) {
        assert_int_equal(message->prev, viewer->seq);
        assert_true(message->seq > viewer->seq);
        yw_cursor_took(viewer, message);
    }
    if (viewer->needs_snapshot) {
        snapshot(scene);
        yw_cursor_jumped(viewer, &scene->ring);
    }
    assert_true(yw_ring_reached(&scene->ring, viewer));
    assert_int_equal(viewer->seq, scene->seq);
}

static void turn(struct scene *scene)
{
    uint64_t what = yw_random_u64(&scene->random) % 100;
    int64_t prev = scene->seq;
    struct yw_cursor *viewer = &scene->viewers[yw_random_u64(&scene->random) % VIEWERS];

    scene->seq += 1 + (int64_t)(what % 3);
    if (what % 5 == 0) { /* a snapshot that is younger than the message to come */
        yw_ring_broke(&scene->ring);
        yw_ring_resume(&scene->ring, viewer, -1);
        snapshot(scene);
        yw_cursor_jumped(viewer, &scene->ring);
    }
    if (what > 1) /* now and then a patch was too large: the chain breaks */
        yw_ring_push(&scene->ring, patch(prev, scene->seq, 1 + (size_t)what));
    else {
        yw_ring_broke(&scene->ring);
        scene->seq++;
        yw_ring_push(&scene->ring, patch(scene->seq - 1, scene->seq, 1));
    }
    for (size_t i = 0; i < VIEWERS; i += 1 + what % 7) /* the others stall */
        serve(scene, &scene->viewers[i]);
    serve(scene, viewer);
    /* another goes and comes back with the state it had, or with one that never was */
    viewer = &scene->viewers[yw_random_u64(&scene->random) % VIEWERS];
    yw_ring_resume(&scene->ring, viewer, what % 2 ? viewer->seq : viewer->seq + 1);
    serve(scene, viewer);
}

static void every_viewer_gets_one_chain(void **state)
{
    struct scene *scene = yw_new(sizeof *scene);

    (void)state;
    yw_ring_init(&scene->ring);
    yw_random_init(&scene->random, 1, "ring");
    for (size_t i = 0; i < VIEWERS; i++)
        yw_ring_resume(&scene->ring, &scene->viewers[i], -1);
    for (int i = 0; i < PATCHES; i++)
        turn(scene);
    for (size_t i = 0; i < VIEWERS; i++)
        serve(scene, &scene->viewers[i]);
    yw_ring_fini(&scene->ring);
    free(scene);
}

/* Who comes back finds his place in the ring, at its end, or nowhere. */
static void who_comes_back_gets_what_he_missed(void **state)
{
    struct yw_ring ring;
    struct yw_cursor cursor;

    (void)state;
    yw_ring_init(&ring);
    for (int64_t seq = 1; seq <= YW_STREAM_RING + 10; seq++)
        yw_ring_push(&ring, patch(seq - 1, seq, 1));
    yw_ring_resume(&ring, &cursor, YW_STREAM_RING + 8);
    assert_int_equal(yw_ring_next(&ring, &cursor)->seq, YW_STREAM_RING + 9);
    yw_ring_resume(&ring, &cursor, YW_STREAM_RING + 10);
    assert_true(yw_ring_reached(&ring, &cursor));
    yw_ring_resume(&ring, &cursor, 10); /* the oldest that is left follows this state */
    assert_int_equal(yw_ring_next(&ring, &cursor)->seq, 11);
    yw_ring_resume(&ring, &cursor, 9);
    assert_true(cursor.needs_snapshot);
    assert_null(yw_ring_next(&ring, &cursor));
    yw_ring_fini(&ring);
}

static void the_ring_holds_no_more_than_its_bytes(void **state)
{
    struct yw_ring ring;

    (void)state;
    yw_ring_init(&ring);
    for (int64_t seq = 1; seq <= 8; seq++) {
        yw_ring_push(&ring, patch(seq - 1, seq, YW_STREAM_RING_BYTES / 3));
        assert_true(ring.bytes <= YW_STREAM_RING_BYTES);
    }
    assert_int_equal(ring.newest - ring.oldest + 1, 3);
    yw_ring_fini(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_viewer_gets_one_chain),
        cmocka_unit_test(who_comes_back_gets_what_he_missed),
        cmocka_unit_test(the_ring_holds_no_more_than_its_bytes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
