/* Run times that are linked into programs, by what each leaves in a stripped one: OCaml, Swift, Nim, Zig, D, .NET compiled ahead of time,
 * Python compiled by Nuitka. Two things of different kinds at least speak for each, or one whose form has no other use: a word may stand
 * in any program. The version is told where the program states it. */
#include "program/program_reading.h"

#include "util/lines.h"

static const fps__span no_version = {NULL, 0};

static void add(fps__program_reading *reading, const char *name, fps__span version)
{
    fps__program_add_version(reading, FPS_PACKAGE_GENERIC, name, NULL, version, '.');
}

/* How many regions have names that begin so. */
static size_t count_regions(const fps__program_reading *reading, const char *start)
{
    size_t count = 0;
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++)
        count += strncmp(fps_object_region(reading->object, i)->name, start, strlen(start)) == 0;
    return count;
}

/* What stands behind a text in the comments of the linker and the compiler; NULL for none of them. */
static const char *comment_behind(const fps__program_reading *reading, const char *text)
{
    for (size_t i = 0; i < fps_object_text_count(reading->object, FPS_TEXT_COMMENT); i++) {
        const char *found = strstr(fps_object_text(reading->object, FPS_TEXT_COMMENT, i), text);
        if (found)
            return found + strlen(text);
    }
    return NULL;
}

/* True when any region of data has the text, alone between zeros; see fps__program_holds. */
static bool holds(const fps__program_reading *reading, const char *bracketed)
{
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++)
        if (fps__program_holds(fps__program_data(reading, i), bracketed))
            return true;
    return false;
}

/* True when any region of data has the text, also among others: not all languages end their texts with zeros. */
static bool contains(const fps__program_reading *reading, const char *bracketed)
{
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        if (bytes.size && memmem(bytes.data, bytes.size, bracketed + 1, strlen(bracketed) - 2))
            return true;
    }
    return false;
}

/* ---- OCaml ----
 *
 * runtime/startup_aux.c asks a variable of the environment; runtime/fail_nat.c and asmcomp/cmm_helpers.ml give every program the
 * predefined exceptions. The version is a value of the module Sys: a header with the tag 252 and the number of words, the text, and zeros
 * up to the last byte, which says how many they are (runtime/caml/mlvalues.h). */

/* The text of an OCaml string at `at`, with its header before it; empty for anything else. */
static fps__span string_at(const fps__program_reading *reading, fps__span bytes, size_t at)
{
    enum { TAG = 252, COLORS = 0x300, MOST_WORDS = 4 };
    size_t word = reading->info->bits / 8;
    fps__span head = fps__span_part(bytes, at - word, word);
    if (at < word || !head.size)
        return no_version;
    bool big = reading->info->big_endian;
    uint64_t header = word == 8 ? (big ? fps__get64be(head.data) : fps__get64le(head.data))
                                : (big ? fps__get32be(head.data) : fps__get32le(head.data));
    uint64_t words = header >> 10;
    fps__span text = fps__span_part(bytes, at, words <= MOST_WORDS ? words * word : 0);
    if ((header & 0xff) != TAG || header & 0x3ff & ~(uint64_t)(COLORS | 0xff) || !text.size ||
        text.data[text.size - 1] >= word)
        return no_version;
    text.size -= text.data[text.size - 1] + 1u;
    return text;
}

/* "4.14.1" or "5.2.0", as OCaml has numbered its releases: two digits in the middle before 5. */
static bool is_ocaml_release(fps__span text)
{
    size_t size = fps__program_version_length(text, '.');
    if (!size || size > 7 || (size < text.size && text.data[size] != '+' && text.data[size] != '~'))
        return false;
    const uint8_t *dot = memchr(text.data + 2, '.', size - 2);
    if (text.data[1] != '.' || !dot)
        return false;
    size_t middle = (size_t)(dot - text.data) - 2;
    return (text.data[0] == '5' && middle == 1) || (text.data[0] == '4' && middle == 2);
}

/* The release among the strings of the program; none where several could be it. */
static fps__span find_ocaml_release(fps__program_reading *reading)
{
    fps__span found = no_version;
    size_t word = reading->info->bits / 8;
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        for (size_t at = word; at + word <= bytes.size && !fps__alarm_rings(&reading->alarm); at += word) {
            if ((bytes.data[at] != '4' && bytes.data[at] != '5') || bytes.data[at + 1] != '.')
                continue;
            fps__span text = string_at(reading, bytes, at);
            if (!text.size || !is_ocaml_release(text))
                continue;
            text.size = fps__program_version_length(text, '.');
            if (found.size && (found.size != text.size || memcmp(found.data, text.data, text.size) != 0))
                return no_version;
            found = text;
        }
    }
    return found;
}

