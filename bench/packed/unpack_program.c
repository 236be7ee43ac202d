/* Unpacks a packed program to a file, for bench/packed/run: unpack_program PACKED OUTPUT. Exit code 2: it is not packed. */
#include "packed/packed.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        long end = ftell(file);
        *size = end > 0 ? (size_t)end : 0;
        rewind(file);
        bytes = malloc(*size + 1);
        if (bytes && fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file)
        fclose(file);
    return bytes;
}

int main(int count, char **arguments)
{
    size_t size = 0;
    uint8_t *bytes = count == 3 ? read_file(arguments[1], &size) : NULL;
    fps__packed_limits limits = {.size = (uint64_t)1 << 30};
    fps__unpacked out;
    fps_error error = {.offset = UINT64_MAX};
    if (!bytes) {
        fprintf(stderr, "usage: unpack_program PACKED OUTPUT\n");
        return 1;
    }
    fps_status status = fps__packed_open((fps__span){bytes, size}, &limits, &out, &error);
    free(bytes);
    if (status) {
        printf("%s\n", status == FPS_ERROR_NOT_FOUND ? "not packed" : error.message);
        return status == FPS_ERROR_NOT_FOUND ? 2 : 1;
    }
    printf("%s, %llu foreign bytes%s%s\n", out.method, (unsigned long long)out.foreign,
           out.lacks ? ", without " : "", out.lacks ? out.lacks : "");
    FILE *file = fopen(arguments[2], "wb");
    bool good = file && fwrite(out.data, 1, out.size, file) == out.size;
    good = file && fclose(file) == 0 && good;
    free(out.data);
    return good ? 0 : 1;
}
