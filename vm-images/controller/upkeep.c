#include "controller/upkeep.h"

#include <stdio.h>
#include <string.h>

void yw_upkeep_init(struct yw_upkeep *upkeep)
{
    memset(upkeep, 0, sizeof(*upkeep));
    memcpy(upkeep->password, YW_UPKEEP_PASSWORD, sizeof(YW_UPKEEP_PASSWORD));
}

bool yw_upkeep_is(const struct yw_http *request)
{
    return strcmp(request->path, "/upkeep") == 0;
}

/* Of one that gave the password. */
static int act(struct yw_upkeep *upkeep, const struct yw_http *request, const char *what)
{
    char new[YW_UPKEEP_PASSWORD_MAX];
    if (strcmp(what, "login") == 0)
        return 200;
    if (strcmp(what, "password") == 0) {
        if (!yw_http_field(request->body, "new", new, sizeof(new)) || new[0] == '\0')
            return 400;
        memcpy(upkeep->password, new, sizeof(new));
        return 200;
    }
    if (strcmp(what, "wipe") == 0) {
        upkeep->state = YW_UPKEEP_WIPED;
        return 200;
    }
    bool stop = strcmp(what, "stop") == 0;
    if ((!stop && strcmp(what, "start") != 0) || upkeep->state == YW_UPKEEP_WIPED)
        return 400;
    upkeep->state = stop ? YW_UPKEEP_STOPPED : YW_UPKEEP_RUNS;
    return 200;
}

int yw_upkeep_take(struct yw_upkeep *upkeep, const struct yw_http *request,
                   const char *from, char line[YW_UPKEEP_LINE_MAX])
{
    static const char *const known[] = {"login", "password", "start", "stop", "wipe"};
    char word[16] = "";
    char password[YW_UPKEEP_PASSWORD_MAX] = "";
    const char *what = "unknown";
    int status = 400;
    (void)yw_http_field(request->body, "do", word, sizeof(word));
    (void)yw_http_field(request->body, "password", password, sizeof(password));
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        what = strcmp(known[i], word) == 0 ? known[i] : what;
    if (request->post)
        status =
            strcmp(password, upkeep->password) == 0 ? act(upkeep, request, what) : 403;
    (void)snprintf(line, YW_UPKEEP_LINE_MAX,
                   "{\"kind\":\"upkeep\",\"from\":\"%s\",\"do\":\"%s\",\"done\":%s}",
                   from, what, status == 200 ? "true" : "false");
    return status;
}
