/* A bill of materials becomes a result: its packages, and of a bill of our own its components. */
#include "scan/scan_document.h"

#include "inventory/bill.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = UINT32_MAX - 1, PLAIN_SIZE = 2048 };

/* A reference of the bill and the package that it means. */
typedef struct named {
    const char *reference;
    uint32_t package;
} named;

typedef struct pair {
    uint32_t from, to;
} pair;

typedef struct bill {
    fps_result *result;
    fps__inventory *inventory;
    const char *path;
    named *names; /* sorted */
    size_t name_count;
    pair *needs; /* sorted */
    size_t need_count;
    const char **places; /* of all components, sorted, each once: the files of the result */
    size_t place_count;
} bill;

static bool is_found(const fps__inventory_package *package)
{
    return package->bill && package->bill->found;
}

/* ---- packages ---- */

static int compare_packages(const void *left, const void *right)
{
    const fps_package *a = left, *b = right;
    int order = FPS__COMPARE(a->kind, b->kind);
    order = order ? order : strcmp(a->name, b->name);
    order = order ? order : strcmp(a->version, b->version);
    order = order ? order : strcmp(a->location, b->location);
    order = order ? order : strcmp(a->architecture, b->architecture);
    return order ? order : strcmp(a->purl, b->purl);
}

static int compare_inventory(const void *left, const void *right)
{
    const fps__inventory_package *a = left, *b = right;
    int order = compare_packages(&a->facts, &b->facts);
    return order || !a->bill || !b->bill ? order : strcmp(a->bill->reference, b->bill->reference);
}

static int compare_names(const void *left, const void *right)
{
    const named *a = left, *b = right;
    int order = strcmp(a->reference, b->reference);
    return order ? order : FPS__COMPARE(a->package, b->package);
}

static int find_name(const void *key, const void *item)
{
    return strcmp(key, ((const named *)item)->reference);
}

/* The package of a reference; UINT32_MAX when it is that of nothing, or of a component. */
static uint32_t package_of(const bill *b, const char *reference)
{
    const named *found = *reference && b->name_count
                             ? bsearch(reference, b->names, b->name_count, sizeof *b->names, find_name)
                             : NULL;
    return found ? found->package : UINT32_MAX;
}

static bool add_packages(bill *b)
{
    fps__inventory *inventory = b->inventory;
    size_t count = inventory->packages.count;
    b->names = calloc(count + 1, sizeof *b->names);
    if (!b->names || FPS__ARRAY_RESERVE(&b->result->packages, count + 1, MOST) != FPS_OK)
        return false;
    if (count)
        qsort(inventory->packages.items, count, sizeof *inventory->packages.items, compare_inventory);
    for (size_t i = 0; i < count; i++) {
        const fps__inventory_package *package = &inventory->packages.items[i];
        if (is_found(package))
            continue;
        if (package->bill && *package->bill->reference)
            b->names[b->name_count++] =
                (named){package->bill->reference, (uint32_t)b->result->packages.count};
        b->result->packages.items[b->result->packages.count++] = package->facts;
    }
    if (b->name_count)
        qsort(b->names, b->name_count, sizeof *b->names, compare_names);
    return true;
}

static int find_word(const void *key, const void *item)
{
    return strcmp(key, ((const fps__bill_word *)item)->reference);
}

static int compare_words(const void *left, const void *right)
{
    const fps__bill_word *a = left, *b = right;
    int order = strcmp(a->reference, b->reference);
    return order ? order : strcmp(a->words, b->words);
}

/* What a reference to a licence stands for; the reference itself where the bill does not say. */
static const char *words_of(const fps__inventory *inventory, const char *reference)
{
    const fps__bill_word *found = *reference && inventory->words.count
                                      ? bsearch(reference, inventory->words.items, inventory->words.count,
                                                sizeof *inventory->words.items, find_word)
                                      : NULL;
    return found ? found->words : reference;
}

/* The words of a licence: of SPDX 3.0 those of the expression, or of the text that its own licence refers to. */
static const char *license_of(const fps__inventory *inventory, const char *reference)
{
    const char *expression = words_of(inventory, reference), *own = words_of(inventory, expression),
               *text = words_of(inventory, own);
    return text != own ? text : expression;
}

static int compare_pairs(const void *left, const void *right)
{
    const pair *a = left, *b = right;
    int order = FPS__COMPARE(a->from, b->from);
    return order ? order : FPS__COMPARE(a->to, b->to);
}

