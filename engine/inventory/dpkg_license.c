/* Licences of Debian packages: the names that Debian gives them, as SPDX expressions. */
#include "inventory/control.h"
#include "inventory/dpkg.h"

#include "util/cursor.h"

#include <stdio.h>
#include <stdlib.h>

/* Short names of Debian (lower case, sorted by byte) and what SPDX calls them. GNU licences are made by rule.
 */
static const char *const names[][2] = {
    {"0bsd", "0BSD"},
    {"afl-2.1", "AFL-2.1"},
    {"agpl-3", "AGPL-3.0-only"},
    {"agpl-3+", "AGPL-3.0-or-later"},
    {"apache-1.1", "Apache-1.1"},
    {"apache-2", "Apache-2.0"},
    {"apache-2-llvm-exceptions", "Apache-2.0 WITH LLVM-exception"},
    {"apache-2.0", "Apache-2.0"},
    {"artistic", "Artistic-1.0-Perl"},
    {"artistic-1", "Artistic-1.0-Perl"},
    {"artistic-1.0", "Artistic-1.0"},
    {"artistic-2", "Artistic-2.0"},
    {"artistic-2.0", "Artistic-2.0"},
    {"beerware", "Beerware"},
    {"bitstream-vera", "Bitstream-Vera"},
    {"blessing", "blessing"},
    {"boost-1.0", "BSL-1.0"},
    {"bsd", "BSD-3-Clause"},
    {"bsd-1-clause", "BSD-1-Clause"},
    {"bsd-2", "BSD-2-Clause"},
    {"bsd-2-clause", "BSD-2-Clause"},
    {"bsd-3", "BSD-3-Clause"},
    {"bsd-3-clause", "BSD-3-Clause"},
    {"bsd-3-clause-attribution", "BSD-3-Clause-Attribution"},
    {"bsd-3-clause-clear", "BSD-3-Clause-Clear"},
    {"bsd-4-clause", "BSD-4-Clause"},
    {"bsd-4-clause-uc", "BSD-4-Clause-UC"},
    {"bsd-4-clause-ucb", "BSD-4-Clause-UC"},
    {"bsd-source-code", "BSD-Source-Code"},
    {"bsd3", "BSD-3-Clause"},
    {"bsl-1.0", "BSL-1.0"},
    {"bzip2", "bzip2-1.0.6"},
    {"bzip2-1.0.6", "bzip2-1.0.6"},
    {"cc-by-2.5", "CC-BY-2.5"},
    {"cc-by-3.0", "CC-BY-3.0"},
    {"cc-by-4.0", "CC-BY-4.0"},
    {"cc-by-sa-2.5", "CC-BY-SA-2.5"},
    {"cc-by-sa-3.0", "CC-BY-SA-3.0"},
    {"cc-by-sa-4.0", "CC-BY-SA-4.0"},
    {"cc0", "CC0-1.0"},
    {"cc0-1.0", "CC0-1.0"},
    {"cddl-1.0", "CDDL-1.0"},
    {"cpl-1.0", "CPL-1.0"},
    {"curl", "curl"},
    {"epl-1.0", "EPL-1.0"},
    {"epl-2.0", "EPL-2.0"},
    {"eupl-1.2", "EUPL-1.2"},
    {"expat", "MIT"},
    {"fsfap", "FSFAP"},
    {"fsful", "FSFUL"},
    {"fsfullr", "FSFULLR"},
    {"ftl", "FTL"},
    {"gpl", "GPL-1.0-or-later"},
    {"gpl+", "GPL-1.0-or-later"},
    {"gplv2+", "GPL-2.0-or-later"},
    {"gplv3+", "GPL-3.0-or-later"},
    {"hpnd", "HPND"},
    {"icu", "ICU"},
    {"ijg", "IJG"},
    {"imagemagick", "ImageMagick"},
    {"isc", "ISC"},
    {"latex2e", "Latex2e"},
    {"lgpl", "LGPL-2.0-or-later"},
    {"lgplv2.1+", "LGPL-2.1-or-later"},
    {"libpng", "Libpng"},
    {"libtiff", "libtiff"},
    {"lppl-1.3c", "LPPL-1.3c"},
    {"mit", "MIT"},
    {"mit-0", "MIT-0"},
    {"mit/x11", "MIT"},
    {"mpl-1", "MPL-1.0"},
    {"mpl-1.0", "MPL-1.0"},
    {"mpl-1.1", "MPL-1.1"},
    {"mpl-2", "MPL-2.0"},
    {"mpl-2.0", "MPL-2.0"},
    {"ms-pl", "MS-PL"},
    {"ncsa", "NCSA"},
    {"ntp", "NTP"},
    {"ofl-1.1", "OFL-1.1"},
    {"openldap-2.8", "OLDAP-2.8"},
    {"openssl", "OpenSSL"},
    {"perl", "(GPL-1.0-or-later OR Artistic-1.0-Perl)"},
    {"php-3.01", "PHP-3.01"},
    {"postgresql", "PostgreSQL"},
    {"psf", "PSF-2.0"},
    {"psf-2", "PSF-2.0"},
    {"python", "Python-2.0"},
    {"qpl", "QPL-1.0"},
    {"qpl-1.0", "QPL-1.0"},
    {"ruby", "Ruby"},
    {"sil-1.1", "OFL-1.1"},
    {"sissl", "SISSL"},
    {"sleepycat", "Sleepycat"},
    {"smlnj", "SMLNJ"},
    {"snia", "SNIA"},
    {"ssh-short", "SSH-short"},
    {"ssleay", "OpenSSL"},
    {"tcl", "TCL"},
    {"tcp-wrappers", "TCP-wrappers"},
    {"tu-berlin-1.0", "TU-Berlin-1.0"},
    {"tu-berlin-2.0", "TU-Berlin-2.0"},
    {"unicode", "Unicode-DFS-2016"},
    {"unicode-dfs-2016", "Unicode-DFS-2016"},
    {"unlicense", "Unlicense"},
    {"upl-1.0", "UPL-1.0"},
    {"vim", "Vim"},
    {"w3c", "W3C"},
    {"wtfpl", "WTFPL"},
    {"wtfpl-2", "WTFPL"},
    {"x11", "X11"},
    {"zlib", "Zlib"},
    {"zlib/libpng", "Zlib"},
    {"zpl-2.0", "ZPL-2.0"},
    {"zpl-2.1", "ZPL-2.1"},
};

