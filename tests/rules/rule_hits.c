/* Runs rules over files and prints every hit, or with --time the cost of each stage.
 *
 *   rule_hits [--time] CACHE-DIR RULES FILE...
 */
#include "feature/feature.h"
#include "match/rules.h"
#include "util/arena.h"
#include "util/text_files.h"

#include <fcntl.h>
#include <fpscan/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct run {
    fps__rules *rules;
    fps__rules_scratch *scratch;
    fps__arena arena;
    bool quiet;
    const char *path;              /* the current file */
    const fps__features *features; /* its features */
    double object_seconds, feature_seconds, rule_seconds;
    uint64_t bytes, literals, literal_bytes, hits;
} run;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Prints a literal on one line, in the form that rule_samples reads. */
static void print_escaped(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            printf("\\\\");
        else if (text[i] >= ' ' && text[i] <= '~')
            putchar(text[i]);
        else
            printf("\\x%02x", (unsigned char)text[i]);
    }
}

static void print_hit(void *user, const fps__rule_hit *hit)
{
    run *r = user;
    const fps__feature *feature = &r->features->items[hit->literal];
    r->hits++;
    if (r->quiet)
        return;
    printf("%s\t%s\t%.*s\t", hit->rule, r->path, (int)hit->version_length,
           feature->text + hit->version_start);
    print_escaped(feature->text, feature->length < 200 ? feature->length : 200);
    putchar('\n');
}

static void look_at(run *r, const void *data, size_t size)
{
    fps_object *object;
    fps__features features;
    fps__feature_options options = {.exact = false};
    double start = now();
    if (fps_object_open(&object, data, size, NULL, NULL) != FPS_OK)
        return;
    double opened = now();
    if (fps__features_extract(object, data, size, &options, &r->arena, &features, NULL) == FPS_OK) {
        double extracted = now();
        r->features = &features;
        if (fps__rules_match(r->rules, r->scratch, &features, print_hit, r) != FPS_OK)
            fprintf(stderr, "%s: rules could not be matched\n", r->path);
        r->rule_seconds += now() - extracted;
        r->feature_seconds += extracted - opened;
        r->object_seconds += opened - start;
        r->bytes += size;
        r->literals += features.literal_count;
        for (size_t i = 0; i < features.literal_count; i++)
            r->literal_bytes += features.items[i].length;
    }
    fps__arena_reset(&r->arena);
    fps_object_free(object);
}

static void look_at_file(run *r, const char *path)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
        if (fd >= 0)
            close(fd);
        return;
    }
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return;
    r->path = path;
    look_at(r, data, (size_t)info.st_size);
    munmap(data, (size_t)info.st_size);
}

static fps_status keep_text(void *user, fps__span text, const char *path, fps_error *error)
{
    (void)path;
    (void)error;
    return fwrite(text.data, 1, text.size, user) == text.size && fputc('\n', user) != EOF ? FPS_OK
                                                                                          : FPS_ERROR_MEMORY;
}

/* The rule text of a file or of all files in a folder; NULL if it cannot be read. */
static char *read_rules(const char *path, size_t *size, fps_error *error)
{
    char *text = NULL;
    FILE *all = open_memstream(&text, size);
    fps_status status = all ? fps__text_files_read(path, ".rules", keep_text, all, error) : FPS_ERROR_MEMORY;
    if (all)
        fclose(all);
    if (status == FPS_OK)
        return text;
    free(text);
    return NULL;
}

int main(int argc, char **argv)
{
    run r = {0};
    fps_error error = {.message = "no memory"};
    size_t size = 0;
    int first = 1;
    if (argc > 1 && strcmp(argv[1], "--time") == 0) {
        r.quiet = true;
        first = 2;
    }
    if (argc < first + 3)
        return fprintf(stderr, "usage: rule_hits [--time] CACHE-DIR RULES FILE...\n"), 1;
    const char *cache = argv[first++];
    char *text = read_rules(argv[first], &size, &error);
    double start = now();
    if (!text ||
        fps__rules_open(&r.rules, text, size, (fps__span){NULL, 0}, cache, NULL, NULL, &error) != FPS_OK)
        return fprintf(stderr, "%s: %s\n", argv[first], error.message), 1;
    double opened = now() - start;
    if (fps__rules_scratch_create(r.rules, &r.scratch, NULL) != FPS_OK)
        return fprintf(stderr, "no memory\n"), 1;
    for (int i = first + 1; i < argc; i++)
        look_at_file(&r, argv[i]);
    if (r.quiet)
        printf("%zu rules opened in %.3f s; %.1f MB, %.1f M literals of %.1f MB, %llu hits; CPU seconds: "
               "object %.3f, features "
               "%.3f, rules %.3f\n",
               fps__rules_count(r.rules), opened, (double)r.bytes / 1e6, (double)r.literals / 1e6,
               (double)r.literal_bytes / 1e6, (unsigned long long)r.hits, r.object_seconds, r.feature_seconds,
               r.rule_seconds);
    fps__arena_free(&r.arena);
    fps__rules_scratch_free(r.scratch);
    fps__rules_free(r.rules);
    free(text);
    return 0;
}
