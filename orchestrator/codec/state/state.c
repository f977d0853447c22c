/* The board's document, section by section in the order of their names. What an audience
 * may not see is not in its view; a section that is never its business is left out whole.
 */
#include "codec/state/state.h"

#include "base/mem.h"
#include "codec/order.h"
#include "codec/request/request.h"
#include "codec/state/state_inside.h"
#include "codec/write.h"
#include "model/words/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct document {
    struct yw_writer writer;
    const struct yw_view *view;
    const struct yw_score *score; /* may be NULL */
    const struct yw_state_now *now;
    int only; /* this team alone, -1 all */
};

static const struct yw_team_fold *team_at(const struct document *doc, size_t index)
{
    return yw_vec_at(&doc->view->state.teams, index);
}

static const char *team_name(const struct document *doc, int team)
{
    const struct yw_team_fold *fold = yw_drill_team(&doc->view->state, team);

    return fold != NULL ? fold->name : "";
}

/* Control and teams see into the range; the public and the offices do not. */
static bool is_inside(const struct document *doc)
{
    return doc->view->audience == YW_AUDIENCE_CONTROL ||
           doc->view->audience == YW_AUDIENCE_TEAM;
}

/* A team's own affairs are not another team's. */
static bool is_others(const struct document *doc, size_t team)
{
    return doc->view->audience == YW_AUDIENCE_TEAM && (int)team != doc->view->team;
}

static void write_attack(struct document *doc, const struct yw_attack_fold *attack,
                         size_t order)
{
    static const char *const states[] = {
        [YW_ATTACK_PLANNED] = "planned",
        [YW_ATTACK_STARTED] = "started",
        [YW_ATTACK_DONE] = "done",
        [YW_ATTACK_FAILED] = "failed",
        [YW_ATTACK_UNDOING] = "undoing",
        [YW_ATTACK_UNDONE] = "undone",
    };
    struct yw_writer *w = &doc->writer;

    yw_write_object(w, attack->name);
    if (attack->effect_seq != 0)
        yw_write_int(w, "effect_ms", attack->effect_ms);
    yw_write_string(w, "from", attack->from);
    yw_write_int(w, "order", (int64_t)order);
    yw_write_string(w, "state", states[attack->state]);
    yw_write_string(w, "technique", attack->technique);
    yw_write_string(w, "to", attack->to);
    yw_write_end(w, '}');
}

static void write_machine(struct document *doc, const struct yw_machine_fold *machine)
{
    struct yw_writer *w = &doc->writer;

    yw_write_object(w, machine->name);
    yw_write_string(w, "addresses", machine->addresses);
    yw_write_bool(w, "console", machine->console);
    yw_write_bool(w, "display", machine->display);
    yw_write_bool(w, "hidden", machine->hidden);
    yw_write_string(w, "image", machine->image);
    yw_write_string(w, "link", machine->link_up ? "up" : "down");
    yw_write_string(w, "plant", machine->plant);
    yw_write_string(w, "state", yw_machine_state_name(machine->state));
    yw_write_end(w, '}');
}

static void write_objective(struct document *doc,
                            const struct yw_objective_fold *objective, size_t order)
{
    static const char *const states[] = {
        [YW_OBJECTIVE_OPEN] = "open",
        [YW_OBJECTIVE_MET] = "met",
        [YW_OBJECTIVE_LOST] = "lost",
    };
    struct yw_writer *w = &doc->writer;

    yw_write_object(w, objective->name);
    yw_write_int(w, "fades_to", objective->fades_to);
    if (objective->state == YW_OBJECTIVE_MET)
        yw_write_int(w, "met_ms", objective->met_ms);
    yw_write_int(w, "order", (int64_t)order);
    yw_write_int(w, "over_ms", objective->over_ms);
    yw_write_int(w, "points", objective->points);
    yw_write_text(w, "says", &objective->says);
    yw_write_string(w, "state", states[objective->state]);
    /* it names what met it, hidden machines too */
    if (doc->view->audience == YW_AUDIENCE_CONTROL)
        yw_write_string(w, "why", objective->why);
    yw_write_end(w, '}');
}

