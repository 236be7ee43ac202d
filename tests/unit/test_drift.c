/* Drift: every kind is found where it is planted, and what is no drift is silent. */
#include "inventory_fixture.h"

/* What one case is made of. Files that were looked at are lines of
 *   "PATH TYPE [visibility LAYER]" with TYPE x (executable), s (shared), r (relocatable), w (PE), a (in an
 * archive PATH!MEMBER) findings are lines of "PATH COMPONENT[|RELATIVE] STATE LINKAGE VERSION CONFIDENCE" with STATE p,
 * l, m; LINKAGE o (own), n (own, renamed), s, e, d; VERSION "1.2.8", "1.2.8..1.2.11", "~1.2.8" and
 * "~1.2.8..1.3" (open at both ends), "?" digests are lines of "PATH x": 'x' in each byte. */
typedef struct example {
    const char *name;
    const char *inventory;
    const char *layers[4];
    const char *files, *findings, *digests, *computed;
    bool verify, partial;
    const char *drift; /* "KIND LEVEL PATH COMPONENT PACKAGE OTHER CLAIMED FOUND: MESSAGE" */
} example;

typedef struct catalogue_entry {
    const char *id, *name, *sources;
    const char *releases[12];
    fps_component_role role;
} catalogue_entry;

static const catalogue_entry catalogue[] = {
    {"busybox", "BusyBox", "debian:busybox", {"1.34.0", "1.35.0", "1.36.0"}, FPS_COMPONENT_PROGRAM},
    {"curl", "curl", "debian:curl rpm:curl apk:curl", {"7.88.0", "7.88.1", "8.0.0"}, FPS_COMPONENT_LIBRARY},
    {"glibc", "glibc", "debian:glibc", {"2.31", "2.36", "2.41"}, FPS_COMPONENT_RUNTIME},
    {"libverto", "libverto", "", {"0.3.0"}, FPS_COMPONENT_LIBRARY},
    {"ncurses", "ncurses", "debian:ncurses", {"6.3", "6.4", "6.5"}, FPS_COMPONENT_LIBRARY},
    {"numpy", "NumPy", "debian:numpy pypi:numpy", {"1.24.2", "1.26.0"}, FPS_COMPONENT_LIBRARY},
    {"openssl",
     "OpenSSL",
     "debian:openssl rpm:openssl* apk:openssl",
     {"1.1.1k", "1.1.1w", "3.0.9", "3.0.15"},
     FPS_COMPONENT_LIBRARY},
    {"libssh", "libssh", "debian:libssh", {"0.10.5", "0.10.6"}, FPS_COMPONENT_LIBRARY},
    {"libuuid",
     "libuuid",
     "debian:util-linux/libuuid1",
     {"2.36.1", "2.37.2", "2.38.1", "2.39"},
     FPS_COMPONENT_LIBRARY},
    {"rsync", "rsync", "debian:rsync", {"3.2.3", "3.2.7"}, FPS_COMPONENT_PROGRAM},
    {"util-linux",
     "util-linux",
     "debian:util-linux",
     {"2.36.1", "2.37.2", "2.38.1", "2.39"},
     FPS_COMPONENT_PROGRAM},
    {"zlib",
     "zlib",
     "debian:zlib rpm:zlib apk:zlib",
     {"1.2.3", "1.2.8", "1.2.11", "1.2.13", "1.3", "1.3.1"},
     FPS_COMPONENT_LIBRARY},
};
enum { CATALOGUE = sizeof catalogue / sizeof *catalogue, MOST = 32 };

/* Everything of one run. */
typedef struct setting {
    const example *row;
    fps__inventory inventory;
    fps__ownership ownership;
    fps__tree *tree;
    fps_file files[MOST];
    uint32_t nodes[MOST];
    size_t file_count, finding_count;
    fps_finding findings[MOST];
    fps_component components[CATALOGUE];
    fps__digests digests[MOST];
    uint32_t digest_nodes[MOST];
    size_t digest_count, computed_first; /* those from computed_first on are to be asked for */
    fps__arena arena;
} setting;

static const char *sources(void *user, const char *component)
{
    (void)user;
    for (size_t i = 0; i < CATALOGUE; i++)
        if (strcmp(catalogue[i].id, component) == 0)
            return catalogue[i].sources;
    return "";
}

static const char *release(void *user, const char *component, size_t index)
{
    (void)user;
    for (size_t i = 0; i < CATALOGUE; i++)
        if (strcmp(catalogue[i].id, component) == 0)
            return index < 12 ? catalogue[i].releases[index] : NULL;
    return NULL;
}

static const char *known(void *user, size_t index)
{
    (void)user;
    return index < CATALOGUE ? catalogue[index].id : NULL;
}

static const fps__digests *find_digests(const setting *s, uint32_t node, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (s->digest_nodes[i] == node)
            return &s->digests[i];
    return NULL;
}

static const fps__digests *digests_of(void *user, uint32_t node)
{
    const setting *s = user;
    return find_digests(s, node, 0, s->computed_first);
}

static const fps__digests *compute(void *user, uint32_t node)
{
    const setting *s = user;
    return find_digests(s, node, s->computed_first, s->digest_count);
}

static uint32_t file_of(void *user, uint32_t node)
{
    const setting *s = user;
    for (size_t i = 0; i < s->file_count; i++)
        if (s->nodes[i] == node && s->files[i].visibility == FPS_VISIBILITY_VISIBLE)
            return (uint32_t)i;
    return UINT32_MAX;
}

static const char *keep(setting *s, const char *text)
{
    return fixture_copy(&s->inventory, text);
}

