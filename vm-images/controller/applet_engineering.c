/* The attacker's commands of the engineering port (engineering.h): what the maker's programming
 * software does, by one connection each, over the streams of yw_applet_io. */
#include "controller/applet_inner.h"

#include "controller/engineering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 3000
#define ANSWER_MAX 256

struct engineer {
    struct applet *a;
    int stream;
    size_t in_size;
    char in[1024];
    char line[ANSWER_MAX]; /* the last answer, without its end */
    size_t text_size;
    char text[YW_ST_SOURCE_MAX + 1]; /* of the controller's program, then of ours */
};

/* More bytes of the connection; false: none came, or it is gone. */
static bool more(struct engineer *e)
{
    const struct yw_applet_io *io = e->a->io;
    if (e->in_size == sizeof(e->in))
        return false; /* no answer has such a line */
    int got = io->receive(io->arg, e->stream, e->in + e->in_size,
                          sizeof(e->in) - e->in_size, ANSWER_MS);
    e->in_size += got > 0 ? (size_t)got : 0;
    return got > 0;
}

static void drop(struct engineer *e, size_t size)
{
    e->in_size -= size;
    memmove(e->in, e->in + size, e->in_size);
}

/* The next line of the controller. */
static bool take_line(struct engineer *e)
{
    char *end = NULL;
    while ((end = memchr(e->in, '\n', e->in_size)) == NULL) {
        if (!more(e))
            return false;
    }
    size_t size = (size_t)(end - e->in);
    size_t kept = size < sizeof(e->line) - 1 ? size : sizeof(e->line) - 1;
    memcpy(e->line, e->in, kept);
    e->line[kept] = '\0';
    e->line[strcspn(e->line, "\r")] = '\0';
    drop(e, size + 1);
    return true;
}

static bool put(struct engineer *e, const void *bytes, size_t size)
{
    return e->a->io->send(e->a->io->arg, e->stream, bytes, size);
}

/* Sends a command and takes its answer: true when that begins with `want`, "200" or "211". */
static bool ask(struct engineer *e, const char *want, const char *verb, const char *word)
{
    char command[YW_ENG_COMMAND_MAX + 2];
    int size =
        snprintf(command, sizeof(command), "%s%s%s\n", verb, word[0] ? " " : "", word);
    e->line[0] = '\0';
    return size > 0 && (size_t)size < sizeof(command) && put(e, command, (size_t)size) &&
           take_line(e) && strncmp(e->line, want, 3) == 0;
}

/* The page behind "211 SIZE" into e->text. */
static bool take_text(struct engineer *e)
{
    unsigned long size = strtoul(e->line + 3, NULL, 10);
    if (size >= sizeof(e->text))
        return false;
    e->text_size = 0;
    while (e->text_size < size) {
        if (e->in_size == 0 && !more(e))
            return false;
        size_t part = size - e->text_size;
        if (part > e->in_size)
            part = e->in_size;
        memcpy(e->text + e->text_size, e->in, part);
        e->text_size += part;
        drop(e, part);
    }
    e->text[size] = '\0';
    return true;
}

/* What the controller said is evidence, but it is not ours: only plain letters of it. */
static void refuse(struct engineer *e, const char *what)
{
    char text[ANSWER_MAX + 64];
    for (char *at = e->line; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
            *at = '.';
    }
    (void)snprintf(text, sizeof(text), "%s: %s", what,
                   e->line[0] ? e->line : "no answer");
    yw_applet_refuse(e->a, text);
}

static bool is_plain(const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value <= ' ' || *value > '~' || *value == '"' || *value == '\\')
            return false;
    }
    return true;
}

/* "mode" of the STATUS page in e->text; "" when it is not there or no plain word. */
static void status_of(const struct engineer *e, const char *key, char ret[64])
{
    size_t length = strlen(key);
    ret[0] = '\0';
    for (const char *at = e->text; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, "\r\n");
        if (size > length && strncmp(at, key, length) == 0 && at[length] == '=' &&
            size - length <= 63) {
            memcpy(ret, at + length + 1, size - length - 1);
            ret[size - length - 1] = '\0';
            if (!is_plain(ret))
                ret[0] = '\0';
            return;
        }
        at += size;
        at += strspn(at, "\r\n");
    }
}

static bool status(struct engineer *e)
{
    if (ask(e, "211", "STATUS", "") && take_text(e))
        return true;
    refuse(e, "status");
    return false;
}

static bool login(struct engineer *e, const char *password)
{
    if (ask(e, "200", "LOGIN", password))
        return true;
    refuse(e, "login");
    return false;
}

static bool mode(struct engineer *e, const char *name)
{
    if (ask(e, "200", "MODE", name))
        return true;
    refuse(e, "mode");
    return false;
}

static void do_status(struct engineer *e)
{
    static const char *const keys[] = {"vendor", "model", "revision",
                                       "mode",   "key",   "crc"};
    char value[64];
    if (!status(e))
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        status_of(e, keys[i], value);
        yw_applet_say(e->a, "%s\"%s\":\"%s\"", i == 0 ? "{" : ",", keys[i], value);
    }
    yw_applet_say(e->a, "}");
}

static void do_login(struct engineer *e)
{
    if (login(e, yw_applet_argument(e->a, 3)))
        yw_applet_say(e->a, "{\"login\":true}");
}

static void do_mode(struct engineer *e)
{
    char old[64];
    const char *wanted = yw_applet_argument(e->a, 4);
    if (!status(e))
        return;
    status_of(e, "mode", old);
    if (login(e, yw_applet_argument(e->a, 3)) && mode(e, wanted))
        yw_applet_say(e->a, "{\"old\":\"%s\",\"new\":\"%s\"}", old, wanted);
}

