/* Imports of advisories: each format reads what it is meant to say; bad records are counted, bad files change nothing. The documents
 * are those that tests/fuzz/make-feed-seeds makes. */
#include "temporary.h"

#include <fpscan/advisory_build.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[TEMPORARY_SIZE];

static const char *document(const char *name)
{
    static char path[1024];
    const char *documents = getenv("FPS_FEED_DOCUMENTS");
    assert_non_null(documents);
    snprintf(path, sizeof path, "%s/%s", documents, name);
    return path;
}

static const char *fresh_database(void)
{
    static char paths[64][TEMPORARY_SIZE + 16];
    static int number;
    assert_true(number < 64);
    snprintf(paths[number], sizeof paths[0], "%s/%d.db", folder, number);
    return paths[number++];
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static fps_status import(const char *database, const char *source, const char *path,
                         fps_advisory_import_result *result)
{
    fps_error error;
    fps_status status = fps_advisory_import(database, source, &path, 1, NULL, result, &error);
    return status;
}

/* ---- what a format says ---- */

typedef struct answers {
    char text[4096];
} answers;

static fps_status take_answer(void *user, const fps_advisory_answer *answer)
{
    answers *all = user;
    size_t used = strlen(all->text);
    snprintf(all->text + used, sizeof all->text - used, "%s%s %s%s%s", used ? "; " : "", answer->id,
             answer->verdict, *answer->fixed ? " " : "", answer->fixed);
    return FPS_OK;
}

static void assert_answers(const char *database, const char *subject, const char *version,
                           const char *expected)
{
    answers all = {""};
    fps_advisory_database *advisories;
    fps_error error;
    assert_int_equal(fps_advisory_open(&advisories, database, &error), FPS_OK);
    assert_int_equal(fps_advisory_query(advisories, subject, version, take_answer, &all, &error), FPS_OK);
    fps_advisory_free(advisories);
    if (strcmp(all.text, expected) != 0)
        fail_msg("%s %s: \"%s\", not \"%s\"", subject, version, all.text, expected);
}

/* A document, the format that must read it, records and bad ones, and what it says of versions. */
static const struct {
    const char *name, *format;
    unsigned records, bad;
    struct {
        const char *subject, *version, *expected;
    } says[8];
} formats[] = {
    {"osv.json",
     "osv",
     1,
     1,
     {{"pypi/some-thing", "0.9", ""},
      {"pypi/some-thing", "0.5", "CVE-2024-0001 affected"},
      {"pypi/some-thing", "1.0", "CVE-2024-0001 affected 1.2"},
      {"pypi/some-thing", "1.2", ""},
      {"pypi/some-thing", "2.4", "CVE-2024-0001 affected"},
      {"pypi/some-thing", "weird", "CVE-2024-0001 affected"}, /* listed, so that it need not have an order */
      {"pypi/some-thing", "wierd", ""},
      {"pkg:golang/example.com/m@v1.0.0", NULL, "CVE-2024-0001 affected"}}},
    {"osv-related.json",
     "osv",
     1,
     0,
     {{"rpm/rocky@9/acme", "1:1.0-1.el9",
       "CVE-2024-0021 affected 1:1.0-2.el9; CVE-2024-0022 affected 1:1.0-2.el9"}, /* each fault that it fixes is one */
      {"rpm/rocky@9/acme", "1:1.0-2.el9",
       "CVE-2024-0021 fixed 1:1.0-2.el9; CVE-2024-0022 fixed 1:1.0-2.el9"}}},
    {"ossfuzz.yaml",
     "osv",
     1,
     0,
     {{"oss-fuzz/curl", "7.79.1", "OSV-2020-1 affected"}, {"oss-fuzz/curl", "7.79.0", ""}}},
    {"rustsec.md",
     "rustsec",
     1,
     0,
     {{"cargo/acme", "0.4.0", ""},
      {"cargo/acme", "0.6.3", "CVE-2020-1111 affected 0.6.4"},
      {"cargo/acme", "0.6.4", ""},
      {"cargo/acme", "0.7.0", "CVE-2020-1111 affected 1.2.3"},
      {"cargo/acme", "1.2.3", ""}}},
    {"ruby.yml",
     "ruby",
     1,
     0,
     {{"gem/acme", "1.5.4", "CVE-2013-0269 affected 1.5.5"},
      {"gem/acme", "1.5.9", ""},
      {"gem/acme", "1.6.0", "CVE-2013-0269 affected 1.6.8"},
      {"gem/acme", "1.7.6", "CVE-2013-0269 affected 1.7.7"},
      {"gem/acme", "1.8", ""}}},
    {"cve.json",
     "cve",
     1,
     1,
     {{"cpe/openssl:openssl", "1.0.2k", "CVE-2024-0003 affected 1.0.2zb"},
      {"cpe/openssl:openssl", "1.0.2zb", ""},
      {"cpe/openssl:openssl", "3.0.4", "CVE-2024-0003 affected 3.0.5"},
      {"cpe/openssl:openssl", "3.0.5", ""},
      {"cpe/acme:words", "1.4", "CVE-2024-0003 affected 1.5"},
      {"cpe/acme:words", "0.6", ""}}},
    {"override.json",
     "nvd_override",
     1,
     0,
     {{"cpe/libpng:libpng", "1.6.36", "CVE-2019-7317 affected 1.6.37"},
      {"cpe:2.3:a:libpng:libpng:1.6.37:*:*:*:*:*:*:*", NULL, ""},
      {"cpe/acme:beta", "1.0.2beta1", "CVE-2019-7317 affected"},
      {"cpe/acme:app", "3.0", "CVE-2019-7317 conditional"},
      {"cpe/acme:app", "3.0.1", ""}}},
    {"nvd.json",
     "nvd",
     2,
     0,
     {{"cpe/acme:neg", "1.0", ""}, {"cpe/acme:neg", "2.0", "CVE-2021-0001 conditional"}}},
    {"tracker.json",
     "debian_tracker",
     2,
     1,
     {{"deb/debian@12/acme", "1.6-1", "CVE-2008-7220 affected 1.6.0.2-1"},
      {"deb/debian@12/acme", "1.6.0.2-1", "CVE-2008-7220 fixed 1.6.0.2-1"},
      {"deb/debian@11/acme", "9", "CVE-2008-7220 ignored"},
      {"deb/debian@10/acme", "1", "CVE-2008-7220 not-affected"}}},
    {"DSA-list",
     "debian_list",
     2,
     1,
     {{"deb/debian@11/xorg-server", "2:1.20.11-1+deb11u5",
       "CVE-2023-1393 affected 2:1.20.11-1+deb11u6; CVE-2023-1394 affected 2:1.20.11-1+deb11u6"},
      {"deb/debian@12/xorg-server", "1", "CVE-2023-1393 not-affected; CVE-2023-1394 not-affected"},
      {"deb/debian@11/sox", "14.4.2-1", "DSA-5356-2 affected 14.4.2-2"}}},
    {"CVE-list",
     "debian_list",
     2,
     0,
     {{"deb/debian/acme", "1.2-2", "CVE-2023-9999 affected 1.2-3"},
      {"deb/debian@11/acme", "1", "CVE-2023-9999 ignored"}}},
    {"facts.tsv",
     "facts",
     2,
     1,
     {{"deb/debian@12/acme", "1.2-3", "CVE-2023-31130 fixed 1.2-3"}, {"deb/debian@12/acme", "1.2-2", ""}}},
    {"alpine.yaml",
     "alpine",
     2,
     0,
     {{"apk/alpine@3.15/zlib", "1.2.12-r1",
       "CVE-2022-37434 affected 1.2.12-r2; GHSA-x affected 1.2.12-r2; CVE-2020-0001 not-affected"}}},
    {"csaf.json",
     "csaf",
     1,
     1,
     {{"rpm/redhat@8/openssl", "1.1.1k-4.el8", "CVE-2021-3712 affected 1.1.1k-5.el8_5"},
      {"rpm/redhat@8/openssl", "1.1.1k-5.el8_5", "CVE-2021-3712 fixed 1.1.1k-5.el8_5"},
      {"cpe/acme:widget", "1.9", "CVE-2021-3712 affected 2.0"},
      {"cpe/acme:widget", "1.0", "CVE-2021-3712 not-affected; CVE-2021-3712 affected 2.0"}}},
    {"openvex.json",
     "openvex",
     2,
     0,
     {{"generic/zlib", "1.2.11", "CVE-2022-37434 not-affected"},
      {"generic/acme", "7", "CVE-2015-1 affected"}}},
    {"kev.json", "kev", 1, 1, {{NULL, NULL, NULL}}},
    {"epss.csv", "epss", 1, 1, {{NULL, NULL, NULL}}},
    {"names.txt", "names", 2, 0, {{NULL, NULL, NULL}}},
    {"oval.xml",
     "oval",
     1,
     0,
     {{"rpm/oracle@8/openssl", "1:1.1.1k-5.el8",
       "CVE-2022-0778 affected 1:1.1.1k-6.el8_5; CVE-2022-0779 affected 1:1.1.1k-6.el8_5"},
      {"rpm/oracle@8/openssl-libs", "1:1.1.1k-7.el8",
       "CVE-2022-0778 fixed 1:1.1.1k-6.el8_5; CVE-2022-0779 fixed 1:1.1.1k-6.el8_5"}}},
    {"grype.db",
     "grype",
     1,
     0,
     {{"deb/debian@12/acme", "1.2-2", "CVE-2022-1 affected 1.2-3"},
      {"pypi/thing", "2.0", "CVE-2022-1 ignored"},
      {"pypi/thing", "1.5", ""},
      {"cpe/acme:thing", "1.0", "CVE-2022-1 ignored 1.5"}}},
    {"trivy.db",
     "trivy",
     1,
     0,
     {{"deb/debian@12/acme", "1.2-2", "CVE-2022-5 affected 1.2-3"},
      {"pypi/thing", "1.4", "CVE-2022-5 affected 1.5"},
      {"pypi/thing", "1.5", ""}}},
};

static char listed[256];

static fps_status take_source(void *user, const char *const *columns, size_t count)
{
    (void)user;
    assert_int_equal(count, 6);
    snprintf(listed, sizeof listed, "%s", columns[1]);
    return FPS_OK;
}

static void each_format_says_what_its_document_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *database = fresh_database();
        fps_advisory_import_result result;
        fps_error error;
        print_message("%s\n", formats[i].name);
        assert_int_equal(import(database, "test", document(formats[i].name), &result), FPS_OK);
        assert_int_equal(result.records, formats[i].records);
        assert_int_equal(result.bad, formats[i].bad);
        assert_int_equal(fps_advisory_list(database, FPS_ADVISORY_SOURCES, take_source, NULL, &error),
                         FPS_OK);
        assert_string_equal(listed, formats[i].format);
        for (size_t k = 0; k < 8 && formats[i].says[k].subject; k++)
            assert_answers(database, formats[i].says[k].subject, formats[i].says[k].version,
                           formats[i].says[k].expected);
        assert_int_equal(fps_advisory_verify(database, &error), FPS_OK);
    }
}

