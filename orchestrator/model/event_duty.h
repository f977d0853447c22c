/* Payloads of duties: incidents, reports, tiers, periods, warnings, faults. Part of
 * model/event.h, which alone includes it. Names of parties, metrics, forms, duties and packs
 * are those of the rule packs (response/rules.h), which this room does not know.
 *
 * A tier is a number: 0 enterprise, 1 county, 2 city, 3 province, 4 ministry; `tiers` has bit
 * n set where tier n may see the event. Pairs: model/pairs.h. `says`: the names in it as people
 * read them, put there by the core from the packs of the day, so that a journal reads by
 * itself. */
#ifndef YW_MODEL_EVENT_DUTY_H
#define YW_MODEL_EVENT_DUTY_H

#define YW_EVENT_TIERS 5
#define YW_EVENT_RULE_MAX 56   /* a name of the packs */
#define YW_EVENT_RULES_MAX 512 /* names, with blanks between */
#define YW_EVENT_ITEMS_MAX 3072
#define YW_EVENT_CLAIMS_MAX 1024

struct
    yw_ev_duty_planned { /* what the scenario says of law: times count from this event */
    bool wall;           /* clocks count wall time, else drill time */
    int64_t start_local_s; /* civil time of the place then, since 1970 */
    char region[8];        /* "CN-CQ"; "" not said */
    char classes[YW_EVENT_RULES_MAX];
    char packs[YW_EVENT_RULES_MAX];        /* "" all that apply */
    char limits[YW_EVENT_CLAIMS_MAX];      /* pairs: duty → seconds, the house's */
    char digests[YW_EVENT_CLAIMS_MAX * 2]; /* pairs: pack → SHA-256 of what was applied */
    char important[YW_EVENT_RULES_MAX];    /* machines that a freeze protects */
    double tolerance;                      /* of figures in reports; 0 the usual */
};
struct yw_ev_tier_planned {
    int64_t tier;
    bool people;        /* played by people; else it acts by itself, after … */
    int64_t receive_ms; /* … so long it receives a report */
    int64_t relay_ms;   /* … so long after that it tells the next level */
    char roles[YW_EVENT_RULES_MAX]; /* that may act; "" any */
};
struct yw_ev_incident_marked { /* an anchor or event of the packs: "discovered" … */
    char mark[YW_EVENT_RULE_MAX];
    bool hidden; /* control's knowledge */
    char role[YW_NAME_MAX];
    char text[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_metric_measured { /* the truth */
    char metric[YW_EVENT_RULE_MAX];
    char value[32];
    char reason[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_fact_known { /* the team has the evidence of this metric before it */
    char metric[YW_EVENT_RULE_MAX];
    char text[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_grade_given {
    char pack[YW_EVENT_RULE_MAX]; /* "": by all packs */
    int64_t grade;                /* 1..4, 4 the gravest */
    bool likely;                  /* it may become so */
    bool hidden;                  /* control's ruling beside the figures */
    char role[YW_NAME_MAX];
    char reason[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_report_sent {
    char form[YW_EVENT_RULE_MAX]; /* "" none */
    char from[YW_EVENT_RULE_MAX]; /* party */
    char to[YW_EVENT_RULES_MAX];  /* parties */
    int64_t from_tier;
    int64_t tiers;
    int64_t relays; /* seq of the report that is passed on; 0 none */
    int64_t grade;  /* as told; 0 not */
    char channel[16];
    char role[YW_NAME_MAX];
    char items[YW_EVENT_ITEMS_MAX];   /* pairs: number of the form's item → content */
    char claims[YW_EVENT_CLAIMS_MAX]; /* pairs: metric → value */
    char text[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_report_received { /* a tier has taken note */
    int64_t report;            /* seq */
    int64_t tier;
    int64_t tiers;
    char role[YW_NAME_MAX];
    char text[YW_EVENT_NOTE_MAX];
};
struct yw_ev_duty_done { /* a duty that asks for an act */
    char duty[YW_EVENT_RULE_MAX];
    char role[YW_NAME_MAX];
    char text[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_period_changed {
    char state[YW_EVENT_RULE_MAX]; /* of a pack: "CQ.KEYPERIOD" */
    bool on;
    bool freeze;            /* no change of important machines */
    int64_t zero_every_ms;  /* a zero report at the end of each; 0 none */
    int64_t check_every_ms; /* presence checks, at random, one in each; 0 none */
    int64_t check_limit_ms;
    char text[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_watch_asked {
    int64_t check;
    int64_t limit_ms;
};
struct yw_ev_watch_answered {
    int64_t check;
    char officer[YW_NAME_MAX];
    char text[YW_EVENT_NOTE_MAX];
};
struct yw_ev_warning_issued { /* 预警通报 */
    int64_t warning;
    char level[16]; /* blue, yellow, orange, red */
    char source[YW_EVENT_RULE_MAX];
    struct yw_text title;
    char scope[YW_EVENT_VALUE_MAX];
    char advice[YW_EVENT_NOTE_MAX];
    int64_t due_ms;              /* after this event; 0 none */
    char to[YW_EVENT_VALUE_MAX]; /* tiers that it is for: "enterprise county" */
    int64_t tiers;
};
struct yw_ev_warning_answered {
    int64_t warning;
    int64_t tier;    /* whose answer: 0 the team's */
    char answer[16]; /* receipt, self-check, rectification */
    int64_t tiers;
    char role[YW_NAME_MAX];
    char text[YW_EVENT_NOTE_MAX];
};
struct yw_ev_fault_disputed {
    char fault[YW_EVENT_RULE_MAX * 2]; /* its name: response/fault_name.h */
    char role[YW_NAME_MAX];
    char reason[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_fault_ruled {
    char fault[YW_EVENT_RULE_MAX * 2];
    char verdict[16]; /* served, upheld, dismissed */
    char reason[YW_EVENT_NOTE_MAX];
    struct yw_text says;
};
struct yw_ev_change_frozen { /* an important machine was changed in a freeze */
    char machine[YW_NAME_MAX];
    char what[16]; /* "reset" */
    char reason[YW_EVENT_NOTE_MAX];
};

#endif
