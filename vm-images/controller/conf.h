/* The words of a role's configuration: what the host tells a micro machine beyond its
 * addresses, one statement a line. Words are parted by blanks; "…" is one word; # begins
 * a remark. Pure; the text is borrowed. */
#ifndef YW_CONTROLLER_CONF_H
#define YW_CONTROLLER_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define YW_CONF_FILE "role.conf" /* its name on the guest channel */
#define YW_CONF_WORDS_MAX 16
#define YW_CONF_WORD_MAX 64 /* with the NUL */
#define YW_CONF_PROBLEM_MAX 128

struct yw_conf {
    const char *at;
    const char *end;
    int line;
};

struct yw_conf_line {
    char words[YW_CONF_WORDS_MAX][YW_CONF_WORD_MAX];
    int count;
    int number; /* of the line, from 1 */
    bool bad;   /* too many words, one too long, or a quote without its end */
};

void yw_conf_begin(struct yw_conf *conf, const char *text, size_t size);
/* The next line with words; false: no more. */
bool yw_conf_next(struct yw_conf *conf, struct yw_conf_line *ret);
/* A number in low..high; false: it is none. */
bool yw_conf_number(const char *word, double low, double high, double *ret);
/* The word behind `name` among the words from `from` on; NULL: none. Borrowed. */
const char *yw_conf_value(const struct yw_conf_line *line, int from, const char *name);
/* "line 3: WHY", into problem[YW_CONF_PROBLEM_MAX]; always -1. `why` is ours; `word` what
 * was found there, "" none: blanks out what does not belong into a sentence. */
int yw_conf_refuse(const struct yw_conf_line *line, const char *why, const char *word,
                   char *problem);

#endif