static int compare_name(const void *key, const void *entry)
{
    return strcmp(key, ((const char *const *)entry)[0]);
}

/* "gpl-2", "lgpl-2.1+", "gfdl-1.3+" to "GPL-2.0-only", "LGPL-2.1-or-later" ...; false for another name. */
static bool put_gnu(fps__cursor *out, const char *name)
{
    static const char *const families[][2] = {{"gpl-", "GPL-"}, {"lgpl-", "LGPL-"}, {"gfdl-", "GFDL-"}};
    static const char *const versions[][2] = {{"1", "1.0"},   {"1.0", "1.0"}, {"1.1", "1.1"}, {"1.2", "1.2"},
                                              {"1.3", "1.3"}, {"2", "2.0"},   {"2.0", "2.0"}, {"2.1", "2.1"},
                                              {"3", "3.0"},   {"3.0", "3.0"}};
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        size_t prefix = strlen(families[f][0]);
        if (strncmp(name, families[f][0], prefix) != 0)
            continue;
        const char *version = name + prefix;
        size_t size = strcspn(version, "+");
        for (size_t v = 0; v < sizeof versions / sizeof *versions; v++)
            if (strlen(versions[v][0]) == size && !strncmp(version, versions[v][0], size) &&
                (!version[size] || !version[size + 1])) {
                fps__cursor_text(out, families[f][1]);
                fps__cursor_text(out, versions[v][1]);
                fps__cursor_text(out, version[size] ? "-or-later" : "-only");
                return true;
            }
    }
    return false;
}

static bool put_name(fps__cursor *out, fps__span word)
{
    char name[48];
    if (word.size >= sizeof name)
        return false;
    for (size_t i = 0; i < word.size; i++)
        name[i] = (char)(word.data[i] >= 'A' && word.data[i] <= 'Z' ? word.data[i] + 32 : word.data[i]);
    name[word.size] = '\0';
    const char *const *found =
        bsearch(name, names, sizeof names / sizeof *names, sizeof *names, compare_name);
    if (!found)
        return put_gnu(out, name);
    fps__cursor_text(out, found[1]);
    return true;
}

