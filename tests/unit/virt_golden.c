/* Golden machines on disk: kept, found, refused when damaged, replaced when an input
 * changed; and memory that nobody can write to. */
#include "base/folder.h"
#include "base/mem.h"
#include "virt/machine/golden.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MEMORY_SIZE (3 * 1024 * 1024 + 4096)

struct bench {
    struct yw_embed_root root;
    struct yw_plan_machine machine;
    struct yw_domain_shape shape;
    char kernel[400];
};

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    static const char bridges[1][YW_PLAN_BRIDGE_MAX] = {""};

    YW_COPY(bench->root.state, "/tmp/yw-golden-XXXXXX");
    assert_non_null(mkdtemp(bench->root.state));
    (void)snprintf(bench->kernel, sizeof(bench->kernel), "%s/kernel", bench->root.state);
    write_text(bench->kernel, "kernel one");
    YW_COPY(bench->machine.domain, "yw-golden");
    YW_COPY(bench->machine.uuid, "4ad1b6f8-0000-8000-8000-00000000000a");
    bench->machine.ram_mib = 96;
    bench->machine.nic_count = 1;
    bench->shape.machine = &bench->machine;
    bench->shape.bridges = bridges;
    bench->shape.drill = YW_GOLDEN_DRILL;
    bench->shape.plan_digest = "none";
    bench->shape.kernel = bench->kernel;
    bench->shape.initrd = bench->kernel;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    yw_folder_remove(bench->root.state);
    free(bench);
    return 0;
}

static void key_of(struct bench *bench, enum yw_virt_how way, struct yw_golden_key *ret)
{
    struct yw_err err;

    assert_int_equal(yw_golden_key_make(&bench->shape, way, "9.0.0 7.2.0", ret, &err), 0);
}

/* A golden machine as a build leaves it: a megabyte of memory, a hole, a page. */
static void keep(struct bench *bench, const struct yw_golden_key *key)
{
    char draft[YW_GOLDEN_PATH_MAX], path[YW_GOLDEN_PATH_MAX + 16];
    char *some = yw_new(1024 * 1024);
    struct yw_err err;
    int fd = -1;

    memset(some, 'm', 1024 * 1024);
    assert_int_equal(yw_golden_draft(&bench->root, key, draft, &err), 0);
    assert_int_equal(yw_golden_memory_new(MEMORY_SIZE, &fd, &err), 0);
    assert_int_equal(pwrite(fd, some, 1024 * 1024, 0), 1024 * 1024);
    assert_int_equal(pwrite(fd, some, 4096, MEMORY_SIZE - 4096), 4096);
    (void)snprintf(path, sizeof(path), "%s/memory", draft);
    assert_int_equal(yw_golden_memory_write(fd, MEMORY_SIZE, path, &err), 0);
    (void)close(fd);
    (void)snprintf(path, sizeof(path), "%s/state", draft);
    write_text(path, "device state");
    (void)snprintf(path, sizeof(path), "%s/image", draft);
    write_text(path, "save image");
    assert_int_equal(yw_golden_keep(&bench->root, key, &err), 0);
    free(some);
}

static int load(struct bench *bench, const struct yw_golden_key *key,
                struct yw_golden **ret)
{
    struct yw_err err;

    *ret = NULL;
    return yw_golden_load(&bench->root, key, ret, &err);
}

static void part_path(struct bench *bench, const struct yw_golden_key *key,
                      const char *part, char path[YW_GOLDEN_PATH_MAX])
{
    (void)snprintf(path, YW_GOLDEN_PATH_MAX, "%s/golden/%s/%s", bench->root.state,
                   key->hash, part);
}

static int count(struct bench *bench)
{
    char path[400];
    int found = 0;

    (void)snprintf(path, sizeof(path), "%s/golden", bench->root.state);
    DIR *dir = opendir(path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        found += entry->d_name[0] != '.';
    if (dir)
        (void)closedir(dir);
    return found;
}

static void test_memory_comes_back_and_is_sealed(void **state)
{
    struct bench *bench = *state;
    struct yw_golden_key key = {0};
    struct yw_golden *golden;
    char path[64], byte = 'x';
    struct stat seen;

    key_of(bench, YW_VIRT_HOW_SHARED, &key);
    assert_int_equal(load(bench, &key, &golden), YW_ENOTFOUND);
    keep(bench, &key);
    assert_int_equal(load(bench, &key, &golden), 0);
    assert_int_equal(pread(golden->memory_fd, &byte, 1, 1024 * 1024 - 1), 1);
    assert_int_equal(byte, 'm');
    assert_int_equal(pread(golden->memory_fd, &byte, 1, 1024 * 1024), 1);
    assert_int_equal(byte, 0);
    assert_int_equal(pread(golden->memory_fd, &byte, 1, MEMORY_SIZE - 1), 1);
    assert_int_equal(byte, 'm');
    assert_int_equal(fstat(golden->memory_fd, &seen), 0);
    assert_int_equal(seen.st_size, MEMORY_SIZE);
    assert_true(seen.st_blocks * 512 < 2 * 1024 * 1024); /* the hole takes nothing */
    /* as QEMU opens it: for writing, which must not lead to a write */
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", golden->memory_fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "y", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
                     MAP_FAILED);
    assert_int_equal(ftruncate(fd, 0), -1);
    char *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

    assert_ptr_not_equal(own, MAP_FAILED);
    own[0] = 'z';
    assert_int_equal(pread(golden->memory_fd, &byte, 1, 0), 1);
    assert_int_equal(byte, 'm');
    (void)munmap(own, 4096);
    (void)close(fd);
    yw_golden_free(golden);
}

