#include "drill/law.h"

#include "base/log.h"
#include "base/mem.h"
#include "codec/rules/rules.h"

#include <stdlib.h>
#include <string.h>

void yw_law_open(struct yw_law_book *book, const char *library_dir)
{
    struct yw_err err = {0};
    char *folder = yw_strf("%s/rules", library_dir);

    memset(book, 0, sizeof *book);
    if (yw_rules_read(&book->rules, &book->calendar, folder, &err) != 0) {
        yw_warn("drill", "no rule packs: %s", err.text);
        book->rules = NULL;
    }
    book->law = (struct yw_law){.rules = book->rules, .calendar = &book->calendar};
    free(folder);
}

void yw_law_close(struct yw_law_book *book)
{
    yw_rules_free(book->rules);
}

const struct yw_law *yw_law_of(const struct yw_law_book *book)
{
    return book->rules != NULL ? &book->law : NULL;
}
