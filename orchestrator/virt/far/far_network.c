#include "base/mem.h"
#include "virt/far/far_daemon.h"
#include "virt/machine/domain_xml.h"
#include "virt/machine/libvirt_inside.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

static bool read_tag(virNetworkPtr network, struct yw_domain_tag *ret)
{
    char *xml = virNetworkGetXMLDesc(network, 0);
    bool ours = xml && yw_domain_network_tag(xml, ret) == 0;

    free(xml);
    return ours;
}

/* The network of that name, by whom; *ret is NULL when there is none. */
static int find(struct yw_host *host, const char *bridge, virNetworkPtr *ret,
                struct yw_domain_tag *ret_tag, struct yw_err *err)
{
    *ret = virNetworkLookupByName(yw_host_conn(host), bridge);
    if (!*ret) {
        const virError *error = virGetLastError();

        return error && error->code == VIR_ERR_NO_NETWORK
                   ? 0
                   : yw_host_fail(err, "look up network");
    }
    if (read_tag(*ret, ret_tag))
        return 0;
    (void)virNetworkFree(*ret);
    return yw_err_set(err, YW_EDENIED, "network '%s' is not ours", bridge);
}

int yw_far_network_up(struct yw_host *host, const char *bridge, const char *drill,
                      struct yw_err *err)
{
    struct yw_domain_tag tag;
    virNetworkPtr network;
    int code = find(host, bridge, &network, &tag, err);

    if (code == 0 && network && strcmp(tag.drill, drill) != 0)
        code = YW_EDENIED;
    if (network && code == 0 && virNetworkIsActive(network) != 1)
        code = virNetworkCreate(network) < 0 ? yw_host_fail(err, "start network") : 0;
    if (code == YW_EDENIED)
        code = yw_err_set(err, YW_EEXIST, "network '%s' is somebody else's", bridge);
    if (code == 0 && !network) {
        char *xml = yw_domain_network_xml(bridge, drill);

        network = virNetworkCreateXML(yw_host_conn(host), xml);
        code = network ? 0 : yw_host_fail(err, "create network");
        free(xml);
    }
    if (network)
        (void)virNetworkFree(network);
    return code;
}

int yw_far_network_down(struct yw_host *host, const char *bridge, struct yw_err *err)
{
    struct yw_domain_tag tag;
    virNetworkPtr network;
    int code = find(host, bridge, &network, &tag, err);

    if (code < 0 || !network)
        return code;
    bool persistent = virNetworkIsPersistent(network) == 1;

    if (virNetworkIsActive(network) == 1 && virNetworkDestroy(network) < 0)
        code = yw_host_fail(err, "remove network");
    if (code == 0 && persistent && virNetworkUndefine(network) < 0)
        code = yw_host_fail(err, "remove network");
    (void)virNetworkFree(network);
    return code;
}

int yw_far_network_list(struct yw_host *host, const char *drill, struct yw_vec *list,
                        struct yw_err *err)
{
    virNetworkPtr *networks = NULL;
    int count = virConnectListAllNetworks(yw_host_conn(host), &networks, 0);

    if (count < 0)
        return yw_host_fail(err, "list networks");
    for (int i = 0; i < count; i++) {
        struct yw_virt_found found = {.is_network = true, .running = true};
        struct yw_domain_tag tag;

        if (read_tag(networks[i], &tag) && (!drill[0] || strcmp(tag.drill, drill) == 0)) {
            YW_COPY(found.name, virNetworkGetName(networks[i]));
            YW_COPY(found.drill, tag.drill);
            (void)yw_vec_push(list, &found);
        }
        (void)virNetworkFree(networks[i]);
    }
    free(networks);
    return 0;
}

bool yw_far_filters(struct yw_host *host)
{
    virNWFilterPtr filter = virNWFilterLookupByName(yw_host_conn(host), "clean-traffic");
    bool offered = filter != NULL;

    if (filter)
        (void)virNWFilterFree(filter);
    return offered;
}
