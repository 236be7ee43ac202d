/* Gates: conditions under which a pipeline must fail. */
#include "report/called.h"
#include "report/gate_vulnerability.h"
#include "report/report_view.h"
#include "util/error.h"
#include "util/package_kind.h"

#include <ctype.h>
#include <fpscan/gate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BOUNDS = 8 };

typedef enum relation { LESS, AT_MOST, EQUAL, AT_LEAST, MORE } relation;

typedef struct bound {
    relation relation;
    char version[FPS__MAX_VERSION];
} bound;

typedef enum subject { DRIFT, UNOWNED, NEW_COMPONENT, COMPONENT, SUBJECTS, VULNERABILITY } subject;

static const char *const terms[SUBJECTS] = {"drift", "unowned", "new-component", "component="};

struct fps_gate {
    subject subject;
    char *name; /* of a component */
    bound bounds[MAX_BOUNDS];
    size_t bound_count; /* 0: any version */
    fps__gate_vulnerability vulnerability;
};

/* ---- reading ---- */

static relation read_relation(const char **text)
{
    const char *p = *text;
    relation found = EQUAL;
    if (*p == '<' || *p == '>')
        found = *p == '<' ? (p[1] == '=' ? AT_MOST : LESS) : (p[1] == '=' ? AT_LEAST : MORE);
    *text += found == EQUAL ? strspn(p, "=") : found == AT_MOST || found == AT_LEAST ? 2 : 1;
    return found;
}

/* True when the text can be a version: it begins with a letter or digit, has a digit, and has no spaces, commas or "..".
 */
static bool is_version(const char *text, size_t length)
{
    bool digit = false;
    if (!length || length >= FPS__MAX_VERSION || !isalnum((unsigned char)*text))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isgraph((unsigned char)text[i]) || text[i] == ',' ||
            (text[i] == '.' && i + 1 < length && text[i + 1] == '.'))
            return false;
        digit |= isdigit((unsigned char)text[i]) != 0;
    }
    return digit;
}

static bool add_bound(fps_gate *gate, relation how, const char *version, size_t length)
{
    if (gate->bound_count == MAX_BOUNDS || !is_version(version, length))
        return false;
    bound *b = &gate->bounds[gate->bound_count++];
    *b = (bound){.relation = how};
    memcpy(b->version, version, length);
    return true;
}

static bool read_range(fps_gate *gate, const char *range)
{
    const char *dots = strstr(range, "..");
    if (dots && !strpbrk(range, "<>="))
        return add_bound(gate, AT_LEAST, range, (size_t)(dots - range)) &&
               add_bound(gate, AT_MOST, dots + 2, strlen(dots + 2));
    for (const char *p = range; *p;) {
        relation how = read_relation(&p);
        size_t length = strcspn(p, "<>=");
        bool alone = !p[length] && !gate->bound_count;
        if ((how == EQUAL && !alone) || !add_bound(gate, how, p, length))
            return false;
        p += length;
    }
    return gate->bound_count > 0;
}

/* True when no version is within all bounds. */
static bool is_empty(const fps_gate *gate)
{
    for (size_t i = 0; i < gate->bound_count; i++)
        for (size_t k = 0; k < gate->bound_count; k++) {
            const bound *low = &gate->bounds[i], *high = &gate->bounds[k];
            if ((low->relation != AT_LEAST && low->relation != MORE) ||
                (high->relation != AT_MOST && high->relation != LESS))
                continue;
            int order = fps__version_compare(low->version, high->version);
            if (order > 0 || (order == 0 && (low->relation == MORE || high->relation == LESS)))
                return true;
        }
    return false;
}

/* The '@' before the range; NULL for none: in "@scope/name" and "pkg:npm/@scope/name" it begins a part of the name. */
static const char *find_range(const char *text)
{
    const char *at = strrchr(text, '@');
    return at && at > text && at[-1] != '/' ? at : NULL;
}

static fps_status read_component(fps_gate *gate, const char *text, fps_error *error)
{
    const char *at = find_range(text);
    gate->name = strndup(text, at ? (size_t)(at - text) : strlen(text));
    if (!gate->name)
        return fps__fail_memory(error);
    if (!*gate->name)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "component= needs a name");
    if (at && !read_range(gate, at + 1))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "'%.60s' is not a range of versions such as 1.2.3, 1.2..1.3, <1.3 or >=1.2<1.3",
                         at + 1);
    if (is_empty(gate))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "no version is in the range '%.60s'",
                         at + 1);
    return FPS_OK;
}

size_t fps_gate_term_count(void)
{
    return SUBJECTS + FPS__GATE_VULNERABILITY_TERMS;
}

const char *fps_gate_term(size_t index)
{
    return index < SUBJECTS ? terms[index] : fps__gate_vulnerability_term(index - SUBJECTS);
}

