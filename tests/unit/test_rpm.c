/* rpm's databases as rpm and Berkeley DB write them: every kind gives the same packages, and they are what
 * rpm says. */
#include "rpm_fixture.h"
#include "temporary.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQLITE "/var/lib/rpm/rpmdb.sqlite"
#define WAL    "/var/lib/rpm/rpmdb.sqlite-wal"
#define NDB    "/usr/lib/sysimage/rpm/Packages.db"
#define BDB    "/var/lib/rpm/Packages"

enum { PACKAGES_KEPT = 9, LINES_ROOM = 1 << 18 };

/* The kept SQLite database with its log. */
static void read_sqlite(rpm_read *read)
{
    fps__span database = kept("rpmdb.sqlite"), wal = kept("rpmdb.sqlite-wal");
    const fps__inventory_file files[] = {{SQLITE, database}, {WAL, wal}};
    read_files(read, files, 2);
    drop(database);
    drop(wal);
}

static void read_kept(rpm_read *read, const char *name, const char *path)
{
    fps__span database = kept(name);
    read_one(read, path, database);
    drop(database);
}

static void only_the_databases_of_rpm_are_wanted(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        SQLITE, WAL, NDB, BDB, "/usr/share/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite-wal"};
    static const char *const others[] = {"/var/lib/rpm/rpmdb.sqlite-shm",
                                         "/var/lib/rpm/Packages.db-wal",
                                         "/var/lib/rpm/sub/Packages",
                                         "/var/lib/rpmdb.sqlite",
                                         "/usr/lib/rpm/Packages",
                                         "/var/lib/rpm/Basenames",
                                         "/var/lib/rpm",
                                         "/opt/var/lib/rpm/Packages"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_true(fps__reader_rpm.wants(wanted[i], 1));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(fps__reader_rpm.wants(others[i], 1));
}

static void a_package_has_its_facts(void **state)
{
    (void)state;
    rpm_read read;
    read_sqlite(&read);
    assert_string_equal(read.told, "");
    assert_int_equal(read.inventory.packages.count, PACKAGES_KEPT);
    const fps__inventory_package *tiny = package_of(&read, "tiny");
    assert_non_null(tiny);
    assert_int_equal(tiny->facts.kind, FPS_PACKAGE_RPM);
    assert_string_equal(tiny->facts.version, "2:1.5-3.el9");
    assert_string_equal(tiny->facts.architecture, "x86_64");
    assert_string_equal(tiny->facts.source, "tiny");
    assert_string_equal(tiny->facts.source_version, "1.5-3.el9");
    assert_string_equal(tiny->facts.license, "MIT and zlib");
    assert_string_equal(tiny->facts.location, SQLITE);
    assert_string_equal(tiny->depends, "/bin/sh, other");
    assert_string_equal(tiny->provides, "tiny, tiny(x86-64)");
    assert_string_equal(tiny->built_using, "golang(github.com/x/y) (= 1.0), nothing, zlib (= 1.2.11)");
    assert_string_equal(package_of(&read, "many")->facts.version, "1.5-3.el9");
    assert_int_equal(package_of(&read, "many")->path_count, 120);
    const fps__inventory_package *empty = package_of(&read, "empty");
    assert_true(empty && empty->paths_known && !empty->path_count);
    assert_null(package_of(&read, "gpg-pubkey"));
    fps__inventory_free(&read.inventory);
}

