/* GET /api/v1/status and GET /api/v1/drills: what runs here. For everybody. */
#include "net/door.h"

static void put_drill(struct yw_buf *out, const struct yw_view *view, const char *drill)
{
    yw_buf_puts(out, "{\"id\":");
    yw_json_string(out, drill);
    yw_buf_puts(out, ",\"phase\":");
    yw_json_string(out, yw_phase_name(view->state.phase));
    yw_buf_puts(out, ",\"title\":{\"en\":");
    yw_json_string(out, view->state.facts.title.en);
    yw_buf_puts(out, ",\"zh\":");
    yw_json_string(out, view->state.facts.title.zh);
    yw_buf_puts(out, "}}");
}

static void put_drills(struct yw_buf *out, const struct yw_conductor *conductor)
{
    yw_buf_puts(out, "\"drills\":[");
    bool first = true;
    for (size_t i = 0; i < yw_conductor_count(conductor); i++) {
        const char *drill = yw_conductor_drill_at(conductor, i);
        const struct yw_view *view =
            yw_conductor_view(conductor, drill, YW_AUDIENCE_PUBLIC, -1);
        if (!view)
            continue;
        yw_buf_puts(out, first ? "" : ",");
        put_drill(out, view, drill);
        first = false;
    }
    yw_buf_puts(out, "]");
}

int yw_api_status(struct yw_exchange *exchange, struct yw_err *err)
{
    (void)err;
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_puts(&out, "{");
    put_drills(&out, exchange->net->conductor);
    yw_buf_printf(&out, ",\"version\":\"%s\",\"wall_us\":%lld}", YW_VERSION,
                  (long long)yw_clock_wall_us(yw_loop_clock(exchange->net->loop)));
    yw_exchange_json(exchange, 200, &out);
    return 0;
}

int yw_api_drill_list(struct yw_exchange *exchange, struct yw_err *err)
{
    (void)err;
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_puts(&out, "{");
    put_drills(&out, exchange->net->conductor);
    yw_buf_puts(&out, "}");
    yw_exchange_json(exchange, 200, &out);
    return 0;
}
