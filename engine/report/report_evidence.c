/* Explains a finding by its evidence, grouped by unit of the component, the best first. */
#include "report/report_explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KINDS = FPS_EVIDENCE_RULE + 1,
    BEST_UNITS = 20,
    BEST_UNITS_MENTIONED = 3,
    BEST_PIECES = 6,
    PLACES = 52
};

/* The strongest kind first; names that are only used come last. */
static const fps_evidence_kind order[KINDS] = {
    FPS_EVIDENCE_FUNCTION, FPS_EVIDENCE_LITERAL, FPS_EVIDENCE_TEMPLATE, FPS_EVIDENCE_NAME,
    FPS_EVIDENCE_EXACT,    FPS_EVIDENCE_RULE,    FPS_EVIDENCE_USE,
};

static const char *const nouns[KINDS] = {"function",  "literal", "template", "name",
                                         "exact key", "rule",    "used name"};

/* The evidence of one unit: a run of the sorted list, in which each kind is a run again. */
typedef struct unit {
    const fps_evidence *const *pieces;
    size_t count;
    size_t kinds[KINDS];
    uint64_t instructions, bytes;
    double weight; /* of what proves: uses do not count */
} unit;

static unsigned rank(const fps_evidence *evidence)
{
    unsigned i = 0;
    while (i + 1 < KINDS && order[i] != evidence->kind)
        i++;
    return i;
}

/* What ranks evidence of one kind: instructions of a function, bytes of a literal. */
static size_t length(const fps_evidence *evidence)
{
    if (evidence->kind == FPS_EVIDENCE_FUNCTION)
        return evidence->instructions;
    return evidence->kind == FPS_EVIDENCE_LITERAL ? strlen(evidence->text) : 0;
}

/* By unit, kind, weight, length and offset; by text last, so that the order is always the same. */
static int compare_pieces(const void *a, const void *b)
{
    const fps_evidence *left = *(const fps_evidence *const *)a, *right = *(const fps_evidence *const *)b;
    int units = strcmp(left->unit, right->unit);
    unsigned left_rank = rank(left), right_rank = rank(right);
    if (units)
        return units;
    if (left_rank != right_rank)
        return left_rank < right_rank ? -1 : 1;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    if (length(left) != length(right))
        return length(left) > length(right) ? -1 : 1;
    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    return strcmp(left->text, right->text);
}

/* Heaviest first; evidence without a unit last. */
static int compare_units(const void *a, const void *b)
{
    const unit *left = a, *right = b;
    const char *left_name = left->pieces[0]->unit, *right_name = right->pieces[0]->unit;
    if (!left_name[0] != !right_name[0])
        return left_name[0] ? -1 : 1;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return strcmp(left_name, right_name);
}

static size_t gather_units(const fps_evidence *const *pieces, size_t count, unit *units)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const fps_evidence *e = pieces[i];
        if (!i || strcmp(e->unit, pieces[i - 1]->unit) != 0)
            units[found++] = (unit){.pieces = &pieces[i]};
        unit *u = &units[found - 1];
        u->count++;
        u->kinds[rank(e)]++;
        u->instructions += e->instructions;
        u->bytes += e->size;
        u->weight += e->kind == FPS_EVIDENCE_USE ? 0 : e->weight;
    }
    qsort(units, found, sizeof *units, compare_units);
    return found;
}

/* "12 functions, 3 literals"; `more` puts that word before each noun. */
static void put_kinds(fps__output *out, const size_t kinds[KINDS], bool more)
{
    bool first = true;
    for (unsigned i = 0; i < KINDS; i++) {
        char noun[32];
        if (!kinds[i])
            continue;
        snprintf(noun, sizeof noun, "%s%s", more ? "more " : "", nouns[i]);
        fps__output_text(out, first ? "" : ", ");
        fps__output_count(out, kinds[i], noun);
        first = false;
    }
}

static void put_place(fps__output *out, uint64_t place, bool known)
{
    char text[24] = "-";
    if (known)
        snprintf(text, sizeof text, "0x%llx", (unsigned long long)place);
    fps__output_format(out, "%-12s ", text);
}

