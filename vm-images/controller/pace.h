/* Drill time in a guest. A guest's clock is the wall's; the drill's may run faster, slower, or
 * stand. The orchestrator writes how fast it runs into the file YW_CHANNEL_PACE_FILE of a machine,
 * in thousandths of the wall's ("8000\n" eight times, "0\n" it stands), whenever that changes;
 * what lasts for a span of drill time (lasting.h, applet_mqtt.c) counts with it. Until the file
 * is there both clocks are one.
 *
 * Pure; wall times are monotonic milliseconds of whoever calls. */
#ifndef YW_CONTROLLER_PACE_H
#define YW_CONTROLLER_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_PACE_WALL 1000 /* as the wall's */
#define YW_PACE_MAX 1000000
#define YW_PACE_LOOK_MS 100 /* of the wall, between two looks at the file */

struct yw_pace {
    uint32_t permille;
    int64_t since_ms; /* of the wall: it runs so since then */
    int64_t drill_ms; /* as it was then */
};

/* Drill time is 0 now, and runs as the wall's. */
void yw_pace_init(struct yw_pace *pace, int64_t now_ms);
void yw_pace_set(struct yw_pace *pace, uint32_t permille, int64_t now_ms);
int64_t yw_pace_now(const struct yw_pace *pace, int64_t now_ms);
/* When on the wall it will be `drill_ms`; INT64_MAX: it stands before that. */
int64_t yw_pace_wall(const struct yw_pace *pace, int64_t drill_ms);
/* What the file says; false: nothing that can be understood, *ret is unchanged. */
bool yw_pace_read(const char *text, size_t size, uint32_t *ret);

#endif
