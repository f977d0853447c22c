#include "controller/account.h"

#include <stdio.h>
#include <string.h>

static bool user_valid(const char *user)
{
    size_t size = strlen(user);
    return size > 0 && size < YW_ACCOUNT_USER_MAX && user[0] >= 'a' && user[0] <= 'z' &&
           strspn(user, "abcdefghijklmnopqrstuvwxyz0123456789_-") == size;
}

/* Visible ASCII without the ':' that parts the fields of a password file. */
static bool password_valid(const char *password)
{
    for (const char *at = password; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~' || *at == ':')
            return false;
    }
    return password[0] != '\0';
}

bool yw_accounts_has(const struct yw_accounts *accounts, const char *user)
{
    for (int i = 0; i < accounts->count; i++) {
        if (strcmp(accounts->items[i].user, user) == 0)
            return true;
    }
    return false;
}

bool yw_accounts_match(const struct yw_accounts *accounts, const char *user,
                       const char *password)
{
    for (int i = 0; i < accounts->count; i++) {
        if (strcmp(accounts->items[i].user, user) == 0)
            return strcmp(accounts->items[i].password, password) == 0;
    }
    return false;
}

int yw_accounts_add(struct yw_accounts *accounts, const struct yw_conf_line *line,
                    char problem[YW_CONF_PROBLEM_MAX])
{
    if (line->count != 3)
        return yw_conf_refuse(line, "an account is user:password", "", problem);
    if (!user_valid(line->words[1]) || strcmp(line->words[1], "root") == 0)
        return yw_conf_refuse(line,
                              "a user has a-z, 0-9, _ and -, at most 31, begins with a "
                              "letter and is not root",
                              line->words[1], problem);
    if (!password_valid(line->words[2]))
        return yw_conf_refuse(line, "a password has 1 to 63 visible characters, no ':'",
                              "", problem);
    if (yw_accounts_has(accounts, line->words[1]))
        return yw_conf_refuse(line, "the user has an account already", line->words[1],
                              problem);
    if (accounts->count == YW_ACCOUNTS_MAX)
        return yw_conf_refuse(line, "at most 16 accounts", "", problem);
    struct yw_account *account = &accounts->items[accounts->count++];
    (void)snprintf(account->user, sizeof(account->user), "%.31s", line->words[1]);
    (void)snprintf(account->password, sizeof(account->password), "%s", line->words[2]);
    return 0;
}

int yw_accounts_load(struct yw_accounts *accounts, const char *text, size_t size,
                     char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    memset(accounts, 0, sizeof(*accounts));
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        int code =
            line.bad ? yw_conf_refuse(&line, "a word is too long", "", problem)
            : strcmp(line.words[0], "account") == 0
                ? yw_accounts_add(accounts, &line, problem)
                : yw_conf_refuse(&line, "unknown statement", line.words[0], problem);
        if (code != 0)
            return code;
    }
    return 0;
}

/* "… 'ops' from 10.20.2.1:40312": the user between quotes, the address behind "from ",
 * with or without '<'. */
static void read_who(const char *at, char user[YW_ACCOUNT_USER_MAX], char from[16])
{
    const char *quote = strchr(at, '\'');
    const char *source = strstr(at, " from ");
    user[0] = from[0] = '\0';
    if (quote != NULL)
        (void)sscanf(quote + 1, "%31[a-z0-9_-]'", user);
    for (const char *next = source; next != NULL; next = strstr(next + 1, " from "))
        source = next; /* the last: a name may hold the word */
    if (source != NULL)
        (void)sscanf(source + 6 + (source[6] == '<'), "%15[0-9.]", from);
}

bool yw_login_line(const struct yw_accounts *accounts, const char *line, char *ret,
                   size_t ret_size)
{
    static const struct {
        const char *said;
        const char *result;
    } kinds[] = {
        {"Password auth succeeded for ", "accepted"},
        {"Bad password attempt for ", "refused"},
        {"Login attempt for nonexistent user", "no-such-user"},
        {"Exit (", "closed"},
    };
    char user[YW_ACCOUNT_USER_MAX];
    char from[16];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *at = strstr(line, kinds[i].said);
        if (at == NULL)
            continue;
        read_who(at, user, from);
        if (strcmp(kinds[i].result, "closed") == 0)
            (void)sscanf(at, "Exit (%31[a-z0-9_-])", user);
        (void)snprintf(ret, ret_size,
                       "{\"kind\":\"login\",\"result\":\"%s\",\"user\":\"%s\","
                       "\"from\":\"%s\"}",
                       kinds[i].result, yw_accounts_has(accounts, user) ? user : "",
                       from);
        return true;
    }
    return false;
}
