#include "virt/net/guard.h"

#include "base/mem.h"
#include "virt/net/nft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX (4 * 1024 * 1024)

/* A chain as a whole: what it held before is replaced in the same transaction. */
static void put_chain(struct yw_buf *out, const char *family, const char *table,
                      const char *chain, const char *hook)
{
    yw_buf_printf(out, "add chain %s %s %s", family, table, chain);
    if (hook)
        yw_buf_printf(out, " { type filter hook %s priority -300; policy accept; }",
                      hook);
    yw_buf_printf(out, "\nflush chain %s %s %s\n", family, table, chain);
}

static void put_rules(struct yw_buf *out, const char *family, const char *table,
                      const char *chain, const char *const *rules)
{
    for (; *rules; rules++)
        yw_buf_printf(out, "add rule %s %s %s %s\n", family, table, chain, *rules);
}

static void put_sets(struct yw_buf *out, const char *table)
{
    static const char *const sets[][2] = {
        {"macs", "type ifname . ether_addr;"},
        {"addresses", "type ifname . ipv4_addr;"},
        {"locals", "type ifname . ipv6_addr;"},
        {"targets", "typeof iifname . @th,64,128;"},
        {"spoofers", "type ifname;"},
        {"routers", "type ifname;"},
    };

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        yw_buf_printf(out, "add set bridge %s %s { %s }\n", table, sets[i][0],
                      sets[i][1]);
}

/* From a machine. Neighbour advertisements speak for the machine's own address only
 * (`targets`); fragments of IPv6 would hide what they are (RFC 6980). */
static void put_bridge_chains(struct yw_buf *out, const char *table)
{
    static const char *const arp[] = {
        "iifname . arp saddr ether != @macs drop",
        "iifname @spoofers accept",
        "arp saddr ip 0.0.0.0 accept",
        "iifname . arp saddr ip @addresses accept",
        "drop",
        NULL,
    };
    static const char *const ip4[] = {
        "udp sport 67 drop",
        "iifname @spoofers accept",
        "iifname @routers accept",
        "iifname . ip saddr @addresses accept",
        "drop",
        NULL,
    };
    static const char *const advert[] = {
        "iifname . @th,64,128 @targets accept",
        "drop",
        NULL,
    };
    static const char *const ip6[] = {
        "exthdr frag exists drop",
        "icmpv6 type { nd-router-advert, nd-redirect } drop",
        "udp sport 547 drop",
        "icmpv6 type nd-neighbor-advert goto say_advert",
        "ip6 saddr :: accept",
        "iifname . ip6 saddr @locals accept",
        "drop",
        NULL,
    };
    static const char *const all[] = {
        "ether type { 8021q, 8021ad } drop", "iifname . ether saddr != @macs drop",
        "ether type arp goto say_arp",       "ether type ip goto say_ipv4",
        "ether type ip6 goto say_ipv6",      NULL,
    };

    put_chain(out, "bridge", table, "say_arp", NULL);
    put_rules(out, "bridge", table, "say_arp", arp);
    put_chain(out, "bridge", table, "say_ipv4", NULL);
    put_rules(out, "bridge", table, "say_ipv4", ip4);
    put_chain(out, "bridge", table, "say_advert", NULL);
    put_rules(out, "bridge", table, "say_advert", advert);
    put_chain(out, "bridge", table, "say_ipv6", NULL);
    put_rules(out, "bridge", table, "say_ipv6", ip6);
    put_chain(out, "bridge", table, "machine", "prerouting");
    yw_buf_printf(out, "add rule bridge %s machine iifname != \"%st*\" accept\n", table,
                  table);
    put_rules(out, "bridge", table, "machine", all);
}

/* Where the host passes bridged packets through these hooks (br_netfilter), they come
 * with the bridge as both ends: `same`. */
static void put_inet_chains(struct yw_buf *out, const char *table, const char *bridge)
{
    yw_buf_printf(out, "add set inet %s same { type ifname . ifname; }\n", table);
    put_chain(out, "inet", table, "to_host", "input");
    yw_buf_printf(out, "add rule inet %s to_host iifname \"%s-*\" drop\n", table, table);
    put_chain(out, "inet", table, "from_host", "output");
    yw_buf_printf(out, "add rule inet %s from_host oifname \"%s-*\" drop\n", table,
                  table);
    put_chain(out, "inet", table, "through", "forward");
    yw_buf_printf(out, "add rule inet %s through iifname . oifname @same accept\n",
                  table);
    yw_buf_printf(out, "add rule inet %s through iifname \"%s-*\" drop\n", table, table);
    yw_buf_printf(out, "add rule inet %s through oifname \"%s-*\" drop\n", table, table);
    yw_buf_printf(out, "add element inet %s same { \"%s\" . \"%s\" }\n", table, bridge,
                  bridge);
}

/* The link-local address that the kernel makes of a MAC (RFC 4291, modified EUI-64), as
 * 16 digits behind fe80::. False: not a MAC. */
