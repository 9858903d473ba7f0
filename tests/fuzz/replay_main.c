/* replay_main.c - gives a fuzz target a main that feeds it every file of the folders named on the command line, so that all
 * seeds run in the normal test suite. Without a folder, or with an empty one, it fails: a replay of nothing proves nothing.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return perror(path), -1;
    uint8_t *data = NULL;
    size_t size = 0, got;
    do {
        uint8_t *grown = realloc(data, size + 65536);
        if (!grown) abort();
        data = grown;
        got = fread(data + size, 1, 65536, file);
        size += got;
    } while (got > 0);
    fclose(file);
    /* An exact copy, so that a sanitizer sees the first byte read past the end. */
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact) abort();
    memcpy(exact, data, size);
    free(data);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv) {
    unsigned count = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **entries;
        int found = scandir(argv[i], &entries, NULL, alphasort);
        if (found < 0) return perror(argv[i]), 1;
        for (int j = 0; j < found; j++) {
            char path[4096];
            struct stat about;
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], entries[j]->d_name);
            if (stat(path, &about) == 0 && S_ISREG(about.st_mode)) {
                if (replay_file(path) != 0) return 1;
                count++;
            }
            free(entries[j]);
        }
        free(entries);
    }
    printf("%u inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
