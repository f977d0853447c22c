/* Scenario folders on disk. A package in memory is codec/request.h's struct yw_package.
 */
#ifndef YW_DRILL_PACKAGE_H
#define YW_DRILL_PACKAGE_H

#include "base/hash.h"
#include "base/vec.h"
#include "codec/playbook/playbook.h"
#include "codec/request/request.h"
#include "model/spec.h"

/* The name of the scenario in the folder `parent` that is called nearly so; "" none. Blocking. */
void yw_package_nearest(const char *parent, const char *name, char ret[YW_NAME_MAX]);
/* Reads scenario.lua, rehearsal.lua and files/ (regular files only, no links) of `dir`.
 * *new*. */
int yw_package_load(struct yw_package **ret, const char *dir, struct yw_err *err);
/* In memory. *new* */
struct yw_package *yw_package_copy(const struct yw_package *package);
/* Writes all files below `dir` (made when missing), each synced. */
int yw_package_save(const struct yw_package *package, const char *dir,
                    struct yw_err *err);
/* Over names and bytes, in order of names. */
void yw_package_digest(const struct yw_package *package, struct yw_hash *ret);
/* The playbook's file: from files/ of the package, else from the library folder. *new*. */
int yw_package_playbook(struct yw_playbook **ret, const struct yw_package *package,
                        const char *library_dir, const struct yw_spec_playbook *declared,
                        struct yw_err *err);
#define YW_PACKAGE_CALLED_MAX 64
/* What these playbooks call, and what those call, and so on, by id: from files/, else from
 * the library folder; of several versions the one that is asked for, else the latest. *ret:
 * struct yw_playbook *, *new*, added to. */
int yw_package_called(struct yw_vec *ret, const struct yw_package *package,
                      const char *library_dir, struct yw_playbook *const *playbooks,
                      size_t count, struct yw_err *err);
/* The text of the playbook with this id and version: from files/, else from the library folder.
 * *new*. YW_ENOTFOUND: it is no longer there. */
int yw_package_source(char **ret, size_t *ret_size, const struct yw_package *package,
                      const char *library_dir, const struct yw_playbook *playbook,
                      struct yw_err *err);
/* Every program that the spec's machines run is in the package and compiles. Errors name
 * the line of scenario.lua and that of the program. */
int yw_package_programs(const struct yw_package *package, const struct yw_spec *spec,
                        struct yw_err *err);

#endif
