#include "codec/playbook/signature.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/sign.h"
#include "codec/field.h"
#include "codec/playbook/cacao.h"
#include "codec/playbook/jcs.h"
#include "codec/playbook/playbook.h"

#include <stdlib.h>
#include <string.h>

#define CANONICAL_MAX (4 * YW_PLAYBOOK_BYTES_MAX)
#define DEFAULT_HASH "sha-256"

struct digest { /* of what is signed */
    uint8_t raw[YW_SIGN_HASH_MAX];
    size_t size;
    char hex[2 * YW_SIGN_HASH_MAX + 1];
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* The playbook with this signature alone, and no value in it: canonical, hashed. */
static int digest_of(struct digest *ret, const json_t *playbook, const json_t *signature,
                     struct yw_err *err)
{
    json_t *alone = json_copy((json_t *)(uintptr_t)playbook);
    json_t *bare = json_copy((json_t *)(uintptr_t)signature);
    json_t *list = json_array();
    struct yw_buf out;

    (void)json_object_del(bare, "value");
    (void)json_array_append_new(list, bare);
    (void)json_object_set_new(alone, "signatures", list);
    yw_buf_init(&out, CANONICAL_MAX);
    int code = yw_jcs_write(&out, alone, err);

    json_decref(alone);
    if (code == 0 && out.overflow)
        code = yw_err_set(err, YW_ELIMIT, "above %d bytes", CANONICAL_MAX);
    if (code == 0)
        code = yw_sign_hash(text_of(signature, "hash_algorithm"), out.data, out.size,
                            ret->raw, &ret->size, err);
    yw_buf_fini(&out);
    for (size_t i = 0; code == 0 && i < ret->size; i++)
        (void)yw_copyf(ret->hex + 2 * i, 3, "%02x", ret->raw[i]);
    return code;
}

/* Random, of version 4. */
static void make_id(char ret[80])
{
    char uuid[YW_UUID_SIZE], random[YW_ID_SIZE];

    yw_id_random(random);
    yw_uuid_from(random, uuid);
    uuid[14] = '4';
    (void)yw_copyf(ret, 80, "jss--%s", uuid);
}

static int describe(json_t *signature, const json_t *playbook, const char *pem,
                    const char *signee, int64_t wall_us, struct yw_err *err)
{
    enum yw_sign_algorithm algorithm;
    char id[80], now[32], *public_key = NULL;
    int code = yw_sign_algorithm_of(pem, &algorithm, err);

    if (code == 0)
        code = yw_sign_public(pem, &public_key, err);
    if (code < 0)
        return code;
    make_id(id);
    yw_clock_format_utc(wall_us, now);
    (void)json_object_set_new(signature, "type", json_string("jss"));
    (void)json_object_set_new(signature, "id", json_string(id));
    (void)json_object_set_new(signature, "created", json_string(now));
    (void)json_object_set_new(signature, "modified", json_string(now));
    (void)json_object_set_new(signature, "signee", json_string(signee));
    (void)json_object_set(signature, "related_to", json_object_get(playbook, "id"));
    (void)json_object_set(signature, "related_version",
                          json_object_get(playbook, "modified"));
    (void)json_object_set_new(signature, "hash_algorithm", json_string(DEFAULT_HASH));
    (void)json_object_set_new(signature, "algorithm",
                              json_string(yw_sign_name(algorithm)));
    (void)json_object_set_new(signature, "public_key", json_string(public_key));
    free(public_key);
    return 0;
}

static int add_value(json_t *signature, const json_t *playbook, const char *pem,
                     struct yw_err *err)
{
    uint8_t bytes[YW_SIGN_MAX];
    struct digest digest;
    struct yw_buf value;
    size_t size;
    int code = digest_of(&digest, playbook, signature, err);

