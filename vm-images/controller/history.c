#include "controller/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yw_history_add(struct yw_history *history, unsigned tag, int64_t time_ms,
                    double value, bool good)
{
    struct yw_history_ring *ring = &history->rings[tag];
    const struct yw_history_sample *last =
        ring->count == 0 ? NULL : &ring->samples[(ring->count - 1) % YW_HISTORY_SAMPLES];
    if (last != NULL && time_ms < last->time_ms)
        time_ms = last->time_ms;
    ring->samples[ring->count++ % YW_HISTORY_SAMPLES] = (struct yw_history_sample){
        .time_ms = time_ms, .value = isfinite(value) ? (float)value : 0, .good = good};
}

const struct yw_history_sample *yw_history_at(const struct yw_history *history,
                                              unsigned tag, int64_t from_ms, size_t index)
{
    const struct yw_history_ring *ring = &history->rings[tag];
    uint64_t low =
        ring->count > YW_HISTORY_SAMPLES ? ring->count - YW_HISTORY_SAMPLES : 0;
    uint64_t high = ring->count;
    while (low < high) { /* times rise */
        uint64_t middle = low + (high - low) / 2;
        if (ring->samples[middle % YW_HISTORY_SAMPLES].time_ms < from_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low + index < ring->count ? &ring->samples[(low + index) % YW_HISTORY_SAMPLES]
                                     : NULL;
}

static int64_t time_field(const struct yw_http *request, const char *name,
                          int64_t otherwise)
{
    char text[24];
    char *end = NULL;
    if (!yw_http_field(request->query, name, text, sizeof(text)))
        return otherwise;
    long long value = strtoll(text, &end, 10);
    return *end == '\0' && end != text ? value : otherwise;
}

static void put_row(struct yw_text_out *out, bool csv, bool first,
                    const struct yw_history_sample *sample)
{
    if (csv)
        yw_out_printf(out, "%lld,%.6g,%d\n", (long long)sample->time_ms,
                      (double)sample->value, sample->good);
    else
        yw_out_printf(out, "%s[%lld,%.6g,%s]", first ? "" : ",",
                      (long long)sample->time_ms, (double)sample->value,
                      sample->good ? "true" : "false");
}

static int put_rows(const struct yw_history *history, const struct yw_watch *watch,
                    const struct yw_http *request, bool csv, struct yw_text_out *out)
{
    char name[YW_CONF_WORD_MAX];
    const struct yw_watch_tag *tag = NULL;
    if (yw_http_field(request->query, "tag", name, sizeof(name)))
        tag = yw_watch_tag(watch, name);
    if (tag == NULL) {
        yw_out_printf(out, "no such tag\n");
        return 404;
    }
    int64_t from_ms = time_field(request, "from", 0);
    int64_t to_ms = time_field(request, "to", INT64_MAX);
    unsigned index = (unsigned)(tag - watch->tags);
    const struct yw_history_sample *sample = NULL;
    size_t rows = 0;
    yw_out_printf(out, csv ? "time_ms,value,good\n" : "{\"rows\":[");
    while ((sample = yw_history_at(history, index, from_ms, rows)) != NULL &&
           sample->time_ms <= to_ms && rows < YW_HISTORY_ROWS_MAX)
        put_row(out, csv, rows++ == 0, sample);
    bool more = sample != NULL && sample->time_ms <= to_ms;
    if (csv && more)
        yw_out_printf(out, "# next,%lld\n", (long long)sample->time_ms);
    else if (!csv && more)
        yw_out_printf(out, "],\"next\":%lld}\n", (long long)sample->time_ms);
    else if (!csv)
        yw_out_printf(out, "],\"next\":null}\n");
    return 200;
}

static void put_tags(const struct yw_history *history, const struct yw_watch *watch,
                     int64_t now_ms, struct yw_text_out *out)
{
    yw_out_printf(out, "{\"tags\":[");
    for (unsigned i = 0; i < watch->tag_count; i++) {
        const struct yw_watch_tag *tag = &watch->tags[i];
        uint64_t count = history->rings[i].count;
        yw_out_printf(
            out,
            "%s{\"name\":\"%s\",\"unit\":\"%s\",\"samples\":%llu,"
            "\"value\":%.6g}",
            i > 0 ? "," : "", tag->name, tag->unit,
            (unsigned long long)(count > YW_HISTORY_SAMPLES ? YW_HISTORY_SAMPLES : count),
            tag->value);
    }
    yw_out_printf(out, "],\"fresh\":%s}\n",
                  yw_watch_fresh(watch, now_ms) ? "true" : "false");
}

static void put_index(const struct yw_watch *watch, struct yw_text_out *out)
{
    yw_out_printf(out,
                  "<!doctype html><meta charset=\"utf-8\"><title>Historian</title>"
                  "<h1>历史数据库 Historian</h1><p><a href=\"/tags\">/tags</a><table>");
    for (unsigned i = 0; i < watch->tag_count; i++) {
        const struct yw_watch_tag *tag = &watch->tags[i];
        yw_out_printf(out, "<tr><td>");
        yw_out_escaped(out, tag->zh);
        yw_out_printf(out, "<td>");
        yw_out_escaped(out, tag->en);
        yw_out_printf(out,
                      "<td><a href=\"/query?tag=%s\">JSON</a> "
                      "<a href=\"/csv?tag=%s\">CSV</a>",
                      tag->name, tag->name);
    }
    yw_out_printf(out, "</table>\n");
}

int yw_history_answer(const struct yw_history *history, const struct yw_watch *watch,
                      const struct yw_http *request, int64_t now_ms,
                      struct yw_text_out *out, const char **ret_type)
{
    *ret_type = "application/json";
    if (request->post) {
        *ret_type = "text/plain";
        yw_out_printf(out, "read only\n");
        return 405;
    }
    if (strcmp(request->path, "/query") == 0)
        return put_rows(history, watch, request, false, out);
    if (strcmp(request->path, "/tags") == 0) {
        put_tags(history, watch, now_ms, out);
        return 200;
    }
    *ret_type = "text/csv";
    if (strcmp(request->path, "/csv") == 0)
        return put_rows(history, watch, request, true, out);
    *ret_type = "text/html; charset=utf-8";
    if (strcmp(request->path, "/") == 0) {
        put_index(watch, out);
        return 200;
    }
    *ret_type = "text/plain";
    yw_out_printf(out, "no such page\n");
    return 404;
}
