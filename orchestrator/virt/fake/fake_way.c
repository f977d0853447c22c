/* Who reaches whom in the fake world: over a bridge, or through the firewall between two. */
#include "virt/fake/fake_world.h"

#include <string.h>

/* The machine on this host that answers at `address` on the bridge, or NULL. */
static struct yw_fake_machine *
answers_on(struct yw_virt_world *world, const struct yw_fake_nic *from, uint32_t address)
{
    for (size_t j = 0; j < world->machines.count; j++) {
        struct yw_fake_machine *other = yw_map_at(&world->machines, j);
        bool answers = other->running && !other->frozen && !other->cut;

        for (size_t k = 0; k < other->nic_count && answers; k++) {
            const struct yw_fake_nic *nic = &other->nics[k];

            if (nic->up && nic->address == address && nic->address != 0 &&
                strcmp(nic->bridge, from->bridge) == 0 &&
                !(nic->isolated && from->isolated))
                return other;
        }
    }
    return NULL;
}

struct yw_fake_machine *yw_fake_reach(struct yw_fake_machine *from, uint32_t address,
                                      uint32_t *ret_source)
{
    struct yw_virt_world *world = from->world;

    for (size_t i = 0; i < from->nic_count; i++) {
        const struct yw_fake_nic *mine = &from->nics[i];
        const struct yw_fake_network *network =
            yw_map_get(&world->networks, mine->bridge);

        if (!mine->up || from->cut || !network)
            continue;
        *ret_source = mine->address;
        struct yw_fake_machine *found = answers_on(world, mine, address);

        for (struct yw_virt_world *at = world->next;
             !found && network->vni != 0 && at && at != world; at = at->next) {
            const struct yw_fake_network *there = yw_map_get(&at->networks, mine->bridge);

            if (there && there->vni == network->vni)
                found = answers_on(at, mine, address);
        }
        if (found)
            return found;
    }
    return NULL;
}

static int card_at(const struct yw_fake_machine *machine, uint32_t address)
{
    for (size_t i = 0; i < machine->nic_count; i++) {
        if (machine->nics[i].address == address)
            return (int)i;
    }
    return -1;
}

/* The router's card to the machine at `address`; who that is in *ret. -1: none. */
static int card_to(struct yw_fake_machine *router, uint32_t address,
                   struct yw_fake_machine **ret)
{
    uint32_t source = 0;

    *ret = yw_fake_reach(router, address, &source);
    return *ret ? card_at(router, source) : -1;
}

/* The answer comes back when the other end has the same router for its gateway. */
static bool comes_back(const struct yw_fake_machine *router,
                       const struct yw_fake_machine *peer)
{
    return peer->gateway != 0 && card_at(router, peer->gateway) >= 0;
}

struct yw_fake_machine *yw_fake_call(struct yw_fake_machine *from, uint32_t address,
                                     uint16_t port, uint32_t *ret_source)
{
    struct yw_fake_machine *peer = yw_fake_reach(from, address, ret_source);

    if (peer || from->gateway == 0)
        return peer;
    struct yw_fake_machine *router = yw_fake_reach(from, from->gateway, ret_source);

    if (!router || !router->firewall)
        return NULL;
    const struct yw_firewall_packet packet = {
        .from = card_at(router, from->gateway),
        .to = card_to(router, address, &peer),
        .protocol = YW_FIREWALL_TCP,
        .port = port,
        .source = *ret_source,
        .target = address,
    };

    return packet.to >= 0 && packet.to != packet.from && comes_back(router, peer) &&
                   yw_firewall_passes(router->firewall, &packet)
               ? peer
               : NULL;
}
