/* A run event by event. */
#include "base/clock.h"
#include "base/mem.h"
#include "codec/playbook/run_record.h"
#include "codec/write.h"

#include <string.h>

static void write_line(struct yw_writer *w, const struct yw_history_line *line)
{
    struct yw_text says;
    char wall[32];

    yw_clock_format_utc(line->wall_us, wall);
    YW_COPY(says.zh, line->zh);
    YW_COPY(says.en, line->en);
    yw_write_object(w, NULL);
    yw_write_string(w, "actor", line->actor);
    yw_write_int(w, "drill_ms", line->drill_ms);
    yw_write_int(w, "exec", line->exec);
    yw_write_string(w, "kind", yw_event_name(line->kind));
    yw_write_text(w, "says", &says);
    yw_write_int(w, "seq", line->seq);
    yw_write_string(w, "step", line->step);
    yw_write_string(w, "wall", wall);
    yw_write_end(w, '}');
}

void yw_timeline_json(struct yw_buf *out, const struct yw_run_record *record)
{
    const struct yw_history *history = record->history;
    struct yw_writer writer;
    struct yw_writer *w = &writer;

    yw_writer_init(w, out);
    yw_write_object(w, NULL);
    yw_write_bool(w, "active", history->active);
    yw_write_bool(w, "cut", history->cut);
    yw_write_string(w, "drill", record->drill);
    yw_write_array(w, "lines");
    for (size_t i = 0; i < history->lines.count; i++)
        write_line(w, yw_vec_at(&history->lines, i));
    yw_write_end(w, ']');
    yw_write_text(w, "name", &record->run->playbook->name);
    yw_write_bool(w, "ok", history->ok);
    yw_write_string(w, "playbook", record->run->playbook->id);
    yw_write_int(w, "run", history->run);
    yw_write_string(w, "team", record->team);
    yw_write_end(w, '}');
}

/* RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe. */
static void put_cell(struct yw_buf *out, const char *text, const char *end)
{
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

    yw_buf_puts(out, formula ? "\"'" : "\"");
    for (; *text != '\0'; text++)
        yw_buf_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    yw_buf_printf(out, "\"%s", end);
}

void yw_timeline_csv(struct yw_buf *out, const struct yw_history *history, bool english)
{
    yw_buf_puts(out, "seq,wall,drill_ms,kind,exec,step,actor,says\r\n");
    for (size_t i = 0; i < history->lines.count; i++) {
        const struct yw_history_line *line = yw_vec_at(&history->lines, i);
        char wall[32];

        yw_clock_format_utc(line->wall_us, wall);
        yw_buf_printf(out, "%lld,%s,%lld,%s,%lld,", (long long)line->seq, wall,
                      (long long)line->drill_ms, yw_event_name(line->kind),
                      (long long)line->exec);
        put_cell(out, line->step, ",");
        put_cell(out, line->actor, ",");
        put_cell(out, english ? line->en : line->zh, "\r\n");
    }
}
