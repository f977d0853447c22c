#include "house.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/auth.h"
#include "net/door.h"
#include "stand_in.h"

#include <assert.h>
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_text(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "we");
    assert(file);
    fputs(text, file);
    fclose(file);
}

static void make_folders(struct house *house)
{
    YW_COPY(house->data_dir, "/tmp/yw-api-data-XXXXXX");
    YW_COPY(house->board_dir, "/tmp/yw-api-board-XXXXXX");
    assert(mkdtemp(house->data_dir) && mkdtemp(house->board_dir));
    write_text(house->board_dir, "index.html", "<!doctype html><title>演武</title>");
    write_text(house->board_dir, "main.0123abcd.js", "export {};\n");
    write_text(house->board_dir, ".hidden", "no");
    char path[256];
    snprintf(path, sizeof(path), "%s/words", house->board_dir);
    assert(mkdir(path, 0700) == 0);
    write_text(path, "en.json", "{}");
}

static void on_term(void *arg)
{
    yw_loop_stop(arg);
}

static void tell(FILE *out, struct yw_net *net)
{
    char quick[YW_ID_SIZE], slow[YW_ID_SIZE], other[YW_ID_SIZE];
    struct yw_err err = {0};
    assert(yw_auth_issue(net->auth, "drill-one", "blue-quick", quick, &err) == 0);
    assert(yw_auth_issue(net->auth, "drill-one", "blue-slow", slow, &err) == 0);
    assert(yw_auth_issue(net->auth, "drill-two", "other", other, &err) == 0);
    assert(yw_auth_keep(net->auth, &err) == 0);
    fprintf(out, "%d %s %s %s %s\n", yw_net_port(net), yw_net_control_token(net), quick,
            slow, other);
    fclose(out);
}

static int serve(const struct house *house, int tell_fd)
{
    struct yw_err err = {0};
    struct yw_loop *loop;
    struct yw_net *net;
    yw_log_setup("house", YW_LOG_ERROR, false, 2);
    assert(yw_hash_setup() == 0);
    assert(yw_loop_open(&loop, &err) == 0);
    struct yw_conductor *conductor = stand_in_new(loop);
    struct yw_net_config config = {.address = "127.0.0.1",
                                   .origins =
                                       "https://board.example http://other.example:81"};
    YW_COPY(config.data_dir, house->data_dir);
    YW_COPY(config.board_dir, house->board_dir);
    YW_COPY(config.tls_cert, house->tls_cert);
    YW_COPY(config.tls_key, house->tls_key);
    if (yw_net_open(&net, loop, conductor, &config, &err)) {
        fprintf(stderr, "house: %s\n", err.text);
        return 1;
    }
    assert(yw_loop_on_signal(loop, SIGTERM, on_term, loop, &err) == 0);
    tell(fdopen(tell_fd, "w"), net);
    yw_loop_run(loop);
    yw_net_close(net);
    int watched = stand_in_watched(conductor);
    stand_in_free(conductor);
    if (watched != 0 || stand_in_frames(NULL) != 0) {
        fprintf(stderr, "house: left %d boards, %zu frames\n", watched,
                stand_in_frames(NULL));
        return 3;
    }
    yw_loop_close(loop);
    return 0;
}

static void start(struct house *house)
{
    int ends[2];
    assert(pipe(ends) == 0);
    house->pid = fork();
    assert(house->pid >= 0);
    if (house->pid == 0) {
        close(ends[0]);
        exit(serve(house, ends[1]));
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    assert(in);
    int got = fscanf(in, "%d %63s %63s %63s %63s", &house->port, house->control,
                     house->quick, house->slow, house->other);
    while (fgetc(in) != EOF) /* it has closed its end */
        ;
    fclose(in);
    assert(got == 5);
}

void house_start(struct house *house)
{
    memset(house, 0, sizeof(*house));
    make_folders(house);
    start(house);
}

bool house_start_tls(struct house *house)
{
    char command[512];
    memset(house, 0, sizeof(*house));
    make_folders(house);
    snprintf(house->tls_cert, sizeof(house->tls_cert), "%s/cert.pem", house->data_dir);
    snprintf(house->tls_key, sizeof(house->tls_key), "%s/key.pem", house->data_dir);
    snprintf(command, sizeof(command),
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
             "-days 2 "
             "-subj /CN=localhost -keyout %s -out %s 2>/dev/null",
             house->tls_key, house->tls_cert);
    if (system(command) != 0)
        return false;
    start(house);
    return true;
}

static int drop(const char *path, const struct stat *facts, int type, struct FTW *place)
{
    (void)facts;
    (void)type;
    (void)place;
    return remove(path);
}

void house_stop(struct house *house)
{
    int status;
    assert(house->pid > 0 && kill(house->pid, SIGTERM) == 0);
    assert(waitpid(house->pid, &status, 0) == house->pid);
    nftw(house->data_dir, drop, 8, FTW_DEPTH | FTW_PHYS);
    nftw(house->board_dir, drop, 8, FTW_DEPTH | FTW_PHYS);
    assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

long house_rss_kib(const struct house *house)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)house->pid);
    FILE *file = fopen(path, "re");
    assert(file);
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    fclose(file);
    return kib;
}

int house_descriptors(const struct house *house)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)house->pid);
    DIR *folder = opendir(path);
    assert(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}
