/* What holds between the parts of a spec. Each refusal begins with the place in the
 * scenario and says what would be right. */
#include "base/id.h"
#include "model/kit.h"
#include "model/spec.h"

#include "model/process.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RESETS_MAX 1000
#define LENGTH_MAX_MS (31LL * 24 * 3600 * 1000)

static int refuse(struct yw_err *err, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(struct yw_err *err, int line, const char *fmt, ...)
{
    char text[YW_ERR_TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (line > 0)
        return yw_err_set(err, YW_EINVAL, "scenario.lua:%d: %s", line, text);
    return yw_err_set(err, YW_EINVAL, "scenario.lua: %s", text);
}

/* One kind of part: its list, as names and lines. */
struct part_list {
    const char *what; /* "machine" */
    const char *items;
    size_t count;
    size_t size;
    size_t line_offset;
};

#define PART_LIST(spec, noun, list, counter)                                             \
    ((struct part_list){                                                                 \
        noun, (const char *)(spec)->list, (spec)->counter, sizeof(spec)->list[0],        \
        (size_t)((const char *)&(spec)->list[0].line - (const char *)&(spec)->list[0])})

static const char *name_at(const struct part_list *list, size_t index)
{
    return list->items + index * list->size;
}

static int line_at(const struct part_list *list, size_t index)
{
    int line;

    memcpy(&line, list->items + index * list->size + list->line_offset, sizeof line);
    return line;
}

static int check_names(const struct part_list *list, struct yw_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!yw_name_valid(name_at(list, i)))
            return refuse(
                err, line_at(list, i),
                "%s '%s': a name has lower-case letters, digits and '-', at most "
                "%d, and begins with a letter or digit",
                list->what, name_at(list, i), YW_NAME_MAX - 1);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(name_at(list, i), name_at(list, k)) == 0)
                return refuse(err, line_at(list, i),
                              "%s '%s' is declared before (line %d)", list->what,
                              name_at(list, i), line_at(list, k));
        }
    }
    return 0;
}

static int check_text(const struct yw_text *text, int line, const char *what,
                      const char *name, struct yw_err *err)
{
    const char *missing = text->zh[0] == '\0' ? "zh" : text->en[0] == '\0' ? "en" : NULL;

    if (missing)
        return refuse(err, line, "%s '%s': the text is missing in '%s'", what, name,
                      missing);
    if (!yw_utf8_valid(text->zh, strlen(text->zh)) ||
        !yw_utf8_valid(text->en, strlen(text->en)))
        return refuse(err, line, "%s '%s': the text is not valid UTF-8", what, name);
    return 0;
}

/* A file of the scenario's folder: relative, and never upwards. */
static bool path_is_inside(const char *path)
{
    if (path[0] == '/' || !yw_utf8_valid(path, strlen(path)))
        return false;
    for (const char *at = path; *at; at += strcspn(at, "/"), at += *at == '/') {
        size_t size = strcspn(at, "/");

        if (size == 0 || (size == 1 && at[0] == '.') ||
            (size == 2 && at[0] == '.' && at[1] == '.'))
            return false;
    }
    return strchr(path, '\\') == NULL;
}

static uint32_t mask_of(const struct yw_spec_network *network)
{
    return 0xffffffffU << (32 - network->prefix);
}

static int check_shape(const struct yw_spec_network *network, struct yw_err *err)
{
    if (network->bandwidth_kbit != 0 &&
        (network->bandwidth_kbit < YW_SPEC_BANDWIDTH_MIN ||
         network->bandwidth_kbit > YW_SPEC_BANDWIDTH_MAX))
        return refuse(err, network->line,
                      "network '%s': bandwidth %d kbit/s is outside %d..%d",
                      network->name, network->bandwidth_kbit, YW_SPEC_BANDWIDTH_MIN,
                      YW_SPEC_BANDWIDTH_MAX);
    if (network->delay_ms < 0 || network->delay_ms > YW_SPEC_DELAY_MAX_MS)
        return refuse(err, network->line, "network '%s': delay %lld ms is outside 0..%d",
                      network->name, (long long)network->delay_ms, YW_SPEC_DELAY_MAX_MS);
    return 0;
}

