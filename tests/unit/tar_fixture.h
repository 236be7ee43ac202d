/* Tars written header by header, also such as no tool writes. */
#ifndef FPS_TESTS_TAR_FIXTURE_H
#define FPS_TESTS_TAR_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tar_bytes {
    uint8_t *data;
    size_t size;
} tar_bytes;

/* Appends bytes, filled up to a record with zeros. */
static inline void tar_append(tar_bytes *tar, const void *bytes, size_t size)
{
    size_t padded = (size + 511) & ~(size_t)511;
    tar->data = realloc(tar->data, tar->size + padded + 1);
    if (!tar->data)
        abort();
    memset(tar->data + tar->size, 0, padded);
    if (size)
        memcpy(tar->data + tar->size, bytes, size);
    tar->size += padded;
}

/* A header alone. Names are cut to what a header holds. */
static inline void tar_header(tar_bytes *tar, char type, const char *name, const char *target, size_t size)
{
    char header[513] = {0};
    size_t name_size = strlen(name), target_size = target ? strlen(target) : 0;
    memcpy(header, name, name_size < 100 ? name_size : 100);
    memcpy(header + 100, "0000644\0000000000\0000000000", 24);
    snprintf(header + 124, 13, "%011lo", (unsigned long)(size & 077777777777));
    memcpy(header + 136, "00000000000", 12);
    header[156] = type;
    if (target)
        memcpy(header + 157, target, target_size < 100 ? target_size : 100);
    memcpy(header + 257, "ustar\00000", 8);
    memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (int i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    tar_append(tar, header, 512);
}

/* A regular file. */
static inline void tar_file(tar_bytes *tar, const char *name, const char *bytes)
{
    tar_header(tar, '0', name, NULL, strlen(bytes));
    tar_append(tar, bytes, strlen(bytes));
}

/* A pax header "KEY=VALUE" for the next entry. */
static inline void tar_pax(tar_bytes *tar, const char *key, const char *value, size_t value_size)
{
    size_t length = strlen(key) + value_size + 3, digits = 1, total;
    while (snprintf(NULL, 0, "%zu", total = length + digits) > (int)digits)
        digits++;
    char *record = malloc(total + 32);
    if (!record)
        abort();
    int start = snprintf(record, total + 32, "%zu %s=", total, key);
    memcpy(record + start, value, value_size);
    record[(size_t)start + value_size] = '\n';
    tar_header(tar, 'x', "pax", NULL, total);
    tar_append(tar, record, total);
    free(record);
}

/* GNU's way of a long name ('L') or target ('K') for the next entry. */
static inline void tar_long(tar_bytes *tar, char type, const char *name)
{
    tar_header(tar, type, "././@LongLink", NULL, strlen(name) + 1);
    tar_append(tar, name, strlen(name) + 1);
}

static inline void tar_end(tar_bytes *tar)
{
    static const char zeros[1024];
    tar_append(tar, zeros, sizeof zeros);
}

#endif
