/* Opening a compiled set: maps it and validates header, section table and what look-ups follow. */
#include "database/database_index.h"
#include "feature/feature.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* Record sizes that this build needs at least; 0: exactly `exact_size`; both 0: items are packed. */
static const struct {
    const char *name;
    uint32_t least_size, exact_size;
    bool required;
} section_rules[FPS__SECTION_KINDS] = {
    [FPS__SECTION_META] = {"meta", FPS__META_SIZE, 0, true},
    [FPS__SECTION_STRINGS] = {"strings", 0, 1, true},
    [FPS__SECTION_COMPONENTS] = {"components", FPS__COMPONENT_SIZE, 0, true},
    [FPS__SECTION_RELEASES] = {"releases", FPS__RELEASE_SIZE_0, 0, true},
    [FPS__SECTION_UNITS] = {"units", 0, 0, true},
    [FPS__SECTION_TOTALS] = {"totals", 0, 2, true},
    [FPS__SECTION_BIT_SETS] = {"bit sets", 0, 4, true},
    [FPS__SECTION_BIT_WORDS] = {"bit words", 0, 8, true},
    [FPS__SECTION_ENTRIES] = {"entries", 0, 0, true},
    [FPS__SECTION_ATTRIBUTES] = {"attributes", FPS__ATTRIBUTE_SIZE, 0, true},
    [FPS__SECTION_POSTING_LISTS] = {"posting lists", 0, 0, true},
    [FPS__SECTION_TEMPLATES] = {"templates", FPS__TEMPLATE_SIZE, 0, true},
    [FPS__SECTION_RULES] = {"rules", 0, 1, false},
    [FPS__SECTION_DIRECTORY] = {"directory", 0, FPS__GROUP_SIZE, false},
    [FPS__SECTION_KEYS] = {"keys", 0, 0, false},
    [FPS__SECTION_CODE_BUILDS] = {"code builds", FPS__CODE_BUILD_SIZE, 0, true},
    [FPS__SECTION_HISTORIES] = {"histories", FPS__HISTORY_SIZE, 0, false},
    [FPS__SECTION_HISTORY_RELEASES] = {"history releases", FPS__HISTORY_RELEASE_SIZE, 0, false},
    [FPS__SECTION_HISTORY_RANGES] = {"history ranges", 0, 0, false},
    [FPS__SECTION_HISTORY_PAIRS] = {"history pairs", 0, 0, false},
    [FPS__SECTION_HISTORY_DIRECTORY] = {"history directory", 0, FPS__GROUP_SIZE, false},
    [FPS__SECTION_HISTORY_KEYS] = {"history keys", 0, 0, false},
    [FPS__SECTION_PATCHES] = {"patches", FPS__PATCH_SIZE, 0, false},
    [FPS__SECTION_PATCH_FUNCTIONS] = {"patch functions", FPS__PATCH_FUNCTION_SIZE, 0, false},
};

/* Directory of an index without keys: its buckets are empty. */
static const uint8_t empty_directory[FPS__GROUP_SIZE << (FPS__BITS_MIN - FPS__GROUP_BITS)];
static const uint8_t no_keys[FPS__PACKED_PADDING];

/* What is gathered of one feature kind before its two sections are joined. */
typedef struct kind_sections {
    fps__section_view directory, keys;
    uint32_t parameters;
} kind_sections;

/* Parameters ids of keys that are in no index of a feature kind. */
typedef struct other_parameters {
    uint32_t histories, patches;
} other_parameters;

void fps__database_table_entry(const fps_database *database, uint32_t index, fps__table_entry *entry)
{
    const uint8_t *p = database->data + database->table_offset + (uint64_t)index * FPS__TABLE_ENTRY_SIZE;
    entry->kind = fps__get32le(p + FPS__TABLE_KIND);
    entry->feature = p[FPS__TABLE_FEATURE];
    entry->hash_bits = p[FPS__TABLE_HASH_BITS];
    entry->width = fps__get16le(p + FPS__TABLE_WIDTH);
    entry->parameters = fps__get32le(p + FPS__TABLE_PARAMETERS);
    entry->item_size = fps__get32le(p + FPS__TABLE_ITEM_SIZE);
    entry->offset = fps__get64le(p + FPS__TABLE_OFFSET);
    entry->count = fps__get64le(p + FPS__TABLE_COUNT);
    entry->checksum = fps__get64le(p + FPS__TABLE_CHECKSUM);
}

