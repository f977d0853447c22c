/* Who may log in to a machine, and what its login service says about it. Weak passwords
 * are the exercise's business; what is written into the service's files is bounded and
 * has no byte that those files give a meaning. Pure. */
#ifndef YW_CONTROLLER_ACCOUNT_H
#define YW_CONTROLLER_ACCOUNT_H

#include "controller/conf.h"

#define YW_ACCOUNTS_MAX 16
#define YW_ACCOUNT_USER_MAX 32

struct yw_account {
    char user[YW_ACCOUNT_USER_MAX]; /* a-z 0-9 _ -, begins with a letter */
    char password[YW_CONF_WORD_MAX];
};

struct yw_accounts {
    struct yw_account items[YW_ACCOUNTS_MAX];
    int count;
};

/* The statement "account USER PASSWORD". */
int yw_accounts_add(struct yw_accounts *accounts, const struct yw_conf_line *line,
                    char problem[YW_CONF_PROBLEM_MAX]);
/* A configuration that has accounts alone: jump. */
int yw_accounts_load(struct yw_accounts *accounts, const char *text, size_t size,
                     char problem[YW_CONF_PROBLEM_MAX]);
bool yw_accounts_match(const struct yw_accounts *accounts, const char *user,
                       const char *password);
bool yw_accounts_has(const struct yw_accounts *accounts, const char *user);

/* One line of dropbear's log as telemetry, {"kind":"login","result":"accepted",…}; false:
 * it tells of no login. What a client chose appears only when it is one of the accounts'
 * users. */
bool yw_login_line(const struct yw_accounts *accounts, const char *line, char *ret,
                   size_t ret_size);

#endif
