/* Any bytes as the configuration of a firewall, a broker and a jump host, as a form of the
 * rule page, and as what their programs say. What goes on to nft is made of parsed rules
 * alone, what goes to the host is one JSON object a line. */
#include "controller/firewall.h"
#include "controller/topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

/* Letters, digits and the marks of the rules that are written here. */
static void check_script(const struct yw_firewall *firewall)
{
    static char script[YW_FIREWALL_SCRIPT_MAX];
    struct yw_text_out out = {.text = script, .room = sizeof(script)};
    yw_firewall_script(firewall, &out);
    size_t plain = strspn(script, "abcdefghijklmnopqrstuvwxyz0123456789 \n\"./{};,-_");
    if (out.full || plain != out.size)
        abort();
}

static void check_line(const char *line)
{
    size_t quotes = 0;
    for (const char *at = line; *at != '\0'; at++) {
        quotes += *at == '"';
        if (*at < ' ' || *at > '~' || *at == '\\')
            abort();
    }
    if (line[0] != '{' || line[strlen(line) - 1] != '}' || quotes % 4 != 0)
        abort(); /* "name":"value", and numbers come once, as "at":1 with two */
}

static void use_firewall(const char *text, size_t size)
{
    static const char own[] = "zone it\nzone control\nrule deny any any\naccount o p\n";
    static struct yw_firewall firewall;
    static char page[16384];
    char problem[YW_CONF_PROBLEM_MAX];
    char form[YW_HTTP_BODY_MAX + 1];
    char line[512];
    const char *type;
    struct yw_text_out out = {.text = page, .room = sizeof(page)};
    if (yw_firewall_load(&firewall, text, size, problem) == 0) {
        check_script(&firewall);
        (void)yw_firewall_page(&firewall, "/zh", &out, &type);
    }
    (void)yw_firewall_load(&firewall, own, sizeof(own) - 1, problem);
    (void)snprintf(form, sizeof(form), "user=o&password=p&do=add&at=1&%.300s", text);
    if (yw_firewall_order(&firewall, "10.20.4.5", form, line, sizeof(line)) != 303)
        check_line(line);
    check_script(&firewall);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_topics topics;
    static char files[16384];
    struct yw_accounts accounts;
    struct yw_text_out out = {.text = files, .room = sizeof(files)};
    char problem[YW_CONF_PROBLEM_MAX];
    char line[512];
    char text[4096];
    if (size >= sizeof(text))
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    use_firewall(text, size);
    if (yw_topics_load(&topics, text, size, problem) == 0)
        yw_topics_acl(&topics, &out);
    (void)yw_accounts_load(&accounts, text, size, problem);
    if (yw_login_line(&accounts, text, line, sizeof(line)))
        check_line(line);
    if (yw_topics_line(&topics, text, line, sizeof(line)))
        check_line(line);
    return 0;
}
