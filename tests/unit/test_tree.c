/* Merging layers: which names are there, which layer supplies their bytes, and what those replaced. */
#include "layer_fixture.h"

typedef struct note_list {
    char codes[4096];
    size_t count;
} note_list;

static void on_note(void *user, const fps_diagnostic *diagnostic)
{
    note_list *to = user;
    assert_int_equal(diagnostic->level, FPS_DIAGNOSTIC_NOTE);
    size_t used = strlen(to->codes);
    snprintf(to->codes + used, sizeof to->codes - used, "%s %s\n", diagnostic->code,
             diagnostic->path ? diagnostic->path : diagnostic->message);
    to->count++;
}

typedef struct merge_case {
    const char *name;
    const char *layers[4];
    const char *tree;  /* "TYPE LAYER CONTENT[<WHAT IT REPLACED] PATH" */
    const char *notes; /* "CODE PATH", or NULL */
} merge_case;

static void merge(const merge_case *row)
{
    fps__tree *tree;
    fixture_text text;
    note_list notes = {.count = 0};
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    for (uint32_t i = 0; i < 4 && row->layers[i]; i++) {
        fps__layer layer;
        fixture_parse(&layer, row->layers[i]);
        assert_int_equal(fps__tree_apply(tree, &layer, i, on_note, &notes, NULL), FPS_OK);
        fps__layer_free(&layer);
    }
    fixture_dump(tree, &text);
    if (strcmp(text.bytes, row->tree))
        fail_msg("%s:\n%s--- expected:\n%s", row->name, text.bytes, row->tree);
    if (strcmp(notes.codes, row->notes ? row->notes : ""))
        fail_msg("%s: notes\n%s--- expected:\n%s", row->name, notes.codes, row->notes ? row->notes : "");
    fps__tree_free(tree);
}

static void check(const merge_case *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        merge(&rows[i]);
}

