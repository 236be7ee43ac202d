/* Makes a history release by release: what each file gives is kept by its id, so that it is read once. */
#include "history/history_maker.h"
#include "history/history_rules.h"

#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

enum { MAX_MACRO_TEXTS = 64, TEXT_LEAST = 5 };

/* ---- strings ---- */

uint32_t fps__maker_find(const fps__maker_strings *strings, const char *text, size_t size)
{
    if (!strings->table.size)
        return 0;
    fps__table_slot *slot;
    const fps__maker_string *items = strings->items.items;
    uint64_t hash = XXH3_64bits(text, size);
    FPS__TABLE_FIND(slot, &strings->table, hash, id,
                    items[id - 1].size == size && !memcmp(items[id - 1].text, text, size));
    return slot->id;
}

uint32_t fps__maker_intern(fps__maker_strings *strings, const char *text, size_t size)
{
    uint32_t found = fps__maker_find(strings, text, size);
    if (found)
        return found;
    fps__maker_string made = {fps__arena_text(&strings->arena, text, size), (uint32_t)size};
    if (!made.text || fps__table_reserve(&strings->table, 1) ||
        FPS__ARRAY_PUSH(&strings->items, &made, UINT32_MAX - 1))
        return 0;
    fps__table_slot *slot;
    uint64_t hash = XXH3_64bits(text, size);
    FPS__TABLE_FIND(slot, &strings->table, hash, id, id == 0);
    fps__table_add(&strings->table, slot, hash, (uint32_t)strings->items.count);
    return (uint32_t)strings->items.count;
}

static const fps__maker_string *string_of(const fps__maker *maker, uint32_t id)
{
    return &maker->strings.items.items[id - 1];
}

/* ---- opening and closing ---- */

static fps_status compile(regex_t *expression, bool *made, const char *text, const char *what,
                          fps_error *error)
{
    char message[128];
    int fault = text ? regcomp(expression, text, REG_EXTENDED) : 0;
    *made = text && !fault;
    if (!fault)
        return FPS_OK;
    regerror(fault, expression, message, sizeof message);
    return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "the pattern of %s: %s", what, message);
}

fps_status fps__maker_open(fps__maker *maker, const fps_history_options *options, fps_history_result *result,
                           fps_error *error)
{
    memset(maker, 0, sizeof *maker);
    maker->options = options;
    maker->result = result;
    maker->strings.arena.limit = FPS__MAKER_MEMORY;
    fps_status status = compile(&maker->tag, &maker->has_tag, options->tag, "tags", error);
    if (!status)
        status = compile(&maker->paths, &maker->has_paths, options->paths, "paths", error);
    if (!status)
        status = compile(&maker->drop, &maker->has_drop, options->drop, "paths to drop", error);
    if (status)
        return status;
    maker->history = fps__history_create();
    return maker->history && !fps__macro_start(maker) ? FPS_OK : fps__fail_memory(error);
}

void fps__maker_close(fps__maker *maker)
{
    if (maker->has_tag)
        regfree(&maker->tag);
    if (maker->has_paths)
        regfree(&maker->paths);
    if (maker->has_drop)
        regfree(&maker->drop);
    for (size_t i = 0; i < maker->texts.count; i++) {
        free(maker->texts.items[i].releases.items);
        free(maker->texts.items[i].units.items);
    }
    for (size_t i = 0; i < maker->names.count; i++)
        free(maker->names.items[i].releases.items);
    free(maker->texts.items);
    free(maker->names.items);
    free(maker->files.items);
    free(maker->items.items);
    free(maker->here.items);
    free(maker->macros.items);
    fps__arena_free(&maker->strings.arena);
    free(maker->strings.items.items);
    fps__table_free(&maker->strings.table);
    fps__table_free(&maker->file_table);
    fps__key_map_free(&maker->text_of);
    fps__key_map_free(&maker->name_of);
    fps__key_map_free(&maker->unit_of);
    fps__key_map_free(&maker->text_units);
    fps__history_free(maker->history);
    maker->history = NULL;
}

