/* Release histories: what the lexer reads of C, which tags and files count, what repositories and archives give, and how
 * damaged or hostile ones are met. */
#include "history/history.h"
#include "history/history_lex.h"
#include "history/history_rules.h"
#include "temporary.h"
#include "util/digest.h"

#include <archive.h>
#include <archive_entry.h>
#include <git2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

static char folder[TEMPORARY_SIZE];

static const char *path_of(const char *name)
{
    return temporary_path(folder, name);
}

static int set_up(void **state)
{
    (void)state;
    temporary_name(folder, "test-history");
    return mkdtemp(folder) && git_libgit2_init() > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[160];
    git_libgit2_shutdown();
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- the lexer ---- */

static char dumped[8192];

static fps_status dump_event(void *user, const fps__lex_event *event)
{
    static const char *const kinds[] = {"literal", "joined", "define", "invoke", "declared", "defined"};
    const char *only = user;
    size_t used = strlen(dumped);
    if (!strstr(only, kinds[event->kind]))
        return FPS_OK;
    used += (size_t)snprintf(dumped + used, sizeof dumped - used, "%s%.*s", used ? "|" : "",
                             (int)event->name_size, event->name ? event->name : "");
    if (event->kind != FPS__LEX_DECLARED && event->kind != FPS__LEX_DEFINED && event->name)
        used += (size_t)snprintf(dumped + used, sizeof dumped - used, "=");
    for (size_t i = 0; i < event->size && used + 2 < sizeof dumped; i++) {
        char c = event->text[i];
        bool part = event->kind == FPS__LEX_JOINED || event->kind == FPS__LEX_DEFINE;
        dumped[used++] = part && !c ? ';' : part && c && c < 8 ? "?TMCPU"[(int)c] : c;
    }
    dumped[used] = '\0';
    return FPS_OK;
}

static const char *lex(const char *source, const char *only)
{
    dumped[0] = '\0';
    assert_int_equal(
        fps__lex_source((fps__span){(const uint8_t *)source, strlen(source)}, dump_event, (void *)only),
        FPS_OK);
    return dumped;
}

static void test_literals_are_read_as_the_compiler_makes_them(void **state)
{
    (void)state;
    static const struct {
        const char *source, *literals;
    } cases[] = {
        {"f(\"hello\");", "hello"},
        {"\"one \" \"two \"\n /* between */ \"three\"", "one two three"},
        {"\"a\\tb\\x41\\101\\n\\u00e9\"", "a\tbAA\n\xc3\xa9"},
        {"\"visible\\0hidden\" \"behind\"", "visible"},
        {"L\"wide\" u8\"narrow\" ; U\"wide\";", ""},
        {"u8\"narrow\"", "narrow"},
        {"R\"x(raw \\n \")x\"", "raw \\n \""},
        {"\"split \\\n over lines\"", "split  over lines"},
        {"\"dos \\\r\n lines\"\r\n", "dos  lines"},
        {"// \"comment\"\n/* \"comment\" */ \"text\"", "text"},
        {"'\"' \"after a quote\" '\\''", "after a quote"},
        {"#include \"header.h\"\n#error \"never made\"\n\"text\"", "text"},
        {"__asm__ volatile (\"mov %0, %1\"); \"text\"", "text"},
        {"_Static_assert(x, \"compiler's\"); \"text\"", "text"},
        {"extern \"C\" { \"text\" }", "text"},
        {"return \"a\"; case \"b\": else \"c\"", "a|b|c"},
        {"x = \"text\"_suffix; y = \"view\"sv;", "text|view"},
        {"\"unclosed\nint x; \"next\"", "unclosed|next"},
        {"#define NAME \"value\"\n", "value"},
        {"\"a\" // joined over a comment\n \"b\"", "ab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(lex(cases[i].source, "literal"), cases[i].literals);
}

static void test_texts_with_macros_come_in_parts(void **state)
{
    (void)state;
    static const struct {
        const char *source, *only, *events;
    } cases[] = {
        {"\"a \" PRIu64 \" b\"", "joined", "Ta ;MPRIu64;T b;"},
        {"VERSION \" of us\"", "joined", "MVERSION;T of us;"},
        {"\"v\" STR(MAJOR) \".\"", "joined", "Tv;CSTR;MAJOR;T.;"},
        {"f(x) \"unknown\"", "joined literal", ""},
        {"\"text\"\nname", "joined literal", "text"},
        {"#define V \"1.2\"\n", "define", "V=T1.2;"},
        {"#define MAJOR 3 /* of us */\n", "define", "MAJOR=T3;"},
        {"#define CAST (const xmlChar *)\n", "define", "CAST="},
        {"#define A B\n", "define", "A=MB;"},
        {"#define STR(x) #x\n#define XSTR(x) STR(x)\n", "define", "STR=P0;|XSTR=CSTR;P0;"},
        {"#define CHECK(c, m) fail(\"no: \" #c, m)\n", "define", "CHECK=Tno: ;P0;"},
        {"assert(a  ==\n \"b\\n\");", "invoke", "assert=a == \\\"b\\\\n\\\""},
        {"lower(a == b);", "invoke", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(lex(cases[i].source, cases[i].only), cases[i].events);
}

static void test_names_of_functions(void **state)
{
    (void)state;
    assert_string_equal(
        lex("int first_one(int);\n#define macro_like(x) x\nchar *MACRO(second_one) (void);", "declared"),
        "first_one");
    assert_string_equal(lex("int public_one(int a)\n{ helper_call(a); }\nstatic int hidden(void) { }\n"
                            "extern \"C\" {\nvoid inside_block(void) { }\n}\nint array[] = { calling(1) };\n",
                            "defined"),
                        "public_one|inside_block");
}

static void test_hostile_sources_take_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {"R\"(",       "A(",   "\"x\" M(", "/*", "\"\\",
                                         "#define A(", "asm(", "{",        "'"};
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 1);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t size = strlen(pieces[i]), used = 0;
        for (; used + size <= SIZE; used += size)
            memcpy(text + used, pieces[i], size);
        static const char none[] = "none";
        assert_int_equal(fps__lex_source((fps__span){(uint8_t *)text, used}, dump_event, (void *)none),
                         FPS_OK);
    }
    free(text);
}

/* ---- tags, files, archives ---- */

static void test_versions_of_tags(void **state)
{
    (void)state;
    static const struct {
        const char *tag, *component, *version;
    } cases[] = {
        {"v1.2.3", "", "1.2.3"},
        {"curl-7_88_1", "curl", "7.88.1"},
        {"R_2_5_0", "expat", "2.5.0"},
        {"openssl-1.1.1t", "openssl", "1.1.1t"},
        {"libssh2_0_1_2", "libssh2", "0.1.2"},
        {"libssh2-1.9.0", "libssh2", "1.9.0"},
        {"libxml2-2_9_10", "libxml2", "2.9.10"},
        {"v9.0-rc1", "", NULL},
        {"1.0beta2", "", NULL},
        {"2.0.0-alpha.1", "", NULL},
        {"device-mapper-1.02", "", "1.02"},
        {"release/5.4p1", "", "5.4p1"},
        {"nothing", "", NULL},
        {"17-6", "", "17.6"},
        {"1.0-b3", "", NULL},
        {"rclone-1.2", "", "1.2"},
    };
    char version[FPS__MAX_VERSION];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool found = fps__history_tag_version(cases[i].tag, NULL, cases[i].component, version);
        assert_int_equal(found, cases[i].version != NULL);
        if (found)
            assert_string_equal(version, cases[i].version);
    }
    regex_t pattern;
    assert_int_equal(regcomp(&pattern, "^([0-9]+)_U([0-9]+)$", REG_EXTENDED), 0);
    assert_true(fps__history_tag_version("2017_U1", &pattern, "tbb", version));
    assert_string_equal(version, "2017.1");
    assert_false(fps__history_tag_version("v1.0", &pattern, "tbb", version));
    regfree(&pattern);
}

static void test_files_that_count(void **state)
{
    (void)state;
    assert_int_equal(fps__history_file_kind("src/a.c", 0), FPS__HISTORY_SOURCE);
    assert_int_equal(fps__history_file_kind("a.h.in", 0), FPS__HISTORY_SOURCE | FPS__HISTORY_HEADER);
    assert_int_equal(fps__history_file_kind("lib/z.map", 0), FPS__HISTORY_EXPORTS);
    assert_int_equal(fps__history_file_kind("zlib-1.2/configure.ac", 1), FPS__HISTORY_BUILD);
    assert_int_equal(fps__history_file_kind("deep/er/configure.ac", 1), 0);
    static const char *const out[] = {"test/a.c",    "Tests/a.c",      "x/third_party/y/a.c",
                                      "fuzzing/a.c", "benchmarks/a.c", "test-data/a.c",
                                      "docs/a.h",    "a.txt",          "Makefile",
                                      "contrib/b.c"};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        assert_int_equal(fps__history_file_kind(out[i], 0), 0);
    assert_int_equal(fps__history_file_kind("latest/a.c", 0), FPS__HISTORY_SOURCE);
}

static void test_names_of_archives(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"/a/zlib-1.3.1.tar.gz", "zlib", "1.3.1"},
        {"libxml2_2.12.7+dfsg+really2.9.14.orig.tar.xz", "libxml2", "2.9.14"},
        {"acme-v2.0.zip", "acme", "2.0"},
        {"openssl-1.1.1t.tgz", "openssl", "1.1.1t"},
        {"plain.tar", "plain", ""},
    };
    char name[FPS__MAX_VERSION], version[FPS__MAX_VERSION];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__history_archive_name(cases[i][0], name, version);
        assert_string_equal(name, cases[i][1]);
        assert_string_equal(version, cases[i][2]);
    }
}