static void write_limits(struct document *doc, const struct yw_plant_facts *facts)
{
    struct yw_order order;
    char number[24];
    struct yw_writer *w = &doc->writer;

    yw_order_init(&order);
    for (size_t i = 0; i < facts->limit_count; i++)
        yw_order_add(&order, yw_write_key(number, (int64_t)i), &facts->limits[i]);
    yw_order_sort(&order);
    yw_write_object(w, "limits");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_limit_facts *limit = order.entries[i].item;

        yw_write_object(w, order.entries[i].key);
        yw_write_bool(w, "above", limit->above);
        yw_write_int(w, "level", limit->level);
        yw_write_words(w, "says", limit->says.en, limit->says.zh);
        yw_write_string(w, "tag", facts->tags[limit->tag].name);
        yw_write_double(w, "value", limit->value);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

static void write_tags(struct document *doc, const struct yw_plant_facts *facts,
                       const struct yw_plant_fold *plant)
{
    struct yw_order order;
    struct yw_writer *w = &doc->writer;

    yw_order_init(&order);
    for (size_t i = 0; i < facts->tag_count; i++)
        yw_order_add(&order, facts->tags[i].name, &facts->tags[i]);
    yw_order_sort(&order);
    yw_write_object(w, "tags");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_tag_facts *tag = order.entries[i].item;
        size_t index = (size_t)(tag - facts->tags);

        yw_write_object(w, tag->name);
        if (plant->sampled && (int64_t)index < plant->sample.count)
            yw_write_double(w, "field", plant->sample.field[index]);
        yw_write_double(w, "high", tag->high);
        yw_write_double(w, "low", tag->low);
        yw_write_int(w, "order", (int64_t)index);
        yw_write_words(w, "title", tag->title.en, tag->title.zh);
        if (plant->sampled && (int64_t)index < plant->sample.count)
            yw_write_double(w, "truth", plant->sample.truth[index]);
        yw_write_string(w, "unit", tag->unit);
        if (plant->viewed && (int64_t)index < plant->view.count)
            yw_write_double(w, "view", plant->view.view[index]);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

static void write_plant(struct document *doc, const struct yw_plant_fold *plant,
                        size_t team)
{
    struct yw_writer *w = &doc->writer;
    struct yw_plant_facts facts = {0};
    bool known =
        doc->now->plant_facts != NULL && doc->now->plant_facts(plant->model, &facts);
    bool detailed = known && is_inside(doc) && !is_others(doc, team);

    yw_write_object(w, plant->name);
    yw_write_int(w, "level", plant->level);
    if (detailed && plant->sampled)
        yw_write_double(w, "level_seconds", plant->sample.level_s);
    yw_write_string(w, "level_tag", plant->level_tag);
    if (detailed)
        write_limits(doc, &facts);
    yw_write_string(w, "model", plant->model);
    if (detailed && plant->sampled)
        yw_write_double(w, "production_lost_s", plant->sample.lost_s);
    if (detailed)
        write_tags(doc, &facts, plant);
    if (known)
        yw_write_words(w, "title", facts.title.en, facts.title.zh);
    yw_write_int(w, "worst_level", plant->worst_level);
    yw_write_end(w, '}');
}

static void write_story(struct document *doc, const struct yw_story_fold *story)
{
    struct yw_writer *w = &doc->writer;

    yw_write_bool(w, "faulted", story->faulted);
    yw_write_bool(w, "finished", story->finished);
    yw_write_int(w, "index", story->index);
    yw_write_int(w, "since_ms", story->step_ms);
    yw_write_int(w, "span_ms", story->step.span_ms);
    yw_write_string(w, "subject", story->step.subject);
    yw_write_string(w, "verb", story->step.verb);
    yw_write_bool(w, "waiting", story->waiting);
}

static void write_line(struct document *doc, const char *key,
                       const struct yw_score_line *line)
{
    struct yw_writer *w = &doc->writer;
    const struct yw_objective_fold *objective =
        yw_drill_objective(&doc->view->state, line->team, line->subject);

    yw_write_object(w, key);
    yw_write_int(w, "drill_ms", line->drill_ms);
    yw_write_array(w, "events");
    for (size_t i = 0; i <= YW_EVENT_CAUSES_MAX && line->causes[i] != 0; i++)
        yw_write_int(w, NULL, line->causes[i]);
    yw_write_end(w, ']');
    yw_write_int(w, "points", line->points);
    yw_write_text(w, "reason", &line->reason);
    if (line->source == YW_SCORE_OBJECTIVE && objective != NULL)
        yw_write_text(w, "says", &objective->says);
    yw_write_string(w, "source",
                    line->source == YW_SCORE_RULING ? "ruling" : "objective");
    yw_write_string(w, "subject", line->subject);
    yw_write_end(w, '}');
}

static void write_lines(struct document *doc, size_t team)
{
    struct yw_order order;
    char number[24];
    int64_t count = 0;

    yw_order_init(&order);
    for (size_t i = 0; doc->score != NULL && i < doc->score->lines.count; i++) {
        const struct yw_score_line *line = yw_vec_at(&doc->score->lines, i);

        if (line->team == (int)team)
            yw_order_add(&order, yw_write_key(number, ++count), line);
    }
    yw_order_sort(&order);
    for (size_t i = 0; i < order.count; i++)
        write_line(doc, order.entries[i].key, order.entries[i].item);
    yw_order_fini(&order);
}

/* Points after each moment at which they changed; lines stand in order of time. */
static void write_history(struct document *doc, size_t team)
{
    struct yw_order order;
    char number[24];
    int64_t points = 0;
    int64_t *sums = NULL;
    size_t count = doc->score != NULL ? doc->score->lines.count : 0;

    yw_order_init(&order);
    sums = yw_new_array(count + 1, sizeof *sums);
    yw_order_add(&order, "0", &sums[count]);
    for (size_t i = 0; i < count; i++) {
        const struct yw_score_line *line = yw_vec_at(&doc->score->lines, i);

        if (line->team != (int)team)
            continue;
        points += line->points;
        sums[i] = points;
        yw_order_add(&order, yw_write_key(number, line->drill_ms), &sums[i]);
    }
    yw_order_sort(&order);
    yw_write_object(&doc->writer, "history");
    for (size_t i = 0; i < order.count; i++)
        yw_write_int(&doc->writer, order.entries[i].key,
                     *(const int64_t *)order.entries[i].item);
    yw_write_end(&doc->writer, '}');
    yw_order_fini(&order);
    free(sums);
}

static void write_team(struct document *doc, size_t index)
{
    const struct yw_team_fold *team = team_at(doc, index);
    const struct yw_score_team *score =
        doc->score != NULL ? yw_vec_at(&doc->score->teams, index) : NULL;
    struct yw_writer *w = &doc->writer;
    int64_t level = 0;
    int64_t worst = 0;

    for (size_t i = 0; i < team->plants.count; i++) {
        const struct yw_plant_fold *plant = yw_vec_at(&team->plants, i);

        level = plant->level > level ? plant->level : level;
        worst = plant->worst_level > worst ? plant->worst_level : worst;
    }
    write_history(doc, index);
    yw_write_int(w, "index", (int64_t)index);
    yw_write_int(w, "level", level);
    yw_write_string(w, "name", team->name);
    yw_write_int(w, "points", score != NULL ? score->points : 0);
    yw_write_int(w, "rank", score != NULL ? score->rank : 1);
    if (is_inside(doc) && !is_others(doc, index))
        yw_state_write_resets(w, &doc->view->state, team);
    yw_write_int(w, "worst_level", worst);
}

enum section {
    SECTION_ATTACKS,
    SECTION_MACHINES,
    SECTION_OBJECTIVES,
    SECTION_PLANTS,
    SECTION_SCORE_LINES,
    SECTION_STORY,
    SECTION_TEAMS,
};

static void write_named(struct document *doc, enum section section,
                        const struct yw_vec *vec, size_t team)
{
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < vec->count; i++)
        yw_order_add(&order, yw_vec_at(vec, i),
                     yw_vec_at(vec, i)); /* the name stands first */
    yw_order_sort(&order);
    for (size_t i = 0; i < order.count; i++) {
        const char *item = order.entries[i].item;
        size_t index = (size_t)(item - (const char *)vec->items) / vec->item_size;

        if (section == SECTION_ATTACKS)
            write_attack(doc, (const void *)item, index);
        else if (section == SECTION_MACHINES)
            write_machine(doc, (const void *)item);
        else if (section == SECTION_OBJECTIVES)
            write_objective(doc, (const void *)item, index);
        else
            write_plant(doc, (const void *)item, team);
    }
    yw_order_fini(&order);
}

static void write_part(struct document *doc, enum section section, size_t index)
{
    const struct yw_team_fold *team = team_at(doc, index);

    yw_write_object(&doc->writer, team->name);
    switch (section) {
    case SECTION_ATTACKS:
        write_named(doc, section, &team->attacks, index);
        break;
    case SECTION_MACHINES:
        write_named(doc, section, &team->machines, index);
        break;
    case SECTION_OBJECTIVES:
        write_named(doc, section, &team->objectives, index);
        break;
    case SECTION_PLANTS:
        write_named(doc, section, &team->plants, index);
        break;
    case SECTION_SCORE_LINES:
        write_lines(doc, index);
        break;
    case SECTION_STORY:
        write_story(doc, &team->story);
        break;
    case SECTION_TEAMS:
        write_team(doc, index);
        break;
    }
    yw_write_end(&doc->writer, '}');
}

/* One object keyed by team. */
static void write_section(struct document *doc, const char *name, enum section section)
{
    bool own = section == SECTION_MACHINES || section == SECTION_OBJECTIVES;
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < doc->view->state.teams.count; i++) {
        if ((!own || !is_others(doc, i)) && (doc->only < 0 || doc->only == (int)i))
            yw_order_add(&order, team_at(doc, i)->name, team_at(doc, i));
    }
    yw_order_sort(&order);
    yw_write_object(&doc->writer, name);
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_team_fold *team = order.entries[i].item;

        write_part(doc, section, (size_t)(team - team_at(doc, 0)));
    }
    yw_write_end(&doc->writer, '}');
    yw_order_fini(&order);
}

