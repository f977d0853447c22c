#include "cli/plant_run.h"
#include "codec/write.h"

#include <stdio.h>

static double truth(const struct yw_plant_trace *trace, size_t row, size_t tag)
{
    return trace->truth[row * trace->ask->model->tag_count + tag];
}

void yw_plant_trace_csv(const struct yw_plant_trace *trace, struct yw_buf *out)
{
    const struct yw_plant_model *model = trace->ask->model;

    yw_buf_puts(out, "t_s");
    for (size_t i = 0; i < model->tag_count; i++)
        yw_buf_printf(out, ",%s", model->tags[i].name);
    yw_buf_puts(out, ",level\n");
    for (size_t row = 0; row < trace->count; row++) {
        yw_buf_printf(out, "%.9g", trace->at_s[row]);
        for (size_t i = 0; i < model->tag_count; i++)
            yw_buf_printf(out, ",%.9g", truth(trace, row, i));
        yw_buf_printf(out, ",%d\n", trace->level[row]);
    }
}

static void write_crossed(struct yw_writer *w, const struct yw_plant_trace *trace)
{
    const struct yw_plant_model *model = trace->ask->model;

    yw_write_array(w, "crossed");
    for (size_t i = 0; i < model->limit_count; i++) {
        const struct yw_plant_limit *limit = &model->limits[i];

        if (trace->first_s[i] < 0)
            continue;
        yw_write_object(w, NULL);
        yw_write_bool(w, "above", limit->above);
        yw_write_double(w, "at_s", trace->first_s[i]);
        yw_write_int(w, "level", limit->level);
        yw_write_words(w, "says", limit->says.en, limit->says.zh);
        yw_write_string(w, "tag", model->tags[limit->tag].name);
        yw_write_double(w, "value", limit->value);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

void yw_plant_trace_json(const struct yw_plant_trace *trace, struct yw_buf *out)
{
    const struct yw_plant_model *model = trace->ask->model;
    struct yw_writer w;

    yw_writer_init(&w, out);
    yw_write_object(&w, NULL);
    yw_write_bool(&w, "control", trace->ask->control);
    write_crossed(&w, trace);
    yw_write_array(&w, "level");
    for (size_t row = 0; row < trace->count; row++)
        yw_write_int(&w, NULL, trace->level[row]);
    yw_write_end(&w, ']');
    yw_write_double(&w, "level_seconds", trace->level_s);
    yw_write_string(&w, "model", model->name);
    yw_write_double(&w, "production_lost_s", trace->lost_s);
    yw_write_array(&w, "t_s");
    for (size_t row = 0; row < trace->count; row++)
        yw_write_double(&w, NULL, trace->at_s[row]);
    yw_write_end(&w, ']');
    yw_write_array(&w, "truth");
    for (size_t i = 0; i < model->tag_count; i++) {
        yw_write_object(&w, NULL);
        yw_write_string(&w, "tag", model->tags[i].name);
        yw_write_string(&w, "unit", model->tags[i].unit);
        yw_write_array(&w, "values");
        for (size_t row = 0; row < trace->count; row++)
            yw_write_double(&w, NULL, truth(trace, row, i));
        yw_write_end(&w, ']');
        yw_write_end(&w, '}');
    }
    yw_write_end(&w, ']');
    yw_write_end(&w, '}');
    yw_buf_puts(out, "\n");
}

static const char *words(const struct yw_cli *cli, const struct yw_plant_words *of)
{
    return cli->english ? of->en : of->zh;
}

void yw_plant_trace_tell(const struct yw_plant_trace *trace, const struct yw_cli *cli,
                         struct yw_buf *out)
{
    const struct yw_plant_model *model = trace->ask->model;
    int limits = 0;

    yw_buf_printf(out, yw_cli_text(cli, "%s（%s），%g 秒\n", "%s (%s), %g s\n"),
                  words(cli, &model->title), model->name, trace->ask->seconds);
    yw_buf_printf(out, "%-22s %12s %12s %12s %12s\n", "",
                  yw_cli_text(cli, "start", "start"), yw_cli_text(cli, "min", "min"),
                  yw_cli_text(cli, "max", "max"), yw_cli_text(cli, "end", "end"));
    for (size_t i = 0; i < model->tag_count; i++) {
        double least = truth(trace, 0, i), most = least;

        for (size_t row = 1; row < trace->count; row++) {
            double value = truth(trace, row, i);

            least = value < least ? value : least;
            most = value > most ? value : most;
        }
        yw_buf_printf(out, "%-22s %12.6g %12.6g %12.6g %12.6g  %s\n", model->tags[i].name,
                      truth(trace, 0, i), least, most, truth(trace, trace->count - 1, i),
                      model->tags[i].unit);
    }
    for (size_t i = 0; i < model->limit_count; i++) {
        const struct yw_plant_limit *limit = &model->limits[i];

        if (trace->first_s[i] < 0)
            continue;
        limits++;
        yw_buf_printf(out,
                      yw_cli_text(cli, "%10.6g 秒  %d 级  %s %s %g  %s\n",
                                  "%10.6g s  level %d  %s %s %g  %s\n"),
                      trace->first_s[i], limit->level, model->tags[limit->tag].name,
                      limit->above ? ">" : "<", limit->value, words(cli, &limit->says));
    }
    if (limits == 0)
        yw_buf_puts(out,
                    yw_cli_text(cli, "没有越过任何限值\n", "No limit was crossed\n"));
    yw_buf_printf(out,
                  yw_cli_text(cli, "后果积分 %g 级·秒，产量损失 %g 秒\n",
                              "Level over time %g level·s, production lost %g s\n"),
                  trace->level_s, trace->lost_s);
}