/* ---- the reader ---- */

#define HEAD     "fpscan-history\t1\ncomponent\tx\nsource\tw\tc\t2020-01-01\n"
#define RELEASES "release\t0\t1.0\tv1.0\t2020-01-01\nrelease\t1\t1.1\tv1.1\t\nunit\t0\ta.c\n"
#define KEY      "0123456789abcdef"

static void test_a_good_history_is_read_and_written_back(void **state)
{
    (void)state;
    static const char text[] =
        HEAD RELEASES "t\t" KEY "\t5\t3\t0\t0-1\nt\tffffffffffffffff\t9\t0\t0\t1\nn\t" KEY "\t0\n";
    fps__history *history, *again;
    fps_error error;
    char *back;
    size_t size;
    assert_int_equal(
        fps__history_parse((fps__span){(const uint8_t *)text, sizeof text - 1}, "x", &history, &error),
        FPS_OK);
    assert_int_equal(history->texts.count, 2);
    assert_int_equal(fps__history_render(history, &back, &size, &error), FPS_OK);
    assert_int_equal(size, sizeof text - 1);
    assert_memory_equal(back, text, size);
    free(back);
    assert_int_equal(fps__history_write(history, path_of("good.tsv.xz"), &error), FPS_OK);
    assert_int_equal(fps__history_read(path_of("good.tsv.xz"), &again, &error), FPS_OK);
    assert_int_equal(fps__history_render(again, &back, &size, &error), FPS_OK);
    assert_memory_equal(back, text, sizeof text - 1);
    free(back);
    fps__history_free(again);
    fps__history_free(history);
}

