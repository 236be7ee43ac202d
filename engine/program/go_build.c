/* Go's build information: which modules a program was linked from, and how.
 *
 * It begins with a magic number, the size of a pointer and flags. Go 1.18 and later have the texts behind it, each after its
 * length; Go 1.13 to 1.17 have pointers to two strings (src/debug/buildinfo/buildinfo.go of Go's sources). The list of modules
 * stands between two marks, by which it is found where the rest is gone (src/cmd/go/internal/modload/build.go). */
#include "program/program_reading.h"

#include "util/lines.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAGIC = FPS__GO_MAGIC,
    POINTER_SIZE = 14,
    FLAGS = 15,
    BIG_ENDIAN_FLAG = 1,
    INLINE_FLAG = 2,
    POINTERS = 16,
    TEXTS = 32,
    HEADER = 32,
    MARK = FPS__GO_MARK,
    MAX_VERSION = 256,
    MAX_LIST = 16 << 20, /* bytes; the largest known are below 100 KB */
    MAX_PROPERTY = 4096, /* bytes of one property */
    MAX_PROPERTIES = 64 << 10,
    MAX_CANDIDATES = 4096, /* magic numbers of one object */
};

const char fps__go_magic[FPS__GO_MAGIC + 1] = "\xff Go buildinf:";
const uint8_t fps__go_begin_mark[FPS__GO_MARK] = {0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02,
                                                  0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6};
static const uint8_t end_mark[MARK] = {0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72,
                                       0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2};

typedef struct build {
    fps__program_reading *reading;
    fps__span version;   /* "go1.22.3"; empty when it is gone */
    fps__span list;      /* without its marks; empty when there are no modules */
    unsigned candidates; /* that were looked at */
    fps__listed main;
    fps__span main_version, revision, time;
    bool modified;
    char settings[MAX_PROPERTIES];
    size_t used;
    size_t last; /* index of the dependency that was read last + 1; 0: there is none to replace */
    fps__listed dependency;
} build;

/* ---- where it is ---- */

static uint64_t get_word(const uint8_t *bytes, size_t size, bool big_endian)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[big_endian ? size - 1 - i : i] << 8 * i;
    return value;
}

/* The string whose header, a pointer and a length, is at `address`. */
static fps__span string_at(const build *b, uint64_t address, size_t word, bool big_endian)
{
    fps__span header = fps__program_at(b->reading, address, 2 * word);
    if (!header.size)
        return (fps__span){NULL, 0};
    uint64_t size = get_word(header.data + word, word, big_endian);
    return size > MAX_LIST ? (fps__span){NULL, 0}
                           : fps__program_at(b->reading, get_word(header.data, word, big_endian), size);
}

/* A text behind its length, which is written in groups of seven bits. */
static fps__span take_text(fps__span *rest)
{
    uint64_t size = 0;
    for (unsigned shift = 0; rest->size && shift < 35; shift += 7) {
        uint8_t byte = rest->data[0];
        *rest = fps__span_part(*rest, 1, rest->size - 1);
        size |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        fps__span text = fps__span_part(*rest, 0, size);
        *rest = fps__span_part(*rest, size, text.size == size ? rest->size - size : 0);
        return text;
    }
    return (fps__span){NULL, 0};
}

/* The list between its marks; lists of old programs have lost them to a line feed before the second one. */
static fps__span without_marks(fps__span list)
{
    if (list.size < 2 * MARK + 1 || list.data[list.size - MARK - 1] != '\n')
        return (fps__span){NULL, 0};
    return fps__span_part(list, MARK, list.size - 2 * MARK);
}

static bool is_go_version(fps__span text)
{
    fps__span release;
    return text.size <= MAX_VERSION && (fps__go_release(text, &release) || fps__span_starts(text, "devel"));
}

