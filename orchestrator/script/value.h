/* The values that scripts hold: handles (kind and index), conditions and actions (plain
 * values). Never a pointer, never a finalizer. One protected metatable for all of them.
 */
#ifndef YW_SCRIPT_VALUE_H
#define YW_SCRIPT_VALUE_H

#include "script/state.h"

enum yw_handle_kind {
    YW_HANDLE_SCENARIO,
    YW_HANDLE_NETWORK,
    YW_HANDLE_PLANT,
    YW_HANDLE_MACHINE,
    YW_HANDLE_ATTACK,
    YW_HANDLE_OBJECTIVE,
    YW_HANDLE_PLAYBOOK,
    YW_HANDLE_TIER,
    YW_HANDLE_LIMIT,
    YW_HANDLE_PERIOD,
    YW_HANDLE_MEASURE,
    YW_HANDLE_ADDRESS, /* network ".11" */
    YW_HANDLE_TAG,     /* plant.tag */
    YW_HANDLE_LEVEL,   /* plant:level() */
    YW_HANDLE_MERIT,   /* merit "detect" */
    YW_HANDLE_COND,
    YW_HANDLE_ACTION,
    YW_HANDLE_STORY,
    YW_HANDLE_PLAYER,
    YW_HANDLE_KINDS
};

struct yw_handle {
    enum yw_handle_kind kind;
    int index;
    uint32_t address;
    char tag[YW_NAME_MAX];
};

struct yw_cond_value {
    enum yw_handle_kind kind; /* COND */
    struct yw_cond cond;
};

struct yw_action_value {
    enum yw_handle_kind kind; /* ACTION */
    int line;
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc;
    int host_at; /* argv index of the target's address; -1 none */
    int name_at; /* of the attack's own name, by which it is halted; -1 none */
    int network; /* index of the network it works on; -1 none */
    int ends[2]; /* machines that it stands between; -1 none */
    int ends_at; /* argv index of the first one's address, the other's follows */
};

/* cond.c: handles and the conditions made from them */
void l_yw_open_values(lua_State *L);
void l_yw_open_builders(lua_State *L); /* of conditions */
void l_yw_push_handle(lua_State *L, enum yw_handle_kind kind, int index);
/* The value's kind, or -1: not one of ours. */
int yw_script_kind(lua_State *L, int index);
const struct yw_handle *yw_script_handle(lua_State *L, int index,
                                         enum yw_handle_kind kind);
/* A condition, or an objective (met). False: neither. */
bool l_yw_cond_at(lua_State *L, int index, struct yw_cond *ret);
/* "machine 'plc1'", "text", "nothing": what a value is, for messages. */
const char *yw_script_what(lua_State *L, int index, char text[128]);
const char *yw_handle_kind_name(enum yw_handle_kind kind);

/* action.c */
void l_yw_open_actions(lua_State *L);

/* declare.c */
void l_yw_open_declare(lua_State *L);
void l_yw_open_rehearsal(lua_State *L);

/* verb.c: the methods of s and p */
lua_CFunction yw_script_verb_find(enum yw_handle_kind kind, const char *name);
const char *yw_script_verb_nearest(enum yw_handle_kind kind, const char *name);

/* field.c: the registry's rows and their reader */
enum yw_field_type {
    YW_FIELD_TEXT,      /* struct yw_text */
    YW_FIELD_NAME,      /* char[], a name */
    YW_FIELD_WORD,      /* char[], letters, digits, - . _ */
    YW_FIELD_STRING,    /* char[], any text */
    YW_FIELD_PATH,      /* char[], under the scenario's folder */
    YW_FIELD_SPAN,      /* int64_t milliseconds */
    YW_FIELD_INTEGER,   /* int */
    YW_FIELD_NUMBER,    /* double */
    YW_FIELD_FLAG,      /* bool */
    YW_FIELD_MODE,      /* bool tabletop */
    YW_FIELD_RATE,      /* int kbit/s */
    YW_FIELD_CIDR,      /* struct yw_spec_network address and prefix */
    YW_FIELD_WORDS,     /* rules of struct yw_spec */
    YW_FIELD_LIST,      /* char[], words with blanks between */
    YW_FIELD_NETWORK,   /* int index */
    YW_FIELD_PLANT,     /* int index */
    YW_FIELD_MACHINE,   /* int index */
    YW_FIELD_ATTACK,    /* int index */
    YW_FIELD_ADDRESSES, /* nics of struct yw_spec_machine */
    YW_FIELD_COND,      /* struct yw_cond */
    YW_FIELD_ACTION,    /* argv and argc of struct yw_spec_attack */
    YW_FIELD_TEAMS,     /* players of the state */
    YW_FIELD_VARS,      /* vars of struct yw_script_verb */
    YW_FIELD_GIVEN,     /* char[YW_SPEC_GIVEN_SIZE], pairs */
    YW_FIELD_TAG,       /* char[], a plant's tag or a name */
    YW_FIELD_READING,   /* struct yw_spec_reading */
    YW_FIELD_POINTS,    /* points of struct yw_spec, for this machine */
    YW_FIELD_CONTROLS,  /* controls of struct yw_spec, for this machine */
    YW_FIELD_MASTERS,   /* masters of struct yw_spec_machine */
    YW_FIELD_MIRRORS,   /* networks whose copies this machine gets, as nics */
    YW_FIELD_LINES,     /* statements of struct yw_spec, of kind `low` */
    YW_FIELD_TYPES
};

struct yw_field {
    const char *of; /* constructor */
    const char *name;
    enum yw_field_type type;
    bool required;
    size_t at;   /* offset in the target */
    size_t size; /* of a text */
    double low, high;
    const char *en, *zh; /* help */
};

/* Reads the table at `index` into target by the rows of `of`; raises with file, line and
 * nearest match. `title` begins messages: "machine 'plc1'". */
void l_yw_read_fields(lua_State *L, int index, const char *of, const char *title,
                      int line, void *target);
const char *yw_field_type_name(enum yw_field_type type, bool zh);
void l_yw_read_text(lua_State *L, int index, const char *title, int line, bool both,
                    struct yw_text *ret);
/* { name = value, … } into the verb's vars. */
void l_yw_read_vars(lua_State *L, int index, const char *title, int line,
                    struct yw_script_verb *verb);
int64_t l_yw_read_span(lua_State *L, int index, const char *title, int line);
/* declare.c: the registry. NULL beyond the end. */
const struct yw_field *yw_script_field_at(size_t index);

#endif
