/* Debian copyright files: which of the licences in one holds for a binary package. The formats: the machine-readable one
 * (DEP-5), and prose. */
#include "inventory/control.h"
#include "inventory/dpkg.h"

#include "util/project_name.h"

#include <ctype.h>

/* ---- the machine-readable format ---- */

/* How well a paragraph fits a package, the better the higher. */
enum { NO_FILES, SOME_FILES, WHOLE_FILE, ALL_FILES, OWN_FOLDER };

static bool is_library(const char *package)
{
    return !strncmp(package, "lib", 3) && !strstr(package, "-bin") && !strstr(package, "-utils") &&
           !strstr(package, "-tools") && !strstr(package, "-doc");
}

/* Whether a pattern is of all files of a library's folder, "libblkid/" of libblkid1. A pattern of single files says
 * nothing of the rest. */
static bool is_own_folder(fps__span pattern, const char *package)
{
    char folder[FPS__PROJECT_NAME_SIZE], name[FPS__PROJECT_NAME_SIZE];
    const uint8_t *slash = pattern.size ? memrchr(pattern.data, '/', pattern.size) : NULL;
    size_t length = strlen(package);
    if (!slash || !is_library(package) || slash + 1 == pattern.data + pattern.size || slash[1] != '*')
        return false;
    const uint8_t *start = slash;
    while (start > pattern.data && start[-1] != '/')
        start--;
    if (length > 4 && !strcmp(package + length - 4, "-dev"))
        length -= 4;
    fps__project_name_reduce((const char *)start, (size_t)(slash - start), folder);
    fps__project_name_reduce(package, length, name);
    return slash - start > 3 && !memcmp(start, "lib", 3) && strlen(name) > 1 && !strcmp(folder, name);
}

static int fit_of(fps__span files, const char *package)
{
    int fit = is_library(package) && fps__span_is(fps__span_trim(files), "lib/*") ? OWN_FOLDER : SOME_FILES;
    for (fps__span pattern; fps__span_cut(&files, " \t\n", &pattern);) {
        if (is_own_folder(pattern, package))
            return OWN_FOLDER;
        if (fps__span_is(pattern, "*") && fit < ALL_FILES)
            fit = ALL_FILES;
    }
    return fit;
}

static bool same_line(fps__span a, fps__span b)
{
    fps__span first = {NULL, 0}, second = {NULL, 0};
    size_t at = 0;
    fps__line_next(a, &at, &first);
    at = 0;
    fps__line_next(b, &at, &second);
    return first.size == second.size && (!first.size || !memcmp(first.data, second.data, first.size));
}

bool fps__copyright_field(fps__span copyright, const char *package, fps__span *license)
{
    fps__span format, files, words;
    const fps__control_field known[] = {{"Format", &format}, {"Files", &files}, {"License", &words}};
    int best = NO_FILES;
    bool damaged = false, mixed = false, first = true, machine = false;
    *license = (fps__span){NULL, 0};
    for (size_t at = 0; fps__control_paragraph(copyright, &at, known, 3, &damaged); first = false) {
        machine |= first && format.size;
        int fit = first && !files.size ? WHOLE_FILE : files.size ? fit_of(files, package) : NO_FILES;
        if (!words.size || fps__span_is(files, "debian/*"))
            continue;
        mixed |= fit == SOME_FILES && best == SOME_FILES && !same_line(*license, words);
        if (fit > best) {
            *license = words;
            best = fit;
        }
    }
    if (best == SOME_FILES && mixed)
        *license = (fps__span){NULL, 0};
    return machine || best == ALL_FILES; /* some files have stanzas without the line that says so */
}

/* ---- prose ---- */

enum { PROSE_SIZE = 1 << 16 }; /* bytes that are looked at: statements stand at the beginning */

/* The text in lower case with single blanks, without paragraphs that are of some files. */
static void plain_prose(fps__span text, char prose[PROSE_SIZE + 1])
{
    size_t used = 0, at = 0;
    bool skipped = false;
    for (fps__span line; fps__line_next(text, &at, &line);) {
        line = fps__span_trim(line);
        skipped = (skipped && line.size) || fps__span_starts(line, "Files:");
        for (size_t i = 0; !skipped && i < line.size && used < PROSE_SIZE; i++)
            if (line.data[i] > ' ' || (used && prose[used - 1] != ' '))
                prose[used++] = line.data[i] ? (char)tolower(line.data[i]) : ' ';
        if (!skipped && used && used < PROSE_SIZE && prose[used - 1] != ' ')
            prose[used++] = ' ';
    }
    prose[used] = '\0';
}

