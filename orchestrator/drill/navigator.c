/* A drill as a layer of the ATT&CK Navigator (layer format 4.5): each technique of its attacks
 * as it went furthest, with every attack of every team in the comment. */
#include "base/clock.h"
#include "base/mem.h"
#include "codec/write.h"
#include "drill/conductor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_MAX 1024
#define COMMENT_MAX (64 * 1024)

enum stage { STAGE_PLANNED = 1, STAGE_EXECUTED, STAGE_DETECTED };

static const struct {
    const char *zh, *en, *colour;
} stages[] = {[STAGE_PLANNED] = {"已计划", "planned", "#d8d3c4"},
              [STAGE_EXECUTED] = {"已实施", "executed", "#c8553d"},
              [STAGE_DETECTED] = {"已发现", "detected", "#3f7d58"}};

struct mark { /* one technique of the drill */
    char id[YW_TECHNIQUE_ID_MAX];
    enum stage stage;
    struct yw_buf comment;
};

struct layer {
    struct yw_view view;
    struct yw_vec marks; /* struct mark, by id */
    const struct yw_techniques *table;
    bool english;
    struct yw_err *err;
};

static int take(void *arg, const struct yw_event *event)
{
    struct layer *layer = arg;

    if (!yw_view_apply(&layer->view, event))
        return yw_err_set(layer->err, YW_ECORRUPT, "event %lld does not follow",
                          (long long)event->seq);
    return 0;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct mark *)a)->id, ((const struct mark *)b)->id);
}

static struct mark *mark_of(struct layer *layer, const char *id)
{
    for (size_t i = 0; i < layer->marks.count; i++) {
        struct mark *mark = yw_vec_at(&layer->marks, i);

        if (strcmp(mark->id, id) == 0)
            return mark;
    }
    struct mark *mark = yw_vec_push(&layer->marks, NULL);

    if (mark != NULL) {
        YW_COPY(mark->id, id);
        yw_buf_init(&mark->comment, COMMENT_MAX);
    }
    return mark;
}

static void take_attack(struct layer *layer, int team,
                        const struct yw_attack_fold *attack)
{
    const struct yw_team_fold *fold = yw_vec_at(&layer->view.state.teams, (size_t)team);
    struct mark *mark = mark_of(layer, attack->technique);
    enum stage stage = STAGE_PLANNED;
    int64_t ms = 0;
    char at[32];

    if (mark == NULL)
        return;
    if (attack->effect_seq != 0) {
        bool noticed = yw_view_noticed(&layer->view, team, attack->effect_seq, NULL, &ms);

        stage = noticed ? STAGE_DETECTED : STAGE_EXECUTED;
        ms = noticed ? ms : attack->effect_ms;
    }
    if (stage > mark->stage)
        mark->stage = stage;
    yw_clock_format_drill(ms, at);
    yw_buf_printf(&mark->comment, "%s%s: %s – %s%s%s", mark->comment.size > 0 ? "\n" : "",
                  fold->name, attack->name,
                  layer->english ? stages[stage].en : stages[stage].zh,
                  stage == STAGE_PLANNED ? "" : " ", stage == STAGE_PLANNED ? "" : at);
}

static void write_mark(struct yw_writer *w, const struct layer *layer,
                       const struct mark *mark)
{
    const struct yw_technique *known = yw_techniques_find(layer->table, mark->id);

    yw_write_object(w, NULL);
    yw_write_string(w, "color", stages[mark->stage].colour);
    yw_write_string(w, "comment", mark->comment.data);
    yw_write_bool(w, "enabled", true);
    yw_write_array(w, "metadata");
    yw_write_object(w, NULL);
    yw_write_string(w, "name", layer->english ? "technique" : "技术");
    yw_write_string(w, "value",
                    known != NULL    ? known->name
                    : layer->english ? "not in this table"
                                     : "表中没有");
    yw_write_end(w, '}');
    yw_write_end(w, ']');
    yw_write_int(w, "score", mark->stage);
    yw_write_string(w, "techniqueID", mark->id);
    yw_write_end(w, '}');
}

static void write_legend(struct yw_writer *w, const struct layer *layer)
{
    yw_write_array(w, "legendItems");
    for (int stage = STAGE_PLANNED; stage <= STAGE_DETECTED; stage++) {
        yw_write_object(w, NULL);
        yw_write_string(w, "color", stages[stage].colour);
        yw_write_string(w, "label", layer->english ? stages[stage].en : stages[stage].zh);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_versions(struct yw_writer *w, const struct layer *layer)
{
    char major[sizeof layer->table->version];

    YW_COPY(major, layer->table->version);
    major[strcspn(major, ".")] = '\0';
    yw_write_object(w, "versions");
    yw_write_string(w, "attack", major);
    yw_write_string(w, "layer", "4.5");
    yw_write_string(w, "navigator", "5.1.0");
    yw_write_end(w, '}');
}

static void write_layer(struct yw_buf *out, const struct layer *layer)
{
    const struct yw_drill_state *state = &layer->view.state;
    struct yw_writer writer, *w = &writer;

    yw_writer_init(w, out);
    yw_write_object(w, NULL);
    yw_write_string(w, "description",
                    layer->english
                        ? "Planned, executed and detected techniques of a drill"
                        : "一场演练中已计划、已实施、已发现的技术");
    yw_write_string(w, "domain", layer->table->domain);
    write_legend(w, layer);
    yw_write_string(w, "name",
                    layer->english ? state->facts.title.en : state->facts.title.zh);
    yw_write_array(w, "techniques");
    for (size_t i = 0; i < layer->marks.count; i++)
        write_mark(w, layer, yw_vec_at(&layer->marks, i));
    yw_write_end(w, ']');
    write_versions(w, layer);
    yw_write_end(w, '}');
    yw_buf_puts(out, "\n");
}

int yw_navigator_write(struct yw_buf *out, struct yw_journal *journal, const char *lang,
                       const struct yw_techniques *table, struct yw_err *err)
{
    struct layer *layer = yw_new(sizeof *layer); /* a view is large */

    layer->table = table;
    layer->english = strncmp(lang, "en", 2) == 0;
    layer->err = err;
    yw_view_init(&layer->view, YW_AUDIENCE_CONTROL, -1);
    yw_vec_init(&layer->marks, sizeof(struct mark), MARKS_MAX);
    int code = yw_journal_read(journal, 1, take, layer, err);

    for (size_t t = 0; code == 0 && t < layer->view.state.teams.count; t++) {
        const struct yw_team_fold *fold = yw_vec_at(&layer->view.state.teams, t);

        for (size_t i = 0; i < fold->attacks.count; i++)
            take_attack(layer, (int)t, yw_vec_at(&fold->attacks, i));
    }
    if (code == 0) {
        if (layer->marks.count > 0)
            qsort(layer->marks.items, layer->marks.count, sizeof(struct mark), by_id);
        write_layer(out, layer);
        if (out->overflow)
            code = yw_err_set(err, YW_ELIMIT, "the layer is above %zu bytes", out->max);
    }
    for (size_t i = 0; i < layer->marks.count; i++)
        yw_buf_fini(&((struct mark *)yw_vec_at(&layer->marks, i))->comment);
    yw_vec_fini(&layer->marks);
    yw_view_fini(&layer->view);
    free(layer);
    return code;
}
