/* The picture of a playbook as JSON: {"edges":[{"back","bends":[[layer,x],…],"by","from","to",
 * "value"}],"layers","marking","name","nodes":[{"asks","condition","deadline_ms","layer","name",
 * "role","step","type","x"}],"width"}. Thread: any. */
#ifndef YW_CODEC_CHART_H
#define YW_CODEC_CHART_H

#include "base/buf.h"
#include "response/chart.h"

void yw_chart_encode(struct yw_buf *out, const struct yw_chart *chart);

#endif