fps_status fps_gate_parse(fps_gate **gate, const char *term, fps_error *error)
{
    const size_t component = strlen(terms[COMPONENT]);
    fps_gate *made = calloc(1, sizeof *made);
    fps_status status = FPS_OK;
    *gate = NULL;
    if (!made)
        return fps__fail_memory(error);
    if (strcmp(term, terms[DRIFT]) == 0)
        made->subject = DRIFT;
    else if (strcmp(term, terms[UNOWNED]) == 0)
        made->subject = UNOWNED;
    else if (strcmp(term, terms[NEW_COMPONENT]) == 0)
        made->subject = NEW_COMPONENT;
    else if (strncmp(term, terms[COMPONENT], component) == 0) {
        made->subject = COMPONENT;
        status = read_component(made, term + component, error);
    } else if (fps__gate_vulnerability_parse(&made->vulnerability, term)) {
        made->subject = VULNERABILITY;
    } else {
        status = fps__fail(
            error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
            "unknown term '%.60s'; the terms are drift, unowned, new-component, component=NAME[@RANGE], critical, high, medium, low, kev and "
            "risk>=N",
            term);
    }
    if (status == FPS_OK)
        *gate = made;
    else
        fps_gate_free(made);
    return status;
}

fps_status fps_gate_know(const fps_gate *gate, const fps_names *names, fps_error *error)
{
    if (gate->subject != COMPONENT || fps_names_has(names, gate->name))
        return FPS_OK;
    const char *nearest = fps_names_nearest(names, gate->name);
    return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX,
                     "no component, rule or package is called '%.60s'%s%.60s%s", gate->name,
                     nearest ? ": did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

void fps_gate_free(fps_gate *gate)
{
    if (!gate)
        return;
    free(gate->name);
    free(gate);
}

/* ---- checking ---- */

static bool satisfies(const bound *b, const char *version)
{
    int order = fps__version_compare(version, b->version);
    switch (b->relation) {
    case LESS:
        return order < 0;
    case AT_MOST:
        return order <= 0;
    case EQUAL:
        return order == 0;
    case AT_LEAST:
        return order >= 0;
    case MORE:
        return order > 0;
    }
    return false;
}

static bool in_range(const fps_gate *gate, const char *version)
{
    for (size_t i = 0; i < gate->bound_count; i++)
        if (!satisfies(&gate->bounds[i], version))
            return false;
    return true;
}

/* True when [first, last] and the range overlap, judging by their ends; no `last`: anything from `first` on. */
static bool overlaps(const fps_gate *gate, const char *first, const char *last)
{
    for (size_t i = 0; i < gate->bound_count; i++) {
        const bound *b = &gate->bounds[i];
        bool upper = b->relation == LESS || b->relation == AT_MOST, both = b->relation == EQUAL;
        if (first && (upper || both) &&
            fps__version_compare(first, b->version) > (b->relation == LESS ? -1 : 0))
            return false;
        if (last && (!upper || both) &&
            fps__version_compare(last, b->version) < (b->relation == MORE ? 1 : 0))
            return false;
    }
    return true;
}

/* True when the version can be in the range. *certain: it cannot be outside. */
static bool can_be(const fps_gate *gate, const fps_version_answer *answer, bool *certain)
{
    size_t inside = 0;
    *certain = !gate->bound_count;
    if (!gate->bound_count)
        return true;
    if (answer->kind == FPS_VERSION_UNKNOWN || !answer->candidate_count)
        return true;
    for (size_t i = 0; i < answer->candidate_count; i++)
        inside += in_range(gate, answer->candidates[i]);
    *certain = inside == answer->candidate_count && !answer->open_below && !answer->open_above;
    if (inside)
        return true;
    if (answer->kind == FPS_VERSION_EXACT)
        return false;
    return overlaps(gate, answer->open_below ? NULL : answer->candidates[0],
                    answer->open_above ? NULL : answer->candidates[answer->candidate_count - 1]);
}

static bool is_seen(const fps_result *result, const fps_report_options *options, const fps_finding *finding)
{
    const fps_file *file = fps_result_file(result, finding->file);
    return finding->state == FPS_STATE_PRESENT && !finding->suppressed && file &&
           (options->all_layers || file->visibility == FPS_VISIBILITY_VISIBLE);
}

/* What the file itself says of the version: no other file opens or closes a gate for it. */
static const fps_version_answer *own_answer(const fps_finding *finding)
{
    return finding->version.alone ? finding->version.alone : &finding->version;
}

/* True when the finding closes the gate. *version: what is said of it: of a relative nothing is known. */
static bool closes(const fps_gate *gate, const fps_finding *finding, bool itself, bool *certain,
                   fps_version_answer *version)
{
    static const fps_version_answer unknown = {.kind = FPS_VERSION_UNKNOWN};
    *version = itself ? *own_answer(finding) : unknown;
    if (!can_be(gate, version, certain))
        return false;
    *certain = *certain && !finding->relative_count;
    return true;
}

static void say_component(const fps_result *result, const fps_finding *finding,
                          const fps_version_answer *answer, const char *doubt, char *reason, size_t size)
{
    const fps_component *c = fps_result_component(result, finding->component);
    char version[256], name[256];
    fps_family_text(name, sizeof name, c->id, c->relatives, c->relative_count, false);
    fps__version_text(answer, version, sizeof version);
    snprintf(reason, size, "component %s %s in %s%s", name, version,
             fps_result_file(result, finding->file)->path, doubt);
}

static fps_gate_verdict check_components(const fps_gate *gate, const fps_result *result,
                                         const fps_report_options *options, char *reason, size_t size)
{
    for (size_t i = 0; i < fps_result_component_count(result); i++) {
        const fps_component *c = fps_result_component(result, i);
        bool itself = fps__means_component(gate->name, c);
        if (!itself && !fps__means_relative(gate->name, c))
            continue;
        for (size_t k = 0; k < c->finding_count; k++) {
            const fps_finding *finding = fps_result_finding(result, c->findings[k]);
            fps_version_answer version;
            bool certain;
            if (!is_seen(result, options, finding) || !closes(gate, finding, itself, &certain, &version))
                continue;
            say_component(result, finding, &version,
                          certain              ? ""
                          : !gate->bound_count ? " can be it"
                                               : " can be in the range",
                          reason, size);
            return FPS_GATE_CLOSED;
        }
    }
    return FPS_GATE_OPEN;
}

static fps_gate_verdict check_packages(const fps_gate *gate, const fps_result *result,
                                       const fps_report_options *options, char *reason, size_t size)
{
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        const fps_package *p = fps_result_package(result, i);
        char upstream[FPS__MAX_VERSION];
        if (!fps__means_package(gate->name, p) || p->suppressed ||
            (!options->all_layers && p->visibility != FPS_VISIBILITY_VISIBLE))
            continue;
        bool known = fps__version_upstream(p->version, fps__package_kind_of(p->kind)->version, upstream);
        if (gate->bound_count && known && !in_range(gate, upstream))
            continue;
        snprintf(reason, size, "package %s %s (%s), as the target says%s", p->name, p->version,
                 fps_package_kind_name(p->kind), known || !gate->bound_count ? "" : ", can be in the range");
        return FPS_GATE_CLOSED;
    }
    return FPS_GATE_OPEN;
}

