/* Rule packs: regulations as data, one pack each, and the names they use. Pure values made by
 * codec/rules.c from playbooks/rules; owned by whoever holds the `yw_rules`. Names (parties,
 * metrics, classes, events, forms) are indexes into the tables of `names`. Grades: 1 一般, 2 较大,
 * 3 重大, 4 特别重大 (4 is the gravest). Training material, not legal advice. Thread: any. */
#ifndef YW_RESPONSE_RULES_H
#define YW_RESPONSE_RULES_H

#include "base/hash.h"
#include "model/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_RULES_PACKS_MAX 64
#define YW_RULES_NAMES_MAX 256 /* of one kind */
#define YW_RULES_ROWS_MAX 128  /* of one list of a pack */
#define YW_RULES_TESTS_MAX 32  /* of one grade */
#define YW_RULES_LIST_MAX 12   /* names in one field */
#define YW_RULES_ITEMS_MAX 16  /* of a form */
#define YW_RULES_ID_MAX 56
#define YW_RULES_REF_MAX 96
#define YW_RULES_GRADES 4
#define YW_RULES_NAMES "names.json" /* the files beside the packs */
#define YW_RULES_CALENDAR "calendar.json"

enum yw_confidence { YW_CONFIDENCE_HIGH, YW_CONFIDENCE_MEDIUM, YW_CONFIDENCE_UNVERIFIED };

enum yw_tier {
    YW_TIER_ENTERPRISE,
    YW_TIER_COUNTY,
    YW_TIER_CITY,
    YW_TIER_PROVINCE,
    YW_TIER_MINISTRY,
    YW_TIER_EACH,     /* one party on each of its `levels` */
    YW_TIER_RELATIVE, /* "the next level up", "where the first report went" */
    YW_TIER_OUTSIDE,  /* off the ladder: a client, the group */
};

/* When a clock begins. */
enum yw_anchor {
    YW_ANCHOR_NONE,
    YW_ANCHOR_OCCURRED,
    YW_ANCHOR_DISCOVERED, /* the unit found or learned of it */
    YW_ANCHOR_GRADED,
    YW_ANCHOR_ASSESSED,
    YW_ANCHOR_REPORT_RECEIVED, /* the level below reported */
    YW_ANCHOR_FACT_KNOWN,
    YW_ANCHOR_CRIME_SUSPECTED,
    YW_ANCHOR_WARNING_RECEIVED,
    YW_ANCHOR_HANDLING_ENDED,
    YW_ANCHOR_RESPONSE_ENDED,
    YW_ANCHOR_COUNT
};

enum yw_metric_type { YW_METRIC_NUMBER, YW_METRIC_SHARE, YW_METRIC_WORD, YW_METRIC_FLAG };

struct yw_rule_list { /* indexes of names */
    int items[YW_RULES_LIST_MAX];
    size_t count;
};

struct yw_rule_name {
    char id[YW_RULES_ID_MAX];
    struct yw_text text;
    /* parties */
    enum yw_tier tier;
    bool inside;                /* a person of the unit, not an office */
    int only_class;             /* who is of this class; -1 anyone */
    struct yw_rule_list unless; /* … and of none of these */
    struct yw_rule_list levels; /* tier EACH: from the lowest up */
    /* metrics */
    enum yw_metric_type type;
    char unit[16];
    struct yw_rule_name *values; /* WORD: what it may be. *new* */
    /* values of a metric, items of a form */
    size_t value_count;
};

struct yw_rule_names {
    struct yw_rule_name *rows; /* *new* */
    size_t count;
};

enum yw_rule_kind {
    YW_RULE_PARTY,
    YW_RULE_METRIC,
    YW_RULE_CLASS,
    YW_RULE_EVENT,
    YW_RULE_FORM,
    YW_RULE_EFFECT,
    YW_RULE_ACTIVITY,
    YW_RULE_KINDS
};

struct yw_rule_test {
    int metric;
    bool equals;                 /* else: at least */
    double at_least;             /* the number itself included */
    int value;                   /* equals: of a word, its index; of a flag, 0 or 1 */
    struct yw_rule_list classes; /* counts for these only; none: for any */
};

struct yw_rule_grade { /* reached when any test holds */
    int grade;
    char ref[YW_RULES_REF_MAX];
    enum yw_confidence confidence;
    struct yw_rule_test tests[YW_RULES_TESTS_MAX];
    size_t test_count;
};

struct yw_rule_inform {
    int only_class;
    struct yw_rule_list parties;
};