static void a_claim_has_its_flags_and_its_type(void **state)
{
    (void)state;
    static const struct {
        const char *package, *path;
        int flags, digest;
    } paths[] = {
        {"tiny", "/usr/bin/tiny", FPS__OWNED_REGULAR, FPS__DIGEST_SHA256},
        {"tiny", "/usr/bin/little", FPS__OWNED_LINK, FPS__DIGEST_NONE},
        {"tiny", "/etc/tiny.conf", FPS__OWNED_REGULAR | FPS__OWNED_CONFIG, FPS__DIGEST_SHA256},
        {"tiny", "/etc/tiny.state", FPS__OWNED_REGULAR | FPS__OWNED_CONFIG, FPS__DIGEST_SHA256},
        {"tiny", "/usr/share/doc/tiny/README", FPS__OWNED_REGULAR | FPS__OWNED_OPTIONAL, FPS__DIGEST_SHA256},
        {"tiny", "/var/lib/tiny", FPS__OWNED_DIRECTORY, FPS__DIGEST_NONE},
        {"tiny", "/var/lib/tiny/state", FPS__OWNED_REGULAR | FPS__OWNED_GHOST | FPS__OWNED_CONFIG,
         FPS__DIGEST_NONE},
        {"tiny", "/var/lib/tiny/cache", FPS__OWNED_REGULAR | FPS__OWNED_CONFIG | FPS__OWNED_OPTIONAL,
         FPS__DIGEST_SHA256},
        {"tiny", "/usr/share/tiny/na\303\257ve name", FPS__OWNED_REGULAR, FPS__DIGEST_SHA256},
        {"md5", "/usr/share/digests/kept", FPS__OWNED_REGULAR, FPS__DIGEST_MD5},
        {"sha1", "/usr/share/digests/sha1", FPS__OWNED_REGULAR, FPS__DIGEST_SHA1},
        {"sha512", "/usr/share/digests/sha512", FPS__OWNED_REGULAR, FPS__DIGEST_OTHER},
        {"documented", "/usr/share/doc/documented/README", FPS__OWNED_REGULAR | FPS__OWNED_OPTIONAL,
         FPS__DIGEST_NONE},
        {"replacer", "/usr/share/digests/md5", FPS__OWNED_REGULAR, FPS__DIGEST_SHA256},
    };
    rpm_read read;
    read_sqlite(&read);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const fps__owned_path *owned = path_of(package_of(&read, paths[i].package), paths[i].path);
        assert_non_null(owned);
        assert_int_equal(owned->flags, paths[i].flags);
        assert_int_equal(owned->digest_kind, paths[i].digest);
    }
    /* md5sum of "md5\n" */
    static const uint8_t digest[] = {0x77, 0x2a, 0xc1, 0xa5};
    assert_memory_equal(path_of(package_of(&read, "md5"), "/usr/share/digests/kept")->digest, digest, 4);
    assert_null(path_of(package_of(&read, "md5"), "/usr/share/digests/md5"));
    fps__inventory_free(&read.inventory);
}

static void assert_same_package(const fps__inventory_package *a, const fps__inventory_package *b)
{
    assert_string_equal(a->facts.name, b->facts.name);
    assert_string_equal(a->facts.version, b->facts.version);
    assert_string_equal(a->facts.license, b->facts.license);
    assert_string_equal(a->depends, b->depends);
    assert_string_equal(a->built_using, b->built_using);
    assert_int_equal(a->path_count, b->path_count);
    for (size_t i = 0; i < a->path_count; i++) {
        assert_string_equal(a->paths[i].path, b->paths[i].path);
        assert_int_equal(a->paths[i].flags, b->paths[i].flags);
        assert_memory_equal(a->paths[i].digest, b->paths[i].digest, sizeof a->paths[i].digest);
    }
}

static void all_kinds_of_database_give_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *name, *path;
    } others[] = {
        {"Packages.db", NDB}, {"Packages", BDB}, {"Packages-big-endian", BDB}, {"Packages-large-pages", BDB}};
    rpm_read sqlite, other;
    read_sqlite(&sqlite);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        read_kept(&other, others[i].name, others[i].path);
        assert_string_equal(other.told, "");
        assert_int_equal(other.inventory.packages.count, PACKAGES_KEPT);
        for (size_t k = 0; k < PACKAGES_KEPT; k++)
            assert_same_package(&other.inventory.packages.items[k], &sqlite.inventory.packages.items[k]);
        fps__inventory_free(&other.inventory);
    }
    fps__inventory_free(&sqlite.inventory);
}

static void what_is_only_in_the_log_is_read(void **state)
{
    (void)state;
    rpm_read read;
    read_sqlite(&read);
    assert_non_null(package_of(&read, "logged"));
    fps__inventory_free(&read.inventory);
    read_kept(&read, "rpmdb.sqlite", SQLITE);
    assert_null(package_of(&read, "logged"));
    assert_int_equal(read.inventory.packages.count, PACKAGES_KEPT - 1);
    assert_string_equal(read.told, "");
    fps__inventory_free(&read.inventory);
}

/* ---- several databases ---- */

static fps__span made_database(const char *name)
{
    made_header *header = malloc(sizeof *header);
    assert_non_null(header);
    make_package(header, name);
    fps__span bytes = finish_header(header), database = make_ndb(&bytes, 1);
    free(header);
    drop(bytes);
    return database;
}

