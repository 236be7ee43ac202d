/* Whole scans of what carries programs: kernels, images of boot loaders, bundles behind programs, firmware that says what it is,
 * WebAssembly. */
#include "package_fixture.h"
#include "scan_fixture.h"

#include "container_recipes.h"

static recipe *made;

static int open_set(void **state)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "btrfs-progs", .purl = "pkg:generic/b"}, NULL);
    corpus_release(&corpus, "btrfs-progs", "6.1", TEXTS({"raid", 0, 50, 0}));
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .purl = "pkg:generic/zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 50, 0}));
    *state = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    made = calloc(1, sizeof *made);
    return made == NULL;
}

static int close_set(void **state)
{
    fps_database_free(*state);
    free(made);
    return 0;
}

/* Scans a directory with one file of these bytes. The result as text: "ID VERSION in MEMBER;" of each present finding, in the order
 * of files, "PURL;" of each package, and "CODE!" of each partial diagnostic. */
static const char *scan_bytes(void **state, const void *bytes, size_t size)
{
    static char text[2000];
    char folder[256];
    size_t used = 0;
    fixture_folder(folder);
    write_bytes(folder, "file", bytes, size);
    fps_result *result = scan_tree(folder, *state, &(fps_scan_options){.workers = 1});
    remove_tree(folder);
    text[0] = '\0';
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        const fps_file *file = fps_result_file(result, finding->file);
        if (finding->state != FPS_STATE_MENTIONED)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s %s in %s;",
                                     fps_result_component(result, finding->component)->id,
                                     finding->version.version ? finding->version.version : "-",
                                     file->archive_path ? file->archive_path : "itself");
    }
    for (size_t i = 0; i < fps_result_package_count(result); i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s;", fps_result_package(result, i)->purl);
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        if (fps_result_diagnostic(result, i)->level == FPS_DIAGNOSTIC_PARTIAL)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s!",
                                     fps_result_diagnostic(result, i)->code);
    fps_result_free(result);
    return text;
}

static const char *scan_made(void **state)
{
    return scan_bytes(state, made->data, made->size);
}

static fps__span library(void)
{
    return elf_bytes("zlib", 0, 50);
}

static void a_kernel_is_unpacked_and_what_lies_behind_its_program_is_known(void **state)
{
    fps__span bytes = library();
    fixture_file file = {"vmlinux", bytes.data, bytes.size};
    fps__span packed = fixture_archive("raw", "gzip", &file, 1);
    make_kernel(made, packed.data, packed.size);
    assert_string_equal(scan_made(state), "zlib 1.2 in payload;");
    uint8_t *with_relocations = calloc(1, bytes.size + 8192);
    memcpy(with_relocations, bytes.data, bytes.size);
    for (uint32_t i = 1; i < 2048; i++)
        fps__put32le(with_relocations + bytes.size + i * 4, 0x81000000 + i * 8);
    file = (fixture_file){"vmlinux", with_relocations, bytes.size + 8192};
    fps__span again = fixture_archive("raw", "gzip", &file, 1);
    make_kernel(made, again.data, again.size);
    assert_string_equal(scan_made(state), "zlib 1.2 in payload;");
    free(with_relocations);
    free((void *)bytes.data);
    free((void *)packed.data);
    free((void *)again.data);
}

/* A raw kernel is no program: what it says of itself is found, and a program in it. */
static void a_kernel_of_arm_is_unpacked_from_each_packing(void **state)
{
    static const char name[] = "Linux version 5.10.1 (a@b) (gcc 10) #1 SMP Thu Jan  1 00:00:00 UTC 1970\n";
    static const char *const packings[] = {"gzip", "xz", "lzma"};
    enum { CODE = 20000 };
    fps__span bytes = library();
    uint8_t *image = malloc(CODE + bytes.size);
    for (size_t i = 0; i < CODE; i++)
        image[i] = (uint8_t)(i * i >> 5);
    image[4999] = 0;
    memcpy(image + 5000, name, sizeof name);
    memcpy(image + CODE, bytes.data, bytes.size);
    fixture_file file = {"Image", image, CODE + bytes.size};
    for (size_t i = 0; i < 2 * sizeof packings / sizeof *packings; i++) {
        fps__span packed = fixture_archive("raw", packings[i / 2], &file, 1);
        bool gzip = i < 2; /* has the size in itself */
        uint8_t *payload = calloc(1, packed.size + 4);
        memcpy(payload, packed.data, packed.size);
        make_zimage(made, payload, packed.size + (gzip ? 0 : 4), i % 2);
        assert_string_equal(scan_made(state),
                            "linux 5.10.1 in payload;zlib 1.2 in payload;zlib 1.2 in payload@20000;");
        free(payload);
        free((void *)packed.data);
    }
    free(image);
    free((void *)bytes.data);
}

