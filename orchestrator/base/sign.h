/* Digital signatures through OpenSSL's libcrypto: Ed25519 (RFC 8032), RS256 and ES256 (RFC 7518
 * §3.3, §3.4; ES256 as r || s). Keys: PEM of RFC 7468, or its body alone. Blocking, some
 * milliseconds at most; any thread. */
#ifndef YW_BASE_SIGN_H
#define YW_BASE_SIGN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_SIGN_KEY_MAX 16384 /* bytes of PEM */
#define YW_SIGN_MAX 1024      /* of a signature */
#define YW_SIGN_HASH_MAX 64

enum yw_sign_algorithm { YW_SIGN_ED25519, YW_SIGN_RS256, YW_SIGN_ES256 };

const char *yw_sign_name(enum yw_sign_algorithm algorithm); /* "Ed25519" */
bool yw_sign_parse(const char *name, enum yw_sign_algorithm *ret);
/* What a private key can sign with. YW_EINVAL: no key, one with a password, or of another kind. */
int yw_sign_algorithm_of(const char *pem, enum yw_sign_algorithm *ret,
                         struct yw_err *err);
/* Signs with a private key. ret: YW_SIGN_MAX bytes. */
int yw_sign_make(const char *pem, const void *bytes, size_t size, uint8_t *ret,
                 size_t *ret_size, struct yw_err *err);
/* 0: the signature is of these bytes by this public key. YW_ECORRUPT: it is not. YW_EINVAL: the
 * key cannot be read, or is not of that kind. */
int yw_sign_verify(enum yw_sign_algorithm algorithm, const char *public_key,
                   const void *bytes, size_t size, const uint8_t *signature,
                   size_t signature_size, struct yw_err *err);
/* "sha-256", "sha-512" (IANA names). YW_EINVAL: another. */
int yw_sign_hash(const char *name, const void *bytes, size_t size,
                 uint8_t ret[YW_SIGN_HASH_MAX], size_t *ret_size, struct yw_err *err);
/* The body of the PEM of the public half, without line ends. *new* */
int yw_sign_public(const char *pem, char **ret, struct yw_err *err);

#endif
