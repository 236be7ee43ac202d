/* The names under which advisories are kept, from ecosystems, package URLs and CPE names. */
#include "advisory/advisory_space.h"

#include "util/cursor.h"
#include "util/digest.h"

#include <string.h>

/* ---- what is known of spaces ---- */

/* How a name is written. */
typedef enum name_form {
    NAME_AS_IT_IS,
    NAME_LOWER,
    NAME_PYPI, /* PEP 503 */
    NAME_URL,  /* without scheme and ".git", as in package URLs */
} name_form;

static const struct {
    const char *type; /* the space up to "/" */
    fps__key_scheme scheme;
    name_form form;
} spaces[] = {
    {"deb", FPS__KEY_DEBIAN, NAME_AS_IT_IS},   {"opkg", FPS__KEY_DEBIAN, NAME_AS_IT_IS},
    {"rpm", FPS__KEY_RPM, NAME_AS_IT_IS},      {"alpm", FPS__KEY_RPM, NAME_AS_IT_IS},
    {"apk", FPS__KEY_APK, NAME_AS_IT_IS},      {"ebuild", FPS__KEY_APK, NAME_AS_IT_IS},
    {"pypi", FPS__KEY_PEP440, NAME_PYPI},      {"npm", FPS__KEY_NPM, NAME_AS_IT_IS},
    {"golang", FPS__KEY_GO, NAME_AS_IT_IS},    {"cargo", FPS__KEY_SEMVER, NAME_AS_IT_IS},
    {"gem", FPS__KEY_GEM, NAME_AS_IT_IS},      {"maven", FPS__KEY_MAVEN, NAME_AS_IT_IS},
    {"nuget", FPS__KEY_SEMVER, NAME_LOWER},    {"composer", FPS__KEY_SEMVER, NAME_LOWER},
    {"hex", FPS__KEY_SEMVER, NAME_LOWER},      {"pub", FPS__KEY_SEMVER, NAME_LOWER},
    {"swift", FPS__KEY_SEMVER, NAME_URL},      {"cpe", FPS__KEY_GENERIC, NAME_LOWER},
    {"generic", FPS__KEY_GENERIC, NAME_LOWER}, {"bitnami", FPS__KEY_SEMVER, NAME_LOWER},
    {"github", FPS__KEY_GENERIC, NAME_LOWER},  {"opam", FPS__KEY_DEBIAN, NAME_AS_IT_IS},
};

/* "openssl:openssl", "openssl/openssl" and "openssl" have letters behind numbers, and words before the release. */
static bool is_openssl(const char *name)
{
    const char *last = name + strlen(name);
    while (last > name && last[-1] != ':' && last[-1] != '/')
        last--;
    return !strcmp(last, "openssl");
}

static size_t find_space(const char *space)
{
    size_t length = strcspn(space, "/"), i = 0;
    for (; i < sizeof spaces / sizeof *spaces; i++)
        if (strlen(spaces[i].type) == length && !strncmp(spaces[i].type, space, length))
            break;
    return i;
}