/* ---- sources ---- */

static void a_source_is_replaced_as_a_whole_and_removed(void **state)
{
    (void)state;
    const char *database = fresh_database(), *path = temporary_path(folder, "one.json");
    fps_advisory_import_result result;
    fps_error error;
    static const char one[] =
        "{\"id\": \"CVE-2020-0001\", \"modified\": \"2020-01-01T00:00:00Z\", \"affected\": [{\"package\": {\"ecosystem\": \"npm\","
        " \"name\": \"%s\"}, \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"0\"}]}]}]}";
    char text[512];
    snprintf(text, sizeof text, one, "first");
    write_file(path, text);
    assert_int_equal(import(database, "s", path, &result), FPS_OK);
    assert_false(result.unchanged);
    assert_int_equal(import(database, "s", path, &result), FPS_OK);
    assert_true(result.unchanged);
    assert_int_equal(import(database, "other", document("ruby.yml"), &result), FPS_OK);
    snprintf(text, sizeof text, one, "second");
    write_file(path, text);
    assert_int_equal(import(database, "s", path, &result), FPS_OK);
    assert_answers(database, "npm/first", "1.0.0", "");
    assert_answers(database, "npm/second", "1.0.0", "CVE-2020-0001 affected");
    assert_int_equal(fps_advisory_remove(database, "s", &error), FPS_OK);
    assert_answers(database, "npm/second", "1.0.0", "");
    assert_answers(database, "gem/acme", "1.5.4", "CVE-2013-0269 affected 1.5.5");
    assert_int_equal(fps_advisory_remove(database, "s", &error), FPS_ERROR_NOT_FOUND);
}

