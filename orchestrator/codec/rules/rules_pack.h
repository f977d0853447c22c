/* The body of a rule pack. Inside this room. */
#ifndef YW_CODEC_RULES_PACK_H
#define YW_CODEC_RULES_PACK_H

#include "codec/rules/rules_read.h"

void yw_rules_read_body(struct yw_rules_in *in, struct yw_rule_pack *pack);

#endif