/* What is at `at`, which begins with the magic number. False where it is a copy of the number alone. */
static bool take_header(build *b, fps__span at)
{
    fps__span list;
    if (at.size < HEADER)
        return false;
    uint8_t word = at.data[POINTER_SIZE], flags = at.data[FLAGS];
    if (flags & INLINE_FLAG) {
        fps__span rest = fps__span_part(at, TEXTS, at.size - TEXTS);
        b->version = take_text(&rest);
        list = take_text(&rest);
    } else if (word == 4 || word == 8) {
        bool big = flags & BIG_ENDIAN_FLAG;
        b->version = string_at(b, get_word(at.data + POINTERS, word, big), word, big);
        list = string_at(b, get_word(at.data + POINTERS + word, word, big), word, big);
    } else {
        return false;
    }
    if (!is_go_version(b->version)) {
        b->version = (fps__span){NULL, 0};
        return false;
    }
    b->list = without_marks(list);
    return true;
}

static bool search_header(build *b, fps__span rest)
{
    while (rest.size && b->candidates < MAX_CANDIDATES && !fps__alarm_rings(&b->reading->alarm)) {
        const uint8_t *at = memmem(rest.data, rest.size, fps__go_magic, MAGIC);
        b->candidates++;
        if (!at)
            break;
        rest = fps__span_part(rest, (size_t)(at - rest.data), rest.size - (size_t)(at - rest.data));
        if (take_header(b, rest))
            return true;
        rest = fps__span_part(rest, MAGIC, rest.size - MAGIC);
    }
    return false;
}

static bool find_header(build *b)
{
    size_t count = b->reading->marks & FPS__MARK_GO_BUILD ? fps_object_region_count(b->reading->object) : 0;
    for (size_t i = 0; i < 2 * count;
         i++) { /* data first: programs that read build information have the number as a text */
        bool data = fps_object_region(b->reading->object, i % count)->kind == FPS_REGION_DATA;
        if (data == (i < count) && search_header(b, fps__program_data(b->reading, i % count)))
            return true;
    }
    return false;
}

/* Finds the list by its marks alone, where the header is gone or its pointers lead nowhere. */
static bool find_marks(build *b)
{
    size_t count = b->reading->marks & FPS__MARK_GO_LIST ? fps_object_region_count(b->reading->object) : 0;
    for (size_t i = 0; i < count; i++) {
        fps__span rest = fps__program_data(b->reading, i);
        const uint8_t *start = rest.size ? memmem(rest.data, rest.size, fps__go_begin_mark, MARK) : NULL;
        if (!start)
            continue;
        rest = fps__span_part(rest, (size_t)(start - rest.data), rest.size - (size_t)(start - rest.data));
        const uint8_t *end = memmem(rest.data, rest.size < MAX_LIST ? rest.size : MAX_LIST, end_mark, MARK);
        b->list =
            end ? without_marks(fps__span_part(rest, 0, (size_t)(end - start) + MARK)) : (fps__span){NULL, 0};
        if (b->list.size)
            return true;
    }
    return false;
}

/* ---- what it says ---- */

/* Removes the quotation marks and backslashes of Go's strconv.Quote, as far as settings have them; the rest stays. */
static size_t unquote(fps__span text, char *plain, size_t size)
{
    bool quoted = text.size > 1 && text.data[0] == '"' && text.data[text.size - 1] == '"';
    size_t used = 0;
    if (quoted)
        text = fps__span_part(text, 1, text.size - 2);
    for (size_t i = 0; i < text.size && used < size; i++) {
        bool escaped = quoted && text.data[i] == '\\' && i + 1 < text.size;
        i += escaped;
        plain[used++] = (char)(escaped && memchr("nrt", text.data[i], 3) ? ' ' : text.data[i]);
    }
    return used;
}