/* A file system that is not read holds its files as they are, so what is found in it counts; and it is partial, said once. */
static void a_volume_that_is_only_named_is_searched_all_the_same(void **state)
{
    static const uint8_t header[] = {0x10, 0x20, 0xf5, 0xf2, 1, 0, 0, 0, 9, 0, 0, 0, 3,
                                     0,    0,    0,    12,   0, 0, 0, 9, 0, 0, 0, 1};
    fps__span bytes = library();
    size_t size = 8192 + bytes.size;
    uint8_t *volume = calloc(1, size);
    memcpy(volume + 1024, header, sizeof header); /* of F2FS, and its copy */
    memcpy(volume + 4096 + 1024, header, sizeof header);
    memcpy(volume + 8192, bytes.data, bytes.size);
    assert_string_equal(scan_bytes(state, volume, size), "zlib 1.2 in @8192;unread-container!");
    free(volume);
    free((void *)bytes.data);
}

static void images_inside_of_other_bytes_are_found(void **state)
{
    fps__span bytes = library();
    make_uimage(made, 2);
    made->size = 64;
    put_bytes(made, bytes.data, bytes.size);
    set_be(made, 12, bytes.size, 4);
    set_be(made, 24, crc_of(made, 64, bytes.size), 4);
    set_be(made, 4, 0, 4);
    set_be(made, 4, crc_of(made, 0, 64), 4);
    assert_string_equal(scan_made(state), "zlib 1.2 in data;");
    uint8_t *flash = calloc(1, made->size + 1000);
    memcpy(flash + 777, made->data, made->size);
    assert_string_equal(scan_bytes(state, flash, made->size + 1000), "zlib 1.2 in @777!data;");
    free(flash);
    free((void *)bytes.data);
}

static void a_bundle_behind_a_program_gives_its_libraries(void **state)
{
    fps__span bytes = library(), program = elf_bytes("other", 0, 50);
    make_pyinstaller(made, program, bytes.data, bytes.size);
    assert_string_equal(scan_made(state), "zlib 1.2 in lib/two.so;");
    make_dotnet(made, program, bytes.data, bytes.size);
    assert_string_equal(scan_made(state), "zlib 1.2 in lib/two.so;");
    for (unsigned packed = 0; packed < 2; packed++) {
        make_nuitka(made, program, bytes.data, bytes.size, packed, false);
        assert_string_equal(scan_made(state), "zlib 1.2 in payload@17;");
    }
    make_nuitka(made, program, bytes.data, bytes.size, true, true);
    assert_string_equal(scan_made(state), "zlib 1.2 in payload@17;");
    make_dotnet(made, program, bytes.data, bytes.size);
    char wanted[100];
    snprintf(wanted, sizeof wanted, "zlib 1.2 in @%zu;zlib 1.2 in lib/two.so;", made->size);
    put_bytes(made, bytes.data, bytes.size); /* what lies behind the bundle is looked at too */
    assert_string_equal(scan_made(state), wanted);
    free((void *)bytes.data);
    free((void *)program.data);
}

/* A program of so many sections that are not loaded, and bytes behind it that nothing explains. */
static fps__span program_of_sections(elf_builder *b, size_t sections)
{
    enum { SIZE = 80, BEHIND = 100 };
    uint8_t some[BEHIND];
    for (size_t i = 0; i < sizeof some; i++)
        some[i] = (uint8_t)(i & 15);
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    elf_segment(b, PT_LOAD, PF_R, elf_put_text(b, "a text of the program"), 22);
    for (size_t i = 0; i < sections; i++)
        elf_section(b, ".kept", SHT_PROGBITS, 0, elf_put_bytes(b, some, SIZE), SIZE);
    elf_finish(b);
    elf_put_bytes(b, some, BEHIND);
    return (fps__span){b->data, b->size};
}

