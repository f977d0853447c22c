/* Machine images for a broker on another host, the core's side: what there is, by hash,
 * and the pieces that the broker asks for. Every plain file of the folder but disks is offered;
 * the other side (virt/serve/image_take.h) fetches what it lacks, so an image travels once. Loop
 * thread; reads are of one piece, hashing goes on step by step. */
#ifndef YW_VIRT_IMAGE_GIVE_H
#define YW_VIRT_IMAGE_GIVE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/pack.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_IMAGE_FILES_MAX 64
#define YW_IMAGE_NAME_MAX 64
#define YW_IMAGE_PIECE_MAX (256 * 1024)

bool yw_image_name_valid(const char *name); /* one plain file, not hidden */

struct yw_image_give; /* open/close */

int yw_image_give_open(struct yw_image_give **ret, const char *dir, struct yw_err *err);
void yw_image_give_close(struct yw_image_give *give); /* NULL-safe */
/* Hashes a little more. 1: all is hashed; 0: again, please; or a negative code. */
int yw_image_give_step(struct yw_image_give *give, struct yw_err *err);
/* The message that offers everything; after the last step. */
void yw_image_give_offer(const struct yw_image_give *give, struct yw_buf *out);
/* Answers one wish; `in` stands behind the type. YW_EINVAL for one that cannot be. */
int yw_image_give_piece(struct yw_image_give *give, struct yw_unpack *in,
                        struct yw_buf *out, struct yw_err *err);
/* Bytes given since the offer, of those that can be given at most. */
int64_t yw_image_given(const struct yw_image_give *give, int64_t *ret_all);

#endif
