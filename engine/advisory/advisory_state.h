/* What one matching holds: vulnerabilities by their names, facts about versions of subjects, and findings in progress. */
#ifndef FPS_ADVISORY_ADVISORY_STATE_H
#define FPS_ADVISORY_ADVISORY_STATE_H

#include "advisory/advisory_lookup.h"
#include "advisory/advisory_subject.h"
#include "result/result_build.h"
#include "util/table.h"

enum {
    FPS__MAX_SUBJECTS = 8,     /* names under which one component or package is looked up */
    FPS__MAX_CANDIDATES = 512, /* releases of a version answer that are looked up */
    FPS__MAX_GROUPS = 2000000, /* vulnerabilities of one result */
    FPS__MAX_FACTS = 20000000,
    FPS__MAX_FOUND = 2000000,
    FPS__MAX_VULNERABILITY_NAMES = 64, /* further names that are kept of one */
    FPS__MAX_ROUTINES = 64,            /* functions that are kept of one */
};

#define FPS__NO_INDEX UINT32_MAX

/* A vulnerability, whatever advisories call it: the CVE, or the first of its other names. */
typedef struct fps__group {
    const char *id;
    FPS__ARRAY(const char *) names;
    FPS__ARRAY(const char *) routines;
    /* Of all advisories with the id or one of the names; filled by fps__group_finish. */
    fps_severity severity;
    double score;
    const char *vector, *title, *withdrawn; /* withdrawn: the source that says so, NULL for none */
} fps__group;

/* What is said of one vulnerability of one version, after all that speaks against it. */
typedef enum fps__fact_state {
    FPS__FACT_DENIED, /* not affected */
    FPS__FACT_FIXED,  /* has the fix */
    FPS__FACT_AFFECTED,
    FPS__FACT_CONDITIONAL,
} fps__fact_state;

/* A fact; texts live in the scratch arena. */
typedef struct fps__fact {
    uint32_t group;
    uint32_t
        level; /* of the subject in its list: what a release's list says goes before what is said of all releases */
    fps__fact_state state;
    bool backport; /* a version with the fix is named, nothing of those before it */
    bool wont_fix;
    bool begins, ends;
    const char *range, *fixed, *note, *source, *advisory;
} fps__fact;

/* The facts of one version of one list of subjects: one for each group, sorted by group. */
typedef struct fps__fact_set {
    size_t first, count;
} fps__fact_set;

/* A finding in progress. */
typedef struct fps__found {
    uint32_t group, component, package; /* component or package: FPS__NO_INDEX */
    uint32_t set;                       /* of a package */
    fps_verdict verdict;
    fps__fact fact;
    const char *const *affected;
    size_t affected_count;
    const char *version;
    fps_suppression suppression;
    const char *suppressed_by;
    FPS__ARRAY(uint32_t) files;
    FPS__ARRAY(uint32_t) packages;
    /* What the code of some of the files shows, and in the first of them; FPS_PATCH_UNKNOWN: nothing. */
    fps_patch_state patch;
    const fps_patch *shown_by;
    uint32_t shown_in;
    size_t shown_count; /* files that show it */
} fps__found;

typedef struct fps__subjects {
    fps__subject items[FPS__MAX_SUBJECTS];
    size_t count;
    bool system; /* packages of a distribution: what is said of fixes below the version counts */
    const char
        *own; /* source of the project itself, which decides alone where it speaks; NULL: there is none */
} fps__subjects;

typedef struct fps__matching {
    fps_result *result;
    const fps_advisory_options *options;
    fps__lookup lookup;
    fps__arena scratch;
    FPS__ARRAY(fps__group) groups;
    fps__table group_table;       /* by id */
    fps__key_map advisory_groups; /* row of an advisory: index of its group, plus 1 */
    FPS__ARRAY(fps__fact) facts;
    FPS__ARRAY(fps__fact_set) sets;
    fps__key_map set_keys;  /* hash of subjects and version: index of the set, plus 1 */
    uint32_t *package_sets; /* by package: its set, FPS__NO_INDEX for none */
    uint32_t *
        package_found; /* by set: its first finding, FPS__NO_INDEX for none; findings of a set are neighbours */
    FPS__ARRAY(fps__found) found;
} fps__matching;

/* The group of an advisory of this row and name. */
fps_status fps__group_find(fps__matching *now, int64_t advisory, const char *name, uint32_t *group,
                           fps_error *error);
/* Reads scores, titles and functions of a group that is reported. */
fps_status fps__group_finish(fps__matching *now, fps__group *group, fps_error *error);

/* The facts of a version: FPS__NO_INDEX in *set where the database knows none of the subjects, or the version is none. */
fps_status fps__facts_of(fps__matching *now, const fps__subjects *subjects, const char *version,
                         uint32_t *set, fps_error *error);
/* The fact about a group in a set, valid until facts are added; NULL for none. `set` may be FPS__NO_INDEX. */
const fps__fact *fps__facts_find(const fps__matching *now, uint32_t set, uint32_t group);

/* Under which names a package, or a component, is looked up. */
void fps__subjects_of_package(const fps__matching *now, const fps_package *package, fps__subjects *subjects);
fps_status fps__subjects_of_component(fps__matching *now, const fps_component *component,
                                      fps__subjects *subjects, fps_error *error);

/* Findings of all packages; of all components. */
fps_status fps__match_packages(fps__matching *now, fps_error *error);
fps_status fps__match_components(fps__matching *now, fps_error *error);

/* What a document of the user's says of one vulnerability. Texts live as long as the document's value. */
typedef struct fps__statement {
    const char *name;    /* of the vulnerability, any of its names */
    const char *product; /* package URL, CPE name or id; NULL: whatever has it */
    bool suppresses;     /* false: it says that it does count */
    fps_suppression kind;
    const char *reason, *path; /* path: of the document */
} fps__statement;

/* Applies a statement to the findings that it is about. */
fps_status fps__apply_statement(fps__matching *now, const fps__statement *statement, fps_error *error);
/* Applies the VEX documents of the options, in their order: the last statement about a finding wins. */
fps_status fps__apply_statements(fps__matching *now, fps_error *error);
fps_status fps__apply_vex(fps__matching *now, const fps_advisory_document *document, fps_error *error);

/* What the code of a component in a file shows of a vulnerability; NULL: nothing. */
const fps_patch *fps__patch_of(const fps_finding *finding, const fps__group *group);
/* Counts a file of the finding that shows `patch`. */
void fps__note_patch(fps__found *found, const fps_patch *patch, uint32_t file);
/* In words, what the code of the files of a finding shows, in the result's arena; "" for nothing; NULL without memory. */
const char *fps__patch_words(fps__matching *now, const fps__found *found);

/* Writes the findings into the result, with scores and risk, sorted. */
fps_status fps__write_vulnerabilities(fps__matching *now, fps_error *error);
/* 0..100; advisory_risk.c says how. */
double fps__risk(const fps_result *result, const fps_vulnerability *vulnerability);

/* A text in the result's arena; "" for NULL; NULL without memory. */
const char *fps__keep(fps__matching *now, const char *text);

#endif
