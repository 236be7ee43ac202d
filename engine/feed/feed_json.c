/* What readers of JSON share: members of objects, names of CVEs, words and scores of severity. */
#include "feed/feed.h"
#include "util/error.h"
#include "util/json_document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

fps_status fps__feed_record(fps__feed *feed, fps__span text, const char *name, json_t **value,
                            fps_error *error)
{
    json_error_t fault;
    *value = text.size ? fps__json_load(text, 0, &fault) : NULL;
    if (!*value && text.size && fps__json_no_memory(&fault))
        return fps__fail_memory(error);
    if (!*value)
        fps__feed_bad(feed, "a record that is no JSON", name);
    return FPS_OK;
}

const char *fps__member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

const char *fps__member_text2(const json_t *object, const char *first, const char *second)
{
    return fps__member_text(json_object_get(object, first), second);
}

json_t *fps__member_array(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_array(value) ? value : NULL;
}

json_t *fps__member_object(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_object(value) ? value : NULL;
}

double fps__member_number(const json_t *object, const char *name, double missing)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_number(value))
        return json_number_value(value);
    const char *text = json_string_value(value);
    char *end = NULL;
    double number = text ? strtod(text, &end) : 0;
    return text && end != text && !*end && isfinite(number) ? number : missing;
}

/* ---- names ---- */

static size_t cve_length(const uint8_t *text, size_t size)
{
    enum { YEAR = 4, YEAR_END = 9, LEAST = 4, MOST = 19 };
    if (size < YEAR_END + LEAST || strncasecmp((const char *)text, "CVE-", YEAR) != 0 ||
        text[YEAR_END - 1] != '-')
        return 0;
    for (size_t i = YEAR; i < YEAR_END - 1; i++)
        if (text[i] < '0' || text[i] > '9')
            return 0;
    size_t end = YEAR_END;
    while (end < size && end < YEAR_END + MOST && text[end] >= '0' && text[end] <= '9')
        end++;
    return end - YEAR_END >= LEAST ? end : 0;
}

bool fps__is_cve(const char *text)
{
    size_t length = strlen(text);
    return length && cve_length((const uint8_t *)text, length) == length && text[0] == 'C';
}

bool fps__next_cve(fps__span text, size_t *at, char name[FPS__MAX_ADVISORY_NAME])
{
    for (; *at < text.size; ++*at) {
        size_t length = cve_length(text.data + *at, text.size - *at);
        if (!length)
            continue;
        memcpy(name, "CVE", 3);
        memcpy(name + 3, text.data + *at + 3, length - 3);
        name[length] = '\0';
        *at += length;
        return true;
    }
    return false;
}

/* ---- severity ---- */

fps__severity fps__severity_of_word(const char *word)
{
    static const struct {
        const char *word;
        fps__severity severity;
    } words[] = {
        {"critical", FPS__SEVERITY_CRITICAL},
        {"high", FPS__SEVERITY_HIGH},
        {"important", FPS__SEVERITY_HIGH},
        {"medium", FPS__SEVERITY_MEDIUM},
        {"moderate", FPS__SEVERITY_MEDIUM},
        {"low", FPS__SEVERITY_LOW},
        {"minor", FPS__SEVERITY_LOW},
        {"negligible", FPS__SEVERITY_NEGLIGIBLE},
        {"unimportant", FPS__SEVERITY_NEGLIGIBLE},
        {"none", FPS__SEVERITY_NEGLIGIBLE},
    };
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (!strncasecmp(word, words[i].word, strlen(words[i].word)))
            return words[i].severity;
    return FPS__SEVERITY_UNKNOWN;
}

fps__severity fps__severity_of_score(double score)
{
    return score >= 9   ? FPS__SEVERITY_CRITICAL
           : score >= 7 ? FPS__SEVERITY_HIGH
           : score >= 4 ? FPS__SEVERITY_MEDIUM
           : score > 0  ? FPS__SEVERITY_LOW
                        : FPS__SEVERITY_UNKNOWN;
}

