/* Files from elsewhere, put right in place before they are read: what the lenient profile warns
 * of, and no more. A continuation that leads nowhere is an end, an order that cannot be read is a
 * task for exercise control, a value that does not fit its type is text. Only
 * codec/playbook*.c include this header. */
#ifndef YW_CODEC_PLAYBOOK_MEND_H
#define YW_CODEC_PLAYBOOK_MEND_H

#include <jansson.h>
#include <stdbool.h>

/* root: an object with /workflow that the lenient profile does not refuse. */
void yw_playbook_mend(json_t *root);

/* "" when it is no text. Borrowed. */
const char *yw_mend_text(const json_t *object, const char *key);
void yw_mend_put(json_t *object, const char *key, const char *text);
/* The member, made when it is no object. Borrowed. */
json_t *yw_mend_object(json_t *object, const char *key);
/* Drops extensions that nobody defines. */
void yw_mend_extensions(json_t *root, json_t *object, const char *key);
void yw_mend_vars(json_t *object, const char *key);
bool yw_mend_name_valid(const char *name); /* __name__ that a run can hold */

/* Members that name one step; ends with NULL. */
extern const char *const yw_mend_edges[];
void yw_mend_steps(json_t *root, json_t *workflow);

#endif
