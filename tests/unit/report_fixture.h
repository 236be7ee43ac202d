/* A hand-made result for the tests of reports: ordinary findings, hostile texts, every kind of version
 * answer. */
#ifndef REPORT_FIXTURE_H
#define REPORT_FIXTURE_H

#include "result/result_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Terminal escape, C1 control, a right-to-left override, an overlong sequence, a lone surrogate, quotes and a
 * backslash. */
#define HOSTILE                                                                                              \
    "evil\033[31m\xC2\x9B"                                                                                   \
    "2J\xE2\x80\xAE\xC0\xAF\xED\xA0\x80\xFF\"\\<>&\r\n\t\x7F"

/* Facts of the components; the index is what a finding names. */
enum { ZLIB, OPENSSL, GLIBC, EVIL, CURL, FIXTURE_COMPONENTS };

static const fps_component fixture_components[FIXTURE_COMPONENTS] = {
    {.id = "zlib",
     .name = "zlib",
     .purl = "pkg:generic/zlib",
     .cpe = "cpe:2.3:a:zlib:zlib",
     .license = "Zlib",
     .family = "zlib"},
    {.id = "openssl",
     .name = "OpenSSL",
     .purl = "pkg:generic/openssl?vendor=x",
     .cpe = "cpe:2.3:a:openssl:openssl",
     .license = "Apache-2.0",
     .family = ""},
    {.id = "glibc",
     .name = "glibc",
     .purl = "",
     .cpe = "",
     .license = "LGPL-2.1-or-later",
     .family = "",
     .role = FPS_COMPONENT_RUNTIME},
    {.id = HOSTILE,
     .name = HOSTILE,
     .purl = "pkg:generic/" HOSTILE,
     .cpe = "cpe:2.3:" HOSTILE,
     .license = HOSTILE,
     .family = HOSTILE},
    {.id = "curl",
     .name = "curl",
     .purl = "pkg:generic/curl",
     .cpe = "cpe:2.3:a:haxx:curl",
     .license = "curl",
     .family = "",
     .role = FPS_COMPONENT_PROGRAM},
};

static inline uint32_t fixture_file(fps_result *result, const char *path)
{
    if (FPS__ARRAY_RESERVE(&result->files, 1, 1000) != FPS_OK)
        abort();
    static const uint8_t sha1[20] = {0xda, 0x39, 0xa3};
    fps_file file = {.path = path,
                     .sha1 = sha1,
                     .size = 4096,
                     .format = FPS_FORMAT_ELF,
                     .machine = "x86-64",
                     .type = FPS_OBJECT_SHARED,
                     .layer = UINT32_MAX,
                     .owner = UINT32_MAX};
    result->files.items[result->files.count] = file;
    return (uint32_t)result->files.count++;
}

/* `versions` are words separated by spaces. */
static inline fps_version_answer fixture_version(fps_result *result, fps_version_kind kind,
                                                 const char *versions)
{
    fps_version_answer answer = {.kind = kind, .confidence = 0.9};
    const char **list = fps__arena_array(&result->arena, strlen(versions) + 1, sizeof *list);
    for (const char *p = versions; *p;) {
        size_t length = strcspn(p, " ");
        list[answer.candidate_count++] = fps__arena_text(&result->arena, p, length);
        p += length + (p[length] == ' ');
    }
    answer.candidates = list;
    answer.version = kind == FPS_VERSION_EXACT ? list[0] : NULL;
    return answer;
}

static inline fps_finding *fixture_finding(fps_result *result, uint32_t file, uint32_t component,
                                           fps_state state, fps_version_answer version)
{
    if (FPS__ARRAY_RESERVE(&result->findings, 1, 1000) != FPS_OK)
        abort();
    fps_evidence *evidence = fps__arena_array(&result->arena, 2, sizeof *evidence);
    evidence[0] = (fps_evidence){.file = file,
                                 .kind = FPS_EVIDENCE_LITERAL,
                                 .offset = 0x1234,
                                 .address = 0xffffffff81000000u,
                                 .weight = 0.95,
                                 .text = "inflate 1.2.13 Copyright",
                                 .unit = "inflate.o"};
    evidence[1] = (fps_evidence){.file = file,
                                 .kind = FPS_EVIDENCE_NAME,
                                 .offset = UINT64_C(0xfffffffffff),
                                 .weight = 0.5,
                                 .text = "inflateInit2_",
                                 .unit = ""};
    fps_finding *finding = &result->findings.items[result->findings.count++];
    *finding = (fps_finding){.component = component,
                             .file = file,
                             .state = state,
                             .introduced = UINT32_MAX,
                             .confidence = 0.97,
                             .coverage = 0.83,
                             .share = 0.5,
                             .units_active = 5,
                             .units_total = 7,
                             .literals = 37,
                             .names = 4,
                             .version = version,
                             .evidence = evidence,
                             .evidence_count = 2,
                             .evidence_total = 41};
    return finding;
}

