/* The router between zones: rules in order, the first that fits decides, what none fits is
 * dropped; answers to what was let through pass. Rules are lines of words:
 *
 *   allow|deny FROM TO [tcp|udp|icmp [PORT[-PORT]]] [from ADDRESS[/N]] [to ADDRESS[/N]]
 *
 * FROM and TO are zones (the networks of the scenario) or "any". Pure: this makes the text
 * that nft reads and the pages; role_firewall.c runs nft. Clients are hostile: no word of
 * theirs reaches nft, only what was parsed. */
#ifndef YW_CONTROLLER_FIREWALL_H
#define YW_CONTROLLER_FIREWALL_H

#include "controller/account.h"
#include "controller/http.h"

#include <stdint.h>

#define YW_FIREWALL_ZONES_MAX 8
#define YW_FIREWALL_RULES_MAX 64
#define YW_FIREWALL_LINE_MAX 160
#define YW_FIREWALL_SCRIPT_MAX (16 * 1024)

enum yw_firewall_protocol {
    YW_FIREWALL_ANY,
    YW_FIREWALL_TCP,
    YW_FIREWALL_UDP,
    YW_FIREWALL_ICMP
};

struct yw_firewall_net {
    uint32_t address; /* host byte order */
    int prefix;       /* 0: everybody */
};

struct yw_firewall_rule {
    bool allow;
    int from; /* zone; -1 any */
    int to;
    enum yw_firewall_protocol protocol;
    uint16_t port_low; /* 0: all */
    uint16_t port_high;
    struct yw_firewall_net source;
    struct yw_firewall_net target;
};

struct yw_firewall {
    char zones[YW_FIREWALL_ZONES_MAX][YW_CONF_WORD_MAX]; /* zone i is card i */
    int zone_count;
    struct yw_firewall_rule rules[YW_FIREWALL_RULES_MAX];
    int rule_count;
    struct yw_accounts accounts; /* who may change rules; none: nobody */
};

/* Statements: "zone NAME" in the order of the cards, "rule …", "account USER PASSWORD". */
int yw_firewall_load(struct yw_firewall *firewall, const char *text, size_t size,
                     char problem[YW_CONF_PROBLEM_MAX]);
/* The words from `first` on; 0, or -1 with a sentence. */
int yw_firewall_parse(const struct yw_firewall *firewall, const struct yw_conf_line *line,
                      int first, struct yw_firewall_rule *ret,
                      char problem[YW_CONF_PROBLEM_MAX]);
void yw_firewall_text(const struct yw_firewall *firewall,
                      const struct yw_firewall_rule *rule,
                      char ret[YW_FIREWALL_LINE_MAX]);
/* The first packet of a connection, as the rules see it. */
struct yw_firewall_packet {
    int from; /* zone that it comes from */
    int to;
    enum yw_firewall_protocol protocol;
    uint16_t port;   /* 0: the protocol has none */
    uint32_t source; /* host byte order */
    uint32_t target;
};

/* What nft decides by the rules: is it let through? */
bool yw_firewall_passes(const struct yw_firewall *firewall,
                        const struct yw_firewall_packet *packet);
/* All of it in one transaction, for `nft -f -`. */
void yw_firewall_script(const struct yw_firewall *firewall, struct yw_text_out *out);

/* What a form asked for: 303 it was done, 400, 403 or 409 it was not. `line` gets the
 * telemetry: {"kind":"firewall-rule","from":…,"user":…,"action":…,"at":…,"old":…,"new":…}
 * or {"kind":"firewall-refused",…}. Fields: user, password, do (add, remove, replace),
 * at (from 1; for add: before that one, 0 at the end), line. */
int yw_firewall_order(struct yw_firewall *firewall, const char *from, const char *body,
                      char *line, size_t line_size);
/* /zh, /en; /rules: one a line, as text. Returns the status. */
int yw_firewall_page(const struct yw_firewall *firewall, const char *path,
                     struct yw_text_out *out, const char **ret_type);

#endif
