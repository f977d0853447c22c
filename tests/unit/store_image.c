/* The registry and its quarantine: what may be brought in is, byte for byte what it held;
 * a corpus of files that are made to do harm is refused, each for its reason, with
 * nothing left behind. */
#include "base/folder.h"
#include "base/mem.h"
#include "model/spec.h"
#include "store/disk_format.h"
#include "store/image.h"
#include "store/quarantine.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "root:secret-of-the-host:1:0:99999:7:::\n"
#define MIB (1024 * 1024)

struct bench {
    char dir[64];
    char data[80];
    char file[128]; /* that is brought in */
};

static int set_up(void **state)
{
    struct bench *bench = yw_new(sizeof *bench);

    YW_COPY(bench->dir, "/tmp/yw-image-XXXXXX");
    assert_non_null(mkdtemp(bench->dir));
    (void)snprintf(bench->data, sizeof bench->data, "%s/data", bench->dir);
    (void)snprintf(bench->file, sizeof bench->file, "%s/in", bench->dir);
    assert_int_equal(mkdir(bench->data, 0755), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    yw_folder_remove(bench->dir);
    free(bench);
    return 0;
}

static bool has_program(void)
{
    return access("/usr/bin/qemu-img", X_OK) == 0;
}

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *fmt, ...)
{
    char line[1024];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (system(line) != 0) /* the test's own files, by the tool that made real ones */
        fail_msg("%s", line);
}

static int bring_in(const struct bench *bench, const char *format, struct yw_image *ret,
                    struct yw_err *err)
{
    struct yw_image_order order = {.file = bench->file,
                                   .id = "debian",
                                   .format = format,
                                   .title = "Debian 12",
                                   .added_by = "tester",
                                   .now_us = 1795248000000000};

    return yw_image_add(bench->data, &order, ret, err);
}

static size_t entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (dir)
        (void)closedir(dir);
    return count;
}

static void expect_refused(const struct bench *bench, const char *format,
                           const char *reason)
{
    char images[128];
    struct yw_image image;
    struct yw_err err = {0};
    int code = bring_in(bench, format, &image, &err);

    if (code == 0)
        fail_msg("taken, although: %s", reason);
    if (strstr(err.text, reason) == NULL)
        fail_msg("refused, but not for '%s': %s", reason, err.text);
    (void)snprintf(images, sizeof images, "%s/images", bench->data);
    assert_int_equal(entries(images), 0);
    (void)unlink(bench->file);
}

static void test_a_plain_disk_is_taken(void **state)
{
    const struct bench *bench = *state;
    struct yw_image image, found;
    struct yw_err err = {0};
    char path[YW_IMAGE_PATH_MAX];
    struct stat info;

    if (!has_program())
        skip();
    shell("head -c 3145728 /dev/urandom > %s/raw; "
          "qemu-img convert -f raw -O qcow2 -c %s/raw %s",
          bench->dir, bench->dir, bench->file);
    int code = bring_in(bench, "qcow2", &image, &err);

    if (code != 0)
        fail_msg("%s", err.text);
    assert_int_equal(image.virtual_bytes, 3 * MIB);
    assert_string_equal(image.origin, "in");
    assert_int_equal(yw_image_find(bench->data, "debian", &found, path, &err), 0);
    assert_memory_equal(&image, &found, sizeof image);
    /* Ours alone: nobody may write to it, and what it holds is what came. */
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0444);
    assert_int_equal(info.st_uid, geteuid());
    shell("qemu-img convert -f qcow2 -O raw %s %s/again && cmp %s/raw %s/again", path,
          bench->dir, bench->dir, bench->dir);
    shell("test \"$(sha256sum < %s | cut -d' ' -f1)\" = %s", path, found.sha256);
    shell("test \"$(b2sum -l 256 < %s | cut -d' ' -f1)\" = %s", path, found.blake2b);
    assert_int_equal(yw_image_verify(bench->data, "debian", &err), 0);
    assert_int_equal(bring_in(bench, "qcow2", &image, &err), YW_EEXIST);
    /* A changed byte is found. */
    shell("chmod u+w %s; printf x | dd of=%s bs=1 seek=70000 conv=notrunc status=none",
          path, path);
    assert_int_equal(yw_image_verify(bench->data, "debian", &err), YW_ECORRUPT);
    assert_int_equal(yw_image_remove(bench->data, "debian", &err), 0);
    assert_int_equal(yw_image_find(bench->data, "debian", &found, path, &err),
                     YW_ENOTFOUND);
}