enum { FIXTURE_FUNCTIONS = 100, FIXTURE_UNITS = 25 };

/* Gives a finding 100 functions of 100 bytes in 25 units, the first of which is the heaviest. Each begins 80
 * bytes behind the one before, so that they cover 8,020 bytes together. Every second has a name. */
static inline void fixture_functions(fps_result *result, fps_finding *finding)
{
    fps_evidence *evidence = fps__arena_array(&result->arena, FIXTURE_FUNCTIONS, sizeof *evidence);
    for (unsigned i = 0; i < FIXTURE_FUNCTIONS; i++) {
        char unit[32], name[32];
        snprintf(unit, sizeof unit, "unit_%02u.o", i < 10 ? 0 : i % FIXTURE_UNITS);
        snprintf(name, sizeof name, "function_%u", i);
        evidence[i] = (fps_evidence){.file = finding->file,
                                     .kind = FPS_EVIDENCE_FUNCTION,
                                     .offset = 0x1000 + 80 * (uint64_t)i,
                                     .address = 0x401000 + 80 * (uint64_t)i,
                                     .weight = 0.75,
                                     .text = i % 2 ? "" : fps__arena_string(&result->arena, name),
                                     .unit = fps__arena_string(&result->arena, unit),
                                     .instructions = 20 + i,
                                     .size = 100};
    }
    finding->evidence = evidence;
    finding->evidence_count = finding->evidence_total = finding->functions = FIXTURE_FUNCTIONS;
}

static inline void fixture_diagnostic(fps_result *result, fps_diagnostic_level level, const char *code,
                                      const char *path, uint64_t offset)
{
    if (FPS__ARRAY_RESERVE(&result->diagnostics, 1, 1000) != FPS_OK)
        abort();
    fps_diagnostic diagnostic = {level, code, path, offset, "the section ends behind the file"};
    result->diagnostics.items[result->diagnostics.count++] = diagnostic;
}

static inline fps_result *fixture_empty(void)
{
    fps_result *result = NULL;
    if (fps__result_create(&result, NULL) != FPS_OK ||
        FPS__ARRAY_RESERVE(&result->components, FIXTURE_COMPONENTS, 1000) != FPS_OK)
        abort();
    memcpy(result->components.items, fixture_components, sizeof fixture_components);
    result->components.count = FIXTURE_COMPONENTS;
    result->info = (fps_result_info){.target = "/rootfs",
                                     .target_type = "directory",
                                     .entries = 20,
                                     .regular_files = 12,
                                     .objects = 5,
                                     .bytes = 1234567};
    return result;
}

static inline void fixture_own(fps_result *r, const uint32_t file[5])
{
    fixture_finding(r, file[1], ZLIB, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_EXACT, "1.2.13"));
    fps_finding *f = fixture_finding(r, file[0], OPENSSL, FPS_STATE_PRESENT,
                                     fixture_version(r, FPS_VERSION_INTERVAL, "3.0.9 3.0.10 3.0.11"));
    f->renamed = true;
    f->admitted_by = "literals";
    f->version.template_version = "3.0.10";
    f->version.note = "the text says 3.0.10, code of 3.0.11 is there";
    fixture_finding(r, file[0], GLIBC, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_UNKNOWN, ""));
}

/* Makes a finding an answer of a family: it is its component, "boringssl" or "libressl". */
static inline void fixture_family(fps_result *result, fps_finding *finding)
{
    static const fps_relative relatives[] = {
        {"libressl", "LibreSSL", "", "cpe:2.3:a:openbsd:libressl"},
        {"boringssl", "BoringSSL", "pkg:github/google/boringssl", "cpe:2.3:a:google:boringssl"}};
    finding->relatives =
        memcpy(fps__arena_array(&result->arena, 2, sizeof *relatives), relatives, sizeof relatives);
    finding->relative_count = 2;
}

