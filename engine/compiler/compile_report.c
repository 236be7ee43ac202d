/* sigbuild donors and sigbuild owners: who shares what with whom, and who owns a feature. */
#include "compiler/compile_report.h"

#include "compiler/compile_share.h"
#include "database/layout.h"
#include "feature/feature.h"
#include "util/error.h"
#include "util/search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST_LITERALS = 4, /* a pair with fewer is chance */
    MAX_FILES = 64,     /* source files that are counted for a pair */
    SHOWN_FILES = 3,
    MAX_CELL = 512, /* bytes of a column that is put together here */
};

/* ---- donors ---- */

/* A literal of a component that is not its own. */
typedef struct lent_literal {
    uint32_t component, other;
    fps__share share;
    uint64_t key;
} lent_literal;

typedef struct donor_row {
    size_t first, end; /* of the literals */
} donor_row;

typedef struct donors {
    fps__compilation c;
    fps__sharing sharing;
    FPS__ARRAY(lent_literal) literals; /* of a pair together */
    FPS__ARRAY(donor_row) rows;
} donors;

static int compare_literals(const void *a, const void *b)
{
    const lent_literal *l = a, *r = b;
    const uint64_t left[] = {l->component, l->other, l->share, l->key};
    const uint64_t right[] = {r->component, r->other, r->share, r->key};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i] != right[i])
            return FPS__COMPARE(left[i], right[i]);
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    const donor_row *left = a, *right = b;
    size_t l = left->end - left->first, r = right->end - right->first;
    return l != r ? FPS__COMPARE(r, l) : FPS__COMPARE(left->first, right->first);
}

static fps_status gather_literals(donors *d, const char *component)
{
    const fps__holder *list = d->sharing.holders.items;
    uint32_t wanted = component ? fps__compile_find_component(&d->c, component) : FPS__NONE;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < d->sharing.holders.count && !status; i++) {
        const fps__holder *other = NULL;
        if (fps__feature_kind_of(list[i].key) != FPS__FEATURE_LITERAL || list[i].component == FPS__NONE ||
            (list[i].how & FPS__HELD_FOREIGN) ||
            (d->sharing.has_builds[list[i].component] &&
             !(list[i].how & (FPS__HELD_BY_BUILD | FPS__HELD_BY_IMPORT))) ||
            (component && list[i].component != wanted))
            continue;
        fps__share share = fps__compile_share(&d->c, &d->sharing, list[i].component, list[i].key, &other);
        if (share == FPS__SHARE_OWN)
            continue;
        const lent_literal found = {list[i].component, other->component, share, list[i].key};
        status = FPS__ARRAY_PUSH(&d->literals, &found, UINT32_MAX);
    }
    if (d->literals.count)
        qsort(d->literals.items, d->literals.count, sizeof *d->literals.items, compare_literals);
    return status;
}

static fps_status gather_rows(donors *d)
{
    const lent_literal *list = d->literals.items;
    fps_status status = FPS_OK;
    for (size_t i = 0, end; i < d->literals.count && !status; i = end) {
        for (end = i; end < d->literals.count && list[end].component == list[i].component &&
                      list[end].other == list[i].other && list[end].share == list[i].share;)
            end++;
        if (end - i >= LEAST_LITERALS)
            status = FPS__ARRAY_PUSH(&d->rows, (&(donor_row){i, end}), UINT32_MAX);
    }
    if (d->rows.count)
        qsort(d->rows.items, d->rows.count, sizeof *d->rows.items, compare_rows);
    return status;
}

static const fps__corpus_history *history_of(const fps__compilation *c, uint32_t component)
{
    for (uint32_t h = 0; h < c->corpus->history_count; h++)
        if (strcmp(c->corpus->histories[h].component, c->components[component].facts->id) == 0 &&
            fps__compile_is_whole_history(&c->corpus->histories[h]))
            return &c->corpus->histories[h];
    return NULL;
}

/* The text of a history with this key, NULL for none. */
static const fps__corpus_history_text *find_text(const fps__corpus_history *history, uint64_t key)
{
    size_t at;
    FPS__LOWER_BOUND(at, history->text_count, i,
                     fps__layout_stored_key(fps__feature_key(history->texts[i].hash, FPS__FEATURE_LITERAL)) <
                         key);
    bool found =
        at < history->text_count &&
        fps__layout_stored_key(fps__feature_key(history->texts[at].hash, FPS__FEATURE_LITERAL)) == key;
    return found ? &history->texts[at] : NULL;
}

