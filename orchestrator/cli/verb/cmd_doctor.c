/* What this host has and lacks. Facts that can be read are read; whether /dev/kvm really
 * runs a kernel is only known by booting one. */
#include "base/mem.h"
#include "cli/acceleration.h"
#include "cli/option.h"
#include "codec/write.h"
#include "model/host.h"
#include "virt/confine/host_traits.h"
#include "virt/net/shape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define FINDINGS_MAX 32
#define MEMORY_LEAST_MIB 1024
#define DISK_LEAST_MIB 512

struct finding {
    const char *name;
    const char *zh, *en; /* what it is for */
    bool needed;
    bool ok;
    char detail[320];
};

struct doctor {
    const struct yw_cli *cli;
    struct yw_host_traits traits;
    bool kvm_known;
    struct finding findings[FINDINGS_MAX];
    size_t count;
};

static struct finding *add(struct doctor *doctor, const char *name, bool needed,
                           const char *zh, const char *en)
{
    struct finding *finding = &doctor->findings[doctor->count++];

    *finding = (struct finding){.name = name, .needed = needed, .zh = zh, .en = en};
    return finding;
}

static void set(struct finding *finding, bool ok, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void set(struct finding *finding, bool ok, const char *fmt, ...)
{
    va_list args;

    finding->ok = ok;
    va_start(args, fmt);
    (void)vsnprintf(finding->detail, sizeof finding->detail, fmt, args);
    va_end(args);
}

static void look_at_user(struct doctor *doctor)
{
    set(add(doctor, "root", true, "以 root 运行（网桥与虚拟机）",
            "run as root (bridges, machines)"),
        geteuid() == 0, "uid %u", (unsigned)geteuid());
}

static void look_at_device(struct doctor *doctor, const char *name, const char *path,
                           bool needed, const char *zh, const char *en)
{
    struct finding *finding = add(doctor, name, needed, zh, en);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    set(finding, fd >= 0, "%s: %s", path, fd >= 0 ? "opens" : strerror(errno));
    if (fd >= 0)
        close(fd);
}

/* Missing acceleration stops no drill, but whoever runs one should know what it means. */
static void look_at_acceleration(struct doctor *doctor)
{
    struct finding *finding =
        add(doctor, "kvm", false, "硬件加速", "hardware acceleration");
    struct yw_acceleration found;
    struct yw_err err;

    if (strncmp(doctor->cli->connect, "fake:", 5) == 0) {
        set(finding, false, "no machines with fake:");
    } else if (yw_acceleration_prove(doctor->cli, &found, &err) < 0) {
        set(finding, false, "not proved: %s", err.text);
    } else if (found.kvm) {
        doctor->kvm_known = true;
        doctor->traits.kvm = true;
        YW_COPY(doctor->traits.kvm_why, found.why);
        set(finding, true, "%s", found.why);
    } else {
        finding->zh = "无硬件加速：机器由 TCG 模拟，启动慢，占处理器；QEMU "
                      "不把它当作安全边界，勿让不可信的人攻击其中的机器";
        finding->en = "no acceleration: TCG emulates the machines, slower and at the "
                      "processor's cost, and QEMU does not count it as a security "
                      "boundary: let nobody attack in it whom you do not trust";
        set(finding, false, "%s", found.why);
    }
}

static bool in_path(const char *program, char found[256])
{
    const char *path = getenv("PATH");

    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        size_t size = strcspn(at, ":");

        (void)snprintf(found, 256, "%.*s/%s", (int)size, at, program);
        if (size > 0 && access(found, X_OK) == 0)
            return true;
        at += size + (at[size] == ':');
    }
    return false;
}

static void look_at_program(struct doctor *doctor, const char *name, bool needed,
                            const char *package, const char *zh, const char *en)
{
    char found[256];
    bool ok = in_path(name, found);

    set(add(doctor, name, needed, zh, en), ok, "%s%s", ok ? found : "Debian package ",
        ok ? "" : package);
}