    if (code == 0)
        code = yw_sign_make(pem, digest.hex, strlen(digest.hex), bytes, &size, err);
    if (code < 0)
        return code;
    yw_buf_init(&value, 4 * YW_SIGN_MAX);
    yw_base64url_put(&value, bytes, size);
    (void)json_object_set_new(signature, "value", json_string(value.data));
    yw_buf_fini(&value);
    return 0;
}

int yw_playbook_sign(struct yw_buf *out, const char *text, size_t size, const char *pem,
                     const char *signee, int64_t wall_us, struct yw_err *err)
{
    json_t *playbook = NULL, *signature = json_object();
    int code = yw_cacao_load(&playbook, text, size, err);

    if (code == 0 &&
        (text_of(playbook, "id")[0] == '\0' || text_of(playbook, "modified")[0] == '\0'))
        code = yw_err_set(err, YW_EINVAL, "/: expected a playbook with id and modified");
    if (code == 0)
        code = describe(signature, playbook, pem, signee, wall_us, err);
    if (code == 0)
        code = add_value(signature, playbook, pem, err);
    if (code == 0) {
        json_t *list = json_object_get(playbook, "signatures");

        if (json_array_size(list) >= YW_SIGNATURES_MAX)
            code =
                yw_err_set(err, YW_ELIMIT, "/signatures: at most %d", YW_SIGNATURES_MAX);
        else if (json_is_array(list))
            (void)json_array_append(list, signature);
        else
            (void)json_object_set_new(playbook, "signatures",
                                      json_pack("[O]", signature));
    }
    if (code == 0) {
        char *dump = json_dumps(playbook, JSON_INDENT(1) | JSON_PRESERVE_ORDER |
                                              JSON_REAL_PRECISION(17));

        yw_buf_puts(out, dump);
        yw_buf_puts(out, "\n");
        free(dump);
    }
    json_decref(signature);
    json_decref(playbook);
    return code;
}

/* Does this key make the signature hold? Tries the text of the hash, then the hash. */
static enum yw_signature_state try_key(struct yw_signature_check *check, const char *key,
                                       const struct digest *digest, const char *bytes,
                                       size_t size)
{
    enum yw_sign_algorithm algorithm;
    struct yw_err err = {0};

    if (!yw_sign_parse(check->algorithm, &algorithm))
        return YW_SIGNATURE_UNSUPPORTED;
    int code = yw_sign_verify(algorithm, key, digest->hex, strlen(digest->hex),
                              (const uint8_t *)bytes, size, &err);

    check->hex = code == 0;
    if (code == YW_ECORRUPT)
        code = yw_sign_verify(algorithm, key, digest->raw, digest->size,
                              (const uint8_t *)bytes, size, &err);
    if (code == 0)
        return YW_SIGNATURE_HOLDS;
    (void)YW_COPY(check->detail, err.text);
    return code == YW_ECORRUPT ? YW_SIGNATURE_BROKEN : YW_SIGNATURE_NO_KEY;
}

static enum yw_signature_state
check_value(struct yw_signature_check *check, const json_t *playbook,
            const json_t *signature, const char *const *trusted, size_t trusted_count)
{
    const char *value = text_of(signature, "value"),
               *own = text_of(signature, "public_key");
    enum yw_signature_state state = YW_SIGNATURE_NO_KEY;
    struct yw_err err = {0};
    struct digest digest;
    char *bytes = NULL;
    size_t size = 0;

    if (digest_of(&digest, playbook, signature, &err) < 0) {
        (void)YW_COPY(check->detail, err.text);
        return YW_SIGNATURE_UNSUPPORTED;
    }
    if (yw_base64url_read(value, strlen(value), &bytes, &size) < 0) {
        (void)YW_COPY(check->detail, "value: expected base64url");
        return YW_SIGNATURE_BROKEN;
    }
    for (size_t i = 0; i < trusted_count && state != YW_SIGNATURE_HOLDS; i++)
        state = try_key(check, trusted[i], &digest, bytes, size);
    check->trusted = state == YW_SIGNATURE_HOLDS;
    if (state != YW_SIGNATURE_HOLDS && own[0] != '\0')
        state = try_key(check, own, &digest, bytes, size);
    free(bytes);
    return state;
}

static void check_one(struct yw_signature_check *check, const json_t *playbook,
                      const json_t *signature, const char *const *trusted,
                      size_t trusted_count)
{
    *check = (struct yw_signature_check){.state = YW_SIGNATURE_NO_KEY};
    (void)YW_COPY(check->id, text_of(signature, "id"));
    (void)YW_COPY(check->signee, text_of(signature, "signee"));
    (void)YW_COPY(check->algorithm, text_of(signature, "algorithm"));
    if (json_is_true(json_object_get(signature, "revoked"))) {
        check->state = YW_SIGNATURE_REVOKED;
        return;
    }
    if (strcmp(text_of(signature, "related_version"), text_of(playbook, "modified")) !=
            0 ||
        strcmp(text_of(signature, "related_to"), text_of(playbook, "id")) != 0) {
        check->state = YW_SIGNATURE_STALE;
        (void)yw_copyf(check->detail, sizeof check->detail, "of %s, version %s",
                       text_of(signature, "related_to"),
                       text_of(signature, "related_version"));
        return;
    }
    check->state = check_value(check, playbook, signature, trusted, trusted_count);
    if (check->state == YW_SIGNATURE_HOLDS)
        check->detail[0] = '\0';
}

int yw_playbook_verify(struct yw_signature_check *ret, size_t *ret_count,
                       const char *text, size_t size, const char *const *trusted,
                       size_t trusted_count, struct yw_err *err)
{
    json_t *playbook = NULL;
    int code = yw_cacao_load(&playbook, text, size, err);

    *ret_count = 0;
    if (code < 0)
        return code;
    json_t *list = json_object_get(playbook, "signatures");

    if (json_array_size(list) > YW_SIGNATURES_MAX)
        code = yw_err_set(err, YW_ELIMIT, "/signatures: at most %d", YW_SIGNATURES_MAX);
    for (size_t i = 0; code == 0 && i < json_array_size(list); i++)
        check_one(&ret[(*ret_count)++], playbook, json_array_get(list, i), trusted,
                  trusted_count);
    json_decref(playbook);
    return code;
}

const char *yw_signature_state_name(enum yw_signature_state state)
{
    static const char *const names[] = {"holds", "broken",      "no-key",
                                        "stale", "unsupported", "revoked"};

    return names[state];
}
