/* Reading layers: every entry and all bytes of what a tar holds, and a line for whatever is wrong with it. */
#include "image/layer.h"
#include "tar_fixture.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct reading {
    fps__layer layer;
    fps_status status;
    fps__layer_options options;
    size_t step;        /* bytes a block of the stream; 0: all at once */
    unsigned want;      /* FPS__WANT_ bits */
    fps_status refuse;  /* what `bytes` returns */
    fps_status fails;   /* what the stream ends with */
    int stop_after;     /* calls of `interrupted`; 0: never */
    bool take;          /* take the memory over */
    char log[16384];    /* "PATH BYTES" of each file, "lost PATH" */
    uint8_t head_first; /* of the last file */
    const tar_bytes *tar;
    size_t at;
    uint8_t *block;
} reading;

static fps_status next_block(void *user, fps__span *block, fps_error *error)
{
    reading *read = user;
    (void)error;
    free(read->block);
    read->block = NULL;
    size_t left = read->tar->size - read->at, part = read->step && read->step < left ? read->step : left;
    if (!part)
        return read->fails ? read->fails : FPS_ERROR_NOT_FOUND;
    read->block = malloc(part); /* of its own, so that a sanitizer sees what reads outside it */
    assert_non_null(read->block);
    memcpy(read->block, read->tar->data + read->at, part);
    read->at += part;
    *block = (fps__span){read->block, part};
    return FPS_OK;
}

static void put_log(reading *read, const char *text, size_t length)
{
    size_t used = strlen(read->log);
    assert_true(length < sizeof read->log - used);
    memcpy(read->log + used, text, length);
    read->log[used + length] = '\0';
}

static unsigned on_wants(void *user, const fps__layer_entry *entry, fps__span head)
{
    reading *read = user;
    assert_int_equal(head.size, entry->size < FPS__SOURCE_HEAD ? entry->size : FPS__SOURCE_HEAD);
    read->head_first = head.size ? head.data[0] : 0;
    return read->want;
}

static fps_status on_bytes(void *user, fps__layer *layer, const fps__layer_entry *entry,
                           fps__source_content *content)
{
    reading *read = user;
    assert_ptr_equal(layer, &read->layer);
    assert_int_equal(content->bytes.size, entry->size);
    put_log(read, entry->path, strlen(entry->path));
    put_log(read, " ", 1);
    size_t shown = content->bytes.size < 40 ? content->bytes.size : 40;
    put_log(read, (const char *)content->bytes.data, shown);
    put_log(read, "\n", 1);
    if (read->take) {
        free(content->memory);
        *content = (fps__source_content){.memory = NULL};
    }
    return read->refuse;
}

static void on_lost(void *user, const fps__layer_entry *entry)
{
    reading *read = user;
    put_log(read, "lost ", 5);
    put_log(read, entry->path, strlen(entry->path));
    put_log(read, "\n", 1);
}

static bool on_interrupted(void *user)
{
    reading *read = user;
    return read->stop_after && --read->stop_after == 0;
}

static void read_tar(reading *read, const tar_bytes *tar)
{
    const fps__layer_visitor visitor = {read, on_wants, on_bytes, on_lost, on_interrupted};
    fps__stream_input input = {read, next_block, tar->size};
    fps__stream_options options = {.as_is = true};
    fps__stream *stream;
    fps_error error;
    read->tar = tar;
    read->at = 0;
    read->log[0] = '\0';
    assert_int_equal(fps__stream_open(&stream, &input, &options, NULL), FPS_OK);
    read->status = fps__layer_read(&read->layer, stream, &read->options, &visitor, &error);
    fps__stream_close(stream);
    free(read->block);
    read->block = NULL;
}

/* "TYPE PATH[ -> TARGET]" a line, then "CODE PATH" of the diagnostics. */
static void describe(const reading *read, char *text, size_t size)
{
    static const char types[] = "fdlhowq";
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < read->layer.entries.count; i++) {
        const fps__layer_entry *entry = &read->layer.entries.items[i];
        used += (size_t)snprintf(text + used, size - used, "%c %s%s%s\n", types[entry->type], entry->path,
                                 entry->target ? " -> " : "", entry->target ? entry->target : "");
        assert_true(used < size);
    }
    for (size_t i = 0; i < read->layer.diagnostics.count; i++) {
        const fps_diagnostic *found = &read->layer.diagnostics.items[i];
        used += (size_t)snprintf(text + used, size - used, "%s %s%s\n", found->level ? "partial" : "note",
                                 found->code, found->path ? found->path : "");
        assert_true(used < size);
    }
}

