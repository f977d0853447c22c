#include "response/finding.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yw_findings_init(struct yw_findings *findings, bool lenient)
{
    *findings = (struct yw_findings){.lenient = lenient};
}

void yw_findings_fini(struct yw_findings *findings)
{
    if (findings != NULL)
        free(findings->items);
}

void yw_findings_add(struct yw_findings *findings, const char *code, const char *path,
                     const char *fmt, ...)
{
    char kind = strlen(code) > 3 ? code[3] : '\0';
    va_list args;

    if (findings->count == YW_FINDINGS_MAX) {
        findings->overrun = true;
        return;
    }
    if (findings->items == NULL)
        findings->items = yw_new_array(YW_FINDINGS_MAX, sizeof *findings->items);
    struct yw_finding *finding = &findings->items[findings->count++];

    (void)yw_copyf(finding->code, sizeof finding->code, "%.3s", code);
    finding->warning = kind == 'w' || (findings->lenient && kind != '!');
    (void)YW_COPY(finding->path, path);
    va_start(args, fmt);
    (void)vsnprintf(finding->message, sizeof finding->message, fmt, args);
    va_end(args);
}

size_t yw_findings_errors(const struct yw_findings *findings)
{
    size_t errors = 0;

    for (size_t i = 0; i < findings->count; i++)
        errors += !findings->items[i].warning;
    return errors;
}
