/* Rule packs from files: names.json (schema "drill-names/1"), calendar.json
 * ("drill-calendar/1"), and one file a regulation ("drill-rules/1"), whose name is the pack's id.
 * A pack may bring a "names" of its own, so that adding a regulation is adding a file. Unknown
 * and duplicate members, unknown names and values out of bounds are refused with file and path.
 * Thread: any. */
#ifndef YW_CODEC_RULES_H
#define YW_CODEC_RULES_H

#include "base/err.h"
#include "response/calendar.h"
#include "response/rules.h"

#define YW_RULES_BYTES_MAX (1024 * 1024) /* a file */

/* *new*, without packs; names.json comes first. */
int yw_rules_decode_names(struct yw_rules **ret, const char *text, size_t size,
                          struct yw_err *err);
/* Adds a pack. `id`: what the file is called, "" not known. YW_EEXIST, YW_ELIMIT,
 * YW_EINVAL "/duties/3/actor: no party 'countty_jingxin'; did you mean 'county_jingxin'?" */
int yw_rules_decode_pack(struct yw_rules *rules, const char *id, const char *text,
                         size_t size, struct yw_err *err);
int yw_rules_decode_calendar(struct yw_calendar *ret, const char *text, size_t size,
                             struct yw_err *err);
/* The whole folder. rules: *new*. YW_ENOTFOUND: no such folder. Errors begin with the file. */
int yw_rules_read(struct yw_rules **ret, struct yw_calendar *calendar, const char *folder,
                  struct yw_err *err);
/* One file into rules that hold the names already. */
int yw_rules_read_pack(struct yw_rules *rules, const char *path, struct yw_err *err);

#endif
