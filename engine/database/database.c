/* The checked accessors of an open set: every id, count and offset is tested here and nowhere else. */
#include "database/database_index.h"

#include <string.h>

static uint32_t field(const uint8_t *record, uint32_t offset)
{
    return fps__get32le(record + offset);
}

static uint64_t count_of(const fps_database *database, enum fps__layout_section kind)
{
    return database->sections[kind].count;
}

const char *fps__database_text(const fps_database *database, uint32_t offset)
{
    const uint8_t *text = fps__database_item(database, FPS__SECTION_STRINGS, offset);
    return text ? (const char *)text : "";
}

/* ---- facts of the set ---- */

void fps_database_read_info(const fps_database *database, fps_database_info *info)
{
    const uint8_t *meta = database->sections[FPS__SECTION_META].data;
    fps__set_counts counts;
    fps__database_counts(database, &counts);
    memset(info, 0, sizeof *info);
    info->name = fps__database_text(database, field(meta, FPS__META_NAME));
    info->creator = fps__database_text(database, field(meta, FPS__META_CREATOR));
    info->parameters = fps__database_text(database, field(meta, FPS__META_PARAMETERS));
    info->version_major = database->version_major;
    info->version_minor = database->version_minor;
    memcpy(info->digest, database->data + FPS__HEADER_DIGEST, sizeof info->digest);
    info->size = database->size;
    info->components = counts.components;
    info->units = counts.units;
    info->keys = counts.keys;
    info->templates = counts.templates;
    info->refused_kinds = database->refused_kinds;
    const fps__section_view *releases = &database->sections[FPS__SECTION_RELEASES];
    for (uint64_t i = 0; i < releases->count; i++)
        info->fingerprinted_releases +=
            field(releases->data + i * releases->item_size, FPS__RELEASE_RANK) != FPS__NONE;
}

void fps__database_counts(const fps_database *database, fps__set_counts *counts)
{
    *counts = (fps__set_counts){
        .components = count_of(database, FPS__SECTION_COMPONENTS),
        .releases = count_of(database, FPS__SECTION_RELEASES),
        .code_builds = count_of(database, FPS__SECTION_CODE_BUILDS),
        .units = count_of(database, FPS__SECTION_UNITS),
        .bit_sets = count_of(database, FPS__SECTION_BIT_SETS) - 1,
        .entries = count_of(database, FPS__SECTION_ENTRIES),
        .list_items = count_of(database, FPS__SECTION_POSTING_LISTS),
        .templates = count_of(database, FPS__SECTION_TEMPLATES),
        .histories = count_of(database, FPS__SECTION_HISTORIES),
        .history_releases = count_of(database, FPS__SECTION_HISTORY_RELEASES),
        .history_ranges = fps__database_range_count(database),
        .history_pairs = count_of(database, FPS__SECTION_HISTORY_PAIRS),
        .history_keys = database->history.key_count,
        .patches = count_of(database, FPS__SECTION_PATCHES),
        .patch_functions = count_of(database, FPS__SECTION_PATCH_FUNCTIONS),
    };
    for (uint32_t kind = 0; kind < FPS__KINDS; kind++)
        counts->keys += database->kinds[kind].key_count;
}

uint64_t fps__database_damage(const fps_database *database)
{
    return atomic_load_explicit(database->damage, memory_order_relaxed);
}

size_t fps_database_diagnostic_count(const fps_database *database)
{
    return database->diagnostic_count;
}

const fps_diagnostic *fps_database_diagnostic(const fps_database *database, size_t index)
{
    return index < database->diagnostic_count ? &database->diagnostics[index] : NULL;
}

const char *fps__database_rules(const fps_database *database, uint64_t *size)
{
    const fps__section_view *rules = &database->sections[FPS__SECTION_RULES];
    *size = rules->present ? rules->count - 1 : 0;
    return rules->present ? (const char *)rules->data : NULL;
}

/* ---- units ---- */

/* A unit as it is stored. */
typedef struct stored_unit {
    uint32_t component, kind, name;
    uint32_t totals; /* FPS__NONE: all of them are zero */
    bool wide, code;
} stored_unit;

/* False and one more damage when there is no such unit, or when its component is not there. */
static bool read_unit(const fps_database *database, uint32_t id, stored_unit *unit)
{
    fps__fields fields;
    unsigned totals_bits = fps__database_bits(database, FPS__SECTION_TOTALS);
    if (!fps__database_fields(database, FPS__SECTION_UNITS, id, &fields))
        return false;
    unit->component = fps__fields_next(&fields, fps__database_bits(database, FPS__SECTION_COMPONENTS));
    unit->kind = fps__fields_next(&fields, FPS__UNIT_KIND_BITS);
    unit->name = fps__fields_next(&fields, fps__database_bits(database, FPS__SECTION_STRINGS));
    unit->totals = fps__fields_next(&fields, totals_bits);
    unit->wide = fps__fields_next(&fields, 1);
    unit->code = fps__fields_next(&fields, 1);
    if (unit->totals == fps__layout_mask(totals_bits))
        unit->totals = FPS__NONE;
    if (unit->component < count_of(database, FPS__SECTION_COMPONENTS))
        return true;
    fps__database_damaged(database);
    return false;
}

