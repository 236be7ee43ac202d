/* Writing a compiled set: the model's arrays become the sections that layout.h draws, in one fixed order. */
#include "compiler/set_check.h"
#include "compiler/set_index.h"
#include "compiler/set_output.h"
#include "compiler/set_strings.h"
#include "compiler/set_tables.h"
#include "feature/feature.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct writer {
    const fps__set_model *model;
    fps__set_output *output;
    fps__set_strings strings;
    fps__set_tables tables;
} writer;

static fps_status add_strings(writer *w, const char *const *texts, size_t count, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; status == FPS_OK && i < count; i++)
        status = fps__set_strings_add(&w->strings, texts[i], error);
    return status;
}

/* All texts, in the order of the sections that name them. */
static fps_status gather_strings(writer *w, fps_error *error)
{
    const fps__set_model *model = w->model;
    fps_status status =
        add_strings(w, (const char *[]){model->name, model->creator, model->parameters}, 3, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->component_count; i++) {
        const fps__set_component *c = &model->components[i];
        const char *texts[] = {c->id, c->name, c->purl, c->cpe, c->license, c->family, c->sources};
        status = add_strings(w, texts, sizeof texts / sizeof *texts, error);
    }
    for (uint32_t i = 0; status == FPS_OK && i < model->release_count; i++)
        status = fps__set_strings_add(&w->strings, model->releases[i].version, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->code_build_count; i++)
        status = add_strings(
            w, (const char *[]){model->code_builds[i].toolchain, model->code_builds[i].origin}, 2, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->unit_count; i++)
        status = fps__set_strings_add(&w->strings, model->units[i].name, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->template_count; i++)
        status = fps__set_strings_add(&w->strings, model->templates[i].text, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->histories.release_count; i++)
        status = fps__set_strings_add(&w->strings, model->histories.releases[i].version, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->patches.count; i++)
        status = fps__set_strings_add(&w->strings, model->patches.items[i].cve, error);
    for (uint32_t i = 0; status == FPS_OK && i < model->patches.function_count; i++) {
        const fps__set_patch_function *function = &model->patches.functions[i];
        status =
            add_strings(w, (const char *[]){function->name, function->toolchain, function->origin}, 3, error);
    }
    return status;
}

static void begin(writer *w, enum fps__layout_section kind, uint32_t item_size)
{
    fps__set_output_begin(w->output, &(fps__set_section){.kind = kind, .item_size = item_size});
}

/* Starts a section of packed items, which have a bit at least. */
static void begin_packed(writer *w, enum fps__layout_section kind, unsigned width)
{
    fps__set_output_begin(w->output, &(fps__set_section){.kind = kind, .width = width ? width : 1});
}

static void put_field(writer *w, uint64_t value, unsigned bits)
{
    fps__set_output_field(w->output, value, bits);
}

static void put_text(const writer *w, uint8_t *place, const char *text)
{
    fps__put32le(place, fps__set_strings_offset(&w->strings, text));
}

static void put_next32(writer *w, uint32_t value)
{
    fps__put32le(fps__set_output_room(w->output, 4), value);
}

static void write_meta(writer *w)
{
    begin(w, FPS__SECTION_META, FPS__META_SIZE);
    uint8_t *record = fps__set_output_room(w->output, FPS__META_SIZE);
    put_text(w, record + FPS__META_NAME, w->model->name);
    put_text(w, record + FPS__META_CREATOR, w->model->creator);
    put_text(w, record + FPS__META_PARAMETERS, w->model->parameters);
    fps__set_output_end(w->output);
    begin(w, FPS__SECTION_STRINGS, 1);
    fps__set_output_bytes(w->output, w->strings.bytes, w->strings.size);
    fps__set_output_end(w->output);
}