static void put_property(build *b, const char *prefix, fps__span key, fps__span value)
{
    size_t before = b->used, length = strlen(prefix);
    if (length + key.size + value.size + 2 > MAX_PROPERTY || b->used + MAX_PROPERTY > sizeof b->settings)
        return;
    memcpy(b->settings + b->used, prefix, length);
    b->used += length;
    memcpy(b->settings + b->used, key.data, key.size);
    b->used += key.size;
    b->settings[b->used++] = '=';
    memcpy(b->settings + b->used, value.data, value.size);
    b->used += value.size;
    for (size_t i = before; i < b->used; i++)
        if ((uint8_t)b->settings[i] < ' ' || b->settings[i] == 0x7f)
            b->settings[i] = ' ';
    b->settings[b->used++] = '\n';
}

/* "-ldflags=\"-s -w\"" */
static void take_setting(build *b, fps__span line)
{
    char key[MAX_PROPERTY], value[MAX_PROPERTY];
    fps__span name, rest;
    if (!line.size || line.size >= MAX_PROPERTY)
        return;
    const uint8_t *end = line.data[0] == '"' ? memmem(line.data + 1, line.size - 1, "\"=", 2) : NULL;
    if (end) {
        name = fps__span_part(line, 0, (size_t)(end - line.data) + 1);
        rest = fps__span_part(line, name.size + 1, line.size - name.size - 1);
    } else if (!fps__line_split(line, '=', &name, &rest)) {
        return;
    }
    name = (fps__span){(uint8_t *)key, unquote(name, key, sizeof key)};
    put_property(b, "", name, (fps__span){(uint8_t *)value, unquote(rest, value, sizeof value)});
    if (fps__span_is(name, "vcs.revision"))
        b->revision = rest;
    else if (fps__span_is(name, "vcs.time"))
        b->time = rest;
    else if (fps__span_is(name, "vcs.modified"))
        b->modified = fps__span_is(rest, "true");
}

static bool is_devel(fps__span version)
{
    return !version.size || fps__span_is(version, "(devel)");
}

static void put_dependency(build *b)
{
    if (b->last)
        fps__program_add(b->reading, &b->dependency);
    b->last = 0;
}

/* "PROPERTY=VALUE\n" in the arena. */
static const char *one_property(build *b, const char *key, fps__span name, fps__span version)
{
    char text[2048];
    int size = snprintf(text, sizeof text, "%s=%.*s%s%.*s", key, (int)(name.size < 900 ? name.size : 900),
                        (const char *)name.data, version.size ? "@" : "",
                        (int)(version.size < 900 ? version.size : 900), (const char *)version.data);
    char *copy = fps__arena_alloc(b->reading->arena, (size_t)size + 2);
    if (!copy) {
        b->reading->no_memory = true;
        return "";
    }
    snprintf(copy, (size_t)size + 2, "%s\n",
             fps__program_text(b->reading, (fps__span){(uint8_t *)text, (size_t)size}));
    return copy;
}

/* What stands in for the dependency before it: another module, or a folder, which has no version. */
static void take_replacement(build *b, fps__span name, fps__span version)
{
    fps__span old_name = fps__span_of(b->dependency.name), old_version = fps__span_of(b->dependency.version);
    if (!b->last)
        return;
    if (is_devel(version)) {
        b->dependency.properties = one_property(b, "replacedBy", name, (fps__span){NULL, 0});
        b->dependency.version = "";
    } else {
        b->dependency.properties = one_property(b, "replaces", old_name, old_version);
        b->dependency.name = fps__program_text(b->reading, name);
        b->dependency.version = fps__program_text(b->reading, version);
    }
    put_dependency(b);
}

