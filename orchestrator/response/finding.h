/* What a check of a playbook found. Codes are those of the lint table in playbooks/README.md. Pure.
 * Thread: any. */
#ifndef YW_RESPONSE_FINDING_H
#define YW_RESPONSE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#define YW_FINDINGS_MAX 1000
#define YW_FINDING_PATH_MAX 320
#define YW_FINDING_TEXT_MAX 320

struct yw_finding {
    char code[4];                   /* "W03" */
    bool warning;                   /* else an error */
    int line;                       /* 1-based; 0 not known */
    char path[YW_FINDING_PATH_MAX]; /* JSON pointer (RFC 6901); "" the document */
    char message[YW_FINDING_TEXT_MAX];
};

struct yw_findings {
    struct yw_finding *items; /* owned */
    size_t count;
    bool lenient; /* a deviation is a warning, but for what cannot be run */
    bool overrun; /* there were more */
};

void yw_findings_init(struct yw_findings *findings, bool lenient);
void yw_findings_fini(struct yw_findings *findings); /* NULL-safe */
/* Codes that end in 'w' are warnings; "!": an error even when lenient. */
void yw_findings_add(struct yw_findings *findings, const char *code, const char *path,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
size_t yw_findings_errors(const struct yw_findings *findings);

#endif