/* Reads the tar in blocks of several sizes: the answer is the same. */
static void expect(const tar_bytes *tar, const fps__layer_options *options, const char *expected)
{
    static const size_t steps[] = {0, 512, 1, 333, 5000};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char text[8192];
        reading read = {.options = *options, .step = steps[i], .want = FPS__WANT_BYTES};
        read_tar(&read, tar);
        assert_int_equal(read.status, FPS_OK);
        assert_int_equal(read.at, tar->size);
        describe(&read, text, sizeof text);
        if (strcmp(text, expected))
            fail_msg("blocks of %zu:\n%s--- expected:\n%s", steps[i], text, expected);
        fps__layer_free(&read.layer);
    }
}

/* The same for a tar that is made and freed here; `end`: with its end mark. */
static void expect_and_free(tar_bytes *tar, const fps__layer_options *options, const char *expected)
{
    tar_end(tar);
    expect(tar, options, expected);
    free(tar->data);
    *tar = (tar_bytes){NULL, 0};
}

static const fps__layer_options plain = {.whiteouts = false}, oci = {.whiteouts = true};

static void lists_entries_of_every_type(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_header(&tar, '5', "./", NULL, 0);
    tar_header(&tar, '5', "./usr/", NULL, 0);
    tar_file(&tar, "./usr/a", "bytes of a");
    tar_file(&tar, "usr/empty", "");
    tar_header(&tar, '2', "usr/l", "../b//c", 0);
    tar_header(&tar, '1', "usr/h", "./usr/a", 0);
    tar_header(&tar, '3', "dev/null", NULL, 0);
    tar_header(&tar, '4', "dev/sda", NULL, 0);
    tar_header(&tar, '6', "dev/pipe", NULL, 0);
    expect_and_free(
        &tar, &plain,
        "d /\nd /usr\nf /usr/a\nf /usr/empty\nl /usr/l -> ../b//c\nh /usr/h -> /usr/a\no /dev/null\n"
        "o /dev/sda\no /dev/pipe\n");
}

static void normalises_names(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_file(&tar, "/abs//x", "1");
    tar_file(&tar, "../../etc/passwd", "2");
    tar_file(&tar, "a/../../b", "3");
    tar_file(&tar, "a/./c/../d", "4");
    tar_file(&tar, "../a/d", "5");
    tar_header(&tar, '1', "e", "../../a/d", 0);
    tar_header(&tar, '5', "..", NULL, 0);
    tar_file(&tar, "./", "");
    tar_file(&tar, "\xff\xfe/\x80", "6");
    tar_file(&tar, "new\nline", "7");
    expect_and_free(
        &tar, &plain,
        "f /abs/x\nf /etc/passwd\nf /b\nf /a/d\nf /a/d\nh /e -> /a/d\nd /\nd /\nf /\xff\xfe/\x80\n"
        "f /new\nline\n"
        "note path-escape/etc/passwd\nnote path-escape/b\nnote path-escape/a/d\n"
        "note duplicate-path/a/d\nnote path-escape/a/d\nnote path-escape/\n");
}

static void gives_whiteouts_their_meaning(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    for (int round = 0; round < 2; round++) {
        tar_file(&tar, "d/.wh.gone", "");
        tar_file(&tar, "d/.wh..wh..opq", "");
        tar_file(&tar, ".wh..wh..opq", "");
        tar_file(&tar, ".wh..wh.aufs", "");
        tar_header(&tar, '5', ".wh..wh.plnk", NULL, 0);
        tar_file(&tar, ".wh..wh.plnk/1.2", "bytes of links");
        tar_file(&tar, "d/.wh.", "");
        tar_file(&tar, ".wh...", "");
        tar_file(&tar, ".wh..", "");
        tar_file(&tar, "full/.wh.x", "bytes");
        tar_header(&tar, '5', ".wh.dir/", NULL, 0);
        tar_file(&tar, "d/gone", "");
        tar_file(&tar, ".prefetch.landmark", "\xf");
        tar_file(&tar, ".no.prefetch.landmark", "no landmark");
        tar_file(&tar, "wh.x", "");
        expect_and_free(&tar, round ? &plain : &oci,
                        round
                            ? "f /d/.wh.gone\nf /d/.wh..wh..opq\nf /.wh..wh..opq\nf /.wh..wh.aufs\n"
                              "d /.wh..wh.plnk\nf /.wh..wh.plnk/1.2\nf /d/.wh.\nf /.wh...\nf /.wh..\n"
                              "f /full/.wh.x\nd /.wh.dir\nf /d/gone\nf /.prefetch.landmark\n"
                              "f /.no.prefetch.landmark\nf /wh.x\n"
                            : "w /d/gone\nq /d\nq /\nf /.wh..wh.plnk/1.2\nw /full/x\nw /dir\nf /d/gone\n"
                              "f /.no.prefetch.landmark\nf /wh.x\n"
                              "note bad-whiteout/d/.wh.\nnote bad-whiteout/.wh...\nnote bad-whiteout/.wh..\n"
                              "note bad-whiteout/full/x\n");
    }
}

