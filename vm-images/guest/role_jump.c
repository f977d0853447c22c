/* The jump host: dropbear with the scenario's accounts, a shell for who gets in, and each
 * login told to the host. */
#include "guest/program.h"

#include "controller/account.h"
#include "controller/http.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_UID 1000u
#define FILE_MAX 8192
#define SECRET_MAX 160
#define HASH_SPAN_MS 60000

struct part {
    struct service service; /* first: service_role_stop and service_role_watch */
    struct yw_accounts accounts;
};

/* In the foreground, log to standard error, its own host keys, nobody as root. */
static const char *const dropbear[] = {
    "/usr/sbin/dropbear", "-F", "-E", "-R", "-w", "-p", "22", NULL};

static const char *const mkpasswd[] = {
    "/usr/bin/mkpasswd", "-m", "sha512", "-P", "0", NULL};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

/* As the distribution's mkpasswd makes them: the static libc has no crypt. */
static bool put_shadow(struct yw_text_out *out, const struct yw_account *account)
{
    char hash[SECRET_MAX] = "";
    if (program_run(mkpasswd, account->password, strlen(account->password), HASH_SPAN_MS,
                    hash, sizeof(hash)) != 0 ||
        hash[0] != '$')
        return false;
    yw_out_printf(out, "%s:%s:19000:0:99999:7:::\n", account->user, hash);
    return true;
}

static int make_home(const struct yw_account *account, unsigned uid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/home/%s", account->user);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return -1;
    return chown(path, uid, uid);
}

static int make_accounts(const struct yw_accounts *accounts)
{
    char passwd[FILE_MAX];
    char group[FILE_MAX];
    char shadow[FILE_MAX];
    struct yw_text_out users = {.text = passwd, .room = sizeof(passwd)};
    struct yw_text_out groups = {.text = group, .room = sizeof(group)};
    struct yw_text_out secrets = {.text = shadow, .room = sizeof(shadow)};
    yw_out_printf(&users, "root:x:0:0::/:/bin/sh\n");
    yw_out_printf(&groups, "root:x:0:\n");
    yw_out_printf(&secrets, "root:*:19000:0:99999:7:::\n");
    for (int i = 0; i < accounts->count; i++) {
        const struct yw_account *account = &accounts->items[i];
        unsigned uid = FIRST_UID + (unsigned)i;
        yw_out_printf(&users, "%s:x:%u:%u::/home/%s:/bin/sh\n", account->user, uid, uid,
                      account->user);
        yw_out_printf(&groups, "%s:x:%u:\n", account->user, uid);
        if (!put_shadow(&secrets, account) || make_home(account, uid) != 0)
            return -1;
    }
    if (program_file("/etc/passwd", passwd, users.size, 0644) != 0 ||
        program_file("/etc/group", group, groups.size, 0644) != 0)
        return -1;
    return program_file("/etc/shadow", shadow, secrets.size, 0600);
}

/* A terminal for each who logs in; it may be there from the start before. */
static void make_terminals(void)
{
    (void)mkdir("/dev/pts", 0755);
    (void)mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                "mode=620,ptmxmode=666");
    (void)chmod("/tmp", 01777);
}

/* In the child: a hash takes its time. */
static int begin(const struct guest *guest)
{
    const struct part *part = guest->part;
    make_terminals();
    return make_accounts(&part->accounts);
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "";
    service_init(&part->service, dropbear, begin);
    if (file != NULL &&
        yw_accounts_load(&part->accounts, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    (void)snprintf(why, why_size, "cannot start dropbear");
    return service_start(&part->service, guest);
}

static void on_line(struct guest *guest, const char *line)
{
    char text[YW_CHANNEL_LINE_MAX];
    if (yw_login_line(&part_of(guest)->accounts, line, text, sizeof(text)))
        agent_line(guest, text);
}

static void act(struct guest *guest, const struct turn *turn)
{
    service_act(&part_of(guest)->service, guest, turn, on_line);
}

const struct role role_jump = {.name = "jump",
                               .size = sizeof(struct part),
                               .start = start,
                               .stop = service_role_stop,
                               .watch = service_role_watch,
                               .act = act};
