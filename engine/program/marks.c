/* Marks that compilers and generators leave in what they make, with their version: Cython, Free Pascal, GHC and the packages of
 * Haskell, and what the section "producers" of a WebAssembly module says. */
#include "program/program_reading.h"

#include "util/lines.h"

#include <stdio.h>

enum { MAX_VERSION = 40, MAX_ID = 120 };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

size_t fps__program_version_length(fps__span text, uint8_t dot)
{
    size_t at = 0, numbers = 0;
    for (;;) {
        size_t start = at;
        while (at < text.size && at - start < 10 && is_digit(text.data[at]))
            at++;
        if (at == start)
            return numbers >= 2 ? at - 1 : 0;
        numbers++;
        if (at >= text.size || text.data[at] != dot || at >= MAX_VERSION)
            return numbers >= 2 ? at : 0;
        at++;
    }
}

void fps__program_add_version(fps__program_reading *reading, fps_package_kind kind, const char *name,
                              const char *purl, fps__span version, uint8_t dot)
{
    char text[MAX_VERSION + 12];
    size_t size = version.size < sizeof text ? version.size : sizeof text;
    for (size_t i = 0; i < size; i++)
        text[i] = version.data[i] == dot ? '.' : (char)version.data[i];
    const fps__listed listed = {.kind = kind,
                                .name = name,
                                .version = fps__program_text(reading, (fps__span){(uint8_t *)text, size}),
                                .properties = "",
                                .purl = purl};
    fps__program_add(reading, &listed);
}

/* "_cython_3_0_8", the module of the types that Cython's code shares (Cython, Cython/Utility/CommonStructures.c). */
static void take_cython(fps__program_reading *reading, fps__span text)
{
    size_t size = fps__program_version_length(text, '_');
    if (size)
        fps__program_add_version(reading, FPS_PACKAGE_GENERIC, "cython", NULL, fps__span_part(text, 0, size),
                                 '_');
}

/* "FPC 3.2.2+dfsg-20 [2023/03/30] for x86_64 - Linux" (Free Pascal, compiler/ngenutil.pas). */
static void take_pascal(fps__program_reading *reading, fps__span text)
{
    static const char target[] = "] for ";
    size_t size = fps__program_version_length(text, '.');
    fps__span line = fps__span_part(text, 0, text.size < MAX_ID ? text.size : MAX_ID);
    if (size && memmem(line.data, line.size, target, sizeof target - 1))
        fps__program_add_version(reading, FPS_PACKAGE_GENERIC, "fpc", NULL, fps__span_part(text, 0, size),
                                 '.');
}

/* "9.0.2/" behind "-ghc-": a folder of libraries, whose path a program holds. */
static void take_ghc(fps__program_reading *reading, fps__span text)
{
    size_t size = fps__program_version_length(text, '.');
    if (size && size < text.size && (text.data[size] == '/' || !text.data[size]))
        fps__program_add_version(reading, FPS_PACKAGE_GENERIC, "ghc", NULL, fps__span_part(text, 0, size),
                                 '.');
}

typedef struct mark {
    const char *text;
    void (*take)(fps__program_reading *reading, fps__span behind);
    fps__program_mark bit; /* of fps__program_reading.marks */
} mark;

static void find_mark(fps__program_reading *reading, fps__span bytes, const mark *m)
{
    enum { MOST = 1 << 16 };
    size_t size = strlen(m->text), at = 0, count = 0;
    while (bytes.size - at >= size && count++ < MOST && !fps__alarm_rings(&reading->alarm)) {
        const uint8_t *found = memmem(bytes.data + at, bytes.size - at, m->text, size);
        if (!found)
            return;
        at = (size_t)(found - bytes.data) + size;
        m->take(reading, fps__span_part(bytes, at, bytes.size - at));
    }
}

/* ---- Haskell ----
 *
 * Each module names its package, "text-1.2.5.0", as a text (GHC, "Module" of GHC.Types); what Cabal builds has a hash behind that. */