static inline void fixture_others(fps_result *r, const uint32_t file[5])
{
    fps_finding *f =
        fixture_finding(r, file[2], ZLIB, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_EXACT, "1.2.13"));
    f->linkage = FPS_LINKAGE_STATIC;
    f->confidence = 0.999;
    f = fixture_finding(r, file[3], ZLIB, FPS_STATE_LIKELY,
                        fixture_version(r, FPS_VERSION_INTERVAL, "1.3.1"));
    f->version.open_above = true;
    f->linkage = FPS_LINKAGE_EMBEDDED;
    f = fixture_finding(r, file[3], OPENSSL, FPS_STATE_LIKELY,
                        fixture_version(r, FPS_VERSION_EXACT, "1.0.2"));
    f->linkage = FPS_LINKAGE_STATIC;
    f->doubt = FPS_DOUBT_ONE_FILE;
    f->against = fps_doubt_text(f->doubt);
    fixture_family(r, f);
    f = fixture_finding(r, file[2], OPENSSL, FPS_STATE_PRESENT,
                        fixture_version(r, FPS_VERSION_EXACT, "1.1.1"));
    f->linkage = FPS_LINKAGE_STATIC;
    fixture_family(r, f);
    f = fixture_finding(r, file[2], OPENSSL, FPS_STATE_MENTIONED,
                        fixture_version(r, FPS_VERSION_UNKNOWN, ""));
    f->linkage = FPS_LINKAGE_DYNAMIC;
    f->uses = 12;
    f->literals = f->names = 0;
    f->against = "its literals are not there";
    f = fixture_finding(r, file[2], CURL, FPS_STATE_PRESENT,
                        fixture_version(r, FPS_VERSION_INTERVAL, "7.88.0 7.88.1"));
    fps_version_score *scores = fps__arena_array(&r->arena, 2, sizeof *scores);
    scores[0] = (fps_version_score){"7.88.1", true, 40, 0, .875, NULL, false};
    scores[1] = (fps_version_score){"7.87.0", true, 30, 10, .0025, HOSTILE, false};
    f->version.scores = scores;
    f->version.score_count = 2;
    f->version.toolchain = "gcc-12";
    fixture_functions(r, f);
    fps_file *prog = &r->files.items[file[2]];
    prog->code_bytes = 20000;
    prog->code_attributed = 8020;
    prog->code_generic = 2000;
    f = fixture_finding(r, file[4], EVIL, FPS_STATE_PRESENT,
                        fixture_version(r, FPS_VERSION_EXACT, "1\033]0;x\a"));
    f->evidence = memcpy(
        fps__arena_array(&r->arena, 1, sizeof(fps_evidence)),
        &(fps_evidence){.kind = FPS_EVIDENCE_RULE, .text = HOSTILE, .unit = HOSTILE, .offset = UINT64_MAX},
        sizeof(fps_evidence));
    f->evidence_count = 1;
    f->version.note = HOSTILE;
    f->against = HOSTILE;
    f->admitted_by = HOSTILE;
}

/* The whole sample, gathered in a shuffled order when `backwards`, and finished. */
static inline fps_result *fixture_sample(bool backwards)
{
    static const fps_database_info set = {.name = "base\033[1m",
                                          .creator = "sigbuild 0.1",
                                          .parameters = "literal=1",
                                          .version_major = 1,
                                          .digest = {0xde, 0xad},
                                          .size = 1 << 20,
                                          .components = 120};
    static const char *const paths[5] = {"/usr/lib/libfoo.so", "/usr/lib/libz.so.1", "/usr/bin/prog",
                                         "/opt/embed", "/tmp/" HOSTILE};
    fps_result *r = fixture_empty();
    uint32_t file[5];
    for (int i = 0; i < 5; i++) {
        int which = backwards ? 4 - i : i;
        file[which] = fixture_file(r, paths[which]);
    }
    (backwards ? fixture_others : fixture_own)(r, file);
    (backwards ? fixture_own : fixture_others)(r, file);
    fixture_diagnostic(r, FPS_DIAGNOSTIC_PARTIAL, "truncated-section", "/opt/embed", 512);
    fixture_diagnostic(r, FPS_DIAGNOSTIC_NOTE, "pseudo", NULL, UINT64_MAX);
    fixture_diagnostic(r, FPS_DIAGNOSTIC_PARTIAL, "unreadable", "/tmp/" HOSTILE, UINT64_MAX);
    r->info.databases = &set;
    r->info.database_count = 1;
    if (fps__result_finish(r, NULL) != FPS_OK)
        abort();
    return r;
}

/* ---- an image with packages and drift ---- */

