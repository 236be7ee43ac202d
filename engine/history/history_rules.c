/* What counts in a history: which files of a source tree, which tags and archives, and what version they are of. */
#include "history/history_rules.h"

#include <ctype.h>
#include <stdio.h>

enum { MAX_GROUPS = 10, MAX_FOLDER = 64 };

/* ---- files ---- */

static const char *const source_suffixes[] = {
    "c", "h",    "cc",   "cpp",   "cxx",  "c++", "hpp",   "hh",  "hxx", "inc", "inl", "def",
    "y", "l",    "yy",   "ll",    "tab",  "tbl", "gperf", "rl",  "ipp", "tcc", "re",  "C",
    "H", "c.in", "h.in", "cc.in", "pl.c", "m",   "mm",    "asm", "S",   "s",   NULL};
static const char *const header_suffixes[] = {"h", "hh", "hpp", "hxx", "h.in", NULL};
static const char *const export_suffixes[] = {"def", "sym", "map", "ver", "syms", "export", "exports", NULL};
static const char *const build_files[] = {"configure.ac", "configure.in", "CMakeLists.txt", "meson.build",
                                          NULL};

/* Folders, in lower case, that hold what is not in the component's own binaries. */
static const char *const left_out[] = {
    "test",       "tests",        "testing",    "testsuite",    "testdata",    "t",
    "ossfuzz",    "example",      "examples",   "doc",          "docs",        "documentation",
    "benchmarks", "perf",         "demo",       "demos",        "sample",      "samples",
    "unittest",   "unittests",    "unit-test",  "unit-tests",   "unit_test",   "unit_tests",
    "gtest",      "googletest",   "gmock",      "msvc",         "vcbuild",     "vms",
    "os400",      "amiga",        "symbian",    "wince",        "packages",    "packaging",
    "java",       "jni",          "python",     "ruby",         "perl",        "csharp",
    "go",         "rust",         "swift",      "thirdparty",   "third-party", "third_party",
    "3rdparty",   "3rd-party",    "3rd_party",  "vendor",       "vendored",    "extern",
    "external",   "externals",    "deps",       "dependencies", "subprojects", "bundled",
    "contrib",    "node_modules", "submodules", "site",         "www",         "website",
    "po",         "m4",           NULL};
static const char *const left_out_prefixes[] = {"fuzz", "bench", "test-", "test_", NULL};

static bool is_listed(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(word, *list))
            return true;
    return false;
}

static bool has_suffix(const char *name, const char *const *suffixes)
{
    size_t length = strlen(name);
    for (; *suffixes; suffixes++) {
        size_t size = strlen(*suffixes);
        if (length > size && name[length - size - 1] == '.' && !strcmp(name + length - size, *suffixes))
            return true;
    }
    return false;
}

/* "fuzz", "fuzzing", "test-data", but not "fuzz.d": the rest must be one word. */
static bool is_left_out(const char *part, size_t length)
{
    char word[MAX_FOLDER];
    if (length >= sizeof word)
        return false;
    for (size_t i = 0; i < length; i++)
        word[i] = (char)tolower((unsigned char)part[i]);
    word[length] = '\0';
    if (is_listed(word, left_out))
        return true;
    for (const char *const *prefix = left_out_prefixes; *prefix; prefix++) {
        size_t size = strlen(*prefix), at = size;
        if (strncmp(word, *prefix, size))
            continue;
        while (isalnum((unsigned char)word[at]) || word[at] == '_')
            at++;
        if (!word[at] && (at > size || (*prefix)[size - 1] == 'z' || (*prefix)[size - 1] == 'h'))
            return true;
    }
    return false;
}

const char *fps__history_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

unsigned fps__history_file_kind(const char *path, unsigned depth)
{
    const char *base = fps__history_base_name(path);
    unsigned kind = has_suffix(base, source_suffixes) ? FPS__HISTORY_SOURCE : 0;
    if (has_suffix(base, header_suffixes))
        kind |= FPS__HISTORY_HEADER;
    else if (has_suffix(base, export_suffixes))
        kind |= FPS__HISTORY_EXPORTS;
    unsigned folders = 0;
    const char *part = path;
    for (const char *slash; (slash = strchr(part, '/')); part = slash + 1, folders++)
        if (kind && is_left_out(part, (size_t)(slash - part)))
            return 0;
    if (!kind && folders <= depth && is_listed(base, build_files))
        return FPS__HISTORY_BUILD;
    return kind;
}

