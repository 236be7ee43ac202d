/* Containers that list their files, and archives of other systems: what is read of each, and what damage gives.
 *
 * With FPS_SEEDS=FOLDER in the environment the specimens are written there: they are the seeds of fuzz_contents. */
#include "archive/archive.h"
#include "archive/contents.h"

#include "container_recipes.h"
#include "package_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static recipe *made; /* by the tests, one at a time */

static int make_room(void **state)
{
    (void)state;
    made = calloc(1, sizeof *made);
    return made == NULL;
}

static int free_room(void **state)
{
    (void)state;
    free(made);
    return 0;
}

static fps__span bytes_of(const recipe *r)
{
    return (fps__span){r->data, r->size};
}

static void keep_seed(const char *name)
{
    char path[500];
    const char *folder = getenv("FPS_SEEDS");
    if (!folder)
        return;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(made->data, 1, made->size, file), made->size);
    fclose(file);
}

/* Reads an archive; `list` becomes "NAME SIZE;" of each file, with '!' and the status where one cannot be read. */
static void list_files(fps__span data, char *list, size_t room, fps__archive_budget *budget)
{
    fps__archive *archive;
    fps__archive_entry entry;
    fps__span bytes;
    fps_error error;
    size_t used = 0;
    fps__archive_budget_init(budget, NULL, data.size);
    fps_status status = fps__archive_open(&archive, data, budget, &error);
    list[0] = '\0';
    while (!status || status == FPS_ERROR_UNSUPPORTED) {
        status = fps__archive_next(archive, &entry, &error);
        if (status == FPS_ERROR_NOT_FOUND)
            break;
        if (!status)
            status = fps__archive_load(archive, &bytes, &error);
        if (status)
            used += (size_t)snprintf(list + used, room - used, "!%d;", status);
        else
            used += (size_t)snprintf(list + used, room - used, "%s %zu;", entry.path, bytes.size);
    }
    if (status != FPS_ERROR_NOT_FOUND)
        snprintf(list + used, room - used, "stop %d", status);
    fps__archive_free(archive);
}

static void assert_files(const char *name, const char *wanted)
{
    char list[500];
    fps__archive_budget budget;
    keep_seed(name);
    list_files(bytes_of(made), list, sizeof list, &budget);
    assert_string_equal(list, wanted);
}

/* The bytes of file `index` of `made`. */
static void assert_bytes(size_t index, const void *wanted, size_t size)
{
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    fps__span bytes;
    fps__archive_budget_init(&budget, NULL, made->size);
    assert_int_equal(fps__archive_open(&archive, bytes_of(made), &budget, NULL), FPS_OK);
    for (size_t i = 0; i <= index; i++)
        assert_int_equal(fps__archive_next(archive, &entry, NULL), FPS_OK);
    assert_int_equal(fps__archive_load(archive, &bytes, NULL), FPS_OK);
    assert_int_equal(bytes.size, size);
    assert_memory_equal(bytes.data, wanted, size);
    fps__archive_free(archive);
}

static void images_of_u_boot_give_their_parts(void **state)
{
    (void)state;
    make_uimage(made, 2);
    assert_true(fps__archive_identify(bytes_of(made)));
    assert_files("uimage", "data 21;");
    assert_bytes(0, recipe_one, ONE_SIZE);
    make_uimage(made, 4);
    assert_files("uimage-multi", "part0 21;part1 600;");
    made->data[20] ^= 1; /* in the header, whose checksum is wrong now */
    assert_false(fps__archive_identify(bytes_of(made)));
}

static void damage_of_an_image_is_said_and_its_bytes_are_read(void **state)
{
    (void)state;
    make_uimage(made, 2);
    made->data[70] ^= 1;
    assert_files("uimage-checksum", "!-9;data 21;");
    make_uimage(made, 2);
    made->size -= 5;
    assert_files("uimage-cut", "!-9;data 16;");
}