/* Edges between packages: what lies in what, what needs what, what is licensed how. */
static bool take_edges(bill *b)
{
    const fps__inventory *inventory = b->inventory;
    fps_package *packages = b->result->packages.items;
    b->needs = calloc(inventory->edges.count + 1, sizeof *b->needs);
    for (size_t i = 0; b->needs && i < inventory->edges.count; i++) {
        const fps__bill_edge *edge = &inventory->edges.items[i];
        uint32_t from = package_of(b, edge->from), to = package_of(b, edge->to);
        if (from == UINT32_MAX)
            continue;
        if (edge->kind == FPS__BILL_LICENSED)
            packages[from].license = license_of(inventory, edge->to);
        else if (edge->kind == FPS__BILL_SUPPLIED)
            packages[from].supplier = words_of(inventory, edge->to);
        else if (to == UINT32_MAX || to == from)
            continue;
        else if (edge->kind == FPS__BILL_NEEDS)
            b->needs[b->need_count++] = (pair){from, to};
        else if (packages[to].parent == UINT32_MAX)
            packages[to].parent = from;
    }
    if (b->need_count)
        qsort(b->needs, b->need_count, sizeof *b->needs, compare_pairs);
    return b->needs != NULL;
}

/* The list of what each package needs, sorted, each once. */
static bool give_needs(bill *b)
{
    uint32_t *table = fps__arena_array(&b->result->arena, b->need_count + 1, sizeof *table);
    for (size_t i = 0, used = 0; table && i < b->need_count; i++) {
        fps_package *package = &b->result->packages.items[b->needs[i].from];
        if (i && compare_pairs(&b->needs[i - 1], &b->needs[i]) == 0)
            continue;
        if (!package->depend_count++)
            package->depends = &table[used];
        table[used++] = b->needs[i].to;
    }
    return table != NULL;
}

/* A package of CycloneDX lies in the component that it stands in. */
static void give_parents(bill *b)
{
    for (size_t i = 0; i < b->inventory->packages.count; i++) {
        const fps__inventory_package *item = &b->inventory->packages.items[i];
        uint32_t own = item->bill ? package_of(b, item->bill->reference) : UINT32_MAX;
        uint32_t above = item->bill ? package_of(b, item->bill->above) : UINT32_MAX;
        if (!is_found(item) && own != UINT32_MAX && above != own)
            b->result->packages.items[own].parent = above;
    }
}

/* ---- files ---- */

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Where a component lies; of one that does not say it lies in the bill. */
static size_t place_count(const fps__inventory_package *item)
{
    return item->bill->place_count ? item->bill->place_count : 1;
}

static const char *place_at(const bill *b, const fps__inventory_package *item, size_t index)
{
    return item->bill->place_count ? item->bill->places[index] : b->path;
}

static bool gather_places(bill *b)
{
    size_t most = 0, kept = 0;
    for (size_t i = 0; i < b->inventory->packages.count; i++)
        most +=
            is_found(&b->inventory->packages.items[i]) ? place_count(&b->inventory->packages.items[i]) : 0;
    b->places = calloc(most + 1, sizeof *b->places);
    for (size_t i = 0; b->places && i < b->inventory->packages.count; i++) {
        const fps__inventory_package *item = &b->inventory->packages.items[i];
        for (size_t k = 0; is_found(item) && k < place_count(item); k++)
            b->places[b->place_count++] = place_at(b, item, k);
    }
    if (b->place_count)
        qsort(b->places, b->place_count, sizeof *b->places, compare_texts);
    for (size_t i = 0; i < b->place_count; i++)
        if (!kept || strcmp(b->places[kept - 1], b->places[i]) != 0)
            b->places[kept++] = b->places[i];
    b->place_count = kept;
    return b->places != NULL;
}

static bool add_files(bill *b)
{
    fps_result *result = b->result;
    if (FPS__ARRAY_RESERVE(&result->files, b->place_count + 1, MOST) != FPS_OK)
        return false;
    for (size_t i = 0; i < b->place_count; i++) {
        const char *mark = strchr(b->places[i], '!');
        fps_file *file = &result->files.items[result->files.count++];
        *file = (fps_file){.path = b->places[i],
                           .archive_path = mark ? mark + 1 : NULL,
                           .machine = "",
                           .layer = UINT32_MAX,
                           .owner = UINT32_MAX};
        if (mark)
            file->path = fps__arena_text(&result->arena, b->places[i], (size_t)(mark - b->places[i]));
        if (!file->path)
            return false;
    }
    return true;
}

/* ---- components ---- */

