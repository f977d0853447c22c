/* Secrets that playbooks name and never hold: <data_dir>/secrets.json, {"name": "value", …}, for its
 * owner alone (0600), read anew at each use. The journal has names; a value is on its way to the
 * machine only, and is taken out of what comes back. */
#ifndef YW_DRILL_SECRET_H
#define YW_DRILL_SECRET_H

#include "base/err.h"
#include "base/id.h"
#include "model/spec.h"

#define YW_SECRETS_FILE "secrets.json"
#define YW_SECRETS_BYTES_MAX (64 * 1024)
#define YW_SECRETS_MAX 4 /* of one program */
#define YW_SECRET_MAX 256

struct yw_secrets { /* of one program: zeroed by yw_secrets_forget */
    size_t count;
    struct {
        char name[YW_NAME_MAX];
        char value[YW_SECRET_MAX];
    } items[YW_SECRETS_MAX];
};

/* Puts values in place of the marks (response/run.h) in these words. YW_ENOTFOUND: there is no such
 * secret, or no file; YW_EDENIED: others may read the file; YW_ELIMIT. `ret` is filled as far as
 * it came. */
int yw_secrets_resolve(struct yw_secrets *ret, const char *data_dir,
                       char argv[][YW_SPEC_ARG_MAX], size_t argc, struct yw_err *err);
/* Puts "[secret:name]" in place of values, and of the beginning of one at the end of a text that was
 * cut. In place: no longer than `size` bytes with the NUL. */
void yw_secrets_redact(const struct yw_secrets *secrets, char *text, size_t size);
void yw_secrets_forget(struct yw_secrets *secrets); /* NULL-safe */

#endif