static void test_a_raw_disk_is_taken(void **state)
{
    const struct bench *bench = *state;
    struct yw_image image;
    struct yw_err err = {0};

    if (!has_program())
        skip();
    shell("head -c 1048576 /dev/urandom > %s", bench->file);
    int code = bring_in(bench, "raw", &image, &err);

    if (code != 0)
        fail_msg("%s", err.text);
    assert_int_equal(image.virtual_bytes, MIB);
    assert_int_equal(yw_image_remove(bench->data, "debian", &err), 0);
}

/* Whatever it points to, nothing is read from there. */
static void test_other_files(void **state)
{
    const struct bench *bench = *state;

    if (!has_program())
        skip();
    shell("printf '%s' > %s/secret", SECRET, bench->dir);
    shell("truncate -s 1M %s/base; "
          "qemu-img create -q -f qcow2 -b %s/base -F raw %s",
          bench->dir, bench->dir, bench->file);
    expect_refused(bench, "qcow2", "backing file");
    /* The same, with the host's own secrets named in the header only. */
    shell(
        "qemu-img create -q -f qcow2 %s 1M; qemu-img rebase -u -b /etc/shadow -F raw -f "
        "qcow2 %s",
        bench->file, bench->file);
    expect_refused(bench, "qcow2", "backing file");
    shell("qemu-img create -q -f qcow2 -o data_file=%s/secret,data_file_raw=on %s 1M",
          bench->dir, bench->file);
    expect_refused(bench, "qcow2", "data file");
    shell("qemu-img create -q -f qcow2 -o data_file=%s/other %s 1M; rm %s/other",
          bench->dir, bench->file, bench->dir);
    expect_refused(bench, "qcow2", "data file");
}

static void test_what_is_not_plain(void **state)
{
    const struct bench *bench = *state;

    if (!has_program())
        skip();
    shell("qemu-img create -q -f qcow2 --object secret,id=s,data=x -o "
          "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 %s 1M",
          bench->file);
    expect_refused(bench, "qcow2", "encrypted");
    shell("qemu-img create -q -f qcow2 -o extended_l2=on %s 1M", bench->file);
    expect_refused(bench, "qcow2", "not a plain image");
    shell("qemu-img create -q -f qcow2 %s 1M; qemu-img snapshot -c one %s", bench->file,
          bench->file);
    expect_refused(bench, "qcow2", "snapshots");
    shell("qemu-img create -q -f qcow2 %s 1M; qemu-img bitmap --add %s b", bench->file,
          bench->file);
    expect_refused(bench, "qcow2", "bitmaps");
    shell("qemu-img create -q -f qcow2 %s 65G", bench->file);
    expect_refused(bench, "qcow2", "at most 68719476736");
    shell("qemu-img create -q -f qcow2 %s 8191P 2>/dev/null || true; test -s %s || "
          "head -c 100 /dev/zero > %s",
          bench->file, bench->file, bench->file);
    expect_refused(bench, "qcow2", "");
    shell("qemu-img create -q -f vmdk %s 1M", bench->file);
    expect_refused(bench, "qcow2", "no qcow2");
}

