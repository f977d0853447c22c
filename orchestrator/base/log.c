#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The one process-wide setting; written once at the start, before any thread. */
static struct {
    char process[32];
    enum yw_log_level least;
    bool json;
    int fd;
} setting = {.process = "yanwu", .least = YW_LOG_INFO, .fd = STDERR_FILENO};

void yw_log_setup(const char *process, enum yw_log_level least, bool json, int fd)
{
    (void)snprintf(setting.process, sizeof(setting.process), "%s", process);
    setting.least = least;
    setting.json = json;
    setting.fd = fd;
}

static const char *level_name(enum yw_log_level level)
{
    switch (level) {
    case YW_LOG_DEBUG:
        return "debug";
    case YW_LOG_INFO:
        return "info";
    case YW_LOG_WARN:
        return "warn";
    case YW_LOG_ERROR:
        return "error";
    default:
        return "unknown";
    }
}

/* A terminal or a log reader must never see a control byte (C0, DEL, or C1 as UTF-8). */
static void put_shown(struct yw_buf *line, const char *text, bool json)
{
    const char *slash = json ? "\\\\" : "\\";
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (at[0] == 0xC2U && at[1] >= 0x80U && at[1] <= 0x9FU) {
            yw_buf_printf(line, "%sx%02x%sx%02x", slash, at[0], slash, at[1]);
            at++;
        } else if (*at < 0x20U || *at == 0x7FU) {
            yw_buf_printf(line, "%sx%02x", slash, *at);
        } else if (json && (*at == '"' || *at == '\\')) {
            yw_buf_printf(line, "\\%c", *at);
        } else {
            yw_buf_put(line, at, 1);
        }
    }
}

void yw_log(enum yw_log_level level, const char *room, const char *fmt, ...)
{
    if (level < setting.least)
        return;
    char text[YW_LOG_LINE_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    struct yw_clock clock;
    yw_clock_init_real(&clock);
    char when[32];
    yw_clock_format_utc(yw_clock_wall_us(&clock), when);
    struct yw_buf line;
    yw_buf_init(&line,
                (size_t)YW_LOG_LINE_MAX * 8 + 256); /* every byte escaped and the head */
    if (setting.json) {
        yw_buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"process\":\"", when,
                      level_name(level));
        put_shown(&line, setting.process, true);
        yw_buf_puts(&line, "\",\"room\":\"");
        put_shown(&line, room, true);
        yw_buf_puts(&line, "\",\"text\":\"");
        put_shown(&line, text, true);
        yw_buf_puts(&line, "\"}\n");
    } else {
        yw_buf_printf(&line, "%s %s %s[%s] ", when, level_name(level), setting.process,
                      room);
        put_shown(&line, text, false);
        yw_buf_puts(&line, "\n");
    }
    /* One write a line, so that lines of two threads do not mix; a failure is dropped. */
    ssize_t written = write(setting.fd, line.data, line.size);
    (void)written;
    yw_buf_fini(&line);
}
