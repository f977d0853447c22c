#include "base/clock.h"
#include "base/file.h"
#include "base/sign.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/playbook_text.h"
#include "cli/verb/playbook_conduct.h"
#include "cli/verb/playbook_export.h"
#include "cli/verb/playbook_list.h"
#include "codec/playbook/lint.h"
#include "codec/playbook/playbook.h"
#include "codec/playbook/signature.h"
#include "codec/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX (4 * YW_PLAYBOOK_BYTES_MAX)

static const char *command_name(const struct yw_pb_step *step)
{
    if (step->command_count > 0)
        return yw_pb_does(step->commands[0].kind);
    return step->asks.en[0] != '\0' ? "manual" : "";
}

/* The first machine that the step acts on; "" none. */
static const char *machine_of(const struct yw_pb_step *step)
{
    if (step->command_count > 0 && step->commands[0].machine[0] != '\0')
        return step->commands[0].machine;
    return step->command_count > 0 && step->target_count > 0 ? step->targets[0] : "";
}

#define EDGES (5 + YW_PLAYBOOK_BRANCHES_MAX)

struct edge {
    const char *name;
    int to;
};

/* In order of names. How many. */
static size_t edges_of(const struct yw_pb_step *step, struct edge edges[EDGES])
{
    const struct edge all[] = {{"on_completion", step->on_completion},
                               {"on_failure", step->on_failure},
                               {"on_false", step->on_false},
                               {"on_success", step->on_success},
                               {"on_true", step->on_true}};
    size_t count = 0;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].to >= 0)
            edges[count++] = all[i];
    }
    for (size_t i = 0; i < step->branch_count; i++)
        edges[count++] = (struct edge){step->branches[i].value, step->branches[i].step};
    return count;
}

static void write_step(struct yw_writer *w, const struct yw_playbook *playbook,
                       const struct yw_pb_step *step)
{
    struct edge edges[EDGES];

    yw_write_object(w, NULL);
    yw_write_text(w, "asks", &step->asks);
    yw_write_string(w, "command", command_name(step));
    yw_write_string(w, "condition", step->condition);
    yw_write_int(w, "deadline_ms", step->deadline_ms);
    yw_write_string(w, "id", step->id);
    yw_write_string(w, "machine", machine_of(step));
    yw_write_text(w, "name", &step->name);
    yw_write_object(w, "next");
    size_t count = edges_of(step, edges);

    for (size_t i = 0; i < count && step->branch_count == 0; i++)
        yw_write_string(w, edges[i].name, playbook->steps[edges[i].to].id);
    yw_write_end(w, '}');
    yw_write_string(w, "role", step->role);
    yw_write_int(w, "timeout_ms", step->timeout_ms);
    yw_write_string(w, "type", yw_pb_type_name(step->type));
    yw_write_end(w, '}');
}

static void print_json(const struct yw_playbook *playbook)
{
    struct yw_writer writer;
    struct yw_writer *w = &writer;
    struct yw_buf out;

    yw_buf_init(&out, SHOWN_MAX);
    yw_writer_init(w, &out);
    yw_write_object(w, NULL);
    yw_write_string(w, "id", playbook->id);
    yw_write_text(w, "name", &playbook->name);
    yw_write_array(w, "steps");
    for (size_t i = 0; i < playbook->step_count; i++)
        write_step(w, playbook, &playbook->steps[i]);
    yw_write_end(w, ']');
    yw_write_array(w, "variables");
    for (size_t i = 0; i < playbook->var_count; i++) {
        yw_write_object(w, NULL);
        yw_write_string(w, "name", playbook->vars[i].name);
        yw_write_string(w, "type", playbook->vars[i].type);
        yw_write_string(w, "value", playbook->vars[i].value);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
    yw_write_end(w, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

static int show(const struct yw_cli *cli, const char *path, struct yw_err *err)
{
    struct yw_playbook *playbook = NULL;
    char *bytes = NULL;
    size_t size = 0;
    int status = yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &bytes, &size, err);

    if (status < 0)
        return status;
    status = yw_playbook_decode(&playbook, bytes, size, err);
    if (status < 0 && yw_playbook_decode_lenient(&playbook, bytes, size, NULL) == 0)
        status = 0;
    free(bytes);
    if (status < 0)
        return yw_err_prefix(err, "%s", path);
    if (cli->json)
        print_json(playbook);
    else
        yw_playbook_print(cli, playbook);
    yw_playbook_free(playbook);
    return 0;
}

static void print_check(const struct yw_cli *cli, const char *path,
                        const struct yw_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct yw_finding *finding = &findings->items[i];

        printf("%s:%d: %s %s: %s: %s\n", path, finding->line, finding->code,
               finding->warning ? yw_cli_text(cli, "警告", "warning")
                                : yw_cli_text(cli, "错误", "error"),
               finding->path[0] != '\0' ? finding->path : "/", finding->message);
    }
    if (findings->overrun)
        printf("%s: %s\n", path,
               yw_cli_text(cli, "问题过多，其余从略",
                           "too many findings; the rest is left out"));
    if (findings->count == 0)
        printf("%s: %s\n", path, yw_cli_text(cli, "检查通过", "the playbook is sound"));
}

static void print_check_json(const char *path, enum yw_lint_profile profile,
                             const struct yw_findings *findings)
{
    struct yw_buf out;

    yw_buf_init(&out, SHOWN_MAX);
    yw_findings_encode(&out, path, profile, findings);
    puts(out.data);
    yw_buf_fini(&out);
}

/* Exit status of one file: 0 clean, 1 findings, 2 not readable. */
static int check(const struct yw_cli *cli, const char *path, enum yw_lint_profile profile)
{
    struct yw_findings findings = {0};
    struct yw_err err = {0};
    char *bytes = NULL;
    size_t size = 0;
    int status = yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &bytes, &size, &err);

    if (status == 0 &&
        (status = yw_playbook_lint(&findings, bytes, size, profile, &err)) < 0)
        yw_err_prefix(&err, "%s", path);
    free(bytes);
    if (status < 0) {
        yw_findings_fini(&findings);
        (void)yw_cli_fail(cli, &err);
        return 2;
    }
    if (cli->json)
        print_check_json(path, profile, &findings);
    else
        print_check(cli, path, &findings);
    status = findings.count > 0;
    yw_findings_fini(&findings);
    return status;
}