/* The fields of a line, which tabs separate. */
static void take_line(build *b, fps__span line)
{
    fps__span word, name, version = {NULL, 0}, sum = {NULL, 0};
    if (!fps__span_cut(&line, "\t", &word))
        return;
    if (fps__span_is(word, "build")) {
        take_setting(b, line);
        return;
    }
    if (!fps__span_cut(&line, "\t", &name))
        return;
    fps__span_cut(&line, "\t", &version);
    fps__span_cut(&line, "\t", &sum);
    if (fps__span_is(word, "path")) {
        put_property(b, "", fps__span_of("path"), name);
    } else if (fps__span_is(word, "mod")) {
        b->main.name = fps__program_text(b->reading, name);
        b->main_version = version;
    } else if (fps__span_is(word, "dep")) {
        put_dependency(b);
        b->dependency =
            (fps__listed){.kind = FPS_PACKAGE_GOLANG,
                          .name = fps__program_text(b->reading, name),
                          .version = is_devel(version) ? "" : fps__program_text(b->reading, version),
                          .properties = sum.size ? one_property(b, "sum", sum, (fps__span){NULL, 0}) : ""};
        b->last = 1;
    } else if (fps__span_is(word, "=>")) {
        take_replacement(b, name, version);
    }
}

/* Digits of an RFC 3339 time in UTC: "2024-01-02T03:04:05Z" gives "20240102030405". */
static bool plain_time(fps__span time, char digits[15])
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    size_t used = 0;
    if (time.size != sizeof form - 1)
        return false;
    for (size_t i = 0; i < time.size; i++) {
        bool digit = time.data[i] >= '0' && time.data[i] <= '9';
        if (form[i] == 'd' ? !digit : time.data[i] != (uint8_t)form[i])
            return false;
        if (digit)
            digits[used++] = (char)time.data[i];
    }
    digits[used] = '\0';
    return true;
}

/* A main module without a version has the pseudo-version of its commit, as Go writes it (go.dev/ref/mod#pseudo-versions),
 * where that is known, and else none. */
static const char *main_version(build *b)
{
    enum { SHORT = 12 };
    char text[64], digits[15];
    if (!is_devel(b->main_version))
        return fps__program_text(b->reading, b->main_version);
    if (b->revision.size < SHORT || !plain_time(b->time, digits))
        return "";
    int size = snprintf(text, sizeof text, "v0.0.0-%s-%.*s%s", digits, SHORT, (const char *)b->revision.data,
                        b->modified ? "+dirty" : "");
    return fps__program_text(b->reading, (fps__span){(uint8_t *)text, (size_t)size});
}

static void add_standard_library(build *b, const char *settings)
{
    fps__span release;
    fps__listed library = {
        .kind = FPS_PACKAGE_GOLANG, .name = "stdlib", .version = "", .properties = settings};
    if (fps__go_release(b->version, &release))
        library.version = fps__program_text(b->reading, release);
    fps__program_add(b->reading, &library);
}

static void read_list(build *b)
{
    size_t at = 0;
    for (fps__span line; fps__line_next(b->list, &at, &line) && !b->reading->no_memory;)
        take_line(b, line);
    put_dependency(b);
    const char *settings = fps__arena_text(b->reading->arena, b->settings, b->used);
    b->reading->no_memory |= !settings;
    /* Go's own programs are of the modules "cmd" and "std", which come with the standard library. */
    bool own = !strcmp(b->main.name, "cmd") || !strcmp(b->main.name, "std");
    if (*b->main.name && !own && settings) {
        b->main.version = main_version(b);
        b->main.properties = settings;
        fps__program_add(b->reading, &b->main);
        settings = "";
    }
    add_standard_library(b, settings ? settings : "");
}

/* True when the object is a Go program that says so. */
static bool read_build(build *b)
{
    bool found = find_header(b);
    if ((!found || !b->list.size) && !find_marks(b) && !found)
        return false;
    if (b->list.size)
        read_list(b);
    else if (!fps__go_paths_read(b->reading,
                                 b->version)) /* built without modules: names and paths say more */
        add_standard_library(b, "");
    return true;
}

bool fps__go_build_read(fps__program_reading *reading)
{
    build *b = calloc(1, sizeof *b);
    if (!b) {
        reading->no_memory = true;
        return false;
    }
    b->reading = reading;
    b->main = (fps__listed){.kind = FPS_PACKAGE_GOLANG, .name = "", .main = true};
    bool is_go = read_build(b);
    free(b);
    return is_go;
}
