#include "controller/prompt.h"

#include "controller/modbus_client.h"
#include "controller/plc.h"

#include <stdio.h>
#include <string.h>

enum key {
    KEY_HOME = 1,
    KEY_CANCEL = 3,
    KEY_END = 5,
    KEY_BACK = 8,
    KEY_REDRAW = 12,
    KEY_KILL = 21,
    KEY_ESCAPE = 27,
    KEY_DELETE = 127,
};

static void put(struct yw_prompt *prompt, const char *text)
{
    prompt->io.put(prompt->io.arg, text, strlen(text));
}

/* Text of several lines, as a terminal in raw mode wants it. Only printable bytes: what a
 * machine on the network answered must not move the cursor. */
static void say(struct yw_prompt *prompt, const char *text)
{
    char chunk[128];
    size_t used = 0;
    for (; *text != '\0'; text++) {
        if (used + 2 > sizeof(chunk)) {
            prompt->io.put(prompt->io.arg, chunk, used);
            used = 0;
        }
        if (*text == '\n')
            chunk[used++] = '\r';
        chunk[used++] = *text == '\n' || (*text >= ' ' && *text <= '~') ? *text : '?';
    }
    prompt->io.put(prompt->io.arg, chunk, used);
    put(prompt, "\r\n");
}

static void draw(struct yw_prompt *prompt)
{
    char text[YW_PROMPT_NAME_MAX + YW_PROMPT_LINE_MAX + 32];
    (void)snprintf(text, sizeof(text), "\r%s> %s\x1b[K", prompt->name, prompt->line);
    put(prompt, text);
    if (prompt->at == prompt->size)
        return;
    (void)snprintf(text, sizeof(text), "\x1b[%zuD", prompt->size - prompt->at);
    put(prompt, text);
}

static void clear(struct yw_prompt *prompt)
{
    prompt->line[0] = '\0';
    prompt->size = 0;
    prompt->at = 0;
    prompt->back = 0;
}

static void set_line(struct yw_prompt *prompt, const char *text)
{
    (void)snprintf(prompt->line, sizeof(prompt->line), "%s", text);
    prompt->size = strlen(prompt->line);
    prompt->at = prompt->size;
}

void yw_prompt_init(struct yw_prompt *prompt, const struct yw_prompt_io *io)
{
    memset(prompt, 0, sizeof(*prompt));
    prompt->io = *io;
    (void)snprintf(prompt->name, sizeof(prompt->name), "machine");
}

void yw_prompt_greet(struct yw_prompt *prompt, const char *name)
{
    if (name[0] != '\0')
        (void)snprintf(prompt->name, sizeof(prompt->name), "%s", name);
    put(prompt, "\r\n");
    say(prompt, prompt->io.role(prompt->io.arg)[0] == '\0'
                    ? "Not set up yet. 'help' lists what there is."
                    : "Ready. 'help' lists what there is.");
    clear(prompt);
    draw(prompt);
}

void yw_prompt_note(struct yw_prompt *prompt, const char *line)
{
    (void)snprintf(prompt->log[prompt->logged++ % YW_PROMPT_LOG], YW_PROMPT_LOG_MAX, "%s",
                   line);
}

/* ---- commands ---- */

static void help(struct yw_prompt *prompt)
{
    const struct yw_prompt_io *io = &prompt->io;
    bool is_plc = strcmp(io->role(io->arg), "plc") == 0;
    say(prompt, "help    this list\n"
                "status  what this machine is and does\n"
                "ip      network interfaces\n"
                "log     the last events\n"
                "ping HOST\n"
                "modbus read HOST UNIT holding|input|coil|discrete ADDRESS COUNT\n"
                "modbus scan CIDR");
    if (is_plc)
        say(prompt,
            "modbus read holding|input|coil|discrete ADDRESS COUNT  own registers");
}

