/* Two files of the same XXH3-64 and XXH3-128 digest with the public secret: both must be analysed.
 *
 * XXH3's loop over long inputs adds to the accumulators of each 64-byte stripe, for each of its 64-bit lanes
 * i with the secret's word k at that place,
 *
 *     acc[i ^ 1] += lane;  acc[i] += low32(lane ^ k) * high32(lane ^ k)
 *
 * (XXH3_accumulate_512 in xxhash.h). Where the upper half of a lane is that of k, the product is 0 whatever
 * the lower half is; so two such lanes at the same place of two stripes can swap their lower halves, and
 * every sum stays. A swap moves the zero that ends a literal: in one file the texts of "alpha" are literals
 * and those of "beta" are not, in the other file it is the other way round.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "scan_fixture.h"

enum {
    STRIPE = XXH_STRIPE_LEN,
    BLOCK = STRIPE * ((XXH_SECRET_DEFAULT_SIZE - XXH_STRIPE_LEN) / XXH_SECRET_CONSUME_RATE),
    PAIRS = 24,         /* texts of each component */
    LAST_LANE = 56,     /* of a stripe; the lane that ends the text before it */
    PAYLOAD = 2 * BLOCK /* offset: behind the headers, at the start of a block */
};

/* Writes a stripe: text, then a lane whose upper half equals that of the secret, its lower half ends the text
 * or not. Returns where the text begins. */
static size_t put_stripe(uint8_t *data, size_t offset, const char *text, bool ends)
{
    uint8_t *stripe = data + offset;
    size_t length = strlen(text), in_block = offset % BLOCK / STRIPE;
    assert_true(length < LAST_LANE);
    memset(stripe, 1, STRIPE); /* no part of a literal */
    memcpy(stripe + LAST_LANE - length, text, length);
    stripe[LAST_LANE] = ends ? 0 : 1;
    memcpy(stripe + LAST_LANE + 4, XXH3_kSecret + in_block * XXH_SECRET_CONSUME_RATE + LAST_LANE + 4, 4);
    return offset + LAST_LANE - length;
}

/* A shared object that shows the texts of alpha, or of beta, and holds both. */
static void make_half(elf_builder *b, bool alpha)
{
    fps__arena arena = {0};
    size_t used[2] = {0};
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    assert_true(b->size <= PAYLOAD);
    for (uint32_t i = 0; i < PAIRS; i++) {
        const texts one = {"alpha", i, i + 1, 0}, other = {"beta", i, i + 1, 0};
        size_t at = PAYLOAD + 2 * i * STRIPE;
        used[0] = put_stripe(b->data, at, numbered_text(&arena, &one, i), alpha);
        used[1] = put_stripe(b->data, at + STRIPE, numbered_text(&arena, &other, i), !alpha);
    }
    size_t code = b->size = PAYLOAD + 2 * PAIRS * STRIPE;
    elf_segment(b, PT_LOAD, PF_R, 0, code);
    for (size_t i = 0; i < 2; i++) { /* lea DISTANCE(%rip), %rdi */
        size_t here = elf_put_bytes(b, "\x48\x8d\x3d", 3);
        elf_put(b, (uint32_t)(used[i] - (here + 7)), 4);
    }
    elf_segment(b, PT_LOAD, PF_R | PF_X, code, b->size - code);
    b->size = code + 2 * STRIPE; /* the last stripe is treated in another way */
    elf_finish(b);
    fps__arena_free(&arena);
}

static void assert_collision(const elf_builder *one, const elf_builder *two)
{
    assert_int_equal(one->size, two->size);
    assert_memory_not_equal(one->data, two->data, one->size);
    assert_true(XXH3_64bits(one->data, one->size) == XXH3_64bits(two->data, two->size));
    assert_true(XXH128_isEqual(XXH3_128bits(one->data, one->size), XXH3_128bits(two->data, two->size)));
    uint8_t secret[XXH_SECRET_DEFAULT_SIZE]; /* the pair is made for the public secret only */
    memcpy(secret, XXH3_kSecret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(secret[i] ^ (i * 29 + 7));
    assert_false(XXH128_isEqual(XXH3_128bits_withSecret(one->data, one->size, secret, sizeof secret),
                                XXH3_128bits_withSecret(two->data, two->size, secret, sizeof secret)));
}

static fps_database *alpha_and_beta(void)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "alpha"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "beta"}, NULL);
    corpus_release(&corpus, "alpha", "1", TEXTS({"alpha", 0, PAIRS, 0}));
    corpus_release(&corpus, "beta", "1", TEXTS({"beta", 0, PAIRS, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

static void assert_both_right(const char *folder, const fps_database *database,
                              const fps_scan_options *options)
{
    fps_result *result = scan_tree(folder, database, options);
    assert_int_equal(fps_result_get_info(result)->objects, 2);
    assert_true(result_has(result, "/first", "alpha"));
    assert_false(result_has(result, "/first", "beta"));
    assert_true(result_has(result, "/second", "beta"));
    assert_false(result_has(result, "/second", "alpha"));
    fps_result_free(result);
}

static void files_of_equal_digest_are_both_analysed(void **state)
{
    (void)state;
    char folder[256];
    elf_builder *one = malloc(sizeof *one), *two = malloc(sizeof *two);
    assert_true(one && two);
    make_half(one, true);
    make_half(two, false);
    assert_collision(one, two);
    fixture_folder(folder);
    write_bytes(folder, "first", one->data, one->size);
    write_bytes(folder, "second", two->data, two->size);
    fps_database *database = alpha_and_beta();
    assert_both_right(folder, database, NULL);
    assert_both_right(folder, database, &(fps_scan_options){.workers = 1});
    assert_both_right(folder, database, &(fps_scan_options){.no_exact = true});
    fps_database_free(database);
    remove_tree(folder);
    free(one);
    free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_of_equal_digest_are_both_analysed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
