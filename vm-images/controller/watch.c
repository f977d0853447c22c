#include "controller/watch.h"

#include "controller/modbus_client.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PACE_MIN_MS 100
#define PACE_MAX_MS 3600000

void yw_watch_init(struct yw_watch *watch)
{
    memset(watch, 0, sizeof(*watch));
    watch->unit = 1;
    watch->pace_ms = 1000;
    watch->fresh_ms = -1;
    (void)snprintf(watch->zh, sizeof(watch->zh), "操作员站");
    (void)snprintf(watch->en, sizeof(watch->en), "Operator station");
}

static void copy(char *ret, const char *word)
{
    (void)snprintf(ret, YW_CONF_WORD_MAX, "%s", word);
}

static uint8_t function_of(const char *table)
{
    static const char *const tables[] = {"", "coil", "discrete", "holding", "input"};
    for (uint8_t i = YW_MODBUS_READ_COILS; i <= YW_MODBUS_READ_INPUT; i++) {
        if (strcmp(table, tables[i]) == 0)
            return i;
    }
    return 0;
}

/* It stands in addresses and attributes of pages. */
static bool is_name(const char *word)
{
    return word[0] != '\0' &&
           strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._") == strlen(word);
}

static int read_tag(struct yw_watch *watch, const struct yw_conf_line *line,
                    char *problem)
{
    struct yw_watch_tag *tag = &watch->tags[watch->tag_count];
    double address = 0;
    if (watch->tag_count == YW_WATCH_TAGS_MAX)
        return yw_conf_refuse(line, "at most 64 tags", "", problem);
    memset(tag, 0, sizeof(*tag));
    if (line->count > 1 && !is_name(line->words[1]))
        return yw_conf_refuse(line, "a name has letters, digits, - . and _",
                              line->words[1], problem);
    if (line->count < 10 || line->count > 11 ||
        (tag->function = function_of(line->words[3])) == 0 ||
        !yw_conf_number(line->words[4], 0, 65535, &address) ||
        !yw_conf_number(line->words[5], 1e-9, 1e9, &tag->scale) ||
        !yw_conf_number(line->words[6], -1e9, 1e9, &tag->low) ||
        !yw_conf_number(line->words[7], tag->low, 1e9, &tag->high) ||
        (line->count == 11 &&
         !yw_conf_number(line->words[10], -65535, 65535, &tag->offset)))
        return yw_conf_refuse(
            line, "expected tag NAME UNIT TABLE ADDRESS SCALE LOW HIGH ZH EN [OFFSET]",
            line->words[1], problem);
    copy(tag->name, line->words[1]);
    copy(tag->unit, line->words[2]);
    copy(tag->zh, line->words[8]);
    copy(tag->en, line->words[9]);
    tag->address = (uint16_t)address;
    tag->good_ms = -1;
    watch->tag_count++;
    return 0;
}

static int read_limit(struct yw_watch *watch, const struct yw_conf_line *line,
                      char *problem)
{
    struct yw_watch_limit *limit = &watch->limits[watch->limit_count];
    double level = 0;
    const struct yw_watch_tag *tag = yw_watch_tag(watch, line->words[1]);
    if (watch->limit_count == YW_WATCH_LIMITS_MAX)
        return yw_conf_refuse(line, "at most 64 limits", "", problem);
    memset(limit, 0, sizeof(*limit));
    if (line->count != 5 || tag == NULL ||
        !yw_conf_number(line->words[3], -1e9, 1e9, &limit->value) ||
        !yw_conf_number(line->words[4], 1, 5, &level))
        return yw_conf_refuse(line, "expected limit TAG above|below VALUE LEVEL",
                              line->words[1], problem);
    limit->tag = (uint16_t)(tag - watch->tags);
    limit->above = strcmp(line->words[2], "above") == 0;
    limit->level = (int)level;
    watch->limit_count++;
    return 0;
}

