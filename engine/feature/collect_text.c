/* Collects the literals of an object, and the version templates made from them. */
#include "feature/collect.h"

#include "feature/go_texts.h"
#include "feature/literal.h"
#include "feature/template.h"
#include "util/search.h"

#include <stdlib.h>
#include <xxhash.h>

enum {
    MIN_CODE_LITERAL =
        12, /* characters of a literal in a code section; shorter ones are mostly instructions */
    MAX_SIGNATURE = 1024, /* characters of a literal that may be the signature of a function */
    MAX_TEMPLATES = 4,    /* of one literal */
};

typedef struct literal_walk {
    fps__collector *collector;
    const fps_region *region;
    size_t minimum;
    const fps__go_texts *go;
} literal_walk;

static bool is_identifier(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Finds the bare name of a function in its signature. Clang's __PRETTY_FUNCTION__ in C is "type name(args)"
 * where GCC stores "name"; with the bare name as a literal of its own, both compilers give it. Returns the
 * length of the name and sets where it starts; 0 when the text is no signature. */
static size_t pretty_function_name(const char *text, size_t length, size_t *start)
{
    if (length > MAX_SIGNATURE || length < 4 || text[length - 1] != ')')
        return 0;
    const char *open = memchr(text, '(', length);
    if (!open || open == text)
        return 0;
    size_t end = (size_t)(open - text), begin = end;
    while (begin > 0 && is_identifier(text[begin - 1]))
        begin--;
    if (begin == 0 || begin == end || (text[begin - 1] != ' ' && text[begin - 1] != '*'))
        return 0;
    *start = begin;
    return end - begin;
}

static bool add_literal(literal_walk *walk, size_t start, size_t length)
{
    const fps_region *region = walk->region;
    fps__feature feature = {.offset = region->offset + start};
    feature.address = region->loaded && region->address ? region->address + start : 0;
    feature.text = (const char *)walk->collector->bytes.data + feature.offset;
    feature.length = (uint32_t)(length > UINT32_MAX ? UINT32_MAX : length);
    feature.key = fps__feature_literal_key(feature.text, feature.length);
    return fps__collect(walk->collector, &feature);
}

static bool collect_literal(void *user, size_t start, size_t length)
{
    literal_walk *walk = user;
    if (length < walk->minimum ||
        fps__go_texts_hold(walk->go, walk->collector->bytes, walk->region->offset + start, !start))
        return true;
    if (!add_literal(walk, start, length))
        return false;
    const char *text = (const char *)walk->collector->bytes.data + walk->region->offset + start;
    size_t name, size = pretty_function_name(text, length, &name);
    return size < FPS__LITERAL_MINIMUM || add_literal(walk, start + name, size);
}

static bool is_printable(uint16_t c)
{
    return (c >= 0x20 && c <= 0x7e) || (c >= '\t' && c <= '\r');
}

/* The characters at an even offset, one byte each: the sources of a library have the same text for all systems. */
static bool add_wide_literal(literal_walk *walk, const uint8_t *units, size_t count)
{
    fps__collector *collector = walk->collector;
    char *text = fps__arena_alloc(collector->arena, count + 1);
    if (!text) {
        collector->status = FPS_ERROR_MEMORY;
        return false;
    }
    for (size_t i = 0; i < count; i++)
        text[i] = (char)units[2 * i];
    text[count] = '\0';
    const fps_region *region = walk->region;
    uint64_t start = (uint64_t)(units - collector->bytes.data) - region->offset;
    fps__feature feature = {.offset = region->offset + start, .text = text, .length = (uint32_t)count};
    feature.address = region->loaded && region->address ? region->address + start : 0;
    feature.key = fps__feature_literal_key(text, count);
    return fps__collect(collector, &feature);
}

/* Literals in UTF-16, as Windows has them: printable characters of one byte each, and a NUL. */
static bool collect_wide_literals(literal_walk *walk)
{
    const fps_region *region = walk->region;
    fps__span bytes = fps__span_part(walk->collector->bytes, region->offset, region->size);
    size_t run = 0;
    for (size_t at = 0; at + 1 < bytes.size; at += 2) {
        uint16_t unit = fps__get16le(bytes.data + at);
        if (is_printable(unit) && run < UINT32_MAX) {
            run++;
            continue;
        }
        if (!unit && run >= FPS__LITERAL_MINIMUM && !add_wide_literal(walk, bytes.data + at - 2 * run, run))
            return false;
        run = 0;
    }
    return true;
}

static int compare_offsets(const void *left, const void *right)
{
    return FPS__COMPARE(((const fps__feature *)left)->offset, ((const fps__feature *)right)->offset);
}

static bool may_contain_literals(const fps_region *region, bool relocatable)
{
    if (!region->loaded && !relocatable)
        return false;
    return region->kind == FPS_REGION_CODE || region->kind == FPS_REGION_READ_ONLY ||
           region->kind == FPS_REGION_DATA;
}

/* No NUL separates Go's strings, and its function table contains the names of everything that is linked in: of a Go program
 * those texts are literals that a NUL ends and another one goes before, outside of the table, and only where there is code
 * of C to use them. */
void fps__collect_literals(fps__collector *collector)
{
    bool relocatable = collector->info->type == FPS_OBJECT_RELOCATABLE;
    size_t count = fps_object_region_count(collector->object);
    fps__go_texts go = fps__go_texts_find(collector);
    collector->is_go = go.alone;
    for (size_t i = 0; i < count && collector->status == FPS_OK && !collector->is_go; i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        bool code = region->kind == FPS_REGION_CODE && !region->from_segment;
        if (!may_contain_literals(region, relocatable) || (code && go.table_size) ||
            !fps__span_has(collector->bytes, region->offset, region->size))
            continue;
        literal_walk walk = {collector, region, code ? MIN_CODE_LITERAL : FPS__LITERAL_MINIMUM, &go};
        fps__literal_scan(fps__span_part(collector->bytes, region->offset, region->size), collect_literal,
                          &walk);
        if (collector->info->format == FPS_FORMAT_PE && region->kind != FPS_REGION_CODE)
            collect_wide_literals(&walk);
    }
    if (collector->info->format == FPS_FORMAT_PE && collector->items.count)
        qsort(collector->items.items, collector->items.count, sizeof *collector->items.items,
              compare_offsets);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* A string such as "9.1" is too short for a literal and yet a whole version: it becomes a template that is
 * only a slot. `dot` is the index of a '.' in the region's bytes. */
static bool add_short_version(fps__collector *collector, const fps_region *region, fps__span bytes,
                              size_t dot)
{
    size_t start = dot, end = dot + 1;
    while (start > 0 && dot - start < FPS__LITERAL_MINIMUM && is_digit(bytes.data[start - 1]))
        start--;
    while (end < bytes.size && end - start < FPS__LITERAL_MINIMUM && is_digit(bytes.data[end]))
        end++;
    bool alone = start > 0 && bytes.data[start - 1] == 0 && end < bytes.size && bytes.data[end] == 0;
    if (!alone || start == dot || end == dot + 1 || end - start >= FPS__LITERAL_MINIMUM)
        return true;
    static const char slot[] = "{V}";
    fps__feature feature = {.offset = region->offset + start, .text = slot, .length = sizeof slot - 1};
    feature.address = region->loaded && region->address ? region->address + start : 0;
    feature.key = fps__feature_key(XXH3_64bits(slot, sizeof slot - 1), FPS__FEATURE_TEMPLATE);
    feature.version = (const char *)bytes.data + start;
    feature.version_length = (uint32_t)(end - start);
    return fps__collect_again(collector, &feature);
}

static void add_short_versions(fps__collector *collector)
{
    size_t count = fps_object_region_count(collector->object);
    for (size_t i = 0; i < count; i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        fps__span bytes = fps__span_part(collector->bytes, region->offset, region->size);
        if (region->kind != FPS_REGION_READ_ONLY || !region->loaded || !bytes.size)
            continue;
        const uint8_t *end = bytes.data + bytes.size;
        for (const uint8_t *at = bytes.data; (at = memchr(at, '.', (size_t)(end - at))); at++)
            if (!add_short_version(collector, region, bytes, (size_t)(at - bytes.data)))
                return;
    }
}

/* The ordinal of a short version is that of the literal that follows it in the file, or of the last
 * literal. */
static void set_ordinals(fps__collector *collector, size_t first, size_t literal_count)
{
    const fps__feature *items = collector->items.items;
    for (size_t i = first; i < collector->items.count; i++) {
        size_t next;
        FPS__LOWER_BOUND(next, literal_count, at, items[at].offset < items[i].offset);
        collector->items.items[i].ordinal = (uint32_t)(next < literal_count ? next : next ? next - 1 : 0);
    }
}

/* Makes the template of a literal whose slot is [start, start + size). False when nothing more can be added. */
static bool add_template(fps__collector *collector, size_t ordinal, size_t start, size_t size)
{
    char text[FPS__TEMPLATE_TEXT_SIZE];
    fps__feature feature = collector->items.items[ordinal];
    size_t length = fps__template_text(feature.text, feature.length, start, size, text);
    feature.version = feature.text + start;
    feature.version_length = (uint32_t)size;
    feature.text = length ? fps__arena_text(collector->arena, text, length) : NULL;
    if (!feature.text) {
        collector->status = length ? FPS_ERROR_MEMORY : collector->status;
        return false;
    }
    feature.length = (uint32_t)length;
    feature.key = fps__feature_key(XXH3_64bits(text, length), FPS__FEATURE_TEMPLATE);
    feature.ordinal = (uint32_t)ordinal;
    return fps__collect_again(collector, &feature);
}

/* Makes the templates of one literal, one for each version in it, and one more for a version with a vendor's suffix. The
 * same template may come again, because every value of a slot is wanted. */
static void add_templates(fps__collector *collector, size_t ordinal)
{
    const char *literal = collector->items.items[ordinal].text;
    size_t length = collector->items.items[ordinal].length, from = 0, start, size;
    for (unsigned n = 0; n < MAX_TEMPLATES && fps__version_text_find(literal, length, from, &start, &size);
         n++) {
        size_t suffix = fps__version_text_suffix(literal, length, start + size);
        if (!add_template(collector, ordinal, start, size))
            return;
        if (suffix && size + suffix <= FPS__MAX_VERSION_TEXT &&
            !add_template(collector, ordinal, start, size + suffix))
            return;
        from = start + size;
    }
}

void fps__collect_templates(fps__collector *collector, size_t literal_count)
{
    for (size_t i = 0; i < literal_count && collector->status == FPS_OK; i++)
        add_templates(collector, i);
    size_t first = collector->items.count;
    if (!collector->is_go)
        add_short_versions(collector);
    set_ordinals(collector, first, literal_count);
}
