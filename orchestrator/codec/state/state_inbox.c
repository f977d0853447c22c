/* The section "duty": what came to an audience (reports, warnings, presence checks), and what it
 * may send: forms, figures, offices. */
#include "codec/state/state_duty_inside.h"

#include "base/mem.h"
#include "codec/order.h"
#include "model/pairs.h"
#include "model/words/words.h"

#include <stdio.h>
#include <string.h>

static const struct yw_event *duty_at(const struct yw_duty_page *page, size_t index)
{
    return *(struct yw_event **)yw_vec_at(&page->view->state.duties, index);
}

/* The events of a kind that are the team's, or everybody's, by their number. */
static void collect(const struct yw_duty_page *page, enum yw_event_kind kind,
                    struct yw_order *order)
{
    yw_order_init(order);
    for (size_t i = 0; i < page->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(page, i);
        char number[24];

        if (event->kind == kind && (event->team == page->team || event->team < 0))
            yw_order_add(order, yw_write_key(number, event->seq), event);
    }
    yw_order_sort(order);
}

/* ---- reports ---- */

static void write_pairs(struct yw_writer *w, const char *key, const char *pairs)
{
    const char *name = NULL, *value;

    yw_write_object(w, key);
    while (yw_pairs_next(pairs, &name, &value))
        yw_write_string(w, name, value);
    yw_write_end(w, '}');
}

static void write_receipts(const struct yw_duty_page *page, int64_t report)
{
    yw_write_object(page->w, "received");
    for (int tier = 0; tier < YW_EVENT_TIERS; tier++) {
        /* city, county, ministry, province: in the order of their names */
        static const int sorted[YW_EVENT_TIERS] = {2, 1, 0, 4, 3};

        for (size_t i = 0; i < page->view->state.duties.count; i++) {
            const struct yw_event *event = duty_at(page, i);

            if (event->kind != YW_EVENT_REPORT_RECEIVED ||
                event->report_received.report != report ||
                event->report_received.tier != sorted[tier])
                continue;
            yw_write_object(page->w, yw_tier_name((enum yw_tier)sorted[tier]));
            yw_write_int(page->w, "at_ms", yw_scheme_at(page->scheme, event));
            yw_write_int(page->w, "seq", event->seq);
            yw_write_string(page->w, "text", event->report_received.text);
            yw_write_end(page->w, '}');
            break;
        }
    }
    yw_write_end(page->w, '}');
}

static void write_report(const struct yw_duty_page *page, const char *key,
                         const struct yw_event *event)
{
    const struct yw_ev_report_sent *p = &event->report_sent;
    struct yw_writer *w = page->w;

    yw_write_object(w, key);
    yw_write_int(w, "at_ms", yw_scheme_at(page->scheme, event));
    yw_write_string(w, "channel", p->channel);
    write_pairs(w, "claims", p->claims);
    yw_write_string(w, "form", p->form);
    yw_write_string(w, "from", p->from);
    yw_write_int(w, "from_tier", p->from_tier);
    yw_write_int(w, "grade", p->grade);
    write_pairs(w, "items", p->items);
    write_receipts(page, event->seq);
    if (p->relays > 0)
        yw_write_int(w, "relays", p->relays);
    yw_write_string(w, "role", p->role);
    yw_write_text(w, "says", &p->says);
    yw_write_string(w, "text", p->text);
    yw_write_int(w, "tiers", p->tiers);
    yw_write_string(w, "to", p->to);
    yw_write_end(w, '}');
}