static void FPS_PRINTF(5, 0) say(fps__maker *maker, fps_diagnostic_level level, const char *code,
                                 const char *path, const char *format, va_list list)
{
    char message[256];
    vsnprintf(message, sizeof message, format, list);
    fps_diagnostic diagnostic = {level, code, path, UINT64_MAX, message};
    if (maker->options->diagnostic)
        maker->options->diagnostic(maker->options->user, &diagnostic);
}

void fps__maker_diagnose(fps__maker *maker, const char *code, const char *path, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(maker, FPS_DIAGNOSTIC_PARTIAL, code, path, format, list);
    va_end(list);
    maker->result->damaged++;
}

void fps__maker_doubt(fps__maker *maker, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(maker, FPS_DIAGNOSTIC_NOTE, "doubtful-release", maker->history->component, format, list);
    va_end(list);
}

static const char *keep(fps__maker *maker, const char *text)
{
    return fps__arena_string(&maker->history->arena, text ? text : "");
}

fps_status fps__maker_source(fps__maker *maker, const char *where, const char *commit, const char *date,
                             fps_error *error)
{
    fps__history_source source = {keep(maker, where), keep(maker, commit), keep(maker, date)};
    if (!source.where || !source.commit || !source.date ||
        FPS__ARRAY_PUSH(&maker->history->sources, &source, FPS__HISTORY_RELEASES))
        return fps__fail_memory(error);
    return FPS_OK;
}

/* ---- files ---- */

fps_status fps__maker_begin(fps__maker *maker, const char *version, const char *tag, const char *date,
                            fps_error *error)
{
    fps__history_release release = {keep(maker, version), keep(maker, tag), keep(maker, date)};
    if (!release.version || !release.tag || !release.date)
        return fps__fail_memory(error);
    fps_status status = FPS__ARRAY_PUSH(&maker->history->releases, &release, FPS__HISTORY_RELEASES);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "more than %d releases", FPS__HISTORY_RELEASES);
    maker->release = (uint32_t)maker->history->releases.count;
    maker->here.count = 0;
    maker->entries = 0;
    return status ? fps__fail_memory(error) : FPS_OK;
}

unsigned fps__maker_wants(fps__maker *maker, const char *path, unsigned depth)
{
    unsigned kind = fps__history_file_kind(path, depth);
    if (!kind || kind == FPS__HISTORY_BUILD)
        return kind;
    if (maker->has_paths && regexec(&maker->paths, path, 0, NULL, 0))
        return 0;
    return maker->has_drop && !regexec(&maker->drop, path, 0, NULL, 0) ? 0 : kind;
}

static fps_status unit_index(fps__maker *maker, const char *base, uint32_t *unit, fps_error *error)
{
    bool fresh;
    uint32_t string = fps__maker_intern(&maker->strings, base, strlen(base));
    uint32_t *found = string ? fps__key_map_add(&maker->unit_of, string, &fresh) : NULL;
    if (!found)
        return fps__fail_memory(error);
    if (fresh) {
        const char *name = keep(maker, base);
        *found = (uint32_t)maker->history->units.count;
        fps_status status =
            name ? FPS__ARRAY_PUSH(&maker->history->units, &name, FPS__HISTORY_UNITS) : FPS_ERROR_MEMORY;
        if (status == FPS_ERROR_LIMIT)
            return fps__fail(error, status, NULL, UINT64_MAX, "more than %d names of files",
                             FPS__HISTORY_UNITS);
        if (status)
            return fps__fail_memory(error);
    }
    *unit = *found;
    return FPS_OK;
}

