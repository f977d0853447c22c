/* Reads the single values of fields: texts, numbers, spans, words, networks, handles. */
#include "script/reading.h"

#include "base/clock.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define FIELD_LINES_MAX 60 /* how far below its constructor a field is looked for */

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Is there "name =" (or the bare name) in this stretch of the source? */
static bool line_names(const char *at, const char *end, const char *name)
{
    size_t size = strlen(name);
    for (const char *p = at; p + size <= end; p++) {
        if (memcmp(p, name, size) != 0 || (p > at && is_word_byte(p[-1])) ||
            (p + size < end && is_word_byte(p[size])))
            continue;
        const char *after = p + size;
        while (after < end && (*after == ' ' || *after == '\t'))
            after++;
        if (after < end && *after == '=' && (after + 1 == end || after[1] != '='))
            return true;
    }
    return false;
}

/* Lua does not keep the lines of a table's fields; the source does. */
int yw_script_field_line(const struct yw_script_state *state, int line, const char *name)
{
    const char *at = state->source;
    const char *end = state->source + state->source_size;
    for (int now = 1; at < end && now < line + FIELD_LINES_MAX; now++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (now >= line && line_names(at, stop, name))
            return now;
        at = stop + 1;
    }
    return line;
}

int l_yw_bad(const struct yw_reading *r, const char *field, const char *why)
{
    int line = yw_script_field_line(yw_script_state_of(r->L), r->line, field);
    return l_yw_fail(r->L, line, "%s: %s: %s", r->title, field, why);
}

int l_yw_expected(const struct yw_reading *r, const char *field, const char *what)
{
    char why[320];
    char got[128];
    snprintf(why, sizeof(why), "expected %s, got %s", what,
             yw_script_what(r->L, -1, got));
    return l_yw_bad(r, field, why);
}

void l_yw_title_of(const struct yw_reading *r, const char *field, char title[256],
                   int *line)
{
    *line = yw_script_field_line(yw_script_state_of(r->L), r->line, field);
    snprintf(title, 256, "%s: %s", r->title, field);
}

static void l_check_text(lua_State *L, int index, const char *title, int line, size_t max)
{
    size_t size = 0;
    const char *text = lua_tolstring(L, index, &size);
    if (size >= max)
        l_yw_fail(L, line, "%s: the text has %d bytes, at most %d fit", title, (int)size,
                  (int)max - 1);
    if (!yw_utf8_valid(text, size))
        l_yw_fail(L, line, "%s: the text is not valid UTF-8", title);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            l_yw_fail(L, line, "%s: the text has a control character", title);
}

void l_yw_copy_text(const struct yw_reading *r, const char *field, char *dst, size_t size)
{
    char title[256];
    if (lua_type(r->L, -1) != LUA_TSTRING)
        l_yw_expected(r, field, "a text");
    snprintf(title, sizeof(title), "%s: %s", r->title, field);
    l_check_text(r->L, -1, title,
                 yw_script_field_line(yw_script_state_of(r->L), r->line, field), size);
    yw_copy(dst, size, lua_tostring(r->L, -1));
}

void l_yw_read_text(lua_State *L, int index, const char *title, int line, bool both,
                    struct yw_text *ret)
{
    static const char *const known[] = {"zh", "en"};
    index = lua_absindex(L, index);
    memset(ret, 0, sizeof(*ret));
    char got[128];
    if (lua_type(L, index) != LUA_TTABLE)
        l_yw_fail(L, line, "%s: expected { zh = \"…\", en = \"…\" }, got %s", title,
                  yw_script_what(L, index, got));
    char *const into[2] = {ret->zh, ret->en};
    int found = 0;
    for (int i = 0; i < 2; i++) {
        lua_pushstring(L, known[i]);
        int type = lua_rawget(L, index);
        if (type == LUA_TSTRING) {
            l_check_text(L, -1, title, line, YW_TEXT_MAX);
            yw_copy(into[i], YW_TEXT_MAX, lua_tostring(L, -1));
            found++;
        } else if (type != LUA_TNIL || both) {
            l_yw_fail(L, line,
                      "%s: %s is missing: every text stands in Chinese and English",
                      title, known[i]);
        }
        lua_pop(L, 1);
    }
    int keys = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        keys++;
    }
    if (keys != found || found == 0)
        l_yw_fail(L, line, "%s: a text has the fields zh and en, nothing else", title);
}

int64_t l_yw_read_span(lua_State *L, int index, const char *title, int line)
{
    int64_t ret = 0;
    char got[128];
    if (lua_type(L, index) != LUA_TSTRING ||
        yw_clock_parse_span(lua_tostring(L, index), &ret) < 0 ||
        ret > YW_SCRIPT_SPAN_MAX_MS)
        l_yw_fail(L, line,
                  "%s: expected a time span such as \"90s\", \"5m\" or \"1h30m\" (at "
                  "most 30d), "
                  "got %s",
                  title, yw_script_what(L, index, got));
    return ret;
}

