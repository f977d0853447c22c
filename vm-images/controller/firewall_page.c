#include "controller/firewall.h"

#include <stdio.h>
#include <string.h>

/* What a form holds, read and checked before anything changes. */
struct order {
    char user[YW_ACCOUNT_USER_MAX];
    char password[YW_CONF_WORD_MAX];
    char what[12];
    int at; /* from 0 */
    bool has_rule;
    struct yw_firewall_rule rule;
    char why[YW_CONF_PROBLEM_MAX];
};

static bool read_rule(const struct yw_firewall *firewall, const char *body,
                      struct order *order)
{
    char text[YW_FIREWALL_LINE_MAX];
    struct yw_conf conf;
    struct yw_conf_line line;
    if (!yw_http_field(body, "line", text, sizeof(text)))
        return false;
    yw_conf_begin(&conf, text, strlen(text));
    order->has_rule =
        yw_conf_next(&conf, &line) &&
        yw_firewall_parse(firewall, &line, 0, &order->rule, order->why) == 0;
    return order->has_rule;
}

/* The status that the form deserves, 303 when it can be done. */
static int read_order(const struct yw_firewall *firewall, const char *body,
                      struct order *order)
{
    char number[8] = "0";
    double at = 0;
    memset(order, 0, sizeof(*order));
    (void)yw_http_field(body, "user", order->user, sizeof(order->user));
    (void)yw_http_field(body, "password", order->password, sizeof(order->password));
    (void)yw_http_field(body, "do", order->what, sizeof(order->what));
    (void)yw_http_field(body, "at", number, sizeof(number));
    if (!yw_accounts_match(&firewall->accounts, order->user, order->password)) {
        (void)snprintf(order->why, sizeof(order->why), "wrong user or password");
        return 403;
    }
    bool adds = strcmp(order->what, "add") == 0;
    bool removes = strcmp(order->what, "remove") == 0;
    if ((!adds && !removes && strcmp(order->what, "replace") != 0) ||
        !yw_conf_number(number, 0, YW_FIREWALL_RULES_MAX, &at) || at != (double)(int)at) {
        (void)snprintf(order->why, sizeof(order->why), "no such order");
        return 400;
    }
    order->at = (int)at == 0 && adds ? firewall->rule_count : (int)at - 1;
    if (order->at < 0 || order->at >= firewall->rule_count + (adds ? 1 : 0) ||
        (adds && firewall->rule_count == YW_FIREWALL_RULES_MAX)) {
        (void)snprintf(order->why, sizeof(order->why), "no such rule, or no room");
        return 409;
    }
    if (!removes && !read_rule(firewall, body, order)) {
        if (order->why[0] == '\0')
            (void)snprintf(order->why, sizeof(order->why), "a rule is missing");
        return 400;
    }
    return 303;
}

static void change(struct yw_firewall *firewall, const struct order *order)
{
    struct yw_firewall_rule *place = &firewall->rules[order->at];
    size_t behind = (size_t)(firewall->rule_count - order->at);
    if (strcmp(order->what, "add") == 0) {
        memmove(place + 1, place, behind * sizeof(*place));
        firewall->rule_count++;
    } else if (strcmp(order->what, "remove") == 0) {
        memmove(place, place + 1, (behind - 1) * sizeof(*place));
        firewall->rule_count--;
        return;
    }
    *place = order->rule;
}

int yw_firewall_order(struct yw_firewall *firewall, const char *from, const char *body,
                      char *line, size_t line_size)
{
    struct order order;
    char old[YW_FIREWALL_LINE_MAX] = "";
    char text[YW_FIREWALL_LINE_MAX] = "";
    int status = read_order(firewall, body, &order);
    if (status != 303) {
        for (char *at = order.why; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\' || *at < ' ' || *at > '~')
                *at = '?';
        }
        (void)snprintf(line, line_size,
                       "{\"kind\":\"firewall-refused\",\"from\":\"%s\",\"user\":\"%s\","
                       "\"why\":\"%s\"}",
                       from,
                       yw_accounts_has(&firewall->accounts, order.user) ? order.user : "",
                       order.why);
        return status;
    }
    if (strcmp(order.what, "add") != 0)
        yw_firewall_text(firewall, &firewall->rules[order.at], old);
    if (order.has_rule)
        yw_firewall_text(firewall, &order.rule, text);
    change(firewall, &order);
    (void)snprintf(line, line_size,
                   "{\"kind\":\"firewall-rule\",\"from\":\"%s\",\"user\":\"%s\","
                   "\"action\":\"%s\",\"at\":%d,\"old\":\"%s\",\"new\":\"%s\"}",
                   from, order.user, order.what, order.at + 1, old, text);
    return status;
}

/* chinese, english */
static const char *const words[][2] = {
    {"防火墙规则", "Firewall rules"},
    {"按序匹配，未匹配的丢弃。", "The first that fits decides; the rest is dropped."},
    {"用户", "User"},
    {"口令", "Password"},
    {"操作", "Order"},
    {"序号", "Number"},
    {"规则", "Rule"},
    {"新增", "add"},
    {"删除", "remove"},
    {"替换", "replace"},
    {"执行", "Do it"},
};

static void put_form(struct yw_text_out *out, int language)
{
    static const char *const orders[] = {"add", "remove", "replace"};
    yw_out_printf(out,
                  "<form method=post action=/%s><p>%s <input name=user> %s <input "
                  "name=password type=password></p><p>%s <select name=do>",
                  language == 0 ? "zh" : "en", words[2][language], words[3][language],
                  words[4][language]);
    for (int i = 0; i < 3; i++)
        yw_out_printf(out, "<option value=%s>%s</option>", orders[i],
                      words[7 + i][language]);
    yw_out_printf(out,
                  "</select> %s <input name=at size=3> %s <input name=line size=50> "
                  "<button>%s</button></p></form>",
                  words[5][language], words[6][language], words[10][language]);
}

static void put_page(const struct yw_firewall *firewall, int language,
                     struct yw_text_out *out)
{
    char text[YW_FIREWALL_LINE_MAX];
    yw_out_printf(out,
                  "<!doctype html><html lang=%s><meta charset=utf-8><title>%s</title>"
                  "<h1>%s</h1><p>%s</p><ol>",
                  language == 0 ? "zh-CN" : "en", words[0][language], words[0][language],
                  words[1][language]);
    for (int i = 0; i < firewall->rule_count; i++) {
        yw_firewall_text(firewall, &firewall->rules[i], text);
        yw_out_printf(out, "<li>");
        yw_out_escaped(out, text);
        yw_out_printf(out, "</li>");
    }
    yw_out_printf(out, "</ol>");
    if (firewall->accounts.count > 0)
        put_form(out, language);
    yw_out_printf(out, "</html>\n");
}

int yw_firewall_page(const struct yw_firewall *firewall, const char *path,
                     struct yw_text_out *out, const char **ret_type)
{
    char text[YW_FIREWALL_LINE_MAX];
    if (strcmp(path, "/rules") == 0) {
        *ret_type = "text/plain; charset=utf-8";
        for (int i = 0; i < firewall->rule_count; i++) {
            yw_firewall_text(firewall, &firewall->rules[i], text);
            yw_out_printf(out, "%s\n", text);
        }
        return 200;
    }
    *ret_type = "text/html; charset=utf-8";
    put_page(firewall, strncmp(path, "/en", 3) == 0 ? 1 : 0, out);
    return 200;
}