/* One side of a comma: names joined by "and" and "or". */
static bool put_part(fps__cursor *out, fps__span part)
{
    bool name_next = true;
    for (fps__span word; fps__span_cut(&part, " \t", &word);) {
        if (!word.size)
            continue;
        bool is_and = fps__span_is(word, "and"), is_or = fps__span_is(word, "or");
        if (name_next == (is_and || is_or))
            return false;
        if (is_and || is_or)
            fps__cursor_text(out, is_and ? " AND " : " OR ");
        else if (!put_name(out, word))
            return false;
        name_next = !name_next;
    }
    return !name_next;
}

/* The first line of a License field. "A or B, and C" is "(A OR B) AND C": a comma binds last. */
static bool put_expression(fps__cursor *out, fps__span line)
{
    bool comma = line.size && memchr(line.data, ',', line.size), first = true;
    for (fps__span part; fps__span_cut(&line, ",", &part); first = false) {
        bool is_or = fps__span_starts(part, "or ");
        if (fps__span_starts(part, "and ") || is_or)
            part = fps__span_trim(fps__span_part(part, is_or ? 3 : 4, part.size - (is_or ? 3 : 4)));
        if (!first)
            fps__cursor_text(out, is_or ? " OR " : " AND ");
        fps__cursor_text(out, comma ? "(" : "");
        if (!put_part(out, part))
            return false;
        fps__cursor_text(out, comma ? ")" : "");
    }
    return !first;
}

bool fps__dpkg_put_license(fps__cursor *out, fps__span words, bool expression)
{
    return expression ? put_expression(out, words) : put_name(out, words);
}

bool fps__dpkg_license(fps__span copyright, const char *package, char expression[FPS__LICENSE_SIZE])
{
    fps__cursor out = {expression, FPS__LICENSE_SIZE, 0, false};
    fps__span field, line;
    size_t at = 0;
    bool known = fps__copyright_field(copyright, package, &field)
                     ? fps__line_next(field, &at, &line) && put_expression(&out, fps__span_trim(line))
                     : fps__copyright_prose(copyright, package, &out);
    out.full |= !known;
    return fps__cursor_finish(&out) > 0;
}

static const fps__inventory_file *find_copyright(const fps__inventory_reading *reading, const char *name)
{
    char path[512];
    int size = snprintf(path, sizeof path, FPS__DPKG_DOCUMENTS "%s/copyright", name);
    return size > 0 && (size_t)size < sizeof path ? fps__inventory_find(reading, path) : NULL;
}

static const char *source_of(const fps_package *facts)
{
    return *facts->source ? facts->source : facts->name;
}

/* By source; packages with a licence first. */
static int compare_sources(const void *left, const void *right)
{
    const fps_package *a = *(fps_package *const *)left, *b = *(fps_package *const *)right;
    int order = strcmp(source_of(a), source_of(b));
    if (!order)
        order = !*a->license - !*b->license;
    return order ? order : strcmp(a->name, b->name);
}

static void share_licenses(fps__inventory_reading *reading, fps_package **packages, size_t count)
{
    qsort(packages, count, sizeof *packages, compare_sources);
    const fps_package *known = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!known || strcmp(source_of(known), source_of(packages[i])) != 0)
            known = packages[i];
        if (!*packages[i]->license && !find_copyright(reading, packages[i]->name))
            packages[i]->license = known->license;
    }
}

void fps__dpkg_read_licenses(fps__inventory_reading *reading, size_t first)
{
    size_t count = reading->inventory->packages.count - first;
    fps_package **packages = count ? malloc(count * sizeof *packages) : NULL;
    if (!packages) {
        reading->no_memory |= count > 0;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        fps_package *facts = packages[i] = &reading->inventory->packages.items[first + i].facts;
        const fps__inventory_file *file = find_copyright(reading, facts->name);
        char expression[FPS__LICENSE_SIZE];
        if (file && fps__dpkg_license(file->bytes, facts->name, expression))
            facts->license = fps__inventory_text(reading, expression, strlen(expression));
    }
    share_licenses(reading, packages, count);
    free(packages);
}
