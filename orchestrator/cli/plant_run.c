#include "cli/plant_run.h"

#include "base/id.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_TEXT_MAX 256

static int read_number(const char *text, double *ret)
{
    char *end = NULL;

    *ret = strtod(text, &end);
    return text[0] != '\0' && *end == '\0' && isfinite(*ret) ? 0 : YW_EINVAL;
}

static int find_tag(const struct yw_plant_ask *ask, const char *name, size_t *ret,
                    struct yw_err *err)
{
    const char *names[YW_PLANT_TAGS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < ask->model->tag_count; i++) {
        const struct yw_plant_tag *tag = &ask->model->tags[i];

        if (tag->state != 0 && strcmp(tag->name, name) == 0) {
            *ret = i;
            return 0;
        }
        if (tag->state != 0)
            names[count++] = tag->name;
    }
    char meant[YW_MEANT_MAX];
    const char *near = yw_name_nearest(name, names, count);

    return yw_err_set(err, YW_EINVAL, "--init: '%s' is no tag that can be set%s", name,
                      near ? yw_meant(meant, near) : " (plant show tells which can)");
}

static int find_input(const struct yw_plant_ask *ask, const char *name, size_t *ret,
                      struct yw_err *err)
{
    const char *names[YW_PLANT_INPUTS_MAX];

    for (size_t i = 0; i < ask->model->input_count; i++) {
        names[i] = ask->model->inputs[i].name;
        if (strcmp(names[i], name) == 0) {
            *ret = i;
            return 0;
        }
    }
    char meant[YW_MEANT_MAX];
    const char *near = yw_name_nearest(name, names, ask->model->input_count);

    return yw_err_set(err, YW_EINVAL, "--set: no input '%s'%s", name,
                      yw_meant(meant, near));
}

static int find_fault(const struct yw_plant_ask *ask, char *name,
                      struct yw_plant_fault *ret, struct yw_err *err)
{
    char *target = strchr(name, ':');

    if (target == NULL)
        return yw_err_set(err, YW_EINVAL,
                          "--fault: expected KIND:TARGET[=SIZE][@SECONDS]; got '%s'",
                          name);
    *target++ = '\0';
    int kind = yw_fault_kind_of(name);

    if (kind < 0) {
        char meant[YW_MEANT_MAX];
        const char *near = yw_fault_kind_nearest(name);

        return yw_err_set(err, YW_EINVAL, "--fault: no kind '%s'%s", name,
                          yw_meant(meant, near));
    }
    return yw_plant_find_fault(ask->model, (enum yw_fault_kind)kind, target, ret, err);
}

/* Seconds are told to the millisecond, the least of all steps: a rounding is no loss of
 * production, and 117.6 no 117.60000000000001. */
static double to_ms(double seconds)
{
    return floor(seconds * 1000 + 0.5) / 1000;
}

static int64_t step_at(const struct yw_plant_model *model, double seconds)
{
    return (int64_t)(seconds / model->step_s + 0.5);
}

/* Cuts "NAME=VALUE@SECONDS" in place. */
static int cut(char *text, const char *option, bool timed, bool valued,
               struct yw_plant_order *ret, double *ret_at_s, struct yw_err *err)
{
    char *at = timed ? strrchr(text, '@') : NULL;
    char *value;

    *ret_at_s = 0;
    if (at != NULL)
        *at++ = '\0';
    if (at != NULL && (read_number(at, ret_at_s) < 0 || *ret_at_s < 0))
        return yw_err_set(err, YW_EINVAL, "%s: expected seconds from 0 after @; got '%s'",
                          option, at);
    value = strchr(text, '=');
    if (value == NULL && !valued)
        return 0;
    if (value == NULL)
        return yw_err_set(err, YW_EINVAL, "%s: expected NAME=VALUE%s; got '%s'", option,
                          timed ? "[@SECONDS]" : "", text);
    *value++ = '\0';
    if (read_number(value, &ret->value) < 0)
        return yw_err_set(err, YW_EINVAL, "%s: %s: expected a number; got '%s'", option,
                          text, value);
    return 0;
}

static int check_range(const struct yw_plant_ask *ask, const struct yw_plant_order *order,
                       struct yw_err *err)
{
    bool set = order->kind == YW_PLANT_ORDER_SET;
    const struct yw_plant_input *in = &ask->model->inputs[set ? order->target : 0];
    const struct yw_plant_tag *tag = &ask->model->tags[set ? 0 : order->target];
    double low = set ? in->low : tag->low, high = set ? in->high : tag->high;

    if (order->value >= low && order->value <= high)
        return 0;
    return yw_err_set(err, YW_EINVAL, "%s: %s: %g is outside %g..%g",
                      set ? "--set" : "--init", set ? in->name : tag->name, order->value,
                      low, high);
}

static void insert(struct yw_plant_ask *ask, const struct yw_plant_order *order)
{
    size_t i = ask->order_count++;

    for (; i > 0 && ask->orders[i - 1].at_step > order->at_step; i--)
        ask->orders[i] = ask->orders[i - 1];
    ask->orders[i] = *order;
}

