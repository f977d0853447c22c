/* What a scenario of two networks and three machines needs on given hosts, and where it goes:
 * every case is a text in tests/golden/place. */
#include "model/admit.h"
#include "model_sample.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX (64 * 1024)
#define HOSTS_MAX 3

struct sample {
    const char *name;
    int teams;
    struct yw_admit_host hosts[HOSTS_MAX];
    size_t host_count;
    int fixed;     /* machines from the front that are on the second host already */
    bool captured; /* packets of the second network are to be kept */
};

#define HOST(host, share, what, core, memory, disk, how)                                 \
    {                                                                                    \
        .name = host, .weight = (share), .state = (what), .facts = {                     \
            .cores = (core),                                                             \
            .memory_mib = (memory),                                                      \
            .disk_mib = (disk),                                                          \
            .way = (how)                                                                 \
        }                                                                                \
    }

#define ALONE(host, memory)                                                              \
    {                                                                                    \
        .name = host, .weight = 1, .state = YW_HOST_UP, .facts = {                       \
            .cores = 2,                                                                  \
            .memory_mib = (memory),                                                      \
            .disk_mib = 70000,                                                           \
            .way = YW_ADMIT_COLD,                                                        \
            .alone = true                                                                \
        }                                                                                \
    }

#define BLIND(host, is_alone)                                                            \
    {                                                                                    \
        .name = host, .weight = 1, .state = YW_HOST_UP, .facts = {                       \
            .cores = 2,                                                                  \
            .memory_mib = 24000,                                                         \
            .disk_mib = 70000,                                                           \
            .way = YW_ADMIT_COLD,                                                        \
            .alone = (is_alone),                                                         \
            .no_capture = true                                                           \
        }                                                                                \
    }

static const struct sample samples[] = {
    {"one_host",
     2,
     {HOST("local", 1, YW_HOST_UP, 2, 24000, 70000, YW_ADMIT_SHARED)},
     1,
     0,
     false},
    {"cold",
     2,
     {HOST("local", 1, YW_HOST_UP, 2, 24000, 70000, YW_ADMIT_COLD)},
     1,
     0,
     false},
    {"no_memory",
     4,
     {HOST("local", 1, YW_HOST_UP, 2, 1600, 70000, YW_ADMIT_COLD)},
     1,
     0,
     false},
    {"no_disk",
     4,
     {HOST("local", 1, YW_HOST_UP, 2, 24000, 1300, YW_ADMIT_SHARED)},
     1,
     0,
     false},
    {"no_core",
     64,
     {HOST("local", 1, YW_HOST_UP, 1, 240000, 90000, YW_ADMIT_SHARED)},
     1,
     0,
     false},
    {"storm",
     60,
     {HOST("local", 1, YW_HOST_UP, 2, 240000, 90000, YW_ADMIT_COLD)},
     1,
     0,
     false},
    {"not_one",
     1,
     {HOST("local", 1, YW_HOST_UP, 2, 700, 70000, YW_ADMIT_COLD)},
     1,
     0,
     false},
    {"none_up",
     1,
     {HOST("local", 1, YW_HOST_LOST, 2, 24000, 70000, YW_ADMIT_COLD)},
     1,
     0,
     false},
    {"by_weight",
     6,
     {HOST("east", 1, YW_HOST_UP, 4, 16000, 70000, YW_ADMIT_SHARED),
      HOST("west", 2, YW_HOST_UP, 4, 16000, 70000, YW_ADMIT_SHARED),
      HOST("old", 1, YW_HOST_DRAINING, 4, 16000, 70000, YW_ADMIT_SHARED)},
     3,
     0,
     false},
    {"split",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 512 + 140, 70000, YW_ADMIT_COLD),
      HOST("west", 1, YW_HOST_UP, 2, 512 + 140, 70000, YW_ADMIT_COLD),
      HOST("north", 1, YW_HOST_UP, 2, 512 + 280, 70000, YW_ADMIT_COLD)},
     3,
     0,
     false},
    {"split_one_alone",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 512 + 140, 70000, YW_ADMIT_COLD),
      HOST("west", 1, YW_HOST_UP, 2, 512 + 140, 70000, YW_ADMIT_COLD),
      ALONE("north", 512 + 280)},
     3,
     0,
     false},
    {"split_around_alone",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 512 + 280, 70000, YW_ADMIT_COLD),
      HOST("west", 1, YW_HOST_UP, 2, 512 + 140, 70000, YW_ADMIT_COLD),
      ALONE("north", 512 + 290)},
     3,
     0,
     false},
    {"whole_team_alone",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 512 + 140, 70000, YW_ADMIT_COLD),
      ALONE("north", 512 + 420)},
     2,
     0,
     false},
    {"no_underlay",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 512 + 280, 70000, YW_ADMIT_COLD),
      {.name = "north",
       .weight = 1,
       .state = YW_HOST_UP,
       .facts = {.cores = 2, .memory_mib = 512 + 280, .disk_mib = 70000},
       .no_underlay = true}},
     2,
     0,
     false},
    {"fixed",
     2,
     {HOST("east", 1, YW_HOST_UP, 2, 16000, 70000, YW_ADMIT_COLD),
      HOST("west", 1, YW_HOST_LOST, 2, 16000, 70000, YW_ADMIT_COLD)},
     2,
     2,
     false},
    {"captured_elsewhere",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 512 + 420, 70000, YW_ADMIT_COLD),
      BLIND("north", true)},
     2,
     0,
     true},
    {"captured_nowhere", 1, {BLIND("north", true)}, 1, 0, true},
    {"captured_without_dumpcap", 1, {BLIND("local", false)}, 1, 0, true},
    {"not_captured", 1, {BLIND("local", false)}, 1, 0, false},
    {"screen_elsewhere",
     1,
     {HOST("east", 1, YW_HOST_UP, 2, 16000, 70000, YW_ADMIT_COLD), ALONE("north", 90000)},
     2,
     0,
     false},
    {"screen_nowhere", 1, {ALONE("north", 90000)}, 1, 0, false},
    {"resets_do_not_fit",
     2,
     {HOST("local", 1, YW_HOST_UP, 2, 512 + 400, 70000, YW_ADMIT_SHARED)},
     1,
     0,
     false},
    {"told_at_admission", 1, {ALONE("north", 90000)}, 1, 0, false},
};