static int check_networks(const struct yw_spec *spec, struct yw_err *err)
{
    char a[16], b[16];

    for (size_t i = 0; i < spec->network_count; i++) {
        const struct yw_spec_network *network = &spec->networks[i];

        if (network->mirror)
            continue; /* it has no addresses */
        if (network->prefix < 8 || network->prefix > 30)
            return refuse(err, network->line,
                          "network '%s': prefix /%d is outside /8../30", network->name,
                          network->prefix);
        yw_spec_address_text(network->address, a);
        if (network->address & ~mask_of(network)) {
            yw_spec_address_text(network->address & mask_of(network), b);
            return refuse(
                err, network->line,
                "network '%s': %s/%d has bits beyond its prefix; did you mean %s/%d?",
                network->name, a, network->prefix, b, network->prefix);
        }
        int status = check_shape(network, err);

        if (status < 0)
            return status;
        for (size_t k = 0; k < i; k++) {
            const struct yw_spec_network *other = &spec->networks[k];
            uint32_t mask = mask_of(network) & mask_of(other);

            yw_spec_address_text(other->address, b);
            if (!other->mirror && (network->address & mask) == (other->address & mask))
                return refuse(
                    err, network->line,
                    "network '%s': %s/%d overlaps network '%s' (%s/%d, line %d)",
                    network->name, a, network->prefix, other->name, b, other->prefix,
                    other->line);
        }
    }
    return 0;
}

static int check_plants(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->plant_count; i++) {
        const struct yw_spec_plant *plant = &spec->plants[i];

        if (!yw_process_known(plant->model)) {
            char meant[YW_MEANT_MAX];
            const char *nearest = yw_process_nearest(plant->model);

            return refuse(err, plant->line, "plant '%s': unknown model '%s'%s",
                          plant->name, plant->model, yw_meant(meant, nearest));
        }
        if (!(plant->time_scale >= 1 && plant->time_scale <= 120))
            return refuse(err, plant->line, "plant '%s': time_scale %g is outside 1..120",
                          plant->name, plant->time_scale);
    }
    return 0;
}

/* Is the address of nic `n` of machine `m` taken by an earlier one? */
static int check_address_unique(const struct yw_spec *spec, size_t m, size_t n,
                                struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[m];
    char text[16];

    for (size_t k = 0; k <= m; k++) {
        const struct yw_spec_machine *other = &spec->machines[k];
        size_t count = k < m ? other->nic_count : n;

        for (size_t i = 0; i < count; i++) {
            if (k == m && other->nics[i].network == machine->nics[n].network)
                return refuse(err, machine->line, "machine '%s': twice on network '%s'",
                              machine->name, spec->networks[other->nics[i].network].name);
            if (other->nics[i].address != machine->nics[n].address ||
                spec->networks[machine->nics[n].network].mirror)
                continue;
            yw_spec_address_text(machine->nics[n].address, text);
            return refuse(err, machine->line,
                          "machine '%s': address %s is used by machine '%s' (line %d)",
                          machine->name, text, other->name, other->line);
        }
    }
    return 0;
}

static int check_nic(const struct yw_spec *spec, size_t m, size_t n, struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[m];
    const struct yw_spec_nic *nic = &machine->nics[n];
    char address[16], base[16];

    if (nic->network < 0 || (size_t)nic->network >= spec->network_count)
        return refuse(err, machine->line,
                      "machine '%s': on a network that is not declared", machine->name);
    const struct yw_spec_network *network = &spec->networks[nic->network];

    if (network->mirror)
        return check_address_unique(spec, m, n, err);
    uint32_t host = nic->address & ~mask_of(network);

    yw_spec_address_text(nic->address, address);
    yw_spec_address_text(network->address, base);
    if ((nic->address & mask_of(network)) != network->address)
        return refuse(err, machine->line,
                      "machine '%s': address %s is outside network '%s' (%s/%d)",
                      machine->name, address, network->name, base, network->prefix);
    if (host == 0 || host == ~mask_of(network))
        return refuse(
            err, machine->line,
            "machine '%s': address %s is the %s address of network '%s' (%s/%d)",
            machine->name, address, host == 0 ? "network" : "broadcast", network->name,
            base, network->prefix);
    return check_address_unique(spec, m, n, err);
}

static int check_wiring(const struct yw_spec *spec, size_t m, struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[m];

    if (machine->plant < -1 || machine->plant >= (int)spec->plant_count)
        return refuse(err, machine->line,
                      "machine '%s': field is a plant that is not declared",
                      machine->name);
    if (machine->serves < -1 || machine->serves >= (int)spec->machine_count ||
        machine->serves == (int)m)
        return refuse(err, machine->line,
                      "machine '%s': serves must name another machine", machine->name);
    return 0;
}