static void reads_windows_layers(void **state)
{
    const fps__layer_options options = {.whiteouts = true, .windows = true};
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_header(&tar, '5', "Files", NULL, 0);
    tar_header(&tar, '5', "Files/Windows", NULL, 0);
    tar_file(&tar, "Files/Windows/a.dll", "MZ");
    tar_header(&tar, '1', "Files/b.dll", "Files/Windows/a.dll", 0);
    tar_file(&tar, "Files/.wh.c.dll", "");
    tar_file(&tar, "Files/Files/d.dll", "MZ");
    tar_file(&tar, "Hives/System_Delta", "regf");
    tar_file(&tar, "UtilityVM/Files/e.dll", "MZ");
    expect_and_free(
        &tar, &options,
        "d /\nd /Windows\nf /Windows/a.dll\nh /b.dll -> /Windows/a.dll\nw /c.dll\nf /Files/d.dll\n"
        "f /Hives/System_Delta\nf /UtilityVM/Files/e.dll\n");
}

static char *long_name(size_t length)
{
    char *name = malloc(length + 1);
    assert_non_null(name);
    for (size_t i = 0; i < length; i++)
        name[i] = i % 2 ? '/' : 'n';
    name[length - 1] = 'e';
    name[length] = '\0';
    return name;
}

static void reads_names_of_any_length(void **state)
{
    tar_bytes tar = {NULL, 0};
    char *fits = long_name(4096), *over = long_name(5001), path[4200];
    (void)state;
    tar_long(&tar, 'L', fits);
    tar_file(&tar, "gnu", "1");
    tar_pax(&tar, "path", fits, strlen(fits));
    tar_file(&tar, "pax", "2");
    tar_long(&tar, 'L', over);
    tar_file(&tar, "gnu", "3");
    tar_long(&tar, 'K', fits);
    tar_header(&tar, '1', "link", "x", 0);
    tar_end(&tar);
    for (int round = 0; round < 2; round++) {
        reading read = {.want = FPS__WANT_BYTES, .step = round ? 0 : 700};
        read_tar(&read, &tar);
        assert_int_equal(read.status, FPS_OK);
        assert_int_equal(read.layer.entries.count, 4);
        snprintf(path, sizeof path, "/%s", fits);
        assert_string_equal(read.layer.entries.items[0].path, path);
        assert_string_equal(read.layer.entries.items[1].path, path);
        assert_int_equal(strlen(read.layer.entries.items[2].path), FPS__LAYER_PATH - 1);
        assert_string_equal(read.layer.entries.items[3].target, path);
        assert_int_equal(read.layer.diagnostics.count, 2);
        assert_string_equal(read.layer.diagnostics.items[0].code, "duplicate-path");
        assert_string_equal(read.layer.diagnostics.items[1].code, "name-too-long");
        fps__layer_free(&read.layer);
    }
    free(fits);
    free(over);
    free(tar.data);
}