/* Names with control characters would break the lines of the file. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static fps_status see_file(fps__maker *maker, uint32_t index, fps_error *error)
{
    fps__maker_file_facts *file = &maker->files.items[index];
    if (file->release == maker->release)
        return FPS_OK;
    file->release = maker->release;
    return FPS__ARRAY_PUSH(&maker->here, &index, FPS__MAKER_FILES) ? fps__fail_memory(error) : FPS_OK;
}

fps_status fps__maker_file(fps__maker *maker, const char *path, unsigned kind,
                           const uint8_t id[FPS__MAKER_ID], bool *known, fps_error *error)
{
    const char *base = fps__history_base_name(path);
    fps__maker_file_facts made = {.kind = kind};
    *known = true;
    if (strlen(base) > 255 || !is_plain(base))
        return FPS_OK;
    fps_status status = kind == FPS__HISTORY_BUILD ? FPS_OK : unit_index(maker, base, &made.unit, error);
    if (status)
        return status;
    memcpy(made.id, id, sizeof made.id);
    uint64_t hash = XXH3_64bits_withSeed(made.id, sizeof made.id, made.unit ^ (uint64_t)kind << 32);
    if (fps__table_reserve(&maker->file_table, 1))
        return fps__fail_memory(error);
    fps__table_slot *slot;
    const fps__maker_file_facts *files = maker->files.items;
    FPS__TABLE_FIND(slot, &maker->file_table, hash, found,
                    files[found - 1].unit == made.unit && files[found - 1].kind == kind &&
                        !memcmp(files[found - 1].id, made.id, sizeof made.id));
    if (slot->id)
        return see_file(maker, slot->id - 1, error);
    *known = false;
    snprintf(maker->build_name, sizeof maker->build_name, "%s", base);
    made.first = (uint32_t)maker->items.count;
    status = FPS__ARRAY_PUSH(&maker->files, &made, FPS__MAKER_FILES);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "more than %d different files", FPS__MAKER_FILES);
    if (status)
        return fps__fail_memory(error);
    fps__table_add(&maker->file_table, slot, hash, (uint32_t)maker->files.count);
    return see_file(maker, (uint32_t)maker->files.count - 1, error);
}

/* ---- facts of a file ---- */

/* What a binary can hold as it is: the engine's literals are such runs (feature/literal.h). */
static bool is_literal(const char *text, size_t size)
{
    if (size < TEXT_LEAST || size > FPS__HISTORY_TEXT)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] > '~' ||
            ((unsigned char)text[i] < ' ' && (text[i] < '\t' || text[i] > '\r')))
            return false;
    return true;
}

/* The index of a text or a name, which is made on first sight. */
static fps_status key_index(fps__maker *maker, bool text, const char *bytes, size_t size, uint32_t *index)
{
    bool fresh;
    uint32_t string = fps__maker_intern(&maker->strings, bytes, size);
    uint32_t *found =
        string ? fps__key_map_add(text ? &maker->text_of : &maker->name_of, string, &fresh) : NULL;
    if (!found)
        return FPS_ERROR_MEMORY;
    if (fresh) {
        fps__maker_key key = {.string = string};
        *found = (uint32_t)(text ? maker->texts.count : maker->names.count);
        fps_status status = text ? FPS__ARRAY_PUSH(&maker->texts, &key, FPS__HISTORY_KEYS)
                                 : FPS__ARRAY_PUSH(&maker->names, &key, FPS__HISTORY_KEYS);
        if (status)
            return status;
    }
    *index = *found;
    return FPS_OK;
}

static fps_status add_unit(fps__maker *maker, uint32_t text, uint32_t unit)
{
    bool fresh;
    if (!fps__key_map_add(&maker->text_units, ((uint64_t)text + 1) << 32 | unit, &fresh))
        return FPS_ERROR_MEMORY;
    return fresh ? FPS__ARRAY_PUSH(&maker->texts.items[text].units, &unit, FPS__HISTORY_UNITS) : FPS_OK;
}