int yw_plant_ask_order(struct yw_plant_ask *ask, enum yw_plant_order_kind kind,
                       const char *text, struct yw_err *err)
{
    static const char *const options[] = {"--init", "--set", "--fault"};
    struct yw_plant_order order = {.kind = kind};
    char copy[ORDER_TEXT_MAX];
    double at_s = 0;
    int code;

    if (ask->order_count == YW_PLANT_RUN_ORDERS_MAX)
        return yw_err_set(err, YW_ELIMIT, "at most %d of --init, --set and --fault",
                          YW_PLANT_RUN_ORDERS_MAX);
    if (YW_COPY(copy, text) < 0)
        return yw_err_set(err, YW_ELIMIT, "%s: at most %d bytes", options[kind],
                          ORDER_TEXT_MAX - 1);
    code = cut(copy, options[kind], kind != YW_PLANT_ORDER_INIT,
               kind != YW_PLANT_ORDER_FAULT, &order, &at_s, err);
    if (code == 0 && kind == YW_PLANT_ORDER_INIT)
        code = find_tag(ask, copy, &order.target, err);
    else if (code == 0 && kind == YW_PLANT_ORDER_SET)
        code = find_input(ask, copy, &order.target, err);
    else if (code == 0)
        code = find_fault(ask, copy, &order.fault, err);
    if (code == 0 && kind != YW_PLANT_ORDER_FAULT)
        code = check_range(ask, &order, err);
    if (code < 0)
        return code;
    order.at_step = step_at(ask->model, at_s);
    order.fault.size = order.value;
    order.fault.at_step = order.at_step;
    insert(ask, &order);
    return 0;
}

static int check(const struct yw_plant_ask *ask, struct yw_err *err)
{
    double steps = ask->seconds / ask->model->step_s;
    double rows = ask->seconds / ask->every_s;

    if (!(ask->seconds > 0) || steps > YW_PLANT_RUN_STEPS_MAX)
        return yw_err_set(err, YW_EINVAL,
                          "--seconds: expected above 0, at most %.0f; got %g",
                          YW_PLANT_RUN_STEPS_MAX * ask->model->step_s, ask->seconds);
    if (!(ask->every_s >= ask->model->step_s * (1 - 1e-9)))
        return yw_err_set(err, YW_EINVAL, "--step: '%s' runs at %g s a step; got %g",
                          ask->model->name, ask->model->step_s, ask->every_s);
    if (rows > YW_PLANT_RUN_ROWS_MAX)
        return yw_err_set(err, YW_ELIMIT, "--step: at most %d samples; %g s make %.0f",
                          YW_PLANT_RUN_ROWS_MAX, ask->every_s, rows);
    return 0;
}

static bool on_scan(void *arg, struct yw_plant *plant)
{
    struct yw_plant_trace *trace = arg;
    const struct yw_plant_model *model = yw_plant_model(plant);

    for (size_t i = 0; i < model->limit_count; i++) {
        if (trace->first_s[i] < 0 && yw_plant_crossed(plant, i))
            trace->first_s[i] = to_ms((double)yw_plant_steps(plant) * model->step_s);
    }
    return false;
}

static void take_row(struct yw_plant_trace *trace, struct yw_plant *plant)
{
    const struct yw_plant_model *model = yw_plant_model(plant);
    int tag = -1;

    trace->at_s[trace->count] = to_ms((double)yw_plant_steps(plant) * model->step_s);
    for (size_t i = 0; i < model->tag_count; i++)
        trace->truth[trace->count * model->tag_count + i] = yw_plant_truth(plant, i);
    trace->level[trace->count] = yw_plant_level(plant, &tag);
    trace->count++;
}

static int obey(struct yw_plant *plant, const struct yw_plant_order *order,
                struct yw_err *err)
{
    if (order->kind == YW_PLANT_ORDER_INIT)
        return yw_plant_set_tag(plant, order->target, order->value);
    if (order->kind == YW_PLANT_ORDER_SET)
        return yw_plant_set_input(plant, order->target, order->value);
    return yw_plant_set_fault(plant, &order->fault, err);
}

int yw_plant_trace_run(struct yw_plant_trace *ret, const struct yw_plant_ask *ask,
                       struct yw_err *err)
{
    const struct yw_plant_model *model = ask->model;
    int code = check(ask, err);

    memset(ret, 0, sizeof *ret);
    if (code < 0)
        return code;
    int64_t end = step_at(model, ask->seconds);
    size_t rows = (size_t)(ask->seconds / ask->every_s + 1e-6) + 1, next = 0;
    struct yw_plant *plant = yw_plant_new(model, (uint64_t)ask->seed);

    assert(model->limit_count <= YW_PLANT_RUN_LIMITS_MAX);
    ret->ask = ask;
    ret->at_s = yw_new_array(rows, sizeof *ret->at_s);
    ret->truth = yw_new_array(rows * model->tag_count, sizeof *ret->truth);
    ret->level = yw_new_array(rows, sizeof *ret->level);
    for (size_t i = 0; i < model->limit_count; i++)
        ret->first_s[i] = -1;
    yw_plant_control(plant, ask->control);
    while (code == 0) {
        int64_t row =
            ret->count < rows ? step_at(model, (double)ret->count * ask->every_s) : end;
        bool order_first = next < ask->order_count && ask->orders[next].at_step <= row &&
                           ask->orders[next].at_step <= end;

        yw_plant_run_to(plant, order_first ? ask->orders[next].at_step : row, on_scan,
                        ret);
        if (order_first) {
            code = obey(plant, &ask->orders[next++], err);
            continue;
        }
        (void)on_scan(ret, plant);
        if (ret->count == rows)
            break;
        take_row(ret, plant);
    }
    ret->level_s = to_ms(yw_plant_level_seconds(plant));
    ret->lost_s = to_ms(yw_plant_production_lost(plant));
    yw_plant_free(plant);
    if (code < 0)
        yw_plant_trace_fini(ret);
    return code;
}

void yw_plant_trace_fini(struct yw_plant_trace *trace)
{
    if (trace == NULL)
        return;
    free(trace->at_s);
    free(trace->truth);
    free(trace->level);
    memset(trace, 0, sizeof *trace);
}
