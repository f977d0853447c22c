/* `yanwu plant`: the physical processes without a range. */
#include "base/id.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/plant_run.h"
#include "codec/write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024 * 1024)

static const char *words(const struct yw_cli *cli, const struct yw_plant_words *of)
{
    return cli->english ? of->en : of->zh;
}

/* Prints what was written and returns the exit status. */
static int put(const struct yw_cli *cli, struct yw_buf *out)
{
    struct yw_err err;
    bool good = !out->overflow &&
                (out->size == 0 || fwrite(out->data, 1, out->size, stdout) == out->size);

    yw_buf_fini(out);
    if (good && fflush(stdout) == 0)
        return 0;
    (void)yw_err_set(&err, YW_EIO, "the output could not be written");
    return yw_cli_fail(cli, &err);
}

static const struct yw_plant_model *find_model(const char *name, struct yw_err *err)
{
    const struct yw_plant_model *model = yw_plant_model_find(name);
    char meant[YW_MEANT_MAX];
    const char *near = model != NULL ? NULL : yw_process_nearest(name);

    if (model == NULL)
        (void)yw_err_set(err, YW_EINVAL, "no plant model '%s'%s", name,
                         near ? yw_meant(meant, near) : " (yanwu plant list)");
    return model;
}

static int plant_list(const struct yw_cli *cli)
{
    const struct yw_plant_model *model = NULL;
    struct yw_buf out;
    struct yw_writer w;

    yw_buf_init(&out, TEXT_MAX);
    yw_writer_init(&w, &out);
    if (cli->json) {
        yw_write_object(&w, NULL);
        yw_write_array(&w, "plants");
    }
    for (size_t i = 0; (model = yw_plant_model_at(i)) != NULL; i++) {
        if (!cli->json) {
            yw_buf_printf(&out, "%-18s %-15s %3zu %-6s %6g s  %s\n", model->name,
                          model->sector, model->tag_count,
                          yw_cli_text(cli, "位号", "tags"), model->step_s,
                          words(cli, &model->title));
            continue;
        }
        yw_write_object(&w, NULL);
        yw_write_int(&w, "inputs", (int64_t)model->input_count);
        yw_write_string(&w, "model", model->name);
        yw_write_string(&w, "sector", model->sector);
        yw_write_double(&w, "step_s", model->step_s);
        yw_write_int(&w, "tags", (int64_t)model->tag_count);
        yw_write_words(&w, "title", model->title.en, model->title.zh);
        yw_write_end(&w, '}');
    }
    if (cli->json) {
        yw_write_end(&w, ']');
        yw_write_end(&w, '}');
        yw_buf_puts(&out, "\n");
    }
    return put(cli, &out);
}

static const char *const tables[] = {"", "input-register", "holding-register", "coil",
                                     "discrete-input"};
static const char *const roles[] = {"wired", "setting", "world"};

static void write_point(struct yw_writer *w, const struct yw_plant_point *at)
{
    if (at->table == YW_PLANT_UNMAPPED) {
        yw_write_null(w, "at");
        return;
    }
    yw_write_object(w, "at");
    yw_write_int(w, "address", at->address);
    if (at->ioa != 0)
        yw_write_int(w, "ioa", at->ioa);
    if (at->table == YW_PLANT_INPUT_REGISTER || at->table == YW_PLANT_HOLDING_REGISTER) {
        yw_write_double(w, "offset", at->offset);
        yw_write_double(w, "scale", at->scale);
    }
    yw_write_string(w, "table", tables[at->table]);
    yw_write_end(w, '}');
}

