/* Installed Python packages: dist-info folders of wheels, egg-info folders and files of setuptools. */
#include "inventory/language.h"

#include "inventory/control.h"
#include "util/cursor.h"
#include "util/license_words.h"

#include <stdio.h>

enum { PATH_SIZE = 4096 };

bool fps__language_is_python(const char *path)
{
    static const char *const ends[] = {".dist-info/METADATA", ".egg-info/PKG-INFO", "/EGG-INFO/PKG-INFO",
                                       ".egg-info"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (fps__path_stem(path, ends[i]))
            return true;
    return false;
}

/* "x; extra == 'y'" is no dependency of the package as it is installed. */
static bool is_extra(fps__span requirement)
{
    for (fps__span word; fps__span_cut(&requirement, " ;()", &word);)
        if (fps__span_is(word, "extra") || fps__span_starts(word, "extra="))
            return true;
    return false;
}

static void add_requirement(fps__name_list *list, fps__span requirement)
{
    fps__span name;
    if (!is_extra(requirement) && fps__span_cut(&requirement, " ;([<>=!~", &name))
        fps__name_list_add(list, name);
}

/* The licence of the field: SPDX where its first line is a title, else the words of a single line; empty for a text, and
 * for who holds the copyright, which is no licence. */
static fps__span named_license(fps__span value, char expression[FPS__LICENSE_WORDS_SIZE])
{
    enum { MAX_WORDS = 100 };
    size_t at = 0;
    fps__span line = {NULL, 0}, none = {NULL, 0}, rest;
    fps__line_next(value, &at, &line);
    line = fps__span_trim(line);
    if (fps__license_words(line, expression))
        return fps__span_of(expression);
    bool text = false;
    while (fps__line_next(value, &at, &rest))
        text |= fps__span_trim(rest).size > 0;
    bool holder = fps__span_is(fps__span_part(line, 0, 9), "copyright") ||
                  fps__span_is(fps__span_part(line, 0, 3), "(c)") || fps__span_starts(line, "\xC2\xA9");
    return text || holder || line.size > MAX_WORDS || fps__span_is(line, "UNKNOWN") ? none : line;
}

/* The licence of a classifier: in SPDX where that names one alone, else its words ("BSD License" is any of several);
 * empty for a classifier of anything else. */
static fps__span classified_license(fps__span classifier)
{
    static const char family[] = "License :: ", approved[] = "License :: OSI Approved";
    static const char *const licenses[][2] = {
        {"License :: OSI Approved :: MIT License", "MIT"},
        {"License :: OSI Approved :: MIT No Attribution License (MIT-0)", "MIT-0"},
        {"License :: OSI Approved :: Apache Software License", "Apache-2.0"},
        {"License :: OSI Approved :: ISC License (ISCL)", "ISC"},
        {"License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"},
        {"License :: OSI Approved :: GNU General Public License v2 (GPLv2)", "GPL-2.0-only"},
        {"License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"},
        {"License :: OSI Approved :: GNU General Public License v3 (GPLv3)", "GPL-3.0-only"},
        {"License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"},
        {"License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"},
        {"License :: OSI Approved :: Python Software Foundation License", "PSF-2.0"},
        {"License :: OSI Approved :: The Unlicense (Unlicense)", "Unlicense"},
        {"License :: OSI Approved :: zlib/libpng License", "Zlib"},
        {"License :: OSI Approved :: Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"},
    };
    for (size_t i = 0; i < sizeof licenses / sizeof *licenses; i++)
        if (fps__span_is(classifier, licenses[i][0]))
            return fps__span_of(licenses[i][1]);
    if (!fps__span_starts(classifier, family) || fps__span_is(classifier, approved))
        return (fps__span){NULL, 0};
    size_t start = fps__span_starts(classifier, approved) ? sizeof approved + 3 : sizeof family - 1;
    return fps__span_part(classifier, start, classifier.size < start ? 0 : classifier.size - start);
}

/* What the fields say of licences and people: the field that says most counts, wherever it stands. */
typedef struct python_facts {
    fps__span expression, license, supplier;
    unsigned rank; /* of the supplier */
    char expression_of_words[FPS__LICENSE_WORDS_SIZE], classified[512];
    fps__cursor classifiers;
} python_facts;

static void take_person(python_facts *facts, fps__span name, fps__span value)
{
    static const char *const fields[] = {"Author-email", "Author", "Maintainer-email", "Maintainer"};
    for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fps__span_is(name, fields[i]) && i + 1 > facts->rank && value.size &&
            !fps__span_is(value, "UNKNOWN")) {
            facts->supplier = value;
            facts->rank = i + 1;
        }
}

