/* What the images with packaged programs are told, and what they make of it for those
 * programs: accounts, rules, topics, log lines. */
#include "controller/firewall.h"
#include "controller/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char wall_text[] = "zone it\nzone control\n"
                                "rule allow it control tcp 502 from 10.20.4.66\n"
                                "rule deny any control\n"
                                "account ops summer24\n";
static char problem[YW_CONF_PROBLEM_MAX];
static char text[YW_FIREWALL_SCRIPT_MAX];
static char line[512];

static struct yw_firewall *load(const char *configuration)
{
    struct yw_firewall *firewall = calloc(1, sizeof(*firewall));
    if (yw_firewall_load(firewall, configuration, strlen(configuration), problem) != 0)
        fail_msg("%s", problem);
    return firewall;
}

static void test_script(void **state)
{
    struct yw_firewall *firewall = load(wall_text);
    struct yw_text_out out = {.text = text, .room = sizeof(text)};
    (void)state;
    yw_firewall_script(firewall, &out);
    assert_false(out.full);
    assert_non_null(strstr(text, "hook forward priority 0; policy drop; }\n"));
    assert_non_null(strstr(text, "\nadd rule ip yanwu forward iifname \"eth0\" oifname "
                                 "\"eth1\" ip saddr 10.20.4.66 tcp dport 502 counter "
                                 "accept\nadd rule ip yanwu forward oifname \"eth1\" "
                                 "counter drop\n"));
    free(firewall);
}

