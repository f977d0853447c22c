#include "controller/firewall.h"

#include "controller/applet.h"

#include <stdio.h>
#include <string.h>

static const char *const protocols[] = {[YW_FIREWALL_ANY] = "",
                                        [YW_FIREWALL_TCP] = "tcp",
                                        [YW_FIREWALL_UDP] = "udp",
                                        [YW_FIREWALL_ICMP] = "icmp"};

static bool is(const char *word, const char *what)
{
    return strcmp(word, what) == 0;
}

/* -2: no such zone. */
static int zone_of(const struct yw_firewall *firewall, const char *name)
{
    if (is(name, "any"))
        return -1;
    for (int i = 0; i < firewall->zone_count; i++) {
        if (is(firewall->zones[i], name))
            return i;
    }
    return -2;
}

/* "502", "20000-20010". */
static bool read_ports(const char *word, struct yw_firewall_rule *ret)
{
    char first[8] = "";
    const char *dash = strchr(word, '-');
    double low = 0;
    double high = 0;
    size_t size = dash != NULL ? (size_t)(dash - word) : strlen(word);
    if (size >= sizeof(first))
        return false;
    memcpy(first, word, size);
    first[size] = '\0';
    if (!yw_conf_number(first, 1, UINT16_MAX, &low) ||
        !yw_conf_number(dash != NULL ? dash + 1 : first, low, UINT16_MAX, &high) ||
        low != (double)(uint16_t)low || high != (double)(uint16_t)high)
        return false;
    ret->port_low = (uint16_t)low;
    ret->port_high = (uint16_t)high;
    return true;
}

static bool read_net(const char *word, struct yw_firewall_net *ret)
{
    char address[16] = "";
    const char *slash = strchr(word, '/');
    double prefix = 32;
    size_t size = slash != NULL ? (size_t)(slash - word) : strlen(word);
    if (size >= sizeof(address))
        return false;
    memcpy(address, word, size);
    address[size] = '\0';
    if (!yw_applet_address(address, &ret->address) ||
        (slash != NULL && !yw_conf_number(slash + 1, 1, 32, &prefix)) ||
        prefix != (double)(int)prefix)
        return false;
    ret->prefix = (int)prefix;
    ret->address &= UINT32_MAX << (32 - ret->prefix);
    return true;
}

static int protocol_of(const char *word)
{
    for (int i = YW_FIREWALL_TCP; i <= YW_FIREWALL_ICMP; i++) {
        if (is(word, protocols[i]))
            return i;
    }
    return -1;
}

/* What stands behind the zones. */
static int parse_rest(const struct yw_conf_line *line, int at,
                      struct yw_firewall_rule *ret, char *problem)
{
    int protocol = at < line->count ? protocol_of(line->words[at]) : -1;
    if (protocol >= 0) {
        ret->protocol = (enum yw_firewall_protocol)protocol;
        at++;
        if (at < line->count && protocol != YW_FIREWALL_ICMP &&
            strchr("0123456789", line->words[at][0]) != NULL) {
            if (!read_ports(line->words[at], ret))
                return yw_conf_refuse(line, "a port is from 1 to 65535, or two as 20-30",
                                      line->words[at], problem);
            at++;
        }
    }
    for (; at + 1 < line->count; at += 2) {
        bool source = is(line->words[at], "from");
        if (!source && !is(line->words[at], "to"))
            break;
        if (!read_net(line->words[at + 1], source ? &ret->source : &ret->target))
            return yw_conf_refuse(line, "expected an address, 10.20.2.11 or 10.20.2.0/24",
                                  line->words[at + 1], problem);
    }
    if (at < line->count)
        return yw_conf_refuse(
            line, "a rule is: allow|deny FROM TO [tcp|udp|icmp [PORT]] [from A] [to A]",
            line->words[at], problem);
    return 0;
}

int yw_firewall_parse(const struct yw_firewall *firewall, const struct yw_conf_line *line,
                      int first, struct yw_firewall_rule *ret,
                      char problem[YW_CONF_PROBLEM_MAX])
{
    memset(ret, 0, sizeof(*ret));
    if (line->bad || line->count < first + 3 ||
        (!is(line->words[first], "allow") && !is(line->words[first], "deny")))
        return yw_conf_refuse(
            line, "a rule is: allow|deny FROM TO [tcp|udp|icmp [PORT]] [from A] [to A]",
            line->count > first ? line->words[first] : "", problem);
    ret->allow = is(line->words[first], "allow");
    ret->from = zone_of(firewall, line->words[first + 1]);
    ret->to = zone_of(firewall, line->words[first + 2]);
    if (ret->from < -1 || ret->to < -1)
        return yw_conf_refuse(line, "the firewall is on no such network",
                              line->words[ret->from < -1 ? first + 1 : first + 2],
                              problem);
    return parse_rest(line, first + 3, ret, problem);
}

