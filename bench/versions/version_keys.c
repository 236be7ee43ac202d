/* Prints the key of each version on standard input in hexadecimal, "-" for none: version_keys SCHEME. For bench/versions/run. */
#include "util/digest.h"
#include "util/version_key.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    fps__key_scheme scheme;
    char line[1024], text[2 * FPS__MAX_KEY + 1];
    uint8_t key[FPS__MAX_KEY];
    if (argc != 2 || !fps__key_scheme_find(argv[1], &scheme)) {
        fprintf(stderr, "version_keys: which scheme?\n");
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        size_t size = fps__version_key(scheme, line, key);
        fps__hex_write(key, size, text);
        puts(size ? text : "-");
    }
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
