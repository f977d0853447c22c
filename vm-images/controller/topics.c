#include "controller/topics.h"

#include "controller/mqtt.h"

#include <stdio.h>
#include <string.h>

static bool topic_valid(const char *topic)
{
    for (const char *at = topic; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~')
            return false;
    }
    return topic[0] != '\0';
}

static int add_topic(struct yw_topics *topics, const struct yw_conf_line *line,
                     char *problem)
{
    int user = 0;
    if (line->count != 4)
        return yw_conf_refuse(line, "a topic is: USER read|write|readwrite TOPIC", "",
                              problem);
    while (user < topics->accounts.count &&
           strcmp(topics->accounts.items[user].user, line->words[1]) != 0)
        user++;
    if (user == topics->accounts.count)
        return yw_conf_refuse(line, "accounts has no such user", line->words[1], problem);
    if (strcmp(line->words[2], "read") != 0 && strcmp(line->words[2], "write") != 0 &&
        strcmp(line->words[2], "readwrite") != 0)
        return yw_conf_refuse(line, "expected read, write or readwrite", line->words[2],
                              problem);
    if (!topic_valid(line->words[3]))
        return yw_conf_refuse(line, "a topic has visible ASCII characters",
                              line->words[3], problem);
    if (topics->count == YW_TOPICS_MAX)
        return yw_conf_refuse(line, "at most 64 topics", "", problem);
    topics->items[topics->count].user = user;
    (void)snprintf(topics->items[topics->count].access,
                   sizeof(topics->items[topics->count].access), "%.11s", line->words[2]);
    memcpy(topics->items[topics->count].topic, line->words[3], YW_CONF_WORD_MAX);
    topics->count++;
    return 0;
}

int yw_topics_load(struct yw_topics *topics, const char *text, size_t size,
                   char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    memset(topics, 0, sizeof(*topics));
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        int code =
            line.bad ? yw_conf_refuse(&line, "a word is too long", "", problem)
            : strcmp(line.words[0], "account") == 0
                ? yw_accounts_add(&topics->accounts, &line, problem)
            : strcmp(line.words[0], "topic") == 0
                ? add_topic(topics, &line, problem)
                : yw_conf_refuse(&line, "unknown statement", line.words[0], problem);
        if (code != 0)
            return code;
    }
    return 0;
}

bool yw_topics_may(const struct yw_topics *topics, const char *user, bool write,
                   const char *topic)
{
    for (int i = 0; i < topics->count; i++) {
        const char *access = topics->items[i].access;
        if (strcmp(topics->accounts.items[topics->items[i].user].user, user) == 0 &&
            strstr(access, write ? "write" : "read") != NULL &&
            yw_mqtt_fits(topics->items[i].topic, topic))
            return true;
    }
    return false;
}

void yw_topics_acl(const struct yw_topics *topics, struct yw_text_out *out)
{
    for (int user = 0; user < topics->accounts.count; user++) {
        yw_out_printf(out, "user %s\n", topics->accounts.items[user].user);
        for (int i = 0; i < topics->count; i++) {
            if (topics->items[i].user == user)
                yw_out_printf(out, "topic %s %s\n", topics->items[i].access,
                              topics->items[i].topic);
        }
        yw_out_printf(out, "\n");
    }
}

void yw_topics_passwords(const struct yw_topics *topics, struct yw_text_out *out)
{
    for (int i = 0; i < topics->accounts.count; i++)
        yw_out_printf(out, "%s:%s\n", topics->accounts.items[i].user,
                      topics->accounts.items[i].password);
}

/* The user of "(p2, c1, k60, u'ops').", the last such mark: the client's own id comes
 * before it and may hold one. "" none of ours. */
static void read_user(const struct yw_topics *topics, const char *line,
                      char user[YW_ACCOUNT_USER_MAX])
{
    const char *mark = NULL;
    user[0] = '\0';
    for (const char *at = strstr(line, ", u'"); at != NULL; at = strstr(at + 1, ", u'"))
        mark = at;
    if (mark == NULL || sscanf(mark + 4, "%31[a-z0-9_-]'", user) != 1 ||
        !yw_accounts_has(&topics->accounts, user))
        user[0] = '\0';
}

bool yw_topics_line(const struct yw_topics *topics, const char *line, char *ret,
                    size_t ret_size)
{
    char user[YW_ACCOUNT_USER_MAX] = "";
    char from[16] = "";
    const char *state = NULL;
    if (sscanf(line, "New client connected from %15[0-9.]:", from) == 1) {
        state = "connected";
        read_user(topics, line, user);
    } else if (strncmp(line, "Client ", 7) == 0 &&
               strstr(line, " disconnected, not authorised.") != NULL) {
        state = "refused";
    } else if (strncmp(line, "Client ", 7) == 0 &&
               strstr(line, " disconnected") != NULL) {
        state = "closed";
    }
    if (state == NULL)
        return false;
    (void)snprintf(ret, ret_size,
                   "{\"kind\":\"mqtt-client\",\"state\":\"%s\",\"user\":\"%s\","
                   "\"from\":\"%s\"}",
                   state, user, from);
    return true;
}
