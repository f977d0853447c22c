#include "cli/coverage.h"

#include <string.h>

/* Is it the first attack with its technique? */
static bool is_first(const struct yw_spec *spec, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(spec->attacks[i].technique, spec->attacks[index].technique) == 0)
            return false;
    }
    return true;
}

void yw_coverage_say(struct yw_buf *out, const struct yw_cli *cli,
                     const struct yw_spec *spec)
{
    size_t count = 0;

    for (size_t i = 0; i < spec->attack_count; i++) {
        if (!is_first(spec, i))
            continue;
        if (count++ == 0)
            yw_buf_puts(out, yw_cli_text(cli, "技术：计划", "techniques: planned"));
        yw_buf_printf(out, " %s", spec->attacks[i].technique);
    }
    if (count > 0)
        yw_buf_printf(out, " (%zu)", count);
}

void yw_coverage_tell(const struct yw_cli *cli, const struct yw_spec *spec)
{
    struct yw_buf out;

    yw_buf_init(&out, (size_t)YW_SPEC_ATTACKS_MAX * 16);
    yw_coverage_say(&out, cli, spec);
    if (!cli->json && out.size > 0)
        yw_cli_say("%s", out.data);
    yw_buf_fini(&out);
}

void yw_coverage_write(struct yw_writer *w, const char *name, const struct yw_spec *spec)
{
    yw_write_array(w, name);
    for (size_t i = 0; i < spec->attack_count; i++) {
        if (is_first(spec, i))
            yw_write_string(w, NULL, spec->attacks[i].technique);
    }
    yw_write_end(w, ']');
}
