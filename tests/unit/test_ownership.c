/* Ownership: which package owns which file of a tree. */
#include "inventory_fixture.h"

/* "PATH PACKAGE" for each node that somebody owns, and "PACKAGE LAYER OWNED" behind. */
static void describe(const fps__ownership *ownership, const fps__inventory *inventory, const fps__tree *tree,
                     char *text, size_t size)
{
    char lines[64][256];
    size_t count = 0, used = 0;
    for (uint32_t id = 0; id < ownership->count; id++) {
        char path[200];
        if (ownership->owner[id] == UINT32_MAX)
            continue;
        assert_true(count < 64 && fps__tree_path(tree, id, path, sizeof path));
        snprintf(lines[count++], 256, "%s %s%s\n", path,
                 inventory->packages.items[ownership->owner[id]].facts.name,
                 ownership->owned_path[id] ? "" : " (root)");
    }
    qsort(lines, count, sizeof *lines, (int (*)(const void *, const void *))strcmp);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s", lines[i]);
    for (size_t i = 0; i < inventory->packages.count; i++) {
        const fps_package *facts = &inventory->packages.items[i].facts;
        used += (size_t)snprintf(text + used, size - used, "%s: layer %d, %d files\n", facts->name,
                                 (int)facts->layer, (int)facts->owned);
    }
}

typedef struct example {
    const char *name;
    const char *layers[5];
    const char *inventory, *owners;
} example;

static void check(const example *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[8192];
        fps__inventory inventory;
        fps__ownership ownership;
        fixture_inventory(&inventory, rows[i].inventory);
        fps__tree *tree = fixture_tree(rows[i].layers);
        assert_int_equal(fps__ownership_find(&ownership, &inventory, tree, 0, NULL), FPS_OK);
        describe(&ownership, &inventory, tree, text, sizeof text);
        if (strcmp(text, rows[i].owners) != 0)
            fail_msg("%s:\n%s--- expected:\n%s", rows[i].name, text, rows[i].owners);
        fps__ownership_free(&ownership);
        fps__tree_free(tree);
        fixture_inventory_free(&inventory);
    }
}

