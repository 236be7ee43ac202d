/* The tables of a PE file that UPX took apart: imports, relocations, exports, resources. Their packed forms: UPX 4,
 * src/pefile.cpp (rebuildImports ...) and src/packer_r.cpp (relocations). */
#include "packed/upx_pe_internal.h"

#include "util/clock.h"

#include <stdlib.h>

enum { RELOCATIONS_STRIPPED = 1 };

/* The place of `size` bytes at an address of the original; NULL outside of the image. */
static uint8_t *at(const fps__upx_image *i, uint64_t address, uint64_t size)
{
    fps__span image = {i->bytes, i->size};
    if (address < i->base || !fps__span_has(image, address - i->base, size))
        return NULL;
    return i->bytes + (address - i->base);
}

/* The bytes at an address of the packed file, to the end of its section; empty where there are none. */
static fps__span outer_bytes(const fps__upx_image *i, uint64_t address)
{
    for (unsigned s = 0; s < i->outer->count; s++) {
        fps__upx_section section = fps__upx_pe_section(i->outer, s);
        if (address >= section.address && address - section.address < section.size)
            return fps__span_part(i->outer->bytes, section.offset + (address - section.address),
                                  section.size - (address - section.address));
    }
    return (fps__span){NULL, 0};
}

/* Length of the text at the start of `bytes` with its NUL; 0 when it has no end. */
static size_t text_size(fps__span bytes)
{
    const uint8_t *end = bytes.size ? memchr(bytes.data, 0, bytes.size) : NULL;
    return end ? (size_t)(end - bytes.data) + 1 : 0;
}

/* ---- imports ---- */

enum { DESCRIPTOR = 20, DESCRIPTOR_NAME = 12, DESCRIPTOR_TABLE = 16, DESCRIPTOR_NAMES = 0 };

/* A run over the packed imports: for each DLL the offset of its name, the offset of its table, and entries: 1 and a name, 255
 * and an ordinal, or an offset to a word of the table that Windows fills. */
typedef struct imports {
    fps__upx_image *image;
    fps__span packed;
    size_t at;
    fps__span outer;     /* from the packed file's import directory on */
    uint8_t *descriptor; /* of the DLL */
    uint32_t names;      /* address for texts; 0: they have places already */
    uint64_t next_name;  /* address for the next imported name */
} imports;

static bool put_text(const fps__upx_image *i, uint64_t address, const uint8_t *text, size_t size)
{
    uint8_t *place = at(i, address, size);
    if (place)
        memmove(place, text, size);
    return place;
}

static void put_word(const fps__upx_image *i, uint8_t *place, uint64_t value)
{
    if (i->inner->wide)
        fps__put64le(place, value);
    else
        fps__put32le(place, (uint32_t)value);
}

static bool take_entry(imports *m, uint8_t *word)
{
    fps__upx_image *i = m->image;
    unsigned size = i->inner->wide ? 8 : 4;
    uint64_t by_ordinal = i->inner->wide ? (uint64_t)1 << 63 : (uint64_t)1 << 31;
    uint8_t kind = m->packed.data[m->at];
    fps__span rest = fps__span_part(m->packed, m->at + 1, m->packed.size - m->at - 1);
    if (kind == 0xff) {
        if (rest.size < 2)
            return false;
        put_word(i, word, by_ordinal | fps__get16le(rest.data));
        m->at += 3;
        return true;
    }
    if (kind != 1) {
        if (rest.size < 4 || !fps__span_has(m->outer, fps__get32le(rest.data), size))
            return false;
        memcpy(word, m->outer.data + fps__get32le(rest.data), size);
        m->at += 5;
        return true;
    }
    size_t length = text_size(rest);
    if (!length)
        return false;
    m->at += 1 + length;
    if (!m->names) {
        uint64_t place = i->inner->wide ? fps__get64le(word) : fps__get32le(word);
        return put_text(i, place + 2, rest.data, length);
    }
    m->next_name -= m->next_name & 1;
    if (!put_text(i, m->next_name + 2, rest.data, length))
        return false;
    put_word(i, word, m->next_name);
    m->next_name += 2 + length;
    return true;
}