/* Splits "NAME-1.2.3" and "NAME-1.2.3-HASH"; false for what is no such id. */
static bool split_id(fps__span id, fps__span *name, fps__span *version)
{
    enum { LEAST_HASH = 20, MOST_HASH = 64 };
    if (!id.size || id.size > MAX_ID || !is_letter(id.data[0]))
        return false;
    for (size_t i = 1; i + 1 < id.size; i++) {
        uint8_t c = id.data[i];
        if (c == '-' && is_digit(id.data[i + 1])) {
            fps__span rest = fps__span_part(id, i + 1, id.size - i - 1);
            size_t size = fps__program_version_length(rest, '.'), behind = rest.size - size;
            bool hash = behind > LEAST_HASH && behind <= MOST_HASH && rest.data[size] == '-';
            *name = fps__span_part(id, 0, i);
            *version = fps__span_part(rest, 0, size);
            return size && (!behind || hash);
        }
        if (!is_letter(c) && !is_digit(c) && c != '-')
            return false;
    }
    return false;
}

static void take_id(fps__program_reading *reading, fps__span text)
{
    char purl[MAX_ID + MAX_VERSION + 20];
    fps__span name, version;
    if (!split_id(text, &name, &version))
        return;
    snprintf(purl, sizeof purl, "pkg:hackage/%.*s@%.*s", (int)name.size, (const char *)name.data,
             (int)version.size, (const char *)version.data);
    const char *kept = fps__program_text(reading, (fps__span){(uint8_t *)purl, strlen(purl)});
    fps__program_add_version(reading, FPS_PACKAGE_GENERIC, fps__program_text(reading, name), kept, version,
                             '.');
}

static void take_ids(fps__program_reading *reading, fps__span bytes)
{
    for (size_t at = 0; at < bytes.size && !reading->no_memory;) {
        const uint8_t *end = memchr(bytes.data + at, '\0', bytes.size - at);
        size_t size = end ? (size_t)(end - bytes.data) - at : bytes.size - at;
        if (fps__alarm_rings(&reading->alarm))
            return;
        if (end && size > 4)
            take_id(reading, fps__span_part(bytes, at, size));
        at += size + 1;
    }
}

bool fps__program_holds(fps__span bytes, const char *bracketed)
{
    const char *text = bracketed + 1;
    size_t size = strlen(bracketed) - 2;
    for (size_t at = 1; at < bytes.size;) {
        const uint8_t *found = memmem(bytes.data + at, bytes.size - at, text, size);
        if (!found)
            return false;
        at = (size_t)(found - bytes.data) + size;
        if (found[-1] == '\0' && at < bytes.size && bytes.data[at] == '\0')
            return true;
    }
    return false;
}

/* The run-time system and the module that all others build on. */
static bool is_haskell(const fps__program_reading *reading)
{
    bool has_package = false, has_module = false;
    if (!(reading->marks & FPS__MARK_GHC_PACKAGE) || !(reading->marks & FPS__MARK_GHC_MODULE))
        return false;
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        has_package |= fps__program_holds(bytes, "[ghc-prim]");
        has_module |= fps__program_holds(bytes, "[GHC.Types]");
    }
    return has_package && has_module;
}

/* ---- WebAssembly ---- */

/* "processed-by: rustc 1.70.0 (90c541806 2023-05-31)" */
static void take_producers(fps__program_reading *reading)
{
    static const char rustc[] = "processed-by: rustc ";
    for (size_t i = 0; i < fps_object_text_count(reading->object, FPS_TEXT_COMMENT); i++) {
        const char *text = fps_object_text(reading->object, FPS_TEXT_COMMENT, i);
        if (strncmp(text, rustc, sizeof rustc - 1) != 0)
            continue;
        fps__span version = fps__span_of(text + sizeof rustc - 1);
        version.size = fps__program_version_length(version, '.');
        if (version.size)
            fps__program_add_version(reading, FPS_PACKAGE_CARGO, "std", NULL, version, '.');
    }
}

void fps__marks_read(fps__program_reading *reading)
{
    static const mark marks[] = {{"_cython_", take_cython, FPS__MARK_CYTHON},
                                 {"FPC ", take_pascal, FPS__MARK_PASCAL}};
    static const mark ghc = {"-ghc-", take_ghc, FPS__MARK_GHC_PACKAGE};
    bool haskell = is_haskell(reading);
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        if (!bytes.size)
            continue;
        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
            if (reading->marks & marks[k].bit)
                find_mark(reading, bytes, &marks[k]);
        if (!haskell)
            continue;
        find_mark(reading, bytes, &ghc);
        take_ids(reading, bytes);
    }
    if (reading->info->format == FPS_FORMAT_NONE)
        take_producers(reading);
}
