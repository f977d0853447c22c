#include <stddef.h>
#include <stdint.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    return yw_fuzz_one(bytes, size);
}