static int check_machines(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t m = 0; m < spec->machine_count; m++) {
        const struct yw_spec_machine *machine = &spec->machines[m];
        int status;

        if (!yw_name_valid(machine->image))
            return refuse(err, machine->line, "machine '%s': image '%s' is not a name",
                          machine->name, machine->image);
        if (machine->program[0] != '\0' && !path_is_inside(machine->program))
            return refuse(
                err, machine->line,
                "machine '%s': program '%s' must be a path inside the scenario's "
                "folder",
                machine->name, machine->program);
        if (machine->nic_count > YW_SPEC_NICS_MAX)
            return refuse(err, machine->line, "machine '%s': more than %d addresses",
                          machine->name, YW_SPEC_NICS_MAX);
        for (size_t n = 0; n < machine->nic_count; n++) {
            status = check_nic(spec, m, n, err);
            if (status < 0)
                return status;
        }
        status = check_wiring(spec, m, err);
        if (status < 0)
            return status;
    }
    return 0;
}

/* T0836, T1693.001: an ATT&CK technique, with its sub-technique. */
static bool technique_valid(const char *text)
{
    size_t size = strlen(text);

    if (text[0] != 'T' || strspn(text + 1, "0123456789") != 4)
        return false;
    return size == 5 ||
           (size == 9 && text[5] == '.' && strspn(text + 6, "0123456789") == 3);
}

/* What it needs to know must come from somewhere. */
static int check_facts(const struct yw_spec *spec, const struct yw_spec_attack *attack,
                       struct yw_err *err)
{
    char fact[YW_NAME_MAX];

    for (size_t i = 0; yw_spec_word(attack->needs, i, fact); i++) {
        size_t k = 0;

        while (k < spec->attack_count &&
               (&spec->attacks[k] == attack || !yw_kit_produces(&spec->attacks[k], fact)))
            k++;
        if (k == spec->attack_count)
            return refuse(err, attack->line,
                          "attack '%s': needs '%s', which no other attack produces",
                          attack->name, fact);
    }
    return 0;
}

static int check_attacks(const struct yw_spec *spec, struct yw_err *err)
{
    int machines = (int)spec->machine_count;

    for (size_t i = 0; i < spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &spec->attacks[i];

        if (!technique_valid(attack->technique))
            return refuse(err, attack->line,
                          "attack '%s': technique '%s' is not like T0836 or T1693.001",
                          attack->name, attack->technique);
        if (attack->from < 0 || attack->from >= machines || attack->to < -1 ||
            attack->to >= machines)
            return refuse(err, attack->line,
                          "attack '%s': from and to must name declared machines",
                          attack->name);
        if (attack->argc == 0 || attack->argc > YW_SPEC_ARGS_MAX)
            return refuse(err, attack->line, "attack '%s': needs 1..%d arguments to run",
                          attack->name, YW_SPEC_ARGS_MAX);
        int status = check_facts(spec, attack, err);

        if (status < 0)
            return status;
    }
    return 0;
}

/* Whose condition it is, for messages. */
struct place {
    const char *what;
    const char *name;
    int line;
};

static int refuse_subject(const struct place *at, const struct part_list *list,
                          const char *subject, struct yw_err *err)
{
    const char *names[YW_SPEC_OBJECTIVES_MAX];

    for (size_t i = 0; i < list->count; i++)
        names[i] = name_at(list, i);
    char meant[YW_MEANT_MAX];
    const char *nearest =
        list->count > 0 ? yw_name_nearest(subject, names, list->count) : NULL;

    return refuse(err, at->line, "%s '%s': no %s named '%s'%s", at->what, at->name,
                  list->what, subject, yw_meant(meant, nearest));
}

static int check_tag(const struct yw_spec *spec, const struct place *at,
                     const struct yw_cond_node *node, struct yw_err *err)
{
    const char *model = spec->plants[yw_spec_plant(spec, node->subject)].model;

    if (yw_process_tag(model, node->tag) >= 0)
        return 0;
    char meant[YW_MEANT_MAX];
    const char *nearest = yw_process_nearest_tag(model, node->tag);

    return refuse(err, at->line, "%s '%s': plant '%s' (%s) has no tag '%s'%s", at->what,
                  at->name, node->subject, model, node->tag, yw_meant(meant, nearest));
}

