#include "controller/engineering.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PIECE 1024

void yw_eng_init(struct yw_eng *eng, struct yw_plc *plc, const char *source, size_t size)
{
    memset(eng, 0, sizeof(*eng));
    eng->plc = plc;
    if (size > sizeof(eng->source))
        size = 0;
    if (size > 0)
        memcpy(eng->source, source, size);
    eng->source_size = size;
}

void yw_eng_say(struct yw_eng *eng, int index, const char *format, ...)
{
    char text[YW_ENG_REPLY_MAX];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text) - 2, format, args);
    va_end(args);
    size_t size = length < 0 ? 0 : (size_t)length;
    if (size > sizeof(text) - 3)
        size = sizeof(text) - 3;
    text[size++] = '\r';
    text[size++] = '\n';
    (void)eng->put(eng->arg, index, text, size);
}

bool yw_eng_open(struct yw_eng *eng, int index, const char *from)
{
    if (index < 0 || index >= YW_ENG_SESSIONS_MAX)
        return false;
    struct yw_eng_session *session = &eng->sessions[index];
    const struct yw_modbus_bank *bank = &eng->plc->bank;
    yw_eng_close(eng, index);
    memset(session, 0, sizeof(*session));
    session->open = true;
    (void)snprintf(session->from, sizeof(session->from), "%s", from);
    yw_eng_say(eng, index, "220 %s %s ready", bank->identity[YW_MODBUS_MODEL_NAME],
               bank->identity[YW_MODBUS_REVISION]);
    return true;
}

void yw_eng_close(struct yw_eng *eng, int index)
{
    if (index < 0 || index >= YW_ENG_SESSIONS_MAX)
        return;
    eng->sessions[index].open = false;
    if (eng->transfer != YW_ENG_IDLE && eng->owner == index)
        eng->transfer = YW_ENG_IDLE;
}

bool yw_eng_sending(const struct yw_eng *eng, int index)
{
    return eng->transfer == YW_ENG_SENDING && eng->owner == index;
}

void yw_eng_send(struct yw_eng *eng, int index, size_t size)
{
    yw_eng_say(eng, index, "211 %zu", size);
    eng->transfer = YW_ENG_SENDING;
    eng->owner = index;
    eng->at = 0;
    eng->total = size;
    yw_eng_pump(eng, index);
}

void yw_eng_pump(struct yw_eng *eng, int index)
{
    while (yw_eng_sending(eng, index)) {
        size_t size = eng->total - eng->at;
        if (size > PIECE)
            size = PIECE;
        if (size > 0 && !eng->put(eng->arg, index, eng->desk + eng->at, size))
            return;
        eng->at += size;
        if (eng->at == eng->total)
            eng->transfer = YW_ENG_IDLE;
    }
}

static bool receiving(const struct yw_eng *eng, int index)
{
    return eng->transfer != YW_ENG_IDLE && eng->transfer != YW_ENG_SENDING &&
           eng->owner == index;
}

/* Bytes of a transfer onto the desk; how many. */
static size_t receive(struct yw_eng *eng, const char *bytes, size_t size)
{
    size_t left = eng->total - eng->at;
    if (size > left)
        size = left;
    memcpy(eng->desk + eng->at, bytes, size);
    eng->at += size;
    if (eng->at == eng->total)
        yw_eng_received(eng);
    return size;
}

/* One byte of a command. False: the session ends. */
static bool type(struct yw_eng *eng, int index, char byte)
{
    struct yw_eng_session *session = &eng->sessions[index];
    if (byte != '\n') {
        session->too_long = session->too_long || session->size == YW_ENG_COMMAND_MAX;
        if (!session->too_long)
            session->command[session->size++] = byte;
        return true;
    }
    bool too_long = session->too_long;
    if (session->size > 0 && session->command[session->size - 1] == '\r')
        session->size--;
    session->command[session->size] = '\0';
    session->size = 0;
    session->too_long = false;
    if (too_long) {
        yw_eng_say(eng, index, "400 a command has at most %d bytes", YW_ENG_COMMAND_MAX);
        return true;
    }
    return yw_eng_act(eng, index, session->command);
}

int yw_eng_feed(struct yw_eng *eng, int index, const char *bytes, size_t size)
{
    size_t at = 0;
    if (index < 0 || index >= YW_ENG_SESSIONS_MAX || !eng->sessions[index].open)
        return -1;
    while (at < size && !yw_eng_sending(eng, index)) {
        if (receiving(eng, index))
            at += receive(eng, bytes + at, size - at);
        else if (!type(eng, index, bytes[at++]))
            return -1;
    }
    return (int)at;
}
