/* Drives a script host that is this very test program: spawned again with "script-host".
 */
#ifndef YW_TESTS_SCRIPT_HARNESS_H
#define YW_TESTS_SCRIPT_HARNESS_H

#include "script/script.h"

struct harness {
    pid_t pid;
    int fd;
    struct yw_script_reply reply; /* of the last exchange */
    struct yw_err err;            /* of the last exchange */
};

/* The program as a script host when its arguments say so; -1: it is a test. */
int harness_main(int argc, char **argv);
void harness_open(struct harness *harness);
void harness_close(struct harness *harness);
/* Each returns the code of the exchange; harness->reply holds the answer. */
int harness_load(struct harness *harness, const char *scenario, const char *rehearsal);
int harness_start_story(struct harness *harness, int co, const char *team);
int harness_start_player(struct harness *harness, int co, const char *team,
                         const char *player);
int harness_resume(struct harness *harness, int co, bool holds);
/* *new* text of a file below the source tree. */
char *harness_read(const char *path);

#endif
