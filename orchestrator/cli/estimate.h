/* The estimate of a plan on this host, or on those of a hosts file, without a machine. */
#ifndef YW_CLI_ESTIMATE_H
#define YW_CLI_ESTIMATE_H

#include "cli/cli.h"
#include "model/admit.h"

struct yw_estimate {
    struct yw_admit admit;
    struct yw_admit_host hosts[YW_PLACE_HOSTS_MAX];
    char why[YW_PLACE_HOSTS_MAX][YW_ERR_TEXT_MAX]; /* a host did not tell; "" it did */
    bool many;                                     /* of a hosts file */
};

struct yw_estimate_order {
    const char *how;   /* the name of a way; NULL: what a host does by itself */
    const char *hosts; /* hosts file, whose hosts are asked; NULL: this host alone */
};
/* *new* on the heap. */
int yw_estimate_make(struct yw_estimate **ret, const struct yw_cli *cli,
                     const struct yw_spec *spec, const struct yw_plan *plan,
                     const struct yw_estimate_order *order, struct yw_err *err);
/* Fills the hosts of `estimate` from the file; one that does not answer is lost. Blocks
 * until all have answered or had their time. */
int yw_estimate_ask(struct yw_estimate *estimate, const struct yw_cli *cli,
                    const char *path, const struct yw_spec *spec, struct yw_err *err);
void yw_estimate_free(struct yw_estimate *estimate); /* NULL-safe */
/* A few lines for people, on standard output. */
void yw_estimate_print(const struct yw_cli *cli, const struct yw_estimate *estimate);

#endif