static void write_components(writer *w)
{
    begin(w, FPS__SECTION_COMPONENTS, FPS__COMPONENT_SIZE);
    for (uint32_t i = 0; i < w->model->component_count; i++) {
        const fps__set_component *c = &w->model->components[i];
        uint8_t *record = fps__set_output_room(w->output, FPS__COMPONENT_SIZE);
        put_text(w, record + FPS__COMPONENT_ID, c->id);
        put_text(w, record + FPS__COMPONENT_NAME, c->name);
        put_text(w, record + FPS__COMPONENT_PURL, c->purl);
        put_text(w, record + FPS__COMPONENT_CPE, c->cpe);
        put_text(w, record + FPS__COMPONENT_LICENSE, c->license);
        put_text(w, record + FPS__COMPONENT_FAMILY, c->family);
        put_text(w, record + FPS__COMPONENT_SOURCES, c->sources);
        fps__put32le(record + FPS__COMPONENT_ROLE, (uint32_t)c->role);
        fps__put32le(record + FPS__COMPONENT_SINCE, c->since);
        fps__put32le(record + FPS__COMPONENT_RELEASE_FIRST, c->release_count ? c->release_first : 0);
        fps__put32le(record + FPS__COMPONENT_RELEASE_COUNT, c->release_count);
        fps__put32le(record + FPS__COMPONENT_UNIT_FIRST, c->unit_count ? c->unit_first : 0);
        fps__put32le(record + FPS__COMPONENT_UNIT_COUNT, c->unit_count);
        fps__put32le(record + FPS__COMPONENT_BUILD_FIRST, c->build_count ? c->build_first : 0);
        fps__put32le(record + FPS__COMPONENT_BUILD_COUNT, c->build_count);
        fps__put32le(record + FPS__COMPONENT_SAMPLE, c->sample_members | (uint32_t)c->sample_others << 8);
    }
    fps__set_output_end(w->output);
}

static void write_releases(writer *w)
{
    begin(w, FPS__SECTION_RELEASES, FPS__RELEASE_SIZE);
    for (uint32_t i = 0; i < w->model->component_count; i++) {
        const fps__set_component *c = &w->model->components[i];
        uint32_t rank = 0;
        for (uint32_t r = 0; r < c->release_count; r++) {
            const fps__set_release *release = &w->model->releases[c->release_first + r];
            uint8_t *record = fps__set_output_room(w->output, FPS__RELEASE_SIZE);
            put_text(w, record + FPS__RELEASE_VERSION, release->version);
            fps__put32le(record + FPS__RELEASE_RANK, release->fingerprinted ? rank++ : FPS__NONE);
            fps__put32le(record + FPS__RELEASE_BUILT, release->built);
        }
    }
    fps__set_output_end(w->output);
}

static void write_code_builds(writer *w)
{
    begin(w, FPS__SECTION_CODE_BUILDS, FPS__CODE_BUILD_SIZE);
    for (uint32_t i = 0; i < w->model->code_build_count; i++) {
        const fps__set_code_build *build = &w->model->code_builds[i];
        uint8_t *record = fps__set_output_room(w->output, FPS__CODE_BUILD_SIZE);
        fps__put32le(record + FPS__CODE_BUILD_RELEASE, build->release);
        fps__put32le(record + FPS__CODE_BUILD_MACHINE, build->machine);
        put_text(w, record + FPS__CODE_BUILD_TOOLCHAIN, build->toolchain);
        put_text(w, record + FPS__CODE_BUILD_ORIGIN, build->origin);
        fps__put32le(record + FPS__CODE_BUILD_ARCHIVES, build->archives);
    }
    fps__set_output_end(w->output);
}

static void write_totals(writer *w)
{
    begin(w, FPS__SECTION_TOTALS, 2);
    for (size_t i = 0; i < w->tables.totals.count; i++)
        fps__put16le(fps__set_output_room(w->output, 2), w->tables.totals.items[i]);
    fps__set_output_end(w->output);
}

static void write_units(writer *w)
{
    const unsigned component_bits = fps__layout_bits(w->model->component_count),
                   name_bits = fps__layout_bits(w->strings.size),
                   totals_bits = fps__layout_bits(w->tables.totals.count);
    begin_packed(w, FPS__SECTION_UNITS, component_bits + FPS__UNIT_KIND_BITS + name_bits + totals_bits + 2);
    for (uint32_t i = 0; i < w->model->unit_count; i++) {
        const fps__set_unit *unit = &w->model->units[i];
        const fps__set_totals *totals = &w->tables.unit_totals[i];
        put_field(w, unit->component, component_bits);
        put_field(w, (uint32_t)unit->kind, FPS__UNIT_KIND_BITS);
        put_field(w, fps__set_strings_offset(&w->strings, unit->name), name_bits);
        put_field(w, totals->first & fps__layout_mask(totals_bits), totals_bits); /* FPS__NONE: all bits */
        put_field(w, totals->wide, 1);
        put_field(w, unit->code && totals->first != FPS__NONE, 1);
    }
    fps__set_output_end(w->output);
    write_totals(w);
}

/* Words of a bit set without the zeros at its end. */
static uint32_t words_of(const fps__bit_set *set)
{
    return (uint32_t)((fps__bit_set_length(*set) + 63) / 64);
}

