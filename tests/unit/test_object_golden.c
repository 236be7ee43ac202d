/* The small objects in tests/object/objects against their golden dumps in tests/object/dumps.
 *
 * FPS_OBJECT_TESTS names tests/object. With FPS_UPDATE set, the dumps are written anew: read the difference
 * before you keep it. */
#include "../object/object_check.h"

#include <dirent.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct buffer {
    char *data;
    size_t size, capacity;
} buffer;

static fps_status append(void *user, const char *text, size_t length)
{
    buffer *to = user;
    while (to->size + length + 1 > to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 4096;
        char *grown = realloc(to->data, to->capacity);
        if (!grown)
            return FPS_ERROR_MEMORY;
        to->data = grown;
    }
    memcpy(to->data + to->size, text, length);
    to->size += length;
    to->data[to->size] = 0;
    return FPS_OK;
}

static buffer read_file(const char *path)
{
    buffer content = {NULL, 0, 0};
    char chunk[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        return content;
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, file)) > 0;)
        append(&content, chunk, got);
    fclose(file);
    return content;
}

static const char *folder(void)
{
    const char *path = getenv("FPS_OBJECT_TESTS");
    if (!path)
        skip();
    return path;
}

static int is_object(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Calls `check` with every golden object, in order of names. */
static void each_object(void (*check)(const char *name, const buffer *content))
{
    char path[1024];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s/objects", folder());
    int count = scandir(path, &entries, is_object, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/objects/%s", folder(), entries[i]->d_name);
        buffer content = read_file(path);
        assert_non_null(content.data);
        check(entries[i]->d_name, &content);
        free(content.data);
        free(entries[i]);
    }
    free(entries);
}

static buffer dump_of(const char *name, const void *data, size_t size)
{
    buffer text = {NULL, 0, 0};
    fps_object *object;
    fps_error error;
    if (fps_object_open(&object, data, size, NULL, &error) != FPS_OK)
        fail_msg("%s: %s", name, error.message);
    const char *wrong = object_check(object, data, size);
    if (wrong)
        fail_msg("%s: %s", name, wrong);
    assert_int_equal(fps_object_dump(object, append, &text), FPS_OK);
    fps_object_free(object);
    return text;
}

static void expect_dump(const char *name, const buffer *content)
{
    char path[1024];
    buffer text = dump_of(name, content->data, content->size);
    snprintf(path, sizeof path, "%s/dumps/%s.txt", folder(), name);
    if (getenv("FPS_UPDATE")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
        fclose(file);
    }
    buffer golden = read_file(path);
    if (golden.size != text.size || memcmp(golden.data, text.data, text.size) != 0) {
        fprintf(stderr, "%s", text.data);
        fail_msg("%s: the dump differs from %s", name, path);
    }
    free(golden.data);
    free(text.data);
}

static void dumps_are_as_they_were(void **state)
{
    (void)state;
    each_object(expect_dump);
}

/* Keeps the facts that do not depend on the section table: dynamic symbols, lists of names, what the header
 * says. */
static void keep_dynamic_facts(buffer *dump)
{
    static const char *const kept[] = {"type ",   "bits ",   "machine ",         "entry ",         "soname ",
                                       "needed ", "runpath", "version-defined ", "version-needed "};
    size_t to = 0;
    for (char *line = dump->data, *next; *line; line = next) {
        next = strchr(line, '\n') + 1;
        bool keep = false;
        for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
            keep = keep || strncmp(line, kept[i], strlen(kept[i])) == 0;
        char *quote = memchr(line, '"', (size_t)(next - line));
        if (strncmp(line, "symbol 0x", 9) == 0 && quote)
            keep = quote[-3] == 'y'; /* the dynamic flag */
        if (keep) {
            memmove(dump->data + to, line, (size_t)(next - line));
            to += (size_t)(next - line);
        }
    }
    dump->data[to] = 0;
}

/* As tests/object/drop-sections.py does it, without the cut. */
static bool drop_sections(buffer *content)
{
    unsigned char *data = (unsigned char *)content->data;
    if (memcmp(data, ELFMAG, SELFMAG) != 0 || data[16] + data[17] == ET_REL)
        return false;
    bool wide = data[EI_CLASS] == ELFCLASS64;
    memset(data + (wide ? 40 : 32), 0, wide ? 8 : 4);
    memset(data + (wide ? 60 : 48), 0, 4);
    return true;
}

static void expect_same_without_sections(const char *name, const buffer *content)
{
    buffer headless = {malloc(content->size), content->size, 0};
    assert_non_null(headless.data);
    memcpy(headless.data, content->data, content->size);
    if (drop_sections(&headless)) {
        buffer with = dump_of(name, content->data, content->size);
        buffer without = dump_of(name, headless.data, headless.size);
        keep_dynamic_facts(&with);
        keep_dynamic_facts(&without);
        assert_string_equal(with.data, without.data);
        free(with.data);
        free(without.data);
    }
    free(headless.data);
}

static void dynamic_facts_do_not_need_the_section_table(void **state)
{
    (void)state;
    each_object(expect_same_without_sections);
}

static void expect_sane_when_cut(const char *name, const buffer *content)
{
    for (size_t size = 0; size < content->size; size += 13) {
        void *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, content->data, size);
        fps_object *object = NULL;
        fps_status status = fps_object_open(&object, copy, size, NULL, NULL);
        const char *wrong = object ? object_check(object, copy, size) : NULL;
        if (wrong || (status != FPS_OK && status != FPS_ERROR_CORRUPT && status != FPS_ERROR_FORMAT))
            fail_msg("%s cut to %zu bytes: %s", name, size, wrong ? wrong : fps_status_name(status));
        fps_object_free(object);
        free(copy);
    }
}

static void every_object_can_be_cut(void **state)
{
    (void)state;
    each_object(expect_sane_when_cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dumps_are_as_they_were),
        cmocka_unit_test(dynamic_facts_do_not_need_the_section_table),
        cmocka_unit_test(every_object_can_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
