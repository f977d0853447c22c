/* Packs, duties and grades in words, for the verb `rules`. */
#ifndef YW_CLI_RULES_EXPLAIN_H
#define YW_CLI_RULES_EXPLAIN_H

#include "cli/cli.h"
#include "cli/option.h"
#include "codec/write.h"
#include "response/rules.h"

#define YW_RULES_SHOWN_MAX (4 * 1024 * 1024)

struct yw_rules_question { /* what the options say */
    const char *date, *region, *classes;
    struct yw_rule_date day;
    struct yw_rule_org org;
    bool asked; /* any of them was given */
};

/* One line, and one object. */
void yw_rules_print_pack(const struct yw_cli *cli, const struct yw_rule_pack *pack);
void yw_rules_write_pack(struct yw_writer *w, const struct yw_rules *rules,
                         const struct yw_rule_pack *pack);
/* words: "explain", then a pack, a duty, or figures as "deaths=3". */
int yw_rules_explain(const struct yw_cli *cli, const struct yw_rules *rules,
                     const struct yw_rules_question *question,
                     const struct yw_words *words, struct yw_err *err);

#endif
