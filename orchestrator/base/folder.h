/* Folders and files on disk. */
#ifndef YW_BASE_FOLDER_H
#define YW_BASE_FOLDER_H

#include "base/err.h"

#include <sys/types.h>

/* Makes the folder and its missing parents; one that is there already is fine. YW_EIO names the
 * path. Blocking. */
int yw_folder_make(const char *path, mode_t mode, struct yw_err *err);
/* Removes the folder and all in it, following no link; what cannot be removed stays.
 * Blocking. */
void yw_folder_remove(const char *path);
/* All bytes of one file into another, which is empty; what was never written stays a hole.
 * Blocking. */
int yw_file_copy(int from, int to, struct yw_err *err);
/* What was made, renamed or removed in it stays so when the power goes. Blocking. */
int yw_folder_sync(const char *path, struct yw_err *err);

#endif