static void fit_images_give_data_in_the_tree_and_behind_it(void **state)
{
    (void)state;
    make_fit(made);
    assert_files("fit", "one 21;two 600;");
    assert_bytes(0, recipe_one, ONE_SIZE);
    uint64_t start, end;
    assert_true(fps__contents_find(bytes_of(made), &start, &end));
    assert_int_equal(end, made->size);
    make_fit(made);
    set_be(made, 36, fps__get32be(made->data + 36) - 4, 4); /* the structure has no end */
    assert_files("fit-cut", "!-9;one 21;two 600;");
}

static void android_boot_images_give_kernel_and_ramdisk(void **state)
{
    (void)state;
    make_android(made, 0);
    assert_files("android-0", "kernel 21;ramdisk 600;@4117 4075;@8792 3496;");
    make_android(made, 3);
    assert_files("android-3", "kernel 21;ramdisk 600;@4117 4075;@8792 3496;");
    set_le(made, 40, 9, 4);
    assert_false(fps__contents_identify(bytes_of(made)));
}

static void a_kernel_gives_its_payload_without_the_size_behind_it(void **state)
{
    (void)state;
    uint8_t payload[100];
    memset(payload, 0x5a, sizeof payload);
    make_kernel(made, payload, sizeof payload);
    assert_false(fps__contents_identify(bytes_of(made)));
    assert_files("kernel", "payload 100;");
    assert_bytes(0, payload, sizeof payload);
    set_le(made, 0x24c, 5000, 4); /* longer than the file */
    uint64_t start, end;
    assert_false(fps__contents_find(bytes_of(made), &start, &end));
}

static void a_kernel_of_arm_gives_its_payload_up_to_where_its_table_says(void **state)
{
    (void)state;
    static const uint8_t old_lz4[100] = {2, 0x21, 0x4c, 0x18, 88};
    uint64_t start, end;
    make_zimage(made, old_lz4, sizeof old_lz4, true);
    assert_files("zimage", "payload 96;");
    assert_bytes(0, old_lz4, sizeof old_lz4 - 4);
    set_le(made, 0x38, UINT32_MAX, 4); /* the table lies behind the end */
    assert_files("zimage-far", "payload 424;");
    make_zimage(made, old_lz4, sizeof old_lz4, false);
    assert_files("zimage-old", "payload 396;");
    set_le(made, 0x2c, 0, 4); /* it ends before it begins */
    assert_false(fps__contents_find(bytes_of(made), &start, &end));
    make_zimage(made, old_lz4, sizeof old_lz4, true);
    set_le(made, 0x104, UINT32_MAX, 4); /* no stream begins anywhere */
    assert_false(fps__contents_find(bytes_of(made), &start, &end));
}

static void asar_archives_give_files_in_folders(void **state)
{
    (void)state;
    make_asar(made);
    assert_files("asar", "a/one 21;two 600;");
    assert_bytes(0, recipe_one, ONE_SIZE);
    made->size -= 100;
    assert_files("asar-cut", "!-9;a/one 21;");
}

static void compound_files_give_streams_and_unused_sectors(void **state)
{
    (void)state;
    make_compound(made);
    assert_files("compound", "one 21;big 4608;unused 1024;");
    uint8_t big[9 * 512];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i / 512 + 1);
    assert_bytes(1, big, sizeof big);
    set_le(made, 512 + 4 * 4, 12, 4); /* the chain goes round */
    assert_files("compound-loop", "one 21;big 4608;unused 1024;");
    make_compound(made);
    set_le(made, 512 + 8 * 4, 5000, 4);
    assert_files("compound-cut", "!-9;one 21;big 2560;unused 2048;unused 1024;");
}