static double l_number(const struct yw_reading *r, const struct yw_field *row)
{
    char why[128];
    bool whole = row->type == YW_FIELD_INTEGER;
    if (lua_type(r->L, -1) != LUA_TNUMBER)
        l_yw_expected(r, row->name, yw_field_type_name(row->type, false));
    double value = lua_tonumber(r->L, -1);
    if (!(value >= row->low && value <= row->high) ||
        (whole && value != (double)(long long)value)) {
        snprintf(why, sizeof(why), "%s from %.14g to %.14g is needed, got %.14g",
                 whole ? "a whole number" : "a number", row->low, row->high, value);
        l_yw_bad(r, row->name, why);
    }
    return value;
}

int l_yw_handle_index(const struct yw_reading *r, const char *field,
                      enum yw_field_type type)
{
    enum yw_handle_kind kind = type == YW_FIELD_NETWORK   ? YW_HANDLE_NETWORK
                               : type == YW_FIELD_PLANT   ? YW_HANDLE_PLANT
                               : type == YW_FIELD_MACHINE ? YW_HANDLE_MACHINE
                                                          : YW_HANDLE_ATTACK;
    const struct yw_handle *handle = yw_script_handle(r->L, -1, kind);
    char what[64];
    snprintf(what, sizeof(what), "a value made by %s \"…\" { … }",
             yw_handle_kind_name(kind));
    if (handle == NULL)
        return l_yw_expected(r, field, what);
    return handle->index;
}

void l_yw_name(const struct yw_reading *r, const char *field, char *dst, size_t size)
{
    l_yw_copy_text(r, field, dst, size);
    if (!yw_name_valid(dst))
        l_yw_bad(r, field, "a name has lower-case letters, digits and -, at most 63");
}

static bool is_word(const char *text)
{
    return *text != '\0' &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._") == strlen(text);
}

void l_yw_word(const struct yw_reading *r, const char *field, char *dst, size_t size)
{
    l_yw_copy_text(r, field, dst, size);
    if (!is_word(dst))
        l_yw_bad(r, field, "letters, digits, - . and _ only");
}

static void l_path(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    char *dst = at;
    size_t size = row->size;
    l_yw_copy_text(r, field, dst, size);
    if (dst[0] == '\0' || dst[0] == '/' || strstr(dst, "..") != NULL ||
        strchr(dst, '\\') != NULL)
        l_yw_bad(r, field,
                 "a path stays inside the scenario's folder: no leading /, no .., no \\");
}

static void l_cidr(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    struct yw_spec_network *ret = at;
    char text[YW_NAME_MAX];
    l_yw_copy_text(r, field, text, sizeof(text));
    char *slash = strchr(text, '/');
    if (slash != NULL)
        *slash = '\0';
    const char *digits = slash == NULL ? "" : slash + 1;
    size_t count = strspn(digits, "0123456789");
    int prefix = 0;
    for (size_t i = 0; i < count && i < 3; i++)
        prefix = prefix * 10 + (digits[i] - '0');
    if (count == 0 || count > 2 || digits[count] != '\0' || prefix < 8 || prefix > 30 ||
        yw_spec_address_parse(text, &ret->address) != 0)
        l_yw_bad(r, field,
                 "expected an IPv4 network such as \"10.20.2.0/24\" (prefix 8 to 30)");
    ret->prefix = prefix;
    /* l_bad does not return: the prefix is from 8 to 30 here */
    if ((ret->address & (UINT32_MAX >> prefix)) != 0) // NOLINT(clang-analyzer-core.*)
        l_yw_bad(r, field, "the address has bits set outside its prefix");
}

/* "512kbit", "2mbit", "1gbit": kbit/s. */
static int l_rate(const struct yw_reading *r, const char *field)
{
    static const struct {
        const char *name;
        int kbit;
    } units[] = {{"kbit", 1}, {"mbit", 1000}, {"gbit", 1000000}};
    char text[YW_NAME_MAX];
    l_yw_copy_text(r, field, text, sizeof(text));
    size_t count = strspn(text, "0123456789");
    long number = 0;
    for (size_t i = 0; i < count && number <= YW_SPEC_BANDWIDTH_MAX; i++)
        number = number * 10 + (text[i] - '0');
    for (size_t i = 0; count > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + count, units[i].name) == 0 &&
            number <= YW_SPEC_BANDWIDTH_MAX / units[i].kbit &&
            number * units[i].kbit >= YW_SPEC_BANDWIDTH_MIN)
            return (int)number * units[i].kbit;
    }
    l_yw_bad(r, field,
             "expected a rate such as \"512kbit\" or \"2mbit\" (8kbit to 10gbit)");
    return 0;
}

