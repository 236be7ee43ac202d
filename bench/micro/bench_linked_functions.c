/* Compares the functions of archives with those of a program linked from them: how many have the same key in
 * both.
 *
 *   bench_linked_functions [-m INSTRUCTIONS] [-v] PROGRAM FILE.a|FILE.o ...
 *
 * PROGRAM must not be stripped. Its functions are looked up in the archives by name (every alias) and size;
 * those with fewer than INSTRUCTIONS (default 8) are left out. Prints, for each archive, how many C and C++
 * functions were linked and how many of them have the same key; with -v also the others, one per line. If
 * several functions share a name (mostly static ones), one with the same key is enough.
 *
 *   bench_linked_functions -s [-m INSTRUCTIONS] [-v] FILE.a ...
 *
 * Prints how many distinct keys the archives' functions of at least INSTRUCTIONS (default 16) have, and how
 * many of these keys occur in several archives under different names, by chance or because code was copied
 * and renamed.
 */
#include "code/functions.h"
#include "util/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_ENTRIES = 8000000 };

typedef struct entry {
    const char *name;
    uint64_t address, size, hash;
    uint32_t instructions, archive;
    bool same;
} entry;

typedef FPS__ARRAY(entry) entries;

typedef struct tally {
    const char *path;
    uint64_t linked[2], same[2]; /* C, C++ */
} tally;

typedef struct bench {
    entries archives, program;
    fps__code_buffer buffer;
    tally *tallies;
    uint32_t minimum;
    bool verbose;
    bool shared; /* -s: count keys that functions of different names share */
} bench;

static void die(const char *what, const char *path)
{
    fprintf(stderr, "bench_linked_functions: %s: %s\n", path, what);
    exit(1);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("cannot be read", path);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*size + 1);
    if (!data || fread(data, 1, *size, file) != *size)
        die("cannot be read", path);
    fclose(file);
    return data;
}

/* Finds the bytes of a symbol; false unless they are one contiguous run. */
static bool place(const fps_object *object, const fps_symbol *symbol, fps__function *function)
{
    bool relocatable = fps_object_get_info(object)->type == FPS_OBJECT_RELOCATABLE;
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        uint64_t at = symbol->address - region->address;
        if (!region->executable || (relocatable && region->section != symbol->section))
            continue;
        if (symbol->address < region->address || at >= region->size || symbol->size > region->size - at)
            continue;
        function->address = symbol->address;
        function->offset = region->offset + at;
        function->size = (uint32_t)symbol->size;
        return true;
    }
    return false;
}

static void take_object(bench *b, const fps_object *object, const uint8_t *data, uint32_t archive,
                        entries *to)
{
    const fps__machine *machine = fps__machine_find(fps_object_get_info(object));
    for (size_t i = 0; machine && i < fps_object_symbol_count(object); i++) {
        const fps_symbol *symbol = fps_object_symbol(object, i);
        fps__function function = {.name = symbol->name};
        if (symbol->type != FPS_SYMBOL_FUNCTION || !symbol->defined || symbol->size == 0 ||
            symbol->size > UINT32_MAX || !place(object, symbol, &function))
            continue;
        fps__code code = fps__function_code(object, data, &function);
        fps__code_result result;
        if (machine->normalise(&code, &b->buffer, &result) != FPS_OK ||
            FPS__ARRAY_RESERVE(to, 1, MAX_ENTRIES) != FPS_OK)
            die("out of memory", symbol->name);
        to->items[to->count++] = (entry){.name = strdup(symbol->name),
                                         .address = symbol->address,
                                         .size = symbol->size,
                                         .hash = result.hash,
                                         .instructions = result.instructions,
                                         .archive = archive};
    }
}

static void take_bytes(bench *b, const uint8_t *data, size_t size, uint32_t archive, entries *to)
{
    fps_object *object;
    if (fps_object_open(&object, data, size, NULL, NULL) != FPS_OK)
        return;
    take_object(b, object, data, archive, to);
    fps_object_free(object);
}

static void take_file(bench *b, const char *path, uint32_t archive, entries *to)
{
    size_t size;
    uint8_t *data = read_file(path, &size);
    fps_ar *ar;
    if (fps_object_identify(data, size) == FPS_FORMAT_ELF) {
        take_bytes(b, data, size, archive, to);
    } else if (fps_ar_open(&ar, data, size, NULL) == FPS_OK) {
        fps_ar_member member;
        while (fps_ar_next(ar, &member, NULL) == FPS_OK)
            take_bytes(b, member.data, member.size, archive, to);
        fps_ar_free(ar);
    } else {
        die("neither ELF nor an archive", path);
    }
    free(data);
}

static int compare_names(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

static int compare_addresses(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return compare_names(left, right);
}

static void sort(entries *list, int (*compare)(const void *, const void *))
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare);
}

/* The best entry of the archives: one with the same key, else any with this name and size, else NULL. */
static const entry *counterpart(const bench *b, const entry *linked)
{
    size_t low = 0, high = b->archives.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(&b->archives.items[middle], linked) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const entry *found = NULL;
    for (size_t i = low; i < b->archives.count; i++) {
        const entry *candidate = &b->archives.items[i];
        if (compare_names(candidate, linked) != 0)
            break;
        if (candidate->hash == linked->hash)
            return candidate;
        if (!found)
            found = candidate;
    }
    return found;
}

