/* Collects the names that an object defines, the names that it uses, and exact hashes of its parts. */
#include "feature/collect.h"
#include "feature/template.h"
#include "feature/version_value.h"

#include "util/search.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    MAX_NAME = 4096,           /* bytes of a name that are hashed; what differs behind them is not seen */
    MAX_VERSIONS = 512,        /* defined versions that are compared with; no program defines more */
    MIN_BUILD_ID = 8,          /* bytes; shorter ones were given by hand */
    MIN_NAMES = 8,             /* names that a table must have before its hash identifies anything */
    MIN_SECTION = 256,         /* bytes; smaller sections are equal by chance */
    MAX_RETURNING = 32,        /* bytes of a function that returns a constant */
    MAX_VALUES = 256,          /* names of one object whose values are read: none has more */
    MAX_RELOCATIONS = 4000000, /* of one object that are looked at for all of them */
};

/* Symbols that every linked object has and that therefore identify none. */
static bool is_linker_symbol(const char *name)
{
    static const char *const names[] = {
        "_init",          "_fini",   "_start",       "main",        "__bss_start",   "_edata",     "edata",
        "_end",           "end",     "__data_start", "_etext",      "etext",         "data_start", "_fp_hw",
        "_IO_stdin_used", "__end__", "_bss_end__",   "__bss_end__", "__bss_start__", "_DYNAMIC"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool defines_version(const fps_object *object, const char *version)
{
    size_t count = fps_object_text_count(object, FPS_TEXT_VERSION_DEFINED);
    for (size_t i = 0; i < count && i < MAX_VERSIONS; i++)
        if (strcmp(fps_object_text(object, FPS_TEXT_VERSION_DEFINED, i), version) == 0)
            return true;
    return false;
}

/* Weak C++ names are templates and inline functions of headers. Every object that uses the header has
 * them. */
static bool is_vague(const fps_symbol *symbol)
{
    return symbol->weak && symbol->name[0] == '_' && symbol->name[1] == 'Z';
}

/* A symbol that a program defines may be a copy relocation: data of a library that the linker placed here.
 * Then it has a version that this object does not define, or it is plain data of an executable. */
static bool is_copied(const fps__collector *collector, const fps_symbol *symbol)
{
    if (collector->info->type != FPS_OBJECT_EXECUTABLE || !symbol->dynamic)
        return false;
    if (symbol->version)
        return !defines_version(collector->object, symbol->version);
    return symbol->type == FPS_SYMBOL_OBJECT;
}

static bool add_text(fps__collector *collector, char class_letter, const char *text, fps__feature_kind kind,
                     uint64_t address)
{
    size_t length = strnlen(text, MAX_NAME);
    if (length == 0)
        return true;
    fps__feature feature = {
        .text = text, .length = (uint32_t)length, .address = address, .offset = UINT64_MAX};
    feature.key = fps__feature_key(fps__feature_name_key(class_letter, text, length), kind);
    return fps__collect(collector, &feature);
}

/* What a library was called before auditwheel put a part of its digest into the name: "libz.so.1.2" of "libz-1a2b3c4d.so.1.2". The
 * soname itself where there is no such part, or it is too long for a name; NULL without memory. */
static const char *original_soname(fps__collector *collector, const char *soname)
{
    enum { DIGITS = 8 };
    const char *end = strnlen(soname, MAX_NAME) < MAX_NAME ? strstr(soname, ".so") : NULL;
    const char *mark = end && end - soname > DIGITS + 1 ? end - DIGITS - 1 : NULL;
    if (!mark || *mark != '-' || strspn(mark + 1, "0123456789abcdef") != DIGITS)
        return soname;
    char *made = fps__arena_text(collector->arena, soname, strlen(soname) - DIGITS - 1);
    if (made)
        memcpy(made + (mark - soname), end, strlen(end));
    return made;
}

/* Adds the soname and its stem: "libz.so.1.2" and "libz.so". Renamed and newer builds share the stem. */
static void add_soname(fps__collector *collector, const char *soname, fps__feature_kind kind)
{
    soname = original_soname(collector, soname);
    if (!soname) {
        collector->status = FPS_ERROR_MEMORY;
        return;
    }
    add_text(collector, 'o', soname, kind, 0);
    const char *stem = strstr(soname, ".so.");
    if (!stem || stem - soname >= MAX_NAME)
        return;
    char *text = fps__arena_text(collector->arena, soname, (size_t)(stem - soname) + 3);
    if (text)
        add_text(collector, 'o', text, kind, 0);
    else
        collector->status = FPS_ERROR_MEMORY;
}

static int compare_address(const void *a, const void *b)
{
    const fps_region *left = *(const fps_region *const *)a, *right = *(const fps_region *const *)b;
    return FPS__COMPARE(left->address, right->address);
}

/* The loaded regions, sorted by address. Without memory NULL, and the collector's status says so. */
static const fps_region **regions_by_address(fps__collector *collector, size_t *loaded)
{
    size_t count = fps_object_region_count(collector->object);
    const fps_region **regions = fps__arena_array(collector->arena, count, sizeof *regions);
    *loaded = 0;
    if (!regions && count)
        collector->status = FPS_ERROR_MEMORY;
    for (size_t i = 0; regions && i < count; i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        if (region->loaded && region->size)
            regions[(*loaded)++] = region;
    }
    if (regions)
        qsort(regions, *loaded, sizeof *regions, compare_address);
    return regions;
}

/* The region that holds an address, NULL for none. */
static const fps_region *region_of(const fps_region **regions, size_t count, uint64_t address)
{
    size_t after; /* the first region that begins behind the address */
    FPS__LOWER_BOUND(after, count, at, regions[at]->address <= address);
    const fps_region *region = after ? regions[after - 1] : NULL;
    return region && address - region->address < region->size ? region : NULL;
}

/* The bytes from an address to the end of its region. */
static fps__span bytes_at(const fps__collector *collector, const fps_region *region, uint64_t address)
{
    uint64_t skipped = address - region->address;
    return fps__span_part(collector->bytes, region->offset + skipped, region->size - skipped);
}

/* The text at an address, which is the version of the feature when it is short and printable. */
static void take_text(fps__feature *feature, fps__span bytes)
{
    size_t length = 0;
    while (length < bytes.size && bytes.data[length] >= ' ' && bytes.data[length] <= '~')
        length++;
    if (length >= 3 && length <= FPS__MAX_VERSION_TEXT && length < bytes.size && bytes.data[length] == 0) {
        feature->version = (const char *)bytes.data;
        feature->version_length = (uint32_t)length;
    }
}

static void take_number(fps__collector *collector, fps__feature *feature, uint64_t number)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    feature->version = fps__arena_text(collector->arena, text, (size_t)length);
    feature->version_length = (uint32_t)length;
    if (!feature->version)
        collector->status = FPS_ERROR_MEMORY;
}

/* The value that a 64-bit pointer at `address` has once the object is loaded: its addend, where a relocation sets it; else what
 * the file holds. 0: none is known. */
static uint64_t pointer_at(fps__collector *collector, uint64_t address, fps__span bytes)
{
    uint16_t machine = collector->info->machine;
    uint32_t relative = machine == EM_X86_64 ? R_X86_64_RELATIVE : R_AARCH64_RELATIVE;
    if ((machine != EM_X86_64 && machine != EM_AARCH64) || bytes.size < 8)
        return 0;
    for (size_t i = 0; i < fps_object_region_count(collector->object); i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        if (strcmp(region->name, ".rela.dyn") != 0)
            continue;
        fps__span table = fps__span_part(collector->bytes, region->offset, region->size);
        for (size_t at = 0; at + sizeof(Elf64_Rela) <= table.size; at += sizeof(Elf64_Rela)) {
            if (collector->relocations++ >= MAX_RELOCATIONS)
                return 0;
            const uint8_t *entry = table.data + at;
            if (fps__get64le(entry) == address && fps__get32le(entry + 8) == relative)
                return fps__get64le(entry + 16);
        }
    }
    return fps__get64le(bytes.data);
}

/* Reads what a variable holds: a text, the address of one, or a number. */
static void read_variable(fps__collector *collector, const fps_region **regions, size_t count,
                          fps__span bytes, fps__feature *feature)
{
    take_text(feature, bytes);
    uint64_t pointer = feature->version ? 0 : pointer_at(collector, feature->address, bytes);
    const fps_region *target = pointer ? region_of(regions, count, pointer) : NULL;
    if (target)
        take_text(feature, bytes_at(collector, target, pointer));
    else if (!feature->version && bytes.size >= 4)
        take_number(collector, feature, fps__get32le(bytes.data));
}

/* Reads what a name stands for that says "version": a function that returns a number or a text, or a text or number
 * itself. */
static void read_version(fps__collector *collector, const fps_region **regions, size_t count,
                         const fps_region *region, fps__feature *feature)
{
    fps__span bytes = bytes_at(collector, region, feature->address);
    fps__returned returned;
    if (!region->executable) {
        read_variable(collector, regions, count, bytes, feature);
        return;
    }
    size_t size = bytes.size < MAX_RETURNING ? (size_t)bytes.size : MAX_RETURNING;
    if (!fps__returned_read(bytes.data, size, feature->address, collector->info->machine, &returned))
        return;
    const fps_region *target = returned.is_address ? region_of(regions, count, returned.value) : NULL;
    if (target)
        take_text(feature, bytes_at(collector, target, returned.value));
    else if (!returned.is_address)
        take_number(collector, feature, returned.value);
}

static void set_offsets(fps__collector *collector, size_t first)
{
    size_t count;
    const fps_region **regions = regions_by_address(collector, &count);
    unsigned values = 0;
    for (size_t i = first; i < collector->items.count && regions; i++) {
        fps__feature *feature = &collector->items.items[i];
        const fps_region *region = region_of(regions, count, feature->address);
        feature->offset = region ? region->offset + (feature->address - region->address) : UINT64_MAX;
        if (region && fps__names_version(feature->text, feature->length) && values++ < MAX_VALUES)
            read_version(collector, regions, count, region, feature);
    }
}

void fps__collect_names(fps__collector *collector)
{
    const fps_object *object = collector->object;
    bool relocatable = collector->info->type == FPS_OBJECT_RELOCATABLE;
    size_t first = collector->items.count;
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        const fps_symbol *symbol = fps_object_symbol(object, i);
        if (!symbol->defined || !symbol->global || symbol->hidden || is_linker_symbol(symbol->name) ||
            is_vague(symbol) || is_copied(collector, symbol))
            continue;
        if (!add_text(collector, 's', symbol->name, FPS__FEATURE_NAME, symbol->address))
            return;
    }
    if (!relocatable)
        set_offsets(collector, first);
    for (size_t i = 0; i < fps_object_text_count(object, FPS_TEXT_VERSION_DEFINED); i++)
        add_text(collector, 'v', fps_object_text(object, FPS_TEXT_VERSION_DEFINED, i), FPS__FEATURE_NAME, 0);
    if (collector->info->soname)
        add_soname(collector, collector->info->soname, FPS__FEATURE_NAME);
}