static void test_bad_histories_are_named_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        fps_status status;
    } cases[] = {
        {"", "not a history", FPS_ERROR_FORMAT},
        {"something\n", "line 1: not a history", FPS_ERROR_FORMAT},
        {"fpscan-history\t2\n", "line 1: a history of another version", FPS_ERROR_VERSION},
        {HEAD, "no releases", FPS_ERROR_CORRUPT},
        {HEAD "release\t1\t1\tv1\t\n", "line 4: releases are not counted", FPS_ERROR_CORRUPT},
        {HEAD "release\t4294967295\t1\tv1\t\n", "line 4", FPS_ERROR_CORRUPT},
        {HEAD "release\t0\t\tv1\t\n", "without a version", FPS_ERROR_CORRUPT},
        {HEAD "release\t0\t1\tv1\n", "line 4: a row \"release\" has 4 fields", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t0-2\n", "line 7: 2 is none of the 2 releases",
         FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t7\t0\n", "7 is none of the 1 units", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t1,0\n", "not in order", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t0,0\n", "not in order", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t1-0\n", "is damaged", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t0,\n", "is damaged", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t99999999999\n", "is damaged", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t3\t0\t\n", "is empty", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t0123\t5\t3\t0\t0\n", "16 hexadecimal digits", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t0123456789ABCDEF\t5\t3\t0\t0\n", "16 hexadecimal digits", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t5\t9\t0\t0\n", "class", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "t\t" KEY "\t0\t3\t0\t0\n", "length", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "q\t1\n", "unknown kind of row", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "n\t" KEY "\t0", "cut off", FPS_ERROR_CORRUPT},
        {HEAD RELEASES "n\t" KEY "\t0\nrelease\t2\t2\tv2\t\n", "a release behind the texts",
         FPS_ERROR_CORRUPT},
        {HEAD "component\ty\n", "a second component", FPS_ERROR_CORRUPT},
        {"fpscan-history\t1\ncomponent\ttwo words\n", "one word", FPS_ERROR_CORRUPT},
        {HEAD "unit\t0\ta\x01.c\n", "control characters", FPS_ERROR_CORRUPT},
        {HEAD "a\tb\tc\td\te\tf\tg\th\ti\tj\n", "unknown kind", FPS_ERROR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__history *history = NULL;
        fps_error error = {.message = ""};
        fps__span text = {(const uint8_t *)cases[i].text, strlen(cases[i].text)};
        assert_int_equal(fps__history_parse(text, "bad.tsv", &history, &error), cases[i].status);
        assert_null(history);
        assert_string_equal(error.path, "bad.tsv");
        if (!strstr(error.message, cases[i].message))
            fail_msg("\"%s\" does not say \"%s\"", error.message, cases[i].message);
    }
}