static int read_line(struct yw_watch *watch, const struct yw_conf_line *line,
                     char *problem)
{
    const char *word = line->words[0];
    double number = 1;
    if (line->bad)
        return yw_conf_refuse(line, "too long", "", problem);
    if (strcmp(word, "tag") == 0)
        return read_tag(watch, line, problem);
    if (strcmp(word, "limit") == 0)
        return read_limit(watch, line, problem);
    if (strcmp(word, "title") == 0 && line->count == 3) {
        copy(watch->zh, line->words[1]);
        copy(watch->en, line->words[2]);
        return 0;
    }
    if (strcmp(word, "plc") == 0 && (line->count == 2 || line->count == 3) &&
        strlen(line->words[1]) < sizeof(watch->plc) &&
        (line->count == 2 || yw_conf_number(line->words[2], 0, 255, &number))) {
        memcpy(watch->plc, line->words[1], strlen(line->words[1]) + 1);
        watch->unit = (uint8_t)number;
        return 0;
    }
    if (strcmp(word, "pace") == 0 && line->count == 2 &&
        yw_conf_number(line->words[1], PACE_MIN_MS, PACE_MAX_MS, &number)) {
        watch->pace_ms = (int64_t)number;
        return 0;
    }
    watch->dosing = watch->dosing || strcmp(word, "form") == 0;
    return strcmp(word, "form") == 0
               ? 0
               : yw_conf_refuse(line, "expected title, plc, pace, tag, limit or form",
                                word, problem);
}

/* Does the tag lie in a read that is there, or just behind it? */
static bool joins(struct yw_watch_read *read, const struct yw_watch_tag *tag)
{
    uint16_t end = (uint16_t)(read->address + read->count);
    if (read->function != tag->function || tag->address < read->address ||
        tag->address > end + YW_WATCH_GAP)
        return false;
    uint16_t count = (uint16_t)(tag->address - read->address + 1);
    if (count > YW_MODBUS_READ_WORDS_MAX)
        return false;
    if (count > read->count)
        read->count = count;
    return true;
}

static void plan_reads(struct yw_watch *watch)
{
    watch->read_count = 0;
    for (uint16_t i = 0; i < watch->tag_count; i++) {
        const struct yw_watch_tag *tag = &watch->tags[i];
        bool found = false;
        for (uint16_t k = 0; k < watch->read_count && !found; k++)
            found = joins(&watch->reads[k], tag);
        if (!found)
            watch->reads[watch->read_count++] = (struct yw_watch_read){
                .function = tag->function, .address = tag->address, .count = 1};
    }
}

int yw_watch_load(struct yw_watch *watch, const char *text, size_t size,
                  char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        if (read_line(watch, &line, problem) != 0)
            return -1;
    }
    plan_reads(watch);
    return 0;
}

const struct yw_watch_tag *yw_watch_tag(const struct yw_watch *watch, const char *name)
{
    for (uint16_t i = 0; i < watch->tag_count; i++) {
        if (strcmp(watch->tags[i].name, name) == 0)
            return &watch->tags[i];
    }
    return NULL;
}

int yw_watch_decimals(const struct yw_watch_tag *tag)
{
    int decimals = 0;
    for (double step = tag->scale; step < 0.99 && decimals < 6; step *= 10)
        decimals++;
    return decimals;
}

bool yw_watch_fresh(const struct yw_watch *watch, int64_t now_ms)
{
    return watch->fresh_ms >= 0 &&
           now_ms - watch->fresh_ms < YW_WATCH_FRESH_MS + watch->pace_ms - 1000;
}

bool yw_watch_acknowledge(struct yw_watch *watch, unsigned index)
{
    if (index >= watch->limit_count || !watch->limits[index].seen)
        return false;
    watch->limits[index].acknowledged = true;
    watch->limits[index].seen = watch->limits[index].active;
    return true;
}

/* ---- the connection ---- */

static void begin_again(struct yw_watch *watch, int64_t now_ms)
{
    watch->state = YW_WATCH_WAITING;
    watch->due_ms = now_ms + YW_WATCH_AGAIN_MS;
    watch->in_size = 0;
    watch->breaks++;
}

static void ask(struct yw_watch *watch, int64_t now_ms, uint8_t ret[YW_MODBUS_ADU_MAX],
                size_t *ret_size)
{
    const struct yw_watch_read *read = &watch->reads[watch->asked];
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    size_t size = yw_modbus_ask_read(read->function, read->address, read->count, pdu);
    *ret_size = yw_modbus_wrap(++watch->transaction, watch->unit, pdu, size, ret);
    watch->state = YW_WATCH_ASKING;
    watch->due_ms = now_ms + YW_WATCH_DEADLINE_MS;
}