static fps_gate_verdict check_drift(const fps_gate *gate, const fps_result *result, char *reason, size_t size)
{
    size_t count = 0;
    const fps_drift *first = NULL;
    if (!fps_result_get_info(result)->packages_known) {
        snprintf(reason, size, "no package database in the target says which files it has");
        return FPS_GATE_NO_DATA;
    }
    for (size_t i = 0; i < fps_result_drift_count(result); i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        if (drift->level != FPS_DRIFT_LEVEL_DRIFT || drift->suppressed ||
            (gate->subject == UNOWNED && drift->kind != FPS_DRIFT_UNOWNED))
            continue;
        first = first ? first : drift;
        count++;
    }
    if (!first)
        return FPS_GATE_OPEN;
    snprintf(reason, size, "%zu %s; the first is %s: %s", count, count == 1 ? "place" : "places", first->path,
             first->message);
    return FPS_GATE_CLOSED;
}

/* What a baseline, or the first target of a comparison, lacks. */
static fps_gate_verdict check_new(const fps_result *result, const fps_report_options *options, char *reason,
                                  size_t size)
{
    char said[256] = "";
    size_t count = 0;
    if (!fps_result_get_info(result)->has_baseline) {
        snprintf(reason, size, "nothing says what is old: give --baseline FILE, or compare with fpscan diff");
        return FPS_GATE_NO_DATA;
    }
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        if (!is_seen(result, options, finding))
            continue;
        if (!count++)
            say_component(result, finding, &finding->version, "", said, sizeof said);
    }
    if (!count)
        return FPS_GATE_OPEN;
    snprintf(reason, size, "%zu new; the first is %s", count, said);
    return FPS_GATE_CLOSED;
}

fps_gate_verdict fps_gate_check(const fps_gate *gate, const fps_result *result,
                                const fps_report_options *options, char *reason, size_t size)
{
    static const fps_report_options defaults;
    if (size)
        reason[0] = '\0';
    options = options ? options : &defaults;
    if (gate->subject == VULNERABILITY)
        return fps__gate_vulnerability_check(&gate->vulnerability, result, options, reason, size);
    if (gate->subject == NEW_COMPONENT)
        return check_new(result, options, reason, size);
    if (gate->subject != COMPONENT)
        return check_drift(gate, result, reason, size);
    fps_gate_verdict verdict = check_components(gate, result, options, reason, size);
    return verdict == FPS_GATE_OPEN ? check_packages(gate, result, options, reason, size) : verdict;
}
