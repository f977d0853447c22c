#include "cli/scenario.h"

#include "base/mem.h"
#include "drill/package.h"

#include <string.h>

static int load(struct yw_scenario *scenario, const struct yw_cli *cli, uint64_t seed,
                struct yw_err *err)
{
    const struct yw_package_file *script =
        yw_package_file(scenario->package, "scenario.lua");
    const struct yw_package_file *rehearsal =
        yw_package_file(scenario->package, "rehearsal.lua");
    struct yw_script_request request = {.ask = YW_SCRIPT_LOAD, .seed = seed};
    pid_t pid = 0;
    int fd = -1;

    if (script == NULL)
        return yw_err_set(err, YW_ENOTFOUND, "scenario.lua: not in the folder");
    (void)YW_COPY(request.scenario_name, "scenario.lua");
    request.scenario = script->bytes;
    request.scenario_size = script->size;
    request.rehearsal = rehearsal != NULL ? rehearsal->bytes : NULL;
    request.rehearsal_size = rehearsal != NULL ? rehearsal->size : 0;
    int status = yw_script_spawn(cli->program, &pid, &fd, err);

    if (status < 0)
        return status;
    status =
        yw_script_exchange(pid, fd, &request, &scenario->loaded, YW_SCRIPT_LOAD_MS, err);
    yw_script_end(pid, fd);
    if (status < 0)
        return status;
    if (scenario->loaded.answer == YW_SCRIPT_FAULT) {
        if (err != NULL)
            *err = scenario->loaded.fault;
        return scenario->loaded.fault.code < 0 ? scenario->loaded.fault.code : YW_EINVAL;
    }
    if (scenario->loaded.answer != YW_SCRIPT_LOADED || scenario->loaded.spec == NULL)
        return yw_err_set(err, YW_EIO, "the script host gave an answer out of turn");
    yw_spec_seat(scenario->loaded.spec, cli->tabletop);
    return 0;
}

int yw_scenario_open(struct yw_scenario *ret, const struct yw_cli *cli, const char *dir,
                     uint64_t seed, struct yw_err *err)
{
    memset(ret, 0, sizeof *ret);
    int status = yw_package_load(&ret->package, dir, err);

    if (status == 0)
        status = load(ret, cli, seed, err);
    if (status < 0)
        yw_scenario_close(ret);
    return status;
}

void yw_scenario_close(struct yw_scenario *scenario)
{
    yw_script_reply_fini(&scenario->loaded);
    yw_package_free(scenario->package);
    scenario->package = NULL;
}
