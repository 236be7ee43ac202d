/* Recognises object files, opens them through a table of formats, and gives access to what was read. */
#include "object/object_internal.h"

#include <stdlib.h>

static const fps__object_format formats[] = {
    {FPS_FORMAT_ELF, "elf", fps__elf_probe, fps__elf_open},
    {FPS_FORMAT_AR, "ar", fps__ar_probe, NULL},
    {FPS_FORMAT_PE, "pe", fps__pe_probe, fps__pe_open},
    {FPS_FORMAT_MACHO, "macho", fps__macho_probe, fps__macho_open},
    {FPS_FORMAT_PE, "pe", fps__coff_probe, fps__coff_open}, /* an object from which a PE file is linked */
};
_Static_assert(sizeof formats / sizeof *formats == FPS_FORMATS, "every format has a line, and PE two");

static const fps__object_format *find_format(fps__span data)
{
    for (size_t i = 0; data.data && i < sizeof formats / sizeof formats[0]; i++) {
        if (formats[i].probe(data))
            return &formats[i];
    }
    return NULL;
}

const char *fps_format_name(fps_format format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (formats[i].format == format)
            return formats[i].name;
    }
    return "none";
}

const char *fps_object_type_name(fps_object_type type)
{
    static const char *const names[] = {"other", "relocatable", "executable", "shared", "core"};
    return (size_t)type < sizeof names / sizeof *names ? names[type] : "other";
}

fps_format fps_object_identify(const void *data, size_t size)
{
    const fps__object_format *format = find_format((fps__span){data, size});
    return format ? format->format : FPS_FORMAT_NONE;
}

static fps_object_limits effective_limits(const fps_object_limits *limits)
{
    fps_object_limits result = {.symbols = 4000000, .sections = 65536, .memory = (size_t)512 << 20};
    if (limits && limits->symbols)
        result.symbols = limits->symbols;
    if (limits && limits->sections)
        result.sections = limits->sections;
    if (limits && limits->memory)
        result.memory = limits->memory;
    if (result.symbols > UINT32_MAX / 4)
        result.symbols = UINT32_MAX / 4;
    return result;
}

static fps_status open_format(fps_object **object, fps__span data, const fps__object_format *format,
                              const fps_object_limits *limits, bool is_inner, fps_error *error)
{
    *object = NULL;
    fps_object *opened = calloc(1, sizeof *opened);
    if (!opened)
        return fps__fail_memory(error);
    opened->data = data;
    opened->is_inner = is_inner;
    opened->limits = effective_limits(limits);
    opened->arena.limit = opened->limits.memory;
    opened->info.format = format->format;
    fps_status status = format->open(opened, error);
    if (status == FPS_OK && !fps__object_find_gaps(opened))
        status = fps__fail_memory(error);
    if (status == FPS_OK && opened->memory_failed)
        status = fps__fail_memory(error);
    if (status != FPS_OK) {
        fps_object_free(opened);
        return status;
    }
    *object = opened;
    return FPS_OK;
}

static fps_status open_known(fps_object **object, fps__span data, const fps_object_limits *limits,
                             bool is_inner, fps_error *error)
{
    const fps__object_format *format = find_format(data);
    *object = NULL;
    if (!format || !format->open)
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not an ELF, PE or Mach-O file");
    return open_format(object, data, format, limits, is_inner, error);
}

fps_status fps_object_open(fps_object **object, const void *data, size_t size,
                           const fps_object_limits *limits, fps_error *error)
{
    return open_known(object, (fps__span){data, size}, limits, false, error);
}

fps_status fps__object_open_inner(fps_object **object, fps__span data, const fps_object_limits *limits)
{
    return open_known(object, data, limits, true, NULL);
}

fps_status fps_object_open_flat(fps_object **object, const void *data, size_t size,
                                const fps_object_limits *limits, fps_error *error)
{
    static const fps__object_format flat = {FPS_FORMAT_NONE, "none", NULL, fps__flat_open};
    return open_format(object, (fps__span){data, size}, &flat, limits, false, error);
}

void fps_object_free(fps_object *object)
{
    if (!object)
        return;
    for (size_t i = 0; i < FPS_TEXT_LISTS; i++)
        free(object->texts[i].items);
    free(object->regions.items);
    free(object->tables.items);
    free(object->gaps.items);
    free(object->notes.items);
    free(object->version_strings.items);
    free(object->diagnostics.items);
    fps__arena_free(&object->arena);
    free(object);
}

const fps_object_info *fps_object_get_info(const fps_object *object)
{
    return &object->info;
}

size_t fps_object_region_count(const fps_object *object)
{
    return object->regions.count;
}

const fps_region *fps_object_region(const fps_object *object, size_t index)
{
    return index < object->regions.count ? &object->regions.items[index] : NULL;
}

size_t fps_object_gap_count(const fps_object *object)
{
    return object->gaps.count;
}

const fps_gap *fps_object_gap(const fps_object *object, size_t index)
{
    return index < object->gaps.count ? &object->gaps.items[index] : NULL;
}

size_t fps_object_symbol_count(const fps_object *object)
{
    return object->symbol_count;
}

const fps_symbol *fps_object_symbol(const fps_object *object, size_t index)
{
    return index < object->symbol_count ? &object->symbols[index] : NULL;
}

size_t fps_object_relocation_count(const fps_object *object)
{
    return object->relocation_count;
}

const fps_relocation *fps_object_relocation(const fps_object *object, size_t index)
{
    return index < object->relocation_count ? &object->relocations[index] : NULL;
}

size_t fps_object_text_count(const fps_object *object, fps_text_list list)
{
    return (unsigned)list < FPS_TEXT_LISTS ? object->texts[list].count : 0;
}

const char *fps_object_text(const fps_object *object, fps_text_list list, size_t index)
{
    return index < fps_object_text_count(object, list) ? object->texts[list].items[index] : NULL;
}

size_t fps_object_note_count(const fps_object *object)
{
    return object->notes.count;
}

const fps_note *fps_object_note(const fps_object *object, size_t index)
{
    return index < object->notes.count ? &object->notes.items[index] : NULL;
}

size_t fps_object_version_string_count(const fps_object *object)
{
    return object->version_strings.count;
}

const fps_version_string *fps_object_version_string(const fps_object *object, size_t index)
{
    return index < object->version_strings.count ? &object->version_strings.items[index] : NULL;
}

size_t fps_object_diagnostic_count(const fps_object *object)
{
    return object->diagnostics.count;
}

const fps_diagnostic *fps_object_diagnostic(const fps_object *object, size_t index)
{
    return index < object->diagnostics.count ? &object->diagnostics.items[index] : NULL;
}