/* ---- versions of tags ---- */

static const char *const candidate_words[] = {
    "rc",        "alpha",   "beta",     "pre",      "dev",        "snap",  "test",    "milestone", "preview",
    "candidate", "nightly", "unstable", "snapshot", "prerelease", "devel", "testing", NULL};

/* Words such as "rc" make a tag no release: behind the first digit also where a longer word begins so, before it only
 * as a word of their own, since "device-mapper-1.2" is one. */
static bool is_candidate(const char *tag)
{
    bool digit = false;
    for (size_t i = 0; tag[i];) {
        char word[16];
        size_t length = 0, start = i;
        while (isalpha((unsigned char)tag[i])) {
            if (length + 1 < sizeof word)
                word[length++] = (char)tolower((unsigned char)tag[i]);
            i++;
        }
        word[length] = '\0';
        for (const char *const *known = candidate_words; length && *known; known++)
            if (!strcmp(word, *known) || (digit && !strncmp(word, *known, strlen(*known))))
                return true;
        if (length == 1 && word[0] == 'b' && isdigit((unsigned char)tag[i]) && start &&
            (tag[start - 1] == '-' || tag[start - 1] == '_'))
            return true;
        if (i == start)
            digit |= isdigit((unsigned char)tag[i++]) != 0;
    }
    return false;
}

/* Appends text[0..size) with "-" and "_" as "."; false when it does not fit. */
static bool append_version(char version[FPS__MAX_VERSION], const char *text, size_t size)
{
    size_t used = strlen(version);
    for (size_t i = 0; i < size; i++) {
        char c = text[i] == '-' || text[i] == '_' ? '.' : text[i];
        if ((unsigned char)c <= ' ' || (unsigned char)c >= 0x7f)
            return false;
        if (c == '.' && (!used || version[used - 1] == '.'))
            continue;
        if (used + 1 >= FPS__MAX_VERSION)
            return false;
        version[used++] = c;
    }
    while (used && version[used - 1] == '.')
        used--;
    version[used] = '\0';
    return true;
}

/* What a pattern's groups say. False when it has none, or they hold nothing. */
static bool read_groups(const char *tag, const regex_t *pattern, char version[FPS__MAX_VERSION],
                        bool *matched)
{
    regmatch_t groups[MAX_GROUPS];
    *matched = regexec(pattern, tag, MAX_GROUPS, groups, 0) == 0;
    for (size_t i = 1; *matched && i < MAX_GROUPS && i <= pattern->re_nsub; i++) {
        if (groups[i].rm_so < 0 || groups[i].rm_eo <= groups[i].rm_so)
            continue;
        if (*version && !append_version(version, "", 0))
            return false;
        size_t used = strlen(version);
        if (used && used + 2 < FPS__MAX_VERSION)
            memcpy(version + used, ".", 2);
        if (!append_version(version, tag + groups[i].rm_so, (size_t)(groups[i].rm_eo - groups[i].rm_so)))
            return false;
    }
    return *matched && *version;
}

/* Where a version ends that begins at the digit `text`: digits with one of `separators` between, and a letter or "pN" at
 * the end. NULL unless that is the end of the text. */
static const char *version_end(const char *text, const char *separators, bool *separated)
{
    *separated = false;
    while (isdigit((unsigned char)*text)) {
        while (isdigit((unsigned char)*text))
            text++;
        if (!*text || !strchr(separators, *text) || !isdigit((unsigned char)text[1]))
            break;
        *separated = true;
        text++;
    }
    const char *tail = text;
    if (*tail && strchr("._-", *tail))
        tail++;
    if (*tail == 'p' && isdigit((unsigned char)tail[1])) {
        tail++;
        while (isdigit((unsigned char)*tail))
            tail++;
        return *tail ? NULL : tail;
    }
    if (*tail >= 'a' && *tail <= 'z' && !tail[1])
        return tail + 1;
    return *text ? NULL : text;
}

