/* The engineering port of a controller: what the programming software of its maker speaks.
 * TCP, lines of text ended by LF (CR before it is dropped), weak by design as such ports
 * are: the password travels in clear, the factory's is "1111", a wrong one costs nothing,
 * and reading asks for none. Every login, write and refusal becomes a telemetry line.
 *
 *   HELP
 *   STATUS                   key=value lines: model, mode, key, program, crc, scan, …
 *   VARS                     every variable of the program: NAME TYPE VALUE
 *   READ NAME                a variable, "%MW40", "samples[2]", "delay.et"
 *   UPLOAD                   the program's text
 *   IMAGE                    the compiled program
 *   COMPARE SIZE             then SIZE bytes of text: is it the program, else the lines
 *   FORCES                   what is forced
 *   LOGIN PASSWORD           for all that follows
 *   MODE stop|run|program|remote|boot
 *   DOWNLOAD SIZE            then SIZE bytes, text or compiled: in mode stop or program
 *   EDIT SIZE                then SIZE bytes of text: online, bumpless, in any mode
 *   WRITE NAME VALUE         once
 *   FORCE NAME VALUE | UNFORCE NAME | UNFORCE ALL
 *   PASSWORD NEW
 *   QUIT
 *
 * Answers: "200 …" done; "211 SIZE" and SIZE bytes; "4xx why". The key switch must stand at
 * PROGRAM or REMOTE for what changes mode, program or forces. One transfer at a time.
 * Pure and bounded; what comes is hostile. Large (about 450 KiB). One thread. */
#ifndef YW_CONTROLLER_ENGINEERING_H
#define YW_CONTROLLER_ENGINEERING_H

#include "controller/plc.h"

#define YW_ENG_PORT 20547
#define YW_ENG_SESSIONS_MAX 16
#define YW_ENG_COMMAND_MAX 160
#define YW_ENG_REPLY_MAX 512

struct yw_eng_session {
    bool open;
    bool trusted; /* gave the password */
    char from[YW_PLC_SOURCE_SIZE];
    char command[YW_ENG_COMMAND_MAX + 1];
    size_t size; /* of the command so far */
    bool too_long;
};

enum yw_eng_transfer {
    YW_ENG_IDLE,
    YW_ENG_DOWNLOAD,
    YW_ENG_EDIT,
    YW_ENG_COMPARE,
    YW_ENG_SENDING
};

struct yw_eng {
    struct yw_plc *plc; /* borrowed */
    /* Bytes for a session; false: no room now, nothing was taken. `arg` borrowed. */
    bool (*put)(void *arg, int session, const void *bytes, size_t size);
    void *arg;
    struct yw_eng_session sessions[YW_ENG_SESSIONS_MAX];
    enum yw_eng_transfer transfer;
    int owner; /* of the transfer */
    size_t at, total;
    char desk[YW_ST_PACK_MAX];     /* what comes or goes */
    char source[YW_ST_SOURCE_MAX]; /* of the program in place */
    size_t source_size;            /* 0: it came compiled */
    struct yw_st_program next;
    struct yw_st_image image;
};

/* `source` (copied): the text of the program in place. */
void yw_eng_init(struct yw_eng *eng, struct yw_plc *plc, const char *source, size_t size);
/* A connection in place `index` from an IPv4 address; greets. False: no such place. */
bool yw_eng_open(struct yw_eng *eng, int index, const char *from);
void yw_eng_close(struct yw_eng *eng, int index);
/* Takes bytes of a session; the number taken, or -1: close it. It takes none while it is
 * being sent something. */
int yw_eng_feed(struct yw_eng *eng, int index, const char *bytes, size_t size);
/* Goes on sending when there is room again. */
void yw_eng_pump(struct yw_eng *eng, int index);
bool yw_eng_sending(const struct yw_eng *eng, int index);

/* engineering_act.c, for engineering.c: does one command. False: the session ends. */
bool yw_eng_act(struct yw_eng *eng, int index, char *command);
/* What came whole. */
void yw_eng_received(struct yw_eng *eng);
void yw_eng_say(struct yw_eng *eng, int index, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The first `size` bytes of the desk go to the session. */
void yw_eng_send(struct yw_eng *eng, int index, size_t size);

#endif
