#include "drill/package.h"

#include "base/file.h"
#include "base/folder.h"
#include "base/mem.h"
#include "controller/st.h"
#include "drill/range/role.h"
#include "drill/range/wiring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEIGHBOURS_MAX 256 /* folders among which the nearest is sought */

/* Whole file, at most max bytes, never through a link. *new*, NUL-terminated. */
static int read_file(int dir_fd, const char *path, size_t max, char **ret,
                     size_t *ret_size, struct yw_err *err)
{
    /* O_NONBLOCK: a pipe in the folder must be refused, not waited for. */
    int fd = openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP) {
        return yw_err_set(err, YW_EINVAL, "%s: links are not followed", path);
    }
    if (fd < 0) {
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path);
    }
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return yw_err_set(err, YW_EINVAL, "%s: not a regular file", path);
    }
    if (info.st_size < 0 || (size_t)info.st_size > max) {
        close(fd);
        return yw_err_set(err, YW_ELIMIT, "%s: %lld bytes; at most %zu", path,
                          (long long)info.st_size, max);
    }
    size_t size = (size_t)info.st_size;
    char *bytes = yw_new(size + 1);
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, bytes + got, size - got);
        if (n <= 0) {
            int code = yw_err_errno(err, YW_EIO, n < 0 ? errno : EIO, path);
            free(bytes);
            close(fd);
            return code;
        }
        got += (size_t)n;
    }
    close(fd);
    *ret = bytes;
    *ret_size = size;
    return 0;
}