static void test_what_is_broken(void **state)
{
    const struct bench *bench = *state;

    if (!has_program())
        skip();
    shell("qemu-img create -q -f qcow2 %s/whole 4M; head -c 70 %s/whole > %s", bench->dir,
          bench->dir, bench->file);
    expect_refused(bench, "qcow2", "cut off");
    shell("head -c 100 %s/whole > %s", bench->dir, bench->file);
    expect_refused(bench, "qcow2", "cut off");
    shell("head -c 200 %s/whole > %s", bench->dir, bench->file);
    expect_refused(bench, "qcow2", "longer than the file");
    /* A table of sizes that nothing has: found by the program in its cage. */
    shell("cp %s/whole %s; printf '\\377' | dd of=%s bs=1 seek=36 conv=notrunc "
          "status=none",
          bench->dir, bench->file, bench->file);
    expect_refused(bench, "qcow2", "qemu-img refuses it");
    shell(": > %s", bench->file);
    expect_refused(bench, "qcow2", "no qcow2");
    shell(": > %s", bench->file);
    expect_refused(bench, "raw", "no whole sectors");
}

/* A raw disk that is something else to whoever guesses. */
static void test_raw_in_disguise(void **state)
{
    const struct bench *bench = *state;

    if (!has_program())
        skip();
    shell("qemu-img create -q -f qcow2 %s 1M; truncate -s 1M %s", bench->file,
          bench->file);
    expect_refused(bench, "raw", "begins as qcow2");
    shell("printf '\\177ELF' > %s; truncate -s 1M %s", bench->file, bench->file);
    expect_refused(bench, "raw", "begins as ELF");
    shell("printf '070701' > %s; truncate -s 1M %s", bench->file, bench->file);
    expect_refused(bench, "raw", "begins as cpio");
    shell("head -c 700 /dev/zero > %s", bench->file);
    expect_refused(bench, "raw", "no whole sectors");
    shell("truncate -s 1M %s", bench->file);
    expect_refused(bench, "vmdk", "qcow2 or raw");
}

static void test_no_plain_file(void **state)
{
    const struct bench *bench = *state;

    assert_int_equal(symlink("/etc/passwd", bench->file), 0);
    expect_refused(bench, "raw", "not a plain file");
    assert_int_equal(mkfifo(bench->file, 0600), 0);
    expect_refused(bench, "raw", "not a plain file");
    assert_int_equal(symlink("/dev/zero", bench->file), 0);
    expect_refused(bench, "raw", "not a plain file");
    expect_refused(bench, "raw", "No such file");
    assert_int_equal(mkdir(bench->file, 0700), 0);
    struct yw_image image;
    struct yw_err err = {0};

    assert_int_equal(bring_in(bench, "raw", &image, &err), YW_EINVAL);
    (void)rmdir(bench->file);
    struct yw_image_order order = {
        .file = "/dev/zero", .id = "zero", .format = "raw", .added_by = "t"};

    assert_int_equal(yw_image_add(bench->data, &order, &image, &err), YW_EINVAL);
    order.file = "/dev/tty";
    assert_true(yw_image_add(bench->data, &order, &image, &err) < 0);
}

/* Sparse, so that the file above the limit costs nothing; it is refused by its size. */
static void test_too_large(void **state)
{
    const struct bench *bench = *state;
    int fd = open(bench->file, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, YW_DISK_FILE_MAX + 512), 0);
    (void)close(fd);
    expect_refused(bench, "raw", "at most 17179869184");
}

static void test_names(void **state)
{
    const struct bench *bench = *state;
    static const char *const bad[] = {"", "../up", "Upper", "a/b", ".new-x", "-x"};
    struct yw_image image;
    struct yw_err err = {0};
    struct yw_image_order order = {.file = bench->file, .format = "raw", .added_by = "t"};

    shell("head -c 512 /dev/zero > %s", bench->file);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        order.id = bad[i];
        assert_int_equal(yw_image_add(bench->data, &order, &image, &err), YW_EINVAL);
        assert_true(yw_image_find(bench->data, bad[i], &image, NULL, &err) < 0);
    }
    order.id = "plc";
    assert_int_equal(yw_image_add(bench->data, &order, &image, &err), YW_EEXIST);
    (void)unlink(bench->file);
}

