/* Reading rule files member by member. Inside this room. */
#ifndef YW_CODEC_RULES_READ_H
#define YW_CODEC_RULES_READ_H

#include "codec/field.h"
#include "response/rules.h"

/* An object that is being read: the first failure stays, later calls do nothing. */
struct yw_rules_in {
    struct yw_rules *rules;
    json_t *object; /* borrowed */
    char path[YW_FIELD_PATH_MAX];
    int code; /* 0, or the first failure */
    struct yw_err *err;
};

/* Enters a member that is an object. */
void yw_rules_enter(struct yw_rules_in *in, struct yw_rules_in *parent, const char *key,
                    json_t *json);
/* Enters an element of the array that the member is. */
void yw_rules_enter_row(struct yw_rules_in *in, struct yw_rules_in *parent,
                        const char *key, size_t index, json_t *array);
/* Passes a failure on to the parent. */
void yw_rules_leave(struct yw_rules_in *in, struct yw_rules_in *parent);
void yw_rules_refuse(struct yw_rules_in *in, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void yw_rules_only(struct yw_rules_in *in, const char *const *names, size_t count);
/* Absent members leave *ret as it is unless `required`. */
void yw_rules_text(struct yw_rules_in *in, const char *key, bool required, char *ret,
                   size_t size);
void yw_rules_words(struct yw_rules_in *in, const char *key, bool required,
                    struct yw_text *ret); /* {"zh","en"} */
void yw_rules_int(struct yw_rules_in *in, const char *key, int64_t low, int64_t high,
                  int64_t *ret);
void yw_rules_bool(struct yw_rules_in *in, const char *key, bool *ret);
/* An index of `kind`; -1 when absent. */
void yw_rules_name(struct yw_rules_in *in, const char *key, bool required,
                   enum yw_rule_kind kind, int *ret);
void yw_rules_list(struct yw_rules_in *in, const char *key, enum yw_rule_kind kind,
                   struct yw_rule_list *ret);
/* One of the words that `name_of` knows; its index, or -1 after a failure. */
int yw_rules_one_of(struct yw_rules_in *in, const char *key, bool required,
                    const char *(*name_of)(int index));
/* The array of a member, NULL when absent or refused; at most `most`. */
json_t *yw_rules_array(struct yw_rules_in *in, const char *key, size_t most);
/* "parties": {...} and so on, added to what is there. */
void yw_rules_names(struct yw_rules_in *in);

#endif