/* The component of a unit that is there: an entry needs no more of it. */
static uint32_t unit_component(const fps_database *database, uint32_t id)
{
    const fps__section_view *units = &database->sections[FPS__SECTION_UNITS];
    return (uint32_t)fps__layout_field(units->data, (uint64_t)id * units->width,
                                       fps__database_bits(database, FPS__SECTION_COMPONENTS));
}

/* ---- postings and entries ---- */

/* Item `at` of the posting lists, which is there. */
static uint32_t list_item(const fps_database *database, uint64_t at)
{
    const fps__section_view *lists = &database->sections[FPS__SECTION_POSTING_LISTS];
    return (uint32_t)fps__layout_field(lists->data, at * lists->width,
                                       fps__database_bits(database, FPS__SECTION_ENTRIES));
}

/* Where the list of a posting starts, for one that is no entry. */
static uint32_t list_of(const fps_database *database, uint32_t posting)
{
    return posting - (uint32_t)count_of(database, FPS__SECTION_ENTRIES);
}

uint32_t fps__database_posting_size(const fps_database *database, uint32_t posting)
{
    uint32_t at = list_of(database, posting);
    if (posting < count_of(database, FPS__SECTION_ENTRIES))
        return 1;
    if (at < count_of(database, FPS__SECTION_POSTING_LISTS)) {
        uint32_t size = list_item(database, at);
        if (fps__database_has(database, FPS__SECTION_POSTING_LISTS, at + 1, size))
            return size;
    }
    fps__database_damaged(database);
    return 0;
}

uint32_t fps__database_posting_entry_id(const fps_database *database, uint32_t posting, uint32_t index)
{
    uint32_t id = FPS__NONE;
    if (index < fps__database_posting_size(database, posting))
        id = posting < count_of(database, FPS__SECTION_ENTRIES)
                 ? posting
                 : list_item(database, (uint64_t)list_of(database, posting) + 1 + index);
    if (id < count_of(database, FPS__SECTION_ENTRIES))
        return id;
    fps__database_damaged(database);
    return FPS__NONE;
}

bool fps__database_entry(const fps_database *database, uint32_t posting, uint32_t index,
                         fps__set_entry *entry)
{
    uint32_t id = fps__database_posting_entry_id(database, posting, index);
    if (id != FPS__NONE)
        return fps__database_entry_by_id(database, id, entry);
    memset(entry, 0, sizeof *entry);
    return false;
}

bool fps__database_entry_by_id(const fps_database *database, uint32_t id, fps__set_entry *entry)
{
    fps__fields fields;
    memset(entry, 0, sizeof *entry);
    if (!fps__database_fields(database, FPS__SECTION_ENTRIES, id, &fields))
        return false;
    uint64_t units = count_of(database, FPS__SECTION_UNITS),
             bit_sets = count_of(database, FPS__SECTION_BIT_SETS) - 1;
    uint32_t owner = fps__fields_next(&fields, fps__database_owner_bits(database));
    uint32_t attribute = fps__fields_next(&fields, fps__database_bits(database, FPS__SECTION_ATTRIBUTES));
    const uint8_t *item = fps__database_item(database, FPS__SECTION_ATTRIBUTES, attribute);
    if (!item)
        return false;
    fps__set_entry read = {.unit = owner < units ? owner : FPS__NONE,
                           .any = field(item, FPS__ATTRIBUTE_ANY),
                           .all = field(item, FPS__ATTRIBUTE_ALL),
                           .weight = fps__get16le(item + FPS__ATTRIBUTE_WEIGHT),
                           .flags = fps__get16le(item + FPS__ATTRIBUTE_FLAGS)};
    read.component = owner < units ? unit_component(database, owner) : owner - (uint32_t)units;
    if (read.component >= count_of(database, FPS__SECTION_COMPONENTS) || read.any >= bit_sets ||
        read.all >= bit_sets) {
        fps__database_damaged(database);
        return false;
    }
    *entry = read;
    return true;
}

/* ---- components, releases, units, bit sets, templates ---- */

