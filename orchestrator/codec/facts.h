/* Facts of hosts in, as PROBE tells them; the estimate of a plan out. */
#ifndef YW_CODEC_FACTS_H
#define YW_CODEC_FACTS_H

#include "base/buf.h"
#include "base/err.h"
#include "model/admit.h"

/* YW_EINVAL when a member that admission needs is missing or makes no sense. */
int yw_facts_decode(struct yw_host_facts *ret, const char *text, size_t size,
                    struct yw_err *err);
/* An estimate as one JSON object: per team, in total, per host, where each machine goes. */
struct yw_writer;
void yw_admit_write(struct yw_writer *writer, const char *key,
                    const struct yw_admit *admit);

#endif