enum { BASE_LAYER, APP_LAYER, CLEAN_LAYER, FIXTURE_LAYERS };
enum { RSYNC, ZLIB_PACKAGE, EVIL_PACKAGE, WHEEL, WHEEL_AGAIN, FIXTURE_PACKAGES };

static const fps_layer fixture_layers[FIXTURE_LAYERS] = {
    {.index = 0,
     .digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111",
     .diff_id = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     .created_by = "ADD rootfs",
     .media_type = "application/vnd.oci.image.layer.v1.tar+gzip",
     .size = 1000,
     .base = true,
     .read = true},
    {.index = 1,
     .digest = "",
     .diff_id = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
     .created_by = "RUN " HOSTILE,
     .media_type = "",
     .size = 2000,
     .read = true},
    {.index = 2,
     .digest = "sha256:3333333333333333333333333333333333333333333333333333333333333333",
     .diff_id = "",
     .created_by = "",
     .media_type = "",
     .size = 0},
};

static const uint32_t fixture_depends[] = {ZLIB_PACKAGE, EVIL_PACKAGE};

static const fps_package fixture_packages[FIXTURE_PACKAGES] = {
    {.kind = FPS_PACKAGE_DEB,
     .name = "rsync",
     .version = "3.2.7-1",
     .architecture = "amd64",
     .source = "rsync",
     .source_version = "3.2.7-1",
     .license = "GPL-3+ with OpenSSL exception",
     .purl = "pkg:deb/debian/rsync@3.2.7-1?arch=amd64&distro=debian-12",
     .location = "/var/lib/dpkg/status",
     .layer = APP_LAYER,
     .parent = UINT32_MAX,
     .depends = fixture_depends,
     .depend_count = 2,
     .owned = 12},
    {.kind = FPS_PACKAGE_DEB,
     .name = "zlib1g",
     .version = "1:1.2.13.dfsg-1",
     .architecture = "amd64",
     .source = "zlib",
     .source_version = "1:1.2.13.dfsg-1",
     .license = "Zlib OR (MIT AND GPL-2.0-only WITH Classpath-exception-2.0)",
     .purl = "pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=debian-12",
     .location = "/var/lib/dpkg/status",
     .layer = BASE_LAYER,
     .parent = UINT32_MAX,
     .owned = 3},
    {.kind = FPS_PACKAGE_RPM,
     .name = HOSTILE,
     .version = HOSTILE,
     .architecture = HOSTILE,
     .source = "=cmd|' /C calc'!A0",
     .source_version = HOSTILE,
     .license = HOSTILE,
     .purl = "pkg:rpm/" HOSTILE,
     .location = HOSTILE,
     .layer = UINT32_MAX,
     .parent = UINT32_MAX},
    {.kind = FPS_PACKAGE_PYPI,
     .name = "numpy",
     .version = "1.26.0",
     .architecture = "",
     .source = "",
     .source_version = "",
     .license = "",
     .purl = "pkg:pypi/numpy@1.26.0",
     .location = "/opt/a/numpy.dist-info/METADATA",
     .layer = APP_LAYER,
     .parent = RSYNC},
    {.kind = FPS_PACKAGE_PYPI,
     .name = "numpy",
     .version = "1.26.0",
     .architecture = "",
     .source = "",
     .source_version = "",
     .license = "BSD-3-Clause",
     .purl = "pkg:pypi/numpy@1.26.0",
     .location = "/opt/b/numpy.dist-info/METADATA",
     .layer = APP_LAYER,
     .parent = UINT32_MAX},
};

static const fps_image fixture_image_facts = {
    .format = "oci-archive",
    .reference = "example.org/team/Shop:1.0",
    .manifest = "sha256:4444444444444444444444444444444444444444444444444444444444444444",
    .config = "sha256:5555555555555555555555555555555555555555555555555555555555555555",
    .os = "linux",
    .architecture = "amd64",
    .variant = "",
    .os_version = "",
    .base_source = FPS_BASE_GUESS,
    .base_name = "",
    .base_digest = "",
    .base_layers = 1};

/* A file of the image: its layer, what it looks like from above, and its owner. */
static inline uint32_t fixture_image_file(fps_result *r, const char *path, uint32_t layer,
                                          fps_visibility visibility, uint32_t owner)
{
    uint32_t index = fixture_file(r, path);
    fps_file *file = &r->files.items[index];
    file->layer = layer;
    file->visibility = visibility;
    file->owner = owner;
    return index;
}