fps__key_scheme fps__space_scheme(const char *space, const char *name)
{
    size_t i = find_space(space);
    fps__key_scheme scheme = i < sizeof spaces / sizeof *spaces ? spaces[i].scheme : FPS__KEY_GENERIC;
    return scheme == FPS__KEY_GENERIC && is_openssl(name) ? FPS__KEY_OPENSSL : scheme;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void write_name(char *to, const char *name, name_form form)
{
    size_t used = 0;
    const char *scheme = form == NAME_URL ? strstr(name, "://") : NULL;
    name = scheme && scheme[3] ? scheme + 3 : name;
    for (; *name; name++) {
        char c = form == NAME_AS_IT_IS || form == NAME_URL ? *name : lower(*name);
        if (form == NAME_PYPI && (c == '_' || c == '.'))
            c = '-';
        if (form == NAME_PYPI && c == '-' && used && to[used - 1] == '-')
            continue;
        to[used++] = c;
    }
    if (form == NAME_URL && used > 4 && !memcmp(to + used - 4, ".git", 4))
        used -= 4;
    to[used] = '\0';
}

bool fps__subject_set(fps__subject *subject, const char *space, const char *name)
{
    if (!*space || !*name || strlen(space) >= sizeof subject->space || strlen(name) >= sizeof subject->name)
        return false;
    memmove(subject->space, space, strlen(space) + 1);
    size_t i = find_space(space);
    write_name(subject->name, name, i < sizeof spaces / sizeof *spaces ? spaces[i].form : NAME_AS_IT_IS);
    return true;
}

/* ---- distributions ---- */

const char *fps__release_of_codename(const char *codename)
{
    /* Debian and Ubuntu: distro-info-data. */
    static const struct {
        const char *name, *release;
    } names[] = {
        {"squeeze", "6"},      {"wheezy", "7"},       {"jessie", "8"},     {"stretch", "9"},
        {"buster", "10"},      {"bullseye", "11"},    {"bookworm", "12"},  {"trixie", "13"},
        {"forky", "14"},       {"lenny", "5"},        {"etch", "4"},       {"precise", "12.04"},
        {"trusty", "14.04"},   {"xenial", "16.04"},   {"bionic", "18.04"}, {"focal", "20.04"},
        {"jammy", "22.04"},    {"noble", "24.04"},    {"plucky", "25.04"}, {"mantic", "23.10"},
        {"lunar", "23.04"},    {"kinetic", "22.10"},  {"impish", "21.10"}, {"hirsute", "21.04"},
        {"groovy", "20.10"},   {"eoan", "19.10"},     {"disco", "19.04"},  {"cosmic", "18.10"},
        {"oracular", "24.10"}, {"questing", "25.10"}, {"unstable", "sid"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, codename))
            return names[i].release;
    return codename;
}

/* The part of a release that advisories go by. */
typedef enum release_part {
    RELEASE_WHOLE,
    RELEASE_MAJOR,      /* "8.5": "8" */
    RELEASE_TWO_NUMBERS /* "v3.18.4": "3.18" */
} release_part;

static const struct {
    const char *id;   /* of os-release */
    const char *name; /* in spaces */
    release_part part;
} systems[] = {
    {"debian", "debian", RELEASE_MAJOR},
    {"ubuntu", "ubuntu", RELEASE_TWO_NUMBERS},
    {"alpine", "alpine", RELEASE_TWO_NUMBERS},
    {"rhel", "redhat", RELEASE_MAJOR},
    {"redhat", "redhat", RELEASE_MAJOR},
    {"centos", "centos", RELEASE_MAJOR},
    {"rocky", "rocky", RELEASE_MAJOR},
    {"almalinux", "almalinux", RELEASE_MAJOR},
    {"ol", "oracle", RELEASE_MAJOR},
    {"oracle", "oracle", RELEASE_MAJOR},
    {"amzn", "amazon", RELEASE_MAJOR},
    {"amazon", "amazon", RELEASE_MAJOR},
    {"sles", "suse", RELEASE_TWO_NUMBERS},
    {"suse", "suse", RELEASE_TWO_NUMBERS},
    {"opensuse-leap", "opensuse", RELEASE_TWO_NUMBERS},
    {"fedora", "fedora", RELEASE_MAJOR},
};

bool fps__space_of_system(char space[FPS__MAX_SPACE], const char *type, const char *system,
                          const char *release)
{
    release_part part = RELEASE_WHOLE;
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (!strcmp(systems[i].id, system)) {
            system = systems[i].name;
            part = systems[i].part;
            break;
        }
    release = fps__release_of_codename(release);
    release += *release == 'v' && release[1] >= '0' && release[1] <= '9';
    size_t length = strlen(release), dot = strcspn(release, ".:");
    if (part == RELEASE_MAJOR)
        length = dot;
    else if (part == RELEASE_TWO_NUMBERS && release[dot])
        length = dot + 1 + strcspn(release + dot + 1, ".:");
    fps__cursor cursor = {.text = space, .size = FPS__MAX_SPACE};
    fps__cursor_text(&cursor, type);
    fps__cursor_text(&cursor, "/");
    fps__cursor_text(&cursor, system);
    if (length) {
        fps__cursor_text(&cursor, "@");
        fps__cursor_put(&cursor, release, length);
    }
    return fps__cursor_finish(&cursor) != 0;
}

/* ---- OSV ---- */

/* ossf.github.io/osv-schema, "defined ecosystems"; those of systems have a release behind ":". */
static const struct {
    const char *ecosystem, *type;
    const char *system; /* NULL: the type is the space */
} ecosystems[] = {
    {"PyPI", "pypi", NULL},
    {"npm", "npm", NULL},
    {"Go", "golang", NULL},
    {"crates"
     ".io",
     "cargo", NULL},
    {"RubyGems", "gem", NULL},
    {"Maven", "maven", NULL},
    {"NuGet", "nuget", NULL},
    {"Packagist", "composer", NULL},
    {"Hex", "hex", NULL},
    {"Pub", "pub", NULL},
    {"CRAN", "cran", NULL},
    {"SwiftURL", "swift", NULL},
    {"opam", "opam", NULL},
    {"ConanCenter", "conan", NULL},
    {"Bitnami", "bitnami", NULL},
    {"OSS-Fuzz", "oss-fuzz", NULL},
    {"generic", "generic", NULL},
    {"Debian", "deb", "debian"},
    {"Ubuntu", "deb", "ubuntu"},
    {"Alpine", "apk", "alpine"},
    {"Wolfi", "apk", "wolfi"},
    {"Chainguard", "apk", "chainguard"},
    {"Red Hat", "rpm", "redhat"},
    {"Rocky Linux", "rpm", "rocky"},
    {"AlmaLinux", "rpm", "almalinux"},
    {"SUSE", "rpm", "suse"},
    {"openSUSE", "rpm", "opensuse"},
    {"Mageia", "rpm", "mageia"},
    {"openEuler", "rpm", "openeuler"},
    {"Photon OS", "rpm", "photon"},
    {"Azure Linux", "rpm", "azurelinux"},
    {"Alpaquita", "apk", "alpaquita"},
    {"MinimOS", "apk", "minimos"},
};

/* The release in what stands behind the ecosystem: the first part that begins with a digit ("enterprise_linux:8::baseos",
 * "Linux Enterprise Server 15 SP5", "22.04:LTS", "v3.20"). */
static void find_release(const char *text, char release[FPS__MAX_SPACE])
{
    const char *at = text;
    while (*at && !(*at >= '0' && *at <= '9'))
        at++;
    size_t length = strcspn(at, ": ");
    if (!*at) {
        at = text;
        length = strcspn(at, ":");
    }
    length = length < FPS__MAX_SPACE - 1 ? length : FPS__MAX_SPACE - 1;
    memcpy(release, at, length);
    release[length] = '\0';
}

bool fps__subject_of_osv(fps__subject *subject, const char *ecosystem, const char *name)
{
    char space[FPS__MAX_SPACE], release[FPS__MAX_SPACE];
    size_t length = strcspn(ecosystem, ":");
    for (size_t i = 0; i < sizeof ecosystems / sizeof *ecosystems; i++) {
        if (strlen(ecosystems[i].ecosystem) != length ||
            strncmp(ecosystems[i].ecosystem, ecosystem, length) != 0)
            continue;
        if (!ecosystems[i].system)
            return fps__subject_set(subject, ecosystems[i].type, name);
        find_release(ecosystem + length + (ecosystem[length] == ':'), release);
        return fps__space_of_system(space, ecosystems[i].type, ecosystems[i].system, release) &&
               fps__subject_set(subject, space, name);
    }
    return false;
}

/* ---- package URLs ---- */

/* Copies text[0..length) with %XX decoded. False when it does not fit or has a NUL. */
static bool decode(char *to, size_t size, const char *text, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%' && i + 2 < length && fps__hex_digit(text[i + 1]) >= 0 &&
            fps__hex_digit(text[i + 2]) >= 0) {
            c = (char)(fps__hex_digit(text[i + 1]) * 16 + fps__hex_digit(text[i + 2]));
            i += 2;
        }
        if (!c || used + 1 >= size)
            return false;
        to[used++] = c;
    }
    to[used] = '\0';
    return true;
}