static void test_an_overlong_line_and_a_cut_file_are_refused(void **state)
{
    (void)state;
    size_t size = FPS__HISTORY_LINE + 100;
    char *text = malloc(size);
    memset(text, 'x', size);
    memcpy(text, HEAD, sizeof HEAD - 1);
    fps__history *history;
    fps_error error;
    assert_int_equal(fps__history_parse((fps__span){(uint8_t *)text, size}, "x", &history, &error),
                     FPS_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "line 4"));
    free(text);
    fps_status status = fps__history_read(path_of("good.tsv.xz"), &history, &error);
    assert_int_equal(status, FPS_OK);
    fps__history_free(history);
    struct stat facts;
    assert_int_equal(stat(path_of("good.tsv.xz"), &facts), 0);
    for (off_t cut = 0; cut < facts.st_size; cut += 7) {
        char command[512];
        snprintf(command, sizeof command, "head -c %ld '%s' >'%s'", (long)cut, path_of("good.tsv.xz"),
                 path_of("cut.tsv.xz"));
        assert_int_equal(system(command), 0);
        memset(&error, 0, sizeof error);
        assert_int_not_equal(fps__history_read(path_of("cut.tsv.xz"), &history, &error), FPS_OK);
        assert_null(history);
        assert_non_null(strstr(error.path, "cut.tsv.xz"));
    }
}

static void test_a_failed_write_leaves_nothing(void **state)
{
    (void)state;
    fps__history *history;
    fps_error error;
    assert_int_equal(fps__history_read(path_of("good.tsv.xz"), &history, &error), FPS_OK);
    assert_int_equal(mkdir(path_of("taken.tsv"), 0700), 0);
    assert_int_equal(fps__history_write(history, path_of("taken.tsv"), &error), FPS_ERROR_IO);
    assert_int_equal(fps__history_write(history, path_of("absent/x.tsv"), &error), FPS_ERROR_IO);
    char command[256];
    snprintf(command, sizeof command, "test -z \"$(find '%s' -name '.taken*' -o -name '.x.tsv*')\"", folder);
    assert_int_equal(system(command), 0);
    fps__history_free(history);
}

/* ---- repositories ---- */

typedef struct file_of {
    const char *path, *text;
} file_of;

static git_repository *make_repository(const char *name)
{
    git_repository *repository;
    assert_int_equal(git_repository_init(&repository, path_of(name), true), 0);
    return repository;
}

