#include "base/random.h"

#include "base/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

void yw_random_init(struct yw_random *random, uint64_t seed, const char *stream)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(seed >> (8 * i));
    struct yw_hasher hasher;
    struct yw_hash hash;
    yw_hasher_init(&hasher);
    yw_hasher_add(&hasher, bytes, sizeof(bytes));
    yw_hasher_add(&hasher, stream, strlen(stream));
    yw_hasher_end(&hasher, &hash);
    for (size_t i = 0; i < 4; i++) {
        random->state[i] = 0;
        for (size_t j = 0; j < 8; j++)
            random->state[i] |= (uint64_t)hash.bytes[i * 8 + j] << (8 * j);
    }
}

uint64_t yw_random_u64(struct yw_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t yw_random_below(struct yw_random *random, uint64_t bound)
{
    assert(bound > 0);
    uint64_t skip = (0 - bound) % bound; /* 2^64 mod bound */
    uint64_t value = yw_random_u64(random);
    while (value < skip)
        value = yw_random_u64(random);
    return value % bound;
}

double yw_random_unit(struct yw_random *random)
{
    return (double)(yw_random_u64(random) >> 11) * 0x1.0p-53;
}

/* The sum of twelve uniforms: only additions, so that every machine and libm give the
 * same bits; the tails end at six deviations. */
double yw_random_gauss(struct yw_random *random)
{
    double sum = 0.0;
    for (int i = 0; i < 12; i++)
        sum += yw_random_unit(random);
    return sum - 6.0;
}

void yw_random_secret(void *bytes, size_t size)
{
    randombytes_buf(bytes, size);
}
