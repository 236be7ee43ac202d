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
    FPS__PURL_EXACT = 0,  /* as it is */
    FPS__PURL_LOWER,      /* in lower case */
    FPS__PURL_PYPI,       /* as PEP 503 normalises it */
    FPS__PURL_PUB,        /* in lower case, '_' for what is neither letter nor digit */
    FPS__PURL_PATH,       /* "scope/name": each part by itself */
    FPS__PURL_LOWER_PATH, /* the same in lower case */
    FPS__PURL_GROUPED,    /* "group:name"; a name without a group makes the URL a generic one */
} fps__purl_name;

/* What packages of a kind are for a target. */
typedef enum fps__package_scope {
    FPS__SCOPE_ADDED = 0, /* they come on top of a system: languages, environments, single applications */
    FPS__SCOPE_BASE,      /* a whole system can be made of them */
    FPS__SCOPE_CHECKED,   /* and they list their files, which are owned and checked for drift */
} fps__package_scope;

/* How the source package stands in the qualifier "upstream" of the package URL. */
typedef enum fps__purl_upstream {
    FPS__UPSTREAM_NONE = 0,
    FPS__UPSTREAM_NAME, /* "name", with "@version" where that differs from the package's; left out where both are the same */
    FPS__UPSTREAM_SRPM, /* the name of the source rpm */
} fps__purl_upstream;

/* KIND        the value is FPS_PACKAGE_KIND
 * name        in reports; the type of the package URL
 * ecosystem   the prefix of source package patterns in the catalogue, "" for none
 * scope       FPS__SCOPE_...
 * version     the rules by which its versions are written, FPS__VERSION_...
 * purl name   FPS__PURL_...
 * namespace   of the package URL where the distribution, which goes before it, is not known, "" for none; NULL: the URL
 *             names no distribution
 * architecture  the qualifier that has it in the package URL, "" for none
 * upstream    FPS__UPSTREAM_...
 * name ends   the bytes that end a name in a list of dependencies, besides blanks
 * reader      the inventory reads installed packages with fps__reader_READER; program: no inventory lists them, programs do */