/* "@VERSION@" in a file that the build fills in: the parts of the text. 0: there is none, or it does not fit. */
static size_t split_template(const char *text, size_t size, char *parts, size_t room)
{
    size_t used = 0, from = 0;
    bool found = false;
    for (size_t i = 0; i < size; i++) {
        size_t end = i + 1;
        while (text[i] == '@' && end < size && (text[end] == '_' || (text[end] >= 'A' && text[end] <= 'Z')))
            end++;
        if (text[i] != '@' || end == i + 1 || end >= size || text[end] != '@')
            continue;
        if (used + size + 8 > room)
            return 0;
        if (i > from) {
            parts[used++] = FPS__LEX_TEXT;
            memcpy(parts + used, text + from, i - from);
            used += i - from;
            parts[used++] = 0;
        }
        parts[used++] = FPS__LEX_MACRO;
        memcpy(parts + used, text + i + 1, end - i - 1);
        used += end - i - 1;
        parts[used++] = 0;
        from = end + 1;
        i = end;
        found = true;
    }
    if (!found || used + size + 2 > room)
        return 0;
    if (from < size) {
        parts[used++] = FPS__LEX_TEXT;
        memcpy(parts + used, text + from, size - from);
        used += size - from;
        parts[used++] = 0;
    }
    return used;
}

typedef struct reading {
    fps__maker *maker;
    const fps__maker_file_facts *file;
    bool filled_in; /* by the build: *.in */
} reading;

static fps_status push_item(fps__maker *maker, const fps__maker_item *item)
{
    return FPS__ARRAY_PUSH(&maker->items, item, FPS__MAKER_ITEMS);
}

static fps_status take_parts(fps__maker *maker, const fps__lex_event *event, const char *parts, size_t size)
{
    fps__maker_item item = {
        .kind = (uint8_t)event->kind, .index = (uint8_t)event->index, .call = event->call};
    if (event->kind == FPS__LEX_LITERAL)
        item.kind = FPS__LEX_JOINED;
    if (event->name && !(item.name = fps__maker_intern(&maker->strings, event->name, event->name_size)))
        return FPS_ERROR_MEMORY;
    item.text = fps__maker_intern(&maker->strings, parts, size);
    return item.text ? push_item(maker, &item) : FPS_ERROR_MEMORY;
}

static fps_status take_literal(reading *now, const fps__lex_event *event)
{
    fps__maker *maker = now->maker;
    fps__maker_item item = {.kind = FPS__LEX_LITERAL};
    if (now->filled_in && memchr(event->text, '@', event->size)) {
        size_t size = split_template(event->text, event->size, maker->scratch, sizeof maker->scratch);
        if (size)
            return take_parts(maker, event, maker->scratch, size);
    }
    if (!is_literal(event->text, event->size))
        return FPS_OK;
    fps_status status = key_index(maker, true, event->text, event->size, &item.text);
    if (!status)
        status = add_unit(maker, item.text, now->file->unit);
    return status ? status : push_item(maker, &item);
}

static fps_status take_define(reading *now, const fps__lex_event *event)
{
    size_t size = 0;
    if (now->filled_in && event->size > 2 && event->text[0] == FPS__LEX_TEXT &&
        strlen(event->text) + 1 == event->size)
        size =
            split_template(event->text + 1, event->size - 2, now->maker->scratch, sizeof now->maker->scratch);
    return size ? take_parts(now->maker, event, now->maker->scratch, size)
                : take_parts(now->maker, event, event->text ? event->text : "", event->size);
}

static fps_status take_event(void *user, const fps__lex_event *event)
{
    reading *now = user;
    unsigned kind = now->file->kind;
    fps__maker_item item = {.kind = FPS__LEX_DECLARED};
    fps_status status = FPS_OK;
    switch (event->kind) {
    case FPS__LEX_LITERAL:
        return kind & FPS__HISTORY_SOURCE ? take_literal(now, event) : FPS_OK;
    case FPS__LEX_DEFINE:
        return take_define(now, event);
    case FPS__LEX_JOINED:
    case FPS__LEX_INVOKE:
        return kind & FPS__HISTORY_SOURCE ? take_parts(now->maker, event, event->text, event->size) : FPS_OK;
    case FPS__LEX_DECLARED:
        if (!(kind & (FPS__HISTORY_HEADER | FPS__HISTORY_EXPORTS)))
            return FPS_OK;
        break;
    case FPS__LEX_DEFINED:
        break;
    }
    status = key_index(now->maker, false, event->name, event->name_size, &item.text);
    return status ? status : push_item(now->maker, &item);
}