static void lzop_and_lzip_files_are_unpacked(void **state)
{
    (void)state;
    static const char sentence[] = "The quick brown fox. ";
    char text[8 * (sizeof sentence - 1)];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = sentence[i % (sizeof sentence - 1)];
    make_lzop(made);
    assert_files("lzop", " 168;");
    assert_bytes(0, text, sizeof text);
    made->data[57] = 0xff; /* a letter of a literal run becomes an instruction's length */
    made->data[56] = 0x40;
    assert_files("lzop-damaged", "!-4;stop -4");
    make_lzip(made);
    assert_files("lzip", " 168;");
    assert_bytes(0, text, sizeof text);
}

/* The bytes behind the archive, after all of it was read. */
static uint64_t bytes_behind(void)
{
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    fps__archive_behind behind;
    fps__span bytes;
    fps__archive_budget_init(&budget, NULL, made->size);
    assert_int_equal(fps__archive_open(&archive, bytes_of(made), &budget, NULL), FPS_OK);
    while (fps__archive_next(archive, &entry, NULL) == FPS_OK)
        assert_int_equal(fps__archive_load(archive, &bytes, NULL), FPS_OK);
    assert_int_equal(fps__archive_rest(archive, &behind, NULL), FPS_OK);
    fps__archive_free(archive);
    return made->size - behind.packed_offset;
}

static void streams_without_an_archive_are_unpacked_to_their_end(void **state)
{
    (void)state;
    make_zlib(made);
    assert_true(fps__archive_identify(bytes_of(made)));
    assert_files("zlib", " 400;");
    assert_bytes(0, recipe_program, sizeof recipe_program);
    assert_int_equal(bytes_behind(), 2);
    made->data[made->size - 3] ^= 1; /* the checksum */
    assert_files("zlib-damaged", "!-4;stop -4");
    make_adb(made);
    assert_files("adb", " 400;");
    assert_bytes(0, recipe_program, sizeof recipe_program);
    assert_int_equal(bytes_behind(), 0);
}

static void programs_in_letters_are_read_to_their_end(void **state)
{
    (void)state;
    make_base64(made);
    assert_true(fps__archive_identify(bytes_of(made)));
    assert_true(fps__holds_letters(bytes_of(made)));
    assert_files("base64", " 96;");
    assert_bytes(0, recipe_program, 96);
    assert_int_equal(bytes_behind(), 3);
    make_uuencoded(made);
    assert_true(fps__holds_letters(bytes_of(made)));
    assert_files("uuencoded", " 90;");
    assert_bytes(0, recipe_program, 90);
    assert_int_equal(bytes_behind(), 6);
    made->data[16] = 'a'; /* no letter: the first line is none */
    assert_false(fps__archive_identify(bytes_of(made)));
    made->size = 0;
    put_text(made, "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4gVGhlIHF1aWNrIGJyb3du");
    assert_false(fps__archive_identify(bytes_of(made))); /* a sentence */
    assert_false(fps__holds_letters(bytes_of(made)));
}

static void archives_of_other_systems_are_read(void **state)
{
    (void)state;
    static void (*const recipes[])(recipe *) = {make_cabinet, make_lha, make_rar4, make_rar5};
    static const char *const names[] = {"cabinet", "lha", "rar4", "rar5"};
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        recipes[i](made);
        assert_true(fps__archive_identify(bytes_of(made)));
        assert_files(names[i], "one 21;");
        assert_bytes(0, recipe_one, ONE_SIZE);
    }
    static const char *const formats[] = {"7zip", "xar"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        fixture_file files[] = {fixture_text_file("a/one", recipe_one), fixture_text_file("two", "two!")};
        fps__span archive = fixture_archive(formats[i], "none", files, 2);
        made->size = 0;
        put_bytes(made, archive.data, archive.size);
        free((void *)archive.data);
        assert_true(fps__archive_identify(bytes_of(made)));
        assert_files(formats[i], "a/one 21;two 4;");
    }
}

