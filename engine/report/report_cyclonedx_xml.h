/* The XML form of CycloneDX documents: the schemas bom-1.4.xsd to bom-1.7.xsd. */
#ifndef FPS_REPORT_REPORT_CYCLONEDX_XML_H
#define FPS_REPORT_REPORT_CYCLONEDX_XML_H

#include "report/json_writer.h"

/* What is known of a value that is open. */
typedef struct fps__cyclonedx_xml_level {
    const char *key;     /* in JSON; of an item of a list that of the list */
    const char *element; /* its tag; NULL where it has none */
    bool started;        /* its start tag is not closed yet: attributes can follow */
    bool filled;         /* it has elements inside */
} fps__cyclonedx_xml_level;

/* What a text in hand becomes. */
typedef enum fps__cyclonedx_xml_text {
    FPS__XML_NOTHING,
    FPS__XML_ATTRIBUTE,
    FPS__XML_CONTENT,
    FPS__XML_ELEMENT,
    FPS__XML_REFERENCE
} fps__cyclonedx_xml_text;

typedef struct fps__cyclonedx_xml {
    const char *version; /* "1.6" */
    fps__cyclonedx_xml_level levels[FPS__JSON_DEPTH];
    fps__cyclonedx_xml_text open;
    const char *element; /* of an open text that is an element */
} fps__cyclonedx_xml;

/* `state` of the writer is an fps__cyclonedx_xml. Members must come in the order that the XML schema wants, those that
 * become attributes first. */
extern const fps__json_form fps__cyclonedx_xml_form;

#endif
