/* Logging: one line an entry, text or JSON lines, to standard error or a descriptor. Control
 * bytes are shown as \xNN, lines are cut at YW_LOG_LINE_MAX. Thread: any. A failed write is
 * dropped: a full log disk must not stop a drill. */
#ifndef YW_BASE_LOG_H
#define YW_BASE_LOG_H

#include <stdbool.h>

#define YW_LOG_LINE_MAX 2048

enum yw_log_level { YW_LOG_DEBUG, YW_LOG_INFO, YW_LOG_WARN, YW_LOG_ERROR };

void yw_log_setup(const char *process, enum yw_log_level least, bool json, int fd);
void yw_log(enum yw_log_level level, const char *room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define yw_debug(room, ...) yw_log(YW_LOG_DEBUG, room, __VA_ARGS__)
#define yw_info(room, ...) yw_log(YW_LOG_INFO, room, __VA_ARGS__)
#define yw_warn(room, ...) yw_log(YW_LOG_WARN, room, __VA_ARGS__)
#define yw_error(room, ...) yw_log(YW_LOG_ERROR, room, __VA_ARGS__)

#endif
