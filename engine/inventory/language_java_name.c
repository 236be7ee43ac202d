/* Names of jars: "ARTIFACT-VERSION[-CLASSIFIER].jar", where each of the three may hold dashes and digits. */
#include "inventory/language_java.h"

#include "util/lines.h"

enum { MAX_STEM = 256 }; /* bytes of a name that is split: the work grows with their square */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static uint8_t lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool is_word(fps__span text, const char *word)
{
    size_t size = strlen(word);
    bool same = text.size == size;
    for (size_t i = 0; same && i < size; i++)
        same = lower(text.data[i]) == (uint8_t)word[i];
    return same;
}

/* ---- file names ---- */

/* The length of the suffix of a Java archive, with its dot; 0 for other names. */
static size_t suffix_of(fps__span name)
{
    static const char *const suffixes[] = {"jar", "war", "ear", "hpi", "jpi",  "aar", "sar",
                                           "par", "rar", "kar", "nar", "lpkg", "mar", "car"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t size = strlen(suffixes[i]);
        if (name.size > size + 1 && name.data[name.size - size - 1] == '.' &&
            is_word(fps__span_part(name, name.size - size, size), suffixes[i]))
            return size + 1;
    }
    return 0;
}

/* The last part of a path, in the innermost archive. */
static fps__span base_of(const char *path)
{
    size_t size = strlen(path), start = size;
    while (start && path[start - 1] != '/' && path[start - 1] != '!')
        start--;
    return (fps__span){(const uint8_t *)path + start, size - start};
}

bool fps__java_is_archive(const char *path)
{
    return suffix_of(base_of(path)) > 0;
}

/* ---- versions in them ---- */

/* "rc1" is a "rc"; "20" is no word. */
static fps__span letters_of(fps__span token)
{
    size_t size = 0;
    while (size < token.size && !is_digit(token.data[size]) && token.data[size] != '.')
        size++;
    return fps__span_part(token, 0, size);
}

static bool is_qualifier(fps__span token)
{
    static const char *const words[] = {
        "alpha",   "beta",   "rc",       "cr",        "m",          "b",       "sp",  "snapshot",
        "final",   "ga",     "release",  "pre",       "dev",        "ea",      "jre", "build",
        "android", "redhat", "jbossorg", "milestone", "incubating", "preview", "rev", "patch",
        "hotfix",  "fuse",   "v",        "r",         "p",          "jenkins"};
    fps__span letters = letters_of(token);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(letters, words[i]))
            return true;
    return false;
}

static bool is_number(fps__span token)
{
    bool digits = token.size > 0;
    for (size_t i = 0; digits && i < token.size; i++)
        digits = is_digit(token.data[i]);
    return digits;
}

/* "20240131.235959", the time of a snapshot */
static bool is_time(fps__span token)
{
    return token.size == 15 && token.data[8] == '.' && is_number(fps__span_part(token, 0, 8)) &&
           is_number(fps__span_part(token, 9, 6));
}

/* A commit, as Jenkins puts it into versions: "v9b_1c2d3e4f5a" */
static bool is_commit(fps__span token)
{
    size_t hex = 0;
    for (size_t i = token.size && token.data[0] == 'v'; i < token.size; i++, hex++)
        if (!is_digit(token.data[i]) && token.data[i] != '_' && (token.data[i] < 'a' || token.data[i] > 'f'))
            return false;
    return hex >= 7;
}

/* The version that `text` begins with; empty when another one comes behind it, as in "1.2-api-2.17.1". What is neither a part
 * of a version nor the begin of another one is a classifier. */