void yw_state_write_reports(const struct yw_duty_page *page)
{
    struct yw_order order;

    collect(page, YW_EVENT_REPORT_SENT, &order);
    yw_write_object(page->w, "reports");
    for (size_t i = 0; i < order.count; i++)
        write_report(page, order.entries[i].key, order.entries[i].item);
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

/* ---- warnings and presence checks ---- */

static void write_warning_answers(const struct yw_duty_page *page, int64_t warning)
{
    struct yw_order order;

    collect(page, YW_EVENT_WARNING_ANSWERED, &order);
    yw_write_object(page->w, "answers");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_event *event = order.entries[i].item;

        if (event->warning_answered.warning != warning)
            continue;
        yw_write_object(page->w, order.entries[i].key);
        yw_write_string(page->w, "answer", event->warning_answered.answer);
        yw_write_int(page->w, "at_ms", yw_scheme_at(page->scheme, event));
        yw_write_string(page->w, "by",
                        yw_tier_name((enum yw_tier)event->warning_answered.tier));
        yw_write_string(page->w, "text", event->warning_answered.text);
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

void yw_state_write_warnings(const struct yw_duty_page *page)
{
    struct yw_order order;
    struct yw_writer *w = page->w;

    collect(page, YW_EVENT_WARNING_ISSUED, &order);
    yw_write_object(w, "warnings");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_event *event = order.entries[i].item;
        const struct yw_ev_warning_issued *p = &event->warning_issued;
        int source = yw_rule_name(page->law->rules, YW_RULE_PARTY, p->source);

        yw_write_object(w, order.entries[i].key);
        yw_write_string(w, "advice", p->advice);
        write_warning_answers(page, p->warning);
        yw_write_int(w, "at_ms", yw_scheme_at(page->scheme, event));
        if (p->due_ms > 0)
            yw_write_int(w, "due_ms", yw_scheme_at(page->scheme, event) + p->due_ms);
        yw_write_string(w, "level", p->level);
        yw_write_string(w, "scope", p->scope);
        if (source >= 0)
            yw_write_text(w, "source",
                          &page->law->rules->names[YW_RULE_PARTY].rows[source].text);
        yw_write_text(w, "title", &p->title);
        yw_write_string(w, "to", p->to);
        yw_write_int(w, "warning", p->warning);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

static const struct yw_event *presence(const struct yw_duty_page *page, int64_t check)
{
    for (size_t i = 0; i < page->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(page, i);

        if (event->kind == YW_EVENT_WATCH_ANSWERED && event->team == page->team &&
            event->watch_answered.check == check)
            return event;
    }
    return NULL;
}

void yw_state_write_checks(const struct yw_duty_page *page)
{
    struct yw_order order;
    struct yw_writer *w = page->w;

    collect(page, YW_EVENT_WATCH_ASKED, &order);
    yw_write_object(w, "checks");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_event *event = order.entries[i].item;
        const struct yw_event *answer = presence(page, event->watch_asked.check);

        yw_write_object(w, order.entries[i].key);
        if (answer != NULL)
            yw_write_int(w, "answered_ms", yw_scheme_at(page->scheme, answer));
        yw_write_int(w, "asked_ms", yw_scheme_at(page->scheme, event));
        yw_write_int(w, "check", event->watch_asked.check);
        yw_write_int(w, "limit_ms", event->watch_asked.limit_ms);
        if (answer != NULL)
            yw_write_string(w, "officer", answer->watch_answered.officer);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

/* ---- what may be sent ---- */

static bool needs_form(const struct yw_duty_page *page, int form)
{
    const struct yw_rules *rules = page->law->rules;

    for (size_t i = 0; i < rules->pack_count; i++) {
        const struct yw_rule_pack *pack = rules->packs[i];

        for (size_t k = 0;
             yw_exercise_has(&page->scheme->exercise, pack) && k < pack->duty_count;
             k++) {
            if (pack->duties[k].form == form)
                return true;
        }
    }
    return strcmp(rules->names[YW_RULE_FORM].rows[form].id, "zero_report") == 0;
}

static void write_items(struct yw_writer *w, const struct yw_rule_name *form)
{
    struct yw_order order;
    char number[24];

    yw_order_init(&order);
    for (size_t i = 0; i < form->value_count; i++)
        yw_order_add(&order, yw_write_key(number, (int64_t)i + 1), &form->values[i].text);
    yw_order_sort(&order);
    yw_write_object(w, "items");
    for (size_t i = 0; i < order.count; i++)
        yw_write_text(w, order.entries[i].key, order.entries[i].item);
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

void yw_state_write_forms(const struct yw_duty_page *page)
{
    const struct yw_rule_names *forms = &page->law->rules->names[YW_RULE_FORM];
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < forms->count; i++) {
        if (needs_form(page, (int)i))
            yw_order_add(&order, forms->rows[i].id, &forms->rows[i]);
    }
    yw_order_sort(&order);
    yw_write_object(page->w, "forms");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_rule_name *form = order.entries[i].item;

        yw_write_object(page->w, form->id);
        write_items(page->w, form);
        yw_write_text(page->w, "text", &form->text);
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

void yw_state_write_metrics(const struct yw_duty_page *page)
{
    const struct yw_rule_names *metrics = &page->law->rules->names[YW_RULE_METRIC];
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < metrics->count; i++)
        yw_order_add(&order, metrics->rows[i].id, &metrics->rows[i]);
    yw_order_sort(&order);
    yw_write_object(page->w, "metrics");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_rule_name *metric = order.entries[i].item;

        yw_write_object(page->w, metric->id);
        yw_write_text(page->w, "text", &metric->text);
        yw_write_string(page->w, "unit", metric->unit);
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

static void note_list(const struct yw_duty_page *page, const struct yw_rule_list *list,
                      struct yw_order *order)
{
    const struct yw_rule_name *parties = page->law->rules->names[YW_RULE_PARTY].rows;

    for (size_t i = 0; i < list->count; i++) {
        if (parties[list->items[i]].tier < YW_TIER_EACH &&
            parties[list->items[i]].tier > YW_TIER_ENTERPRISE)
            yw_order_add(order, parties[list->items[i]].id, &parties[list->items[i]]);
    }
}

/* The offices that the packs of the exercise name: whom a report may go to. */
void yw_state_write_parties(const struct yw_duty_page *page)
{
    const struct yw_rules *rules = page->law->rules;
    const char *last = "";
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < rules->pack_count; i++) {
        const struct yw_rule_pack *pack = rules->packs[i];

        for (size_t k = 0;
             yw_exercise_has(&page->scheme->exercise, pack) && k < pack->duty_count;
             k++) {
            note_list(page, &pack->duties[k].notify, &order);
            note_list(
                page,
                &(struct yw_rule_list){.items = {pack->duties[k].actor}, .count = 1},
                &order);
        }
    }
    yw_order_sort(&order);
    yw_write_object(page->w, "parties");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_rule_name *party = order.entries[i].item;

        if (strcmp(last, party->id) == 0)
            continue;
        last = party->id;
        yw_write_object(page->w, party->id);
        yw_write_text(page->w, "text", &party->text);
        yw_write_int(page->w, "tier", (int64_t)party->tier);
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

void yw_state_write_period(const struct yw_duty_page *page)
{
    const struct yw_event *period = NULL;
    struct yw_writer *w = page->w;

    for (size_t i = 0; i < page->view->state.duties.count; i++) {
        if (duty_at(page, i)->kind == YW_EVENT_PERIOD_CHANGED)
            period = duty_at(page, i);
    }
    if (period == NULL || !period->period_changed.on)
        return;
    yw_write_object(w, "period");
    yw_write_int(w, "check_every_ms", period->period_changed.check_every_ms);
    yw_write_bool(w, "freeze", period->period_changed.freeze);
    yw_write_string(w, "important", page->view->state.duty_plan.important);
    yw_write_int(w, "since_ms", yw_scheme_at(page->scheme, period));
    yw_write_string(w, "state", period->period_changed.state);
    yw_write_string(w, "text", period->period_changed.text);
    yw_write_int(w, "zero_every_ms", period->period_changed.zero_every_ms);
    yw_write_end(w, '}');
}

void yw_state_write_tiers(const struct yw_duty_page *page)
{
    static const int sorted[YW_EVENT_TIERS] = {2, 1, 0, 4, 3};
    const struct yw_drill_state *state = &page->view->state;

    yw_write_object(page->w, "tiers");
    for (int i = 0; i < YW_EVENT_TIERS; i++) {
        struct yw_text words;

        if (!state->tier_planned[sorted[i]])
            continue;
        yw_words_tier(sorted[i], &words);
        yw_write_object(page->w, yw_tier_name((enum yw_tier)sorted[i]));
        yw_write_bool(page->w, "people", state->tiers[sorted[i]].people);
        yw_write_string(page->w, "roles", state->tiers[sorted[i]].roles);
        yw_write_text(page->w, "text", &words);
        yw_write_int(page->w, "tier", sorted[i]);
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
}