static int sign(const char *path, const char *key_path, const char *signee,
                struct yw_err *err)
{
    char *text = NULL, *pem = NULL;
    struct yw_clock clock;
    size_t size = 0, pem_size = 0;
    struct yw_buf out;
    int status;

    if (key_path == NULL)
        return yw_err_set(err, YW_EINVAL, "playbook sign: expected --key FILE");
    yw_clock_init_real(&clock);
    yw_buf_init(&out, SHOWN_MAX);
    status = yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &text, &size, err);
    if (status == 0)
        status = yw_file_read(key_path, YW_SIGN_KEY_MAX, &pem, &pem_size, err);
    if (status == 0 &&
        (status = yw_playbook_sign(&out, text, size, pem, signee != NULL ? signee : "",
                                   yw_clock_wall_us(&clock), err)) < 0)
        yw_err_prefix(err, "%s", path);
    if (status == 0)
        fputs(out.data, stdout);
    yw_buf_fini(&out);
    free(text);
    free(pem);
    return status;
}

static void print_signature(const struct yw_cli *cli,
                            const struct yw_signature_check *check)
{
    bool holds = check->state == YW_SIGNATURE_HOLDS;

    printf("%s %s  %s  %s%s%s\n", holds ? "✓" : "✗", check->id, check->algorithm,
           check->signee, check->detail[0] != '\0' ? ": " : "", check->detail);
    if (holds)
        printf("    %s%s\n",
               check->trusted
                   ? yw_cli_text(cli, "密钥可信", "by a trusted key")
                   : yw_cli_text(cli, "仅证明完整：密钥来自文件本身",
                                 "unchanged; whose key it is, the file cannot say"),
               check->hex ? "" : yw_cli_text(cli, "（原始摘要）", " (raw digest)"));
    else
        printf("    %s\n", yw_signature_state_name(check->state));
}

static void print_signatures_json(const struct yw_signature_check *checks, size_t count,
                                  bool ok)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_bool(&writer, "ok", ok);
    yw_write_array(&writer, "signatures");
    for (size_t i = 0; i < count; i++) {
        yw_write_object(&writer, NULL);
        yw_write_string(&writer, "algorithm", checks[i].algorithm);
        yw_write_string(&writer, "detail", checks[i].detail);
        yw_write_string(&writer, "id", checks[i].id);
        yw_write_string(&writer, "over",
                        checks[i].state != YW_SIGNATURE_HOLDS ? ""
                        : checks[i].hex                       ? "hex"
                                                              : "raw");
        yw_write_string(&writer, "signee", checks[i].signee);
        yw_write_string(&writer, "state", yw_signature_state_name(checks[i].state));
        yw_write_bool(&writer, "trusted", checks[i].trusted);
        yw_write_end(&writer, '}');
    }
    yw_write_end(&writer, ']');
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

/* *ret_status: 0 when there is a signature, all hold, and by that key where one is given; else 1. */
static int verify(const struct yw_cli *cli, const char *path, const char *key_path,
                  int *ret_status, struct yw_err *err)
{
    struct yw_signature_check checks[YW_SIGNATURES_MAX];
    char *text = NULL, *pem = NULL;
    size_t size = 0, pem_size = 0, count = 0;
    int status = yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &text, &size, err);

    if (status == 0 && key_path != NULL)
        status = yw_file_read(key_path, YW_SIGN_KEY_MAX, &pem, &pem_size, err);
    if (status == 0 && (status = yw_playbook_verify(checks, &count, text, size,
                                                    (const char *const *)&pem,
                                                    pem != NULL ? 1 : 0, err)) < 0)
        yw_err_prefix(err, "%s", path);
    free(text);
    free(pem);
    if (status < 0)
        return status;
    bool ok = count > 0;

    for (size_t i = 0; i < count; i++) {
        ok = ok && checks[i].state == YW_SIGNATURE_HOLDS &&
             (key_path == NULL || checks[i].trusted);
        if (!cli->json)
            print_signature(cli, &checks[i]);
    }
    if (cli->json)
        print_signatures_json(checks, count, ok);
    else if (count == 0)
        puts(yw_cli_text(cli, "没有签名", "no signature"));
    *ret_status = !ok;
    return 0;
}

