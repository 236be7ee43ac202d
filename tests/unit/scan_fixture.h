/* Trees of tiny ELF files that hold numbered texts, and scans of them, for the tests of scan. */
#ifndef FPS_TESTS_SCAN_FIXTURE_H
#define FPS_TESTS_SCAN_FIXTURE_H

#include "../object/elf_builder.h"
#include "corpus_fixture.h"

#include "util/bytes.h"

#include <fpscan/report.h>
#include <fpscan/scan.h>

/* Dynamic symbols of the texts that are names, in an object whose other texts begin at `start`. */
static inline void elf_export(elf_builder *b, const texts *some, size_t start)
{
    enum { SYMBOL_SIZE = 24 };
    fps__arena arena = {0};
    size_t strings = elf_put(b, 0, 1);
    for (const texts *t = some; t->stem; t++)
        for (uint32_t n = t->first; t->kind == FPS__FEATURE_NAME && n < t->end; n++)
            elf_put_text(b, numbered_text(&arena, t, n));
    size_t strings_end = b->size, symbols = elf_align(b, 8);
    elf_put_symbol(b, 0, 0, 0, 0, 0);
    for (size_t at = strings + 1; at < strings_end; at += strlen((const char *)b->data + at) + 1)
        elf_put_symbol(b, (uint32_t)(at - strings), ELF_BASE + strings, 1, STB_GLOBAL << 4 | STT_FUNC, 1);
    elf_section(b, ".rodata", SHT_PROGBITS, SHF_ALLOC, start, strings - start);
    uint32_t link = elf_section(b, ".dynstr", SHT_STRTAB, SHF_ALLOC, strings, strings_end - strings);
    uint32_t table = elf_section(b, ".dynsym", SHT_DYNSYM, SHF_ALLOC, symbols, b->size - symbols);
    b->sections[table].link = link;
    b->sections[table].entry = SYMBOL_SIZE;
    fps__arena_free(&arena);
}

static inline bool has_names(const texts *some)
{
    for (const texts *t = some; t->stem; t++)
        if (t->kind == FPS__FEATURE_NAME && t->first < t->end)
            return true;
    return false;
}

/* A 64-bit shared object of one read-only segment that holds these texts, and exports those that are names. `step`: code takes the
 * address of one text in so many; 0: of none, and there is no code. */
static inline void elf_with_used_texts(elf_builder *b, const texts *some, size_t step)
{
    enum { MOST = 4096, LEA_SIZE = 7 };
    static const uint8_t lea[] = {0x48, 0x8d, 0x3d}; /* lea DISTANCE(%rip), %rdi */
    fps__arena arena = {0};
    size_t places[MOST], count = 0;
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    size_t start = elf_align(b, 16);
    elf_put(b, 0, 1); /* what stands before the first text is no part of it */
    for (const texts *t = some; t->stem; t++)
        for (uint32_t n = t->first; t->kind != FPS__FEATURE_NAME && n < t->end; n++, count++) {
            assert_true(count < MOST);
            places[count] = elf_put_text(b, numbered_text(&arena, t, n));
        }
    if (has_names(some))
        elf_export(b, some, start);
    elf_segment(b, PT_LOAD, PF_R, 0, b->size);
    size_t code = elf_align(b, 16);
    for (size_t i = 0; step && i < count; i += step) {
        size_t here = elf_put_bytes(b, lea, sizeof lea);
        elf_put(b, (uint32_t)(places[i] - (here + LEA_SIZE)), 4);
    }
    if (step)
        elf_segment(b, PT_LOAD, PF_R | PF_X, code, b->size - code);
    elf_finish(b);
    fps__arena_free(&arena);
}

static inline void elf_with_texts(elf_builder *b, const texts *some)
{
    elf_with_used_texts(b, some, 1);
}

static inline void write_bytes(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_elf(const char *folder, const char *name, const texts *some)
{
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    elf_with_texts(b, some);
    write_bytes(folder, name, b->data, b->size);
    free(b);
}

static inline void remove_tree(const char *folder)
{
    char command[400];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* The result of one scan with one set. */
static inline fps_result *scan_tree(const char *target, const fps_database *database,
                                    const fps_scan_options *options)
{
    fps_scan *scan;
    fps_result *result;
    fps_error error = {0};
    assert_int_equal(fps_scan_create(&scan, options, &error), FPS_OK);
    assert_int_equal(fps_scan_add_database(scan, database, &error), FPS_OK);
    assert_int_equal(fps_scan_run(scan, target, &result, &error), FPS_OK);
    fps_scan_free(scan);
    return result;
}

/* True when a component is present in the file of this name. */
static inline bool result_has(const fps_result *result, const char *path, const char *id)
{
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        if (finding->state == FPS_STATE_PRESENT &&
            strcmp(fps_result_file(result, finding->file)->path, path) == 0 &&
            strcmp(fps_result_component(result, finding->component)->id, id) == 0)
            return true;
    }
    return false;
}

/* A shared object that holds these texts of a stem; free its data. */
static inline fps__span elf_bytes(const char *stem, uint32_t first, uint32_t end)
{
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    elf_with_texts(b, TEXTS({stem, first, end, 0}));
    uint8_t *data = malloc(b->size);
    assert_non_null(data);
    memcpy(data, b->data, b->size);
    fps__span bytes = {data, b->size};
    free(b);
    return bytes;
}

typedef struct report_text {
    char *text;
    size_t size;
} report_text;

static inline fps_status take_report(void *user, const char *data, size_t size)
{
    report_text *report = user;
    report->text = realloc(report->text, report->size + size + 1);
    assert_non_null(report->text);
    memcpy(report->text + report->size, data, size);
    report->size += size;
    report->text[report->size] = '\0';
    return FPS_OK;
}

/* All of a result as JSON; free its text. */
static inline report_text json_of(const fps_result *result)
{
    report_text report = {NULL, 0};
    const fps_report_format *format;
    const fps_report_options options = {
        .states = 7, .timestamp = -1, .tool_version = "test", .all_layers = true};
    assert_int_equal(fps_report_format_find("json", &format, NULL), FPS_OK);
    assert_int_equal(fps_report_write(result, format, &options, take_report, &report, NULL), FPS_OK);
    return report;
}

#endif
