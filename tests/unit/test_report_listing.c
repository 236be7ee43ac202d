/* Proves that a listing names the function at an address or of a name, with a key that linking does not
 * change, and says what is where nothing is. FPS_OBJECT_TESTS names tests/object. */
#include <fpscan/listing.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct text {
    char *bytes;
    size_t size;
} text;

static fps_status collect(void *user, const char *bytes, size_t size)
{
    text *t = user;
    t->bytes = realloc(t->bytes, t->size + size + 1);
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size] = '\0';
    return FPS_OK;
}

/* The bytes of a golden object, to be freed. */
static text read_object(const char *name)
{
    char path[1024];
    text content = {calloc(1, 1 << 20), 0};
    const char *folder = getenv("FPS_OBJECT_TESTS");
    if (!folder)
        skip();
    snprintf(path, sizeof path, "%s/objects/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    content.size = fread(content.bytes, 1, 1 << 20, file);
    fclose(file);
    return content;
}

/* The listing, to be freed, or NULL and an error. */
static char *list(const char *object, fps_listing_location place, fps_status expected, fps_error *error)
{
    text content = read_object(object), out = {NULL, 0};
    fps_status status = fps_listing_write(content.bytes, content.size, &place, collect, &out, error);
    free(content.bytes);
    if (status != expected)
        fail_msg("%s: %s: %s", object, fps_status_name(status), error->message);
    if (status == FPS_OK)
        return out.bytes;
    free(out.bytes);
    return NULL;
}

static char *list_name(const char *object, const char *name)
{
    fps_error error = {.offset = UINT64_MAX};
    return list(object, (fps_listing_location){.name = name}, FPS_OK, &error);
}

static char *list_address(const char *object, uint64_t address)
{
    fps_error error = {.offset = UINT64_MAX};
    return list(object, (fps_listing_location){.address = address}, FPS_OK, &error);
}

static void starts_with(char *out, const char *expected)
{
    if (strncmp(out, expected, strlen(expected)) != 0)
        fail_msg("'%s' is not at the start of:\n%s", expected, out);
    free(out);
}

static void names_and_addresses_lead_to_the_function(void **state)
{
    (void)state;
    starts_with(list_name("sample-x86-64.so", "sample_run"), "0x1641 sample_run: 180 bytes, ");
    starts_with(list_address("sample-x86-64.so", 0x1641), "0x1641 sample_run: 180 bytes, ");
    starts_with(list_address("sample-x86-64.so", 0x16f4), "0x1641 sample_run: 180 bytes, ");
    starts_with(list_address("sample-x86-64.so", 0x16f5), "0x16f5 sample_local: 39 bytes, ");
    starts_with(list_name("sample-aarch64.so", "sample_run"),
                "0x15d4 sample_run: 208 bytes, 52 instructions; known by its symbol; key ");
}

/* Relocatable objects have no addresses: a place in the file says which section is meant. */
static void places_in_relocatable_objects_are_offsets(void **state)
{
    (void)state;
    starts_with(list_name("sample-debug.o", "sample_hidden"),
                "0x61 sample_hidden in .text.sample_hidden: 13 bytes");
    starts_with(list_address("sample-debug.o", 0x62), "0x61 sample_hidden in .text.sample_hidden: 13 bytes");
    starts_with(list_address("sample-debug.o", 0x44), "0x44 sample_local in .text.sample_local: 29 bytes");
}

/* Both are linked from one object, at other addresses and with other tables. */
static void linking_does_not_change_the_key(void **state)
{
    (void)state;
    char *plain = list_name("sample-x86-64.so", "sample_run");
    char *other = list_name("sample-x86-64-gnuhash.so", "sample_run");
    char *left = strstr(plain, "key "), *right = strstr(other, "key ");
    assert_true(left && right);
    assert_memory_equal(left, right, strlen("key 0123456789abcdef\n"));
    free(plain);
    free(other);
}

static void refuses(const char *object, fps_listing_location place, fps_status status, const char *words)
{
    fps_error error = {.offset = UINT64_MAX};
    assert_null(list(object, place, status, &error));
    if (!strstr(error.message, words))
        fail_msg("'%s' is not in: %s", words, error.message);
}

static void what_is_no_function_is_named(void **state)
{
    (void)state;
    fps_listing_location nowhere = {.address = UINT64_MAX}, header = {.address = 0x10},
                         absent = {.name = "absent"};
    refuses("sample-x86-64.so", nowhere, FPS_ERROR_NOT_FOUND, "executable are 0x1");
    refuses("sample-x86-64.so", header, FPS_ERROR_NOT_FOUND, "which holds no code");
    refuses("sample-x86-64.so", absent, FPS_ERROR_NOT_FOUND, "no function is called 'absent'");
    refuses("sample-aarch64.so", absent, FPS_ERROR_NOT_FOUND, "the file is stripped");
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    fps_listing_location place = {0};
    text out = {NULL, 0};
    fps_error error;
    assert_int_equal(fps_listing_write("no object", 9, &place, collect, &out, &error), FPS_ERROR_FORMAT);
    assert_int_equal(fps_listing_write(NULL, 0, &place, collect, &out, NULL), FPS_ERROR_FORMAT);
    assert_null(out.bytes);
}

static fps_status refuse(void *user, const char *bytes, size_t size)
{
    (void)user, (void)bytes, (void)size;
    return FPS_ERROR_IO;
}

static void a_refusal_of_the_writer_comes_back(void **state)
{
    (void)state;
    text content = read_object("sample-x86-64.so");
    fps_listing_location place = {.name = "sample_run"};
    fps_error error;
    assert_int_equal(fps_listing_write(content.bytes, content.size, &place, refuse, NULL, &error),
                     FPS_ERROR_IO);
    free(content.bytes);
}

/* Every prefix of an object either lists something or says why not; the sanitizers watch. */
static void cut_objects_are_survived(void **state)
{
    (void)state;
    text content = read_object("sample-x86-64.so");
    for (size_t size = 0; size < content.size; size += 61) {
        text out = {NULL, 0};
        unsigned char *cut = malloc(size + 1);
        memcpy(cut, content.bytes, size);
        fps_listing_location place = {.address = 0x1641};
        fps_listing_write(cut, size, &place, collect, &out, NULL);
        free(cut);
        free(out.bytes);
    }
    free(content.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_addresses_lead_to_the_function),
        cmocka_unit_test(places_in_relocatable_objects_are_offsets),
        cmocka_unit_test(linking_does_not_change_the_key),
        cmocka_unit_test(what_is_no_function_is_named),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(a_refusal_of_the_writer_comes_back),
        cmocka_unit_test(cut_objects_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
