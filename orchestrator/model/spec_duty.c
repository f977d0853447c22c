/* The part of a spec that is about duties: tiers, limits, periods. */
#include "model/spec.h"

#include "base/pack.h"
#include "model/process.h"

#include <math.h>
#include <string.h>

static const char *const tiers[YW_SPEC_TIERS_MAX] = {"enterprise", "county", "city",
                                                     "province", "ministry"};

int yw_spec_tier(const char *name)
{
    for (int i = 0; i < YW_SPEC_TIERS_MAX; i++) {
        if (strcmp(tiers[i], name) == 0)
            return i;
    }
    return -1;
}

const char *yw_spec_tier_name(int tier)
{
    return tier >= 0 && tier < YW_SPEC_TIERS_MAX ? tiers[tier] : NULL;
}

static int check_tiers(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->tier_count; i++) {
        const struct yw_spec_tier *tier = &spec->tiers[i];

        if (yw_spec_tier(tier->name) < 0)
            return yw_err_set(err, YW_EINVAL,
                              "scenario.lua:%d: tier '%s': expected enterprise, county, "
                              "city, province or ministry",
                              tier->line, tier->name);
        if (tier->leader[0] != '\0' && tier->roles[0] != '\0' &&
            !yw_spec_has_word(tier->roles, tier->leader))
            return yw_err_set(err, YW_EINVAL,
                              "scenario.lua:%d: tier '%s': leader '%s' is none of its "
                              "roles: %s",
                              tier->line, tier->name, tier->leader, tier->roles);
    }
    return 0;
}

/* An office whose desk the system keeps has nobody who could answer. */
static int check_offices(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->playbook_count; i++) {
        const struct yw_spec_playbook *playbook = &spec->playbooks[i];
        const struct yw_spec_tier *tier = NULL;

        for (size_t k = 0; k < spec->tier_count; k++) {
            if (strcmp(spec->tiers[k].name, playbook->office) == 0)
                tier = &spec->tiers[k];
        }
        if (playbook->office[0] != '\0' &&
            (tier == NULL || !tier->people || yw_spec_tier(tier->name) <= 0))
            return yw_err_set(err, YW_EINVAL,
                              "scenario.lua:%d: playbook '%s': office '%s' must be a tier "
                              "above the enterprise that people play",
                              playbook->line, playbook->name, playbook->office);
        if ((playbook->office[0] != '\0') == (playbook->starts_on.count > 0))
            return yw_err_set(err, YW_EINVAL,
                              "scenario.lua:%d: playbook '%s': either starts_on, or the "
                              "office that a report starts it in",
                              playbook->line, playbook->name);
    }
    return 0;
}

double yw_spec_measured(const struct yw_spec_measure *measure, double reading)
{
    bool bounded = !isnan(measure->above) || !isnan(measure->below);
    double value = bounded ? measure->counts : measure->factor * reading;

    if (bounded && !(reading > measure->above) && !(reading < measure->below))
        return 0;
    return value > 0 && isfinite(value) ? value : 0;
}

static int check_measure(const struct yw_spec *spec,
                         const struct yw_spec_measure *measure, struct yw_err *err)
{
    const struct yw_spec_reading *from = &measure->from;
    bool bounded = !isnan(measure->above) || !isnan(measure->below);
    const char *what = NULL;

    if (from->plant < 0 || from->plant >= (int)spec->plant_count ||
        (strcmp(from->tag, YW_SPEC_OUTAGE) != 0 &&
         yw_process_tag(spec->plants[from->plant].model, from->tag) < 0))
        what = "from: the plant has no such tag";
    else if (bounded != (measure->counts > 0))
        what = "counts belongs to above or below";
    else if (bounded && measure->factor != 1)
        what = "factor and counts do not go together";
    else if (!(measure->factor > 0))
        what = "factor must be above 0";
    return what == NULL ? 0
                        : yw_err_set(err, YW_EINVAL, "scenario.lua:%d: measure '%s': %s",
                                     measure->line, measure->name, what);
}

