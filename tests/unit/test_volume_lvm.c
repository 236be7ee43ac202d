/* Devices of LVM2 and mirrors of Linux' RAID: what of their volumes is read, and what their text can say to make the reader wrong. tests/oracle/check_volumes.py has
 * whole images, and a volume of two pieces. */
#include "volume/disk.h"
#include "volume/volume.h"

#include "volume_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    SECTOR = 512,
    AREA = 4096,
    AREA_SIZE = 32768,
    DATA = 40960,
    EXTENT = 1024,
    EXTENTS = 8,
    IMAGE = DATA + EXTENTS * EXTENT
};

static uint8_t image[IMAGE];

/* A device whose text is this; its extents hold their own numbers. */
static fps__span make(const char *text)
{
    memset(image, 0, sizeof image);
    memcpy(image + SECTOR, "LABELONE", 8);
    fps__put64le(image + SECTOR + 8, 1);
    fps__put32le(image + SECTOR + 20, 32);
    memcpy(image + SECTOR + 24, "LVM2 001", 8);
    memset(image + SECTOR + 32, 'x', 32);
    fps__put64le(image + SECTOR + 72, DATA);
    fps__put64le(image + SECTOR + 104, AREA);
    fps__put64le(image + SECTOR + 112, AREA_SIZE);
    memcpy(image + AREA + 4, " LVM2 x[5A%r0N*>", 16);
    fps__put64le(image + AREA + 32, AREA_SIZE);
    fps__put64le(image + AREA + 40, 512);
    fps__put64le(image + AREA + 48, strlen(text) + 1);
    memcpy(image + AREA + 512, text, strlen(text));
    for (int i = 0; i < EXTENTS; i++)
        image[DATA + (i + 1) * EXTENT - 1] = (uint8_t)(i + 1);
    return (fps__span){image, IMAGE};
}

#define DEVICES                                                                                               \
    "extent_size = 2 physical_volumes { a { id = \"xxxxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxxxx\" pe_start = 80 } " \
    "b { id = \"yyyyyy-xxxx-xxxx-xxxx-xxxx-xxxx-xxxxxx\" pe_start = 0 } } "
#define VOLUME(name, segments) name " { status = [\"READ\", \"VISIBLE\"] " segments " } "
#define SEGMENT(type, count, stripes, on)                                                                    \
    "segment1 { extent_count = " count " type = \"" type "\" stripe_count = " stripes " stripes = [" on "] } "
#define GROUP(volumes) "vg { " DEVICES "logical_volumes { " volumes "} }"

static char *tell_text(const char *text)
{
    purse p = {.bytes = 0};
    return tell(make(text), &p);
}

static void volumes_have_their_extents(void **state)
{
    (void)state;
    assert_string_equal(tell_text(GROUP(VOLUME("r", SEGMENT("striped", "1", "1", "\"a\", 2"))
                                            VOLUME("s", SEGMENT("linear", "1", "1", "\"a\", 5")))),
                        "volume-1: 0 1024 00000003\nvolume-2: 0 1024 00000006\n");
}

static void a_volume_that_is_part_of_another_is_not_given(void **state)
{
    (void)state;
    assert_string_equal(
        tell_text(GROUP("part { status = [\"READ\"] " SEGMENT("striped", "3", "1", "\"a\", 0") "} " VOLUME(
            "r", SEGMENT("striped", "1", "1", "\"a\", 7")))),
        "volume-1: 0 1024 00000008\n");
}