static void damage(struct bench *bench, enum yw_virt_how way, const char *part, bool cut)
{
    struct yw_golden_key key = {0};
    struct yw_golden *golden;
    char path[YW_GOLDEN_PATH_MAX];

    key_of(bench, way, &key);
    keep(bench, &key);
    part_path(bench, &key, part, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    if (cut)
        assert_int_equal(ftruncate(fd, 7), 0);
    else
        assert_int_equal(pwrite(fd, "!", 1, 5), 1);
    (void)close(fd);
    assert_int_equal(load(bench, &key, &golden), YW_ECORRUPT);
    assert_int_equal(load(bench, &key, &golden), YW_ENOTFOUND);
    assert_int_equal(count(bench), 0);
}

static void test_damage_is_found_and_removed(void **state)
{
    static const char *const shared[] = {"memory", "state", "golden"};

    for (size_t i = 0; i < 3; i++) {
        damage(*state, YW_VIRT_HOW_SHARED, shared[i], true);
        damage(*state, YW_VIRT_HOW_SHARED, shared[i], false);
    }
    damage(*state, YW_VIRT_HOW_SAVED, "image", true);
    damage(*state, YW_VIRT_HOW_SAVED, "image", false);
}

static void test_another_input_is_another_golden(void **state)
{
    struct bench *bench = *state;
    struct yw_golden_key first = {0}, other = {0}, saved = {0};
    struct yw_golden *golden;

    key_of(bench, YW_VIRT_HOW_SHARED, &first);
    key_of(bench, YW_VIRT_HOW_SAVED, &saved);
    keep(bench, &first);
    keep(bench, &saved); /* of another slot: both stay */
    assert_int_equal(count(bench), 2);
    write_text(bench->kernel, "kernel two");
    key_of(bench, YW_VIRT_HOW_SHARED, &other);
    assert_string_not_equal(first.hash, other.hash);
    assert_string_equal(first.slot, other.slot);
    assert_int_equal(load(bench, &other, &golden), YW_ENOTFOUND);
    keep(bench, &other);
    assert_int_equal(load(bench, &first, &golden), YW_ENOTFOUND);
    assert_int_equal(load(bench, &saved, &golden), 0);
    yw_golden_free(golden);
    bench->machine.nic_count = 0;
    key_of(bench, YW_VIRT_HOW_SHARED, &first);
    assert_string_not_equal(first.hash, other.hash);
    bench->machine.nic_count = 1;
    bench->shape.kvm = true;
    key_of(bench, YW_VIRT_HOW_SHARED, &first);
    assert_string_not_equal(first.hash, other.hash);
    keep(bench, &first); /* the host is another one: nothing old is of use */
    assert_int_equal(count(bench), 1);
}

static void test_drafts_go_with_their_builder(void **state)
{
    struct bench *bench = *state;
    char draft[YW_GOLDEN_PATH_MAX], path[YW_GOLDEN_PATH_MAX + 16];
    struct yw_golden_key key = {0};
    struct yw_golden *golden;
    struct yw_err err;

    key_of(bench, YW_VIRT_HOW_SHARED, &key);
    assert_int_equal(yw_golden_draft(&bench->root, &key, draft, &err), 0);
    (void)snprintf(path, sizeof(path), "%s/memory", draft);
    write_text(path, "half of it");
    assert_int_equal(yw_golden_draft(&bench->root, &key, draft, &err), 0);
    assert_int_equal(access(path, F_OK), -1);
    write_text(path, "half of it");
    assert_int_equal(load(bench, &key, &golden), YW_ENOTFOUND);
    assert_int_equal(yw_golden_keep(&bench->root, &key, &err), YW_EIO); /* no state */
    assert_int_equal(load(bench, &key, &golden), YW_ENOTFOUND);
    assert_int_equal(count(bench), 1);
    yw_golden_sweep(&bench->root);
    assert_int_equal(count(bench), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_memory_comes_back_and_is_sealed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_damage_is_found_and_removed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_another_input_is_another_golden, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_drafts_go_with_their_builder, setup,
                                        teardown),
    };

    assert_int_equal(yw_hash_setup(), 0);
    return cmocka_run_group_tests_name("virt_golden", tests, NULL, NULL);
}
