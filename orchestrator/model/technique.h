/* The attack techniques of MITRE ATT&CK for ICS, as data: a file says which there are
 * (codec/technique.h), never the code. An id that the table does not hold stays what it is: a
 * scenario may be newer than its table. Pure. */
#ifndef YW_MODEL_TECHNIQUE_H
#define YW_MODEL_TECHNIQUE_H

#include "base/vec.h"

#include <stdbool.h>

#define YW_TECHNIQUE_ID_MAX 16
#define YW_TECHNIQUE_TACTICS_MAX 8

struct yw_technique {
    char id[YW_TECHNIQUE_ID_MAX]; /* "T0836", "T1692.001" */
    char name[96];
    char now[YW_TECHNIQUE_ID_MAX]; /* its id in the next version; "" the same */
    char tactics[YW_TECHNIQUE_TACTICS_MAX][32]; /* "impair-process-control" */
    size_t tactic_count;
};

struct yw_techniques {
    char domain[32];  /* "ics-attack" */
    char version[16]; /* of ATT&CK: "18.1" */
    char source[256];
    struct yw_vec list; /* struct yw_technique, by id */
};

void yw_techniques_init(struct yw_techniques *table);
void yw_techniques_fini(struct yw_techniques *table); /* NULL-safe */
/* Adds it at its place. False: the id is there already, or there are too many. */
bool yw_techniques_add(struct yw_techniques *table, const struct yw_technique *technique);
/* By its id, or by the id that it has in the next version. NULL: unknown. *borrowed* */
const struct yw_technique *yw_techniques_find(const struct yw_techniques *table,
                                              const char *id);

#endif
