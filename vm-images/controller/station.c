#include "controller/station.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char dosing[] =
    "title 加药间操作站 \"Dosing room operator station\"\n"
    "tag naoh_mg_l mg/L input 0 0.1 0 6553 出水氢氧化钠浓度 \"Sodium hydroxide at "
    "outlet\"\n"
    "tag flow_m3_h m³/h input 1 0.01 0 5 流量 Flow\n"
    "tag level_m m input 2 0.001 0 1.6 清水池液位 \"Clear-water tank level\"\n"
    "tag dose_cmd_mg_l mg/L input 3 1 0 20000 加药泵实际投加量 \"Dosing pump output\"\n"
    "tag set_mg_l mg/L holding 40 1 0 20000 投加量设定值 \"Dose set-point\"\n"
    "tag limit_mg_l mg/L holding 41 0.1 0 6553 浓度高报警值 \"High alarm limit\"\n"
    "tag stop \"\" coil 1 1 0 1 停泵命令 \"Pump stopped by order\"\n"
    "tag alarm \"\" discrete 0 1 0 1 浓度高报警 \"Outlet too strong\"\n"
    "limit alarm above 0.5 1\nlimit level_m below 0.25 1\nform dosing\n";

struct words {
    const char *path;
    const char *language;
    const char *other_path;
    const char *other;
    const char *pages[4]; /* values trend alarms mimic */
    const char *fresh;
    const char *stale;
    const char *normal;
    const char *alarms; /* how many are active */
    const char *level;
    const char *active;
    const char *gone;
    const char *acknowledge;
    const char *acknowledged;
    const char *log;
    const char *set_point;
    const char *set;
    const char *stop;
    const char *start;
};

static const struct words chinese_words = {
    .path = "/zh",
    .language = "zh-CN",
    .other_path = "/en",
    .other = "English",
    .pages = {"数值", "趋势", "报警", "流程图"},
    .fresh = "控制器在线",
    .stale = "控制器无应答，以下数值已过时",
    .normal = "无报警",
    .alarms = "报警",
    .level = "等级",
    .active = "报警中",
    .gone = "已恢复",
    .acknowledge = "确认",
    .acknowledged = "已确认",
    .log = "操作记录",
    .set_point = "投加量设定值",
    .set = "设定",
    .stop = "停加药泵",
    .start = "允许加药泵运行",
};

static const struct words english_words = {
    .path = "/en",
    .language = "en",
    .other_path = "/zh",
    .other = "中文",
    .pages = {"Values", "Trends", "Alarms", "Mimic"},
    .fresh = "Controller online",
    .stale = "Controller does not answer; the values below are old",
    .normal = "No alarm",
    .alarms = "ALARM",
    .level = "level",
    .active = "active",
    .gone = "returned",
    .acknowledge = "Acknowledge",
    .acknowledged = "acknowledged",
    .log = "Operator's log",
    .set_point = "Dose set-point",
    .set = "Set",
    .stop = "Stop dosing pump",
    .start = "Let dosing pump run",
};

static const char style[] =
    "body{font:16px sans-serif;max-width:50em;margin:1em auto;padding:0 1em;"
    "background:#10181f;color:#e8eef2}table{border-collapse:collapse;width:100%}"
    "td{padding:.4em;border-bottom:1px solid #34444f}"
    "td+td{text-align:right;font-variant-numeric:tabular-nums}a{color:#9cf}"
    ".bad{background:#a11;color:#fff;padding:.4em}"
    ".good{padding:.4em;border:1px solid #3a6}iframe{width:100%;height:34em;border:0}"
    "form{display:inline-block;margin:0 .8em .8em 0}input,button{font:inherit;"
    "padding:.3em}svg{width:100%;height:auto}text{fill:#e8eef2;font:13px sans-serif}";

