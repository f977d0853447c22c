/* What the two files of the section "duty" share; no other room includes it. */
#ifndef YW_CODEC_STATE_DUTY_INSIDE_H
#define YW_CODEC_STATE_DUTY_INSIDE_H

#include "codec/write.h"
#include "response/merit.h"

struct yw_duty_page {
    struct yw_writer *w;
    const struct yw_view *view;
    const struct yw_law *law;
    const struct yw_scheme *scheme;
    int team;                 /* whose part is written */
    int64_t now_ms;           /* in the clock of the exercise */
    struct yw_record *record; /* of that team */
    struct yw_judged *judged;
};

/* state_inbox.c: what came, and what may be sent */
void yw_state_write_checks(const struct yw_duty_page *page);
void yw_state_write_reports(const struct yw_duty_page *page);
void yw_state_write_warnings(const struct yw_duty_page *page);
void yw_state_write_forms(const struct yw_duty_page *page);
void yw_state_write_metrics(const struct yw_duty_page *page);
void yw_state_write_parties(const struct yw_duty_page *page);
void yw_state_write_period(const struct yw_duty_page *page);
void yw_state_write_tiers(const struct yw_duty_page *page);

#endif
