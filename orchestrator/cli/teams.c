#include "cli/teams.h"

#include <string.h>

static int add_team(struct yw_teams *teams, const char *name, size_t size,
                    struct yw_err *err)
{
    if (teams->count == YW_SPEC_TEAMS_MAX)
        return yw_err_set(err, YW_ELIMIT, "--teams: at most %d", YW_SPEC_TEAMS_MAX);
    if (size >= YW_NAME_MAX)
        return yw_err_set(err, YW_EINVAL, "--teams: a name has at most %d bytes",
                          YW_NAME_MAX - 1);
    memcpy(teams->names[teams->count], name, size);
    teams->names[teams->count][size] = '\0';
    teams->pointers[teams->count] = teams->names[teams->count];
    teams->count++;
    return 0;
}

int yw_teams_read(struct yw_teams *teams, const char *list,
                  const struct yw_script_reply *loaded, struct yw_err *err)
{
    int status = 0;

    for (const char *at = list; at != NULL && status == 0;) {
        size_t size = strcspn(at, ",");

        status = add_team(teams, at, size, err);
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    for (size_t i = 0; list == NULL && i < loaded->player_count && status == 0; i++) {
        const struct yw_script_player *player = &loaded->players[i];

        if (player->tier == 0)
            status = add_team(teams, player->team, strlen(player->team), err);
    }
    if (status == 0 && teams->count == 0)
        status = add_team(teams, "blue", 4, err);
    return status;
}

int yw_teams_played(const struct yw_teams *teams, const struct yw_script_reply *loaded,
                    struct yw_err *err)
{
    for (size_t i = 0; i < teams->count * loaded->player_count; i++) {
        if (strcmp(teams->names[i / loaded->player_count],
                   loaded->players[i % loaded->player_count].team) == 0)
            return 0;
    }
    return yw_err_set(
        err, YW_EINVAL,
        "--auto: rehearsal.lua has a player for none of the teams; it has one "
        "for '%s'",
        loaded->player_count > 0 ? loaded->players[0].team : "");
}