/* Texts of OCaml's own strings end with zeros and their number, so they do not stand alone between zeros. */
static bool holds_exception(const fps__program_reading *reading)
{
    static const char bracketed[] = "[Undefined_recursive_module]";
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        const uint8_t *found =
            bytes.size ? memmem(bytes.data, bytes.size, bracketed + 1, sizeof bracketed - 3) : NULL;
        size_t size = sizeof bracketed - 3;
        if (found && string_at(reading, bytes, (size_t)(found - bytes.data)).size == size)
            return true;
    }
    return false;
}

static void find_ocaml(fps__program_reading *reading)
{
    if (reading->info->bits && holds(reading, "[OCAMLRUNPARAM]") && holds_exception(reading))
        add(reading, "ocaml", find_ocaml_release(reading));
}

/* ---- .NET compiled ahead of time ----
 *
 * runtime, src/coreclr/nativeaot and src/coreclr/inc/readytorun.h: a header with "RTR", version, flags, the number of sections, the size
 * and type of their entries, and the sections, whose numbers begin at 200; those of images that a .NET run time loads begin at 100. */

static bool is_ready_header(fps__span bytes)
{
    enum { LEAST = 20, MOST_VERSION = 100, MOST_SECTIONS = 200, FIRST = 200, LAST = 399 };
    if (bytes.size < LEAST)
        return false;
    const uint8_t *p = bytes.data;
    uint32_t version = fps__get16le(p + 4), sections = fps__get16le(p + 12), first = fps__get32le(p + 16);
    return version && version < MOST_VERSION && fps__get16le(p + 6) < MOST_VERSION &&
           !(fps__get32le(p + 8) >> 16) && sections && sections <= MOST_SECTIONS &&
           (p[14] == 12 || p[14] == 16 || p[14] == 24) && p[15] == 1 && first >= FIRST && first <= LAST;
}

static bool holds_ready_header(const fps__program_reading *reading)
{
    static const char magic[] = "[RTR\0]";
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        for (size_t at = 0; at < bytes.size;) {
            const uint8_t *found = memmem(bytes.data + at, bytes.size - at, magic + 1, 4);
            if (!found)
                break;
            at = (size_t)(found - bytes.data);
            if (at % 4 == 0 && is_ready_header(fps__span_part(bytes, at, bytes.size - at)))
                return true;
            at += 4;
        }
    }
    return false;
}

/* "10.0.13-servicing.26504.104+COMMIT": that of a release ends at the first word, that of a preview at the commit. */
static fps__span ilc_version(const char *text)
{
    fps__span all = fps__span_of(text), version = all;
    version.size = fps__program_version_length(all, '.');
    const char *rest = text + version.size;
    if (version.size && (strncmp(rest, "-rc.", 4) == 0 || strncmp(rest, "-preview.", 9) == 0 ||
                         strncmp(rest, "-alpha.", 7) == 0))
        version.size += strcspn(rest, "+ ");
    return version;
}

/* Programs of ELF and Mach-O have sections of their own; in PE the header alone tells. */
static void find_native_dotnet(fps__program_reading *reading)
{
    bool named = count_regions(reading, "__modules") && count_regions(reading, "__managedcode");
    if (!named && (reading->info->format != FPS_FORMAT_PE || reading->info->assembly))
        return;
    if (!holds_ready_header(reading))
        return;
    const char *comment = comment_behind(reading, ".NET: ilc ");
    add(reading, "dotnet-nativeaot", comment ? ilc_version(comment) : no_version);
}

/* ---- Swift ----
 *
 * swift, docs and include/swift/ABI/ObjectFile.h: metadata lies in sections of its own, "__swift5_types" in Mach-O, "swift5_types" in ELF,
 * ".sw5tymd" in PE. No program states a version; libswiftCore does. */
static void find_swift(fps__program_reading *reading)
{
    size_t count = count_regions(reading, "__swift5_") + count_regions(reading, "swift5_") +
                   count_regions(reading, ".sw5");
    const char *comment = comment_behind(reading, "Swift version ");
    fps__span version = comment ? fps__span_of(comment) : no_version;
    version.size = fps__program_version_length(version, '.');
    if (count >= 2)
        add(reading, "swift", version);
}

/* ---- Nim ----
 *
 * lib/system/excpt.nim: what its handler of signals says, and the error that any program can raise, by its names before and after 1.4. Paths
 * of its library ("/nim-1.6.10/lib/system.nim") are in programs whose errors say where they were raised. */