static int add_file(struct yw_package *package, int dir_fd, const char *path,
                    struct yw_err *err)
{
    if (package->file_count == YW_REQUEST_FILES_MAX) {
        return yw_err_set(err, YW_ELIMIT, "%s: more than %d files", path,
                          YW_REQUEST_FILES_MAX);
    }
    struct yw_package_file *file = &package->files[package->file_count];
    if (YW_COPY(file->path, path) != 0) {
        return yw_err_set(err, YW_ELIMIT, "%s: path too long", path);
    }
    int code =
        read_file(dir_fd, path, YW_REQUEST_FILE_MAX, &file->bytes, &file->size, err);
    if (code == 0) {
        package->file_count++;
    }
    return code;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_folder(struct yw_package *package, int dir_fd, struct yw_err *err)
{
    int fd = openat(dir_fd, "files", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : yw_err_errno(err, YW_EIO, errno, "files");
    }
    DIR *dir = fdopendir(fd);
    char *names[YW_REQUEST_FILES_MAX + 1]; /* one more, so that one too many is seen */
    size_t count = 0;
    struct dirent *entry;
    while (dir != NULL && count <= YW_REQUEST_FILES_MAX &&
           (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            names[count++] = yw_strf("files/%s", entry->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    qsort(names, count, sizeof names[0], compare_names);
    int code = count <= YW_REQUEST_FILES_MAX
                   ? 0
                   : yw_err_set(err, YW_ELIMIT, "files: more than %d files",
                                YW_REQUEST_FILES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (code == 0) {
            code = add_file(package, dir_fd, names[i], err);
        }
        free(names[i]);
    }
    return code;
}

static void name_of(const char *dir, char name[YW_NAME_MAX])
{
    char *path = realpath(dir, NULL);
    const char *last = path != NULL ? strrchr(path, '/') : NULL;
    (void)yw_copy(name, YW_NAME_MAX, last != NULL ? last + 1 : "scenario");
    free(path);
}

void yw_package_nearest(const char *parent, const char *name, char ret[YW_NAME_MAX])
{
    char *names[NEIGHBOURS_MAX];
    size_t count = 0;
    DIR *folder = opendir(parent);
    struct dirent *entry = NULL;
    while (folder != NULL && count < NEIGHBOURS_MAX &&
           (entry = readdir(folder)) != NULL) {
        char *file = yw_strf("%s/%s/scenario.lua", parent, entry->d_name);
        if (access(file, R_OK) == 0) {
            names[count++] = yw_strf("%s", entry->d_name);
        }
        free(file);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    qsort(names, count, sizeof names[0], compare_names);
    const char *near = yw_name_nearest(name, (const char *const *)names, count);
    (void)yw_copy(ret, YW_NAME_MAX, near != NULL ? near : "");
    while (count > 0) {
        free(names[--count]);
    }
}

/* Among the folders beside it. */
static void nearest_folder(const char *dir, char ret[YW_NAME_MAX])
{
    size_t size = strlen(dir);
    while (size > 1 && dir[size - 1] == '/') {
        size--;
    }
    char *path = yw_strf("%.*s", (int)size, dir);
    char *last = strrchr(path, '/');
    if (last != NULL) {
        *last = '\0';
    }
    yw_package_nearest(last == NULL   ? "."
                       : last == path ? "/"
                                      : path,
                       last != NULL ? last + 1 : path, ret);
    free(path);
}

static int refuse_folder(const char *dir, int number, struct yw_err *err)
{
    char near[YW_NAME_MAX] = "", meant[YW_MEANT_MAX];
    if (number == ENOENT) {
        nearest_folder(dir, near);
    }
    return yw_err_set(err, YW_ENOTFOUND,
                      "%s: %s; a scenario is a folder with scenario.lua%s", dir,
                      strerror(number), yw_meant(meant, near));
}

int yw_package_load(struct yw_package **ret, const char *dir, struct yw_err *err)
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0) {
        return refuse_folder(dir, errno, err);
    }
    struct yw_package *package = yw_new(sizeof *package);
    name_of(dir, package->name);
    int code = add_file(package, dir_fd, "scenario.lua", err);
    if (code == 0) {
        code = add_file(package, dir_fd, "rehearsal.lua", err);
        code = code == YW_ENOTFOUND ? 0 : code;
    }
    if (code == 0) {
        code = add_folder(package, dir_fd, err);
    }
    close(dir_fd);
    if (code != 0) {
        yw_package_free(package);
        return yw_err_prefix(err, "%s", dir);
    }
    *ret = package;
    return 0;
}

int yw_package_save(const struct yw_package *package, const char *dir, struct yw_err *err)
{
    char *files = yw_strf("%s/files", dir);
    int code = yw_folder_make(files, 0700, err);
    free(files);
    for (size_t i = 0; code == 0 && i < package->file_count; i++) {
        char *path = yw_strf("%s/%s", dir, package->files[i].path);
        code = yw_file_write(path, package->files[i].bytes, package->files[i].size, err);
        free(path);
    }
    return code;
}

void yw_package_digest(const struct yw_package *package, struct yw_hash *ret)
{
    struct yw_hasher hasher;
    yw_hasher_init(&hasher);
    for (size_t i = 0; i < package->file_count; i++) {
        const struct yw_package_file *file = &package->files[i];
        char head[YW_SPEC_PATH_MAX + 32];
        int size = snprintf(head, sizeof head, "%s %zu\n", file->path, file->size);
        yw_hasher_add(&hasher, head, (size_t)size);
        yw_hasher_add(&hasher, file->bytes, file->size);
    }
    yw_hasher_end(&hasher, ret);
}

int yw_package_playbook(struct yw_playbook **ret, const struct yw_package *package,
                        const char *library_dir, const struct yw_spec_playbook *declared,
                        struct yw_err *err)
{
    int (*decode)(struct yw_playbook **, const char *, size_t, struct yw_err *) =
        declared->lenient ? yw_playbook_decode_lenient : yw_playbook_decode;
    const char *file = declared->file;
    char path[YW_SPEC_PATH_MAX + 8];
    (void)yw_copyf(path, sizeof path, "files/%s", file);
    const struct yw_package_file *own = yw_package_file(package, path);
    int code;
    if (own != NULL) {
        code = decode(ret, own->bytes, own->size, err);
        return code == 0 ? 0 : yw_err_prefix(err, "%s", path);
    }
    if (strchr(file, '/') != NULL || file[0] == '.') {
        return yw_err_set(err, YW_EINVAL,
                          "playbook file '%s': a plain file name is needed", file);
    }
    int dir_fd = open(library_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0) {
        return yw_err_errno(err, YW_ENOTFOUND, errno, library_dir);
    }
    char *bytes = NULL;
    size_t size = 0;
    code = read_file(dir_fd, file, YW_PLAYBOOK_BYTES_MAX, &bytes, &size, err);
    close(dir_fd);
    if (code == 0) {
        code = decode(ret, bytes, size, err);
    }
    free(bytes);
    if (code == YW_ENOTFOUND) {
        return yw_err_set(err, YW_EINVAL,
                          "playbook file '%s' is neither in files/ nor in the library",
                          file);
    }
    return code == 0 ? 0 : yw_err_prefix(err, "playbook '%s'", file);
}

static int check_program(const struct yw_package_file *file, struct yw_err *err)
{
    struct yw_st_program *program = yw_new(sizeof *program);
    struct yw_st_problem problem = {0};
    char text[256] = "";
    int code = yw_st_compile(program, file->bytes, file->size, &problem);
    free(program);
    if (code == 0) {
        return 0;
    }
    yw_st_explain_bare(&problem, false, text, sizeof text);
    return yw_err_set(err, YW_EINVAL, "%s:%d:%d: %s", file->path, problem.line,
                      problem.column, text);
}

int yw_package_programs(const struct yw_package *package, const struct yw_spec *spec,
                        struct yw_err *err)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &spec->machines[i];
        const struct yw_package_file *file = yw_package_file(package, machine->program);
        if (machine->program[0] == '\0') {
            continue;
        }
        int code = file == NULL
                       ? yw_err_set(err, YW_EINVAL, "no such file: %s", machine->program)
                       : check_program(file, err);
        if (code != 0) {
            return yw_err_prefix(err, "scenario.lua:%d: machine '%s'", machine->line,
                                 machine->name);
        }
    }
    int code = yw_wiring_check(spec, err);
    return code != 0 ? code : yw_role_check(spec, err);
}

struct yw_package *yw_package_copy(const struct yw_package *from)
{
    struct yw_package *package = yw_new(sizeof *package);
    *package = *from;
    for (size_t i = 0; i < package->file_count; i++) {
        package->files[i].bytes = yw_new(from->files[i].size + 1);
        memcpy(package->files[i].bytes, from->files[i].bytes, from->files[i].size);
    }
    return package;
}

/* ---- playbooks that are called ---- */

struct wanted {
    const char *id;
    const char *version; /* "" any */
    bool lenient;        /* it may have been read so, and then got its id here */
    struct yw_playbook *best;
    char *text; /* of the best */
    size_t size;
};

/* Keeps it when it is the one that is looked for; a file that merely names the id is not
 * decoded any further when it is broken. */
static void consider(struct wanted *wanted, const char *bytes, size_t size)
{
    struct yw_playbook *playbook = NULL;
    bool named = memmem(bytes, size, wanted->id, strlen(wanted->id)) != NULL;
    if ((!named || yw_playbook_decode(&playbook, bytes, size, NULL) != 0) &&
        (!wanted->lenient ||
         yw_playbook_decode_lenient(&playbook, bytes, size, NULL) != 0)) {
        return;
    }
    bool fits =
        strcmp(playbook->id, wanted->id) == 0 &&
        (wanted->version[0] == '\0' || strcmp(wanted->version, playbook->modified) == 0);
    if (fits && (wanted->best == NULL ||
                 strcmp(wanted->best->modified, playbook->modified) < 0)) {
        yw_playbook_free(wanted->best);
        free(wanted->text);
        wanted->best = playbook;
        wanted->text = yw_strndup(bytes, size);
        wanted->size = size;
    } else {
        yw_playbook_free(playbook);
    }
}

static bool is_json(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, ".json") == 0 && name[0] != '.';
}