static void plc_status(struct yw_prompt *prompt)
{
    static const char *const modes[] = {"stop", "run", "program", "remote"};
    const uint16_t count = YW_PLC_HEARTBEAT - YW_PLC_MODE + 1;
    uint16_t values[YW_PLC_HEARTBEAT - YW_PLC_MODE + 1];
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    char text[256];
    size_t size = yw_modbus_ask_read(YW_MODBUS_READ_HOLDING, YW_PLC_MODE, count, pdu);
    size = prompt->io.own(prompt->io.arg, pdu, size, reply);
    if (size == 0 || yw_modbus_read_values(YW_MODBUS_READ_HOLDING, count, reply, size,
                                           values) != YW_MODBUS_OK)
        return;
    (void)snprintf(text, sizeof(text),
                   "mode %s, scan %u, scan time %u ms, alarms 0x%04x, first trip %u",
                   values[0] < 4 ? modes[values[0]] : "?",
                   (unsigned)values[YW_PLC_SCAN_COUNT - YW_PLC_MODE],
                   (unsigned)values[YW_PLC_SCAN_TIME - YW_PLC_MODE],
                   (unsigned)values[YW_PLC_ALARM - YW_PLC_MODE],
                   (unsigned)values[YW_PLC_TRIP - YW_PLC_MODE]);
    say(prompt, text);
}

static void status(struct yw_prompt *prompt)
{
    const char *role = prompt->io.role(prompt->io.arg);
    char text[YW_PROMPT_NAME_MAX + 64];
    (void)snprintf(text, sizeof(text), "%s, role %s", prompt->name,
                   role[0] != '\0' ? role : "none yet");
    say(prompt, text);
    plc_status(prompt);
}

static void ip(struct yw_prompt *prompt)
{
    char list[YW_CHANNEL_OUTPUT_MAX / 2];
    prompt->io.interfaces(prompt->io.arg, list, sizeof(list));
    say(prompt, list);
}

static void show_log(struct yw_prompt *prompt)
{
    size_t first = prompt->logged > YW_PROMPT_LOG ? prompt->logged - YW_PROMPT_LOG : 0;
    if (prompt->logged == 0)
        say(prompt, "nothing yet");
    for (size_t i = first; i < prompt->logged; i++)
        say(prompt, prompt->log[i % YW_PROMPT_LOG]);
}

static int own_transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                        size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    const struct yw_prompt_io *io = arg;
    (void)host;
    (void)unit;
    size_t got = io->own(io->arg, pdu, size, reply);
    return got > 0 ? (int)got : -1;
}

/* modbus read TABLE ADDRESS COUNT: the applet's words with this machine as the host. */
static void read_own(struct yw_prompt *prompt, const char *const *argv)
{
    const struct yw_applet_io io = {.transact = own_transact, .arg = &prompt->io};
    const char *words[] = {"modbus", "read", "127.0.0.1", "0", argv[2], argv[3], argv[4]};
    struct yw_applet_result result;
    memset(&result, 0, sizeof(result));
    yw_applet_run(&io, 7, words, &result);
    say(prompt, result.output);
}

static bool is_applet(int argc, const char *const *argv)
{
    return strcmp(argv[0], "ping") == 0 ||
           (strcmp(argv[0], "modbus") == 0 && argc > 1 &&
            (strcmp(argv[1], "read") == 0 || strcmp(argv[1], "scan") == 0));
}

static void run(struct yw_prompt *prompt, int argc, const char *const *argv)
{
    const struct yw_prompt_io *io = &prompt->io;
    if (strcmp(argv[0], "modbus") == 0 && argc == 5 && strcmp(argv[1], "read") == 0 &&
        strcmp(io->role(io->arg), "plc") == 0) {
        read_own(prompt, argv);
    } else if (is_applet(argc, argv)) {
        prompt->waiting = true; /* before: the answer may come from inside */
        if (!io->run(io->arg, argc, argv)) {
            prompt->waiting = false;
            say(prompt, "busy, try again");
        }
    } else {
        say(prompt, "unknown command; 'help' lists what there is");
    }
}

static void act(struct yw_prompt *prompt, char *line)
{
    static const struct {
        const char *name;
        void (*run)(struct yw_prompt *prompt);
    } commands[] = {
        {"help", help}, {"?", help}, {"status", status}, {"ip", ip}, {"log", show_log},
    };
    const char *argv[YW_PROMPT_WORDS_MAX];
    int argc = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        if (argc == YW_PROMPT_WORDS_MAX) {
            say(prompt, "too many words");
            return;
        }
        argv[argc++] = word;
    }
    if (argc == 0)
        return;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[0], commands[i].name) == 0) {
            commands[i].run(prompt);
            return;
        }
    }
    run(prompt, argc, argv);
}

