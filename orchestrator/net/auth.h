/* Who is asking: tokens. 128 random bits each, handed out once; at rest only keyed
 * BLAKE2b
 * (<data_dir>/tokens.jsonl, one line a token, append-only, mode 0600). The control token
 * of the daemon stands in <data_dir>/api.json (0600) for local clients. Loop thread only.
 */
#ifndef YW_NET_AUTH_H
#define YW_NET_AUTH_H

#include "base/err.h"
#include "base/id.h"

#include <stdbool.h>

#define YW_AUTH_TOKEN_MAX 64     /* bytes of a token we look at */
#define YW_AUTH_TOKENS_MAX 16384 /* of teams and their people, of all drills */
#define YW_AUTH_PERSON_MAX                                                               \
    32 /* bytes of a person's name: with team and role it is an actor */

struct yw_auth;

/* INSIDE and DUTY are nobody's role: of a route, for teams and control alike, and for offices
 * besides. A tier is an office above the enterprises: its name among the teams is "@county". */
enum yw_role {
    YW_ROLE_PUBLIC,
    YW_ROLE_TEAM,
    YW_ROLE_CONTROL,
    YW_ROLE_TIER,
    YW_ROLE_INSIDE,
    YW_ROLE_DUTY
};

struct yw_caller {
    enum yw_role role;
    char drill[YW_NAME_MAX];  /* TEAM TIER */
    char team[YW_NAME_MAX];   /* TEAM; TIER: "county" */
    char person[YW_NAME_MAX]; /* TEAM: whose token it is; "" the whole team's */
};

/* data_dir "": nothing is kept. A torn last line of tokens.jsonl is dropped. */
int yw_auth_open(struct yw_auth **ret, const char *data_dir, struct yw_err *err);
void yw_auth_close(struct yw_auth *auth);                /* NULL-safe */
const char *yw_auth_control(const struct yw_auth *auth); /* borrowed */
/* Writes api.json: where this daemon is and its control token. keeper_pid 0: it has none. */
int yw_auth_publish(const struct yw_auth *auth, const char *url, int keeper_pid,
                    struct yw_err *err);
/* A new token for a team; the team's older one ends. Kept by the next yw_auth_keep. */
int yw_auth_issue(struct yw_auth *auth, const char *drill, const char *team,
                  char ret_token[YW_ID_SIZE], struct yw_err *err);
/* The same for one person of the team, beside the team's own. The name is valid
 * (yw_title_valid, without '/'). */
int yw_auth_issue_person(struct yw_auth *auth, const char *drill, const char *team,
                         const char *person, char ret_token[YW_ID_SIZE],
                         struct yw_err *err);
/* Do people of this team have tokens of their own? Then only they speak for themselves. */
bool yw_auth_named(const struct yw_auth *auth, const char *drill, const char *team);
/* Makes what was issued durable. Blocks for one fdatasync: once per drill created. */
int yw_auth_keep(struct yw_auth *auth, struct yw_err *err);
/* False: no such token. Takes the same time for every wrong token. */
bool yw_auth_check(const struct yw_auth *auth, const char *token, struct yw_caller *ret);

#endif