static void write_clock(struct document *doc)
{
    struct yw_writer *w = &doc->writer;

    yw_write_object(w, "clock");
    yw_write_int(w, "drill_ms", doc->now->drill_ms);
    yw_write_bool(w, "running", doc->view->state.clock.running);
    yw_write_double(w, "speed", doc->view->state.clock.speed);
    yw_write_int(w, "wall_us", doc->now->wall_us);
    yw_write_end(w, '}');
}

static void write_drill(struct document *doc)
{
    const struct yw_drill_state *state = &doc->view->state;
    struct yw_writer *w = &doc->writer;

    yw_write_object(w, "drill");
    yw_write_string(w, "head", doc->now->head != NULL ? doc->now->head : "");
    yw_write_string(w, "id", doc->now->drill != NULL ? doc->now->drill : "");
    yw_write_int(w, "length_ms", state->facts.length_ms);
    yw_write_string(w, "phase", yw_phase_name(state->phase));
    yw_write_string(w, "scenario", state->facts.scenario);
    yw_write_string(w, "sector", state->facts.sector);
    yw_write_int(w, "seq", state->seq);
    if (doc->view->audience == YW_AUDIENCE_CONTROL && state->stopped)
        yw_write_bool(w, "stopped", true);
    yw_write_bool(w, "tabletop", state->facts.tabletop);
    yw_write_text(w, "title", &state->facts.title);
    yw_write_end(w, '}');
}

