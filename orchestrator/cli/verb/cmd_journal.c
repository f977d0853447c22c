#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/source.h"
#include "codec/event.h"
#include "model/view.h"
#include "model/words/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    const struct yw_cli *cli;
    struct yw_view view;
    struct yw_buf text; /* one event */
    int64_t from;
    bool all;
    bool any; /* JSON: an element stands there already */
};

static int print_json(void *arg, const struct yw_event *event)
{
    struct listing *listing = arg;

    yw_buf_clear(&listing->text);
    yw_event_encode(&listing->text, event);
    printf("%s%s", listing->any ? "," : "", listing->text.data);
    listing->any = true;
    return 0;
}

static int print_line(void *arg, const struct yw_event *event)
{
    struct listing *listing = arg;
    struct yw_text words;
    char at[32];

    /* Sentences need what stood before them, so the fold starts at the first event. */
    (void)yw_view_apply(&listing->view, event);
    if (event->seq < listing->from || (!listing->all && !yw_event_notable(event)))
        return 0;
    yw_clock_format_drill(event->drill_ms, at);
    yw_event_words(event, &listing->view.state, &words);
    printf("%6lld  %s  %-16s  %s\n", (long long)event->seq, at,
           yw_event_name(event->kind), listing->cli->english ? words.en : words.zh);
    return 0;
}

static int write_line(void *arg, const char *line, size_t size)
{
    (void)arg;
    return fwrite(line, 1, size, stdout) == size ? 0 : YW_EIO;
}

static int list(struct listing *listing, struct yw_journal *journal, struct yw_err *err)
{
    char head[YW_HASH_TEXT_SIZE];
    struct yw_hash hash;
    int64_t seq = 0;

    if (!listing->cli->json)
        return yw_journal_read(journal, 1, print_line, listing, err);
    yw_journal_head(journal, &seq, &hash);
    yw_hash_text(&hash, head);
    printf("{\"events\":[");
    int status = yw_journal_read(journal, listing->from, print_json, listing, err);

    printf("],\"head\":\"%s\",\"seq\":%lld}\n", head, (long long)seq);
    return status;
}

int yw_cmd_journal(struct yw_cli *cli, int argc, char **argv)
{
    struct listing *listing = yw_new(sizeof *listing); /* a view is large */
    bool ndjson = false;
    const struct yw_option options[] = {{.name = "--from", .number = &listing->from},
                                        {.name = "--all", .flag = &listing->all},
                                        {.name = "--ndjson", .flag = &ndjson}};
    struct yw_words words;
    struct yw_journal *journal = NULL;
    struct yw_err err = {0};
    int status = yw_options_read(options, 3, argc, argv, &words, &err);

    listing->cli = cli;
    listing->from = listing->from > 0 ? listing->from : 1;
    yw_view_init(&listing->view, YW_AUDIENCE_CONTROL, -1);
    yw_buf_init(&listing->text, YW_JOURNAL_RECORD_MAX);
    if (status == 0)
        status = yw_words_expect(
            &words, 1, 1, "journal DRILL|FILE [--from N] [--all] [--ndjson]", &err);
    if (status == 0)
        status = yw_source_open(&journal, cli, words.items[0], &err);
    if (status == 0)
        status = ndjson
                     ? yw_journal_export(journal, listing->from, write_line, NULL, &err)
                     : list(listing, journal, &err);
    yw_journal_close(journal);
    yw_view_fini(&listing->view);
    yw_buf_fini(&listing->text);
    free(listing);
    return status == 0 ? 0 : yw_cli_fail(cli, &err);
}
