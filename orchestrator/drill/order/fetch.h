/* Brings what a host keeps in a folder of its own here, piece by piece, and again and again
 * while more may come:
 *
 *   list ──▶ each file: read … ──whole, and nothing changes it──▶ hash here and there
 *    ▲                                                               │ equal
 *    └── LOOK_MS, while more may come or something is left ◀─────── drop there
 *
 * A file here is as long as what has come of it, so that whoever died goes on where he was;
 * one whose hash was found equal is read-only. What the host no longer lists of a ring that
 * still turns goes here too. Times of last change are the host's. Loop thread. */
#ifndef YW_DRILL_FETCH_H
#define YW_DRILL_FETCH_H

#include "virt/virt.h"

#define YW_FETCH_LOOK_MS 4000
#define YW_FETCH_FILES_MAX 4096
#define YW_FETCH_NAME_MAX 256

struct yw_fetch_config {
    struct yw_virt *virt; /* borrowed, as are the next two */
    const struct yw_clock *clock;
    struct yw_due *due;
    char host[YW_NAME_MAX];
    char from[YW_VIRT_PATH_MAX]; /* as YW_VIRT_FILES takes it */
    char to[YW_VIRT_PATH_MAX];   /* made when missing */
    bool (*more)(void *owner);   /* may more come? */
    bool (*room)(void *owner);   /* may the disk here be written to? */
    void *owner;
};

struct yw_fetch;

struct yw_fetch *yw_fetch_new(const struct yw_fetch_config *config); /* *new*; it looks */
void yw_fetch_look(struct yw_fetch *fetch); /* soon, if it rests */
bool yw_fetch_rests(const struct yw_fetch *fetch);
const char *yw_fetch_host(const struct yw_fetch *fetch);
/* At once; a call under way keeps the memory until it is answered. NULL-safe. */
void yw_fetch_free(struct yw_fetch *fetch);
/* "blue.control.1_00001_20260101000000.pcap" of host "east" is here
 * "blue.control.1.east_00001_20260101000000.pcap": two hosts of one network may both have
 * it. YW_EINVAL: no such name. */
int yw_fetch_name(char ret[YW_FETCH_NAME_MAX], const char *host, const char *name);

#endif