static void look_at_file(struct doctor *doctor, const char *name, const char *dir,
                         const char *file, const char *zh, const char *en)
{
    char path[300];

    (void)snprintf(path, sizeof path, "%s/%s", dir, file);
    bool ok = access(path, R_OK) == 0;

    set(add(doctor, name, true, zh, en), ok, "%s%s", path, ok ? "" : ": not there");
}

/* The plugin is loaded by name at run time, so nothing else would miss it before. */
static void look_at_plugin(struct doctor *doctor)
{
    static const char *const paths[] = {
        "/usr/lib/x86_64-linux-gnu/libwebsockets-evlib_uv.so",
        "/usr/lib/aarch64-linux-gnu/libwebsockets-evlib_uv.so",
        "/usr/lib/libwebsockets-evlib_uv.so",
    };
    struct finding *finding = add(doctor, "evlib-uv", true, "libwebsockets 的 libuv 插件",
                                  "libuv plugin of libwebsockets");

    set(finding, false, "Debian package libwebsockets-evlib-uv");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0] && !finding->ok; i++) {
        if (access(paths[i], R_OK) == 0)
            set(finding, true, "%s", paths[i]);
    }
}

static void look_at_memory(struct doctor *doctor)
{
    struct finding *finding = add(doctor, "memory", true, "可用内存", "memory available");
    FILE *file = fopen("/proc/meminfo", "re");
    char line[128];
    long long available_kib = -1;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "MemAvailable:", 13) == 0)
            available_kib = strtoll(line + 13, NULL, 10);
    }
    if (file != NULL)
        (void)fclose(file);
    set(finding, available_kib / 1024 >= MEMORY_LEAST_MIB, "%lld MiB; at least %d",
        available_kib / 1024, MEMORY_LEAST_MIB);
}

/* The disk under the data directory, or under the nearest folder above it that exists. */
static void look_at_data(struct doctor *doctor)
{
    struct finding *finding = add(doctor, "data", true, "数据目录", "data directory");
    char path[256];
    struct statvfs info;

    (void)YW_COPY(path, doctor->cli->data_dir);
    while (statvfs(path, &info) != 0) {
        char *slash = strrchr(path, '/');

        if (errno != ENOENT || slash == NULL || slash == path) {
            (void)YW_COPY(path, "/");
            if (statvfs(path, &info) != 0) {
                set(finding, false, "%s: %s", doctor->cli->data_dir, strerror(errno));
                return;
            }
            break;
        }
        *slash = '\0';
    }
    unsigned long long free_mib =
        (unsigned long long)info.f_bavail * info.f_frsize / (1024 * 1024);

    set(finding, access(path, W_OK) == 0 && free_mib >= DISK_LEAST_MIB,
        "%s: %llu MiB free; at least %d", doctor->cli->data_dir, free_mib,
        DISK_LEAST_MIB);
}

static void look_at_trait(struct doctor *doctor, const char *name, bool ok,
                          const char *detail, const char *zh, const char *en)
{
    set(add(doctor, name, false, zh, en), ok, "%s", detail);
}

/* Which links can be slowed down or made late; a scenario that asks for more is refused. */
static void look_at_queues(struct doctor *doctor)
{
    struct yw_shape_queues queues;
    char has[32], lacks[32], text[96];

    yw_shape_probe(&queues);
    yw_shape_queues_text(&queues, false, has);
    yw_shape_queues_text(&queues, true, lacks);
    (void)yw_copyf(text, sizeof text, "%s; lacks %s", has, lacks);
    look_at_trait(
        doctor, "queues", queues.tbf && queues.netem, text,
        "内核队列：tbf 限带宽，netem 加时延（htb 未使用）",
        "kernel queues: tbf slows links down, netem makes them late (htb is not "
        "used)");
}

