/* The operator's page: a frame with the forms, which stays while somebody types, and in
 * it the values, which load again every second. Only numbers and our own words go in. */
#include "guest/guest.h"

#define FRESH_MS 3500

struct words {
    const char *path; /* of the form */
    const char *language;
    const char *title;
    const char *other_path;
    const char *other;
    const char *fresh;
    const char *stale;
    const char *alarm;
    const char *normal;
    const char *outlet;
    const char *flow;
    const char *level;
    const char *dose;
    const char *set_point;
    const char *limit;
    const char *pump;
    const char *pump_on;
    const char *pump_off;
    const char *set;
    const char *stop;
    const char *start;
};

static const struct words chinese_words = {
    .path = "/zh",
    .language = "zh-CN",
    .title = "加药间操作站",
    .other_path = "/en",
    .other = "English",
    .fresh = "控制器在线",
    .stale = "控制器无应答，以下数值已过时",
    .alarm = "报警：出水浓度过高",
    .normal = "无报警",
    .outlet = "出水氢氧化钠浓度",
    .flow = "流量",
    .level = "清水池液位",
    .dose = "加药泵实际投加量",
    .set_point = "投加量设定值",
    .limit = "浓度高报警值",
    .pump = "加药泵",
    .pump_on = "允许运行",
    .pump_off = "已停止",
    .set = "设定",
    .stop = "停加药泵",
    .start = "允许加药泵运行",
};

static const struct words english_words = {
    .path = "/en",
    .language = "en",
    .title = "Dosing room operator station",
    .other_path = "/zh",
    .other = "中文",
    .fresh = "Controller online",
    .stale = "Controller does not answer; the values below are old",
    .alarm = "ALARM: outlet too strong",
    .normal = "No alarm",
    .outlet = "Sodium hydroxide at outlet",
    .flow = "Flow",
    .level = "Clear-water tank level",
    .dose = "Dosing pump output",
    .set_point = "Dose set-point",
    .limit = "High alarm limit",
    .pump = "Dosing pump",
    .pump_on = "may run",
    .pump_off = "stopped",
    .set = "Set",
    .stop = "Stop dosing pump",
    .start = "Let dosing pump run",
};

static const char style[] =
    "body{font:16px sans-serif;max-width:44em;margin:1em auto;padding:0 1em;"
    "background:#10181f;color:#e8eef2}table{border-collapse:collapse;width:100%}"
    "td{padding:.4em;border-bottom:1px solid #34444f}"
    "td+td{text-align:right;font-variant-numeric:tabular-nums}a{color:#9cf}"
    ".bad{background:#a11;color:#fff;padding:.4em}"
    ".good{padding:.4em;border:1px solid #3a6}iframe{width:100%;height:27em;border:0}"
    "form{display:inline-block;margin:0 .8em .8em "
    "0}input,button{font:inherit;padding:.3em}";

static size_t whole(int size, size_t ret_size)
{
    return size > 0 && (size_t)size < ret_size ? (size_t)size : 0;
}

size_t page_write(bool chinese, char *ret, size_t ret_size)
{
    const struct words *w = chinese ? &chinese_words : &english_words;
    return whole(
        snprintf(ret, ret_size,
                 "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
                 "<title>%s</title><style>%s</style></head><body><h1>%s</h1>"
                 "<p><a href=\"%s\">%s</a></p>"
                 "<form method=\"post\" action=\"%s\"><label>%s <input name=\"dose\" "
                 "type=\"number\" min=\"0\" max=\"20000\" required></label> "
                 "<button>%s</button></form><form method=\"post\" action=\"%s\">"
                 "<button name=\"stop\" value=\"1\">%s</button> "
                 "<button name=\"stop\" value=\"0\">%s</button></form>"
                 "<iframe src=\"%s/values\" title=\"%s\"></iframe></body></html>",
                 w->language, w->title, style, w->title, w->other_path, w->other, w->path,
                 w->set_point, w->set, w->path, w->stop, w->start, w->path, w->title),
        ret_size);
}

size_t page_values(const struct hmi *hmi, bool chinese, int64_t now_ms, char *ret,
                   size_t ret_size)
{
    const struct words *w = chinese ? &chinese_words : &english_words;
    bool fresh = hmi->fresh_ms != 0 && now_ms - hmi->fresh_ms < FRESH_MS;
    bool alarm = hmi->alarm[0] != 0;
    return whole(
        snprintf(ret, ret_size,
                 "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
                 "<meta http-equiv=\"refresh\" content=\"1\"><title>%s</title>"
                 "<style>%s</style></head><body>"
                 "<p class=\"%s\" id=\"link\">%s</p><p class=\"%s\" id=\"alarm\">%s</p>"
                 "<table><tr><td>%s</td><td id=\"outlet\">%.1f mg/L</td></tr>"
                 "<tr><td>%s</td><td id=\"flow\">%.2f m³/h</td></tr>"
                 "<tr><td>%s</td><td id=\"level\">%.3f m</td></tr>"
                 "<tr><td>%s</td><td id=\"dose\">%u mg/L</td></tr>"
                 "<tr><td>%s</td><td id=\"set\">%u mg/L</td></tr>"
                 "<tr><td>%s</td><td id=\"limit\">%.1f mg/L</td></tr>"
                 "<tr><td>%s</td><td id=\"pump\">%s</td></tr></table></body></html>",
                 w->language, w->title, style, fresh ? "good" : "bad",
                 fresh ? w->fresh : w->stale, alarm ? "bad" : "good",
                 alarm ? w->alarm : w->normal, w->outlet, hmi->measured[0] * 0.1, w->flow,
                 hmi->measured[1] * 0.01, w->level, hmi->measured[2] * 0.001, w->dose,
                 (unsigned)hmi->measured[3], w->set_point, (unsigned)hmi->set[0],
                 w->limit, hmi->set[1] * 0.1, w->pump,
                 hmi->command[1] != 0 ? w->pump_off : w->pump_on),
        ret_size);
}
