/* Who may see a marked playbook: the Traffic Light Protocol 2.0 (FIRST) among those that a drill
 * knows. Pure. Thread: any. */
#ifndef YW_RESPONSE_MARKING_H
#define YW_RESPONSE_MARKING_H

#include <stdbool.h>

enum yw_tlp { /* the stricter the higher */
              YW_TLP_CLEAR,
              YW_TLP_GREEN,
              YW_TLP_AMBER,
              YW_TLP_AMBER_STRICT,
              YW_TLP_RED
};

enum yw_reader {
    YW_READER_PUBLIC,
    YW_READER_OTHER_TEAM, /* takes part, but does not run it */
    YW_READER_TIER,       /* an authority, to which the team reports */
    YW_READER_TEAM,       /* runs it */
    YW_READER_CONTROL
};

/* CLEAR everybody, GREEN all that take part, AMBER who runs it and to whom they report,
 * AMBER+STRICT who runs it, RED control alone: the questions of its steps still reach the roles
 * that they name. Control may see all. */
bool yw_tlp_lets(enum yw_tlp marking, enum yw_reader reader);
const char *yw_tlp_name(enum yw_tlp marking); /* "TLP:AMBER+STRICT" */
/* False: no such level. */
bool yw_tlp_read(const char *name, enum yw_tlp *ret);

#endif
