/* What a project is called by those who package it: distributions and package managers write one name in many ways. */
#include "util/project_name.h"

#include <string.h>

void fps__project_name_reduce(const char *name, size_t length, char reduced[FPS__PROJECT_NAME_SIZE])
{
    size_t used = 0;
    while (length > 1 && strchr("0123456789.-_+", name[length - 1]))
        length--;
    for (size_t i = 0; i < length && used + 1 < FPS__PROJECT_NAME_SIZE; i++)
        reduced[used++] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    reduced[used] = '\0';
    if (used > 3 && memcmp(reduced, "lib", 3) == 0)
        memmove(reduced, reduced + 3, used - 2);
}

bool fps__project_names_agree(const char *a, const char *b)
{
    char first[FPS__PROJECT_NAME_SIZE], second[FPS__PROJECT_NAME_SIZE];
    fps__project_name_reduce(a, strlen(a), first);
    fps__project_name_reduce(b, strlen(b), second);
    return strcmp(first, second) == 0;
}
