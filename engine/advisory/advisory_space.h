/* The names under which advisories are kept: a space ("pypi", "deb/debian@12", "cpe") and a name in it ("urllib3", "openssl",
 * "openssl:openssl"). Spaces begin with the type of the package URL where there is one. */
#ifndef FPS_ADVISORY_ADVISORY_SPACE_H
#define FPS_ADVISORY_ADVISORY_SPACE_H

#include "util/version_key.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    FPS__MAX_SPACE = 96,        /* bytes of a space with its NUL */
    FPS__MAX_NAME = 256,        /* bytes of a name with its NUL */
    FPS__MAX_ADVISORY_NAME = 64 /* bytes of the name of an advisory with its NUL */
};

typedef struct fps__subject {
    char space[FPS__MAX_SPACE];
    char name[FPS__MAX_NAME];
} fps__subject;

/* By whose rules the versions of a name are ordered. */
fps__key_scheme fps__space_scheme(const char *space, const char *name);

/* Fills in a subject; the name is written as its space wants it (PyPI: lower case, "-" for "_" and "."). False when a part is
 * empty or too long. */
bool fps__subject_set(fps__subject *subject, const char *space, const char *name);
/* From an ecosystem of OSV ("PyPI", "Debian:12", "Alpine:v3.20", "Red Hat:enterprise_linux:8::baseos"). False when the
 * ecosystem is not known. */
bool fps__subject_of_osv(fps__subject *subject, const char *ecosystem, const char *name);
/* From a package URL, of which version, qualifiers and subpath do not count, except "distro" of system packages. `version`
 * (FPS__MAX_KEY_VERSION bytes) gets its version, "" for none; it may be NULL. False when it is none. */
bool fps__subject_of_purl(fps__subject *subject, const char *purl, char *version);
/* The distribution that the package URL of a system package names: "debian" and "12". The system is that of the qualifier, or of the
 * namespace where it is a code name alone ("bookworm"). False when there is none. */
bool fps__distribution_of_purl(const char *purl, char system[FPS__MAX_SPACE], char release[FPS__MAX_SPACE]);
/* From a CPE 2.3 name, or a 2.2 URI: "openssl:openssl" in space "cpe". `version` as above: that of the CPE with its update
 * ("1.0.2:beta1" gives "1.0.2beta1"), "" for any or none. `target`, FPS__MAX_NAME bytes, gets target_sw, "" for any; both may
 * be NULL. */
bool fps__subject_of_cpe(fps__subject *subject, const char *cpe, char *version, char *target);
/* From vendor and product as CVE records name them. */
bool fps__subject_of_product(fps__subject *subject, const char *vendor, const char *product);

/* A system package of a distribution and its release: ("deb", "debian", "bookworm") gives "deb/debian@12"; the release is
 * shortened to what advisories go by. `release` may be "" for all releases. */
bool fps__space_of_system(char space[FPS__MAX_SPACE], const char *type, const char *system,
                          const char *release);
/* The release of a code name ("bookworm": "12"), `codename` itself when it is none. */
const char *fps__release_of_codename(const char *codename);

#endif
