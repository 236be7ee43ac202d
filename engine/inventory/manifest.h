/* What the readers of manifests share: JSON documents, "key: value" files, and paths that say what lies there.
 *
 *   json_t *root = fps__manifest_json(reading, file);
 *   package = fps__manifest_add(reading, FPS_PACKAGE_BREW, file, name, fps__manifest_member(root, "version"));
 *   json_decref(root);
 */
#ifndef FPS_INVENTORY_MANIFEST_H
#define FPS_INVENTORY_MANIFEST_H

#include "inventory/inventory_reading.h"

#include <jansson.h>

/* ---- JSON ---- */

/* The document in the file, for json_decref. NULL, and a diagnostic that names the file, when it is damaged, or when it
 * would take more memory than packages may still use: what a document takes is told from its bytes before it is read. */
json_t *fps__manifest_json(fps__inventory_reading *reading, const fps__inventory_file *file);
/* The text of a value, of the member `key` of an object, of the item `index` of a list; empty for what is no text. They
 * live as long as the document. */
fps__span fps__manifest_text(const json_t *value);
fps__span fps__manifest_member(const json_t *object, const char *key);
/* All texts of a list, or the one text, or the names of an object's members, with `joiner` between them; "" for others. A copy. */
const char *fps__manifest_join(fps__inventory_reading *reading, const json_t *list, const char *joiner);

/* ---- lines ---- */

/* The value of "KEY: VALUE" at the beginning of a line, without quotes around it; empty when there is none. It is not a
 * reader of YAML: lists, nested keys and texts of several lines are passed over. */
fps__span fps__manifest_field(fps__span text, const char *key);
/* The next text between quotation marks of `text` from *at that is in no braces; a backslash takes the next byte as it
 * is. False at the end. */
bool fps__manifest_next_quoted(fps__span text, size_t *at, fps__span *quoted);
/* Splits "NAME-VERSION" at the first or last '-' that a digit follows. False where there is none. */
bool fps__manifest_split(fps__span whole, bool last, fps__span *name, fps__span *version);

/* ---- packages ---- */

/* Adds a package whose metadata is `file`. NULL without a name, at the limits and without memory. */
fps__inventory_package *fps__manifest_add(fps__inventory_reading *reading, fps_package_kind kind,
                                          const fps__inventory_file *file, fps__span name, fps__span version);
/* Says that the file is no metadata of a package, or only a part. */
void fps__manifest_damaged(fps__inventory_reading *reading, const fps__inventory_file *file);
/* The part of a path counted from its end, 0 for the last; empty when it has not so many. */
fps__span fps__path_part(const char *path, unsigned from_end);
/* A copy of the path without its last `parts` parts, "" when nothing is left. */
const char *fps__path_above(fps__inventory_reading *reading, const char *path, unsigned parts);
/* The normalised path of `name` as seen from `folder` where it lies below `above`, a copy; "" where it does not: a manifest
 * claims no folder that is not its own. */
const char *fps__path_below(fps__inventory_reading *reading, const char *above, const char *folder,
                            fps__span name);
/* The file NAME beside another one, NULL when it is not there. */
const fps__inventory_file *fps__manifest_beside(fps__inventory_reading *reading,
                                                const fps__inventory_file *file, const char *name);

#endif
