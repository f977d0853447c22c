#include "script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 20210205

int harness_main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "script-host") == 0)
        return yw_script_host_main(3);
    return -1;
}

void harness_open(struct harness *harness)
{
    memset(harness, 0, sizeof(*harness));
    int code =
        yw_script_spawn("/proc/self/exe", &harness->pid, &harness->fd, &harness->err);
    if (code != 0)
        fail_msg("%s", harness->err.text);
}

void harness_close(struct harness *harness)
{
    yw_script_reply_fini(&harness->reply);
    yw_script_end(harness->pid, harness->fd);
}

static int exchange(struct harness *harness, const struct yw_script_request *request,
                    int64_t deadline_ms)
{
    yw_script_reply_fini(&harness->reply);
    memset(&harness->err, 0, sizeof(harness->err));
    return yw_script_exchange(harness->pid, harness->fd, request, &harness->reply,
                              deadline_ms, &harness->err);
}

int harness_load(struct harness *harness, const char *scenario, const char *rehearsal)
{
    struct yw_script_request request = {.ask = YW_SCRIPT_LOAD,
                                        .scenario_name = "scenario.lua",
                                        .scenario = scenario,
                                        .scenario_size = strlen(scenario),
                                        .rehearsal = rehearsal,
                                        .seed = SEED};
    if (rehearsal != NULL)
        request.rehearsal_size = strlen(rehearsal);
    return exchange(harness, &request, YW_SCRIPT_LOAD_MS);
}

int harness_start_story(struct harness *harness, int co, const char *team)
{
    struct yw_script_request request = {.ask = YW_SCRIPT_START, .co = co};
    snprintf(request.team_name, sizeof(request.team_name), "%s", team);
    return exchange(harness, &request, YW_SCRIPT_RESUME_MS);
}

int harness_start_player(struct harness *harness, int co, const char *team,
                         const char *player)
{
    struct yw_script_request request = {
        .ask = YW_SCRIPT_START, .co = co, .is_player = true};
    snprintf(request.team_name, sizeof(request.team_name), "%s", team);
    snprintf(request.player, sizeof(request.player), "%s", player);
    return exchange(harness, &request, YW_SCRIPT_RESUME_MS);
}

int harness_resume(struct harness *harness, int co, bool holds)
{
    struct yw_script_request request = {
        .ask = YW_SCRIPT_RESUME, .co = co, .holds = holds};
    return exchange(harness, &request, YW_SCRIPT_RESUME_MS);
}

char *harness_read(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("cannot read %s", path);
    char *text = calloc(1, YW_SCRIPT_SOURCE_MAX + 2);
    if (text == NULL || fread(text, 1, YW_SCRIPT_SOURCE_MAX + 1, file) == 0)
        fail_msg("cannot read %s", path);
    fclose(file);
    return text;
}
