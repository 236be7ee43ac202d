/* Lists functions of one file, or of a member of an archive, in normalised form. */
#include "disassemble.h"

#include "common/message.h"
#include "outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <fpscan/listing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MEMBERS_NAMED = 5, WORDS = 400 };
static const uint64_t default_limit = (uint64_t)1 << 30; /* bytes of a file, as of all buffers in a scan */

typedef struct bytes {
    unsigned char *data;
    size_t size;
} bytes;

static bool fail_errno(const char *path, const char *what, int reason)
{
    message_print(PROGRAM, "%s: %s: %s", path, what, strerror(reason));
    return false;
}

/* Reads up to `size` bytes; fewer if the file has become shorter. */
static bool read_bytes(int fd, const char *path, size_t size, bytes *b)
{
    b->data = malloc(size + 1);
    if (!b->data) {
        message_print(PROGRAM, "%s: out of memory", path);
        return false;
    }
    while (b->size < size) {
        ssize_t got = read(fd, b->data + b->size, size - b->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(path, "cannot be read", errno);
        if (got == 0)
            break;
        b->size += (size_t)got;
    }
    return true;
}

static bool read_file(int fd, const char *path, uint64_t limit, bytes *b)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return fail_errno(path, "cannot be read", errno);
    if (!S_ISREG(info.st_mode)) {
        message_print(PROGRAM, "%s: not a regular file", path);
        return false;
    }
    if ((uint64_t)info.st_size > limit) {
        message_print(PROGRAM, "%s: %llu bytes are more than --memory allows (%llu)", path,
                      (unsigned long long)info.st_size, (unsigned long long)limit);
        return false;
    }
    return read_bytes(fd, path, (size_t)info.st_size, b);
}

/* Opens `path`, or the archive of "ARCHIVE(MEMBER)": then `member` points at "MEMBER)". */
static int open_path(char *path, char **member)
{
    const int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    size_t length = strlen(path);
    char *open_bracket = strrchr(path, '(');
    int fd = open(path, how);
    if (fd >= 0 || errno != ENOENT || !open_bracket || path[length - 1] != ')')
        return fd;
    *open_bracket = '\0';
    path[length - 1] = '\0';
    *member = open_bracket + 1;
    return open(path, how);
}

/* Finds the member `name`. Without a name, or if there is no such member, prints which there are. */
static bool find_member(const bytes *file, const char *path, const char *name, fps_ar_member *member)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_ar *ar = NULL;
    char words[WORDS] = "";
    size_t count = 0, used = 0;
    bool found = false;
    fps_status status = fps_ar_open(&ar, file->data, file->size, &error);
    while (status == FPS_OK && !found && (status = fps_ar_next(ar, member, &error)) == FPS_OK) {
        found = name && strcmp(member->name, name) == 0;
        if (count++ < MEMBERS_NAMED)
            used += (size_t)snprintf(words + used, sizeof words - used, " %.60s", member->name);
    }
    fps_ar_free(ar);
    if (found)
        return true;
    if (status != FPS_ERROR_NOT_FOUND)
        message_error(PROGRAM, path, &error);
    else if (name)
        message_print(PROGRAM, "%s: has no member '%s'; its members are:%s%s", path, name, words,
                      count > MEMBERS_NAMED ? " ..." : "");
    else
        message_print(PROGRAM, "%s: is an archive; name a member as in '%s(NAME)':%s%s", path, path, words,
                      count > MEMBERS_NAMED ? " ..." : "");
    return false;
}

/* "0x..." and decimal numbers are addresses; anything else is the name of a symbol. */
static bool parse_location(const char *text, fps_listing_location *location)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hexadecimal ? text + 2 : text;
    const char *allowed = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
    *location = (fps_listing_location){.name = text};
    if (!digits[0] || digits[strspn(digits, allowed)])
        return text[0] != '\0';
    errno = 0;
    *location = (fps_listing_location){.address = strtoull(digits, NULL, hexadecimal ? 16 : 10)};
    return errno == 0;
}

static bool list_functions(const unsigned char *data, size_t size, const char *path, const settings *s)
{
    for (size_t i = 0; i < s->disassemble.count; i++) {
        fps_error error = {.offset = UINT64_MAX};
        fps_listing_location location;
        if (!parse_location(s->disassemble.items[i], &location)) {
            message_print(PROGRAM, "--disassemble: '%s' is neither a name nor an address of 64 bits",
                          s->disassemble.items[i]);
            return false;
        }
        if (i)
            putchar('\n');
        if (fps_listing_write(data, size, &location, outputs_put, stdout, &error) != FPS_OK) {
            outputs_flush();
            message_error(PROGRAM, path, &error);
            return false;
        }
    }
    return outputs_flush();
}

static bool list_file(const bytes *file, const char *path, const char *member, const settings *s)
{
    fps_ar_member found;
    if (fps_object_identify(file->data, file->size) != FPS_FORMAT_AR) {
        if (!member)
            return list_functions(file->data, file->size, path, s);
        message_print(PROGRAM, "%s: not an archive, so it has no member '%s'", path, member);
        return false;
    }
    if (!find_member(file, path, member, &found))
        return false;
    return list_functions(found.data, found.size, member, s);
}

bool disassemble(const char *path, const settings *s)
{
    char *name = strdup(path), *member = NULL;
    bytes file = {0};
    if (!name) {
        message_print(PROGRAM, "out of memory");
        return false;
    }
    int fd = open_path(name, &member);
    bool good = fd >= 0 ? read_file(fd, name, s->memory ? s->memory : default_limit, &file)
                        : fail_errno(path, "cannot be opened", errno);
    if (good)
        good = list_file(&file, name, member, s);
    if (fd >= 0)
        close(fd);
    free(file.data);
    free(name);
    return good;
}
