#include "controller/conf.h"
#include "controller/plc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One decimal number 0..most at *at; moves on. -1: none. */
static long take_number(const char **at, long most)
{
    if (**at < '0' || **at > '9')
        return -1;
    long value = 0;
    while (**at >= '0' && **at <= '9') {
        value = value * 10 + (*(*at)++ - '0');
        if (value > most)
            return -1;
    }
    return value;
}

static int set_acl(struct yw_plc *plc, const char *value, char *problem)
{
    if (yw_sources_read(&plc->sources, value))
        return 0;
    (void)snprintf(problem, YW_PLC_PROBLEM_MAX,
                   "acl: expected up to %d IPv4 addresses or networks, '*' or 'none'",
                   YW_SOURCES_MAX);
    return -1;
}

static int set_unit(struct yw_plc *plc, const char *value, char *problem)
{
    const char *at = value;
    long unit = take_number(&at, 247);
    if (unit < 1 || *at != '\0') {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX, "unit: expected 1..247");
        return -1;
    }
    plc->unit = (uint8_t)unit;
    return 0;
}

static int set_key(struct yw_plc *plc, const char *value, char *problem)
{
    int position = yw_plc_mode_find(value);
    if (position < 0 || position == YW_PLC_BOOT) {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX,
                       "key: expected stop, run, program or remote");
        return -1;
    }
    yw_plc_turn_key(plc, (enum yw_plc_mode)position);
    return 0;
}

static int set_password(struct yw_plc *plc, const char *value, char *problem)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(value);
    if (length == 0 || length >= YW_PLC_PASSWORD_MAX ||
        strspn(value, allowed) != length) {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX,
                       "password: expected 1..%d letters and digits",
                       YW_PLC_PASSWORD_MAX - 1);
        return -1;
    }
    memcpy(plc->password, value, length + 1);
    return 0;
}

static int set_fallback(struct yw_plc *plc, const char *value, char *problem)
{
    const char *at = value;
    long span_ms = take_number(&at, 3600 * 1000);
    if (span_ms < 0 || *at != '\0') {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX, "fallback: expected 0..3600000 ms");
        return -1;
    }
    plc->fallback_ms = span_ms;
    return 0;
}

static int set_scan(struct yw_plc *plc, const char *value, char *problem)
{
    const char *at = value;
    long span_ms = take_number(&at, YW_ST_SCAN_MAX_MS);
    if (span_ms < YW_ST_SCAN_MIN_MS || *at != '\0') {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX, "scan: expected %d..%d ms",
                       YW_ST_SCAN_MIN_MS, YW_ST_SCAN_MAX_MS);
        return -1;
    }
    plc->scan_ms = span_ms;
    return 0;
}

int yw_plc_set(struct yw_plc *plc, const char *name, const char *value,
               char problem[YW_PLC_PROBLEM_MAX])
{
    if (strcmp(name, "acl") == 0)
        return set_acl(plc, value, problem);
    if (strcmp(name, "unit") == 0)
        return set_unit(plc, value, problem);
    if (strcmp(name, "key") == 0)
        return set_key(plc, value, problem);
    if (strcmp(name, "password") == 0)
        return set_password(plc, value, problem);
    if (strcmp(name, "fallback") == 0)
        return set_fallback(plc, value, problem);
    if (strcmp(name, "scan") == 0)
        return set_scan(plc, value, problem);
    bool more = strcmp(name, "wiring+") == 0;
    if (!more && strcmp(name, "wiring") != 0)
        return 0;
    if (!more)
        memset(&plc->wiring, 0, sizeof(plc->wiring));
    if (yw_plc_wire(&plc->wiring, value))
        return 0;
    (void)snprintf(problem, YW_PLC_PROBLEM_MAX,
                   "%s: expected terminals like o1, i4*0.1+1000, d2 or -", name);
    return -1;
}

static bool is_setting(const char *name)
{
    static const char *const names[] = {"acl",  "fallback", "key",   "password",
                                        "scan", "unit",     "wiring"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

int yw_plc_configure(struct yw_plc *plc, const char *text, size_t size,
                     char problem[YW_PLC_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    char why[YW_PLC_PROBLEM_MAX];
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        bool known = !line.bad && line.count == 2 && is_setting(line.words[0]);
        (void)snprintf(
            why, sizeof(why),
            "expected acl, fallback, key, password, unit or wiring, and a value");
        if (!known || yw_plc_set(plc, line.words[0], line.words[1], why) != 0) {
            (void)snprintf(problem, YW_PLC_PROBLEM_MAX, "line %d: %.80s", line.number,
                           why);
            return -1;
        }
    }
    return 0;
}
