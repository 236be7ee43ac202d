/* Sonames that say the release: "libboost_filesystem.so.1.74.0" is of Boost 1.74.0.
 *
 * Most sonames carry the version of an interface, which many releases share and which may look like a release of its own (libssl.so.0.9.8
 * was that of 0.9.8zh as well). So one is read only where the builds of the set show that the library is called by its releases: this one
 * is of its release alone, and the same holds for SONAME_RELEASES others. It counts like a bare number: a text that names a version goes
 * before it.
 */
#include "match/match_internal.h"
#include "match/match_posterior.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 256 };

/* The only release whose builds have a name, counted from the component's first; FPS__NONE for no or several releases. */
static uint32_t only_release(const fps_database *database, uint32_t component, uint64_t key)
{
    uint32_t posting = fps__database_probe_one(database, key), found = FPS__NONE;
    uint32_t count = posting == FPS__NONE ? 0 : fps__database_posting_size(database, posting);
    for (uint32_t i = 0; i < count; i++) {
        fps__set_entry entry;
        fps__bit_set any;
        if (!fps__database_entry(database, posting, i, &entry) || entry.component != component ||
            entry.flags & FPS__ENTRY_FOREIGN || !fps__database_bit_set(database, entry.any, &any))
            continue;
        if (fps__bits_count(any.words, any.word_count) != 1)
            return FPS__NONE;
        uint32_t release = 0;
        while (!fps__bit_set_has(any, release))
            release++;
        if (found != FPS__NONE && found != release)
            return FPS__NONE;
        found = release;
    }
    return found;
}

const char *fps__soname_release(const fps__matcher *matcher, const fps__hit *hit, const fps__feature *feature)
{
    static const char mark[] = ".so.";
    const fps__merged_set *set = &matcher->sets[hit->set];
    const fps__merged_component *component = &matcher->components[hit->component];
    const char *dot = memmem(feature->text, feature->length, mark, sizeof mark - 1);
    fps__set_component facts;
    char name[LONGEST];
    if (!dot || !fps__database_component(set->database, hit->local, &facts))
        return NULL;
    int stem = (int)(dot - feature->text) + (int)sizeof mark - 1;
    const char *own = NULL;
    uint32_t others = 0;
    for (uint32_t k = 0; k < set->compared[hit->local].count; k++) {
        uint32_t release = set->compared[hit->local].releases[k];
        uint32_t merged = set->release[facts.release_first + release];
        if (merged >= component->release_count)
            continue;
        const char *version = component->releases[merged];
        int length = snprintf(name, sizeof name, "%.*s%s", stem, feature->text, version);
        if (length < 0 || length >= LONGEST)
            continue;
        uint64_t key = fps__feature_key(fps__feature_name_key('o', name, (size_t)length), FPS__FEATURE_NAME);
        if (only_release(set->database, hit->local, key) != release)
            continue;
        own = key == feature->key ? version : own;
        others += key != feature->key;
    }
    return fps__sonames_are_releases(others) ? own : NULL;
}
