/* Golden cases: what the shipped advisory database says of releases whose vulnerabilities are known from elsewhere. The table
 * advisory_golden.tsv has a case a line, each with its source. */
#include "advisory/advisory_space.h"
#include "result/result_build.h"

#include <fpscan/advisory.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 6, MAX_CANDIDATES = 40 };

/* expect, vulnerability, subject, version, owner, source */
typedef struct golden {
    char *expect, *id, *subject, *version, *owner, *source;
} golden;

/* "debian/11/openssl@1.1.1n-0+deb11u4": the package that owns the file. */
static void add_owner(fps_result *result, char *owner)
{
    char *release = strchr(owner, '/'), *name = release ? strchr(release + 1, '/') : NULL,
         *at = name ? strchr(name, '@') : NULL;
    assert_non_null(at);
    *release++ = *name++ = *at++ = '\0';
    const fps_package package = {.kind = strcmp(owner, "alpine") ? FPS_PACKAGE_DEB : FPS_PACKAGE_APK,
                                 .name = name,
                                 .version = at,
                                 .architecture = "",
                                 .source = name,
                                 .source_version = at,
                                 .supplier = "",
                                 .license = "",
                                 .purl = "",
                                 .location = "/var/lib/dpkg/status",
                                 .layer = UINT32_MAX,
                                 .parent = UINT32_MAX};
    result->info.os_id = owner;
    result->info.os_version_id = release;
    assert_int_equal(FPS__ARRAY_PUSH(&result->packages, &package, 10), FPS_OK);
}

static void add_language_package(fps_result *result, const char *purl, const char *version)
{
    const struct {
        const char *start;
        fps_package_kind kind;
    } kinds[] = {{"pkg:pypi", FPS_PACKAGE_PYPI},
                 {"pkg:npm", FPS_PACKAGE_NPM},
                 {"pkg:gem", FPS_PACKAGE_GEM},
                 {"pkg:maven", FPS_PACKAGE_MAVEN}};
    fps_package package = {.kind = FPS_PACKAGE_GENERIC,
                           .name = purl,
                           .version = version,
                           .source = "",
                           .source_version = "",
                           .purl = purl,
                           .location = "/app"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strncmp(purl, kinds[i].start, strlen(kinds[i].start)))
            package.kind = kinds[i].kind;
    package.layer = package.parent = UINT32_MAX;
    assert_int_equal(FPS__ARRAY_PUSH(&result->packages, &package, 10), FPS_OK);
}

/* "1.1.1k|1.1.1l+": the candidates; "+" behind: or newer, "-" before: or older. */
static fps_version_answer read_answer(char *text, const char **candidates)
{
    fps_version_answer answer = {.candidates = candidates};
    size_t length = strlen(text);
    answer.open_above = length && text[length - 1] == '+';
    answer.open_below = *text == '-';
    if (answer.open_above)
        text[length - 1] = '\0';
    text += answer.open_below;
    for (char *word = strtok(text, "|"); word && answer.candidate_count < MAX_CANDIDATES;
         word = strtok(NULL, "|"))
        candidates[answer.candidate_count++] = word;
    answer.kind = answer.candidate_count == 1 && !answer.open_above && !answer.open_below
                      ? FPS_VERSION_EXACT
                      : FPS_VERSION_INTERVAL;
    answer.version = answer.kind == FPS_VERSION_EXACT ? candidates[0] : NULL;
    return answer;
}

