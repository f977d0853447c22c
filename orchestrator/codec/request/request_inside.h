/* What the files of requests share; no other room includes it. */
#ifndef YW_CODEC_REQUEST_INSIDE_H
#define YW_CODEC_REQUEST_INSIDE_H

#include "codec/field.h"
#include "codec/request/request.h"

/* The document, *new*, of at most `max` bytes, with these members at most. */
int yw_request_load(json_t **ret, const char *text, size_t size, size_t max,
                    const char *const *names, size_t count, struct yw_err *err);
int yw_request_name(const json_t *json, const char *path, char ret[YW_NAME_MAX],
                    struct yw_err *err);
/* codec/event.c: the payload alone, in whole; paths begin at its members. */
int yw_event_payload_decode(struct yw_event *ret, enum yw_event_kind kind,
                            json_t *payload, struct yw_err *err);
int yw_request_argv(struct yw_request_action *ret, json_t *argv, struct yw_err *err);
/* The member "argv" of the object that is open. */
void yw_request_put_argv(struct yw_writer *writer,
                         const struct yw_request_action *request);

#endif
