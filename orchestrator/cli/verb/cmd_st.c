/* Structured Text without a machine: check, compile, run and compare programs of
 * controllers with the very code that the controllers run. */
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "codec/write.h"
#include "controller/st.h"
#include "controller/st_diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16 * 1024 * 1024) /* the compiler itself says what is too long */
#define DIFF_MAX (256 * 1024)
#define SCANS_MAX 1000000
#define SHOWN_MAX 64
#define CHANGES_MAX 64
#define WORD_MAX 80
#define DOCUMENT_MAX (64 * 1024 * 1024)

struct text {
    char *bytes;
    size_t size;
};

static int read_text(const char *path, struct text *ret, struct yw_err *err)
{
    return yw_file_read(path, FILE_MAX, &ret->bytes, &ret->size, err);
}

static void print_json(void (*write)(struct yw_writer *w, const void *arg),
                       const void *arg)
{
    struct yw_buf out;
    struct yw_writer w;

    yw_buf_init(&out, DOCUMENT_MAX);
    yw_writer_init(&w, &out);
    write(&w, arg);
    puts(out.data);
    yw_buf_fini(&out);
}

struct finding {
    const char *path;
    const struct yw_st_program *program;
    const struct yw_st_problem *problem;
    bool english;
};

static void write_finding(struct yw_writer *w, const void *arg)
{
    const struct finding *finding = arg;
    const struct yw_st_problem *problem = finding->problem;
    char text[YW_ST_NAME_MAX + YW_ST_WANT_MAX + 128];

    yw_st_explain_bare(problem, !finding->english, text, sizeof text);
    yw_write_object(w, NULL);
    yw_write_int(w, "column", problem->column);
    yw_write_string(w, "file", finding->path);
    yw_write_int(w, "line", problem->line);
    yw_write_bool(w, "ok", false);
    yw_write_string(w, "problem", text);
    yw_write_string(w, "right", problem->want);
    yw_write_end(w, '}');
}

static void write_program(struct yw_writer *w, const void *arg)
{
    const struct finding *finding = arg;
    const struct yw_st_program *program = finding->program;
    char crc[16];

    (void)snprintf(crc, sizeof crc, "%08x", program->crc);
    yw_write_object(w, NULL);
    yw_write_int(w, "cells", program->cell_count);
    yw_write_string(w, "crc", crc);
    yw_write_string(w, "file", finding->path);
    yw_write_int(w, "instructions", program->code_count);
    yw_write_bool(w, "ok", true);
    yw_write_string(w, "program", yw_st_main(program)->name);
    yw_write_int(w, "scan_ms", program->scan_ms);
    yw_write_end(w, '}');
}

/* Compiles a file and tells what is wrong with it: 0, or 1; 2 when it cannot be read. */
static int compile(const struct yw_cli *cli, const char *path,
                   struct yw_st_program *program)
{
    struct yw_st_problem problem = {0};
    struct text text = {0};
    struct yw_err err = {0};
    char words[YW_ST_NAME_MAX + YW_ST_WANT_MAX + 128];

    if (read_text(path, &text, &err) < 0)
        return yw_cli_fail(cli, &err);
    int status = yw_st_compile(program, text.bytes, text.size, &problem);
    free(text.bytes);
    if (status == 0)
        return 0;
    const struct finding finding = {path, program, &problem, cli->english};

    yw_st_explain_bare(&problem, !cli->english, words, sizeof words);
    if (cli->json)
        print_json(write_finding, &finding);
    else
        printf("%s:%d:%d: %s\n", path, problem.line, problem.column, words);
    return 1;
}

static void tell(const struct yw_cli *cli, const char *path,
                 const struct yw_st_program *program)
{
    const struct finding finding = {.path = path, .program = program};

    if (cli->json)
        print_json(write_program, &finding);
    else
        printf(yw_cli_text(cli,
                           "%s：%s，校验码 %08x，%u 条指令，%u 个单元，扫描 %u 毫秒\n",
                           "%s: %s, CRC %08x, %u instructions, %u cells, scan %u ms\n"),
               path, yw_st_main(program)->name, program->crc, program->code_count,
               program->cell_count, program->scan_ms);
}

static int check(const struct yw_cli *cli, const struct yw_words *words,
                 struct yw_st_program *program)
{
    int worst = 0;

