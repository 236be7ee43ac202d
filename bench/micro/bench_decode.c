/* Normalisation of x86-64 or i386 code compared with Zydis and capstone: MB/s of one core over the same functions.
 *
 *   bench_decode [-3] [-m MEGABYTES] FILE-OR-FOLDER ...     objects of x86-64, with -3 of i386; default 64 MB of code
 *
 *   normalise   decoding, tokens and their hash
 *   decode      all fields of each instruction
 *   zydis       ZydisDecoderDecodeInstruction, minimal mode
 *   zydis full  the same in full mode; compare decode with this
 *   capstone    cs_disasm_iter without detail, over every eighth function
 *
 * Times are CPU times of the single thread. Each repeat runs all decoders in turn; the figures are medians,
 * and medians of the ratios within repeats. All must decode the same number of instructions, except capstone,
 * which knows fewer.
 */
#include "code/functions.h"
#include "util/array.h"

#include <capstone/capstone.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <Zydis/Zydis.h>

enum { REPEATS = 7, WAYS = 5, CAPSTONE_SHARE = 8, MAX_FUNCTIONS = 8000000 };

typedef struct piece {
    const uint8_t *bytes;
    uint32_t size;
} piece;

typedef struct bench {
    const fps__machine *machine;
    FPS__ARRAY(piece) pieces;
    uint64_t bytes, maximum;
    fps__code_buffer buffer;
    ZydisDecoder minimal, full;
    csh capstone;
    cs_insn *instruction;
} bench;

static void die(const char *what)
{
    fprintf(stderr, "bench_decode: %s\n", what);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Adds each function that is code from end to end once, so that all decoders decode the same bytes. */
static void take_functions(bench *b, const fps__functions *functions, const uint8_t *data)
{
    uint64_t end = 0;
    for (size_t i = 0; i < functions->count && b->bytes < b->maximum; i++) {
        const fps__function *function = &functions->items[i];
        fps__code code = {.bytes = data + function->offset, .size = function->size};
        fps__code_result result;
        if (function->source == FPS__FUNCTION_FLOW || function->offset < end)
            continue;
        if (b->machine->normalise(&code, &b->buffer, &result) != FPS_OK ||
            FPS__ARRAY_RESERVE(&b->pieces, 1, MAX_FUNCTIONS) != FPS_OK)
            die("out of memory");
        if (result.bytes < function->size)
            continue;
        end = function->offset + function->size;
        b->pieces.items[b->pieces.count++] = (piece){code.bytes, function->size};
        b->bytes += function->size;
    }
}

/* The file stays in memory, because the pieces point into it. */
static void take_file(bench *b, const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size + 1);
    fps_object *object = NULL;
    fps__arena arena = {0};
    fps__functions functions;
    if (!data)
        die("out of memory");
    if (file && fread(data, 1, size, file) == size &&
        fps_object_open(&object, data, size, NULL, NULL) == FPS_OK &&
        fps__machine_find(fps_object_get_info(object)) == b->machine &&
        fps__functions_find(object, data, size, NULL, &arena, &functions, NULL) == FPS_OK)
        take_functions(b, &functions, data);
    fps__arena_free(&arena);
    fps_object_free(object);
    if (file)
        fclose(file);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void read_all(bench *b, char **paths)
{
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW, by_name);
    for (FTSENT *entry; tree && (entry = fts_read(tree));) {
        if (entry->fts_info == FTS_F && b->bytes < b->maximum)
            take_file(b, entry->fts_accpath, (size_t)entry->fts_statp->st_size);
    }
    fts_close(tree);
    if (b->pieces.count < CAPSTONE_SHARE)
        die("no functions there");
}

static uint64_t run_normalise(bench *b, const piece *p)
{
    fps__code code = {.bytes = p->bytes, .size = p->size};
    fps__code_result result;
    if (b->machine->normalise(&code, &b->buffer, &result) != FPS_OK)
        die("out of memory");
    return result.hash;
}

static uint64_t run_decode(bench *b, const piece *p)
{
    uint64_t count = 0;
    fps__instruction instruction;
    for (uint32_t at = 0; at < p->size; at += instruction.length, count++) {
        if (!b->machine->decode(p->bytes + at, p->size - at, &instruction))
            die("decode and normalise disagree");
    }
    return count;
}

static uint64_t count_zydis(const ZydisDecoder *decoder, const piece *p)
{
    uint64_t count = 0;
    ZydisDecoderContext context;
    ZydisDecodedInstruction instruction;
    for (uint32_t at = 0; at < p->size; at += instruction.length, count++) {
        if (!ZYAN_SUCCESS(
                ZydisDecoderDecodeInstruction(decoder, &context, p->bytes + at, p->size - at, &instruction)))
            break;
    }
    return count;
}