static void take_license(python_facts *facts, fps__span name, fps__span value)
{
    fps__span classified =
        fps__span_is(name, "Classifier") ? classified_license(value) : (fps__span){NULL, 0};
    if (fps__span_is(name, "License-Expression"))
        facts->expression = value;
    if (fps__span_is(name, "License"))
        facts->license = named_license(value, facts->expression_of_words);
    fps__cursor_text(&facts->classifiers, facts->classifiers.used && classified.size ? ", " : "");
    fps__cursor_put(&facts->classifiers, (const char *)classified.data, classified.size);
}

static bool keep_facts(fps__arena *arena, python_facts *found, fps_package *facts)
{
    size_t size = fps__cursor_finish(&found->classifiers);
    fps__span license = found->expression.size ? found->expression
                        : found->license.size  ? found->license
                                               : (fps__span){(const uint8_t *)found->classified, size};
    const char *supplier = fps__inventory_person(arena, found->supplier);
    if (supplier && *supplier)
        facts->supplier = supplier;
    return supplier && fps__language_take(arena, license, &facts->license);
}

fps_status fps__language_parse_python(fps__arena *arena, fps__span text, fps_package *facts,
                                      const char **depends)
{
    fps__name_list list;
    if (!fps__name_list_init(&list, text.size))
        return FPS_ERROR_MEMORY;
    size_t at = 0;
    bool memory = true;
    python_facts found = {.rank = 0};
    found.classifiers = (fps__cursor){found.classified, sizeof found.classified, 0, false};
    for (fps__span name, value; memory;) {
        fps__control_token token = fps__control_next(text, &at, &name, &value);
        if (token == FPS__CONTROL_BREAK || token == FPS__CONTROL_END)
            break; /* the description follows */
        if (token != FPS__CONTROL_FIELD)
            continue;
        take_person(&found, name, value);
        take_license(&found, name, value);
        if (fps__span_is(name, "Name") && !*facts->name)
            memory = fps__language_take(arena, value, &facts->name);
        else if (fps__span_is(name, "Version") && !*facts->version)
            memory = fps__language_take(arena, value, &facts->version);
        else if (fps__span_is(name, "Requires-Dist"))
            add_requirement(&list, value);
    }
    memory = memory && keep_facts(arena, &found, facts);
    memory &= fps__name_list_finish(&list, arena, depends);
    return memory ? fps__language_complete(facts) : FPS_ERROR_MEMORY;
}

/* The first column of a line of comma-separated values, without quotes, in `buffer` of PATH_SIZE bytes; empty
 * when it is damaged. `rest` is what follows. */
static fps__span first_column(fps__span line, char *buffer, fps__span *rest)
{
    size_t used = 0, at = 0;
    bool quoted = line.size && line.data[0] == '"';
    for (at = quoted; at < line.size; at++) {
        bool mark = line.data[at] == '"';
        if (quoted && mark && (at + 1 >= line.size || line.data[++at] != '"'))
            break;
        if ((!quoted && line.data[at] == ',') || used == PATH_SIZE)
            break;
        buffer[used++] = (char)line.data[at];
    }
    *rest = fps__span_part(line, at + 1, at < line.size ? line.size - at - 1 : 0);
    return (fps__span){(const uint8_t *)buffer, used < PATH_SIZE ? used : 0};
}