struct yw_rule_duty {
    char id[YW_RULES_ID_MAX];
    char ref[YW_RULES_REF_MAX];
    enum yw_confidence confidence;
    int actor;
    int min_grade, max_grade; /* 0: no bound */
    int when, or_when;        /* events; -1 none */
    bool or_likely;           /* also when that grade is only likely */
    struct yw_rule_list notify, inform;
    struct yw_rule_inform inform_if[4];
    size_t inform_if_count;
    struct yw_text act; /* what to do instead of a report; "" none */
    enum yw_anchor anchor;
    int64_t limit_s;                         /* -1: the text sets no figure */
    int64_t limit_workdays;                  /* -1 none */
    struct yw_text limit_text;               /* 立即, 及时 */
    int64_t window_s, window_fire_or_road_s; /* how long it can still arise; 0 for ever */
    int64_t every_months;                    /* 0: not periodic */
    int form;                                /* -1 none */
    int min_items[YW_RULES_ITEMS_MAX];       /* 1-based; enough for a first report */
    size_t min_item_count;
    char channel[16];
    bool simultaneous; /* all recipients are one duty */
    int ceiling
        [YW_RULES_GRADES]; /* by grade - 1: the relay goes up to this party; -1 none */
    struct yw_text note;
};

struct yw_rule_command {
    int grade;
    char ref[YW_RULES_REF_MAX];
    enum yw_confidence confidence;
    int commander, lead, record_to, information_release; /* parties; -1 none */
    struct yw_rule_list members;
    struct yw_text tasks[8];
    size_t task_count;
    char response[8]; /* "I" … "IV" */
    char warning[16]; /* colour */
};

struct yw_rule_state {
    char id[YW_RULES_ID_MAX];
    char ref[YW_RULES_REF_MAX];
    enum yw_confidence confidence;
    int enter; /* event */
    struct yw_rule_list effects;
};

struct yw_rule_cadence {
    char id[YW_RULES_ID_MAX];
    char ref[YW_RULES_REF_MAX];
    enum yw_confidence confidence;
    int actor, activity, report_to;
    int64_t at_least, per_months, within_workdays; /* 0: none */
    bool periodic;                                 /* the text says no more than that */
    char plan_before[8];                           /* "12-31" */
};

struct yw_rule_date { /* proleptic Gregorian; year 0: open */
    int year, month, day;
};

struct yw_rule_pack {
    char id[YW_RULES_ID_MAX];
    struct yw_text title;
    char docno[160];
    char source[200];
    char status[56];
    char digest[YW_HASH_TEXT_SIZE]; /* SHA-256 of its file; "" it came from none */
    enum yw_confidence confidence;
    struct yw_rule_date from, to; /* both included */
    char regions[8][8];           /* ISO 3166-2; none: everywhere */
    size_t region_count;
    struct yw_rule_list classes; /* none: everybody */
    struct yw_rule_grade *grades;
    struct yw_rule_duty *duties;
    struct yw_rule_command *commands;
    struct yw_rule_state *states;
    struct yw_rule_cadence *cadences;
    size_t grade_count, duty_count, command_count, state_count, cadence_count;
};

struct yw_rules {
    struct yw_rule_names names[YW_RULE_KINDS];
    struct yw_rule_pack *packs[YW_RULES_PACKS_MAX]; /* owned, by id */
    size_t pack_count;
    char names_digest[YW_HASH_TEXT_SIZE], calendar_digest[YW_HASH_TEXT_SIZE];
};

/* Who the enterprise is. */
struct yw_rule_org {
    char region[8]; /* "CN-CQ"; "" not said */
    bool classes[YW_RULES_NAMES_MAX];
};

void yw_rules_free(struct yw_rules *rules);        /* NULL-safe */
void yw_rule_pack_free(struct yw_rule_pack *pack); /* NULL-safe */
/* Index of a name, or -1. */
int yw_rule_name(const struct yw_rules *rules, enum yw_rule_kind kind, const char *id);
/* The nearest known one, for messages; "" when there is none. Borrowed. */
const char *yw_rule_name_near(const struct yw_rules *rules, enum yw_rule_kind kind,
                              const char *id);
const struct yw_rule_pack *yw_rules_pack(const struct yw_rules *rules, const char *id);
/* The duty, and its pack; NULL when there is none. Borrowed. */
const struct yw_rule_duty *yw_rules_duty(const struct yw_rules *rules, const char *id,
                                         const struct yw_rule_pack **ret_pack);
bool yw_rule_list_has(const struct yw_rule_list *list, int item);
/* In force on that day, and meant for this organisation. */
bool yw_rule_pack_applies(const struct yw_rule_pack *pack, const struct yw_rule_org *org,
                          struct yw_rule_date day);
/* Is the organisation that party? Only enterprise parties can be. */
bool yw_rule_org_is(const struct yw_rules *rules, const struct yw_rule_org *org,
                    int party);
/* "high", "discovered", "county", "grades"… as in the files; NULL beyond the end. */
const char *yw_confidence_name(enum yw_confidence confidence);
const char *yw_anchor_name(enum yw_anchor anchor);
const char *yw_tier_name(enum yw_tier tier);
/* The same for people. Borrowed, static. */
const struct yw_text *yw_confidence_text(enum yw_confidence confidence);
const struct yw_text *yw_anchor_text(enum yw_anchor anchor);
const char *yw_rule_kind_name(enum yw_rule_kind kind);

#endif
