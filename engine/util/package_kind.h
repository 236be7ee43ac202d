/* Kinds of packages: one table of what the rooms know about each of them.
 *
 * To add a package manager, add
 *   - its value to fps_package_kind (fpscan/result.h), at the end: values are ABI,
 *   - its line to FPS__PACKAGE_KINDS below,
 *   - its reader, an fps__inventory_reader in a file of its own in inventory/,
 *   - its name to the enum of kinds in report/report.schema.json.
 */
#ifndef FPS_UTIL_PACKAGE_KIND_H
#define FPS_UTIL_PACKAGE_KIND_H

#include "util/version.h"

#include <fpscan/result.h>

/* How the name of a package stands in its package URL. */
typedef enum fps__purl_name {
    FPS__PURL_EXACT = 0, /* as it is */
    FPS__PURL_LOWER,     /* in lower case */
    FPS__PURL_PYPI,      /* as PEP 503 normalises it */
    FPS__PURL_SCOPED,    /* "scope/name" */
    FPS__PURL_GROUPED,   /* "group:name"; a name without a group makes the URL a generic one */
} fps__purl_name;

/* KIND        the value is FPS_PACKAGE_KIND
 * name        in reports; the type of the package URL
 * ecosystem   the prefix of source package patterns in the catalogue, "" for none
 * system      installed by a distribution's package manager: its files are owned, and checked for drift
 * version     the rules by which its versions are written, FPS__VERSION_...
 * purl name   FPS__PURL_...
 * namespace   of system packages, for the package URL where the distribution is not known; "" for none
 * name ends   the bytes that end a name in a list of dependencies, besides blanks
 * reader      the inventory reads installed packages with fps__reader_READER */
/* clang-format off */
#define FPS__PACKAGE_KINDS(KIND)                                                                     \
    /*   KIND     name       ecosystem system version  purl name  namespace  name ends     reader */ \
    KIND(DEB,     "deb",     "debian", true,  DEBIAN,  LOWER,     "debian",  "(:[<",       dpkg)     \
    KIND(APK,     "apk",     "apk",    true,  ALPINE,  LOWER,     "alpine",  "<>=~@",      apk)      \
    KIND(RPM,     "rpm",     "rpm",    true,  RPM,     EXACT,     "",        "",           rpm)      \
    KIND(PYPI,    "pypi",    "pypi",   false, PLAIN,   PYPI,      "",        "<>=~!([;@",  python)   \
    KIND(NPM,     "npm",     "npm",    false, PLAIN,   SCOPED,    "",        "",           npm)      \
    KIND(MAVEN,   "maven",   "",       false, PLAIN,   GROUPED,   "",        "",           java)     \
    KIND(GEM,     "gem",     "",       false, PLAIN,   EXACT,     "",        "",           gem)      \
    KIND(GENERIC, "generic", "",       false, PLAIN,   SCOPED,    "",        "",           none)     \
    KIND(ALPM,    "alpm",    "alpm",   true,  RPM,     LOWER,     "arch",    "<>=",        pacman)
/* clang-format on */

#define FPS__PACKAGE_KIND_ONE(...) +1
enum { FPS__PACKAGE_KIND_COUNT = FPS__PACKAGE_KINDS(FPS__PACKAGE_KIND_ONE) };
#undef FPS__PACKAGE_KIND_ONE

typedef struct fps__package_kind {
    const char *name, *ecosystem;
    bool system;
    fps__version_scheme version;
    fps__purl_name purl_name;
    const char *purl_namespace, *name_ends;
} fps__package_kind;

/* What is known about a kind, never NULL: a value outside the table is called "unknown". Thread-safe. */
const fps__package_kind *fps__package_kind_of(fps_package_kind kind);

#endif
