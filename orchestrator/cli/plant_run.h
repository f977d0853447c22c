/* `yanwu plant run`: a plant without a range. What is asked for, the run, and its four
 * ways out. Pure but for the output; one thread. */
#ifndef YW_CLI_PLANT_RUN_H
#define YW_CLI_PLANT_RUN_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/cli.h"
#include "plant/plant.h"

#define YW_PLANT_RUN_ORDERS_MAX 256 /* of --set, --init and --fault together */
#define YW_PLANT_RUN_LIMITS_MAX 32
#define YW_PLANT_RUN_ROWS_MAX 100000      /* samples */
#define YW_PLANT_RUN_STEPS_MAX 2000000000 /* some minutes of the slowest plant */

enum yw_plant_order_kind {
    YW_PLANT_ORDER_INIT,
    YW_PLANT_ORDER_SET,
    YW_PLANT_ORDER_FAULT
};

struct yw_plant_order {
    enum yw_plant_order_kind kind;
    size_t target; /* tag or input */
    double value;
    int64_t at_step;
    struct yw_plant_fault fault;
};

struct yw_plant_ask {
    const struct yw_plant_model *model;
    double seconds, every_s;
    bool control;
    int64_t seed;
    struct yw_plant_order orders[YW_PLANT_RUN_ORDERS_MAX]; /* by at_step */
    size_t order_count;
};

struct yw_plant_trace {
    const struct yw_plant_ask *ask; /* borrowed */
    size_t count;                   /* rows */
    double *at_s;                   /* of each row; new */
    double *truth;                  /* row after row, a value each tag; new */
    int *level;                     /* new */
    double
        first_s[YW_PLANT_RUN_LIMITS_MAX]; /* a limit's first crossing; negative: none */
    double level_s, lost_s;
};

/* Takes "TAG=VALUE", "INPUT=VALUE@SECONDS" or "KIND:TARGET=SIZE@SECONDS" into the ask;
 * nearest name in the error. */
int yw_plant_ask_order(struct yw_plant_ask *ask, enum yw_plant_order_kind kind,
                       const char *text, struct yw_err *err);
/* Checks what was asked for, and runs it. */
int yw_plant_trace_run(struct yw_plant_trace *ret, const struct yw_plant_ask *ask,
                       struct yw_err *err);
void yw_plant_trace_fini(struct yw_plant_trace *trace); /* NULL-safe */

void yw_plant_trace_csv(const struct yw_plant_trace *trace, struct yw_buf *out);
void yw_plant_trace_json(const struct yw_plant_trace *trace, struct yw_buf *out);
/* For people: start, least, most and end of each tag, crossings, integrals. */
void yw_plant_trace_tell(const struct yw_plant_trace *trace, const struct yw_cli *cli,
                         struct yw_buf *out);
/* One panel a tag that moved, with its limits; both languages. */
void yw_plant_trace_plot(const struct yw_plant_trace *trace, struct yw_buf *out);

#endif