static fps__span nim_version(fps__program_reading *reading)
{
    static const char folder[] = "[/nim-]", behind[] = "/lib/";
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span bytes = fps__program_data(reading, i);
        for (size_t at = 0; at < bytes.size && !fps__alarm_rings(&reading->alarm);) {
            const uint8_t *found = memmem(bytes.data + at, bytes.size - at, folder + 1, sizeof folder - 3);
            if (!found)
                break;
            at = (size_t)(found - bytes.data) + sizeof folder - 3;
            fps__span text = fps__span_part(bytes, at, bytes.size - at);
            size_t size = fps__program_version_length(text, '.');
            if (size && fps__span_has(text, size, sizeof behind - 1) &&
                memcmp(text.data + size, behind, sizeof behind - 1) == 0)
                return fps__span_part(text, 0, size);
        }
    }
    return no_version;
}

static void find_nim(fps__program_reading *reading)
{
    static const char segv[] = "[SIGSEGV: Illegal storage access. (Attempt to read from nil?)\n]";
    if (contains(reading, segv) && (holds(reading, "[ReraiseDefect]") || holds(reading, "[ReraiseError]")))
        add(reading, "nim", nim_version(reading));
}

/* ---- Zig ----
 *
 * Zig links by an LLD that it builds itself, and says so in the comment; with what it links comes its compiler_rt, also where it compiles C.
 * Later ones leave that out: then the name of the producer in the debug data tells (src/codegen/llvm.zig, "zig 0.13.0"). Other formats
 * have neither; what a program says as it panics (lib/std/debug.zig) tells the language there. */

static fps__span zig_producer(fps__program_reading *reading)
{
    static const char producer[] = "[\0zig ]";
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        const fps_region *region = fps_object_region(reading->object, i);
        if (strcmp(region->name, ".debug_str") != 0)
            continue;
        fps__span bytes = fps__span_part(reading->bytes, region->offset, region->size);
        for (size_t at = 0; at < bytes.size && !fps__alarm_rings(&reading->alarm);) {
            const uint8_t *found = memmem(bytes.data + at, bytes.size - at, producer + 1, 5);
            if (!found)
                break;
            at = (size_t)(found - bytes.data) + 5;
            fps__span text = fps__span_part(bytes, at, bytes.size - at);
            size_t size = fps__program_version_length(text, '.');
            if (size && (size == text.size || !text.data[size] || text.data[size] == '-'))
                return fps__span_part(text, 0, size);
        }
    }
    return no_version;
}

static void find_zig(fps__program_reading *reading)
{
    static const char stripped[] = "[Unable to dump stack trace: debug info stripped]";
    static const char again[] = "[aborting due to recursive panic]";
    bool made = comment_behind(reading, "(https://github.com/ziglang/zig-bootstrap ");
    bool elf = reading->info->format == FPS_FORMAT_ELF;
    fps__span version = made || comment_behind(reading, "Linker: LLD ") ? zig_producer(reading) : no_version;
    made |= !elf && contains(reading, stripped) && contains(reading, again);
    if (made || version.size)
        add(reading, "zig", version);
}

/* ---- D ----
 *
 * Each compiler puts the information on modules into a section (dmd and gdc "minfo", ldc "__minfo"; druntime, rt/sections_elf_shared.d), and
 * programs have functions of druntime, or the names of the classes that its errors have. */
static void find_d(fps__program_reading *reading)
{
    if (!count_regions(reading, "minfo") && !count_regions(reading, "__minfo") &&
        !count_regions(reading, ".minfo"))
        return;
    bool druntime =
        contains(reading, "[object.Throwable]") && contains(reading, "[core.exception.RangeError]");
    for (size_t i = 0; !druntime && i < fps_object_symbol_count(reading->object); i++) {
        const char *name = fps_object_symbol(reading->object, i)->name;
        druntime = strcmp(name, "_d_run_main") == 0 || strcmp(name, "_d_dso_registry") == 0 ||
                   strcmp(name, "__gdc_personality_v0") == 0;
    }
    const char *ldc = comment_behind(reading, "ldc version ");
    fps__span version = ldc ? fps__span_of(ldc) : no_version;
    version.size = fps__program_version_length(version, '.');
    if (version.size)
        add(reading, "ldc", version);
    else if (druntime)
        add(reading, "druntime", no_version);
}

/* ---- Nuitka ----
 *
 * nuitka, build/static_src/CompiledFunctionType.c and MetaPathBasedLoader.c: the name of the type of compiled functions, and of the tuple that
 * each compiled module has. The version is made of numbers in code. */
static void find_nuitka(fps__program_reading *reading)
{
    if (holds(reading, "[compiled_function]") && holds(reading, "[compiled_generator]") &&
        holds(reading, "[__nuitka_version__]"))
        add(reading, "nuitka", no_version);
}

void fps__runtimes_read(fps__program_reading *reading)
{
    if (reading->info->format == FPS_FORMAT_NONE)
        return;
    find_ocaml(reading);
    find_native_dotnet(reading);
    find_swift(reading);
    find_nim(reading);
    find_zig(reading);
    find_d(reading);
    find_nuitka(reading);
}