static int load_line(struct yw_firewall *firewall, const struct yw_conf_line *line,
                     char *problem)
{
    const char *what = line->words[0];
    if (line->bad)
        return yw_conf_refuse(line, "too many words, or one too long", "", problem);
    if (is(what, "account"))
        return yw_accounts_add(&firewall->accounts, line, problem);
    if (is(what, "zone") && line->count == 2) {
        if (firewall->zone_count == YW_FIREWALL_ZONES_MAX)
            return yw_conf_refuse(line, "at most 8 zones", "", problem);
        memcpy(firewall->zones[firewall->zone_count++], line->words[1], YW_CONF_WORD_MAX);
        return 0;
    }
    if (!is(what, "rule"))
        return yw_conf_refuse(line, "unknown statement", what, problem);
    if (firewall->rule_count == YW_FIREWALL_RULES_MAX)
        return yw_conf_refuse(line, "at most 64 rules", "", problem);
    return yw_firewall_parse(firewall, line, 1, &firewall->rules[firewall->rule_count],
                             problem) == 0
               ? (firewall->rule_count++, 0)
               : -1;
}

int yw_firewall_load(struct yw_firewall *firewall, const char *text, size_t size,
                     char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    memset(firewall, 0, sizeof(*firewall));
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        if (load_line(firewall, &line, problem) != 0)
            return -1;
    }
    return 0;
}

static bool net_has(const struct yw_firewall_net *net, uint32_t address)
{
    return net->prefix == 0 ||
           ((address ^ net->address) & UINT32_MAX << (32 - net->prefix)) == 0;
}

static bool fits(const struct yw_firewall_rule *rule,
                 const struct yw_firewall_packet *packet)
{
    return (rule->from < 0 || rule->from == packet->from) &&
           (rule->to < 0 || rule->to == packet->to) &&
           (rule->protocol == YW_FIREWALL_ANY || rule->protocol == packet->protocol) &&
           (rule->port_low == 0 ||
            (packet->port >= rule->port_low && packet->port <= rule->port_high)) &&
           net_has(&rule->source, packet->source) &&
           net_has(&rule->target, packet->target);
}

bool yw_firewall_passes(const struct yw_firewall *firewall,
                        const struct yw_firewall_packet *packet)
{
    for (int i = 0; i < firewall->rule_count; i++) {
        if (fits(&firewall->rules[i], packet))
            return firewall->rules[i].allow;
    }
    return false;
}

static void put_net(struct yw_text_out *out, const char *before,
                    const struct yw_firewall_net *net)
{
    if (net->prefix == 0)
        return;
    yw_out_printf(out, "%s%u.%u.%u.%u", before, net->address >> 24,
                  net->address >> 16 & 255, net->address >> 8 & 255, net->address & 255);
    if (net->prefix < 32)
        yw_out_printf(out, "/%d", net->prefix);
}

static void put_ports(struct yw_text_out *out, const struct yw_firewall_rule *rule)
{
    if (rule->port_low != 0)
        yw_out_printf(out, " %u", rule->port_low);
    if (rule->port_high != rule->port_low)
        yw_out_printf(out, "-%u", rule->port_high);
}

void yw_firewall_text(const struct yw_firewall *firewall,
                      const struct yw_firewall_rule *rule, char ret[YW_FIREWALL_LINE_MAX])
{
    struct yw_text_out out = {.text = ret, .room = YW_FIREWALL_LINE_MAX};
    yw_out_printf(&out, "%s %s %s", rule->allow ? "allow" : "deny",
                  rule->from < 0 ? "any" : firewall->zones[rule->from],
                  rule->to < 0 ? "any" : firewall->zones[rule->to]);
    if (rule->protocol != YW_FIREWALL_ANY)
        yw_out_printf(&out, " %s", protocols[rule->protocol]);
    put_ports(&out, rule);
    put_net(&out, " from ", &rule->source);
    put_net(&out, " to ", &rule->target);
}

static void put_rule(struct yw_text_out *out, const struct yw_firewall_rule *rule)
{
    yw_out_printf(out, "add rule ip yanwu forward");
    if (rule->from >= 0)
        yw_out_printf(out, " iifname \"eth%d\"", rule->from);
    if (rule->to >= 0)
        yw_out_printf(out, " oifname \"eth%d\"", rule->to);
    put_net(out, " ip saddr ", &rule->source);
    put_net(out, " ip daddr ", &rule->target);
    if (rule->port_low != 0) {
        yw_out_printf(out, " %s dport", protocols[rule->protocol]);
        put_ports(out, rule);
    } else if (rule->protocol != YW_FIREWALL_ANY) {
        yw_out_printf(out, " ip protocol %s", protocols[rule->protocol]);
    }
    yw_out_printf(out, " counter %s\n", rule->allow ? "accept" : "drop");
}

/* A connection that is under way is looked at again when the rules change: answers pass
 * because the way back of an established one is let through, and the way forth is asked
 * for each packet. */
void yw_firewall_script(const struct yw_firewall *firewall, struct yw_text_out *out)
{
    yw_out_printf(out,
                  "add table ip yanwu\ndelete table ip yanwu\nadd table ip yanwu\n"
                  "add chain ip yanwu forward { type filter hook forward priority 0; "
                  "policy drop; }\n"
                  "add rule ip yanwu forward ct state invalid drop\n"
                  "add rule ip yanwu forward ct direction reply ct state "
                  "established,related accept\n");
    for (int i = 0; i < firewall->rule_count; i++)
        put_rule(out, &firewall->rules[i]);
}
