/* Functions by the exception directory of PE files: x86-64 (Microsoft, "x64 exception handling", RUNTIME_FUNCTION and UNWIND_INFO),
 * AArch64 ("ARM64 exception handling", packed and full records) and ARM ("ARM exception handling"). Functions that call nothing and
 * save nothing have no entry: flow.c finds them by calls. */
#include "code/finder.h"

#include <elf.h>

enum {
    X86_ENTRY = 12, /* start, end, address of the unwind information */
    ARM_ENTRY = 8,  /* start, and the information or its address */
    INDIRECT = 1,   /* the address is that of another entry, whose function this is a part of */
    CHAINED = 4,    /* UNW_FLAG_CHAININFO: a part of the function of another entry */
};

/* One entry: code of `size` bytes, 0 where the entry says nothing. */
typedef struct entry {
    uint64_t address, size;
    bool part; /* of the function before it, when it begins where that ends */
} entry;

typedef struct table {
    fps__finder *finder;
    const fps_region *region;
    fps__span bytes;
    entry open; /* the function that further parts may belong to */
    uint64_t open_offset;
} table;

/* The bytes at an address, up to the end of its region. */
static fps__span map(const fps__finder *finder, uint64_t address)
{
    const fps_region *region = fps__finder_region(finder, address);
    if (!region)
        return (fps__span){NULL, 0};
    uint64_t skip = address - region->address;
    return fps__span_part(finder->data, region->offset + skip, region->size - skip);
}

static bool read_x86(const fps__finder *finder, const uint8_t *p, entry *read)
{
    uint32_t start = fps__get32le(p), end = fps__get32le(p + 4), unwind = fps__get32le(p + 8);
    fps__span information = map(finder, unwind & ~(uint32_t)INDIRECT);
    *read = (entry){.address = start, .size = end > start ? end - start : 0};
    read->part = unwind & INDIRECT || (information.size && information.data[0] >> 3 & CHAINED);
    return read->size && information.size;
}

/* `unit`: bytes that lengths are counted in. */
static bool read_arm(const fps__finder *finder, const uint8_t *p, unsigned unit, entry *read)
{
    enum { FULL = 0, FRAGMENT = 2, RESERVED = 3 };
    uint32_t data = fps__get32le(p + 4), flag = data & 3, length = data >> 2 & 0x7ff;
    *read = (entry){.address = fps__get32le(p), .part = flag == FRAGMENT};
    if (flag == FULL) {
        fps__span record = map(finder, data);
        length = record.size >= 4 ? fps__get32le(record.data) & 0x3ffff : 0;
    }
    read->size = (uint64_t)length * unit;
    read->address &= ~((UINT64_C(1) << finder->machine->unused_address_bits) - 1);
    return flag != RESERVED && read->size;
}

static void close_function(table *t)
{
    fps__function function = {.address = t->open.address, .source = FPS__FUNCTION_UNWIND};
    if (t->open.size && !fps__finder_add(t->finder, &function, t->open.size))
        fps__finder_diagnose(t->finder, FPS__FINDER_UNWIND_RANGE, t->open_offset);
    t->open.size = 0;
}

static void take(table *t, const entry *read, uint64_t offset)
{
    if (read->part && t->open.size && t->open.address + t->open.size == read->address) {
        t->open.size += read->size;
        return;
    }
    close_function(t);
    t->open = *read;
    t->open_offset = offset;
}

static void walk(fps__finder *finder, const fps_region *region)
{
    table t = {finder, region, fps__span_part(finder->data, region->offset, region->size), {0}, 0};
    uint16_t machine = finder->info->machine;
    size_t size = machine == EM_X86_64 ? X86_ENTRY : ARM_ENTRY;
    for (size_t at = 0; fps__span_has(t.bytes, at, size) && !fps__alarm_rings(&finder->alarm); at += size) {
        const uint8_t *p = t.bytes.data + at;
        entry read;
        if (!fps__get32le(p) && !fps__get32le(p + 4))
            continue; /* padding */
        bool good = machine == EM_X86_64 ? read_x86(finder, p, &read)
                                         : read_arm(finder, p, machine == EM_ARM ? 2 : 4, &read);
        if (good)
            take(&t, &read, region->offset + at);
        else
            fps__finder_diagnose(finder, FPS__FINDER_UNWIND_ENTRY, region->offset + at);
    }
    close_function(&t);
}

void fps__functions_pdata(fps__finder *finder)
{
    const fps_object_info *info = finder->info;
    bool known = info->machine == EM_X86_64 || info->machine == EM_AARCH64 || info->machine == EM_ARM;
    if (info->format != FPS_FORMAT_PE || !known || !finder->machine)
        return;
    for (size_t i = 0; i < fps_object_region_count(finder->object); i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        if (region->kind == FPS_REGION_UNWIND && region->loaded && strcmp(region->name, ".pdata") == 0)
            walk(finder, region);
    }
}
