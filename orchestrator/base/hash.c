#include "base/hash.h"

#include "base/err.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct yw_hasher),
               "state fits");

int yw_hash_setup(void)
{
    return sodium_init() < 0 ? YW_EIO : YW_OK;
}

void yw_hash_of(const void *bytes, size_t size, struct yw_hash *ret)
{
    struct yw_hasher hasher;
    yw_hasher_init(&hasher);
    yw_hasher_add(&hasher, bytes, size);
    yw_hasher_end(&hasher, ret);
}

void yw_hash_chain(const struct yw_hash *previous, const void *bytes, size_t size,
                   struct yw_hash *ret)
{
    struct yw_hasher hasher;
    yw_hasher_init(&hasher);
    yw_hasher_add(&hasher, previous->bytes, sizeof(previous->bytes));
    yw_hasher_add(&hasher, bytes, size);
    yw_hasher_end(&hasher, ret);
}

static crypto_generichash_state *state_of(struct yw_hasher *hasher)
{
    return (crypto_generichash_state *)(void *)hasher->state;
}

void yw_hasher_init(struct yw_hasher *hasher)
{
    int failed = crypto_generichash_init(state_of(hasher), NULL, 0, YW_HASH_SIZE);
    assert(failed == 0);
}

void yw_hasher_add(struct yw_hasher *hasher, const void *bytes, size_t size)
{
    int failed = crypto_generichash_update(state_of(hasher), bytes, size);
    assert(failed == 0);
}

void yw_hasher_end(struct yw_hasher *hasher, struct yw_hash *ret)
{
    int failed = crypto_generichash_final(state_of(hasher), ret->bytes, YW_HASH_SIZE);
    assert(failed == 0);
}

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct yw_sha256),
               "state fits");

static crypto_hash_sha256_state *sha_of(struct yw_sha256 *sha)
{
    return (crypto_hash_sha256_state *)(void *)sha->state;
}

void yw_sha256_init(struct yw_sha256 *sha)
{
    (void)crypto_hash_sha256_init(sha_of(sha));
}

void yw_sha256_add(struct yw_sha256 *sha, const void *bytes, size_t size)
{
    (void)crypto_hash_sha256_update(sha_of(sha), bytes, size);
}

void yw_sha256_end(struct yw_sha256 *sha, char text[YW_HASH_TEXT_SIZE])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256_final(sha_of(sha), digest);
    sodium_bin2hex(text, YW_HASH_TEXT_SIZE, digest, sizeof digest);
}

void yw_hash_keyed(const uint8_t key[32], const void *bytes, size_t size,
                   struct yw_hash *ret)
{
    int failed = crypto_generichash(ret->bytes, YW_HASH_SIZE, bytes, size, key, 32);
    assert(failed == 0);
}

void yw_hash_text(const struct yw_hash *hash, char text[YW_HASH_TEXT_SIZE])
{
    (void)sodium_bin2hex(text, YW_HASH_TEXT_SIZE, hash->bytes, YW_HASH_SIZE);
}

int yw_hash_parse(const char *text, struct yw_hash *ret)
{
    struct yw_hash hash;
    size_t size = 0;
    size_t text_size = strnlen(text, YW_HASH_TEXT_SIZE);
    /* Lower case only: one value has one text. */
    if (text_size != YW_HASH_TEXT_SIZE - 1 ||
        strspn(text, "0123456789abcdef") != text_size)
        return YW_EINVAL;
    if (sodium_hex2bin(hash.bytes, sizeof(hash.bytes), text, text_size, NULL, &size,
                       NULL) != 0)
        return YW_EINVAL;
    if (size != YW_HASH_SIZE)
        return YW_EINVAL;
    *ret = hash;
    return YW_OK;
}

bool yw_hash_equal(const struct yw_hash *a, const struct yw_hash *b)
{
    return sodium_memcmp(a->bytes, b->bytes, YW_HASH_SIZE) == 0;
}
