/* A text that a person sees, in both languages. UTF-8. */
#ifndef YW_MODEL_TEXT_H
#define YW_MODEL_TEXT_H

#define YW_TEXT_MAX 512 /* bytes with the NUL, each language */

struct yw_text {
    char zh[YW_TEXT_MAX];
    char en[YW_TEXT_MAX];
};

#endif