static int read_profile(const char *name, enum yw_lint_profile *ret, struct yw_err *err)
{
    if (name == NULL || yw_lint_profile_read(name, ret))
        return 0;
    return yw_err_set(err, YW_EINVAL,
                      "--profile: expected schema, strict or lenient; got '%s'", name);
}

struct wish {
    enum yw_lint_profile profile;
    const char *key, *signee;
};

static int do_list(struct yw_cli *cli, const struct yw_words *words,
                   const struct wish *wish, struct yw_err *err)
{
    (void)words, (void)wish;
    return yw_playbook_list(cli, err);
}

static int do_check(struct yw_cli *cli, const struct yw_words *words,
                    const struct wish *wish, struct yw_err *err)
{
    int worst = 0;

    (void)err;
    for (int i = 1; i < words->count; i++) {
        int found = check(cli, words->items[i], wish->profile);

        worst = found > worst ? found : worst;
    }
    return worst;
}

static int do_show(struct yw_cli *cli, const struct yw_words *words,
                   const struct wish *wish, struct yw_err *err)
{
    (void)wish;
    return show(cli, words->items[1], err);
}

static int do_sign(struct yw_cli *cli, const struct yw_words *words,
                   const struct wish *wish, struct yw_err *err)
{
    (void)cli;
    return sign(words->items[1], wish->key, wish->signee, err);
}

static int do_verify(struct yw_cli *cli, const struct yw_words *words,
                     const struct wish *wish, struct yw_err *err)
{
    int status = 0, code = verify(cli, words->items[1], wish->key, &status, err);

    return code < 0 ? code : status;
}

/* What is done with files alone: an exit status, or a negative code. */
static const struct subject {
    const char *verb;
    int most; /* words, the verb too */
    const char *usage;
    int (*run)(struct yw_cli *cli, const struct yw_words *words, const struct wish *wish,
               struct yw_err *err);
} subjects[] = {{"list", 1, "playbook list", do_list},
                {"check", YW_OPTION_WORDS_MAX, "playbook check FILE …", do_check},
                {"show", 2, "playbook show FILE", do_show},
                {"sign", 2, "playbook sign FILE", do_sign},
                {"verify", 2, "playbook verify FILE", do_verify}};

static int run_subject(struct yw_cli *cli, const struct yw_words *words,
                       const struct wish *wish, struct yw_err *err)
{
    const char *verb = words->count > 0 ? words->items[0] : "";

    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        const struct subject *subject = &subjects[i];

        if (strcmp(verb, subject->verb) != 0)
            continue;
        int code = yw_words_expect(words, subject->most < 2 ? 1 : 2, subject->most,
                                   subject->usage, err);

        return code < 0 ? code : subject->run(cli, words, wish, err);
    }
    return yw_err_set(
        err, YW_EINVAL,
        "playbook: expected list, check, show, sign, verify, export, start, "
        "pause, resume, skip, force, set, rewind or abort; got '%s'",
        verb);
}

int yw_cmd_playbook(struct yw_cli *cli, int argc, char **argv)
{
    const char *profile = NULL, *reason = NULL;
    struct yw_playbook_wish export = {.lang = cli->english ? "en" : "zh"};
    struct wish wish = {.profile = YW_LINT_STRICT};
    bool failure = false;
    const struct yw_option options[] = {{"--failure", .flag = &failure},
                                        {"--format", .text = &export.format},
                                        {"--key", .text = &wish.key},
                                        {"--lang", .text = &export.lang},
                                        {"--out", .text = &export.out},
                                        {"--profile", .text = &profile},
                                        {"--reason", .text = &reason},
                                        {"--signee", .text = &wish.signee},
                                        {"--timeline", .flag = &export.timeline}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, sizeof options / sizeof options[0], argc, argv,
                               &words, &err);
    const char *verb = code == 0 && words.count > 0 ? words.items[0] : "";

    if (code == 0)
        code = read_profile(profile, &wish.profile, &err);
    if (code == 0 && yw_playbook_conducts(verb))
        code = yw_playbook_conduct(cli, &words, reason, failure, &err);
    else if (code == 0 && strcmp(verb, "export") == 0)
        code = yw_playbook_export(cli, &words, &export, &err);
    else if (code == 0)
        code = run_subject(cli, &words, &wish, &err);
    return code < 0 ? yw_cli_fail(cli, &err) : code;
}
