/* What many items of a set share, each once: the attributes of entries and the totals of units; and where each posting
 * is. */
#include "compiler/set_tables.h"

#include "database/layout.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- attributes ---- */

static fps_status add_attribute(fps__set_tables *tables, fps__table *known, const fps__set_entry *entry,
                                uint32_t *id)
{
    fps__set_attribute added = {entry->any, entry->all, entry->weight, entry->flags};
    uint64_t hash = XXH3_64bits(&added, sizeof added);
    fps__table_slot *slot;
    fps_status status = fps__table_reserve(known, 1);
    if (status)
        return status;
    FPS__TABLE_FIND(slot, known, hash, at,
                    memcmp(&tables->attributes.items[at - 1], &added, sizeof added) == 0);
    if (!slot->id) {
        status = FPS__ARRAY_PUSH(&tables->attributes, &added, FPS__MAX_ITEMS - 1);
        if (status)
            return status;
        fps__table_add(known, slot, hash, (uint32_t)tables->attributes.count);
    }
    *id = slot->id - 1;
    return FPS_OK;
}

static fps_status add_attributes(fps__set_tables *tables, const fps__set_model *model)
{
    fps__table known = {0};
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < model->entry_count && !status; i++)
        status = add_attribute(tables, &known, &model->entries[i], &tables->entry_attribute[i]);
    fps__table_free(&known);
    return status;
}

/* ---- totals ---- */

/* Appends the totals of a unit, one number for each fingerprinted release or, of functions, for each code build. */
static fps_status append_totals(fps__set_tables *tables, const fps__set_model *model,
                                const fps__set_unit *unit, fps__set_totals *made)
{
    const fps__set_component *c = &model->components[unit->component];
    uint32_t length = unit->code ? c->build_count : c->release_count, most = 0;
    for (uint32_t r = 0; unit->totals && r < length; r++)
        most = unit->totals[r] > most ? unit->totals[r] : most;
    *made = (fps__set_totals){FPS__NONE, 0, most > UINT16_MAX};
    if (!most)
        return FPS_OK;
    made->first = (uint32_t)tables->totals.count;
    for (uint32_t r = 0; r < length; r++) {
        const uint16_t halves[2] = {(uint16_t)unit->totals[r], (uint16_t)(unit->totals[r] >> 16)};
        if (!unit->code && !model->releases[c->release_first + r].fingerprinted)
            continue;
        for (int half = 0; half <= made->wide; half++) {
            fps_status status = FPS__ARRAY_PUSH(&tables->totals, &halves[half], FPS__MAX_ITEMS - 1);
            if (status)
                return status;
        }
    }
    made->size = (uint32_t)tables->totals.count - made->first;
    return FPS_OK;
}

static bool same_totals(const fps__set_tables *tables, const fps__set_totals *a, const fps__set_totals *b)
{
    return a->size == b->size && memcmp(tables->totals.items + a->first, tables->totals.items + b->first,
                                        a->size * sizeof *tables->totals.items) == 0;
}

/* Totals that are there already are taken back. */
static fps_status add_totals(fps__set_tables *tables, const fps__set_model *model)
{
    fps__table known = {0};
    fps_status status = FPS_OK;
    for (uint32_t u = 0; u < model->unit_count && !status; u++) {
        fps__set_totals *made = &tables->unit_totals[u];
        fps__table_slot *slot;
        status = append_totals(tables, model, &model->units[u], made);
        if (!status)
            status = fps__table_reserve(&known, 1);
        if (status || made->first == FPS__NONE)
            continue;
        uint64_t hash =
            XXH3_64bits(tables->totals.items + made->first, made->size * sizeof *tables->totals.items);
        FPS__TABLE_FIND(slot, &known, hash, at, same_totals(tables, &tables->unit_totals[at - 1], made));
        if (slot->id) {
            tables->totals.count = made->first;
            made->first = tables->unit_totals[slot->id - 1].first;
        } else {
            fps__table_add(&known, slot, hash, u + 1);
        }
    }
    fps__table_free(&known);
    return status;
}

/* ---- all of it ---- */

static void place_postings(fps__set_tables *tables, const fps__set_model *model)
{
    for (uint32_t i = 0; i < model->posting_count; i++) {
        const fps__set_posting *posting = &model->postings[i];
        bool one = posting->count == 1;
        tables->postings[i] = one ? posting->entries[0] : model->entry_count + tables->list_items;
        tables->list_items += one ? 0 : posting->count + 1;
    }
}

fps_status fps__set_tables_make(fps__set_tables *tables, const fps__set_model *model, fps_error *error)
{
    *tables = (fps__set_tables){0};
    tables->entry_attribute = malloc(((size_t)model->entry_count + 1) * sizeof *tables->entry_attribute);
    tables->unit_totals = malloc(((size_t)model->unit_count + 1) * sizeof *tables->unit_totals);
    tables->postings = malloc(((size_t)model->posting_count + 1) * sizeof *tables->postings);
    if (!tables->entry_attribute || !tables->unit_totals || !tables->postings)
        return fps__fail_memory(error);
    place_postings(tables, model);
    fps_status status = add_attributes(tables, model);
    if (!status)
        status = add_totals(tables, model);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "the set has more totals than the format holds");
    return status ? fps__fail_memory(error) : FPS_OK;
}

void fps__set_tables_free(fps__set_tables *tables)
{
    free(tables->attributes.items);
    free(tables->totals.items);
    free(tables->entry_attribute);
    free(tables->unit_totals);
    free(tables->postings);
    *tables = (fps__set_tables){0};
}
