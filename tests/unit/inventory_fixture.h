/* Inventories written as lines of text, for tests of ownership and drift.
 *
 *   P KIND NAME VERSION [SOURCE [SOURCE-VERSION]]   a package; the lines below are its own
 *   c PATH [FLAGS [DIGEST]]                         a path that it owns
 *                     FLAGS: of "rdlcgo" (regular, directory, link, config, ghost, optional), or "-"
 *                     DIGEST: "md5=x", of 'x' in each byte
 *   r PATH          its root
 *   b TEXT          what it carries
 *   u               which files it has is not known
 *   @ PATH          where it is listed
 *   D FROM TO BY    a diversion
 */
#ifndef FPS_TESTS_INVENTORY_FIXTURE_H
#define FPS_TESTS_INVENTORY_FIXTURE_H

#include "drift/drift.h"
#include "layer_fixture.h"

enum { FIXTURE_PACKAGES = 32, FIXTURE_CLAIMS = 64 };

static inline const char *fixture_copy(fps__inventory *inventory, const char *text)
{
    char *copy = fps__arena_string(&inventory->arena, text);
    assert_non_null(copy);
    return copy;
}

static inline fps_package_kind fixture_kind(const char *name)
{
    for (int kind = 0; kind < FPS__PACKAGE_KIND_COUNT; kind++)
        if (strcmp(fps_package_kind_name((fps_package_kind)kind), name) == 0)
            return (fps_package_kind)kind;
    fail_msg("no kind of packages is called %s", name);
    return FPS_PACKAGE_GENERIC;
}

static inline void fixture_package(fps__inventory *inventory, char words[][256], int count)
{
    assert_true(count >= 3);
    assert_true(FPS__ARRAY_RESERVE(&inventory->packages, 1, FIXTURE_PACKAGES) == FPS_OK);
    fps__owned_path *paths = fps__arena_array(&inventory->arena, FIXTURE_CLAIMS, sizeof *paths);
    assert_non_null(paths);
    inventory->packages.items[inventory->packages.count++] = (fps__inventory_package){
        .facts = {.kind = fixture_kind(words[0]),
                  .name = fixture_copy(inventory, words[1]),
                  .version = fixture_copy(inventory, words[2]),
                  .architecture = "",
                  .source = fixture_copy(inventory, count > 3 ? words[3] : words[1]),
                  .source_version = fixture_copy(inventory, count > 4 ? words[4] : words[2]),
                  .license = "",
                  .purl = "",
                  .location = "",
                  .layer = 77,
                  .owned = 77},
        .paths = paths,
        .paths_known = true,
        .depends = "",
        .provides = "",
        .built_using = "",
        .root = ""};
}

static inline uint8_t fixture_flags(const char *letters)
{
    static const struct {
        char letter;
        uint8_t flag;
    } flags[] = {{'r', FPS__OWNED_REGULAR}, {'d', FPS__OWNED_DIRECTORY}, {'l', FPS__OWNED_LINK},
                 {'c', FPS__OWNED_CONFIG},  {'g', FPS__OWNED_GHOST},     {'o', FPS__OWNED_OPTIONAL}};
    unsigned found = 0;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        found |= strchr(letters, flags[i].letter) ? flags[i].flag : 0u;
    return (uint8_t)found;
}

static inline void fixture_path(fps__inventory *inventory, char words[][256], int count)
{
    fps__inventory_package *package = &inventory->packages.items[inventory->packages.count - 1];
    assert_true(count >= 1 && package->path_count < FIXTURE_CLAIMS);
    fps__owned_path *owned = (fps__owned_path *)(uintptr_t)&package->paths[package->path_count++];
    owned->path = fixture_copy(inventory, words[0]);
    owned->flags = count > 1 ? fixture_flags(words[1]) : 0;
    if (count < 3)
        return;
    const char *value = strchr(words[2], '=');
    assert_non_null(value);
    owned->digest_kind = strncmp(words[2], "md5", 3) == 0      ? FPS__DIGEST_MD5
                         : strncmp(words[2], "sha1", 4) == 0   ? FPS__DIGEST_SHA1
                         : strncmp(words[2], "sha256", 6) == 0 ? FPS__DIGEST_SHA256
                                                               : FPS__DIGEST_OTHER;
    memset(owned->digest, value[1], sizeof owned->digest);
}

static inline void fixture_line(fps__inventory *inventory, const char *line)
{
    char words[5][256] = {{0}};
    int count =
        sscanf(line + 1, "%255s %255s %255s %255s %255s", words[0], words[1], words[2], words[3], words[4]);
    size_t packages = inventory->packages.count;
    fps__inventory_package *package = packages ? &inventory->packages.items[packages - 1] : NULL;
    assert_true(package || line[0] == 'P' || line[0] == 'D');
    if (line[0] == 'P') {
        fixture_package(inventory, words, count);
    } else if (line[0] == 'D') {
        assert_true(FPS__ARRAY_RESERVE(&inventory->diversions, 1, FIXTURE_CLAIMS) == FPS_OK);
        inventory->diversions.items[inventory->diversions.count++] =
            (fps__diversion){fixture_copy(inventory, words[0]), fixture_copy(inventory, words[1]),
                             fixture_copy(inventory, words[2])};
    } else if (line[0] == 'c') {
        fixture_path(inventory, words, count);
    } else if (line[0] == 'r') {
        package->root = fixture_copy(inventory, words[0]);
    } else if (line[0] == 'b') {
        package->built_using = fixture_copy(inventory, line + 2);
    } else if (line[0] == '@') {
        package->facts.location = fixture_copy(inventory, words[0]);
    } else {
        assert_int_equal(line[0], 'u');
        package->paths_known = false;
    }
}

static inline void fixture_inventory(fps__inventory *inventory, const char *text)
{
    *inventory = (fps__inventory){.os_id = "", .os_version_id = "", .os_name = "", .os_like = ""};
    while (*text) {
        char line[1024];
        size_t length = strcspn(text, "\n");
        assert_true(length < sizeof line);
        memcpy(line, text, length);
        line[length] = '\0';
        fixture_line(inventory, line);
        text += length + (text[length] == '\n');
    }
}

static inline void fixture_inventory_free(fps__inventory *inventory)
{
    free(inventory->packages.items);
    free(inventory->diversions.items);
    fps__arena_free(&inventory->arena);
}

/* A tree of layers, NULL at the end. */
static inline fps__tree *fixture_tree(const char *const *layers)
{
    fps__tree *tree;
    assert_int_equal(fps__tree_create(&tree, 0, NULL), FPS_OK);
    for (uint32_t i = 0; layers[i]; i++) {
        fps__layer layer;
        fixture_parse(&layer, layers[i]);
        assert_int_equal(fps__tree_apply(tree, &layer, i, NULL, NULL, NULL), FPS_OK);
        fps__layer_free(&layer);
    }
    return tree;
}

#endif
