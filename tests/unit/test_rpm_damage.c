/* Damaged and hostile databases of rpm: nothing that is lost is lost without a word, and nothing of theirs is
 * run. */
#include "rpm_fixture.h"

#define SQLITE "/var/lib/rpm/rpmdb.sqlite"
#define WAL    "/var/lib/rpm/rpmdb.sqlite-wal"
#define NDB    "/var/lib/rpm/Packages.db"
#define BDB    "/var/lib/rpm/Packages"

enum { PACKAGES_KEPT = 9, PAGE = 4096 };

static uint8_t *writable(fps__span bytes)
{
    return (uint8_t *)(uintptr_t)bytes.data;
}

/* Reads a database of which something is broken: all `whole` packages are there, or it is said that they are
 * not. Returns how many there are. */
static size_t read_broken(const fps__inventory_file *files, size_t count, size_t whole)
{
    rpm_read read;
    read_files(&read, files, count);
    size_t found = read.inventory.packages.count;
    if (found < whole && !*read.told)
        fail_msg("%zu of %zu packages of %s, and no fault", found, whole, files[0].path);
    fps__inventory_free(&read.inventory);
    return found;
}

/* Overwrites one page after the other with `filler`; most of the packages stay, whatever the page. */
static void break_pages(const char *name, const char *path, size_t page, uint8_t filler, size_t whole)
{
    fps__span database = kept(name);
    uint8_t *saved = malloc(page);
    size_t left = 0, pages = database.size / page;
    assert_non_null(saved);
    for (size_t i = 0; i < pages; i++) {
        memcpy(saved, database.data + i * page, page);
        memset(writable(database) + i * page, filler, page);
        left += read_broken(&(fps__inventory_file){path, database}, 1, whole);
        memcpy(writable(database) + i * page, saved, page);
    }
    assert_true(left >= (pages - 2) * whole * 3 / 4);
    free(saved);
    drop(database);
}

static void a_broken_page_leaves_the_others(void **state)
{
    (void)state;
    static const uint8_t fillers[] = {0xff, 0};
    for (size_t i = 0; i < sizeof fillers; i++) {
        break_pages("rpmdb.sqlite", SQLITE, PAGE, fillers[i], PACKAGES_KEPT - 1);
        break_pages("Packages", BDB, PAGE, fillers[i], PACKAGES_KEPT);
        break_pages("Packages-big-endian", BDB, 512, fillers[i], PACKAGES_KEPT);
        break_pages("Packages.db", NDB, 512, fillers[i], PACKAGES_KEPT);
    }
}

static void a_database_that_is_cut_short_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *path;
        size_t whole;
    } databases[] = {{"rpmdb.sqlite", SQLITE, PACKAGES_KEPT - 1},
                     {"Packages.db", NDB, PACKAGES_KEPT},
                     {"Packages", BDB, PACKAGES_KEPT}};
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
        fps__span database = kept(databases[i].name);
        for (size_t size = 0; size < database.size; size += 1000) {
            uint8_t *part = malloc(size ? size : 1);
            assert_non_null(part);
            memcpy(part, database.data, size);
            read_broken(&(fps__inventory_file){databases[i].path, {part, size}}, 1, databases[i].whole);
            free(part);
        }
        drop(database);
    }
}

static void a_broken_log_is_told(void **state)
{
    (void)state;
    fps__span database = kept("rpmdb.sqlite"), wal = kept("rpmdb.sqlite-wal");
    const fps__inventory_file files[] = {{SQLITE, database}, {WAL, wal}};
    for (size_t at = 0; at < wal.size; at += at < 64 ? 1 : 41) {
        writable(wal)[at] ^= 0x55;
        assert_true(read_broken(files, 2, PACKAGES_KEPT) >= PACKAGES_KEPT - 1);
        writable(wal)[at] ^= 0x55;
    }
    for (size_t size = 1; size < wal.size; size += 500) {
        const fps__inventory_file cut[] = {{SQLITE, database}, {WAL, {wal.data, size}}};
        rpm_read read;
        read_files(&read, cut, 2);
        assert_int_equal(read.inventory.packages.count, PACKAGES_KEPT - 1);
        fps__inventory_free(&read.inventory);
    }
    drop(database);
    drop(wal);
}

