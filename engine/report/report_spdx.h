/* What the files of the SPDX writer share: identifiers of elements, and packages. */
#ifndef FPS_REPORT_REPORT_SPDX_H
#define FPS_REPORT_REPORT_SPDX_H

#include "report/report_bom.h"
#include "report/report_statements.h"
#include "util/array.h"

enum { FPS__SPDX_ID_SIZE = 96 };

#define FPS__SPDX_DOCUMENT "SPDXRef-DOCUMENT"
#define FPS__SPDX_TARGET   "SPDXRef-Target"
#define FPS__SPDX_OS       "SPDXRef-OperatingSystem"

/* The comment of an identifier that is not the element's own. */
#define FPS__SPDX_CANDIDATE                                                                                  \
    "candidate: the component may be this member of its family; nothing tells them apart"

/* "FROM TYPE TO": identifiers of elements, and a type of SPDX 2.3. `comment` may be NULL. */
typedef struct fps__spdx_relation {
    const char *from, *type, *to, *comment;
} fps__spdx_relation;

/* That an entry has a vulnerability; both by their index, components behind all packages. */
typedef struct fps__spdx_affected {
    size_t entry, vulnerability;
} fps__spdx_affected;

typedef struct fps__spdx {
    const fps__view *view;
    fps__json *json;
    FPS__ARRAY(fps__spdx_affected) affected; /* by entry: see fps__spdx_find_affected */
    fps__statements statements;              /* which vulnerability speaks for which entry; the same */
    void (*relate)(const struct fps__spdx *d, const fps__spdx_relation *relation); /* writes one */
    void *user;                                                                    /* of `relate` */
    bool security; /* vulnerabilities are elements of the document; else annotations say them */
} fps__spdx;

/* Calls `relate` for each relationship between the elements. */
void fps__spdx_relationships(const fps__spdx *d);
/* The time of the document, which the specification requires; without one the epoch. */
void fps__spdx_date(const fps__spdx *d, char date[FPS__TIMESTAMP_SIZE]);
/* The member `comment`: how much was looked at, with which sets. */
void fps__spdx_comment(const fps__spdx *d);
/* Who made an entry, "" when nobody knows; `text` may hold the answer. */
enum { FPS__SPDX_SUPPLIER_SIZE = 512 };
const char *fps__spdx_supplier_of(const fps__spdx *d, const fps__entry *entry,
                                  char text[FPS__SPDX_SUPPLIER_SIZE]);
/* The version of an entry, or the range that it is in; NULL for none. `text` may hold the answer. */
const char *fps__spdx_version_of(const fps__entry *entry, char *text, size_t size);
/* The member `sourceInfo`, or `key`: where the entry is known from. */
void fps__spdx_source(const fps__spdx *d, const fps__entry *entry, const char *key);

void fps__spdx_entry_id(const fps__entry *entry, char id[FPS__SPDX_ID_SIZE]);
/* The id of the target if there is no such layer. */
void fps__spdx_layer_id(const fps__view *view, uint32_t layer, char id[FPS__SPDX_ID_SIZE]);
void fps__spdx_file_id(const fps__view *view, uint32_t file, char id[FPS__SPDX_ID_SIZE]);
/* True when a finding of the file is shown and its SHA-1 is known: the file is an element then. */
bool fps__spdx_shows_file(const fps__view *view, const fps_file *file);
bool fps__spdx_has_os(const fps_result_info *info);
/* A part of a text that must be a single line, and such a text as a member. */
void fps__spdx_put_line(fps__json *json, const char *text);
void fps__spdx_line(fps__json *json, const char *key, const char *text);
/* The member `packages`: target, system, layers, entries of the bill. */
void fps__spdx_packages(const fps__spdx *d);
/* The member `files`: those with findings. */
void fps__spdx_files(const fps__spdx *d);
/* The member `hasExtractedLicensingInfos`: the words of packages about their licence that are no expression; left out
 * when there are none. */
void fps__spdx_licenses(const fps__spdx *d);
/* A path as a single line, with the path inside an archive behind it. */
void fps__spdx_path(fps__json *json, const char *path, const char *archive_path);
/* "LicenseRef-" and a hash of the words: the same words have the same reference. */
enum { FPS__SPDX_LICENSE_SIZE = 48 };
void fps__spdx_license_id(const char *words, char id[FPS__SPDX_LICENSE_SIZE]);
/* "Organization: Name (address)" or "Person: ..." of "Name <address>"; false, and nothing is written, for "". */
bool fps__spdx_supplier(fps__json *json, const char *supplier);
bool fps__spdx_is_organization(const char *name, size_t length, bool address);
/* The words of all entries about their licence, each once and sorted, in a list that the caller frees; NULL without memory. */
const char **fps__spdx_license_words(const fps__spdx *d, size_t *count);

/* Fills d->statements, and d->affected with what of them is shown; without memory the output fails. fps__spdx_free is due in any case. */
void fps__spdx_find_affected(fps__spdx *d);
void fps__spdx_free(fps__spdx *d);
/* Calls `write` with each vulnerability of an entry that has a link, and with a comment on it: "CVE-2023-45853 (high), fixed in 1.3".
 * `array`: the key of a JSON array around them, which is left out where there are none; NULL: no array. */
void fps__spdx_advisories(const fps__spdx *d, const fps__entry *entry, const char *array,
                          void (*write)(fps__json *json, const char *link, const char *comment));
/* Annotations for vulnerabilities, made by `write_tool`, and the sentence of the comment that says if they were looked up. */
void fps__spdx_vulnerabilities(const fps__spdx *d, const char *date,
                               void (*write_tool)(const fps__spdx *d, const char *key));
void fps__spdx_vulnerability_comment(const fps__spdx *d);

#endif
