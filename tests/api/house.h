/* A daemon's door in a process of its own: the stand-in conductor behind the real yw_net.
 */
#ifndef YW_TESTS_API_HOUSE_H
#define YW_TESTS_API_HOUSE_H

#include <stdbool.h>
#include <sys/types.h>

struct house {
    pid_t pid;
    int port;
    char control[64]; /* tokens */
    char quick[64], slow[64],
        other[64]; /* blue-quick, blue-slow of drill-one; other of drill-two */
    char data_dir[64];
    char board_dir[64];
    char tls_cert[96], tls_key[96]; /* "" plain */
};

/* Starts it and waits until it serves. Data and board in new folders under /tmp. */
void house_start(struct house *house);
/* The same with TLS, under a certificate made for it. False: this machine cannot make one. */
bool house_start_tls(struct house *house);
/* Asks it to end and asserts that it ended with nothing left: no handle, viewer, frame,
 * board. */
void house_stop(struct house *house);
long house_rss_kib(const struct house *house);
int house_descriptors(const struct house *house);

#endif
