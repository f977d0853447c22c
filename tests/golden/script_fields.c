/* scenarios/fields.md and its Chinese twin are what the registry of fields says, attacks.md and its
 * twin what the attack kit says. */
#include "model/kit.h"
#include "script/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MAX (256 * 1024)

struct page {
    const char *lang;
    const char *path;
    const char *title;
    void (*describe)(struct yw_buf *out, const char *lang);
};

static const struct page pages[] = {
    {"en", "scenarios/fields.md",
     "# Fields of the scenario language\n\nMade from the registry in "
     "`orchestrator/script/declare.c`; a test compares.\n\n",
     yw_script_describe},
    {"zh-CN", "scenarios/fields.zh-CN.md",
     "# 情景语言的字段\n\n由 `orchestrator/script/declare.c` "
     "中的登记表生成，测试负责比对。\n\n",
     yw_script_describe},
    {"en", "scenarios/attacks.md",
     "# The attack kit\n\nMade from the table in `orchestrator/model/kit.c`; a test "
     "compares. `yanwu attack list` shows it too. Ids are those of ATT&CK for ICS 18.1; "
     "[techniques.json](techniques.json) knows their successors.\n\n",
     yw_kit_describe},
    {"zh-CN", "scenarios/attacks.zh-CN.md",
     "# 攻击动作库\n\n由 `orchestrator/model/kit.c` 中的表生成，测试负责比对；"
     "`yanwu attack list` 也可查看。编号取自 ATT&CK for ICS 18.1，"
     "[techniques.json](techniques.json) 记有后续编号。\n\n",
     yw_kit_describe},
};

static void compare(const struct page *page)
{
    struct yw_buf out;
    yw_buf_init(&out, PAGE_MAX);
    yw_buf_puts(&out, page->title);
    page->describe(&out, page->lang);
    assert_false(out.overflow);
    if (getenv("YW_GOLDEN_UPDATE") != NULL) {
        FILE *file = fopen(page->path, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(out.data, 1, out.size, file), out.size);
        assert_int_equal(fclose(file), 0);
    }
    char *stored = calloc(1, PAGE_MAX);
    assert_non_null(stored);
    FILE *file = fopen(page->path, "re");
    assert_non_null(file);
    size_t size = fread(stored, 1, PAGE_MAX - 1, file);
    fclose(file);
    assert_int_equal(size, out.size);
    assert_string_equal(stored, out.data);
    free(stored);
    yw_buf_fini(&out);
}

static void pages_say_what_the_registry_says(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        compare(&pages[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_say_what_the_registry_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
