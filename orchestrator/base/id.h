/* Names and identities. */
#ifndef YW_BASE_ID_H
#define YW_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_NAME_MAX 64 /* bytes with the NUL */
#define YW_UUID_SIZE 37
#define YW_ID_SIZE 27 /* 128 random bits, base32, with the NUL */
#define YW_MEANT_MAX (YW_NAME_MAX + 24)

/* ^[a-z0-9][a-z0-9-]{0,62}$ : names of drills, teams, machines, networks (libvirt-safe). */
bool yw_name_valid(const char *name);
/* The nearest of `names` (edit distance ≤ 3), or NULL. Borrowed. For "did you mean". */
const char *yw_name_nearest(const char *name, const char *const *names, size_t count);
/* "; did you mean 'near'?" into `text`, "" where nothing is near (NULL or ""). Returns text. */
const char *yw_meant(char text[YW_MEANT_MAX], const char *near);
/* 128 random bits as lower-case base32. */
void yw_id_random(char text[YW_ID_SIZE]);
/* A stable UUID (version 8) from parts, joined with '/'. */
void yw_uuid_from(const char *parts, char text[YW_UUID_SIZE]);
/* Valid UTF-8 without overlong forms, surrogates or NUL. */
bool yw_utf8_valid(const char *text, size_t size);
/* Human names: trimmed, no control, zero-width or bidi characters, 1 to 64 bytes. */
bool yw_title_valid(const char *text);

#endif
