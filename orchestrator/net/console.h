/* Consoles in the browser: /api/v1/drills/<id>/machines/<machine>/console?form=serial
 * (&team=<team> for control) as a WebSocket of subprotocol yanwu.console.v1.
 *
 *   client  text   {"token":"…","mode":"type"|"view"}   first of all, within 5 s
 *   server  text   {"type":"hello","console":n,"form":…,"idle_ms":…,"mode":…,"typist":…}
 *   both    binary what is shown, and what is typed
 *   client  text   {"type":"take"} the keys, or {"type":"yield"}
 *   server  text   {"type":"state","mode":…,"typist":…}, {"type":"refused","why":…}
 *
 * Who may do what stands in drill/seat/seat.h. What is shown leaves as fast as the viewer
 * takes it; what is typed is read as fast as the machine takes it. Loop thread only. */
#ifndef YW_NET_CONSOLE_H
#define YW_NET_CONSOLE_H

#include "drill/seat/seat.h"
#include "net/net.h"

#define YW_CONSOLE_PROTOCOL "yanwu.console.v1"
#define YW_CONSOLE_FIRST_MAX 512   /* bytes of a text message */
#define YW_CONSOLE_FIRST_MS 5000   /* for the first to arrive */
#define YW_CONSOLE_READ_MAX 4096   /* of what is typed, at once */
#define YW_CONSOLE_WRITE_MAX 16384 /* of what is shown, a message */
#define YW_CONSOLE_SITTERS_MAX 256
#define YW_CONSOLE_SEND_BUFFER (64 * 1024) /* SO_SNDBUF: what a stalled viewer costs */

#define YW_CLOSE_DENIED 4403
#define YW_CLOSE_STATE 4409
#define YW_CLOSE_ENDED 4410

struct lws;
struct yw_sitter;

/* What the path asks for. YW_EINVAL: it is no console's. */
struct yw_console_target {
    char drill[YW_NAME_MAX], machine[YW_NAME_MAX], team[YW_NAME_MAX];
    enum yw_virt_form form;
};
int yw_console_target(struct lws *wsi, struct yw_console_target *ret);

/* What libwebsockets calls back for; results are its. NULL: too many. */
struct yw_sitter *yw_sitter_new(struct yw_net *net, struct lws *wsi,
                                const struct yw_console_target *target);
void yw_sitter_free(struct yw_sitter *sitter); /* CLOSED. NULL-safe */
int yw_sitter_receive(struct yw_sitter *sitter, const char *bytes, size_t size,
                      bool whole);
int yw_sitter_writeable(struct yw_sitter *sitter);
int yw_sitter_peer_closes(struct yw_sitter *sitter);

#endif