static void add_file(setting *s, const char *line)
{
    char path[256], type, visibility = 'v';
    unsigned layer = 0;
    assert_true(sscanf(line, "%255s %c %c %u", path, &type, &visibility, &layer) >= 2);
    fps_file *file = &s->files[s->file_count];
    char *mark = strchr(path, '!');
    if (mark)
        *mark = '\0';
    *file = (fps_file){.path = keep(s, path),
                       .archive_path = mark ? keep(s, mark + 1) : NULL,
                       .format = type == 'w' ? FPS_FORMAT_PE : FPS_FORMAT_ELF,
                       .machine = "x86-64",
                       .type = type == 's'   ? FPS_OBJECT_SHARED
                               : type == 'r' ? FPS_OBJECT_RELOCATABLE
                                             : FPS_OBJECT_EXECUTABLE,
                       .layer = layer,
                       .owner = 7, /* of the result, not of the inventory: not looked at */
                       .visibility = visibility == 'd'   ? FPS_VISIBILITY_DELETED
                                     : visibility == 's' ? FPS_VISIBILITY_SHADOWED
                                                         : FPS_VISIBILITY_VISIBLE};
    s->nodes[s->file_count] = mark ? FPS__NO_NODE : fps__tree_find(s->tree, path);
    s->file_count++;
}

static fps_version_answer read_answer(setting *s, const char *text, double confidence)
{
    fps_version_answer answer = {.kind = FPS_VERSION_UNKNOWN, .confidence = confidence};
    if (*text == '?')
        return answer;
    bool open = *text == '~'; /* at both ends */
    const char **versions = fps__arena_array(&s->arena, 2, sizeof *versions), *dots = strstr(text, "..");
    assert_non_null(versions);
    text += open;
    versions[0] = dots ? fps__arena_text(&s->arena, text, (size_t)(dots - text)) : keep(s, text);
    versions[1] = dots ? keep(s, dots + 2) : NULL;
    answer.candidates = versions;
    answer.candidate_count = dots ? 2 : 1;
    answer.kind = open || dots ? FPS_VERSION_INTERVAL : FPS_VERSION_EXACT;
    answer.version = answer.kind == FPS_VERSION_EXACT ? versions[0] : NULL;
    answer.open_below = answer.open_above = open;
    return answer;
}

static void add_finding(setting *s, const char *line)
{
    char path[256], component[64], state, linkage, version[64];
    double confidence;
    assert_int_equal(
        sscanf(line, "%255s %63s %c %c %63s %lf", path, component, &state, &linkage, version, &confidence),
        6);
    fps_finding *finding = &s->findings[s->finding_count++];
    char *bar = strchr(component, '|');
    if (bar)
        *bar = '\0';
    *finding = (fps_finding){.component = UINT32_MAX,
                             .file = UINT32_MAX,
                             .state = state == 'p'   ? FPS_STATE_PRESENT
                                      : state == 'l' ? FPS_STATE_LIKELY
                                                     : FPS_STATE_MENTIONED,
                             .linkage = linkage == 's'   ? FPS_LINKAGE_STATIC
                                        : linkage == 'e' ? FPS_LINKAGE_EMBEDDED
                                        : linkage == 'd' ? FPS_LINKAGE_DYNAMIC
                                                         : FPS_LINKAGE_OWN,
                             .renamed = linkage == 'n',
                             .confidence = .99,
                             .version = read_answer(s, version, confidence)};
    for (uint32_t i = 0; i < CATALOGUE; i++)
        if (strcmp(catalogue[i].id, component) == 0)
            finding->component = i;
    if (bar) {
        fps_relative *relative = fps__arena_array(&s->arena, 1, sizeof *relative);
        *relative = (fps_relative){keep(s, bar + 1), keep(s, bar + 1), "", ""};
        finding->relatives = relative;
        finding->relative_count = 1;
    }
    for (uint32_t i = 0; i < s->file_count; i++)
        if (strcmp(s->files[i].path, path) == 0)
            finding->file = i;
    assert_true(finding->component < CATALOGUE && finding->file < s->file_count);
}

static void add_digest(setting *s, const char *line)
{
    char path[256], letter;
    assert_int_equal(sscanf(line, "%255s %c", path, &letter), 2);
    memset(&s->digests[s->digest_count], letter, sizeof s->digests[0]);
    s->digest_nodes[s->digest_count++] = fps__tree_find(s->tree, path);
}

static void for_lines(setting *s, const char *text, void (*take)(setting *s, const char *line))
{
    while (text && *text) {
        char line[1024];
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        take(s, line);
        text += length + (text[length] == '\n');
    }
}

static const char *package_name(const setting *s, uint32_t package)
{
    return package == UINT32_MAX ? "-" : s->inventory.packages.items[package].facts.name;
}

static void describe(const setting *s, const fps_drift *items, size_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(
            text + used, size - used, "%s %s %s %s %s %s %s %s: %s\n", fps_drift_kind_name(items[i].kind),
            items[i].level == FPS_DRIFT_LEVEL_NOTE ? "note" : "drift", items[i].path,
            items[i].component ? items[i].component : "-", package_name(s, items[i].package),
            package_name(s, items[i].other), items[i].claimed ? items[i].claimed : "-",
            items[i].found ? items[i].found : "-", items[i].message);
}

static void run(setting *s, const example *row, char *text, size_t size)
{
    fps_drift *items;
    size_t count;
    *s = (setting){.row = row};
    fixture_inventory(&s->inventory, row->inventory);
    s->tree = fixture_tree(row->layers);
    assert_int_equal(fps__ownership_find(&s->ownership, &s->inventory, s->tree, 0, NULL), FPS_OK);
    for_lines(s, row->files, add_file);
    for_lines(s, row->findings, add_finding);
    for_lines(s, row->digests, add_digest);
    s->computed_first = s->digest_count;
    for_lines(s, row->computed, add_digest);
    for (size_t i = 0; i < CATALOGUE; i++)
        s->components[i] =
            (fps_component){.id = catalogue[i].id, .name = catalogue[i].name, .role = catalogue[i].role};
    fps__drift_input input = {.inventory = &s->inventory,
                              .ownership = &s->ownership,
                              .tree = s->tree,
                              .files = s->files,
                              .file_count = s->file_count,
                              .findings = s->findings,
                              .finding_count = s->finding_count,
                              .components = s->components,
                              .component_count = CATALOGUE,
                              .known = known,
                              .sources = sources,
                              .release = release,
                              .digests = digests_of,
                              .compute = compute,
                              .file_of = file_of,
                              .partial = row->partial,
                              .verify = row->verify,
                              .user = s};
    assert_int_equal(fps__drift_find(&input, &s->arena, &items, &count, NULL), FPS_OK);
    describe(s, items, count, text, size);
    fps__ownership_free(&s->ownership);
    fps__tree_free(s->tree);
    fixture_inventory_free(&s->inventory);
    fps__arena_free(&s->arena);
}