static int check_node(const struct yw_spec *spec, const struct place *at,
                      const struct yw_cond_node *node, struct yw_err *err)
{
    struct part_list list = {0};
    int found = -1;

    switch (node->kind) {
    case YW_COND_ANY:
    case YW_COND_ALL:
    case YW_COND_NOT:
    case YW_COND_NEVER:
    case YW_COND_FOR:
    case YW_COND_ANSWERED: /* steps stand in playbook files, which are read later */
    case YW_COND_IN_TIME:  /* and rule packs likewise */
    case YW_COND_GRADED_RIGHT:
    case YW_COND_MERIT_AT_MOST:
    case YW_COND_MERIT_AT_LEAST:
    case YW_COND_KINDS:
        return 0;
    case YW_COND_ISOLATED:
        list = PART_LIST(spec, "machine", machines, machine_count);
        found = yw_spec_machine(spec, node->subject);
        break;
    case YW_COND_REPORTED:
        list = PART_LIST(spec, "attack", attacks, attack_count);
        found = yw_spec_attack(spec, node->subject);
        break;
    case YW_COND_MET:
        list = PART_LIST(spec, "objective", objectives, objective_count);
        found = yw_spec_objective(spec, node->subject);
        break;
    case YW_COND_ALARM:
    case YW_COND_LEVEL_AT_MOST:
    case YW_COND_LEVEL_AT_LEAST:
    case YW_COND_TAG_ABOVE:
    case YW_COND_TAG_BELOW:
        list = PART_LIST(spec, "plant", plants, plant_count);
        found = yw_spec_plant(spec, node->subject);
        break;
    }
    if (found < 0)
        return refuse_subject(at, &list, node->subject, err);
    if (node->kind == YW_COND_TAG_ABOVE || node->kind == YW_COND_TAG_BELOW)
        return check_tag(spec, at, node, err);
    return 0;
}

static int check_cond(const struct yw_spec *spec, const struct place *at,
                      const struct yw_cond *cond, struct yw_err *err)
{
    const char *flaw = yw_cond_flaw(cond);

    if (flaw)
        return refuse(err, at->line, "%s '%s': %s", at->what, at->name, flaw);
    for (size_t i = 0; i < cond->count; i++) {
        int status = check_node(spec, at, &cond->nodes[i], err);

        if (status < 0)
            return status;
    }
    return 0;
}

static int check_objective(const struct yw_spec *spec,
                           const struct yw_spec_objective *objective, struct yw_err *err)
{
    const char *name = objective->name;
    int line = objective->line;
    struct place at = {"objective", name, line};

    if (objective->points < 0 || objective->points > 100000)
        return refuse(err, line, "objective '%s': points %d are outside 0..100000", name,
                      objective->points);
    if (objective->fades_to < 0 || objective->fades_to > objective->points)
        return refuse(err, line,
                      "objective '%s': fades_to %d is outside 0..%d (its points)", name,
                      objective->fades_to, objective->points);
    if (objective->over_ms < 0 || objective->over_ms > LENGTH_MAX_MS)
        return refuse(err, line, "objective '%s': over is outside 0..31 days", name);
    if (objective->since < -1 || objective->since >= (int)spec->attack_count)
        return refuse(err, line, "objective '%s': since must name a declared attack",
                      name);
    if (objective->met_by.count == 0)
        return refuse(err, line, "objective '%s': met_by is missing", name);
    int status = check_text(&objective->says, line, "objective", name, err);

    return status < 0 ? status : check_cond(spec, &at, &objective->met_by, err);
}

static int check_judgement(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->objective_count; i++) {
        int status = check_objective(spec, &spec->objectives[i], err);

        if (status < 0)
            return status;
    }
    for (size_t i = 0; i < spec->playbook_count; i++) {
        const struct yw_spec_playbook *playbook = &spec->playbooks[i];
        struct place at = {"playbook", playbook->name, playbook->line};

        if (playbook->file[0] == '\0' || !path_is_inside(playbook->file))
            return refuse(err, playbook->line,
                          "playbook '%s': file '%s' must be a path inside the scenario's "
                          "folder",
                          playbook->name, playbook->file);
        int status = playbook->starts_on.count > 0
                         ? check_cond(spec, &at, &playbook->starts_on, err)
                         : 0;

        if (status < 0)
            return status;
    }
    return 0;
}

static int check_head(const struct yw_spec *spec, struct yw_err *err)
{
    if (!yw_name_valid(spec->id))
        return refuse(err, 0, "scenario '%s': the name is not valid", spec->id);
    if (spec->resets < 0 || spec->resets > RESETS_MAX)
        return refuse(err, 0, "scenario '%s': resets must be from 0 to %d", spec->id,
                      RESETS_MAX);
    if (spec->length_ms <= 0 || spec->length_ms > LENGTH_MAX_MS)
        return refuse(err, 0,
                      "scenario '%s': length must be more than 0, at most 31 days",
                      spec->id);
    if (spec->network_count > YW_SPEC_NETWORKS_MAX ||
        spec->plant_count > YW_SPEC_PLANTS_MAX ||
        spec->machine_count > YW_SPEC_MACHINES_MAX ||
        spec->attack_count > YW_SPEC_ATTACKS_MAX ||
        spec->objective_count > YW_SPEC_OBJECTIVES_MAX ||
        spec->playbook_count > YW_SPEC_PLAYBOOKS_MAX ||
        spec->rule_count > YW_SPEC_RULES_MAX ||
        spec->statement_count > YW_SPEC_STATEMENTS_MAX)
        return refuse(err, 0, "scenario '%s': too many parts", spec->id);
    return check_text(&spec->title, 0, "scenario", spec->id, err);
}

