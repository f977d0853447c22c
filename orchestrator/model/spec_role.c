/* What the roles of micro machines want of their fields: which field belongs to which
 * image, and what has to stand together. Names of tags and types are looked at where the
 * plants are known (drill/range/role.c). */
#include "model/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 5))) static int
refuse(struct yw_err *err, int line, const struct yw_spec_machine *machine,
       const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return yw_err_set(err, YW_EINVAL, "scenario.lua:%d: machine '%s': %s", line,
                      machine->name, text);
}

static bool is_one(const struct yw_spec_machine *machine, const char *image)
{
    return strcmp(machine->image, image) == 0;
}

static int check_points(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->point_count; i++) {
        const struct yw_spec_point *point = &spec->points[i];
        const struct yw_spec_machine *machine = &spec->machines[point->machine];

        if (!is_one(machine, "rtu"))
            return refuse(err, point->line, machine, "points belong to the image rtu");
        if (point->address < 1 || point->address > 0xffffff)
            return refuse(err, point->line, machine, "ioa must be from 1 to 16777215");
        for (size_t k = 0; k < i; k++) {
            if (spec->points[k].machine == point->machine &&
                spec->points[k].address == point->address)
                return refuse(err, point->line, machine,
                              "ioa %d is used already, in line %d", point->address,
                              spec->points[k].line);
        }
    }
    return 0;
}

static bool is_on(const struct yw_spec_machine *machine, int network)
{
    for (size_t i = 0; i < machine->nic_count; i++) {
        if (machine->nics[i].network == network)
            return true;
    }
    return false;
}

static int check_rule(const struct yw_spec *spec, const struct yw_spec_rule *rule,
                      struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[rule->machine];
    bool ports = strcmp(rule->protocol, "tcp") == 0 || strcmp(rule->protocol, "udp") == 0;

    if (!is_one(machine, "firewall"))
        return refuse(err, rule->line, machine, "rules belong to the image firewall");
    if (rule->protocol[0] != '\0' && !ports && strcmp(rule->protocol, "icmp") != 0)
        return refuse(err, rule->line, machine,
                      "protocol '%s' is none of tcp, udp and icmp", rule->protocol);
    if (rule->port != 0 && !ports)
        return refuse(err, rule->line, machine, "port needs protocol tcp or udp");
    for (int i = 0; i < 2; i++) {
        int network = i == 0 ? rule->from : rule->to;

        if (network >= 0 && !is_on(machine, network))
            return refuse(err, rule->line, machine,
                          "%s: the firewall has no address on network '%s'",
                          i == 0 ? "from" : "to", spec->networks[network].name);
    }
    return 0;
}

static int check_mirror(const struct yw_spec *spec, const struct yw_spec_machine *machine,
                        struct yw_err *err)
{
    if (machine->mirror_count == 0)
        return 0;
    if (!is_one(machine, "firewall"))
        return refuse(err, machine->line, machine,
                      "mirror belongs to the image firewall");
    if (machine->mirror_to < 0)
        return refuse(err, machine->line, machine,
                      "mirror and mirror_to belong together");
    if (!is_on(machine, machine->mirror_to))
        return refuse(err, machine->line, machine,
                      "mirror_to: the firewall has no address on network '%s'",
                      spec->networks[machine->mirror_to].name);
    for (size_t i = 0; i < machine->mirror_count; i++) {
        if (!is_on(machine, machine->mirrors[i]))
            return refuse(err, machine->line, machine,
                          "mirror: the firewall has no address on network '%s'",
                          spec->networks[machine->mirrors[i]].name);
        if (machine->mirrors[i] == machine->mirror_to)
            return refuse(err, machine->line, machine,
                          "mirror: network '%s' cannot be copied to itself",
                          spec->networks[machine->mirror_to].name);
    }
    return 0;
}

static int check_accounts(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->account_count; i++) {
        const struct yw_spec_account *account = &spec->accounts[i];
        const struct yw_spec_machine *machine = &spec->machines[account->machine];

        if (!is_one(machine, "jump"))
            return refuse(err, account->line, machine,
                          "accounts belong to the image jump");
        for (size_t k = 0; k < i; k++) {
            if (spec->accounts[k].machine == account->machine &&
                strcmp(spec->accounts[k].user, account->user) == 0)
                return refuse(err, account->line, machine,
                              "user '%s' stands already in line %d", account->user,
                              spec->accounts[k].line);
        }
    }
    return 0;
}

static size_t points_of(const struct yw_spec *spec, int machine)
{
    size_t count = 0;

    for (size_t i = 0; i < spec->point_count; i++)
        count += spec->points[i].machine == machine;
    return count;
}

static int check_machine(const struct yw_spec *spec, size_t index, struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[index];
    bool is_rtu = is_one(machine, "rtu");

    if (is_rtu && machine->plant < 0)
        return refuse(err, machine->line, machine,
                      "an rtu needs its plant: add field = …");
    if (is_rtu && points_of(spec, (int)index) == 0)
        return refuse(err, machine->line, machine, "an rtu needs points");
    if (machine->station != 0 && !is_rtu)
        return refuse(err, machine->line, machine, "station belongs to the image rtu");
    if (machine->master_count > 0 && !is_rtu && !is_one(machine, "sensor"))
        return refuse(err, machine->line, machine,
                      "masters belong to the images rtu and sensor");
    return check_mirror(spec, machine, err);
}

int yw_spec_check_roles(const struct yw_spec *spec, struct yw_err *err)
{
    int status = check_points(spec, err);

    for (size_t i = 0; i < spec->wall_rule_count && status == 0; i++)
        status = check_rule(spec, &spec->wall_rules[i], err);
    if (status == 0)
        status = check_accounts(spec, err);
    for (size_t i = 0; i < spec->machine_count && status == 0; i++)
        status = check_machine(spec, i, err);
    return status;
}