static void check(const example *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        setting s;
        char text[8192];
        run(&s, &rows[i], text, sizeof text);
        if (strcmp(text, rows[i].drift ? rows[i].drift : "") != 0)
            fail_msg("%s:\n%s--- expected:\n%s", rows[i].name, text, rows[i].drift ? rows[i].drift : "");
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

/* ---- programs that nobody owns ---- */

static void executables_that_nobody_owns(void **state)
{
    static const char base[] = "P deb base 1\nc /etc/passwd\n";
    static const example rows[] = {
        {.name = "a program, a library and a PE file; nothing that is no program",
         .inventory = base,
         .layers = {"f /etc/passwd\nf /opt/miner\nf /opt/lib.so\nf /opt/a.dat\nf /opt/x.o\nf /a.zip"},
         .files = "/opt/miner x\n/opt/lib.so s\n/opt/a.dat w\n/opt/x.o r\n/a.zip!x a",
         .drift =
             "unowned drift /opt/a.dat - - - - PE executable: no package claims this PE executable\n"
             "unowned drift /opt/lib.so - - - - ELF shared object: no package claims this ELF shared object\n"
             "unowned drift /opt/miner - - - - ELF executable: no package claims this ELF executable\n"},
        {.name = "no database says which files it has",
         .inventory = "P npm a 1\nr /app\n",
         .layers = {"f /opt/miner"},
         .files = "/opt/miner x"},
        {.name = "status.d without lists",
         .inventory = "P deb a 1\nu\n",
         .layers = {"f /opt/miner"},
         .files = "/opt/miner x"},
        {.name = "what a language package has",
         .inventory = "P deb base 1\nc /etc/passwd\nP npm sharp 1\nr /app/node_modules/sharp\n"
                      "P pypi numpy 1\nc /venv/numpy/core.so\n",
         .layers = {"f /app/node_modules/sharp/build/sharp.node\nf /venv/numpy/core.so"},
         .files = "/app/node_modules/sharp/build/sharp.node s\n/venv/numpy/core.so s"},
        {.name = "deleted and shadowed files",
         .inventory = base,
         .layers = {"f /opt/a\nf /opt/b", "w /opt/a\nl /opt/b x"},
         .files = "/opt/a x d 0\n/opt/b x s 0"},
        {.name = "alternatives, usr-merge and diversions",
         .inventory = "P deb a 1\nc /bin/vi.basic r\nc /bin/sh r\nP deb dash 1\nc /bin/sh\n"
                      "D /bin/sh /bin/sh.distrib dash\n",
         .layers = {"l /bin usr/bin\nf /usr/bin/vi.basic\nl /usr/bin/vi /etc/alternatives/vi\nl "
                    "/etc/alternatives/vi /usr/bin/vi.basic\nf /usr/bin/sh\nf /usr/bin/sh.distrib"},
         .files = "/usr/bin/vi.basic x\n/usr/bin/sh x\n/usr/bin/sh.distrib x"},
        {.name = "a maintainer script of dpkg, and not what lies beside it",
         .inventory = base,
         .layers = {"f /var/lib/dpkg/info/bash.preinst\nf /var/lib/dpkg/info/x"},
         .files = "/var/lib/dpkg/info/bash.preinst x\n/var/lib/dpkg/info/x x",
         .drift = "unowned drift /var/lib/dpkg/info/x - - - - ELF executable: no package claims this ELF "
                  "executable\n"},
        {.name = "backups of prelink, where there is prelink",
         .inventory = "P rpm prelink 1\nc /usr/sbin/prelink\n",
         .layers = {"f /usr/sbin/prelink\nf /etc/prelink.cache\nf /usr/bin/a.#prelink#"},
         .files = "/usr/bin/a.#prelink# x"},
        {.name = "a link that lost its program",
         .inventory = "P deb a 1\nc /usr/bin/a r\n",
         .layers = {"l /usr/bin/a /opt/evil\nf /opt/evil"},
         .files = "/opt/evil x",
         .drift = "unowned drift /opt/evil - - - - ELF executable: no package claims this ELF executable\n"},
    };
    (void)state;
    CHECK(rows);
}

/* ---- components and versions ---- */

#define ZLIB1G "P deb zlib1g 1:1.3.1-1 zlib\nc /usr/lib/libz.so.1.3.1 r\n"

static void versions_that_packages_contradict(void **state)
{
    static const example rows[] = {
        {.name = "scene h: rsync with its own old zlib",
         .inventory = "P deb rsync 3.2.7-1\nc /usr/bin/rsync r\n"
                      "P deb zlib1g 1:1.3.dfsg+really1.3.1-1+b1 zlib\nc /usr/lib/libz.so.1.3.1 r\n",
         .layers = {"f /usr/bin/rsync\nf /usr/lib/libz.so.1.3.1"},
         .files = "/usr/bin/rsync x\n/usr/lib/libz.so.1.3.1 s",
         .findings = "/usr/bin/rsync rsync p o 3.2.7 .98\n/usr/bin/rsync zlib p s 1.2.8 .99\n"
                     "/usr/lib/libz.so.1.3.1 zlib p o 1.3.1 .99",
         .drift =
             "version drift /usr/bin/rsync zlib rsync zlib1g 1:1.3.dfsg+really1.3.1-1+b1 1.2.8: contains "
             "zlib 1.2.8 (exact, confidence 0.99) in a file of rsync 3.2.7-1; package zlib1g says "
             "1:1.3.dfsg+really1.3.1-1+b1\n"},
        {.name = "in a file that nobody owns, and in an archive",
         .inventory = ZLIB1G,
         .layers = {"f /usr/lib/libz.so.1.3.1\nf /opt/tool\nf /opt/same\nf /opt/a.deb"},
         .files = "/usr/lib/libz.so.1.3.1 s\n/opt/tool x\n/opt/same x\n/opt/a.deb!usr/bin/x a",
         .findings = "/opt/tool zlib p s 1.2.8 .99\n/opt/same zlib p s 1.3.1 .99\n"
                     "/opt/a.deb zlib p s 1.2.8 .99",
         .drift =
             "unowned drift /opt/same - - - - ELF executable: no package claims this ELF executable\n"
             "unowned drift /opt/tool - - - - ELF executable: no package claims this ELF executable\n"
             "version drift /opt/tool zlib - zlib1g 1:1.3.1-1 1.2.8: contains zlib 1.2.8 (exact, confidence "
             "0.99) in a file that no package claims; package zlib1g says 1:1.3.1-1\n"},
        {.name = "the same, as the distribution ships it",
         .inventory = "P deb rsync 3.2.7-1\nc /usr/bin/rsync r md5=a\n" ZLIB1G,
         .layers = {"f /usr/bin/rsync\nf /usr/lib/libz.so.1.3.1"},
         .files = "/usr/bin/rsync x",
         .findings = "/usr/bin/rsync zlib p s 1.2.8 .99",
         .digests = "/usr/bin/rsync a",
         .drift =
             "version note /usr/bin/rsync zlib rsync zlib1g 1:1.3.1-1 1.2.8: contains zlib 1.2.8 (exact, "
             "confidence 0.99) in a file of rsync 3.2.7-1; package zlib1g says 1:1.3.1-1\n"},
        {.name = "a file of its own package, of several",
         .inventory = "P deb zlib1g-dev 1:1.3.1-1 zlib\nc /usr/lib/libz.so r\n" ZLIB1G,
         .layers = {"f /usr/lib/libz.so\nf /usr/lib/libz.so.1.3.1"},
         .files = "/usr/lib/libz.so.1.3.1 s",
         .findings = "/usr/lib/libz.so.1.3.1 zlib p o 1.2.8..1.2.13 .98",
         .drift =
             "version drift /usr/lib/libz.so.1.3.1 zlib zlib1g zlib1g 1:1.3.1-1 1.2.8 to 1.2.13: contains "
             "zlib 1.2.8 to 1.2.13 (interval, confidence 0.98); its own package zlib1g says 1:1.3.1-1\n"},
        {.name = "by the package of the same source that is the component",
         .inventory = "P deb fdisk 2.38.1-5 util-linux\nc /sbin/fdisk r\nP deb libuuid1 2.38.1-5 util-linux\n"
                      "c /lib/libuuid.so.1 r\n",
         .layers = {"f /sbin/fdisk\nf /lib/libuuid.so.1"},
         .files = "/sbin/fdisk x",
         .findings = "/sbin/fdisk util-linux p o 2.38.1 .99\n/sbin/fdisk libuuid p s 2.36.1 .99",
         .drift = "version drift /sbin/fdisk libuuid fdisk libuuid1 2.38.1-5 2.36.1: contains libuuid 2.36.1 "
                  "(exact, confidence 0.99) in a file of fdisk 2.38.1-5; package libuuid1 says 2.38.1-5\n"},
        {.name = "neighbours: said where the bytes are not the package's, not where nobody knows or they are",
         .inventory =
             "P deb curl 7.88.1-10\nc /usr/bin/a r md5=a\nc /usr/bin/b r md5=b\nc /usr/bin/c r md5=c\n",
         .layers = {"f /usr/bin/a\nf /usr/bin/b\nf /usr/bin/c"},
         .files = "/usr/bin/a x\n/usr/bin/b x\n/usr/bin/c x",
         .findings =
             "/usr/bin/a curl p s 7.88.0 .98\n/usr/bin/b curl p s 7.88.0 .98\n/usr/bin/c curl p s 8.0.0 .98",
         .digests = "/usr/bin/b b",
         .computed = "/usr/bin/c x",
         .drift = "version drift /usr/bin/c curl curl curl 7.88.1-10 8.0.0: contains curl 8.0.0 (exact, "
                  "confidence "
                  "0.98); its own package curl says 7.88.1-10\n"},
        {.name = "a file of its own package, as the package ships it, of another release altogether",
         .inventory = "P deb zlib1g 1:1.3.1-1 zlib\nc /usr/lib/libz.so.1.3.1 r sha256=x\n",
         .layers = {"f /usr/lib/libz.so.1.3.1"},
         .files = "/usr/lib/libz.so.1.3.1 s",
         .findings = "/usr/lib/libz.so.1.3.1 zlib p o 1.2.8 .99",
         .computed = "/usr/lib/libz.so.1.3.1 x",
         .drift =
             "version note /usr/lib/libz.so.1.3.1 zlib zlib1g zlib1g 1:1.3.1-1 1.2.8: contains zlib 1.2.8 "
             "(exact, confidence 0.99); its own package zlib1g says 1:1.3.1-1\n"},
        {.name = "a file of its own package, as the package ships it, of a neighbouring release",
         .inventory = "P deb zlib1g 1:1.3.1-1 zlib\nc /usr/lib/libz.so.1.3.1 r sha256=x\n",
         .layers = {"f /usr/lib/libz.so.1.3.1"},
         .files = "/usr/lib/libz.so.1.3.1 s",
         .findings = "/usr/lib/libz.so.1.3.1 zlib p o 1.3 .99",
         .computed = "/usr/lib/libz.so.1.3.1 x"},
        {.name = "scene b: OpenSSL in another package's files",
         .inventory = "P deb vendor-agent 5.0\nc /opt/agent/lib/libcrypto.so.1.1 r\n"
                      "P deb libssl3 3.0.15-1~deb12u1 openssl\nc /usr/lib/libssl.so.3 r\n",
         .layers = {"f /opt/agent/lib/libcrypto.so.1.1\nf /usr/lib/libssl.so.3"},
         .files = "/opt/agent/lib/libcrypto.so.1.1 s\n/usr/lib/libssl.so.3 s",
         .findings = "/opt/agent/lib/libcrypto.so.1.1 openssl p o 1.1.1k .98\n"
                     "/usr/lib/libssl.so.3 openssl p o 3.0.15 .98",
         .drift =
             "version drift /opt/agent/lib/libcrypto.so.1.1 openssl vendor-agent libssl3 3.0.15-1~deb12u1 "
             "1.1.1k: contains OpenSSL 1.1.1k (exact, confidence 0.98) in a file of vendor-agent 5.0; "
             "package "
             "libssl3 says 3.0.15-1~deb12u1\n"},
        {.name = "what a package says it was built with",
         .inventory = "P deb tool 1\nc /usr/bin/tool r\nb glibc (= 2.36-9), zlib (= 1:1.2.13.dfsg-1)\n"
                      "P rpm agent 1\nc /usr/bin/agent r\nb bundled(zlib) = 1.2.13\n",
         .layers = {"f /usr/bin/tool\nf /usr/bin/agent"},
         .files = "/usr/bin/tool x\n/usr/bin/agent x",
         .findings = "/usr/bin/tool zlib p s 1.2.8 .99\n/usr/bin/agent zlib p s 1.2.8 .99",
         .drift =
             "version drift /usr/bin/agent zlib agent - 1.2.13 1.2.8: contains zlib 1.2.8 (exact, confidence "
             "0.99); package agent 1 says that it was built with 1.2.13\n"
             "version drift /usr/bin/tool zlib tool - 1:1.2.13.dfsg-1 1.2.8: contains zlib 1.2.8 (exact, "
             "confidence 0.99); package tool 1 says that it was built with 1:1.2.13.dfsg-1\n"},
        {.name = "by a package called as elsewhere",
         .inventory = "P apk libncursesw 6.4-r0 ncurses\nc /lib/libncursesw.so.6 r\nP apk rsync 3.2.7-r0\nc "
                      "/usr/bin/rsync r\n",
         .layers = {"f /lib/libncursesw.so.6\nf /usr/bin/rsync"},
         .files = "/usr/bin/rsync x",
         .findings = "/usr/bin/rsync ncurses p s 6.3 .99",
         .drift = "version drift /usr/bin/rsync ncurses rsync libncursesw 6.4-r0 6.3: contains ncurses 6.3 "
                  "(exact, "
                  "confidence 0.99) in a file of rsync 3.2.7-r0; package libncursesw says 6.4-r0\n"},
        {.name = "a package ahead of the sets, and a copy far behind",
         .inventory = "P deb zlib1g 1:1.3.2-1 zlib\nc /usr/lib/libz.so.1 r\n",
         .layers = {"f /usr/lib/libz.so.1"},
         .files = "/usr/lib/libz.so.1 s",
         .findings = "/usr/lib/libz.so.1 zlib p o 1.2.8 .99",
         .drift = "version drift /usr/lib/libz.so.1 zlib zlib1g zlib1g 1:1.3.2-1 1.2.8: contains zlib 1.2.8 "
                  "(exact, "
                  "confidence 0.99); its own package zlib1g says 1:1.3.2-1\n"},
    };
    (void)state;
    CHECK(rows);
}

/* One file of one package, whose version the finding must not contradict. */
static void versions_that_may_be_true(void **state)
{
    static const struct {
        const char *package, *answer;
    } rows[] = {
        {"1:1.2.11-1 zlib", "1.2.8..1.2.13 .98"},          /* inside */
        {"1:1.2.12-1 zlib", "1.2.8..1.2.13 .98"},          /* inside, not known */
        {"1:1.2.13.dfsg-1 zlib", "1.2.13 .99"},            /* repacked */
        {"1:1.3.dfsg+really1.3.1-1+b1 zlib", "1.3.1 .99"}, /* what it really is */
        {"1:1.3.dfsg+really1.2.13-1 zlib", "1.3 .99"},     /* what it is by its name */
        {"1:1.3.1-1 zlib", "1.2.8 .89"},                   /* not certain */
        {"1:1.3.1-1 zlib", "?  .99"},                      /* unknown */
        {"1:1.3.1-1 zlib", "~1.2.8 .5"},                   /* open */
        {"1:1.3-1 zlib", "~1.2.8..1.3.1 .95"},             /* open, over a range */
        {"1:1.2.12-1 zlib", "1.2.11 .99"},                 /* in the gap beside the answer */
        {"1:1.2.12-1 zlib", "1.2.13 .99"},                 /* in the gap beside the answer */
        {"1:1.3.2-1 zlib", "1.3.1 .99"},                   /* ahead of the sets */
        {"20240101-1 zlib", "1.2.8 .99"},                  /* counted otherwise */
        {"1.0-1 zlib", "1.3.1 .99"},                       /* older than all releases known */
        {"1:1.3.1+git20240101-1 zlib", "1.2.8 .99"},       /* a snapshot */
        {"1:1.3.1~git20240101-1 zlib", "1.2.8 .99"},       /* a snapshot */
        {"1:1.3.1-1~bpo12+1 zlib", "1.3.1 .99"},           /* a backport package */
        {"- zlib", "1.2.8 .99"},                           /* no version */
        {"1-1 zlib 1:1.2.8-1", "1.2.8 .99"},               /* binary and source version differ */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char inventory[256], findings[256], text[2048];
        snprintf(inventory, sizeof inventory, "P deb zlib1g %s\nc /lib/libz.so.1 r\n", rows[i].package);
        snprintf(findings, sizeof findings, "/lib/libz.so.1 zlib p o %s", rows[i].answer);
        const example row = {.inventory = inventory,
                             .layers = {"f /lib/libz.so.1"},
                             .files = "/lib/libz.so.1 s",
                             .findings = findings};
        setting s;
        run(&s, &row, text, sizeof text);
        if (*text)
            fail_msg("%s, %s: %s", rows[i].package, rows[i].answer, text);
    }
}

static void components_that_the_package_does_not_explain(void **state)
{
    static const char tree[] = "f /usr/bin/objdump\nf /usr/lib/libz.so.1.3.1";
    static const example rows[] = {
        {.name = "scene a: both facts, though the system's version is ahead of the sets",
         .inventory = "P deb binutils 2.40-2\nc /usr/bin/objdump r\n"
                      "P deb zlib1g 1:1.3.2-1 zlib\nc /usr/lib/libz.so.1.3.1 r\n",
         .layers = {tree},
         .files = "/usr/bin/objdump x",
         .findings = "/usr/bin/objdump zlib p s 1.3.1 .99",
         .drift =
             "component drift /usr/bin/objdump zlib binutils zlib1g 1:1.3.2-1 1.3.1: contains zlib 1.3.1 "
             "(exact, confidence 0.99), which package binutils 2.40-2 does not explain; package zlib1g says "
             "1:1.3.2-1\n"},
        {.name = "the same version as the system's, and of no version; nobody else has it",
         .inventory = "P deb binutils 2.40-2\nc /usr/bin/objdump r\n" ZLIB1G,
         .layers = {tree},
         .files = "/usr/bin/objdump x",
         .findings = "/usr/bin/objdump openssl p e ? 0\n/usr/bin/objdump zlib p s 1.3.1 .99",
         .drift =
             "component drift /usr/bin/objdump openssl binutils - - -: contains OpenSSL of an unknown "
             "version, which package binutils 2.40-2 does not explain\n"
             "component drift /usr/bin/objdump zlib binutils zlib1g 1:1.3.1-1 1.3.1: contains zlib 1.3.1 "
             "(exact, confidence 0.99), which package binutils 2.40-2 does not explain; package zlib1g says "
             "1:1.3.1-1\n"},
        {.name = "the distribution ships it so",
         .inventory = "P deb binutils 2.40-2\nc /usr/bin/objdump r sha256=x\n",
         .layers = {tree},
         .files = "/usr/bin/objdump x",
         .findings = "/usr/bin/objdump zlib p s 1.3.1 .99",
         .digests = "/usr/bin/objdump x",
         .drift = "component note /usr/bin/objdump zlib binutils - - 1.3.1: contains zlib 1.3.1 (exact, "
                  "confidence "
                  "0.99), which package binutils 2.40-2 does not explain\n"},
        {.name = "scene d: libssh, which only prints OpenSSL's version; likely; used",
         .inventory = "P deb libssh-4 0.10.6-0 libssh\nc /usr/bin/objdump r\n",
         .layers = {tree},
         .files = "/usr/bin/objdump s",
         .findings = "/usr/bin/objdump curl p d ? 0\n/usr/bin/objdump libssh p o 0.10.6 .98\n"
                     "/usr/bin/objdump openssl m d ? 0\n/usr/bin/objdump zlib l s 1.2.8 .99"},
        {.name = "a family answer: its package is that of the one or of the other; else both are named",
         .inventory = "P deb libssh-4 0.10.6-0 libssh\nc /usr/bin/objdump r\n" ZLIB1G,
         .layers = {tree},
         .files = "/usr/bin/objdump x\n/usr/lib/libz.so.1.3.1 s",
         .findings = "/usr/bin/objdump openssl|libssh p o 3.0.9 .99\n"
                     "/usr/lib/libz.so.1.3.1 openssl|curl p s 3.0.9 .99",
         .drift = "component drift /usr/lib/libz.so.1.3.1 openssl zlib1g - - 3.0.9: contains OpenSSL or curl "
                  "3.0.9 (exact, confidence 0.99), which package zlib1g 1:1.3.1-1 does not explain\n"},
        {.name = "a family answer contradicts no version: it is that of one of the two",
         .inventory = "P deb openssl 1.1.1k-1 openssl\nc /usr/bin/objdump r\n",
         .layers = {"f /usr/bin/objdump"},
         .files = "/usr/bin/objdump x",
         .findings = "/usr/bin/objdump openssl|curl p s 3.0.15 .99"},
        {.name = "explained: own source, another binary package of it, Built-Using, bundled, runtimes",
         .inventory =
             "P deb curl 7.88.1-10\nc /usr/bin/curl r\nP deb fdisk 2.38.1-5 util-linux\nc /sbin/fdisk r\n"
             "P deb tool 1\nc /usr/bin/tool r\nb glibc (= 2.36-9), openssl (= 3.0.9-1), zlib\n"
             "P rpm agent 1\nc /usr/bin/agent r\nb bundled(zlib) = 1.2.8, bundled(openssl)\n",
         .layers = {"f /usr/bin/curl\nf /sbin/fdisk\nf /usr/bin/tool\nf /usr/bin/agent"},
         .files = "/usr/bin/curl x\n/sbin/fdisk x\n/usr/bin/tool x\n/usr/bin/agent x",
         .findings =
             "/usr/bin/curl curl p s 7.88.1 .98\n/usr/bin/curl glibc p s 2.41 .99\n"
             "/sbin/fdisk libuuid p s 2.38.1 .99\n/usr/bin/tool openssl p s 3.0.9 .98\n/usr/bin/tool zlib p "
             "s 1.2.8 .99\n/usr/bin/agent zlib p s 1.2.8 .99\n/usr/bin/agent openssl p s 1.1.1k .99"},
        {.name = "explained by about the same name, where the catalogue does not say what it is called there",
         .inventory = "P apk libncursesw 6.4-r0 ncurses\nc /lib/libncursesw.so.6 r\nP npm libuuid 1.0.0\nc "
                      "/app/uuid.node r\nP rpm rsync3.2 3.2.7-1\nc /usr/bin/rsync r\nP deb libverto1 0.3.1-1 "
                      "libverto\nc /lib/libverto.so.1 r\n",
         .layers = {"f /lib/libncursesw.so.6\nf /app/uuid.node\nf /usr/bin/rsync\nf /lib/libverto.so.1"},
         .files = "/lib/libncursesw.so.6 s\n/app/uuid.node s\n/usr/bin/rsync x\n/lib/libverto.so.1 s",
         .findings = "/lib/libncursesw.so.6 ncurses p o 6.4 .99\n/app/uuid.node libuuid p o 2.39 .99\n"
                     "/usr/bin/rsync rsync p o 3.2.3 .99\n/lib/libverto.so.1 libverto p o 0.3.0 .99"},
        {.name = "and what is called otherwise there is not",
         .inventory = "P rpm zlib-ng 2.2\nc /lib/libz.so.1 r\n",
         .layers = {"f /lib/libz.so.1"},
         .files = "/lib/libz.so.1 s",
         .findings = "/lib/libz.so.1 zlib p o 1.3.1 .99",
         .drift =
             "component drift /lib/libz.so.1 zlib zlib-ng - - 1.3.1: contains zlib 1.3.1 (exact, confidence "
             "0.99), which package zlib-ng 2.2 does not explain\n"},
        {.name = "a library of another project under its own name; inside an archive; nobody's",
         .inventory = "P deb krb5 1.20\nc /usr/lib/libverto.so.1 r\n",
         .layers = {"f /usr/lib/libverto.so.1\nf /a.zip"},
         .files = "/usr/lib/libverto.so.1 s\n/a.zip!bin/x a",
         .findings = "/usr/lib/libverto.so.1 libverto p o 0.3.0 .98\n/a.zip zlib p s 1.2.8 .99",
         .drift = "component drift /usr/lib/libverto.so.1 libverto krb5 - - 0.3.0: contains libverto 0.3.0 "
                  "(exact, "
                  "confidence 0.98), which package krb5 1.20 does not explain\n"},
        {.name = "in an archive that a package owns, and that its manifest vouches for",
         .inventory = "P deb app 1\nc /usr/share/app.jar r\nc /usr/share/other.jar r md5=x\n",
         .layers = {"f /usr/share/app.jar\nf /usr/share/other.jar"},
         .files = "/usr/share/app.jar!lib/x.so a\n/usr/share/other.jar!y.so a",
         .findings = "/usr/share/app.jar zlib p s 1.2.8 .99\n/usr/share/other.jar zlib p s 1.2.8 .99",
         .digests = "/usr/share/other.jar x",
         .drift =
             "component drift /usr/share/app.jar!lib/x.so zlib app - - 1.2.8: contains zlib 1.2.8 (exact, "
             "confidence 0.99), which package app 1 does not explain\n"
             "component note /usr/share/other.jar!y.so zlib app - - 1.2.8: contains zlib 1.2.8 (exact, "
             "confidence 0.99), which package app 1 does not explain\n"},
        {.name = "a language package and its own component",
         .inventory = "P pypi numpy 1.26.0\nc /venv/core.so - sha256=a\nc /venv/openssl.so - sha256=a\n",
         .layers = {"f /venv/core.so\nf /venv/openssl.so"},
         .files = "/venv/core.so s\n/venv/openssl.so s",
         .findings = "/venv/core.so numpy p o 1.26.0 .98\n/venv/openssl.so openssl p n 3.0.9 .98",
         .digests = "/venv/openssl.so a",
         .drift = "component note /venv/openssl.so openssl numpy - - 3.0.9: contains OpenSSL 3.0.9 (exact, "
                  "confidence 0.98), which package numpy 1.26.0 does not explain\n"},
    };
    (void)state;
    CHECK(rows);
}

static void files_that_are_something_else(void **state)
{
    static const char inventory[] = "P deb curl 7.88.1-10\nc /usr/bin/curl r md5=a\n";
    static const example rows[] = {
        {.name = "curl is busybox",
         .inventory = inventory,
         .layers = {"f /usr/bin/curl"},
         .files = "/usr/bin/curl x",
         .findings = "/usr/bin/curl busybox p n 1.35.0 .98",
         .drift = "replaced drift /usr/bin/curl busybox curl - 7.88.1-10 1.35.0: is BusyBox 1.35.0 (exact, "
                  "confidence 0.98); package curl 7.88.1-10 is curl, of which nothing was found in it\n"},
        {.name = "and its digest is another",
         .inventory = inventory,
         .layers = {"f /usr/bin/curl"},
         .files = "/usr/bin/curl x",
         .findings = "/usr/bin/curl busybox p n ? .98",
         .digests = "/usr/bin/curl b",
         .drift =
             "replaced drift /usr/bin/curl busybox curl - 7.88.1-10 -: is BusyBox of an unknown version; "
             "package curl 7.88.1-10 is curl, of which nothing was found in it\n"
             "digest drift /usr/bin/curl - curl - md5:61616161616161616161616161616161 "
             "md5:62626262626262626262626262626262: its md5 differs from what package curl 7.88.1-10 says\n"},
        {.name = "the package ships it so: a copy",
         .inventory = inventory,
         .layers = {"f /usr/bin/curl"},
         .files = "/usr/bin/curl x",
         .findings = "/usr/bin/curl busybox p n ? .98",
         .digests = "/usr/bin/curl a",
         .drift =
             "component note /usr/bin/curl busybox curl - - -: contains BusyBox of an unknown version, which "
             "package curl 7.88.1-10 does not explain\n"},
        {.name = "the package's own component is in it too",
         .inventory = inventory,
         .layers = {"f /usr/bin/curl"},
         .files = "/usr/bin/curl x",
         .findings = "/usr/bin/curl busybox p n ? .98\n/usr/bin/curl curl l s ? 0",
         .drift = "component drift /usr/bin/curl busybox curl - - -: contains BusyBox of an unknown version, "
                  "which "
                  "package curl 7.88.1-10 does not explain\n"},
    };
    (void)state;
    CHECK(rows);
}

/* ---- claims ---- */

static void binaries_that_are_not_there(void **state)
{
    static const example rows[] = {
        {.name = "programs and libraries alone",
         .inventory =
             "P deb a 1.0\nc /usr/bin/a r\nc /usr/sbin/b r\nc /usr/libexec/x/c r\nc /usr/lib/liba.so.1.0 r\n"
             "c /usr/share/doc/a r\nc /etc/a r\nc /usr/share/a.so r\n",
         .layers = {"f /x"},
         .drift =
             "missing drift /usr/bin/a - a - 1.0 -: package a 1.0 lists it and it is not there\n"
             "missing drift /usr/lib/liba.so.1.0 - a - 1.0 -: package a 1.0 lists it and it is not there\n"
             "missing drift /usr/libexec/x/c - a - 1.0 -: package a 1.0 lists it and it is not there\n"
             "missing drift /usr/sbin/b - a - 1.0 -: package a 1.0 lists it and it is not there\n"},
        {.name = "deleted by a later layer",
         .inventory = "P deb a 1.0\nc /bin/a r\nc /bin/b r\n",
         .layers = {"l /bin usr/bin\nf /usr/bin/a\nf /usr/bin/b", "w /usr/bin/a"},
         .files = "/usr/bin/a x d 0",
         .drift = "missing drift /bin/a - a - 1.0 -: package a 1.0 lists it and it is not there; layer 0 "
                  "brought it "
                  "and a later layer deleted it\n"},
        {.name = "no drift: optional, ghost, configuration, directories, links of a package with a manifest",
         .inventory = "P deb a 1\nc /bin/a ro\nc /bin/b rg\nc /bin/c rc\nc /bin/d d\nc /bin/e\nc /bin/f l\n"
                      "P deb b 1\nc /usr/libexec/b\nc /usr/libexec/b/x o\nc /usr/libexec/b-y o\n"
                      "P deb c 1\nc /bin/gone\nu\nP npm d 1\nc /bin/gone\n",
         .layers = {"f /x"}},
        {.name = "a package without a manifest, twice installed",
         .inventory = "P deb a 1\nc /usr/libexec/x\nc /usr/libexec/x/y\nP deb a 1\nc /usr/libexec/x/y\n",
         .layers = {"f /x"},
         .drift = "missing drift /usr/libexec/x/y - a - 1 -: package a 1 lists it and it is not there\n"},
        {.name = "diverted: at its new place, or never moved, or gone",
         .inventory =
             "P deb a 1\nc /bin/a r\nc /bin/b r\nc /bin/c r\nD /bin/a /bin/a.real :\nD /bin/b /bin/b.real "
             ":\nD /bin/c /bin/c.real :\n",
         .layers = {"f /bin/a.real\nf /bin/b"},
         .drift = "missing drift /bin/c - a - 1 -: package a 1 lists it and it is not there\n"},
        {.name = "a layer that could not be read",
         .inventory = "P deb a 1.0\nc /usr/bin/a r\n",
         .layers = {"f /x"},
         .partial = true,
         .drift = "missing note /usr/bin/a - a - 1.0 -: package a 1.0 lists it and it is not there; but not "
                  "all of "
                  "the target was read\n"},
        {.name = "in the place of a link",
         .inventory = "P deb a 1\nc /bin/a r\n",
         .layers = {"l /bin/a /nowhere"}},
    };
    (void)state;
    CHECK(rows);
}

static void digests_that_differ(void **state)
{
#define TWENTY(x) x x x x x x x x x x x x x x x x x x x x
    static const char a_sha1[] = "digest drift /usr/bin/a - a - sha1:" TWENTY("61") " sha1:" TWENTY(
        "78") ": its sha1 differs from what package a 1 says\n";
    static const example rows[] = {
        {.name = "one that differs, one that does not, one that was not computed",
         .inventory = "P apk a 1\nc /bin/a r sha1=a\nc /bin/b r sha1=b\nc /bin/c r sha1=c\n",
         .layers = {"l /bin usr/bin\nf /usr/bin/a\nf /usr/bin/b\nf /usr/bin/c"},
         .digests = "/usr/bin/a x\n/usr/bin/b b",
         .drift = a_sha1},
        {.name = "no drift: configuration, ghosts, bytecode, links, another kind of digest",
         .inventory = "P rpm a 1\nc /etc/a rc md5=a\nc /var/a rg md5=a\nc /usr/a.pyc r md5=a\nc /l l md5=a\n"
                      "c /usr/o r other=a\n",
         .layers = {"f /etc/a\nf /var/a\nf /usr/a.pyc\nl /l x\nf /usr/o"},
         .digests = "/etc/a x\n/var/a x\n/usr/a.pyc x\n/l x\n/usr/o x"},
        {.name = "one of several packages agrees",
         .inventory = "P deb a 1\nc /f r md5=a\nP deb b 1\nc /f r md5=b\n",
         .layers = {"f /f"},
         .digests = "/f a"},
        {.name = "diverted",
         .inventory = "P deb a 1\nc /f r md5=a\nD /f /f.real :\n",
         .layers = {"f /f\nf /f.real"},
         .digests = "/f x\n/f.real a"},
        {.name = "a language package",
         .inventory = "P pypi a 1\nc /a.py - md5=a\n",
         .layers = {"f /a.py"},
         .digests = "/a.py b",
         .drift = "digest drift /a.py - a - md5:61616161616161616161616161616161 "
                  "md5:62626262626262626262626262626262: its md5 differs from what package a 1 says\n"},
        {.name = "prelink",
         .inventory = "P rpm prelink 1\nc /usr/bin/p r md5=a\n",
         .layers = {"f /usr/bin/p\nf /etc/prelink.cache"},
         .files = "/usr/bin/p x",
         .digests = "/usr/bin/p b",
         .drift =
             "digest note /usr/bin/p - prelink - md5:61616161616161616161616161616161 "
             "md5:62626262626262626262626262626262: its md5 differs from what package prelink 1 says, and "
             "prelink, which is installed, changes programs and libraries\n"},
        {.name = "asked to compare all: what could not be",
         .inventory = "P rpm a 1\nc /a r md5=a\nc /b r md5=a\nc /c r other=a\nc /etc/d rc md5=d\n",
         .layers = {"f /a\nf /b\nf /c\nf /etc/d"},
         .digests = "/a a",
         .verify = true,
         .drift = "digest note /b - a - - -: not compared: 2 files of package a 1, this one first\n"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(executables_that_nobody_owns),
        cmocka_unit_test(versions_that_packages_contradict),
        cmocka_unit_test(versions_that_may_be_true),
        cmocka_unit_test(components_that_the_package_does_not_explain),
        cmocka_unit_test(files_that_are_something_else),
        cmocka_unit_test(binaries_that_are_not_there),
        cmocka_unit_test(digests_that_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
