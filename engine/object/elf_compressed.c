/* Compressed sections of an ELF file: SHF_COMPRESSED (System V gABI, "Section Compression": zlib and Zstandard), the older
 * .zdebug ("ZLIB" and the size in big-endian order), and .gnu_debugdata, the xz of an ELF file that holds symbols alone
 * (GDB, "MiniDebugInfo"). */
#include "object/elf_internal.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

enum {
    MAX_RATIO = 1024,          /* unpacked bytes for a packed one; zlib cannot do more than 1,032 */
    MAX_DEBUG_DATA = 64 << 20, /* bytes of symbols in .gnu_debugdata; those of libxul have 20 MiB */
    MAX_DECODER = 128 << 20,   /* bytes that the xz decoder may take: `xz -9` needs 65 MiB */
    COMPRESSED_ZSTD = 2,       /* ELFCOMPRESS_ZSTD; not in the headers of Debian 12 */
    OLD_HEADER = 12,           /* "ZLIB" and 8 bytes of size */
    MOST_UNEXPLAINED = 4096,   /* bytes of the inner file that may be neither a table nor a symbol */
};

static bool inflate_zlib(fps__span packed, uint8_t *out, size_t size)
{
    struct inflate_state *state = malloc(sizeof *state);
    if (!state || packed.size > UINT32_MAX || size > UINT32_MAX) {
        free(state);
        return false;
    }
    isal_inflate_init(state);
    state->crc_flag = ISAL_ZLIB;
    state->next_in = (uint8_t *)(uintptr_t)packed.data;
    state->avail_in = (uint32_t)packed.size;
    state->next_out = out;
    state->avail_out = (uint32_t)size;
    bool good = isal_inflate(state) == ISAL_DECOMP_OK && state->avail_out == 0;
    free(state);
    return good;
}

/* Unpacks to memory of the object; empty when that fails, with a diagnostic. */
static fps__span unpack(const fps__elf *elf, uint64_t offset, unsigned method, fps__span packed,
                        uint64_t size)
{
    fps_object *object = elf->object;
    fps__span none = {NULL, 0};
    bool known = method == ELFCOMPRESS_ZLIB || method == COMPRESSED_ZSTD;
    bool fits = size && size / MAX_RATIO <= packed.size && size <= object->limits.memory / 4;
    uint8_t *out = known && fits ? fps__arena_alloc(&object->arena, (size_t)size) : NULL;
    bool good = out && (method == ELFCOMPRESS_ZLIB
                            ? inflate_zlib(packed, out, (size_t)size)
                            : ZSTD_decompress(out, (size_t)size, packed.data, packed.size) == size);
    if (good)
        return (fps__span){out, (size_t)size};
    fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", offset, "%s",
                         !known  ? "a section is compressed by a method that is not known"
                         : !fits ? "a compressed section says that it has more bytes than it can have"
                                 : "a compressed section is damaged");
    return none;
}

fps__span fps__elf_section_bytes(const fps__elf *elf, const Elf64_Shdr *section)
{
    uint64_t left = section->sh_offset < elf->data.size ? elf->data.size - section->sh_offset : 0;
    fps__span bytes =
        fps__span_part(elf->data, section->sh_offset, section->sh_size < left ? section->sh_size : left);
    if (section->sh_flags & SHF_COMPRESSED) {
        uint64_t header = elf->wide ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
        if (bytes.size < header)
            return unpack(elf, section->sh_offset, 0, bytes, 0);
        uint64_t size = fps__elf_get_word(elf, bytes.data + (elf->wide ? 8 : 4));
        return unpack(elf, section->sh_offset, fps__elf_get32(elf, bytes.data),
                      fps__span_part(bytes, header, bytes.size - header), size);
    }
    if (bytes.size > OLD_HEADER && memcmp(bytes.data, "ZLIB", 4) == 0 &&
        strncmp(fps__elf_section_name(elf, section), ".z", 2) == 0)
        return unpack(elf, section->sh_offset, ELFCOMPRESS_ZLIB,
                      fps__span_part(bytes, OLD_HEADER, bytes.size - OLD_HEADER),
                      fps__get64be(bytes.data + 4));
    return bytes;
}

