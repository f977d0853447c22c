#include "codec/playbook/cacao.h"

#include "base/mem.h"
#include "codec/field.h"
#include "codec/nest.h"
#include "codec/playbook/playbook.h"
#include "response/calendar.h"

#include <string.h>

static bool beyond(void *context, char bracket, int depth)
{
    const int *limit = context;

    (void)bracket;
    return depth > *limit;
}

int yw_cacao_load(json_t **ret, const char *text, size_t size, struct yw_err *err)
{
    int limit = YW_PLAYBOOK_DEPTH_MAX;

    if (size > YW_PLAYBOOK_BYTES_MAX)
        return yw_err_set(err, YW_ELIMIT, "above %d bytes", YW_PLAYBOOK_BYTES_MAX);
    int deep = yw_json_nest(text, size, beyond, &limit);

    if (deep > 0)
        return yw_err_set(err, YW_EINVAL, "/: line %d: nested deeper than %d", deep,
                          limit);
    return yw_json_load(ret, text, size, err);
}

bool yw_cacao_id_valid(const char *id, const char *type, bool only_v4)
{
    const char *dashes = strstr(id, "--");

    if (dashes == NULL || dashes == id)
        return false;
    if (type != NULL && (strlen(type) != (size_t)(dashes - id) ||
                         strncmp(id, type, (size_t)(dashes - id)) != 0))
        return false;
    const char *uuid = dashes + 2;

    if (yw_pb_value_flaw("uuid", uuid) != NULL)
        return false;
    return !only_v4 || (uuid[14] == '4' && strchr("89abAB", uuid[19]) != NULL);
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

bool yw_cacao_time_valid(const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    struct yw_rule_date date;
    char day[11];

    if (text == NULL || strlen(text) != sizeof shape - 1)
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (shape[i] == 'd' ? !digit : text[i] != shape[i])
            return false;
    }
    (void)yw_copyf(day, sizeof day, "%.10s", text);
    return yw_calendar_parse(day, &date) && two_digits(text + 11) < 24 &&
           two_digits(text + 14) < 60 && two_digits(text + 17) <= 60; /* leap seconds */
}
