#include "peer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

int peer_connect(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(fd >= 0);
    assert(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    return fd;
}

int peer_connect_tls(int port)
{
    char to[32];
    int ends[2];
    snprintf(to, sizeof(to), "127.0.0.1:%d", port);
    assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], 0);
        dup2(ends[1], 1);
        close(ends[1]);
        int sink = open("/dev/null", O_WRONLY);
        dup2(sink, 2);
        execlp("openssl", "openssl", "s_client", "-quiet", "-connect", to, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    return ends[0];
}

void peer_send(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t put = send(fd, at, size, MSG_NOSIGNAL);
        if (put <= 0)
            return; /* the other side may refuse early: the answer tells */
        at += put;
        size -= (size_t)put;
    }
}

void peer_text(int fd, const char *text)
{
    peer_send(fd, text, strlen(text));
}

/* -1 ended, -2 nothing in time. */
static ssize_t read_some(int fd, void *bytes, size_t size, int wait_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    if (poll(&poll_fd, 1, wait_ms) <= 0)
        return -2;
    ssize_t got = recv(fd, bytes, size, 0);
    return got <= 0 ? -1 : got;
}

size_t peer_read(int fd, char *bytes, size_t size, int wait_ms)
{
    size_t have = 0;
    while (have + 1 < size) {
        ssize_t got = read_some(fd, bytes + have, size - 1 - have,
                                have == 0 ? PEER_PATIENCE_MS : wait_ms);
        if (got < 0)
            break;
        have += (size_t)got;
    }
    bytes[have] = '\0';
    return have;
}

bool peer_ended(int fd, int wait_ms)
{
    char bytes[4096];
    ssize_t got;
    while ((got = read_some(fd, bytes, sizeof(bytes), wait_ms)) > 0)
        ;
    return got == -1;
}