int yw_station_load(struct yw_station *station, const char *text, size_t size,
                    char problem[YW_CONF_PROBLEM_MAX])
{
    memset(station, 0, sizeof(*station));
    yw_watch_init(&station->watch);
    return size > 0 ? yw_watch_load(&station->watch, text, size, problem)
                    : yw_watch_load(&station->watch, dosing, sizeof(dosing) - 1, problem);
}

void yw_station_round(struct yw_station *station)
{
    uint32_t at = station->trend_count++ % YW_STATION_TREND;
    for (unsigned i = 0; i < station->watch.tag_count; i++)
        station->trend[i][at] = (float)station->watch.tags[i].value;
}

void yw_station_log(struct yw_station *station, const char *text)
{
    (void)snprintf(station->actions[station->action_count++ % YW_STATION_ACTIONS],
                   YW_STATION_ACTION_MAX, "%s", text);
}

static const char *title_of(const struct words *w, const char *zh, const char *en)
{
    return w == &chinese_words ? zh : en;
}

static void put_head(const struct yw_station *station, const struct words *w,
                     bool refreshes, struct yw_text_out *out)
{
    yw_out_printf(out,
                  "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">%s"
                  "<title>",
                  w->language,
                  refreshes ? "<meta http-equiv=\"refresh\" content=\"1\">" : "");
    yw_out_escaped(out, title_of(w, station->watch.zh, station->watch.en));
    yw_out_printf(out, "</title><style>%s</style></head><body>", style);
}

static void put_frame(const struct yw_station *station, const struct words *w,
                      struct yw_text_out *out)
{
    static const char *const paths[] = {"values", "trend", "alarms", "mimic"};
    put_head(station, w, false, out);
    yw_out_printf(out, "<h1>");
    yw_out_escaped(out, title_of(w, station->watch.zh, station->watch.en));
    yw_out_printf(out, "</h1><p><a href=\"%s\">%s</a>", w->other_path, w->other);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        yw_out_printf(out, " · <a target=\"view\" href=\"%s/%s\">%s</a>", w->path,
                      paths[i], w->pages[i]);
    yw_out_printf(out, "</p>");
    if (station->watch.dosing)
        yw_out_printf(
            out,
            "<form method=\"post\" action=\"%s\"><label>%s <input name=\"dose\" "
            "type=\"number\" min=\"0\" max=\"20000\" required></label> "
            "<button>%s</button></form><form method=\"post\" action=\"%s\">"
            "<button name=\"stop\" value=\"1\">%s</button> "
            "<button name=\"stop\" value=\"0\">%s</button></form>",
            w->path, w->set_point, w->set, w->path, w->stop, w->start);
    yw_out_printf(out, "<iframe name=\"view\" src=\"%s/values\" title=\"%s\"></iframe>",
                  w->path, w->pages[0]);
}

static unsigned active_alarms(const struct yw_station *station)
{
    unsigned count = 0;
    for (unsigned i = 0; i < station->watch.limit_count; i++)
        count += station->watch.limits[i].active;
    return count;
}

static void put_state(const struct yw_station *station, const struct words *w,
                      int64_t now_ms, struct yw_text_out *out)
{
    bool fresh = yw_watch_fresh(&station->watch, now_ms);
    unsigned alarms = active_alarms(station);
    yw_out_printf(out,
                  "<p class=\"%s\" id=\"link\">%s</p><p class=\"%s\" id=\"alarm\">%s",
                  fresh ? "good" : "bad", fresh ? w->fresh : w->stale,
                  alarms > 0 ? "bad" : "good", alarms > 0 ? w->alarms : w->normal);
    yw_out_printf(out, alarms > 0 ? " (%u)</p>" : "</p>", alarms);
}

static void put_values(const struct yw_station *station, const struct words *w,
                       struct yw_text_out *out)
{
    yw_out_printf(out, "<table>");
    for (unsigned i = 0; i < station->watch.tag_count; i++) {
        const struct yw_watch_tag *tag = &station->watch.tags[i];
        yw_out_printf(out, "<tr><td>");
        yw_out_escaped(out, title_of(w, tag->zh, tag->en));
        yw_out_printf(out, "</td><td id=\"%s\">%.*f ", tag->name, yw_watch_decimals(tag),
                      tag->value);
        yw_out_escaped(out, tag->unit);
        yw_out_printf(out, "</td></tr>");
    }
    yw_out_printf(out, "</table>");
}

