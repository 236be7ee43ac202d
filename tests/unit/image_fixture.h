/* Container images made in memory, and written as a directory or an archive, for tests of what reads them. */
#ifndef FPS_TESTS_IMAGE_FIXTURE_H
#define FPS_TESTS_IMAGE_FIXTURE_H

#include "stream_fixture.h"
#include "temporary.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_FILES = 64, IMAGE_NAME = 160, IMAGE_JSON = 8192, DIGEST_TEXT = 72 };

typedef struct image_file {
    char name[IMAGE_NAME];
    fixture_bytes bytes;
    char link[IMAGE_NAME]; /* "" for a regular file */
    bool hard;
} image_file;

typedef struct image_files {
    image_file items[IMAGE_FILES];
    size_t count;
} image_files;

static inline void image_files_free(image_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].bytes.data);
    files->count = 0;
}

static inline image_file *image_add(image_files *files, const char *name, const void *data, size_t size)
{
    image_file *file = &files->items[files->count++];
    *file = (image_file){.bytes = fixture_join(data, size, "", 0)};
    snprintf(file->name, sizeof file->name, "%s", name);
    return file;
}

static inline image_file *image_find(image_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0)
            return &files->items[i];
    return NULL;
}

static inline void image_link(image_files *files, const char *name, const char *target, bool hard)
{
    image_file *file = image_add(files, name, "", 0);
    snprintf(file->link, sizeof file->link, "%s", target);
    file->hard = hard;
}

static inline void image_text(image_files *files, const char *name, const char *format, ...) FPS_PRINTF(3, 4);
static inline void image_text(image_files *files, const char *name, const char *format, ...)
{
    char text[IMAGE_JSON];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    image_add(files, name, text, (size_t)length);
}

static inline void image_digest(const void *data, size_t size, char digest[DIGEST_TEXT])
{
    uint8_t hash[32];
    EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL);
    strcpy(digest, "sha256:");
    for (size_t i = 0; i < 32; i++)
        snprintf(digest + 7 + 2 * i, 3, "%02x", hash[i]);
}

/* A blob under its digest, once. */
static inline image_file *image_blob(image_files *files, const void *data, size_t size,
                                     char digest[DIGEST_TEXT])
{
    char name[IMAGE_NAME];
    image_digest(data, size, digest);
    snprintf(name, sizeof name, "blobs/sha256/%s", digest + 7);
    image_file *found = image_find(files, name);
    return found ? found : image_add(files, name, data, size);
}

/* A JSON blob; `descriptor` is {"mediaType":TYPE,"digest":...,"size":...} without its last brace. */
static inline void image_json(image_files *files, const char *type, const char *text, char *descriptor,
                              size_t descriptor_size)
{
    char digest[DIGEST_TEXT];
    image_blob(files, text, strlen(text), digest);
    snprintf(descriptor, descriptor_size, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu", type,
             digest, strlen(text));
}

/* A tar of one file. */
static inline fixture_bytes image_layer_tar(const char *name, const char *content)
{
    enum { ROOM = 65536 };
    fixture_bytes made = {malloc(ROOM), 0};
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    archive_write_set_format_ustar(writer);
    archive_write_open_memory(writer, made.data, ROOM, &made.size);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (int64_t)strlen(content));
    archive_write_header(writer, entry);
    archive_write_data(writer, content, strlen(content));
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    return made;
}

/* Writes all files into an archive of `format` ("gnutar", "pax", "ustar") under `filter` ("none", "gzip",
 * ...). */
static inline void image_write_archive(const image_files *files, const char *path, const char *format,
                                       const char *filter)
{
    struct archive *writer = archive_write_new();
    archive_write_set_format_by_name(writer, format);
    if (strcmp(filter, "none") != 0)
        archive_write_add_filter_by_name(writer, filter);
    archive_write_open_filename(writer, path);
    for (size_t i = 0; i < files->count; i++) {
        const image_file *file = &files->items[i];
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, file->name);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_filetype(entry, *file->link && !file->hard ? AE_IFLNK : AE_IFREG);
        if (*file->link && file->hard)
            archive_entry_set_hardlink(entry, file->link);
        else if (*file->link)
            archive_entry_set_symlink(entry, file->link);
        else
            archive_entry_set_size(entry, (int64_t)file->bytes.size);
        archive_write_header(writer, entry);
        if (!*file->link)
            archive_write_data(writer, file->bytes.data, file->bytes.size);
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
}

static inline void image_write_directory(const image_files *files, const char *path)
{
    char name[TEMPORARY_SIZE + IMAGE_NAME + 2];
    for (size_t i = 0; i < files->count; i++) {
        const image_file *file = &files->items[i];
        snprintf(name, sizeof name, "%s/%s", path, file->name);
        for (char *slash = name + strlen(path) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
            *slash = '\0';
            mkdir(name, 0755);
        }
        if (*file->link) {
            if (symlink(file->link, name) != 0)
                abort();
            continue;
        }
        FILE *out = fopen(name, "wb");
        fwrite(file->bytes.data, 1, file->bytes.size, out);
        fclose(out);
    }
}

static inline void image_remove_directory(const char *path)
{
    char command[TEMPORARY_SIZE + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0)
        abort();
}

#endif
