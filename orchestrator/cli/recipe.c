#include "cli/recipe.h"

#include "base/file.h"
#include "base/mem.h"
#include "codec/write.h"
#include "store/image.h"
#include "store/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define BUILDER "build-full"

static int read_one(const struct yw_cli *cli, const char *name, struct yw_recipe *ret,
                    struct yw_err *err)
{
    char *path = yw_strf("%s/full/%s/recipe.json", cli->recipes_dir, name);
    char *text = NULL;
    size_t size = 0;
    int code = yw_file_read(path, YW_RECIPE_BYTES_MAX, &text, &size, err);

    if (code == 0)
        code = yw_recipe_decode(ret, text, size, err);
    if (code == 0)
        YW_COPY(ret->name, name);
    else
        (void)yw_err_prefix(err, "recipe '%s'", name);
    free(text);
    free(path);
    return code;
}

/* Beside the recipes there is what all of them share. */
static bool exists(const struct yw_cli *cli, const char *name)
{
    char *path = yw_strf("%s/full/%s/recipe.json", cli->recipes_dir, name);
    bool found = access(path, F_OK) == 0;

    free(path);
    return found;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct yw_recipe *)a)->name,
                  ((const struct yw_recipe *)b)->name);
}

int yw_recipe_list(const struct yw_cli *cli, struct yw_vec *list, struct yw_err *err)
{
    char *path = yw_strf("%s/full", cli->recipes_dir);
    DIR *dir = opendir(path);
    int code = 0;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && code == 0;
         entry = readdir(dir)) {
        struct yw_recipe recipe;

        if (!yw_name_valid(entry->d_name) || !exists(cli, entry->d_name))
            continue;
        code = read_one(cli, entry->d_name, &recipe, err);
        if (code == 0 && yw_vec_push(list, &recipe) == NULL)
            code = yw_err_set(err, YW_ELIMIT, "%s: more than %d recipes", path,
                              YW_RECIPES_MAX);
    }
    if (dir)
        (void)closedir(dir);
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(struct yw_recipe), compare);
    free(path);
    return code;
}

int yw_recipe_check_spec(const struct yw_cli *cli, const struct yw_spec *spec,
                         struct yw_err *err)
{
    struct yw_vec recipes, images;

    yw_vec_init(&recipes, sizeof(struct yw_recipe), YW_RECIPES_MAX);
    yw_vec_init(&images, sizeof(struct yw_image), YW_RECIPES_MAX);
    int code = yw_recipe_list(cli, &recipes, err);

    for (size_t i = 0; i < recipes.count; i++) {
        const struct yw_recipe *recipe = yw_vec_at(&recipes, i);
        struct yw_image image = {.ram_mib = (int)recipe->ram_mib};

        YW_COPY(image.id, recipe->name);
        (void)yw_vec_push(&images, &image);
    }
    if (code == 0)
        code = yw_image_check_spec(cli->data_dir, &images, spec, err);
    yw_vec_fini(&recipes);
    yw_vec_fini(&images);
    return code;
}

/* ---- the builder, a child ---- */

struct builder {
    const struct yw_cli *cli;
    const char *name;
    bool wants_key; /* it prints that, and ends */
    char key[YW_HASH_TEXT_SIZE];
    char last[LINE_MAX_BYTES]; /* line of its own, "images: NAME: WHY" */
};

static void become(const struct builder *builder, int fd)
{
    char *path = yw_strf("%s/" BUILDER, builder->cli->recipes_dir);

    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
    (void)execl(path, path, builder->cli->images_dir, builder->name,
                builder->wants_key ? "--key" : (char *)NULL, (char *)NULL);
    (void)fprintf(stderr, "images: %s: %s: %s\n", builder->name, path, strerror(errno));
    _exit(1);
}

static void tell(const struct builder *builder, int number, int steps, const char *says)
{
    struct yw_writer writer;
    struct yw_buf out;

    if (!builder->cli->json) {
        yw_cli_say("  [%d/%d] %s", number, steps, says);
        return;
    }
    yw_buf_init(&out, 4 * LINE_MAX_BYTES);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "image", builder->name);
    yw_write_string(&writer, "says", says);
    yw_write_int(&writer, "step", number);
    yw_write_int(&writer, "steps", steps);
    yw_write_end(&writer, '}');
    puts(out.data);
    (void)fflush(stdout);
    yw_buf_fini(&out);
}

/* "images: [2/7] unpacking …" is progress; of the rest, the last is what went wrong. */
static void take_line(struct builder *builder, char *line)
{
    int number = 0, steps = 0, at = 0;

    line[strcspn(line, "\r\n")] = '\0';
    if (!yw_utf8_valid(line, strlen(line)))
        return;
    if (builder->wants_key)
        (void)yw_copy(builder->key, sizeof builder->key, line);
    if (sscanf(line, "images: [%d/%d] %n", &number, &steps, &at) == 2 && at > 0) {
        tell(builder, number, steps, line + at);
        return;
    }
    if (strncmp(line, "images: ", 8) == 0)
        YW_COPY(builder->last, line + 8);
    else if (!builder->wants_key)
        yw_cli_say("  | %s", line);
}

static int builder_end(const struct builder *builder, pid_t pid, struct yw_err *err)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return yw_err_set(err, YW_EIO, "image %s",
                      builder->last[0] ? builder->last : "builder: it was stopped");
}

