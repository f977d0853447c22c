/* The nft program as a child: a script in, its words out. Blocking; any thread. */
#ifndef YW_VIRT_NFT_H
#define YW_VIRT_NFT_H

#include "base/err.h"

#include <stddef.h>

#define YW_NFT_OUTPUT_MAX 65536
#define YW_NFT_DEADLINE_MS 5000

/* Runs the script in one transaction. `output` (may be NULL) gets what it printed, cut at
 * size. YW_ENOTFOUND: there is no nft. YW_EIO: it refused, with its first line. */
int yw_nft_run(const char *script, size_t script_size, char *output, size_t size,
               struct yw_err *err);

#endif