/* Puts `with` in the place of every `find` of e->text; how many, or -1: too long. */
static int replace_all(struct engineer *e, const char *find, const char *with)
{
    size_t gone = strlen(find);
    size_t come = strlen(with);
    int places = 0;
    for (char *at = e->text; (at = strstr(at, find)) != NULL; at += come) {
        size_t rest = e->text_size - (size_t)(at - e->text) - gone;
        if (e->text_size - gone + come >= sizeof(e->text))
            return -1;
        memmove(at + come, at + gone, rest + 1);
        memcpy(at, with, come);
        e->text_size += come;
        e->text_size -= gone;
        places++;
    }
    return places;
}

/* e->text into the controller; it was in mode PROGRAM for that, and runs again. */
static bool download(struct engineer *e)
{
    char size[24];
    (void)snprintf(size, sizeof(size), "%zu", e->text_size);
    if (!mode(e, "program"))
        return false;
    if (!ask(e, "200", "DOWNLOAD", size) || !put(e, e->text, e->text_size) ||
        !take_line(e) || strncmp(e->line, "200", 3) != 0) {
        refuse(e, "download");
        return false;
    }
    return mode(e, "run");
}

/* Uploads the controller's logic, changes it, and downloads it again. */
static void do_patch(struct engineer *e)
{
    char old[64];
    char new[64];
    const char *find = yw_applet_argument(e->a, 4);
    if (!status(e))
        return;
    status_of(e, "crc", old);
    if (!login(e, yw_applet_argument(e->a, 3)))
        return;
    if (!ask(e, "211", "UPLOAD", "") || !take_text(e)) {
        refuse(e, "upload");
        return;
    }
    int places = replace_all(e, find, yw_applet_argument(e->a, 5));
    if (places <= 0) {
        yw_applet_refuse(e->a, places == 0 ? "no such words in the program" : "too long");
        return;
    }
    if (!download(e) || !status(e))
        return;
    status_of(e, "crc", new);
    yw_applet_say(e->a, "{\"old\":\"%s\",\"new\":\"%s\",\"places\":%d}", old, new,
                  places);
}

/* Words one after the other, until one of them opens. */
static void do_guess(struct engineer *e)
{
    const struct yw_applet_io *io = e->a->io;
    long every_ms = yw_applet_number(yw_applet_argument(e->a, 3), 1000);
    for (int i = 4; i < e->a->argc; i++) {
        const char *word = e->a->argv[i];
        if (ask(e, "200", "LOGIN", word)) {
            yw_applet_say(e->a, "{\"password\":\"%s\",\"tries\":%d}", word, i - 3);
            return;
        }
        if (every_ms > 0 && e->in_size < sizeof(e->in)) { /* nothing comes meanwhile */
            int got = io->receive(io->arg, e->stream, e->in + e->in_size,
                                  sizeof(e->in) - e->in_size, every_ms);
            e->in_size += got > 0 ? (size_t)got : 0;
        }
    }
    refuse(e, "no word opens it");
}

static void do_lock(struct engineer *e)
{
    if (!login(e, yw_applet_argument(e->a, 3)))
        return;
    if (ask(e, "200", "PASSWORD", yw_applet_argument(e->a, 4)))
        yw_applet_say(e->a, "{\"locked\":true}");
    else
        refuse(e, "password");
}

/* Only letters that a command of the port holds, and no end of line. */
static bool is_word(const char *text)
{
    return text[0] != '\0' && strlen(text) < 64 && is_plain(text);
}

/* What follows the host; of a patch the last two are any text. */
static bool are_words(const struct applet *a)
{
    bool patch = strcmp(yw_applet_argument(a, 1), "patch") == 0;
    for (int i = 3; i < (patch ? 4 : a->argc); i++) {
        if (!is_word(a->argv[i]))
            return false;
    }
    return !patch || yw_applet_argument(a, 4)[0] != '\0';
}

void yw_applet_engineering(struct applet *a)
{
    static const struct {
        const char *verb;
        int least, most; /* arguments */
        void (*run)(struct engineer *e);
    } verbs[] = {{"status", 3, 3, do_status}, {"login", 4, 4, do_login},
                 {"mode", 5, 5, do_mode},     {"patch", 6, 6, do_patch},
                 {"guess", 5, 20, do_guess},  {"lock", 5, 5, do_lock}};
    const size_t count = sizeof(verbs) / sizeof(verbs[0]);
    uint32_t ignored = 0;
    size_t verb = 0;
    while (verb < count && strcmp(verbs[verb].verb, yw_applet_argument(a, 1)) != 0)
        verb++;
    if (verb == count || a->argc < verbs[verb].least || a->argc > verbs[verb].most ||
        !yw_applet_address(yw_applet_argument(a, 2), &ignored) || a->io->open == NULL ||
        !are_words(a)) {
        yw_applet_refuse(
            a, "usage: engineering status HOST | login HOST PASSWORD | mode HOST "
               "PASSWORD MODE | patch HOST PASSWORD FIND REPLACE | guess HOST EVERY_MS "
               "WORD... | lock HOST PASSWORD NEW");
        return;
    }
    struct engineer e; /* 65 KiB */
    memset(&e, 0, sizeof(e));
    e.a = a;
    e.stream = a->io->open(a->io->arg, yw_applet_argument(a, 2), YW_ENG_PORT);
    if (e.stream < 0 || !take_line(&e))
        yw_applet_refuse(a, "unreachable");
    else
        verbs[verb].run(&e);
    if (e.stream >= 0)
        a->io->close(a->io->arg, e.stream);
}