static inline fps_finding *fixture_found(fps_result *r, uint32_t file, uint32_t component,
                                         const char *version, fps_linkage linkage)
{
    fps_finding *f = fixture_finding(r, file, component, FPS_STATE_PRESENT,
                                     fixture_version(r, FPS_VERSION_EXACT, version));
    f->linkage = linkage;
    f->introduced = r->files.items[file].layer;
    return f;
}

/* The place of a path after the files were sorted. */
static inline uint32_t fixture_place(const fps_result *r, const char *path)
{
    for (uint32_t i = 0; i < r->files.count; i++)
        if (strcmp(r->files.items[i].path, path) == 0)
            return i;
    abort();
}

static inline void fixture_drift(fps_result *r)
{
    const fps_drift items[] = {
        {FPS_DRIFT_UNOWNED, FPS_DRIFT_LEVEL_DRIFT, "/opt/a b%/tool", fixture_place(r, "/opt/a b%/tool"),
         UINT32_MAX, UINT32_MAX, NULL, NULL, NULL, "no package claims this executable", NULL},
        {FPS_DRIFT_COMPONENT, FPS_DRIFT_LEVEL_NOTE, "/usr/bin/rsync", fixture_place(r, "/usr/bin/rsync"),
         RSYNC, UINT32_MAX, "openssl", NULL, "3.0.9", "rsync holds openssl 3.0.9, which it does not name",
         NULL},
        {FPS_DRIFT_VERSION, FPS_DRIFT_LEVEL_DRIFT, "/usr/bin/rsync", fixture_place(r, "/usr/bin/rsync"),
         RSYNC, ZLIB_PACKAGE, "zlib", "1:1.2.13.dfsg-1", "1.2.8", "zlib 1.2.8 is inside, zlib1g says 1.2.13",
         NULL},
        {FPS_DRIFT_MISSING, FPS_DRIFT_LEVEL_DRIFT, "/usr/bin/" HOSTILE, UINT32_MAX, EVIL_PACKAGE, UINT32_MAX,
         NULL, HOSTILE, HOSTILE, HOSTILE, NULL},
        {FPS_DRIFT_DIGEST, FPS_DRIFT_LEVEL_DRIFT, "/usr/bin/rsync", fixture_place(r, "/usr/bin/rsync"), RSYNC,
         UINT32_MAX, NULL, "d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661",
         "the MD5 digest differs", NULL},
    };
    r->drift =
        memcpy(fps__arena_array(&r->arena, sizeof items / sizeof *items, sizeof *items), items, sizeof items);
    r->drift_count = sizeof items / sizeof *items;
}

/* An image of three layers: a package with a bundled zlib of another version, a library that is what its
 * package says, a wheel inside an archive, and files that later layers hide. */
static inline fps_result *fixture_image(void)
{
    fps_result *r = fixture_empty();
    uint32_t rsync = fixture_image_file(r, "/usr/bin/rsync", APP_LAYER, FPS_VISIBILITY_VISIBLE, RSYNC);
    uint32_t libz =
        fixture_image_file(r, "/usr/lib/libz.so.1", BASE_LAYER, FPS_VISIBILITY_VISIBLE, ZLIB_PACKAGE);
    uint32_t old = fixture_image_file(r, "/usr/bin/old", BASE_LAYER, FPS_VISIBILITY_DELETED, UINT32_MAX);
    uint32_t before = fixture_image_file(r, "/opt/0", BASE_LAYER, FPS_VISIBILITY_SHADOWED, UINT32_MAX);
    uint32_t tool = fixture_image_file(r, "/opt/a b%/tool", APP_LAYER, FPS_VISIBILITY_VISIBLE, UINT32_MAX);
    uint32_t wheel = fixture_image_file(r, "/opt/app.whl", CLEAN_LAYER, FPS_VISIBILITY_VISIBLE, WHEEL);
    r->files.items[wheel].archive_path = "numpy.libs/libz-1234.so";
    fixture_found(r, rsync, ZLIB, "1.2.8", FPS_LINKAGE_STATIC)->introduced = BASE_LAYER;
    fixture_found(r, rsync, OPENSSL, "3.0.9", FPS_LINKAGE_EMBEDDED);
    fixture_found(r, libz, ZLIB, "1.2.13", FPS_LINKAGE_OWN);
    fixture_found(r, wheel, ZLIB, "1.2.13", FPS_LINKAGE_EMBEDDED);
    fixture_found(r, tool, CURL, "7.88.1", FPS_LINKAGE_OWN);
    fixture_found(r, old, CURL, "7.87.0", FPS_LINKAGE_OWN);
    fixture_found(r, before, ZLIB, "1.2.13", FPS_LINKAGE_STATIC);
    if (FPS__ARRAY_RESERVE(&r->layers, FIXTURE_LAYERS, 100) != FPS_OK ||
        FPS__ARRAY_RESERVE(&r->packages, FIXTURE_PACKAGES, 100) != FPS_OK ||
        fps__result_finish(r, NULL) != FPS_OK)
        abort();
    memcpy(r->layers.items, fixture_layers, sizeof fixture_layers);
    memcpy(r->packages.items, fixture_packages, sizeof fixture_packages);
    r->layers.count = FIXTURE_LAYERS;
    r->packages.count = FIXTURE_PACKAGES;
    fixture_drift(r);
    r->info.target = "shop.tar";
    r->info.target_type = "image";
    r->info.image = &fixture_image_facts;
    r->info.os_id = "debian";
    r->info.os_version_id = "12";
    r->info.os_name = "Debian GNU/Linux 12 (bookworm)";
    r->info.packages_known = true;
    return r;
}