static void frames_of_an_earlier_round_are_no_damage(void **state)
{
    (void)state;
    fps__span database = kept("rpmdb.sqlite"), wal = kept("rpmdb.sqlite-wal");
    size_t frame = 24 + PAGE;
    uint8_t *longer = malloc(wal.size + frame);
    assert_non_null(longer);
    memcpy(longer, wal.data, wal.size);
    memcpy(longer + wal.size, wal.data + 32, frame);
    longer[wal.size + 8]--;
    const fps__inventory_file files[] = {{SQLITE, database}, {WAL, {longer, wal.size + frame}}};
    rpm_read read;
    read_files(&read, files, 2);
    assert_int_equal(read.inventory.packages.count, PACKAGES_KEPT);
    assert_string_equal(read.told, "");
    fps__inventory_free(&read.inventory);
    free(longer);
    drop(database);
    drop(wal);
}

static void a_flipped_bit_of_ndb_is_told(void **state)
{
    (void)state;
    fps__span database = kept("Packages.db");
    for (size_t at = PAGE; at < database.size; at += 31) {
        writable(database)[at] ^= 4;
        assert_true(read_broken(&(fps__inventory_file){NDB, database}, 1, PACKAGES_KEPT) >=
                    PACKAGES_KEPT - 1);
        writable(database)[at] ^= 4;
    }
    drop(database);
}

/* Chains of overflow pages that lead to themselves, to each other, or nowhere. */
static void chains_of_berkeley_db_end(void **state)
{
    (void)state;
    fps__span database = kept("Packages-big-endian");
    for (uint32_t i = 1; i < database.size / 512; i++) {
        uint8_t *page = writable(database) + 512 * i;
        if (page[25] != 7)
            continue;
        const uint32_t others[] = {i, i - 1, 0, UINT32_MAX};
        uint8_t saved[4];
        memcpy(saved, page + 16, 4);
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
            put32be(page + 16, others[k]);
            assert_true(read_broken(&(fps__inventory_file){BDB, database}, 1, PACKAGES_KEPT) >=
                        PACKAGES_KEPT - 2);
        }
        memcpy(page + 16, saved, 4);
    }
    drop(database);
}

/* Bytes of the first page that say it is a database rpm does not make. */
static void other_kinds_of_berkeley_db_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        const char *told;
    } kinds[] = {{12, 0x62, "not a Berkeley DB hash database"},
                 {16, 4, "hash database of version 4"},
                 {16, 11, "hash database of version 11"},
                 {21, 0x11, "pages of 4352 bytes"},
                 {22, 2, "pages of 135168 bytes"},
                 {21, 0, "pages of 0 bytes"},
                 {24, 1, "with encryption or checksums"},
                 {26, 1, "with encryption or checksums"},
                 {34, 1, "the database is cut short"}};
    fps__span database = kept("Packages");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        uint8_t saved = database.data[kinds[i].at];
        rpm_read read;
        writable(database)[kinds[i].at] = kinds[i].value;
        read_one(&read, BDB, database);
        assert_non_null(strstr(read.told, kinds[i].told));
        fps__inventory_free(&read.inventory);
        writable(database)[kinds[i].at] = saved;
    }
    drop(database);
}

/* One page of 512 bytes with one key: the headers are several values of it, each between its lengths. */
static void values_of_one_key_are_all_read(void **state)
{
    (void)state;
    enum { SIZE = 512, HEADERS = 2 };
    uint8_t bytes[2 * SIZE] = {0}, *page = bytes + SIZE;
    made_header *header = malloc(sizeof *header);
    assert_non_null(header);
    fps__put32le(bytes + 12, 0x061561);
    fps__put32le(bytes + 16, 9);
    fps__put32le(bytes + 20, SIZE);
    fps__put32le(bytes + 32, 1);
    static const char *const names[HEADERS] = {"a", "b"};
    uint8_t item[SIZE] = {2};
    size_t used = 1;
    for (size_t i = 0; i < HEADERS; i++) {
        make_package(header, names[i]);
        fps__span value = finish_header(header);
        fps__put16le(item + used, (uint16_t)value.size);
        memcpy(item + used + 2, value.data, value.size);
        fps__put16le(item + used + 2 + value.size, (uint16_t)value.size);
        used += value.size + 4;
        drop(value);
    }
    page[25] = 13;
    fps__put16le(page + 20, 2);
    fps__put16le(page + 26, SIZE - 5);
    fps__put16le(page + 28, (uint16_t)(SIZE - 5 - used));
    memcpy(page + SIZE - 5, "\1\1\0\0", 5);
    memcpy(page + SIZE - 5 - used, item, used);
    rpm_read read;
    read_one(&read, BDB, (fps__span){bytes, sizeof bytes});
    assert_string_equal(read.told, "");
    assert_int_equal(read.inventory.packages.count, HEADERS);
    fps__inventory_free(&read.inventory);
    free(header);
}

