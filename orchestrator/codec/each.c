/* Walking over a member of a document that is an object with keys nobody knows beforehand. */
#include "codec/field.h"
#include "codec/request/request.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The value at a JSON pointer of plain keys. Borrowed from root. */
static json_t *at(json_t *root, const char *pointer)
{
    json_t *here = root;
    while (here != NULL && *pointer == '/') {
        size_t size = strcspn(pointer + 1, "/");
        char key[256];
        if (size >= sizeof key)
            return NULL;
        memcpy(key, pointer + 1, size);
        key[size] = '\0';
        here = json_object_get(here, key);
        pointer += size + 1;
    }
    return here;
}

int yw_json_each(const char *text, size_t size, const char *pointer,
                 int (*fn)(void *arg, const char *key, const char *value,
                           size_t value_size),
                 void *arg)
{
    json_t *root = NULL;
    const char *key;
    json_t *value;
    int status = yw_json_load(&root, text, size, NULL);

    if (status < 0)
        return status;
    json_t *object = at(root, pointer);

    json_object_foreach(object, key, value)
    {
        char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);

        if (status == 0 && dump != NULL)
            status = fn(arg, key, dump, strlen(dump));
        free(dump);
    }
    json_decref(root);
    return status;
}