static void a_folder_and_an_archive_give_the_same(void **state)
{
    (void)state;
    const char *first = fresh_database(), *second = fresh_database(),
               *archive = temporary_path(folder, "all.tar.gz");
    char command[2048], documents[1024];
    fps_advisory_import_result from_folder, from_archive;
    snprintf(documents, sizeof documents, "%s", document("."));
    snprintf(command, sizeof command, "tar -C '%s' -czf '%s' .", documents, archive);
    assert_int_equal(system(command), 0);
    assert_int_equal(import(first, "all", documents, &from_folder), FPS_OK);
    assert_int_equal(import(second, "all", archive, &from_archive), FPS_OK);
    assert_int_equal(from_folder.records, from_archive.records);
    assert_int_equal(from_folder.bad, from_archive.bad);
    assert_int_equal(from_folder.ranges, from_archive.ranges);
    assert_true(from_folder.records > 20);
}

static fps_status count_row(void *user, const char *const *columns, size_t count)
{
    (void)columns, (void)count;
    ++*(size_t *)user;
    return FPS_OK;
}

static void show_and_diff_name_what_is_there(void **state)
{
    (void)state;
    const char *before = fresh_database(), *after = fresh_database();
    fps_advisory_import_result result;
    fps_error error;
    size_t rows = 0;
    assert_int_equal(import(before, "a", document("cve.json"), &result), FPS_OK);
    assert_int_equal(import(after, "a", document("cve.json"), &result), FPS_OK);
    assert_int_equal(fps_advisory_diff(before, after, count_row, &rows, &error), FPS_OK);
    assert_int_equal(rows, 0);
    assert_int_equal(import(after, "b", document("ruby.yml"), &result), FPS_OK);
    assert_int_equal(fps_advisory_diff(before, after, count_row, &rows, &error), FPS_OK);
    assert_int_equal(rows, 3);
    rows = 0;
    assert_int_equal(fps_advisory_show(after, "CVE-2024-0003", count_row, &rows, &error), FPS_OK);
    assert_true(rows >= 6); /* advisory, ranges, function, SSVC */
    assert_int_equal(fps_advisory_show(after, "CVE-1999-0001", count_row, &rows, &error),
                     FPS_ERROR_NOT_FOUND);
}

