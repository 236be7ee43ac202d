/* The list of crates that cargo-auditable puts into a program: JSON, compressed with zlib, in the section .dep-v0
 * (https://github.com/rust-secure-code/cargo-auditable, PARSING.md). Where a program has no sections any more, the list is
 * found by what it begins with. */
#include "program/program_reading.h"

#include "util/json_document.h"
#include "util/lines.h"

#include <isa-l/igzip_lib.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_UNPACKED = 8 << 20, /* bytes; the format's description recommends this bound */
    MAX_COST = 128 << 20,   /* bytes of memory that the document may take */
    FIRST_ROOM = 64 << 10,
    PEEK = 12,                /* unpacked bytes that are looked at */
    MAX_CANDIDATES = 1 << 16, /* of one object */
    WHOLE = 1 << 14,          /* as many candidates a whole list counts for */
};

static const char section[] = ".dep-v0";
static const char public_registry[] = "crates" /* the word of the format */ ".io";
static const char beginning[] = "{\"packages\":";

/* Unpacks at most `room` bytes; *ended says whether the stream ended in good order. The length of what came out. */
static size_t unpack(fps__span packed, uint8_t *out, size_t room, bool *ended)
{
    struct inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_ZLIB;
    state.next_in = (uint8_t *)packed.data; /* is only read */
    state.avail_in = packed.size < UINT32_MAX ? (uint32_t)packed.size : UINT32_MAX;
    state.next_out = out;
    state.avail_out = (uint32_t)room;
    int result = isal_inflate(&state);
    *ended = result == ISAL_DECOMP_OK && state.block_state == ISAL_BLOCK_FINISH;
    return room - state.avail_out;
}

/* The whole document, for free(); NULL where it is damaged, too long, or there is no memory. */
static uint8_t *unpack_all(fps__program_reading *reading, fps__span packed, size_t *size)
{
    for (size_t room = FIRST_ROOM; room <= MAX_UNPACKED; room *= 2) {
        uint8_t *out = malloc(room);
        bool ended;
        if (!out) {
            reading->no_memory = true;
            return NULL;
        }
        *size = unpack(packed, out, room, &ended);
        if (ended)
            return out;
        free(out);
        if (*size < room)
            break;
    }
    return NULL;
}

/* ---- what it says ---- */

static fps__span member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    return text ? (fps__span){(const uint8_t *)text, json_string_length(value)} : (fps__span){NULL, 0};
}

/* "source=git"; "" for the public registry, which a crate is of unless something else is said. */
static const char *source_of(fps__program_reading *reading, const json_t *package)
{
    char text[300];
    fps__span source = member(package, "source");
    if (!source.size || source.size > 250 || fps__span_is(source, public_registry))
        return "";
    int size = snprintf(text, sizeof text, "source=%.*s", (int)source.size, (const char *)source.data);
    return fps__program_text(reading, (fps__span){(uint8_t *)text, (size_t)size});
}

/* Crates that build the program (build scripts, macros) are not in it. */
static void take_package(fps__program_reading *reading, const json_t *package)
{
    fps__span name = member(package, "name");
    if (!name.size || fps__span_is(member(package, "kind"), "build"))
        return;
    fps__listed listed = {.kind = FPS_PACKAGE_CARGO,
                          .name = fps__program_text(reading, name),
                          .version = fps__program_text(reading, member(package, "version")),
                          .properties = source_of(reading, package),
                          .main = json_is_true(json_object_get(package, "root"))};
    fps__program_add(reading, &listed);
}

static bool read_document(fps__program_reading *reading, fps__span text, uint64_t offset)
{
    if (fps__json_cost(text) > MAX_COST) {
        fps__program_fault(reading, "the list of crates takes too much memory to be read", offset);
        return false;
    }
    json_error_t fault;
    json_t *root = fps__json_load(text, 0, &fault);
    reading->no_memory |= !root && fps__json_no_memory(&fault);
    const json_t *packages = json_object_get(root, "packages");
    for (size_t i = 0; i < json_array_size(packages) && !reading->no_memory; i++)
        take_package(reading, json_array_get(packages, i));
    bool good = json_is_array(packages);
    json_decref(root);
    return good;
}

static bool read_packed(fps__program_reading *reading, fps__span packed)
{
    size_t size;
    uint64_t offset = (uint64_t)(packed.data - reading->bytes.data);
    uint8_t *text = unpack_all(reading, packed, &size);
    bool good = text && read_document(reading, (fps__span){text, size}, offset);
    if (!good)
        fps__program_fault(reading, "the list of crates in the program is damaged or larger than 8 MiB",
                           offset);
    free(text);
    return good;
}

/* ---- where it is ---- */

static bool is_list(fps__span packed)
{
    uint8_t start[PEEK];
    bool ended;
    return unpack(packed, start, sizeof start, &ended) == sizeof start &&
           memcmp(start, beginning, sizeof start) == 0;
}

/* The stream's first byte names deflate with a window of 32 KiB, and both bytes are a multiple of 31 (RFC 1950). */
static bool search(fps__program_reading *reading, fps__span bytes, unsigned *left)
{
    if (!bytes.size)
        return false; /* C knows no NULL + 0 */
    const uint8_t *end = bytes.data + bytes.size, *at = bytes.data;
    for (; *left && (at = memchr(at, 0x78, (size_t)(end - at))); at++) {
        if (end - at < 8 || (at[0] << 8 | at[1]) % 31 || (at[1] & 0x20))
            continue;
        (*left)--;
        if (fps__alarm_rings(&reading->alarm))
            return false;
        fps__span packed = {at, (size_t)(end - at)};
        if (!is_list(packed))
            continue;
        *left -= *left < WHOLE ? *left : WHOLE;
        return read_packed(reading, packed);
    }
    return false;
}

bool fps__rust_list_read(fps__program_reading *reading)
{
    unsigned left = MAX_CANDIDATES;
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        const fps_region *region = fps_object_region(reading->object, i);
        if (strcmp(region->name, section) == 0)
            return read_packed(reading, fps__span_part(reading->bytes, region->offset, region->size));
    }
    if (reading->info->has_sections)
        return false;
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++)
        if (search(reading, fps__program_data(reading, i), &left))
            return true;
    for (size_t i = 0; i < fps_object_gap_count(reading->object); i++) { /* the section is not loaded */
        const fps_gap *gap = fps_object_gap(reading->object, i);
        if (search(reading, fps__span_part(reading->bytes, gap->offset, gap->size), &left))
            return true;
    }
    return false;
}
