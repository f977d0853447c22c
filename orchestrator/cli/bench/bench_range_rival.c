/* The same machines by others: a script of `virsh define` and `virsh start`, and Ansible's
 * community.libvirt. Each gets a libvirt daemon of its own in namespaces of its own, so
 * that neither this host's nor each other's is touched, and everything ends with it. What
 * is timed ends when every agent has said hello: without addresses, files or a Modbus
 * answer, so the ratio flatters the others. */
#include "cli/bench/bench_range.h"

#include "base/folder.h"
#include "base/mem.h"
#include "guest/channel.h"
#include "loop/stream.h"
#include "virt/machine/domain_xml.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_MS 60000
#define BOOT_MS 600000
#define STEP_MS 10
#define HELLO_SIZE 5 /* u32 size, u8 type */
#define BRIDGE "ywrival0"
#define COLLECTION                                                                       \
    "/usr/lib/python3/dist-packages/ansible_collections/community/libvirt/plugins/"      \
    "modules/virt.py"

struct rival {
    char dir[200];
    const struct yw_bench_range *range;
    size_t machines;
    pid_t pid;
};

struct greeting {
    int fd; /* -1: not connected */
    size_t got;
    unsigned char head[HELLO_SIZE];
    bool heard;
};

/* $1 work folder, $2 images, $3 "virsh" or "ansible". The driver asks for the system user
 * that Debian's daemon package makes, which need not be there. */
static const char script[] =
    "set -e\n"
    "cp \"$2/vmlinux\" \"$2/micro.cpio.gz\" \"$1\"\n"
    "mount -t proc proc /proc\n"
    "mount -t sysfs sysfs /sys\n"
    "user=libvirt-qemu:x:64055\n"
    "grep -q ^libvirt-qemu: /etc/passwd || {\n"
    "  (cat /etc/passwd; echo \"$user:64055::/:/bin/false\") >\"$1/passwd\"\n"
    "  (cat /etc/group; echo \"$user:\") >\"$1/group\"\n"
    "  mount --bind \"$1/passwd\" /etc/passwd\n"
    "  mount --bind \"$1/group\" /etc/group\n"
    "}\n"
    "mkdir -p /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt\n"
    "for at in /run /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt\n"
    "do mount -t tmpfs -o mode=755 tmpfs $at; done\n"
    "mkdir -p /run/libvirt /etc/libvirt/qemu /var/lib/libvirt/qemu\n"
    "printf '%s\\n' 'user = \"root\"' 'group = \"root\"' 'remember_owner = 0' \\\n"
    "  'stdio_handler = \"file\"' 'namespaces = [ ]' 'cgroup_controllers = [ ]' \\\n"
    "  >/etc/libvirt/qemu.conf\n"
    "printf '%s\\n' 'auth_unix_rw = \"none\"' 'max_workers = 32' \\\n"
    "  >/etc/libvirt/libvirtd.conf\n"
    "ip link set lo up\n"
    "ip link add " BRIDGE " type bridge\n"
    "ip link set " BRIDGE " up\n"
    "export HOME=\"$1\" LIBVIRT_DEFAULT_URI=qemu:///system\n"
    "libvirtd -d -p /run/libvirtd.pid\n"
    "until virsh -q version >/dev/null 2>&1; do sleep 0.1; done\n"
    "virsh -q domcapabilities >/dev/null\n"
    ": >\"$1/ready\"\n"
    "until [ -e \"$1/go\" ]; do sleep 0.01; done\n"
    "cd \"$1\"\n"
    "if [ \"$3\" = virsh ]; then\n"
    "  for xml in m*.xml; do\n"
    "    virsh -q define $xml\n"
    "    virsh -q start ${xml%.xml}\n"
    "  done\n"
    "else\n"
    "  ansible-playbook -i localhost, -c local play.yml\n"
    "fi\n"
    ": >\"$1/done\"\n"
    "while :; do sleep 60; done\n";

static const char play[] = "- hosts: all\n"
                           "  gather_facts: false\n"
                           "  vars: {ansible_python_interpreter: /usr/bin/python3}\n"
                           "  tasks:\n"
                           "    - community.libvirt.virt: {command: define, xml: \"{{ "
                           "lookup('file', item) }}\"}\n"
                           "      with_fileglob: \"m*.xml\"\n"
                           "    - community.libvirt.virt:\n"
                           "        name: \"{{ item | basename | splitext | first }}\"\n"
                           "        state: running\n"
                           "      with_fileglob: \"m*.xml\"\n";