/* Names are bytes, whatever the locale of the program. */
static void keeps_the_bytes_of_names(void **state)
{
    static const char *const locales[] = {"C", "C.UTF-8"};
    static const char *const names[] = {"caf\xc3\xa9", "cafe\xcc\x81", "\xff\xfe\x80", "a\xed\xa0\x80z"};
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        tar_bytes tar = {NULL, 0};
        char expected[512] = "";
        setlocale(LC_ALL, locales[l]);
        for (size_t i = 0; i < 4; i++) {
            size_t used = strlen(expected);
            tar_file(&tar, names[i], "1");
            tar_pax(&tar, "path", names[i], strlen(names[i]));
            tar_header(&tar, '5', "x", NULL, 0);
            tar_pax(&tar, "linkpath", names[i], strlen(names[i]));
            tar_header(&tar, '1', "h", "x", 0);
            tar_pax(&tar, "linkpath", names[i], strlen(names[i]));
            tar_header(&tar, '2', "l", "x", 0);
            snprintf(expected + used, sizeof expected - used, "f /%s\nd /%s\nh /h -> /%s\nl /l -> %s\n",
                     names[i], names[i], names[i], names[i]);
        }
        tar_end(&tar);
        reading read = {.want = 0};
        char text[2048];
        read_tar(&read, &tar);
        read.layer.diagnostics.count = 0;
        describe(&read, text, sizeof text);
        assert_string_equal(text, expected);
        fps__layer_free(&read.layer);
        free(tar.data);
    }
    setlocale(LC_ALL, "C");
}

/* Some tools end a layer right behind the last byte of the last file. */
static void takes_layers_without_padding_and_end(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_file(&tar, "a", "12345");
    expect(&tar, &oci, "f /a\nnote no-end-mark\n");
    tar.size -= 512 - 5;
    expect(&tar, &oci, "f /a\nnote no-end-mark\n");
    tar.size -= 1;
    expect(&tar, &oci, "f /a\npartial truncated-layer/a\n");
    free(tar.data);
}

static void says_what_is_damaged(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    expect(&tar, &plain, "partial truncated-layer\n");
    tar_file(&tar, "a", "1");
    expect(&tar, &plain, "f /a\npartial truncated-layer\n");
    tar.size -= 512;
    expect(&tar, &plain, "f /a\npartial truncated-layer/a\n");
    tar.size -= 200;
    expect(&tar, &plain, "partial truncated-layer\n");
    tar.size = 0;

    tar_file(&tar, "a", "1");
    tar_file(&tar, "b", "2");
    tar.data[1024] ^= 1;
    tar_file(&tar, "c", "3");
    expect_and_free(&tar, &plain, "f /a\nf /c\npartial damaged-layer\npartial damaged-layer\n");

    tar_append(&tar, "no tar at all", 13);
    expect_and_free(&tar, &plain, "partial damaged-layer\n");

    tar_header(&tar, '1', "h", "a", 512);
    tar_file(&tar, "hidden", "");
    expect_and_free(&tar, &plain, "h /h -> /a\nf /hidden\n");
    tar_pax(&tar, "comment", "pax", 3);
    tar_header(&tar, '1', "h", "a", 512);
    tar_file(&tar, "hidden", "");
    expect_and_free(&tar, &plain, "h /h -> /a\npartial damaged-layer/h\n");

    tar_header(&tar, '0', "file/", NULL, 5);
    tar_append(&tar, "bytes", 5);
    expect_and_free(&tar, &plain, "f /file\npartial damaged-layer/file\npartial damaged-layer\n");
}

static void reports_what_lies_behind_the_end(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_file(&tar, "a", "1");
    tar_end(&tar);
    for (int i = 0; i < 20; i++)
        tar_end(&tar);
    expect(&tar, &plain, "f /a\n");
    tar.data[tar.size - 1] = 'x';
    expect(&tar, &plain, "f /a\npartial trailing-data\n");
    tar.size = 0;
    tar_file(&tar, "a", "1");
    tar_end(&tar);
    tar_file(&tar, "b", "2");
    expect_and_free(&tar, &plain, "f /a\npartial trailing-data\n");
    tar_file(&tar, "a", "1");
    tar_append(&tar, "", 1); /* one record of zeros, then more */
    tar_file(&tar, "b", "2");
    expect_and_free(&tar, &plain, "f /a\npartial trailing-data\n");
}

static void computes_digests_as_bytes_pass(void **state)
{
    tar_bytes tar = {NULL, 0};
    char *text = malloc(1000001);
    (void)state;
    memset(text, 'a', 1000000);
    text[1000000] = '\0';
    tar_file(&tar, "million", text);
    tar_file(&tar, "empty", "");
    tar_end(&tar);
    for (unsigned round = 0; round < 4; round++) {
        static const uint8_t md5[4] = {0x77, 0x07, 0xd6, 0xae}, sha1[4] = {0x34, 0xaa, 0x97, 0x3c},
                             sha256[4] = {0xcd, 0xc7, 0x6e, 0x5c}, none[4] = {0xd4, 0x1d, 0x8c, 0xd9};
        reading read = {.want = FPS__WANT_DIGESTS | (round & 1 ? FPS__WANT_BYTES : 0),
                        .step = round & 2 ? 0 : 1001};
        read.take = true;
        read_tar(&read, &tar);
        const fps__content *contents = read.layer.contents.items;
        assert_int_equal(read.layer.contents.count, 2);
        assert_int_equal(contents[0].flags, FPS__CONTENT_DIGESTS);
        assert_memory_equal(contents[0].digests->md5, md5, 4);
        assert_memory_equal(contents[0].digests->sha1, sha1, 4);
        assert_memory_equal(contents[0].digests->sha256, sha256, 4);
        assert_memory_equal(contents[1].digests->md5, none, 4);
        fps__layer_free(&read.layer);
    }
    free(text);
    free(tar.data);
}