/* clang-format off */
#define FPS__PACKAGE_KINDS(KIND)                                                                                         \
    /*   KIND      name        ecosystem scope    version  purl name   namespace  architecture upstream name ends     reader */ \
    KIND(DEB,      "deb",      "debian", CHECKED, DEBIAN,  LOWER,      "debian",  "arch",      NAME, "(:[<",       dpkg)      \
    KIND(APK,      "apk",      "apk",    CHECKED, ALPINE,  LOWER,      "alpine",  "arch",      NAME, "<>=~@",      apk)       \
    KIND(RPM,      "rpm",      "rpm",    CHECKED, RPM,     EXACT,      "",        "arch",      SRPM, "",           rpm)       \
    KIND(PYPI,     "pypi",     "pypi",   ADDED,   PLAIN,   PYPI,       NULL,      "",          NONE, "<>=~!([;@",  python)    \
    KIND(NPM,      "npm",      "npm",    ADDED,   PLAIN,   PATH,       NULL,      "",          NONE, "",           npm)       \
    KIND(MAVEN,    "maven",    "",       ADDED,   PLAIN,   GROUPED,    NULL,      "",          NONE, "",           java)      \
    KIND(GEM,      "gem",      "",       ADDED,   PLAIN,   EXACT,      NULL,      "platform",  NONE, "",           gem)       \
    KIND(GENERIC,  "generic",  "",       ADDED,   PLAIN,   PATH,       NULL,      "",          NONE, "",           bill)      \
    KIND(ALPM,     "alpm",     "alpm",   CHECKED, RPM,     LOWER,      "arch",    "arch",      NAME, "<>=",        pacman)    \
    KIND(CONDA,    "conda",    "",       ADDED,   PLAIN,   EXACT,      NULL,      "subdir",    NONE, "<>=!~[",     conda)     \
    KIND(OPKG,     "opkg",     "opkg",   CHECKED, DEBIAN,  LOWER,      "openwrt", "arch",      NAME, "(:[<",       opkg)      \
    KIND(EBUILD,   "ebuild",   "ebuild", CHECKED, ALPINE,  PATH,       NULL,      "",          NONE, "[:",         portage)   \
    KIND(NIX,      "nix",      "",       BASE,    PLAIN,   EXACT,      NULL,      "",          NONE, "",           nix)       \
    KIND(BREW,     "brew",     "",       ADDED,   PLAIN,   LOWER_PATH, NULL,      "",          NONE, "",           brew)      \
    KIND(SNAP,     "snap",     "",       ADDED,   PLAIN,   EXACT,      NULL,      "arch",      NONE, "",           snap)      \
    KIND(FLATPAK,  "flatpak",  "",       ADDED,   PLAIN,   EXACT,      NULL,      "arch",      NONE, "",           flatpak)   \
    KIND(BITNAMI,  "bitnami",  "",       ADDED,   PLAIN,   LOWER,      NULL,      "arch",      NONE, "",           bitnami)   \
    KIND(COMPOSER, "composer", "",       ADDED,   PLAIN,   LOWER_PATH, NULL,      "",          NONE, "",           composer)  \
    KIND(NUGET,    "nuget",    "",       ADDED,   PLAIN,   EXACT,      NULL,      "",          NONE, "",           nuget)     \
    KIND(CRAN,     "cran",     "",       ADDED,   PLAIN,   EXACT,      NULL,      "",          NONE, "(",          cran)      \
    KIND(CPAN,     "cpan",     "",       ADDED,   PLAIN,   PATH,       NULL,      "",          NONE, "",           cpan)      \
    KIND(LUAROCKS, "luarocks", "",       ADDED,   PLAIN,   LOWER_PATH, NULL,      "",          NONE, "<>=~",       luarocks)  \
    KIND(OPAM,     "opam",     "",       ADDED,   PLAIN,   EXACT,      NULL,      "",          NONE, "",           opam)      \
    KIND(OTP,      "otp",      "",       ADDED,   PLAIN,   LOWER,      NULL,      "arch",      NONE, "",           otp)       \
    KIND(PUB,      "pub",      "",       ADDED,   PLAIN,   PUB,        NULL,      "",          NONE, "",           pub)       \
    KIND(SWIFT,    "swift",    "",       ADDED,   PLAIN,   PATH,       NULL,      "",          NONE, "",           swift)     \
    KIND(CONAN,    "conan",    "",       ADDED,   PLAIN,   PATH,       NULL,      "",          NONE, "/",          conan)     \
    KIND(VCPKG,    "vcpkg",    "",       ADDED,   PLAIN,   EXACT,      NULL,      "triplet",   NONE, "[(:",        vcpkg)     \
    KIND(GOLANG,   "golang",   "golang", ADDED,   PLAIN,   LOWER_PATH, NULL,      "",          NONE, "",           program)   \
    KIND(CARGO,    "cargo",    "cargo",  ADDED,   PLAIN,   EXACT,      NULL,      "",          NONE, "",           program)
/* clang-format on */

#define FPS__PACKAGE_KIND_ONE(...) +1
enum { FPS__PACKAGE_KIND_COUNT = FPS__PACKAGE_KINDS(FPS__PACKAGE_KIND_ONE) };
#undef FPS__PACKAGE_KIND_ONE

typedef struct fps__package_kind {
    const char *name, *ecosystem;
    fps__package_scope scope;
    bool system; /* the scope is CHECKED */
    fps__version_scheme version;
    fps__purl_name purl_name;
    const char *purl_namespace, *architecture;
    fps__purl_upstream upstream;
    const char *name_ends;
} fps__package_kind;

/* What is known about a kind, never NULL: a value outside the table is called "unknown". Thread-safe. */
const fps__package_kind *fps__package_kind_of(fps_package_kind kind);

#endif
