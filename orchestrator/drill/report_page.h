/* A page of text in one of two formats: Markdown, or static HTML without script. Every
 * text that goes in is escaped here and nowhere else. */
#ifndef YW_DRILL_REPORT_PAGE_H
#define YW_DRILL_REPORT_PAGE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_PAGE_CELLS_MAX 8

struct yw_page {
    struct yw_buf *out; /* borrowed */
    bool html;
    bool english;
};

void yw_page_begin(struct yw_page *page, const char *title);
void yw_page_end(struct yw_page *page);
void yw_page_heading(struct yw_page *page, int level, const char *text);
/* A sentence with the numbers of its events: "… [#12] [#30]". `seqs` is 0-terminated when
 * it has fewer than `count`. */
void yw_page_sentence(struct yw_page *page, const char *text, const int64_t *seqs,
                      size_t count);
/* Columns; then rows of as many cells; then the end. */
void yw_page_table(struct yw_page *page, const char *const *names, size_t count);
void yw_page_row(struct yw_page *page, const char *const *cells, size_t count);
void yw_page_table_end(struct yw_page *page);
/* The page's language: picks one of two. */
const char *yw_page_text(const struct yw_page *page, const char *zh, const char *en)
    __attribute__((format_arg(2), format_arg(3)));

#endif
