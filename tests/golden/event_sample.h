/* One event of every kind with every member filled: for golden files and round trips. */
#ifndef YW_TESTS_EVENT_SAMPLE_H
#define YW_TESTS_EVENT_SAMPLE_H

#include "model/event.h"

void event_sample(enum yw_event_kind kind, struct yw_event *ret);
/* event_sample_range.c: the kinds from quota-set to reconciled */
void event_sample_range(enum yw_event_kind kind, struct yw_event *ret);
/* event_sample_duty.c: the kinds from duty-planned on */
void event_sample_duty(enum yw_event_kind kind, struct yw_event *ret);

#endif
