/* The other end of a connection, byte by byte: raw blocking sockets with deadlines, so
 * that a test can say what no well-behaved client would. */
#ifndef YW_TESTS_API_PEER_H
#define YW_TESTS_API_PEER_H

#include <stdbool.h>
#include <stddef.h>

/* For what must come: a busy machine may take its time. */
#define PEER_PATIENCE_MS 60000

int peer_connect(int port);
/* Through `openssl s_client`, which ends when the socket closes. */
int peer_connect_tls(int port);
void peer_send(int fd, const void *bytes, size_t size);
void peer_text(int fd, const char *text);
/* Reads until the peer closes, `size` - 1 bytes have come, or, after the first of them,
 * wait_ms have passed without any. Returns the size; NUL-terminated. */
size_t peer_read(int fd, char *bytes, size_t size, int wait_ms);
/* True when the connection ends within wait_ms; what comes before is dropped. */
bool peer_ended(int fd, int wait_ms);

struct answer {
    int status;
    char head[4096];
    char body[256 * 1024];
    size_t body_size;
};
/* One HTTP request on a connection of its own. token, key, body may be NULL. Asserts
 * nothing. */
void peer_request(int port, const char *method, const char *path, const char *token,
                  const char *key, const char *body, struct answer *ret);
/* Sends these bytes and reads one answer; *ret_fd, when asked for, keeps the connection.
 */
void peer_raw(int port, const char *text, struct answer *ret, int *ret_fd);
/* Reads one answer from an open connection; false: it ended first. */
bool peer_answer(int fd, struct answer *ret, int wait_ms);
bool answer_has(const struct answer *answer,
                const char *text); /* in the head, any case */

/* WebSocket. path "/ws/v1/drills/…". -1: not upgraded. */
int peer_upgrade(int port, const char *path);
bool peer_upgrade_on(int fd, int port, const char *path);
void peer_frame(int fd, int opcode, const void *bytes, size_t size); /* masked, final */
/* One frame of the server: its opcode, -1 ended, -2 nothing within wait_ms. */
int peer_message(int fd, char *bytes, size_t size, size_t *ret_size, int wait_ms);
/* Reads data frames until a close frame; its code, 0 none, -1 ended without. */
int peer_close_code(int fd, int wait_ms);
/* Upgraded, with the first message sent; token NULL: {}. */
int peer_watch(int port, const char *path, const char *token);
/* A member of flat JSON as a number; -1 absent. */
long long peer_number(const char *text, const char *member);

#endif
