/* The message broker: mosquitto with the scenario's users and topics, and who comes and
 * goes told to the host. */
#include "guest/program.h"

#include "controller/topics.h"

#include <string.h>

#define FILE_MAX 8192
#define HASH_SPAN_MS 60000

struct part {
    struct service service; /* first: service_role_stop and service_role_watch */
    struct yw_topics topics;
};

static const char *const hash[] = {"/usr/bin/mosquitto_passwd", "-U",
                                   "/etc/mosquitto/passwords", NULL};
static const char *const mosquitto[] = {"/usr/sbin/mosquitto", "-c",
                                        "/etc/mosquitto/mosquitto.conf", NULL};
/* Nobody without an account, nothing kept on a disk that is not there. */
static const char settings[] = "listener 1883\n"
                               "allow_anonymous false\n"
                               "password_file /etc/mosquitto/passwords\n"
                               "acl_file /etc/mosquitto/topics\n"
                               "persistence false\n"
                               "user root\n"
                               "max_connections 256\n"
                               "max_packet_size 65536\n"
                               "log_dest stderr\n"
                               "log_timestamp false\n"
                               "log_type notice\n"
                               "connection_messages true\n";

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

/* In the child: a hash takes its time. */
static int begin(const struct guest *guest)
{
    const struct yw_topics *topics = &((const struct part *)guest->part)->topics;
    char passwords[FILE_MAX];
    char rights[FILE_MAX];
    struct yw_text_out secrets = {.text = passwords, .room = sizeof(passwords)};
    struct yw_text_out acl = {.text = rights, .room = sizeof(rights)};
    yw_topics_passwords(topics, &secrets);
    yw_topics_acl(topics, &acl);
    if (secrets.full || acl.full ||
        program_file("/etc/mosquitto/passwords", passwords, secrets.size, 0600) != 0 ||
        program_file("/etc/mosquitto/topics", rights, acl.size, 0600) != 0 ||
        program_file("/etc/mosquitto/mosquitto.conf", settings, sizeof(settings) - 1,
                     0600) != 0)
        return -1;
    return topics->accounts.count == 0 ? 0
                                       : program_run(hash, "", 0, HASH_SPAN_MS, NULL, 0);
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "";
    service_init(&part->service, mosquitto, begin);
    if (file != NULL &&
        yw_topics_load(&part->topics, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    (void)snprintf(why, why_size, "cannot start mosquitto");
    return service_start(&part->service, guest);
}

static void on_line(struct guest *guest, const char *line)
{
    char text[YW_CHANNEL_LINE_MAX];
    if (yw_topics_line(&part_of(guest)->topics, line, text, sizeof(text)))
        agent_line(guest, text);
}

static void act(struct guest *guest, const struct turn *turn)
{
    service_act(&part_of(guest)->service, guest, turn, on_line);
}

const struct role role_broker = {.name = "broker",
                                 .size = sizeof(struct part),
                                 .start = start,
                                 .stop = service_role_stop,
                                 .watch = service_role_watch,
                                 .act = act};
