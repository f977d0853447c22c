/* The door: HTTP API under /api/v1, the board's files, and the stream. libwebsockets on
 * the core's libuv loop. Loop thread only. */
#ifndef YW_NET_NET_H
#define YW_NET_NET_H

#include "base/err.h"
#include "drill/conductor.h"
#include "loop/loop.h"

struct yw_net;

struct yw_net_config {
    char address[64]; /* "127.0.0.1"; anything beyond loopback needs TLS or insecure_plain
                       */
    int port;         /* 0: any free port */
    bool insecure_plain;
    char tls_cert[256]; /* "" none */
    char tls_key[256];
    char board_dir[256];  /* the built board */
    char techniques[320]; /* the table of attack techniques; "" none */
    char data_dir[256];   /* tokens at rest: <data_dir>/tokens.jsonl; api.json for local
                            clients */
    char origins[512];    /* extra allowed origins, blank-separated */
    int keeper_pid;       /* of the process that looks after this one; 0: none */
};

int yw_net_open(struct yw_net **ret, struct yw_loop *loop, struct yw_conductor *conductor,
                const struct yw_net_config *config, struct yw_err *err);
int yw_net_port(const struct yw_net *net);
/* The control token of this daemon (first start makes it; kept in <data_dir>/api.json,
 * mode 0600, with the url). Borrowed. */
const char *yw_net_control_token(const struct yw_net *net);
/* Outside of yw_loop_run and before the conductor closes: turns the loop until the
 * library has gone. Commands under way stay the conductor's. NULL-safe. */
void yw_net_close(struct yw_net *net);

/* A small blocking HTTP client for our own verbs (libwebsockets client on its own
 * context), talking to the daemon named in <data_dir>/api.json or by `url`. */
struct yw_client;
int yw_client_open(struct yw_client **ret, const char *url, const char *token,
                   struct yw_err *err);
int yw_client_open_local(struct yw_client **ret, const char *data_dir,
                         struct yw_err *err);
/* *ret_body is *new*, NUL-terminated. Returns 0 for 2xx; else a code from the error
 * document, text taken from its message. `key` NULL: a random idempotency key for POST.
 * token NULL: the client's own. */
int yw_client_call(struct yw_client *client, const char *method, const char *path,
                   const char *token, const char *key, const char *body, char **ret_body,
                   struct yw_err *err);
/* Bytes of any kind. ret: *new*, to be finished by the caller after 0. */
struct yw_buf;
int yw_client_fetch(struct yw_client *client, const char *path, struct yw_buf *ret,
                    struct yw_err *err);
/* A console (net/console.h) between two descriptors, until the other side or the person
 * ends it: `path` is its address, what is read from in_fd is typed, what comes is given to
 * on_bytes. */
struct yw_client_console {
    const char *path;
    bool view; /* only watch */
    bool take; /* take the keys from whoever has them */
    int in_fd;
    void (*on_bytes)(void *owner, const void *bytes, size_t size);
    /* A text message of the daemon: hello, state, refused. */
    void (*on_text)(void *owner, const char *text, size_t size);
    /* What was read: how much of it is sent, or -1: leave. */
    long (*on_keys)(void *owner, const char *bytes, size_t size);
    void *owner;
};
/* 0: left by himself, or the input ended and nothing more came; else why it ended. */
int yw_client_console(struct yw_client *client, const struct yw_client_console *console,
                      struct yw_err *err);
void yw_client_close(struct yw_client *client); /* NULL-safe */

#endif
