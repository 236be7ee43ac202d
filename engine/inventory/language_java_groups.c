/* Which group an artifact belongs to, by a table that was learned from published packages. */
#include "inventory/language_java.h"

#include "util/search.h"

static int compare_artifact(const char *known, fps__span artifact)
{
    size_t length = strlen(known);
    int order = memcmp(known, artifact.data, length < artifact.size ? length : artifact.size);
    return order ? order : FPS__COMPARE(length, artifact.size);
}

/* Scala's and Kotlin's builds append what they are for: "akka-http_2.13" is akka-http, "okio-jvm" is okio. */
static fps__span without_target(fps__span artifact)
{
    static const char *const endings[] = {"_2.10", "_2.11", "_2.12", "_2.13", "_3", "-jvm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);
        if (artifact.size > size && memcmp(artifact.data + artifact.size - size, endings[i], size) == 0)
            return (fps__span){artifact.data, artifact.size - size};
    }
    return artifact;
}

/* How many of the parts between dots both begin with, twice; one more when those are all of the group's. */
static unsigned agreement(const char *group, fps__span hint)
{
    unsigned parts = 0;
    size_t i = 0;
    for (; group[i] && i < hint.size && group[i] == (char)hint.data[i]; i++)
        parts += group[i] == '.';
    bool ended = !group[i] || group[i] == '.', hint_ended = i == hint.size || hint.data[i] == '.';
    parts += i && ended && hint_ended;
    return parts * 2 + (parts && !group[i]);
}

/* "okhttp3" is the last part of "com.squareup.okhttp3". */
static bool is_last_part(const char *group, fps__span hint)
{
    const char *dot = strrchr(group, '.');
    size_t size = dot ? strlen(dot + 1) : 0;
    return size && hint.size >= size && memcmp(dot + 1, hint.data, size) == 0 &&
           (hint.size == size || hint.data[size] == '.');
}

static unsigned best_agreement(const char *group, const fps__span *hints, size_t count)
{
    unsigned best = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned now = agreement(group, hints[i]);
        now = !now && is_last_part(group, hints[i]) ? 1 : now;
        best = now > best ? now : best;
    }
    return best;
}

/* Before 2006 most artifacts of one project had its name as their group; many have moved since. */
enum { OLD_NAME = 100 };
/* "org.example" and "com.example" share nothing, "org.example.a" and "org.example.b" a host. */
enum { SAME_HOST = 4 };

const char *fps__java_group_of(fps__span artifact, const fps__java_hints *hints)
{
    size_t at;
    const char *best = "";
    unsigned most = 0;
    bool tied = false, distinct = artifact.size && memchr(artifact.data, '-', artifact.size);
    artifact = without_target(artifact);
    if (!artifact.size)
        return "";
    FPS__LOWER_BOUND(at, fps__java_artifact_count, i,
                     compare_artifact(fps__java_artifacts[i].name, artifact) < 0);
    for (; at < fps__java_artifact_count && compare_artifact(fps__java_artifacts[at].name, artifact) == 0;
         at++) {
        const char *group = fps__java_groups[fps__java_artifacts[at].group];
        unsigned now = best_agreement(group, hints->texts, hints->count);
        if (hints->old && compare_artifact(group, artifact) == 0)
            now = OLD_NAME;
        tied = *best && now == most ? true : tied && now < most;
        if (!*best || now > most)
            best = group;
        most = now > most ? now : most;
    }
    bool contradicted = hints->host && most < SAME_HOST && strchr(best, '.') && !distinct;
    return tied || contradicted ? "" : best;
}
