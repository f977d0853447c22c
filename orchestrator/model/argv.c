#include "model/argv.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

static bool is_plain(const char *word)
{
    return word[0] != '\0' && word[strcspn(word, " \t\n\r'\"\\")] == '\0';
}

/* 'it'\''s': a quote ends the text, stands by itself, and begins it anew. */
static void put_quoted(struct yw_buf *out, const char *word)
{
    yw_buf_puts(out, "'");
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'')
            yw_buf_puts(out, "'\\''");
        else
            yw_buf_put(out, at, 1);
    }
    yw_buf_puts(out, "'");
}

int yw_argv_join(char *ret, size_t size, const char argv[][YW_SPEC_ARG_MAX], size_t argc,
                 struct yw_err *err)
{
    struct yw_buf out;

    yw_buf_init(&out, size - 1);
    for (size_t i = 0; i < argc; i++) {
        if (i > 0)
            yw_buf_puts(&out, " ");
        if (is_plain(argv[i]))
            yw_buf_puts(&out, argv[i]);
        else
            put_quoted(&out, argv[i]);
    }
    int code = out.overflow
                   ? yw_err_set(err, YW_ELIMIT, "/argv: at most %zu bytes", size - 1)
                   : 0;

    (void)yw_copy(ret, size, out.data != NULL && code == 0 ? out.data : "");
    yw_buf_fini(&out);
    return code;
}

size_t yw_argv_split(const char *text, char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX])
{
    size_t argc = 0;

    while (*text != '\0' && argc < YW_SPEC_ARGS_MAX) {
        size_t size = 0;
        bool quoted = false;

        for (; *text != '\0' && (quoted || *text != ' '); text++) {
            if (*text == '\'') {
                quoted = !quoted;
                continue;
            }
            if (!quoted && *text == '\\' && text[1] != '\0')
                text++;
            if (size + 1 < YW_SPEC_ARG_MAX)
                argv[argc][size++] = *text;
        }
        argv[argc++][size] = '\0';
        if (*text == ' ')
            text++;
    }
    return argc;
}