/* What the bundle does not cover becomes two places, in a list that may be full by then, of any length. */
static void a_bundle_amid_what_lies_behind_a_program_leaves_both_sides(void **state)
{
    fps__span bytes = library();
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    for (size_t sections = 0; sections < 24; sections++) {
        char wanted[100];
        make_pyinstaller(made, program_of_sections(b, sections), bytes.data, bytes.size);
        snprintf(wanted, sizeof wanted, "zlib 1.2 in @%zu;zlib 1.2 in lib/two.so;", made->size);
        put_bytes(made, bytes.data, bytes.size);
        assert_string_equal(scan_made(state), wanted);
    }
    free(b);
    free((void *)bytes.data);
}

static void a_bundle_of_a_size_that_is_no_truth_is_said(void **state)
{
    fps__span bytes = library(), program = elf_bytes("other", 0, 50);
    make_pyinstaller(made, program, bytes.data, bytes.size);
    uint8_t *entry = memmem(made->data, made->size, "lib/two.so", 10);
    assert_non_null(entry);
    fps__put32le(entry - 6, 0); /* unpacked to nothing */
    assert_string_equal(scan_made(state), "unsupported-archive!");
    free((void *)bytes.data);
    free((void *)program.data);
}

/* The early files of an initrd, and behind them the others, packed by what writes no size or lzop. */
static void an_initrd_is_read_to_its_end(void **state)
{
    fps__span bytes = library();
    fixture_file early = fixture_text_file("kernel/microcode", "1234"),
                 file = {"lib/z.so", bytes.data, bytes.size};
    fps__span first = fixture_archive("newc", "none", &early, 1);
    static const char *const filters[] = {"zstd", "xz", "lzma", "lz4", "bzip2", "gzip"};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        fps__span second = fixture_archive("newc", filters[i], &file, 1);
        made->size = 0;
        put_bytes(made, first.data, first.size);
        size_t at = made->size;
        put_bytes(made, second.data, second.size);
        char wanted[100];
        snprintf(wanted, sizeof wanted, "zlib 1.2 in @%zu!lib/z.so;", at);
        assert_string_equal(scan_made(state), wanted);
        free((void *)second.data);
    }
    free((void *)bytes.data);
    free((void *)first.data);
}

static const char u_boot[] = "U-Boot 2023.01+dfsg-2 (Jun 22 2026 - 08:38:07 +0000)";

static void firmware_without_a_header_says_what_it_is(void **state)
{
    made->size = 0;
    put_zeros(made, 700);
    put_bytes(made, u_boot, sizeof u_boot);
    put_zeros(made, 700);
    assert_string_equal(scan_made(state), "u-boot 2023.01 in itself;");
    made->data[700] = 'u'; /* another text */
    assert_string_equal(scan_made(state), "");
}

/* An object with the texts of a module that shares tables with btrfs-progs. */
static void make_module(elf_builder *b, const char *const *module_texts)
{
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    elf_align(b, 16);
    elf_put(b, 0, 1);
    for (; *module_texts; module_texts++)
        elf_put_text(b, *module_texts);
    fps__arena arena = {0};
    for (uint32_t n = 0; n < 50; n++)
        elf_put_text(b, numbered_text(&arena, &(texts){"raid", 0, 50, 0}, n));
    fps__arena_free(&arena);
    elf_segment(b, PT_LOAD, PF_R, 0, b->size);
    elf_finish(b);
}

static void a_module_of_the_kernel_is_linux_and_holds_no_tool_of_it(void **state)
{
    static const char vermagic[] = "vermagic=6.1.0-57-cloud-amd64 SMP preempt mod_unload modversions ";
    const char *const inside[] = {vermagic, "intree=Y", NULL}, *const outside[] = {vermagic, NULL};
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    make_module(b, inside);
    assert_string_equal(scan_bytes(state, b->data, b->size), "linux 6.1.0-57-cloud-amd64 in itself;");
    make_module(b, outside); /* of somebody else */
    assert_string_equal(scan_bytes(state, b->data, b->size), "btrfs-progs 6.1 in itself;");
    free(b);
}

static void the_banner_of_a_kernel_tells_the_release_behind_a_distributions_number(void **state)
{
    const char *const debian[] = {
        "Linux version 6.1.0-57-cloud-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP "
        "PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-01)\n",
        NULL};
    const char *const plain[] = {
        "Linux version 6.6.8 (me@here) (gcc 13.2.0) #5 SMP Tue Jan  2 12:00:00 UTC 2024\n", NULL};
    const char *const format[] = {"Linux version %s (%s) (%s) %s\n", "Linux version 2.6 or later is needed",
                                  NULL};
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    make_module(b, debian);
    assert_string_equal(scan_bytes(state, b->data, b->size), "linux 6.1.192 in itself;");
    make_module(b, plain);
    assert_string_equal(scan_bytes(state, b->data, b->size), "linux 6.6.8 in itself;");
    make_module(b, format);
    assert_string_equal(scan_bytes(state, b->data, b->size), "btrfs-progs 6.1 in itself;");
    free(b);
}

