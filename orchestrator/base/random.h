/* Seeded random streams: the same seed and name give the same numbers on every machine.
 * For secrets use yw_random_secret. Thread: one at a time a stream. */
#ifndef YW_BASE_RANDOM_H
#define YW_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct yw_random {
    uint64_t state[4]; /* xoshiro256** (Blackman and Vigna, public domain) */
};

void yw_random_init(struct yw_random *random, uint64_t seed, const char *stream);
uint64_t yw_random_u64(struct yw_random *random);
uint64_t yw_random_below(struct yw_random *random,
                         uint64_t bound);         /* unbiased; bound > 0 */
double yw_random_unit(struct yw_random *random);  /* [0, 1), 53 bits */
double yw_random_gauss(struct yw_random *random); /* mean 0, deviation 1 */
void yw_random_secret(void *bytes, size_t size);  /* the kernel's */

#endif
