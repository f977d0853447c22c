/* The recipe of a full image (vm-images/full/NAME/recipe.json): everything that its build
 * does not know of itself. vm-images/build-full reads the same file. Pure.
 *
 *   version      1
 *   title        {"zh", "en"}, for people
 *   ram_mib      memory that a machine of it needs
 *   disk_mib     size of its disk
 *   build_mib    free space that building takes, at most
 *   packages     Debian packages beside those of every image; versions are the release's
 *   native       npm package -> folder of a Debian package that stands in its place,
 *                because the npm one would have to be compiled
 *   setup        lines of a shell program, run in the disk's tree at the end
 *   services     units that are enabled; masked: those that never start
 *   check        argument vector: run inside a machine, it exits 0 when all works
 */
#ifndef YW_CODEC_RECIPE_H
#define YW_CODEC_RECIPE_H

#include "base/err.h"
#include "base/id.h"
#include "model/text.h"

#include <stddef.h>
#include <stdint.h>

#define YW_RECIPE_BYTES_MAX (64 * 1024)
#define YW_RECIPE_LIST_MAX 64   /* entries of one list */
#define YW_RECIPE_WORD_MAX 1024 /* bytes of one entry */
#define YW_RECIPE_DISK_MIN_MIB 512
#define YW_RECIPE_DISK_MAX_MIB 16384

struct yw_recipe {
    char name[YW_NAME_MAX]; /* the caller's: that of its folder */
    struct yw_text title;
    int64_t ram_mib;
    int64_t disk_mib;
    int64_t build_mib;
    size_t package_count;
    size_t check_count;
};

/* Fills all but the name. Unknown members, empty or doubled entries and names that are none
 * of Debian's are refused with their path. */
int yw_recipe_decode(struct yw_recipe *ret, const char *text, size_t size,
                     struct yw_err *err);

#endif
