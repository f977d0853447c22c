#include "base/sign.h"

#include "base/mem.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define COORDINATE 32 /* bytes of r and of s on P-256 */
#define RSA_BITS_MIN 2048

static const char *const names[] = {"Ed25519", "RS256", "ES256"};

const char *yw_sign_name(enum yw_sign_algorithm algorithm)
{
    return names[algorithm];
}

bool yw_sign_parse(const char *name, enum yw_sign_algorithm *ret)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum yw_sign_algorithm)i;
            return true;
        }
    }
    return false;
}

/* What the key is; false: none of ours, or too weak. */
static bool kind_of(EVP_PKEY *key, enum yw_sign_algorithm *ret)
{
    char group[32] = "";
    size_t size = 0;

    if (EVP_PKEY_is_a(key, "ED25519")) {
        *ret = YW_SIGN_ED25519;
        return true;
    }
    if (EVP_PKEY_is_a(key, "RSA")) {
        *ret = YW_SIGN_RS256;
        return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;
    }
    *ret = YW_SIGN_ES256;
    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

/* A password is never asked for: nobody sits at a daemon. */
static int no_password(char *buffer, int size, int writing, void *arg)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* Takes over `key`; NULL: it was no `wanted`. */
static int accept(EVP_PKEY *key, const char *wanted, EVP_PKEY **ret,
                  enum yw_sign_algorithm *ret_kind, struct yw_err *err)
{
    ERR_clear_error();
    if (key == NULL)
        return yw_err_set(err, YW_EINVAL, "expected %s", wanted);
    if (!kind_of(key, ret_kind)) {
        EVP_PKEY_free(key);
        return yw_err_set(err, YW_EINVAL,
                          "expected a key for Ed25519, RSA of %d bits or more, or P-256",
                          RSA_BITS_MIN);
    }
    *ret = key;
    return 0;
}

static int read_private(const char *pem, EVP_PKEY **ret, enum yw_sign_algorithm *ret_kind,
                        struct yw_err *err)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key =
        bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    return accept(key, "a private key as PEM, without a password", ret, ret_kind, err);
}

/* PEM, or its body alone as CACAO carries it. */
static int read_public(const char *text, EVP_PKEY **ret, enum yw_sign_algorithm *ret_kind,
                       struct yw_err *err)
{
    char *pem =
        strstr(text, "-----BEGIN") != NULL
            ? yw_strdup(text)
            : yw_strf("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", text);
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key =
        bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    free(pem);
    return accept(key, "a public key as PEM", ret, ret_kind, err);
}

int yw_sign_algorithm_of(const char *pem, enum yw_sign_algorithm *ret, struct yw_err *err)
{
    EVP_PKEY *key = NULL;
    int code = read_private(pem, &key, ret, err);

    EVP_PKEY_free(key);
    return code;
}

/* Ed25519 hashes by itself. */
static const EVP_MD *digest_of(enum yw_sign_algorithm kind)
{
    return kind == YW_SIGN_ED25519 ? NULL : EVP_sha256();
}

/* JOSE wants r || s where OpenSSL gives DER. */
static bool flatten(uint8_t *bytes, size_t *size)
{
    const unsigned char *at = bytes;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)*size);
    uint8_t flat[2 * COORDINATE];
    bool done =
        pair != NULL &&
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), flat, COORDINATE) == COORDINATE &&
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), flat + COORDINATE, COORDINATE) == COORDINATE;

    ECDSA_SIG_free(pair);
    if (done) {
        memcpy(bytes, flat, sizeof flat);
        *size = sizeof flat;
    }
    return done;
}