void fps__collect_uses(fps__collector *collector)
{
    const fps_object *object = collector->object;
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        const fps_symbol *symbol = fps_object_symbol(object, i);
        if (symbol->defined ? is_copied(collector, symbol)
                            : symbol->global || collector->info->format == FPS_FORMAT_PE)
            if (!add_text(collector, 's', symbol->name, FPS__FEATURE_USE, 0))
                return;
    }
    for (size_t i = 0; i < fps_object_text_count(object, FPS_TEXT_NEEDED); i++)
        add_soname(collector, fps_object_text(object, FPS_TEXT_NEEDED, i), FPS__FEATURE_USE);
    for (size_t i = 0; i < fps_object_text_count(object, FPS_TEXT_VERSION_NEEDED); i++) {
        const char *version = strchr(fps_object_text(object, FPS_TEXT_VERSION_NEEDED, i), ':');
        if (version)
            add_text(collector, 'v', version + 1, FPS__FEATURE_USE, 0);
    }
}

/* ---- exact hashes ---- */

static void add_exact(fps__collector *collector, uint64_t hash, const char *what, uint64_t offset)
{
    fps__feature feature = {.offset = offset, .text = what, .length = (uint32_t)strlen(what)};
    feature.key = fps__feature_key(hash, FPS__FEATURE_EXACT);
    fps__collect(collector, &feature);
}

