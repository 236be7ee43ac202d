/* Documents of the user's that are read before a scan. */
#include "documents.h"

#include "common/message.h"
#include "settings.h"

#include <errno.h>
#include <fpscan/target.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DOCUMENT = 256 * 1024 * 1024 };

bool document_read(fps_advisory_document *document, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat facts;
    bool good = file && fstat(fileno(file), &facts) == 0;
    if (good && facts.st_size > MAX_DOCUMENT) {
        errno = EFBIG;
        good = false;
    }
    size_t size = good ? (size_t)facts.st_size : 0;
    char *data = good ? malloc(size + 1) : NULL;
    good = data && fread(data, 1, size, file) == size;
    if (file)
        fclose(file);
    if (!good) {
        message_print(PROGRAM, "%s: cannot be read: %s", path, strerror(errno ? errno : EIO));
        free(data);
        return false;
    }
    *document = (fps_advisory_document){path, data, size};
    return true;
}

bool document_is_own(const char *folder, const char *target, bool *own)
{
    errno = 0;
    char *real = realpath(folder, NULL),
         *inside = target && strcmp(target, "-") != 0 ? realpath(fps_target_path(target), NULL) : NULL;
    bool memory = errno != ENOMEM;
    size_t length = inside ? strlen(inside) : 0;
    if (length == 1) /* "/" */
        length = 0;
    *own = real &&
           (!inside || strncmp(real, inside, length) != 0 || (real[length] != '/' && real[length] != '\0'));
    free(real);
    free(inside);
    return memory;
}
