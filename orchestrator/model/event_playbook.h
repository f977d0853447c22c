/* Payloads of playbooks: runs, steps, questions, commands, control. Part of model/event.h,
 * which alone includes it. */
#ifndef YW_MODEL_EVENT_PLAYBOOK_H
#define YW_MODEL_EVENT_PLAYBOOK_H

struct yw_ev_playbook_started {
    int64_t run;                /* 1.. within the drill */
    char playbook[YW_NAME_MAX]; /* of the scenario: its own, or its caller's */
    char id[80];                /* CACAO id */
    struct yw_text name;
    int64_t caller, caller_exec;      /* run and execution that called it; 0 none */
    char override[YW_EVENT_NOTE_MAX]; /* why it starts although it is revoked or not valid
                                         now; "" it is neither */
    int64_t var_count;
    struct yw_ev_var vars[YW_EVENT_VARS_MAX]; /* given to it */
    bool hidden; /* here and below: the playbook's marking keeps it from the team */
};
/* An execution of a step is numbered within its run: loops come back to a step. */
struct yw_ev_step_started {
    int64_t run, exec;
    int64_t opener; /* execution whose branch it is in; 0 none */
    int64_t branch; /* … which of its branches, from 0 */
    char step[80];  /* CACAO step id */
    char type[24];
    struct yw_text name;
    int64_t deadline_ms; /* drill time after which it is late; 0 none */
    int64_t timeout_ms;  /* drill time at which it fails; 0 none */
    bool hidden;
};
struct
    yw_ev_step_branched { /* a condition was decided, or a parallel opens its branches */
    int64_t run, exec;
    char step[80];
    int64_t turn; /* 1..: of a loop */
    char first
        [80]; /* step that the branch begins with; "" of a parallel: all of its own */
    char detail[YW_EVENT_NOTE_MAX]; /* a condition explains itself here */
    bool hidden;
};
struct yw_ev_step_asked { /* a question to a person */
    int64_t run, exec;
    char step[80];
    struct yw_text name; /* of the step */
    struct yw_text asks;
    char role[YW_NAME_MAX];      /* "" anybody of the team */
    char escalates[YW_NAME_MAX]; /* role that may answer when it is late; "" none */
    char confirms[YW_NAME_MAX];  /* role that must confirm the answer; "" as `ack` says */
    char ack[16];                /* none single two_person tier_leader */
    char evidence[64];           /* kinds that must be given, with blanks */
    int64_t deadline_ms, timeout_ms; /* of the step; 0 none */
    int64_t warns_ms;    /* drill time of the warning before the deadline; 0 none */
    int64_t field_count; /* variables asked for */
    struct yw_ev_var fields[YW_EVENT_VARS_MAX]; /* name, value = CACAO type */
    int64_t choice_count;
    struct yw_ev_var choices[YW_EVENT_VARS_MAX]; /* name, value = "a|b|c" */
};
struct yw_ev_step_ended {
    int64_t run, exec;
    char step[80];
    enum yw_step_status status;
    char next[80]; /* the step that follows; "" end of the branch */
    char detail[YW_EVENT_NOTE_MAX];
    int64_t var_count;
    struct yw_ev_var vars[YW_EVENT_VARS_MAX]; /* what came back from a called playbook */
    bool hidden;
};
struct yw_ev_step_ref { /* warned, late */
    int64_t run, exec;
    char step[80];
};
struct yw_ev_step_escalated {
    int64_t run, exec;
    char step[80];
    char role[YW_NAME_MAX];
};
struct yw_ev_step_answered {
    int64_t run, exec;
    char step[80];
    char role[YW_NAME_MAX];
    bool ok; /* false: it could not be done; the step fails */
    int64_t var_count;
    struct yw_ev_var vars[YW_EVENT_VARS_MAX];
};
struct yw_ev_step_confirmed { /* somebody else confirms the answer, or sends it back */
    int64_t run, exec;
    char step[80];
    char role[YW_NAME_MAX];
    bool agrees;
    char note[YW_EVENT_NOTE_MAX];
};
struct yw_ev_step_evidence { /* given to a question */
    int64_t run, exec;
    char step[80];
    char role[YW_NAME_MAX];
    char form[16];                /* text file screenshot checklist signature */
    char name[YW_NAME_MAX];       /* of the file; "" none */
    char hash[YW_HASH_TEXT_SIZE]; /* of its bytes; "" none */
    int64_t bytes;
    char text[YW_EVENT_OUTPUT_MAX];
};
struct yw_ev_command_ordered { /* a command of a step, to one target */
    int64_t run, exec;
    char step[80];
    int64_t item;  /* 0.. within the execution: targets, then commands */
    char type[24]; /* CACAO command type */
    char does[16]; /* isolate rejoin reset evidence run */
    char machine[YW_NAME_MAX];
    char text[YW_EVENT_ARGV_MAX]; /* run: the program, model/argv.h */
    bool hidden;
};
struct yw_ev_command_ended {
    int64_t run, exec;
    char step[80];
    int64_t item;
    bool ok;
    char output[YW_EVENT_OUTPUT_MAX];
    int64_t var_count;
    struct yw_ev_var vars[YW_EVENT_VARS_MAX]; /* what came back */
    bool hidden;
};
struct yw_ev_playbook_controlled { /* exercise control steps in */
    int64_t run;
    char verb[16];          /* pause resume skip force set rewind abort */
    int64_t exec;           /* skip, force */
    char step[80];          /* skip, force, rewind */
    bool ok;                /* force: the outcome */
    char name[YW_NAME_MAX]; /* set: variable, value */
    char value[YW_EVENT_VALUE_MAX];
    char reason[YW_EVENT_NOTE_MAX];
    bool hidden;
};
struct yw_ev_playbook_ended {
    int64_t run;
    bool ok;
    char detail[YW_EVENT_NOTE_MAX];
};

#endif