/* A tree of files in one folder, and of one more below it where a path has a "/". */
static git_oid make_tree(git_repository *repository, const file_of *files, size_t count)
{
    git_treebuilder *root, *inner;
    git_oid id, tree;
    char below[64] = "";
    assert_int_equal(git_treebuilder_new(&root, repository, NULL), 0);
    assert_int_equal(git_treebuilder_new(&inner, repository, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        const char *slash = strchr(files[i].path, '/');
        assert_int_equal(git_blob_create_from_buffer(&id, repository, files[i].text, strlen(files[i].text)),
                         0);
        assert_int_equal(git_treebuilder_insert(NULL, slash ? inner : root, slash ? slash + 1 : files[i].path,
                                                &id, GIT_FILEMODE_BLOB),
                         0);
        if (slash)
            snprintf(below, sizeof below, "%.*s", (int)(slash - files[i].path), files[i].path);
    }
    if (*below) {
        assert_int_equal(git_treebuilder_write(&id, inner), 0);
        assert_int_equal(git_treebuilder_insert(NULL, root, below, &id, GIT_FILEMODE_TREE), 0);
    }
    assert_int_equal(git_treebuilder_write(&tree, root), 0);
    git_treebuilder_free(inner);
    git_treebuilder_free(root);
    return tree;
}

static void tag_tree(git_repository *repository, const git_oid *tree, const char *tag)
{
    git_signature *who;
    git_oid commit;
    git_tree *found;
    git_reference *reference;
    char name[128];
    snprintf(name, sizeof name, "refs/tags/%s", tag);
    assert_int_equal(git_signature_new(&who, "a", "a@example.org", 1577836800, 0), 0);
    assert_int_equal(git_tree_lookup(&found, repository, tree), 0);
    assert_int_equal(git_commit_create(&commit, repository, NULL, who, who, NULL, "x", found, 0, NULL), 0);
    assert_int_equal(git_reference_create(&reference, repository, name, &commit, true, NULL), 0);
    git_reference_free(reference);
    git_tree_free(found);
    git_signature_free(who);
}

static char seen[4096];

static void note(void *user, const fps_diagnostic *diagnostic)
{
    (void)user;
    strncat(seen, diagnostic->message, sizeof seen - strlen(seen) - 2);
    strcat(seen, "\n");
}

static fps__history *make_history(const char *name, fps_status expected, fps_error *error)
{
    fps_history_source source = {path_of(name), NULL, NULL};
    fps_history_options options = {.component = "acme", .diagnostic = note};
    fps__history *history = NULL;
    seen[0] = '\0';
    fps_status status = fps__history_make(&source, 1, &options, &history, NULL, error);
    if (status != expected)
        fail_msg("status %d: %s", status, status ? error->message : "");
    return history;
}

/* The releases that hold a text, as in the file; "" when it is not there. */
static const char *releases_of(const fps__history *history, const char *text)
{
    static char list[256];
    uint64_t hash = XXH3_64bits(text, strlen(text));
    list[0] = '\0';
    for (size_t i = 0; i < history->texts.count; i++)
        if (history->texts.items[i].hash == hash) {
            fps__history_list found = history->lists.items[history->texts.items[i].releases];
            for (uint32_t k = 0; k < found.count; k++) {
                const fps__history_range *range = &history->ranges.items[found.first + k];
                snprintf(list + strlen(list), 24, "%s%u-%u", k ? "," : "", range->first, range->last);
            }
        }
    return list;
}

static void test_a_repository_gives_texts_by_release(void **state)
{
    (void)state;
    static const file_of old[] = {
        {"acme.c",
         "char *a = \"kept for ever\"; char *b = \"only in the old one\";\n"
         "void f(void) { assert(count > 3); printf(\"%\" PRIu64 \" items\", n); puts(\"acme \" VERSION); }\n"},
        {"acme.h", "int acme_open(void);\n"},
        {"configure.ac", "AC_INIT([acme], [1.9])\n"},
        {"tests/t.c", "char *t = \"only in a test\";\n"}};
    static const file_of new[] = {
        {"acme.c",
         "char *a = \"kept for ever\"; char *c = MSG; char *d = BAD_CAST \"cast text\"; BOTH \"two values\";\n"},
        {"acme.h", "#define MSG \"message 1.10\"\n#define BAD_CAST (const char *)\nint acme_open(void);\n"
                   "#define BOTH \"x\"\n#ifdef Y\n#define BOTH \"y\"\n#endif\n"},
        {"CMakeLists.txt", "project(acme VERSION 1.10 LANGUAGES C)\n"},
        {"version.h.in", "#define V \"acme release @PROJECT_VERSION@\"\n"}};
    git_repository *repository = make_repository("acme.git");
    git_oid first = make_tree(repository, old, 4), second = make_tree(repository, new, 4);
    tag_tree(repository, &second, "v1.10");
    tag_tree(repository, &first, "v1.9");
    tag_tree(repository, &first, "v1.9-rc1");
    git_repository_free(repository);
    fps_error error;
    fps__history *history = make_history("acme.git", FPS_OK, &error);
    assert_int_equal(history->releases.count, 2);
    assert_string_equal(history->releases.items[0].version, "1.9");
    assert_string_equal(history->releases.items[1].tag, "v1.10");
    assert_string_equal(history->releases.items[1].date, "2020-01-01");
    assert_string_equal(releases_of(history, "kept for ever"), "0-1");
    assert_string_equal(releases_of(history, "only in the old one"), "0-0");
    assert_string_equal(releases_of(history, "count > 3"), "0-0");
    assert_string_equal(releases_of(history, "%lu items"), "0-0");
    assert_string_equal(releases_of(history, "acme 1.9"), "0-0");
    assert_string_equal(releases_of(history, "message 1.10"), "1-1");
    assert_string_equal(releases_of(history, "cast text"), "1-1");
    assert_string_equal(releases_of(history, "acme release 1.10"), "1-1");
    assert_string_equal(releases_of(history, "xtwo values"), "");
    assert_string_equal(releases_of(history, "ytwo values"), "");
    assert_string_equal(releases_of(history, "only in a test"), "");
    for (size_t i = 0; i < history->texts.count; i++)
        if (history->texts.items[i].hash == XXH3_64bits("acme 1.9", 8))
            assert_int_equal(history->texts.items[i].text_class,
                             FPS__HISTORY_LETTERS | FPS__HISTORY_OWN_VERSION);
    assert_int_equal(history->names.count, 1 + 0);
    fps__history_free(history);
}

static void test_hostile_repositories_are_bounded_and_named(void **state)
{
    (void)state;
    static const file_of good[] = {{"a.c", "char *a = \"good text\";\n"}};
    git_repository *repository = make_repository("hostile.git");
    git_oid tree = make_tree(repository, good, 1), id, deep = tree, module;
    git_reference *reference;
    git_treebuilder *builder;
    tag_tree(repository, &tree, "v1.0");
    /* a tag of a file, and of nothing */
    assert_int_equal(git_blob_create_from_buffer(&id, repository, "x", 1), 0);
    assert_int_equal(git_reference_create(&reference, repository, "refs/tags/v2.0", &id, true, NULL), 0);
    git_reference_free(reference);
    /* folders inside each other without end, a submodule, and a file that is too large */
    for (int i = 0; i < 100; i++) {
        assert_int_equal(git_treebuilder_new(&builder, repository, NULL), 0);
        assert_int_equal(git_treebuilder_insert(NULL, builder, "d", &deep, GIT_FILEMODE_TREE), 0);
        assert_int_equal(git_treebuilder_write(&deep, builder), 0);
        git_treebuilder_free(builder);
    }
    char *large = calloc(1, 7 << 20);
    memset(large, ' ', 7 << 20);
    memcpy(large, "char *x = \"in a large file\";", 28);
    assert_int_equal(git_blob_create_from_buffer(&id, repository, large, 7 << 20), 0);
    free(large);
    assert_int_equal(git_oid_fromstr(&module, "1234567890123456789012345678901234567890"), 0);
    assert_int_equal(git_treebuilder_new(&builder, repository, NULL), 0);
    assert_int_equal(git_treebuilder_insert(NULL, builder, "deep", &deep, GIT_FILEMODE_TREE), 0);
    assert_int_equal(git_treebuilder_insert(NULL, builder, "large.c", &id, GIT_FILEMODE_BLOB), 0);
    assert_int_equal(git_treebuilder_insert(NULL, builder, "module.c", &module, GIT_FILEMODE_COMMIT), 0);
    assert_int_equal(git_treebuilder_write(&tree, builder), 0);
    git_treebuilder_free(builder);
    tag_tree(repository, &tree, "v3.0");
    fps_error error;
    fps__history *history = make_history("hostile.git", FPS_OK, &error);
    assert_int_equal(history->releases.count, 2);
    assert_string_equal(releases_of(history, "good text"), "0-0");
    assert_string_equal(releases_of(history, "in a large file"), "");
    assert_non_null(strstr(seen, "tag v2.0: it names a file"));
    assert_non_null(strstr(seen, "tag v3.0"));
    assert_non_null(strstr(seen, "too many folders inside each other"));
    fps__history_free(history);
    /* ten folders in each of ten folders, and so on: more paths than can be walked */
    git_oid bomb = make_tree(repository, good, 1);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(git_treebuilder_new(&builder, repository, NULL), 0);
        for (char name[] = "0"; *name <= '9'; ++*name)
            assert_int_equal(git_treebuilder_insert(NULL, builder, name, &bomb, GIT_FILEMODE_TREE), 0);
        assert_int_equal(git_treebuilder_write(&bomb, builder), 0);
        git_treebuilder_free(builder);
    }
    tag_tree(repository, &bomb, "v4.0");
    git_repository_free(repository);
    assert_null(make_history("hostile.git", FPS_ERROR_LIMIT, &error));
    assert_non_null(strstr(error.message, "tag v4.0 has more than"));
}