static bool take_dll(imports *m, uint64_t *dll_name)
{
    fps__upx_image *i = m->image;
    unsigned size = i->inner->wide ? 8 : 4;
    uint64_t table = (uint64_t)fps__get32le(m->packed.data + m->at + 4) + i->base;
    fps__span name = fps__span_part(m->outer, fps__get32le(m->packed.data + m->at), 1);
    name.size = name.data ? m->outer.size - (size_t)(name.data - m->outer.data) : 0;
    size_t length = text_size(name);
    fps__span image = {i->bytes, i->size};
    if (!length || !fps__span_has(image, (uint64_t)(m->descriptor - i->bytes), DESCRIPTOR))
        return false;
    if (m->names)
        fps__put32le(m->descriptor + DESCRIPTOR_NAME, (uint32_t)*dll_name);
    if (!put_text(i, fps__get32le(m->descriptor + DESCRIPTOR_NAME), name.data, length))
        return false;
    *dll_name += length;
    fps__put32le(m->descriptor + DESCRIPTOR_TABLE, (uint32_t)table);
    for (m->at += 8; m->at < m->packed.size && m->packed.data[m->at]; table += size) {
        uint8_t *word = at(i, table, size);
        if (!word || !take_entry(m, word))
            return false;
    }
    uint8_t *end = at(i, table, size);
    if (end)
        memset(end, 0, size);
    m->descriptor += DESCRIPTOR;
    m->at++;
    return true;
}

/* Bytes of the names of all DLLs, which stand before the imported names; false when the list is damaged, or tells more than
 * the image has room for. */
static bool count_names(const imports *m, uint64_t *size)
{
    *size = 0;
    size_t place = m->at;
    while (fps__span_has(m->packed, place, 8) && fps__get32le(m->packed.data + place)) {
        uint32_t name = fps__get32le(m->packed.data + place);
        size_t length =
            name < m->outer.size ? text_size((fps__span){m->outer.data + name, m->outer.size - name}) : 0;
        *size += length;
        if (!length || *size > m->image->size)
            return false;
        for (place += 8; place < m->packed.size && m->packed.data[place];) {
            uint8_t kind = m->packed.data[place];
            fps__span rest = fps__span_part(m->packed, place + 1, m->packed.size - place - 1);
            place += kind == 1 ? 1 + text_size(rest) : kind == 0xff ? 3 : 5;
            if (kind == 1 && !text_size(rest))
                return false;
        }
        place++;
    }
    *size += *size & 1;
    return true;
}

static bool rebuild_imports(fps__upx_image *i, uint64_t *extra)
{
    fps__upx_directory directory = fps__upx_pe_directory(i->inner, FPS__UPX_PE_IMPORT);
    fps__upx_directory outer = fps__upx_pe_directory(i->outer, FPS__UPX_PE_IMPORT);
    fps__span image = {i->bytes, i->size};
    if (!directory.address || directory.size <= DESCRIPTOR)
        return true;
    if (!fps__span_has(image, *extra, 8))
        return false;
    uint32_t packed = fps__get32le(i->bytes + *extra), names = fps__get32le(i->bytes + *extra + 4);
    *extra += 8;
    imports m = {.image = i, .outer = outer_bytes(i, outer.address), .names = names};
    m.descriptor = at(i, directory.address, DESCRIPTOR);
    if (!fps__span_has(image, packed, 4) || !m.descriptor)
        return false;
    /* the list is read while the image is written: a copy cannot change under it */
    size_t size = i->size - packed;
    uint8_t *copy = malloc(size);
    if (!copy)
        return false;
    memcpy(copy, i->bytes + packed, size);
    m.packed = (fps__span){copy, size};
    uint64_t dll_name = (uint64_t)names + i->base, dll_names;
    bool good = count_names(&m, &dll_names);
    m.next_name = dll_name + dll_names;
    while (good && fps__span_has(m.packed, m.at, 8) && fps__get32le(copy + m.at) &&
           !fps__deadline_passed(i->deadline_ms))
        good = take_dll(&m, &dll_name);
    free(copy);
    return good;
}

