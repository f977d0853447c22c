#include "response/marking.h"

#include <string.h>

static const char *const names[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER",
                                    "TLP:AMBER+STRICT", "TLP:RED"};

bool yw_tlp_lets(enum yw_tlp marking, enum yw_reader reader)
{
    static const enum yw_reader least[] = {
        [YW_TLP_CLEAR] = YW_READER_PUBLIC, [YW_TLP_GREEN] = YW_READER_OTHER_TEAM,
        [YW_TLP_AMBER] = YW_READER_TIER,   [YW_TLP_AMBER_STRICT] = YW_READER_TEAM,
        [YW_TLP_RED] = YW_READER_CONTROL,
    };

    return reader >= least[marking];
}

const char *yw_tlp_name(enum yw_tlp marking)
{
    return names[marking];
}

bool yw_tlp_read(const char *name, enum yw_tlp *ret)
{
    for (int i = 0; i <= YW_TLP_RED; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum yw_tlp)i;
            return true;
        }
    }
    return false;
}