fps_status fps__maker_read(fps__maker *maker, fps__span bytes, fps_error *error)
{
    fps__maker_file_facts *file = &maker->files.items[maker->files.count - 1];
    const char *base = file->kind == FPS__HISTORY_BUILD ? "" : maker->history->units.items[file->unit];
    size_t length = strlen(base);
    reading now = {maker, file, length > 3 && !strcmp(base + length - 3, ".in")};
    maker->bytes += bytes.size;
    maker->result->files++;
    if (maker->bytes > FPS__MAKER_BYTES)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %llu bytes of sources",
                         (unsigned long long)FPS__MAKER_BYTES);
    fps_status status = FPS_OK;
    if (file->kind & FPS__HISTORY_SOURCE || file->kind & FPS__HISTORY_HEADER)
        status = fps__lex_source(bytes, take_event, &now);
    if (!status && file->kind & FPS__HISTORY_EXPORTS)
        status = fps__lex_exports(bytes, take_event, &now);
    if (!status && file->kind == FPS__HISTORY_BUILD)
        status = fps__macro_read_build(bytes, maker->build_name, take_event, &now);
    file = &maker->files.items[maker->files.count - 1];
    file->count = (uint32_t)maker->items.count - file->first;
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "too many texts and names");
    return status ? fps__fail_memory(error) : FPS_OK;
}

/* ---- the end of a release ---- */

static fps_status mark(fps__maker *maker, fps__maker_key *key, bool text)
{
    uint32_t index = maker->release - 1;
    fps__history_range *last = key->releases.count ? &key->releases.items[key->releases.count - 1] : NULL;
    if (last && last->last == index)
        return FPS_OK;
    const fps__maker_string *string = string_of(maker, key->string);
    if (text)
        key->own += fps__history_has_version(string->text, string->size,
                                             maker->history->releases.items[index].version);
    if (last && last->last + 1 == index) {
        last->last = index;
        return FPS_OK;
    }
    fps__history_range range = {index, index};
    return FPS__ARRAY_PUSH(&key->releases, &range, FPS__HISTORY_RELEASES);
}

static fps_status mark_expanded(fps__maker *maker, const fps__maker_item *item, uint32_t unit)
{
    unsigned next = 0;
    fps_status status = FPS_OK;
    for (int i = 0; i < MAX_MACRO_TEXTS && !status; i++) {
        uint32_t text;
        size_t size = fps__macro_expand(maker, item, &next);
        if (size && is_literal(maker->scratch, size)) {
            status = key_index(maker, true, maker->scratch, size, &text);
            if (!status)
                status = add_unit(maker, text, unit);
            if (!status)
                status = mark(maker, &maker->texts.items[text], true);
        }
        if (!next)
            break;
    }
    return status;
}

static fps_status mark_file(fps__maker *maker, const fps__maker_file_facts *file, bool expanded)
{
    fps_status status = FPS_OK;
    for (uint32_t i = file->first; i < file->first + file->count && !status; i++) {
        fps__maker_item item = maker->items.items[i];
        if (expanded != (item.kind == FPS__LEX_JOINED || item.kind == FPS__LEX_INVOKE))
            continue;
        if (expanded)
            status = mark_expanded(maker, &item, file->unit);
        else if (item.kind == FPS__LEX_DEFINE)
            status = fps__macro_define(maker, &item);
        else if (item.kind == FPS__LEX_LITERAL)
            status = mark(maker, &maker->texts.items[item.text], true);
        else
            status = mark(maker, &maker->names.items[item.text], false);
    }
    return status;
}