static void pack_keeps_what_the_catalogue_names(void **state)
{
    (void)state;
    const char *database = fresh_database(), *packed = fresh_database(),
               *catalogue = temporary_path(folder, "catalogue.txt");
    fps_advisory_import_result result;
    fps_error error;
    write_file(catalogue, "Component: openssl\nCpe: cpe:2.3:a:openssl:openssl\n");
    assert_int_equal(import(database, "a", document("cve.json"), &result), FPS_OK);
    assert_int_equal(import(database, "b", document("ruby.yml"), &result), FPS_OK);
    assert_int_equal(fps_advisory_pack(database, packed, catalogue, &error), FPS_OK);
    assert_answers(packed, "cpe/openssl:openssl", "1.0.2k", "CVE-2024-0003 affected 1.0.2zb");
    assert_answers(packed, "cpe/acme:rest", "2.4", "");
    assert_answers(packed, "gem/acme", "1.5.4", "CVE-2013-0269 affected 1.5.5");
    assert_int_equal(fps_advisory_verify(packed, &error), FPS_OK);
}

/* ---- bad input ---- */

/* Documents that are damaged as a whole: the file is an error, and the database stays as it was. */
static void a_bad_file_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } bad[] = {
        {"cut.json", "{\"id\": \"CVE-2020-0001\", \"modified\": \"2020"},
        {"twice.json", "{\"id\": \"A-1\", \"id\": \"A-2\", \"modified\": \"2020-01-01\", \"affected\": []}"},
        {"utf8.json", "{\"id\": \"A-\xff\", \"modified\": \"2020-01-01\", \"affected\": []}"},
        {"number.json", "{\"id\": \"A-1\", \"modified\": 1e999999, \"affected\": []}"},
        {"alias.yaml", "a: &x [1]\nb: *x\n"},
        {"key.yaml", "a: 1\na: 2\n"},
        {"tab.yaml", "a:\n\t- b\n"},
        {"entity.xml",
         "<!DOCTYPE oval_definitions [<!ENTITY a \"aaaa\">]><oval_definitions>&a;</oval_definitions>"},
        {"cut.xml", "<oval_definitions><definitions>"},
        {"head.md", "```toml\n[advisory]\nid = \"RUSTSEC-2020-0001\n"},
        {"toml.md", "```toml\n[advisory]\nid = \"a\"\nid = \"b\"\n```\n"},
        {"other.txt", "no advisory at all\n"},
        {"names.txt", "# Names of components in advisories\nno colon\n"},
    };
    const char *database = fresh_database();
    fps_advisory_import_result result;
    assert_int_equal(import(database, "good", document("ruby.yml"), &result), FPS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *path = temporary_path(folder, bad[i].name);
        write_file(path, bad[i].text);
        assert_int_not_equal(import(database, "good", path, &result), FPS_OK);
        assert_answers(database, "gem/acme", "1.5.4", "CVE-2013-0269 affected 1.5.5");
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    const char *database = fresh_database();
    static const char *const names[] = {"deep.json", "deep.yaml", "deep.md"};
    static const char *const starts[] = {"", "a: ", "```toml\na = "};
    fps_advisory_import_result result;
    for (size_t i = 0; i < 3; i++) {
        const char *path = temporary_path(folder, names[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(starts[i], file);
        for (int k = 0; k < DEEP; k++)
            fputc('[', file);
        fputs("\n```\n", file);
        fclose(file);
        assert_int_not_equal(import(database, "deep", path, &result), FPS_OK);
    }
}

static void damaged_databases_of_others_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"grype.db", "trivy.db"};
    for (size_t i = 0; i < 2; i++) {
        const char *path = temporary_path(folder, names[i]), *database = fresh_database();
        FILE *from = fopen(document(names[i]), "rb"), *to = fopen(path, "wb");
        char bytes[65536];
        fps_advisory_import_result result;
        assert_true(from && to);
        size_t size = fread(bytes, 1, sizeof bytes, from);
        for (size_t k = 4096; k < size; k += 3)
            bytes[k] = (char)(bytes[k] ^ 0x55);
        fwrite(bytes, 1, size, to);
        fclose(from);
        fclose(to);
        assert_int_not_equal(import(database, "damaged", path, &result), FPS_OK);
    }
}

