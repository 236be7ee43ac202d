/* The command line of fpscan as a struct, and its table of options. */
#ifndef TOOLS_FPSCAN_SETTINGS_H
#define TOOLS_FPSCAN_SETTINGS_H

#include "common/options.h"

#include <string.h>

#define PROGRAM "fpscan"

struct settings {
    option_list sets, rules, states, skip_dirs, skip_files, allow_partial, outputs, disassemble, fail_on;
    const char *format, *cache_dir, *component, *config, *platform, *image, *scope, *evidence, *progress,
        *group_by, *sort, *key, *cve;
    option_list columns;
    double min_confidence;
    uint64_t parallel, memory, timeout;   /* threads, bytes, milliseconds; 0: the default */
    uint64_t file_timeout, max_file_size; /* milliseconds, bytes; 0: the default */
    uint64_t exit_code, archive_depth, max_ratio;
    bool no_base_set, no_cache, no_exact, no_version_texts, one_file_system, no_progress, no_sandbox, quiet,
        all;
    uint64_t cache_limit, age; /* bytes, milliseconds; 0: not given */
    bool as_base;
    bool verify_digests, no_archives, reproducible;
    option_list severity, vuln_type, vex, ignore_file, ignore, baseline;
    const char *advisories;
    uint64_t max_db_age; /* milliseconds; 0: any */
    bool no_vulnerabilities, ignore_unfixed, only_fixed, show_suppressed;
    bool offline, skip_db_update, skip_java_db_update; /* accepted: fpscan never uses the network */
    unsigned verbose;
};
typedef struct settings settings;

static inline bool settings_all_layers(const settings *s)
{
    return s->scope && strcmp(s->scope, "all-layers") == 0;
}

/* Indexes into the table of verbs. */
enum {
    VERB_SCAN,
    VERB_EXPLAIN,
    VERB_DRIFT,
    VERB_CONVERT,
    VERB_DIFF,
    VERB_BASELINE_WRITE,
    VERB_SET_LIST,
    VERB_SET_INFO,
    VERB_SET_VERIFY,
    VERB_SET_ADD,
    VERB_SET_REMOVE,
    VERB_CACHE_STATS,
    VERB_CACHE_PRUNE,
    VERB_CACHE_CLEAR,
    VERB_BASE_IMAGE_ADD,
    VERB_BASE_IMAGE_LIST,
    VERB_BASE_IMAGE_REMOVE,
    VERB_DB_STATUS,
    VERB_DB_UPDATE,
    VERB_CONFIG_INIT,
    VERB_HELP_DIAGNOSTICS,
    VERB_COUNT
};

extern const option_program fpscan_program;

/* What the verbs run: each returns the exit code, and has reported errors on stderr by then. */
int command_scan(const settings *s, const option_result *parsed);
int command_explain(const settings *s, const option_result *parsed);
int command_set_add(const settings *s, const option_result *parsed);
int command_set_remove(const settings *s, const option_result *parsed);
int command_config_init(const settings *s, const option_result *parsed);
int command_convert(const settings *s, const option_result *parsed);
int command_baseline_write(const settings *s, const option_result *parsed);
int command_diff(const settings *s, const option_result *parsed);
int command_drift(const settings *s, const option_result *parsed);
int command_set_list(const settings *s, const option_result *parsed);
int command_set_info(const settings *s, const option_result *parsed);
int command_set_verify(const settings *s, const option_result *parsed);
int command_cache_stats(const settings *s, const option_result *parsed);
int command_cache_prune(const settings *s, const option_result *parsed);
int command_cache_clear(const settings *s, const option_result *parsed);
int command_base_image_add(const settings *s, const option_result *parsed);
int command_base_image_list(const settings *s, const option_result *parsed);
int command_base_image_remove(const settings *s, const option_result *parsed);
int command_db_status(const settings *s, const option_result *parsed);
int command_db_update(const settings *s, const option_result *parsed);
int command_help_diagnostics(const settings *s, const option_result *parsed);

#endif
