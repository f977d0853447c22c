#include "codec/rules/rules.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "codec/rules/rules_pack.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".json"

/* The document, with the schema it must name. json: *new*, NULL after a failure. */
static int open_document(struct yw_rules_in *in, struct yw_rules *rules,
                         const char *schema, const char *text, size_t size,
                         struct yw_err *err)
{
    char found[32] = "";

    *in = (struct yw_rules_in){.rules = rules, .err = err};
    in->code = yw_json_load(&in->object, text, size, err);
    if (in->code < 0)
        return in->code;
    yw_rules_text(in, "schema", true, found, sizeof found);
    if (in->code == 0 && strcmp(found, schema) != 0)
        yw_rules_refuse(in, "schema", "expected '%s'; got '%s'", schema, found);
    return in->code;
}

int yw_rules_decode_names(struct yw_rules **ret, const char *text, size_t size,
                          struct yw_err *err)
{
    static const char *const members[] = {"activities", "classes", "effects", "events",
                                          "forms",      "metrics", "parties", "schema"};
    struct yw_rules *rules = yw_new(sizeof *rules);
    struct yw_rules_in in;
    int code = open_document(&in, rules, "drill-names/1", text, size, err);

    if (code == 0) {
        yw_rules_only(&in, members, sizeof members / sizeof members[0]);
        yw_rules_names(&in);
        code = in.code;
    }
    json_decref(in.object);
    if (code < 0) {
        yw_rules_free(rules);
        return code;
    }
    *ret = rules;
    return 0;
}

/* Keeps the packs in order of their ids. */
static void insert(struct yw_rules *rules, struct yw_rule_pack *pack)
{
    size_t at = rules->pack_count++;

    while (at > 0 && strcmp(rules->packs[at - 1]->id, pack->id) > 0) {
        rules->packs[at] = rules->packs[at - 1];
        at--;
    }
    rules->packs[at] = pack;
}

static void read_own_names(struct yw_rules_in *in)
{
    json_t *own = json_object_get(in->object, "names");
    struct yw_rules_in names;

    if (own == NULL || in->code < 0)
        return;
    yw_rules_enter(&names, in, "names", own);
    if (names.code == 0)
        yw_rules_names(&names);
    yw_rules_leave(&names, in);
}

int yw_rules_decode_pack(struct yw_rules *rules, const char *id, const char *text,
                         size_t size, struct yw_err *err)
{
    struct yw_rule_pack *pack = yw_new(sizeof *pack);
    struct yw_rules_in in;
    int code = open_document(&in, rules, "drill-rules/1", text, size, err);

    if (code == 0) {
        read_own_names(&in);
        yw_rules_read_body(&in, pack);
        code = in.code;
    }
    json_decref(in.object);
    if (code == 0 && id[0] != '\0' && strcmp(pack->id, id) != 0)
        code = yw_err_set(err, YW_EINVAL, "/pack: the file is called '%s'; got '%s'", id,
                          pack->id);
    if (code == 0 && yw_rules_pack(rules, pack->id) != NULL)
        code = yw_err_set(err, YW_EEXIST, "/pack: '%s' is there already", pack->id);
    if (code == 0 && rules->pack_count == YW_RULES_PACKS_MAX)
        code = yw_err_set(err, YW_ELIMIT, "at most %d packs", YW_RULES_PACKS_MAX);
    if (code < 0)
        yw_rule_pack_free(pack);
    else
        insert(rules, pack);
    return code;
}

static void read_days(struct yw_rules_in *in, const char *key, bool works, int64_t year,
                      struct yw_calendar *ret)
{
    json_t *array = yw_rules_array(in, key, 366);

    for (size_t i = 0; in->code == 0 && i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        struct yw_rule_date date;

        if (text == NULL || !yw_calendar_parse(text, &date) || date.year != year)
            yw_rules_refuse(in, key, "expected days of %lld as 2026-02-28",
                            (long long)year);
        else if (!yw_calendar_add(ret, yw_calendar_day(date), works))
            yw_rules_refuse(in, key, "at most %d days in all", YW_CALENDAR_DAYS_MAX);
    }
}

int yw_rules_decode_calendar(struct yw_calendar *ret, const char *text, size_t size,
                             struct yw_err *err)
{
    static const char *const top[] = {"schema", "years"};
    static const char *const members[] = {"confidence", "rest", "source", "work", "year"};
    struct yw_rules_in in;

