/* A scan and what its workers share; private to the scan stage. */
#ifndef FPS_SCAN_SCAN_INTERNAL_H
#define FPS_SCAN_SCAN_INTERNAL_H

#include "match/match.h"
#include "scan/pool.h"
#include "scan/result_build.h"

#include <fpscan/scan.h>
#include <pthread.h>

/* What one worker keeps from file to file. */
typedef struct fps__scan_worker {
    fps__arena scratch; /* reset after each file */
    fps__arena kept;    /* becomes part of the result */
    fps__match_scratch *match;
    fps__rules_scratch **rules; /* one for each of the scan's rules */
    FPS__ARRAY(fps__rule_hit) rule_hits;
} fps__scan_worker;

struct fps_scan {
    fps__arena arena; /* options' texts */
    fps_scan_options options;
    FPS__ARRAY(const fps_database *) databases;
    FPS__ARRAY(fps__yara *) yara;
};

/* One run. */
typedef struct fps__scan_run {
    fps_scan *scan;
    fps__matcher *matcher;
    fps__rules **rules;
    size_t rules_count;
    fps__scan_worker *workers;
    unsigned worker_count;
    fps_result *result;
    pthread_mutex_t lock; /* guards result and failed */
    bool failed;          /* memory ran out while results were gathered */
} fps__scan_run;

/* Adds a remark to the result; texts are copied. From any thread. */
void fps__scan_diagnose(fps__scan_run *run, const fps_diagnostic *diagnostic);

/* The pool's callbacks; `user` is the fps__scan_run. */
bool fps__scan_wants(void *user, const fps__source_entry *entry, fps__span head);
void fps__scan_analyse(void *user, unsigned worker, const fps__source_entry *entry,
                       const fps__source_content *content, uint64_t deadline_ms);

#endif
