/* Packages of languages by the metadata that they install, also for metadata inside archives.
 *
 *   fps_package facts = fps__inventory_facts(FPS_PACKAGE_NPM);
 *   fps__language_parse_npm(&arena, bytes, &facts, &depends)
 *   facts.purl = fps__inventory_purl(&arena, &facts, "", "", "")
 */
#ifndef FPS_INVENTORY_LANGUAGE_H
#define FPS_INVENTORY_LANGUAGE_H

#include "inventory/inventory_reading.h"
#include "inventory/name_list.h"

/* The parsers fill name, version, license and architecture of `facts`; what the bytes do not say stays as it
 * was. `depends` (may be NULL) gets the names of what it needs, "a, b". Texts are copied into `arena`.
 * FPS_OK; without memory FPS_ERROR_MEMORY; FPS_ERROR_NOT_FOUND when name or version are missing then;
 * FPS_ERROR_CORRUPT when the bytes are not of the format. Thread-safe. */

/* METADATA of a wheel or a dist-info, PKG-INFO of an egg. */
fps_status fps__language_parse_python(fps__arena *arena, fps__span text, fps_package *facts,
                                      const char **depends);
/* package.json. */
fps_status fps__language_parse_npm(fps__arena *arena, fps__span text, fps_package *facts,
                                   const char **depends);
/* A gemspec as RubyGems installs it. */
fps_status fps__language_parse_gem(fps__arena *arena, fps__span text, fps_package *facts,
                                   const char **depends);

/* ---- for the parsers ---- */

/* Copies a trimmed value on one line to `text`; an empty one leaves it. False without memory. */
bool fps__language_take(fps__arena *arena, fps__span value, const char **text);
/* FPS_OK, or FPS_ERROR_NOT_FOUND without name or version. */
fps_status fps__language_complete(const fps_package *facts);

enum { FPS__MAX_METADATA = 2 * 1024 * 1024 }; /* bytes of a metadata file; a list of files may be longer */

/* The length of `path` without `suffix` at its end; 0 when it does not end so, or is nothing else. */
size_t fps__path_stem(const char *path, const char *suffix);
/* Whether `path` is the metadata of an installed package. */
bool fps__language_is_python(const char *path);
bool fps__language_is_npm(const char *path);
bool fps__language_is_gem(const char *path);

/* A parser of metadata with what all languages have in common. */
typedef fps_status (*fps__language_parser)(fps__arena *arena, fps__span text, fps_package *facts,
                                           const char **depends);
/* Adds the package of a metadata file. NULL, and a diagnostic where it is damaged, when it is none. */
fps__inventory_package *fps__language_add(fps__inventory_reading *reading, const fps__inventory_file *file,
                                          fps_package_kind kind, fps__language_parser parse);

/* Calls `read` for each file that `is_metadata`. */
void fps__language_read(fps__inventory_reading *reading, bool (*is_metadata)(const char *path),
                        void (*read)(fps__inventory_reading *reading, const fps__inventory_file *file));

#endif
