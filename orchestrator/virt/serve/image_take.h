/* Machine images from the core, the side of a broker on another host: before it serves,
 * it says which build it is, is offered what the core has (virt/image_give.h), and fetches
 * what is missing. A file's bytes stand under their hash, `<hash>`, written as
 * `<hash>.part` and renamed when the hash is right, so that an interrupted transfer goes
 * on where it was; the name is a second link to them. Blocking; before any other thread. */
#ifndef YW_VIRT_IMAGE_TAKE_H
#define YW_VIRT_IMAGE_TAKE_H

#include "base/err.h"

/* Speaks on `fd`, which serves the rest of the wire afterwards. `dir` is made. */
int yw_image_take(int fd, const char *dir, struct yw_err *err);
/* The last word of a broker that cannot serve: why. */
void yw_broker_say_failed(int fd, const struct yw_err *why);

#endif