/* Only what control must know of: a host that is as it should be has no section. */
static void write_host(struct document *doc)
{
    const struct yw_drill_state *state = &doc->view->state;
    struct yw_writer *w = &doc->writer;

    if (!state->disk_low && state->host_weak[0] == '\0')
        return;
    yw_write_object(w, "host");
    yw_write_bool(w, "disk_low", state->disk_low);
    yw_write_string(w, "override", state->override);
    yw_write_string(w, "weak", state->host_weak);
    yw_write_end(w, '}');
}

static void write_events(struct document *doc)
{
    struct yw_order order;
    char number[24];
    struct yw_writer *w = &doc->writer;
    const struct yw_event *event = NULL;

    yw_order_init(&order);
    for (size_t i = 0; (event = yw_view_recent(doc->view, i)) != NULL; i++)
        yw_order_add(&order, yw_write_key(number, event->seq), event);
    yw_order_sort(&order);
    yw_write_object(w, "events");
    for (size_t i = 0; i < order.count; i++) {
        struct yw_text words;

        event = order.entries[i].item;
        yw_event_words(event, &doc->view->state, &words);
        yw_write_object(w, order.entries[i].key);
        yw_write_int(w, "drill_ms", event->drill_ms);
        yw_write_string(w, "kind", yw_event_name(event->kind));
        yw_write_int(w, "seq", event->seq);
        if (event->team >= 0) /* no null here: a merge patch cannot carry it */
            yw_write_string(w, "team", team_name(doc, event->team));
        yw_write_int(w, "wall_us", event->wall_us);
        yw_write_text(w, "words", &words);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

void yw_state_encode(struct yw_buf *out, const struct yw_view *view,
                     const struct yw_score *score, const struct yw_state_now *now)
{
    struct document doc = {.view = view, .score = score, .now = now, .only = -1};
    bool control = view->audience == YW_AUDIENCE_CONTROL;
    bool inside = is_inside(&doc);

    yw_writer_init(&doc.writer, out);
    yw_write_object(&doc.writer, NULL);
    if (control)
        write_section(&doc, "attacks", SECTION_ATTACKS);
    if (control)
        yw_state_write_checkpoints(&doc.writer, &view->state);
    write_clock(&doc);
    write_drill(&doc);
    if (now->duty != NULL)
        now->duty(&doc.writer, view, now);
    write_events(&doc);
    if (now->findings != NULL)
        now->findings(&doc.writer, now->findings_arg);
    if (control)
        write_host(&doc);
    if (inside) {
        write_section(&doc, "machines", SECTION_MACHINES);
        write_section(&doc, "objectives", SECTION_OBJECTIVES);
    }
    write_section(&doc, "plants", SECTION_PLANTS);
    if (inside || view->audience == YW_AUDIENCE_TIER) {
        yw_state_write_playbooks(&doc.writer, view);
        yw_state_write_questions(&doc.writer, view);
    }
    write_section(&doc, "score_lines", SECTION_SCORE_LINES);
    if (control)
        write_section(&doc, "story", SECTION_STORY);
    write_section(&doc, "teams", SECTION_TEAMS);
    yw_write_end(&doc.writer, '}');
}

void yw_score_encode(struct yw_buf *out, const struct yw_view *view,
                     const struct yw_score *score, int team)
{
    struct document doc = {.view = view, .score = score, .only = team};

    yw_writer_init(&doc.writer, out);
    yw_write_object(&doc.writer, NULL);
    write_section(&doc, "score_lines", SECTION_SCORE_LINES);
    write_section(&doc, "teams", SECTION_TEAMS);
    yw_write_end(&doc.writer, '}');
}
