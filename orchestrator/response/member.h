/* Members of a dictionary's value, which is JSON as text. Inside this room, which knows no
 * JSON library: values are bounded (YW_EVENT_VALUE_MAX), and what is not well formed has no
 * members. */
#ifndef YW_RESPONSE_MEMBER_H
#define YW_RESPONSE_MEMBER_H

#include "model/event.h"

#define YW_MEMBER_DEPTH_MAX 8

struct yw_member {
    char type[24]; /* of the variable, or bool, float, string of a member */
    char value[YW_EVENT_VALUE_MAX]; /* a string without its quotes and escapes */
};

/* The index-th value at the path ("" the value itself, ".a.b", "[0]", "[*]"). False: there
 * is none, or `value` is NULL (unknown). */
bool yw_member_at(const char *value, const char *type, const char *path, size_t index,
                  struct yw_member *ret);

#endif
