/* What a program says of itself: asks the reader of each language. */
#include "program/program_reading.h"
#include "program/python_archive.h"

#include "util/error.h"
#include "util/mark_search.h"
#include "util/search.h"

#include <stdlib.h>
#include <xxhash.h>

void fps__program_fault(fps__program_reading *reading, const char *what, uint64_t offset)
{
    if (reading->fault)
        return;
    reading->fault = what;
    reading->fault_offset = offset;
}

const char *fps__program_text(fps__program_reading *reading, fps__span text)
{
    char *copy = fps__arena_text(reading->arena, (const char *)text.data, text.size);
    for (size_t i = 0; copy && i < text.size; i++)
        if ((uint8_t)copy[i] < ' ' || copy[i] == 0x7f)
            copy[i] = ' ';
    reading->no_memory |= !copy;
    return copy ? copy : "";
}

static uint64_t hash_of(const fps__listed *listed)
{
    XXH64_hash_t name = XXH3_64bits_withSeed(listed->name, strlen(listed->name), listed->kind);
    return XXH3_64bits_withSeed(listed->version, strlen(listed->version), name);
}

static bool is_same(const fps__listed *a, const fps__listed *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0 && strcmp(a->version, b->version) == 0;
}

void fps__program_add(fps__program_reading *reading, const fps__listed *listed)
{
    fps__table_slot *slot;
    uint64_t hash = hash_of(listed);
    if (!*listed->name || reading->no_memory)
        return;
    if (fps__table_reserve(&reading->known, 1) != FPS_OK) {
        reading->no_memory = true;
        return;
    }
    FPS__TABLE_FIND(slot, &reading->known, hash, id, is_same(&reading->items.items[id - 1], listed));
    if (slot->id)
        return;
    fps_status status = FPS__ARRAY_PUSH(&reading->items, listed, FPS__MAX_LISTED);
    if (status == FPS_ERROR_LIMIT)
        fps__program_fault(reading, "the program lists more than 65,536 packages; the rest was left out",
                           UINT64_MAX);
    reading->no_memory |= status == FPS_ERROR_MEMORY;
    if (status == FPS_OK)
        fps__table_add(&reading->known, slot, hash, (uint32_t)reading->items.count);
}

fps__span fps__program_data(const fps__program_reading *reading, size_t region)
{
    const fps_region *r = fps_object_region(reading->object, region);
    bool holds = r->loaded && (r->kind == FPS_REGION_READ_ONLY || r->kind == FPS_REGION_DATA ||
                               (r->kind == FPS_REGION_CODE && r->from_segment));
    return holds ? fps__span_part(reading->bytes, r->offset, r->size) : (fps__span){NULL, 0};
}

fps__span fps__program_at(const fps__program_reading *reading, uint64_t address, uint64_t size)
{
    uint64_t wanted = address - reading->image_base;
    for (size_t i = 0; address >= reading->image_base && i < fps_object_region_count(reading->object); i++) {
        const fps_region *r = fps_object_region(reading->object, i);
        if (r->loaded && wanted >= r->address && wanted - r->address < r->size)
            return r->size - (wanted - r->address) < size
                       ? (fps__span){NULL, 0}
                       : fps__span_part(reading->bytes, r->offset + (wanted - r->address), size);
    }
    return (fps__span){NULL, 0};
}

/* Where a PE file wants to be loaded (Microsoft, PE Format: ImageBase of the optional header). */
static uint64_t image_base(const fps_object_info *info, fps__span bytes)
{
    enum { PE_POINTER = 0x3c, OPTIONAL = 24, LEAST = 32, BASE = 28, WIDE_BASE = 24, WIDE = 0x20b };
    if (info->format != FPS_FORMAT_PE || bytes.size < PE_POINTER + 4)
        return 0;
    uint64_t header = (uint64_t)fps__get32le(bytes.data + PE_POINTER) + OPTIONAL;
    fps__span optional = fps__span_part(bytes, header, LEAST);
    if (!optional.size)
        return 0;
    return fps__get16le(optional.data) == WIDE ? fps__get64le(optional.data + WIDE_BASE)
                                               : fps__get32le(optional.data + BASE);
}

