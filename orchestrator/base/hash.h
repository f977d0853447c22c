/* BLAKE2b (RFC 7693) through libsodium. Call yw_hash_setup once per process before anything. */
#ifndef YW_BASE_HASH_H
#define YW_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_HASH_SIZE 32
#define YW_HASH_TEXT_SIZE 65 /* hex, with the NUL */

struct yw_hash {
    uint8_t bytes[YW_HASH_SIZE];
};

struct yw_hasher {
    _Alignas(64) unsigned char state[384]; /* crypto_generichash_state */
};

int yw_hash_setup(void); /* 0 or YW_EIO */
void yw_hash_of(const void *bytes, size_t size, struct yw_hash *ret);
/* BLAKE2b-256(previous || bytes): the journal's chain. */
void yw_hash_chain(const struct yw_hash *previous, const void *bytes, size_t size,
                   struct yw_hash *ret);
void yw_hasher_init(struct yw_hasher *hasher);
void yw_hasher_add(struct yw_hasher *hasher, const void *bytes, size_t size);
void yw_hasher_end(struct yw_hasher *hasher, struct yw_hash *ret);
/* Keyed: for tokens at rest. key: 32 bytes. */
void yw_hash_keyed(const uint8_t key[32], const void *bytes, size_t size,
                   struct yw_hash *ret);
/* SHA-256 (FIPS 180-4), for people who compare with sha256sum. */
struct yw_sha256 {
    _Alignas(16) unsigned char state[128]; /* crypto_hash_sha256_state */
};
void yw_sha256_init(struct yw_sha256 *sha);
void yw_sha256_add(struct yw_sha256 *sha, const void *bytes, size_t size);
void yw_sha256_end(struct yw_sha256 *sha, char text[YW_HASH_TEXT_SIZE]); /* hex */
void yw_hash_text(const struct yw_hash *hash, char text[YW_HASH_TEXT_SIZE]);
int yw_hash_parse(const char *text, struct yw_hash *ret);             /* 0 or YW_EINVAL */
bool yw_hash_equal(const struct yw_hash *a, const struct yw_hash *b); /* constant time */

#endif
