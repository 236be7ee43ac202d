/* Lists a function in normalised form: where it is, how that is known, its key, and its instructions. */
#include "code/functions.h"
#include "util/error.h"
#include "util/output.h"

#include <fpscan/listing.h>
#include <stdio.h>
#include <string.h>

enum { MAX_OTHERS = 8, MAX_REGIONS = 3, WORDS = 400 };

typedef struct listing {
    const void *data;
    fps_object *object;
    const fps_object_info *info;
    const fps__machine *machine; /* NULL: code of this machine has no key */
    fps__arena arena;
    fps__functions functions;
    fps__code_buffer buffer;
    uint64_t place; /* address, or offset in a relocatable object */
} listing;

static bool is_relocatable(const listing *l)
{
    return l->info->type == FPS_OBJECT_RELOCATABLE;
}

/* Where a function or a region starts, in what `place` counts. */
static uint64_t function_start(const listing *l, const fps__function *f)
{
    return is_relocatable(l) ? f->offset : f->address;
}

static uint64_t region_start(const listing *l, const fps_region *region)
{
    return is_relocatable(l) ? region->offset : region->address;
}

static const fps_region *find_region(const listing *l, uint64_t place)
{
    for (size_t i = 0; i < fps_object_region_count(l->object); i++) {
        const fps_region *region = fps_object_region(l->object, i);
        if (region->loaded && place >= region_start(l, region) &&
            place - region_start(l, region) < region->size)
            return region;
    }
    return NULL;
}

static bool holds(const listing *l, const fps__function *f)
{
    return l->place >= function_start(l, f) && l->place - function_start(l, f) < f->size;
}

/* True when `a` tells more about the place than `b`: it starts there, its source is better, it starts nearer,
 * it is longer. */
static bool is_better(const listing *l, const fps__function *a, const fps__function *b)
{
    uint64_t left = function_start(l, a), right = function_start(l, b);
    if ((left == l->place) != (right == l->place))
        return left == l->place;
    if (a->source != b->source)
        return a->source < b->source;
    return left != right ? left > right : a->size > b->size;
}

static const fps__function *find_function(const listing *l)
{
    const fps__function *best = NULL;
    for (size_t i = 0; i < l->functions.count; i++) {
        const fps__function *f = &l->functions.items[i];
        if (holds(l, f) && (!best || is_better(l, f, best)))
            best = f;
    }
    return best;
}

/* Turns the offset of a symbol in its section into one in the file. */
static bool symbol_place(const listing *l, const fps_symbol *symbol, uint64_t *place)
{
    *place = symbol->address;
    if (!is_relocatable(l))
        return true;
    for (size_t i = 0; i < fps_object_region_count(l->object); i++) {
        const fps_region *region = fps_object_region(l->object, i);
        if (region->section != symbol->section || symbol->address >= region->size)
            continue;
        *place = region->offset + symbol->address;
        return true;
    }
    return false;
}

static fps_status find_name(listing *l, const char *name, fps_error *error)
{
    char words[WORDS] = "";
    size_t found = 0, used = 0;
    for (size_t i = 0; i < fps_object_symbol_count(l->object); i++) {
        const fps_symbol *symbol = fps_object_symbol(l->object, i);
        bool code = symbol->type == FPS_SYMBOL_FUNCTION || symbol->type == FPS_SYMBOL_IFUNC;
        uint64_t place;
        if (!symbol->defined || !code || strcmp(symbol->name, name) != 0 ||
            !symbol_place(l, symbol, &place) || (found && place == l->place))
            continue;
        if (found++ < MAX_OTHERS)
            used += (size_t)snprintf(words + used, sizeof words - used, " 0x%llx", (unsigned long long)place);
        l->place = place;
    }
    if (!found)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX, "no function is called '%.100s'%s",
                         name, l->info->has_symbol_table ? "" : "; the file is stripped: give an address");
    if (found > 1)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "%zu functions are called '%.100s': give the address of one:%s%s", found, name,
                         words, found > MAX_OTHERS ? " ..." : "");
    return FPS_OK;
}

/* Why nothing is at the place, and where code is. */
static fps_status fail_place(const listing *l, fps_error *error)
{
    const fps_region *region = find_region(l, l->place);
    unsigned long long place = l->place;
    if (region && region->executable)
        return fps__fail(
            error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX,
            "0x%llx lies in executable bytes (%.60s), but in no function that symbols, tables or "
            "control flow show there",
            place, region->name[0] ? region->name : "of a segment");
    if (region)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX,
                         "0x%llx lies in %.60s, which holds no code", place,
                         region->name[0] ? region->name : "bytes of no section");
    char words[WORDS] = "";
    size_t used = 0, shown = 0;
    for (size_t i = 0; i < fps_object_region_count(l->object) && shown < MAX_REGIONS; i++) {
        region = fps_object_region(l->object, i);
        if (!region->executable || !region->size)
            continue;
        unsigned long long start = region_start(l, region);
        used += (size_t)snprintf(words + used, sizeof words - used, "%s 0x%llx to 0x%llx (%.30s)",
                                 shown ? "," : "", start, start + region->size - 1, region->name);
        shown++;
    }
    return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX,
                     shown ? "0x%llx lies in nothing that is loaded; executable are%s"
                           : "0x%llx lies in nothing that is loaded, and the file has no executable bytes%s",
                     place, words);
}