int yw_spec_check(const struct yw_spec *spec, struct yw_err *err)
{
    int status = check_head(spec, err);

    if (status < 0)
        return status;
    const struct part_list lists[] = {
        PART_LIST(spec, "network", networks, network_count),
        PART_LIST(spec, "plant", plants, plant_count),
        PART_LIST(spec, "machine", machines, machine_count),
        PART_LIST(spec, "attack", attacks, attack_count),
        PART_LIST(spec, "objective", objectives, objective_count),
        PART_LIST(spec, "playbook", playbooks, playbook_count),
        PART_LIST(spec, "tier", tiers, tier_count),
        PART_LIST(spec, "limit", limits, limit_count),
        PART_LIST(spec, "measure", measures, measure_count),
        PART_LIST(spec, "period", periods, period_count),
    };

    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && status == 0; i++)
        status = check_names(&lists[i], err);
    if (status == 0)
        status = check_networks(spec, err);
    if (status == 0)
        status = check_plants(spec, err);
    if (status == 0)
        status = check_machines(spec, err);
    if (status == 0)
        status = yw_spec_check_wiring(spec, err);
    if (status == 0)
        status = yw_spec_check_roles(spec, err);
    if (status == 0)
        status = check_attacks(spec, err);
    if (status == 0)
        status = yw_spec_check_duty(spec, err);
    return status == 0 ? check_judgement(spec, err) : status;
}

/* id, and what it boots from where that is not the file of most */
static const char *const micro[YW_SPEC_MICRO_IMAGES][2] = {
    {"attacker", NULL},
    {"backend", NULL},
    {"broker", "broker.cpio.gz"},
    {"firewall", "firewall.cpio.gz"},
    {"historian", NULL},
    {"hmi", NULL},
    {"jump", "jump.cpio.gz"},
    {"noise", NULL},
    {"plc", NULL},
    {"remote-io", NULL},
    {"rtu", NULL},
    {"sensor", NULL},
    {"sis", NULL},
    {"tbox", NULL},
};

const char *yw_spec_micro_image(size_t index)
{
    return index < YW_SPEC_MICRO_IMAGES ? micro[index][0] : NULL;
}

const char *yw_spec_micro_initrd(const char *image)
{
    for (size_t i = 0; i < YW_SPEC_MICRO_IMAGES; i++) {
        if (strcmp(micro[i][0], image) == 0 && micro[i][1])
            return micro[i][1];
    }
    return "micro.cpio.gz";
}

const char *yw_spec_micro_file(size_t index)
{
    static const char *const files[] = {"vmlinux", "micro.cpio.gz", "broker.cpio.gz",
                                        "firewall.cpio.gz", "jump.cpio.gz"};

    return index < sizeof(files) / sizeof(files[0]) ? files[index] : NULL;
}

bool yw_spec_is_micro(const char *image)
{
    size_t index = 0;

    while (index < YW_SPEC_MICRO_IMAGES && strcmp(yw_spec_micro_image(index), image) != 0)
        index++;
    return index < YW_SPEC_MICRO_IMAGES;
}

int yw_spec_check_images(const struct yw_spec *spec, const char *const *ids, size_t count,
                         struct yw_err *err)
{
    const char *names[YW_SPEC_IMAGES_MAX + YW_SPEC_MICRO_IMAGES];
    size_t known = 0;

    for (; known < YW_SPEC_MICRO_IMAGES; known++)
        names[known] = yw_spec_micro_image(known);
    for (size_t i = 0; i < count && i < YW_SPEC_IMAGES_MAX; i++)
        names[known++] = ids[i];
    for (size_t i = 0; i < spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &spec->machines[i];
        bool found = false;

        for (size_t k = 0; k < known && !found; k++)
            found = strcmp(names[k], machine->image) == 0;
        if (found)
            continue;
        char meant[YW_MEANT_MAX];
        const char *nearest = yw_name_nearest(machine->image, names, known);

        return refuse(err, machine->line, "machine '%s': no image '%s' is registered%s",
                      machine->name, machine->image,
                      nearest ? yw_meant(meant, nearest)
                              : "; 'yanwu image list' names those that are");
    }
    return 0;
}
