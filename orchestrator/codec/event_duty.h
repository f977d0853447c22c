/* The rows of duties' payloads; codec/event.c alone includes it, within its macros. */
#ifndef YW_CODEC_EVENT_DUTY_H
#define YW_CODEC_EVENT_DUTY_H

ROWS(duty_planned){
    F(STRING, duty_planned, classes),    F(PAIRS, duty_planned, digests),
    F(STRING, duty_planned, important),  F(PAIRS, duty_planned, limits),
    F(STRING, duty_planned, packs),      F(STRING, duty_planned, region),
    F(INT, duty_planned, start_local_s), F(DOUBLE, duty_planned, tolerance),
    F(BOOL, duty_planned, wall)};
ROWS(tier_planned){F(BOOL, tier_planned, people), F(INT, tier_planned, receive_ms),
                   F(INT, tier_planned, relay_ms), F(STRING, tier_planned, roles),
                   F(INT, tier_planned, tier)};
ROWS(incident_marked){F(BOOL, incident_marked, hidden), F(STRING, incident_marked, mark),
                      F(STRING, incident_marked, role), F(TEXT, incident_marked, says),
                      F(STRING, incident_marked, text)};
ROWS(metric_measured){F(STRING, metric_measured, metric),
                      F(STRING, metric_measured, reason), F(TEXT, metric_measured, says),
                      F(STRING, metric_measured, value)};
ROWS(fact_known){F(STRING, fact_known, metric), F(TEXT, fact_known, says),
                 F(STRING, fact_known, text)};
ROWS(grade_given){F(INT, grade_given, grade),     F(BOOL, grade_given, hidden),
                  F(BOOL, grade_given, likely),   F(STRING, grade_given, pack),
                  F(STRING, grade_given, reason), F(STRING, grade_given, role),
                  F(TEXT, grade_given, says)};
ROWS(report_sent){F(STRING, report_sent, channel), F(PAIRS, report_sent, claims),
                  F(STRING, report_sent, form),    F(STRING, report_sent, from),
                  F(INT, report_sent, from_tier),  F(INT, report_sent, grade),
                  F(PAIRS, report_sent, items),    F(INT, report_sent, relays),
                  F(STRING, report_sent, role),    F(TEXT, report_sent, says),
                  F(STRING, report_sent, text),    F(INT, report_sent, tiers),
                  F(STRING, report_sent, to)};
ROWS(report_received){F(INT, report_received, report), F(STRING, report_received, role),
                      F(STRING, report_received, text), F(INT, report_received, tier),
                      F(INT, report_received, tiers)};
ROWS(duty_done){F(STRING, duty_done, duty), F(STRING, duty_done, role),
                F(TEXT, duty_done, says), F(STRING, duty_done, text)};
ROWS(period_changed){
    F(INT, period_changed, check_every_ms), F(INT, period_changed, check_limit_ms),
    F(BOOL, period_changed, freeze),        F(BOOL, period_changed, on),
    F(TEXT, period_changed, says),          F(STRING, period_changed, state),
    F(STRING, period_changed, text),        F(INT, period_changed, zero_every_ms)};
ROWS(watch_asked){F(INT, watch_asked, check), F(INT, watch_asked, limit_ms)};
ROWS(watch_answered){F(INT, watch_answered, check), F(STRING, watch_answered, officer),
                     F(STRING, watch_answered, text)};
ROWS(warning_issued){F(STRING, warning_issued, advice), F(INT, warning_issued, due_ms),
                     F(STRING, warning_issued, level),  F(STRING, warning_issued, scope),
                     F(STRING, warning_issued, source), F(INT, warning_issued, tiers),
                     F(TEXT, warning_issued, title),    F(STRING, warning_issued, to),
                     F(INT, warning_issued, warning)};
ROWS(warning_answered){
    F(STRING, warning_answered, answer), F(STRING, warning_answered, role),
    F(STRING, warning_answered, text),   F(INT, warning_answered, tier),
    F(INT, warning_answered, tiers),     F(INT, warning_answered, warning)};
ROWS(fault_disputed){F(STRING, fault_disputed, fault), F(STRING, fault_disputed, reason),
                     F(STRING, fault_disputed, role), F(TEXT, fault_disputed, says)};
ROWS(fault_ruled){F(STRING, fault_ruled, fault), F(STRING, fault_ruled, reason),
                  F(TEXT, fault_ruled, says), F(STRING, fault_ruled, verdict)};
ROWS(change_frozen){F(STRING, change_frozen, machine), F(STRING, change_frozen, reason),
                    F(STRING, change_frozen, what)};

#endif