/* The other way. Returns the size in `ret`, 0 when it cannot be. */
static size_t unflatten(const uint8_t *flat, size_t size, uint8_t ret[YW_SIGN_MAX])
{
    ECDSA_SIG *pair = size == 2 * COORDINATE ? ECDSA_SIG_new() : NULL;
    unsigned char *at = ret;
    BIGNUM *r = pair != NULL ? BN_bin2bn(flat, COORDINATE, NULL) : NULL;
    BIGNUM *s = pair != NULL ? BN_bin2bn(flat + COORDINATE, COORDINATE, NULL) : NULL;
    int written = 0;

    if (r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = NULL;
        s = NULL;
        written = i2d_ECDSA_SIG(pair, &at);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return written > 0 ? (size_t)written : 0;
}

int yw_sign_make(const char *pem, const void *bytes, size_t size, uint8_t *ret,
                 size_t *ret_size, struct yw_err *err)
{
    enum yw_sign_algorithm kind;
    EVP_PKEY *key = NULL;
    int code = read_private(pem, &key, &kind, err);

    if (code < 0)
        return code;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    *ret_size = YW_SIGN_MAX;
    bool made = context != NULL &&
                EVP_DigestSignInit(context, NULL, digest_of(kind), NULL, key) == 1 &&
                EVP_DigestSign(context, ret, ret_size, bytes, size) == 1 &&
                (kind != YW_SIGN_ES256 || flatten(ret, ret_size));

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return made ? 0 : yw_err_set(err, YW_EIO, "the signature could not be made");
}

int yw_sign_verify(enum yw_sign_algorithm algorithm, const char *public_key,
                   const void *bytes, size_t size, const uint8_t *signature,
                   size_t signature_size, struct yw_err *err)
{
    enum yw_sign_algorithm kind;
    uint8_t der[YW_SIGN_MAX];
    EVP_PKEY *key = NULL;
    int code = read_public(public_key, &key, &kind, err);

    if (code == 0 && kind != algorithm)
        code = yw_err_set(err, YW_EINVAL, "expected a key for %s; got one for %s",
                          yw_sign_name(algorithm), yw_sign_name(kind));
    if (code == 0 && algorithm == YW_SIGN_ES256) {
        signature_size = unflatten(signature, signature_size, der);
        signature = der;
    }
    if (code < 0) {
        EVP_PKEY_free(key);
        return code;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = context != NULL && signature_size > 0 &&
                 EVP_DigestVerifyInit(context, NULL, digest_of(kind), NULL, key) == 1 &&
                 EVP_DigestVerify(context, signature, signature_size, bytes, size) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return holds ? 0 : yw_err_set(err, YW_ECORRUPT, "the signature does not hold");
}

int yw_sign_public(const char *pem, char **ret, struct yw_err *err)
{
    enum yw_sign_algorithm kind;
    EVP_PKEY *key = NULL;
    int code = read_private(pem, &key, &kind, err);
    unsigned char *der = NULL;

    if (code < 0)
        return code;
    int size = i2d_PUBKEY(key, &der);

    EVP_PKEY_free(key);
    if (size <= 0)
        return yw_err_set(err, YW_EIO, "the public key could not be written");
    char *text = yw_new((size_t)size * 2 + 4);

    (void)EVP_EncodeBlock((unsigned char *)text, der, size);
    OPENSSL_free(der);
    *ret = text;
    return 0;
}

int yw_sign_hash(const char *name, const void *bytes, size_t size,
                 uint8_t ret[YW_SIGN_HASH_MAX], size_t *ret_size, struct yw_err *err)
{
    const EVP_MD *kind = strcmp(name, "sha-256") == 0   ? EVP_sha256()
                         : strcmp(name, "sha-512") == 0 ? EVP_sha512()
                                                        : NULL;
    unsigned int written = 0;

    if (kind == NULL)
        return yw_err_set(err, YW_EINVAL,
                          "hash_algorithm: expected sha-256 or sha-512; got '%.40s'",
                          name);
    if (EVP_Digest(bytes, size, ret, &written, kind, NULL) != 1)
        return yw_err_set(err, YW_EIO, "the hash could not be made");
    *ret_size = written;
    return 0;
}