/* Counts the source files of a history that hold the literals of a row, and names those that hold most. */
static void name_files(const donors *d, const donor_row *row, char *text, size_t size)
{
    struct {
        const char *name;
        uint32_t count;
    } files[MAX_FILES] = {{NULL, 0}};
    size_t count = 0, length = 0;
    const fps__corpus_history *history = history_of(&d->c, d->literals.items[row->first].other);
    for (size_t i = row->first; history && i < row->end; i++) {
        const fps__corpus_history_text *found = find_text(history, d->literals.items[i].key);
        const char *file = found ? fps__compile_source_file(history, found) : NULL;
        size_t k = 0;
        while (file && k < count && strcmp(files[k].name, file) != 0)
            k++;
        if (!file || k == MAX_FILES)
            continue;
        files[k].name = file;
        files[k].count++;
        count += k == count;
    }
    *text = '\0';
    for (size_t shown = 0; shown < SHOWN_FILES; shown++) {
        size_t best = 0;
        for (size_t k = 1; k < count; k++)
            best = files[k].count > files[best].count ? k : best;
        if (!count || !files[best].count || length >= size)
            return;
        length += (size_t)snprintf(text + length, size - length, "%s%s (%u)", shown ? " " : "",
                                   files[best].name, files[best].count);
        files[best].count = 0;
    }
}

static fps_status say_donor(const donors *d, const donor_row *row, fps__report_row say, void *user)
{
    const lent_literal *first = &d->literals.items[row->first];
    char count[32], total[32], files[MAX_CELL];
    snprintf(count, sizeof count, "%zu", row->end - row->first);
    snprintf(total, sizeof total, "%u", d->sharing.total[first->component]);
    name_files(d, row, files, sizeof files);
    const char *columns[] = {d->c.components[first->component].facts->id,
                             d->c.components[first->other].facts->id,
                             first->share == FPS__SHARE_LENT ? "lent" : "common",
                             count,
                             total,
                             files};
    return say(user, columns, sizeof columns / sizeof *columns);
}

fps_status fps__report_donors(const fps__corpus *corpus, const char *component, fps__report_row row,
                              void *user, fps_error *error)
{
    static const fps__compile_options options = {.name = NULL};
    fps__arena arena = {0};
    donors d = {.c = {.corpus = corpus, .options = &options, .arena = &arena}};
    fps_status status = fps__compile_shares(&d.c, &d.sharing, error);
    if (status == FPS_OK) {
        status = gather_literals(&d, component);
        if (status == FPS_OK)
            status = gather_rows(&d);
        if (status != FPS_OK)
            fps__fail_memory(error);
    }
    for (size_t i = 0; status == FPS_OK && i < d.rows.count; i++)
        status = say_donor(&d, &d.rows.items[i], row, user);
    free(d.literals.items);
    free(d.rows.items);
    fps__sharing_free(&d.sharing);
    fps__compilation_end(&d.c);
    fps__arena_free(&arena);
    return status;
}

/* ---- owners ---- */

/* The keys that a person's word for a feature may mean. */
typedef struct wanted_keys {
    uint64_t keys[3];
    size_t count;
} wanted_keys;

static bool read_feature(const char *feature, wanted_keys *wanted)
{
    static const char classes[] = "svo";
    *wanted = (wanted_keys){.count = 0};
    if (strncmp(feature, "name:", 5) == 0) {
        for (; feature[5] && classes[wanted->count]; wanted->count++)
            wanted->keys[wanted->count] =
                fps__feature_name_key(classes[wanted->count], feature + 5, strlen(feature + 5));
        return wanted->count > 0;
    }
    char *end;
    errno = 0;
    uint64_t number = strncmp(feature, "0x", 2) == 0 ? strtoull(feature, &end, 16) : 0;
    if (number && !*end && !errno)
        wanted->keys[wanted->count++] = number;
    else if (*feature)
        wanted->keys[wanted->count++] = fps__feature_literal_key(feature, strlen(feature));
    return wanted->count > 0;
}

typedef struct owners {
    const fps__compilation *c;
    const fps__sharing *sharing;
    uint64_t key;
    fps__report_row say;
    void *user;
} owners;

static const char *share_name(fps__share share)
{
    return share == FPS__SHARE_OWN ? "own" : share == FPS__SHARE_LENT ? "lent" : "common";
}

static fps_status say_owner(const owners *o, uint32_t component, const char *how, const char *place,
                            const char *releases, uint32_t weight)
{
    bool judged = component != FPS__NONE && fps__feature_kind_of(o->key) == FPS__FEATURE_LITERAL;
    fps__share share =
        judged ? fps__compile_share(o->c, o->sharing, component, o->key, NULL) : FPS__SHARE_OWN;
    char text[32];
    snprintf(text, sizeof text, "%.2f", share == FPS__SHARE_OWN ? weight / (double)FPS__WEIGHT_FULL : 0);
    const char *columns[] = {component == FPS__NONE ? "-" : o->c->components[component].facts->id,
                             how,
                             place,
                             releases,
                             component == FPS__NONE ? "" : text,
                             judged ? share_name(share) : ""};
    return o->say(o->user, columns, sizeof columns / sizeof *columns);
}