static void fills_the_holes_of_sparse_files(void **state)
{
    tar_bytes tar = {NULL, 0};
    reading read = {.want = FPS__WANT_BYTES | FPS__WANT_DIGESTS};
    (void)state;
    /* Version 0.1 keeps all in one pax header. */
    static const char records[] = "24 GNU.sparse.name=hole\n24 GNU.sparse.size=9005\n"
                                  "26 GNU.sparse.numblocks=2\n29 GNU.sparse.map=3,2,9000,1\n";
    static const uint8_t md5[4] = {0xb4, 0x7b, 0x87, 0xb8}; /* of 3 zeros, "xy", 8,995 zeros, 'z', 4 zeros */
    tar_header(&tar, 'x', "pax", NULL, sizeof records - 1);
    tar_append(&tar, records, sizeof records - 1);
    tar_file(&tar, "s", "xyz");
    tar_end(&tar);
    read_tar(&read, &tar);
    assert_int_equal(read.status, FPS_OK);
    assert_int_equal(read.layer.diagnostics.count, 0);
    assert_int_equal(read.layer.entries.count, 1);
    assert_string_equal(read.layer.entries.items[0].path, "/hole");
    assert_int_equal(read.layer.entries.items[0].size, 9005);
    assert_int_equal(read.head_first, 0);
    assert_memory_equal(read.layer.contents.items[0].digests->md5, md5, 4);
    fps__layer_free(&read.layer);
    free(tar.data);
}

static void does_not_fill_huge_holes(void **state)
{
    static const char records[] = "30 GNU.sparse.size=4000000000\n26 GNU.sparse.numblocks=1\n"
                                  "31 GNU.sparse.map=3999999999,1\n";
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_header(&tar, 'x', "pax", NULL, sizeof records - 1);
    tar_append(&tar, records, sizeof records - 1);
    tar_file(&tar, "a", "x");
    tar_file(&tar, "b", "2");
    tar_end(&tar);
    reading read = {.want = FPS__WANT_DIGESTS};
    char text[256];
    read_tar(&read, &tar);
    describe(&read, text, sizeof text);
    assert_string_equal(text, "f /a\nf /b\npartial layer-limit/a\n");
    assert_int_equal(read.layer.contents.items[1].flags, FPS__CONTENT_DIGESTS);
    fps__layer_free(&read.layer);
    free(tar.data);
}

/* The size of a pax header counts, and not that of the entry's own. */
static void believes_the_sizes_that_runtimes_believe(void **state)
{
    tar_bytes tar = {NULL, 0};
    reading read = {.want = FPS__WANT_BYTES};
    (void)state;
    tar_pax(&tar, "size", "700", 3);
    tar_header(&tar, '0', "a", NULL, 0);
    tar_file(&tar, "in a", "inner");
    tar_file(&tar, "b", "2");
    tar_end(&tar);
    read_tar(&read, &tar);
    assert_int_equal(read.status, FPS_OK);
    assert_int_equal(read.layer.entries.count, 2);
    assert_int_equal(read.layer.entries.items[0].size, 700);
    assert_string_equal(read.layer.entries.items[1].path, "/b");
    assert_int_equal(read.layer.diagnostics.count, 0);
    fps__layer_free(&read.layer);
    free(tar.data);
}

static void keeps_to_its_limits(void **state)
{
    tar_bytes tar = {NULL, 0};
    char text[1024];
    (void)state;
    tar_file(&tar, "a", "12345");
    tar_file(&tar, "b", "123456");
    tar_file(&tar, "c", "");
    tar_end(&tar);
    reading read = {.want = FPS__WANT_BYTES | FPS__WANT_DIGESTS, .options = {.file_limit = 5, .entries = 2}};
    read_tar(&read, &tar);
    assert_int_equal(read.at, tar.size);
    describe(&read, text, sizeof text);
    assert_string_equal(text, "f /a\nf /b\npartial layer-limit/b\npartial layer-limit\n");
    assert_string_equal(read.log, "/a 12345\nlost /b\n");
    assert_int_equal(read.layer.contents.items[1].flags, FPS__CONTENT_LOST | FPS__CONTENT_DIGESTS);
    fps__layer_free(&read.layer);
    free(tar.data);
}

