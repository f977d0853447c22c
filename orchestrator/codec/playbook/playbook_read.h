/* Reading a CACAO playbook: the document under way and typed members of its objects,
 * refused with a JSON pointer. Only codec/playbook*.c include this header. */
#ifndef YW_CODEC_PLAYBOOK_READ_H
#define YW_CODEC_PLAYBOOK_READ_H

#include "base/err.h"
#include "response/playbook.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_PLAYBOOK_SPAN_MAX_MS (31LL * 24 * 3600 * 1000)

struct yw_playbook_reader {
    json_t *root; /* borrowed */
    struct yw_playbook *playbook;
    struct yw_err *err;
    bool lenient; /* steps may have any id */
};

/* "<path>/<key>: <text>"; YW_EINVAL. */
int yw_playbook_refuse(struct yw_playbook_reader *in, const char *path, const char *key,
                       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A member that is text of at most size - 1 bytes of UTF-8 without control characters but
 * newline and tab. Absent: "" unless `required`. */
int yw_playbook_text(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, char *dst, size_t size, bool required);
/* A span in ms, 0 when absent. */
int yw_playbook_span(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, int64_t *ret);
/* The member when it is an object, NULL when absent; refuses anything else. */
int yw_playbook_object(struct yw_playbook_reader *in, json_t *object, const char *path,
                       const char *key, json_t **ret);
/* false when absent. */
int yw_playbook_flag(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, bool *ret);
/* Index of `__name__` among the declared variables, or -1. */
int yw_playbook_var_of(const struct yw_playbook *playbook, const char *underscored);

/* A dictionary of variables, at most `max`. *ret is *new*, also on failure. */
int yw_playbook_read_vars(struct yw_playbook_reader *in, json_t *object, const char *path,
                          const char *key, size_t max, struct yw_pb_var **ret,
                          size_t *ret_count);
/* A list of names of playbook variables, at most YW_EVENT_VARS_MAX, none twice; `out`: they
 * are written, so none is a constant. */
int yw_playbook_read_args(struct yw_playbook_reader *in, json_t *object, const char *path,
                          const char *key, bool out, int *ret, size_t *ret_count);
/* playbook_action.c */
int yw_playbook_read_action(struct yw_playbook_reader *in, json_t *from, const char *path,
                            struct yw_pb_step *step);
int yw_playbook_read_call(struct yw_playbook_reader *in, json_t *from, const char *path,
                          struct yw_pb_step *step);
/* playbook_http.c: what a request to the orchestrator, or an OpenC2 order, comes to; FOREIGN
 * when it is none that a drill carries out. `content` may be NULL. YW_EINVAL: not a start
 * line of three parts, or not a name of a machine. */
int yw_playbook_read_http(struct yw_playbook_reader *in, const char *line,
                          const char *content, const char *path,
                          struct yw_pb_command *command);
int yw_playbook_read_openc2(struct yw_playbook_reader *in, const char *content,
                            const char *path, struct yw_pb_command *command);
/* `name` or `__name__:value` of a declared variable. */
bool yw_playbook_machine_valid(const struct yw_playbook *playbook, const char *machine);
/* playbook_extension.c: drill-step, and drill-agent of an agent or target: its machine ("" it
 * names none) and whether exercise control must allow each use. */
int yw_playbook_read_extensions(struct yw_playbook_reader *in, json_t *from,
                                const char *path, struct yw_pb_step *step);
int yw_playbook_read_node(struct yw_playbook_reader *in, const char *id, const char *path,
                          char *dst, size_t size, bool *ret_guarded);

/* Fills playbook->steps from /workflow; variables are there already. */
int yw_playbook_read_steps(struct yw_playbook_reader *in);

#endif