static fps_status note(fps_database *database, const char *code, const char *message, fps_error *error)
{
    if (database->diagnostic_count == FPS__MAX_DIAGNOSTICS)
        return FPS_OK;
    char *text = fps__arena_string(&database->arena, message);
    if (!text)
        return fps__fail_memory(error);
    database->diagnostics[database->diagnostic_count++] =
        (fps_diagnostic){FPS_DIAGNOSTIC_NOTE, code, database->path, UINT64_MAX, text};
    return FPS_OK;
}

static fps_status read_header(fps_database *database, fps_error *error)
{
    const uint8_t *header = database->data;
    const char *path = database->path;
    if (database->size < 8 || memcmp(header, FPS__LAYOUT_MAGIC, 8) != 0)
        return fps__fail(error, FPS_ERROR_FORMAT, path, 0, "not a signature set");
    if (database->size < FPS__HEADER_SIZE)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, 0, "header is cut off: %llu of %d bytes",
                         (unsigned long long)database->size, FPS__HEADER_SIZE);
    database->version_major = fps__get16le(header + FPS__HEADER_MAJOR);
    database->version_minor = fps__get16le(header + FPS__HEADER_MINOR);
    if (database->version_major != FPS__LAYOUT_MAJOR)
        return fps__fail(error, FPS_ERROR_VERSION, path, FPS__HEADER_MAJOR,
                         "set has format version %u.%u, this build reads %d.x", database->version_major,
                         database->version_minor, FPS__LAYOUT_MAJOR);
    if (XXH3_64bits(header, FPS__HEADER_CHECKSUM) != fps__get64le(header + FPS__HEADER_CHECKSUM))
        return fps__fail(error, FPS_ERROR_CORRUPT, path, 0, "header checksum differs");
    uint64_t size = fps__get64le(header + FPS__HEADER_FILE_SIZE);
    if (size != database->size)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, FPS__HEADER_FILE_SIZE,
                         "set has %llu bytes, its header says %llu", (unsigned long long)database->size,
                         (unsigned long long)size);
    database->section_count = fps__get32le(header + FPS__HEADER_SECTION_COUNT);
    database->table_offset = fps__get64le(header + FPS__HEADER_TABLE_OFFSET);
    uint64_t table_size = (uint64_t)database->section_count * FPS__TABLE_ENTRY_SIZE;
    if (database->section_count > FPS__MAX_LAYOUT_SECTIONS || database->table_offset < FPS__HEADER_SIZE ||
        database->table_offset % 8 != 0 || table_size > size || database->table_offset != size - table_size)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, FPS__HEADER_TABLE_OFFSET,
                         "section table of %u entries does not end the file", database->section_count);
    if (XXH3_64bits(header + database->table_offset, (size_t)table_size) !=
        fps__get64le(header + FPS__HEADER_TABLE_CHECKSUM))
        return fps__fail(error, FPS_ERROR_CORRUPT, path, database->table_offset,
                         "section table checksum differs");
    return FPS_OK;
}

/* Where section table entry `index` stands in the file, for messages. */
static uint64_t entry_place(const fps_database *database, uint32_t index)
{
    return database->table_offset + (uint64_t)index * FPS__TABLE_ENTRY_SIZE;
}

static fps_status check_entry(const fps_database *database, uint32_t index, const fps__table_entry *entry,
                              fps_error *error)
{
    uint64_t room = database->table_offset;
    bool packed = entry->width != 0;
    if (entry->offset % FPS__LAYOUT_ALIGNMENT != 0 || entry->offset < FPS__HEADER_SIZE ||
        entry->offset > room || packed == (entry->item_size != 0) || entry->count >= FPS__MAX_ITEMS ||
        fps__layout_bytes(entry->count, entry->item_size, entry->width) > room - entry->offset)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, entry_place(database, index),
                         "section %u of kind %u lies outside the file", index, entry->kind);
    if (entry->kind == 0 || entry->kind >= FPS__SECTION_KINDS)
        return FPS_OK;
    uint32_t exact = section_rules[entry->kind].exact_size, least = section_rules[entry->kind].least_size;
    if (exact ? entry->item_size != exact : entry->item_size < least || packed != !least)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, entry_place(database, index),
                         "section %s has items of %u bytes or %u bits", section_rules[entry->kind].name,
                         entry->item_size, entry->width);
    return FPS_OK;
}

