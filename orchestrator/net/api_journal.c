/* GET /api/v1/drills/ID/journal?from=N: the records as NDJSON, for control. Read and sent
 * piece by piece, so that a long journal neither holds up the loop nor fills the memory.
 */
#include "net/door.h"
#include "store/journal.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS_A_TURN 200
#define ENOUGH 1 /* not an error code */

struct piece {
    struct yw_exchange *exchange;
    int count;
};

static int add_line(void *arg, const char *line, size_t size)
{
    struct piece *piece = arg;
    if (piece->count == RECORDS_A_TURN)
        return ENOUGH;
    piece->count++;
    struct yw_buf *out = &piece->exchange->out;
    yw_buf_put(out, line, size);
    if (size == 0 || line[size - 1] != '\n')
        yw_buf_puts(out, "\n");
    return 0;
}

static int next_piece(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_journal *journal =
        yw_conductor_journal(exchange->net->conductor, exchange->parts[0]);
    if (!journal)
        return yw_err_set(err, YW_ECANCELED, "the drill has gone");
    struct piece piece = {.exchange = exchange};
    int code = yw_journal_export(journal, exchange->produce_at, add_line, &piece, err);
    exchange->produce_at += piece.count; /* numbers have no gaps */
    return code < 0 ? code : code == ENOUGH;
}

int yw_api_journal(struct yw_exchange *exchange, struct yw_err *err)
{
    char from[24];
    yw_exchange_arg(exchange, "from", from, sizeof(from));
    if (from[strspn(from, "0123456789")] || strlen(from) > 15)
        return yw_err_set(err, YW_EINVAL, "from: expected a number; got '%s'", from);
    exchange->produce_at = from[0] ? strtoll(from, NULL, 10) : 1;
    if (!yw_conductor_journal(exchange->net->conductor, exchange->parts[0]))
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", exchange->parts[0]);
    exchange->produce = next_piece;
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_exchange_text(exchange, "application/x-ndjson", &out);
    return 0;
}
