#include "drill/secret.h"

#include "base/file.h"
#include "base/mem.h"
#include "codec/request/request.h"
#include "response/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TAIL_MIN 4 /* bytes of a value at the end of a text that are taken for it */

struct book {
    char *path, *text; /* owned; text NULL until the first mark */
    size_t size;
};

static int open_book(struct book *book, const char *data_dir, struct yw_err *err)
{
    struct stat facts;
    if (book->text != NULL) {
        return 0;
    }
    if (data_dir[0] == '\0') {
        return yw_err_set(err, YW_ENOTFOUND, "secrets need a data directory");
    }
    book->path = yw_strf("%s/" YW_SECRETS_FILE, data_dir);
    if (stat(book->path, &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return yw_err_set(err, YW_EDENIED,
                          YW_SECRETS_FILE ": others may read it: expected mode 0600");
    }
    int code =
        yw_file_read(book->path, YW_SECRETS_BYTES_MAX, &book->text, &book->size, NULL);
    if (code == YW_ENOTFOUND) {
        return yw_err_set(err, code, "no " YW_SECRETS_FILE " in the data directory");
    }
    if (code != 0) {
        return yw_err_set(err, code,
                          YW_SECRETS_FILE
                          ": the daemon cannot read it: it belongs to the owner of the "
                          "data directory, with at most %d bytes",
                          YW_SECRETS_BYTES_MAX);
    }
    return 0;
}

static void close_book(struct book *book)
{
    if (book->text != NULL) {
        explicit_bzero(book->text, book->size);
    }
    free(book->text);
    free(book->path);
}

/* The value of the mark at `at`, kept in `ret`; *ret_size: of the mark. */
static int look_up(struct yw_secrets *ret, struct book *book, const char *at,
                   const char *data_dir, size_t *ret_size, const char **ret_value,
                   struct yw_err *err)
{
    const char *name = at + strlen(YW_SECRET_MARK), *end = strstr(name, "}}");
    char key[YW_NAME_MAX];
    int code = end == NULL || (size_t)(end - name) >= sizeof key
                   ? yw_err_set(err, YW_EINVAL, "a secret's name does not end")
                   : open_book(book, data_dir, err);
    if (code != 0) {
        return code;
    }
    (void)yw_copyf(key, sizeof key, "%.*s", (int)(end - name), name);
    *ret_size = (size_t)(end + 2 - at);
    if (ret->count == YW_SECRETS_MAX) {
        return yw_err_set(err, YW_ELIMIT, "more than %d secrets in one program",
                          YW_SECRETS_MAX);
    }
    char *pointer = yw_strf("/%s", key), *value = ret->items[ret->count].value;
    code = yw_json_get(book->text, book->size, pointer, value, YW_SECRET_MAX);
    free(pointer);
    if (code != 0 || value[0] == '\0') {
        return yw_err_set(err, YW_ENOTFOUND, "secret '%s' is not in " YW_SECRETS_FILE,
                          key);
    }
    YW_COPY(ret->items[ret->count++].name, key);
    *ret_value = value;
    return 0;
}

static int resolve_word(struct yw_secrets *ret, struct book *book, const char *data_dir,
                        char word[YW_SPEC_ARG_MAX], struct yw_err *err)
{
    char *at = word;
    while ((at = strstr(at, YW_SECRET_MARK)) != NULL) {
        const char *value = NULL;
        size_t size = 0;
        int code = look_up(ret, book, at, data_dir, &size, &value, err);
        if (code != 0) {
            return code;
        }
        size_t grown = strlen(value), rest = strlen(at + size);
        if ((size_t)(at - word) + grown + rest >= YW_SPEC_ARG_MAX) {
            return yw_err_set(err, YW_ELIMIT,
                              "a word with a secret is longer than %d bytes",
                              YW_SPEC_ARG_MAX - 1);
        }
        memmove(at + grown, at + size, rest + 1);
        memcpy(at, value, grown);
        at += grown; /* a value is not looked through */
    }
    return 0;
}

int yw_secrets_resolve(struct yw_secrets *ret, const char *data_dir,
                       char argv[][YW_SPEC_ARG_MAX], size_t argc, struct yw_err *err)
{
    struct book book = {0};
    int code = 0;
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < argc && code == 0; i++) {
        code = resolve_word(ret, &book, data_dir, argv[i], err);
    }
    close_book(&book);
    return code;
}

static void redact(char *text, size_t size, const char *name, const char *value)
{
    size_t length = strlen(value);
    char *at = text;
    char word[YW_NAME_MAX + 16];
    (void)yw_copyf(word, sizeof word, "[secret:%s]", name);
    while ((at = strstr(at, value)) != NULL) {
        size_t used = (size_t)(at - text), room = size - used - 1;
        size_t put = strlen(word) < room ? strlen(word) : room;
        size_t rest = strlen(at + length);
        rest = rest < room - put ? rest : room - put;
        memmove(at + put, at + length, rest);
        memcpy(at, word, put);
        at[put + rest] = '\0';
        at += put;
    }
    for (size_t part = length - 1; part >= TAIL_MIN && part < length; part--) {
        size_t all = strlen(text);
        if (all >= part && strncmp(text + all - part, value, part) == 0) {
            text[all - part] = '\0';
            return;
        }
    }
}

void yw_secrets_redact(const struct yw_secrets *secrets, char *text, size_t size)
{
    for (size_t i = 0; i < secrets->count; i++) {
        redact(text, size, secrets->items[i].name, secrets->items[i].value);
    }
}

void yw_secrets_forget(struct yw_secrets *secrets)
{
    if (secrets != NULL) {
        explicit_bzero(secrets, sizeof *secrets);
    }
}
