/* At start: the drills on disk come back, and what a crash left half-made goes.
 *
 *   drills/.new-<id>, .fork-<id>   a drill that has no name yet: removed
 *   drills/<id>, cut short         its first events are not all there: removed
 *   drills/<id>                    loaded by workers side by side, folded in turn, in slices;
 *                                  all of them go on together, in the order of their names
 *
 * Each removal with a line in the log. A journal that cannot be trusted ends the start. */
#include "drill/conductor_inside.h"

#include "base/folder.h"
#include "base/log.h"
#include "base/mem.h"
#include "drill/range/reconcile.h"
#include "drill/revive.h"
#include "drill/work.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
    struct yw_recovery *recovery;
    struct yw_revival revival;
    struct yw_work work;
    bool loaded;
    int code;
    struct yw_err why;
};

struct yw_recovery {
    struct yw_conductor *conductor;
    void (*done)(void *owner, int code, const struct yw_err *err);
    void *owner;
    struct yw_vec names;   /* char *: folders of drills, in order */
    struct entry *entries; /* one a name */
    struct yw_work look;
    size_t next; /* of the entries: the first that is not done with */
    int code;    /* of the first that failed */
    struct yw_err why;
};

/* ---- worker ---- */

static bool starts_with(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

static int compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void look_at(struct yw_recovery *recovery, const char *name)
{
    if (starts_with(name, ".new-") || starts_with(name, ".fork-")) {
        char *path = yw_conductor_path(recovery->conductor, "", name, "");
        yw_warn("drill", "%s: left by a creation that was cut short; removed", name);
        yw_folder_remove(path);
        free(path);
    } else if (yw_name_valid(name)) {
        char *journal = yw_conductor_path(recovery->conductor, "", name, "/journal.db");
        if (access(journal, F_OK) != 0) {
            yw_warn("drill", "%s: a folder without a journal is no drill; left alone",
                    name);
        } else {
            char *kept = yw_strdup(name);
            if (yw_vec_push(&recovery->names, &kept) == NULL) {
                free(kept);
                yw_error("drill", "%s: more than %d drills; it is left out", name,
                         YW_CONDUCTOR_DRILLS_MAX);
            }
        }
        free(journal);
    }
}

static int look(struct yw_work *work, struct yw_err *err)
{
    struct yw_recovery *recovery = work->owner;
    struct dirent **found = NULL;
    (void)err;
    char *path = yw_conductor_path(recovery->conductor, "", "", "");
    int count = scandir(path, &found, NULL, compare);
    free(path);
    for (int i = 0; i < count; i++) {
        look_at(recovery, found[i]->d_name);
        free(found[i]);
    }
    free(found);
    return 0;
}

static int load(struct yw_work *work, struct yw_err *err)
{
    struct entry *entry = work->owner;
    struct yw_drill *drill = entry->revival.drill;
    const struct yw_stage *stage = drill->stage;
    struct yw_journal *journal = NULL;
    int code = stage->open_journal(stage->journal_arg, drill->id, &journal, err);
    if (code != 0) {
        return code;
    }
    yw_drill_adopt_journal(drill, journal);
    code = yw_revival_load(&entry->revival, err);
    if (code == YW_ECANCELED) {
        char *path = yw_conductor_path(entry->recovery->conductor, "", drill->id, "");
        yw_journal_close(journal);
        drill->journal = NULL;
        yw_folder_remove(path);
        free(path);
    }
    return code;
}

/* ---- loop thread ---- */

static void recovery_free(struct yw_recovery *recovery)
{
    for (size_t i = 0; recovery->entries != NULL && i < recovery->names.count; i++) {
        yw_revival_fini(&recovery->entries[i].revival);
    }
    for (size_t i = 0; i < recovery->names.count; i++) {
        free(*(char **)yw_vec_at(&recovery->names, i));
    }
    yw_vec_fini(&recovery->names);
    free(recovery->entries);
    free(recovery);
}

static void finish(struct yw_recovery *recovery)
{
    struct yw_conductor *conductor = recovery->conductor;
    conductor->recovery = NULL;
    for (size_t i = 0; recovery->code == 0 && i < recovery->names.count; i++) {
        if (recovery->entries[i].code == 0) {
            (void)yw_revival_take(&recovery->entries[i].revival);
        }
    }
    if (recovery->code == 0) {
        yw_reconcile_start(conductor, "", false);
    }
    recovery->done(recovery->owner, recovery->code, &recovery->why);
    recovery_free(recovery);
}

static void fail(struct yw_recovery *recovery, int code, const struct yw_err *err)
{
    if (recovery->code == 0) {
        recovery->code = code;
        recovery->why = *err;
    }
}

/* Folds what is loaded, in turn. */
static void step(struct yw_recovery *recovery)
{
    while (recovery->next < recovery->names.count) {
        struct entry *entry = &recovery->entries[recovery->next];
        if (!entry->loaded) {
            return;
        }
        if (entry->code == 0 && recovery->code == 0) {
            yw_revival_fold(&entry->revival);
            return;
        }
        if (entry->code == YW_ECANCELED) {
            yw_warn("drill", "%s; removed", entry->why.text);
        } else if (entry->code != 0) {
            fail(recovery, entry->code, &entry->why);
        }
        recovery->next++;
    }
    finish(recovery);
}

static void on_folded(struct yw_revival *revival, int code, const struct yw_err *err)
{
    struct entry *entry = revival->owner;
    struct yw_recovery *recovery = entry->recovery;
    entry->code = code;
    if (code != 0) {
        fail(recovery, code, err);
    }
    recovery->next++;
    step(recovery);
}

static void on_loaded(struct yw_work *work, int code, const struct yw_err *err)
{
    struct entry *entry = work->owner;
    struct yw_recovery *recovery = entry->recovery;
    entry->loaded = true;
    entry->code = code;
    entry->why = *err;
    if (!recovery->conductor->closing &&
        recovery->next == (size_t)(entry - recovery->entries)) {
        step(recovery);
    }
}

static void on_looked(struct yw_work *work, int code, const struct yw_err *err)
{
    struct yw_recovery *recovery = work->owner;
    (void)code;
    (void)err;
    if (recovery->conductor->closing) {
        return;
    }
    recovery->entries =
        yw_new_array(recovery->names.count + 1, sizeof *recovery->entries);
    for (size_t i = 0; i < recovery->names.count; i++) {
        struct entry *entry = &recovery->entries[i];
        const char *name = *(char **)yw_vec_at(&recovery->names, i);
        entry->recovery = recovery;
        yw_revival_init(&entry->revival, recovery->conductor, name);
        entry->revival.folded = on_folded;
        entry->revival.owner = entry;
        entry->work.run = load;
        entry->work.done = on_loaded;
        entry->work.owner = entry;
        entry->code = yw_work_start(recovery->conductor, &entry->work, name, &entry->why);
        if (entry->code != 0) {
            entry->loaded = true;
        }
    }
    step(recovery);
}

int yw_conductor_recover(struct yw_conductor *conductor,
                         void (*done)(void *owner, int code, const struct yw_err *err),
                         void *owner, struct yw_err *err)
{
    struct yw_recovery *recovery = yw_new(sizeof *recovery);
    recovery->conductor = conductor;
    recovery->done = done;
    recovery->owner = owner;
    yw_vec_init(&recovery->names, sizeof(char *), YW_CONDUCTOR_DRILLS_MAX);
    recovery->look.run = look;
    recovery->look.done = on_looked;
    recovery->look.owner = recovery;
    int code = yw_work_start(conductor, &recovery->look, "recover", err);
    if (code != 0) {
        recovery_free(recovery);
        return code;
    }
    conductor->recovery = recovery;
    return 0;
}

void yw_recover_close(struct yw_conductor *conductor)
{
    if (conductor->recovery != NULL) {
        recovery_free(conductor->recovery);
        conductor->recovery = NULL;
    }
}

/* For a simulation that restarts. */
int yw_conductor_adopt(struct yw_conductor *conductor, const char *id,
                       struct yw_package *package, struct yw_journal *journal,
                       struct yw_err *err)
{
    struct yw_revival *revival = yw_new(sizeof *revival);
    yw_revival_init(revival, conductor, id);
    revival->drill->package = package;
    yw_drill_adopt_journal(revival->drill, journal);
    int code = yw_revival_load(revival, err);
    if (code == 0) {
        code = yw_revival_fold_all(revival, err);
    }
    if (code == 0) {
        (void)yw_revival_take(revival);
    }
    yw_revival_fini(revival);
    free(revival);
    return code;
}