/* One pass for what the readers look for: nearly all programs have none of it. Texts of Haskell are given behind a bracket, so that
 * this program does not hold what is looked for. */
static void find_marks(fps__program_reading *reading)
{
    static const fps__mark marks[] = {
        {fps__go_magic, FPS__GO_MAGIC},
        {fps__go_begin_mark, FPS__GO_MARK},
        {"/rust", 5},
        {"_cython_", 8},
        {"FPC ", 4},
        {&"[ghc-prim]"[1], 8},
        {&"[GHC.Types]"[1], 9},
    }; /* in the order of fps__program_mark */
    fps__mark_search search;
    fps__mark_search_init(&search, marks, sizeof marks / sizeof *marks);
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++)
        reading->marks = fps__mark_search_run(&search, fps__program_data(reading, i), reading->marks);
}

static int compare_listed(const void *left, const void *right)
{
    const fps__listed *a = left, *b = right;
    int order = b->main - a->main;
    order = order ? order : FPS__COMPARE(a->kind, b->kind);
    order = order ? order : strcmp(a->name, b->name);
    return order ? order : strcmp(a->version, b->version);
}

/* Hands over what was read. */
static fps_status finish(fps__program_reading *reading, fps__program *program)
{
    if (reading->alarm.rang)
        fps__program_fault(reading, "the time ran out while the packages of a program were read", UINT64_MAX);
    if (reading->items.count) {
        qsort(reading->items.items, reading->items.count, sizeof *reading->items.items, compare_listed);
        for (size_t i = 1; i < reading->items.count; i++) /* a list may name several */
            reading->items.items[i].main = false;
        program->items = fps__arena_copy(reading->arena, reading->items.items, reading->items.count,
                                         sizeof *reading->items.items);
        program->count = program->items ? reading->items.count : 0;
        reading->no_memory |= !program->items;
    }
    program->fault = reading->fault;
    program->fault_offset = reading->fault_offset;
    free(reading->items.items);
    fps__table_free(&reading->known);
    return reading->no_memory ? FPS_ERROR_MEMORY : FPS_OK;
}

fps_status fps__program_read(fps__program *program, const fps_object *object, fps__span bytes,
                             uint64_t deadline_ms, fps__arena *arena)
{
    fps__program_reading reading = {.object = object,
                                    .info = fps_object_get_info(object),
                                    .bytes = bytes,
                                    .arena = arena,
                                    .alarm = {.deadline_ms = deadline_ms}};
    *program = (fps__program){NULL, 0, NULL, UINT64_MAX, {NULL, 0}};
    if (reading.info->type == FPS_OBJECT_RELOCATABLE)
        return FPS_OK;
    reading.image_base = image_base(reading.info, bytes);
    find_marks(&reading);
    bool is_go = fps__go_build_read(&reading) || fps__go_paths_read(&reading, (fps__span){NULL, 0});
    if (!is_go)
        fps__rust_paths_read(&reading, !fps__rust_list_read(&reading));
    fps__marks_read(&reading);
    fps__runtimes_read(&reading);
    program->bill = fps__native_bill(&reading);
    return finish(&reading, program);
}

fps_status fps__python_archive_read(fps__program *program, fps__span bytes, uint64_t deadline_ms,
                                    fps__arena *arena)
{
    fps__program_reading reading = {.bytes = bytes, .arena = arena, .alarm = {.deadline_ms = deadline_ms}};
    *program = (fps__program){NULL, 0, NULL, UINT64_MAX, {NULL, 0}};
    if (fps__is_python_archive(bytes))
        fps__python_archive_list(&reading);
    return finish(&reading, program);
}
