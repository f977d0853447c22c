#include "cli/hosts.h"

#include "base/folder.h"
#include "base/mem.h"
#include "store/image.h"
#include "virt/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int yw_cli_hosts_read(struct yw_hosts_file **ret, const struct yw_cli *cli,
                      const char *path, struct yw_err *err)
{
    struct yw_hosts_file *file = yw_new(sizeof *file);
    char *usual = yw_strf("%s/hosts.json", cli->data_dir);
    int code = yw_hosts_file_read(file, path[0] != '\0' ? path : usual, err);
    *ret = code == 0 ? file : NULL;
    if (code != 0) {
        free(file);
    }
    free(usual);
    return code == YW_ENOTFOUND && path[0] == '\0' ? 0 : code;
}

/* A host that names no directory has one of its own, so that no two share a root. */
static char *data_of(const struct yw_host_entry *host, const struct yw_cli *cli)
{
    return host->data[0] != '\0' ? yw_strdup(host->data)
                                 : yw_strf("%s/hosts/%s", cli->data_dir, host->name);
}

static void config_of(struct yw_virt_broker_config *ret, const struct yw_host_entry *host,
                      const struct yw_cli *cli, int boots_at_once)
{
    char *data = data_of(host, cli);
    memset(ret, 0, sizeof *ret);
    ret->boots_at_once = boots_at_once;
    yw_hosts_file_uri(host, ret->uri);
    YW_COPY(ret->data_dir, data);
    YW_COPY(ret->images_dir, cli->images_dir);
    YW_COPY(ret->program, cli->program);
    for (size_t i = 0; i < host->run_count; i++) {
        YW_COPY(ret->run[ret->run_count++], host->run[i]);
    }
    free(data);
}

static char **command_of(const struct yw_host_entry *host, const struct yw_cli *cli,
                         int boots_at_once)
{
    char **argv = yw_new_array(YW_VIRT_RUN_WORDS_MAX + 8, sizeof *argv);
    struct yw_virt_broker_config *config = yw_new(sizeof *config);
    struct yw_virt_broker_command command;
    config_of(config, host, cli, boots_at_once);
    yw_virt_broker_command(config, &command);
    for (size_t i = 0; command.argv[i] != NULL; i++) {
        argv[i] = yw_strdup(command.argv[i]);
    }
    free(config);
    return argv;
}

char ***yw_cli_hosts_commands(const struct yw_hosts_file *file, const struct yw_cli *cli,
                              int boots_at_once)
{
    char ***commands = yw_new_array(file->count + 1, sizeof *commands);
    for (size_t i = 0; i < file->count; i++) {
        char *data = data_of(&file->hosts[i], cli);
        if (file->hosts[i].run_count == 0) { /* else it is on that host */
            (void)yw_folder_make(data, 0755, NULL);
        }
        free(data);
        commands[i] = command_of(&file->hosts[i], cli, boots_at_once);
    }
    return commands;
}

void yw_cli_hosts_free_commands(char ***commands)
{
    for (size_t i = 0; commands != NULL && commands[i] != NULL; i++) {
        for (size_t k = 0; commands[i][k] != NULL; k++) {
            free(commands[i][k]);
        }
        free(commands[i]);
    }
    free(commands);
}

static int open_one(struct yw_virt **ret, struct yw_loop *loop,
                    const struct yw_host_entry *host, const struct yw_cli *cli,
                    int boots_at_once, struct yw_keeper_seat *seat, struct yw_err *err)
{
    struct yw_virt_broker_config config;
    config_of(&config, host, cli, boots_at_once);
    if (seat->link != NULL) {
        config.spawn = yw_keeper_spawn_seat;
        config.spawn_arg = seat;
    }
    return yw_virt_open_broker(ret, loop, &config, err);
}

/* The disk of an image that is registered here, for a host that lacks it. */
static int find_image(const void *arg, const char *id, struct yw_hosts_image *ret,
                      struct yw_err *err)
{
    const struct yw_cli *cli = arg;
    char path[YW_IMAGE_PATH_MAX];
    struct yw_image image;
    int code = yw_image_find(cli->data_dir, id, &image, path, err);
    if (code != 0) {
        return code;
    }
    enum yw_image_agent agent = YW_IMAGE_AGENT_OWN;
    (void)yw_image_agent_parse(image.agent, &agent, NULL);
    if (agent != YW_IMAGE_AGENT_OWN) {
        return yw_err_set(err, YW_ESTATE,
                          "image '%s' brings a system of its own (agent %s): its machines "
                          "run on this host alone",
                          id, image.agent);
    }
    ret->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (ret->fd < 0) {
        return yw_err_errno(err, YW_EIO, errno, path);
    }
    ret->size = image.size_bytes;
    YW_COPY(ret->hash, image.blake2b);
    return 0;
}

int yw_cli_hosts_open(struct yw_virt **ret, struct yw_loop *loop,
                      const struct yw_hosts_file *file, const struct yw_cli *cli,
                      int boots_at_once, struct yw_keeper_link *link, struct yw_err *err)
{
    struct yw_hosts_member *members = yw_new_array(file->count, sizeof *members);
    size_t count = 0;
    int code = 0;
    for (size_t i = 0; code == 0 && i < file->count; i++) {
        const struct yw_host_entry *host = &file->hosts[i];
        struct yw_hosts_member *member = &members[i];
        struct yw_keeper_seat *seat = link == NULL ? NULL : &link->seats[i];
        struct yw_keeper_seat none = {0};
        if (seat != NULL) {
            *seat = (struct yw_keeper_seat){.link = link, .broker = (uint32_t)i};
        }
        YW_COPY(member->name, host->name);
        YW_COPY(member->uri, host->uri);
        member->weight = (int)host->weight;
        member->drain = host->drain;
        member->underlay = host->underlay;
        code = open_one(&member->virt, loop, host, cli, boots_at_once,
                        seat == NULL ? &none : seat, err);
        count += code == 0;
    }
    if (code == 0) {
        code = yw_virt_open_hosts(ret, yw_loop_clock(loop), yw_loop_due(loop), members,
                                  count, err);
        if (code == 0) {
            yw_virt_hosts_images(*ret, find_image, cli);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            yw_virt_close(members[i].virt);
        }
    }
    free(members);
    return code;
}