static int check_tools(struct yw_err *err)
{
    static const char *const needed[] = {
        "/usr/sbin/libvirtd",
        "/usr/bin/virsh",
        "/usr/bin/ansible-playbook",
        COLLECTION,
        "/usr/bin/unshare",
        "/usr/lib/python3/dist-packages/libvirt.py",
        "/usr/lib/python3/dist-packages/lxml/etree.cpython-311-x86_64-linux-gnu.so"};

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (access(needed[i], F_OK) < 0)
            return yw_err_set(err, YW_ENOTFOUND,
                              "--compare needs %s; apt-get install "
                              "--no-install-recommends ansible libvirt-clients "
                              "libvirt-daemon libvirt-daemon-driver-qemu python3-libvirt "
                              "python3-lxml",
                              needed[i]);
    }
    return 0;
}

static int write_text(const struct rival *rival, const char *name, const char *text,
                      struct yw_err *err)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", rival->dir, name);
    FILE *file = fopen(path, "we");

    if (!file)
        return yw_err_errno(err, YW_EIO, errno, path);
    bool good = fputs(text, file) >= 0;

    good = fclose(file) == 0 && good;
    return good ? 0 : yw_err_set(err, YW_EIO, "%s: cannot write", path);
}

static void agent_path(const struct rival *rival, size_t index,
                       char path[YW_DOMAIN_PATH_MAX])
{
    (void)snprintf(path, YW_DOMAIN_PATH_MAX, "%.80s/a%zu", rival->dir, index);
}

static int write_machine(const struct rival *rival, size_t index, bool kvm,
                         struct yw_err *err)
{
    static const char bridges[1][YW_PLAN_BRIDGE_MAX] = {BRIDGE};
    struct yw_plan_machine machine = rival->range->plan.machines[index];
    char kernel[256], initrd[256], name[32];
    struct yw_domain_shape shape = {.machine = &machine,
                                    .bridges = bridges,
                                    .drill = "rival",
                                    .plan_digest = "none",
                                    .kvm = kvm,
                                    .kernel = kernel,
                                    .initrd = initrd};

    (void)snprintf(kernel, sizeof(kernel), "%s/vmlinux", rival->dir);
    (void)snprintf(initrd, sizeof(initrd), "%s/micro.cpio.gz", rival->dir);
    agent_path(rival, index, shape.agent_path);
    (void)snprintf(shape.serial_path, sizeof(shape.serial_path), "%.80s/s%zu", rival->dir,
                   index);
    (void)snprintf(machine.domain, sizeof(machine.domain), "m%zu", index);
    machine.nics[0].tap[0] = '\0';
    (void)snprintf(name, sizeof(name), "m%zu.xml", index);
    char *xml = yw_domain_xml(&shape);
    int code = write_text(rival, name, xml, err);

    free(xml);
    return code;
}

static int prepare(struct rival *rival, bool kvm, struct yw_err *err)
{
    int code = 0;

    if (yw_copyf(rival->dir, sizeof(rival->dir), "%s/r-XXXXXX",
                 rival->range->cli->data_dir) < 0 ||
        strlen(rival->dir) > 80)
        return yw_err_set(err, YW_ELIMIT, "data directory: path above 80 bytes");
    if (!mkdtemp(rival->dir) || chmod(rival->dir, 0755) < 0)
        return yw_err_errno(err, YW_EIO, errno, rival->dir);
    for (size_t i = 0; i < rival->machines && code == 0; i++)
        code = write_machine(rival, i, kvm, err);
    if (code == 0)
        code = write_text(rival, "script", script, err);
    return code < 0 ? code : write_text(rival, "play.yml", play, err);
}

static int start(struct rival *rival, const char *who, struct yw_err *err)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/script", rival->dir);
    rival->pid = fork();
    if (rival->pid < 0)
        return yw_err_errno(err, YW_EIO, errno, "fork");
    if (rival->pid == 0) {
        (void)snprintf(path, sizeof(path), "%s/output", rival->dir);
        if (!freopen(path, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
            _exit(1);
        (void)snprintf(path, sizeof(path), "%s/script", rival->dir);
        (void)execl("/usr/bin/unshare", "unshare", "--mount", "--net", "--pid", "--fork",
                    "--kill-child", "/bin/sh", path, rival->dir,
                    rival->range->config.images_dir, who, (char *)NULL);
        _exit(1);
    }
    return 0;
}

static void rest(void)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

    (void)nanosleep(&step, NULL);
}