static void test_tags_that_lie_are_named(void **state)
{
    (void)state;
    static const file_of files[] = {{"a.c", "char *a = \"good text\";\n"},
                                    {"configure.ac", "AC_INIT([acme], [1.2.9])\n"}};
    git_repository *repository = make_repository("liar.git");
    git_oid tree = make_tree(repository, files, 2);
    fps_error error;
    tag_tree(repository, &tree, "v1.2.3");
    fps__history *history = make_history("liar.git", FPS_OK, &error);
    assert_string_equal(seen, "");
    fps__history_free(history);
    tag_tree(repository, &tree, "v9.0");
    git_repository_free(repository);
    history = make_history("liar.git", FPS_OK, &error);
    assert_int_equal(history->releases.count, 2);
    assert_non_null(strstr(seen, "tag v9.0: has the same files as tag v1.2.3"));
    assert_non_null(strstr(seen, "tag v9.0: the build file of its sources says 1.2.9"));
    fps__history_free(history);
}

static void test_a_damaged_tag_does_not_hide_the_others(void **state)
{
    (void)state;
    static const file_of files[] = {{"a.c", "char *a = \"good text\";\n"}};
    static const char *const damage[][2] = {{"hurt.git/refs/tags/v2.0", "ref: refs/tags/v2.0\n"},
                                            {"hurt.git/refs/tags/v3.0", "garbage\n"},
                                            {"hurt.git/refs/tags/v4.0", ""}};
    git_repository *repository = make_repository("hurt.git");
    git_oid tree = make_tree(repository, files, 1);
    fps_error error;
    tag_tree(repository, &tree, "v1.0");
    git_repository_free(repository);
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        FILE *file = fopen(path_of(damage[i][0]), "wb");
        assert_non_null(file);
        fputs(damage[i][1], file);
        fclose(file);
    }
    fps__history *history = make_history("hurt.git", FPS_OK, &error);
    assert_int_equal(history->releases.count, 1);
    assert_non_null(strstr(seen, "tag v2.0: "));
    assert_non_null(strstr(seen, "tag v3.0: "));
    assert_non_null(strstr(seen, "tag v4.0: "));
    fps__history_free(history);
}

