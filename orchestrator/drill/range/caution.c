/* Before a range comes up: what its host lacks goes into the journal, and a drill for people
 * who may be hostile is refused on a weak host unless somebody overrides, with a reason that
 * stays. What the host gives is asked of the broker that will run the machines. */
#include "drill/drill.h"

#include "base/mem.h"

#include <string.h>

/* Names of weaknesses, for the journal; and with what mends them, for people. */
static void list_weak(const struct yw_host_traits *traits, char names[YW_EVENT_VALUE_MAX],
                      struct yw_buf *text)
{
    enum yw_host_weakness weak[YW_HOST_WEAKNESSES];
    size_t count = yw_host_weak(traits, weak);
    struct yw_buf list;
    yw_buf_init(&list, YW_EVENT_VALUE_MAX - 1);
    for (size_t i = 0; i < count; i++) {
        struct yw_text what, mend;
        yw_host_weakness_words(weak[i], &what, &mend);
        yw_buf_printf(&list, "%s%s", i > 0 ? " " : "", yw_host_weakness_name(weak[i]));
        yw_buf_printf(text, "%s(%zu) %s: %s", i > 0 ? "; " : "", i + 1, what.en, mend.en);
    }
    (void)yw_copy(names, YW_EVENT_VALUE_MAX, list.data != NULL ? list.data : "");
    yw_buf_fini(&list);
}

static void emit_checked(struct yw_drill *drill, const struct yw_host_traits *traits,
                         const char *names)
{
    struct yw_event event;
    if (names[0] == '\0' || strcmp(yw_drill_state(drill)->host_weak, names) == 0) {
        return; /* nothing to say, or said before */
    }
    yw_drill_event(&event, YW_EVENT_HOST_CHECKED, -1, "core");
    event.host_checked.hostile = drill->spec->hostile;
    YW_COPY(event.host_checked.accelerator, traits->kvm ? "kvm" : "tcg");
    YW_COPY(event.host_checked.mac, traits->mac);
    yw_host_controls_text(traits->controls, event.host_checked.controls);
    YW_COPY(event.host_checked.weak, names);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static int override_or_refuse(struct yw_drill *drill, const char *actor,
                              const char *override, const char *weak, struct yw_err *err)
{
    struct yw_event event;
    if (override[0] == '\0') {
        return yw_err_set(err, YW_EDENIED,
                          "scenario '%s' is for people who may be hostile, and this host "
                          "is weak: %s. To "
                          "go on all the same, give a reason that stays in the journal: "
                          "--override \"…\"",
                          drill->spec->id, weak);
    }
    yw_drill_event(&event, YW_EVENT_OVERRIDDEN, -1, actor);
    YW_COPY(event.overridden.what, "hostile-on-weak-host");
    YW_COPY(event.overridden.reason, override);
    return yw_drill_emit(drill, &event, NULL, err);
}

int yw_caution_check(struct yw_drill *drill, const struct yw_host_traits *traits,
                     const char *actor, const char *override, struct yw_err *err)
{
    char names[YW_EVENT_VALUE_MAX];
    struct yw_buf weak;
    int code = 0;
    yw_buf_init(&weak, YW_ERR_TEXT_MAX - 256);
    list_weak(traits, names, &weak);
    if (traits->known) {
        emit_checked(drill, traits, names);
    }
    if (drill->spec->hostile && names[0] != '\0') {
        code = override_or_refuse(drill, actor, override, weak.data, err);
    }
    yw_buf_fini(&weak);
    return code;
}

/* Of several hosts the weakest counts; one that did not tell is as weak as can be. */
void yw_caution_join(struct yw_host_traits *traits, const struct yw_host_traits *other,
                     bool first)
{
    if (first) {
        *traits = *other;
        return;
    }
    traits->known = traits->known && other->known;
    traits->in_memory = traits->in_memory && other->in_memory;
    traits->kvm = traits->kvm && other->kvm;
    traits->mac_enforcing = traits->mac_enforcing && other->mac_enforcing;
    if (!other->mac_enforcing) {
        YW_COPY(traits->mac, other->mac);
    }
    traits->controls &= other->controls;
    traits->seccomp = traits->seccomp && other->seccomp;
    traits->mount_ns = traits->mount_ns && other->mount_ns;
    traits->nftables = traits->nftables && other->nftables;
}