static uint64_t run_zydis(bench *b, const piece *p)
{
    return count_zydis(&b->minimal, p);
}

static uint64_t run_zydis_full(bench *b, const piece *p)
{
    return count_zydis(&b->full, p);
}

static uint64_t run_capstone(bench *b, const piece *p)
{
    uint64_t count = 0, address = 0;
    const uint8_t *at = p->bytes;
    size_t left = p->size;
    while (left > 0) {
        if (cs_disasm_iter(b->capstone, &at, &left, &address, b->instruction)) {
            count++;
            continue;
        }
        fps__instruction skipped; /* an instruction that capstone does not know */
        if (!b->machine->decode(at, left, &skipped))
            break;
        at += skipped.length;
        left -= skipped.length;
    }
    return count;
}

typedef struct way {
    const char *name;
    uint64_t (*run)(bench *b, const piece *p);
    size_t step;
    double speed[REPEATS]; /* MB/s */
    uint64_t answer;
} way;

static void measure(bench *b, way *w, int repeat)
{
    uint64_t answer = 0, bytes = 0;
    double start = cpu_seconds();
    for (size_t i = 0; i < b->pieces.count; i += w->step) {
        answer += w->run(b, &b->pieces.items[i]);
        bytes += b->pieces.items[i].size;
    }
    w->speed[repeat] = (double)bytes / 1e6 / (cpu_seconds() - start);
    if (repeat > 0 && answer != w->answer)
        die("answers differ between repeats");
    w->answer = answer;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values)
{
    double sorted[REPEATS];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, REPEATS, sizeof *sorted, compare_doubles);
    return sorted[REPEATS / 2];
}

static void report(const way *ways)
{
    printf("%-12s %10s %14s %20s\n", "way", "MB/s", "normalise is", "answer");
    for (int i = 0; i < WAYS; i++) {
        double ratios[REPEATS];
        for (int r = 0; r < REPEATS; r++)
            ratios[r] = ways[0].speed[r] / ways[i].speed[r];
        printf("%-12s %10.1f %13.2fx %20llu\n", ways[i].name, median(ways[i].speed), median(ratios),
               (unsigned long long)ways[i].answer);
    }
}

static void prepare(bench *b)
{
    bool wide = b->machine->bits == 64;
    ZydisMachineMode mode = wide ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32;
    if (!ZYAN_SUCCESS(ZydisDecoderInit(&b->full, mode, wide ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32)) ||
        cs_open(CS_ARCH_X86, (cs_mode)b->machine->capstone_mode, &b->capstone) != CS_ERR_OK)
        die("no decoder to compare with");
    b->minimal = b->full;
    ZydisDecoderEnableMode(&b->minimal, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
    b->instruction = cs_malloc(b->capstone);
    if (!b->instruction)
        die("out of memory");
}

int main(int argc, char **argv)
{
    bench b = {.machine = &fps__machine_x86_64, .maximum = UINT64_C(64) << 20};
    way ways[WAYS] = {{.name = "normalise", .run = run_normalise, .step = 1},
                      {.name = "decode", .run = run_decode, .step = 1},
                      {.name = "zydis", .run = run_zydis, .step = 1},
                      {.name = "zydis full", .run = run_zydis_full, .step = 1},
                      {.name = "capstone", .run = run_capstone, .step = CAPSTONE_SHARE}};
    for (int option; (option = getopt(argc, argv, "3m:")) != -1;) {
        if (option == '3')
            b.machine = &fps__machine_i386;
        else if (option != 'm')
            return 1;
        else
            b.maximum = strtoull(optarg, NULL, 10) * 1000000;
    }
    if (optind == argc)
        die("names files or folders");
    prepare(&b);
    read_all(&b, argv + optind);
    printf("%zu functions, %llu bytes, %d repeats, %s\n", b.pieces.count, (unsigned long long)b.bytes,
           REPEATS, FPS_VERSION);
    for (int r = 0; r < REPEATS; r++)
        for (int i = 0; i < WAYS; i++)
            measure(&b, &ways[i], r);
    report(ways);
    if (ways[1].answer != ways[2].answer || ways[1].answer != ways[3].answer)
        die("the decoders count different numbers of instructions");
    cs_free(b.instruction, 1);
    cs_close(&b.capstone);
    fps__code_buffer_free(&b.buffer);
    free(b.pieces.items);
    return 0;
}
