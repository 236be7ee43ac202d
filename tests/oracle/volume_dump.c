/* Lists what the reader of file systems finds in an image, for comparisons with the tree that it was made from.
 *
 * volume_dump IMAGE    a line for each entry, with tabs: "f" SHA-256 PATH of a file, "l" TARGET PATH of a symbolic link, "h"
 *                      FIRST-PATH PATH of a further name of a file, "d" - PATH of a directory, "o" - PATH of anything else, "!"
 *                      MESSAGE PATH of what cannot be read. Exits with 1 when there is such a line.
 */
#include "util/digest.h"
#include "volume/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static fps_status spend(void *user, uint64_t bytes, uint64_t entries, fps_error *error)
{
    uint64_t *spent = user;
    (void)error;
    *spent += bytes;
    (void)entries;
    return FPS_OK;
}

/* The digest of all bytes of the current file. */
static fps_status hash_file(fps__volume *volume, uint64_t size, char text[FPS__SHA256_DIGITS + 1],
                            fps_error *error)
{
    enum { STEP = 1 << 20 };
    static uint8_t room[STEP];
    uint8_t digest[FPS__SHA256_SIZE];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    fps_status status = FPS_OK;
    EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    for (uint64_t at = 0; at < size && !status;) {
        size_t part = size - at < STEP ? (size_t)(size - at) : STEP;
        status = fps__volume_read(volume, at, room, part, error);
        EVP_DigestUpdate(hash, room, part);
        at += part;
    }
    EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    fps__hex_write(digest, sizeof digest, text);
    return status;
}

static bool dump_entry(fps__volume *volume, const fps__volume_entry *entry, fps_status status,
                       fps_error *error)
{
    static const char letters[] = {'f', 'd', 'l', 'o'};
    char text[FPS__SHA256_DIGITS + 1] = "-";
    if (!status && entry->type == FPS__VOLUME_FILE && !entry->link)
        status = hash_file(volume, entry->size, text, error);
    if (status) {
        printf("!\t%s\t%s\n", error->message, entry->path);
        return false;
    }
    if (entry->link)
        printf("h\t%s\t%s\n", entry->link, entry->path);
    else
        printf("%c\t%s\t%s\n", letters[entry->type],
               entry->type == FPS__VOLUME_SYMLINK ? entry->target : text, entry->path);
    return true;
}

int main(int count, char **arguments)
{
    struct stat st;
    int fd = count == 2 ? open(arguments[1], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &st) != 0) {
        fprintf(stderr, "usage: volume_dump IMAGE\n");
        return 2;
    }
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return 2;
    uint64_t spent = 0;
    fps__volume_budget budget = {&spent, spend};
    fps__volume *volume;
    fps__volume_entry entry;
    fps_error error = {.message = ""};
    bool good = true;
    fps_status status = fps__volume_open(&volume, (fps__span){map, (size_t)st.st_size}, &budget, &error);
    if (status) {
        printf("!\t%s\t\n", error.message);
        return 1;
    }
    while ((status = fps__volume_next(volume, &entry, &error)) != FPS_ERROR_NOT_FOUND) {
        good &= dump_entry(volume, &entry, status, &error);
        if (status == FPS_ERROR_LIMIT || status == FPS_ERROR_MEMORY)
            break;
    }
    fprintf(stderr, "end %llu, spent %llu\n", (unsigned long long)fps__volume_end(volume),
            (unsigned long long)spent);
    fps__volume_free(volume);
    return good ? 0 : 1;
}