/* Passes over a prefix that is the component's name, whatever separates its words. */
static const char *skip_component(const char *tag, const char *component)
{
    const char *at = tag;
    for (; component && *component; component++) {
        if (!isalnum((unsigned char)*component))
            continue;
        while (*at && !isalnum((unsigned char)*at))
            at++;
        if (tolower((unsigned char)*at) != tolower((unsigned char)*component))
            return tag;
        at++;
    }
    return component && *at && !isalnum((unsigned char)*at) ? at : tag;
}

bool fps__history_tag_version(const char *tag, const regex_t *pattern, const char *component,
                              char version[FPS__MAX_VERSION])
{
    version[0] = '\0';
    bool matched = true;
    if (pattern && read_groups(tag, pattern, version, &matched))
        return true;
    version[0] = '\0';
    if (!matched || is_candidate(tag))
        return false;
    tag = skip_component(tag, component);
    /* With points first, so that the 2 of "libssh2-1.9" is no part of it; then with any separator. */
    for (int pass = 0; pass < 2; pass++)
        for (const char *at = tag; *at; at++) {
            bool separated, begins = at == tag || !isdigit((unsigned char)at[-1]);
            if (!isdigit((unsigned char)*at) || !begins)
                continue;
            if (!pass && at > tag && !strchr("-_/", at[-1]) && !isalpha((unsigned char)at[-1]))
                continue;
            const char *end = version_end(at, pass ? "._-" : ".", &separated);
            if (end && (pass || separated))
                return append_version(version, at, (size_t)(end - at)) && *version;
        }
    return false;
}

/* ---- archives ---- */

void fps__history_archive_name(const char *path, char name[FPS__MAX_VERSION], char version[FPS__MAX_VERSION])
{
    static const char *const suffixes[] = {".gz",    ".xz",   ".bz2", ".zst",    ".lzma", ".lz4",
                                           ".Z",     ".tar",  ".tgz", ".txz",    ".tbz",  ".zip",
                                           ".crate", ".orig", "-src", "-source", "_src",  NULL};
    char text[256];
    snprintf(text, sizeof text, "%s", fps__history_base_name(path));
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        size_t length = strlen(text), size = strlen(*suffix);
        if (length > size && !strcmp(text + length - size, *suffix))
            text[length - size] = '\0';
    }
    char *at = text;
    while (*at && !((*at == '-' || *at == '_') &&
                    (isdigit((unsigned char)at[1]) || (at[1] == 'v' && isdigit((unsigned char)at[2])))))
        at++;
    version[0] = '\0';
    if (*at) {
        *at++ = '\0';
        char upstream[FPS__MAX_VERSION];
        char full[sizeof text + 2];
        snprintf(full, sizeof full, "%s-1",
                 at + (*at == 'v')); /* Debian's, whose ".orig" lacks the revision */
        if (fps__version_upstream(full, FPS__VERSION_DEBIAN, upstream))
            snprintf(version, FPS__MAX_VERSION, "%s", upstream);
    }
    snprintf(name, FPS__MAX_VERSION, "%.*s", FPS__MAX_VERSION - 1, text);
}

/* ---- texts ---- */

static bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

uint8_t fps__history_text_class(const char *text, size_t size)
{
    enum { LETTERS = 1, WORDS = 2, ENOUGH = 4 };
    size_t letters = 0, run = 0, before = 0;
    bool words = false;
    for (size_t i = 0; i < size; i++) {
        if (is_ascii_letter(text[i])) {
            letters++;
            run++;
            words |= run == 2 && before >= 2;
        } else {
            before = text[i] == ' ' ? run : 0;
            run = 0;
        }
    }
    return (uint8_t)((letters >= ENOUGH ? LETTERS : 0) | (words ? WORDS : 0));
}

bool fps__history_has_version(const char *text, size_t size, const char *version)
{
    size_t length = strlen(version);
    const char *at = text;
    while (length && (at = memmem(at, size - (size_t)(at - text), version, length))) {
        const char *end = at + length;
        size_t left = size - (size_t)(end - text);
        bool before = at > text && (isdigit((unsigned char)at[-1]) || at[-1] == '.');
        bool behind =
            left >= 2 && (isdigit((unsigned char)end[0]) || end[0] == '.') && isdigit((unsigned char)end[1]);
        if (!before && !behind)
            return true;
        at++;
    }
    return false;
}