/* The value of a qualifier, "" when it is not there. */
static bool find_qualifier(const char *text, const char *name, char *value, size_t size)
{
    *value = '\0';
    size_t wanted = strlen(name);
    while (*text && *text != '#') {
        size_t length = strcspn(text, "&#");
        if (length > wanted && !strncmp(text, name, wanted) && text[wanted] == '=')
            return decode(value, size, text + wanted + 1, length - wanted - 1);
        text += length;
        text += *text == '&';
    }
    return true;
}

/* System packages: the release is in the qualifier "distro": "debian-12", "alpine-3.18.4", "bookworm". */
static bool set_system(fps__subject *subject, const char *type, const char *namespace, const char *name,
                       const char *qualifiers)
{
    char space[FPS__MAX_SPACE], distro[FPS__MAX_SPACE];
    if (!find_qualifier(qualifiers, "distro", distro, sizeof distro))
        return false;
    char *dash = strrchr(distro, '-');
    const char *release = dash && dash[1] >= '0' && dash[1] <= '9' ? dash + 1 : distro;
    return fps__space_of_system(space, type, namespace, release) && fps__subject_set(subject, space, name);
}

/* Where the version of "namespace/name@version" begins: its last "@", unless a "/" follows, as in "@scope/name". */
static size_t version_mark(const char *text, size_t length)
{
    for (size_t i = length; i-- > 1 && text[i] != '/';)
        if (text[i] == '@')
            return i;
    return length;
}

