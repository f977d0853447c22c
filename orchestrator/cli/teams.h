/* The teams a verb works with: "--teams a,b", else those of rehearsal.lua, else one "blue". */
#ifndef YW_CLI_TEAMS_H
#define YW_CLI_TEAMS_H

#include "model/spec.h"
#include "script/script.h"

struct yw_teams {
    char names[YW_SPEC_TEAMS_MAX][YW_NAME_MAX];
    const char *pointers[YW_SPEC_TEAMS_MAX];
    size_t count;
};

/* `list` may be NULL. */
int yw_teams_read(struct yw_teams *ret, const char *list,
                  const struct yw_script_reply *loaded, struct yw_err *err);
/* YW_EINVAL: rehearsal.lua plays none of them. */
int yw_teams_played(const struct yw_teams *teams, const struct yw_script_reply *loaded,
                    struct yw_err *err);

#endif
