/* The floor of free space under the data directory. The journal comes first: below the floor
 * nothing new is begun that takes space (machines, checkpoints, evidence, forks), control is
 * told by an event, and what runs goes on. Loop thread; one statvfs every few seconds. */
#include "drill/range/disk.h"

#include "base/log.h"
#include "base/mem.h"
#include "drill/drill.h"

#include <sys/statvfs.h>

#define LOOK_MS 3000
#define MIB (1024 * 1024)

/* -1: it cannot be told. */
static int64_t free_mib(const struct yw_disk *disk)
{
    struct statvfs info;
    if (statvfs(disk->folder, &info) != 0) {
        return -1;
    }
    return (int64_t)((unsigned long long)info.f_bavail * info.f_frsize / MIB);
}

/* Once low, some room above the floor ends it: it does not flicker. */
static void look(struct yw_disk *disk)
{
    int64_t now_mib = free_mib(disk);
    if (now_mib < 0) {
        return;
    }
    bool low = now_mib < disk->floor_mib + (disk->low ? disk->floor_mib / 10 : 0);
    if (low != disk->low) {
        yw_warn("drill", "disk under %s: %lld MiB free, floor %lld MiB", disk->folder,
                (long long)now_mib, (long long)disk->floor_mib);
    }
    disk->low = low;
    disk->free_mib = now_mib;
}

static void tell(const struct yw_disk *disk, struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_event event;
    if (drill->plan == NULL || drill->broken || state->phase >= YW_PHASE_ENDED) {
        return;
    }
    if (!drill->disk_known) {
        drill->disk_told = state->disk_low;
        drill->disk_known = true;
    }
    if (drill->disk_told == disk->low) {
        return;
    }
    drill->disk_told = disk->low;
    yw_drill_event(&event, YW_EVENT_DISK_STATE, -1, "core");
    event.disk_state.ok = !disk->low;
    event.disk_state.free_mib = disk->free_mib;
    event.disk_state.floor_mib = disk->floor_mib;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void on_due(struct yw_due_entry *entry)
{
    struct yw_disk *disk = entry->arg;
    look(disk);
    for (size_t i = 0; i < yw_conductor_count(disk->conductor); i++) {
        tell(disk, yw_conductor_drill(disk->conductor, i));
    }
    yw_due_add(disk->stage->due, entry, yw_clock_mono_ms(disk->stage->clock) + LOOK_MS);
}

/* ---- the journal's own room ---- */

static void tell_room(struct yw_drill *drill, bool ok)
{
    const struct yw_disk *disk = yw_conductor_disk(drill->conductor);
    struct yw_event event;
    if (disk->low || yw_drill_state(drill)->disk_low == !ok) {
        return; /* told, or still so for another reason */
    }
    yw_drill_event(&event, YW_EVENT_DISK_STATE, -1, "core");
    event.disk_state.ok = ok;
    event.disk_state.free_mib = free_mib(disk) > 0 ? free_mib(disk) : 0;
    event.disk_state.floor_mib = disk->floor_mib;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_disk_room(struct yw_drill *drill, enum yw_journal_room room,
                  const struct yw_err *why)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    int64_t mono_ms = yw_clock_mono_ms(drill->stage->clock);
    bool worse = room > drill->room;
    bool was_well = drill->room == YW_JOURNAL_ROOM;
    drill->room = room;
    if (room == YW_JOURNAL_ROOM) {
        yw_drill_fault(
            drill,
            "the disk has room again after %lld s; no event was lost; resume the "
            "drill when it may go on",
            (long long)(mono_ms - drill->full_ms) / 1000);
        tell_room(drill, true);
        return;
    }
    if (!worse) {
        return;
    }
    YW_COPY(drill->full_why, why->text);
    drill->full_ms = was_well ? mono_ms : drill->full_ms;
    if (was_well) {
        yw_drill_fault(drill, "the disk under the journal is full: %s", why->text);
        tell_room(drill, false);
    }
    if (state->phase == YW_PHASE_RUNNING) {
        /* the public sees why it stands, not what ails the host */
        yw_drill_phase(drill, YW_PHASE_PAUSED, "core", "platform fault");
        if (room == YW_JOURNAL_NONE) { /* it stands now; the event says so later */
            yw_drill_clock_set(&drill->clock, false, drill->clock.speed,
                               yw_drill_now(drill), mono_ms);
            yw_drill_arm(drill);
        }
    }
}

int yw_disk_waits(const struct yw_drill *drill, struct yw_err *err)
{
    return drill->room != YW_JOURNAL_NONE
               ? 0
               : yw_err_set(err, YW_EIO,
                            "drill '%s': the disk is full, nothing can be put on record; "
                            "make room and ask again (%s)",
                            drill->id, drill->full_why);
}

void yw_disk_open(struct yw_disk *disk, struct yw_conductor *conductor,
                  const struct yw_stage *stage)
{
    disk->conductor = conductor;
    disk->stage = stage;
    disk->folder = stage->data_dir;
    disk->floor_mib = stage->disk_floor_mib;
    disk->due.run = on_due;
    disk->due.arg = disk;
    if (disk->folder[0] != '\0' && disk->floor_mib > 0) {
        yw_due_add(stage->due, &disk->due, yw_clock_mono_ms(stage->clock));
    }
}

void yw_disk_close(struct yw_disk *disk)
{
    yw_due_cancel(disk->stage->due, &disk->due);
}

int yw_disk_check(struct yw_disk *disk, struct yw_err *err)
{
    if (disk->folder[0] == '\0' || disk->floor_mib <= 0) {
        return 0;
    }
    look(disk);
    if (!disk->low) {
        return 0;
    }
    return yw_err_set(
        err, YW_ELIMIT,
        "the disk under %s has %lld MiB free, below its floor of %lld MiB: no "
        "new machine, checkpoint, evidence or capture until there is room",
        disk->folder, (long long)disk->free_mib, (long long)disk->floor_mib);
}
