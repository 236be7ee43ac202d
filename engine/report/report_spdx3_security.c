/* Vulnerabilities of an SPDX 3.0 document: its profile Security (SPDX 3.0.1, "Security").
 *
 * A vulnerability is an element, whatever has it. What is known of it in an entry of the bill are relationships from it to the entry:
 *
 *   VexAffected, VexFixed, VexNotAffected,  the verdict; an entry that was there at the baseline is affected all the same
 *   VexUnderInvestigation
 *   CvssV2, CvssV3, CvssV4                  score and vector, where both are known
 *   Epss                                    where the date of the scores is known, which the specification asks for
 *   ExploitCatalog                          it stands in CISA's catalogue
 */
#include "report/report_spdx3.h"
#include "report/report_vulnerabilities.h"
#include "util/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REMARK = 2048 };

#define CATALOGUE "https://www.cisa.gov/known-exploited-vulnerabilities-catalog"

/* A vulnerability that is written, in one subject, and the entries of the bill that have it. */
typedef struct subject {
    const fps_vulnerability *vulnerability;
    size_t index;           /* in the result */
    const char *const *ids; /* of the entries */
    size_t count;
} subject;

/* "Vulnerability-CVE-2022-37434"; with a hash where the name does not fit into an identifier, so that no two are called alike. */
static void vulnerability_id(const fps_vulnerability *vulnerability, char id[FPS__SPDX_ID_SIZE])
{
    const char *name = vulnerability->id;
    enum { LONGEST = 64 };
    bool fits = strlen(name) <= LONGEST;
    for (const char *c = name; *c && fits; c++)
        fits = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
               *c == '-' || *c == '.';
    if (fits)
        snprintf(id, FPS__SPDX_ID_SIZE, "Vulnerability-%s", name);
    else
        fps__spdx3_hashed_id("Vulnerability", name, id);
}

static void put_name(const fps__spdx *d, const char *name)
{
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "type", "ExternalIdentifier");
    fps__json_text(d->json, "externalIdentifierType",
                   strncmp(name, "CVE-", 4) == 0 ? "cve" : "securityOther");
    fps__json_text(d->json, "identifier", name);
    fps__json_end(d->json);
}

static void put_vulnerability(const fps__spdx *d, const fps_vulnerability *vulnerability)
{
    char id[FPS__SPDX_ID_SIZE];
    vulnerability_id(vulnerability, id);
    fps__spdx3_start(d, "security_Vulnerability", id);
    fps__spdx_line(d->json, "name", vulnerability->id);
    if (*vulnerability->title)
        fps__json_text(d->json, "summary", vulnerability->title);
    fps__json_array(d->json, "externalIdentifier");
    put_name(d, vulnerability->id);
    for (size_t i = 0; i < vulnerability->name_count; i++)
        put_name(d, vulnerability->names[i]);
    fps__json_end(d->json);
    fps__json_end(d->json);
}

/* ---- assessments ---- */

/* Starts one; `kind` tells those of one subject apart. */
static void start(const fps__spdx *d, const subject *s, const char *type, const char *relation,
                  const char *kind)
{
    char id[FPS__SPDX_ID_SIZE], from[FPS__SPDX_ID_SIZE];
    vulnerability_id(s->vulnerability, from);
    snprintf(id, sizeof id, "Assessment-%zu-%s", s->index, kind);
    fps__spdx3_start(d, type, id);
    fps__spdx3_iri(d, "from", from);
    fps__json_text(d->json, "relationshipType", relation);
    fps__spdx3_list(d, "to", s->ids, s->count);
}

static void put_verdict(const fps__spdx *d, const fps__statements *made, const subject *s)
{
    static const struct {
        const char *type, *relation;
    } kinds[] = {
        [FPS__VEX_AFFECTED] = {"security_VexAffectedVulnAssessmentRelationship", "affects"},
        [FPS__VEX_FIXED] = {"security_VexFixedVulnAssessmentRelationship", "fixedIn"},
        [FPS__VEX_NOT_AFFECTED] = {"security_VexNotAffectedVulnAssessmentRelationship", "doesNotAffect"},
        [FPS__VEX_INVESTIGATED] = {"security_VexUnderInvestigationVulnAssessmentRelationship",
                                   "underInvestigationFor"},
    };
    fps__vex_status status = fps__vulnerability_status(s->vulnerability);
    char remark[REMARK];
    fps__statements_remark(made, s->index, remark, sizeof remark);
    start(d, s, kinds[status].type, kinds[status].relation, "vex");
    if (status == FPS__VEX_AFFECTED)
        fps__json_vex_action(d->json, "security_actionStatement", s->vulnerability);
    if (status == FPS__VEX_NOT_AFFECTED)
        fps__json_text(d->json, "security_impactStatement", remark);
    else if (*remark)
        fps__json_text(d->json, "security_statusNotes", remark);
    fps__json_end(d->json);
}

/* The word that CVSS 3.1 (5) and 4.0 (6) have for a score. */
static const char *severity_of_score(double score)
{
    return score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : score > 0 ? "low" : "none";
}