static void test_a_repository_without_its_objects(void **state)
{
    (void)state;
    char command[256];
    fps_error error;
    static const file_of good[] = {{"a.c", "char *a = \"good text\";\n"}};
    git_repository *repository = make_repository("hollow.git");
    git_oid tree = make_tree(repository, good, 1);
    tag_tree(repository, &tree, "v1.0");
    git_repository_free(repository);
    snprintf(command, sizeof command, "rm -rf '%s'/objects/??", path_of("hollow.git"));
    assert_int_equal(system(command), 0);
    make_history("hollow.git", FPS_ERROR_NOT_FOUND, &error);
    assert_non_null(strstr(seen, "tag v1.0: its object is missing"));
    assert_int_equal(mkdir(path_of("empty"), 0700), 0);
    make_history("empty", FPS_ERROR_FORMAT, &error);
    make_history("absent", FPS_ERROR_IO, &error);
    assert_non_null(strstr(error.path, "absent"));
}

/* ---- archives ---- */

static void write_archive(const char *name, const char *file, const char *text, size_t size)
{
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    archive_write_add_filter_gzip(writer);
    archive_write_set_format_pax_restricted(writer);
    assert_int_equal(archive_write_open_filename(writer, path_of(name)), ARCHIVE_OK);
    archive_entry_set_pathname(entry, file);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1577836800, 0);
    archive_entry_set_size(entry, (la_int64_t)size);
    assert_int_equal(archive_write_header(writer, entry), ARCHIVE_OK);
    for (size_t done = 0; done < size;) {
        size_t part = text ? size : size - done < 65536 ? size - done : 65536;
        static const char zeros[65536];
        assert_int_equal(archive_write_data(writer, text ? text : zeros, part), part);
        done += part;
    }
    archive_entry_free(entry);
    archive_write_free(writer);
}

static void test_archives_are_releases(void **state)
{
    (void)state;
    static const char first[] = "char *a = \"in both\"; char *b = \"in the first\";\n",
                      second[] = "char *a = \"in both\";\n";
    write_archive("acme-2.0.tar.gz", "acme-2.0/src/a.c", second, sizeof second - 1);
    write_archive("acme-1.0.tar.gz", "acme-1.0/src/a.c", first, sizeof first - 1);
    char paths[2][160];
    snprintf(paths[0], sizeof paths[0], "%s", path_of("acme-2.0.tar.gz"));
    snprintf(paths[1], sizeof paths[1], "%s", path_of("acme-1.0.tar.gz"));
    fps_history_source sources[] = {{paths[0], NULL, NULL}, {paths[1], NULL, "2019-05-06"}};
    fps_history_options options = {.source = "here"};
    fps__history *history;
    fps_error error;
    assert_int_equal(fps__history_make(sources, 2, &options, &history, NULL, &error), FPS_OK);
    assert_string_equal(history->component, "acme");
    assert_int_equal(history->sources.count, 1);
    assert_string_equal(history->releases.items[0].date, "2019-05-06");
    assert_string_equal(history->releases.items[1].date, "2020-01-01");
    assert_string_equal(releases_of(history, "in both"), "0-1");
    assert_string_equal(releases_of(history, "in the first"), "0-0");
    fps__history_free(history);
}