static void write_bit_sets(writer *w)
{
    uint32_t next = 0;
    begin(w, FPS__SECTION_BIT_SETS, 4);
    put_next32(w, 0);
    for (uint32_t i = 0; i < w->model->bit_set_count; i++)
        put_next32(w, next += words_of(&w->model->bit_sets[i]));
    fps__set_output_end(w->output);
    begin(w, FPS__SECTION_BIT_WORDS, 8);
    for (uint32_t i = 0; i < w->model->bit_set_count; i++) {
        const fps__bit_set *set = &w->model->bit_sets[i];
        for (uint32_t j = 0; j < words_of(set); j++)
            fps__put64le(fps__set_output_room(w->output, 8), set->words[j]);
    }
    fps__set_output_end(w->output);
}

static void write_entries(writer *w)
{
    const fps__set_model *model = w->model;
    const unsigned owner_bits = fps__layout_bits((uint64_t)model->unit_count + model->component_count),
                   attribute_bits = fps__layout_bits(w->tables.attributes.count);
    begin_packed(w, FPS__SECTION_ENTRIES, owner_bits + attribute_bits);
    for (uint32_t i = 0; i < model->entry_count; i++) {
        const fps__set_entry *entry = &model->entries[i];
        put_field(w, entry->unit != FPS__NONE ? entry->unit : model->unit_count + entry->component,
                  owner_bits);
        put_field(w, w->tables.entry_attribute[i], attribute_bits);
    }
    fps__set_output_end(w->output);
    begin(w, FPS__SECTION_ATTRIBUTES, FPS__ATTRIBUTE_SIZE);
    for (size_t i = 0; i < w->tables.attributes.count; i++) {
        const fps__set_attribute *attribute = &w->tables.attributes.items[i];
        uint8_t *record = fps__set_output_room(w->output, FPS__ATTRIBUTE_SIZE);
        fps__put32le(record + FPS__ATTRIBUTE_ANY, attribute->any);
        fps__put32le(record + FPS__ATTRIBUTE_ALL, attribute->all);
        fps__put16le(record + FPS__ATTRIBUTE_WEIGHT, attribute->weight);
        fps__put16le(record + FPS__ATTRIBUTE_FLAGS, attribute->flags);
    }
    fps__set_output_end(w->output);
}

/* Most postings are one entry: only the others are lists. */
static void write_lists(writer *w)
{
    const unsigned bits = fps__layout_bits(w->model->entry_count), width = bits ? bits : 1;
    begin_packed(w, FPS__SECTION_POSTING_LISTS, width);
    for (uint32_t i = 0; i < w->model->posting_count; i++) {
        const fps__set_posting *posting = &w->model->postings[i];
        if (posting->count == 1)
            continue;
        put_field(w, posting->count, width);
        for (uint32_t j = 0; j < posting->count; j++)
            put_field(w, posting->entries[j], width);
    }
    fps__set_output_end(w->output);
}

static void write_templates(writer *w)
{
    begin(w, FPS__SECTION_TEMPLATES, FPS__TEMPLATE_SIZE);
    for (uint32_t i = 0; i < w->model->template_count; i++) {
        const fps__set_template *template_ = &w->model->templates[i];
        uint8_t *record = fps__set_output_room(w->output, FPS__TEMPLATE_SIZE);
        fps__put64le(record + FPS__TEMPLATE_KEY, template_->key);
        put_text(w, record + FPS__TEMPLATE_TEXT, template_->text);
        fps__put32le(record + FPS__TEMPLATE_COMPONENT, template_->component);
        fps__put32le(record + FPS__TEMPLATE_LEARNT_FROM, template_->learnt_from);
        fps__put32le(record + FPS__TEMPLATE_NEGATIVE_HITS, template_->negative_hits);
    }
    fps__set_output_end(w->output);
    if (!w->model->rules)
        return;
    begin(w, FPS__SECTION_RULES, 1);
    fps__set_output_bytes(w->output, w->model->rules, (size_t)w->model->rules_size);
    fps__set_output_bytes(w->output, "", 1);
    fps__set_output_end(w->output);
}

static void write_history_pairs(writer *w)
{
    const fps__set_histories *all = &w->model->histories;
    unsigned bits = 1;
    for (uint32_t i = 0; i < all->count; i++)
        if (fps__layout_bits(all->items[i].count) > bits)
            bits = fps__layout_bits(all->items[i].count);
    begin_packed(w, FPS__SECTION_HISTORY_PAIRS, 2 * bits);
    for (uint32_t i = 0; i < all->pair_count; i++) {
        put_field(w, all->pairs[i].first, bits);
        put_field(w, all->pairs[i].last, bits);
    }
    fps__set_output_end(w->output);
}