#define WIDE 600.0
#define HIGH 90.0

static double share(const struct yw_watch_tag *tag, double value)
{
    double range = tag->high - tag->low;
    double part = range > 0 ? (value - tag->low) / range : 0;
    return fmin(fmax(part, 0), 1);
}

/* One line a tag, every third round, the newest at the right. */
static void put_trends(const struct yw_station *station, const struct words *w,
                       struct yw_text_out *out)
{
    uint32_t count =
        station->trend_count < YW_STATION_TREND ? station->trend_count : YW_STATION_TREND;
    for (unsigned i = 0; i < station->watch.tag_count && i < 8; i++) {
        const struct yw_watch_tag *tag = &station->watch.tags[i];
        yw_out_printf(out, "<svg viewBox=\"0 0 640 110\"><text x=\"4\" y=\"14\">");
        yw_out_escaped(out, title_of(w, tag->zh, tag->en));
        yw_out_printf(out, "</text><polyline fill=\"none\" stroke=\"#6c9\" points=\"");
        for (uint32_t k = count % 3; k < count; k += 3) {
            uint32_t at = (station->trend_count - count + k) % YW_STATION_TREND;
            yw_out_printf(out, "%.0f,%.0f ",
                          20 + WIDE * (YW_STATION_TREND - count + k) / YW_STATION_TREND,
                          105 - HIGH * share(tag, (double)station->trend[i][at]));
        }
        yw_out_printf(out, "\"/></svg>");
    }
}

static void put_alarm(const struct yw_station *station, const struct words *w,
                      unsigned index, int64_t now_ms, struct yw_text_out *out)
{
    const struct yw_watch_limit *limit = &station->watch.limits[index];
    const struct yw_watch_tag *tag = &station->watch.tags[limit->tag];
    yw_out_printf(out, "<tr><td class=\"%s\">", limit->active ? "bad" : "good");
    yw_out_escaped(out, title_of(w, tag->zh, tag->en));
    yw_out_printf(out, " %s %.6g</td><td>%s %d</td><td>%s %llds</td><td>",
                  limit->above ? "&gt;" : "&lt;", limit->value, w->level, limit->level,
                  limit->active ? w->active : w->gone,
                  (long long)((now_ms - limit->since_ms) / 1000));
    if (limit->acknowledged)
        yw_out_printf(out, "%s</td></tr>", w->acknowledged);
    else
        yw_out_printf(out,
                      "<form method=\"post\" action=\"%s/alarms\"><button name=\"ack\" "
                      "value=\"%u\">%s</button></form></td></tr>",
                      w->path, index, w->acknowledge);
}

static void put_alarms(const struct yw_station *station, const struct words *w,
                       int64_t now_ms, struct yw_text_out *out)
{
    yw_out_printf(out, "<table>");
    for (unsigned i = 0; i < station->watch.limit_count; i++) {
        if (station->watch.limits[i].seen)
            put_alarm(station, w, i, now_ms, out);
    }
    yw_out_printf(out, "</table><h2>%s</h2><table>", w->log);
    uint32_t count = station->action_count < YW_STATION_ACTIONS ? station->action_count
                                                                : YW_STATION_ACTIONS;
    for (uint32_t i = 1; i <= count; i++) {
        yw_out_printf(out, "<tr><td>");
        yw_out_escaped(
            out, station->actions[(station->action_count - i) % YW_STATION_ACTIONS]);
        yw_out_printf(out, "</td></tr>");
    }
    yw_out_printf(out, "</table>");
}

