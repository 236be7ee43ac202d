/* Opens a Mach-O file of one machine: every load command that is known is read, what cannot be read is noted. */
#include "object/macho_internal.h"

#include <elf.h>
#include <stdlib.h>

enum {
    HEADER = 28,
    WIDE_HEADER = 32,
    COMMAND = 8, /* bytes of its head: number and size */
};

enum {
    LC_SEGMENT = 0x1,
    LC_SYMTAB = 0x2,
    LC_LOAD_DYLIB = 0xc,
    LC_ID_DYLIB = 0xd,
    LC_SEGMENT_64 = 0x19,
    LC_UUID = 0x1b,
    LC_LAZY_DYLIB = 0x20,
    LC_WEAK_DYLIB = 0x18,     /* these three and LC_MAIN have the bit LC_REQ_DYLD */
    LC_REEXPORT_DYLIB = 0x1f, /* */
    LC_MAIN = 0x28,
    LC_REQ_DYLD = (int)0x80000000u,
};

static const struct {
    uint32_t cpu;
    uint16_t machine;
} machines[] = {
    {0x01000007, EM_X86_64}, {0x0100000c, EM_AARCH64}, {7, EM_386}, {12, EM_ARM}, {18, EM_PPC},
    {0x01000012, EM_PPC64},
};

uint32_t fps__macho_get32(const fps__macho *macho, const uint8_t *p)
{
    return macho->object->info.big_endian ? fps__get32be(p) : fps__get32le(p);
}

uint64_t fps__macho_get_word(const fps__macho *macho, const uint8_t *p)
{
    if (!macho->wide)
        return fps__macho_get32(macho, p);
    return macho->object->info.big_endian ? fps__get64be(p) : fps__get64le(p);
}

/* The magic number in either order: 0xfeedface, with 0xfeedfacf for 64 bits. */
static bool read_magic(fps__span data, bool *wide, bool *big)
{
    static const uint8_t middle[] = {0xfa, 0xed}, big_start[] = {0xfe, 0xed, 0xfa};
    if (data.size < HEADER)
        return false;
    *big = memcmp(data.data, big_start, sizeof big_start) == 0;
    uint8_t kind = data.data[*big ? 3 : 0];
    *wide = kind == 0xcf;
    return (kind == 0xce || kind == 0xcf) &&
           (*big || (memcmp(data.data + 1, middle, sizeof middle) == 0 && data.data[3] == 0xfe)) &&
           (!*wide || data.size >= WIDE_HEADER);
}

/* The kinds of files are 1 to 12, and commands have eight bytes at least. */
bool fps__macho_probe(fps__span data)
{
    bool wide, big;
    if (!read_magic(data, &wide, &big))
        return false;
    uint32_t type = big ? fps__get32be(data.data + 12) : fps__get32le(data.data + 12);
    uint32_t count = big ? fps__get32be(data.data + 16) : fps__get32le(data.data + 16);
    uint32_t size = big ? fps__get32be(data.data + 20) : fps__get32le(data.data + 20);
    return type && type <= 12 && count <= size / COMMAND;
}

static fps_object_type type_of(uint32_t type)
{
    static const fps_object_type types[] = {FPS_OBJECT_OTHER,  FPS_OBJECT_RELOCATABLE, FPS_OBJECT_EXECUTABLE,
                                            FPS_OBJECT_OTHER,  FPS_OBJECT_CORE,        FPS_OBJECT_EXECUTABLE,
                                            FPS_OBJECT_SHARED, FPS_OBJECT_OTHER,       FPS_OBJECT_SHARED};
    return type < sizeof types / sizeof *types ? types[type] : FPS_OBJECT_OTHER;
}

static void read_header(fps__macho *macho)
{
    fps_object_info *info = &macho->object->info;
    const uint8_t *p = macho->data.data;
    size_t header = macho->wide ? WIDE_HEADER : HEADER;
    uint32_t cpu = fps__macho_get32(macho, p + 4), size = fps__macho_get32(macho, p + 20);
    uint16_t machine = EM_NONE;
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        machine = machines[i].cpu == cpu ? machines[i].machine : machine;
    fps__object_set_machine(macho->object, machine);
    info->type = type_of(fps__macho_get32(macho, p + 12));
    macho->command_count = fps__macho_get32(macho, p + 16);
    size_t left = macho->data.size - header;
    if (size > left)
        fps__object_diagnose(macho->object, FPS_DIAGNOSTIC_PARTIAL, "truncated-program-headers", header,
                             "only %zu of %u bytes of load commands are in the file", left, size);
    macho->commands = fps__span_part(macho->data, header, size < left ? size : left);
    fps__object_add_table(macho->object, 0, header + macho->commands.size);
}

static void copy_name(char name[17], const uint8_t *p)
{
    memcpy(name, p, 16);
    name[16] = '\0';
}

static void read_section(fps__macho *macho, const uint8_t *p)
{
    size_t word = macho->wide ? 8 : 4;
    const uint8_t *rest = p + 32 + 2 * word;
    fps__macho_section section = {.address = fps__macho_get_word(macho, p + 32),
                                  .size = fps__macho_get_word(macho, p + 32 + word),
                                  .offset = fps__macho_get32(macho, rest),
                                  .flags = fps__macho_get32(macho, rest + 16)};
    copy_name(section.name, p);
    copy_name(section.segment, p + 16);
    macho->no_memory |=
        FPS__ARRAY_PUSH(&macho->sections, &section, macho->object->limits.sections) == FPS_ERROR_MEMORY;
}

