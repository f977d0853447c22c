/* Packaged programs of the images that carry some. What they say is read line by line and
 * never trusted: their clients chose much of it. */
#ifndef YW_GUEST_PROGRAM_H
#define YW_GUEST_PROGRAM_H

#include "guest/guest.h"

#define PROGRAM_LINE_MAX 512

/* In a child: takes `in` and `out` as its standard streams (out for both that it writes),
 * closes all others, becomes argv. Comes back never. */
_Noreturn void program_become(int in, int out, const char *const *argv);
/* Runs one to its end with `input`, at most span_ms; blocks. Its exit status, or -1: it
 * could not, or took too long. What it says goes into why (NULL: nowhere). */
int program_run(const char *const *argv, const char *input, size_t size, int span_ms,
                char *why, size_t why_size);
/* A file that a program reads, made anew with `mode`; 0 or -1. */
int program_file(const char *path, const char *text, size_t size, unsigned mode);

/* One that serves for as long as the role does; started again when it ends. What has to
 * be done before takes its time in the child too: a START is answered at once. */
struct service {
    const char *const *argv; /* borrowed, ends with NULL; NULL: prepare was all */
    /* In the child; not 0: it could not, and is tried again. May be NULL. */
    int (*prepare)(const struct guest *guest);
    pid_t pid; /* 0: none now */
    int fd;    /* what it says; -1 */
    int slot;
    bool done;        /* prepare was all, and went well */
    int64_t again_ms; /* when it ended: not before */
    size_t size;
    char line[PROGRAM_LINE_MAX];
};

void service_init(struct service *service, const char *const *argv,
                  int (*prepare)(const struct guest *guest));
int service_start(struct service *service, const struct guest *guest); /* 0 or -1 */
void service_stop(struct service *service);
void service_watch(struct service *service, struct turn *turn);
/* on_line: one line without its end, cut when long; NULL: nobody reads. Also buries what
 * the service left, and tells the host when it ended: {"kind":"service-ended",…}. */
void service_act(struct service *service, struct guest *guest, const struct turn *turn,
                 void (*on_line)(struct guest *guest, const char *line));
/* Of a role that is one service: its part begins with it. */
void service_role_stop(struct guest *guest);
void service_role_watch(struct guest *guest, struct turn *turn);

#endif
