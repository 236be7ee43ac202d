/* The full check of an open set: every checksum, every id through its accessor, every order. */
#include "database/database_internal.h"
#include "util/error.h"

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
        if (XXH3_64bits(database->data + entry.offset, (size_t)(entry.count * entry.item_size)) !=
            entry.checksum)
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

/* The number of fingerprinted releases of a component, FPS__NONE when their ranks do not count up from 0. */
static uint32_t fingerprinted_releases(const verification *v, const fps__set_component *component)
{
    uint32_t rank = 0;
    for (uint32_t r = 0; r < component->release_count; r++) {
        const uint8_t *item =
            fps__database_item(v->database, FPS__SECTION_RELEASES, (uint64_t)component->release_first + r);
        uint32_t stored = item ? fps__get32le(item + FPS__RELEASE_RANK) : 0;
        if (stored != FPS__NONE && stored != rank++)
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
        const uint8_t *item =
            fps__database_item(v->database, FPS__SECTION_UNITS, (uint64_t)component->unit_first + u);
        uint32_t totals = fps__get32le(item + FPS__UNIT_TOTALS);
        uint64_t size = totals & FPS__TOTALS_CODE ? component->build_count : fingerprinted;
        size *= totals & FPS__TOTALS_WIDE ? 2 : 1;
        if (totals != FPS__NONE &&
            (totals & FPS__TOTALS_INDEX) + size > v->database->sections[FPS__SECTION_TOTALS].count)
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

/* The lists follow one another in the order of the postings, so that no two share their entries. */
static fps_status verify_postings(verification *v)
{
    uint64_t next = 0;
    for (uint32_t id = 0; id < v->counts.postings; id++) {
        const uint8_t *item = fps__database_item(v->database, FPS__SECTION_POSTINGS, id);
        bool list = fps__get32le(item) & FPS__POSTING_LIST;
        if (list && (fps__get32le(item) & ~FPS__POSTING_LIST) != next)
            return fault(v, "list of a posting is not behind the one before", id);
        uint32_t size = fps__database_posting_size(v->database, id), before = 0;
        for (uint32_t i = 0; i < size; i++) {
            uint32_t entry = fps__database_posting_entry_id(v->database, id, i);
            if (entry == FPS__NONE || (i > 0 && entry <= before))
                return fault(v, "posting has entries that are not there or not ascending", id);
            before = entry;
        }
        if (damaged(v))
            return fault(v, "posting is damaged", id);
        next += list ? (uint64_t)size + 1 : 0;
    }
    if (next != v->database->sections[FPS__SECTION_POSTING_LISTS].count)
        return fault(v, "posting lists belong to no posting", next);
    return FPS_OK;
}

static fps_status verify_kind(const verification *v, uint32_t kind)
{
    const fps__kind_index *index = &v->database->kinds[kind];
    uint32_t end = 0;
    for (uint64_t bucket = 0; bucket < UINT64_C(1) << index->bits; bucket++) {
        uint32_t first = end;
        end = fps__get32le(index->directory + (bucket + 1) * 4);
        if (end < first || end > index->key_count)
            return fault(v, "directory of a feature kind is not ascending", bucket);
        for (uint32_t i = first; i < end; i++) {
            uint64_t mask = index->posting_mask;
            uint64_t record = fps__get64le(index->records + (size_t)i * 8);
            if (i > first && (fps__get64le(index->records + (size_t)(i - 1) * 8) | mask) >= record)
                return fault(v, "keys are not ascending", i);
            if ((record & mask) >= v->counts.postings)
                return fault(v, "key has a posting that is not there", i);
        }
    }
    return end == index->key_count ? FPS_OK : fault(v, "directory does not cover the keys", end);
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
        status = verify_postings(&v);
    for (uint32_t kind = 0; status == FPS_OK && kind < FPS__KINDS; kind++)
        status = verify_kind(&v, kind);
    if (status == FPS_OK)
        status = fps__database_verify_histories(database, error);
    return status;
}
