/* Recipes of full images: those that are shipped can be built as far as a reader can tell,
 * and what is wrong in one is said with its place. argv[1]: vm-images/full. */
#include "codec/recipe.h"

#include "base/file.h"
#include "base/mem.h"
#include "model/spec.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SHIPPED 7

static const char *folder;

#define GOOD                                                                             \
    "\"version\":1,\"title\":{\"zh\":\"机器\",\"en\":\"A machine\"},\"ram_mib\":256,"  \
    "\"disk_mib\":2048,\"build_mib\":2000"
#define CHECK ",\"check\":[\"true\"]"

static void test_the_shipped_recipes(void **state)
{
    static const char *const names[SHIPPED] = {
        "deb-attacker",  "deb-base",  "deb-corp", "deb-engineering",
        "deb-historian", "deb-opcua", "deb-scada"};

    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        char *path = yw_strf("%s/%s/recipe.json", folder, names[i]), *text = NULL;
        struct yw_recipe recipe;
        struct yw_err err = {0};
        size_t size = 0;

        if (yw_file_read(path, YW_RECIPE_BYTES_MAX, &text, &size, &err) != 0 ||
            yw_recipe_decode(&recipe, text, size, &err) != 0)
            fail_msg("%s: %s", path, err.text);
        assert_true(recipe.build_mib >= 2 * 500); /* the tree, and its disk */
        assert_true(recipe.package_count > 0 || strcmp(names[i], "deb-base") == 0);
        free(text);
        free(path);
    }
}

/* Adding one is one folder; a folder with npm packages has their lock. */
static void test_every_folder_is_whole(void **state)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        static const char *const both[] = {"package.json", "package-lock.json"};
        char *recipe = yw_strf("%s/%s/recipe.json", folder, entry->d_name);
        bool has[2];

        count += access(recipe, F_OK) == 0;
        for (size_t i = 0; i < 2; i++) {
            char *path = yw_strf("%s/%s/%s", folder, entry->d_name, both[i]);

            has[i] = access(path, F_OK) == 0;
            free(path);
        }
        if (has[0] != has[1])
            fail_msg("%s: npm packages without their lock", entry->d_name);
        free(recipe);
    }
    (void)closedir(dir);
    assert_int_equal(count, SHIPPED);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text, *reason; /* NULL: it is taken */
    } cases[] = {
        {"{" GOOD CHECK "}", NULL},
        {"{" GOOD CHECK ",\"packages\":[\"nmap\",\"libstdc++6\"]}", NULL},
        {"{" GOOD "}", "/check: missing"},
        {"{" GOOD CHECK ",\"package\":[]}", "package"},
        {"{" GOOD CHECK ",\"packages\":[\"nmap\",\"nmap\"]}",
         "/packages/1: 'nmap' stands"},
        {"{" GOOD CHECK ",\"packages\":[\"nmap --now\"]}", "/packages/0"},
        {"{" GOOD CHECK ",\"packages\":[\"-o\"]}", "/packages/0"},
        {"{" GOOD CHECK ",\"packages\":[\"\"]}", "/packages/0"},
        {"{" GOOD CHECK ",\"packages\":\"nmap\"}", "/packages"},
        {"{" GOOD CHECK ",\"services\":[\"ssh\"]}", "/services/0"},
        {"{" GOOD CHECK ",\"services\":[\"../x.service\"]}", "/services/0"},
        {"{" GOOD CHECK ",\"services\":[\"ssh.service\",\"x@1.timer\"]}", NULL},
        {"{" GOOD CHECK ",\"setup\":[\"a\\nb\"]}", "/setup/0"},
        {"{" GOOD CHECK ",\"native\":{\"sqlite3\":\"/etc\"}}", "/native"},
        {"{" GOOD CHECK ",\"native\":{\"sqlite3\":\"/usr/../etc\"}}", "/native"},
        {"{" GOOD CHECK ",\"native\":{\"sqlite3\":\"/usr/lib/sqlite3\"}}", NULL},
        {"{\"version\":2,\"title\":{\"zh\":\"x\",\"en\":\"x\"}}", "/version"},
        {"{\"version\":1,\"ram_mib\":127}", "/ram_mib"},
        {"{\"version\":1,\"ram_mib\":16385}", "/ram_mib"},
        {"{\"version\":1,\"ram_mib\":256,\"disk_mib\":511}", "/disk_mib"},
        {"{\"version\":1,\"ram_mib\":256,\"disk_mib\":16385}", "/disk_mib"},
        {"[]", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct yw_recipe recipe;
        struct yw_err err = {0};
        int code = yw_recipe_decode(&recipe, cases[i].text, strlen(cases[i].text), &err);

        if ((code == 0) != (cases[i].reason == NULL))
            fail_msg("%s: %d %s", cases[i].text, code, err.text);
        if (cases[i].reason && !strstr(err.text, cases[i].reason))
            fail_msg("%s: %s", cases[i].text, err.text);
    }
}

static void test_limits(void **state)
{
    struct yw_recipe recipe;
    struct yw_buf text;

    (void)state;
    assert_int_equal(yw_recipe_decode(&recipe, "{", YW_RECIPE_BYTES_MAX + 1, NULL),
                     YW_ELIMIT);
    for (size_t count = YW_RECIPE_LIST_MAX; count <= YW_RECIPE_LIST_MAX + 1; count++) {
        yw_buf_init(&text, YW_RECIPE_BYTES_MAX);
        yw_buf_puts(&text, "{" GOOD CHECK ",\"packages\":[");
        for (size_t i = 0; i < count; i++)
            yw_buf_printf(&text, "%s\"package%zu\"", i > 0 ? "," : "", i);
        yw_buf_puts(&text, "]}");
        assert_int_equal(yw_recipe_decode(&recipe, text.data, text.size, NULL) == 0,
                         count == YW_RECIPE_LIST_MAX);
        yw_buf_fini(&text);
    }
    char word[YW_RECIPE_WORD_MAX + 1];

    memset(word, 'x', sizeof word - 1);
    for (size_t size = YW_RECIPE_WORD_MAX - 1; size <= YW_RECIPE_WORD_MAX; size++) {
        yw_buf_init(&text, YW_RECIPE_BYTES_MAX);
        yw_buf_printf(&text, "{" GOOD ",\"check\":[\"%.*s\"]}", (int)size, word);
        assert_int_equal(yw_recipe_decode(&recipe, text.data, text.size, NULL) == 0,
                         size < YW_RECIPE_WORD_MAX);
        yw_buf_fini(&text);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shipped_recipes),
        cmocka_unit_test(test_every_folder_is_whole),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_limits),
    };

    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
