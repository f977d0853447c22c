/* Images of machines: those that come with the installation, and those that were brought in
 * through quarantine. */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "codec/write.h"
#include "model/spec.h"
#include "store/image.h"
#include "store/journal.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "image add FILE --id ID [--format qcow2|raw] [--title TEXT] | "
    "list | show ID | verify ID | remove ID";

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
        printf("  sha256 %s\n  blake2b %s\n  %s %s (%s)\n", image->sha256, image->blake2b,
               yw_cli_text(cli, "来自", "from"), image->origin, image->added_by);
}

static int add(const struct yw_cli *cli, const char *file, const char *id,
               const char *format, const char *title, struct yw_err *err)
{
    const struct passwd *user = getpwuid(getuid());
    struct yw_image image;
    struct timespec now;

    if (id == NULL)
        return yw_err_set(err, YW_EINVAL, "image add: --id is needed");
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct yw_image_order order = {
        .file = file,
        .id = id,
        .format = format != NULL ? format : "qcow2",
        .title = title,
        .added_by = user != NULL ? user->pw_name : "?",
        .now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
    };

    yw_cli_say(yw_cli_text(cli, "检查并转换 %s……", "examining and converting %s …"),
               file);
    int code = yw_image_add(cli->data_dir, &order, &image, err);

    if (code == 0)
        print_one(cli, &image);
    return code;
}

static void print_list(const struct yw_cli *cli, const struct yw_vec *list)
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
    yw_write_end(&writer, '}');
    if (cli->json) {
        puts(out.data);
    } else {
        for (size_t i = 0; yw_spec_micro_image(i) != NULL; i++)
            printf("%s\tmicro\n", yw_spec_micro_image(i));
        for (size_t i = 0; i < list->count; i++)
            print_one(cli, yw_vec_at(list, i));
    }
    yw_buf_fini(&out);
}

static int list_all(const struct yw_cli *cli, struct yw_err *err)
{
    struct yw_vec list;

    yw_vec_init(&list, sizeof(struct yw_image), YW_IMAGES_MAX);
    int code = yw_image_list(cli->data_dir, &list, err);

    if (code == 0)
        print_list(cli, &list);
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
    const char *id = NULL, *format = NULL, *title = NULL;
    const struct yw_option options[] = {{.name = "--id", .text = &id},
                                        {.name = "--format", .text = &format},
                                        {.name = "--title", .text = &title}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 3, argc, argv, &words, &err);

    if (code == 0)
        code = yw_words_expect(&words, 1, 2, usage, &err);
    if (code < 0)
        return yw_cli_fail(cli, &err);
    const char *verb = words.items[0];
    const char *word = words.count == 2 ? words.items[1] : NULL;

    if (strcmp(verb, "list") == 0 && word == NULL)
        code = list_all(cli, &err);
    else if (strcmp(verb, "add") == 0 && word != NULL)
        code = add(cli, word, id, format, title, &err);
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