/* Puts one section where it belongs; unknown kinds become a note. */
static fps_status take_section(fps_database *database, uint32_t index, kind_sections kinds[FPS__KINDS],
                               other_parameters *others, fps_error *error)
{
    fps__table_entry entry;
    fps__database_table_entry(database, index, &entry);
    fps_status status = check_entry(database, index, &entry, error);
    if (status != FPS_OK)
        return status;
    if (entry.kind == 0 || entry.kind >= FPS__SECTION_KINDS) {
        char message[96];
        snprintf(message, sizeof message, "section %u is of kind %u, which this build does not know: skipped",
                 index, entry.kind);
        return note(database, "unknown-section", message, error);
    }
    fps__section_view *view = &database->sections[entry.kind];
    if (entry.kind == FPS__SECTION_HISTORY_KEYS)
        others->histories = entry.parameters;
    if (entry.kind == FPS__SECTION_PATCH_FUNCTIONS)
        others->patches = entry.parameters;
    if (entry.kind == FPS__SECTION_DIRECTORY || entry.kind == FPS__SECTION_KEYS) {
        if (entry.feature >= FPS__KINDS)
            return fps__fail(error, FPS_ERROR_CORRUPT, database->path, entry_place(database, index),
                             "section %s has feature kind %u", section_rules[entry.kind].name, entry.feature);
        kind_sections *kind = &kinds[entry.feature];
        view = entry.kind == FPS__SECTION_KEYS ? &kind->keys : &kind->directory;
        if (entry.kind == FPS__SECTION_KEYS)
            kind->parameters = entry.parameters;
    }
    if (view->present)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, entry_place(database, index),
                         "section %s is there twice", section_rules[entry.kind].name);
    *view = (fps__section_view){.data = database->data + entry.offset,
                                .count = entry.count,
                                .item_size = entry.item_size,
                                .width = (uint16_t)entry.width,
                                .hash_bits = (uint8_t)entry.hash_bits,
                                .present = true};
    return FPS_OK;
}

static fps__index empty_index(void)
{
    fps__index index;
    fps__index_shape(&index, FPS__BITS_MIN, 2, 1);
    index.directory = empty_directory;
    index.records = no_keys;
    return index;
}

/* Joins directory and keys of a feature kind, or refuses the kind when its keys were made in another way. */
static fps_status take_kind(fps_database *database, uint32_t kind, const kind_sections *sections,
                            fps_error *error)
{
    fps__index index;
    uint64_t count = sections->keys.count;
    uint64_t postings =
        database->sections[FPS__SECTION_ENTRIES].count + database->sections[FPS__SECTION_POSTING_LISTS].count;
    database->kinds[kind] = empty_index();
    if (!sections->keys.present && !sections->directory.present)
        return FPS_OK;
    if (!fps__index_join(&index, &sections->directory, &sections->keys, postings))
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                         "directory and keys of feature kind %u do not belong together", kind);
    uint32_t known = fps__feature_parameters((fps__feature_kind)kind);
    if (sections->parameters != known) {
        char message[160];
        database->refused_kinds |= UINT32_C(1) << kind;
        snprintf(message, sizeof message,
                 "feature kind %u has parameters id %u in the set and %u in this build: its %llu keys are "
                 "not used",
                 kind, sections->parameters, known, (unsigned long long)count);
        fps_status status = note(database, "refused-kind", message, error);
        if (status == FPS_OK && known &&
            database->diagnostic_count) /* what it would have found is not found */
            database->diagnostics[database->diagnostic_count - 1].level = FPS_DIAGNOSTIC_PARTIAL;
        return status;
    }
    database->kinds[kind] = index;
    return FPS_OK;
}

/* The widths of the packed sections of histories, and their index. */
static fps_status check_histories(fps_database *database, fps_error *error)
{
    const fps__section_view *views = database->sections;
    const fps__section_view *ranges = &views[FPS__SECTION_HISTORY_RANGES],
                            *pairs = &views[FPS__SECTION_HISTORY_PAIRS];
    const unsigned range_bits = fps__layout_bits(pairs->count) + FPS__RANGE_TEXTS_BITS + FPS__RANGE_UNIT_BITS;
    if (ranges->count == 0 || ranges->width < range_bits || pairs->width % 2 ||
        pairs->width > 2 * FPS__MAX_PAIR_BITS ||
        !fps__index_join(&database->history, &views[FPS__SECTION_HISTORY_DIRECTORY],
                         &views[FPS__SECTION_HISTORY_KEYS], ranges->count - 1))
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                         "sections of release histories do not belong together");
    return FPS_OK;
}

/* Sections whose keys were made in another way than those of this build. */
typedef struct refused_sections {
    const char *what;
    fps__feature_kind kind;
    uint32_t parameters; /* of the set */
} refused_sections;