/* Counts the aliases [first, end) of one address of the program as one function. */
static void judge(bench *b, size_t first, size_t end)
{
    const entry *best = NULL, *linked = NULL;
    for (size_t i = first; i < end; i++) {
        const entry *other = counterpart(b, &b->program.items[i]);
        if (other && (!best || other->hash == b->program.items[i].hash)) {
            best = other;
            linked = &b->program.items[i];
        }
    }
    if (!best || best->instructions < b->minimum)
        return;
    tally *t = &b->tallies[best->archive];
    bool cxx = strncmp(best->name, "_Z", 2) == 0;
    t->linked[cxx]++;
    if (best->hash == linked->hash)
        t->same[cxx]++;
    else if (b->verbose)
        printf("differs\t%s\t%s\t%#llx\t%u\t%u\n", t->path, best->name, (unsigned long long)linked->address,
               best->instructions, linked->instructions);
}

static void print_row(const char *name, const uint64_t linked[2], const uint64_t same[2])
{
    printf("%-28s", name);
    for (int i = 0; i < 2; i++)
        printf(" %8llu %8llu %7.2f", (unsigned long long)linked[i], (unsigned long long)same[i],
               linked[i] ? 100.0 * (double)same[i] / (double)linked[i] : 0);
    putchar('\n');
}

static void print_tallies(const bench *b, int count)
{
    uint64_t linked[2] = {0}, same[2] = {0};
    printf("%-28s %8s %8s %7s %8s %8s %7s\n", "archive", "C", "same", "%", "C++", "same", "%");
    for (int i = 0; i < count; i++) {
        const char *name = strrchr(b->tallies[i].path, '/');
        if (b->tallies[i].linked[0] + b->tallies[i].linked[1])
            print_row(name ? name + 1 : b->tallies[i].path, b->tallies[i].linked, b->tallies[i].same);
        for (int k = 0; k < 2; k++) {
            linked[k] += b->tallies[i].linked[k];
            same[k] += b->tallies[i].same[k];
        }
    }
    print_row("all", linked, same);
}

static int compare_hashes(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    return a->hash != b->hash ? (a->hash < b->hash ? -1 : 1) : compare_names(left, right);
}

/* Equal without the suffixes that the compiler appends: ".constprop.0", ".cold". */
static bool same_name(const entry *a, const entry *b)
{
    size_t length = strcspn(a->name, ".");
    return length == strcspn(b->name, ".") && strncmp(a->name, b->name, length) == 0;
}

/* For entries [first, end) of one key: true if they are in several archives and no name is in two of them. */
static bool is_shared(const bench *b, size_t first, size_t end)
{
    const entry *items = b->archives.items;
    for (size_t i = first; i < end; i++)
        for (size_t k = first; k < end; k++)
            if (items[k].archive != items[i].archive && same_name(&items[k], &items[i]))
                return false;
    for (size_t i = first + 1; i < end; i++)
        if (items[i].archive != items[first].archive)
            return true;
    return false;
}

static void print_shared(bench *b)
{
    uint64_t keys = 0, shared = 0;
    sort(&b->archives, compare_hashes);
    for (size_t i = 0, end; i < b->archives.count; i = end) {
        for (end = i; end < b->archives.count && b->archives.items[end].hash == b->archives.items[i].hash;)
            end++;
        if (b->archives.items[i].instructions < b->minimum)
            continue;
        keys++;
        if (!is_shared(b, i, end))
            continue;
        shared++;
        if (b->verbose)
            printf("shared\t%u\t%s\t%s\n", b->archives.items[i].instructions, b->archives.items[i].name,
                   b->archives.items[end - 1].name);
    }
    printf("%llu keys of %u instructions and more, %llu (%.2f %%) shared by functions of different names\n",
           (unsigned long long)keys, b->minimum, (unsigned long long)shared,
           keys ? 100.0 * (double)shared / (double)keys : 0);
}

static void free_entries(entries *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((char *)list->items[i].name);
    free(list->items);
}

int main(int argc, char **argv)
{
    bench b = {.minimum = 0};
    for (int option; (option = getopt(argc, argv, "m:sv")) != -1;) {
        if (option == 'm')
            b.minimum = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 's')
            b.shared = true;
        else if (option == 'v')
            b.verbose = true;
        else
            return 1;
    }
    if (b.minimum == 0)
        b.minimum = b.shared ? FPS__CODE_OPEN : FPS__CODE_SUPPORT;
    int count = argc - optind - !b.shared;
    if (count < 1)
        die("names a program and archives", "usage");
    b.tallies = calloc((size_t)count, sizeof *b.tallies);
    if (!b.tallies)
        die("out of memory", argv[optind]);
    if (!b.shared)
        take_file(&b, argv[optind++], 0, &b.program);
    for (int i = 0; i < count; i++) {
        b.tallies[i].path = argv[optind + i];
        take_file(&b, b.tallies[i].path, (uint32_t)i, &b.archives);
    }
    if (b.shared) {
        print_shared(&b);
        count = 0;
    }
    sort(&b.program, compare_addresses);
    sort(&b.archives, compare_names);
    for (size_t i = 0, end; i < b.program.count; i = end) {
        for (end = i + 1;
             end < b.program.count && b.program.items[end].address == b.program.items[i].address;)
            end++;
        judge(&b, i, end);
    }
    if (!b.shared)
        print_tallies(&b, count);
    free_entries(&b.program);
    free_entries(&b.archives);
    fps__code_buffer_free(&b.buffer);
    free(b.tallies);
    return 0;
}