static void write_history_ranges(writer *w)
{
    const fps__set_histories *all = &w->model->histories;
    const unsigned pair_bits = fps__layout_bits(all->pair_count);
    begin_packed(w, FPS__SECTION_HISTORY_RANGES, pair_bits + FPS__RANGE_TEXTS_BITS + FPS__RANGE_UNIT_BITS);
    for (uint32_t i = 0; i <= all->range_count; i++) {
        bool closing = i == all->range_count;
        put_field(w, closing ? all->pair_count : all->ranges[i].pairs, pair_bits);
        put_field(w, closing ? 0 : all->ranges[i].texts, FPS__RANGE_TEXTS_BITS);
        put_field(w, closing ? 0 : all->ranges[i].unit, FPS__RANGE_UNIT_BITS);
    }
    fps__set_output_end(w->output);
    write_history_pairs(w);
}

/* Keys with their postings while an index is made of them. */
typedef struct key_list {
    uint64_t *keys;
    uint32_t *postings;
} key_list;

static bool make_list(key_list *list, uint64_t count)
{
    list->keys = malloc(((size_t)count + 1) * sizeof *list->keys);
    list->postings = malloc(((size_t)count + 1) * sizeof *list->postings);
    return list->keys && list->postings;
}

static void free_list(key_list *list)
{
    free(list->keys);
    free(list->postings);
}

static fps_status write_history_keys(writer *w, fps_error *error)
{
    const fps__set_histories *all = &w->model->histories;
    key_list list;
    if (!make_list(&list, all->key_count)) {
        free_list(&list);
        return fps__fail_memory(error);
    }
    for (uint32_t i = 0; i < all->key_count; i++) {
        list.keys[i] = all->keys[i] & ~FPS__HISTORY_RANGE_MASK;
        list.postings[i] = (uint32_t)(all->keys[i] & FPS__HISTORY_RANGE_MASK);
    }
    fps__set_index index = {.directory = FPS__SECTION_HISTORY_DIRECTORY,
                            .keys_section = FPS__SECTION_HISTORY_KEYS,
                            .feature = FPS__FEATURE_LITERAL,
                            .hash_bits = FPS__HISTORY_HASH_BITS,
                            .parameters = fps__feature_parameters(FPS__FEATURE_LITERAL),
                            .keys = list.keys,
                            .postings = list.postings,
                            .count = all->key_count,
                            .posting_limit = all->range_count};
    fps_status status = fps__set_index_write(w->output, &index, error);
    free_list(&list);
    return status;
}

/* All six sections, or none. */
static fps_status write_histories(writer *w, fps_error *error)
{
    const fps__set_histories *all = &w->model->histories;
    if (!all->count)
        return FPS_OK;
    begin(w, FPS__SECTION_HISTORIES, FPS__HISTORY_SIZE);
    for (uint32_t i = 0; i < all->count; i++) {
        uint8_t *record = fps__set_output_room(w->output, FPS__HISTORY_SIZE);
        if (!all->items[i].range_count)
            fps__set_output_needs(w->output, FPS__LAYOUT_MINOR);
        fps__put32le(record + FPS__HISTORY_COMPONENT, all->components[i]);
        fps__put32le(record + FPS__HISTORY_RELEASE_FIRST, all->items[i].first);
        fps__put32le(record + FPS__HISTORY_RELEASE_COUNT, all->items[i].count);
        fps__put32le(record + FPS__HISTORY_RANGE_FIRST, all->items[i].first_range);
        fps__put32le(record + FPS__HISTORY_RANGE_COUNT, all->items[i].range_count);
    }
    fps__set_output_end(w->output);
    begin(w, FPS__SECTION_HISTORY_RELEASES, FPS__HISTORY_RELEASE_SIZE);
    for (uint32_t i = 0; i < all->release_count; i++) {
        uint8_t *record = fps__set_output_room(w->output, FPS__HISTORY_RELEASE_SIZE);
        put_text(w, record + FPS__HISTORY_RELEASE_VERSION, all->releases[i].version);
        fps__put32le(record + FPS__HISTORY_RELEASE_DAY, all->releases[i].day);
    }
    fps__set_output_end(w->output);
    write_history_ranges(w);
    return write_history_keys(w, error);
}