static void consider_library(struct wanted *wanted, const char *library_dir)
{
    DIR *dir = opendir(library_dir);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char *bytes = NULL;
        size_t size = 0;
        if (is_json(entry->d_name) &&
            read_file(dirfd(dir), entry->d_name, YW_PLAYBOOK_BYTES_MAX, &bytes, &size,
                      NULL) == 0) {
            consider(wanted, bytes, size);
            free(bytes);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static const struct yw_playbook *known(const struct yw_vec *called,
                                       struct yw_playbook *const *playbooks, size_t count,
                                       const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(playbooks[i]->id, id) == 0) {
            return playbooks[i];
        }
    }
    for (size_t i = 0; i < called->count; i++) {
        const struct yw_playbook *playbook = *(struct yw_playbook **)yw_vec_at(called, i);
        if (strcmp(playbook->id, id) == 0) {
            return playbook;
        }
    }
    return NULL;
}

static void look_for(struct wanted *wanted, const struct yw_package *package,
                     const char *library_dir)
{
    for (size_t i = 0; i < package->file_count; i++) {
        if (is_json(package->files[i].path)) {
            consider(wanted, package->files[i].bytes, package->files[i].size);
        }
    }
    if (wanted->best == NULL) {
        consider_library(wanted, library_dir);
    }
}