/* What a rule says is what is shown of it. */
static void test_rules(void **state)
{
    static const char *const good[] = {
        "allow it control",
        "deny any any",
        "allow it control udp 20-30",
        "allow it any icmp",
        "allow control it tcp from 10.20.2.0/24 to 10.20.4.66",
        "allow it control tcp 502 to 10.20.2.11"};
    static const char *const bad[] = {"permit it control",
                                      "allow it",
                                      "allow it mars",
                                      "allow it control tcp 0",
                                      "allow it control tcp 70000",
                                      "allow it control tcp 30-20",
                                      "allow it control tcp 5x",
                                      "allow it control icmp 80",
                                      "allow it control from 10.20.2",
                                      "allow it control from 10.20.2.0/33",
                                      "allow it control to",
                                      "allow it control tcp 502 accept"};
    struct yw_firewall *firewall = load(wall_text);
    struct yw_firewall_rule rule;
    struct yw_conf conf;
    struct yw_conf_line words;
    char shown[YW_FIREWALL_LINE_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        yw_conf_begin(&conf, good[i], strlen(good[i]));
        assert_true(yw_conf_next(&conf, &words));
        if (yw_firewall_parse(firewall, &words, 0, &rule, problem) != 0)
            fail_msg("%s: %s", good[i], problem);
        yw_firewall_text(firewall, &rule, shown);
        assert_string_equal(shown, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        yw_conf_begin(&conf, bad[i], strlen(bad[i]));
        assert_true(yw_conf_next(&conf, &words));
        if (yw_firewall_parse(firewall, &words, 0, &rule, problem) == 0)
            fail_msg("%s: taken", bad[i]);
    }
    free(firewall);
}

static void test_orders(void **state)
{
    struct yw_firewall *firewall = load(wall_text);
    (void)state;
    assert_int_equal(yw_firewall_order(firewall, "10.20.4.5",
                                       "user=ops&password=x&do=remove&at=1", line,
                                       sizeof(line)),
                     403);
    assert_string_equal(line, "{\"kind\":\"firewall-refused\",\"from\":\"10.20.4.5\","
                              "\"user\":\"ops\",\"why\":\"wrong user or password\"}");
    assert_int_equal(yw_firewall_order(firewall, "10.20.4.5",
                                       "user=ops&password=summer24&do=replace&at=2&line="
                                       "allow+it+control+icmp",
                                       line, sizeof(line)),
                     303);
    assert_string_equal(line, "{\"kind\":\"firewall-rule\",\"from\":\"10.20.4.5\","
                              "\"user\":\"ops\",\"action\":\"replace\",\"at\":2,"
                              "\"old\":\"deny any control\","
                              "\"new\":\"allow it control icmp\"}");
    assert_int_equal(yw_firewall_order(firewall, "10.20.4.5",
                                       "user=ops&password=summer24&do=remove&at=1", line,
                                       sizeof(line)),
                     303);
    assert_int_equal(firewall->rule_count, 1);
    assert_int_equal(yw_firewall_order(firewall, "10.20.4.5",
                                       "user=ops&password=summer24&do=remove&at=2", line,
                                       sizeof(line)),
                     409);
    assert_int_equal(yw_firewall_order(firewall, "10.20.4.5",
                                       "user=ops&password=summer24&do=add&line="
                                       "allow+it+%22;flush",
                                       line, sizeof(line)),
                     400);
    assert_null(strchr(line + strlen("{\"kind\":\"firewall-refused\",\"from\":\""), ';'));
    free(firewall);
}

/* One more than the limits is refused, by the file and by the page. */
static void test_limits(void **state)
{
    static const char add[] = "user=ops&password=summer24&do=add&at=1&line=deny+any+any";
    struct yw_firewall *firewall = load(wall_text);
    char many[YW_FIREWALL_RULES_MAX * 20 + 64] = "";
    struct yw_text_out out = {.text = many, .room = sizeof(many)};
    (void)state;
    while (firewall->rule_count < YW_FIREWALL_RULES_MAX)
        assert_int_equal(yw_firewall_order(firewall, "1.2.3.4", add, line, sizeof(line)),
                         303);
    assert_int_equal(yw_firewall_order(firewall, "1.2.3.4", add, line, sizeof(line)),
                     409);
    struct yw_text_out script = {.text = text, .room = sizeof(text)};
    yw_firewall_script(firewall, &script);
    assert_false(script.full);
    for (int i = 0; i <= YW_FIREWALL_RULES_MAX; i++)
        yw_out_printf(&out, "rule deny any any\n");
    assert_int_equal(yw_firewall_load(firewall, many, out.size, problem), -1);
    assert_string_equal(problem, "line 65: at most 64 rules");
    free(firewall);
}

static void test_page(void **state)
{
    struct yw_firewall *firewall = load(wall_text);
    struct yw_text_out out = {.text = text, .room = sizeof(text)};
    const char *type;
    (void)state;
    assert_int_equal(yw_firewall_page(firewall, "/", &out, &type), 200);
    assert_non_null(strstr(text, "<li>deny any control</li>"));
    assert_non_null(strstr(text, "防火墙规则"));
    assert_non_null(strstr(text, "<form"));
    assert_null(strstr(text, "summer24"));
    firewall->accounts.count = 0; /* nobody owns it: it can be read alone */
    out.size = 0;
    assert_int_equal(yw_firewall_page(firewall, "/en", &out, &type), 200);
    assert_null(strstr(text, "<form"));
    free(firewall);
}

static void refuse_account(const char *statement, const char *why)
{
    struct yw_accounts accounts;
    assert_int_equal(yw_accounts_load(&accounts, statement, strlen(statement), problem),
                     -1);
    if (strstr(problem, why) == NULL)
        fail_msg("%s: %s", statement, problem);
}

static void test_accounts(void **state)
{
    char many[1024] = "";
    struct yw_text_out out = {.text = many, .room = sizeof(many)};
    (void)state;
    refuse_account("account root x", "is not root");
    refuse_account("account Ops x", "a user has");
    refuse_account("account ops", "user:password");
    refuse_account("account ops \"a:b\"", "visible characters");
    refuse_account("account ops \"a b\"", "visible characters");
    refuse_account("account ops a\naccount ops b", "line 2: the user has an account");
    refuse_account("acount ops a", "unknown statement");
    for (int i = 0; i <= YW_ACCOUNTS_MAX; i++)
        yw_out_printf(&out, "account u%d x\n", i);
    refuse_account(many, "line 17: at most 16 accounts");
}

static void expect_login(const char *said, const char *expected)
{
    struct yw_accounts accounts = {.count = 1, .items = {{"ops", "x"}}};
    bool told = yw_login_line(&accounts, said, line, sizeof(line));
    assert_int_equal(told, expected != NULL);
    if (told)
        assert_string_equal(line, expected);
}

/* As dropbear 2022.83 says it. */
static void test_logins(void **state)
{
    (void)state;
    expect_login("[86] Nov 21 11:55:01 Password auth succeeded for 'ops' from "
                 "10.20.2.1:40312",
                 "{\"kind\":\"login\",\"result\":\"accepted\",\"user\":\"ops\","
                 "\"from\":\"10.20.2.1\"}");
    expect_login("[86] Nov 21 11:55:01 Bad password attempt for 'ops' from "
                 "10.20.2.1:40312",
                 "{\"kind\":\"login\",\"result\":\"refused\",\"user\":\"ops\","
                 "\"from\":\"10.20.2.1\"}");
    expect_login("[86] Nov 21 11:55:01 Login attempt for nonexistent user from "
                 "10.20.2.1:40312",
                 "{\"kind\":\"login\",\"result\":\"no-such-user\",\"user\":\"\","
                 "\"from\":\"10.20.2.1\"}");
    expect_login("[86] Nov 21 11:55:02 Exit (ops) from <10.20.2.1:40312>: Disconnect "
                 "received",
                 "{\"kind\":\"login\",\"result\":\"closed\",\"user\":\"ops\","
                 "\"from\":\"10.20.2.1\"}");
    expect_login("[86] Nov 21 11:55:01 Child connection from 10.20.2.1:40312", NULL);
    expect_login(
        "Bad password attempt for '\",\"x\":\"' from \"}", /* no byte of theirs */
        "{\"kind\":\"login\",\"result\":\"refused\",\"user\":\"\",\"from\":\"\"}");
}

static const char broker_text[] = "account plc p1\naccount hmi p2\n"
                                  "topic plc write fleet/#\ntopic hmi read \"fleet/#\"\n";

static void test_topics(void **state)
{
    struct yw_topics *topics = calloc(1, sizeof(*topics));
    struct yw_text_out out = {.text = text, .room = sizeof(text)};
    static const char *const bad[] = {
        "topic nobody read a", "account plc x\ntopic plc own a",
        "account plc x\ntopic plc read", "account plc x\ntopic plc read \"a b\""};
    (void)state;
    assert_int_equal(
        yw_topics_load(topics, broker_text, sizeof(broker_text) - 1, problem), 0);
    yw_topics_acl(topics, &out);
    assert_string_equal(text, "user plc\ntopic write fleet/#\n\n"
                              "user hmi\ntopic read fleet/#\n\n");
    out.size = 0;
    yw_topics_passwords(topics, &out);
    assert_string_equal(text, "plc:p1\nhmi:p2\n");
    assert_true(yw_topics_line(topics,
                               "New client connected from 10.20.2.1:5123 as a, u'x' (p2, "
                               "c1, k60, u'hmi').",
                               line, sizeof(line)));
    assert_string_equal(line, "{\"kind\":\"mqtt-client\",\"state\":\"connected\","
                              "\"user\":\"hmi\",\"from\":\"10.20.2.1\"}");
    assert_true(yw_topics_line(topics, "Client \"}x disconnected, not authorised.", line,
                               sizeof(line)));
    assert_string_equal(line, "{\"kind\":\"mqtt-client\",\"state\":\"refused\","
                              "\"user\":\"\",\"from\":\"\"}");
    assert_false(
        yw_topics_line(topics, "Opening ipv4 listen socket", line, sizeof(line)));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(yw_topics_load(topics, bad[i], strlen(bad[i]), problem), -1);
    free(topics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_script), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_orders), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_page),   cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_logins), cmocka_unit_test(test_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
