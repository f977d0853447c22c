/* Any bytes as the body of every request; what decodes and has an encoder comes back the
 * same. */
#include "base/buf.h"
#include "codec/request/request.h"

#include <assert.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void check_answer(const char *text, size_t size)
{
    struct yw_request_answer answer;
    struct yw_request_answer back;
    struct yw_buf out;

    if (yw_request_answer_decode(&answer, text, size, NULL) < 0)
        return;
    yw_buf_init(&out, YW_REQUEST_BYTES_MAX);
    yw_request_answer_encode(&out, &answer);
    assert(yw_request_answer_decode(&back, out.data, out.size, NULL) == 0);
    assert(back.var_count == answer.var_count && strcmp(back.step, answer.step) == 0);
    yw_buf_fini(&out);
}

static void check_action(const char *text, size_t size)
{
    struct yw_request_action action;
    struct yw_request_action back;
    struct yw_buf out;

    if (yw_request_action_decode(&action, text, size, NULL) < 0)
        return;
    yw_buf_init(&out, YW_REQUEST_BYTES_MAX);
    yw_request_action_encode(&out, &action);
    assert(yw_request_action_decode(&back, out.data, out.size, NULL) == 0);
    assert(memcmp(&back, &action, sizeof back) == 0);
    yw_buf_fini(&out);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes;
    struct yw_request_create create;
    struct yw_request_text plain;
    struct yw_request_ruling ruling;
    char value[64];

    if (yw_request_create_decode(&create, text, size, NULL) == 0) {
        for (size_t i = 0; i < create.package->file_count; i++)
            assert(strstr(create.package->files[i].path, "..") == NULL ||
                   create.package->files[i].path[0] != '.');
        yw_package_free(create.package);
    } else {
        assert(create.package == NULL);
    }
    check_answer(text, size);
    check_action(text, size);
    (void)yw_request_text_decode(&plain, "text", text, size, NULL);
    (void)yw_request_text_decode(&plain, "reason", text, size, NULL);
    (void)yw_request_ruling_decode(&ruling, text, size, NULL);
    (void)yw_json_get(text, size, "/vars/a~1b/0", value, sizeof value);
    return 0;
}
