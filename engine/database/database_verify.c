/* The full check of an open set: every checksum, every id through its accessor, every order. */
#include "database/database_index.h"
#include "util/bits.h"
#include "util/error.h"

#include <stdlib.h>
#include <xxhash.h>

typedef struct verification {
    const fps_database *database;
    fps_error *error;
    fps__set_counts counts;
    uint64_t damage; /* at the start of the item under check */
} verification;

static fps_status fault(const verification *v, const char *what, uint64_t id)
{
    return fps__fail(v->error, FPS_ERROR_CORRUPT, v->database->path, UINT64_MAX, "%s (item %llu)", what,
                     (unsigned long long)id);
}

/* True when something was damaged since the last call; texts out of range show only here. */
static bool damaged(verification *v)
{
    uint64_t now = fps__database_damage(v->database);
    bool grew = now != v->damage;
    v->damage = now;
    return grew;
}

static fps_status verify_checksums(const verification *v)
{
    const fps_database *database = v->database;
    for (uint32_t i = 0; i < database->section_count; i++) {
        fps__table_entry entry;
        fps__database_table_entry(database, i, &entry);
        uint64_t size = fps__layout_bytes(entry.count, entry.item_size, entry.width);
        if (XXH3_64bits(database->data + entry.offset, (size_t)size) != entry.checksum)
            return fps__fail(v->error, FPS_ERROR_CORRUPT, database->path, entry.offset,
                             "checksum of section %u of kind %u differs", i, entry.kind);
    }
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(database->data + FPS__HEADER_SIZE,
                                                   (size_t)(database->size - FPS__HEADER_SIZE)));
    if (memcmp(digest.digest, database->data + FPS__HEADER_DIGEST, sizeof digest.digest) != 0)
        return fps__fail(v->error, FPS_ERROR_CORRUPT, database->path, FPS__HEADER_DIGEST,
                         "digest of the set differs");
    return FPS_OK;
}

/* True unless a release is said to be built and has no rank. Version 3.0 does not say what is built. */
static bool is_built_well(const verification *v, const uint8_t *item)
{
    if (!item || v->database->sections[FPS__SECTION_RELEASES].item_size < FPS__RELEASE_SIZE)
        return true;
    uint32_t built = fps__get32le(item + FPS__RELEASE_BUILT);
    return built == 0 || (built == 1 && fps__get32le(item + FPS__RELEASE_RANK) != FPS__NONE);
}

/* The number of fingerprinted releases of a component, FPS__NONE when their ranks do not count up from 0, or one is built that
 * has none. */
static uint32_t fingerprinted_releases(const verification *v, const fps__set_component *component)
{
    uint32_t rank = 0;
    for (uint32_t r = 0; r < component->release_count; r++) {
        const uint8_t *item =
            fps__database_item(v->database, FPS__SECTION_RELEASES, (uint64_t)component->release_first + r);
        uint32_t stored = item ? fps__get32le(item + FPS__RELEASE_RANK) : 0;
        if ((stored != FPS__NONE && stored != rank++) || !is_built_well(v, item))
            return FPS__NONE;
    }
    return rank;
}

/* True when each unit of a component names it and has its totals inside the section. */
static bool units_belong(const verification *v, uint32_t id, const fps__set_component *component,
                         uint32_t fingerprinted)
{
    for (uint32_t u = 0; u < component->unit_count; u++) {
        fps__set_unit unit;
        if (!fps__database_unit(v->database, component->unit_first + u, &unit) || unit.component != id)
            return false;
        if (!fps__database_unit_totals_fit(v->database, component->unit_first + u, fingerprinted,
                                           component->build_count))
            return false;
    }
    return true;
}

/* True when each code build of a component is of one of its releases. */
static bool code_builds_belong(const verification *v, const fps__set_component *component)
{
    for (uint32_t b = 0; b < component->build_count; b++) {
        fps__set_code_build build;
        if (!fps__database_code_build(v->database, component->build_first + b, &build) ||
            build.release >= component->release_count)
            return false;
    }
    return true;
}

static fps_status verify_components(verification *v)
{
    uint64_t releases = 0, units = 0, builds = 0;
    const char *before = "";
    for (uint32_t id = 0; id < v->counts.components; id++) {
        fps__set_component component;
        if (!fps__database_component(v->database, id, &component) || damaged(v))
            return fault(v, "component is damaged", id);
        if (strcmp(before, component.id) >= 0)
            return fault(v, "components are not sorted by id", id);
        if ((component.release_count && component.release_first != releases) ||
            (component.unit_count && component.unit_first != units) ||
            (component.build_count && component.build_first != builds))
            return fault(v, "releases, builds or units of a component are not those behind the ones before",
                         id);
        uint32_t fingerprinted = fingerprinted_releases(v, &component);
        if (fingerprinted == FPS__NONE || !code_builds_belong(v, &component) ||
            !units_belong(v, id, &component, fingerprinted) || damaged(v))
            return fault(v, "releases or units of a component are damaged", id);
        releases += component.release_count;
        units += component.unit_count;
        builds += component.build_count;
        before = component.id;
    }
    if (releases != v->counts.releases || units != v->counts.units || builds != v->counts.code_builds)
        return fault(v, "releases, builds or units belong to no component", v->counts.components);
    for (uint32_t id = 0; id < v->counts.releases; id++) {
        fps__set_release release;
        if (!fps__database_release(v->database, id, &release) || damaged(v))
            return fault(v, "release is damaged", id);
    }
    return FPS_OK;
}