/* Both sections, or none. */
static void write_patches(writer *w)
{
    const fps__set_patches *all = &w->model->patches;
    if (!all->count)
        return;
    begin(w, FPS__SECTION_PATCHES, FPS__PATCH_SIZE);
    for (uint32_t i = 0; i < all->count; i++) {
        uint8_t *record = fps__set_output_room(w->output, FPS__PATCH_SIZE);
        fps__put32le(record + FPS__PATCH_COMPONENT, all->items[i].component);
        put_text(w, record + FPS__PATCH_CVE, all->items[i].cve);
        fps__put32le(record + FPS__PATCH_FUNCTION_FIRST, all->items[i].first);
        fps__put32le(record + FPS__PATCH_FUNCTION_COUNT, all->items[i].count);
    }
    fps__set_output_end(w->output);
    fps__set_output_begin(w->output,
                          &(fps__set_section){.kind = FPS__SECTION_PATCH_FUNCTIONS,
                                              .item_size = FPS__PATCH_FUNCTION_SIZE,
                                              .feature = FPS__FEATURE_FUNCTION,
                                              .parameters = fps__feature_parameters(FPS__FEATURE_FUNCTION)});
    for (uint32_t i = 0; i < all->function_count; i++) {
        const fps__set_patch_function *function = &all->functions[i];
        uint8_t *record = fps__set_output_room(w->output, FPS__PATCH_FUNCTION_SIZE);
        fps__put64le(record + FPS__PATCH_FUNCTION_KEY, function->key);
        put_text(w, record + FPS__PATCH_FUNCTION_NAME, function->name);
        put_text(w, record + FPS__PATCH_FUNCTION_TOOLCHAIN, function->toolchain);
        put_text(w, record + FPS__PATCH_FUNCTION_ORIGIN, function->origin);
        fps__put16le(record + FPS__PATCH_FUNCTION_MACHINE, function->machine);
        fps__put16le(record + FPS__PATCH_FUNCTION_STATE,
                     function->fixed ? FPS__PATCH_FIXED : FPS__PATCH_UNFIXED);
    }
    fps__set_output_end(w->output);
}

/* The keys of one feature kind, with the list as room for them. */
static fps_status write_kind(writer *w, unsigned kind, key_list *list, fps_error *error)
{
    const fps__set_model *model = w->model;
    fps__set_index index = {.directory = FPS__SECTION_DIRECTORY,
                            .keys_section = FPS__SECTION_KEYS,
                            .feature = kind,
                            .hash_bits = fps__layout_hash_bits(kind),
                            .parameters = fps__feature_parameters((fps__feature_kind)kind),
                            .keys = list->keys,
                            .postings = list->postings,
                            .posting_limit = (uint64_t)model->entry_count + w->tables.list_items};
    for (uint64_t i = 0; i < model->key_count; i++) {
        if ((unsigned)fps__feature_kind_of(model->keys[i]) != kind)
            continue;
        list->keys[index.count] = model->keys[i];
        list->postings[index.count++] = w->tables.postings[model->key_posting[i]];
    }
    return index.count ? fps__set_index_write(w->output, &index, error) : FPS_OK;
}

static fps_status write_keys(writer *w, fps_error *error)
{
    key_list list;
    fps_status status = make_list(&list, w->model->key_count) ? FPS_OK : fps__fail_memory(error);
    for (unsigned kind = 0; kind < FPS__FEATURE_KINDS && !status; kind++)
        status = write_kind(w, kind, &list, error);
    free_list(&list);
    return status;
}

fps_status fps__set_write(const fps__set_model *model, const char *path, fps_error *error)
{
    writer w = {.model = model};
    fps_status status = fps__set_check(model, error);
    if (status == FPS_OK)
        status = gather_strings(&w, error);
    if (status == FPS_OK)
        status = fps__set_tables_make(&w.tables, model, error);
    if (status == FPS_OK)
        status = fps__set_output_open(&w.output, path, error);
    if (status != FPS_OK)
        goto out;
    write_meta(&w);
    write_components(&w);
    write_releases(&w);
    write_code_builds(&w);
    write_units(&w);
    write_bit_sets(&w);
    write_entries(&w);
    write_lists(&w);
    write_templates(&w);
    status = write_histories(&w, error);
    write_patches(&w);
    if (status == FPS_OK)
        status = write_keys(&w, error);
    if (status == FPS_OK)
        status = fps__set_output_finish(w.output, error);
out:
    fps__set_output_free(w.output);
    fps__set_strings_free(&w.strings);
    fps__set_tables_free(&w.tables);
    return status;
}