static void contradictions_and_circles_do_no_harm(void **state)
{
    (void)state;
    const char *database = fresh_database(), *path = temporary_path(folder, "circle.json");
    fps_advisory_import_result result;
    write_file(
        path,
        "[{\"id\": \"A-1\", \"modified\": \"2020-01-01\", \"aliases\": [\"A-2\"], \"affected\": [{\"package\": {\"ecosystem\": \"npm\", \"name\": \"x\"},"
        " \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"2.0.0\"}, {\"fixed\": \"1.0.0\"}]}]}]},"
        " {\"id\": \"A-2\", \"modified\": \"2020-01-01\", \"aliases\": [\"A-1\", \"A-2\"], \"affected\": [{\"package\": {\"ecosystem\": \"npm\", \"name\": \"x\"},"
        " \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"0\"}, {\"fixed\": \"3.0.0\"}]}]}]},"
        " {\"modified\": \"2020-01-01\", \"affected\": []}, 7]");
    assert_int_equal(import(database, "c", path, &result), FPS_OK);
    assert_int_equal(result.records, 2);
    assert_int_equal(result.bad, 2);
    assert_answers(database, "npm/x", "1.5.0", "A-2 affected 3.0.0");
}

/* The shapes of GO-2025-4168, GO-2024-3313, GO-2024-2858, GO-2024-3005, GO-2025-3380 and one of a fix in a commit alone: what the module proxy knows of a project's releases. */
static void releases_of_go_modules_have_ranges_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *version, *says[6];
    } rows[] = {
        {"v0.0.0-20240101000000-0123456789ab",
         {"A-1 conditional", "A-1 affected 0.0.0-20240708073652-5a492a3f0036", "", "", "",
          "A-1 affected 0.0.0-20240708073652-5a492a3f0036"}},
        {"v0.0.0-20250101000000-0123456789ab", {"A-1 conditional", "", "", "", "", ""}},
        {"v4.0.0+incompatible", {"", "A-1 affected 5.21.2", "", "", "", ""}},
        {"v5.1.0+incompatible",
         {"", "A-1 affected 5.21.2", "A-1 affected 5.21.2", "A-1 affected 5.2.0", "", "A-1 conditional"}},
        {"v5.3.0+incompatible",
         {"", "A-1 affected 5.21.2", "A-1 affected 5.21.2", "", "A-1 affected 5.4.0", "A-1 conditional"}},
        {"v10.5.3+incompatible",
         {"A-1 affected 10.5.13", "", "", "", "A-1 affected 10.5.13", "A-1 conditional"}},
        {"v10.5.13+incompatible", {"", "", "", "", "", "A-1 conditional"}},
    };
    static const struct {
        const char *events, *customs;
    } shapes[] = {
        {"{\"introduced\": \"0\"}", "{\"introduced\": \"10.5.0\"}, {\"fixed\": \"10.5.13\"}"},
        {"{\"introduced\": \"0\"}, {\"fixed\": \"0.0.0-20240708073652-5a492a3f0036\"}",
         "{\"introduced\": \"0\"}, {\"fixed\": \"5.21.2\"}"},
        {"{\"introduced\": \"5.0.0\"}", "{\"introduced\": \"0\"}, {\"fixed\": \"5.21.2\"}"},
        {"{\"introduced\": \"5.0.0\"}, {\"fixed\": \"5.2.0\"}",
         "{\"introduced\": \"0\"}, {\"fixed\": \"5.21.2\"}"},
        {"{\"introduced\": \"0\"}, {\"fixed\": \"5.4.0\"}, {\"introduced\": \"10.5.3\"}, {\"fixed\": \"10.5.13\"}",
         "{\"introduced\": \"5.2.0\"}"},
        {"{\"introduced\": \"0\"}, {\"fixed\": \"0.0.0-20240708073652-5a492a3f0036\"}",
         "{\"introduced\": \"5.0.0\"}"},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char text[1024];
        const char *database = fresh_database(), *path = temporary_path(folder, "go.json");
        fps_advisory_import_result result;
        snprintf(
            text, sizeof text,
            "{\"id\": \"A-1\", \"modified\": \"2026-01-01\", \"affected\": [{\"package\": {\"ecosystem\": \"Go\", \"name\": \"example.com/m\"},"
            " \"ranges\": [{\"type\": \"SEMVER\", \"events\": [%s]}],"
            " \"ecosystem_specific\": {\"custom_ranges\": [{\"type\": \"ECOSYSTEM\", \"events\": [%s]}]}}]}",
            shapes[i].events, shapes[i].customs);
        write_file(path, text);
        assert_int_equal(import(database, "go", path, &result), FPS_OK);
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            assert_answers(database, "golang/example.com/m", rows[k].version, rows[k].says[i]);
    }
}