/* ---- editing ---- */

static void enter(struct yw_prompt *prompt)
{
    char line[YW_PROMPT_LINE_MAX + 1];
    memcpy(line, prompt->line, sizeof(line));
    if (line[0] != '\0')
        memcpy(prompt->history[prompt->lines++ % YW_PROMPT_HISTORY], line, sizeof(line));
    clear(prompt);
    put(prompt, "\r\n");
    act(prompt, line);
    if (!prompt->waiting)
        draw(prompt);
}

void yw_prompt_answer(struct yw_prompt *prompt, int code, const char *output)
{
    (void)code; /* the output says it */
    if (!prompt->waiting)
        return;
    prompt->waiting = false;
    say(prompt, output);
    draw(prompt);
}

static void erase(struct yw_prompt *prompt)
{
    if (prompt->at == 0)
        return;
    memmove(prompt->line + prompt->at - 1, prompt->line + prompt->at,
            prompt->size - prompt->at + 1);
    prompt->at--;
    prompt->size--;
    draw(prompt);
}

static void insert(struct yw_prompt *prompt, char key)
{
    if (prompt->size == YW_PROMPT_LINE_MAX) {
        put(prompt, "\a");
        return;
    }
    memmove(prompt->line + prompt->at + 1, prompt->line + prompt->at,
            prompt->size - prompt->at + 1);
    prompt->line[prompt->at++] = key;
    prompt->size++;
    if (prompt->at == prompt->size)
        prompt->io.put(prompt->io.arg, &key, 1);
    else
        draw(prompt);
}

static void recall(struct yw_prompt *prompt, bool older)
{
    size_t kept = prompt->lines < YW_PROMPT_HISTORY ? prompt->lines : YW_PROMPT_HISTORY;
    if (older ? prompt->back == kept : prompt->back == 0)
        return;
    size_t back = older ? prompt->back + 1 : prompt->back - 1;
    if (back == 0)
        set_line(prompt, "");
    else
        set_line(prompt, prompt->history[(prompt->lines - back) % YW_PROMPT_HISTORY]);
    prompt->back = back;
    draw(prompt);
}

/* A letter ends a sequence; the ones that are no arrow are passed over. */
static void escaped(struct yw_prompt *prompt, char key)
{
    if (prompt->escape == 1) {
        prompt->escape = key == '[' || key == 'O' ? 2 : 0;
        return;
    }
    if (key < '@' || key > '~')
        return;
    prompt->escape = 0;
    if (key == 'A' || key == 'B') {
        recall(prompt, key == 'A');
    } else if (key == 'D' && prompt->at > 0) {
        prompt->at--;
        put(prompt, "\b");
    } else if (key == 'C' && prompt->at < prompt->size) {
        prompt->at++;
        put(prompt, "\x1b[C");
    }
}

static void type_key(struct yw_prompt *prompt, char key)
{
    switch (key) {
    case '\r':
    case '\n':
        enter(prompt);
        break;
    case KEY_BACK:
    case KEY_DELETE:
        erase(prompt);
        break;
    case KEY_CANCEL:
        put(prompt, "^C\r\n");
        clear(prompt);
        draw(prompt);
        break;
    case KEY_KILL:
        clear(prompt);
        draw(prompt);
        break;
    case KEY_HOME:
    case KEY_END:
        prompt->at = key == KEY_HOME ? 0 : prompt->size;
        draw(prompt);
        break;
    case KEY_REDRAW:
        put(prompt, "\x1b[2J\x1b[H");
        draw(prompt);
        break;
    case KEY_ESCAPE:
        prompt->escape = 1;
        break;
    default:
        if (key >= ' ' && key <= '~')
            insert(prompt, key);
        break;
    }
}

void yw_prompt_type(struct yw_prompt *prompt, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool second = bytes[i] == '\n' && prompt->after_cr;
        prompt->after_cr = bytes[i] == '\r';
        if (prompt->waiting || second)
            continue;
        if (prompt->escape != 0)
            escaped(prompt, bytes[i]);
        else
            type_key(prompt, bytes[i]);
    }
}