static const char *source_words(fps__function_source source)
{
    switch (source) {
    case FPS__FUNCTION_SYMBOL:
        return "by its symbol";
    case FPS__FUNCTION_UNWIND:
        return "by the unwind table";
    case FPS__FUNCTION_TABLE:
        return "by Go's function table";
    case FPS__FUNCTION_FLOW:
        return "by control flow";
    }
    return "";
}

/* Address, name, and in a relocatable object the section. */
static void put_place(const listing *l, const fps__function *f, fps__output *out)
{
    const fps_region *region = is_relocatable(l) ? find_region(l, f->offset) : NULL;
    fps__output_format(out, "0x%llx", (unsigned long long)function_start(l, f));
    if (f->name && f->name[0]) {
        fps__output_text(out, " ");
        fps__output_safe(out, f->name);
    }
    if (region && region->name[0]) {
        fps__output_text(out, " in ");
        fps__output_safe(out, region->name);
    }
}

/* "0x401230 inflate: 3,012 bytes, 812 instructions; known by its symbol; key 0123456789abcdef" */
static fps_status put_head(listing *l, const fps__function *f, fps__output *out)
{
    fps__code code = fps__function_code(l->object, l->data, f);
    fps__code_result result = {0};
    fps_status status = l->machine ? l->machine->normalise(&code, &l->buffer, &result) : FPS_OK;
    if (status != FPS_OK)
        return status;
    put_place(l, f, out);
    fps__output_text(out, ": ");
    fps__output_count(out, f->size, "byte");
    if (l->machine) {
        fps__output_text(out, ", ");
        fps__output_count(out, result.instructions, "instruction");
    }
    fps__output_format(out, "; known %s; ", source_words(f->source));
    if (l->machine)
        fps__output_format(out, "key %016llx", (unsigned long long)result.hash);
    else
        fps__output_text(out, "no key for this machine");
    if (l->machine && result.bytes < f->size) {
        fps__output_text(out, "; no instruction behind ");
        fps__output_count(out, result.bytes, "byte");
    }
    fps__output_text(out, "\n");
    return FPS_OK;
}

/* Other readings of the same code: a candidate may end at several places. */
static fps_status put_others(listing *l, const fps__function *best, fps__output *out)
{
    size_t others = 0;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < l->functions.count && status == FPS_OK; i++) {
        const fps__function *f = &l->functions.items[i];
        if (f == best || !holds(l, f) || ++others > MAX_OTHERS)
            continue;
        fps__output_text(out, "or ");
        status = put_head(l, f, out);
    }
    if (others > MAX_OTHERS)
        fps__output_format(out, "or %zu more readings\n", others - MAX_OTHERS);
    return status;
}

static fps_status write_function(listing *l, const fps__function *f, fps_write_callback write, void *user,
                                 fps_error *error)
{
    fps__output out;
    fps__output_start(&out, write, user);
    fps_status status = put_head(l, f, &out);
    if (status == FPS_OK)
        status = put_others(l, f, &out);
    if (status == FPS_OK)
        status = fps__output_finish(&out, error);
    fps__code code = fps__function_code(l->object, l->data, f);
    code.address = function_start(l, f);
    if (status == FPS_OK)
        status = fps__code_list(l->info, &code, write, user);
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (status == FPS_ERROR_UNSUPPORTED)
        return fps__fail(error, status, NULL, UINT64_MAX, "code for %s cannot be listed",
                         l->info->machine_name);
    if (status != FPS_OK)
        return fps__fail(error, status, NULL, UINT64_MAX, "the listing could not be written");
    return FPS_OK;
}

fps_status fps_listing_write(const void *data, size_t size, const fps_listing_location *place,
                             fps_write_callback write, void *user, fps_error *error)
{
    listing l = {.data = data, .place = place->address};
    fps_status status = fps_object_open(&l.object, data, size, NULL, error);
    if (status != FPS_OK)
        return status;
    l.info = fps_object_get_info(l.object);
    l.machine = fps__machine_find(l.info);
    if (place->name)
        status = find_name(&l, place->name, error);
    if (status == FPS_OK)
        status = fps__functions_find(l.object, data, size, NULL, &l.arena, &l.functions, error);
    if (status == FPS_OK) {
        const fps__function *f = find_function(&l);
        status = f ? write_function(&l, f, write, user, error) : fail_place(&l, error);
    }
    fps__code_buffer_free(&l.buffer);
    fps__arena_free(&l.arena);
    fps_object_free(l.object);
    return status;
}