static fps_status verify_bit_sets(verification *v)
{
    const fps__section_view *index = &v->database->sections[FPS__SECTION_BIT_SETS];
    if (fps__get32le(index->data) != 0 || fps__get32le(index->data + (index->count - 1) * 4) !=
                                              v->database->sections[FPS__SECTION_BIT_WORDS].count)
        return fault(v, "bit sets do not cover the bit words", 0);
    for (uint32_t id = 0; id < v->counts.bit_sets; id++) {
        fps__bit_set set;
        if (!fps__database_bit_set(v->database, id, &set) || damaged(v) ||
            (set.word_count && set.words[set.word_count - 1] == 0))
            return fault(v, "bit set is damaged", id);
    }
    return FPS_OK;
}

/* True when a bit set, which has no zero word at its end, has no bit for a release, or code build, that the
 * component lacks. */
static bool bits_fit(const verification *v, uint32_t id, uint32_t component_id, bool code)
{
    fps__bit_set set;
    fps__set_component component;
    if (!fps__database_bit_set(v->database, id, &set) ||
        !fps__database_component(v->database, component_id, &component))
        return false;
    return fps__bit_set_length(set) <= (code ? component.build_count : component.release_count);
}

static fps_status verify_entries(verification *v)
{
    for (uint32_t id = 0; id < v->counts.entries; id++) {
        fps__set_entry entry;
        if (!fps__database_entry_by_id(v->database, id, &entry) || damaged(v))
            return fault(v, "entry is damaged", id);
        bool code = entry.flags & FPS__ENTRY_CODE;
        if (entry.weight > FPS__WEIGHT_FULL || !bits_fit(v, entry.any, entry.component, code) ||
            !bits_fit(v, entry.all, entry.component, code))
            return fault(v, "entry has a weight or versions that cannot be", id);
    }
    for (uint32_t id = 0; id < v->counts.templates; id++) {
        fps__set_template template_;
        if (!fps__database_template(v->database, id, &template_) || damaged(v) ||
            !bits_fit(v, template_.learnt_from, template_.component, false))
            return fault(v, "template is damaged", id);
    }
    return FPS_OK;
}

/* Each list begins where the one before ends, and its entries ascend. Marks in `starts` where they begin. */
static fps_status verify_lists(verification *v, uint64_t *starts)
{
    for (uint64_t at = 0; at < v->counts.list_items;) {
        uint32_t posting = (uint32_t)(v->counts.entries + at), before = 0;
        uint32_t size = fps__database_posting_size(v->database, posting);
        fps__bits_set(starts, at);
        for (uint32_t i = 0; i < size; i++) {
            uint32_t entry = fps__database_posting_entry_id(v->database, posting, i);
            if (entry == FPS__NONE || (i > 0 && entry <= before))
                return fault(v, "posting list has entries that are not there or not ascending", at);
            before = entry;
        }
        if (damaged(v))
            return fault(v, "posting list is damaged", at);
        at += (uint64_t)size + 1;
    }
    return FPS_OK;
}

/* The keys of one feature kind, and that each posting is an entry or the start of a list. */
static fps_status verify_kind(const verification *v, const fps__index *index, const uint64_t *starts)
{
    const char *what;
    uint64_t position, posting;
    if (fps__index_verify(index, false, &what, &position))
        return fault(v, what, position);
    for (uint64_t i = 0; i < index->key_count; i++) {
        posting = fps__index_record(index, i) & index->posting_mask;
        if (posting >= v->counts.entries && !fps__bits_has(starts, posting - v->counts.entries))
            return fault(v, "key has a posting that is not the start of a list", i);
    }
    return FPS_OK;
}

static fps_status verify_keys(verification *v)
{
    uint64_t *starts = calloc((size_t)fps__bits_words(v->counts.list_items) + 1, sizeof *starts);
    fps_status status = starts ? verify_lists(v, starts) : fps__fail_memory(v->error);
    for (uint32_t kind = 0; status == FPS_OK && kind < FPS__KINDS; kind++)
        status = verify_kind(v, &v->database->kinds[kind], starts);
    free(starts);
    return status;
}

fps_status fps_database_verify(const fps_database *database, fps_error *error)
{
    verification v = {.database = database, .error = error, .damage = fps__database_damage(database)};
    fps__database_counts(database, &v.counts);
    fps_status status = verify_checksums(&v);
    if (status == FPS_OK)
        status = verify_components(&v);
    if (status == FPS_OK)
        status = verify_bit_sets(&v);
    if (status == FPS_OK)
        status = verify_entries(&v);
    if (status == FPS_OK)
        status = verify_keys(&v);
    if (status == FPS_OK)
        status = fps__database_verify_histories(database, error);
    if (status == FPS_OK)
        status = fps__database_verify_patches(database, error);
    return status;
}