static bool holds(const owners *o, const uint32_t *features, uint32_t count, uint32_t *found)
{
    for (uint32_t i = 0; i < count; i++) {
        if (fps__layout_stored_key(o->c->corpus->features[features[i]].key) == o->key) {
            *found = features[i];
            return true;
        }
    }
    return false;
}

static fps_status say_builds(const owners *o)
{
    const fps__corpus *corpus = o->c->corpus;
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < corpus->object_count && !status; i++) {
        const fps__corpus_object *object = &corpus->objects[i];
        uint32_t feature, component = o->c->build_component[object->build];
        if (component != FPS__NONE && holds(o, object->features, object->feature_count, &feature))
            status = say_owner(o, component, "build", object->path, corpus->builds[object->build].version,
                               o->c->weight[feature]);
    }
    return status;
}

static fps_status say_groups(const owners *o)
{
    const fps__corpus *corpus = o->c->corpus;
    fps_status status = FPS_OK;
    for (uint32_t g = 0; g < corpus->group_count && !status; g++) {
        const fps__corpus_group *group = &corpus->groups[g];
        uint32_t feature, component = fps__compile_find_component(o->c, group->component);
        if (component == FPS__NONE || fps__compile_is_made_anew(o->c, group) ||
            !holds(o, group->features, group->feature_count, &feature))
            continue;
        char releases[MAX_CELL] = "";
        if (group->any_count)
            snprintf(releases, sizeof releases, "%s .. %s", group->any[0], group->any[group->any_count - 1]);
        status = say_owner(o, component, group->flags & FPS__ENTRY_FOREIGN ? "foreign" : "import",
                           group->unit, releases, fps__compile_weight_beside(o->c, feature, group->weight));
    }
    return status;
}

static fps_status say_histories(const owners *o)
{
    const fps__corpus *corpus = o->c->corpus;
    fps_status status = FPS_OK;
    for (uint32_t h = 0; h < corpus->history_count && !status; h++) {
        const fps__corpus_history *history = &corpus->histories[h];
        uint32_t component = fps__compile_find_component(o->c, history->component);
        const fps__corpus_history_text *text = find_text(history, o->key);
        if (component == FPS__NONE || !text || fps__feature_kind_of(o->key) != FPS__FEATURE_LITERAL ||
            !fps__compile_is_whole_history(history))
            continue;
        fps__corpus_list list = history->lists[text->releases];
        const fps__corpus_range *ranges = &history->ranges[list.first];
        char releases[MAX_CELL] = "";
        if (list.count)
            snprintf(releases, sizeof releases, "%s .. %s", history->versions[ranges[0].first],
                     history->versions[ranges[list.count - 1].last]);
        const char *file = fps__compile_source_file(history, text);
        status =
            say_owner(o, component, "source", file ? file : "", releases, fps__compile_source_worth(text));
    }
    return status;
}

static fps_status say_negatives(const owners *o)
{
    const fps__corpus *corpus = o->c->corpus;
    fps_status status = FPS_OK;
    for (uint32_t n = 0; n < corpus->negative_count && !status; n++) {
        uint32_t feature;
        if (holds(o, corpus->negatives[n].features, corpus->negatives[n].feature_count, &feature))
            status = say_owner(o, FPS__NONE, "unrelated", corpus->negatives[n].source, "", 0);
    }
    return status;
}

fps_status fps__report_owners(const fps__corpus *corpus, const char *feature, fps__report_row row, void *user,
                              fps_error *error)
{
    static const fps__compile_options options = {.name = NULL};
    static fps_status (*const parts[])(const owners *) = {say_builds, say_groups, say_histories,
                                                          say_negatives};
    wanted_keys wanted;
    if (!read_feature(feature, &wanted))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "'%s' is no feature: give a literal, name:NAME or 0xKEY", feature);
    fps__arena arena = {0};
    fps__compilation c = {.corpus = corpus, .options = &options, .arena = &arena};
    fps__sharing sharing = {.overlap = NULL};
    fps_status status = fps__compile_shares(&c, &sharing, error);
    for (size_t k = 0; k < wanted.count; k++) {
        const owners o = {&c, &sharing, fps__layout_stored_key(wanted.keys[k]), row, user};
        for (size_t i = 0; status == FPS_OK && i < sizeof parts / sizeof *parts; i++)
            status = parts[i](&o);
    }
    fps__sharing_free(&sharing);
    fps__compilation_end(&c);
    fps__arena_free(&arena);
    return status;
}
