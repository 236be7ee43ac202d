/* The entries that bills of materials share: packages of all inventories, and components that no package
 * explains.
 *
 * A finding that its package explains is a second identity of the package's entry. Any other finding belongs
 * to the entry of its component, and the packages whose files contain it contain that entry.
 */
#ifndef FPS_REPORT_REPORT_BOM_H
#define FPS_REPORT_REPORT_BOM_H

#include "report/json_writer.h"
#include "report/report_identifier.h"
#include "report/report_view.h"
#include "util/digest.h"

typedef struct fps__entry {
    size_t index;                   /* of the package, or of the component */
    size_t number;                  /* the same, of components counting those that have an entry */
    const fps_package *package;     /* NULL: a component */
    const fps_component *component; /* NULL: a package */
    const fps_finding *best;        /* of the entry's findings; NULL for a package without */
} fps__entry;

/* False when the package or component has no entry; `entry` may be NULL. */
bool fps__bom_package(const fps__view *view, size_t index, fps__entry *entry);
bool fps__bom_component(const fps__view *view, size_t index, fps__entry *entry);
/* The place of an entry among packages and components, which come behind all packages; and what is at one, as above. */
size_t fps__bom_place(const fps__view *view, const fps__entry *entry);
bool fps__bom_at(const fps__view *view, size_t place, fps__entry *entry);
/* Iterates over all entries, packages first; false after the last. *cursor starts at 0. */
bool fps__bom_next(const fps__view *view, size_t *cursor, fps__entry *entry);
/* Iterates over the findings of an entry, by component and file; NULL after the last. *cursor starts at 0. */
const fps_finding *fps__bom_next_finding(const fps__view *view, const fps__entry *entry, size_t *cursor);
/* Iterates over the components in the files of a package; false after the last. *cursor starts at 0. */
bool fps__bom_next_contained(const fps__view *view, size_t package, size_t *cursor, fps__entry *entry);
/* Iterates over the entries that have a vulnerability, some of them more than once: its packages, or of each file the component that
 * is there, or the package that this is a second identity of; false after the last. *cursor starts at 0. report_statements.h says
 * which vulnerability speaks for an entry that several have. */
bool fps__bom_next_affected(const fps__view *view, const fps_vulnerability *vulnerability, size_t *cursor,
                            fps__entry *entry);
/* A reference that is unique in the bill: "zlib@1.2.13", "package:deb/zlib1g@1:1.2.13". Never empty when
 * `size` is FPS__IDENTIFIER_SIZE. */
void fps__bom_reference(const fps__view *view, const fps__entry *entry, char *text, size_t size);
/* The name of the package or component, the component's id where it has none. */
const char *fps__bom_name(const fps__entry *entry);
/* The package's version, or the release if the evidence allows only one; NULL for none. */
const char *fps__bom_version(const fps__entry *entry);
const char *fps__bom_license(const fps__entry *entry);
/* True when the package was built from a source package of another name or version: what advisories are keyed by. */
bool fps__bom_has_source(const fps__entry *entry);
/* Package URL and CPE name with version, as fps__purl_text and fps__cpe_text give them. */
size_t fps__bom_purl(const fps__entry *entry, char *text, size_t size);
size_t fps__bom_cpe(const fps__entry *entry, char *text, size_t size);
/* Layer that introduced the entry; FPS__NONE when unknown. */
uint32_t fps__bom_layer(const fps__view *view, const fps__entry *entry);
/* "drift unowned /opt/tool: no package claims this executable" */
void fps__bom_drift(const fps_drift *drift, const char *key, fps__json *json);
/* "urn:uuid:..." of version 5: a hash of the document without this text, so that it depends on target, sets
 * and findings alone. False without memory. */
bool fps__document_uuid(const fps__view *view,
                        void (*write)(const fps__view *view, const char *uuid, fps__output *out),
                        char text[FPS__UUID_SIZE]);
/* The package URL of an image by its digest, else by its tag; 0 and "" when it has no name, or neither. */
size_t fps__bom_image_purl(const fps_image *image, char *text, size_t size);

#endif