static void a_newer_database_is_refused(void **state)
{
    (void)state;
    const char *database = fresh_database();
    char command[512];
    fps_advisory_import_result result;
    fps_error error;
    assert_int_equal(import(database, "a", document("ruby.yml"), &result), FPS_OK);
    FILE *file = fopen(database, "r+b"); /* user_version is at byte 60 */
    assert_non_null(file);
    fseek(file, 63, SEEK_SET);
    fputc(99, file);
    fclose(file);
    fps_advisory_database *advisories;
    assert_int_equal(fps_advisory_open(&advisories, database, &error), FPS_ERROR_VERSION);
    assert_int_equal(import(database, "a", document("kev.json"), &result), FPS_ERROR_VERSION);
    snprintf(command, sizeof command, "%s", document("osv.json"));
    assert_int_equal(fps_advisory_open(&advisories, command, &error), FPS_ERROR_FORMAT);
}

/* Two writers at once: both sources are there as a whole at the end. */
static void two_writers_wait_for_each_other(void **state)
{
    (void)state;
    const char *database = fresh_database();
    fps_advisory_import_result result;
    assert_int_equal(import(database, "first", document("names.txt"), &result), FPS_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child)
        _exit(import(database, "a", document("ruby.yml"), &result) == FPS_OK ? 0 : 1);
    assert_int_equal(import(database, "b", document("rustsec.md"), &result), FPS_OK);
    int code;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    assert_answers(database, "gem/acme", "1.5.4", "CVE-2013-0269 affected 1.5.5");
    assert_answers(database, "cargo/acme", "0.6.3", "CVE-2020-1111 affected 0.6.4");
}

