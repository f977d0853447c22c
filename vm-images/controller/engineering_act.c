/* The commands of the engineering port. */
#include "controller/engineering.h"
#include "controller/st_diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIFF_MAX (16 * 1024)

/* The desk as a page of text. */
struct page {
    struct yw_eng *eng;
    size_t size;
};

static void print(struct page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void print(struct page *page, const char *format, ...)
{
    size_t room = sizeof(page->eng->desk) - page->size;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(page->eng->desk + page->size, room, format, args);
    va_end(args);
    if (length > 0 && (size_t)length < room)
        page->size += (size_t)length;
}

static const char *program_name(const struct yw_plc *plc)
{
    return plc->loaded ? yw_st_main(&plc->program)->name : "";
}

static void status(struct yw_eng *eng, int index)
{
    const struct yw_plc *plc = eng->plc;
    const uint16_t *holding = plc->bank.holding;
    struct page page = {.eng = eng};
    char why[YW_ST_NAME_MAX + YW_ST_WANT_MAX + 96] = "";
    if (plc->problem.trouble != YW_ST_OK)
        yw_st_explain(&plc->problem, false, why, sizeof(why));
    print(&page, "vendor=%s\nmodel=%s\nserial=%s\nrevision=%s\n",
          plc->bank.identity[YW_MODBUS_VENDOR], plc->bank.identity[YW_MODBUS_MODEL_NAME],
          plc->bank.identity[YW_MODBUS_PRODUCT_CODE],
          plc->bank.identity[YW_MODBUS_REVISION]);
    print(&page, "mode=%s\nkey=%s\n",
          yw_plc_mode_name((enum yw_plc_mode)holding[YW_PLC_MODE]),
          yw_plc_mode_name(plc->key));
    print(&page, "program=%s\ncrc=%08x\nsource=%s\n", program_name(plc), plc->program.crc,
          eng->source_size > 0 ? "yes" : "no");
    print(&page, "scan_ms=%d\nscans=%u\ninstructions=%u\n", (int)yw_plc_scan_ms(plc),
          plc->scan, plc->image.spent);
    print(&page, "forces=%u\ntrip=%u\nproblem=%s\n", plc->force_count,
          (unsigned)holding[YW_PLC_TRIP], why);
    yw_eng_send(eng, index, page.size);
}

static void show_var(const struct yw_eng *eng, struct page *page,
                     const struct yw_st_var *var, const char *path)
{
    char value[32];
    struct yw_st_spot spot;
    if (yw_st_find(&eng->plc->program, path, &spot) != 0)
        return;
    yw_st_show(&eng->plc->image, &spot, value, sizeof(value));
    print(page, "%s %s %s%s\n", path, yw_st_type_name(spot.type), value,
          var->retain ? " RETAIN" : "");
}

/* Variables and elements of arrays with one dimension; members are read by name. */
static void vars(struct yw_eng *eng, int index)
{
    const struct yw_st_program *program = &eng->plc->program;
    struct page page = {.eng = eng};
    char path[2 * YW_ST_NAME_MAX];
    for (uint32_t i = 0; eng->plc->loaded && i < yw_st_main(program)->var_count; i++) {
        const struct yw_st_var *var = &program->vars[yw_st_main(program)->var_at + i];
        if (var->name[0] == '\0')
            continue;
        if (var->type == YW_ST_BLOCK)
            print(&page, "%s FUNCTION_BLOCK\n", var->name);
        else if (var->dims == 0)
            show_var(eng, &page, var, var->name);
        for (uint32_t k = 0; var->dims == 1 && k < var->cells; k++) {
            (void)snprintf(path, sizeof(path), "%s[%d]", var->name,
                           var->low[0] + (int32_t)k);
            show_var(eng, &page, var, path);
        }
    }
    yw_eng_send(eng, index, page.size);
}

static void forces(struct yw_eng *eng, int index)
{
    struct page page = {.eng = eng};
    for (uint32_t i = 0; i < eng->plc->force_count; i++) {
        char value[32];
        const struct yw_plc_force *force = &eng->plc->forces[i];
        yw_st_show(&eng->plc->image, &force->spot, value, sizeof(value));
        print(&page, "%s %s %s\n", force->name, yw_st_type_name(force->spot.type), value);
    }
    yw_eng_send(eng, index, page.size);
}

static void read_one(struct yw_eng *eng, int index, const char *name)
{
    struct yw_st_spot spot;
    char value[32];
    if (yw_st_find(&eng->plc->program, name, &spot) != 0) {
        yw_eng_say(eng, index, "404 no such variable");
        return;
    }
    yw_st_show(&eng->plc->image, &spot, value, sizeof(value));
    yw_eng_say(eng, index, "200 %s %s", yw_st_type_name(spot.type), value);
}

static void upload(struct yw_eng *eng, int index)
{
    if (eng->source_size == 0) {
        yw_eng_say(eng, index, "404 no text in the controller");
        return;
    }
    memcpy(eng->desk, eng->source, eng->source_size);
    yw_plc_tell(eng->plc, "plc-upload", eng->sessions[index].from, "");
    yw_eng_send(eng, index, eng->source_size);
}

static void image(struct yw_eng *eng, int index)
{
    size_t size = 0;
    if (eng->plc->loaded)
        size = yw_st_pack(&eng->plc->program, (uint8_t *)eng->desk, sizeof(eng->desk));
    if (size == 0) {
        yw_eng_say(eng, index, "404 no program, or too large");
        return;
    }
    yw_plc_tell(eng->plc, "plc-upload", eng->sessions[index].from, "");
    yw_eng_send(eng, index, size);
}

static void begin(struct yw_eng *eng, int index, enum yw_eng_transfer transfer,
                  const char *word)
{
    char *end = NULL;
    unsigned long size = strtoul(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || size == 0 ||
        size > sizeof(eng->desk)) {
        yw_eng_say(eng, index, "413 expected a size of 1..%zu bytes", sizeof(eng->desk));
        return;
    }
    eng->transfer = transfer;
    eng->owner = index;
    eng->at = 0;
    eng->total = size;
    yw_eng_say(eng, index, "200 send %lu bytes", size);
}

static void login(struct yw_eng *eng, int index, const char *password)
{
    struct yw_eng_session *session = &eng->sessions[index];
    session->trusted = strcmp(password, eng->plc->password) == 0;
    yw_plc_tell(eng->plc, "plc-login", session->from,
                session->trusted ? ",\"ok\":true" : ",\"ok\":false");
    yw_eng_say(eng, index, session->trusted ? "200 welcome" : "430 wrong password");
}

static void mode(struct yw_eng *eng, int index, const char *name)
{
    char more[64];
    int wanted = yw_plc_mode_find(name);
    if (wanted < 0) {
        yw_eng_say(eng, index, "400 expected stop, run, program, remote or boot");
        return;
    }
    if (!eng->plc->loaded) {
        yw_eng_say(eng, index, "409 no program");
        return;
    }
    (void)snprintf(
        more, sizeof(more), ",\"old\":\"%s\",\"new\":\"%s\"",
        yw_plc_mode_name((enum yw_plc_mode)eng->plc->bank.holding[YW_PLC_MODE]), name);
    yw_plc_set_mode(eng->plc, (enum yw_plc_mode)wanted);
    yw_plc_tell(eng->plc, "plc-mode", eng->sessions[index].from, more);
    yw_eng_say(eng, index, "200 %s", name);
}

static void password(struct yw_eng *eng, int index, const char *word)
{
    char problem[YW_PLC_PROBLEM_MAX];
    if (yw_plc_set(eng->plc, "password", word, problem) != 0) {
        yw_eng_say(eng, index, "400 %s", problem);
        return;
    }
    yw_plc_tell(eng->plc, "plc-password", eng->sessions[index].from, "");
    yw_eng_say(eng, index, "200 changed");
}

/* Old and new value of a variable in the words of the language; both are ours to print:
 * a name that was found and numbers. */
static void tell_values(const struct yw_eng *eng, int index, const char *kind,
                        const char *name, const char *old_value, const char *new_value)
{
    char more[YW_PLC_LINE_MAX];
    (void)snprintf(more, sizeof(more), ",\"name\":\"%s\",\"old\":\"%s\",\"new\":\"%s\"",
                   name, old_value, new_value);
    yw_plc_tell(eng->plc, kind, eng->sessions[index].from, more);
}

static void set(struct yw_eng *eng, int index, const char *name, const char *text,
                bool force)
{
    struct yw_plc *plc = eng->plc;
    struct yw_st_spot spot;
    uint32_t value = 0;
    char old_value[32];
    char new_value[32];
    bool found = yw_st_find(&plc->program, name, &spot) == 0 && !spot.constant;
    bool input =
        found && (spot.place == YW_ST_INPUT_WORD || spot.place == YW_ST_INPUT_BIT);
    bool own = found &&
               (spot.place == YW_ST_MEMORY_WORD || spot.place == YW_ST_MEMORY_DOUBLE) &&
               spot.at + (spot.place == YW_ST_MEMORY_DOUBLE) >= YW_PLC_MODE &&
               spot.at <= YW_PLC_REGISTER_LAST;
    if (!found || own || (input && !force)) {
        yw_eng_say(eng, index, found ? "403 cannot be written" : "404 no such variable");
        return;
    }
    if (!yw_st_take(spot.type, text, &value)) {
        yw_eng_say(eng, index, "400 expected a value of type %s",
                   yw_st_type_name(spot.type));
        return;
    }
    yw_st_show(&plc->image, &spot, old_value, sizeof(old_value));
    if (force && yw_plc_force(plc, name, value) != 0) {
        yw_eng_say(eng, index, "409 at most %d forces", YW_PLC_FORCES_MAX);
        return;
    }
    if (force)
        yw_plc_apply_forces(plc, YW_PLC_BEFORE);
    else
        yw_st_put(&plc->image, &spot, value);
    yw_st_text(spot.type, value, new_value, sizeof(new_value));
    tell_values(eng, index, force ? "plc-force" : "plc-write", name, old_value,
                new_value);
    yw_eng_say(eng, index, "200 was %s", old_value);
}

static void unforce(struct yw_eng *eng, int index, const char *name)
{
    bool all = strcasecmp(name, "all") == 0;
    struct yw_st_spot spot;
    bool known = all || yw_st_find(&eng->plc->program, name, &spot) == 0;
    if (!known || !yw_plc_unforce(eng->plc, all ? NULL : name)) {
        yw_eng_say(eng, index, "404 not forced");
        return;
    }
    tell_values(eng, index, "plc-unforce", all ? "all" : name, "", "");
    yw_eng_say(eng, index, "200 free");
}

/* Whether this session may; it is told if not, and so is the log. */
static bool may(struct yw_eng *eng, int index, const char *verb, bool needs_key)
{
    const struct yw_eng_session *session = &eng->sessions[index];
    char more[64];
    bool trusted = session->trusted;
    bool unlocked = !needs_key || yw_plc_unlocked(eng->plc);
    if (trusted && unlocked && yw_sources_allow(&eng->plc->sources, session->from))
        return true;
    (void)snprintf(more, sizeof(more), ",\"command\":\"%s\"", verb);
    yw_plc_tell(eng->plc, "plc-refused", session->from, more);
    if (!trusted)
        yw_eng_say(eng, index, "430 LOGIN first");
    else if (!unlocked)
        yw_eng_say(eng, index, "423 the key stands at %s",
                   yw_plc_mode_name(eng->plc->key));
    else
        yw_eng_say(eng, index, "403 not from this address");
    return false;
}

enum verb {
    VERB_HELP,
    VERB_STATUS,
    VERB_VARS,
    VERB_READ,
    VERB_UPLOAD,
    VERB_IMAGE,
    VERB_COMPARE,
    VERB_FORCES,
    VERB_LOGIN,
    VERB_MODE,
    VERB_DOWNLOAD,
    VERB_EDIT,
    VERB_WRITE,
    VERB_FORCE,
    VERB_UNFORCE,
    VERB_PASSWORD,
    VERB_QUIT
};

static const struct {
    const char *name;
    int words; /* behind it */
    bool trusted, key;
    bool desk; /* needs the desk free */
} verbs[] = {
    [VERB_HELP] = {"HELP", 0, false, false, false},
    [VERB_STATUS] = {"STATUS", 0, false, false, true},
    [VERB_VARS] = {"VARS", 0, false, false, true},
    [VERB_READ] = {"READ", 1, false, false, false},
    [VERB_UPLOAD] = {"UPLOAD", 0, false, false, true},
    [VERB_IMAGE] = {"IMAGE", 0, false, false, true},
    [VERB_COMPARE] = {"COMPARE", 1, false, false, true},
    [VERB_FORCES] = {"FORCES", 0, false, false, true},
    [VERB_LOGIN] = {"LOGIN", 1, false, false, false},
    [VERB_MODE] = {"MODE", 1, true, true, false},
    [VERB_DOWNLOAD] = {"DOWNLOAD", 1, true, true, true},
    [VERB_EDIT] = {"EDIT", 1, true, true, true},
    [VERB_WRITE] = {"WRITE", 2, true, false, false},
    [VERB_FORCE] = {"FORCE", 2, true, true, false},
    [VERB_UNFORCE] = {"UNFORCE", 1, true, true, false},
    [VERB_PASSWORD] = {"PASSWORD", 1, true, true, false},
    [VERB_QUIT] = {"QUIT", 0, false, false, false},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void help(struct yw_eng *eng, int index)
{
    yw_eng_say(
        eng, index,
        "200 STATUS VARS READ UPLOAD IMAGE COMPARE FORCES LOGIN MODE DOWNLOAD EDIT "
        "WRITE FORCE UNFORCE PASSWORD QUIT");
}

static void download(struct yw_eng *eng, int index, const char *size)
{
    uint16_t now = eng->plc->bank.holding[YW_PLC_MODE];
    if (now == YW_PLC_RUN || now == YW_PLC_REMOTE)
        yw_eng_say(eng, index, "409 MODE program first");
    else
        begin(eng, index, YW_ENG_DOWNLOAD, size);
}

static bool dispatch(struct yw_eng *eng, int index, enum verb verb, char **words)
{
    switch (verb) {
    case VERB_HELP:
        help(eng, index);
        break;
    case VERB_STATUS:
        status(eng, index);
        break;
    case VERB_VARS:
        vars(eng, index);
        break;
    case VERB_READ:
        read_one(eng, index, words[0]);
        break;
    case VERB_UPLOAD:
        upload(eng, index);
        break;
    case VERB_IMAGE:
        image(eng, index);
        break;
    case VERB_COMPARE:
        begin(eng, index, YW_ENG_COMPARE, words[0]);
        break;
    case VERB_FORCES:
        forces(eng, index);
        break;
    case VERB_LOGIN:
        login(eng, index, words[0]);
        break;
    case VERB_MODE:
        mode(eng, index, words[0]);
        break;
    case VERB_DOWNLOAD:
        download(eng, index, words[0]);
        break;
    case VERB_EDIT:
        begin(eng, index, YW_ENG_EDIT, words[0]);
        break;
    case VERB_WRITE:
    case VERB_FORCE:
        set(eng, index, words[0], words[1], verb == VERB_FORCE);
        break;
    case VERB_UNFORCE:
        unforce(eng, index, words[0]);
        break;
    case VERB_PASSWORD:
        password(eng, index, words[0]);
        break;
    case VERB_QUIT:
        yw_eng_say(eng, index, "221 bye");
        return false;
    }
    return true;
}

bool yw_eng_act(struct yw_eng *eng, int index, char *command)
{
    char *words[4];
    int count = 0;
    char *rest = command;
    for (char *word = strtok_r(command, " \t", &rest); word != NULL && count < 4;
         word = strtok_r(NULL, " \t", &rest))
        words[count++] = word;
    if (count == 0)
        return true;
    for (size_t i = 0; i < VERBS; i++) {
        if (strcasecmp(words[0], verbs[i].name) != 0)
            continue;
        if (count != verbs[i].words + 1)
            yw_eng_say(eng, index, "400 %s takes %d words", verbs[i].name,
                       verbs[i].words);
        else if (verbs[i].desk && eng->transfer != YW_ENG_IDLE)
            yw_eng_say(eng, index, "423 another transfer is under way");
        else if (!verbs[i].trusted || may(eng, index, verbs[i].name, verbs[i].key))
            return dispatch(eng, index, (enum verb)i, words + 1);
        return true;
    }
    yw_eng_say(eng, index, "400 HELP tells the commands");
    return true;
}

static void compare(struct yw_eng *eng, int index)
{
    char diff[DIFF_MAX];
    size_t lines = yw_st_diff(eng->source, eng->source_size, eng->desk, eng->total, diff,
                              sizeof(diff));
    struct yw_st_problem problem;
    bool same = yw_st_compile(&eng->next, eng->desk, eng->total, &problem) == 0 &&
                eng->next.crc == eng->plc->program.crc;
    struct page page = {.eng = eng};
    print(&page, "program=%s\ntext=%s\nlines=%zu\n%s", same ? "same" : "differs",
          lines == 0 ? "same" : "differs", lines, diff);
    yw_eng_send(eng, index, page.size);
}

/* A program that came: compiled if it says so, else text. */
static int take_program(struct yw_eng *eng, bool edit, bool *ret_text,
                        struct yw_st_problem *problem)
{
    size_t magic = sizeof(YW_ST_PACK_MAGIC);
    *ret_text = eng->total < magic || memcmp(eng->desk, YW_ST_PACK_MAGIC, magic) != 0;
    int status = *ret_text ? yw_st_compile(&eng->next, eng->desk, eng->total, problem)
                           : yw_st_unpack(&eng->next, (const uint8_t *)eng->desk,
                                          eng->total, problem);
    if (status != 0)
        return -1;
    yw_st_reset(&eng->next, &eng->image, false);
    if (eng->plc->loaded)
        yw_st_carry(&eng->plc->program, &eng->plc->image, &eng->next, &eng->image, !edit);
    return 0;
}

static void install(struct yw_eng *eng, int index, bool edit)
{
    struct yw_plc *plc = eng->plc;
    struct yw_st_problem problem;
    bool text = false;
    char why[YW_ST_NAME_MAX + YW_ST_WANT_MAX + 128];
    char more[128];
    if (take_program(eng, edit, &text, &problem) != 0) {
        yw_st_explain(&problem, false, why, sizeof(why));
        yw_eng_say(eng, index, "422 %s", why);
        return;
    }
    (void)snprintf(
        more, sizeof(more), ",\"old\":\"%08x\",\"new\":\"%08x\",\"compiled\":%s",
        plc->loaded ? plc->program.crc : 0, eng->next.crc, text ? "false" : "true");
    /* An edit leaves registers alone; a download writes their initial values. */
    yw_plc_install(plc, &eng->next, &eng->image, !edit);
    eng->source_size = text ? eng->total : 0;
    memcpy(eng->source, eng->desk, eng->source_size);
    yw_plc_tell(plc, edit ? "plc-edit" : "plc-download", eng->sessions[index].from, more);
    yw_eng_say(eng, index, "200 %s %08x", yw_st_main(&plc->program)->name,
               plc->program.crc);
}

void yw_eng_received(struct yw_eng *eng)
{
    enum yw_eng_transfer transfer = eng->transfer;
    int index = eng->owner;
    eng->transfer = YW_ENG_IDLE;
    /* The key, or the mode, may have changed while the bytes came. */
    if (transfer == YW_ENG_COMPARE)
        compare(eng, index);
    else if (may(eng, index, transfer == YW_ENG_EDIT ? "EDIT" : "DOWNLOAD", true))
        install(eng, index, transfer == YW_ENG_EDIT);
}