/* ---- relocations ---- */

/* Writes the blocks of a relocation directory: one for each page, 4-aligned (PE format, "The .reloc Section"). */
typedef struct relocations {
    fps__upx_image *image;
    uint8_t *out;      /* where the directory was; NULL when it does not lie in the image */
    size_t room, used; /* bytes */
    size_t block;      /* offset of the block that grows */
    uint32_t page;     /* its page */
} relocations;

static void end_block(relocations *r)
{
    if (r->used == r->block)
        return;
    if ((r->used & 2) && r->used + 2 <= r->room) {
        fps__put16le(r->out + r->used, 0);
        r->used += 2;
    }
    fps__put32le(r->out + r->block + 4, (uint32_t)(r->used - r->block));
    r->block = r->used;
}

static void add_relocation(relocations *r, uint32_t address)
{
    enum { HIGHLOW = 3, DIR64 = 10, PAGE = 0xfff };
    if (!r->out)
        return;
    if (r->used == r->block || (address & ~(uint32_t)PAGE) != r->page) {
        end_block(r);
        if (r->room - r->used < 8)
            return;
        r->page = address & ~(uint32_t)PAGE;
        fps__put32le(r->out + r->used, r->page);
        r->used += 8;
    }
    if (r->room - r->used < 2)
        return;
    unsigned type = r->image->inner->wide ? DIR64 : HIGHLOW;
    fps__put16le(r->out + r->used, (uint16_t)(type << 12 | (address & PAGE)));
    r->used += 2;
}

/* Addresses are stored without the image's base and in big-endian order, since they compress better so. */
static bool restore_address(fps__upx_image *i, uint64_t offset, uint64_t base)
{
    fps__span image = {i->bytes, i->size};
    unsigned size = i->inner->wide ? 8 : 4;
    if (!fps__span_has(image, offset, size))
        return false;
    uint8_t *p = i->bytes + offset;
    put_word(i, p, (i->inner->wide ? fps__get64be(p) : fps__get32be(p)) + base + i->base);
    return true;
}

/* Distances between addresses: a byte below 240, 20 bits behind a byte from 240 on, 32 bits behind a zero of 20. */
static bool take_distance(fps__span packed, size_t *place, uint32_t *distance)
{
    uint8_t first = packed.data[*place];
    if (first < 0xf0) {
        *distance = first;
        ++*place;
        return true;
    }
    if (!fps__span_has(packed, *place, 3))
        return false;
    *distance = (first & 0xfu) << 16 | fps__get16le(packed.data + *place + 1);
    *place += 3;
    if (*distance)
        return true;
    if (!fps__span_has(packed, *place, 4))
        return false;
    *distance = fps__get32le(packed.data + *place);
    *place += 4;
    return true;
}

static bool rebuild_relocations(fps__upx_image *i, uint64_t *extra)
{
    fps__upx_directory d = fps__upx_pe_directory(i->inner, FPS__UPX_PE_RELOCATION);
    fps__span image = {i->bytes, i->size};
    const uint8_t *head = i->inner->bytes.data + i->inner->offset;
    uint64_t base = i->inner->wide ? fps__get64le(head + 48) : fps__get32le(head + 52);
    if (!d.address || !d.size || ((i->inner->flags | i->outer->flags) & RELOCATIONS_STRIPPED) || d.size == 8)
        return true;
    if (!fps__span_has(image, *extra, 5))
        return false;
    uint32_t packed = fps__get32le(i->bytes + *extra);
    *extra += 5;
    if (packed > i->size)
        return false;
    size_t size = i->size - packed, place = 0;
    uint8_t *copy = malloc(size + 1); /* addresses are written over the image */
    if (!copy)
        return false;
    memcpy(copy, i->bytes + packed, size);
    relocations r = {.image = i, .out = at(i, d.address, d.size), .room = d.size};
    uint64_t address = 0;
    bool good = true, first = true;
    while (good && place < size && copy[place]) {
        uint32_t distance;
        good = take_distance((fps__span){copy, size}, &place, &distance) && distance >= 4 &&
               !fps__deadline_passed((place & 0xfff) ? 0 : i->deadline_ms);
        address = first ? distance - 4u : address + distance;
        first = false;
        good = good && restore_address(i, address, base);
        if (good)
            add_relocation(&r, (uint32_t)(address + i->base));
    }
    end_block(&r);
    free(copy);
    return good && place < size;
}