/* ---- changelogs ---- */

static fps_status take_fact(void *user, const fps_advisory_fact *fact)
{
    char *text = user;
    size_t used = strlen(text);
    snprintf(text + used, 1024 - used, "%s %s %s %d\n", fact->source, fact->version, fact->cve,
             fact->negative);
    return FPS_OK;
}

static void changelogs_give_facts(void **state)
{
    (void)state;
    const char *path = temporary_path(folder, "changelog");
    char text[1024] = "";
    fps_error error;
    write_file(
        path,
        "acme (1.2-3) unstable; urgency=medium\n\n  * Fix CVE-2023-0001, and CVE-2011-\n    3389.\n  * CVE-2023-0002 does not affect this version.\n\n"
        " -- A <a@example.com>  Mon, 01 Jan 2024 00:00:00 +0000\n\noldname (1.0-1) unstable; urgency=low\n\n  * cve-2020-0003: fixed.\n  * CVE-2019-{0004, 00051,}: x, CVE-2019-{12.\n\n"
        " -- A <a@example.com>  Mon, 01 Jan 2020 00:00:00 +0000\n");
    assert_int_equal(fps_advisory_changelog(&path, 1, take_fact, text, &error), FPS_OK);
    assert_string_equal(
        text,
        "acme 1.2-3 CVE-2023-0001 0\nacme 1.2-3 CVE-2011-3389 0\nacme 1.2-3 CVE-2023-0002 1\nacme 1.0-1 CVE-2020-0003 0\n"
        "acme 1.0-1 CVE-2019-0004 0\nacme 1.0-1 CVE-2019-00051 0\n");
    write_file(path, "nothing of this kind\n");
    assert_int_equal(fps_advisory_changelog(&path, 1, take_fact, text, &error), FPS_ERROR_FORMAT);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(temporary_name(folder, "fps-feed")) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[TEMPORARY_SIZE + 16];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_says_what_its_document_says),
        cmocka_unit_test(a_source_is_replaced_as_a_whole_and_removed),
        cmocka_unit_test(a_folder_and_an_archive_give_the_same),
        cmocka_unit_test(show_and_diff_name_what_is_there),
        cmocka_unit_test(pack_keeps_what_the_catalogue_names),
        cmocka_unit_test(a_bad_file_changes_nothing),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(damaged_databases_of_others_are_refused),
        cmocka_unit_test(contradictions_and_circles_do_no_harm),
        cmocka_unit_test(releases_of_go_modules_have_ranges_of_their_own),
        cmocka_unit_test(a_newer_database_is_refused),
        cmocka_unit_test(two_writers_wait_for_each_other),
        cmocka_unit_test(changelogs_give_facts),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
