/* Canonical JSON by the samples of RFC 8785, and signatures: made and checked by us, checked and
 * made by the openssl command, and broken. */
#include "codec/playbook/jcs.h"
#include "codec/playbook/lint.h"
#include "codec/playbook/signature.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/sign.h"
#include "codec/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* RFC 8785 appendix B: IEEE 754 bits and the text. */
static void test_numbers(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {{0x0000000000000000, "0"},
                {0x8000000000000000, "0"},
                {0x0000000000000001, "5e-324"},
                {0x8000000000000001, "-5e-324"},
                {0x7fefffffffffffff, "1.7976931348623157e+308"},
                {0xffefffffffffffff, "-1.7976931348623157e+308"},
                {0x4340000000000000, "9007199254740992"},
                {0xc340000000000000, "-9007199254740992"},
                {0x4430000000000000, "295147905179352830000"},
                {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                {0x44b52d02c7e14af6, "1e+23"},
                {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                {0x444b1ae4d6e2ef50, "1e+21"},
                {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                {0x3eb0c6f7a0b5ed8d, "0.000001"},
                {0x41b3de4355555553, "333333333.3333332"},
                {0x41b3de4355555554, "333333333.33333325"},
                {0x41b3de4355555555, "333333333.3333333"},
                {0x41b3de4355555556, "333333333.3333334"},
                {0x41b3de4355555557, "333333333.33333343"},
                {0xbecbf647612f3696, "-0.0000033333333333333333"},
                {0x43143ff3c1cb0959, "1424953923781206.2"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double number;
        char text[YW_JCS_NUMBER_MAX];

        memcpy(&number, &rows[i].bits, sizeof number);
        yw_jcs_number(number, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void canonical(const char *text, const char *expected)
{
    struct yw_err err = {0};
    struct yw_buf out;
    json_t *json;

    yw_buf_init(&out, 4096);
    assert_int_equal(yw_json_load(&json, text, strlen(text), &err), 0);
    assert_int_equal(yw_jcs_write(&out, json, &err), 0);
    assert_string_equal(out.data, expected);
    json_decref(json);
    yw_buf_fini(&out);
}

/* RFC 8785 §3.2.2 and §3.2.3. */
static void test_samples(void **state)
{
    (void)state;
    canonical(
        "{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"
        "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
        "\"literals\":[null,true,false]}",
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,"
        "1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    canonical(
        "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew "
        "Letter "
        "Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\","
        "\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
        "{\"\\r\":\"Carriage "
        "Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"ö\":\"Latin "
        "Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning "
        "Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    canonical("{\"a\":\"\\b\\t\\n\\f\\r\\u001f\\u000b\"}",
              "{\"a\":\"\\b\\t\\n\\f\\r\\u001f\\u000b\"}");
}

static void test_beyond_a_double(void **state)
{
    struct yw_err err = {0};
    struct yw_buf out;
    json_t *json;

    (void)state;
    yw_buf_init(&out, 64);
    assert_int_equal(yw_json_load(&json, "{\"a\":9007199254740993}", 22, &err), 0);
    assert_int_equal(yw_jcs_write(&out, json, &err), YW_EINVAL);
    json_decref(json);
    yw_buf_fini(&out);
}

static const char playbook[] =
    "{\"type\":\"playbook\",\"id\":\"playbook--0d4f6b0a-6e3d-4c55-9a55-0f6c1a1d2b01\","
    "\"name\":\"加药\",\"priority\":1,\"modified\":\"2026-11-21T00:00:00.000Z\"}";

static char folder[] = "/tmp/yw-sign-XXXXXX";

/* Runs in the folder; fails the test when it fails. */
static void shell(const char *command)
{
    char *line = yw_strf("cd %s && { %s ; } >/dev/null 2>&1", folder, command);

    if (system(line) != 0)
        fail_msg("%s", command);
    free(line);
}

static char *read_text(const char *name, size_t *ret_size)
{
    char *path = yw_strf("%s/%s", folder, name), *text = NULL;
    struct yw_err err = {0};

    if (yw_file_read(path, 1 << 20, &text, ret_size, &err) < 0)
        fail_msg("%s", err.text);
    free(path);
    return text;
}

static int make_keys(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    shell("openssl genpkey -algorithm ed25519 -out Ed25519.pem");
    shell("openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out RS256.pem");
    shell(
        "openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out ES256.pem");
    shell("openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024 -out weak.pem");
    shell("for k in Ed25519 RS256 ES256; do openssl pkey -in $k.pem -pubout -out $k.pub; "
          "done");
    return yw_hash_setup();
}

static int drop_keys(void **state)
{
    (void)state;
    shell("rm -f *.pem *.pub *.bin *.txt");
    return rmdir(folder);
}

/* *new* */
static char *signed_by(const char *key, const char *text)
{
    char name[32];
    struct yw_err err = {0};
    struct yw_buf out;
    size_t size;

    (void)yw_copyf(name, sizeof name, "%s.pem", key);
    char *pem = read_text(name, &size);

    yw_buf_init(&out, 1 << 20);
    if (yw_playbook_sign(&out, text, strlen(text), pem, "演练中心", 1795996800000000,
                         &err) < 0)
        fail_msg("%s", err.text);
    free(pem);
    char *copy = yw_strdup(out.data);

    yw_buf_fini(&out);
    return copy;
}

static size_t checked(struct yw_signature_check *checks, const char *text,
                      const char *trusted)
{
    const char *const keys[] = {trusted};
    struct yw_err err = {0};
    size_t count;

    if (yw_playbook_verify(checks, &count, text, strlen(text), keys, trusted != NULL,
                           &err) < 0)
        fail_msg("%s", err.text);
    return count;
}

static void test_made_and_checked(void **state)
{
    static const char *const kinds[] = {"Ed25519", "RS256", "ES256"};
    struct yw_signature_check checks[YW_SIGNATURES_MAX];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char name[32], *text = signed_by(kinds[i], playbook), *trusted;
        size_t size;

        (void)yw_copyf(name, sizeof name, "%s.pub", kinds[i]);
        trusted = read_text(name, &size);
        assert_int_equal(checked(checks, text, NULL), 1);
        assert_int_equal(checks[0].state, YW_SIGNATURE_HOLDS);
        assert_true(checks[0].hex);
        assert_false(checks[0].trusted);
        assert_string_equal(checks[0].algorithm, kinds[i]);
        assert_string_equal(checks[0].signee, "演练中心");
        assert_int_equal(checked(checks, text, trusted), 1);
        assert_true(checks[0].trusted);
        free(trusted);
        free(text);
    }
}

/* Any change breaks it; so does another version, and a key that is not of that kind. */
static void test_broken(void **state)
{
    struct yw_signature_check checks[YW_SIGNATURES_MAX];
    char *text = signed_by("ES256", playbook);
    char *at = strstr(text, "\"priority\": 1");

    (void)state;
    at[strlen("\"priority\": ")] = '2';
    assert_int_equal(checked(checks, text, NULL), 1);
    assert_int_equal(checks[0].state, YW_SIGNATURE_BROKEN);
    free(text);
    text = signed_by("ES256", playbook);
    at = strstr(text, "\"modified\": \"2026");
    at[strlen("\"modified\": \"202")] = '7';
    (void)checked(checks, text, NULL);
    assert_int_equal(checks[0].state, YW_SIGNATURE_STALE);
    free(text);
    text = signed_by("ES256", playbook);
    at = strstr(text, "ES256");
    memcpy(at, "RS256", 5);
    (void)checked(checks, text, NULL);
    assert_int_equal(checks[0].state, YW_SIGNATURE_NO_KEY);
    at = strstr(text, "RS256");
    memcpy(at, "HS256", 5);
    (void)checked(checks, text, NULL);
    assert_int_equal(checks[0].state, YW_SIGNATURE_UNSUPPORTED);
    free(text);
}

static bool linted(const char *text, const char *code)
{
    struct yw_findings findings;
    bool found = false;

    assert_int_equal(
        yw_playbook_lint(&findings, text, strlen(text), YW_LINT_STRICT, NULL), 0);
    for (size_t i = 0; i < findings.count; i++)
        found = found || strcmp(findings.items[i].code, code) == 0;
    yw_findings_fini(&findings);
    return found;
}

/* The linter looks at the value too. */
static void test_linted(void **state)
{
    char *text = signed_by("Ed25519", playbook);

    (void)state;
    assert_false(linted(text, "S01"));
    assert_false(linted(text, "S02"));
    strstr(text, "\"priority\": 1")[strlen("\"priority\": ")] = '2';
    assert_true(linted(text, "S01"));
    free(text);
    text = signed_by("ES256", playbook);
    memcpy(strstr(text, "ES256"), "RS256", 5);
    assert_true(linted(text, "S02"));
    strstr(text, "\"related_to\": \"playbook--")[strlen("\"related_to\": \"playbook--")] =
        '9';
    assert_true(linted(text, "S03"));
    free(text);
}

/* A second signature is not about the first one. */
static void test_two_signatures(void **state)
{
    struct yw_signature_check checks[YW_SIGNATURES_MAX];
    char *one = signed_by("Ed25519", playbook);
    char *two = signed_by("RS256", one);

    (void)state;
    assert_int_equal(checked(checks, two, NULL), 2);
    assert_int_equal(checks[0].state, YW_SIGNATURE_HOLDS);
    assert_int_equal(checks[1].state, YW_SIGNATURE_HOLDS);
    free(one);
    free(two);
}

/* The openssl command says the same of a signature of ours, and we of one over the raw hash. */
static void test_other_hands(void **state)
{
    struct yw_signature_check checks[YW_SIGNATURES_MAX];
    char *text = signed_by("RS256", playbook), *bytes = NULL, *sums;
    const char *value = strstr(text, "\"value\": \"") + strlen("\"value\": \"");
    struct yw_err err = {0};
    struct yw_buf out, sign;
    size_t size = 0;
    json_t *json;

    (void)state;
    assert_int_equal(yw_json_load(&json, text, strlen(text), &err), 0);
    (void)json_object_del(json_array_get(json_object_get(json, "signatures"), 0),
                          "value");
    yw_buf_init(&out, 1 << 16);
    assert_int_equal(yw_jcs_write(&out, json, &err), 0);
    assert_int_equal(yw_base64url_read(value, strcspn(value, "\""), &bytes, &size), 0);
    char *path = yw_strf("%s/jcs.txt", folder);
    FILE *file = fopen(path, "we");

    assert_int_equal(fwrite(out.data, 1, out.size, file), out.size);
    (void)fclose(file);
    free(path);
    path = yw_strf("%s/sign.bin", folder);
    file = fopen(path, "we");
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    (void)fclose(file);
    free(path);
    shell("sha256sum jcs.txt | cut -d' ' -f1 | tr -d '\\n' > hex.txt && "
          "openssl dgst -sha256 -verify RS256.pub -signature sign.bin hex.txt");
    /* Theirs, over the raw hash. */
    shell("openssl dgst -sha256 -binary jcs.txt > raw.bin && openssl dgst -sha256 -sign "
          "RS256.pem -out sign.bin raw.bin");
    free(bytes);
    sums = read_text("sign.bin", &size);
    yw_buf_init(&sign, 4096);
    yw_base64url_put(&sign, sums, size);
    (void)json_object_set_new(json_array_get(json_object_get(json, "signatures"), 0),
                              "value", json_string(sign.data));
    char *theirs = json_dumps(json, 0);

    assert_int_equal(checked(checks, theirs, NULL), 1);
    assert_int_equal(checks[0].state, YW_SIGNATURE_HOLDS);
    assert_false(checks[0].hex);
    free(theirs);
    free(sums);
    yw_buf_fini(&sign);
    yw_buf_fini(&out);
    json_decref(json);
    free(text);
}

static void test_keys_refused(void **state)
{
    enum yw_sign_algorithm algorithm;
    struct yw_err err = {0};
    size_t size;
    char *weak = read_text("weak.pem", &size);

    (void)state;
    assert_int_equal(yw_sign_algorithm_of(weak, &algorithm, &err), YW_EINVAL);
    assert_non_null(strstr(err.text, "2048"));
    assert_int_equal(yw_sign_algorithm_of("nothing", &algorithm, &err), YW_EINVAL);
    free(weak);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),         cmocka_unit_test(test_samples),
        cmocka_unit_test(test_beyond_a_double), cmocka_unit_test(test_made_and_checked),
        cmocka_unit_test(test_broken),          cmocka_unit_test(test_linted),
        cmocka_unit_test(test_two_signatures),  cmocka_unit_test(test_other_hands),
        cmocka_unit_test(test_keys_refused)};

    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
