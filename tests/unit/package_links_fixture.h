/* Inventories of files that a test writes down. */
#ifndef FPS_TESTS_PACKAGE_LINKS_FIXTURE_H
#define FPS_TESTS_PACKAGE_LINKS_FIXTURE_H

#include "inventory/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct fixture_text {
    const char *path, *text;
} fixture_text;

/* What the last reading found fault with, "PATH: MESSAGE\n" each. */
typedef struct fixture_faults {
    unsigned count;
    char text[1024];
} fixture_faults;

static inline void fixture_fault(void *user, const fps_diagnostic *diagnostic)
{
    fixture_faults *faults = user;
    size_t used = strlen(faults->text);
    assert_int_equal(diagnostic->level, FPS_DIAGNOSTIC_PARTIAL);
    assert_string_equal(diagnostic->code, "broken-package-database");
    faults->count++;
    snprintf(faults->text + used, sizeof faults->text - used, "%s: %s\n",
             diagnostic->path ? diagnostic->path : "", diagnostic->message);
}

static inline int fixture_compare(const void *left, const void *right)
{
    return strcmp(((const fps__inventory_file *)left)->path, ((const fps__inventory_file *)right)->path);
}

/* Reads texts as files; all must be wanted. */
static inline fps__inventory fixture_inventory(const fixture_text *texts, size_t count,
                                               fixture_faults *faults)
{
    fps__inventory inventory;
    fps__inventory_file *files = calloc(count + 1, sizeof *files);
    for (size_t i = 0; i < count; i++) {
        assert_true(fps__inventory_wants(texts[i].path, strlen(texts[i].text)));
        files[i] =
            (fps__inventory_file){texts[i].path, {(const uint8_t *)texts[i].text, strlen(texts[i].text)}};
    }
    if (count)
        qsort(files, count, sizeof *files, fixture_compare);
    *faults = (fixture_faults){0, ""};
    assert_int_equal(
        fps__inventory_read(&inventory, files, count,
                            &(fps__inventory_options){.diagnostic = fixture_fault, .user = faults}, NULL),
        FPS_OK);
    free(files);
    return inventory;
}

static inline const fps__inventory_package *fixture_package(const fps__inventory *inventory, const char *purl)
{
    for (size_t i = 0; i < inventory->packages.count; i++)
        if (!strcmp(inventory->packages.items[i].facts.purl, purl))
            return &inventory->packages.items[i];
    print_message("no %s; there are:\n", purl);
    for (size_t i = 0; i < inventory->packages.count; i++)
        print_message("  %s\n", inventory->packages.items[i].facts.purl);
    fail();
    return NULL;
}

static inline const fps__owned_path *fixture_path(const fps__inventory_package *package, const char *path)
{
    for (size_t i = 0; i < package->path_count; i++)
        if (!strcmp(package->paths[i].path, path))
            return &package->paths[i];
    fail_msg("no claim of %s", path);
    return NULL;
}

/* The package URLs of what the package needs, each with a newline behind it. */
static inline const char *fixture_depends(const fps__inventory *inventory, const char *purl)
{
    static char text[1024];
    const fps_package *facts = &fixture_package(inventory, purl)->facts;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < facts->depend_count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n",
                                 inventory->packages.items[facts->depends[i]].facts.purl);
    return text;
}

#define FIXTURE_READ(texts, faults) fixture_inventory(texts, sizeof(texts) / sizeof *(texts), faults)

#endif
