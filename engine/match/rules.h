/* Version and naming rules: reviewed text, compiled by vectorscan and matched over extracted literals; and
 * users' YARA rules.
 *
 * A rule is a stanza, as in the catalogue (files *.rules below signatures/rules):
 *
 *   Rule: busybox-banner                  its name
 *   Component: busybox                    catalogue id
 *   Match: ^BusyBox v(?<version>[0-9.]+)  expression over one literal; the group named version is the version
 *   Effect: version                       version: reads the version of a component that is otherwise found;
 *                                         name: is evidence of the component as well;
 *                                         port: says that a translation into another language is there, so that
 *                                         texts alone do not show the component
 *   Needs: 3                              distinct other features of the component that must be there;
 *                                         if absent, FPS__RULE_NEEDS for version, 0 for others
 */
#ifndef FPS_MATCH_RULES_H
#define FPS_MATCH_RULES_H

#include "feature/feature.h"
#include "util/bytes.h"

#include <fpscan/status.h>

typedef struct fps__rules fps__rules;
typedef struct fps__rules_scratch fps__rules_scratch;

typedef enum fps__rule_effect {
    FPS__RULE_VERSION = 0,
    FPS__RULE_NAME = 1,
    FPS__RULE_PORT = 2,
} fps__rule_effect;

typedef struct fps__rule_hit {
    const char *rule;      /* its name */
    const char *component; /* catalogue id */
    fps__rule_effect effect;
    uint32_t needs;
    uint32_t literal;                       /* index in features->items */
    uint32_t version_start, version_length; /* in the literal's text, length 0 for none */
} fps__rule_hit;

typedef void (*fps__rule_callback)(void *user, const fps__rule_hit *hit);

/* Parses rule text and gets the vectorscan database: from `cache_dir` when a serialised one of the same
 * rules, library version and CPU is there and neither it nor its folder can be written by another user; else
 * it is compiled, and kept there through a temporary name. cache_dir NULL: compile. A cache that is refused
 * is a diagnostic, not a failure. */
/* `ready`: bytes of fps__rules_compile, which are used when they are of these rules and this library; {NULL, 0}: none. They are as
 * trusted as the program. */
fps_status fps__rules_open(fps__rules **rules, const char *text, size_t size, fps__span ready,
                           const char *cache_dir,
                           void (*diagnostic)(void *user, const fps_diagnostic *diagnostic), void *user,
                           fps_error *error);
/* Compiles rules for every processor of the architecture, to be part of a program: *bytes is the caller's, by free(). FPS_ERROR_FORMAT:
 * an expression that vectorscan refuses; FPS_ERROR_MEMORY. */
fps_status fps__rules_compile(const char *text, size_t size, uint8_t **bytes, size_t *bytes_size,
                              fps_error *error);
void fps__rules_free(fps__rules *rules);
size_t fps__rules_count(const fps__rules *rules);
fps_status fps__rules_scratch_create(const fps__rules *rules, fps__rules_scratch **scratch, fps_error *error);
void fps__rules_scratch_free(fps__rules_scratch *scratch);
/* Runs all rules over the literals of one object. */
fps_status fps__rules_match(const fps__rules *rules, fps__rules_scratch *scratch,
                            const fps__features *features, fps__rule_callback callback, void *user);

/* A user's own YARA file through libyara: rule meta `component`, optional `version`, `purl`, `cpe`,
 * `license`, `version_string` (a string identifier whose match holds the version; a regular expression in
 * meta `version_pattern` cuts it out). */
typedef struct fps__yara fps__yara;
typedef struct fps__yara_hit {
    const char *rule, *component, *purl, *cpe, *license; /* NULL when the rule does not say */
    char version[64];                                    /* "" for none */
    uint64_t offset;                                     /* of the first match in the file */
    char text[200];                                      /* printable form of that match */
} fps__yara_hit;
typedef void (*fps__yara_callback)(void *user, const fps__yara_hit *hit);
fps_status fps__yara_open(fps__yara **yara, const char *path, fps_error *error);
/* FPS_ERROR_LIMIT when the time is over. */
fps_status fps__yara_match(const fps__yara *yara, const void *data, size_t size, unsigned timeout_seconds,
                           fps__yara_callback callback, void *user, fps_error *error);
/* The component that rule `index` names, "" where it names none; NULL out of range. */
const char *fps__yara_component(const fps__yara *yara, size_t index);
/* XXH3-128 of the source text that it was compiled from. */
void fps__yara_digest(const fps__yara *yara, uint8_t digest[16]);
void fps__yara_free(fps__yara *yara);

#endif
