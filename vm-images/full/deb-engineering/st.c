/* The compiler of the controllers, at the engineer's desk:
 *   st check FILE …          compiles; FILE:LINE:COLUMN: WHY
 *   st compare FILE FILE     lines that differ; 1 when what is executed differs */
#include "controller/st.h"
#include "controller/st_diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFF_MAX (256 * 1024)

struct text {
    char bytes[YW_ST_SOURCE_MAX + 1];
    size_t size;
};

static int read_text(const char *path, struct text *ret)
{
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    ret->size = fread(ret->bytes, 1, sizeof(ret->bytes), file);
    (void)fclose(file);
    if (ret->size <= YW_ST_SOURCE_MAX)
        return 0;
    (void)fprintf(stderr, "%s: above %d bytes\n", path, YW_ST_SOURCE_MAX);
    return -1;
}

static int compile(const char *path, struct text *text, struct yw_st_program *program)
{
    const char *language = getenv("LANG");
    bool chinese = language != NULL && strncmp(language, "zh", 2) == 0;
    struct yw_st_problem problem;
    char words[256];

    if (read_text(path, text) != 0)
        return -1;
    if (yw_st_compile(program, text->bytes, text->size, &problem) == 0)
        return 0;
    yw_st_explain_bare(&problem, chinese, words, sizeof(words));
    (void)printf("%s:%d:%d: %s\n", path, problem.line, problem.column, words);
    return -1;
}

static int check(int count, char **paths)
{
    struct yw_st_program *program = calloc(1, sizeof(*program));
    struct text *text = calloc(1, sizeof(*text));
    int status = program == NULL || text == NULL;

    for (int i = 0; i < count && program != NULL && text != NULL; i++) {
        if (compile(paths[i], text, program) != 0) {
            status = 1;
            continue;
        }
        (void)printf("%s: ok, %u instructions, scan %u ms, CRC %08X\n", paths[i],
                     program->code_count, program->scan_ms, program->crc);
    }
    free(program);
    free(text);
    return status;
}

static int compare(char **paths)
{
    struct yw_st_program *program = calloc(1, sizeof(*program));
    struct text *texts = calloc(2, sizeof(*texts));
    char *lines = malloc(DIFF_MAX);
    uint32_t crcs[2] = {0, 0};
    int status = program == NULL || texts == NULL || lines == NULL;

    for (int i = 0; i < 2 && status == 0; i++) {
        status = compile(paths[i], &texts[i], program) != 0;
        crcs[i] = program->crc;
    }
    if (status == 0) {
        (void)yw_st_diff(texts[0].bytes, texts[0].size, texts[1].bytes, texts[1].size,
                         lines, DIFF_MAX);
        status = crcs[0] != crcs[1];
        (void)printf("%s%s\n", lines, status ? "another program" : "the same program");
    }
    free(program);
    free(texts);
    free(lines);
    return status;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "check") == 0)
        return check(argc - 2, argv + 2);
    if (argc == 4 && strcmp(argv[1], "compare") == 0)
        return compare(argv + 2);
    (void)fprintf(stderr, "usage: st check FILE ... | compare FILE FILE\n");
    return 2;
}
