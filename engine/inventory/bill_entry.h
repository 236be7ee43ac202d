/* What the readers of bills of materials share: an entry of a document, and how it becomes a package. */
#ifndef FPS_INVENTORY_BILL_ENTRY_H
#define FPS_INVENTORY_BILL_ENTRY_H

#include "inventory/bill.h"
#include "inventory/manifest.h"

/* Members of an entry as the document has them, empty where it has none. */
typedef struct fps__bill_entry {
    fps__span reference, above; /* of the entry, and of the one that it lies in */
    fps__span purl, cpe, group, name, version;
    fps__span license, supplier;         /* plain words */
    const json_t *properties, *evidence; /* CycloneDX: lists, NULL for none */
    bool package; /* it is of a type that packages have; what is none needs a package URL */
    bool program; /* CycloneDX: an application */
} fps__bill_entry;

/* Adds the entry to the inventory. Without reading->whole, one that has no package URL is passed over. */
void fps__bill_add(fps__inventory_reading *reading, const fps__inventory_file *file,
                   const fps__bill_entry *entry);
/* Notes a relation between two references, of a document that is read as a whole. */
void fps__bill_relate(fps__inventory_reading *reading, fps__span from, fps__span to, fps__bill_relation kind);
/* Notes what a reference to a licence or a supplier stands for, of a document that is read as a whole. */
void fps__bill_word_for(fps__inventory_reading *reading, fps__span reference, fps__span words);
/* Notes the distribution, of a document that is read as a whole. */
void fps__bill_system(fps__inventory_reading *reading, fps__span id, fps__span version, fps__span name);
/* Notes what a document that is read as a whole is about. */
void fps__bill_subject(fps__inventory_reading *reading, fps__span name);
/* False at a limit, and without memory or time. */
static inline bool fps__bill_goes_on(const fps__inventory_reading *reading)
{
    return !reading->full && !reading->no_memory;
}

/* The readers; each takes a document of its own kind. */
void fps__bill_read_cyclonedx(fps__inventory_reading *reading, const fps__inventory_file *file,
                              const json_t *root);
void fps__bill_read_cyclonedx_xml(fps__inventory_reading *reading, const fps__inventory_file *file);
void fps__bill_read_spdx(fps__inventory_reading *reading, const fps__inventory_file *file,
                         const json_t *root);
void fps__bill_read_spdx3(fps__inventory_reading *reading, const fps__inventory_file *file,
                          const json_t *root);
void fps__bill_read_spdx_tags(fps__inventory_reading *reading, const fps__inventory_file *file);

#endif
