/* The estimate of a plan on this host, without starting anything. */
#ifndef YW_CLI_ESTIMATE_H
#define YW_CLI_ESTIMATE_H

#include "cli/cli.h"
#include "model/admit.h"

struct yw_estimate {
    struct yw_admit admit;
    struct yw_admit_host hosts[YW_PLACE_HOSTS_MAX];
};

/* `how`: the name of a way, or NULL for what this host does by itself. *new* on the heap. */
int yw_estimate_make(struct yw_estimate **ret, const struct yw_cli *cli,
                     const struct yw_spec *spec, const struct yw_plan *plan,
                     const char *how, struct yw_err *err);
void yw_estimate_free(struct yw_estimate *estimate); /* NULL-safe */
/* A few lines for people, on standard output. */
void yw_estimate_print(const struct yw_cli *cli, const struct yw_estimate *estimate);

#endif