/* A module of WebAssembly whose segment of data holds the texts of a library. */
static void a_webassembly_module_is_matched_by_its_data(void **state)
{
    recipe *data = calloc(1, sizeof *data);
    fps__arena arena = {0};
    assert_non_null(data);
    for (uint32_t n = 0; n < 50; n++) {
        const char *text = numbered_text(&arena, &(texts){"zlib", 0, 50, 0}, n);
        put_bytes(data, text, strlen(text) + 1);
    }
    assert_in_range(data->size, 0x80, 0x3fff);
    made->size = 0;
    put_bytes(made, "\0asm\1\0\0\0", 8);
    put_le(made, 11, 1);
    put_le(made, ((data->size + 6) & 0x7f) | 0x80 | (data->size + 6) >> 7 << 8, 2);
    put_bytes(made, "\1\0\x41\0\x0b", 5);
    put_le(made, (data->size & 0x7f) | 0x80 | data->size >> 7 << 8, 2);
    put_bytes(made, data->data, data->size);
    made->data[9] = (uint8_t)((data->size + 7) | 0x80); /* the section: count, flags, address, size */
    made->data[10] = (uint8_t)((data->size + 7) >> 7);
    assert_string_equal(scan_made(state), "zlib 1.2 in itself;");
    made->size -= 100;
    assert_string_equal(scan_made(state), "section-table-damaged!");
    fps__arena_free(&arena);
    free(data);
}

static void packed_archives_are_looked_into_at_any_depth(void **state)
{
    fps__span bytes = library();
    fixture_file file = {"lib/z.so", bytes.data, bytes.size};
    fps__span inner = fixture_archive("7zip", "none", &file, 1);
    fixture_file packed = {"in.7z", inner.data, inner.size};
    fps__span outer = fixture_archive("ustar", "none", &packed, 1);
    assert_string_equal(scan_bytes(state, outer.data, outer.size), "zlib 1.2 in in.7z!lib/z.so;");
    made->size = 0; /* a program that unpacks itself */
    fps__span program = elf_bytes("other", 0, 50);
    put_bytes(made, program.data, program.size);
    size_t at = made->size;
    put_bytes(made, inner.data, inner.size);
    char wanted[100];
    snprintf(wanted, sizeof wanted, "zlib 1.2 in @%zu!lib/z.so;", at);
    assert_string_equal(scan_made(state), wanted);
    made->data[at + 32] ^= 0xff; /* the packed bytes */
    assert_string_equal(scan_made(state), "unreadable-archive!");
    free((void *)bytes.data);
    free((void *)inner.data);
    free((void *)outer.data);
    free((void *)program.data);
}

static const char deps[] = "{\"targets\":{\"a\":{\"Demo.Core/2.1.0\":{}}},"
                           "\"libraries\":{\"app/1.0.0\":{\"type\":\"project\"},"
                           "\"Demo.Core/2.1.0\":{\"type\":\"package\"}}}";

static void the_dependencies_of_a_dotnet_application_are_packages(void **state)
{
    fixture_file file = fixture_text_file("bin/app.deps.json", deps);
    fps__span zip = fixture_archive("zip", "none", &file, 1);
    assert_string_equal(scan_bytes(state, zip.data, zip.size), "pkg:nuget/Demo.Core@2.1.0;");
    free((void *)zip.data);
    fps__span program = elf_bytes("other", 0, 50);
    make_dotnet(made, program, deps, sizeof deps - 1);
    uint8_t *name = memmem(made->data, made->size, "lib/two.so", 10);
    assert_non_null(name);
    memcpy(name, ".deps.json", 10);
    assert_string_equal(scan_made(state), ""); /* nothing is called so */
    made->size -= 10;
    name[-1] = 11;
    put_text(made, "a.deps.json");
    assert_string_equal(scan_made(state), "pkg:nuget/Demo.Core@2.1.0;");
    free((void *)program.data);
}