static void what_is_no_database_is_told(void **state)
{
    (void)state;
    static const char *const paths[] = {SQLITE, NDB, BDB};
    static const char text[] =
        "this is a text that is longer than any of the headers that a database begins with, and "
        "so it has to be read and refused";
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        rpm_read read;
        read_one(&read, paths[i], (fps__span){(const uint8_t *)text, sizeof text});
        assert_int_equal(read.inventory.packages.count, 0);
        assert_int_equal(strncmp(read.told, paths[i], strlen(paths[i])), 0);
        fps__inventory_free(&read.inventory);
        read_one(&read, paths[i], (fps__span){NULL, 0});
        assert_true(*read.told);
        fps__inventory_free(&read.inventory);
    }
}

/* ---- SQLite: only the plain table is read ---- */

static void tables_that_run_code_are_refused(void **state)
{
    (void)state;
    static const char *const schemas[] = {
        "CREATE TABLE Other(hnum INTEGER PRIMARY KEY, blob BLOB)",
        "CREATE TABLE Other(hnum INTEGER PRIMARY KEY, blob BLOB); INSERT INTO Other VALUES(1, ?1);"
        "CREATE VIEW Packages AS SELECT hnum, blob FROM Other",
        "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB);"
        "CREATE TRIGGER t AFTER INSERT ON Packages BEGIN SELECT 1; END; INSERT INTO Packages VALUES(1, ?1)",
        "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, header BLOB, blob AS (header || zeroblob(9)));"
        "INSERT INTO Packages(hnum, header) VALUES(1, ?1)",
        "CREATE TABLE Packages(hnum INTEGER, blob BLOB); INSERT INTO Packages VALUES(1, ?1)",
        "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, header BLOB); INSERT INTO Packages VALUES(1, ?1)",
        "CREATE VIRTUAL TABLE Packages USING fts4(hnum, blob); INSERT INTO Packages VALUES(1, ?1)",
    };
    made_header *header = malloc(sizeof *header);
    assert_non_null(header);
    make_package(header, "hidden");
    fps__span bytes = finish_header(header);
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        fps__span database = make_sqlite(schemas[i], bytes);
        rpm_read read;
        read_one(&read, SQLITE, database);
        assert_int_equal(read.inventory.packages.count, 0);
        assert_string_equal(read.told, SQLITE ": Packages is not the table that rpm makes\n");
        fps__inventory_free(&read.inventory);
        drop(database);
    }
    drop(bytes);
    free(header);
}

/* A schema may hold what never ends; nothing of it is asked for. */
static void the_rest_of_the_schema_is_not_run(void **state)
{
    (void)state;
    made_header *header = malloc(sizeof *header);
    assert_non_null(header);
    make_package(header, "plain");
    fps__span bytes = finish_header(header);
    fps__span database = make_sqlite(
        "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB, more AS (zeroblob(100000000)));"
        "CREATE INDEX i ON Packages(length(blob));"
        "CREATE VIEW forever AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x "
        "FROM n;"
        "INSERT INTO Packages VALUES(1, ?1)",
        bytes);
    rpm_read read;
    read_one(&read, SQLITE, database);
    assert_string_equal(read.told, "");
    assert_int_equal(read.inventory.packages.count, 1);
    fps__inventory_free(&read.inventory);
    drop(database);
    drop(bytes);
    free(header);
}

/* ---- headers ---- */

/* Reads a database of one made header, which is freed. */
static void read_made(rpm_read *read, made_header *header)
{
    fps__span bytes = finish_header(header), database = make_ndb(&bytes, 1);
    read_one(read, NDB, database);
    drop(bytes);
    drop(database);
    free(header);
}

static made_header *new_header(const char *name)
{
    made_header *header = malloc(sizeof *header);
    assert_non_null(header);
    make_package(header, name);
    return header;
}

static void names_that_are_no_paths_are_told(void **state)
{
    (void)state;
    static const char *const folders[] = {"/usr/bin/", "/etc//./x/", "/", NULL};
    static const char *const names[] = {"good", "odd", "root", "", "lost", NULL};
    static const uint32_t indexes[] = {0, 1, 2, 2, 7};
    made_header *header = new_header("paths");
    make_texts(header, FPS__RPM_TAG_DIR_NAMES, folders);
    make_texts(header, FPS__RPM_TAG_BASE_NAMES, names);
    make_numbers(header, FPS__RPM_TAG_DIR_INDEXES, 4, indexes, 5);
    rpm_read read;
    read_made(&read, header);
    const fps__inventory_package *package = package_of(&read, "paths");
    assert_non_null(path_of(package, "/usr/bin/good"));
    assert_non_null(path_of(package, "/etc/x/odd"));
    assert_non_null(path_of(package, "/root"));
    assert_int_equal(package->path_count, 3);
    assert_string_equal(read.told, NDB ": 1 file names are no absolute paths\n");
    assert_int_equal(path_of(package, "/root")->flags, 0);
    fps__inventory_free(&read.inventory);
}