static void put_piece(const fps__view *view, const fps_evidence *e, fps__output *out)
{
    char weight[16];
    unsigned width = view->options->width;
    fps__share_text(e->weight, weight, sizeof weight);
    fps__output_text(out, "        ");
    put_place(out, e->address, e->address != 0);
    put_place(out, e->offset, e->offset != UINT64_MAX);
    fps__output_format(out, "%-9s %-6s  ", fps_evidence_kind_name(e->kind), weight);
    if (e->kind == FPS_EVIDENCE_FUNCTION) {
        fps__output_count(out, e->instructions, "instruction");
        fps__output_text(out, e->text[0] ? ": " : "");
    }
    fps__output_cut(out, e->text, !width ? 0 : width > PLACES + 20 ? width - PLACES : 20);
    fps__output_text(out, "\n");
}

/* The head line of a unit, and the best evidence of each kind. */
static void put_unit(const fps__view *view, const unit *u, fps__output *out)
{
    size_t left[KINDS] = {0};
    bool cut = false;
    fps__output_text(out, "      ");
    fps__output_safe(out, u->pieces[0]->unit[0] ? u->pieces[0]->unit : "(no unit)");
    fps__output_text(out, ": ");
    put_kinds(out, u->kinds, false);
    if (u->instructions) {
        fps__output_text(out, " (");
        fps__output_count(out, u->instructions, "instruction");
        if (u->bytes) {
            fps__output_text(out, ", ");
            fps__output_count(out, u->bytes, "byte");
        }
        fps__output_text(out, ")");
    }
    fps__output_text(out, "\n");
    const fps_evidence *const *piece = u->pieces;
    for (unsigned k = 0; k < KINDS; piece += u->kinds[k], k++) {
        size_t shown = view->options->all || u->kinds[k] <= BEST_PIECES ? u->kinds[k] : BEST_PIECES;
        for (size_t i = 0; i < shown; i++)
            put_piece(view, piece[i], out);
        left[k] = u->kinds[k] - shown;
        cut = cut || left[k];
    }
    if (cut) {
        fps__output_text(out, "        ... and ");
        put_kinds(out, left, true);
        fps__output_text(out, "\n");
    }
}

/* Components that are only mentioned show less: there are many of them, and most were rejected. */
static size_t most_units(const fps__view *view, const fps_finding *finding)
{
    if (view->options->all)
        return SIZE_MAX;
    return finding->state == FPS_STATE_MENTIONED ? BEST_UNITS_MENTIONED : BEST_UNITS;
}

static void put_units(const fps__view *view, const unit *units, size_t count, size_t most, fps__output *out)
{
    size_t shown = count < most ? count : most;
    size_t left[KINDS] = {0};
    fps__output_format(out, "        %-12s %-12s %-9s %-6s  %s\n", "ADDRESS", "OFFSET", "KIND", "WEIGHT",
                       "TEXT");
    for (size_t i = 0; i < shown; i++)
        put_unit(view, &units[i], out);
    if (shown == count)
        return;
    for (size_t i = shown; i < count; i++)
        for (unsigned k = 0; k < KINDS; k++)
            left[k] += units[i].kinds[k];
    fps__output_text(out, "      ... and ");
    fps__output_count(out, count - shown, "more unit");
    fps__output_text(out, " with ");
    put_kinds(out, left, false);
    fps__output_text(out, "\n");
}

void fps__explain_evidence(const fps__view *view, const fps_finding *finding, fps__output *out)
{
    size_t count = finding->evidence_count;
    if (!count)
        return;
    const fps_evidence **pieces = calloc(count, sizeof *pieces);
    unit *units = calloc(count, sizeof *units);
    if (pieces && units) {
        for (size_t i = 0; i < count; i++)
            pieces[i] = &finding->evidence[i];
        qsort(pieces, count, sizeof *pieces, compare_pieces);
        size_t found = gather_units(pieces, count, units);
        fps__output_text(out, "    evidence     ");
        fps__output_count(out, count, "piece");
        if (finding->evidence_total > count) {
            fps__output_text(out, " of ");
            fps__output_number(out, finding->evidence_total, 0);
        }
        fps__output_text(out, " in ");
        fps__output_count(out, found, "unit");
        fps__output_text(out, ", best first\n");
        put_units(view, units, found, most_units(view, finding), out);
    } else {
        out->status = FPS_ERROR_MEMORY;
    }
    free(units);
    free(pieces);
}