bool fps__database_component(const fps_database *database, uint32_t id, fps__set_component *component)
{
    memset(component, 0, sizeof *component);
    const uint8_t *item = fps__database_item(database, FPS__SECTION_COMPONENTS, id);
    uint32_t role = item ? field(item, FPS__COMPONENT_ROLE) : 0;
    bool good = item && role <= FPS_COMPONENT_RUNTIME;
    if (good) {
        component->role = (fps_component_role)role;
        component->since = field(item, FPS__COMPONENT_SINCE);
        component->release_first = field(item, FPS__COMPONENT_RELEASE_FIRST);
        component->release_count = field(item, FPS__COMPONENT_RELEASE_COUNT);
        component->unit_first = field(item, FPS__COMPONENT_UNIT_FIRST);
        component->unit_count = field(item, FPS__COMPONENT_UNIT_COUNT);
        component->build_first = field(item, FPS__COMPONENT_BUILD_FIRST);
        component->build_count = field(item, FPS__COMPONENT_BUILD_COUNT);
        uint32_t sample = field(item, FPS__COMPONENT_SAMPLE);
        component->sample_members = (uint8_t)sample;
        component->sample_others = (uint8_t)(sample >> 8);
        good =
            component->sample_members <= FPS__MAX_SAMPLE && component->sample_others <= FPS__MAX_SAMPLE &&
            fps__database_has(database, FPS__SECTION_RELEASES, component->release_first,
                              component->release_count) &&
            fps__database_has(database, FPS__SECTION_UNITS, component->unit_first, component->unit_count) &&
            fps__database_has(database, FPS__SECTION_CODE_BUILDS, component->build_first,
                              component->build_count);
    }
    if (!good) {
        memset(component, 0, sizeof *component);
        fps__database_damaged(database);
    }
    component->id = good ? fps__database_text(database, field(item, FPS__COMPONENT_ID)) : "";
    component->name = good ? fps__database_text(database, field(item, FPS__COMPONENT_NAME)) : "";
    component->purl = good ? fps__database_text(database, field(item, FPS__COMPONENT_PURL)) : "";
    component->cpe = good ? fps__database_text(database, field(item, FPS__COMPONENT_CPE)) : "";
    component->license = good ? fps__database_text(database, field(item, FPS__COMPONENT_LICENSE)) : "";
    component->family = good ? fps__database_text(database, field(item, FPS__COMPONENT_FAMILY)) : "";
    component->sources = good ? fps__database_text(database, field(item, FPS__COMPONENT_SOURCES)) : "";
    return good;
}

bool fps__database_release(const fps_database *database, uint32_t id, fps__set_release *release)
{
    *release = (fps__set_release){.version = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_RELEASES, id);
    if (!item)
        return false;
    release->version = fps__database_text(database, field(item, FPS__RELEASE_VERSION));
    release->fingerprinted = field(item, FPS__RELEASE_RANK) != FPS__NONE;
    release->built = database->sections[FPS__SECTION_RELEASES].item_size < FPS__RELEASE_SIZE
                         ? release->fingerprinted
                         : field(item, FPS__RELEASE_BUILT) & 1;
    return true;
}

bool fps__database_code_build(const fps_database *database, uint32_t id, fps__set_code_build *build)
{
    *build = (fps__set_code_build){.toolchain = "", .origin = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_CODE_BUILDS, id);
    if (!item)
        return false;
    build->release = field(item, FPS__CODE_BUILD_RELEASE);
    build->machine = (uint16_t)field(item, FPS__CODE_BUILD_MACHINE);
    build->toolchain = fps__database_text(database, field(item, FPS__CODE_BUILD_TOOLCHAIN));
    build->origin = fps__database_text(database, field(item, FPS__CODE_BUILD_ORIGIN));
    build->archives = field(item, FPS__CODE_BUILD_ARCHIVES) & 1;
    return true;
}

bool fps__database_unit(const fps_database *database, uint32_t id, fps__set_unit *unit)
{
    stored_unit stored;
    *unit = (fps__set_unit){.name = ""};
    if (!read_unit(database, id, &stored))
        return false;
    unit->component = stored.component;
    unit->code = stored.totals != FPS__NONE && stored.code;
    unit->name = fps__database_text(database, stored.name);
    if (stored.kind < FPS__UNIT_KINDS) /* a later version may know more of them */
        unit->kind = (fps__unit_kind)stored.kind;
    return true;
}

/* The place of a release or code build among the totals of a unit; FPS__NONE when it has none. */
static uint32_t total_rank(const fps_database *database, const fps__set_component *component, uint32_t index,
                           bool code)
{
    if (index >= (code ? component->build_count : component->release_count)) {
        fps__database_damaged(database);
        return FPS__NONE;
    }
    if (code)
        return index;
    const uint8_t *release =
        fps__database_item(database, FPS__SECTION_RELEASES, (uint64_t)component->release_first + index);
    return release ? field(release, FPS__RELEASE_RANK) : FPS__NONE;
}

