#include "controller/backlog.h"

#include <stdio.h>
#include <string.h>

#define LINE 1000 /* tokens */

void yw_backlog_init(struct yw_backlog *backlog, int64_t now_ms)
{
    backlog->size = 0;
    backlog->lost = 0;
    backlog->tokens = YW_BACKLOG_BURST * LINE;
    backlog->since_ms = now_ms;
}

static bool append(struct yw_backlog *backlog, const char *line)
{
    size_t size = strlen(line) + 1;
    if (size == 1 || size > YW_CHANNEL_LINE_MAX + 1 ||
        size > sizeof(backlog->bytes) - backlog->size)
        return false;
    memcpy(backlog->bytes + backlog->size, line, size);
    backlog->size += size;
    return true;
}

/* Between the lines before the gap and those behind it. */
static void tell_lost(struct yw_backlog *backlog)
{
    char line[64];
    if (backlog->lost == 0)
        return;
    (void)snprintf(line, sizeof(line), "{\"kind\":\"dropped\",\"lines\":%u}",
                   backlog->lost);
    if (append(backlog, line))
        backlog->lost = 0;
}

void yw_backlog_put(struct yw_backlog *backlog, const char *line)
{
    tell_lost(backlog);
    if (backlog->lost > 0 || !append(backlog, line))
        backlog->lost++;
}

static void refill(struct yw_backlog *backlog, int64_t now_ms)
{
    if (now_ms > backlog->since_ms)
        backlog->tokens += (now_ms - backlog->since_ms) * YW_BACKLOG_RATE;
    backlog->since_ms = now_ms;
    if (backlog->tokens > YW_BACKLOG_BURST * LINE)
        backlog->tokens = YW_BACKLOG_BURST * LINE;
}

bool yw_backlog_take(struct yw_backlog *backlog, int64_t now_ms,
                     char ret[YW_CHANNEL_LINE_MAX + 1])
{
    refill(backlog, now_ms);
    if (backlog->size == 0)
        tell_lost(backlog);
    if (backlog->size == 0 || backlog->tokens < LINE)
        return false;
    size_t size = strlen(backlog->bytes) + 1;
    memcpy(ret, backlog->bytes, size);
    backlog->size -= size;
    memmove(backlog->bytes, backlog->bytes + size, backlog->size);
    backlog->tokens -= LINE;
    return true;
}

int64_t yw_backlog_due(const struct yw_backlog *backlog)
{
    if (backlog->size == 0 && backlog->lost == 0)
        return INT64_MAX;
    int64_t short_of = LINE - backlog->tokens;
    return short_of <= 0
               ? backlog->since_ms
               : backlog->since_ms + (short_of + YW_BACKLOG_RATE - 1) / YW_BACKLOG_RATE;
}