int yw_package_source(char **ret, size_t *ret_size, const struct yw_package *package,
                      const char *library_dir, const struct yw_playbook *playbook,
                      struct yw_err *err)
{
    struct wanted wanted = {.id = playbook->id, .version = playbook->modified};
    look_for(&wanted, package, library_dir);
    if (wanted.text == NULL) {
        wanted.lenient = true;
        look_for(&wanted, package, library_dir);
    }
    yw_playbook_free(wanted.best);
    *ret = wanted.text;
    *ret_size = wanted.size;
    return wanted.text != NULL
               ? 0
               : yw_err_set(err, YW_ENOTFOUND,
                            "playbook '%s' of %s is neither in files/ nor in the library",
                            playbook->id, playbook->modified);
}

static int find_called(struct yw_vec *ret, const struct yw_package *package,
                       const char *library_dir, const struct yw_pb_step *step,
                       struct yw_err *err)
{
    struct wanted wanted = {.id = step->playbook, .version = step->version};
    look_for(&wanted, package, library_dir);
    free(wanted.text);
    if (wanted.best == NULL) {
        return yw_err_set(err, YW_EINVAL,
                          "step '%s' calls '%s'%s%s, which is neither in files/ nor in "
                          "the library",
                          step->id, step->playbook, step->version[0] ? " of " : "",
                          step->version);
    }
    if (yw_vec_push(ret, &wanted.best) == NULL) {
        yw_playbook_free(wanted.best);
        return yw_err_set(err, YW_ELIMIT, "more than %d playbooks are called",
                          YW_PACKAGE_CALLED_MAX);
    }
    return 0;
}

/* A drill knows a playbook by its id alone: one version of it. */
static int check_version(const struct yw_pb_step *step, const struct yw_playbook *there,
                         struct yw_err *err)
{
    if (step->version[0] == '\0' || strcmp(step->version, there->modified) == 0) {
        return 0;
    }
    return yw_err_set(err, YW_EINVAL,
                      "step '%s' calls '%s' of %s; the exercise has that of %s", step->id,
                      step->playbook, step->version, there->modified);
}

int yw_package_called(struct yw_vec *ret, const struct yw_package *package,
                      const char *library_dir, struct yw_playbook *const *playbooks,
                      size_t count, struct yw_err *err)
{
    for (size_t i = 0; i < count + ret->count; i++) {
        const struct yw_playbook *playbook =
            i < count ? playbooks[i] : *(struct yw_playbook **)yw_vec_at(ret, i - count);
        for (size_t k = 0; k < playbook->step_count; k++) {
            const struct yw_pb_step *step = &playbook->steps[k];
            if (step->type != YW_PB_PLAYBOOK) {
                continue;
            }
            const struct yw_playbook *there =
                known(ret, playbooks, count, step->playbook);
            int code = there == NULL ? find_called(ret, package, library_dir, step, err)
                                     : check_version(step, there, err);
            if (code != 0) {
                return yw_err_prefix(err, "playbook '%s'", playbook->id);
            }
        }
    }
    return 0;
}