static void test_scenarios_name_what_is_there(void **state)
{
    const struct bench *bench = *state;
    struct yw_spec *spec = yw_spec_new();
    struct yw_err err = {0};

    spec->machine_count = 1;
    spec->machines[0].line = 7;
    YW_COPY(spec->machines[0].name, "plc1");
    YW_COPY(spec->machines[0].image, "plc");
    assert_int_equal(yw_image_check_spec(bench->data, NULL, spec, &err), 0);
    YW_COPY(spec->machines[0].image, "plcc");
    assert_int_equal(yw_image_check_spec(bench->data, NULL, spec, &err), YW_EINVAL);
    assert_string_equal(err.text, "scenario.lua:7: machine 'plc1': no image 'plcc' is "
                                  "registered; did you mean 'plc'?");
    if (has_program()) {
        struct yw_image image;

        shell("head -c 512 /dev/zero > %s", bench->file);
        YW_COPY(spec->machines[0].image, "debian");
        assert_int_equal(yw_image_check_spec(bench->data, NULL, spec, &err), YW_EINVAL);
        assert_int_equal(bring_in(bench, "raw", &image, &err), 0);
        assert_int_equal(yw_image_check_spec(bench->data, NULL, spec, &err), 0);
        assert_int_equal(image.ram_mib, 0);
        assert_string_equal(image.recipe, "");
        assert_int_equal(yw_image_remove(bench->data, "debian", &err), 0);
        (void)unlink(bench->file);
    }
    yw_spec_free(spec);
}

/* What will be built counts as there; its machines have the memory that it needs. */
static void test_images_that_will_be(void **state)
{
    const struct bench *bench = *state;
    struct yw_spec *spec = yw_spec_new();
    struct yw_image image = {.id = "deb-scada", .ram_mib = 512};
    struct yw_err err = {0};
    struct yw_vec more;

    yw_vec_init(&more, sizeof image, 1);
    (void)yw_vec_push(&more, &image);
    spec->machine_count = 1;
    spec->machines[0].line = 7;
    YW_COPY(spec->machines[0].name, "scada");
    YW_COPY(spec->machines[0].image, "deb-scada");
    assert_int_equal(yw_image_check_spec(bench->data, NULL, spec, &err), YW_EINVAL);
    assert_int_equal(yw_image_check_spec(bench->data, &more, spec, &err), YW_EINVAL);
    assert_string_equal(err.text,
                        "scenario.lua:7: machine 'scada': image 'deb-scada' needs 512 MiB, "
                        "and it has 256: say ram_mib = 512");
    spec->machines[0].ram_mib = 511;
    assert_int_equal(yw_image_check_spec(bench->data, &more, spec, &err), YW_EINVAL);
    spec->machines[0].ram_mib = 512;
    assert_int_equal(yw_image_check_spec(bench->data, &more, spec, &err), 0);
    yw_vec_fini(&more);
    yw_spec_free(spec);
}

/* A manifest of an earlier release has no word of memory, recipe and agent. */
static void test_an_older_manifest(void **state)
{
    static const char text[] =
        "{\"added_by\":\"t\",\"added_us\":1,\"blake2b\":\"\",\"id\":\"debian\",\"kind\":\"full\","
        "\"origin\":\"\",\"sha256\":\"\",\"size_bytes\":1,\"title\":\"\",\"virtual_bytes\":1}";
    struct yw_image image;
    struct yw_err err = {0};

    (void)state;
    assert_int_equal(yw_image_decode(&image, text, strlen(text), &err), 0);
    assert_int_equal(image.ram_mib, 0);
    assert_string_equal(image.recipe, "");
    assert_string_equal(image.agent, "yanwu");
}

