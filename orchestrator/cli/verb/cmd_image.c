/* Images of machines: those that come with the installation, and those that were brought in
 * through quarantine. */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/recipe.h"
#include "codec/write.h"
#include "model/spec.h"
#include "store/image.h"
#include "store/journal.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "image add FILE --id ID [--format qcow2|raw] [--title TEXT] [--ram MIB] "
    "[--agent yanwu|qemu-ga|none] | "
    "build NAME | list | show ID | verify ID | remove ID";

static void write_image(struct yw_writer *writer, const struct yw_image *image)
{
    struct yw_buf one;

    yw_buf_init(&one, YW_IMAGE_MANIFEST_MAX);
    yw_image_encode(&one, image);
    yw_buf_put(writer->out, one.data, one.size);
    yw_buf_fini(&one);
}

static void print_one(const struct yw_cli *cli, const struct yw_image *image)
{
    struct yw_buf out;
    struct yw_writer writer;

    if (cli->json) {
        yw_buf_init(&out, YW_IMAGE_MANIFEST_MAX);
        yw_writer_init(&writer, &out);
        write_image(&writer, image);
        puts(out.data);
        yw_buf_fini(&out);
        return;
    }
    printf("%s\t%s\t%lld MiB\t%s\n", image->id, image->kind,
           (long long)(image->virtual_bytes / (1024 * 1024)), image->title);
    if (image->sha256[0] != '\0')
        printf("  sha256 %s\n  blake2b %s\n  %s %s (%s)\n  %s %s\n", image->sha256,
               image->blake2b, yw_cli_text(cli, "来自", "from"), image->origin,
               image->added_by, yw_cli_text(cli, "代理", "agent"), image->agent);
}

struct words_of_add {
    const char *id, *format, *title, *agent;
    int64_t ram_mib;
};

static int add(const struct yw_cli *cli, const char *file,
               const struct words_of_add *words, struct yw_err *err)
{
    const struct passwd *user = getpwuid(getuid());
    struct yw_image image;
    struct timespec now;

    if (words->id == NULL)
        return yw_err_set(err, YW_EINVAL, "image add: --id is needed");
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct yw_image_order order = {
        .file = file,
        .id = words->id,
        .format = words->format != NULL ? words->format : "qcow2",
        .title = words->title,
        .ram_mib = words->ram_mib > INT_MAX ? INT_MAX : (int)words->ram_mib,
        .added_by = user != NULL ? user->pw_name : "?",
        .now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
    };
    int code =
        words->agent != NULL ? yw_image_agent_parse(words->agent, &order.agent, err) : 0;

    if (code < 0)
        return yw_err_prefix(err, "image add");
    yw_cli_say(yw_cli_text(cli, "检查并转换 %s……", "examining and converting %s …"),
               file);
    code = yw_image_add(cli->data_dir, &order, &image, err);
    if (code == 0)
        print_one(cli, &image);
    return code;
}

static int build(const struct yw_cli *cli, const char *name, struct yw_err *err)
{
    struct yw_image image;
    int code = yw_recipe_build(cli, name, &image, err);

    if (code == 0)
        print_one(cli, &image);
    return code;
}

static bool is_listed(const struct yw_vec *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(((const struct yw_image *)yw_vec_at(list, i))->id, id) == 0)
            return true;
    }
    return false;
}

/* What could be built and is not registered. */
static void write_recipes(const struct yw_cli *cli, struct yw_writer *writer,
                          const struct yw_vec *list, const struct yw_vec *recipes)
{
    yw_write_array(writer, "recipes");
    for (size_t i = 0; i < recipes->count; i++) {
        const struct yw_recipe *recipe = yw_vec_at(recipes, i);

        if (is_listed(list, recipe->name))
            continue;
        yw_write_object(writer, NULL);
        yw_write_int(writer, "build_mib", recipe->build_mib);
        yw_write_string(writer, "name", recipe->name);
        yw_write_int(writer, "ram_mib", recipe->ram_mib);
        yw_write_string(writer, "title",
                        cli->english ? recipe->title.en : recipe->title.zh);
        yw_write_end(writer, '}');
        if (!cli->json)
            printf("%s\t%s\t%s\n", recipe->name, yw_cli_text(cli, "未制作", "not built"),
                   cli->english ? recipe->title.en : recipe->title.zh);
    }
    yw_write_end(writer, ']');
}

