/* The form of SPDX documents as tags and values (SPDX 2.3, annex "Tag:value format"). */
#include "report/report_spdx_tags.h"

#include <string.h>

/* What stands before and after a member of an object of `list` ("" for the document). Members that make one line come in
 * the order of that line. A text in <text> may have several lines. */
static const struct rule {
    const char *list, *key, *before, *after;
} rules[] = {
    {"", "spdxVersion", "SPDXVersion: ", "\n"},
    {"", "dataLicense", "DataLicense: ", "\n"},
    {"", "SPDXID", "SPDXID: ", "\n"},
    {"", "name", "DocumentName: ", "\n"},
    {"", "documentNamespace", "DocumentNamespace: ", "\n"},
    {"", "comment", "DocumentComment: <text>", "</text>\n"},
    {"creationInfo", "created", "Created: ", "\n"},
    {"creators", NULL, "Creator: ", "\n"},
    {"packages", "name", "PackageName: ", "\n"},
    {"packages", "SPDXID", "SPDXID: ", "\n"},
    {"packages", "versionInfo", "PackageVersion: ", "\n"},
    {"packages", "primaryPackagePurpose", "PrimaryPackagePurpose: ", "\n"},
    {"packages", "supplier", "PackageSupplier: ", "\n"},
    {"packages", "downloadLocation", "PackageDownloadLocation: ", "\n"},
    {"packages", "filesAnalyzed", "FilesAnalyzed: ", "\n"},
    {"packages", "licenseConcluded", "PackageLicenseConcluded: ", "\n"},
    {"packages", "licenseDeclared", "PackageLicenseDeclared: ", "\n"},
    {"packages", "copyrightText", "PackageCopyrightText: ", "\n"},
    {"packages", "sourceInfo", "PackageSourceInfo: <text>", "</text>\n"},
    {"packages", "comment", "PackageComment: <text>", "</text>\n"},
    {"packages", "summary", "PackageSummary: <text>", "</text>\n"},
    {"packages/checksums", "algorithm", "PackageChecksum: ", ""},
    {"files/checksums", "algorithm", "FileChecksum: ", ""},
    {"checksums", "checksumValue", ": ", "\n"},
    {"externalRefs", "referenceCategory", "ExternalRef: ", ""},
    {"externalRefs", "referenceType", " ", ""},
    {"externalRefs", "referenceLocator", " ", "\n"},
    {"externalRefs", "comment", "ExternalRefComment: <text>", "</text>\n"},
    {"files", "fileName", "FileName: ", "\n"},
    {"files", "SPDXID", "SPDXID: ", "\n"},
    {"fileTypes", NULL, "FileType: ", "\n"},
    {"files", "licenseConcluded", "LicenseConcluded: ", "\n"},
    {"files", "copyrightText", "FileCopyrightText: ", "\n"},
    {"files", "comment", "FileComment: <text>", "</text>\n"},
    {"hasExtractedLicensingInfos", "licenseId", "LicenseID: ", "\n"},
    {"hasExtractedLicensingInfos", "extractedText", "ExtractedText: <text>", "</text>\n"},
    {"hasExtractedLicensingInfos", "name", "LicenseName: ", "\n"},
    {"relationships", "spdxElementId", "Relationship: ", ""},
    {"relationships", "relationshipType", " ", ""},
    {"relationships", "relatedSpdxElement", " ", "\n"},
    {"relationships", "comment", "RelationshipComment: <text>", "</text>\n"},
    {"annotations", "annotator", "Annotator: ", "\n"},
    {"annotations", "annotationDate", "AnnotationDate: ", "\n"},
    {"annotations", "annotationType", "AnnotationType: ", "\nSPDXREF: SPDXRef-DOCUMENT\n"},
    {"annotations", "comment", "AnnotationComment: <text>", "</text>\n"},
};

static bool is_same(const char *left, const char *right)
{
    return left == right || (left && right && strcmp(left, right) == 0);
}

/* True when "files/checksums" names the list `key` in `above`, or "checksums" the list in anything. */
static bool is_list(const char *rule, const char *key, const char *above)
{
    const char *slash = strchr(rule, '/');
    if (!slash)
        return strcmp(rule, key) == 0;
    return strcmp(slash + 1, key) == 0 && strlen(above) == (size_t)(slash - rule) &&
           strncmp(rule, above, strlen(above)) == 0;
}

static void open_value(fps__json *json, const char *key, bool is_array)
{
    fps__spdx_tags *tags = json->state;
    const char *above = json->depth ? tags->keys[json->depth - 1] : "";
    static const char *const blocks[] = {"packages", "files", "hasExtractedLicensingInfos", "annotations"};
    tags->keys[json->depth] = key ? key : above;
    for (size_t i = 0; !is_array && !key && i < sizeof blocks / sizeof *blocks; i++)
        if (strcmp(blocks[i], above) == 0)
            fps__output_text(json->out, "\n");
}

static void close_value(fps__json *json)
{
    (void)json;
}

static void start_text(fps__json *json, const char *key)
{
    fps__spdx_tags *tags = json->state;
    const char *list = tags->keys[json->depth - 1], *above = "";
    for (unsigned d = json->depth - 1; d-- > 0 && !*above;)
        if (!is_same(tags->keys[d], list))
            above = tags->keys[d];
    tags->after = NULL;
    for (size_t i = 0; !tags->after && i < sizeof rules / sizeof *rules; i++)
        if (is_same(rules[i].key, key) && is_list(rules[i].list, list, above)) {
            fps__output_text(json->out, rules[i].before);
            tags->after = rules[i].after;
        }
    tags->lines = tags->after && *tags->after == '<';
    tags->last = '\0';
}

/* No text of a target ends its <text> or its line. */
static void put_text(fps__json *json, const char *text, size_t size)
{
    fps__spdx_tags *tags = json->state;
    for (size_t i = 0; tags->after && i < size;) {
        bool plain = tags->lines && text[i] == '\n';
        bool ends = tags->lines && tags->last == '<' && text[i] == '/';
        size_t length = plain ? 1 : fps__shown(text + i, size - i);
        if (length && !ends)
            fps__output_bytes(json->out, text + i, length);
        else
            fps__output_format(json->out, "\\x%02x", (unsigned char)text[i]);
        tags->last = text[i];
        i += length && !ends ? length : 1;
    }
}

static void stop_text(fps__json *json)
{
    const fps__spdx_tags *tags = json->state;
    if (tags->after)
        fps__output_text(json->out, tags->after);
}

const fps__json_form fps__spdx_tags_form = {open_value, close_value, start_text, put_text, stop_text};