/* A segment and its sections. */
static void read_segment(fps__macho *macho, fps__span command)
{
    size_t word = macho->wide ? 8 : 4, head = 24 + 4 * word + 16, size = macho->wide ? 80 : 68;
    if (command.size < head)
        return;
    const uint8_t *p = command.data, *rest = p + 24 + 4 * word;
    fps__macho_segment segment = {.address = fps__macho_get_word(macho, p + 24),
                                  .offset = fps__macho_get_word(macho, p + 24 + 2 * word),
                                  .size = fps__macho_get_word(macho, p + 24 + 3 * word),
                                  .protection = fps__macho_get32(macho, rest + 4)};
    copy_name(segment.name, p + 8);
    uint32_t count = fps__macho_get32(macho, rest + 8);
    for (size_t at = head; count && fps__span_has(command, at, size) && !macho->no_memory;
         at += size, count--) {
        read_section(macho, p + at);
        segment.section_count++;
    }
    if (count)
        fps__object_diagnose(macho->object, FPS_DIAGNOSTIC_PARTIAL, "truncated-section-table",
                             (uint64_t)(p - macho->data.data), "%u sections lie behind their load command",
                             count);
    macho->no_memory |=
        FPS__ARRAY_PUSH(&macho->segments, &segment, macho->object->limits.sections) == FPS_ERROR_MEMORY;
}

/* The text whose offset in the command stands behind its head. */
static const char *text_in(fps__macho *macho, fps__span command)
{
    return command.size < COMMAND + 4
               ? NULL
               : fps__object_text_at(macho->object, command, fps__macho_get32(macho, command.data + COMMAND));
}

static void read_command(fps__macho *macho, uint32_t number, fps__span command)
{
    fps_object_info *info = &macho->object->info;
    const uint8_t *p = command.data;
    switch (number & ~(uint32_t)LC_REQ_DYLD) {
    case LC_SEGMENT:
    case LC_SEGMENT_64:
        read_segment(macho, command);
        break;
    case LC_SYMTAB:
        if (command.size < 24)
            break;
        macho->symbols = fps__macho_get32(macho, p + 8);
        macho->symbol_count = fps__macho_get32(macho, p + 12);
        macho->strings = fps__macho_get32(macho, p + 16);
        macho->string_size = fps__macho_get32(macho, p + 20);
        break;
    case LC_LOAD_DYLIB:
    case LC_LAZY_DYLIB:
    case LC_WEAK_DYLIB:
    case LC_REEXPORT_DYLIB:
        fps__object_add_text(macho->object, FPS_TEXT_NEEDED, text_in(macho, command));
        break;
    case LC_ID_DYLIB:
        info->soname = text_in(macho, command);
        break;
    case LC_UUID:
        info->build_id = command.size >= 24 ? p + COMMAND : NULL;
        info->build_id_size = info->build_id ? 16 : 0;
        break;
    case LC_MAIN:
        info->entry = command.size >= 16 ? fps__macho_get32(macho, p + COMMAND) : 0;
        break;
    default:
        break;
    }
}

static void read_commands(fps__macho *macho)
{
    fps__span left = macho->commands;
    uint32_t count = macho->command_count;
    for (; count && left.size >= COMMAND && !macho->no_memory; count--) {
        uint32_t size = fps__macho_get32(macho, left.data + 4);
        fps__span command = fps__span_part(left, 0, size);
        if (size < COMMAND || !command.size)
            break;
        read_command(macho, fps__macho_get32(macho, left.data), command);
        left = fps__span_part(left, size, left.size - size);
    }
    if (count)
        fps__object_diagnose(macho->object, FPS_DIAGNOSTIC_PARTIAL, "program-headers-damaged",
                             (uint64_t)(macho->commands.data - macho->data.data),
                             "%u load commands cannot be read", count);
}

/* The entry is an offset into the file, which the first segment with bytes at 0 loads. */
static void place_entry(fps__macho *macho)
{
    fps_object_info *info = &macho->object->info;
    for (size_t i = 0; info->entry && i < macho->segments.count; i++)
        if (!macho->segments.items[i].offset && macho->segments.items[i].size) {
            info->entry += macho->segments.items[i].address;
            return;
        }
}

fps_status fps__macho_open(fps_object *object, fps_error *error)
{
    fps__macho macho = {.object = object, .data = object->data};
    fps_object_info *info = &object->info;
    if (!read_magic(object->data, &macho.wide, &info->big_endian))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, 0, "the Mach-O header is cut off");
    info->bits = macho.wide ? 64 : 32;
    read_header(&macho);
    read_commands(&macho);
    place_entry(&macho);
    info->has_sections = macho.sections.count > 0;
    fps__macho_read_symbols(&macho);
    bool good = !macho.no_memory && fps__macho_make_regions(&macho);
    free(macho.segments.items);
    free(macho.sections.items);
    return good ? FPS_OK : fps__fail_memory(error);
}
