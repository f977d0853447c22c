#include "guest/guest.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool ask_kernel(int fd, struct ifreq *request, int index, unsigned long what)
{
    memset(request, 0, sizeof(*request));
    (void)snprintf(request->ifr_name, sizeof(request->ifr_name), "eth%d", index);
    return ioctl(fd, (int)what, request) == 0;
}

bool card_open(struct card *card, int index)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    struct ifreq request;
    struct sockaddr_in in;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = ask_kernel(fd, &request, index, SIOCGIFHWADDR);
    memcpy(card->mac, request.ifr_hwaddr.sa_data, sizeof(card->mac));
    good = good && ask_kernel(fd, &request, index, SIOCGIFADDR);
    memcpy(&in, &request.ifr_addr, sizeof(in));
    card->address = ntohl(in.sin_addr.s_addr);
    good = good && ask_kernel(fd, &request, index, SIOCGIFINDEX);
    at.sll_ifindex = request.ifr_ifindex;
    (void)close(fd);
    if (!good)
        return false;
    card->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (card->fd >= 0 && bind(card->fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
        return true;
    if (card->fd >= 0)
        (void)close(card->fd);
    return false;
}