static void a_module_and_its_vendor_are_named(void **state)
{
    (void)state;
    made_header *header = calloc(1, sizeof *header);
    assert_non_null(header);
    make_package(header, "nodejs");
    make_text(header, FPS__RPM_TAG_VENDOR, "Example, Inc.");
    make_text(header, FPS__RPM_TAG_PACKAGER, "Somebody");
    make_text(header, FPS__RPM_TAG_MODULARITY_LABEL, "nodejs:18:8090:rhel9");
    fps__span bytes = finish_header(header), database = make_ndb(&bytes, 1);
    const fps__inventory_file files[] = {
        {"/etc/os-release", {(const uint8_t *)"ID=rhel\nVERSION_ID=9.2\n", 23}},
        {"/var/lib/rpm/Packages.db", database}};
    rpm_read read;
    read_files(&read, files, 2);
    assert_int_equal(read.inventory.packages.count, 1);
    const fps_package *package = &read.inventory.packages.items[0].facts;
    assert_string_equal(package->supplier, "Example, Inc.");
    assert_string_equal(package->purl, "pkg:rpm/redhat/nodejs@1.0-2?arch=x86_64&distro=rhel-9.2&rpmmod="
                                       "nodejs:18:8090:rhel9&upstream=nodejs-1.0-2.src.rpm");
    free(header);
    drop(bytes);
    drop(database);
    fps__inventory_free(&read.inventory);
}

static void of_one_folder_the_newest_database_counts(void **state)
{
    (void)state;
    fps__span old = kept("Packages"), new = made_database("one");
    const fps__inventory_file files[] = {{"/var/lib/rpm/Packages", old}, {"/var/lib/rpm/Packages.db", new}};
    rpm_read read;
    read_files(&read, files, 2);
    assert_int_equal(read.inventory.packages.count, 1);
    assert_non_null(package_of(&read, "one"));
    fps__inventory_free(&read.inventory);
    drop(new);
    drop(old);
}

static void an_empty_database_does_not_hide_an_older_one(void **state)
{
    (void)state;
    fps__span old = kept("Packages"), none = {NULL, 0};
    fps__span new = make_sqlite("CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB)", none);
    const fps__inventory_file files[] = {{BDB, old}, {SQLITE, new}};
    rpm_read read;
    read_files(&read, files, 2);
    assert_int_equal(read.inventory.packages.count, PACKAGES_KEPT);
    assert_string_equal(read.told, "");
    fps__inventory_free(&read.inventory);
    drop(new);
    drop(old);
}

static void packages_of_two_folders_count_once(void **state)
{
    (void)state;
    fps__span first = kept("Packages.db"), second = kept("Packages"), third = made_database("other");
    const fps__inventory_file files[] = {{NDB, first}, {"/usr/share/rpm/Packages.db", third}, {BDB, second}};
    rpm_read read;
    read_files(&read, files, 3);
    assert_int_equal(read.inventory.packages.count, PACKAGES_KEPT + 1);
    assert_string_equal(package_of(&read, "tiny")->facts.location, NDB);
    assert_string_equal(package_of(&read, "other")->facts.location, "/usr/share/rpm/Packages.db");
    fps__inventory_free(&read.inventory);
    drop(first);
    drop(second);
    drop(third);
}

/* ---- rpm as the oracle ---- */

/* What rpm says of each package and each file; paths are last, as they may hold anything. */
static const char query[] =
    "P %{NAME}|%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}|%{ARCH}|%{SOURCERPM}|%{LICENSE}\\n"
    "[F %{=NAME}|%{FILESTATES}|%{FILEFLAGS}|%{FILEMODES}|%{FILEDIGESTS}|%{FILENAMES}\\n]";