static void l_mode(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    bool *tabletop = at;
    const char *mode = lua_type(r->L, -1) == LUA_TSTRING ? lua_tostring(r->L, -1) : "";
    if (strcmp(mode, "drill") != 0 && strcmp(mode, "tabletop") != 0)
        l_yw_expected(r, field, "\"drill\" or \"tabletop\"");
    *tabletop = strcmp(mode, "tabletop") == 0;
}

static void l_flag(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    bool *ret = at;
    if (lua_type(r->L, -1) != LUA_TBOOLEAN)
        l_yw_expected(r, field, "true or false");
    *ret = lua_toboolean(r->L, -1);
}

static void l_tag(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    char *dst = at;
    size_t size = row->size;
    const struct yw_handle *handle = yw_script_handle(r->L, -1, YW_HANDLE_TAG);
    if (handle != NULL)
        yw_copy(dst, size, handle->tag);
    else
        l_yw_word(r, field, dst, size);
}

static void l_reading(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    struct yw_spec_reading *dst = at;
    const struct yw_handle *handle = yw_script_handle(r->L, -1, YW_HANDLE_TAG);
    if (handle == NULL)
        l_yw_expected(r, row->name, "a tag of a plant, works.lit101_m");
    dst->plant = handle->index;
    YW_COPY(dst->tag, handle->tag);
}

static void l_text(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    char title[256];
    int line = 0;
    l_yw_title_of(r, row->name, title, &line);
    l_yw_read_text(r->L, -1, title, line, row->low == 0, at);
}

static void l_span(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    char title[256];
    int line = 0;
    l_yw_title_of(r, row->name, title, &line);
    *(int64_t *)at = l_yw_read_span(r->L, -1, title, line);
}

static void l_name_of(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    l_yw_name(r, row->name, at, row->size);
}

static void l_word_of(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    l_yw_word(r, row->name, at, row->size);
}

static void l_string(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    l_yw_copy_text(r, row->name, at, row->size);
}

static void l_integer(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    *(int *)at = (int)l_number(r, row);
}

static void l_real(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    *(double *)at = l_number(r, row);
}

static void l_rate_of(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    *(int *)at = l_rate(r, row->name);
}

static void l_handle(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    *(int *)at = l_yw_handle_index(r, row->name, row->type);
}

static void l_cond(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    if (!l_yw_cond_at(r->L, -1, at))
        l_yw_expected(r, row->name, "a condition such as any { alarm(works) }");
}

static void l_vars(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    l_yw_verb_vars(r, row->name, at);
}

static void (*const readers[YW_FIELD_TYPES])(const struct yw_reading *r,
                                             const struct yw_field *row, void *at) = {
    [YW_FIELD_TEXT] = l_text,
    [YW_FIELD_NAME] = l_name_of,
    [YW_FIELD_WORD] = l_word_of,
    [YW_FIELD_STRING] = l_string,
    [YW_FIELD_PATH] = l_path,
    [YW_FIELD_SPAN] = l_span,
    [YW_FIELD_INTEGER] = l_integer,
    [YW_FIELD_NUMBER] = l_real,
    [YW_FIELD_FLAG] = l_flag,
    [YW_FIELD_MODE] = l_mode,
    [YW_FIELD_RATE] = l_rate_of,
    [YW_FIELD_CIDR] = l_cidr,
    [YW_FIELD_WORDS] = l_yw_words,
    [YW_FIELD_LIST] = l_yw_joined,
    [YW_FIELD_NETWORK] = l_handle,
    [YW_FIELD_PLANT] = l_handle,
    [YW_FIELD_MACHINE] = l_handle,
    [YW_FIELD_ATTACK] = l_handle,
    [YW_FIELD_ADDRESSES] = l_yw_addresses,
    [YW_FIELD_COND] = l_cond,
    [YW_FIELD_ACTION] = l_yw_action,
    [YW_FIELD_TEAMS] = l_yw_teams,
    [YW_FIELD_TAG] = l_tag,
    [YW_FIELD_READING] = l_reading,
    [YW_FIELD_POINTS] = l_yw_points,
    [YW_FIELD_CONTROLS] = l_yw_controls,
    [YW_FIELD_MASTERS] = l_yw_masters,
    [YW_FIELD_MIRRORS] = l_yw_mirrors,
    [YW_FIELD_LINES] = l_yw_statements,
    [YW_FIELD_VARS] = l_vars,
    [YW_FIELD_GIVEN] = l_yw_given,
};

void l_yw_set(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    readers[row->type](r, row, at);
}