/* Who speaks for its machines is written down, and only what is known is read back. */
static void test_the_agent_of_an_image(void **state)
{
    static const char *const names[] = {"yanwu", "qemu-ga", "none"};
    struct yw_image image = {.id = "brought", .kind = "full"}, back;
    enum yw_image_agent agent;
    struct yw_err err = {0};
    struct yw_buf text;

    (void)state;
    yw_buf_init(&text, YW_IMAGE_MANIFEST_MAX);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(yw_image_agent_parse(names[i], &agent, &err), 0);
        YW_COPY(image.agent, yw_image_agent_name(agent));
        yw_buf_clear(&text);
        yw_image_encode(&text, &image);
        assert_int_equal(yw_image_decode(&back, text.data, text.size, &err), 0);
        assert_string_equal(back.agent, names[i]);
    }
    YW_COPY(image.agent, "qga");
    yw_buf_clear(&text);
    yw_image_encode(&text, &image);
    assert_int_equal(yw_image_decode(&back, text.data, text.size, &err), YW_EINVAL);
    assert_non_null(strstr(err.text, "expected 'yanwu', 'qemu-ga' or 'none'; got 'qga'"));
    yw_buf_fini(&text);
}

static void test_memory_of_an_order(void **state)
{
    static const int bad[] = {YW_SPEC_RAM_MIN_MIB - 1, YW_SPEC_RAM_MAX_MIB + 1, -1};
    const struct bench *bench = *state;
    struct yw_image_order order = {
        .file = bench->file, .id = "x", .format = "raw", .added_by = "t"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct yw_image image;
        struct yw_err err = {0};

        order.ram_mib = bad[i];
        assert_int_equal(yw_image_add(bench->data, &order, &image, &err), YW_EINVAL);
        assert_string_equal(err.text, "memory: 128 to 16384 MiB");
    }
}

/* What a newer qemu-img may tell is refused as long as nobody has looked at it. */
static void test_what_is_told(void **state)
{
    static const struct {
        const char *text;
        const char *reason; /* NULL: it may pass */
    } cases[] = {
        {"{\"virtual-size\":512,\"format\":\"raw\",\"filename\":\"x\"}", NULL},
        {"{\"virtual-size\":512,\"format\":\"qcow2\",\"filename\":\"x\"}", "format raw"},
        {"{\"virtual-size\":512,\"filename\":\"x\"}", "not told"},
        {"{\"virtual-size\":512,\"format\":\"raw\",\"backing-filename\":\"y\"}",
         "another file"},
        {"{\"virtual-size\":512,\"format\":\"raw\",\"encrypted\":true}", "encrypted"},
        {"{\"virtual-size\":512,\"format\":\"raw\",\"newer\":1}", "not known: newer"},
        {"{\"virtual-size\":512,\"format\":\"raw\",\"dirty-flag\":true}", "cleanly"},
        {"{\"virtual-size\":0,\"format\":\"raw\"}", "virtual-size"},
        {"{\"virtual-size\":512,\"format\":\"raw\",\"format-specific\":{\"data\":"
         "{\"data-file\":\"/x\"}}}",
         "another file"},
        {"{\"virtual-size\":512,\"format\":\"raw\",\"format-specific\":{\"data\":"
         "{\"corrupt\":true}}}",
         "plain image"},
        {"[]", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct yw_err err = {0};
        int64_t size = 0;
        int code =
            yw_image_info_check(cases[i].text, strlen(cases[i].text), "raw", &size, &err);

        assert_int_equal(code == 0, cases[i].reason == NULL);
        if (cases[i].reason && !strstr(err.text, cases[i].reason))
            fail_msg("%s: %s", cases[i].text, err.text);
    }
    int64_t size = 0;

    assert_int_equal(yw_image_info_check("{", YW_IMAGE_INFO_MAX + 1, "raw", &size, NULL),
                     YW_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plain_disk_is_taken),
        cmocka_unit_test(test_a_raw_disk_is_taken),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_what_is_not_plain),
        cmocka_unit_test(test_what_is_broken),
        cmocka_unit_test(test_raw_in_disguise),
        cmocka_unit_test(test_no_plain_file),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_scenarios_name_what_is_there),
        cmocka_unit_test(test_memory_of_an_order),
        cmocka_unit_test(test_an_older_manifest),
        cmocka_unit_test(test_the_agent_of_an_image),
        cmocka_unit_test(test_images_that_will_be),
        cmocka_unit_test(test_what_is_told),
    };

    return yw_hash_setup() < 0 ? 1 : cmocka_run_group_tests(tests, set_up, tear_down);
}