/* Nothing is known of it, and no text is NULL. */
static inline fps_vulnerability fixture_empty_vulnerability(void)
{
    return (fps_vulnerability){.id = "",
                               .title = "",
                               .link = "",
                               .vector = "",
                               .component = UINT32_MAX,
                               .package = UINT32_MAX,
                               .version = "",
                               .range = "",
                               .fixed = "",
                               .note = "",
                               .source = "",
                               .advisory = "",
                               .suppressed_by = "",
                               .code = "",
                               .epss = -1,
                               .percentile = -1,
                               .kev_added = "",
                               .kev_due = "",
                               .exploitation = "",
                               .automatable = "",
                               .impact = ""};
}

static inline fps_vulnerability fixture_vulnerability(const char *id, uint32_t package)
{
    static const uint32_t packages[] = {RSYNC, ZLIB_PACKAGE};
    fps_vulnerability made = fixture_empty_vulnerability();
    made.id = made.advisory = id;
    made.title = "a fault";
    made.link = "https://example.org/a";
    made.severity = FPS_SEVERITY_HIGH;
    made.package = package;
    made.version = "1.2";
    made.verdict = FPS_VERDICT_AFFECTED;
    made.range = "before 1.3";
    made.fixed = "1.3";
    made.source = "demo";
    made.packages = &packages[package == ZLIB_PACKAGE];
    made.package_count = 1;
    return made;
}

/* The same image with a vulnerability of each verdict, with all scores that there are, and two findings that differ about one package. */
static inline fps_result *fixture_vulnerable(void)
{
    static const fps_vulnerability_source sources[] = {
        {.name = "first", .format = "epss", .date = "2026-08-21"}};
    fps_result *r = fixture_image();
    fps_vulnerability items[] = {
        fixture_vulnerability("CVE-2026-0001", RSYNC), fixture_vulnerability("CVE-2026-0001", ZLIB_PACKAGE),
        fixture_vulnerability("CVE-2026-0002", RSYNC), fixture_vulnerability("an odd name of a fault", RSYNC),
        fixture_vulnerability("CVE-2026-0003", RSYNC), fixture_vulnerability("CVE-2026-0003", RSYNC)};
    items[0].score = 9.8;
    items[0].vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    items[0].epss = .5;
    items[0].percentile = .9;
    items[0].known_exploited = true;
    items[0].kev_added = "2026-08-01";
    items[0].kev_due = "2026-08-22";
    items[1].suppression = FPS_SUPPRESSED_FIXED;
    items[1].suppressed_by = "fixed in 1.2-3 (debian: DSA-1)";
    items[2].verdict = FPS_VERDICT_CONDITIONAL;
    items[2].note = "on Windows alone";
    items[3].suppression = FPS_SUPPRESSED_VEX;
    items[3].suppressed_by = "not called (vex.json)";
    items[4].suppression =
        FPS_SUPPRESSED_FIXED; /* one file of the package has the fix, another one has not */
    items[4].suppressed_by = "patched: f in /usr/bin/rsync";
    items[4].patch = FPS_PATCH_PATCHED;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (FPS__ARRAY_PUSH(&r->vulnerabilities, &items[i], 9) != FPS_OK)
            abort();
    r->info.vulnerabilities_checked = true;
    r->info.vulnerability_sources = sources;
    r->info.vulnerability_source_count = 1;
    return r;
}

#endif