typedef enum symbol_table { ALL_SYMBOLS, IMPORTS, EXPORTS, SYMBOL_TABLES } symbol_table;

static bool in_table(const fps_symbol *symbol, symbol_table table)
{
    if (table == ALL_SYMBOLS)
        return true;
    return symbol->dynamic && symbol->global && symbol->defined == (table == EXPORTS);
}

/* Hashes each table of names twice: the ordered hash chains the hashes of the names, the unordered one adds
 * them. */
static void add_symbol_tables(fps__collector *collector)
{
    static const char *const ordered_names[] = {"symbols in order", "imports in order", "exports in order"};
    static const char *const unordered_names[] = {"symbols", "imports", "exports"};
    uint64_t ordered[SYMBOL_TABLES] = {0}, sum[SYMBOL_TABLES] = {0}, counts[SYMBOL_TABLES] = {0};
    size_t count = fps_object_symbol_count(collector->object);
    for (size_t i = 0; i < count; i++) {
        const fps_symbol *symbol = fps_object_symbol(collector->object, i);
        uint64_t name = XXH3_64bits(symbol->name, strlen(symbol->name));
        for (unsigned t = 0; t < SYMBOL_TABLES; t++) {
            if (!in_table(symbol, (symbol_table)t))
                continue;
            uint64_t pair[2] = {ordered[t], name};
            ordered[t] = XXH3_64bits(pair, sizeof pair);
            sum[t] += name;
            counts[t]++;
        }
    }
    for (unsigned t = 0; t < SYMBOL_TABLES; t++) {
        if (counts[t] < MIN_NAMES)
            continue;
        uint64_t unordered[2] = {sum[t], counts[t]};
        add_exact(collector, ordered[t] ^ t, ordered_names[t], UINT64_MAX);
        add_exact(collector, XXH3_64bits_withSeed(unordered, sizeof unordered, t + 1), unordered_names[t],
                  UINT64_MAX);
    }
}

static void add_sections(fps__collector *collector)
{
    for (size_t i = 0; i < fps_object_region_count(collector->object); i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        bool wanted = region->kind == FPS_REGION_CODE || region->kind == FPS_REGION_READ_ONLY;
        if (!wanted || region->from_segment || !region->loaded || region->size < MIN_SECTION)
            continue;
        fps__span part = fps__span_part(collector->bytes, region->offset, region->size);
        if (part.size)
            add_exact(collector, XXH3_64bits(part.data, part.size),
                      region->kind == FPS_REGION_CODE ? "code section" : "data section", region->offset);
    }
}

void fps__collect_exact(fps__collector *collector)
{
    const fps_object_info *info = collector->info;
    add_exact(collector, XXH3_64bits(collector->bytes.data, collector->bytes.size), "file", 0);
    if (info->build_id && info->build_id_size >= MIN_BUILD_ID)
        add_exact(collector, XXH3_64bits_withSeed(info->build_id, info->build_id_size, 'b'), "build-id",
                  UINT64_MAX);
    add_sections(collector);
    add_symbol_tables(collector);
}