    memset(ret, 0, sizeof *ret);
    if (open_document(&in, NULL, "drill-calendar/1", text, size, err) == 0)
        yw_rules_only(&in, top, 2);
    json_t *years = yw_rules_array(&in, "years", YW_CALENDAR_YEARS_MAX);

    for (size_t i = 0; in.code == 0 && i < json_array_size(years); i++) {
        struct yw_rules_in row;
        int64_t year = 0;

        yw_rules_enter_row(&row, &in, "years", i, years);
        yw_rules_only(&row, members, sizeof members / sizeof members[0]);
        yw_rules_int(&row, "year", 1, 9999, &year);
        read_days(&row, "rest", false, year, ret);
        read_days(&row, "work", true, year, ret);
        yw_rules_leave(&row, &in);
        ret->years[ret->year_count++] = (int)year;
    }
    json_decref(in.object);
    return in.code;
}

static void digest(const char *text, size_t size, char ret[YW_HASH_TEXT_SIZE])
{
    struct yw_sha256 sha;

    yw_sha256_init(&sha);
    yw_sha256_add(&sha, text, size);
    yw_sha256_end(&sha, ret);
}

int yw_rules_read_pack(struct yw_rules *rules, const char *path, struct yw_err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t length = strlen(name);
    char id[YW_RULES_ID_MAX] = "", *text = NULL;
    size_t size = 0;
    int code = yw_file_read(path, YW_RULES_BYTES_MAX, &text, &size, err);
    size_t before = rules->pack_count;

    if (code < 0)
        return code;
    if (length > strlen(SUFFIX) && strcmp(name + length - strlen(SUFFIX), SUFFIX) == 0)
        (void)yw_copyf(id, sizeof id, "%.*s", (int)(length - strlen(SUFFIX)), name);
    code = yw_rules_decode_pack(rules, id, text, size, err);
    for (size_t i = 0; rules->pack_count > before && i < rules->pack_count; i++) {
        if (rules->packs[i]->digest[0] == '\0')
            digest(text, size, rules->packs[i]->digest);
    }
    free(text);
    return code < 0 ? yw_err_prefix(err, "%s", path) : 0;
}

static int is_pack(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0 &&
           strcmp(entry->d_name, YW_RULES_NAMES) != 0 &&
           strcmp(entry->d_name, YW_RULES_CALENDAR) != 0;
}

static int read_packs(struct yw_rules *rules, const char *folder, struct yw_err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_pack, alphasort);
    int code = count < 0 ? yw_err_errno(err, YW_EIO, errno, folder) : 0;

    for (int i = 0; i < count; i++) {
        char *path = yw_strf("%s/%s", folder, entries[i]->d_name);

        if (code == 0)
            code = yw_rules_read_pack(rules, path, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int read_named(const char *folder, const char *name, char **ret, size_t *ret_size,
                      struct yw_err *err)
{
    char *path = yw_strf("%s/%s", folder, name);
    int code = yw_file_read(path, YW_RULES_BYTES_MAX, ret, ret_size, err);

    free(path);
    return code;
}

int yw_rules_read(struct yw_rules **ret, struct yw_calendar *calendar, const char *folder,
                  struct yw_err *err)
{
    struct yw_rules *rules = NULL;
    char *text = NULL, days[YW_HASH_TEXT_SIZE] = "";
    size_t size = 0;
    int code = read_named(folder, YW_RULES_CALENDAR, &text, &size, err);

    if (code == 0 && (code = yw_rules_decode_calendar(calendar, text, size, err)) < 0)
        yw_err_prefix(err, "%s/%s", folder, YW_RULES_CALENDAR);
    if (code == 0)
        digest(text, size, days);
    free(text);
    text = NULL;
    if (code == 0)
        code = read_named(folder, YW_RULES_NAMES, &text, &size, err);
    if (code == 0 && (code = yw_rules_decode_names(&rules, text, size, err)) < 0)
        yw_err_prefix(err, "%s/%s", folder, YW_RULES_NAMES);
    if (code == 0) {
        YW_COPY(rules->calendar_digest, days);
        digest(text, size, rules->names_digest);
    }
    free(text);
    if (code == 0)
        code = read_packs(rules, folder, err);
    if (code < 0) {
        yw_rules_free(rules);
        return code;
    }
    *ret = rules;
    return 0;
}
