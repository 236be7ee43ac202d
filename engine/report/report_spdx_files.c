/* Writes the files of an SPDX document, the words about licences that are no expression, and suppliers. */
#include "report/report_license.h"
#include "report/report_spdx.h"
#include "util/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void fps__spdx_path(fps__json *json, const char *path, const char *archive_path)
{
    const char *parts[] = {path, archive_path ? "!" : "", archive_path ? archive_path : ""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__spdx_put_line(json, parts[i]);
}

bool fps__spdx_shows_file(const fps__view *view, const fps_file *file)
{
    for (size_t i = 0; file->sha1 && i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, (size_t)file->findings_first + i);
        if (finding && fps__view_shows(view, finding))
            return true;
    }
    return false;
}

/* That later layers hide it, and its other names. */
static void write_comment(const fps_file *file, fps__json *json)
{
    bool hidden = file->visibility != FPS_VISIBILITY_VISIBLE;
    if (!hidden && !file->link_count)
        return;
    fps__json_text_start(json, "comment");
    if (hidden) {
        fps__json_text_part(json, fps_visibility_name(file->visibility));
        fps__json_text_part(json, " by a later layer");
    }
    for (size_t i = 0; i < file->link_count; i++) {
        fps__json_text_part(json, i ? ", " : hidden ? "; also called " : "also called ");
        fps__spdx_path(json, file->links[i], NULL);
    }
    fps__json_text_stop(json);
}

static void write_file(const fps__spdx *d, uint32_t index)
{
    const fps_file *file = fps_result_file(d->view->result, index);
    char id[FPS__SPDX_ID_SIZE], hex[41];
    fps__spdx_file_id(d->view, index, id);
    fps__hex_write(file->sha1, 20, hex);
    fps__json_object(d->json, NULL);
    fps__json_text_start(d->json, "fileName");
    fps__json_text_part(d->json, ".");
    fps__spdx_path(d->json, file->path, file->archive_path);
    fps__json_text_stop(d->json);
    fps__json_text(d->json, "SPDXID", id);
    fps__json_array(d->json, "fileTypes");
    fps__json_text(d->json, NULL, "BINARY");
    fps__json_end(d->json);
    fps__json_array(d->json, "checksums");
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "algorithm", "SHA1");
    fps__json_text(d->json, "checksumValue", hex);
    fps__json_end(d->json);
    fps__json_end(d->json);
    fps__json_text(d->json, "licenseConcluded", "NOASSERTION");
    fps__json_text(d->json, "copyrightText", "NOASSERTION");
    write_comment(file, d->json);
    fps__json_end(d->json);
}

void fps__spdx_files(const fps__spdx *d)
{
    const fps_result *result = d->view->result;
    fps__json_array(d->json, "files");
    for (size_t i = 0; i < fps_result_file_count(result); i++)
        if (fps__spdx_shows_file(d->view, fps_result_file(result, i)))
            write_file(d, (uint32_t)i);
    fps__json_end(d->json);
}

/* ---- licences ---- */

void fps__spdx_license_id(const char *words, char id[FPS__SPDX_LICENSE_SIZE])
{
    snprintf(id, FPS__SPDX_LICENSE_SIZE, "LicenseRef-%016llx",
             (unsigned long long)XXH3_64bits(words, strlen(words)));
}

static int compare_words(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static size_t gather_words(const fps__spdx *d, const char **words)
{
    size_t next = 0, count = 0;
    fps__entry entry;
    while (fps__bom_next(d->view, &next, &entry))
        words[count++] = fps__bom_license(&entry);
    return count;
}

const char **fps__spdx_license_words(const fps__spdx *d, size_t *count)
{
    const fps_result *result = d->view->result;
    size_t most = fps_result_package_count(result) + fps_result_component_count(result), kept = 0;
    const char **words = calloc(most + 1, sizeof *words);
    if (!words)
        return NULL;
    size_t found = gather_words(d, words);
    qsort(words, found, sizeof *words, compare_words);
    for (size_t i = 0; i < found; i++)
        if (*words[i] && (!kept || strcmp(words[kept - 1], words[i]) != 0))
            words[kept++] = words[i];
    *count = kept;
    return words;
}

void fps__spdx_licenses(const fps__spdx *d)
{
    size_t count = 0, written = 0;
    const char **words = fps__spdx_license_words(d, &count);
    if (!words)
        d->json->out->status = FPS_ERROR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        char id[FPS__SPDX_LICENSE_SIZE], buffer[FPS__LICENSE_WORDS_SIZE];
        if (fps__license_expression(words[i], buffer))
            continue;
        if (!written++)
            fps__json_array(d->json, "hasExtractedLicensingInfos");
        fps__spdx_license_id(words[i], id);
        fps__json_object(d->json, NULL);
        fps__json_text(d->json, "licenseId", id);
        fps__json_text(d->json, "extractedText", words[i]);
        fps__spdx_line(d->json, "name", words[i]);
        fps__json_end(d->json);
    }
    if (written)
        fps__json_end(d->json);
    free(words);
}

/* ---- suppliers ---- */

/* Whether a name is that of a group or a company: one that has no address, or is one word, is none of a person. */
bool fps__spdx_is_organization(const char *name, size_t length, bool address)
{
    static const char *const words[] = {"Team",         "Group",      "Inc",     "Ltd",        "LLC",
                                        "GmbH",         "Foundation", "Project", "Maintainer", "Developer",
                                        "Packag",       "Communit",   "Authors", "Linux",      "Corporation",
                                        "Contributors", "Committee"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(name, length, words[i], strlen(words[i])))
            return true;
    return !address || !memchr(name, ' ', length);
}

bool fps__spdx_supplier(fps__json *json, const char *supplier)
{
    size_t length = strcspn(supplier, "<");
    const char *address = supplier[length] ? supplier + length + 1 : "";
    size_t address_length = strcspn(address, ">");
    while (length && supplier[length - 1] == ' ')
        length--;
    if (!length && !address_length)
        return false;
    bool organization = fps__spdx_is_organization(supplier, length, address_length);
    fps__json_text_start(json, "supplier");
    fps__json_text_part(json, organization ? "Organization: " : "Person: ");
    fps__json_text_bytes(json, length ? supplier : address, length ? length : address_length);
    if (length && address_length) {
        fps__json_text_part(json, " (");
        fps__json_text_bytes(json, address, address_length);
        fps__json_text_part(json, ")");
    }
    fps__json_text_stop(json);
    return true;
}
