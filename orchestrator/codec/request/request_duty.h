/* Requests about duties: what people, stories and players enter. A noun says which event it
 * becomes and which members of its payload a request may bring; the rest is the core's. With
 * the rules of codec/request.h.
 *
 *   POST /api/v1/drills/ID/duty/report
 *   {"form":"cac_art7","to":"county_jingxin","items":{"1":"…"},"claims":{"deaths":"0"}} */
#ifndef YW_CODEC_REQUEST_DUTY_H
#define YW_CODEC_REQUEST_DUTY_H

#include "base/buf.h"
#include "base/err.h"
#include "model/event.h"

/* Who may enter a noun. */
#define YW_DUTY_BY_TEAM 1
#define YW_DUTY_BY_TIER 2
#define YW_DUTY_BY_CONTROL 4

struct yw_duty_noun {
    const char *name; /* "report" */
    enum yw_event_kind kind;
    int by;                  /* YW_DUTY_BY_… */
    const char *members[12]; /* NULL ends it */
};

struct yw_request_duty {
    const struct yw_duty_noun *noun; /* static */
    char team[YW_NAME_MAX]; /* control: whom it is about; "" all, or the only one */
    struct yw_event event;  /* kind and payload; members not brought are zero */
};

/* The index-th noun; NULL beyond the end. */
const struct yw_duty_noun *yw_duty_noun_at(size_t index);
/* NULL: there is none; *ret_near (may be NULL) is then the nearest, or NULL. */
const struct yw_duty_noun *yw_duty_noun_find(const char *name, const char **ret_near);
int yw_request_duty_decode(struct yw_request_duty *ret, const struct yw_duty_noun *noun,
                           const char *text, size_t size, struct yw_err *err);
/* The body of such a request from names and texts: "claims.deaths" is the member `deaths` of
 * the object `claims`. Numbers and truth values are read as the member wants them. */
int yw_request_duty_body(struct yw_buf *out, const struct yw_duty_noun *noun,
                         const struct yw_ev_var *vars, size_t count, struct yw_err *err);

#endif