/* "gnu lesser general public license (lgpl) version 2.1+" as "lgpl-2.1+" in `name`; false for other words. */
static bool read_gnu(const char *words, char name[32])
{
    static const char *const families[][2] = {{"gnu lesser general public license", "lgpl-"},
                                              {"gnu library general public license", "lgpl-"},
                                              {"gnu general public license", "gpl-"}};
    size_t family = 0, count = sizeof families / sizeof *families;
    words += strncmp(words, "the terms of ", 13) ? 0 : 13;
    words += strncmp(words, "the ", 4) ? 0 : 4;
    while (family < count && strncmp(words, families[family][0], strlen(families[family][0])) != 0)
        family++;
    if (family == count)
        return false;
    words += strlen(families[family][0]);
    const char *version = strstr(words, "version ");
    if (!version || version - words > 64)
        return false;
    version += 8;
    size_t digits = strspn(version, "0123456789.");
    while (digits && version[digits - 1] == '.')
        digits--;
    const char *later = strstr(version + digits, "later"), *end = strstr(version + digits, ". ");
    bool or_later = version[digits] == '+' || (later && later - version < 64 && (!end || later < end));
    fps__cursor out = {name, 32, 0, false};
    fps__cursor_text(&out, families[family][1]);
    fps__cursor_put(&out, version, digits);
    fps__cursor_text(&out, or_later ? "+" : "");
    return digits && fps__cursor_finish(&out);
}

/* The licence of "is licensed under ...": the only one, or that of the library. */
static bool find_statement(const char *prose, const char *package, char name[32])
{
    static const char verb[] = "licensed under ";
    bool any = false, one = true, library = false;
    for (const char *at = prose; (at = strstr(at, verb)); at++) {
        char found[32];
        if (!read_gnu(at + sizeof verb - 1, found))
            continue;
        size_t before = (size_t)(at - prose) < 40 ? (size_t)(at - prose) : 40;
        bool of_library = is_library(package) && memmem(at - before, before, "librar", 6);
        one = one && (!any || !strcmp(found, name));
        if (!any || (of_library && !library))
            memcpy(name, found, sizeof found);
        library |= of_library;
        any = true;
    }
    return any && (one || library);
}

/* Where a licence begins that is given in full and has no file of its own in common-licenses; NULL for none. */
static const char *other_text(const char *prose)
{
    static const char *const starts[] = {"redistribution and use in source and binary forms",
                                         "permission is hereby granted", "permission to use, copy, modify"};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *found = strstr(prose, starts[i]);
        first = found && (!first || found < first) ? found : first;
    }
    return first;
}

/* The one licence of /usr/share/common-licenses that the text points to. Behind another licence in full it is that of
 * some files. */
static bool put_common(const char *prose, fps__cursor *out)
{
    static const char folder[] = "/usr/share/common-licenses/";
    const char *other = other_text(prose), *first = strstr(prose, folder);
    char word[32] = "";
    size_t size = 0;
    if (other && other < first)
        return false;
    for (const char *at = prose; (at = strstr(at, folder));) {
        at += sizeof folder - 1;
        size_t length = strcspn(at, " '\"`,;:)>");
        while (length && at[length - 1] == '.')
            length--;
        if (!length || length + 2 > sizeof word || (size && (length != size || memcmp(at, word, size) != 0)))
            return false;
        size = length;
        memcpy(word, at, size);
    }
    bool gnu = !strncmp(word, "gpl-", 4) || !strncmp(word, "lgpl-", 5) || !strncmp(word, "gfdl-", 5);
    if (gnu && strstr(prose, "any later version"))
        word[size++] = '+';
    return size && fps__dpkg_put_license(out, (fps__span){(const uint8_t *)word, size}, false);
}

bool fps__copyright_prose(fps__span copyright, const char *package, fps__cursor *out)
{
    char name[32], prose[PROSE_SIZE + 1];
    plain_prose(copyright, prose);
    if (find_statement(prose, package, name))
        return fps__dpkg_put_license(out, fps__span_of(name), false);
    return put_common(prose, out);
}