/* An object with the symbols of a native image. `cut`: bytes that its bill lacks. */
static void make_native_image(elf_builder *b, size_t cut)
{
    static const char bill[] =
        "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":[{\"type\":\"library\","
        "\"name\":\"guava\",\"version\":\"33.0\",\"purl\":\"pkg:maven/com.google.guava/guava@33.0\"}]}";
    fixture_file file = fixture_text_file("bill", bill);
    fps__span packed = fixture_archive("raw", "gzip", &file, 1);
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    elf_align(b, 16);
    size_t at = elf_put_bytes(b, packed.data, packed.size);
    elf_align(b, 8);
    size_t length = elf_put(b, (uint32_t)(packed.size - cut), 8);
    size_t data_end = b->size;
    static const char names[] = "\0sbom\0sbom_length";
    size_t strings = elf_put_bytes(b, names, sizeof names);
    elf_align(b, 8);
    size_t symbols = b->size;
    elf_put_symbol(b, 0, 0, 0, 0, 0);
    elf_put_symbol(b, 1, ELF_BASE + at, 8, STB_GLOBAL << 4 | STT_OBJECT, 1);
    elf_put_symbol(b, 6, ELF_BASE + length, 8, STB_GLOBAL << 4 | STT_OBJECT, 1);
    size_t symbols_end = b->size;
    elf_segment(b, PT_LOAD, PF_R, 0, b->size);
    elf_section(b, ".rodata", SHT_PROGBITS, SHF_ALLOC, at, data_end - at);
    uint32_t link = elf_section(b, ".dynstr", SHT_STRTAB, SHF_ALLOC, strings, sizeof names);
    uint32_t table = elf_section(b, ".dynsym", SHT_DYNSYM, SHF_ALLOC, symbols, symbols_end - symbols);
    b->sections[table].link = link;
    b->sections[table].entry = 24;
    elf_finish(b);
    free((void *)packed.data);
}

static void the_bill_in_a_native_image_lists_its_packages(void **state)
{
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    make_native_image(b, 0);
    assert_string_equal(scan_bytes(state, b->data, b->size), "pkg:maven/com.google.guava/guava@33.0;");
    make_native_image(b, 30);
    assert_string_equal(scan_bytes(state, b->data, b->size), "broken-dependency-list!");
    free(b);
}

static void installers_that_cannot_be_read_are_named(void **state)
{
    fps__span program = elf_bytes("other", 0, 50);
    made->size = 0;
    put_bytes(made, program.data, program.size);
    put_le(made, 0, 4);
    put_bytes(made, "\xef\xbe\xad\xdeNullsoftInst", 16);
    put_le(made, 90, 4);
    put_le(made, 600, 4);
    put_zeros(made, 600);
    assert_string_equal(scan_made(state), "unread-container!");
    set_le(made, program.size + 24, 6000, 4); /* the magic alone, as unpackers have it */
    assert_string_equal(scan_made(state), "");
    made->size = program.size;
    put_text(made, "Inno Setup Setup Data (6.2.0)");
    put_zeros(made, 600);
    assert_string_equal(scan_made(state), "unread-container!");
    free((void *)program.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_is_unpacked_and_what_lies_behind_its_program_is_known),
        cmocka_unit_test(a_kernel_of_arm_is_unpacked_from_each_packing),
        cmocka_unit_test(a_volume_that_is_only_named_is_searched_all_the_same),
        cmocka_unit_test(images_inside_of_other_bytes_are_found),
        cmocka_unit_test(an_initrd_is_read_to_its_end),
        cmocka_unit_test(a_bundle_behind_a_program_gives_its_libraries),
        cmocka_unit_test(a_bundle_amid_what_lies_behind_a_program_leaves_both_sides),
        cmocka_unit_test(a_bundle_of_a_size_that_is_no_truth_is_said),
        cmocka_unit_test(firmware_without_a_header_says_what_it_is),
        cmocka_unit_test(a_module_of_the_kernel_is_linux_and_holds_no_tool_of_it),
        cmocka_unit_test(the_banner_of_a_kernel_tells_the_release_behind_a_distributions_number),
        cmocka_unit_test(a_webassembly_module_is_matched_by_its_data),
        cmocka_unit_test(packed_archives_are_looked_into_at_any_depth),
        cmocka_unit_test(the_dependencies_of_a_dotnet_application_are_packages),
        cmocka_unit_test(the_bill_in_a_native_image_lists_its_packages),
        cmocka_unit_test(installers_that_cannot_be_read_are_named),
    };
    return cmocka_run_group_tests(tests, open_set, close_set);
}
