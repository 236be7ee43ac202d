/* Platforms of images: reading, comparing, and the host's own. */
#include "image/image_platform.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static void set_text(char *room, size_t size, const char *text, size_t length)
{
    length = length < size ? length : size - 1;
    memcpy(room, text, length);
    room[length] = '\0';
}

typedef struct alias {
    const char *name, *architecture, *variant;
} alias;

static const alias aliases[] = {
    {"x86_64", "amd64", ""},      {"x86-64", "amd64", ""},  {"aarch64", "arm64", ""},
    {"i386", "386", ""},          {"i486", "386", ""},      {"i586", "386", ""},
    {"i686", "386", ""},          {"armhf", "arm", ""},     {"armv7l", "arm", ""},
    {"armel", "arm", "v6"},       {"armv6l", "arm", "v6"},  {"ppc64el", "ppc64le", ""},
    {"mips64el", "mips64le", ""}, {"mipsel", "mipsle", ""},
};

static const alias unsaid[] = {
    {"arm64", "", "v8"}, {"arm", "", "v7"}, {"amd64", "", "v1"}, {"arm64", "", "8"}, {"arm", "", "7"}};

void fps__platform_set(fps__platform *platform, const char *os, const char *architecture, const char *variant)
{
    architecture = architecture ? architecture : "";
    variant = variant ? variant : "";
    os = os ? os : "";
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(architecture, aliases[i].name) == 0) {
            architecture = aliases[i].architecture;
            variant = *variant ? variant : aliases[i].variant;
            break;
        }
    }
    for (size_t i = 0; i < sizeof unsaid / sizeof *unsaid; i++)
        if (strcmp(architecture, unsaid[i].name) == 0 && strcmp(variant, unsaid[i].variant) == 0)
            variant = "";
    platform->os_version[0] = '\0';
    set_text(platform->os, sizeof platform->os, os, strlen(os));
    set_text(platform->architecture, sizeof platform->architecture, architecture, strlen(architecture));
    set_text(platform->variant, sizeof platform->variant, variant, strlen(variant));
}

bool fps__platform_parse(const char *text, fps__platform *platform)
{
    char os[32], version[64] = "", architecture[32];
    size_t os_length = strcspn(text, "/(");
    const char *rest = text + os_length;
    if (!os_length || os_length >= sizeof os)
        return false;
    set_text(os, sizeof os, text, os_length);
    if (*rest == '(') {
        size_t length = strcspn(rest + 1, ")");
        set_text(version, sizeof version, rest + 1, length);
        rest += 1 + length;
        if (*rest++ != ')')
            return false;
    }
    if (*rest++ != '/')
        return false;
    size_t length = strcspn(rest, "/");
    if (!length || length >= sizeof architecture)
        return false;
    set_text(architecture, sizeof architecture, rest, length);
    rest += length;
    if (*rest && (!rest[1] || strchr(rest + 1, '/')))
        return false;
    fps__platform_set(platform, os, architecture, *rest ? rest + 1 : "");
    memcpy(platform->os_version, version, sizeof version);
    return true;
}

void fps__platform_host(fps__platform *platform)
{
    struct utsname host;
    fps__platform_set(platform, "linux", uname(&host) == 0 ? host.machine : "", "");
}

/* A version that was asked for fits when it is the found one, or what comes before one of its dots. */
static bool version_fits(const char *wanted, const char *found)
{
    size_t length = strlen(wanted);
    return strncmp(wanted, found, length) == 0 && (!length || !found[length] || found[length] == '.');
}

int fps__platform_fit(const fps__platform *wanted, const fps__platform *found)
{
    if (strcmp(wanted->os, found->os) != 0 || strcmp(wanted->architecture, found->architecture) != 0 ||
        !version_fits(wanted->os_version, found->os_version))
        return 0;
    if (strcmp(wanted->variant, found->variant) == 0)
        return 2;
    return *wanted->variant ? 0 : 1;
}

void fps__platform_print(const fps__platform *platform, char text[FPS__PLATFORM_TEXT])
{
    bool version = platform->os_version[0], variant = platform->variant[0];
    if (!platform->os[0] && !platform->architecture[0])
        snprintf(text, FPS__PLATFORM_TEXT, "unknown");
    else
        snprintf(text, FPS__PLATFORM_TEXT, "%s%s%s%s/%s%s%s", platform->os, version ? "(" : "",
                 platform->os_version, version ? ")" : "", platform->architecture, variant ? "/" : "",
                 platform->variant);
}
