/* What the broker's configuration says: accounts, and who may read and write which topics
 * ("topic USER read|write|readwrite TOPIC"); as the two files that mosquitto reads. And
 * what its log tells of clients. Pure. */
#ifndef YW_CONTROLLER_TOPICS_H
#define YW_CONTROLLER_TOPICS_H

#include "controller/account.h"
#include "controller/http.h"

#define YW_TOPICS_MAX 64

struct yw_topics {
    struct yw_accounts accounts;
    struct {
        int user; /* index of the account */
        char access[12];
        char topic[YW_CONF_WORD_MAX]; /* visible ASCII, may end in # */
    } items[YW_TOPICS_MAX];
    int count;
};

int yw_topics_load(struct yw_topics *topics, const char *text, size_t size,
                   char problem[YW_CONF_PROBLEM_MAX]);
/* What mosquitto decides by that file: may the user write, or read, the topic? */
bool yw_topics_may(const struct yw_topics *topics, const char *user, bool write,
                   const char *topic);
/* mosquitto's acl_file; and its password_file with the passwords in clear, to be hashed by
 * mosquitto_passwd -U. */
void yw_topics_acl(const struct yw_topics *topics, struct yw_text_out *out);
void yw_topics_passwords(const struct yw_topics *topics, struct yw_text_out *out);
/* One line of mosquitto's log as telemetry, {"kind":"mqtt-client",…}; false: it tells of
 * no client that came, went or was refused. */
bool yw_topics_line(const struct yw_topics *topics, const char *line, char *ret,
                    size_t ret_size);

#endif