static void whole_paths_of_rpm_3_are_read(void **state)
{
    (void)state;
    static const char *const names[] = {"/usr/bin/old", "/usr/bin/other", NULL};
    static const uint32_t states[] = {0, 4}, modes[] = {0100755, 0100755};
    made_header *header = new_header("old");
    make_texts(header, FPS__RPM_TAG_OLD_FILE_NAMES, names);
    make_numbers(header, FPS__RPM_TAG_FILE_STATES, 1, states, 2);
    make_numbers(header, FPS__RPM_TAG_FILE_MODES, 2, modes, 2);
    rpm_read read;
    read_made(&read, header);
    const fps__inventory_package *package = package_of(&read, "old");
    assert_int_equal(package->path_count, 1);
    assert_int_equal(path_of(package, "/usr/bin/old")->flags, FPS__OWNED_REGULAR);
    assert_string_equal(package->facts.source, "old");
    assert_string_equal(package->facts.source_version, "1.0-2");
    fps__inventory_free(&read.inventory);
}

static void a_digest_of_another_length_is_not_compared(void **state)
{
    (void)state;
    static const char *const names[] = {"/a", "/b", "/c", NULL};
    static const char *const digests[] = {"d41d8cd98f00b204e9800998ecf8427e", "d41d", "", NULL};
    made_header *header = new_header("digests");
    make_texts(header, FPS__RPM_TAG_OLD_FILE_NAMES, names);
    make_texts(header, FPS__RPM_TAG_FILE_DIGESTS, digests);
    rpm_read read;
    read_made(&read, header);
    const fps__inventory_package *package = package_of(&read, "digests");
    assert_int_equal(path_of(package, "/a")->digest_kind, FPS__DIGEST_MD5);
    assert_int_equal(path_of(package, "/b")->digest_kind, FPS__DIGEST_OTHER);
    assert_int_equal(path_of(package, "/c")->digest_kind, FPS__DIGEST_NONE);
    fps__inventory_free(&read.inventory);
}

/* 30,000 names of one letter in a folder of 4,000: 120 MB of paths out of 180 kB. */
static void few_bytes_do_not_become_many(void **state)
{
    (void)state;
    enum { FILES = 30000, LONG = 4000 };
    char folder[LONG + 1];
    memset(folder, 'x', LONG);
    folder[0] = folder[LONG - 1] = '/';
    folder[LONG] = 0;
    made_header *header = new_header("large");
    make_texts(header, FPS__RPM_TAG_DIR_NAMES, (const char *const[]){folder, NULL});
    make_tag(header, FPS__RPM_TAG_DIR_INDEXES, 4, FILES);
    for (size_t i = 0; i < FILES; i++)
        make_bytes(header, "\0\0\0", 4);
    make_tag(header, FPS__RPM_TAG_BASE_NAMES, 8, FILES);
    for (size_t i = 0; i < FILES; i++)
        make_bytes(header, "y", 2);
    rpm_read read;
    read_made(&read, header);
    assert_string_equal(read.told, NDB ": the files of large are more than a database of this size has\n");
    assert_int_equal(read.inventory.packages.count, 1);
    assert_true(read.inventory.arena.used < 80 << 20);
    fps__inventory_free(&read.inventory);
}

static void a_header_without_a_name_is_told(void **state)
{
    (void)state;
    made_header *header = new_header("");
    rpm_read read;
    read_made(&read, header);
    assert_int_equal(read.inventory.packages.count, 0);
    assert_string_equal(read.told, NDB ": rpm header without a package name and a version\n");
    fps__inventory_free(&read.inventory);
}

static void many_faults_are_counted(void **state)
{
    (void)state;
    made_header *header = new_header("");
    fps__span bytes = finish_header(header), headers[20];
    for (size_t i = 0; i < 20; i++)
        headers[i] = bytes;
    fps__span database = make_ndb(headers, 20);
    rpm_read read;
    read_one(&read, NDB, database);
    assert_non_null(strstr(read.told, NDB ": 12 more faults of this database\n"));
    fps__inventory_free(&read.inventory);
    drop(bytes);
    drop(database);
    free(header);
}

