/* The guest channel: what the orchestrator and the guest program say to each other over the
 * virtio-serial port YW_CHANNEL_PORT. One copy of the format, included by both sides.
 *
 * A message is u32 size, then `size` bytes: u8 type, u32 request, then the fields of the type in
 * the order listed. Integers are little endian; a string is u32 size + that many bytes of UTF-8
 * without NUL; a list is u32 count + the items. Nothing else may follow the last field.
 *
 * The guest is hostile: the host checks every size before reading, answers nothing it did not
 * ask, drops unknown or repeated request numbers, reads at most YW_CHANNEL_RATE messages and
 * YW_CHANNEL_RATE_BYTES a second (over it, it stops reading), and closes on a bad prefix.
 *
 * Requests are numbered by the host, from 1, increasing over the life of a machine. The guest
 * remembers the answers to the last YW_CHANNEL_MEMORY requests and answers a repeated number
 * with the remembered bytes without acting again: so a request can be sent again after a crash
 * of the host side and still happens once. A request still being worked on is not started again.
 * Not remembered: PING, and code 125 of RUN (too many at once: ask again).
 * When no HELLO comes within a second of connecting (the guest may miss a cut of a few
 * milliseconds), PING: the answer is as good. */
#ifndef YW_GUEST_CHANNEL_H
#define YW_GUEST_CHANNEL_H

#define YW_CHANNEL_PORT "org.yanwu.agent.0"
#define YW_CHANNEL_VERSION 1
#define YW_CHANNEL_MESSAGE_MAX 8192
#define YW_CHANNEL_MEMORY 32
#define YW_CHANNEL_RATE 50
#define YW_CHANNEL_RATE_BYTES (256 * 1024)
#define YW_CHANNEL_ARGS_MAX 32
#define YW_CHANNEL_ARG_MAX 256
#define YW_CHANNEL_OUTPUT_MAX 4096
#define YW_CHANNEL_LINE_MAX 512
#define YW_CHANNEL_NICS_MAX 8
#define YW_CHANNEL_FILE_MAX (64 * 1024)
#define YW_CHANNEL_CHUNK_MAX 4096
#define YW_CHANNEL_PATH_MAX 256 /* with the NUL */
#define YW_CHANNEL_PACE_FILE                                                             \
    "/drill-pace" /* how fast drill time runs: controller/pace.h */

/* A setting of CONFIGURE that is the kernel's, not the role's: this many random bytes in
 * hex. A copy of a golden machine has the golden one's random numbers until then. */
#define YW_CHANNEL_ENTROPY_SETTING "entropy"
/* The setting with the MTU of each nic, "1450,0": 0 leaves the usual one. */
#define YW_CHANNEL_MTU_SETTING "mtu"
#define YW_CHANNEL_ENTROPY 32

enum yw_channel_type {
    /* guest → host */
    YW_CHANNEL_HELLO =
        1,               /* request 0: u32 version, string image, string boot id. On every
                             connect; also after a clone or restore from memory saved with
                             nobody on the port (saved while connected: PING instead) */
    YW_CHANNEL_DONE = 2, /* request n: u32 code (0 done, else exit status 1..255),
                             string output (≤ OUTPUT_MAX) */
    YW_CHANNEL_LINE =
        3, /* request 0: string line (≤ LINE_MAX): telemetry, one JSON object, for
                             example {"kind":"modbus-write","from":"10.20.2.66","fc":6,"address":40,
                             "old":100,"new":11100} or {"kind":"operator",…} */

    /* host → guest; each answered by one DONE with the same request number */
    YW_CHANNEL_PING = 16,      /* no fields; output is the boot id */
    YW_CHANNEL_CONFIGURE = 17, /* string host name, i64 wall time µs, i64 seed,
                                  list of nics: string mac, string address ("10.20.2.11"),
                                  u32 prefix; string gateway ("" none);
                                  list of settings: string name, string value */
    YW_CHANNEL_PUT = 18,       /* string name ("program.st"), u32 offset, u32 total size,
                                  string chunk (≤ CHUNK_MAX; any bytes). Complete at total size */
    YW_CHANNEL_START = 19, /* string role: start serving as "plc", "hmi" or "attacker" */
    YW_CHANNEL_RUN =
        20, /* list of strings argv, u32 deadline ms: run a program of the image
                                  (never a shell line); output bounded; code 124 at the deadline,
                                  127 no such program */
    YW_CHANNEL_LINK = 21, /* u32 nic index, u32 up: set the interface inside the guest */
    YW_CHANNEL_WRITE = 22, /* string path (absolute, ≤ PATH_MAX), i64 offset, string chunk
                              (≤ CHUNK_MAX; any bytes): into a file of the running guest;
                              offset 0 makes it anew. Not remembered */
    YW_CHANNEL_READ =
        23 /* string path, i64 offset, u32 most (≤ OUTPUT_MAX): the output of
                            DONE is that piece, any bytes; shorter at the end. Not
                            remembered */
};

#endif