/* What lies behind a 7z archive and a cabinet is known by their headers. */
static void the_end_of_a_packed_archive_is_known(void **state)
{
    (void)state;
    make_cabinet(made);
    size_t end = made->size;
    put_two(made);
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    fps__archive_behind behind;
    fps__archive_budget_init(&budget, NULL, made->size);
    assert_int_equal(fps__archive_open(&archive, bytes_of(made), &budget, NULL), FPS_OK);
    while (fps__archive_next(archive, &entry, NULL) == FPS_OK)
        ;
    assert_int_equal(fps__archive_rest(archive, &behind, NULL), FPS_OK);
    assert_int_equal(behind.packed_offset, end);
    fps__archive_free(archive);
}

static const uint8_t nothing[300];
static const fps__span program = {nothing, sizeof nothing};

static void bundles_give_what_they_carry(void **state)
{
    (void)state;
    uint64_t start, end;
    uint8_t file[200];
    memset(file, 'x', sizeof file);
    make_pyinstaller(made, program, file, sizeof file);
    assert_files("pyinstaller", "one 21;lib/two.so 200;");
    assert_bytes(1, file, sizeof file);
    assert_true(fps__contents_find(bytes_of(made), &start, &end));
    assert_int_equal(start, sizeof nothing);
    assert_int_equal(end, made->size);
    make_dotnet(made, program, file, sizeof file);
    assert_files("dotnet", "one 21;lib/two.so 200;");
    assert_bytes(1, file, sizeof file);
    make_deno(made, program);
    assert_files("deno", "modules 21;metadata 600;");
    make_bun(made, program);
    assert_files("bun", "modules 600;");
    make_node(made);
    assert_true(fps__contents_identify(bytes_of(made)));
    assert_files("node", "main.js 21;asset.bin 600;");
}

static void a_bundle_whose_table_is_damaged_gives_the_rest(void **state)
{
    (void)state;
    uint8_t file[200] = {1};
    make_pyinstaller(made, program, file, sizeof file);
    size_t table = sizeof nothing + ONE_SIZE + sizeof file + 11;
    set_be(made, table + 32, 5, 4); /* the second entry is shorter than any */
    assert_files("pyinstaller-damaged", "!-9;one 21;");
    make_pyinstaller(made, program, file, sizeof file);
    set_be(made, table + 32 + 12, 100, 4); /* it says that it unpacks to less */
    assert_files("pyinstaller-short", "one 21;!-9;");
    make_pyinstaller(made, program, file, sizeof file);
    made->data[table + 32 + 16] = 2; /* packed in a way that nobody knows */
    assert_files("pyinstaller-secret", "one 21;!-9;");
}

/* Marks of Nuitka, each with a frame of zstd whose blocks lead over all marks behind it to the end of all bytes, where one is missing. To
 * follow each would take minutes: 4 MiB have 349,525 of them. */
static void frames_without_an_end_are_not_followed_from_each_mark(void **state)
{
    (void)state;
    enum { UNIT = 12, COUNT = (4 << 20) / UNIT, FRAME = 3 };
    static const uint8_t unit[UNIT] = {'K', 'A', 'Y', 0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 9 << 3, 0, 0};
    uint64_t start, end;
    uint8_t *data = malloc(UNIT * COUNT + UNIT);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(data + i * UNIT, unit, UNIT);
    assert_false(fps__contents_find((fps__span){data, UNIT * COUNT}, &start, &end));
    /* A frame that ends, behind a few that do not. */
    memset(data + FRAME * UNIT, 0, UNIT * (COUNT - FRAME));
    memcpy(data + FRAME * UNIT - 3, "\xff\xff\xff", 3);
    memcpy(data + FRAME * UNIT, unit, UNIT);
    data[FRAME * UNIT + 9]++; /* the last block */
    assert_true(fps__contents_find((fps__span){data, UNIT * COUNT}, &start, &end));
    assert_int_equal(start, FRAME * UNIT);
    assert_int_equal(end, FRAME * UNIT + UNIT + 9);
    free(data);
}