/* ---- exports ---- */

/* UPX moves the directory behind its own imports, as a block whose addresses are moved with it. */
static bool rebuild_exports(fps__upx_image *i)
{
    enum { DIRECTORY = 40, NAME = 12, FUNCTIONS = 20, NAMES = 24, FUNCTION_TABLE = 28 };
    fps__upx_directory inner = fps__upx_pe_directory(i->inner, FPS__UPX_PE_EXPORT);
    fps__upx_directory outer = fps__upx_pe_directory(i->outer, FPS__UPX_PE_EXPORT);
    if (!inner.size || inner.address == outer.address || !outer.size)
        return true;
    fps__span from = outer_bytes(i, outer.address);
    size_t size = from.size < outer.size ? from.size : outer.size;
    uint8_t *to = at(i, inner.address, size);
    if (size < DIRECTORY || !to)
        return false;
    memcpy(to, from.data, size);
    uint32_t moved = inner.address - outer.address;
    fps__put32le(to + NAME, fps__get32le(to + NAME) + moved);
    for (unsigned k = 0; k < 3; k++)
        fps__put32le(to + FUNCTION_TABLE + 4 * k, fps__get32le(to + FUNCTION_TABLE + 4 * k) + moved);
    fps__span block = {to, size};
    uint32_t functions = fps__get32le(to + FUNCTIONS), names = fps__get32le(to + NAMES);
    uint64_t function = (uint64_t)fps__get32le(to + FUNCTION_TABLE) - inner.address;
    uint64_t name = (uint64_t)fps__get32le(to + FUNCTION_TABLE + 4) - inner.address;
    if (!fps__span_has(block, function, (uint64_t)functions * 4) ||
        !fps__span_has(block, name, (uint64_t)names * 4))
        return false;
    for (uint32_t k = 0; k < names; k++)
        fps__put32le(to + name + (uint64_t)k * 4, fps__get32le(to + name + (uint64_t)k * 4) + moved);
    for (uint32_t k = 0; k < functions; k++) { /* forwarders are texts in the block */
        uint8_t *p = to + function + (uint64_t)k * 4;
        uint32_t address = fps__get32le(p);
        if (address >= outer.address && address - outer.address < size)
            fps__put32le(p, address + moved);
    }
    return true;
}

/* ---- resources ---- */

/* A walk over the packed file's tree of resources: three levels of tables (PE format, "The .rsrc Section"). */
typedef struct resources {
    fps__upx_image *image;
    fps__span tree;  /* of the packed file, from the directory on */
    uint32_t start;  /* its address */
    uint8_t *out;    /* a copy of the tree whose leaves have their old addresses */
    uint64_t tables; /* bytes of the tree before the first resource that lies behind it */
    unsigned budget; /* entries that may still be read */
    uint64_t room;   /* bytes of the image that resources may still take: each has its own */
    unsigned icons;  /* of the first group of icons, which UPX cuts to one; 0: not cut, or done */
} resources;

