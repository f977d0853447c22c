/* The report's chapter on duties: clocks, faults and merits of every team, derived once more from
 * the fold of the journal. Says nothing where the drill had no rules, or `law` is NULL. */
#ifndef YW_DRILL_REPORT_DUTY_H
#define YW_DRILL_REPORT_DUTY_H

#include "drill/report_page.h"
#include "response/record.h"

void yw_report_duty(struct yw_page *page, const struct yw_view *view,
                    const struct yw_law *law);

#endif