static int builder_run(struct builder *builder, struct yw_err *err)
{
    char line[LINE_MAX_BYTES];
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return yw_err_errno(err, YW_EIO, errno, BUILDER);
    pid_t pid = fork();

    if (pid == 0)
        become(builder, fds[1]);
    (void)close(fds[1]);
    FILE *said = pid > 0 ? fdopen(fds[0], "r") : NULL;

    if (said == NULL) {
        (void)close(fds[0]);
        return yw_err_errno(err, YW_EIO, errno, BUILDER);
    }
    while (fgets(line, sizeof line, said) != NULL)
        take_line(builder, line);
    (void)fclose(said);
    return builder_end(builder, pid, err);
}

/* ---- building ---- */

static int check_room(const char *where, int64_t need_mib, struct yw_err *err)
{
    struct statvfs disk;

    if (statvfs(where, &disk) < 0)
        return 0; /* it will be made */
    int64_t free_mib = (int64_t)(disk.f_bavail * disk.f_frsize / (1024 * 1024));

    return free_mib >= need_mib
               ? 0
               : yw_err_set(err, YW_ELIMIT, "%s: %lld MiB are needed, %lld are free",
                            where, (long long)need_mib, (long long)free_mib);
}

static int prepare(const struct yw_cli *cli, const struct yw_recipe *recipe,
                   struct yw_err *err)
{
    if (geteuid() != 0)
        return yw_err_set(err, YW_EDENIED,
                          "image '%s': only root can build it (files of all users are in "
                          "it): yanwu image build %s",
                          recipe->name, recipe->name);
    yw_cli_say(
        yw_cli_text(cli, "制作镜像 %s：%s 至多占用 %lld MiB，登记到 %s 至多 %lld MiB……",
                    "building image %s: %s takes up to %lld MiB, registering in %s "
                    "up to %lld MiB …"),
        recipe->name, cli->images_dir, (long long)recipe->build_mib, cli->data_dir,
        (long long)recipe->disk_mib);
    int code = check_room(cli->images_dir, recipe->build_mib, err);

    return code == 0 ? check_room(cli->data_dir, recipe->disk_mib, err) : code;
}

/* In the place of one that was built of an older recipe; no daemon may be at work. */
static int make_place(const struct yw_cli *cli, const char *name, struct yw_err *err)
{
    int lock_fd = -1;
    int code = yw_store_lock(cli->data_dir, &lock_fd, err);

    if (code < 0)
        return yw_err_prefix(
            err, "image '%s' is of an older recipe; stop the daemon to replace it", name);
    code = yw_image_remove(cli->data_dir, name, err);
    (void)close(lock_fd);
    return code;
}

static int enter(const struct yw_cli *cli, const struct yw_recipe *recipe,
                 const char *key, struct yw_image *ret, struct yw_err *err)
{
    const struct passwd *user = getpwuid(getuid());
    char *file = yw_strf("%s/%s.qcow2", cli->images_dir, recipe->name);
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct yw_image_order order = {
        .file = file,
        .id = recipe->name,
        .format = "qcow2",
        .title = cli->english ? recipe->title.en : recipe->title.zh,
        .added_by = user != NULL ? user->pw_name : "?",
        .ram_mib = (int)recipe->ram_mib,
        .recipe = key,
        .now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
    };
    yw_cli_say("%s", yw_cli_text(cli, "登记……", "registering …"));
    int code = yw_image_add(cli->data_dir, &order, ret, err);

    free(file);
    return code;
}

int yw_recipe_build(const struct yw_cli *cli, const char *name, struct yw_image *ret,
                    struct yw_err *err)
{
    struct builder *builder = yw_new(sizeof *builder);
    struct yw_recipe recipe;
    int code = yw_name_valid(name) && exists(cli, name)
                   ? read_one(cli, name, &recipe, err)
                   : yw_err_set(err, YW_ENOTFOUND,
                                "no recipe '%.63s' in %s/full; 'yanwu image list' names "
                                "those that are",
                                name, cli->recipes_dir);

    builder->cli = cli;
    builder->name = name;
    builder->wants_key = true;
    if (code == 0)
        code = builder_run(builder, err);
    bool known = code == 0 && yw_image_find(cli->data_dir, name, ret, NULL, NULL) == 0;

    if (known && strcmp(ret->recipe, builder->key) == 0) {
        free(builder);
        return 0;
    }
    builder->wants_key = false;
    if (code == 0)
        code = prepare(cli, &recipe, err);
    if (code == 0)
        code = builder_run(builder, err);
    if (code == 0 && known)
        code = make_place(cli, name, err);
    if (code == 0)
        code = enter(cli, &recipe, builder->key, ret, err);
    free(builder);
    return code;
}

int yw_recipe_build_for(const struct yw_cli *cli, const struct yw_spec *spec,
                        struct yw_err *err)
{
    int code = 0;

    for (size_t i = 0; i < spec->machine_count && !spec->tabletop && code == 0; i++) {
        const char *image = spec->machines[i].image;
        struct yw_image found;

        if (yw_spec_is_micro(image) || !yw_name_valid(image) ||
            yw_image_find(cli->data_dir, image, &found, NULL, NULL) == 0)
            continue;
        if (exists(cli, image)) /* else the daemon says that it is registered nowhere */
            code = yw_recipe_build(cli, image, &found, err);
    }
    return code;
}
