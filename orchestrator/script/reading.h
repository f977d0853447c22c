/* How a field's value is read from the top of the Lua stack: what field.c (the registry's rows),
 * field_value.c (single values) and field_list.c (lists) share. All raise; none holds a resource. */
#ifndef YW_SCRIPT_READING_H
#define YW_SCRIPT_READING_H

#include "script/value.h"

struct yw_reading {
    lua_State *L;
    const char *title;
    int line; /* of the constructor */
};

/* field_value.c */
/* The line of `name = …` in the body that begins at `line`, else `line`. */
int yw_script_field_line(const struct yw_script_state *state, int line, const char *name);
int l_yw_bad(const struct yw_reading *r, const char *field, const char *why);
int l_yw_expected(const struct yw_reading *r, const char *field, const char *what);
void l_yw_title_of(const struct yw_reading *r, const char *field, char title[256],
                   int *line);
void l_yw_copy_text(const struct yw_reading *r, const char *field, char *dst,
                    size_t size);
void l_yw_word(const struct yw_reading *r, const char *field, char *dst, size_t size);
void l_yw_name(const struct yw_reading *r, const char *field, char *dst, size_t size);
int l_yw_handle_index(const struct yw_reading *r, const char *field,
                      enum yw_field_type type);
/* Reads the value on top of the stack into `at`, as the row says; it stays there. */
void l_yw_set(const struct yw_reading *r, const struct yw_field *row, void *at);

/* field_list.c: readers of one type each */
void l_yw_words(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_joined(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_addresses(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_action(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_teams(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_points(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_controls(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_masters(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_mirrors(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_statements(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_given(const struct yw_reading *r, const struct yw_field *row, void *at);
void l_yw_verb_vars(const struct yw_reading *r, const char *field,
                    struct yw_script_verb *verb);

#endif