static void a_volume_that_cannot_be_read_is_said(void **state)
{
    (void)state;
    static const char *const bad[] = {
        GROUP(VOLUME("r", SEGMENT("striped", "1", "1", "\"b\", 0"))),           /* of another device */
        GROUP(VOLUME("r", SEGMENT("striped", "2", "2", "\"a\", 0, \"a\", 1"))), /* in stripes */
        GROUP(VOLUME("r", SEGMENT("thin", "1", "1", "\"a\", 0"))),
        GROUP(VOLUME("r", SEGMENT("striped", "1", "1", "\"a\", 99999999999"))),
        GROUP(VOLUME("r", SEGMENT("striped", "1", "1", "\"a\", x"))),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(
            strstr(tell_text(bad[i]), "volume-1: ! a volume of LVM on other devices, in stripes"));
    assert_non_null(strstr(tell_text(GROUP(VOLUME("r", SEGMENT("striped", "1", "1", "\"a\", 4000000000")))),
                           "behind the end"));
}

static void a_text_that_is_none_is_damage(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "vg {",         "}",   "vg = ", "vg { { } }", "a { b { c { d { e { f { g { } } } } } } }",
        "\"text\" { }", "vg x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(tell_text(bad[i]), "! a damaged description of the volumes of LVM\n");
    assert_string_equal(tell_text("vg { a = [ 1, 2"), "! a damaged description of the volumes of LVM\n");
    assert_string_equal(tell_text("# nothing"), "");
    assert_string_equal(tell_text("vg { extent_size = 0 }"), "");
    assert_string_equal(tell_text(GROUP(VOLUME("r", SEGMENT("striped", "0", "1", "\"a\", 0")))), "");
}

static void sizes_that_overflow_make_no_volume(void **state)
{
    (void)state;
    char text[20000] = "vg { extent_size = 4194304 logical_volumes { r { status = [\"VISIBLE\"] ";
    for (int i = 0; i < 60; i++)
        strcat(text,
               "s { extent_count = 4294967295 type = \"striped\" stripe_count = 1 stripes = [\"a\", 0] } ");
    strcat(text, "} } }");
    assert_non_null(strstr(tell_text(text), "volume-1: ! a volume of LVM"));
}

static void volumes_that_are_too_many_are_said(void **state)
{
    (void)state;
    enum { MOST = 128 };
    static char text[40000];
    for (int more = 0; more < 2; more++) {
        strcpy(text, "vg { " DEVICES "logical_volumes { ");
        for (int i = 0; i < MOST + more; i++)
            strcat(text, VOLUME("r", SEGMENT("striped", "1", "1", "\"a\", 1")));
        strcat(text, "} }");
        const char *told = tell_text(text);
        assert_int_equal(more, strstr(told, "or too many") != NULL);
        assert_non_null(strstr(told, "volume-128: 0 1024 "));
    }
}

static void a_label_that_changes_while_it_is_read_is_damage(void **state)
{
    (void)state;
    fps__span bytes = make(GROUP(""));
    assert_string_equal(tell_changing(bytes, SECTOR + 21), "a damaged label of LVM");
    assert_string_equal(tell_changing(bytes, SECTOR), "a damaged label of LVM");
    assert_string_equal(tell_changing(bytes, IMAGE - 1), "");
}

static void the_text_is_paid_for_and_lies_in_its_area(void **state)
{
    (void)state;
    fps__span bytes = make(GROUP(""));
    purse poor = {.most = strlen(GROUP(""))};
    assert_string_equal(tell(bytes, &poor), "! too many\n");
    static const struct {
        uint32_t at;
        uint64_t value;
    } wrong[] = {{AREA + 40, 0},         {AREA + 40, AREA_SIZE},  {AREA + 48, 0},
                 {AREA + 48, AREA_SIZE}, {AREA + 48, UINT64_MAX}, {AREA + 32, 100}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        purse p = {.bytes = 0};
        bytes = make(GROUP(""));
        fps__put64le(image + wrong[i].at, wrong[i].value);
        assert_string_equal(tell(bytes, &p), "! a damaged description of the volumes of LVM\n");
    }
    purse p = {.bytes = 0};
    bytes = make(GROUP(""));
    fps__put64le(image + SECTOR + 104, UINT64_MAX - 5);
    assert_non_null(strstr(tell(bytes, &p), "! bytes that lie behind the end"));
    memset(image + SECTOR + 72, 0, 64);
    assert_non_null(strstr(tell(bytes, &p), "! a device of LVM without a description"));
}

/* ---- mirrors ---- */

static fps__span make_raid(uint32_t level, uint64_t start, uint64_t size)
{
    uint8_t *p = image + 4096;
    memset(image, 0, sizeof image);
    fps__put32le(p, 0xa92b4efc);
    fps__put32le(p + 4, 1);
    fps__put32le(p + 72, level);
    fps__put32le(p + 92, 2);
    fps__put64le(p + 128, start);
    fps__put64le(p + 136, size);
    fps__put64le(p + 144, 8);
    image[DATA] = 7;
    return (fps__span){image, IMAGE};
}

static void a_mirror_has_the_bytes_behind_its_start(void **state)
{
    (void)state;
    purse p = {.bytes = 0};
    const uint64_t start = DATA / SECTOR;
    assert_string_equal(tell(make_raid(1, start, 0), &p), "");
    char *text = tell(make_raid(1, start, 1), &p);
    assert_non_null(strstr(text, "volume-1: 0 512 "));
    assert_non_null(
        strstr(tell(make_raid(1, start, UINT64_MAX), &p), "volume-1: 0 8192 ")); /* what there is */
    assert_string_equal(tell(make_raid(1, UINT64_MAX, 1), &p),
                        "! a member of a Linux RAID that begins behind its end\n");
    assert_non_null(strstr(tell(make_raid(5, start, 1), &p), "! a member of a Linux RAID that is no mirror"));
}

static void every_cut_and_every_changed_byte_ends(void **state)
{
    (void)state;
    const char *text = GROUP(VOLUME("r", SEGMENT("striped", "1", "1", "\"a\", 2"))
                                 VOLUME("s", SEGMENT("linear", "3", "1", "\"a\", 5")));
    fps__span bytes = make(text);
    for (size_t size = 0; size < IMAGE; size += size < DATA ? 7 : 101) {
        uint8_t *cut = malloc(size + 1); /* of its own size, so that a read behind it is seen */
        purse p = {.most = 1 << 24};
        memcpy(cut, image, size);
        tell((fps__span){cut, size}, &p);
        free(cut);
    }
    for (size_t at = SECTOR; at < AREA + 512 + strlen(text); at++) {
        purse p = {.most = 1 << 24};
        if (!image[at] && at % 5)
            continue;
        image[at] ^= 0x11;
        tell(bytes, &p);
        image[at] ^= 0x11;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_have_their_extents),
        cmocka_unit_test(a_volume_that_is_part_of_another_is_not_given),
        cmocka_unit_test(a_volume_that_cannot_be_read_is_said),
        cmocka_unit_test(a_text_that_is_none_is_damage),
        cmocka_unit_test(sizes_that_overflow_make_no_volume),
        cmocka_unit_test(volumes_that_are_too_many_are_said),
        cmocka_unit_test(a_label_that_changes_while_it_is_read_is_damage),
        cmocka_unit_test(the_text_is_paid_for_and_lies_in_its_area),
        cmocka_unit_test(a_mirror_has_the_bytes_behind_its_start),
        cmocka_unit_test(every_cut_and_every_changed_byte_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