static bool local_of(const char *mac, char text[17])
{
    unsigned b[6];

    if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4],
               &b[5]) != 6)
        return false;
    (void)snprintf(text, 17, "%02x%02x%02xfffe%02x%02x%02x", (b[0] ^ 2u) & 0xffu, b[1],
                   b[2], b[3], b[4], b[5]);
    return true;
}

static void put_port(struct yw_buf *out, const char *table,
                     const struct yw_guard_port *port)
{
    char address[16], local[17];

    if (port->address == 0) /* without a MAC that may speak, nothing passes */
        return;
    yw_spec_address_text(port->address, address);
    yw_buf_printf(out, "add element bridge %s macs { \"%s\" . %s }\n", table, port->tap,
                  port->mac);
    yw_buf_printf(out, "add element bridge %s addresses { \"%s\" . %s }\n", table,
                  port->tap, address);
    if (port->spoof)
        yw_buf_printf(out, "add element bridge %s spoofers { \"%s\" }\n", table,
                      port->tap);
    if (port->routes)
        yw_buf_printf(out, "add element bridge %s routers { \"%s\" }\n", table,
                      port->tap);
    if (!local_of(port->mac, local))
        return;
    yw_buf_printf(out,
                  "add element bridge %s locals { \"%s\" . fe80::%.4s:%.4s:%.4s:%.4s }\n",
                  table, port->tap, local, local + 4, local + 8, local + 12);
    yw_buf_printf(out,
                  "add element bridge %s targets { \"%s\" . 0xfe80000000000000%s }\n",
                  table, port->tap, local);
}

static void put_all(struct yw_buf *out, const char *table, const char *drill,
                    const char *bridge)
{
    yw_buf_printf(out, "add table bridge %s { comment \"yanwu:%s\"; }\n", table, drill);
    put_sets(out, table);
    put_bridge_chains(out, table);
    yw_buf_printf(out, "add table inet %s { comment \"yanwu:%s\"; }\n", table, drill);
    put_inet_chains(out, table, bridge);
}

void yw_guard_rules(struct yw_buf *out, const char *drill, const char *bridge,
                    const struct yw_guard_port *ports, size_t count)
{
    char table[YW_PLAN_BRIDGE_MAX];

    yw_plan_prefix(drill, table);
    put_all(out, table, drill, bridge);
    for (size_t i = 0; i < count; i++)
        put_port(out, table, &ports[i]);
}

static int run(struct yw_buf *script, struct yw_err *err)
{
    int code = script->overflow ? yw_err_set(err, YW_ELIMIT, "too many rules")
                                : yw_nft_run(script->data, script->size, NULL, 0, err);

    yw_buf_fini(script);
    return code;
}

int yw_guard_up(const char *drill, const char *bridge, const struct yw_guard_port *ports,
                size_t count, struct yw_err *err)
{
    struct yw_buf script;

    yw_buf_init(&script, RULES_MAX);
    yw_guard_rules(&script, drill, bridge, ports, count);
    int code = run(&script, err);

    return code < 0 ? yw_err_prefix(err, "guard of '%s'", bridge) : 0;
}

int yw_guard_down(const char *drill, struct yw_err *err)
{
    static const char *const families[] = {"bridge", "inet"};
    char table[YW_PLAN_BRIDGE_MAX];
    struct yw_buf script;

    yw_plan_prefix(drill, table);
    yw_buf_init(&script, 1024);
    for (size_t i = 0; i < 2; i++) /* adding first: so removing never fails */
        yw_buf_printf(&script, "add table %s %s\ndelete table %s %s\n", families[i],
                      table, families[i], table);
    int code = run(&script, err);

    if (code == YW_ENOTFOUND) /* no nft: so there never was a table */
        return 0;
    return code < 0 ? yw_err_prefix(err, "guard of drill '%s'", drill) : 0;
}

int yw_guard_find(const char *drill, bool *ret_found, struct yw_err *err)
{
    static const char script[] = "list tables bridge\nlist tables inet\n";
    char table[YW_PLAN_BRIDGE_MAX];
    char *output = yw_new(YW_NFT_OUTPUT_MAX);

    yw_plan_prefix(drill, table);
    int code = yw_nft_run(script, strlen(script), output, YW_NFT_OUTPUT_MAX, err);

    *ret_found = code == 0 && strstr(output, table) != NULL;
    free(output);
    return code == YW_ENOTFOUND ? 0 : code;
}

int yw_guard_check(struct yw_err *err)
{
    static const char name[] = "ywprobe0";
    struct yw_guard_port port = {.mac = "52:54:00:00:00:01", .address = 1, .spoof = true};
    struct yw_buf script;
    struct yw_err why;

    YW_COPY(port.tap, "ywprobe0t0n0");
    yw_buf_init(&script, RULES_MAX);
    put_all(&script, name, "probe", "ywprobe0-0");
    put_port(&script, name, &port);
    yw_buf_printf(&script, "delete table bridge %s\ndelete table inet %s\n", name, name);
    return run(&script, &why) < 0 ? yw_err_set(err, YW_ENOTFOUND, "%s", why.text) : 0;
}