/* What confines machines and holds them to their share: read here, whoever serves. */
static void look_at_traits(struct doctor *doctor)
{
    const struct yw_host_traits *traits = &doctor->traits;
    struct yw_accel accel = {.known = doctor->kvm_known, .kvm = traits->kvm};
    struct yw_limits limits;
    char controls[32], text[96];

    YW_COPY(accel.why, traits->kvm_why);
    yw_limits_open(&limits, doctor->cli->data_dir);
    yw_host_traits_read(&doctor->traits, &accel, &limits);
    (void)yw_copyf(text, sizeof text, "%s%s", traits->mac,
                   strcmp(traits->mac, "none") == 0 ? ""
                   : traits->mac_enforcing          ? ", enforcing"
                                                    : ", not enforcing");
    look_at_trait(doctor, "mac", traits->mac_enforcing, text,
                  "强制访问控制（AppArmor、SELinux）", "mandatory access control");
    yw_host_controls_text(traits->controls, controls);
    (void)yw_copyf(text, sizeof text, "v%d: %s%s%s", traits->cgroup_version, controls,
                   limits.lacks[0] ? "; lacks " : "", limits.lacks);
    look_at_trait(doctor, "cgroups", traits->controls == YW_HOST_ALL_CONTROLS, text,
                  "限制每台机器用量的 cgroup", "cgroups: a ceiling for each machine");
    look_at_trait(doctor, "seccomp", traits->seccomp, traits->seccomp ? "filters" : "no",
                  "系统调用过滤", "filters of system calls");
    look_at_trait(doctor, "namespaces", traits->mount_ns, traits->mount_ns ? "mnt" : "no",
                  "挂载名字空间", "mount namespaces");
    look_at_trait(doctor, "nftables", traits->nftables,
                  traits->nftables ? "answers"
                  : geteuid() == 0 ? "no answer"
                                   : "only root is told",
                  "防地址伪造的 nftables", "nftables: forged addresses are stopped");
    look_at_queues(doctor);
    look_at_trait(doctor, "ksm", traits->ksm, traits->ksm ? "on" : "off",
                  "合并相同内存页（节省内存；不可信的人可借此探知他队内存）",
                  "KSM merges equal memory: saves some, and tells hostile people about "
                  "the memory of others");
}

/* The same judgement that a drill for hostile people meets. */
static void look_at_weakness(struct doctor *doctor)
{
    enum yw_host_weakness weak[YW_HOST_WEAKNESSES];
    size_t count = yw_host_weak(&doctor->traits, weak);
    struct finding *finding = add(doctor, "hostile", false, "可承担有敌意人员参与的演练",
                                  "fit for drills with hostile people");
    struct yw_buf out;

    yw_buf_init(&out, sizeof finding->detail - 1);
    for (size_t i = 0; i < count; i++)
        yw_buf_printf(&out, "%s%s",
                      i > 0 ? " " : "weak: ", yw_host_weakness_name(weak[i]));
    set(finding, count == 0, "%s", count == 0 ? "nothing is weak" : out.data);
    yw_buf_fini(&out);
}

static void look(struct doctor *doctor)
{
    look_at_user(doctor);
    set(add(doctor, "cores", false, "处理器核数", "processor cores"), get_nprocs() >= 2,
        "%d", get_nprocs());
    look_at_memory(doctor);
    look_at_data(doctor);
    look_at_device(doctor, "tun", "/dev/net/tun", true, "虚拟网卡",
                   "virtual network cards");
    look_at_program(doctor, "qemu-system-x86_64", true, "qemu-system-x86", "虚拟机",
                    "machines");
    look_at_program(doctor, "mbpoll", false, "mbpoll", "读 PLC 寄存器（测试用）",
                    "reads controllers (tests)");
    look_at_plugin(doctor);
    look_at_file(doctor, "images", doctor->cli->images_dir, "manifest.json", "微型镜像",
                 "micro images");
    look_at_file(doctor, "board", doctor->cli->board_dir, "index.html", "态势大屏",
                 "the board");
    look_at_file(doctor, "library", doctor->cli->library_dir, "ics-tampering.json",
                 "预案库", "playbook library");
    look_at_acceleration(doctor);
    look_at_traits(doctor);
    look_at_weakness(doctor);
}

