/* Requests about runs of playbooks: confirmations, evidence, and the word of exercise
 * control. JSON bodies of the HTTP API, with the rules of codec/request.h. */
#ifndef YW_CODEC_REQUEST_TASK_H
#define YW_CODEC_REQUEST_TASK_H

#include "base/buf.h"
#include "base/err.h"
#include "model/event.h"

#define YW_REQUEST_EVIDENCE_MAX (512 * 1024) /* bytes of a file */

struct yw_request_task { /* "" and 0: absent */
    char step[80];
    int64_t exec; /* the execution of the step; 0 whichever is open */
    char role[YW_NAME_MAX];
    char person[YW_NAME_MAX]; /* who of that role it is */
    bool agrees;              /* confirmation; true unless said */
    char note[YW_EVENT_NOTE_MAX];
    char form[16]; /* evidence */
    char text[YW_EVENT_OUTPUT_MAX];
    char *bytes; /* *new*: of the evidence's file, "data" in base64 */
    size_t size;
    char verb[16];          /* control */
    bool ok;                /* force: the outcome; true unless said */
    char name[YW_NAME_MAX]; /* of a variable, of a file */
    char value[YW_EVENT_VALUE_MAX];
    char reason[YW_EVENT_NOTE_MAX];
    char team[YW_NAME_MAX]; /* start, token */
    char playbook[YW_NAME_MAX];
};

enum yw_request_task_kind {
    YW_REQUEST_CONFIRM,  /* {"step","role","person","exec","agrees","note"} */
    YW_REQUEST_EVIDENCE, /* {"step","role","person","exec","form","text","name","data"} */
    YW_REQUEST_CONTROL,  /* {"verb","step","exec","ok","name","value","reason"} */
    YW_REQUEST_START,    /* {"team","playbook","reason"} */
    YW_REQUEST_TOKEN,    /* {"team","person"}: who is to have one */
};
int yw_request_task_decode(struct yw_request_task *ret, enum yw_request_task_kind kind,
                           const char *text, size_t size, struct yw_err *err);
void yw_request_task_fini(struct yw_request_task *task);
/* For clients: members that say nothing are left out. */
void yw_request_task_encode(struct yw_buf *out, enum yw_request_task_kind kind,
                            const struct yw_request_task *task);

#endif
