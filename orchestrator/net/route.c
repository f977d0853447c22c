#include "net/http.h"

#include "net/door.h"

#include <string.h>

static const struct yw_route routes[] = {
    {YW_METHOD_GET, "/api/v1/status", YW_ROLE_PUBLIC, 0, yw_api_status},
    {YW_METHOD_GET, "/api/v1/hosts", YW_ROLE_CONTROL, 0, yw_api_host_list},
    {YW_METHOD_POST, "/api/v1/hosts/*/drain", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_host_order},
    {YW_METHOD_POST, "/api/v1/hosts/*/undrain", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_host_order},
    {YW_METHOD_POST, "/api/v1/hosts/*/forget", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_host_order},
    {YW_METHOD_POST, "/api/v1/playbooks/validate", YW_ROLE_INSIDE, YW_HTTP_PLAYBOOK_MAX,
     yw_api_playbook_validate},
    {YW_METHOD_GET, "/api/v1/drills", YW_ROLE_PUBLIC, 0, yw_api_drill_list},
    {YW_METHOD_POST, "/api/v1/drills", YW_ROLE_CONTROL, YW_HTTP_CREATE_MAX,
     yw_api_drill_create},
    {YW_METHOD_GET, "/api/v1/drills/*", YW_ROLE_PUBLIC, 0, yw_api_drill_state},
    {YW_METHOD_POST, "/api/v1/drills/*/up", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/start", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/pause", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/resume", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/end", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/down", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/clock", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_clock},
    {YW_METHOD_POST, "/api/v1/drills/*/stop", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_drill_verb},
    {YW_METHOD_POST, "/api/v1/drills/*/resets", YW_ROLE_INSIDE, YW_HTTP_BODY_MAX,
     yw_api_reset},
    {YW_METHOD_GET, "/api/v1/drills/*/checkpoints", YW_ROLE_CONTROL, 0,
     yw_api_checkpoint_list},
    {YW_METHOD_POST, "/api/v1/drills/*/checkpoints", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_checkpoint_create},
    {YW_METHOD_POST, "/api/v1/drills/*/checkpoints/*/restore", YW_ROLE_CONTROL,
     YW_HTTP_BODY_MAX, yw_api_checkpoint_use},
    {YW_METHOD_POST, "/api/v1/drills/*/checkpoints/*/drop", YW_ROLE_CONTROL,
     YW_HTTP_BODY_MAX, yw_api_checkpoint_use},
    {YW_METHOD_POST, "/api/v1/drills/*/checkpoints/*/fork", YW_ROLE_CONTROL,
     YW_HTTP_BODY_MAX, yw_api_checkpoint_use},
    {YW_METHOD_POST, "/api/v1/drills/*/evidence", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_evidence},
    {YW_METHOD_POST, "/api/v1/drills/*/exec", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_exec},
    {YW_METHOD_POST, "/api/v1/drills/*/files", YW_ROLE_CONTROL, YW_HTTP_CREATE_MAX,
     yw_api_file},
    {YW_METHOD_GET, "/api/v1/drills/*/plan", YW_ROLE_CONTROL, 0, yw_api_drill_plan},
    {YW_METHOD_POST, "/api/v1/drills/*/questions/*/answer", YW_ROLE_DUTY,
     YW_HTTP_BODY_MAX, yw_api_question_answer},
    {YW_METHOD_POST, "/api/v1/drills/*/questions/*/confirm", YW_ROLE_DUTY,
     YW_HTTP_BODY_MAX, yw_api_question_task},
    {YW_METHOD_POST, "/api/v1/drills/*/questions/*/evidence", YW_ROLE_DUTY,
     YW_HTTP_CREATE_MAX, yw_api_question_task},
    {YW_METHOD_POST, "/api/v1/drills/*/playbooks", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_playbook_conduct},
    {YW_METHOD_POST, "/api/v1/drills/*/playbooks/*/control", YW_ROLE_CONTROL,
     YW_HTTP_BODY_MAX, yw_api_playbook_conduct},
    {YW_METHOD_POST, "/api/v1/drills/*/tokens", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_token_issue},
    {YW_METHOD_POST, "/api/v1/drills/*/actions", YW_ROLE_TEAM, YW_HTTP_BODY_MAX,
     yw_api_action},
    {YW_METHOD_GET, "/api/v1/drills/*/operations", YW_ROLE_TEAM, 0, yw_api_operations},
    {YW_METHOD_POST, "/api/v1/drills/*/reports", YW_ROLE_TEAM, YW_HTTP_BODY_MAX,
     yw_api_report_file},
    {YW_METHOD_POST, "/api/v1/drills/*/duty/*", YW_ROLE_DUTY, YW_HTTP_BODY_MAX,
     yw_api_duty_enter},
    {YW_METHOD_GET, "/api/v1/drills/*/runs/*/chart", YW_ROLE_PUBLIC, 0, yw_api_run_chart},
    {YW_METHOD_GET, "/api/v1/drills/*/runs/*/export", YW_ROLE_DUTY, 0, yw_api_run_export},
    {YW_METHOD_POST, "/api/v1/drills/*/rulings", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_score_rule},
    {YW_METHOD_GET, "/api/v1/drills/*/why", YW_ROLE_PUBLIC, 0, yw_api_score_why},
    {YW_METHOD_GET, "/api/v1/drills/*/journal", YW_ROLE_CONTROL, 0, yw_api_journal},
    {YW_METHOD_GET, "/api/v1/drills/*/report", YW_ROLE_CONTROL, 0, yw_api_report_read},
    {YW_METHOD_GET, "/api/v1/drills/*/recordings", YW_ROLE_CONTROL, 0,
     yw_api_recording_list},
    {YW_METHOD_GET, "/api/v1/drills/*/recordings/*", YW_ROLE_CONTROL, 0,
     yw_api_recording_read},
    {YW_METHOD_POST, "/api/v1/drills/*/captures", YW_ROLE_CONTROL, YW_HTTP_BODY_MAX,
     yw_api_capture},
    {YW_METHOD_GET, "/api/v1/drills/*/captures", YW_ROLE_CONTROL, 0, yw_api_capture_list},
    {YW_METHOD_GET, "/api/v1/drills/*/captures/*", YW_ROLE_CONTROL, 0,
     yw_api_capture_read},
};