/* ---- values of a header ---- */

static void values_end_where_their_header_does(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {7, 70000};
    made_header *made = new_header("values");
    make_numbers(made, 2000, 4, numbers, 2);
    make_numbers(made, 2001, 2, numbers, 1);
    make_tag(made, 2002, 4, 9);
    make_bytes(made, "\0\0\0\1\0\0", 6);
    make_tag(made, 2003, 8, 3);
    make_bytes(made, "one\0without end", 15);
    fps__span bytes = finish_header(made), text;
    fps__rpm_header header;
    fps__rpm_value value;
    uint32_t number = 0;
    assert_int_equal(fps__rpm_header_open(&header, bytes, NULL), FPS_OK);
    assert_true(fps__rpm_header_find(&header, 2000, &value));
    assert_true(fps__rpm_value_number(&value, 1, &number) && number == 70000);
    assert_false(fps__rpm_value_number(&value, 2, &number) || fps__rpm_value_next(&value, &text));
    assert_true(fps__rpm_header_find(&header, 2001, &value));
    assert_true(fps__rpm_value_number(&value, 0, &number) && number == 7);
    assert_true(fps__rpm_header_find(&header, 2002, &value));
    assert_true(fps__rpm_value_number(&value, 0, &number) && number == 1);
    assert_false(fps__rpm_value_number(&value, 8, &number));
    assert_true(fps__rpm_header_find(&header, 2003, &value));
    assert_true(fps__rpm_value_next(&value, &text) && text.size == 3);
    assert_false(fps__rpm_value_next(&value, &text) || fps__rpm_value_number(&value, 0, &number));
    assert_false(fps__rpm_header_find(&header, 2004, &value) || fps__rpm_value_next(&value, &text));
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(fps__rpm_header_open(&header, (fps__span){bytes.data, size}, NULL),
                         FPS_ERROR_CORRUPT);
    put32be(writable(bytes), 65537);
    assert_int_equal(fps__rpm_header_open(&header, bytes, NULL), FPS_ERROR_LIMIT);
    drop(bytes);
    free(made);
}

static void a_source_package_is_named_before_two_dashes(void **state)
{
    (void)state;
    static const struct {
        const char *file, *source, *version;
    } files[] = {{"zlib-1.2.11-40.el9.src.rpm", "zlib", "1.2.11-40.el9"},
                 {"a-b-1-2.nosrc.rpm", "a-b", "1-2"},
                 {"a-1.src.rpm", NULL, NULL},
                 {"-1-2.src.rpm", NULL, NULL},
                 {"(none)", NULL, NULL},
                 {"", NULL, NULL}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        fps__span file = {(const uint8_t *)files[i].file, strlen(files[i].file)}, source, version;
        assert_int_equal(fps__rpm_split_source(file, &source, &version), files[i].source != NULL);
        if (!files[i].source)
            continue;
        assert_int_equal(source.size, strlen(files[i].source));
        assert_memory_equal(source.data, files[i].source, source.size);
        assert_int_equal(version.size, strlen(files[i].version));
        assert_memory_equal(version.data, files[i].version, version.size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_page_leaves_the_others),
        cmocka_unit_test(a_database_that_is_cut_short_is_told),
        cmocka_unit_test(a_broken_log_is_told),
        cmocka_unit_test(frames_of_an_earlier_round_are_no_damage),
        cmocka_unit_test(a_flipped_bit_of_ndb_is_told),
        cmocka_unit_test(chains_of_berkeley_db_end),
        cmocka_unit_test(other_kinds_of_berkeley_db_are_refused),
        cmocka_unit_test(values_of_one_key_are_all_read),
        cmocka_unit_test(what_is_no_database_is_told),
        cmocka_unit_test(tables_that_run_code_are_refused),
        cmocka_unit_test(the_rest_of_the_schema_is_not_run),
        cmocka_unit_test(names_that_are_no_paths_are_told),
        cmocka_unit_test(whole_paths_of_rpm_3_are_read),
        cmocka_unit_test(a_digest_of_another_length_is_not_compared),
        cmocka_unit_test(few_bytes_do_not_become_many),
        cmocka_unit_test(a_header_without_a_name_is_told),
        cmocka_unit_test(many_faults_are_counted),
        cmocka_unit_test(values_end_where_their_header_does),
        cmocka_unit_test(a_source_package_is_named_before_two_dashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