int yw_spec_check_duty(const struct yw_spec *spec, struct yw_err *err)
{
    int status = check_tiers(spec, err);

    if (status == 0)
        status = check_offices(spec, err);

    if (status == 0 && !(spec->tolerance >= 0 && spec->tolerance <= 1))
        status =
            yw_err_set(err, YW_EINVAL, "scenario.lua: tolerance must be from 0 to 1");
    for (size_t i = 0; i < spec->measure_count && status == 0; i++)
        status = check_measure(spec, &spec->measures[i], err);
    for (size_t i = 0; i < spec->limit_count && status == 0; i++) {
        if (spec->limits[i].within_ms < 1000)
            status = yw_err_set(err, YW_EINVAL,
                                "scenario.lua:%d: limit '%s': within: a second at least",
                                spec->limits[i].line, spec->limits[i].name);
    }
    for (size_t i = 0; i < spec->period_count && status == 0; i++) {
        const struct yw_spec_period *period = &spec->periods[i];

        if (period->to_ms > 0 && period->to_ms <= period->from_ms)
            status = yw_err_set(err, YW_EINVAL,
                                "scenario.lua:%d: period '%s': it ends before it begins",
                                period->line, period->name);
        else if (period->check_every_ms > 0 &&
                 (period->check_limit_ms < 1000 ||
                  period->check_limit_ms >= period->check_every_ms))
            status = yw_err_set(
                err, YW_EINVAL,
                "scenario.lua:%d: period '%s': check_limit: at least a second, and less "
                "than checks",
                period->line, period->name);
    }
    return status;
}

static void pack_periods(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->period_count);
    for (size_t i = 0; i < spec->period_count; i++) {
        const struct yw_spec_period *period = &spec->periods[i];

        yw_pack_str(out, period->name);
        yw_pack_str(out, period->state);
        yw_pack_i64(out, period->from_ms);
        yw_pack_i64(out, period->to_ms);
        yw_pack_i64(out, period->zero_every_ms);
        yw_pack_i64(out, period->check_every_ms);
        yw_pack_i64(out, period->check_limit_ms);
        yw_pack_u8(out, period->freeze ? 1 : 0);
        yw_pack_u32(out, (uint32_t)period->line);
    }
}

static void pack_measures(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->measure_count);
    for (size_t i = 0; i < spec->measure_count; i++) {
        const struct yw_spec_measure *measure = &spec->measures[i];

        yw_pack_str(out, measure->name);
        yw_pack_str(out, measure->metric);
        yw_pack_u32(out, (uint32_t)measure->from.plant);
        yw_pack_str(out, measure->from.tag);
        yw_pack_f64(out, measure->factor);
        yw_pack_f64(out, measure->above);
        yw_pack_f64(out, measure->below);
        yw_pack_f64(out, measure->counts);
        yw_pack_u32(out, (uint32_t)measure->line);
    }
}

void yw_spec_pack_duty(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_str(out, spec->region);
    yw_pack_str(out, spec->classes);
    yw_pack_str(out, spec->date);
    yw_pack_u8(out, spec->wall_clock ? 1 : 0);
    yw_pack_f64(out, spec->tolerance);
    yw_pack_u32(out, (uint32_t)spec->tier_count);
    for (size_t i = 0; i < spec->tier_count; i++) {
        const struct yw_spec_tier *tier = &spec->tiers[i];

        yw_pack_str(out, tier->name);
        yw_pack_u8(out, tier->people ? 1 : 0);
        yw_pack_i64(out, tier->receive_ms);
        yw_pack_i64(out, tier->relay_ms);
        yw_pack_str(out, tier->roles);
        yw_pack_str(out, tier->leader);
        yw_pack_u32(out, (uint32_t)tier->line);
    }
    yw_pack_u32(out, (uint32_t)spec->limit_count);
    for (size_t i = 0; i < spec->limit_count; i++) {
        yw_pack_str(out, spec->limits[i].name);
        yw_pack_str(out, spec->limits[i].duty);
        yw_pack_i64(out, spec->limits[i].within_ms);
        yw_pack_u32(out, (uint32_t)spec->limits[i].line);
    }
    pack_periods(out, spec);
    pack_measures(out, spec);
}

