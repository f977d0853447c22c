/* One Lua state: the declare stage of a scenario, one team's story, or one player. Inside
 * the script host only. Every coroutine that the parent starts gets a state of its own,
 * in which the declare stage runs again: so no team sees what another team's story did,
 * and a recovered story does not depend on the order in which stories are resumed.
 *
 * Functions named l_* can raise a Lua error: they hold no C resource, and are called only
 * from Lua or under yw_script_call. Thread: the host has one. */
#ifndef YW_SCRIPT_STATE_H
#define YW_SCRIPT_STATE_H

#include "base/mem.h"
#include "base/random.h"
#include "script/script.h"

#include <lua.h>

#define YW_SCRIPT_MEMORY_MAX (16 * 1024 * 1024)      /* bytes, one state */
#define YW_SCRIPT_MEMORY_ALL_MAX (192 * 1024 * 1024) /* bytes, all states of a host */
#define YW_SCRIPT_STRING_MAX (128 * 1024)            /* bytes, one string */
#define YW_SCRIPT_DECLARE_BUDGET                                                         \
    INT64_C(20000000)                          /* instructions, or work worth as much */
#define YW_SCRIPT_TURN_BUDGET INT64_C(5000000) /* between two verbs */
#define YW_SCRIPT_HOOK_STEP 1000               /* instructions between two looks */
#define YW_SCRIPT_PENDING_MAX 16               /* names that still wait for their body */
#define YW_SCRIPT_SUBJECT_MAX (64 * 1024)      /* bytes a string function may work on */
#define YW_SCRIPT_PATTERN_MAX 256              /* bytes */
#define YW_SCRIPT_QUANTIFIERS_MAX 4
#define YW_SCRIPT_MATCH_STEPS_MAX 1e7 /* worst case of one match */
#define YW_SCRIPT_ITEMS_MAX 65536     /* a table function's list */
#define YW_SCRIPT_KEYS_MAX 10000      /* pairs */
#define YW_SCRIPT_SPAN_MAX_MS (INT64_C(30) * 24 * 3600 * 1000)

enum yw_script_phase {
    YW_SCRIPT_IN_DECLARE,
    YW_SCRIPT_IN_REHEARSAL,
    YW_SCRIPT_IN_STORY,
    YW_SCRIPT_IN_PLAYER
};

enum yw_script_refusal {
    YW_REFUSED_NOTHING,
    YW_REFUSED_STRING, /* one text too long */
    YW_REFUSED_MEMORY, /* of this state */
    YW_REFUSED_ALL     /* of all states together */
};

struct yw_script_pending {
    int serial;
    int line;
    const char *maker; /* static */
    char name[YW_NAME_MAX];
};

struct yw_script_state {
    lua_State *lua;
    lua_State *turn; /* the coroutine that the parent resumes; anchored in the registry */
    const char *file; /* shown in messages. Borrowed from the host */
    const char *source;
    size_t source_size;
    enum yw_script_phase phase;

    size_t bytes;
    size_t *all_bytes; /* of the host */
    int64_t budget;
    bool spent; /* the budget or the memory is gone: nothing may catch that */
    enum yw_script_refusal refused;
    struct yw_err fault; /* why it is spent */
    struct yw_random random;

    struct yw_spec *spec; /* being declared; later the host's, borrowed */
    const struct yw_spec
        *known; /* rehearsal and players: the scenario's spec; may be NULL */
    bool owns_spec;
    int scenario_line;
    int story_line;
    int serial;
    struct yw_script_pending pending[YW_SCRIPT_PENDING_MAX];
    size_t pending_count;

    struct yw_script_player players[YW_SCRIPT_PLAYERS_MAX];
    size_t player_count;
    double rehearsal_speed;
    int rehearsal_line;

    struct yw_script_verb verb; /* that the turn stopped at */
    bool verb_set;
};

/* gate.c */
struct yw_script_state *yw_script_state_new(size_t *all_bytes, const char *file,
                                            const char *source, size_t source_size);
void yw_script_state_free(struct yw_script_state *state); /* NULL-safe */
struct yw_script_state *yw_script_state_of(lua_State *L);
/* Opens the libraries, loads the source and runs it to its end: the declare stage, or a
 * rehearsal file. `stream` names the random stream. */
int yw_script_state_run(struct yw_script_state *state, uint64_t seed, const char *stream,
                        struct yw_err *err);
/* Makes the story (player NULL) or a player the coroutine of the following turns. */
int yw_script_state_begin(struct yw_script_state *state, const char *player,
                          struct yw_err *err);
/* Runs the coroutine to its next verb or its end. `holds` NULL: the first turn. Returns 1
 * at a verb (state->verb), 0 at the end, or a negative code. */
int yw_script_call(struct yw_script_state *state, const bool *holds, int64_t budget,
                   struct yw_err *err);

/* What story(…) and player "…" (…) were given. */
void l_yw_keep_story(lua_State *L, int index);
void l_yw_keep_player(lua_State *L, const char *name, int index);
bool l_yw_has_player(lua_State *L, const char *name);

/* sandbox.c */
void *yw_script_allocate(void *arg, void *ptr, size_t old_size, size_t new_size);
void yw_script_arm(lua_State *L);
void l_yw_open_sandbox(lua_State *L);
/* Names that belong to the other kind of file, so that who writes one is told: what l_open makes
 * global is kept aside. */
void l_yw_open_strangers(lua_State *L, void (*l_open)(lua_State *L));
void l_yw_charge(lua_State *L, int64_t work);
/* The budget is gone: remembers where and raises what no wrapper catches. */
int l_yw_spend(lua_State *L);
/* Pushes the text of any value, never an address. */
void l_yw_push_text(lua_State *L, int index);

/* library.c */
void l_yw_open_library(lua_State *L);
/* Sorts the list at `index` in place (1..count, raw), stable. l_less compares the two
 * values on top of the stack and leaves them. */
void l_yw_sort(lua_State *L, int index, lua_Integer count, bool (*l_less)(lua_State *L));
/* Worst-case steps of matching, or -1 with a reason when the pattern is refused. */
double yw_script_pattern_steps(const char *pattern, size_t size, size_t subject_size,
                               const char **ret_reason);

/* Lines and errors (gate.c): "scenario.lua:12: …". `line` 0: the line that is running. */
int yw_script_line(lua_State *L);
int l_yw_fail(lua_State *L, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
