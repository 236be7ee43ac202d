/* The table of package kinds: everything that differs from one package manager to the next.
 *
 * A new package manager is a line here, its reader in engine/inventory/, its value in fps_package_kind, and its name in
 * engine/report/report.schema.json. What has no line is known to nobody.
 */
#ifndef FPS_UTIL_PACKAGE_KIND_H
#define FPS_UTIL_PACKAGE_KIND_H

#include "util/version.h"

#include <fpscan/result.h>

/* One line per value of fps_package_kind.
 *
 *   KIND       the enumerator behind FPS_PACKAGE_
 *   type       type of its package URL, also its name in reports (purl specification, PURL-TYPES)
 *   ecosystem  how patterns of the catalogue call it ("debian:zlib"); "" when they do not know it
 *   manages    SYSTEM: it installs an operating system, so that every program has an owner; LANGUAGE: packages of a
 *              language, which may lie anywhere; NOTHING: a plain name
 *   vendor     SYSTEM: the namespace of its package URL when os-release names no distribution; "": none
 *   NAMES      how a name becomes part of the package URL: LOWER lower case, PLAIN as it is, PEP503 as Python normalises
 *              names, SCOPE "@scope/name", GROUP "group:artifact"
 *   VERSION    the rules that its versions are written by, behind FPS__VERSION_
 *   ends       what ends a name in a list of dependencies, blanks apart
 *   reader     functions fps__inventory_wants_READER and fps__inventory_read_READER; `none` where packages of the kind are
 *              found inside archives alone
 */
/* clang-format off */
#define FPS__PACKAGE_KINDS(X) \
    /*KIND     type       ecosystem  manages   vendor    NAMES   VERSION ends          reader */ \
    X(DEB,     "deb",     "debian",  SYSTEM,   "debian", LOWER,  DEBIAN, "(:[<",       dpkg) \
    X(APK,     "apk",     "apk",     SYSTEM,   "alpine", LOWER,  ALPINE, "<>=~@",      apk) \
    X(RPM,     "rpm",     "rpm",     SYSTEM,   "",       PLAIN,  RPM,    "",           rpm) \
    X(PYPI,    "pypi",    "pypi",    LANGUAGE, "",       PEP503, PLAIN,  "<>=~!([;@",  python) \
    X(NPM,     "npm",     "npm",     LANGUAGE, "",       SCOPE,  PLAIN,  "",           npm) \
    X(MAVEN,   "maven",   "",        LANGUAGE, "",       GROUP,  PLAIN,  "",           java) \
    X(GEM,     "gem",     "",        LANGUAGE, "",       PLAIN,  PLAIN,  "",           gem) \
    X(GENERIC, "generic", "",        NOTHING,  "",       PLAIN,  PLAIN,  "",           none)
/* clang-format on */

typedef enum fps__manages {
    FPS__MANAGES_NOTHING = 0,
    FPS__MANAGES_SYSTEM,
    FPS__MANAGES_LANGUAGE,
} fps__manages;

typedef enum fps__package_names {
    FPS__NAMES_PLAIN = 0,
    FPS__NAMES_LOWER,
    FPS__NAMES_PEP503,
    FPS__NAMES_SCOPE,
    FPS__NAMES_GROUP,
} fps__package_names;

/* A line of the table. Static storage. */
typedef struct fps__package_facts {
    const char *type, *ecosystem, *vendor, *name_ends;
    fps__manages manages;
    fps__package_names names;
    fps__version_scheme scheme;
} fps__package_facts;

#define FPS__PACKAGE_COUNT_ONE(kind, type, ecosystem, manages, vendor, names, version, ends, reader) +1
enum { FPS__PACKAGE_KIND_COUNT = 0 FPS__PACKAGE_KINDS(FPS__PACKAGE_COUNT_ONE) };

/* The line of a kind; that of FPS_PACKAGE_GENERIC for a value that is none. */
const fps__package_facts *fps__package_kind(fps_package_kind kind);
/* True for the kinds that install an operating system. */
bool fps__package_is_system(fps_package_kind kind);

#endif