static int64_t unpack_span(struct yw_unpack *in)
{
    int64_t span_ms = yw_unpack_i64(in);

    if (span_ms < 0 || span_ms > INT64_C(1) << 40)
        in->failed = true;
    return span_ms;
}

static int unpack_line(struct yw_unpack *in)
{
    return (int)(yw_unpack_u32(in) & INT32_MAX);
}

static void unpack_periods(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->period_count = yw_unpack_count(in, YW_SPEC_PERIODS_MAX);
    for (size_t i = 0; i < spec->period_count && !in->failed; i++) {
        struct yw_spec_period *period = &spec->periods[i];

        yw_unpack_str(in, period->name, sizeof period->name);
        yw_unpack_str(in, period->state, sizeof period->state);
        period->from_ms = unpack_span(in);
        period->to_ms = unpack_span(in);
        period->zero_every_ms = unpack_span(in);
        period->check_every_ms = unpack_span(in);
        period->check_limit_ms = unpack_span(in);
        period->freeze = yw_unpack_u8(in) != 0;
        period->line = unpack_line(in);
    }
}

static void unpack_measures(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->measure_count = yw_unpack_count(in, YW_SPEC_MEASURES_MAX);
    for (size_t i = 0; i < spec->measure_count && !in->failed; i++) {
        struct yw_spec_measure *measure = &spec->measures[i];

        yw_unpack_str(in, measure->name, sizeof measure->name);
        yw_unpack_str(in, measure->metric, sizeof measure->metric);
        measure->from.plant = (int)(yw_unpack_u32(in) & INT32_MAX);
        yw_unpack_str(in, measure->from.tag, sizeof measure->from.tag);
        measure->factor = yw_unpack_f64(in);
        measure->above = yw_unpack_f64(in);
        measure->below = yw_unpack_f64(in);
        measure->counts = yw_unpack_f64(in);
        measure->line = unpack_line(in);
        if (!isfinite(measure->factor) || !isfinite(measure->counts))
            in->failed = true;
    }
}

void yw_spec_unpack_duty(struct yw_unpack *in, struct yw_spec *spec)
{
    yw_unpack_str(in, spec->region, sizeof spec->region);
    yw_unpack_str(in, spec->classes, sizeof spec->classes);
    yw_unpack_str(in, spec->date, sizeof spec->date);
    spec->wall_clock = yw_unpack_u8(in) != 0;
    spec->tolerance = yw_unpack_f64(in);
    if (!isfinite(spec->tolerance))
        in->failed = true;
    spec->tier_count = yw_unpack_count(in, YW_SPEC_TIERS_MAX);
    for (size_t i = 0; i < spec->tier_count && !in->failed; i++) {
        struct yw_spec_tier *tier = &spec->tiers[i];

        yw_unpack_str(in, tier->name, sizeof tier->name);
        tier->people = yw_unpack_u8(in) != 0;
        tier->receive_ms = unpack_span(in);
        tier->relay_ms = unpack_span(in);
        yw_unpack_str(in, tier->roles, sizeof tier->roles);
        yw_unpack_str(in, tier->leader, sizeof tier->leader);
        tier->line = unpack_line(in);
    }
    spec->limit_count = yw_unpack_count(in, YW_SPEC_LIMITS_MAX);
    for (size_t i = 0; i < spec->limit_count && !in->failed; i++) {
        yw_unpack_str(in, spec->limits[i].name, sizeof spec->limits[i].name);
        yw_unpack_str(in, spec->limits[i].duty, sizeof spec->limits[i].duty);
        spec->limits[i].within_ms = unpack_span(in);
        spec->limits[i].line = unpack_line(in);
    }
    unpack_periods(in, spec);
    unpack_measures(in, spec);
}
