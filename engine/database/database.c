/* The checked accessors of an open set: every id, count and offset is tested here and nowhere else. */
#include "database/database_internal.h"
#include "database/unit_name.h"
#include "util/search.h"

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
        .postings = count_of(database, FPS__SECTION_POSTINGS),
        .templates = count_of(database, FPS__SECTION_TEMPLATES),
        .histories = count_of(database, FPS__SECTION_HISTORIES),
        .history_releases = count_of(database, FPS__SECTION_HISTORY_RELEASES),
        .history_ranges = count_of(database, FPS__SECTION_HISTORY_RANGES),
        .history_pairs = count_of(database, FPS__SECTION_HISTORY_PAIRS),
        .history_keys = count_of(database, FPS__SECTION_HISTORY_KEYS),
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

/* ---- postings and entries ---- */

/* The entry ids of a posting: `*data` is where the first u32 stands. 0 when the posting is damaged. */
static uint32_t posting_entries(const fps_database *database, uint32_t posting, const uint8_t **data)
{
    const uint8_t *item = fps__database_item(database, FPS__SECTION_POSTINGS, posting);
    if (!item)
        return 0;
    uint32_t value = fps__get32le(item);
    if (!(value & FPS__POSTING_LIST)) {
        *data = item;
        return 1;
    }
    value &= ~FPS__POSTING_LIST;
    const uint8_t *list = fps__database_item(database, FPS__SECTION_POSTING_LISTS, value);
    if (!list)
        return 0;
    uint32_t count = fps__get32le(list);
    if (!fps__database_has(database, FPS__SECTION_POSTING_LISTS, value + 1, count)) {
        fps__database_damaged(database);
        return 0;
    }
    *data = list + 4;
    return count;
}

uint32_t fps__database_posting_size(const fps_database *database, uint32_t posting)
{
    const uint8_t *data = NULL;
    return posting_entries(database, posting, &data);
}

uint32_t fps__database_posting_entry_id(const fps_database *database, uint32_t posting, uint32_t index)
{
    const uint8_t *data = NULL;
    uint32_t count = posting_entries(database, posting, &data);
    uint32_t id = index < count ? fps__get32le(data + (size_t)index * 4) : FPS__NONE;
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
    memset(entry, 0, sizeof *entry);
    const uint8_t *item = fps__database_item(database, FPS__SECTION_ENTRIES, id);
    if (!item)
        return false;
    uint32_t owner = field(item, FPS__ENTRY_OWNER);
    uint16_t flags = fps__get16le(item + FPS__ENTRY_FLAGS);
    fps__set_entry read = {.component = owner, .unit = owner};
    if (flags & FPS__ENTRY_NO_UNIT) {
        read.unit = FPS__NONE;
    } else {
        const uint8_t *unit = fps__database_item(database, FPS__SECTION_UNITS, owner);
        if (!unit)
            return false;
        read.component = field(unit, FPS__UNIT_COMPONENT);
    }
    read.any = field(item, FPS__ENTRY_ANY);
    read.all = field(item, FPS__ENTRY_ALL);
    read.weight = fps__get16le(item + FPS__ENTRY_WEIGHT);
    read.flags = flags & (uint16_t)~FPS__ENTRY_NO_UNIT;
    uint64_t bit_sets = count_of(database, FPS__SECTION_BIT_SETS) - 1;
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
    *unit = (fps__set_unit){.name = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_UNITS, id);
    if (!item)
        return false;
    uint32_t component = field(item, FPS__UNIT_COMPONENT);
    if (component >= count_of(database, FPS__SECTION_COMPONENTS)) {
        fps__database_damaged(database);
        return false;
    }
    uint32_t totals = field(item, FPS__UNIT_TOTALS);
    unit->component = component;
    unit->code = totals != FPS__NONE && (totals & FPS__TOTALS_CODE);
    unit->name = fps__database_text(database, field(item, FPS__UNIT_NAME));
    if (database->sections[FPS__SECTION_UNITS].item_size < FPS__UNIT_SIZE) /* a set of minor version 0 */
        unit->kind = fps__unit_kind_of_name(unit->name, unit->code);
    else if (field(item, FPS__UNIT_KIND) < FPS__UNIT_KINDS) /* a later version may know more of them */
        unit->kind = (fps__unit_kind)field(item, FPS__UNIT_KIND);
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
    const uint8_t *item = fps__database_item(database, FPS__SECTION_UNITS, unit);
    if (!item)
        return 0;
    fps__set_component component;
    if (!fps__database_component(database, field(item, FPS__UNIT_COMPONENT), &component))
        return 0;
    uint32_t totals = field(item, FPS__UNIT_TOTALS);
    if (totals == FPS__NONE)
        return 0;
    uint32_t rank = total_rank(database, &component, index, totals & FPS__TOTALS_CODE);
    if (rank == FPS__NONE)
        return 0;
    bool wide = totals & FPS__TOTALS_WIDE;
    uint64_t first = (totals & FPS__TOTALS_INDEX) + (uint64_t)rank * (wide ? 2 : 1);
    const uint8_t *low = fps__database_item(database, FPS__SECTION_TOTALS, first);
    if (!wide)
        return low ? fps__get16le(low) : 0;
    const uint8_t *high = fps__database_item(database, FPS__SECTION_TOTALS, first + 1);
    return low && high ? fps__get16le(low) | (uint32_t)fps__get16le(high) << 16 : 0;
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

/* The bucket that holds record `position`: the last one that starts at or before it. */
static uint64_t bucket_of_position(const fps__kind_index *index, uint64_t position)
{
    uint64_t next;
    FPS__LOWER_BOUND(next, UINT64_C(1) << index->bits, at,
                     fps__get32le(index->directory + at * 4) <= position);
    return next ? next - 1 : 0;
}

bool fps__database_key(const fps_database *database, uint64_t position, uint64_t *key, uint32_t *posting)
{
    *key = 0;
    *posting = FPS__NONE;
    for (uint32_t kind = 0; kind < FPS__KINDS; kind++) {
        const fps__kind_index *index = &database->kinds[kind];
        if (position >= index->key_count) {
            position -= index->key_count;
            continue;
        }
        uint64_t record = fps__get64le(index->records + (size_t)position * 8);
        uint64_t id = record & index->posting_mask;
        *key = fps__layout_key(bucket_of_position(index, position), record, index->bits, kind);
        if (id < count_of(database, FPS__SECTION_POSTINGS)) {
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