/* ---- CVSS ---- */

/* The letter of a metric in "AV:N/AC:L/...", 0 when it is not there. */
static char metric(const char *vector, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = vector; *at;) {
        if (!strncmp(at, name, length) && at[length] == ':')
            return at[length + 1];
        at += strcspn(at, "/");
        at += *at == '/';
    }
    return 0;
}

/* The weight of a letter in a table "NALP" with numbers, -1 when it is not in it. */
static double weight(char letter, const char *letters, const double *weights)
{
    const char *at = letter ? strchr(letters, letter) : NULL;
    return at ? weights[at - letters] : -1;
}

/* CVSS v3.1 specification, 7.1 and appendix A; v3.0 differs in rounding only beyond a tenth. */
static double cvss3_score(const char *vector)
{
    static const double av[] = {0.85, 0.62, 0.55, 0.2}, ac[] = {0.77, 0.44}, ui[] = {0.85, 0.62},
                        cia[] = {0.56, 0.22, 0};
    static const double pr_unchanged[] = {0.85, 0.62, 0.27}, pr_changed[] = {0.85, 0.68, 0.5};
    bool changed = metric(vector, "S") == 'C';
    double attack = weight(metric(vector, "AV"), "NALP", av),
           complexity = weight(metric(vector, "AC"), "LH", ac);
    double privileges = weight(metric(vector, "PR"), "NLH", changed ? pr_changed : pr_unchanged),
           user = weight(metric(vector, "UI"), "NR", ui);
    double c = weight(metric(vector, "C"), "HLN", cia), i = weight(metric(vector, "I"), "HLN", cia),
           a = weight(metric(vector, "A"), "HLN", cia);
    if (attack < 0 || complexity < 0 || privileges < 0 || user < 0 || c < 0 || i < 0 || a < 0 ||
        (!changed && metric(vector, "S") != 'U'))
        return -1;
    double base = 1 - (1 - c) * (1 - i) * (1 - a);
    double impact = changed ? 7.52 * (base - 0.029) - 3.25 * pow(base - 0.02, 15) : 6.42 * base;
    if (impact <= 0)
        return 0;
    double sum = impact + 8.22 * attack * complexity * privileges * user;
    sum = changed ? 1.08 * sum : sum;
    double tenths = ceil(round((sum < 10 ? sum : 10) * 100000) / 10000);
    return tenths / 10;
}

/* CVSS v2.0 guide, 3.2.1. */
static double cvss2_score(const char *vector)
{
    static const double av[] = {0.395, 0.646, 1}, ac[] = {0.35, 0.61, 0.71}, au[] = {0.45, 0.56, 0.704},
                        cia[] = {0, 0.275, 0.66};
    double attack = weight(metric(vector, "AV"), "LAN", av),
           complexity = weight(metric(vector, "AC"), "HML", ac);
    double login = weight(metric(vector, "Au"), "MSN", au);
    double c = weight(metric(vector, "C"), "NPC", cia), i = weight(metric(vector, "I"), "NPC", cia),
           a = weight(metric(vector, "A"), "NPC", cia);
    if (attack < 0 || complexity < 0 || login < 0 || c < 0 || i < 0 || a < 0)
        return -1;
    double impact = 10.41 * (1 - (1 - c) * (1 - i) * (1 - a)), exploit = 20 * attack * complexity * login;
    double score = (0.6 * impact + 0.4 * exploit - 1.5) * (impact > 0 ? 1.176 : 0);
    return round(score * 10) / 10;
}

double fps__cvss_score(const char *vector)
{
    if (!strncmp(vector, "CVSS:3.", 7))
        return cvss3_score(vector);
    if (!strncmp(vector, "CVSS:",
                 5)) /* v4 takes its scores from a table of 270 rows, which sources give with the vector */
        return -1;
    return cvss2_score(*vector == '(' ? vector + 1 : vector);
}