/* The first two numbers of a version. False when it has none. */
static bool leading_numbers(const char *version, unsigned long numbers[2])
{
    char *end;
    if (*version < '0' || *version > '9')
        return false;
    numbers[0] = strtoul(version, &end, 10);
    numbers[1] = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
    return true;
}

/* A tag that says 9.0 over sources that say 1.2 is worth a word. Last numbers differ often: they are forgotten. */
static void compare_versions(fps__maker *maker)
{
    const fps__history_release *release = &maker->history->releases.items[maker->release - 1];
    const char *stated = fps__macro_stated_version(maker);
    unsigned long tagged[2], said[2];
    if (stated && leading_numbers(release->version, tagged) && leading_numbers(stated, said) &&
        (tagged[0] != said[0] || tagged[1] != said[1]))
        fps__maker_doubt(maker, "tag %s: the build file of its sources says %.64s", release->tag, stated);
}

fps_status fps__maker_end(fps__maker *maker, fps_error *error)
{
    fps_status status = FPS_OK;
    for (int expanded = 0; expanded < 2; expanded++)
        for (size_t i = 0; i < maker->here.count && !status; i++)
            status = mark_file(maker, &maker->files.items[maker->here.items[i]], expanded);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "too many texts and names");
    if (status)
        return fps__fail_memory(error);
    compare_versions(maker);
    return FPS_OK;
}

/* ---- the history ---- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* The units of a text as ranges, in `ranges`, which has room for each. */
static size_t unit_ranges(fps__maker_key *key, fps__history_range *ranges)
{
    size_t count = 0;
    qsort(key->units.items, key->units.count, sizeof *key->units.items, compare_numbers);
    for (size_t i = 0; i < key->units.count; i++) {
        uint32_t unit = key->units.items[i];
        if (count && ranges[count - 1].last + 1 == unit)
            ranges[count - 1].last = unit;
        else
            ranges[count++] = (fps__history_range){unit, unit};
    }
    return count;
}

static fps_status finish_text(fps__maker *maker, fps__maker_key *key)
{
    const fps__maker_string *string = string_of(maker, key->string);
    fps__history_text text = {.hash = XXH3_64bits(string->text, string->size),
                              .length = string->size,
                              .text_class = fps__history_text_class(string->text, string->size)};
    size_t releases = 0;
    for (size_t i = 0; i < key->releases.count; i++)
        releases += key->releases.items[i].last - key->releases.items[i].first + 1;
    if (key->own * 2 > releases)
        text.text_class |= FPS__HISTORY_OWN_VERSION;
    fps__history_range *ranges = malloc(key->units.count * sizeof *ranges + 1);
    fps_status status = ranges ? FPS_OK : FPS_ERROR_MEMORY;
    if (!status)
        status = fps__history_intern(maker->history, ranges, unit_ranges(key, ranges), &text.units);
    free(ranges);
    if (!status)
        status =
            fps__history_intern(maker->history, key->releases.items, key->releases.count, &text.releases);
    return status ? status : FPS__ARRAY_PUSH(&maker->history->texts, &text, FPS__HISTORY_KEYS);
}

static fps_status finish_name(fps__maker *maker, const fps__maker_key *key)
{
    const fps__maker_string *string = string_of(maker, key->string);
    fps__history_name name = {.hash = XXH3_64bits_withSeed(string->text, string->size, 's')};
    fps_status status =
        fps__history_intern(maker->history, key->releases.items, key->releases.count, &name.releases);
    return status ? status : FPS__ARRAY_PUSH(&maker->history->names, &name, FPS__HISTORY_KEYS);
}

fps_status fps__maker_finish(fps__maker *maker, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < maker->texts.count && !status; i++)
        if (maker->texts.items[i].releases.count)
            status = finish_text(maker, &maker->texts.items[i]);
    for (size_t i = 0; i < maker->names.count && !status; i++)
        if (maker->names.items[i].releases.count)
            status = finish_name(maker, &maker->names.items[i]);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "too many texts and names");
    return status ? fps__fail_memory(error) : FPS_OK;
}