static void loses_a_wanted_file_whose_bytes_are_cut_off(void **state)
{
    tar_bytes tar = {NULL, 0};
    char *text = malloc(20001);
    (void)state;
    memset(text, 'a', 20000);
    text[20000] = '\0';
    tar_file(&tar, "a", text);
    tar.size = 10000;
    reading read = {.want = FPS__WANT_BYTES, .step = 777};
    read_tar(&read, &tar);
    assert_int_equal(read.status, FPS_OK);
    assert_string_equal(read.log, "lost /a\n");
    assert_int_equal(read.layer.contents.items[0].flags, FPS__CONTENT_LOST);
    assert_string_equal(read.layer.diagnostics.items[0].code, "truncated-layer");
    fps__layer_free(&read.layer);
    read.fails = FPS_ERROR_CORRUPT;
    read_tar(&read, &tar);
    assert_int_equal(read.status, FPS_ERROR_CORRUPT);
    assert_string_equal(read.log, "lost /a\n");
    assert_int_equal(read.layer.entries.count, 1);
    assert_int_equal(read.layer.diagnostics.count, 0);
    fps__layer_free(&read.layer);
    free(text);
    free(tar.data);
}

static void ends_when_the_visitor_says_so(void **state)
{
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_file(&tar, "a", "1");
    tar_file(&tar, "b", "2");
    tar_end(&tar);
    reading read = {.want = FPS__WANT_BYTES, .refuse = FPS_ERROR_MEMORY};
    read_tar(&read, &tar);
    assert_int_equal(read.status, FPS_ERROR_MEMORY);
    assert_string_equal(read.log, "/a 1\n");
    fps__layer_free(&read.layer);
    reading stopped = {.want = FPS__WANT_BYTES, .step = 512, .stop_after = 4};
    read_tar(&stopped, &tar);
    assert_int_equal(stopped.status, FPS_ERROR_CANCELLED);
    fps__layer_free(&stopped.layer);
    free(tar.data);
}

static void skips_what_the_patterns_name(void **state)
{
    static const char *const directories[] = {"proc", "/var/*", NULL}, *const files[] = {"*.log", NULL};
    tar_bytes tar = {NULL, 0};
    (void)state;
    tar_file(&tar, "proc/a", "1");
    tar_file(&tar, "usr/proc/b/c", "2");
    tar_file(&tar, "var/lib/d", "3");
    tar_file(&tar, "var/e", "4");
    tar_file(&tar, "usr/f.log", "5");
    tar_file(&tar, "usr/f", "6");
    tar_end(&tar);
    reading read = {.want = FPS__WANT_BYTES, .options = {.skip_dirs = directories, .skip_files = files}};
    read_tar(&read, &tar);
    assert_int_equal(read.layer.entries.count, 6);
    assert_string_equal(read.log, "/var/e 4\n/usr/f 6\n");
    fps__layer_free(&read.layer);
    free(tar.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_entries_of_every_type),
        cmocka_unit_test(normalises_names),
        cmocka_unit_test(gives_whiteouts_their_meaning),
        cmocka_unit_test(reads_windows_layers),
        cmocka_unit_test(reads_names_of_any_length),
        cmocka_unit_test(keeps_the_bytes_of_names),
        cmocka_unit_test(takes_layers_without_padding_and_end),
        cmocka_unit_test(says_what_is_damaged),
        cmocka_unit_test(reports_what_lies_behind_the_end),
        cmocka_unit_test(computes_digests_as_bytes_pass),
        cmocka_unit_test(fills_the_holes_of_sparse_files),
        cmocka_unit_test(does_not_fill_huge_holes),
        cmocka_unit_test(believes_the_sizes_that_runtimes_believe),
        cmocka_unit_test(keeps_to_its_limits),
        cmocka_unit_test(loses_a_wanted_file_whose_bytes_are_cut_off),
        cmocka_unit_test(ends_when_the_visitor_says_so),
        cmocka_unit_test(skips_what_the_patterns_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
