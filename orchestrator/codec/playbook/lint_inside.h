/* Checking objects of a playbook against tables. Only codec/lint*.c include this header. */
#ifndef YW_CODEC_LINT_INSIDE_H
#define YW_CODEC_LINT_INSIDE_H

#include "codec/playbook/cacao.h"
#include "response/finding.h"

#include <jansson.h>
#include <stdbool.h>

enum yw_lint_kind {
    YW_LINT_STRING,
    YW_LINT_BASE64,
    YW_LINT_BOOL,
    YW_LINT_SPAN,       /* whole milliseconds, 0 or more */
    YW_LINT_PERCENT,    /* 0..100 */
    YW_LINT_TIME,       /* RFC 3339, UTC, exactly milliseconds */
    YW_LINT_ID,         /* arg: its type, NULL any */
    YW_LINT_IDS,        /* one or more. arg: the same */
    YW_LINT_WORDS,      /* one or more strings */
    YW_LINT_WORD_LISTS, /* name → one or more strings */
    YW_LINT_STRINGS_BY, /* name → string */
    YW_LINT_ARGS,       /* one or more names of variables */
    YW_LINT_NUMBER,     /* any number */
    YW_LINT_PORT,       /* digits, in a string */
    YW_LINT_REFERENCES, /* external references */
    YW_LINT_OBJECT,     /* looked at elsewhere */
    YW_LINT_LIST,       /* one or more objects, looked at elsewhere */
    YW_LINT_ANY
};

struct yw_lint_member {
    const char *name;
    enum yw_lint_kind kind;
    bool required;
    const char *arg;
};

struct yw_lint_shape {
    const struct yw_lint_member *members; /* ends with a name NULL */
    const char *unknown;                  /* code for a member that is not there */
    const char *missing;                  /* code for a required one */
};

struct yw_lint {
    struct yw_findings *findings;
    json_t *root;     /* borrowed */
    json_t *workflow; /* borrowed; NULL: none that is an object */
};

void yw_lint_path(char ret[YW_FINDING_PATH_MAX], const char *path, const char *key);
/* Kinds of all members; missing ones; unknown ones where no shape knows them. `more`: NULL or a
 * second table that belongs to the same object. */
void yw_lint_object(struct yw_lint *lint, json_t *object, const char *path,
                    const struct yw_lint_shape *shape, const struct yw_lint_shape *more);
/* The member when it is a string, else NULL. Borrowed. */
const char *yw_lint_text(const json_t *object, const char *key);

/* {"__name__": {…}}: names, members, values that fit their types. `playbook`: at that scope. */
void yw_lint_variables(struct yw_lint *lint, json_t *object, const char *key,
                       const char *path, bool playbook);
/* A variable that the playbook or this step declares; NULL: neither. Borrowed. */
json_t *yw_lint_variable(const struct yw_lint *lint, const json_t *step,
                         const char *name);
/* Every "__name__:value" below must be declared there. step NULL: by any step. */
void yw_lint_uses(struct yw_lint *lint, json_t *json, const char *path,
                  const json_t *step);
/* {"extension-definition--…": {…}} under `key`. */
void yw_lint_extensions(struct yw_lint *lint, json_t *object, const char *key,
                        const char *path);

/* "W07": a key of a definition that is of another type; "P03": that is no id at all. */
void yw_lint_key(struct yw_lint *lint, const char *id, const char *type,
                 const char *path);
/* lint_whereabouts.c: address, location and contact of an agent or target. */
void yw_lint_whereabouts(struct yw_lint *lint, const json_t *party, const char *path);
/* lint_marking.c */
void yw_lint_marking(struct yw_lint *lint, const char *id, json_t *marking,
                     const char *path);
void yw_lint_used_markings(struct yw_lint *lint);

void yw_lint_workflow(struct yw_lint *lint);
void yw_lint_commands(struct yw_lint *lint, json_t *step, const char *path);
/* Agents, targets, authentication, extensions, markings, signatures: all definitions. */
void yw_lint_definitions(struct yw_lint *lint);

/* Lines of the findings by their pointers, in one pass over the text. */
void yw_lint_lines(struct yw_findings *findings, const char *text, size_t size);

#endif