/* Its name has an end, and the zeros that would fill a word lie behind the end of the file. */
static void a_device_tree_that_ends_within_a_name_is_read_to_its_end(void **state)
{
    (void)state;
    enum { HEADER = 40, STRUCTURE = 17 };
    char list[100];
    fps__archive_budget budget;
    made->size = 0;
    const uint32_t header[] = {0xd00dfeed, HEADER + STRUCTURE, HEADER, HEADER, HEADER, 17, 16, 0,
                               0,          STRUCTURE};
    for (size_t i = 0; i < 10; i++)
        put_be(made, header[i], 4);
    put_fdt_text(made, 1, "");
    put_fdt_text(made, 1, "imag");
    uint8_t *exact = malloc(HEADER + STRUCTURE); /* the sanitizer sees a read behind it */
    assert_non_null(exact);
    memcpy(exact, made->data, HEADER + STRUCTURE);
    list_files((fps__span){exact, HEADER + STRUCTURE}, list, sizeof list, &budget);
    assert_string_equal(list, "!-9;");
    free(exact);
}

/* A name, an offset or a size that leads out of the file is never followed, wherever it is cut. */
static void no_cut_or_byte_leads_out_of_the_bytes(void **state)
{
    (void)state;
    static void (*const recipes[])(recipe *) = {make_fit,    make_asar,     make_compound, make_lzop,
                                                make_node,   make_rar5,     make_zlib,     make_adb,
                                                make_base64, make_uuencoded};
    char list[2000];
    fps__archive_budget budget;
    for (size_t k = 0; k < sizeof recipes / sizeof *recipes; k++) {
        recipes[k](made);
        size_t size = made->size, step = size > 2000 ? 37 : 3;
        for (size_t cut = 0; cut < size; cut += step) {
            uint8_t *exact = malloc(cut + 1); /* the sanitizer sees a read behind it */
            assert_non_null(exact);
            memcpy(exact, made->data, cut);
            list_files((fps__span){exact, cut}, list, sizeof list, &budget);
            free(exact);
        }
        for (size_t at = 0; at < size && at < 700; at++) {
            uint8_t before = made->data[at];
            made->data[at] = 0xff;
            list_files(bytes_of(made), list, sizeof list, &budget);
            made->data[at] = before;
        }
        assert_true(budget.entries < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_of_u_boot_give_their_parts),
        cmocka_unit_test(damage_of_an_image_is_said_and_its_bytes_are_read),
        cmocka_unit_test(fit_images_give_data_in_the_tree_and_behind_it),
        cmocka_unit_test(android_boot_images_give_kernel_and_ramdisk),
        cmocka_unit_test(a_kernel_gives_its_payload_without_the_size_behind_it),
        cmocka_unit_test(a_kernel_of_arm_gives_its_payload_up_to_where_its_table_says),
        cmocka_unit_test(asar_archives_give_files_in_folders),
        cmocka_unit_test(compound_files_give_streams_and_unused_sectors),
        cmocka_unit_test(lzop_and_lzip_files_are_unpacked),
        cmocka_unit_test(streams_without_an_archive_are_unpacked_to_their_end),
        cmocka_unit_test(programs_in_letters_are_read_to_their_end),
        cmocka_unit_test(archives_of_other_systems_are_read),
        cmocka_unit_test(the_end_of_a_packed_archive_is_known),
        cmocka_unit_test(bundles_give_what_they_carry),
        cmocka_unit_test(frames_without_an_end_are_not_followed_from_each_mark),
        cmocka_unit_test(a_bundle_whose_table_is_damaged_gives_the_rest),
        cmocka_unit_test(a_device_tree_that_ends_within_a_name_is_read_to_its_end),
        cmocka_unit_test(no_cut_or_byte_leads_out_of_the_bytes),
    };
    return cmocka_run_group_tests(tests, make_room, free_room);
}
