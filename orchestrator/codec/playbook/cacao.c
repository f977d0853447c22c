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

bool yw_cacao_start_line_valid(const char *line)
{
    const char *first = strchr(line, ' ');
    const char *second = first != NULL ? strchr(first + 1, ' ') : NULL;

    return second != NULL && first != line && second != first + 1 &&
           strncmp(second + 1, "HTTP/", 5) == 0 && strchr(second + 1, ' ') == NULL;
}

const char *yw_cacao_tlp(const char *id)
{
    static const char *const fixed[][2] = {
        {"marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1", "TLP:RED"},
        {"marking-tlp--939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:AMBER+STRICT"},
        {"marking-tlp--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "TLP:AMBER"},
        {"marking-tlp--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:GREEN"},
        {"marking-tlp--94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:CLEAR"},
    };

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(fixed[i][0], id) == 0)
            return fixed[i][1];
    }
    return NULL;
}
