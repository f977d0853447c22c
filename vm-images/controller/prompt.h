/* The operator prompt of a machine's serial console: a line editor and a handful of
 * commands, and no shell: nothing here writes to a device or a file. One and the same for
 * the guest program and the in-memory hypervisor, each bringing its own
 * `struct yw_prompt_io`.
 *
 *   help                                        what there is
 *   status                                      name, role, and of a PLC mode and scan
 *   ip                                          the interfaces, as JSON
 *   log                                         the last telemetry lines
 *   ping HOST
 *   modbus read HOST UNIT TABLE ADDRESS COUNT   as the applet; on a PLC also
 *   modbus read TABLE ADDRESS COUNT             its own registers
 *   modbus scan CIDR
 *
 * Pure and bounded, no allocation; what is typed is untrusted. */
#ifndef YW_CONTROLLER_PROMPT_H
#define YW_CONTROLLER_PROMPT_H

#include "controller/applet.h"

#define YW_PROMPT_LINE_MAX 120
#define YW_PROMPT_NAME_MAX 64
#define YW_PROMPT_WORDS_MAX 8
#define YW_PROMPT_HISTORY 8
#define YW_PROMPT_LOG 16
#define YW_PROMPT_LOG_MAX 200

struct yw_prompt_io {
    /* To the terminal; what it does not take is lost. */
    void (*put)(void *arg, const char *bytes, size_t size);
    /* Starts an applet, whose result comes with yw_prompt_answer, at once or later.
     * False: too many run. */
    bool (*run)(void *arg, int argc, const char *const *argv);
    void (*interfaces)(void *arg, char *ret, size_t ret_size);
    /* The role, "" before it is set up; borrowed. */
    const char *(*role)(void *arg);
    /* One request to the PLC that this machine is; 0: it is none. */
    size_t (*own)(void *arg, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX]);
    void *arg;
};

struct yw_prompt {
    struct yw_prompt_io io;
    char name[YW_PROMPT_NAME_MAX];
    char line[YW_PROMPT_LINE_MAX + 1];
    size_t size;
    size_t at;    /* cursor */
    int escape;   /* 1 after ESC, 2 inside a sequence */
    bool waiting; /* for an applet: what is typed meanwhile is dropped */
    bool after_cr;
    char history[YW_PROMPT_HISTORY][YW_PROMPT_LINE_MAX + 1];
    size_t lines; /* entered so far */
    size_t back;  /* how far the history is gone back */
    char log[YW_PROMPT_LOG][YW_PROMPT_LOG_MAX];
    size_t logged;
};

/* Clears everything but greets nobody. `io` is copied. */
void yw_prompt_init(struct yw_prompt *prompt, const struct yw_prompt_io *io);
/* Who it is now: says so, and begins a new line. */
void yw_prompt_greet(struct yw_prompt *prompt, const char *name);
void yw_prompt_type(struct yw_prompt *prompt, const char *bytes, size_t size);
void yw_prompt_answer(struct yw_prompt *prompt, int code, const char *output);
/* Remembers a telemetry line for `log`. */
void yw_prompt_note(struct yw_prompt *prompt, const char *line);

#endif