static bool healthy(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++) {
        if (doctor->findings[i].needed && !doctor->findings[i].ok)
            return false;
    }
    return true;
}

static void write_weak(struct yw_writer *writer, const struct doctor *doctor)
{
    enum yw_host_weakness weak[YW_HOST_WEAKNESSES];
    size_t count = yw_host_weak(&doctor->traits, weak);

    yw_write_array(writer, "weak");
    for (size_t i = 0; i < count; i++) {
        struct yw_text what, mend;

        yw_host_weakness_words(weak[i], &what, &mend);
        yw_write_object(writer, NULL);
        yw_write_text(writer, "mend", &mend);
        yw_write_string(writer, "name", yw_host_weakness_name(weak[i]));
        yw_write_text(writer, "what", &what);
        yw_write_end(writer, '}');
    }
    yw_write_end(writer, ']');
}

static void print_weak(const struct doctor *doctor)
{
    enum yw_host_weakness weak[YW_HOST_WEAKNESSES];
    size_t count = yw_host_weak(&doctor->traits, weak);

    for (size_t i = 0; i < count; i++) {
        struct yw_text what, mend;

        yw_host_weakness_words(weak[i], &what, &mend);
        printf("  %s %s: %s\n", doctor->cli->english ? "weak:" : "薄弱：",
               doctor->cli->english ? what.en : what.zh,
               doctor->cli->english ? mend.en : mend.zh);
    }
}

static void print_json(const struct doctor *doctor)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, (size_t)64 * 1024);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, "checks");
    for (size_t i = 0; i < doctor->count; i++) {
        yw_write_object(&writer, NULL);
        yw_write_string(&writer, "detail", doctor->findings[i].detail);
        yw_write_string(&writer, "name", doctor->findings[i].name);
        yw_write_bool(&writer, "needed", doctor->findings[i].needed);
        yw_write_bool(&writer, "ok", doctor->findings[i].ok);
        yw_write_end(&writer, '}');
    }
    yw_write_end(&writer, ']');
    yw_write_bool(&writer, "ok", healthy(doctor));
    write_weak(&writer, doctor);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

static void print_people(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++) {
        const struct finding *finding = &doctor->findings[i];
        const char *mark = finding->ok ? yw_cli_text(doctor->cli, "✓ 有", "✓ ok")
                           : finding->needed
                               ? yw_cli_text(doctor->cli, "✗ 缺", "✗ missing")
                               : yw_cli_text(doctor->cli, "– 无", "– none");

        printf("%s\t%s\t%s (%s)\n", mark, finding->name,
               yw_cli_text(doctor->cli, finding->zh, finding->en), finding->detail);
    }
    print_weak(doctor);
    puts(
        healthy(doctor)
            ? yw_cli_text(doctor->cli, "这台主机可以承担演练", "this host can run drills")
            : yw_cli_text(doctor->cli, "缺少必需项", "something needed is missing"));
}

int yw_cmd_doctor(struct yw_cli *cli, int argc, char **argv)
{
    struct doctor doctor = {.cli = cli};
    struct yw_words words;
    struct yw_err err = {0};
    int status = yw_options_read(NULL, 0, argc, argv, &words, &err);

    if (status == 0)
        status = yw_words_expect(&words, 0, 0, "doctor", &err);
    if (status < 0)
        return yw_cli_fail(cli, &err);
    look(&doctor);
    if (cli->json)
        print_json(&doctor);
    else
        print_people(&doctor);
    return healthy(&doctor) ? 0 : 1;
}