static void attributes_files_to_the_layer_of_their_bytes(void **state)
{
    static const merge_case rows[] = {
        {"one layer",
         {"d /usr\nf /usr/a\nl /b usr/a\no /dev"},
         "l 0 - /b -> usr/a\no 0 - /dev\nd 0 - /usr\nf 0 0.0 /usr/a\n",
         NULL},
        {"replaced in place", {"f /a", "f /b", "f /a"}, "f 2 2.0<0.0 /a\nf 1 1.0 /b\n", NULL},
        {"replaced in place twice", {"f /a", "f /x\nf /a", "f /a"}, "f 2 2.0<1.1<0.0 /a\nf 1 1.0 /x\n", NULL},
        {"copy-up for chmod",
         {"d /d\nf /d/a\nf /d/b", "d /d\nf /d/a"},
         "d 1 - /d\nf 1 1.0<0.0 /d/a\nf 0 0.1 /d/b\n",
         NULL},
        {"directory over directory keeps children",
         {"d /d\nf /d/a", "d /d"},
         "d 1 - /d\nf 0 0.0 /d/a\n",
         NULL},
        {"parents that no entry names",
         {"f /x/y/a", "f /x/b"},
         "d 0 - /x\nf 1 1.0 /x/b\nd 0 - /x/y\nf 0 0.0 /x/y/a\n",
         NULL},
        {"a parent named after its children", {"f /x/a\nd /x"}, "d 0 - /x\nf 0 0.0 /x/a\n", NULL},
        {"the root", {"d /\nf /a", "d /"}, "f 0 0.0 /a\n", NULL},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void removes_what_whiteouts_name(void **state)
{
    static const merge_case rows[] = {
        {"whiteout", {"f /a\nf /b", "w /a"}, "f 0 0.1 /b\n", NULL},
        {"of a directory", {"f /d/e/a\nf /b", "w /d"}, "f 0 0.1 /b\n", NULL},
        {"added again later", {"f /a", "w /a", "f /a"}, "f 2 2.0 /a\n", NULL},
        {"and in the same layer, whiteout first", {"f /a", "w /a\nf /a"}, "f 1 1.0 /a\n", NULL},
        {"and in the same layer, file first", {"f /a", "f /a\nw /a"}, "f 1 1.0 /a\n", NULL},
        {"the parent goes and comes back",
         {"f /d/a\nf /d/b", "d /d\nf /d/a\nw /d"},
         "d 1 - /d\nf 1 1.0 /d/a\n",
         NULL},
        {"one that names nothing",
         {"f /a", "w /b\nw /c/d\nw /a/b"},
         "f 0 0.0 /a\n",
         "bad-whiteout /b\nbad-whiteout /c/d\nbad-whiteout /a/b\n"},
        {"one of the root", {"f /a", "w /"}, "f 0 0.0 /a\n", "bad-whiteout /\n"},
        {"only the own layer has it", {"", "f /a\nw /a"}, "f 1 1.0 /a\n", "bad-whiteout /a\n"},
        {"both a directory and what is in it", {"f /d/a\nf /d/b", "w /d\nw /d/a"}, "", NULL},
        {"of a link, not of its target", {"f /a\nl /l a", "w /l"}, "f 0 0.0 /a\n", NULL},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void hides_lower_children_of_opaque_directories(void **state)
{
    static const merge_case rows[] = {
        {"marker first", {"f /d/a\nf /d/b", "d /d\nq /d\nf /d/a"}, "d 1 - /d\nf 1 1.0 /d/a\n", NULL},
        {"marker last", {"f /d/a\nf /d/b", "d /d\nf /d/a\nq /d"}, "d 1 - /d\nf 1 1.0 /d/a\n", NULL},
        {"without the directory's own entry", {"f /d/a\nf /d/s/b", "q /d"}, "d 0 - /d\n", NULL},
        {"of the root", {"f /a\nf /d/b", "q /\nf /c"}, "f 1 1.0 /c\n", NULL},
        {"of a new directory", {"f /a", "d /d\nf /d/b\nq /d"}, "f 0 0.0 /a\nd 1 - /d\nf 1 1.0 /d/b\n", NULL},
        {"of a file", {"f /a", "q /a"}, "f 0 0.0 /a\n", NULL},
        {"with a whiteout in it",
         {"f /d/a\nf /d/b", "q /d\nw /d/a\nf /d/a"},
         "d 0 - /d\nf 1 1.0 /d/a\n",
         NULL},
        {"cuts what is deep below",
         {"f /d/s/a", "d /d\nd /d/s\nf /d/s/a\nq /d"},
         "d 1 - /d\nd 1 - /d/s\nf 1 1.0 /d/s/a\n",
         NULL},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void replaces_what_is_of_another_type(void **state)
{
    static const merge_case rows[] = {
        {"file over directory", {"f /d/e/a", "f /d"}, "f 1 1.0 /d\n", NULL},
        {"and back: nothing comes back",
         {"f /d/e/a", "f /d", "d /d\nf /d/e/a"},
         "d 2 - /d\nd 2 - /d/e\nf 2 2.0 /d/e/a\n",
         NULL},
        {"directory over file cuts", {"f /a", "d /a", "f /a"}, "f 2 2.0 /a\n", NULL},
        {"link over file cuts", {"f /a\nf /b", "l /a b", "f /a"}, "f 2 2.0 /a\nf 0 0.1 /b\n", NULL},
        {"device over file", {"f /a", "o /a"}, "o 1 - /a\n", NULL},
        {"link over directory",
         {"f /d/a\nf /e/a", "l /d e"},
         "l 1 - /d -> e\nd 0 - /e\nf 0 0.1 /e/a\n",
         NULL},
        {"directory over link",
         {"f /u/a\nl /l u", "d /l\nf /l/b"},
         "d 1 - /l\nf 1 1.0 /l/b\nd 0 - /u\nf 0 0.0 /u/a\n",
         NULL},
        {"a file in the place of a parent", {"f /p", "f /p/a"}, "d 1 - /p\nf 1 1.0 /p/a\n", NULL},
        {"gap within a layer", {"f /a", "d /a\nf /a"}, "f 1 1.0 /a\n", NULL},
        {"of one path the last counts", {"f /a\nf /a\nf /a"}, "f 0 0.2 /a\n", NULL},
        {"also above a lower layer", {"f /a", "f /a\nf /a"}, "f 1 1.1<0.0 /a\n", NULL},
        {"a file and then a directory", {"f /a\nd /a\nf /a/b"}, "d 0 - /a\nf 0 0.1 /a/b\n", NULL},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void gives_hard_links_the_bytes_of_their_target(void **state)
{
    static const merge_case rows[] = {
        {"within a layer", {"f /a\nh /b /a"}, "f 0 0.0 /a\nf 0 0.0 /b\n", NULL},
        {"before the target", {"h /b /a\nf /a"}, "f 0 0.0 /a\nf 0 0.0 /b\n", NULL},
        {"to a lower layer", {"f /a", "h /b /a"}, "f 0 0.0 /a\nf 1 0.0 /b\n", NULL},
        {"to what the layer replaces later", {"f /a", "h /b /a\nf /a"}, "f 1 1.0<0.0 /a\nf 1 0.0 /b\n", NULL},
        {"to what the layer replaced earlier",
         {"f /a", "f /a\nh /b /a"},
         "f 1 1.0<0.0 /a\nf 1 1.0<0.0 /b\n",
         NULL},
        {"to what the layer replaces twice", {"f /a\nh /b /a\nf /a"}, "f 0 0.1 /a\nf 0 0.0 /b\n", NULL},
        {"to a link that is replaced later",
         {"f /a", "h /b /a\nh /c /b\nf /b"},
         "f 0 0.0 /a\nf 1 1.0 /b\nf 1 0.0 /c\n",
         NULL},
        {"chain",
         {"h /d /c\nh /c /b\nh /b /a\nf /a"},
         "f 0 0.0 /a\nf 0 0.0 /b\nf 0 0.0 /c\nf 0 0.0 /d\n",
         NULL},
        {"in place", {"f /a\nf /b", "h /b /a"}, "f 0 0.0 /a\nf 1 0.0 /b\n", NULL},
        {"in place, of new bytes", {"f /b", "f /a\nh /b /a"}, "f 1 1.0<0.0 /a\nf 1 1.0<0.0 /b\n", NULL},
        {"both replaced", {"f /a\nh /b /a", "f /b\nh /a /b"}, "f 1 1.0<0.0 /a\nf 1 1.0<0.0 /b\n", NULL},
        {"one name copied up", {"f /a\nh /b /a", "f /b"}, "f 0 0.0 /a\nf 1 1.0<0.0 /b\n", NULL},
        {"a file after the link", {"f /a\nh /b /a\nf /b"}, "f 0 0.0 /a\nf 0 0.1 /b\n", NULL},
        {"a link after the file", {"f /a\nf /b\nh /b /a"}, "f 0 0.0 /a\nf 0 0.0 /b\n", NULL},
        {"file, link and file in place",
         {"f /b", "f /a\nh /b /a\nf /b"},
         "f 1 1.0 /a\nf 1 1.1<0.0 /b\n",
         NULL},
        {"to a symbolic link", {"f /a\nl /l a\nh /m /l"}, "f 0 0.0 /a\nl 0 - /l -> a\nl 0 - /m -> a\n", NULL},
        {"target below a link",
         {"f /u/a\nl /l u\nh /b /l/a"},
         "f 0 0.0 /b\nl 0 - /l -> u\nd 0 - /u\nf 0 0.0 /u/a\n",
         NULL},
        {"dangling", {"f /a\nh /b /c"}, "f 0 0.0 /a\n", "dangling-hard-link /b\n"},
        {"to a directory", {"d /d\nh /b /d"}, "d 0 - /d\n", "dangling-hard-link /b\n"},
        {"to what a whiteout behind it removes",
         {"f /a\nf /c", "h /b /a\nw /a"},
         "f 1 0.0 /b\nf 0 0.1 /c\n",
         NULL},
        {"to what a whiteout before it removes", {"f /a", "w /a\nh /b /a"}, "f 1 0.0 /b\n", NULL},
        {"to what an opaque directory hides",
         {"f /d/a", "d /d\nq /d\nh /b /d/a"},
         "f 1 0.0 /b\nd 1 - /d\n",
         NULL},
        {"to what a lower layer removed", {"f /a", "w /a", "h /b /a"}, "", "dangling-hard-link /b\n"},
        {"to itself", {"h /a /a"}, "", "dangling-hard-link /a\n"},
        {"in a circle",
         {"h /a /b\nh /b /c\nh /c /a\nh /d /a\nf /e"},
         "f 0 0.0 /e\n",
         "dangling-hard-link /a\ndangling-hard-link /b\ndangling-hard-link /c\ndangling-hard-link /d\n"},
        {"the link's name becomes a directory",
         {"f /a\nh /b /a\nf /b/c"},
         "f 0 0.0 /a\nd 0 - /b\nf 0 0.1 /b/c\n",
         NULL},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static void follows_links_to_parents_inside_the_root(void **state)
{
    static const merge_case rows[] = {
        {"merged usr",
         {"f /usr/lib/x.so\nl /lib usr/lib", "f /lib/x.so\nf /lib/y.so"},
         "l 0 - /lib -> usr/lib\nd 0 - /usr\nd 0 - /usr/lib\nf 1 1.0<0.0 /usr/lib/x.so\nf 1 1.1 "
         "/usr/lib/y.so\n",
         NULL},
        {"within a layer",
         {"l /lib usr/lib\nf /lib/x\nf /usr/lib/y"},
         "l 0 - /lib -> usr/lib\nd 0 - /usr\nd 0 - /usr/lib\nf 0 0.0 /usr/lib/x\nf 0 0.1 /usr/lib/y\n",
         NULL},
        {"whiteout through a link",
         {"f /usr/lib/x\nf /usr/lib/y\nl /lib usr/lib", "w /lib/x"},
         "l 0 - /lib -> usr/lib\nd 0 - /usr\nd 0 - /usr/lib\nf 0 0.1 /usr/lib/y\n",
         NULL},
        {"whiteout below what replaces the link",
         {"f /u/x\nl /l u", "w /l/x\nd /l\nf /l/y"},
         "d 1 - /l\nf 1 1.0 /l/y\nd 0 - /u\nf 0 0.0 /u/x\n",
         "bad-whiteout /l/x\n"},
        {"whiteout below a link that goes",
         {"f /u/x\nl /l u", "w /l/x\nw /l"},
         "d 0 - /u\nf 0 0.0 /u/x\n",
         "bad-whiteout /l/x\n"},
        {"opaque below what replaces the link",
         {"f /u/x\nl /l u", "d /l\nq /l"},
         "d 1 - /l\nd 0 - /u\nf 0 0.0 /u/x\n",
         NULL},
        {"out of the tree",
         {"l /l ../../../etc\nf /l/a"},
         "d 0 - /etc\nf 0 0.0 /etc/a\nl 0 - /l -> ../../../etc\n",
         NULL},
        {"absolute",
         {"f /d/x\nl /d/l /d/e", "f /d/l/a"},
         "d 0 - /d\nd 1 - /d/e\nf 1 1.0 /d/e/a\nl 0 - /d/l -> /d/e\nf 0 0.0 /d/x\n",
         NULL},
        {"several links",
         {"l /a b\nl /b c/d\nl /c /e\nf /a/x"},
         "l 0 - /a -> b\nl 0 - /b -> c/d\nl 0 - /c -> /e\nd 0 - /e\nd 0 - /e/d\nf 0 0.0 /e/d/x\n",
         NULL},
        {"a circle",
         {"l /a b\nl /b a\nf /a/x\nf /c"},
         "l 0 - /a -> b\nl 0 - /b -> a\nf 0 0.1 /c\n",
         "bad-parent /a/x\n"},
        {"a link without a target",
         {"f /c", "l /a \nf /a/x"},
         "l 1 - /a -> \nf 0 0.0 /c\n",
         "bad-parent /a/x\n"},
        {"through a file",
         {"f /f\nl /l f/g", "f /l/x"},
         "d 1 - /f\nd 1 - /f/g\nf 1 1.0 /f/g/x\nl 0 - /l -> f/g\n",
         NULL},
    };
    (void)state;
    check(rows, sizeof rows / sizeof *rows);
}

static fps__tree *tree_of(const char *text)
{
    fps__tree *tree;
    fps__layer layer;
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    fixture_parse(&layer, text);
    assert_int_equal(fps__tree_apply(tree, &layer, 0, NULL, NULL, NULL), FPS_OK);
    fps__layer_free(&layer);
    return tree;
}

static void assert_leads_to(const fps__tree *tree, uint32_t id, const char *from, const char *expected)
{
    char path[FPS__LAYER_PATH + 1] = "-";
    if (id != FPS__NO_NODE)
        assert_true(fps__tree_path(tree, id, path, sizeof path) > 0);
    if (strcmp(path, expected))
        fail_msg("%s: %s instead of %s", from, path, expected);
}

static void resolves_the_table(void **state)
{
    static const struct {
        const char *path, *found, *resolved, *parent; /* as it is; all links followed; all but the last */
    } rows[] = {
        {"/", "/", "/", "/"},
        {"/usr/lib/libz.so.1.3", "/usr/lib/libz.so.1.3", "/usr/lib/libz.so.1.3", "/usr/lib/libz.so.1.3"},
        {"/usr/lib/libz.so", "/usr/lib/libz.so", "/usr/lib/libz.so.1.3", "/usr/lib/libz.so"},
        {"/lib/libz.so.1", "-", "/usr/lib/libz.so.1.3", "/usr/lib/libz.so.1"},
        {"/lib/../lib/./x//", "-", "/usr/lib/x", "/usr/lib/x"},
        {"/lib", "/lib", "/usr/lib", "/lib"},
        {"/lib/", "-", "/usr/lib", "/usr/lib"},
        {"/usr/up", "/usr/up", "/passwd", "/usr/up"},
        {"/usr/root/usr/root/usr/root/lib/x", "-", "/usr/lib/x", "/usr/lib/x"},
        {"/outside", "/outside", "-", "/outside"},
        {"/missing", "-", "-", "-"},
        {"/missing/..", "-", "-", "-"},
        {"/passwd/x", "-", "-", "-"},
        {"/passwd/", "-", "-", "-"},
        {"/slash", "/slash", "-", "/slash"},
        {"/loop1", "/loop1", "-", "/loop1"},
        {"/loop1/x", "-", "-", "-"},
    };
    fps__tree *tree = tree_of("f /usr/lib/libz.so.1.3\nd /usr/lib/x\nf /passwd\n"
                              "l /usr/lib/libz.so.1 libz.so.1.3\nl /usr/lib/libz.so /usr/lib/libz.so.1\n"
                              "l /lib usr/lib\nl /usr/up ../../../../../../passwd\nl /usr/root /\n"
                              "l /outside /etc/passwd\nl /loop1 loop2\nl /loop2 loop1\nl /slash passwd/");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = rows[i].path;
        assert_leads_to(tree, fps__tree_find(tree, path), path, rows[i].found);
        assert_leads_to(tree, fps__tree_resolve(tree, path, true), path, rows[i].resolved);
        assert_leads_to(tree, fps__tree_resolve(tree, path, false), path, rows[i].parent);
    }
    fps__tree_free(tree);
}

static void shows_nodes_and_leaves_out_what_is_gone(void **state)
{
    fps__tree *tree = tree_of("d /d\nf /d/a\nl /d/l a");
    fps__tree_node node;
    fps__tree_content content;
    uint32_t directory = fps__tree_find(tree, "/d"), file = fps__tree_find(tree, "/d/a");
    (void)state;
    assert_true(fps__tree_get(tree, file, &node));
    assert_string_equal(node.name, "a");
    assert_null(node.target);
    assert_int_equal(node.parent, directory);
    assert_int_equal(node.size, 1);
    assert_true(fps__tree_get_content(tree, node.content, &content));
    assert_int_equal(content.previous, FPS__NO_NODE);
    assert_false(fps__tree_get_content(tree, fps__tree_content_count(tree), &content));
    assert_true(fps__tree_get(tree, fps__tree_find(tree, "/d/l"), &node));
    assert_string_equal(node.target, "a");
    uint32_t seen = 0;
    for (uint32_t at = fps__tree_child(tree, directory); at != FPS__NO_NODE; at = fps__tree_sibling(tree, at))
        seen++;
    assert_int_equal(seen, 2);

    fps__layer layer;
    fixture_parse(&layer, "w /d");
    assert_int_equal(fps__tree_apply(tree, &layer, 1, NULL, NULL, NULL), FPS_OK);
    fps__layer_free(&layer);
    assert_false(fps__tree_get(tree, file, &node));
    assert_false(fps__tree_get(tree, fps__tree_count(tree), &node));
    assert_int_equal(fps__tree_child(tree, FPS__TREE_ROOT), FPS__NO_NODE);
    assert_int_equal(fps__tree_find(tree, "/d/a"), FPS__NO_NODE);
    fps__tree_free(tree);
}

static void adds_the_names_of_a_directory(void **state)
{
    fps__tree *tree;
    fixture_text text;
    (void)state;
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    static const struct {
        fps__layer_entry entry;
        fps_status status;
    } rows[] = {
        {{"/d/a", NULL, 7, 0644, 3, FPS__ENTRY_FILE}, FPS_OK},
        {{"/d", NULL, 0, 0700, FPS__NO_CONTENT, FPS__ENTRY_DIRECTORY}, FPS_OK},
        {{"/b", "/d/a", 0, 0644, FPS__NO_CONTENT, FPS__ENTRY_HARDLINK}, FPS_OK},
        {{"/b", "/b", 0, 0644, FPS__NO_CONTENT, FPS__ENTRY_HARDLINK}, FPS_OK},
        {{"/l", "d/a", 0, 0777, FPS__NO_CONTENT, FPS__ENTRY_SYMLINK}, FPS_OK},
        {{"/", NULL, 0, 0755, FPS__NO_CONTENT, FPS__ENTRY_DIRECTORY}, FPS_OK},
        {{"/c", "/none", 0, 0644, FPS__NO_CONTENT, FPS__ENTRY_HARDLINK}, FPS_ERROR_NOT_FOUND},
        {{"/c", "/d", 0, 0644, FPS__NO_CONTENT, FPS__ENTRY_HARDLINK}, FPS_ERROR_NOT_FOUND},
        {{"/c", NULL, 0, 0644, FPS__NO_CONTENT, FPS__ENTRY_WHITEOUT}, FPS_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fps__tree_add(tree, &rows[i].entry, NULL), rows[i].status);
    fixture_dump(tree, &text);
    assert_string_equal(text.bytes, "f - -.3 /b\nd - - /d\nf - -.3 /d/a\nl - - /l -> d/a\n");
    fps__tree_free(tree);
}

static void keeps_to_its_limits(void **state)
{
    fps__tree *tree;
    fps__layer layer;
    (void)state;
    assert_int_equal(fps__tree_create(&tree, 3, NULL), FPS_OK);
    fixture_parse(&layer, "f /a\nf /b\nf /a");
    assert_int_equal(fps__tree_apply(tree, &layer, 0, NULL, NULL, NULL), FPS_OK);
    fps__layer_free(&layer);
    fixture_parse(&layer, "f /c");
    assert_int_equal(fps__tree_apply(tree, &layer, 1, NULL, NULL, NULL), FPS_ERROR_LIMIT);
    fps__layer_free(&layer);
    fps__tree_free(tree);
    fps__tree_free(NULL);
}

static void counts_notes_after_the_twentieth(void **state)
{
    fps__tree *tree;
    fps__layer layer = {0};
    note_list notes = {.count = 0};
    (void)state;
    for (int i = 0; i < 50; i++) {
        char line[16];
        fixture_add(&layer, line, (size_t)snprintf(line, sizeof line, "w /%d", i));
    }
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    assert_int_equal(fps__tree_apply(tree, &layer, 0, on_note, &notes, NULL), FPS_OK);
    assert_int_equal(notes.count, 21);
    assert_non_null(strstr(notes.codes, "the same of 30 more names"));
    fps__layer_free(&layer);
    fps__tree_free(tree);
}

/* Directories on disk may be deeper than any path that a program can open at once. */
static void adds_names_at_any_depth(void **state)
{
    fps__tree *tree;
    char *path = malloc(20001);
    (void)state;
    assert_non_null(path);
    for (size_t i = 0; i < 20000; i += 2)
        memcpy(path + i, "/d", 2);
    path[20000] = '\0';
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    fps__layer_entry entry = {
        .path = "/d", .target = "d", .type = FPS__ENTRY_SYMLINK, .content = FPS__NO_CONTENT};
    assert_int_equal(fps__tree_add(tree, &entry, NULL), FPS_OK);
    entry = (fps__layer_entry){.path = path, .type = FPS__ENTRY_FILE, .content = 1};
    assert_int_equal(fps__tree_add(tree, &entry, NULL), FPS_OK);
    assert_int_equal(fps__tree_count(tree), 10001);
    uint32_t id = fps__tree_find(tree, path);
    assert_int_not_equal(id, FPS__NO_NODE);
    memset(path, 0, 20001);
    assert_int_equal(fps__tree_path(tree, id, path, 20001), 20000);
    fps__tree_free(tree);
    free(path);
}

/* A path of 4,096 bytes has its place; links that lead to a longer one do not. */
static void places_the_longest_paths(void **state)
{
    fps__tree *tree;
    fps__layer layer = {0};
    note_list notes = {.count = 0};
    char line[5000], path[FPS__LAYER_PATH + 1];
    (void)state;
    memcpy(line, "f ", 2);
    for (size_t i = 2; i < sizeof line; i += 2)
        memcpy(line + i, "/d", 2);
    line[2 + FPS__LAYER_PATH - 1] = 'x';
    fixture_add(&layer, line, 2 + FPS__LAYER_PATH);
    fixture_add(&layer, "l /l d/d/d", 10);
    line[2 + 1] = 'l';
    fixture_add(&layer, line, 2 + FPS__LAYER_PATH);
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    assert_int_equal(fps__tree_apply(tree, &layer, 0, on_note, &notes, NULL), FPS_OK);
    assert_int_equal(notes.count, 1);
    line[2 + 1] = 'd';
    line[2 + FPS__LAYER_PATH] = '\0';
    uint32_t id = fps__tree_find(tree, line + 2);
    assert_int_equal(fps__tree_path(tree, id, path, sizeof path), FPS__LAYER_PATH);
    assert_string_equal(path, line + 2);
    assert_int_equal(fps__tree_path(tree, id, path, sizeof path - 1), 0);
    fps__layer_free(&layer);
    fps__tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_files_to_the_layer_of_their_bytes),
        cmocka_unit_test(removes_what_whiteouts_name),
        cmocka_unit_test(hides_lower_children_of_opaque_directories),
        cmocka_unit_test(replaces_what_is_of_another_type),
        cmocka_unit_test(gives_hard_links_the_bytes_of_their_target),
        cmocka_unit_test(follows_links_to_parents_inside_the_root),
        cmocka_unit_test(resolves_the_table),
        cmocka_unit_test(shows_nodes_and_leaves_out_what_is_gone),
        cmocka_unit_test(adds_the_names_of_a_directory),
        cmocka_unit_test(keeps_to_its_limits),
        cmocka_unit_test(counts_notes_after_the_twentieth),
        cmocka_unit_test(adds_names_at_any_depth),
        cmocka_unit_test(places_the_longest_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
