/* The operator station: its pages over what it watches. Values, trends of the last five
 * minutes, an alarm list with acknowledgement, a mimic picture, and the log of what its
 * operator did. Pure; Chinese under /zh, English under /en. */
#ifndef YW_CONTROLLER_STATION_H
#define YW_CONTROLLER_STATION_H

#include "controller/http.h"
#include "controller/watch.h"

#define YW_STATION_TREND 300 /* rounds */
#define YW_STATION_ACTIONS 20
#define YW_STATION_ACTION_MAX 96

struct yw_station {
    struct yw_watch watch;
    float trend[YW_WATCH_TAGS_MAX][YW_STATION_TREND];
    uint32_t trend_count; /* ever */
    char actions[YW_STATION_ACTIONS][YW_STATION_ACTION_MAX];
    uint32_t action_count; /* ever */
};

/* Configuration as watch.h; "" is a dosing room. */
int yw_station_load(struct yw_station *station, const char *text, size_t size,
                    char problem[YW_CONF_PROBLEM_MAX]);
void yw_station_round(struct yw_station *station); /* one more round of values is there */
/* What the operator did, "09:41:05 acknowledge 2"; cut when long. */
void yw_station_log(struct yw_station *station, const char *text);
/* /zh, /zh/values, /zh/trend, /zh/alarms, /zh/mimic and the same under /en; other paths
 * are the first one. now_ms: monotonic, as the watch's. */
void yw_station_page(const struct yw_station *station, const char *path, int64_t now_ms,
                     struct yw_text_out *out);
/* What a form asks for. */
enum yw_station_order {
    YW_STATION_NOTHING,
    YW_STATION_SET_POINT,   /* dosing: the value */
    YW_STATION_STOP_PUMP,   /* dosing: 0 or 1 */
    YW_STATION_ACKNOWLEDGE, /* the number of the alarm */
};
enum yw_station_order yw_station_order(const struct yw_station *station, const char *body,
                                       unsigned *ret_value);

#endif