static bool ended(struct rival *rival)
{
    if (rival->pid > 0 && waitpid(rival->pid, NULL, WNOHANG) == rival->pid)
        rival->pid = 0;
    return rival->pid == 0;
}

static int await_file(struct rival *rival, const char *name, double span_ms,
                      struct yw_err *err)
{
    double until_ms = yw_bench_now_ms() + span_ms;
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", rival->dir, name);
    while (access(path, F_OK) < 0) {
        if (yw_bench_range_check(rival->range, err) < 0)
            return err->code;
        if (ended(rival) || yw_bench_now_ms() > until_ms)
            return yw_err_set(err, YW_EIO, "libvirtd of its own: see %s/output",
                              rival->dir);
        rest();
    }
    return 0;
}

static void listen_to(const struct rival *rival, size_t index, struct greeting *greeting)
{
    char path[YW_DOMAIN_PATH_MAX];

    agent_path(rival, index, path);
    if (greeting->fd < 0 && yw_stream_connect(path, &greeting->fd, NULL) < 0) {
        greeting->fd = -1;
        return;
    }
    ssize_t size =
        read(greeting->fd, greeting->head + greeting->got, HELLO_SIZE - greeting->got);

    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        (void)close(greeting->fd);
        *greeting = (struct greeting){.fd = -1};
        return;
    }
    greeting->got += size > 0 ? (size_t)size : 0;
    greeting->heard =
        greeting->got == HELLO_SIZE && greeting->head[HELLO_SIZE - 1] == YW_CHANNEL_HELLO;
}

static int await_all(struct rival *rival, struct yw_err *err)
{
    struct greeting *all = yw_new_array(rival->machines, sizeof(*all));
    double until_ms = yw_bench_now_ms() + BOOT_MS;
    size_t heard = 0;

    for (size_t i = 0; i < rival->machines; i++)
        all[i].fd = -1;
    while (heard < rival->machines && yw_bench_now_ms() < until_ms &&
           !yw_bench_range_stopped(rival->range) && !ended(rival)) {
        heard = 0;
        for (size_t i = 0; i < rival->machines; i++) {
            if (!all[i].heard)
                listen_to(rival, i, &all[i]);
            heard += all[i].heard;
        }
        if (heard < rival->machines)
            rest();
    }
    for (size_t i = 0; i < rival->machines; i++) {
        if (all[i].fd >= 0)
            (void)close(all[i].fd);
    }
    free(all);
    if (yw_bench_range_check(rival->range, err) < 0)
        return err->code;
    return heard == rival->machines
               ? 0
               : yw_err_set(err, YW_EIO, "%zu of %zu machines booted", heard,
                            rival->machines);
}

static void stop(struct rival *rival)
{
    /* unshare's child is the first process of its namespace: all others end with it */
    if (rival->pid > 0) {
        (void)kill(rival->pid, SIGKILL);
        (void)waitpid(rival->pid, NULL, 0);
    }
    rival->pid = 0;
}

static int run(const struct yw_bench_range *range, const char *who, bool kvm,
               double *ret_ms, struct yw_err *err)
{
    struct rival rival = {.range = range, .machines = range->plan.machine_count - 1};
    int code = prepare(&rival, kvm, err);

    if (code == 0)
        code = start(&rival, who, err);
    if (code == 0)
        code = await_file(&rival, "ready", READY_MS, err);
    double began_ms = yw_bench_now_ms();

    if (code == 0)
        code = write_text(&rival, "go", "", err);
    if (code == 0)
        code = await_all(&rival, err);
    *ret_ms = yw_bench_now_ms() - began_ms;
    stop(&rival);
    if (code == 0 || code == YW_ECANCELED)
        yw_folder_remove(rival.dir);
    return code < 0 ? yw_err_prefix(err, "%s", who) : 0;
}

int yw_bench_rivals_check(struct yw_err *err)
{
    return check_tools(err);
}

int yw_bench_rivals_run(const struct yw_bench_range *range, bool kvm,
                        struct yw_bench_rivals *ret, struct yw_err *err)
{
    int code = run(range, "virsh", kvm, &ret->virsh_ms, err);

    return code < 0 ? code : run(range, "ansible", kvm, &ret->ansible_ms, err);
}
