/* From a workbench to a compiled set on disk. */
#include "compiler/compile.h"
#include "workbench/workbench_internal.h"

#include "util/error.h"
#include "util/search.h"
#include "util/text_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_RULES = 256 * 1024 * 1024 };

typedef FPS__ARRAY(char) rules_text;

/* Appends one file of rules, and the empty line that keeps its last stanza apart from the next. */
static fps_status append_rules(void *user, fps__span text, const char *path, fps_error *error)
{
    rules_text *rules = user;
    if (text.size && memchr(text.data, 0, text.size))
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "NUL byte in rule text");
    fps_status status = fps__workbench_reserved(FPS__ARRAY_RESERVE(rules, text.size + 3, MAX_RULES), path,
                                                "bytes of rules before the end of this file", error);
    if (status)
        return status;
    if (text.size)
        memcpy(rules->items + rules->count, text.data, text.size);
    rules->count += text.size;
    memcpy(rules->items + rules->count, "\n\n", 3);
    rules->count += 2;
    return FPS_OK;
}

/* Patches, whose functions are neighbours, of components that are not in the set. */
static size_t patches_left_out(const fps__corpus *corpus, const fps__set_model *model)
{
    size_t count = 0, component = 0;
    for (uint32_t i = 0; i < corpus->patch_function_count; i++) {
        const fps__corpus_patch_function *one = &corpus->patch_functions[i], *before = i ? one - 1 : NULL;
        if (before && !strcmp(before->component, one->component) && !strcmp(before->cve, one->cve))
            continue;
        FPS__LOWER_BOUND(component, model->component_count, at,
                         strcmp(model->components[at].id, one->component) < 0);
        count += component == model->component_count ||
                 strcmp(model->components[component].id, one->component) != 0;
    }
    return count;
}

static fps_status compile_corpus(const fps__corpus *corpus, const char *path,
                                 const fps__compile_options *inner,
                                 const fps_workbench_compile_options *options,
                                 fps_workbench_compile_result *result, fps_error *error)
{
    fps__compiled *compiled = NULL;
    fps_status status = fps__compile(&compiled, corpus, inner, error);
    if (!status && options->learnt)
        status = fps__workbench_say_learnt(corpus, fps__compiled_model(compiled), options, error);
    if (!status)
        status = fps__set_write(fps__compiled_model(compiled), path, error);
    if (!status) {
        result->histories = fps__compiled_model(compiled)->histories.count;
        result->history_texts = fps__compiled_model(compiled)->histories.key_count;
        result->patches = fps__compiled_model(compiled)->patches.count;
        result->patch_functions = fps__compiled_model(compiled)->patches.function_count;
        result->patches_left_out = patches_left_out(corpus, fps__compiled_model(compiled));
    }
    fps__compiled_free(compiled);
    return status;
}

fps_status fps_workbench_compile(fps_workbench *workbench, const char *path,
                                 const fps_workbench_compile_options *options,
                                 fps_workbench_compile_result *result, fps_error *error)
{
    static const fps_workbench_compile_options defaults;
    options = options ? options : &defaults;
    rules_text rules = {NULL, 0, 0};
    fps_database *against = NULL;
    fps__corpus corpus = {.arena = {0}};
    fps_workbench_compile_result counts = {0};
    fps_status status = FPS_OK;
    if (options->rules)
        status = fps__text_files_read(options->rules, ".rules", append_rules, &rules, error);
    if (!status && options->against)
        status = fps_database_open(&against, options->against, error);
    if (!status)
        status = fps__workbench_load(workbench, &corpus, error);
    if (!status) {
        fps__compile_options inner = {options->name, against, rules.items ? rules.items : corpus.rules,
                                      options->leave_out, &counts.dropped_features};
        status = compile_corpus(&corpus, path, &inner, options, &counts, error);
    }
    if (!status && result)
        *result = counts;
    fps__corpus_free(&corpus);
    fps_database_free(against);
    free(rules.items);
    return status;
}

/* ---- rebuild and compare ---- */

static fps_status compare_files(const char *first, const char *second, fps_error *error)
{
    enum { BLOCK = 65536 };
    FILE *a = fopen(first, "rb"), *b = fopen(second, "rb");
    uint8_t *blocks = malloc(2 * BLOCK);
    fps_status status = FPS_OK;
    uint64_t offset = 0;
    if (!blocks)
        status = fps__fail_memory(error);
    else if (!a || !b)
        status = fps__fail_io(error, a ? second : first, errno, "cannot open");
    for (size_t got = BLOCK; !status && got == BLOCK; offset += got) {
        got = fread(blocks, 1, BLOCK, a);
        size_t other = fread(blocks + BLOCK, 1, BLOCK, b), same = 0;
        while (same < got && same < other && blocks[same] == blocks[BLOCK + same])
            same++;
        if (ferror(a) || ferror(b))
            status = fps__fail_io(error, ferror(a) ? first : second, errno, "cannot read");
        else if (same < got || same < other)
            status = fps__fail(error, FPS_ERROR_CORRUPT, first, offset + same,
                               "differs from what the workbench compiles to");
    }
    if (a)
        fclose(a);
    if (b)
        fclose(b);
    free(blocks);
    return status;
}

fps_status fps_workbench_verify(fps_workbench *workbench, const char *path,
                                const fps_workbench_compile_options *options, fps_error *error)
{
    const char *folder = getenv("TMPDIR");
    char *again = NULL;
    if (asprintf(&again, "%s/sigbuild-verify-XXXXXX", folder && *folder ? folder : "/tmp") < 0)
        return fps__fail_memory(error);
    int file = mkstemp(again);
    fps_status status = file < 0 ? fps__fail_io(error, again, errno, "cannot make a temporary file") : FPS_OK;
    if (!status) {
        close(file);
        status = fps_workbench_compile(workbench, again, options, NULL, error);
        if (!status)
            status = compare_files(path, again, error);
        unlink(again);
    }
    free(again);
    return status;
}
