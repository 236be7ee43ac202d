/* What add and compile learnt, and what of it is weak: a table of at most a screen. */
#include "sigbuild/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEW_FEATURES = 20, /* a program rarely holds all of a component: of less than that no part is enough */
    MOST_ROWS = 14,    /* with headings and explanations at most 24 lines */
    WIDEST = 24,       /* columns of a name */
    CELL = 96,
};
#define UNRELATED_SHARE .25 /* of a build's texts: from here on it is said */

enum { FEW, NO_FUNCTIONS, NO_BUILD, ALIKE, UNRELATED, WEAKNESSES };

static const struct {
    const char *word, *meaning;
} weaknesses[WEAKNESSES] = {
    [FEW] = {"few features",
             "fewer than 20: a file that holds a part of it is missed; add the whole library"},
    [NO_FUNCTIONS] = {"no functions",
                      "only texts and names find it; add a build for x86-64 or AArch64, best a .a"},
    [NO_BUILD] = {"no build",
                  "only texts of its sources find it; sigbuild add -n ID --version V FILE adds one"},
    [ALIKE] = {"alike", "releases that nothing tells apart: the answer is a range; its git repository may"},
    [UNRELATED] = {"unrelated", "texts that files of sigbuild negative hold, too: they count for less"},
};

static unsigned judge(const fps_workbench_learnt *learnt)
{
    bool built = learnt->objects || learnt->releases;
    unsigned weak = 0;
    weak |= (unsigned)(learnt->texts + learnt->names + learnt->functions < FEW_FEATURES) << FEW;
    weak |= (unsigned)(built && !learnt->functions) << NO_FUNCTIONS;
    weak |= (unsigned)(!built && learnt->history_releases) << NO_BUILD;
    weak |= (unsigned)(learnt->alike > 0) << ALIKE;
    weak |= (unsigned)(learnt->unrelated_texts > 0 &&
                       (double)learnt->unrelated_texts >= UNRELATED_SHARE * (double)learnt->built_texts)
            << UNRELATED;
    return weak;
}

void summary_learn(void *user, const fps_workbench_learnt *learnt)
{
    summary *now = user;
    if (learnt->imported) {
        now->imported++;
        return;
    }
    if (now->count == now->capacity) {
        size_t capacity = now->capacity ? now->capacity * 2 : 64;
        summary_row *rows = realloc(now->rows, capacity * sizeof *rows);
        now->incomplete |= !rows;
        if (!rows)
            return;
        now->rows = rows;
        now->capacity = capacity;
    }
    summary_row row = {*learnt, judge(learnt)};
    char *component = strdup(learnt->component), *version = strdup(learnt->version);
    row.learnt.component = component;
    row.learnt.version = version;
    if (component && version) {
        now->rows[now->count++] = row;
        return;
    }
    now->incomplete = true;
    free(component);
    free(version);
}

static fps_status count_row(void *user, const char *const *columns, size_t count)
{
    (void)columns;
    (void)count;
    ++*(size_t *)user;
    return FPS_OK;
}

void summary_find_builds(summary *now, fps_workbench *bench)
{
    for (size_t i = 0; i < now->count; i++) {
        summary_row *row = &now->rows[i];
        size_t builds = 0;
        if (!(row->weak & 1u << NO_BUILD))
            continue;
        if (fps_workbench_list(bench, FPS_WORKBENCH_VERSIONS, row->learnt.component, count_row, &builds,
                               NULL) != FPS_OK)
            now->incomplete = true;
        else if (builds)
            row->weak &= ~(1u << NO_BUILD);
    }
}

/* "4.13" of one build; "3 releases", "1 release, history of 12", "history of 12": a count could be taken for a version. */
static void say_releases(const fps_workbench_learnt *learnt, char text[CELL])
{
    int used = learnt->version[0] ? snprintf(text, CELL, "%.*s", WIDEST, learnt->version)
               : learnt->releases ? snprintf(text, CELL, "%u %s", learnt->releases,
                                             learnt->releases == 1 ? "release" : "releases")
                                  : 0;
    text[used] = '\0';
    if (learnt->history_releases)
        snprintf(text + used, CELL - (size_t)used, "%shistory of %u", used ? ", " : "",
                 learnt->history_releases);
}