enum yw_watch_action yw_watch_turn(struct yw_watch *watch, int64_t now_ms,
                                   uint8_t ret[YW_MODBUS_ADU_MAX], size_t *ret_size)
{
    *ret_size = 0;
    if (now_ms < watch->due_ms || watch->plc[0] == '\0' || watch->read_count == 0)
        return YW_WATCH_NOTHING;
    switch (watch->state) {
    case YW_WATCH_WAITING:
        watch->state = YW_WATCH_CONNECTING;
        watch->due_ms = now_ms + YW_WATCH_DEADLINE_MS;
        return YW_WATCH_CONNECT;
    case YW_WATCH_CONNECTING:
        begin_again(watch, now_ms);
        return YW_WATCH_HANG_UP;
    case YW_WATCH_ASKING:
        if (watch->due_ms == INT64_MIN) { /* the next question waits to be sent */
            ask(watch, now_ms, ret, ret_size);
            return YW_WATCH_SEND;
        }
        begin_again(watch, now_ms);
        return YW_WATCH_HANG_UP;
    case YW_WATCH_RESTING:
        watch->asked = 0;
        ask(watch, now_ms, ret, ret_size);
        return YW_WATCH_SEND;
    }
    return YW_WATCH_NOTHING;
}

void yw_watch_connected(struct yw_watch *watch, bool ok, int64_t now_ms)
{
    if (watch->state != YW_WATCH_CONNECTING)
        return;
    if (!ok) {
        begin_again(watch, now_ms);
        return;
    }
    watch->state = YW_WATCH_RESTING;
    watch->due_ms = now_ms;
}

void yw_watch_closed(struct yw_watch *watch, int64_t now_ms)
{
    if (watch->state != YW_WATCH_WAITING)
        begin_again(watch, now_ms);
}

static void set_value(struct yw_watch_tag *tag, uint16_t raw, int64_t now_ms)
{
    bool bits = tag->function <= YW_MODBUS_READ_DISCRETE;
    double whole = tag->low < 0 && tag->offset == 0 ? (int16_t)raw : raw;
    tag->value = bits ? raw : (whole - tag->offset) * tag->scale;
    tag->good_ms = now_ms;
}

static void check_limits(struct yw_watch *watch, int64_t now_ms)
{
    for (uint16_t i = 0; i < watch->limit_count; i++) {
        struct yw_watch_limit *limit = &watch->limits[i];
        const struct yw_watch_tag *tag = &watch->tags[limit->tag];
        bool active = tag->good_ms >= 0 && (limit->above ? tag->value > limit->value
                                                         : tag->value < limit->value);
        if (active && !limit->active) {
            limit->since_ms = now_ms;
            limit->acknowledged = false;
            limit->seen = true;
        }
        if (!active && limit->acknowledged)
            limit->seen = false;
        limit->active = active;
    }
}

/* False: no answer to what was asked. */
static bool take_answer(struct yw_watch *watch, const struct yw_modbus_adu *adu,
                        int64_t now_ms)
{
    const struct yw_watch_read *read = &watch->reads[watch->asked];
    uint16_t values[YW_MODBUS_READ_WORDS_MAX];
    if (adu->foreign || adu->transaction != watch->transaction)
        return false;
    int outcome = yw_modbus_read_values(read->function, read->count, adu->pdu,
                                        adu->pdu_size, values);
    for (uint16_t i = 0; i < watch->tag_count && outcome == YW_MODBUS_OK; i++) {
        struct yw_watch_tag *tag = &watch->tags[i];
        if (tag->function == read->function && tag->address >= read->address &&
            tag->address < read->address + read->count)
            set_value(tag, values[tag->address - read->address], now_ms);
    }
    return outcome >= 0;
}

bool yw_watch_bytes(struct yw_watch *watch, const uint8_t *bytes, size_t size,
                    int64_t now_ms)
{
    struct yw_modbus_adu adu;
    if (watch->state != YW_WATCH_ASKING || watch->due_ms == INT64_MIN ||
        size > sizeof(watch->in) - watch->in_size) {
        watch->due_ms = now_ms; /* nobody asked: hang up in the next turn */
        watch->state = YW_WATCH_CONNECTING;
        return false;
    }
    memcpy(watch->in + watch->in_size, bytes, size);
    watch->in_size += size;
    int used = yw_modbus_frame(watch->in, watch->in_size, &adu);
    if (used == 0)
        return false;
    if (used < 0 || (size_t)used != watch->in_size || !take_answer(watch, &adu, now_ms)) {
        watch->due_ms = now_ms;
        watch->state = YW_WATCH_CONNECTING;
        return false;
    }
    watch->in_size = 0;
    if (++watch->asked < watch->read_count) {
        watch->due_ms = INT64_MIN;
        return false;
    }
    watch->state = YW_WATCH_RESTING;
    watch->due_ms = now_ms + watch->pace_ms;
    watch->fresh_ms = now_ms;
    watch->rounds++;
    check_limits(watch, now_ms);
    return true;
}
