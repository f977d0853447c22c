/* Any bytes as a request to an operator station and to a historian, as their
 * configuration, and as what their controller says. */
#include "controller/history.h"
#include "controller/station.h"

#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void poll(struct yw_watch *watch, const uint8_t *bytes, size_t size)
{
    uint8_t ask[YW_MODBUS_ADU_MAX];
    size_t ask_size = 0;
    size_t at = 0;
    for (int64_t now_ms = 0; now_ms < 20000; now_ms += 400) {
        enum yw_watch_action action = yw_watch_turn(watch, now_ms, ask, &ask_size);
        size_t piece = size - at < 11 ? size - at : 11;
        if (action == YW_WATCH_CONNECT)
            yw_watch_connected(watch, true, now_ms);
        if (action != YW_WATCH_SEND || piece == 0)
            continue;
        uint8_t answer[11];
        memcpy(answer, bytes + at, piece);
        if (piece > 4) { /* so that some get through */
            memcpy(answer, ask, 2);
            answer[2] = answer[3] = 0;
        }
        (void)yw_watch_bytes(watch, answer, piece, now_ms);
        at += piece;
    }
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_station station;
    static struct yw_history history;
    static char page[16384];
    char problem[YW_CONF_PROBLEM_MAX];
    struct yw_text_out out = {.text = page, .room = sizeof(page)};
    struct yw_http request;
    const char *type = "";
    unsigned value = 0;
    (void)yw_station_load(&station, "", 0, problem);
    (void)yw_watch_load(&station.watch, "plc 10.20.2.11", 14, problem);
    poll(&station.watch, bytes, size);
    yw_station_round(&station);
    if (yw_http_read(bytes, size, &request) == YW_HTTP_WHOLE) {
        (void)yw_station_order(&station, request.body, &value);
        yw_station_page(&station, request.path, 5000, &out);
        out.size = 0;
        (void)yw_history_answer(&history, &station.watch, &request, 5000, &out, &type);
    }
    (void)yw_station_load(&station, (const char *)bytes, size, problem);
    out.size = 0;
    out.full = false;
    yw_station_page(&station, "/en/mimic", 5000, &out);
    return 0;
}