static void put_weak(const summary_row *row)
{
    const fps_workbench_learnt *learnt = &row->learnt;
    const char *separator = "";
    if (!row->weak)
        fputc('-', stderr);
    for (unsigned w = 0; w < WEAKNESSES; w++) {
        if (!(row->weak >> w & 1))
            continue;
        fputs(separator, stderr);
        if (w == ALIKE)
            fprintf(stderr, "%u ", learnt->alike);
        if (w == UNRELATED)
            fprintf(stderr, "%.0f %% ", 100 * (double)learnt->unrelated_texts / (double)learnt->built_texts);
        fputs(weaknesses[w].word, stderr);
        separator = ", ";
    }
    fputc('\n', stderr);
}

/* Names come from the command line, catalogues and packages. */
static void put_name(const char *name, size_t width)
{
    char text[WIDEST + 1];
    snprintf(text, sizeof text, "%s", name);
    message_put_safe(stderr, text);
    for (size_t i = strlen(text); i < width + 2; i++)
        fputc(' ', stderr);
}

typedef struct widths {
    size_t name, releases;
} widths;

static void put_row(const summary_row *row, const widths *wide)
{
    const fps_workbench_learnt *learnt = &row->learnt;
    char releases[CELL];
    say_releases(learnt, releases);
    fputs("  ", stderr);
    put_name(learnt->component, wide->name);
    message_put_safe(stderr, releases);
    fprintf(stderr, "%*s  %7llu  %7llu  %9llu  ", (int)(wide->releases - strlen(releases)), "",
            (unsigned long long)learnt->texts, (unsigned long long)learnt->names,
            (unsigned long long)learnt->functions);
    put_weak(row);
}

static void put_table(const summary *now, size_t shown)
{
    widths wide = {strlen("COMPONENT"), strlen("RELEASE")};
    char releases[CELL];
    for (size_t i = 0; i < now->count; i++) {
        size_t name = strnlen(now->rows[i].learnt.component, WIDEST);
        say_releases(&now->rows[i].learnt, releases);
        wide.name = name > wide.name ? name : wide.name;
        wide.releases = strlen(releases) > wide.releases ? strlen(releases) : wide.releases;
    }
    fprintf(stderr, "  %-*s  %-*s  %7s  %7s  %9s  WEAK\n", (int)wide.name, "COMPONENT", (int)wide.releases,
            "RELEASE", "TEXTS", "NAMES", "FUNCTIONS");
    for (unsigned strong = 0; strong < 2; strong++) /* weak rows first */
        for (size_t i = 0; i < now->count && shown; i++)
            if ((now->rows[i].weak ? 0 : 1) == strong) {
                put_row(&now->rows[i], &wide);
                shown--;
            }
}

void summary_print(const summary *now, bool all)
{
    size_t weak = 0, shown = all || now->count < MOST_ROWS ? now->count : MOST_ROWS;
    unsigned found = 0;
    for (size_t i = 0; i < now->count; i++) {
        weak += now->rows[i].weak != 0;
        found |= now->rows[i].weak;
    }
    if (now->incomplete)
        message_print("sigbuild", "the summary is not complete: out of memory");
    if (!now->count)
        return;
    message_print("sigbuild", "learnt, %zu of %zu weak%s:", weak, now->count,
                  now->imported ? "; what compiled sets brought is not listed" : "");
    put_table(now, shown);
    if (shown < now->count)
        fprintf(stderr, "  ... and %zu more, %zu of them weak; --all lists them\n", now->count - shown,
                weak > shown ? weak - shown : 0);
    for (unsigned w = 0; w < WEAKNESSES; w++)
        if (found >> w & 1)
            fprintf(stderr, "  %s: %s\n", weaknesses[w].word, weaknesses[w].meaning);
}

void summary_free(summary *now)
{
    for (size_t i = 0; i < now->count; i++) {
        free((char *)now->rows[i].learnt.component);
        free((char *)now->rows[i].learnt.version);
    }
    free(now->rows);
}
