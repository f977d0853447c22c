/* Signatures of playbooks (CACAO v2.0, signature data type "jss"): over the canonical JSON of the
 * playbook with that signature alone, without its value. Written over the hexadecimal text of the
 * hash, as the committee's own example and libraries do; read in that form and over the raw hash.
 * Whose a key is comes from outside the file. Thread: any. */
#ifndef YW_CODEC_SIGNATURE_H
#define YW_CODEC_SIGNATURE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_SIGNATURES_MAX 16

enum yw_signature_state {
    YW_SIGNATURE_HOLDS,
    YW_SIGNATURE_BROKEN,      /* S01 */
    YW_SIGNATURE_NO_KEY,      /* S02: none in the file that can be used */
    YW_SIGNATURE_STALE,       /* S03: of another version */
    YW_SIGNATURE_UNSUPPORTED, /* an algorithm that is not ours */
    YW_SIGNATURE_REVOKED
};

struct yw_signature_check {
    char id[80], signee[128], algorithm[32];
    enum yw_signature_state state;
    bool hex;     /* HOLDS: over the text of the hash, else over the raw one */
    bool trusted; /* HOLDS: by a key that the caller trusts */
    char detail[160];
};

/* The playbook with one more signature, indented. signee: as people know them. */
int yw_playbook_sign(struct yw_buf *out, const char *text, size_t size, const char *pem,
                     const char *signee, int64_t wall_us, struct yw_err *err);
/* trusted: PEM public keys, or their bodies. Fills at most YW_SIGNATURES_MAX. */
int yw_playbook_verify(struct yw_signature_check *ret, size_t *ret_count,
                       const char *text, size_t size, const char *const *trusted,
                       size_t trusted_count, struct yw_err *err);
const char *yw_signature_state_name(enum yw_signature_state state); /* "holds" */

#endif
