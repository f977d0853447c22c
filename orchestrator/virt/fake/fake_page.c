/* The pages of fake operator stations and historians: the upkeep page (controller/upkeep.h) and
 * what a historian that has not kept anything yet says (controller/history.h). */
#include "virt/fake/fake_world.h"

#include "base/mem.h"
#include "controller/history.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MAX (15 * 1024)

bool yw_fake_has_pages(const struct yw_fake_machine *machine)
{
    return strcmp(machine->image, "hmi") == 0 || strcmp(machine->image, "historian") == 0;
}

static int upkeep(struct yw_fake_machine *machine, const struct yw_http *request,
                  uint32_t source)
{
    char line[YW_UPKEEP_LINE_MAX];
    char from[16];

    yw_fake_address_text(source, from);
    int status = yw_upkeep_take(&machine->upkeep, request, from, line);

    if (machine->world->on_line && machine->attached)
        machine->world->on_line(machine->world->arg, machine, line);
    return status;
}

static int history(const struct yw_http *request, struct yw_text_out *out)
{
    struct yw_history *empty = yw_new(sizeof(*empty));
    struct yw_watch watch;
    const char *type = "";

    yw_watch_init(&watch);
    int status = yw_history_answer(empty, &watch, request, 0, out, &type);

    free(empty);
    return status;
}

void yw_fake_page(struct yw_fake_machine *machine, uint32_t source, const void *bytes,
                  size_t size, struct yw_buf *out)
{
    char *page = yw_new(PAGE_MAX);
    struct yw_text_out text = {.text = page, .room = PAGE_MAX};
    struct yw_http request;
    int status = 400;

    if (yw_http_read(bytes, size, &request) == YW_HTTP_WHOLE) {
        if (yw_upkeep_is(&request))
            status = upkeep(machine, &request, source);
        else if (machine->upkeep.state != YW_UPKEEP_RUNS)
            status = 503;
        else if (strcmp(machine->image, "historian") == 0)
            status = history(&request, &text);
        else
            status = request.post ? 400 : 200;
    }
    yw_buf_printf(out, "HTTP/1.1 %d -\r\nContent-Length: %zu\r\n\r\n", status, text.size);
    yw_buf_put(out, page, text.size);
    free(page);
}
