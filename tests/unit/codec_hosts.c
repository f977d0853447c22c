/* The hosts file: what it says, and how it says what is wrong. */
#include "codec/facts.h"
#include "codec/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_hosts_file file;

static void test_all_members(void **state)
{
    (void)state;
    static const char text[] =
        "{\"hosts\":[\n"
        " {\"name\":\"east\"},\n"
        " {\"name\":\"west\",\"uri\":\"qemu+tls://west/system\",\"weight\":3,\n"
        "  \"data\":\"/srv/yw\",\"underlay\":\"10.9.0.2\",\"drain\":true,\n"
        "  \"run\":[\"ssh\",\"west\",\"yanwu\",\"broker\"]},\n"
        " {\"name\":\"north\",\"uri\":\"qemu+tls://north/system\",\"pki\":\"/etc/yw/"
        "pki\"}]}";
    struct yw_err err = {0};

    if (yw_hosts_file_decode(&file, "hosts.json", text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(file.count, 3);
    assert_string_equal(file.hosts[0].name, "east");
    assert_int_equal(file.hosts[0].weight, 1);
    assert_int_equal(file.hosts[0].underlay, 0);
    assert_int_equal(file.hosts[0].run_count, 0);
    assert_int_equal(file.hosts[1].weight, 3);
    assert_true(file.hosts[1].drain);
    assert_int_equal(file.hosts[1].underlay, 0x0a090002);
    assert_string_equal(file.hosts[1].data, "/srv/yw");
    assert_string_equal(file.hosts[2].pki, "/etc/yw/pki");
    assert_int_equal(file.hosts[1].run_count, 4);
    assert_string_equal(file.hosts[1].run[3], "broker");
}

static void refused(const char *text, const char *part)
{
    struct yw_err err = {0};

    assert_int_equal(yw_hosts_file_decode(&file, "h.json", text, strlen(text), &err),
                     YW_EINVAL);
    if (strstr(err.text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, err.text);
}

static void expect_uri(const char *uri, const char *pki, const char *whole)
{
    char text[600], got[YW_HOSTS_FILE_TEXT_MAX];
    struct yw_err err = {0};

    (void)snprintf(text, sizeof text,
                   "{\"hosts\":[{\"name\":\"a\",\"uri\":\"%s\"%s%s%s}]}", uri,
                   pki ? ",\"pki\":\"" : "", pki ? pki : "", pki ? "\"" : "");
    if (yw_hosts_file_decode(&file, "h.json", text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
    yw_hosts_file_uri(&file.hosts[0], got);
    assert_string_equal(got, whole);
}

static void test_pki_goes_into_the_uri(void **state)
{
    (void)state;
    char pki[YW_HOSTS_FILE_TEXT_MAX] = "/", text[600];
    const char *uri = "qemu+tls://h/system";

    expect_uri("qemu+tcp://h/system", NULL, "qemu+tcp://h/system");
    expect_uri(uri, "/etc/pki", "qemu+tls://h/system?pkipath=/etc/pki");
    expect_uri("qemu+tls://h/system?mode=direct", "/etc/pki",
               "qemu+tls://h/system?mode=direct&pkipath=/etc/pki");
    refused("{\"hosts\":[{\"name\":\"a\",\"pki\":\"/etc/pki\"}]}", "/hosts/0/pki");
    refused("{\"hosts\":[{\"name\":\"a\",\"uri\":\"qemu+tcp://h/system\","
            "\"pki\":\"/etc/pki\"}]}",
            "qemu+tls://");
    refused("{\"hosts\":[{\"name\":\"a\",\"uri\":\"qemu+tls://h/system\","
            "\"pki\":\"/p&no_verify=1\"}]}",
            "an absolute path");
    refused("{\"hosts\":[{\"name\":\"a\",\"uri\":\"qemu+tls://h/system?pkipath=/b\","
            "\"pki\":\"/a\"}]}",
            "already");

    /* together exactly as long as a URI may be, and one more */
    size_t room = YW_HOSTS_FILE_TEXT_MAX - 1 - strlen(uri) - strlen("?pkipath=");
    struct yw_err err = {0};

    memset(pki + 1, 'p', room);
    pki[room] = '\0';
    (void)snprintf(text, sizeof text, "%s?pkipath=%s", uri, pki);
    expect_uri(uri, pki, text);
    pki[room] = 'p';
    pki[room + 1] = '\0';
    (void)snprintf(text, sizeof text,
                   "{\"hosts\":[{\"name\":\"a\",\"uri\":\"%s\",\"pki\":\"%s\"}]}", uri,
                   pki);
    assert_int_equal(yw_hosts_file_decode(&file, "h.json", text, strlen(text), &err),
                     YW_ELIMIT);
}

static void test_errors_name_line_and_path(void **state)
{
    (void)state;
    refused("{\"hosts\":[\n{\"name\":\"a\"},\n{\"name\":\"b\",\"wieght\":2}]}",
            "h.json:3: /hosts/1/wieght");
    refused("{\"hosts\":[\n{\"name\":\"a\"},\n{\"name\":\"b\",\"wieght\":2}]}",
            "'weight'");
    refused("{\"hosts\":[{\"name\":\"a\",\"weight\":1001}]}",
            "h.json:1: /hosts/0/weight: expected an integer from 1 to 1000; got 1001");
    refused("{\"hosts\":[{\"name\":\"a\",\"weight\":0}]}", "/hosts/0/weight");
    refused("{\"hosts\":[{\"name\":\"a }{\",\"data\":\"x\"}]}", "expected a name");
    refused("{\"hosts\":[{\"name\":\"a\"},\n{\"name\":\"a\"}]}",
            "h.json:2: /hosts/1/name: 'a' stands there twice");
    refused("{\"hosts\":[{\"name\":\"a\",\"underlay\":\"fe80::1\"}]}", "an IPv4 address");
    refused("{\"hosts\":[{\"name\":\"a\",\"underlay\":\"10.0.0.1\"},"
            "{\"name\":\"b\",\"underlay\":\"10.0.0.1\"}]}",
            "has this address already");
    refused(
        "{\"hosts\":[{\"name\":\"a\",\"data\":\"/x\"},{\"name\":\"b\",\"data\":\"/x\"}]}",
        "has this directory already");
    refused("{\"hosts\":[{\"name\":\"a\",\"run\":\"ssh a\"}]}",
            "an array of 1 to 16 words");
    refused("{\"hosts\":[{\"name\":\"a\",\"drain\":1}]}", "true or false");
    refused("{\"hosts\":[]}", "expected 1 to 64 hosts; got 0");
    refused("{\"hosts\":[{}]}", "/hosts/0/name");
    refused("{\"hosts\":\n[}", "line 2");
    refused("[]", "expected an object");
}

static bool stands_alone(const char *spans)
{
    char text[200];
    struct yw_host_facts facts;
    struct yw_err err = {0};

    (void)snprintf(text, sizeof text, "{\"cores\":2,\"memory_mib\":3,\"disk_mib\":4%s}",
                   spans);
    if (yw_facts_decode(&facts, text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
    return facts.alone;
}

static void test_a_host_tells_whether_networks_span_to_it(void **state)
{
    (void)state;
    assert_false(stands_alone(""));
    assert_false(stands_alone(",\"spans\":true"));
    assert_true(stands_alone(",\"spans\":false"));
}

static void test_a_host_tells_whether_it_keeps_packets(void **state)
{
    static const char blind[] =
        "{\"cores\":2,\"memory_mib\":3,\"disk_mib\":4,\"capture\":false}";
    struct yw_host_facts facts;

    (void)state;
    assert_int_equal(yw_facts_decode(&facts, blind, sizeof blind - 1, NULL), 0);
    assert_true(facts.no_capture);
    assert_false(stands_alone(",\"capture\":true"));
}

static void test_limit(void **state)
{
    (void)state;
    char *text = malloc(8192);
    size_t size = 0;
    struct yw_err err = {0};

    for (int count = YW_HOSTS_FILE_HOSTS_MAX; count <= YW_HOSTS_FILE_HOSTS_MAX + 1;
         count++) {
        size = (size_t)sprintf(text, "{\"hosts\":[");
        for (int i = 0; i < count; i++)
            size += (size_t)sprintf(text + size, "%s{\"name\":\"h%d\"}", i ? "," : "", i);
        size += (size_t)sprintf(text + size, "]}");
        assert_int_equal(yw_hosts_file_decode(&file, "h", text, size, &err),
                         count > YW_HOSTS_FILE_HOSTS_MAX ? YW_EINVAL : 0);
    }
    free(text);
    assert_int_equal(yw_hosts_file_read(&file, "/nonexistent/hosts.json", &err),
                     YW_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_members), cmocka_unit_test(test_pki_goes_into_the_uri),
        cmocka_unit_test(test_errors_name_line_and_path),
        cmocka_unit_test(test_a_host_tells_whether_networks_span_to_it),
        cmocka_unit_test(test_a_host_tells_whether_it_keeps_packets),
        cmocka_unit_test(test_limit)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