static void test_an_archive_that_is_a_bomb(void **state)
{
    (void)state;
    fps_error error;
    write_archive("bomb-1.0.tar.gz", "bomb-1.0/a.c", NULL, (size_t)300 << 20);
    assert_null(make_history("bomb-1.0.tar.gz", FPS_ERROR_LIMIT, &error));
    assert_non_null(strstr(error.path, "bomb-1.0.tar.gz"));
    char command[400];
    snprintf(command, sizeof command, "head -c 100 '%s' >'%s'", path_of("acme-1.0.tar.gz"),
             path_of("cut-1.0.tar.gz"));
    assert_int_equal(system(command), 0);
    assert_null(make_history("cut-1.0.tar.gz", FPS_ERROR_CORRUPT, &error));
    assert_non_null(strstr(error.path, "cut-1.0.tar.gz"));
}

static void test_the_union_of_two_histories(void **state)
{
    (void)state;
    static const char first[] = HEAD RELEASES "t\t" KEY "\t5\t3\t0\t0\nt\t00000000000000ff\t5\t1\t0\t0-1\n";
    static const char second[] =
        HEAD "release\t0\t1.0.5\tx\t\nrelease\t1\t1.1\tx\t2021-02-03\nunit\t0\tb.c\nunit\t1\ta.c\n"
             "t\t" KEY "\t5\t3\t0-1\t1\nn\t" KEY "\t0-1\n";
    fps__history *parts[2], *merged;
    fps_error error;
    assert_int_equal(
        fps__history_parse((fps__span){(const uint8_t *)first, sizeof first - 1}, "x", &parts[0], &error),
        FPS_OK);
    assert_int_equal(
        fps__history_parse((fps__span){(const uint8_t *)second, sizeof second - 1}, "x", &parts[1], &error),
        FPS_OK);
    assert_int_equal(fps__history_merge((const fps__history *const *)parts, 2, &merged, &error), FPS_OK);
    char *text;
    size_t size;
    assert_int_equal(fps__history_render(merged, &text, &size, &error), FPS_OK);
    static const char expected[] =
        HEAD "source\tw\tc\t2020-01-01\n"
             "release\t0\t1.0\tv1.0\t2020-01-01\nrelease\t1\t1.0.5\tx\t\n"
             "release\t2\t1.1\tv1.1\t2021-02-03\nunit\t0\ta.c\nunit\t1\tb.c\n"
             "t\t00000000000000ff\t5\t1\t0\t0,2\nt\t" KEY "\t5\t3\t0-1\t0,2\nn\t" KEY "\t1-2\n";
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(text, expected, size);
    free(text);
    fps__history_free(merged);
    fps__history_free(parts[0]);
    fps__history_free(parts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals_are_read_as_the_compiler_makes_them),
        cmocka_unit_test(test_texts_with_macros_come_in_parts),
        cmocka_unit_test(test_names_of_functions),
        cmocka_unit_test(test_hostile_sources_take_linear_time),
        cmocka_unit_test(test_versions_of_tags),
        cmocka_unit_test(test_files_that_count),
        cmocka_unit_test(test_names_of_archives),
        cmocka_unit_test(test_a_good_history_is_read_and_written_back),
        cmocka_unit_test(test_bad_histories_are_named_with_their_line),
        cmocka_unit_test(test_an_overlong_line_and_a_cut_file_are_refused),
        cmocka_unit_test(test_a_failed_write_leaves_nothing),
        cmocka_unit_test(test_a_repository_gives_texts_by_release),
        cmocka_unit_test(test_hostile_repositories_are_bounded_and_named),
        cmocka_unit_test(test_tags_that_lie_are_named),
        cmocka_unit_test(test_a_damaged_tag_does_not_hide_the_others),
        cmocka_unit_test(test_a_repository_without_its_objects),
        cmocka_unit_test(test_archives_are_releases),
        cmocka_unit_test(test_an_archive_that_is_a_bomb),
        cmocka_unit_test(test_the_union_of_two_histories),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
