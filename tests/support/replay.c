/* tests/support/replay.c - runs a fuzz target over a folder of seeds as a plain test: each seed whole, cut short at 64 places,
 * and with single bytes flipped. No seeds is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void variants(const uint8_t *data, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    LLVMFuzzerTestOneInput(data, n);
    for (size_t i = 0; n && i < 64; i++) {
        size_t cut = n * i / 64;
        uint8_t *exact = malloc(cut ? cut : 1); /* so that ASan sees one byte too many */
        memcpy(exact, data, cut);
        LLVMFuzzerTestOneInput(exact, cut);
        free(exact);
        memcpy(copy, data, n);
        copy[(i * 2654435761u) % n] ^= (uint8_t)(1u << i % 8);
        LLVMFuzzerTestOneInput(copy, n);
    }
    free(copy);
}

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    static uint8_t data[1 << 20];
    size_t n = fread(data, 1, sizeof data, f);
    fclose(f);
    variants(data, n);
    return 1;
}

int main(int argc, char **argv)
{
    DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
    int  seeds = 0;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        if (e->d_name[0] != '.')
            seeds += run_file(path);
    }
    if (dir)
        closedir(dir);
    printf("%d seeds\n", seeds);
    return seeds == 0;
}
