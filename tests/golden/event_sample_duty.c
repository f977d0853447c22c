#include "event_sample.h"

#include "base/mem.h"
#include "model/pairs.h"

#include <assert.h>

static const struct yw_text says = {.zh = "发现事件", .en = "finds the incident"};

static void put(char *pairs, size_t size, const char *name, const char *value)
{
    bool fits = yw_pairs_put(pairs, size, name, value);

    assert(fits);
    (void)fits;
}

static void incident(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_DUTY_PLANNED) {
        ret->duty_planned = (struct yw_ev_duty_planned){.start_local_s = 1795000000,
                                                        .region = "CN-CQ",
                                                        .classes = "cii level3",
                                                        .packs = "CAC-REPORT-2025",
                                                        .important = "plc1",
                                                        .tolerance = 0.1};
        put(ret->duty_planned.limits, sizeof ret->duty_planned.limits, "CQ.LADDER.1",
            "600");
        put(ret->duty_planned.digests, sizeof ret->duty_planned.digests,
            "CAC-REPORT-2025",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    } else if (kind == YW_EVENT_TIER_PLANNED)
        ret->tier_planned = (struct yw_ev_tier_planned){.tier = 1,
                                                        .receive_ms = 120000,
                                                        .relay_ms = 600000,
                                                        .roles = "duty_officer leader"};
    else if (kind == YW_EVENT_INCIDENT_MARKED)
        ret->incident_marked = (struct yw_ev_incident_marked){
            .mark = "discovered", .role = "ir_lead", .text = "加药异常", .says = says};
    else if (kind == YW_EVENT_METRIC_MEASURED)
        ret->metric_measured = (struct yw_ev_metric_measured){.metric = "people_affected",
                                                              .value = "120000",
                                                              .reason = "story",
                                                              .says = says};
    else if (kind == YW_EVENT_FACT_KNOWN)
        ret->fact_known = (struct yw_ev_fact_known){
            .metric = "people_affected", .text = "customer calls", .says = says};
    else
        ret->grade_given = (struct yw_ev_grade_given){.pack = "CAC-REPORT-2025",
                                                      .grade = 2,
                                                      .likely = true,
                                                      .role = "ir_lead",
                                                      .reason = "100k people",
                                                      .says = says};
}

static void report(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_REPORT_SENT) {
        ret->report_sent =
            (struct yw_ev_report_sent){.form = "cac_art7",
                                       .from = "enterprise",
                                       .to = "county_jingxin cac_provincial",
                                       .tiers = 11,
                                       .grade = 2,
                                       .channel = "phone",
                                       .role = "reporter",
                                       .text = "初报",
                                       .says = says};
        put(ret->report_sent.items, sizeof ret->report_sent.items, "2", "08:30，加药间");
        put(ret->report_sent.items, sizeof ret->report_sent.items, "1", "自来水厂");
        put(ret->report_sent.claims, sizeof ret->report_sent.claims, "people_affected",
            "120000");
    } else if (kind == YW_EVENT_REPORT_RECEIVED)
        ret->report_received = (struct yw_ev_report_received){
            .report = 17, .tier = 1, .tiers = 3, .role = "duty_officer", .text = "收到"};
    else if (kind == YW_EVENT_DUTY_DONE)
        ret->duty_done = (struct yw_ev_duty_done){
            .duty = "CQ.SELF", .role = "ir_lead", .text = "启动预案", .says = says};
    else if (kind == YW_EVENT_PERIOD_CHANGED)
        ret->period_changed = (struct yw_ev_period_changed){.state = "CQ.KEYPERIOD",
                                                            .on = true,
                                                            .freeze = true,
                                                            .zero_every_ms = 86400000,
                                                            .check_every_ms = 14400000,
                                                            .check_limit_ms = 300000,
                                                            .text = "重大活动",
                                                            .says = says};
    else if (kind == YW_EVENT_WATCH_ASKED)
        ret->watch_asked = (struct yw_ev_watch_asked){.check = 3, .limit_ms = 300000};
    else
        ret->watch_answered = (struct yw_ev_watch_answered){
            .check = 3, .officer = "li", .text = "on the desk"};
}

void event_sample_duty(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind <= YW_EVENT_GRADE_GIVEN)
        incident(kind, ret);
    else if (kind <= YW_EVENT_WATCH_ANSWERED)
        report(kind, ret);
    else if (kind == YW_EVENT_WARNING_ISSUED)
        ret->warning_issued = (struct yw_ev_warning_issued){.warning = 1,
                                                            .level = "orange",
                                                            .source = "miit",
                                                            .title = says,
                                                            .scope = "plc1",
                                                            .advice = "升级固件",
                                                            .due_ms = 7200000,
                                                            .to = "enterprise county",
                                                            .tiers = 5};
    else if (kind == YW_EVENT_WARNING_ANSWERED)
        ret->warning_answered = (struct yw_ev_warning_answered){.warning = 1,
                                                                .answer = "self-check",
                                                                .tier = 1,
                                                                .tiers = 5,
                                                                .role = "ir_lead",
                                                                .text = "one found"};
    else if (kind == YW_EVENT_FAULT_DISPUTED)
        ret->fault_disputed =
            (struct yw_ev_fault_disputed){.fault = "LATE:CQ.LADDER.1:17",
                                          .role = "leader",
                                          .reason = "断网",
                                          .says = says};
    else if (kind == YW_EVENT_FAULT_RULED)
        ret->fault_ruled = (struct yw_ev_fault_ruled){.fault = "LATE:CQ.LADDER.1:17",
                                                      .verdict = "dismissed",
                                                      .reason = "属实",
                                                      .says = says};
    else
        ret->change_frozen = (struct yw_ev_change_frozen){
            .machine = "plc1", .what = "reset", .reason = "emergency"};
}