bool fps__subject_of_purl(fps__subject *subject, const char *purl, char *version)
{
    char type[32], path[FPS__MAX_NAME];
    if (version)
        *version = '\0';
    if (strncmp(purl, "pkg:", 4))
        return false;
    purl += 4 + strspn(purl + 4, "/");
    size_t length = strcspn(purl, "/");
    if (!purl[length] || !decode(type, sizeof type, purl, length))
        return false;
    for (char *c = type; *c; c++)
        *c = lower(*c);
    const char *rest = purl + length + 1;
    size_t end = strcspn(rest, "?#"), name = version_mark(rest, end);
    if (!decode(path, sizeof path, rest, name))
        return false;
    if (version && name < end && !decode(version, FPS__MAX_KEY_VERSION, rest + name + 1, end - name - 1))
        return false;
    char *slash = strrchr(path, '/');
    bool system = !strcmp(type, "deb") || !strcmp(type, "apk") || !strcmp(type, "rpm");
    if (system && slash) {
        *slash = '\0';
        return set_system(subject, type, path, slash + 1, rest[end] == '?' ? rest + end + 1 : "");
    }
    if (!strcmp(type, "maven") && slash)
        *slash = ':';
    return fps__subject_set(subject, type, path);
}

bool fps__distribution_of_purl(const char *purl, char system[FPS__MAX_SPACE], char release[FPS__MAX_SPACE])
{
    const char *qualifiers = strchr(purl, '?'), *type_end = strchr(purl, '/');
    const char *name = type_end ? strchr(type_end + 1, '/') : NULL;
    if (!qualifiers || !name || name > qualifiers ||
        !find_qualifier(qualifiers + 1, "distro", release, FPS__MAX_SPACE) || !*release)
        return false;
    char *dash = strrchr(release, '-');
    if (!dash)
        return decode(system, FPS__MAX_SPACE, type_end + 1, (size_t)(name - type_end) - 1);
    size_t length = (size_t)(dash - release);
    memcpy(system, release, length);
    system[length] = '\0';
    memmove(release, dash + 1, strlen(dash + 1) + 1);
    return length > 0;
}

/* ---- CPE ---- */

/* The next field of a CPE name, unescaped: "\-" is "-". Steps over the colon. */
static bool next_field(const char **text, char *to, size_t size)
{
    size_t used = 0;
    for (; **text && **text != ':'; ++*text) {
        if (**text == '\\' && (*text)[1])
            ++*text;
        if (used + 1 >= size)
            return false;
        to[used++] = lower(**text);
    }
    to[used] = '\0';
    *text += **text == ':';
    return true;
}

bool fps__subject_of_cpe(fps__subject *subject, const char *cpe, char *version, char *target)
{
    enum { VENDOR = 1, PRODUCT, VERSION, UPDATE, TARGET = 8, FIELDS };
    char fields[FIELDS][FPS__MAX_NAME] = {""};
    if (!strncmp(cpe, "cpe:2.3:", 8))
        cpe += 8;
    else if (!strncmp(cpe, "cpe:/", 5))
        cpe += 5;
    else
        return false;
    for (int i = 0; i < FIELDS && *cpe; i++)
        if (!next_field(&cpe, fields[i], sizeof fields[i]))
            return false;
    const char *update = fields[UPDATE];
    bool any_version = !strcmp(fields[VERSION], "*") || !strcmp(fields[VERSION], "-"),
         any_update = !strcmp(update, "*") || !strcmp(update, "-");
    if (version) {
        fps__cursor cursor = {.text = version, .size = FPS__MAX_KEY_VERSION};
        fps__cursor_text(&cursor, any_version ? "" : fields[VERSION]);
        if (!any_version && !any_update)
            fps__cursor_text(&cursor, update);
        fps__cursor_finish(&cursor);
    }
    if (target && (!strcmp(fields[TARGET], "*") || !strcmp(fields[TARGET], "-")))
        *target = '\0';
    else if (target)
        memcpy(target, fields[TARGET], strlen(fields[TARGET]) + 1);
    return fps__subject_of_product(subject, fields[VENDOR], fields[PRODUCT]);
}

bool fps__subject_of_product(fps__subject *subject, const char *vendor, const char *product)
{
    char name[FPS__MAX_NAME];
    fps__cursor cursor = {.text = name, .size = sizeof name};
    if (!*vendor || !*product || !strcmp(vendor, "n/a") || !strcmp(product, "n/a"))
        return false;
    fps__cursor_text(&cursor, vendor);
    fps__cursor_text(&cursor, ":");
    fps__cursor_text(&cursor, product);
    if (!fps__cursor_finish(&cursor))
        return false;
    for (char *c = name; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    return fps__subject_set(subject, "cpe", name);
}