static void describe_load(struct yw_buf *out, const char *name,
                          const struct yw_place_load *load)
{
    yw_buf_printf(out, "%s %lld MiB, %lld millicores, disk %lld MiB, boot %lld ms\n",
                  name, (long long)load->memory_mib, (long long)load->millicores,
                  (long long)load->disk_mib, (long long)load->boot_ms);
}

static void describe(struct yw_buf *out, const struct yw_plan *plan,
                     const struct yw_admit *admit)
{
    const struct yw_place *place = &admit->place;

    yw_buf_printf(out, "%s%s\nat most %d teams\n",
                  admit->ok ? "admitted" : "refused: ", admit->detail, admit->teams_max);
    if (admit->lacks[0])
        yw_buf_printf(out, "told: %s\n", admit->lacks);
    describe_load(out, "team ", &admit->team);
    describe_load(out, "total", &admit->total);
    yw_buf_printf(out, "%lld MiB more when all were set back\n",
                  (long long)admit->reset_mib);
    for (size_t i = 0; admit->ok && i < admit->host_count; i++)
        describe_load(out, admit->hosts[i].name, &place->used[i]);
    for (size_t i = 0; admit->ok && i < plan->machine_count; i++)
        yw_buf_printf(out, "%s/%s on %s\n", plan->machines[i].team_name,
                      plan->machines[i].name, admit->hosts[place->machines[i].host].name);
    for (size_t i = 0; i < place->span_count; i++)
        yw_buf_printf(out, "network %d of team %d spans hosts %llx, vni %u\n",
                      place->spans[i].network, place->spans[i].team,
                      (unsigned long long)place->spans[i].hosts, place->spans[i].vni);
}

static void run(const struct sample *sample, struct yw_buf *out)
{
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;
    char names[YW_SPEC_TEAMS_MAX][8];
    const char *teams[YW_SPEC_TEAMS_MAX];
    struct yw_err err = {0};

    spec->networks[1].capture = sample->captured;
    spec->machines[0].display = strncmp(sample->name, "screen_", 7) == 0;
    for (int i = 0; i < sample->teams; i++) {
        (void)snprintf(names[i], sizeof names[i], "blue-%d", i + 1);
        teams[i] = names[i];
    }
    assert_int_equal(
        yw_plan_make(&plan, spec, "water-1", teams, (size_t)sample->teams, 7, &err), 0);
    for (int i = 0; i < sample->fixed; i++)
        YW_COPY(plan->machines[i].host, sample->hosts[1].name);
    struct yw_admit admit = {.spec = spec,
                             .plan = plan,
                             .hosts = sample->hosts,
                             .host_count = sample->host_count};

    if (yw_admit_run(&admit, &err) < 0)
        fail_msg("%s", err.text);
    describe(out, plan, &admit);
    yw_admit_fini(&admit);
    yw_plan_free(plan);
    yw_spec_free(spec);
}

static void compare(const char *name, const struct yw_buf *text)
{
    char path[256];
    char want[TEXT_MAX];

    (void)snprintf(path, sizeof path, "%s/tests/golden/place/%s.txt", getenv("YW_SOURCE"),
                   name);
    if (getenv("YW_GOLDEN_UPDATE") != NULL) {
        FILE *out = fopen(path, "w");

        assert_non_null(out);
        assert_int_equal(fwrite(text->data, 1, text->size, out), text->size);
        assert_int_equal(fclose(out), 0);
    }
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail_msg("no golden file %s", path);
    size_t size = fread(want, 1, sizeof want - 1, file);

    (void)fclose(file);
    want[size] = '\0';
    assert_string_equal(text->data, want);
}

static void every_case_has_its_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct yw_buf text;

        yw_buf_init(&text, TEXT_MAX);
        run(&samples[i], &text);
        assert_false(text.overflow);
        compare(samples[i].name, &text);
        yw_buf_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_has_its_text)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
