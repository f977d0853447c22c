/* The in-memory machine's screen: a viewer sees each colour, whatever came first, key or request. */
#include "virt/fake/fake_screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PICTURE (4 + 12 + YW_FAKE_SCREEN_WIDTH * YW_FAKE_SCREEN_HEIGHT * 4)

struct desk {
    struct yw_fake_screen screen;
    uint8_t colour;
    struct yw_buf out;
};

static void say(struct desk *desk, const void *bytes, size_t size)
{
    yw_buf_clear(&desk->out);
    yw_fake_screen_input(&desk->screen, &desk->colour, bytes, size, &desk->out);
}

static void ask(struct desk *desk, uint8_t only_changes)
{
    const uint8_t update[10] = {3, only_changes, 0, 0, 0, 0, 0, 64, 0, 48};

    say(desk, update, sizeof(update));
}

static void press(struct desk *desk, uint8_t key)
{
    const uint8_t down[8] = {4, 1, 0, 0, 0, 0, 0, key};

    say(desk, down, sizeof(down));
}

static void assert_shown(struct desk *desk, uint8_t colour)
{
    assert_int_equal(desk->out.size, PICTURE);
    assert_int_equal((uint8_t)desk->out.data[16], colour);
}

static void greet(struct desk *desk)
{
    *desk = (struct desk){0};
    yw_buf_init(&desk->out, 1 << 20);
    say(desk, "RFB 003.008\n\1\1", 14);
    ask(desk, 0);
    assert_shown(desk, 0);
}

static void test_a_key_before_the_request(void **state)
{
    struct desk desk;
    (void)state;

    greet(&desk);
    press(&desk, 'z');
    assert_int_equal(desk.out.size, 0);
    ask(&desk, 1);
    assert_shown(&desk, 'z');
    ask(&desk, 1);
    assert_int_equal(desk.out.size, 0);
    yw_buf_fini(&desk.out);
}

static void test_a_key_after_the_request(void **state)
{
    struct desk desk;
    (void)state;

    greet(&desk);
    ask(&desk, 1);
    assert_int_equal(desk.out.size, 0);
    press(&desk, 'z');
    yw_fake_screen_show(&desk.screen, desk.colour, &desk.out);
    assert_shown(&desk, 'z');
    yw_buf_clear(&desk.out);
    yw_fake_screen_show(&desk.screen, desk.colour, &desk.out);
    assert_int_equal(desk.out.size, 0);
    yw_buf_fini(&desk.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_before_the_request),
        cmocka_unit_test(test_a_key_after_the_request),
    };

    return cmocka_run_group_tests_name("virt_screen", tests, NULL, NULL);
}