static fps__span version_at(fps__span text)
{
    size_t end = 0, at = 0;
    bool classifier = false;
    while (at < text.size) {
        const uint8_t *dash = memchr(text.data + at, '-', text.size - at);
        size_t size = dash ? (size_t)(dash - text.data) - at : text.size - at;
        fps__span token = fps__span_part(text, at, size);
        bool numeric = token.size && is_digit(token.data[0]);
        bool part = !at || is_number(token) || is_time(token) || is_commit(token) || is_qualifier(token);
        if (at && numeric && !(part && !classifier))
            return (fps__span){NULL, 0};
        classifier |= !part;
        end = classifier ? end : at + size;
        at += size + 1;
    }
    return fps__span_part(text, 0, end);
}

/* The known version where it stands behind a separator, with the qualifiers that follow it. */
static bool split_at_hint(fps__span stem, fps__span hint, fps__java_name *name)
{
    for (size_t at = stem.size; hint.size && at-- > 1;) {
        if (!memchr("-_.", stem.data[at], 3) || !fps__span_has(stem, at + 1, hint.size) ||
            memcmp(stem.data + at + 1, hint.data, hint.size) != 0)
            continue;
        size_t end = at + 1 + hint.size;
        if (end < stem.size && stem.data[end] != '-' && stem.data[end] != '_')
            continue;
        fps__span rest = fps__span_part(stem, at + 1, stem.size - at - 1), version = version_at(rest);
        if (!version.size)
            continue;
        name->artifact = fps__span_part(stem, 0, at);
        name->version = version.size > hint.size ? version : fps__span_part(rest, 0, hint.size);
        return true;
    }
    return false;
}

/* The first dash behind which all can be one version; else the last one before a digit. */
static bool split_at_dash(fps__span stem, fps__java_name *name)
{
    size_t last = 0;
    for (size_t at = 1; at + 1 < stem.size; at++) {
        if (stem.data[at] != '-' || !is_digit(stem.data[at + 1]))
            continue;
        last = at;
        fps__span version = version_at(fps__span_part(stem, at + 1, stem.size - at - 1));
        if (!version.size)
            continue;
        *name = (fps__java_name){{NULL, 0}, fps__span_part(stem, 0, at), version};
        return true;
    }
    if (last)
        *name = (fps__java_name){
            {NULL, 0}, fps__span_part(stem, 0, last), fps__span_part(stem, last + 1, stem.size - last - 1)};
    return last > 0;
}

/* "org.eclipse.core.jobs_3.10.800.v20200421": how Eclipse names plug-ins; three numbers, else "_2.13" is Scala's. */
static bool split_at_underscore(fps__span stem, fps__java_name *name)
{
    for (size_t at = stem.size; at-- > 1;) {
        size_t dots = 0;
        if (stem.data[at] != '_' || at + 1 == stem.size || !is_digit(stem.data[at + 1]))
            continue;
        for (size_t i = at + 1; i < stem.size; i++)
            dots += stem.data[i] == '.' && i + 1 < stem.size && is_digit(stem.data[i + 1]);
        if (dots < 2)
            continue;
        name->artifact = fps__span_part(stem, 0, at);
        name->version = fps__span_part(stem, at + 1, stem.size - at - 1);
        return true;
    }
    return false;
}

/* "guava-r09", "foo-v2.1" */
static bool split_at_letter(fps__span stem, fps__java_name *name)
{
    for (size_t at = stem.size; at-- > 1;) {
        bool found = stem.data[at] == '-' && at + 2 < stem.size && memchr("rv", stem.data[at + 1], 2) &&
                     is_digit(stem.data[at + 2]);
        if (!found)
            continue;
        name->artifact = fps__span_part(stem, 0, at);
        name->version = fps__span_part(stem, at + 1, stem.size - at - 1);
        return true;
    }
    return false;
}

void fps__java_split_file(const char *file, fps__span hint, fps__java_name *name)
{
    fps__span stem = base_of(file);
    stem.size -= suffix_of(stem);
    *name = (fps__java_name){{NULL, 0}, stem, {NULL, 0}};
    if (stem.size <= MAX_STEM && !split_at_hint(stem, hint, name) && !split_at_dash(stem, name) &&
        !split_at_underscore(stem, name))
        split_at_letter(stem, name);
}