/* Takes sections [first, last] out of use, and says so. */
static fps_status refuse_sections(fps_database *database, uint32_t first, uint32_t last,
                                  const refused_sections *why, fps_error *error)
{
    char message[160];
    for (uint32_t kind = first; kind <= last; kind++)
        database->sections[kind] = (fps__section_view){.item_size = 1};
    database->refused_kinds |= UINT32_C(1) << why->kind;
    snprintf(message, sizeof message,
             "%s have parameters id %u in the set and %u in this build: they are not used", why->what,
             why->parameters, fps__feature_parameters(why->kind));
    fps_status status = note(database, "refused-kind", message, error);
    if (status == FPS_OK && database->diagnostic_count)
        database->diagnostics[database->diagnostic_count - 1].level = FPS_DIAGNOSTIC_PARTIAL;
    return status;
}

/* Histories are of texts: a reader that makes the keys of literals in another way has none of them. */
static fps_status take_histories(fps_database *database, uint32_t parameters, fps_error *error)
{
    const fps__section_view *views = database->sections;
    for (uint32_t kind = FPS__SECTION_HISTORIES; kind <= FPS__SECTION_HISTORY_KEYS; kind++)
        if (views[kind].present != views[FPS__SECTION_HISTORIES].present)
            return fps__fail(error, FPS_ERROR_CORRUPT, database->path, database->table_offset,
                             "sections of release histories are missing");
    uint32_t known = fps__feature_parameters(FPS__FEATURE_LITERAL);
    database->history = empty_index();
    if (!views[FPS__SECTION_HISTORIES].present)
        return FPS_OK;
    fps_status status = check_histories(database, error);
    if (status != FPS_OK || parameters == known)
        return status;
    database->history = empty_index();
    return refuse_sections(database, FPS__SECTION_HISTORIES, FPS__SECTION_HISTORY_KEYS,
                           &(refused_sections){"release histories", FPS__FEATURE_LITERAL, parameters}, error);
}

/* Patches are of functions: a reader that makes their keys in another way has none of them. */
static fps_status take_patches(fps_database *database, uint32_t parameters, fps_error *error)
{
    const fps__section_view *views = database->sections;
    if (views[FPS__SECTION_PATCHES].present != views[FPS__SECTION_PATCH_FUNCTIONS].present)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, database->table_offset,
                         "section %s is missing",
                         section_rules[views[FPS__SECTION_PATCHES].present ? FPS__SECTION_PATCH_FUNCTIONS
                                                                           : FPS__SECTION_PATCHES]
                             .name);
    if (!views[FPS__SECTION_PATCHES].present || parameters == fps__feature_parameters(FPS__FEATURE_FUNCTION))
        return FPS_OK;
    return refuse_sections(database, FPS__SECTION_PATCHES, FPS__SECTION_PATCH_FUNCTIONS,
                           &(refused_sections){"patches", FPS__FEATURE_FUNCTION, parameters}, error);
}

/* A section of texts must end in NUL, so that no text can run out of it. */
static bool ends_in_nul(const fps__section_view *view)
{
    return view->count > 0 && view->data[view->count - 1] == 0;
}

/* A later version may have wider items, whose added fields stand above those that are known. */
static fps_status check_widths(const fps_database *database, fps_error *error)
{
    const struct {
        enum fps__layout_section section;
        unsigned width;
    } least[] = {
        {FPS__SECTION_UNITS, fps__database_bits(database, FPS__SECTION_COMPONENTS) + FPS__UNIT_KIND_BITS +
                                 fps__database_bits(database, FPS__SECTION_STRINGS) +
                                 fps__database_bits(database, FPS__SECTION_TOTALS) + 2},
        {FPS__SECTION_ENTRIES,
         fps__database_owner_bits(database) + fps__database_bits(database, FPS__SECTION_ATTRIBUTES)},
        {FPS__SECTION_POSTING_LISTS, fps__database_bits(database, FPS__SECTION_ENTRIES)},
    };
    const fps__section_view *sections = database->sections;
    if (sections[FPS__SECTION_ENTRIES].count + sections[FPS__SECTION_POSTING_LISTS].count >= FPS__MAX_ITEMS ||
        sections[FPS__SECTION_UNITS].count + sections[FPS__SECTION_COMPONENTS].count >= FPS__MAX_ITEMS)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                         "there are more postings or owners than ids");
    for (size_t i = 0; i < sizeof least / sizeof *least; i++)
        if (sections[least[i].section].width < least[i].width)
            return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                             "section %s has items of %u bits, not %u", section_rules[least[i].section].name,
                             sections[least[i].section].width, least[i].width);
    return FPS_OK;
}