static bool matches(const char *pattern, const char *path,
                    char parts[YW_HTTP_PARTS_MAX][YW_HTTP_PART_MAX])
{
    size_t count = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '*') {
            if (*pattern != *path++)
                return false;
            continue;
        }
        size_t size = strcspn(path, "/");
        if (size == 0 || size >= YW_HTTP_PART_MAX || count == YW_HTTP_PARTS_MAX)
            return false;
        memcpy(parts[count], path, size);
        parts[count++][size] = '\0';
        path += size;
    }
    return *path == '\0';
}

const struct yw_route *yw_route_find(enum yw_method method, const char *path,
                                     char parts[YW_HTTP_PARTS_MAX][YW_HTTP_PART_MAX],
                                     const char **ret_allow)
{
    bool get = false, post = false;
    if (method == YW_METHOD_HEAD)
        method = YW_METHOD_GET;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!matches(routes[i].pattern, path, parts))
            continue;
        if (routes[i].method == method)
            return &routes[i];
        get |= routes[i].method == YW_METHOD_GET;
        post |= routes[i].method == YW_METHOD_POST;
    }
    *ret_allow = get ? "GET, HEAD" : post ? "POST" : NULL;
    return NULL;
}

/* Whether the drill that the path names exists, and which team of it this caller is. */
static int find_drill(struct yw_exchange *exchange, struct yw_err *err)
{
    const char *drill = exchange->parts[0];
    struct yw_conductor *conductor = exchange->net->conductor;
    if (strncmp(exchange->route->pattern, "/api/v1/drills/*", 16) != 0)
        return 0;
    if (!yw_name_valid(drill) ||
        !yw_conductor_view(conductor, drill, YW_AUDIENCE_PUBLIC, -1)) {
        (void)yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", drill);
        return 404;
    }
    bool office = exchange->caller.role == YW_ROLE_TIER;
    if (exchange->caller.role != YW_ROLE_TEAM && !office)
        return 0;
    if (strcmp(exchange->caller.drill, drill) != 0) {
        (void)yw_err_set(err, YW_EDENIED, "this token belongs to another drill");
        return 403;
    }
    if (office) {
        exchange->team = yw_spec_tier(exchange->caller.team);
        return 0;
    }
    exchange->team = yw_conductor_team(conductor, drill, exchange->caller.team);
    if (exchange->team < 0) {
        (void)yw_err_set(err, YW_EDENIED, "this token's team is not in the drill");
        return 403;
    }
    return 0;
}

int yw_route_authorize(struct yw_exchange *exchange, const char *token,
                       struct yw_err *err)
{
    struct yw_net *net = exchange->net;
    struct yw_rate_entry *entry = lws_get_opaque_user_data(exchange->wsi);
    if (token[0]) {
        if (entry && !yw_rate_may_try(&net->rate, entry)) {
            (void)yw_err_set(err, YW_EDENIED, "too many wrong tokens from this address");
            return 429;
        }
        if (!yw_auth_check(net->auth, token, &exchange->caller)) {
            if (entry)
                yw_rate_refused(&net->rate, entry);
            (void)yw_err_set(err, YW_EDENIED, "no such token");
            return 401;
        }
    }
    enum yw_role needed = exchange->route->role;
    if (needed != YW_ROLE_PUBLIC && exchange->caller.role == YW_ROLE_PUBLIC) {
        (void)yw_err_set(err, YW_EDENIED, "a token is needed");
        return 401;
    }
    bool any = needed == YW_ROLE_PUBLIC || needed == YW_ROLE_DUTY;
    if (needed == YW_ROLE_INSIDE)
        any = exchange->caller.role != YW_ROLE_TIER;
    if (!any && exchange->caller.role != needed) {
        (void)yw_err_set(err, YW_EDENIED, "only for %s",
                         needed == YW_ROLE_TEAM     ? "teams"
                         : needed == YW_ROLE_INSIDE ? "teams and control"
                                                    : "control");
        return 403;
    }
    return find_drill(exchange, err);
}
