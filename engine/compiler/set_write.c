/* Writing a compiled set: the model's arrays become the sections that layout.h draws, in one fixed order. */
#include "compiler/set_check.h"
#include "compiler/set_output.h"
#include "compiler/set_strings.h"
#include "database/layout.h"
#include "database/set.h"
#include "feature/feature.h"
#include "util/bytes.h"

#include <string.h>

/* Keys a bucket: 6 at most on average. Against 3 a key has half the directory, up to 1.3 bytes less, and a single probe
 * takes a seventh more time, one of a batch the same (bench/micro/bench_index, 9 M keys on a loaded machine: 65 and 75
 * ns single, 24 and 25 ns batched). */
enum { BUCKET_KEYS = 6 };

typedef struct writer {
    const fps__set_model *model;
    fps__set_output *output;
    fps__set_strings strings;
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
    return status;
}

static void begin(writer *w, enum fps__layout_section kind, uint32_t item_size)
{
    fps__set_output_begin(w->output, kind, item_size, 0, 0);
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

/* Numbers that a unit has totals for. */
static uint32_t totals_length(const writer *w, const fps__set_unit *unit)
{
    const fps__set_component *c = &w->model->components[unit->component];
    return unit->code ? c->build_count : c->release_count;
}

static bool has_total(const writer *w, const fps__set_unit *unit, uint32_t index)
{
    const fps__set_component *c = &w->model->components[unit->component];
    return unit->code || w->model->releases[c->release_first + index].fingerprinted;
}

/* How the totals of a unit are stored. */
typedef struct totals_shape {
    uint32_t items; /* u16 */
    bool wide;
} totals_shape;

static totals_shape shape_of(const writer *w, const fps__set_unit *unit)
{
    totals_shape shape = {0, false};
    uint32_t stored = 0, most = 0, length = totals_length(w, unit);
    for (uint32_t r = 0; unit->totals && r < length; r++) {
        stored += has_total(w, unit, r);
        most = unit->totals[r] > most ? unit->totals[r] : most;
    }
    shape.wide = most > UINT16_MAX;
    shape.items = most == 0 ? 0 : shape.wide ? stored * 2 : stored;
    return shape;
}

static void write_totals(writer *w)
{
    begin(w, FPS__SECTION_TOTALS, 2);
    for (uint32_t i = 0; i < w->model->unit_count; i++) {
        const fps__set_unit *unit = &w->model->units[i];
        uint32_t length = totals_length(w, unit);
        totals_shape shape = shape_of(w, unit);
        for (uint32_t r = 0; shape.items && r < length; r++) {
            if (!has_total(w, unit, r))
                continue;
            if (shape.wide)
                put_next32(w, unit->totals[r]);
            else
                fps__put16le(fps__set_output_room(w->output, 2), (uint16_t)unit->totals[r]);
        }
    }
    fps__set_output_end(w->output);
}

static void write_units(writer *w)
{
    uint32_t next = 0;
    begin(w, FPS__SECTION_UNITS, FPS__UNIT_SIZE);
    for (uint32_t i = 0; i < w->model->unit_count; i++) {
        const fps__set_unit *unit = &w->model->units[i];
        totals_shape shape = shape_of(w, unit);
        uint8_t *record = fps__set_output_room(w->output, FPS__UNIT_SIZE);
        fps__put32le(record + FPS__UNIT_COMPONENT, unit->component);
        put_text(w, record + FPS__UNIT_NAME, unit->name);
        uint32_t flags = (shape.wide ? FPS__TOTALS_WIDE : 0) | (unit->code ? FPS__TOTALS_CODE : 0);
        fps__put32le(record + FPS__UNIT_TOTALS, shape.items ? next | flags : FPS__NONE);
        fps__put32le(record + FPS__UNIT_KIND, (uint32_t)unit->kind);
        next += shape.items;
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
    begin(w, FPS__SECTION_ENTRIES, FPS__ENTRY_SIZE);
    for (uint32_t i = 0; i < w->model->entry_count; i++) {
        const fps__set_entry *entry = &w->model->entries[i];
        bool has_unit = entry->unit != FPS__NONE;
        uint8_t *record = fps__set_output_room(w->output, FPS__ENTRY_SIZE);
        fps__put32le(record + FPS__ENTRY_OWNER, has_unit ? entry->unit : entry->component);
        fps__put32le(record + FPS__ENTRY_ANY, entry->any);
        fps__put32le(record + FPS__ENTRY_ALL, entry->all);
        fps__put16le(record + FPS__ENTRY_WEIGHT, entry->weight);
        fps__put16le(record + FPS__ENTRY_FLAGS,
                     (uint16_t)(entry->flags | (has_unit ? 0 : FPS__ENTRY_NO_UNIT)));
    }
    fps__set_output_end(w->output);
}

/* Most postings are one entry: they stand in the postings themselves, the others in the lists. */
static void write_postings(writer *w)
{
    uint32_t next = 0;
    begin(w, FPS__SECTION_POSTINGS, 4);
    for (uint32_t i = 0; i < w->model->posting_count; i++) {
        const fps__set_posting *posting = &w->model->postings[i];
        put_next32(w, posting->count == 1 ? posting->entries[0] : next | FPS__POSTING_LIST);
        next += posting->count == 1 ? 0 : posting->count + 1;
    }
    fps__set_output_end(w->output);
    begin(w, FPS__SECTION_POSTING_LISTS, 4);
    for (uint32_t i = 0; i < w->model->posting_count; i++) {
        const fps__set_posting *posting = &w->model->postings[i];
        if (posting->count == 1)
            continue;
        put_next32(w, posting->count);
        for (uint32_t j = 0; j < posting->count; j++)
            put_next32(w, posting->entries[j]);
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

static void write_history_ranges(writer *w)
{
    const fps__set_histories *all = &w->model->histories;
    begin(w, FPS__SECTION_HISTORY_RANGES, FPS__HISTORY_RANGE_SIZE);
    for (uint32_t i = 0; i < all->range_count; i++) {
        uint8_t *record = fps__set_output_room(w->output, FPS__HISTORY_RANGE_SIZE);
        fps__put32le(record + FPS__HISTORY_RANGE_COMPONENT, all->ranges[i].component);
        fps__put32le(record + FPS__HISTORY_RANGE_PAIRS, all->ranges[i].pairs);
        record[FPS__HISTORY_RANGE_PAIR_COUNT] = (uint8_t)all->ranges[i].pair_count;
        record[FPS__HISTORY_RANGE_TEXTS] = (uint8_t)all->ranges[i].texts;
        fps__put16le(record + FPS__HISTORY_RANGE_UNIT, (uint16_t)all->ranges[i].unit);
    }
    fps__set_output_end(w->output);
    begin(w, FPS__SECTION_HISTORY_PAIRS, FPS__HISTORY_PAIR_SIZE);
    for (uint32_t i = 0; i < all->pair_count; i++) {
        uint8_t *record = fps__set_output_room(w->output, FPS__HISTORY_PAIR_SIZE);
        fps__put16le(record + FPS__HISTORY_PAIR_FIRST, (uint16_t)all->pairs[i].first);
        fps__put16le(record + FPS__HISTORY_PAIR_LAST, (uint16_t)all->pairs[i].last);
    }
    fps__set_output_end(w->output);
}

/* All five sections, or none: a set without histories is one that older readers know wholly. */
static void write_histories(writer *w)
{
    const fps__set_histories *all = &w->model->histories;
    if (!all->count)
        return;
    begin(w, FPS__SECTION_HISTORIES, FPS__HISTORY_SIZE);
    for (uint32_t i = 0; i < all->count; i++) {
        uint8_t *record = fps__set_output_room(w->output, FPS__HISTORY_SIZE);
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
    fps__set_output_begin(w->output, FPS__SECTION_HISTORY_KEYS, 8, FPS__FEATURE_LITERAL,
                          fps__feature_parameters(FPS__FEATURE_LITERAL));
    for (uint32_t i = 0; i < all->key_count; i++)
        fps__put64le(fps__set_output_room(w->output, 8), all->keys[i]);
    fps__set_output_end(w->output);
}

/* Bucket bits for `key_count` keys: few enough keys a bucket, and room for every posting id in a record. */
static unsigned choose_bits(uint64_t key_count, uint32_t posting_count)
{
    unsigned bits = FPS__BITS_MIN;
    while (bits < FPS__MAX_BITS && (key_count > (uint64_t)BUCKET_KEYS << bits ||
                                    (posting_count && posting_count - 1 > fps__layout_posting_mask(bits))))
        bits++;
    return bits;
}

static void write_kind(writer *w, unsigned kind, uint64_t count)
{
    const fps__set_model *model = w->model;
    unsigned bits = choose_bits(count, model->posting_count);
    uint32_t parameters = fps__feature_parameters((fps__feature_kind)kind);
    uint32_t seen = 0;
    uint64_t bucket = 0; /* directory items below and including this one are written */
    fps__set_output_begin(w->output, FPS__SECTION_DIRECTORY, 4, kind, parameters);
    put_next32(w, 0);
    for (uint64_t i = 0; i < model->key_count; i++) {
        if ((model->keys[i] & 15) != kind)
            continue;
        for (uint64_t mine = fps__layout_bucket(model->keys[i], bits); bucket < mine; bucket++)
            put_next32(w, seen);
        seen++;
    }
    for (; bucket < UINT64_C(1) << bits; bucket++)
        put_next32(w, seen);
    fps__set_output_end(w->output);
    fps__set_output_begin(w->output, FPS__SECTION_KEYS, 8, kind, parameters);
    for (uint64_t i = 0; i < model->key_count; i++) {
        if ((model->keys[i] & 15) == kind)
            fps__put64le(fps__set_output_room(w->output, 8),
                         fps__layout_record(model->keys[i], bits) | model->key_posting[i]);
    }
    fps__set_output_end(w->output);
}

static void write_keys(writer *w)
{
    uint64_t counts[FPS__FEATURE_KINDS] = {0};
    for (uint64_t i = 0; i < w->model->key_count; i++)
        counts[w->model->keys[i] & 15]++;
    for (unsigned kind = 0; kind < FPS__FEATURE_KINDS; kind++) {
        if (counts[kind])
            write_kind(w, kind, counts[kind]);
    }
}

fps_status fps__set_write(const fps__set_model *model, const char *path, fps_error *error)
{
    writer w = {.model = model};
    fps_status status = fps__set_check(model, error);
    if (status == FPS_OK)
        status = gather_strings(&w, error);
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
    write_postings(&w);
    write_templates(&w);
    write_histories(&w);
    write_keys(&w);
    status = fps__set_output_finish(w.output, error);
out:
    fps__set_output_free(w.output);
    fps__set_strings_free(&w.strings);
    return status;
}
