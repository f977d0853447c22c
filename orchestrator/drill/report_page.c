#include "drill/report_page.h"

#include <stdio.h>
#include <string.h>

/* The policy below names the SHA-256 of exactly this text; a test holds them together. */
#define STYLE                                                                            \
    "body{font:16px/1.6 system-ui,\"Noto Sans CJK "                                      \
    "SC\",sans-serif;max-width:60rem;margin:2rem "                                       \
    "auto;padding:0 1rem;color:#1a1a1a;background:#fff}"                                 \
    "h1,h2,h3{line-height:1.25}"                                                         \
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"                           \
    "th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;"            \
    "vertical-align:top;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}"       \
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}"                 \
    "th,td{border-color:#444}}"
#define STYLE_HASH "+50s7jCeVE11CMtTrrSEM1WhM0KozcZXJXP7utF4+Jg="

const char *yw_page_text(const struct yw_page *page, const char *zh, const char *en)
{
    return page->english ? en : zh;
}

static void put_html(struct yw_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&')
            yw_buf_puts(out, "&amp;");
        else if (*text == '<')
            yw_buf_puts(out, "&lt;");
        else if (*text == '>')
            yw_buf_puts(out, "&gt;");
        else if (*text == '"')
            yw_buf_puts(out, "&quot;");
        else if (*text == '\'')
            yw_buf_puts(out, "&#39;");
        else
            yw_buf_put(out, text, 1);
    }
}

/* CommonMark: a backslash before punctuation makes it plain; a line break would end the
 * cell. */
static void put_markdown(struct yw_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\`*_[]<>|#~&!", *text) != NULL)
            yw_buf_puts(out, "\\");
        if ((unsigned char)*text < 0x20)
            yw_buf_puts(out, " ");
        else
            yw_buf_put(out, text, 1);
    }
}

static void put(struct yw_page *page, const char *text)
{
    if (page->html)
        put_html(page->out, text);
    else
        put_markdown(page->out, text);
}

void yw_page_begin(struct yw_page *page, const char *title)
{
    if (page->html) {
        yw_buf_printf(page->out, "<!doctype html>\n<html lang=\"%s\">\n<head>\n",
                      yw_page_text(page, "zh-CN", "en"));
        yw_buf_puts(page->out,
                    "<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                    "'none'; style-src 'sha256-" STYLE_HASH "'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
        put(page, title);
        yw_buf_puts(page->out, "</title>\n<style>" STYLE "</style>\n</head>\n<body>\n");
    }
    yw_page_heading(page, 1, title);
}

void yw_page_end(struct yw_page *page)
{
    if (page->html)
        yw_buf_puts(page->out, "</body>\n</html>\n");
}

void yw_page_heading(struct yw_page *page, int level, const char *text)
{
    if (page->html)
        yw_buf_printf(page->out, "<h%d>", level);
    else
        yw_buf_printf(page->out, "%.*s ", level, "######");
    put(page, text);
    if (page->html)
        yw_buf_printf(page->out, "</h%d>\n", level);
    else
        yw_buf_puts(page->out, "\n\n");
}

void yw_page_sentence(struct yw_page *page, const char *text, const int64_t *seqs,
                      size_t count)
{
    yw_buf_puts(page->out, page->html ? "<p>" : "");
    put(page, text);
    for (size_t i = 0; i < count && seqs[i] != 0; i++)
        yw_buf_printf(page->out, " [#%lld]", (long long)seqs[i]);
    yw_buf_puts(page->out, page->html ? "</p>\n" : "\n\n");
}

static void put_cells(struct yw_page *page, const char *const *cells, size_t count,
                      const char *tag)
{
    if (page->html)
        yw_buf_puts(page->out, "<tr>");
    for (size_t i = 0; i < count; i++) {
        if (page->html)
            yw_buf_printf(page->out, "<%s>", tag);
        else
            yw_buf_puts(page->out, i == 0 ? "| " : " | ");
        put(page, cells[i]);
        if (page->html)
            yw_buf_printf(page->out, "</%s>", tag);
    }
    yw_buf_puts(page->out, page->html ? "</tr>\n" : " |\n");
}

void yw_page_table(struct yw_page *page, const char *const *names, size_t count)
{
    if (page->html)
        yw_buf_puts(page->out, "<table>\n");
    put_cells(page, names, count, "th");
    if (page->html)
        return;
    for (size_t i = 0; i < count; i++)
        yw_buf_puts(page->out, i == 0 ? "| ---" : " | ---");
    yw_buf_puts(page->out, " |\n");
}

void yw_page_row(struct yw_page *page, const char *const *cells, size_t count)
{
    put_cells(page, cells, count, "td");
}

void yw_page_table_end(struct yw_page *page)
{
    yw_buf_puts(page->out, page->html ? "</table>\n" : "\n");
}
