/* Spec and plan out: what a scenario declares and what will exist. Lists here are arrays:
 * these documents are read once, not patched. */
#include "codec/facts.h"
#include "codec/state/state.h"
#include "codec/write.h"
#include "model/pairs.h"

#include <stdio.h>
#include <string.h>

static const char *machine_name(const struct yw_spec *spec, int index)
{
    return index >= 0 && (size_t)index < spec->machine_count ? spec->machines[index].name
                                                             : "";
}

static void write_cond(struct yw_writer *w, const char *key, const struct yw_cond *cond)
{
    struct yw_buf text;

    yw_buf_init(&text, 16 * 1024);
    yw_cond_describe(cond, &text);
    yw_write_string(w, key, text.data);
    yw_buf_fini(&text);
}

static void write_attacks(struct yw_writer *w, const struct yw_spec *spec)
{
    yw_write_array(w, "attacks");
    for (size_t i = 0; i < spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &spec->attacks[i];

        yw_write_object(w, NULL);
        yw_write_array(w, "argv");
        for (size_t k = 0; k < attack->argc; k++)
            yw_write_string(w, NULL, attack->argv[k]);
        yw_write_end(w, ']');
        yw_write_string(w, "from", machine_name(spec, attack->from));
        yw_write_string(w, "name", attack->name);
        yw_write_string(w, "needs", attack->needs);
        yw_write_string(w, "produces", attack->produces);
        yw_write_string(w, "technique", attack->technique);
        yw_write_string(w, "to", machine_name(spec, attack->to));
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_nics(struct yw_writer *w, const struct yw_spec *spec,
                       const struct yw_spec_machine *machine)
{
    char address[16];

    yw_write_array(w, "at");
    for (size_t i = 0; i < machine->nic_count; i++) {
        yw_spec_address_text(machine->nics[i].address, address);
        yw_write_object(w, NULL);
        yw_write_string(w, "address", address);
        yw_write_string(w, "network", spec->networks[machine->nics[i].network].name);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

/* Of an outstation. */
static void write_points(struct yw_writer *w, const struct yw_spec *spec, int machine)
{
    yw_write_array(w, "points");
    for (size_t i = 0; i < spec->point_count; i++) {
        const struct yw_spec_point *point = &spec->points[i];

        if (point->machine != machine)
            continue;
        yw_write_object(w, NULL);
        yw_write_int(w, "ioa", point->address);
        yw_write_int(w, "select_ms", point->select_ms);
        yw_write_string(w, "tag", point->tag);
        yw_write_string(w, "type", point->type);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static bool is_image(const struct yw_spec_machine *machine, const char *image)
{
    return strcmp(machine->image, image) == 0;
}

static void write_machines(struct yw_writer *w, const struct yw_spec *spec)
{
    yw_write_array(w, "machines");
    for (size_t i = 0; i < spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &spec->machines[i];

        yw_write_object(w, NULL);
        write_nics(w, spec, machine);
        yw_write_bool(w, "console", machine->console);
        yw_write_bool(w, "display", machine->display);
        yw_write_string(w, "field",
                        machine->plant >= 0 ? spec->plants[machine->plant].name : "");
        yw_write_bool(w, "hidden", machine->hidden);
        yw_write_string(w, "image", machine->image);
        yw_write_string(w, "name", machine->name);
        if (is_image(machine, "rtu"))
            write_points(w, spec, (int)i);
        yw_write_string(w, "program", machine->program);
        yw_write_bool(w, "promiscuous", machine->promiscuous);
        yw_write_string(w, "serves", machine_name(spec, machine->serves));
        yw_write_bool(w, "spoof", machine->spoof);
        if (is_image(machine, "rtu"))
            yw_write_int(w, "station", machine->station == 0 ? 1 : machine->station);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_networks(struct yw_writer *w, const struct yw_spec *spec)
{
    char address[16];
    char cidr[24];

    yw_write_array(w, "networks");
    for (size_t i = 0; i < spec->network_count; i++) {
        yw_spec_address_text(spec->networks[i].address, address);
        (void)snprintf(cidr, sizeof cidr, "%s/%d", address, spec->networks[i].prefix);
        yw_write_object(w, NULL);
        yw_write_int(w, "bandwidth_kbit", spec->networks[i].bandwidth_kbit);
        yw_write_bool(w, "capture", spec->networks[i].capture);
        yw_write_string(w, "cidr", cidr);
        yw_write_int(w, "delay_ms", spec->networks[i].delay_ms);
        yw_write_bool(w, "isolated", spec->networks[i].isolated);
        yw_write_string(w, "name", spec->networks[i].name);
        yw_write_string(w, "zone", spec->networks[i].zone);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_objectives(struct yw_writer *w, const struct yw_spec *spec)
{
    yw_write_array(w, "objectives");
    for (size_t i = 0; i < spec->objective_count; i++) {
        const struct yw_spec_objective *objective = &spec->objectives[i];

        yw_write_object(w, NULL);
        yw_write_int(w, "fades_to", objective->fades_to);
        write_cond(w, "met_by", &objective->met_by);
        yw_write_string(w, "name", objective->name);
        yw_write_int(w, "over_ms", objective->over_ms);
        yw_write_int(w, "points", objective->points);
        yw_write_text(w, "says", &objective->says);
        yw_write_string(w, "since",
                        objective->since >= 0 ? spec->attacks[objective->since].name
                                              : "");
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_plants(struct yw_writer *w, const struct yw_spec *spec)
{
    yw_write_array(w, "plants");
    for (size_t i = 0; i < spec->plant_count; i++) {
        yw_write_object(w, NULL);
        yw_write_string(w, "model", spec->plants[i].model);
        yw_write_string(w, "name", spec->plants[i].name);
        yw_write_double(w, "time_scale", spec->plants[i].time_scale);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_given(struct yw_writer *w, const char *vars)
{
    const char *name = NULL, *value;

    if (yw_pairs_count(vars) == 0)
        return;
    yw_write_object(w, "vars");
    while (yw_pairs_next(vars, &name, &value))
        yw_write_string(w, name, value);
    yw_write_end(w, '}');
}

static void write_playbooks(struct yw_writer *w, const struct yw_spec *spec)
{
    yw_write_array(w, "playbooks");
    for (size_t i = 0; i < spec->playbook_count; i++) {
        yw_write_object(w, NULL);
        yw_write_string(w, "file", spec->playbooks[i].file);
        yw_write_string(w, "name", spec->playbooks[i].name);
        if (spec->playbooks[i].lenient)
            yw_write_bool(w, "lenient", true);
        if (spec->playbooks[i].office[0] != '\0')
            yw_write_string(w, "office", spec->playbooks[i].office);
        else
            write_cond(w, "starts_on", &spec->playbooks[i].starts_on);
        write_given(w, spec->playbooks[i].vars);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

void yw_spec_encode(struct yw_buf *out, const struct yw_spec *spec)
{
    struct yw_writer writer;
    struct yw_writer *w = &writer;

    yw_writer_init(w, out);
    yw_write_object(w, NULL);
    write_attacks(w, spec);
    yw_write_bool(w, "hostile", spec->hostile);
    yw_write_string(w, "id", spec->id);
    yw_write_int(w, "length_ms", spec->length_ms);
    write_machines(w, spec);
    write_networks(w, spec);
    write_objectives(w, spec);
    write_plants(w, spec);
    write_playbooks(w, spec);
    yw_write_array(w, "rules");
    for (size_t i = 0; i < spec->rule_count; i++)
        yw_write_string(w, NULL, spec->rules[i]);
    yw_write_end(w, ']');
    yw_write_string(w, "sector", spec->sector);
    yw_write_bool(w, "tabletop", spec->tabletop);
    yw_write_text(w, "title", &spec->title);
    yw_write_end(w, '}');
}

static void address_of(const struct yw_plan_nic *nic, char text[24])
{
    char address[16];

    yw_spec_address_text(nic->address, address);
    (void)snprintf(text, 24, "%s/%d", address, nic->prefix);
}

static void write_plan_machine(struct yw_writer *w, const struct yw_plan *plan,
                               const struct yw_plan_machine *machine)
{
    char address[24];

    yw_write_object(w, NULL);
    yw_write_bool(w, "display", machine->display);
    yw_write_string(w, "domain", machine->domain);
    yw_write_bool(w, "field", machine->has_field);
    yw_write_string(w, "image", machine->image);
    yw_write_string(w, "machine", machine->name);
    yw_write_array(w, "nics");
    for (size_t i = 0; i < machine->nic_count; i++) {
        address_of(&machine->nics[i], address);
        yw_write_object(w, NULL);
        yw_write_string(w, "address", address);
        yw_write_string(w, "bridge", plan->networks[machine->nics[i].network].bridge);
        yw_write_bool(w, "isolated", machine->nics[i].isolated);
        yw_write_string(w, "mac", machine->nics[i].mac);
        yw_write_bool(w, "spoof", machine->nics[i].spoof);
        yw_write_string(w, "tap", machine->nics[i].tap);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
    yw_write_int(w, "ram_mib", machine->ram_mib);
    yw_write_string(w, "team", machine->team_name);
    yw_write_string(w, "uuid", machine->uuid);
    yw_write_end(w, '}');
}

void yw_plan_encode(struct yw_buf *out, const struct yw_spec *spec,
                    const struct yw_plan *plan, const struct yw_admit *estimate)
{
    struct yw_writer writer;
    struct yw_writer *w = &writer;
    char digest[YW_HASH_TEXT_SIZE];
    char seed[24];

    yw_hash_text(&plan->digest, digest);
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)plan->seed);
    yw_writer_init(w, out);
    yw_write_object(w, NULL);
    yw_write_string(w, "digest", digest);
    yw_write_string(w, "drill", plan->drill);
    if (estimate)
        yw_admit_write(w, "estimate", estimate);
    yw_write_array(w, "machines");
    for (size_t i = 0; i < plan->machine_count; i++)
        write_plan_machine(w, plan, &plan->machines[i]);
    yw_write_end(w, ']');
    yw_write_array(w, "networks");
    for (size_t i = 0; i < plan->network_count; i++) {
        yw_write_object(w, NULL);
        yw_write_string(w, "bridge", plan->networks[i].bridge);
        yw_write_string(w, "network", spec->networks[plan->networks[i].network].name);
        yw_write_string(w, "team", plan->teams[plan->networks[i].team]);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
    yw_write_string(w, "scenario", spec->id);
    yw_write_string(w, "seed", seed); /* 64 bits do not fit a JSON number */
    yw_write_array(w, "teams");
    for (size_t i = 0; i < plan->team_count; i++)
        yw_write_string(w, NULL, plan->teams[i]);
    yw_write_end(w, ']');
    yw_write_end(w, '}');
}

/* What only a host can promise is said to be open: there is none here. */
static void describe_shape(struct yw_buf *out, const struct yw_spec_network *network)
{
    if (network->isolated)
        yw_buf_printf(out, "  %-14s %-12s isolated ports\n", "", "");
    if (network->bandwidth_kbit > 0)
        yw_buf_printf(out,
                      "  %-14s %-12s bandwidth %d kbit/s, to be checked on the host\n",
                      "", "", network->bandwidth_kbit);
    if (network->delay_ms > 0)
        yw_buf_printf(out, "  %-14s %-12s delay %lld ms, to be checked on the host\n", "",
                      "", (long long)network->delay_ms);
}

static void describe_machine(struct yw_buf *out, const struct yw_plan *plan,
                             const struct yw_plan_machine *machine)
{
    char address[24];

    yw_buf_printf(out, "  %-14s %-12s %-10s %4d MiB  %s\n", machine->team_name,
                  machine->name, machine->image, machine->ram_mib, machine->domain);
    for (size_t i = 0; i < machine->nic_count; i++) {
        address_of(&machine->nics[i], address);
        yw_buf_printf(out, "  %-14s %-12s %-18s %-17s  %s\n", "", "", address,
                      machine->nics[i].mac,
                      plan->networks[machine->nics[i].network].bridge);
    }
}

void yw_plan_describe(struct yw_buf *out, const struct yw_spec *spec,
                      const struct yw_plan *plan)
{
    char digest[YW_HASH_TEXT_SIZE];
    int ram_mib = 0;

    yw_hash_text(&plan->digest, digest);
    yw_buf_printf(out, "%s  %s / %s\n", spec->id, spec->title.zh, spec->title.en);
    yw_buf_printf(out, "drill %s  seed %llu  digest %.16s\n", plan->drill,
                  (unsigned long long)plan->seed, digest);
    yw_buf_printf(out, "networks (%zu)\n", plan->network_count);
    for (size_t i = 0; i < plan->network_count; i++) {
        const struct yw_spec_network *network =
            &spec->networks[plan->networks[i].network];
        char address[16];

        yw_spec_address_text(network->address, address);
        yw_buf_printf(out, "  %-14s %-12s %s/%d  %s  %s\n",
                      plan->teams[plan->networks[i].team], network->name, address,
                      network->prefix, network->zone, plan->networks[i].bridge);
        describe_shape(out, network);
    }
    yw_buf_printf(out, "machines (%zu)\n", plan->machine_count);
    for (size_t i = 0; i < plan->machine_count; i++) {
        ram_mib += plan->machines[i].ram_mib;
        describe_machine(out, plan, &plan->machines[i]);
    }
    yw_buf_printf(out, "memory %d MiB\n", ram_mib);
}
