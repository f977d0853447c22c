/* Replays a corpus folder through yw_fuzz_one, each file as it is and with seeded
 * mutations, so that what a fuzzer once found stays found in every build. Fails when the
 * folder is empty. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256 * 1024)
#define ROUNDS 2000

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void mutate(uint8_t *bytes, size_t size, unsigned *seed)
{
    int changes = 1 + rand_r(seed) % 4;
    for (int i = 0; size > 0 && i < changes; i++) {
        size_t at = (size_t)rand_r(seed) % size;
        if (rand_r(seed) % 2 == 0)
            bytes[at] = (uint8_t)rand_r(seed);
        else
            bytes[at] = bytes[(size_t)rand_r(seed) % size];
    }
}

static void replay(const uint8_t *bytes, size_t size)
{
    unsigned seed = 1;
    (void)yw_fuzz_one(bytes, size);
    for (int round = 0; round < ROUNDS; round++) {
        /* Exactly as long as the input: a sanitizer sees one byte past it. */
        size_t cut = round % 8 == 0 && size > 0 ? (size_t)rand_r(&seed) % size : size;
        uint8_t *copy = malloc(cut > 0 ? cut : 1);
        if (copy == NULL)
            abort();
        memcpy(copy, bytes, cut);
        mutate(copy, cut, &seed);
        (void)yw_fuzz_one(copy, cut);
        free(copy);
    }
}

static int replay_file(const char *path)
{
    static uint8_t bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    replay(bytes, size);
    return 0;
}

int main(int argc, char **argv)
{
    int files = 0;
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (dir == NULL) {
        (void)fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        (void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        if (entry->d_name[0] != '.' && replay_file(path) == 0)
            files++;
    }
    (void)closedir(dir);
    (void)printf("%d inputs, %d mutations each\n", files, ROUNDS);
    return files > 0 ? 0 : 1;
}