static void paths_are_resolved_in_the_tree(void **state)
{
    static const example rows[] = {
        {"usr-merge",
         {"d /usr/bin\nl /bin usr/bin\nf /usr/bin/curl"},
         "P deb curl 1\nc /bin d\nc /bin/curl r\n",
         "/usr/bin/curl curl\ncurl: layer 0, 1 files\n"},
        {"a link in an upper layer",
         {"f /lib/a.so", "d /usr/lib\nf /usr/lib/a.so\nw /lib\nl /lib usr/lib"},
         "P deb a 1\nc /lib/a.so r\n",
         "/usr/lib/a.so a\na: layer 1, 1 files\n"},
        {"alternatives",
         {"f /usr/bin/vim.basic\nl /usr/bin/vi /etc/alternatives/vi\nl /etc/alternatives/vi "
          "/usr/bin/vim.basic"},
         "P deb vim 9\nc /usr/bin/vim.basic r\n",
         "/usr/bin/vim.basic vim\nvim: layer 0, 1 files\n"},
        {"a link is owned, not what it leads to",
         {"f /opt/x\nl /usr/bin/x /opt/x"},
         "P deb x 9\nc /usr/bin/x l\n",
         "/usr/bin/x x\nx: layer -1, 0 files\n"},
        {"cycles of links and missing parents",
         {"l /a b\nl /b a\nl /c/self self\nf /f"},
         "P deb x 9\nc /a/x r\nc /c/self/y r\nc /no/such/z r\nc /f/x r\nc / d\nc /f r\n",
         "/f x\nx: layer 0, 1 files\n"},
        {"a link out of the root",
         {"l /up ../../..\nf /file"},
         "P deb x 9\nc /up/file r\n",
         "/file x\nx: layer 0, 1 files\n"},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void several_claims_have_one_owner(void **state)
{
    static const example rows[] = {
        {"a directory has no owner",
         {"d /usr/share/doc\nf /usr/share/doc/a"},
         "P deb a 1\nc /usr/share/doc d\nc /usr/share/doc/a\nP deb b 1\nc /usr/share/doc d\n",
         "/usr/share/doc/a a\na: layer 0, 1 files\nb: layer -1, 0 files\n"},
        {"the later one",
         {"f /x"},
         "P deb a 1\nc /x\nP deb b 1\nc /x\n",
         "/x b\na: layer -1, 0 files\nb: layer 0, 1 files\n"},
        {"a claim of the node's type first",
         {"f /x\nl /y x"},
         "P deb a 1\nc /x r\nc /y l\nP deb b 1\nc /x l\nc /y r\n",
         "/x a\n/y a\na: layer 0, 1 files\nb: layer -1, 0 files\n"},
        {"system before language",
         {"f /usr/lib/python3/dist-packages/six.py"},
         "P deb python3-six 1\nc /usr/lib/python3/dist-packages/six.py\n"
         "P pypi six 1\nc /usr/lib/python3/dist-packages/six.py\n",
         "/usr/lib/python3/dist-packages/six.py python3-six\npython3-six: layer 0, 1 files\nsix: layer -1, 0 "
         "files\n"},
        {"hard links share",
         {"f /usr/bin/perl\nh /usr/bin/perl5 /usr/bin/perl\nh /opt/p /usr/bin/perl"},
         "P deb perl 5\nc /usr/bin/perl\nP deb other 1\nc /opt/p\n",
         "/opt/p other\n/usr/bin/perl perl\n/usr/bin/perl5 perl\nperl: layer 0, 2 files\nother: layer 0, 1 "
         "files\n"},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void diverted_files_lie_elsewhere(void **state)
{
    static const example rows[] = {
        {"by a package",
         {"f /bin/sh\nf /bin/sh.distrib"},
         "P deb bash 5\nc /bin/sh\nP deb dash 1\nc /bin/sh\nD /bin/sh /bin/sh.distrib dash\n",
         "/bin/sh dash\n/bin/sh.distrib bash\nbash: layer 0, 1 files\ndash: layer 0, 1 files\n"},
        {"by the administrator",
         {"f /sbin/initctl\nf /sbin/initctl.distrib"},
         "P deb upstart 5\nc /sbin/initctl\nD /sbin/initctl /sbin/initctl.distrib :\n",
         "/sbin/initctl.distrib upstart\nupstart: layer 0, 1 files\n"},
        {"of dpkg alone",
         {"f /bin/sh"},
         "P apk dash 1\nc /bin/sh\nD /bin/sh /bin/other :\n",
         "/bin/sh dash\ndash: layer 0, 1 files\n"},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void roots_belong_to_language_packages(void **state)
{
    static const example rows[] = {
        {"the nearest root, what the system claims left out",
         {"f /app/node_modules/a/x.node\nf /app/node_modules/a/node_modules/b/lib/y.node\nf /app/other\n"
          "f /app/node_modules/a/deb"},
         "P deb d 1\nc /app/node_modules/a/deb\n"
         "P npm a 1\nr /app/node_modules/a\nP npm b 1\nr /app/node_modules/a/node_modules/b\n",
         "/app/node_modules/a/deb d\n/app/node_modules/a/node_modules/b/lib/y.node b (root)\n"
         "/app/node_modules/a/x.node a (root)\nd: layer 0, 1 files\na: layer 0, 1 files\nb: layer 0, 1 "
         "files\n"},
        {"neither the whole tree nor a directory of the system",
         {"f /x\nf /opt/y\nf /link/z\nl /app link"},
         "P deb base 1\nc /opt d\nP npm a 1\nr /\nP npm b 1\nr /opt\nP npm c 1\nr /app\n",
         "/link/z c (root)\nbase: layer -1, 0 files\na: layer -1, 0 files\nb: layer -1, 0 files\nc: layer 0, "
         "1 "
         "files\n"},
        {"a root that is not there", {"f /x"}, "P npm a 1\nr /no/such\n", "a: layer -1, 0 files\n"},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void layers_are_those_of_the_files(void **state)
{
    static const example rows[] = {
        {"the lowest of the files",
         {"f /db", "f /usr/bin/a", "f /usr/bin/b\nf /db"},
         "P deb a 1\n@ /db\nc /usr/bin/b\nc /usr/bin/a\n",
         "/usr/bin/a a\n/usr/bin/b a\na: layer 1, 2 files\n"},
        {"an upgrade leaves configuration behind",
         {"f /etc/a\nf /usr/bin/a", "f /usr/bin/a"},
         "P deb a 1\nc /etc/a c\nc /usr/bin/a r\n",
         "/etc/a a\n/usr/bin/a a\na: layer 1, 2 files\n"},
        {"configuration alone",
         {"f /x", "f /etc/a"},
         "P deb a 1\nc /etc/a c\n",
         "/etc/a a\na: layer 1, 1 files\n"},
        {"no files", {"f /x", "f /db"}, "P deb a 1\n@ /db\n", "a: layer 1, 0 files\n"},
        {"in an archive",
         {"f /x", "f /a.whl"},
         "P pypi a 1\n@ /a.whl!a.dist-info/METADATA\n",
         "a: layer 1, 0 files\n"},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void says_whether_the_system_lists_files(void **state)
{
    static const struct {
        const char *inventory;
        bool any;
    } rows[] = {{"", false},
                {"P npm a 1\nr /a\nc /a/b\n", false},
                {"P deb a 1\nc /a\nu\n", false},
                {"P deb a 1\n", false},
                {"P deb a 1\nP apk b 1\nc /x\n", true},
                {"P rpm b 1\nc /x\n", true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fps__inventory inventory;
        fps__ownership ownership;
        fixture_inventory(&inventory, rows[i].inventory);
        assert_int_equal(fps__ownership_find(&ownership, &inventory, NULL, 0, NULL), FPS_OK);
        assert_int_equal(ownership.any_system, rows[i].any);
        assert_int_equal(ownership.count, 0);
        fps__ownership_free(&ownership);
        fixture_inventory_free(&inventory);
    }
    fps__ownership_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_resolved_in_the_tree),
        cmocka_unit_test(several_claims_have_one_owner),
        cmocka_unit_test(diverted_files_lie_elsewhere),
        cmocka_unit_test(roots_belong_to_language_packages),
        cmocka_unit_test(layers_are_those_of_the_files),
        cmocka_unit_test(says_whether_the_system_lists_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
