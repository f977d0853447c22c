/* Telemetry lines on their way to the host: so many at once, then so many a second, in their
 * order. What comes faster waits; what finds no room is lost and counted, and a line tells how
 * many were lost once those before it are out. There is room for every write that one Modbus
 * request can make, so that nobody hides a write behind others of the same request. Pure; lines
 * are copied; one thread. */
#ifndef YW_CONTROLLER_BACKLOG_H
#define YW_CONTROLLER_BACKLOG_H

#include "guest/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_BACKLOG_RATE 30  /* lines a second; the host takes YW_CHANNEL_RATE messages */
#define YW_BACKLOG_BURST 40 /* at once */
#define YW_BACKLOG_MAX (24 * 1024)

struct yw_backlog {
    char bytes[YW_BACKLOG_MAX]; /* lines, each with its NUL */
    size_t size;
    uint32_t lost;
    int64_t tokens; /* thousandths of a line */
    int64_t since_ms;
};

void yw_backlog_init(struct yw_backlog *backlog, int64_t now_ms);
/* An empty line, or one over YW_CHANNEL_LINE_MAX, counts as lost. */
void yw_backlog_put(struct yw_backlog *backlog, const char *line);
/* Takes out the next line that may go now; false: none. */
bool yw_backlog_take(struct yw_backlog *backlog, int64_t now_ms,
                     char ret[YW_CHANNEL_LINE_MAX + 1]);
/* When the next line may go; INT64_MAX: nothing waits. */
int64_t yw_backlog_due(const struct yw_backlog *backlog);

#endif