static void append_line(char *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append_line(char *lines, const char *format, ...)
{
    size_t used = strlen(lines);
    va_list values;
    va_start(values, format);
    vsnprintf(lines + used, LINES_ROOM - used, format, values);
    va_end(values);
}

static void write_file(const char *folder, const char *name, fps__span bytes)
{
    char file[4096];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    int fd = open(file, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
    close(fd);
}

/* One line of a file that is claimed, in the words of expected_lines. */
static void path_line(char *lines, const char *package, const fps__owned_path *owned)
{
    static const size_t sizes[] = {0, 16, 20, 32, 0};
    char digest[65] = "";
    for (size_t i = 0; i < sizes[owned->digest_kind]; i++)
        snprintf(digest + 2 * i, 3, "%02x", owned->digest[i]);
    append_line(lines, "F %s %s config=%d ghost=%d type=%d digest=%s\n", package, owned->path,
                owned->flags & FPS__OWNED_CONFIG ? 1 : 0, owned->flags & FPS__OWNED_GHOST ? 1 : 0,
                owned->flags & (FPS__OWNED_REGULAR | FPS__OWNED_DIRECTORY | FPS__OWNED_LINK), digest);
}

static char *found_lines(const rpm_read *read)
{
    char *lines = calloc(LINES_ROOM, 1);
    assert_non_null(lines);
    for (size_t i = 0; i < read->inventory.packages.count; i++) {
        const fps__inventory_package *package = &read->inventory.packages.items[i];
        append_line(lines, "P %s %s %s %s-%s.src.rpm %s\n", package->facts.name, package->facts.version,
                    package->facts.architecture, package->facts.source, package->facts.source_version,
                    package->facts.license);
        for (size_t k = 0; k < package->path_count; k++)
            path_line(lines, package->facts.name, &package->paths[k]);
    }
    return lines;
}

/* One line of rpm's answer; what rpm does not verify counts as configuration, which its flags do not show. */
static void expect_line(char *lines, char *line)
{
    char *fields[8];
    size_t count = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *field = line + 2; field && count < 8; field = strchr(field, '|'), count++) {
        if (count)
            *field++ = 0;
        fields[count] = field;
    }
    if (line[0] == 'P' && count == 5 && strcmp(fields[0], "gpg-pubkey") != 0)
        append_line(lines, "P %s %s %s %s %s\n", fields[0], fields[1], fields[2], fields[3], fields[4]);
    if (line[0] != 'F' || count != 6 || !strcmp(fields[1], "1"))
        return;
    unsigned long flags = strtoul(fields[2], NULL, 10), mode = strtoul(fields[3], NULL, 10);
    bool unverified = strstr(fields[5], "tiny.state") || strstr(fields[5], "/var/lib/tiny/state");
    bool compared = !(flags & 64) && strlen(fields[4]) <= 64 && strcmp(fields[1], "0") == 0;
    append_line(lines, "F %s %s config=%d ghost=%d type=%d digest=%s\n", fields[0], fields[5],
                flags & 1 || unverified ? 1 : 0, flags & 64 ? 1 : 0,
                S_ISREG(mode)   ? FPS__OWNED_REGULAR
                : S_ISDIR(mode) ? FPS__OWNED_DIRECTORY
                                : FPS__OWNED_LINK,
                compared ? fields[4] : "");
}

/* Each line on its own must be in the other text, and both have as many. */
static void assert_same_lines(const char *found, const char *expected)
{
    size_t lines = 0;
    for (const char *at = found; *at; at++)
        lines += *at == '\n';
    for (const char *at = expected; *at; lines--) {
        size_t length = strcspn(at, "\n") + 1;
        char *line = strndup(at, length);
        if (!strstr(found, line))
            fail_msg("rpm says, and we do not: %s", line);
        free(line);
        at += length;
    }
    assert_int_equal(lines, 0);
}

/* Compares with what rpm says; false where there is no rpm that can read it. */
static bool ask_rpm(const char *backend, const char *const *names, const rpm_read *read)
{
    char folder[TEMPORARY_SIZE], command[4096], line[4096];
    assert_non_null(mkdtemp(temporary_name(folder, "rpm")));
    for (size_t i = 0; names[i]; i++) {
        fps__span bytes = kept(names[i]);
        write_file(folder, names[i], bytes);
        drop(bytes);
    }
    snprintf(command, sizeof command, "rpm --define '_db_backend %s' --dbpath %s -qa --qf '%s' 2>/dev/null",
             backend, folder, query);
    char *expected = calloc(LINES_ROOM, 1), *found = found_lines(read);
    FILE *answer = popen(command, "r");
    assert_true(expected && answer);
    while (fgets(line, sizeof line, answer))
        expect_line(expected, line);
    int result = pclose(answer);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
    bool answered = !result && *expected;
    if (answered)
        assert_same_lines(found, expected);
    free(expected);
    free(found);
    return answered;
}

static void rpm_says_the_same_of_sqlite(void **state)
{
    (void)state;
    static const char *const names[] = {"rpmdb.sqlite", "rpmdb.sqlite-wal", NULL};
    rpm_read read;
    read_sqlite(&read);
    bool answered = ask_rpm("sqlite", names, &read);
    fps__inventory_free(&read.inventory);
    if (!answered)
        skip();
}

static void rpm_says_the_same_of_berkeley_db(void **state)
{
    (void)state;
    static const char *const names[] = {"Packages", NULL};
    rpm_read read;
    read_kept(&read, "Packages", BDB);
    bool answered = ask_rpm("bdb_ro", names, &read);
    fps__inventory_free(&read.inventory);
    if (!answered)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_databases_of_rpm_are_wanted),
        cmocka_unit_test(a_package_has_its_facts),
        cmocka_unit_test(a_claim_has_its_flags_and_its_type),
        cmocka_unit_test(all_kinds_of_database_give_the_same),
        cmocka_unit_test(what_is_only_in_the_log_is_read),
        cmocka_unit_test(a_module_and_its_vendor_are_named),
        cmocka_unit_test(of_one_folder_the_newest_database_counts),
        cmocka_unit_test(an_empty_database_does_not_hide_an_older_one),
        cmocka_unit_test(packages_of_two_folders_count_once),
        cmocka_unit_test(rpm_says_the_same_of_sqlite),
        cmocka_unit_test(rpm_says_the_same_of_berkeley_db),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