static void write_inputs(struct yw_writer *w, const struct yw_plant_model *model)
{
    yw_write_array(w, "inputs");
    for (size_t i = 0; i < model->input_count; i++) {
        const struct yw_plant_input *in = &model->inputs[i];

        yw_write_object(w, NULL);
        write_point(w, &in->at);
        yw_write_double(w, "high", in->high);
        yw_write_double(w, "initial", in->initial);
        yw_write_double(w, "low", in->low);
        yw_write_string(w, "name", in->name);
        yw_write_string(w, "role", roles[in->role]);
        yw_write_words(w, "title", in->title.en, in->title.zh);
        yw_write_string(w, "unit", in->unit);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_limits(struct yw_writer *w, const struct yw_plant_model *model)
{
    yw_write_array(w, "limits");
    for (size_t i = 0; i < model->limit_count; i++) {
        const struct yw_plant_limit *limit = &model->limits[i];

        yw_write_object(w, NULL);
        yw_write_bool(w, "above", limit->above);
        yw_write_int(w, "level", limit->level);
        yw_write_words(w, "says", limit->says.en, limit->says.zh);
        yw_write_string(w, "tag", model->tags[limit->tag].name);
        yw_write_double(w, "value", limit->value);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_tags(struct yw_writer *w, const struct yw_plant *plant)
{
    const struct yw_plant_model *model = yw_plant_model(plant);

    yw_write_array(w, "tags");
    for (size_t i = 0; i < model->tag_count; i++) {
        const struct yw_plant_tag *tag = &model->tags[i];

        yw_write_object(w, NULL);
        write_point(w, &tag->at);
        yw_write_double(w, "high", tag->high);
        yw_write_double(w, "initial", yw_plant_truth(plant, i));
        yw_write_string(w, "leak",
                        tag->leak > 0 ? model->inputs[tag->leak - 1].name : "");
        yw_write_double(w, "low", tag->low);
        yw_write_string(w, "name", tag->name);
        yw_write_double(w, "noise", tag->noise);
        yw_write_bool(w, "settable", tag->state != 0);
        yw_write_words(w, "title", tag->title.en, tag->title.zh);
        yw_write_string(w, "unit", tag->unit);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void show_json(const struct yw_plant *plant, struct yw_buf *out)
{
    const struct yw_plant_model *model = yw_plant_model(plant);
    struct yw_writer w;

    yw_writer_init(&w, out);
    yw_write_object(&w, NULL);
    yw_write_bool(&w, "control", model->control != NULL);
    write_inputs(&w, model);
    write_limits(&w, model);
    yw_write_string(&w, "model", model->name);
    yw_write_object(&w, "product");
    yw_write_double(&w, "nominal", model->product_nominal);
    yw_write_string(&w, "tag", model->tags[model->product_tag].name);
    yw_write_end(&w, '}');
    yw_write_string(&w, "sector", model->sector);
    yw_write_double(&w, "step_s", model->step_s);
    write_tags(&w, plant);
    yw_write_words(&w, "title", model->title.en, model->title.zh);
    yw_write_end(&w, '}');
    yw_buf_puts(out, "\n");
}

static void tell_point(struct yw_buf *out, const struct yw_plant_point *at)
{
    static const char *const brief[] = {"", "IR", "HR", "coil ", "DI"};

    if (at->table != YW_PLANT_UNMAPPED)
        yw_buf_printf(out, "  %s%d", brief[at->table], at->address);
    if (at->ioa != 0)
        yw_buf_printf(out, "  IOA %d", at->ioa);
    yw_buf_puts(out, "\n");
}

static void show_text(const struct yw_cli *cli, const struct yw_plant *plant,
                      struct yw_buf *out)
{
    const struct yw_plant_model *model = yw_plant_model(plant);

    yw_buf_printf(out,
                  yw_cli_text(cli, "%s（%s），步长 %g 秒\n\n位号\n",
                              "%s (%s), %g s a step\n\nTags\n"),
                  words(cli, &model->title), model->name, model->step_s);
    for (size_t i = 0; i < model->tag_count; i++) {
        const struct yw_plant_tag *tag = &model->tags[i];

        yw_buf_printf(out, "  %-22s %10.6g %-8s %s", tag->name, yw_plant_truth(plant, i),
                      tag->unit, words(cli, &tag->title));
        tell_point(out, &tag->at);
    }
    yw_buf_puts(out, yw_cli_text(cli, "\n输入\n", "\nInputs\n"));
    for (size_t i = 0; i < model->input_count; i++) {
        const struct yw_plant_input *in = &model->inputs[i];

        yw_buf_printf(out, "  %-22s %10.6g %-8s %g..%g  %s  %s", in->name, in->initial,
                      in->unit, in->low, in->high, roles[in->role],
                      words(cli, &in->title));
        tell_point(out, &in->at);
    }
    yw_buf_puts(out, yw_cli_text(cli, "\n限值\n", "\nLimits\n"));
    for (size_t i = 0; i < model->limit_count; i++) {
        const struct yw_plant_limit *limit = &model->limits[i];

        yw_buf_printf(out, "  %d  %s %s %g %s  %s\n", limit->level,
                      model->tags[limit->tag].name, limit->above ? ">" : "<",
                      limit->value, model->tags[limit->tag].unit,
                      words(cli, &limit->says));
    }
}

static int plant_show(const struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words names;
    struct yw_err err = {0};
    struct yw_buf out;
    const struct yw_plant_model *model = NULL;

    if (yw_options_read(NULL, 0, argc, argv, &names, &err) < 0 ||
        yw_words_expect(&names, 1, 1, "plant show MODEL", &err) < 0 ||
        (model = find_model(names.items[0], &err)) == NULL)
        return yw_cli_fail(cli, &err);
    struct yw_plant *plant = yw_plant_new(model, 0);

    yw_buf_init(&out, TEXT_MAX);
    if (cli->json)
        show_json(plant, &out);
    else
        show_text(cli, plant, &out);
    yw_plant_free(plant);
    return put(cli, &out);
}

/* --init, --set and --fault may come many times: they are taken out of argv here. The
 * model must be known before its names can be, so the orders' texts wait. */
struct said {
    enum yw_plant_order_kind kind;
    const char *text;
};

static int take_orders(int *argc, char **argv, struct said *ret, size_t *ret_count,
                       struct yw_err *err)
{
    static const char *const options[] = {"--init", "--set", "--fault"};
    int kept = 0;

    *ret_count = 0;
    for (int i = 0; i < *argc; i++) {
        size_t kind = 0, size = 0;

        for (; kind < 3; kind++) {
            size = strlen(options[kind]);
            if (strncmp(argv[i], options[kind], size) == 0 &&
                (argv[i][size] == '\0' || argv[i][size] == '='))
                break;
        }
        if (kind == 3) {
            argv[kept++] = argv[i];
            continue;
        }
        const char *text = argv[i][size] == '=' ? argv[i] + size + 1
                           : i + 1 < *argc      ? argv[++i]
                                                : NULL;

        if (text == NULL)
            return yw_err_set(err, YW_EINVAL, "%s needs a value", options[kind]);
        if (*ret_count == YW_PLANT_RUN_ORDERS_MAX)
            return yw_err_set(err, YW_ELIMIT, "at most %d of --init, --set and --fault",
                              YW_PLANT_RUN_ORDERS_MAX);
        ret[(*ret_count)++] =
            (struct said){.kind = (enum yw_plant_order_kind)kind, .text = text};
    }
    argv[kept] = NULL;
    *argc = kept;
    return 0;
}

static int read_seconds(const char *name, const char *text, double *ret,
                        struct yw_err *err)
{
    char *end = NULL;
    double value = strtod(text, &end);

    if (text[0] == '\0' || *end != '\0' || !(value > 0))
        return yw_err_set(err, YW_EINVAL, "%s: expected seconds above 0; got '%s'", name,
                          text);
    *ret = value;
    return 0;
}

struct run_words {
    const char *seconds, *step, *control, *plot;
    bool csv;
};

static int read_run(const struct run_words *run, const char *model,
                    const struct said *said, size_t said_count, struct yw_plant_ask *ask,
                    struct yw_err *err)
{
    int code = 0;

    ask->model = find_model(model, err);
    if (ask->model == NULL)
        return YW_EINVAL;
    ask->control = true;
    if (run->control != NULL && strcmp(run->control, "off") == 0)
        ask->control = false;
    else if (run->control != NULL && strcmp(run->control, "on") != 0)
        return yw_err_set(err, YW_EINVAL, "--control: expected on or off; got '%s'",
                          run->control);
    if (run->seconds == NULL)
        return yw_err_set(err, YW_EINVAL, "plant run needs --seconds N");
    code = read_seconds("--seconds", run->seconds, &ask->seconds, err);
    if (code == 0 && run->step != NULL)
        code = read_seconds("--step", run->step, &ask->every_s, err);
    else if (code == 0)
        ask->every_s = ask->seconds / 500 > ask->model->step_s ? ask->seconds / 500
                                                               : ask->model->step_s;
    for (size_t i = 0; code == 0 && i < said_count; i++)
        code = yw_plant_ask_order(ask, said[i].kind, said[i].text, err);
    return code;
}

static int write_plot(const struct yw_plant_trace *trace, const char *path,
                      struct yw_err *err)
{
    struct yw_buf out;
    FILE *file = fopen(path, "we");
    int code = 0;

    if (file == NULL)
        return yw_err_errno(err, YW_EIO, errno, path);
    yw_buf_init(&out, TEXT_MAX);
    yw_plant_trace_plot(trace, &out);
    if (fwrite(out.data, 1, out.size, file) != out.size)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (fclose(file) != 0 && code == 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    yw_buf_fini(&out);
    return code;
}

static int give(const struct yw_cli *cli, const struct yw_plant_trace *trace,
                const struct run_words *run)
{
    struct yw_err err = {0};
    struct yw_buf out;

    if (run->plot != NULL && write_plot(trace, run->plot, &err) < 0)
        return yw_cli_fail(cli, &err);
    yw_buf_init(&out, TEXT_MAX);
    if (run->csv)
        yw_plant_trace_csv(trace, &out);
    else if (cli->json)
        yw_plant_trace_json(trace, &out);
    else
        yw_plant_trace_tell(trace, cli, &out);
    return put(cli, &out);
}

static int plant_run(const struct yw_cli *cli, int argc, char **argv)
{
    struct yw_plant_ask ask = {.seed = 1};
    struct run_words run = {0};
    const struct yw_option options[] = {{.name = "--seconds", .text = &run.seconds},
                                        {.name = "--step", .text = &run.step},
                                        {.name = "--control", .text = &run.control},
                                        {.name = "--plot", .text = &run.plot},
                                        {.name = "--seed", .number = &ask.seed},
                                        {.name = "--csv", .flag = &run.csv}};
    struct said said[YW_PLANT_RUN_ORDERS_MAX];
    size_t said_count = 0;
    struct yw_words names;
    struct yw_err err = {0};
    struct yw_plant_trace trace;
    int code = take_orders(&argc, argv, said, &said_count, &err);

    if (code == 0)
        code = yw_options_read(options, 6, argc, argv, &names, &err);
    if (code == 0 && run.csv && cli->json)
        code = yw_err_set(&err, YW_EINVAL, "plant run: --csv or --json, not both");
    if (code == 0)
        code = yw_words_expect(&names, 1, 1, "plant run MODEL --seconds N", &err);
    if (code == 0)
        code = read_run(&run, names.items[0], said, said_count, &ask, &err);
    if (code == 0)
        code = yw_plant_trace_run(&trace, &ask, &err);
    if (code < 0)
        return yw_cli_fail(cli, &err);
    int status = give(cli, &trace, &run);

    yw_plant_trace_fini(&trace);
    return status;
}

int yw_cmd_plant(struct yw_cli *cli, int argc, char **argv)
{
    static const char *const subjects[] = {"list", "show", "run"};
    const char *subject = argc > 1 ? argv[1] : "";
    struct yw_err err = {0};

    if (strcmp(subject, "list") == 0 && argc == 2)
        return plant_list(cli);
    if (strcmp(subject, "show") == 0)
        return plant_show(cli, argc - 1, argv + 1);
    if (strcmp(subject, "run") == 0)
        return plant_run(cli, argc - 1, argv + 1);
    char meant[YW_MEANT_MAX];
    const char *near = yw_name_nearest(subject, subjects, 3);

    (void)yw_err_set(&err, YW_EINVAL, "plant list | plant show MODEL | plant run MODEL%s",
                     yw_meant(meant, near));
    return yw_cli_fail(cli, &err);
}