static void print_list(const struct yw_cli *cli, const struct yw_vec *list,
                       const struct yw_vec *recipes)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, (size_t)YW_IMAGES_MAX * YW_IMAGE_MANIFEST_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, "images");
    for (size_t i = 0; i < list->count; i++) {
        yw_buf_puts(&out, i > 0 ? "," : "");
        write_image(&writer, yw_vec_at(list, i));
    }
    yw_write_end(&writer, ']');
    yw_write_array(&writer, "micro");
    for (size_t i = 0; yw_spec_micro_image(i) != NULL; i++)
        yw_write_string(&writer, NULL, yw_spec_micro_image(i));
    yw_write_end(&writer, ']');
    for (size_t i = 0; !cli->json && yw_spec_micro_image(i) != NULL; i++)
        printf("%s\tmicro\n", yw_spec_micro_image(i));
    for (size_t i = 0; !cli->json && i < list->count; i++)
        print_one(cli, yw_vec_at(list, i));
    write_recipes(cli, &writer, list, recipes);
    yw_write_end(&writer, '}');
    if (cli->json)
        puts(out.data);
    yw_buf_fini(&out);
}

static int list_all(const struct yw_cli *cli, struct yw_err *err)
{
    struct yw_vec list, recipes;

    yw_vec_init(&list, sizeof(struct yw_image), YW_IMAGES_MAX);
    yw_vec_init(&recipes, sizeof(struct yw_recipe), YW_RECIPES_MAX);
    int code = yw_image_list(cli->data_dir, &list, err);

    if (code == 0)
        code = yw_recipe_list(cli, &recipes, err);
    if (code == 0)
        print_list(cli, &list, &recipes);
    yw_vec_fini(&recipes);
    yw_vec_fini(&list);
    return code;
}

/* While a daemon serves the data directory a drill may stand on the image. */
static int remove_one(const struct yw_cli *cli, const char *id, struct yw_err *err)
{
    struct yw_image image;
    int lock_fd = -1;
    int code = yw_image_find(cli->data_dir, id, &image, NULL, err);

    if (code == 0 || code == YW_ECORRUPT)
        code = yw_store_lock(cli->data_dir, &lock_fd, err);
    if (code < 0)
        return code == YW_EEXIST
                   ? yw_err_prefix(err, "image '%s' may be in use; stop the daemon", id)
                   : code;
    code = yw_image_remove(cli->data_dir, id, err);
    (void)close(lock_fd);
    if (code == 0 && cli->json)
        puts("{\"ok\":true}");
    return code;
}

static int show(const struct yw_cli *cli, const char *id, bool verify, struct yw_err *err)
{
    struct yw_image image;
    int code = yw_image_find(cli->data_dir, id, &image, NULL, err);

    if (code == 0 && verify)
        code = yw_image_verify(cli->data_dir, id, err);
    if (code == 0)
        print_one(cli, &image);
    return code;
}

int yw_cmd_image(struct yw_cli *cli, int argc, char **argv)
{
    struct words_of_add of_add = {0};
    const struct yw_option options[] = {{.name = "--id", .text = &of_add.id},
                                        {.name = "--format", .text = &of_add.format},
                                        {.name = "--ram", .number = &of_add.ram_mib},
                                        {.name = "--agent", .text = &of_add.agent},
                                        {.name = "--title", .text = &of_add.title}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 5, argc, argv, &words, &err);

    if (code == 0)
        code = yw_words_expect(&words, 1, 2, usage, &err);
    if (code < 0)
        return yw_cli_fail(cli, &err);
    const char *verb = words.items[0];
    const char *word = words.count == 2 ? words.items[1] : NULL;

    if (strcmp(verb, "list") == 0 && word == NULL)
        code = list_all(cli, &err);
    else if (strcmp(verb, "add") == 0 && word != NULL)
        code = add(cli, word, &of_add, &err);
    else if (strcmp(verb, "build") == 0 && word != NULL)
        code = build(cli, word, &err);
    else if (strcmp(verb, "show") == 0 && word != NULL)
        code = show(cli, word, false, &err);
    else if (strcmp(verb, "verify") == 0 && word != NULL)
        code = show(cli, word, true, &err);
    else if (strcmp(verb, "remove") == 0 && word != NULL)
        code = remove_one(cli, word, &err);
    else
        code = yw_err_set(&err, YW_EINVAL, "usage: yanwu %s", usage);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