/* The text without percent-encoding, in the arena; NULL without memory. */
static const char *decoded(fps__arena *arena, const char *text, size_t size)
{
    char *copy = fps__arena_text(arena, text, size);
    size_t used = 0;
    for (size_t i = 0; copy && i < size; i++) {
        int high = i + 2 < size && text[i] == '%' ? fps__hex_digit(text[i + 1]) : -1;
        int low = high < 0 ? -1 : fps__hex_digit(text[i + 2]);
        char byte = low < 0 ? '\0' : (char)(high << 4 | low);
        copy[used++] = byte ? byte : text[i];
        i += byte ? 2 : 0;
    }
    if (copy)
        copy[used] = '\0';
    return copy;
}

/* The value whose name is the text, `otherwise` for other texts. */
static unsigned value_of(const char *text, const char *const *names, unsigned count, unsigned otherwise)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return otherwise;
}

/* A share that is written with two digits; `otherwise` for other texts. */
static double share_of(const char *text, double otherwise)
{
    char *end = NULL;
    double value = *text ? strtod(text, &end) : otherwise;
    return value >= 0 && value <= 1 ? value : otherwise;
}

/* "vers:generic/>=1.2|<=1.4": the two ends as candidates. */
static bool read_range(fps__arena *arena, const char *range, fps_version_answer *answer)
{
    static const char prefix[] = "vers:generic/";
    const char **ends = fps__arena_array(arena, 2, sizeof *ends);
    if (!ends)
        return false;
    answer->open_below = answer->open_above = true;
    answer->candidates = ends;
    const char *p = strncmp(range, prefix, sizeof prefix - 1) == 0 ? range + sizeof prefix - 1 : "";
    while (*p && answer->candidate_count < 2) {
        size_t length = strcspn(p, "|");
        bool low = strncmp(p, ">=", 2) == 0, high = strncmp(p, "<=", 2) == 0;
        if (low || high) {
            const char *text = decoded(arena, p + 2, length - 2);
            if (!text)
                return false;
            ends[answer->candidate_count++] = text;
            *(low ? &answer->open_below : &answer->open_above) = false;
        }
        p += length + (p[length] == '|');
    }
    answer->kind = answer->candidate_count ? FPS_VERSION_INTERVAL : FPS_VERSION_UNKNOWN;
    return true;
}

static bool read_version(fps__arena *arena, const fps__inventory_package *item, fps_version_answer *answer)
{
    *answer = (fps_version_answer){.confidence = share_of(item->bill->version_confidence, 1)};
    if (!*item->facts.version)
        return read_range(arena, item->bill->range, answer);
    const char **one = fps__arena_array(arena, 1, sizeof *one);
    if (!one)
        return false;
    one[0] = item->facts.version;
    answer->kind = FPS_VERSION_EXACT;
    answer->version = one[0];
    answer->candidates = one;
    answer->candidate_count = 1;
    return true;
}

/* The facts that all releases of a component share: its identifiers without the version. */
static bool read_component(fps__arena *arena, const fps__inventory_package *item, fps_component *component)
{
    static const char *const roles[] = {"library", "program", "runtime"};
    const char *reference = item->bill->reference, *at = strrchr(reference, '@');
    bool hashed = !at || strncmp(reference, "id:", 3) == 0;
    const char *purl = item->facts.purl, *cpe = item->facts.cpe ? item->facts.cpe : "";
    size_t base = strcspn(purl, "@?#"), colons = 0, end = 0;
    const char *rest = purl + strcspn(purl, "?#");
    while (cpe[end] && !(cpe[end] == ':' && (!end || cpe[end - 1] != '\\') && ++colons == 5))
        end++;
    char *url = fps__arena_alloc(arena, strlen(purl) + 1);
    if (!url)
        return false;
    memcpy(url, purl, base);
    memcpy(url + base, rest, strlen(rest) + 1);
    *component = (fps_component){
        .id = hashed ? item->facts.name : decoded(arena, reference, (size_t)(at - reference)),
        .name = item->facts.name,
        .purl = url,
        .cpe = fps__arena_text(arena, cpe, end),
        .license = item->facts.license,
        .family = item->bill->family,
        .role = (fps_component_role)value_of(item->bill->role, roles, 3, item->bill->program)};
    return component->id && component->cpe;
}

/* The doubt of this name; none for other texts. */
static fps_doubt read_doubt(const char *name)
{
    for (unsigned d = FPS_DOUBT_NONE; d <= FPS_DOUBT_SHARED; d++)
        if (strcmp(fps_doubt_name((fps_doubt)d), name) == 0)
            return (fps_doubt)d;
    return FPS_DOUBT_NONE;
}