static void put_score(const fps__spdx *d, const subject *s)
{
    const fps_vulnerability *v = s->vulnerability;
    const char *method = fps__vulnerability_method(v);
    bool two = strcmp(method, "CVSSv2") == 0, four = strcmp(method, "CVSSv4") == 0;
    if (!*v->vector || v->score <= 0 || (!two && strncmp(method, "CVSSv", 5) != 0))
        return;
    start(d, s,
          two    ? "security_CvssV2VulnAssessmentRelationship"
          : four ? "security_CvssV4VulnAssessmentRelationship"
                 : "security_CvssV3VulnAssessmentRelationship",
          "hasAssessmentFor", "cvss");
    fps__json_real(d->json, "security_score", v->score);
    if (!two)
        fps__json_text(d->json, "security_severity", severity_of_score(v->score));
    fps__json_text(d->json, "security_vectorString", v->vector);
    fps__json_end(d->json);
}

/* The date of the scores, "2026-08-21"; NULL when it is unknown. */
static const char *date_of_scores(const fps_result_info *info)
{
    for (size_t i = 0; i < info->vulnerability_source_count; i++)
        if (strcmp(info->vulnerability_sources[i].format, "epss") == 0 &&
            strlen(info->vulnerability_sources[i].date) == strlen("2026-08-21"))
            return info->vulnerability_sources[i].date;
    return NULL;
}

static void put_chance(const fps__spdx *d, const subject *s)
{
    const fps_vulnerability *v = s->vulnerability;
    const char *date = date_of_scores(fps_result_get_info(d->view->result));
    if (!date || v->epss < 0 || v->percentile < 0)
        return;
    start(d, s, "security_EpssVulnAssessmentRelationship", "hasAssessmentFor", "epss");
    fps__json_real(d->json, "security_probability", v->epss);
    fps__json_real(d->json, "security_percentile", v->percentile);
    fps__json_text_start(d->json, "security_publishedTime");
    fps__json_text_part(d->json, date);
    fps__json_text_part(d->json, "T00:00:00Z");
    fps__json_text_stop(d->json);
    fps__json_end(d->json);
}

static void put_exploit(const fps__spdx *d, const subject *s)
{
    if (!s->vulnerability->known_exploited)
        return;
    start(d, s, "security_ExploitCatalogVulnAssessmentRelationship", "hasAssessmentFor", "kev");
    fps__json_text(d->json, "security_catalogType", "kev");
    fps__json_bool(d->json, "security_exploited", true);
    fps__json_text(d->json, "security_locator", CATALOGUE);
    fps__json_end(d->json);
}

static void put_subject(const fps__spdx *d, const fps__statements *made, size_t index)
{
    const fps_vulnerability *vulnerability = fps_result_vulnerability(d->view->result, index);
    FPS__ARRAY(const char *) ids = {NULL, 0, 0};
    fps__arena arena = {.blocks = NULL};
    fps_status status = FPS_OK;
    fps__entry entry;
    for (size_t cursor = 0; !status && fps__statements_entry(made, index, &cursor, &entry);) {
        char id[FPS__SPDX_ID_SIZE];
        fps__spdx_entry_id(&entry, id);
        const char *kept = fps__arena_string(&arena, id);
        status = kept ? FPS__ARRAY_PUSH(&ids, &kept, SIZE_MAX / sizeof kept) : FPS_ERROR_MEMORY;
    }
    const subject s = {vulnerability, index, ids.items, ids.count};
    if (!status && ids.count) {
        put_verdict(d, made, &s);
        put_score(d, &s);
        put_chance(d, &s);
        put_exploit(d, &s);
    }
    if (status)
        d->json->out->status = status;
    free(ids.items);
    fps__arena_free(&arena);
}

/* ---- all of them ---- */

static int compare_names(const void *left, const void *right)
{
    const fps_vulnerability *const *a = left, *const *b = right;
    return strcmp((*a)->id, (*b)->id);
}

/* Each vulnerability once, whatever has it. */
static void put_vulnerabilities(const fps__spdx *d, const fps__statements *made)
{
    size_t most = fps_result_vulnerability_count(d->view->result), count = 0;
    const fps_vulnerability **chosen = calloc(most + 1, sizeof *chosen);
    if (!chosen) {
        d->json->out->status = FPS_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < most; i++)
        if (fps__statements_has(made, i))
            chosen[count++] = fps_result_vulnerability(d->view->result, i);
    if (count)
        qsort(chosen, count, sizeof *chosen, compare_names);
    for (size_t i = 0; i < count; i++)
        if (!i || strcmp(chosen[i - 1]->id, chosen[i]->id) != 0)
            put_vulnerability(d, chosen[i]);
    free(chosen);
}

void fps__spdx3_security(const fps__spdx *d)
{
    put_vulnerabilities(d, &d->statements);
    for (size_t i = 0; i < fps_result_vulnerability_count(d->view->result); i++)
        put_subject(d, &d->statements, i);
}