    for (int i = 1; i < words->count; i++) {
        int status = compile(cli, words->items[i], program);

        if (status == 0)
            tell(cli, words->items[i], program);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static int compile_out(const struct yw_cli *cli, const char *path, const char *to,
                       struct yw_st_program *program)
{
    uint8_t *bytes = yw_new(YW_ST_PACK_MAX);
    struct yw_err err = {0};
    int status = compile(cli, path, program);
    size_t size = status == 0 ? yw_st_pack(program, bytes, YW_ST_PACK_MAX) : 0;

    if (status == 0 && size == 0) {
        (void)yw_err_set(&err, YW_ELIMIT, "%s: compiled it has more than %d bytes", path,
                         YW_ST_PACK_MAX);
        status = yw_cli_fail(cli, &err);
    }
    FILE *file = status == 0 && to[0] != '\0' ? fopen(to, "we") : NULL;

    if (status == 0 && to[0] != '\0' &&
        (file == NULL || fwrite(bytes, 1, size, file) != size || fflush(file) != 0)) {
        (void)yw_err_errno(&err, YW_EIO, errno, to);
        status = yw_cli_fail(cli, &err);
    }
    if (file != NULL)
        (void)fclose(file);
    free(bytes);
    if (status == 0)
        tell(cli, path, program);
    return status;
}

/* A value set at one scan: "%IW0=1500@20". */
struct change {
    struct yw_st_spot spot;
    uint32_t cell;
    int64_t scan;
};

struct bench {
    struct yw_st_program program;
    struct yw_st_image image;
    uint16_t input[YW_ST_WORDS];
    uint16_t holding[YW_ST_WORDS];
    uint8_t discrete[YW_ST_WORDS];
    uint8_t coil[YW_ST_WORDS];
    double output[YW_ST_OUTPUTS];
    char names[SHOWN_MAX][WORD_MAX];
    struct yw_st_spot shown[SHOWN_MAX];
    size_t shown_count;
    struct change changes[CHANGES_MAX];
    size_t change_count;
};

/* The next piece of "a,b[1,2],c" at *at, commas inside brackets not counting. */
static bool take_piece(const char **at, char ret[WORD_MAX])
{
    size_t size = 0;
    bool inside = false;

    for (; **at != '\0' && (**at != ',' || inside); (*at)++) {
        inside = **at == '[' || (inside && **at != ']');
        if (size < WORD_MAX - 1)
            ret[size++] = **at;
    }
    ret[size] = '\0';
    *at += **at == ',';
    return size > 0;
}

static int take_change(struct bench *bench, char *word, struct yw_err *err)
{
    struct change *change = &bench->changes[bench->change_count];
    char *value = strchr(word, '=');
    char *scan = strrchr(word, '@');
    char *end = NULL;

    if (bench->change_count == CHANGES_MAX)
        return yw_err_set(err, YW_ELIMIT, "--set: at most %d values", CHANGES_MAX);
    if (scan != NULL)
        *scan++ = '\0';
    change->scan = scan != NULL ? strtol(scan, &end, 10) : 0;
    if (value == NULL || (scan != NULL && (end == scan || *end != '\0')))
        return yw_err_set(err, YW_EINVAL,
                          "--set: expected NAME=VALUE or NAME=VALUE@SCAN; got '%s'",
                          word);
    *value++ = '\0';
    if (yw_st_find(&bench->program, word, &change->spot) != 0 || change->spot.constant)
        return yw_err_set(err, YW_EINVAL, "--set: no variable '%s' in the program", word);
    if (!yw_st_take(change->spot.type, value, &change->cell))
        return yw_err_set(err, YW_EINVAL,
                          "--set: %s: expected a value of type %s; got '%s'", word,
                          yw_st_type_name(change->spot.type), value);
    bench->change_count++;
    return 0;
}

static int take_shown(struct bench *bench, const char *name, struct yw_err *err)
{
    if (bench->shown_count == SHOWN_MAX)
        return yw_err_set(err, YW_ELIMIT, "--show: at most %d names", SHOWN_MAX);
    if (yw_st_find(&bench->program, name, &bench->shown[bench->shown_count]) != 0)
        return yw_err_set(err, YW_EINVAL, "--show: no variable '%s' in the program",
                          name);
    (void)snprintf(bench->names[bench->shown_count++], WORD_MAX, "%s", name);
    return 0;
}

/* Without --show: every simple variable of the program. */
static void show_all(struct bench *bench)
{
    const struct yw_st_unit *unit = yw_st_main(&bench->program);
    struct yw_err err;

    for (uint32_t i = 0; i < unit->var_count && bench->shown_count < SHOWN_MAX; i++) {
        const struct yw_st_var *var = &bench->program.vars[unit->var_at + i];

        if (var->name[0] != '\0' && var->type != YW_ST_BLOCK && var->dims == 0 &&
            !var->constant)
            (void)take_shown(bench, var->name, &err);
    }
}

static int take_lists(struct bench *bench, const char *set, const char *show,
                      struct yw_err *err)
{
    char word[WORD_MAX];
    int status = 0;

    while (status == 0 && take_piece(&set, word))
        status = take_change(bench, word, err);
    if (show[0] == '\0')
        show_all(bench);
    while (status == 0 && take_piece(&show, word))
        status = take_shown(bench, word, err);
    return status;
}

static void apply(struct bench *bench, const struct change *change)
{
    if (change->spot.place == YW_ST_INPUT_WORD)
        bench->input[change->spot.at] = (uint16_t)(change->cell & UINT16_MAX);
    else if (change->spot.place == YW_ST_INPUT_BIT)
        bench->discrete[change->spot.at] = change->cell != 0;
    else
        yw_st_put(&bench->image, &change->spot, change->cell);
}

static void print_row(const struct yw_cli *cli, const struct bench *bench, int64_t scan)
{
    char value[32];

    printf(cli->json ? "{\"ms\":%u,\"scan\":%lld,\"values\":{" : "%u,%lld",
           bench->image.now_ms, (long long)scan);
    for (size_t i = 0; i < bench->shown_count; i++) {
        yw_st_show(&bench->image, &bench->shown[i], value, sizeof value);
        if (cli->json)
            printf("%s\"%s\":\"%s\"", i > 0 ? "," : "", bench->names[i], value);
        else
            printf(",%s", value);
    }
    puts(cli->json ? "}}" : "");
}

static int run_scans(const struct yw_cli *cli, struct bench *bench, int64_t scans,
                     int64_t step_ms)
{
    struct yw_st_problem problem = {0};
    char words[YW_ST_NAME_MAX + YW_ST_WANT_MAX + 160];

    if (!cli->json) {
        printf("ms,scan");
        for (size_t i = 0; i < bench->shown_count; i++)
            printf(",%s", bench->names[i]);
        puts("");
    }
    for (int64_t scan = 0; scan < scans; scan++) {
        for (size_t i = 0; i < bench->change_count; i++) {
            if (bench->changes[i].scan == scan)
                apply(bench, &bench->changes[i]);
        }
        bench->image.now_ms = (uint32_t)(scan * step_ms);
        if (yw_st_run(&bench->program, &bench->image, &problem) != 0) {
            yw_st_explain(&problem, !cli->english, words, sizeof words);
            fprintf(stderr, "yanwu: %s %lld: %s\n", yw_cli_text(cli, "扫描", "scan"),
                    (long long)scan, words);
            return 1;
        }
        print_row(cli, bench, scan);
    }
    return 0;
}

struct run {
    int64_t scans, step_ms; /* step 0: as the program says */
    const char *set, *show, *out;
};

static int run(const struct yw_cli *cli, const char *path, const struct run *how)
{
    struct bench *bench = yw_new(sizeof *bench);
    struct yw_err err = {0};
    int status = compile(cli, path, &bench->program);

    if (status == 0 && take_lists(bench, how->set, how->show, &err) < 0)
        status = yw_cli_fail(cli, &err);
    if (status == 0) {
        bench->image.input = bench->input;
        bench->image.discrete = bench->discrete;
        bench->image.holding = bench->holding;
        bench->image.coil = bench->coil;
        bench->image.output = bench->output;
        yw_st_reset(&bench->program, &bench->image, true);
        status = run_scans(cli, bench, how->scans,
                           how->step_ms > 0 ? how->step_ms : bench->program.scan_ms);
    }
    free(bench);
    return status;
}

struct comparison {
    const char *lines;
    bool same_program;
    bool same_text;
};

static void write_comparison(struct yw_writer *w, const void *arg)
{
    const struct comparison *comparison = arg;
    const char *at = comparison->lines;

    yw_write_object(w, NULL);
    yw_write_array(w, "lines");
    while (*at != '\0') {
        char *line = yw_strf("%.*s", (int)strcspn(at, "\n"), at);

        yw_write_string(w, NULL, line);
        free(line);
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    yw_write_end(w, ']');
    yw_write_bool(w, "same_program", comparison->same_program);
    yw_write_bool(w, "same_text", comparison->same_text);
    yw_write_end(w, '}');
}

/* 0 when both execute the same; remarks do not count for that. */
static int diff(const struct yw_cli *cli, const char *a, const char *b,
                struct yw_st_program *program)
{
    struct text texts[2] = {0};
    struct yw_err err = {0};
    int status = compile(cli, a, program);
    uint32_t crc = program->crc;

    status = status == 0 ? compile(cli, b, program) : status;
    if (status == 0 &&
        (read_text(a, &texts[0], &err) < 0 || read_text(b, &texts[1], &err) < 0))
        status = yw_cli_fail(cli, &err);
    if (status == 0) {
        char *lines = yw_new(DIFF_MAX);
        size_t count = yw_st_diff(texts[0].bytes, texts[0].size, texts[1].bytes,
                                  texts[1].size, lines, DIFF_MAX);
        const struct comparison comparison = {lines, crc == program->crc, count == 0};

        if (cli->json)
            print_json(write_comparison, &comparison);
        else
            printf("%s%s\n", lines,
                   comparison.same_program
                       ? yw_cli_text(cli, "执行内容相同", "they execute the same")
                       : yw_cli_text(cli, "执行内容不同", "they execute differently"));
        status = comparison.same_program ? 0 : 1;
        free(lines);
    }
    free(texts[0].bytes);
    free(texts[1].bytes);
    return status;
}

static int dispatch(const struct yw_cli *cli, const struct yw_words *words,
                    const struct run *how, struct yw_err *err)
{
    const char *verb = words->count > 0 ? words->items[0] : "";
    struct yw_st_program *program = yw_new(sizeof *program);
    int status = 0;

    if (strcmp(verb, "check") == 0) {
        status = yw_words_expect(words, 2, YW_OPTION_WORDS_MAX, "st check FILE …", err);
        status = status < 0 ? status : check(cli, words, program);
    } else if (strcmp(verb, "compile") == 0) {
        status = yw_words_expect(words, 2, 2, "st compile FILE [--out FILE]", err);
        status =
            status < 0 ? status : compile_out(cli, words->items[1], how->out, program);
    } else if (strcmp(verb, "run") == 0) {
        status = yw_words_expect(words, 2, 2, "st run FILE [--scans N]", err);
        status = status < 0 ? status : run(cli, words->items[1], how);
    } else if (strcmp(verb, "diff") == 0) {
        status = yw_words_expect(words, 3, 3, "st diff FILE FILE", err);
        status =
            status < 0 ? status : diff(cli, words->items[1], words->items[2], program);
    } else {
        status = yw_err_set(err, YW_EINVAL,
                            "st: expected check, compile, run or diff; got '%s'", verb);
    }
    free(program);
    return status;
}

int yw_cmd_st(struct yw_cli *cli, int argc, char **argv)
{
    struct run how = {.scans = 10, .set = "", .show = "", .out = ""};
    const struct yw_option options[] = {
        {"--scans", .number = &how.scans}, {"--step", .number = &how.step_ms},
        {"--set", .text = &how.set},       {"--show", .text = &how.show},
        {"--out", .text = &how.out},
    };
    struct yw_words words;
    struct yw_err err = {0};
    int status = yw_options_read(options, sizeof options / sizeof options[0], argc, argv,
                                 &words, &err);

    if (status == 0 && (how.scans > SCANS_MAX || how.step_ms > INT32_MAX))
        status = yw_err_set(&err, YW_ELIMIT, "--scans: at most %d; --step: at most %d ms",
                            SCANS_MAX, INT32_MAX);
    if (status == 0)
        status = dispatch(cli, &words, &how, &err);
    return status < 0 ? yw_cli_fail(cli, &err) : status;
}