/* A finding in each file of the component. */
static bool add_component(bill *b, const fps__inventory_package *item)
{
    static const char *const states[] = {"present", "likely", "mentioned"}, *const linkages[] = {
                                                                                "own", "static", "embedded",
                                                                                "dynamic"};
    fps_result *result = b->result;
    fps_component component;
    fps_finding finding = {.component = (uint32_t)result->components.count,
                           .state = (fps_state)value_of(item->bill->state, states, 3, FPS_STATE_LIKELY),
                           .linkage =
                               (fps_linkage)value_of(item->bill->linkage, linkages, 4, FPS_LINKAGE_EMBEDDED),
                           .introduced = UINT32_MAX,
                           .confidence = share_of(item->bill->confidence, 0),
                           .doubt = read_doubt(item->bill->doubt),
                           .relatives = item->bill->candidates,
                           .relative_count = item->bill->candidate_count};
    if (!read_component(&result->arena, item, &component) ||
        !read_version(&result->arena, item, &finding.version) ||
        FPS__ARRAY_PUSH(&result->components, &component, MOST) != FPS_OK)
        return false;
    uint32_t owner = package_of(b, item->bill->above);
    for (size_t k = 0; k < place_count(item); k++) {
        const char *place = place_at(b, item, k);
        const char **found = bsearch(&place, b->places, b->place_count, sizeof *b->places, compare_texts);
        finding.file = found ? (uint32_t)(found - b->places) : 0;
        if (owner != UINT32_MAX)
            result->files.items[finding.file].owner = owner;
        bool again = result->findings.count &&
                     result->findings.items[result->findings.count - 1].component == finding.component &&
                     result->findings.items[result->findings.count - 1].file == finding.file;
        if (!again && FPS__ARRAY_PUSH(&result->findings, &finding, MOST) != FPS_OK)
            return false;
    }
    return true;
}

/* ---- the whole ---- */

/* The distribution: as the bill says, else by the first package URL that names one, "debian-12". */
static bool name_system(bill *b)
{
    fps_result_info *info = &b->result->info;
    const fps__inventory *inventory = b->inventory;
    info->os_id = inventory->os_id;
    info->os_version_id = inventory->os_version_id;
    info->os_name = inventory->os_name;
    for (size_t i = 0; !*info->os_id && i < b->result->packages.count; i++) {
        char plain[PLAIN_SIZE];
        const fps_package *package = &b->result->packages.items[i];
        fps__span value = fps__bill_qualifier(fps__span_of(package->purl), "distro", plain);
        const uint8_t *dash = value.size ? memrchr(value.data, '-', value.size) : NULL;
        if (!value.size)
            continue;
        size_t size = dash ? (size_t)(dash - value.data) : value.size;
        info->os_id = fps__arena_text(&b->result->arena, (const char *)value.data, size);
        if (dash)
            info->os_version_id =
                fps__arena_text(&b->result->arena, (const char *)dash + 1, value.size - size - 1);
        if (!info->os_id || !info->os_version_id)
            return false;
    }
    return true;
}

static bool fill(bill *b)
{
    fps__inventory *inventory = b->inventory;
    fps_result_info *info = &b->result->info;
    if (inventory->words.count)
        qsort(inventory->words.items, inventory->words.count, sizeof *inventory->words.items, compare_words);
    info->target = fps__arena_string(&b->result->arena, inventory->subject ? inventory->subject : b->path);
    info->target_type = "bill";
    info->entries = info->regular_files = 1;
    if (!info->target || !add_packages(b) || !take_edges(b) || !give_needs(b) || !gather_places(b) ||
        !add_files(b))
        return false;
    give_parents(b);
    for (size_t i = 0; i < b->result->packages.count; i++)
        b->result->packages.items[i].license = words_of(inventory, b->result->packages.items[i].license);
    for (size_t i = 0; i < inventory->packages.count; i++)
        if (is_found(&inventory->packages.items[i]) && !add_component(b, &inventory->packages.items[i]))
            return false;
    return name_system(b);
}

fps_status fps__bill_to_result(fps_result *result, fps__inventory *inventory, const char *path,
                               fps_error *error)
{
    bill b = {.result = result, .inventory = inventory, .path = path};
    bool good = fill(&b);
    free(b.names);
    free(b.needs);
    free(b.places);
    fps__arena_absorb(&result->arena, &inventory->arena);
    return good ? fps__result_finish(result, error) : fps__fail_memory(error);
}
