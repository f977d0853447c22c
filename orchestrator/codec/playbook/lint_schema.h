/* The published JSON schemas of CACAO v2.0 as one table, and what they accept. Only
 * codec/lint*.c include this header. Basis: the committee's schemas read as draft-07, which they
 * declare: keywords of later drafts, and whatever stands beside a $ref, say nothing there. */
#ifndef YW_CODEC_LINT_SCHEMA_H
#define YW_CODEC_LINT_SCHEMA_H

#include "codec/playbook/lint_inside.h"

enum yw_schema_kind {
    YW_SCHEMA_TEXT,
    YW_SCHEMA_TEXT_OR_NULL,
    YW_SCHEMA_BOOL,
    YW_SCHEMA_WHOLE,  /* from min to max; 1.0 is whole */
    YW_SCHEMA_NUMBER, /* from min to max */
    YW_SCHEMA_ID,     /* any lower-case type, a UUID of version 1 to 5 */
    YW_SCHEMA_TIME,   /* any number of digits below the second */
    YW_SCHEMA_TIME_OR_NULL,
    YW_SCHEMA_WORD,    /* one of `words` */
    YW_SCHEMA_ADDRESS, /* text that `pattern` matches somewhere */
    YW_SCHEMA_CASE,    /* ends in the id of a step of one of `words` */
    YW_SCHEMA_LIST,    /* at least min of `of` */
    YW_SCHEMA_MAP,     /* at least min members; each whose key a rule of `keys` knows */
    YW_SCHEMA_OBJECT,  /* of `shape` */
    YW_SCHEMA_ANY_OBJECT
};

enum yw_schema_key_kind {
    YW_SCHEMA_KEY_ID,       /* "<name>--<UUID>" */
    YW_SCHEMA_KEY_EXACT,    /* name */
    YW_SCHEMA_KEY_VARIABLE, /* __name__ */
    YW_SCHEMA_KEY_WORD,     /* at most 250 letters, digits, _ and - */
    YW_SCHEMA_KEY_ANY
};

struct yw_schema_type {
    enum yw_schema_kind kind;
    const char *code; /* of a finding; NULL: P01 */
    int min, max;
    const char *const *words; /* end with NULL */
    const char *pattern;      /* extended regular expression */
    const struct yw_schema_type *of;
    const struct yw_schema_key *keys; /* end with a type NULL */
    const struct yw_schema_shape *shape;
};

struct yw_schema_key {
    enum yw_schema_key_kind kind;
    const char *name;
    const struct yw_schema_type *type;
};

struct yw_schema_member {
    const char *name;
    const struct yw_schema_type *type;
    bool required;
};

struct yw_schema_shape {
    const struct yw_schema_shape *base;     /* holds as well; NULL none */
    const struct yw_schema_member *members; /* end with a name NULL */
    const char *const *forbidden;           /* NULL none; else they end with NULL */
    const char *const *one_of;              /* exactly one is there; likewise */
};

extern const struct yw_schema_type yw_schema_playbook;
extern const char *const yw_cacao_regions[]; /* a closed list; ends with NULL */

/* Adds what the schemas refuse. */
void yw_lint_schema(struct yw_lint *lint);

#endif