static fps_status check_sections(const fps_database *database, fps_error *error)
{
    for (uint32_t kind = 0; kind < FPS__SECTION_KINDS; kind++) {
        if (section_rules[kind].required && !database->sections[kind].present)
            return fps__fail(error, FPS_ERROR_CORRUPT, database->path, database->table_offset,
                             "section %s is missing", section_rules[kind].name);
    }
    const fps__section_view *rules = &database->sections[FPS__SECTION_RULES];
    if (!ends_in_nul(&database->sections[FPS__SECTION_STRINGS]) || (rules->present && !ends_in_nul(rules)))
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX, "texts do not end in NUL");
    const fps__section_view *meta = &database->sections[FPS__SECTION_META];
    if (meta->count != 1 || database->sections[FPS__SECTION_BIT_SETS].count == 0)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                         "meta or bit set section is empty");
    for (uint32_t field = FPS__META_NAME; field < FPS__META_SIZE; field += 4) {
        if (fps__get32le(meta->data + field) >= database->sections[FPS__SECTION_STRINGS].count)
            return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                             "meta text lies outside the strings");
    }
    return check_widths(database, error);
}

static fps_status read_set(fps_database *database, fps_error *error)
{
    const uint16_t probe = 1;
    if (*(const uint8_t *)&probe != 1)
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, database->path, UINT64_MAX,
                         "signature sets are read in place and need a little-endian machine");
    fps_status status = read_header(database, error);
    kind_sections kinds[FPS__KINDS] = {0};
    other_parameters others = {0, 0};
    for (uint32_t i = 0; status == FPS_OK && i < database->section_count; i++)
        status = take_section(database, i, kinds, &others, error);
    if (status == FPS_OK)
        status = check_sections(database, error);
    if (status == FPS_OK)
        status = take_histories(database, others.histories, error);
    if (status == FPS_OK)
        status = take_patches(database, others.patches, error);
    for (uint32_t kind = 0; status == FPS_OK && kind < FPS__KINDS; kind++)
        status = take_kind(database, kind, &kinds[kind], error);
    return status;
}

/* Takes over `mapping` (may be NULL) in every case. */
static fps_status open_bytes(fps_database **result, const void *data, uint64_t size, void *mapping,
                             const char *name, fps_error *error)
{
    fps_database *database = calloc(1, sizeof *database);
    if (!database) {
        if (mapping)
            munmap(mapping, (size_t)size);
        return fps__fail_memory(error);
    }
    database->data = data;
    database->size = size;
    database->mapping = mapping;
    atomic_init(&database->damage_count, 0);
    database->damage = &database->damage_count;
    database->path = fps__arena_string(&database->arena, name);
    fps_status status = database->path ? read_set(database, error) : fps__fail_memory(error);
    if (status != FPS_OK) {
        fps_database_free(database);
        return status;
    }
    *result = database;
    return FPS_OK;
}

fps_status fps_database_open_memory(fps_database **database, const void *data, size_t size, const char *name,
                                    fps_error *error)
{
    *database = NULL;
    if (!data || (uintptr_t)data % 8 != 0)
        return fps__fail(error, FPS_ERROR_ARGUMENT, name, UINT64_MAX,
                         "set in memory is not aligned to 8 bytes");
    return open_bytes(database, data, size, NULL, name ? name : "memory", error);
}

fps_status fps_database_open(fps_database **database, const char *path, fps_error *error)
{
    *database = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fps__fail_io(error, path, errno, "cannot open");
    struct stat facts;
    fps_status status = FPS_OK;
    void *mapping = NULL;
    if (fstat(file, &facts) != 0)
        status = fps__fail_io(error, path, errno, "cannot stat");
    else if (!S_ISREG(facts.st_mode))
        status = fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "not a regular file");
    else if (facts.st_size < 8)
        status = fps__fail(error, FPS_ERROR_FORMAT, path, 0, "not a signature set: %lld bytes",
                           (long long)facts.st_size);
    else if ((uint64_t)facts.st_size > SIZE_MAX)
        status = fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "set is larger than the address space");
    else
        mapping = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapping == MAP_FAILED)
        status = fps__fail_io(error, path, errno, "cannot map");
    close(file);
    if (status != FPS_OK)
        return status;
    return open_bytes(database, mapping, (uint64_t)facts.st_size, mapping, path, error);
}

void fps_database_free(fps_database *database)
{
    if (!database)
        return;
    if (database->mapping)
        munmap(database->mapping, (size_t)database->size);
    fps__arena_free(&database->arena);
    free(database);
}
