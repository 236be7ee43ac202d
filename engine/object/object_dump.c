/* Writes an object as stable text, one fact a line, for golden files. */
#include "object/object_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { MAX_LINE_BYTES = 512 };

typedef struct dump {
    fps_write_callback write;
    void *user;
    fps_status status; /* the first failure; later writes are dropped */
} dump;

static void put(dump *to, const char *text, size_t length)
{
    if (to->status == FPS_OK && length)
        to->status = to->write(to->user, text, length);
}

/* Only for numbers and own words, which always fit. */
static void FPS_PRINTF(2, 3) put_format(dump *to, const char *format, ...)
{
    char line[MAX_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put(to, line, length < 0 ? 0 : (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

/* Untrusted text: everything but printable ASCII as \xNN. */
static void put_quoted(dump *to, const char *text)
{
    if (!text) {
        put(to, "-", 1);
        return;
    }
    put(to, "\"", 1);
    for (const char *run = text; *text; run = text) {
        while (*text >= ' ' && *text <= '~' && *text != '"' && *text != '\\')
            text++;
        put(to, run, (size_t)(text - run));
        if (*text) {
            put_format(to, "\\x%02x", (unsigned char)*text);
            text++;
        }
    }
    put(to, "\"", 1);
}

static void put_text(dump *to, const char *fact, const char *text)
{
    put_format(to, "%s ", fact);
    put_quoted(to, text);
    put(to, "\n", 1);
}

static void put_bytes(dump *to, const uint8_t *data, size_t size)
{
    if (!size)
        put(to, "-", 1);
    for (size_t i = 0; i < size; i++)
        put_format(to, "%02x", data[i]);
    put(to, "\n", 1);
}

static void put_info(dump *to, const fps_object_info *info)
{
    put_format(to, "format %s\ntype %s\nbits %u\nbyte-order %s\n", fps_format_name(info->format),
               fps_object_type_name(info->type), info->bits, info->big_endian ? "big" : "little");
    put_format(to, "machine %s %u\nentry 0x%" PRIx64 "\n", info->machine_name, info->machine, info->entry);
    put_format(to, "sections %s\nsymbol-table %s\ninterpreter %s\n", info->has_sections ? "yes" : "no",
               info->has_symbol_table ? "yes" : "no", info->has_interpreter ? "yes" : "no");
    put_text(to, "soname", info->soname);
    put_text(to, "debug-link", info->debug_link);
    put_text(to, "package-note", info->package_note);
    put(to, "build-id ", 9);
    put_bytes(to, info->build_id, info->build_id_size);
    if (info->assembly)
        put_text(to, "assembly", info->assembly);
    if (info->has_certificate)
        put(to, "certificate\n", 12);
}

static void put_region(dump *to, const fps_region *region)
{
    static const char *const kinds[] = {"other",        "code",         "read-only",  "data",
                                        "string-table", "symbol-table", "relocation", "unwind",
                                        "note",         "debug",        "resource"};
    put_format(to, "region offset 0x%" PRIx64 " size 0x%" PRIx64 " address 0x%" PRIx64 " %s %s%s%s%s%s ",
               region->offset, region->size, region->address, kinds[region->kind], region->loaded ? "l" : "-",
               region->writable ? "w" : "-", region->executable ? "x" : "-",
               region->merge_strings ? "m" : "-", region->from_segment ? "s" : "-");
    put_quoted(to, region->name);
    put(to, "\n", 1);
}

static void put_symbol(dump *to, const fps_symbol *symbol)
{
    static const char *const types[] = {"other", "function", "object", "tls", "ifunc"};
    put_format(to, "symbol 0x%" PRIx64 " size %" PRIu64 " section %" PRIu32 " %s %s%s%s%s%s ",
               symbol->address, symbol->size, symbol->section, types[symbol->type],
               symbol->defined ? "d" : "u", symbol->global ? "g" : "-", symbol->weak ? "w" : "-",
               symbol->dynamic ? "y" : "-", symbol->hidden ? "h" : "-");
    put_quoted(to, symbol->name);
    put(to, " version ", 9);
    put_quoted(to, symbol->version);
    put(to, " library ", 9);
    put_quoted(to, symbol->library);
    put(to, "\n", 1);
}

static void put_lists(dump *to, const fps_object *object)
{
    static const char *const lists[FPS_TEXT_LISTS] = {"needed",  "version-defined", "version-needed",
                                                      "comment", "runpath",         "reference"};
    for (int list = 0; list < FPS_TEXT_LISTS; list++) {
        for (size_t i = 0; i < object->texts[list].count; i++)
            put_text(to, lists[list], object->texts[list].items[i]);
    }
    for (size_t i = 0; i < object->notes.count; i++) {
        const fps_note *note = &object->notes.items[i];
        put(to, "note ", 5);
        put_quoted(to, note->owner);
        put_format(to, " type 0x%" PRIx32 " data ", note->type);
        put_bytes(to, note->data, note->size);
    }
    for (size_t i = 0; i < object->version_strings.count; i++) {
        put(to, "version-string ", 15);
        put_quoted(to, object->version_strings.items[i].name);
        put(to, " ", 1);
        put_quoted(to, object->version_strings.items[i].value);
        put(to, "\n", 1);
    }
}

fps_status fps_object_dump(const fps_object *object, fps_write_callback write, void *user)
{
    dump to = {write, user, FPS_OK};
    put_info(&to, &object->info);
    for (size_t i = 0; i < object->regions.count; i++)
        put_region(&to, &object->regions.items[i]);
    put_lists(&to, object);
    for (size_t i = 0; i < object->symbol_count; i++)
        put_symbol(&to, &object->symbols[i]);
    for (size_t i = 0; i < object->diagnostics.count; i++) {
        const fps_diagnostic *diagnostic = &object->diagnostics.items[i];
        put_format(&to, "diagnostic %s %s ", diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "partial" : "note",
                   diagnostic->code);
        if (diagnostic->offset != UINT64_MAX)
            put_format(&to, "offset 0x%" PRIx64 " ", diagnostic->offset);
        put_quoted(&to, diagnostic->message);
        put(&to, "\n", 1);
    }
    return to.status;
}