static bool read_exactly(int fd, void *bytes, size_t size, int wait_ms)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read_some(fd, (char *)bytes + have, size - have, wait_ms);
        if (got < 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static bool read_head(int fd, struct answer *ret, int wait_ms)
{
    size_t have = 0;
    ret->head[0] = '\0';
    while (!strstr(ret->head, "\r\n\r\n")) {
        if (have + 1 >= sizeof(ret->head) ||
            read_some(fd, ret->head + have, 1, wait_ms) != 1)
            return false;
        ret->head[++have] = '\0';
    }
    return sscanf(ret->head, "HTTP/1.1 %d", &ret->status) == 1;
}

static bool read_chunks(int fd, struct answer *ret, int wait_ms)
{
    for (;;) {
        char line[32];
        size_t have = 0;
        do {
            if (have + 1 >= sizeof(line) || !read_exactly(fd, line + have, 1, wait_ms))
                return false;
            line[++have] = '\0';
        } while (line[have - 1] != '\n');
        size_t size = strtoul(line, NULL, 16);
        char end[2];
        if (ret->body_size + size >= sizeof(ret->body) ||
            !read_exactly(fd, ret->body + ret->body_size, size, wait_ms) ||
            !read_exactly(fd, end, 2, wait_ms))
            return false;
        ret->body_size += size;
        ret->body[ret->body_size] = '\0';
        if (size == 0)
            return true;
    }
}

bool peer_answer(int fd, struct answer *ret, int wait_ms)
{
    memset(ret, 0, sizeof(*ret));
    if (!read_head(fd, ret, wait_ms))
        return false;
    if (answer_has(ret, "transfer-encoding: chunked"))
        return read_chunks(fd, ret, wait_ms);
    const char *length = strcasestr(ret->head, "\r\ncontent-length:");
    size_t size = length ? strtoul(length + 17, NULL, 10) : 0;
    if (size >= sizeof(ret->body) || !read_exactly(fd, ret->body, size, wait_ms))
        return false;
    ret->body_size = size;
    return true;
}

bool answer_has(const struct answer *answer, const char *text)
{
    return strcasestr(answer->head, text) != NULL;
}

void peer_raw(int port, const char *text, struct answer *ret, int *ret_fd)
{
    int fd = peer_connect(port);
    peer_text(fd, text);
    if (!peer_answer(fd, ret, PEER_PATIENCE_MS))
        ret->status = 0;
    if (ret_fd)
        *ret_fd = fd;
    else
        close(fd);
}

void peer_request(int port, const char *method, const char *path, const char *token,
                  const char *key, const char *body, struct answer *ret)
{
    size_t room = 2048 + (body ? strlen(body) : 0);
    char *text = malloc(room);
    assert(text);
    int size = snprintf(text, room, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", method,
                        path, port);
    if (token)
        size += snprintf(text + size, room - (size_t)size, "Authorization: Bearer %s\r\n",
                         token);
    if (key)
        size +=
            snprintf(text + size, room - (size_t)size, "Idempotency-Key: %s\r\n", key);
    if (body)
        size += snprintf(text + size, room - (size_t)size,
                         "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                         strlen(body));
    size += snprintf(text + size, room - (size_t)size, "\r\n%s", body ? body : "");
    peer_raw(port, text, ret, NULL);
    free(text);
}

bool peer_upgrade_on(int fd, int port, const char *path)
{
    char text[1024];
    struct answer *answer = malloc(sizeof(*answer));
    assert(answer);
    snprintf(text, sizeof(text),
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: yanwu.v1\r\n\r\n",
             path, port);
    peer_text(fd, text);
    bool ok = read_head(fd, answer, PEER_PATIENCE_MS) && answer->status == 101 &&
              answer_has(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    free(answer);
    return ok;
}

int peer_upgrade(int port, const char *path)
{
    int fd = peer_connect(port);
    if (peer_upgrade_on(fd, port, path))
        return fd;
    close(fd);
    return -1;
}

void peer_frame(int fd, int opcode, const void *bytes, size_t size)
{
    unsigned char head[14] = {(unsigned char)(0x80 | opcode)};
    size_t have = 2;
    if (size < 126) {
        head[1] = (unsigned char)(0x80 | size);
    } else {
        assert(size < 65536);
        head[1] = 0x80 | 126;
        head[2] = (unsigned char)(size >> 8);
        head[3] = (unsigned char)size;
        have = 4;
    }
    static const unsigned char mask[4] = {1, 2, 3, 4};
    memcpy(head + have, mask, 4);
    unsigned char *text = malloc(size + 1);
    assert(text);
    for (size_t i = 0; i < size; i++)
        text[i] = (unsigned char)(((const unsigned char *)bytes)[i] ^ mask[i % 4]);
    peer_send(fd, head, have + 4);
    peer_send(fd, text, size);
    free(text);
}

int peer_message(int fd, char *bytes, size_t size, size_t *ret_size, int wait_ms)
{
    unsigned char head[8];
    ssize_t got = read_some(fd, head, 1, wait_ms);
    if (got < 0)
        return (int)got;
    if (!read_exactly(fd, head + 1, 1, wait_ms))
        return -1;
    int opcode = head[0] & 0x0f;
    assert((head[0] & 0xf0) == 0x80 && (head[1] & 0x80) == 0); /* final, not masked */
    size_t length = head[1];
    if (length == 126) {
        assert(read_exactly(fd, head, 2, wait_ms));
        length = (size_t)head[0] << 8 | head[1];
    } else if (length == 127) {
        assert(read_exactly(fd, head, 8, wait_ms));
        length = 0;
        for (int i = 0; i < 8; i++)
            length = length << 8 | head[i];
    }
    assert(length < size);
    if (!read_exactly(fd, bytes, length, wait_ms))
        return -1;
    bytes[length] = '\0';
    *ret_size = length;
    return opcode;
}

int peer_close_code(int fd, int wait_ms)
{
    static char bytes[1024 * 1024];
    size_t size;
    for (;;) {
        int opcode = peer_message(fd, bytes, sizeof(bytes), &size, wait_ms);
        if (opcode < 0)
            return -1;
        if (opcode == 8)
            return size < 2 ? 0 : (unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
    }
}

int peer_watch(int port, const char *path, const char *token)
{
    char text[256];
    int fd = peer_upgrade(port, path);
    if (fd < 0)
        return -1;
    snprintf(text, sizeof(text), token ? "{\"token\":\"%s\"}" : "{}", token);
    peer_frame(fd, 1, text, strlen(text));
    return fd;
}

long long peer_number(const char *text, const char *member)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "\"%s\":", member);
    const char *at = strstr(text, wanted);
    return at ? strtoll(at + strlen(wanted), NULL, 10) : -1;
}
