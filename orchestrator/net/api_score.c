/* POST /api/v1/drills/ID/rulings: control rules. GET …/why: the lines behind the points.
 */
#include "base/mem.h"
#include "codec/state/state.h"
#include "net/door.h"

int yw_api_score_rule(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_ruling ruling;
    int code =
        yw_request_ruling_decode(&ruling, exchange->body.data, exchange->body.size, err);
    if (code)
        return code;
    int team =
        yw_conductor_team(exchange->net->conductor, exchange->parts[0], ruling.team);
    if (team < 0)
        return yw_err_set(err, YW_ENOTFOUND, "/team: no team '%s'", ruling.team);
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_RULE);
    call->command->ruling = ruling;
    call->command->team = team;
    return yw_call_start(exchange, call, err);
}

int yw_api_score_why(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_conductor *conductor = exchange->net->conductor;
    const char *drill = exchange->parts[0];
    char name[YW_NAME_MAX];
    yw_exchange_arg(exchange, "team", name, sizeof(name));
    int team = name[0] ? yw_conductor_team(conductor, drill, name) : -1;
    if (name[0] && team < 0)
        return yw_err_set(err, YW_ENOTFOUND, "team: no team '%s'", name);
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_PUBLIC, -1);
    const struct yw_score *score =
        yw_conductor_score(conductor, drill, YW_AUDIENCE_PUBLIC, -1);
    if (!view || !score)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", drill);
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_score_encode(&out, view, score, team);
    yw_exchange_json(exchange, 200, &out);
    return 0;
}
