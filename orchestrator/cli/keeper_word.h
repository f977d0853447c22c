/* Words between core and keeper: packets of one socket pair, of one fixed size. */
#ifndef YW_CLI_KEEPER_WORD_H
#define YW_CLI_KEEPER_WORD_H

#include <stdint.h>

enum yw_keeper_word_kind {
    YW_KEEPER_READY = 1, /* number: the port that the core serves */
    YW_KEEPER_BROKER, /* number: of the question; the answer repeats it, and a descriptor
                       */
};

struct yw_keeper_word {
    uint32_t kind;
    uint32_t number;
    uint32_t broker; /* BROKER: which of many */
};

/* fd -1: none goes with it. 0 or a negative errno. */
int yw_keeper_word_send(int link, const struct yw_keeper_word *word, int fd);

#endif