/* ---- .gnu_debugdata ---- */

/* Unpacks an xz file to memory of the caller's; NULL when it is none, damaged, or larger than allowed. */
static uint8_t *unpack_xz(fps__span packed, size_t limit, size_t *size, bool *whole)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    uint8_t *out = NULL;
    size_t room = 0;
    lzma_ret state = lzma_stream_decoder(&stream, MAX_DECODER, 0);
    stream.next_in = packed.data;
    stream.avail_in = packed.size;
    while (state == LZMA_OK && room < limit) {
        size_t more = room ? room * 2 : 4 * packed.size + 4096;
        more = more < limit ? more : limit;
        uint8_t *grown = realloc(out, more);
        if (!grown)
            break;
        out = grown;
        stream.next_out = out + room;
        stream.avail_out = more - room;
        while (state == LZMA_OK && stream.avail_out)
            state = lzma_code(&stream, LZMA_FINISH);
        room = more;
    }
    *size = stream.total_out;
    *whole = stream.avail_in < 4; /* padding */
    lzma_end(&stream);
    if (state == LZMA_STREAM_END)
        return out;
    free(out);
    return NULL;
}

/* True when the inner file has symbols and notes alone: its other sections are said to have no bytes. */
static bool has_symbols_alone(const fps_object *inner)
{
    uint64_t unexplained = 0;
    for (size_t i = 0; i < inner->regions.count; i++) {
        const fps_region *r = &inner->regions.items[i];
        bool table = r->kind == FPS_REGION_STRING_TABLE || r->kind == FPS_REGION_SYMBOL_TABLE ||
                     r->kind == FPS_REGION_NOTE;
        unexplained += table ? 0 : r->size;
    }
    for (size_t i = 0; i < inner->gaps.count; i++)
        unexplained += inner->gaps.items[i].table ? 0 : inner->gaps.items[i].size;
    return unexplained < MOST_UNEXPLAINED;
}

fps_object *fps__elf_open_debug_data(const fps__elf *elf, uint8_t **memory)
{
    fps_object *object = elf->object, *inner = NULL;
    const Elf64_Shdr *section = NULL;
    *memory = NULL;
    size_t named = 0; /* so: one of several may hide something */
    for (size_t i = 0; i < elf->section_count; i++)
        if (strcmp(fps__elf_section_name(elf, &elf->sections[i]), ".gnu_debugdata") == 0) {
            bool right = elf->sections[i].sh_type == SHT_PROGBITS && !(elf->sections[i].sh_flags & SHF_ALLOC);
            section = right && !section ? &elf->sections[i] : section;
            named++;
        }
    if (!section || object->is_inner)
        return NULL;
    fps__span packed = fps__elf_section_bytes(elf, section);
    size_t size = 0, limit = object->limits.memory / 4;
    bool whole = false;
    *memory = unpack_xz(packed, limit < MAX_DEBUG_DATA ? limit : MAX_DEBUG_DATA, &size, &whole);
    fps_object_limits limits = object->limits;
    limits.memory /= 4;
    if (*memory)
        fps__object_open_inner(&inner, (fps__span){*memory, size}, &limits);
    if (inner && (inner->info.format != FPS_FORMAT_ELF || inner->info.machine != object->info.machine ||
                  inner->info.bits != object->info.bits)) {
        fps_object_free(inner);
        inner = NULL;
    }
    if (!inner)
        fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", section->sh_offset,
                             "the symbols in .gnu_debugdata cannot be read");
    else
        object->info.has_debug_data = named == 1 && whole && has_symbols_alone(inner);
    return inner;
}