/* "sha256=DIGEST" in base64, as PEP 376 has it; some build tools write it in hexadecimal. */
static bool take_digest(fps__owned_path *owned, fps__span text)
{
    fps__span digest = fps__span_part(text, 7, text.size < 7 ? 0 : text.size - 7);
    if (fps__span_starts(text, "sha256="))
        return fps__owned_path_base64(owned, FPS__DIGEST_SHA256, digest) ||
               fps__owned_path_hex(owned, FPS__DIGEST_SHA256, digest);
    owned->digest_kind = FPS__DIGEST_OTHER;
    return true;
}

/* Lines "path,sha256=BASE64,size"; paths are seen from `base`. */
static void read_record(fps__inventory_reading *reading, const fps__inventory_file *file, const char *base)
{
    bool damaged = false;
    size_t at = 0;
    char buffer[PATH_SIZE];
    for (fps__span line; fps__line_next(file->bytes, &at, &line);) {
        line = fps__span_trim(line);
        if (!line.size)
            continue;
        fps__span rest, digest = {NULL, 0}, path = first_column(line, buffer, &rest);
        fps__owned_path *owned = fps__inventory_add_path(reading, fps__inventory_path(reading, base, path));
        if (!owned) {
            damaged |= !reading->full;
            continue;
        }
        fps__span_cut(&rest, ",", &digest);
        owned->flags = FPS__OWNED_REGULAR;
        if (digest.size)
            damaged |= !take_digest(owned, digest);
        else
            owned->flags |= FPS__OWNED_OPTIONAL; /* bytecode, and the list itself */
    }
    if (damaged)
        fps__inventory_diagnose(reading, file->path, "list of files is damaged");
}

static void read_installed_files(fps__inventory_reading *reading, const fps__inventory_file *file,
                                 const char *base)
{
    size_t at = 0;
    for (fps__span line; fps__line_next(file->bytes, &at, &line);)
        fps__inventory_add_path(reading, fps__inventory_path(reading, base, fps__span_trim(line)));
}

/* The list of files `name` in the folder that is the first `size` bytes of `path`, and that folder in
 * `folder`. */
static const fps__inventory_file *find_list(fps__inventory_reading *reading, const char *path, size_t size,
                                            const char *name, char *folder)
{
    int used = snprintf(folder, PATH_SIZE, "%.*s/%s", (int)size, path, name);
    const fps__inventory_file *list =
        used > 0 && used < PATH_SIZE ? fps__inventory_find(reading, folder) : NULL;
    folder[size < PATH_SIZE ? size : 0] = '\0';
    return list;
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    char folder[PATH_SIZE];
    const fps__inventory_file *record = NULL, *installed = NULL;
    size_t wheel = fps__path_stem(file->path, "/METADATA"), egg = fps__path_stem(file->path, "/PKG-INFO");
    fps__inventory_package *package =
        fps__language_add(reading, file, FPS_PACKAGE_PYPI, fps__language_parse_python);
    if (!package || strlen(file->path) >= PATH_SIZE)
        return;
    if (wheel)
        record = find_list(reading, file->path, wheel, "RECORD", folder);
    else if (egg)
        installed = find_list(reading, file->path, egg, "installed-files.txt", folder);
    package->paths_known = record || installed;
    if (installed)
        read_installed_files(reading, installed, folder);
    if (record && strchr(folder, '/')) {
        *strrchr(folder, '/') = '\0';
        read_record(reading, record, folder);
    }
    fps__inventory_end_paths(reading, package);
}

static bool wants(const char *path, uint64_t size)
{
    if (fps__path_stem(path, ".dist-info/RECORD") || fps__path_stem(path, ".egg-info/installed-files.txt"))
        return true;
    return size <= FPS__MAX_METADATA && fps__language_is_python(path);
}

static void read_packages(fps__inventory_reading *reading)
{
    fps__language_read(reading, fps__language_is_python, read_package);
}

const fps__inventory_reader fps__reader_python = {.wants = wants, .read = read_packages};
