/* The fields of a manifest that can name its jar; private to the readers of jars. */
#ifndef FPS_INVENTORY_LANGUAGE_JAVA_MANIFEST_H
#define FPS_INVENTORY_LANGUAGE_JAVA_MANIFEST_H

#include "inventory/language_java.h"

typedef enum fps__manifest_field {
    FPS__IMPLEMENTATION_TITLE,
    FPS__IMPLEMENTATION_VERSION,
    FPS__IMPLEMENTATION_VENDOR_ID,
    FPS__IMPLEMENTATION_VENDOR,
    FPS__SPECIFICATION_TITLE,
    FPS__SPECIFICATION_VERSION,
    FPS__BUNDLE_SYMBOLIC_NAME, /* OSGi, with parameters: "a.b;singleton:=true" */
    FPS__BUNDLE_VERSION,
    FPS__BUNDLE_LICENSE,
    FPS__BUNDLE_NAME,
    FPS__AUTOMATIC_MODULE_NAME,
    FPS__EXTENSION_NAME, /* Java extensions; Jenkins, where it is the artifact */
    FPS__SHORT_NAME,     /* Jenkins: the artifact */
    FPS__GROUP_ID,       /* Jenkins */
    FPS__PLUGIN_VERSION, /* Jenkins: "1.2 (private-...)" */
    FPS__ARTIFACT_ID,
    FPS__BUILD_VERSION,
    FPS__PROJECT_VERSION,
    FPS__VERSION,
    FPS__MAVEN_GROUP, /* the coordinates in words of their own, as Google's builds write them */
    FPS__MAVEN_ARTIFACT,
    FPS__CLASS_FOLDER, /* these are no fields of manifests: see fps__jar */
    FPS__CLASS_VERSION,
    FPS__MANIFEST_FIELDS,
} fps__manifest_field;

typedef struct fps__manifest {
    fps__span values[FPS__MANIFEST_FIELDS]; /* empty where there is none; in the text that was read */
} fps__manifest;

/* The fields of a section whose continued lines were put together: what fps__jar_keep_manifest gives. Of repeated fields
 * the first counts. */
fps__manifest fps__manifest_fields_of(fps__span section);

#endif
