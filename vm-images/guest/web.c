/* Pages over the connections of a server. */
#include "guest/poller.h"

#include <string.h>

#define PAGE_MAX (15 * 1024) /* with its head it fits into a connection */

static const char *reason(int status)
{
    return status == 200   ? "OK"
           : status == 303 ? "See Other"
           : status == 403 ? "Forbidden"
           : status == 404 ? "Not Found"
           : status == 405 ? "Method Not Allowed"
           : status == 503 ? "Busy"
                           : "Bad Request";
}

void web_act(struct guest *guest, struct conn *conn,
             void (*answer)(struct guest *guest, const struct yw_http *request,
                            const char *from, struct yw_text_out *out,
                            struct web_answer *ret))
{
    struct yw_http request;
    struct web_answer how = {.status = 400, .type = "text/plain"};
    char page[PAGE_MAX];
    char head[256];
    struct yw_text_out out = {.text = page, .room = sizeof(page)};
    if (conn->closing)
        return;
    enum yw_http_outcome outcome = yw_http_read(conn->in, conn->in_size, &request);
    if (outcome == YW_HTTP_MORE)
        return;
    if (outcome == YW_HTTP_WHOLE)
        answer(guest, &request, conn->from, &out, &how);
    int size = snprintf(head, sizeof(head),
                        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                        "Cache-Control: no-store\r\nConnection: close\r\n%s%s%s\r\n",
                        how.status, reason(how.status), how.type, out.size,
                        how.location != NULL ? "Location: " : "",
                        how.location != NULL ? how.location : "",
                        how.location != NULL ? "\r\n" : "");
    (void)conn_put(conn, head, (size_t)size);
    (void)conn_put(conn, page, out.size);
    conn->in_size = 0;
    conn->closing = true;
}

bool web_upkeep(struct guest *guest, struct yw_upkeep *upkeep,
                const struct yw_http *request, const char *from, struct web_answer *ret)
{
    char line[YW_UPKEEP_LINE_MAX];
    *ret = (struct web_answer){.status = 503, .type = "text/plain"};
    if (!yw_upkeep_is(request))
        return upkeep->state != YW_UPKEEP_RUNS;
    ret->status = yw_upkeep_take(upkeep, request, from, line);
    agent_line(guest, line);
    return true;
}
