/* Checks each rule against a sample, which is a literal from a real file: rule_samples RULES SAMPLES.
 *
 * A line of SAMPLES has three fields, separated by tabs: rule, version ("" if the rule reads none),
 * literal. */
#include "feature/feature.h"
#include "match/rules.h"
#include "util/text_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SAMPLES 4096

typedef struct sample {
    const char *rule, *version;
    bool is_read; /* the rule read the version from it */
} sample;

typedef struct samples {
    char *text; /* the file; items point into it */
    sample items[MAX_SAMPLES];
    fps__feature literals[MAX_SAMPLES];
    size_t count;
} samples;

static fps_status keep_text(void *user, fps__span text, const char *path, fps_error *error)
{
    (void)path;
    (void)error;
    return fwrite(text.data, 1, text.size, user) == text.size && fputc('\n', user) != EOF ? FPS_OK
                                                                                          : FPS_ERROR_MEMORY;
}

static char *read_all(const char *path, const char *suffix, size_t *size)
{
    fps_error error = {.message = "no memory"};
    char *text = NULL;
    FILE *all = open_memstream(&text, size);
    fps_status status = all ? fps__text_files_read(path, suffix, keep_text, all, &error) : FPS_ERROR_MEMORY;
    if (all)
        fclose(all);
    if (status != FPS_OK) {
        fprintf(stderr, "%s: %s\n", path, error.message);
        exit(1);
    }
    return text;
}

/* Replaces \xHH and \\ in place; returns the new length. */
static size_t take_back(char *text)
{
    char *out = text;
    for (const char *in = text; *in;) {
        unsigned byte;
        if (in[0] == '\\' && in[1] == 'x' && sscanf(in + 2, "%2x", &byte) == 1) {
            *out++ = (char)byte;
            in += 4;
        } else {
            in += in[0] == '\\' && in[1] == '\\';
            *out++ = *in++;
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}

static void parse(samples *s)
{
    char *line_end, *place;
    for (char *line = s->text; *line && s->count < MAX_SAMPLES; line = line_end + 1) {
        line_end = strchr(line, '\n');
        *line_end = '\0';
        char *rule = strtok_r(line, "\t", &place);
        if (!rule || rule[0] == '#')
            continue;
        char *version = place, *literal = strchr(place, '\t');
        if (!literal) {
            fprintf(stderr, "a sample without a literal: %s\n", rule);
            exit(1);
        }
        *literal++ = '\0';
        s->items[s->count] = (sample){rule, version, false};
        s->literals[s->count].text = literal;
        s->literals[s->count].length = (uint32_t)take_back(literal);
        s->count++;
    }
}

static void on_hit(void *user, const fps__rule_hit *hit)
{
    samples *s = user;
    sample *item = &s->items[hit->literal];
    const char *version = s->literals[hit->literal].text + hit->version_start;
    if (strcmp(item->rule, hit->rule) == 0 && strlen(item->version) == hit->version_length &&
        memcmp(item->version, version, hit->version_length) == 0)
        item->is_read = true;
}

/* Counts and names the rules in `text` that have no sample. */
static size_t count_missing(const samples *s, char *text)
{
    size_t missing = 0;
    char *place;
    for (char *line = strtok_r(text, "\n", &place); line; line = strtok_r(NULL, "\n", &place)) {
        if (strncmp(line, "Rule: ", 6) != 0)
            continue;
        size_t i = 0;
        while (i < s->count && strcmp(s->items[i].rule, line + 6) != 0)
            i++;
        if (i == s->count)
            printf("rule %s has no sample\n", line + 6);
        missing += i == s->count;
    }
    return missing;
}

int main(int argc, char **argv)
{
    static samples s;
    fps_error error;
    size_t size, sample_size, faults = 0;
    fps__rules *rules;
    fps__rules_scratch *scratch;
    if (argc != 3)
        return fprintf(stderr, "usage: rule_samples RULES SAMPLES\n"), 1;
    char *text = read_all(argv[1], ".rules", &size);
    s.text = read_all(argv[2], ".tsv", &sample_size);
    parse(&s);
    if (fps__rules_open(&rules, text, size, (fps__span){NULL, 0}, NULL, NULL, NULL, &error) != FPS_OK)
        return fprintf(stderr, "%s: %s\n", argv[1], error.message), 1;
    fps__features features = {.items = s.literals, .count = s.count, .literal_count = s.count};
    if (fps__rules_scratch_create(rules, &scratch, NULL) != FPS_OK ||
        fps__rules_match(rules, scratch, &features, on_hit, &s) != FPS_OK)
        return fprintf(stderr, "rules could not be matched\n"), 1;
    for (size_t i = 0; i < s.count; i++) {
        if (!s.items[i].is_read)
            printf("rule %s does not read \"%s\" from its sample\n", s.items[i].rule, s.items[i].version);
        faults += !s.items[i].is_read;
    }
    faults += count_missing(&s, text);
    printf("%zu rules, %zu samples, %zu faults\n", fps__rules_count(rules), s.count, faults);
    fps__rules_scratch_free(scratch);
    fps__rules_free(rules);
    free(text);
    free(s.text);
    return faults != 0;
}