/* "openssl=cpe:2.3:a:openssl:openssl": a component in one file. */
static void add_component(fps_result *result, char *subject, const fps_version_answer *answer)
{
    static const uint32_t findings[] = {0};
    char *cpe = strchr(subject, '=');
    assert_non_null(cpe);
    *cpe++ = '\0';
    const fps_component component = {.id = subject,
                                     .name = subject,
                                     .purl = "",
                                     .cpe = cpe,
                                     .version = answer,
                                     .findings = findings,
                                     .finding_count = 1};
    const fps_file file = {.path = "/usr/lib/lib.so",
                           .layer = UINT32_MAX,
                           .owner = result->packages.count ? 0 : UINT32_MAX,
                           .findings_count = 1};
    const fps_finding finding = {.state = FPS_STATE_PRESENT, .introduced = UINT32_MAX, .version = *answer};
    assert_int_equal(FPS__ARRAY_PUSH(&result->components, &component, 10), FPS_OK);
    assert_int_equal(FPS__ARRAY_PUSH(&result->files, &file, 10), FPS_OK);
    assert_int_equal(FPS__ARRAY_PUSH(&result->findings, &finding, 10), FPS_OK);
}

/* What the result says of the vulnerability: "affected", "conditional", "depends:1.1.1k|1.1.1l", "fixed", "not". */
static void describe(const fps_result *result, const char *id, char *text, size_t size)
{
    const fps_vulnerability *vulnerability;
    snprintf(text, size, "not");
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(result, i)); i++) {
        bool named = !strcmp(vulnerability->id, id);
        for (size_t k = 0; k < vulnerability->name_count; k++)
            named = named || !strcmp(vulnerability->names[k], id);
        if (!named)
            continue;
        if (vulnerability->suppression != FPS_SUPPRESSED_NOT) {
            snprintf(text, size, "%s", fps_suppression_name(vulnerability->suppression));
            return;
        }
        snprintf(text, size, "%s", fps_verdict_name(vulnerability->verdict));
        for (size_t k = 0; k < vulnerability->affected_count; k++) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%c%s", k ? '|' : ':', vulnerability->affected[k]);
        }
        return;
    }
}

static bool judge(fps_advisory_database *database, const golden *row, char *got, size_t size)
{
    const char *candidates[MAX_CANDIDATES];
    fps_version_answer answer;
    fps_result *result;
    fps_error error;
    const fps_advisory_options options = {.keep_suppressed = true};
    assert_int_equal(fps__result_create(&result, &error), FPS_OK);
    result->info.os_id = result->info.os_version_id = result->info.os_name = "";
    if (strcmp(row->owner, "-") != 0)
        add_owner(result, row->owner);
    if (!strncmp(row->subject, "pkg:", 4)) {
        add_language_package(result, row->subject, row->version);
    } else if (strcmp(row->subject, "-") != 0) {
        answer = read_answer(row->version, candidates);
        add_component(result, row->subject, &answer);
    }
    assert_int_equal(fps_advisory_match(database, result, &options, &error), FPS_OK);
    describe(result, row->id, got, size);
    fps_result_free(result);
    return !strcmp(got, row->expect);
}

static void shipped_database_judges_golden_cases(void **state)
{
    (void)state;
    const char *root = getenv("FPS_SOURCE");
    char path[512], line[2048], got[1024];
    fps_advisory_database *database;
    fps_error error;
    size_t cases = 0, wrong = 0;
    assert_non_null(root);
    snprintf(path, sizeof path, "%s/signatures/advisories.fpav", root);
    assert_int_equal(fps_advisory_open(&database, path, &error), FPS_OK);
    snprintf(path, sizeof path, "%s/tests/unit/advisory_golden.tsv", root);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        golden row;
        char **columns[COLUMNS] = {&row.expect, &row.id, &row.subject, &row.version, &row.owner, &row.source},
             *at = line;
        if (*line == '#' || *line == '\n')
            continue;
        char copy[sizeof line];
        strcpy(copy, line);
        for (size_t i = 0; i < COLUMNS; i++) {
            *columns[i] = strsep(&at, "\t\n");
            assert_non_null(*columns[i]);
        }
        cases++;
        if (!judge(database, &row, got, sizeof got)) {
            print_error("%s: %s", got, copy);
            wrong++;
        }
    }
    fclose(file);
    fps_advisory_free(database);
    assert_true(cases >= 100);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_database_judges_golden_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
