#include "guest/guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int nic_open(void)
{
    return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int on_nic(int nics, unsigned long what, uint32_t index, struct ifreq *request)
{
    (void)snprintf(request->ifr_name, sizeof(request->ifr_name), "eth%u", index);
    return ioctl(nics, (int)what, request) < 0 ? -1 : 0;
}

static int set_address(int nics, unsigned long what, uint32_t index, uint32_t address)
{
    struct ifreq request = {0};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    memcpy(&request.ifr_addr, &in, sizeof(in));
    return on_nic(nics, what, index, &request);
}

static int set_mac(int nics, uint32_t index, const char *mac)
{
    struct ifreq request = {0};
    unsigned part[6];
    if (mac[0] == '\0')
        return 0;
    if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &part[0], &part[1], &part[2], &part[3],
               &part[4], &part[5]) != 6) {
        errno = EINVAL;
        return -1;
    }
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    for (int i = 0; i < 6; i++)
        request.ifr_hwaddr.sa_data[i] = (char)part[i];
    return on_nic(nics, SIOCSIFHWADDR, index, &request);
}

int nic_link(int nics, uint32_t index, bool up)
{
    struct ifreq request = {0};
    if (on_nic(nics, SIOCGIFFLAGS, index, &request) != 0)
        return -1;
    int flags = request.ifr_flags;
    request.ifr_flags = (short)(up ? flags | IFF_UP : flags & ~IFF_UP);
    return on_nic(nics, SIOCSIFFLAGS, index, &request);
}

static int link_listens(int nics, uint32_t index)
{
    struct ifreq request = {0};
    if (on_nic(nics, SIOCGIFFLAGS, index, &request) != 0)
        return -1;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_NOARP);
    return on_nic(nics, SIOCSIFFLAGS, index, &request);
}

int nic_mtu(int nics, uint32_t index, int mtu)
{
    struct ifreq request = {.ifr_mtu = mtu};
    return on_nic(nics, SIOCSIFMTU, index, &request);
}

int nic_configure(int nics, uint32_t index, const struct yw_message_nic *nic)
{
    uint32_t address = 0;
    if (nic->prefix == 0) { /* it only listens: no address, no ARP */
        if (nic_link(nics, index, false) != 0 ||
            set_mac(nics, index, nic->mac) != 0)
            return -1;
        return link_listens(nics, index);
    }
    if (nic->prefix < 1 || nic->prefix > 32 ||
        !yw_applet_address(nic->address, &address)) {
        errno = EINVAL;
        return -1;
    }
    uint32_t mask = UINT32_MAX << (32 - nic->prefix);
    if (nic_link(nics, index, false) != 0 || set_mac(nics, index, nic->mac) != 0 ||
        set_address(nics, SIOCSIFADDR, index, address) != 0 ||
        set_address(nics, SIOCSIFNETMASK, index, mask) != 0)
        return -1;
    return nic_link(nics, index, true);
}

int nic_gateway(int nics, const char *gateway)
{
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    struct sockaddr_in in = {.sin_family = AF_INET};
    uint32_t address = 0;
    if (gateway[0] == '\0')
        return 0;
    if (!yw_applet_address(gateway, &address)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&route.rt_dst, &in, sizeof(in));
    memcpy(&route.rt_genmask, &in, sizeof(in));
    in.sin_addr.s_addr = htonl(address);
    memcpy(&route.rt_gateway, &in, sizeof(in));
    return ioctl(nics, SIOCADDRT, &route) < 0 && errno != EEXIST ? -1 : 0;
}

/* One interface as JSON; false: there is no such interface. */
static bool describe(int nics, uint32_t index, char *ret, size_t ret_size)
{
    struct ifreq request = {0};
    struct sockaddr_in address = {0};
    struct sockaddr_in mask = {0};
    char text[INET_ADDRSTRLEN] = "";
    if (on_nic(nics, SIOCGIFFLAGS, index, &request) != 0)
        return false;
    bool up = (request.ifr_flags & IFF_UP) != 0;
    if (on_nic(nics, SIOCGIFADDR, index, &request) == 0)
        memcpy(&address, &request.ifr_addr, sizeof(address));
    if (on_nic(nics, SIOCGIFNETMASK, index, &request) == 0)
        memcpy(&mask, &request.ifr_addr, sizeof(mask));
    unsigned char mac[6] = {0}; /* the next question overwrites the answer */
    if (on_nic(nics, SIOCGIFHWADDR, index, &request) == 0)
        memcpy(mac, request.ifr_hwaddr.sa_data, sizeof(mac));
    (void)inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
    int mtu = on_nic(nics, SIOCGIFMTU, index, &request) == 0 ? request.ifr_mtu : 0;
    (void)snprintf(ret, ret_size,
                   "{\"name\":\"eth%u\",\"mac\":\"%02x:%02x:%02x:%02x:%02x:%02x\","
                   "\"address\":\"%s\",\"prefix\":%d,\"up\":%s,"
                   "\"mtu\":%d}",
                   index, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], text,
                   __builtin_popcount(mask.sin_addr.s_addr), up ? "true" : "false", mtu);
    return true;
}

void nic_list(int nics, char *ret, size_t ret_size)
{
    size_t used = (size_t)snprintf(ret, ret_size, "[");
    for (uint32_t i = 0; i < YW_CHANNEL_NICS_MAX; i++) {
        char one[160];
        if (!describe(nics, i, one, sizeof(one)) || used + strlen(one) + 3 > ret_size)
            break;
        used +=
            (size_t)snprintf(ret + used, ret_size - used, "%s%s", i > 0 ? "," : "", one);
    }
    (void)snprintf(ret + used, ret_size - used, "]");
}
