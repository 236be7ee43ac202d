/* What the files of the CycloneDX writer share; versions 1.4 to 1.7. */
#ifndef FPS_REPORT_REPORT_CYCLONEDX_H
#define FPS_REPORT_REPORT_CYCLONEDX_H

#include "report/json_writer.h"
#include "report/report_bom.h"

typedef struct fps__bom {
    const fps__view *view;
    fps__json *json;
    unsigned minor; /* 4..7: of version 1.x */
    bool gitlab;    /* with the properties that GitLab looks for */
} fps__bom;

/* A property in our own name space. */
void fps__cyclonedx_property(fps__json *json, const char *name, const char *value);
/* The same under a name of another program's name space. */
void fps__cyclonedx_foreign(fps__json *json, const char *name, const char *value);
/* A component with the components that lie only in it. */
void fps__cyclonedx_entry(const fps__bom *bom, const fps__entry *entry);
/* The member `evidence`; nothing in 1.4, which does not have it. */
void fps__cyclonedx_evidence(const fps__bom *bom, const fps__entry *entry);

/* The array "vulnerabilities" with analysis, and the properties of the document that say whether and where they were looked up. */
void fps__cyclonedx_vulnerabilities(const fps__bom *bom);
void fps__cyclonedx_vulnerability_properties(const fps__bom *bom);

#endif