static bool in_alarm(const struct yw_station *station, unsigned tag)
{
    for (unsigned i = 0; i < station->watch.limit_count; i++) {
        if (station->watch.limits[i].tag == tag && station->watch.limits[i].active)
            return true;
    }
    return false;
}

/* Vessels in a row, as full as their values; what is in alarm is red. */
static void put_mimic(const struct yw_station *station, const struct words *w,
                      struct yw_text_out *out)
{
    unsigned rows = (station->watch.tag_count + 3u) / 4;
    yw_out_printf(out, "<svg viewBox=\"0 0 640 %u\" id=\"mimic\">", rows * 150 + 10);
    for (unsigned i = 0; i < station->watch.tag_count; i++) {
        const struct yw_watch_tag *tag = &station->watch.tags[i];
        unsigned x = 10 + i % 4 * 158;
        unsigned y = 10 + i / 4 * 150;
        double fill = HIGH * share(tag, tag->value);
        if (i % 4 > 0)
            yw_out_printf(out, "<path d=\"M%u %uh58\" stroke=\"#9ab\"/>", x - 28, y + 45);
        yw_out_printf(out,
                      "<rect x=\"%u\" y=\"%u\" width=\"100\" height=\"90\" "
                      "fill=\"#1b2a35\" stroke=\"#9ab\"/><rect x=\"%u\" y=\"%.0f\" "
                      "width=\"100\" height=\"%.0f\" fill=\"%s\"/><text x=\"%u\" "
                      "y=\"%u\">%.*f ",
                      x + 30, y, x + 30, y + HIGH - fill, fill,
                      in_alarm(station, i) ? "#a11" : "#27608a", x + 4, y + 108,
                      yw_watch_decimals(tag), tag->value);
        yw_out_escaped(out, tag->unit);
        yw_out_printf(out, "</text><text x=\"%u\" y=\"%u\">", x + 4, y + 126);
        yw_out_escaped(out, title_of(w, tag->zh, tag->en));
        yw_out_printf(out, "</text>");
    }
    yw_out_printf(out, "</svg>");
}

void yw_station_page(const struct yw_station *station, const char *path, int64_t now_ms,
                     struct yw_text_out *out)
{
    const struct words *w =
        strncmp(path, "/en", 3) == 0 ? &english_words : &chinese_words;
    const char *page = strlen(path) > 4 ? path + 4 : "";
    bool known = strcmp(page, "values") == 0 || strcmp(page, "trend") == 0 ||
                 strcmp(page, "alarms") == 0 || strcmp(page, "mimic") == 0;
    if (!known) {
        put_frame(station, w, out);
        yw_out_printf(out, "</body></html>");
        return;
    }
    put_head(station, w, true, out);
    put_state(station, w, now_ms, out);
    if (page[0] == 'v')
        put_values(station, w, out);
    else if (page[0] == 't')
        put_trends(station, w, out);
    else if (page[0] == 'a')
        put_alarms(station, w, now_ms, out);
    else
        put_mimic(station, w, out);
    yw_out_printf(out, "</body></html>");
}

enum yw_station_order yw_station_order(const struct yw_station *station, const char *body,
                                       unsigned *ret_value)
{
    static const struct {
        const char *field;
        enum yw_station_order order;
        double most;
        bool dosing;
    } forms[] = {
        {"ack", YW_STATION_ACKNOWLEDGE, YW_WATCH_LIMITS_MAX - 1, false},
        {"stop", YW_STATION_STOP_PUMP, 1, true},
        {"dose", YW_STATION_SET_POINT, 65535, true},
    };
    char text[8];
    double value = 0;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((forms[i].dosing && !station->watch.dosing) ||
            !yw_http_field(body, forms[i].field, text, sizeof(text)) ||
            strspn(text, "0123456789") != strlen(text) ||
            !yw_conf_number(text, 0, forms[i].most, &value))
            continue;
        *ret_value = (unsigned)value;
        return forms[i].order;
    }
    return YW_STATION_NOTHING;
}
