#include "codec/nest.h"

int yw_json_nest(const char *text, size_t size,
                 bool (*met)(void *context, char bracket, int depth), void *context)
{
    int line = 1, depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            line++;
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = false;
            continue;
        }
        if (text[i] == '"')
            quoted = true;
        else if (text[i] == '}' || text[i] == ']')
            depth--;
        else if ((text[i] == '{' || text[i] == '[') && met(context, text[i], ++depth))
            return line;
    }
    return 0;
}