uint32_t fps__database_unit_total(const fps_database *database, uint32_t unit, uint32_t index)
{
    stored_unit stored;
    fps__set_component component;
    if (!read_unit(database, unit, &stored) ||
        !fps__database_component(database, stored.component, &component) || stored.totals == FPS__NONE)
        return 0;
    uint32_t rank = total_rank(database, &component, index, stored.code);
    if (rank == FPS__NONE)
        return 0;
    uint64_t first = stored.totals + (uint64_t)rank * (stored.wide ? 2 : 1);
    const uint8_t *low = fps__database_item(database, FPS__SECTION_TOTALS, first);
    if (!stored.wide)
        return low ? fps__get16le(low) : 0;
    const uint8_t *high = fps__database_item(database, FPS__SECTION_TOTALS, first + 1);
    return low && high ? fps__get16le(low) | (uint32_t)fps__get16le(high) << 16 : 0;
}

bool fps__database_unit_totals_fit(const fps_database *database, uint32_t id, uint32_t releases,
                                   uint32_t builds)
{
    stored_unit stored;
    if (!read_unit(database, id, &stored))
        return false;
    uint64_t size = (uint64_t)(stored.code ? builds : releases) * (stored.wide ? 2 : 1);
    return stored.totals == FPS__NONE || stored.totals + size <= count_of(database, FPS__SECTION_TOTALS);
}

bool fps__database_bit_set(const fps_database *database, uint32_t id, fps__bit_set *set)
{
    *set = (fps__bit_set){NULL, 0};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_BIT_SETS, (uint64_t)id + 1);
    if (!item)
        return false;
    uint32_t first = fps__get32le(item - 4), end = fps__get32le(item);
    const fps__section_view *words = &database->sections[FPS__SECTION_BIT_WORDS];
    if (first > end || end > words->count) {
        fps__database_damaged(database);
        return false;
    }
    set->words =
        (const uint64_t *)(const void *)(words->data + (size_t)first * 8); /* sections are aligned to 64 */
    set->word_count = end - first;
    return true;
}

bool fps__database_template(const fps_database *database, uint32_t id, fps__set_template *template_)
{
    *template_ = (fps__set_template){.text = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_TEMPLATES, id);
    if (!item)
        return false;
    uint32_t component = field(item, FPS__TEMPLATE_COMPONENT);
    uint32_t learnt_from = field(item, FPS__TEMPLATE_LEARNT_FROM);
    if (component >= count_of(database, FPS__SECTION_COMPONENTS) ||
        learnt_from >= count_of(database, FPS__SECTION_BIT_SETS) - 1) {
        fps__database_damaged(database);
        return false;
    }
    template_->key = fps__get64le(item + FPS__TEMPLATE_KEY);
    template_->text = fps__database_text(database, field(item, FPS__TEMPLATE_TEXT));
    template_->component = component;
    template_->learnt_from = learnt_from;
    template_->negative_hits = field(item, FPS__TEMPLATE_NEGATIVE_HITS);
    return true;
}

/* ---- keys by position ---- */

bool fps__database_key(const fps_database *database, uint64_t position, uint64_t *key, uint32_t *posting)
{
    *key = 0;
    *posting = FPS__NONE;
    for (uint32_t kind = 0; kind < FPS__KINDS; kind++) {
        const fps__index *index = &database->kinds[kind];
        if (position >= index->key_count) {
            position -= index->key_count;
            continue;
        }
        uint64_t id;
        *key = fps__index_key(index, position, &id) | kind;
        if (id < index->postings) {
            *posting = (uint32_t)id;
            return true;
        }
        break;
    }
    fps__database_damaged(database);
    return false;
}

/* ---- the public list of components ---- */

size_t fps_database_component_count(const fps_database *database)
{
    return (size_t)count_of(database, FPS__SECTION_COMPONENTS);
}

bool fps_database_read_component(const fps_database *database, size_t index, fps_component_info *info)
{
    fps__set_component component;
    memset(info, 0, sizeof *info);
    if (index >= fps_database_component_count(database) ||
        !fps__database_component(database, (uint32_t)index, &component))
        return false;
    *info = (fps_component_info){
        .id = component.id,
        .name = component.name,
        .purl = component.purl,
        .cpe = component.cpe,
        .license = component.license,
        .family = component.family,
        .sources = component.sources,
        .role = component.role,
        .since = component.since,
        .release_count = component.release_count,
    };
    return true;
}

const char *fps_database_release(const fps_database *database, size_t index, size_t release,
                                 bool *fingerprinted)
{
    fps__set_component component;
    fps__set_release found = {.version = NULL};
    if (index < fps_database_component_count(database) &&
        fps__database_component(database, (uint32_t)index, &component) && release < component.release_count)
        fps__database_release(database, component.release_first + (uint32_t)release, &found);
    if (fingerprinted)
        *fingerprinted = found.fingerprinted;
    return found.version;
}