/* A resource that UPX left uncompressed: its old address stands before it. */
static bool take_leaf(resources *r, uint32_t offset, bool icons)
{
    if (!fps__span_has(r->tree, offset, 16))
        return false;
    uint32_t address = fps__get32le(r->tree.data + offset), size = fps__get32le(r->tree.data + offset + 4);
    if (address <= r->start)
        return true; /* it is in the image */
    fps__span from = outer_bytes(r->image, (uint64_t)address - 4);
    if (!fps__span_has(from, 4, size))
        return false;
    if (fps__span_has(from, 4, ((uint64_t)size + 3) & ~(uint64_t)3))
        size = (size + 3) & ~(uint32_t)3; /* with what fills it up */
    uint32_t old = fps__get32le(from.data);
    uint8_t *to = at(r->image, old, size);
    if (!to || size > r->room)
        return false;
    r->room -= size;
    memcpy(to, from.data + 4, size);
    if (icons && r->icons && size >= 6) {
        fps__put16le(to + 4, (uint16_t)r->icons);
        r->icons = 0;
    }
    fps__put32le(r->out + offset, old);
    if (address - 4 - r->start < r->tables)
        r->tables = address - 4 - r->start;
    return true;
}

/* The entries of the tables at `level`; deeper ones by a stack of three levels. */
static bool walk_table(resources *r, uint32_t table, unsigned level, bool icons)
{
    enum { TABLE = 16, ENTRY = 8, LEVELS = 3, GROUP_ICON = 14 };
    const uint32_t subtable = 0x80000000;
    if (!fps__span_has(r->tree, table, TABLE))
        return false;
    unsigned count =
        (unsigned)fps__get16le(r->tree.data + table + 12) + fps__get16le(r->tree.data + table + 14);
    for (unsigned k = 0; k < count; k++) {
        uint64_t entry = (uint64_t)table + TABLE + (uint64_t)k * ENTRY;
        if (!r->budget-- || !fps__span_has(r->tree, entry, ENTRY))
            return false;
        uint32_t offset = fps__get32le(r->tree.data + entry + 4);
        if (!level)
            icons = fps__get32le(r->tree.data + entry) == GROUP_ICON;
        bool good = !(offset & subtable) ? take_leaf(r, offset, icons)
                    : level + 1 < LEVELS ? walk_table(r, offset & ~subtable, level + 1, icons)
                                         : false;
        if (!good)
            return false;
    }
    return true;
}

static bool rebuild_resources(fps__upx_image *i, uint64_t extra)
{
    enum { MOST_ENTRIES = 1 << 16 };
    fps__upx_directory inner = fps__upx_pe_directory(i->inner, FPS__UPX_PE_RESOURCE);
    fps__upx_directory outer = fps__upx_pe_directory(i->outer, FPS__UPX_PE_RESOURCE);
    if (!inner.size || !outer.size)
        return true;
    resources r = {.image = i,
                   .tree = outer_bytes(i, outer.address),
                   .start = outer.address,
                   .budget = MOST_ENTRIES,
                   .room = i->size};
    if (fps__span_has((fps__span){i->bytes, i->size}, extra, 2))
        r.icons = fps__get16le(i->bytes + extra);
    r.tables = r.tree.size;
    uint8_t *to = at(i, inner.address, 16);
    if (!r.tree.size || !to)
        return false;
    r.out = malloc(r.tree.size);
    if (!r.out)
        return false;
    memcpy(r.out, r.tree.data, r.tree.size);
    bool good = walk_table(&r, 0, 0, false);
    /* UPX zeroes the old tree where it can */
    if (good && (to = at(i, inner.address, r.tables)) && fps__get32le(to + 12) == 0)
        memcpy(to, r.out, (size_t)r.tables);
    free(r.out);
    return good;
}

const char *fps__upx_rebuild(fps__upx_image *image)
{
    const fps__upx_pe *inner = image->inner;
    uint64_t extra = inner->sections + (uint64_t)inner->count * FPS__UPX_PE_SECTION;
    const char *lacks = NULL;
    if (!rebuild_imports(image, &extra))
        lacks = "its imports";
    if (!lacks && !rebuild_relocations(image, &extra))
        lacks = "its relocations";
    if (!rebuild_exports(image))
        lacks = lacks ? lacks : "its exports";
    if (!rebuild_resources(image, extra))
        lacks = lacks ? lacks : "its resources";
    return lacks;
}
