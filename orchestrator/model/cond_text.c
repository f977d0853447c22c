/* Conditions in words, and packed between processes. */
#include "model/cond.h"

#include <assert.h>
#include <math.h>

static const char *const words[] = {
    [YW_COND_ANY] = "any of",
    [YW_COND_ALL] = "all of",
    [YW_COND_NOT] = "not",
    [YW_COND_NEVER] = "never",
    [YW_COND_FOR] = "for",
    [YW_COND_ISOLATED] = "isolated",
    [YW_COND_ALARM] = "alarm",
    [YW_COND_REPORTED] = "reported",
    [YW_COND_MET] = "met",
    [YW_COND_ANSWERED] = "answered",
    [YW_COND_LEVEL_AT_MOST] = "at most",
    [YW_COND_LEVEL_AT_LEAST] = "at least",
    [YW_COND_TAG_ABOVE] = "above",
    [YW_COND_TAG_BELOW] = "below",
    [YW_COND_IN_TIME] = "reported_in_time",
    [YW_COND_GRADED_RIGHT] = "graded_right",
    [YW_COND_MERIT_AT_MOST] = "at most",
    [YW_COND_MERIT_AT_LEAST] = "at least",
};

static void describe_span(int64_t span_ms, struct yw_buf *out)
{
    if (span_ms % 60000 == 0)
        yw_buf_printf(out, " for %lld min", (long long)(span_ms / 60000));
    else if (span_ms % 1000 == 0)
        yw_buf_printf(out, " for %lld s", (long long)(span_ms / 1000));
    else
        yw_buf_printf(out, " for %lld ms", (long long)span_ms);
}

static void describe_fact(const struct yw_cond_node *node, struct yw_buf *out)
{
    switch (node->kind) {
    case YW_COND_LEVEL_AT_MOST:
    case YW_COND_LEVEL_AT_LEAST:
        yw_buf_printf(out, "level(%s) %s %g", node->subject, words[node->kind],
                      node->number);
        break;
    case YW_COND_TAG_ABOVE:
    case YW_COND_TAG_BELOW:
        yw_buf_printf(out, "%s.%s %s %g", node->subject, node->tag, words[node->kind],
                      node->number);
        break;
    case YW_COND_MERIT_AT_MOST:
    case YW_COND_MERIT_AT_LEAST:
        yw_buf_printf(out, "merit(%s) %s %g", node->subject, words[node->kind],
                      node->number);
        break;
    case YW_COND_KINDS:
        break;
    case YW_COND_IN_TIME:
    case YW_COND_GRADED_RIGHT:
    case YW_COND_ISOLATED:
    case YW_COND_ALARM:
    case YW_COND_REPORTED:
    case YW_COND_MET:
    case YW_COND_ANSWERED:
    case YW_COND_ANY:
    case YW_COND_ALL:
    case YW_COND_NOT:
    case YW_COND_NEVER:
    case YW_COND_FOR:
        yw_buf_printf(out, "%s(%s)", words[node->kind], node->subject);
        break;
    }
}

static void describe(const struct yw_cond *cond, size_t index, struct yw_buf *out)
{
    const struct yw_cond_node *node = &cond->nodes[index];

    if (out->overflow)
        return;
    if (node->child_count == 0) {
        describe_fact(node, out);
        return;
    }
    if (node->kind == YW_COND_FOR) {
        describe(cond, (size_t)node->children[0], out);
        describe_span(node->span_ms, out);
        return;
    }
    if (node->kind == YW_COND_NOT || node->kind == YW_COND_NEVER) {
        yw_buf_printf(out, "%s(", words[node->kind]);
        describe(cond, (size_t)node->children[0], out);
        yw_buf_puts(out, ")");
        return;
    }
    bool nested = index + 1 < cond->count;

    yw_buf_printf(out, "%s%s: ", nested ? "(" : "", words[node->kind]);
    for (size_t i = 0; i < node->child_count; i++) {
        if (i > 0)
            yw_buf_puts(out, "; ");
        describe(cond, (size_t)node->children[i], out);
    }
    if (nested)
        yw_buf_puts(out, ")");
}

void yw_cond_describe(const struct yw_cond *cond, struct yw_buf *out)
{
    if (cond->count == 0) {
        yw_buf_puts(out, "no condition");
        return;
    }
    assert(!yw_cond_flaw(cond)); /* a tree: the recursion is as deep as it has nodes */
    describe(cond, cond->count - 1, out);
}

void yw_cond_pack(struct yw_buf *out, const struct yw_cond *cond)
{
    yw_pack_u32(out, (uint32_t)cond->count);
    for (size_t i = 0; i < cond->count; i++) {
        const struct yw_cond_node *node = &cond->nodes[i];

        yw_pack_u8(out, (uint8_t)node->kind);
        yw_pack_u8(out, (uint8_t)node->child_count);
        for (size_t c = 0; c < node->child_count; c++)
            yw_pack_u8(out, (uint8_t)node->children[c]);
        yw_pack_str(out, node->subject);
        yw_pack_str(out, node->tag);
        yw_pack_f64(out, node->number);
        yw_pack_i64(out, node->span_ms);
    }
}

int yw_cond_unpack(struct yw_unpack *in, struct yw_cond *ret)
{
    *ret = (struct yw_cond){0};
    uint32_t count = yw_unpack_count(in, YW_COND_NODES_MAX);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct yw_cond_node *node = &ret->nodes[i];

        node->kind = (enum yw_cond_kind)yw_unpack_u8(in);
        node->child_count = yw_unpack_u8(in);
        if (node->child_count > YW_COND_CHILDREN_MAX)
            in->failed = true;
        for (size_t c = 0; c < node->child_count && !in->failed; c++)
            node->children[c] = yw_unpack_u8(in);
        yw_unpack_str(in, node->subject, sizeof node->subject);
        yw_unpack_str(in, node->tag, sizeof node->tag);
        node->number = yw_unpack_f64(in);
        node->span_ms = yw_unpack_i64(in);
    }
    ret->count = count;
    if (!in->failed && yw_cond_flaw(ret))
        in->failed = true;
    if (in->failed) {
        *ret = (struct yw_cond){0};
        return YW_EINVAL;
    }
    return 0;
}
