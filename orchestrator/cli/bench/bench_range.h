/* `yanwu bench range`: a real range brought up, held and taken down, and what it cost.
 * bench_range.c is the verb; bench_range_up.c drives the machines; bench_range_cost.c
 * reads what their processes took; bench_range_rival.c has others do the same;
 * bench_range_end.c takes all of it down again, Ctrl-C or not. */
#ifndef YW_CLI_BENCH_RANGE_H
#define YW_CLI_BENCH_RANGE_H

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "loop/loop.h"
#include "virt/virt.h"

#define YW_BENCH_MACHINES_MAX 250
#define YW_BENCH_HOLD_MAX_S 86400

struct yw_bench_cost {
    int64_t cpu_ms;  /* of all processes, since each began */
    int64_t pss_kib; /* 0: not to be read */
    size_t alive;
};

struct yw_bench_figures {
    enum yw_virt_how how;
    size_t machines;
    double golden_ms; /* until the first machine answered: golden image included */
    double up_ms;     /* from the first order until all answered */
    double first_ms;  /* until the first of them answered */
    double reset_ms;  /* one machine back to a point and answering; < 0: not measured */
    double reset_all_ms;
    double reset_cpu_ms;  /* a machine, of the reset of all */
    double reset_pss_mib; /* a machine that was set back */
    double stop_ms;       /* until all stand and their links are cut */
    size_t stop_count;    /* of them, the reader too */
    size_t stop_forced;   /* by signal, as their monitor did not answer in time */
    double thaw_ms;       /* until all answered again */
    double down_ms;       /* until every process is gone */
    size_t answered;
    size_t ways[4];      /* machines by enum yw_virt_how */
    double cpu_ms;       /* a machine, until it answered */
    double pss_mib;      /* a machine beyond the first */
    double hold_s;       /* 0: not held */
    double idle_percent; /* of one core, all machines together */
    size_t lost;         /* of those that answered */
};

struct yw_bench_machine {
    struct yw_bench_range *range;
    struct yw_plan_machine *plan;
    struct yw_virt_call *call; /* under way; owned */
    bool serves;
    bool reading; /* a read of it is under way */
    bool answered;
    int64_t next_ms; /* when it is read again */
};

struct yw_bench_range {
    const struct yw_cli *cli;
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_virt_broker_config config;
    enum yw_virt_how how;
    struct yw_plan plan; /* the last machine is the one that reads */
    struct yw_plan_network network;
    struct yw_bench_machine *machines; /* plan.machine_count of them */
    size_t reads;                      /* under way */
    uint32_t next_request;
    size_t answered;
    size_t lost;
    size_t ways[4];
    bool kvm;    /* the accelerator that was proved */
    bool ending; /* what is called now is no longer called off */
    int lock_fd; /* of its folder; -1: it has none */
    char leave[1024];
    double first_ms, began_ms;
    struct yw_err failed; /* the first failure of a machine; code 0 none */
};

double yw_bench_now_ms(void);

/* Opens a broker on a data directory of its own below cli's; *new* inside. What an earlier
 * bench left in cli's is taken down first. On failure close it all the same. */
int yw_bench_range_open(struct yw_bench_range *range, const struct yw_cli *cli,
                        size_t machines, enum yw_virt_how how, struct yw_err *err);
/* The reader, and with it the golden machine. */
int yw_bench_range_reader(struct yw_bench_range *range, struct yw_err *err);
/* All others, until each has answered a Modbus read of the reader over the bridge. */
int yw_bench_range_up(struct yw_bench_range *range, struct yw_err *err);
/* Every machine that answered is read again; the count of those that answer. */
int yw_bench_range_read(struct yw_bench_range *range, size_t *ret_answered,
                        struct yw_err *err);
/* A point of every machine, then one and all taken back to it. YW_ESTATE: this broker has
 * no points. */
int yw_bench_range_reset(struct yw_bench_range *range, struct yw_bench_figures *ret,
                         struct yw_err *err);
/* The emergency stop of all, and taking it back. */
int yw_bench_range_stop(struct yw_bench_range *range, struct yw_bench_figures *ret,
                        struct yw_err *err);
int yw_bench_range_down(struct yw_bench_range *range, struct yw_err *err);

/* A call on the range or a machine of it, waited for; Ctrl-C calls it off: YW_ECANCELED. */
int yw_bench_range_op(struct yw_bench_range *range, enum yw_virt_op op,
                      const struct yw_plan_machine *machine, struct yw_err *err);
/* A loop, and on it a broker at range->config. */
int yw_bench_range_connect(struct yw_bench_range *range, struct yw_err *err);

/* bench_range_end.c. Was Ctrl-C pressed, and is the range not yet being taken down? As a
 * failure: YW_ECANCELED. */
bool yw_bench_range_stopped(const struct yw_bench_range *range);
int yw_bench_range_check(const struct yw_bench_range *range, struct yw_err *err);
/* Its own folder, named as its drill, and the broker in it. */
int yw_bench_range_begin(struct yw_bench_range *range, struct yw_err *err);
/* Everything is removed, the directory too. `whole`: the bench came to its end by itself;
 * else a second broker looks for what the first was making. A failure says what stays. */
int yw_bench_range_close(struct yw_bench_range *range, bool whole, struct yw_err *err);
/* Takes down what benches that were killed have left below cli's data directory. */
int yw_bench_range_tidy(const struct yw_cli *cli, struct yw_err *err);

/* bench_range_cost.c: of machines [first, first + count). */
void yw_bench_cost_read(const struct yw_bench_range *range, size_t first, size_t count,
                        struct yw_bench_cost *ret);

/* bench_range_rival.c: the same machines by `virsh` and by Ansible, on a libvirtd of
 * their own. ms until every agent greets; < 0: not measured. */
struct yw_bench_rivals {
    double virsh_ms;
    double ansible_ms;
};
/* Is everything there that this needs? YW_ENOTFOUND names what is not. */
int yw_bench_rivals_check(struct yw_err *err);
/* The machines of the range, which is down. A failure leaves its folder to be read. */
int yw_bench_rivals_run(const struct yw_bench_range *range, bool kvm,
                        struct yw_bench_rivals *ret, struct yw_err *err);

#endif
