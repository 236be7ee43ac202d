/* fpscan set list, set info, set verify, set add and set remove. */
#include "common/exit.h"
#include "common/message.h"
#include "common/signature.h"
#include "folders.h"
#include "outputs.h"
#include "sets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_safe(const char *text)
{
    message_put_safe(stdout, text);
}

static void put_fact(const char *name, const char *text)
{
    printf("  %-12s ", name);
    put_safe(text);
    putchar('\n');
}

static void put_number(const char *name, uint64_t number)
{
    printf("  %-12s %llu\n", name, (unsigned long long)number);
}

static void digest_text(const fps_database_info *info, char *text)
{
    for (size_t i = 0; i < sizeof info->digest; i++)
        snprintf(text + 2 * i, 3, "%02x", info->digest[i]);
}

static int finish(open_sets *sets, bool good)
{
    sets_free(sets);
    return outputs_flush() && good ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}

/* Where a set is, or would be, in the user's data directory; to be freed. NULL: a message was printed. */
static char *installed_path(const char *name, bool base)
{
    const char *slash = strrchr(name, '/'), *last = base ? "base.fpdb" : slash ? slash + 1 : name;
    char *folder, *path = NULL;
    size_t length = strlen(last), extension = strlen(".fpdb");
    bool ends = length > extension && strcmp(last + length - extension, ".fpdb") == 0;
    bool good = folder_data(&folder);
    if (good && !folder)
        message_print(PROGRAM, "no folder for signature sets: set HOME");
    else if (good && asprintf(&path, "%s/%s%s", folder, last, ends ? "" : ".fpdb") < 0) {
        message_print(PROGRAM, "out of memory");
        path = NULL;
    }
    free(folder);
    return path;
}

/* A set by its file, or by the name that fpscan set remove takes. */
static bool open_operands(open_sets *sets, const option_result *parsed)
{
    const char **files = calloc(parsed->operand_count + 1, sizeof *files);
    char **kept = calloc(parsed->operand_count + 1, sizeof *kept);
    bool good = files && kept;
    if (!good)
        message_print(PROGRAM, "out of memory");
    for (size_t i = 0; good && i < parsed->operand_count; i++) {
        const char *name = parsed->operands[i];
        bool named = !strchr(name, '/') && access(name, F_OK) != 0;
        kept[i] = named ? installed_path(name, false) : NULL;
        files[i] = kept[i] && access(kept[i], F_OK) == 0 ? kept[i] : name;
    }
    good = good && sets_open_files(sets, files);
    for (size_t i = 0; kept && i < parsed->operand_count; i++)
        free(kept[i]);
    free(kept);
    free(files);
    return good;
}

/* Opens the operands, or without operands the sets that a scan would use. */
static bool open_chosen(open_sets *sets, const settings *s, const option_result *parsed)
{
    bool good = parsed->operand_count ? open_operands(sets, parsed) : sets_open(sets, s);
    if (good && !sets->count) {
        message_print(PROGRAM, "there is no signature set; give one with --set FILE");
        good = false;
    }
    return good;
}

int command_set_list(const settings *s, const option_result *parsed)
{
    open_sets sets = {0};
    bool good = open_chosen(&sets, s, parsed);
    for (size_t i = 0; good && i < sets.count; i++) {
        fps_database_info info;
        char digest[2 * sizeof info.digest + 1];
        fps_database_read_info(sets.items[i].database, &info);
        digest_text(&info, digest);
        printf("%s  %6llu components  ", digest, (unsigned long long)info.components);
        put_safe(info.name);
        fputs("  ", stdout);
        put_safe(sets.items[i].path);
        putchar('\n');
    }
    return finish(&sets, good);
}

static void put_components(const fps_database *database)
{
    for (size_t i = 0; i < fps_database_component_count(database); i++) {
        fps_component_info component;
        if (!fps_database_read_component(database, i, &component))
            continue;
        size_t fingerprinted = 0;
        for (size_t release = 0; release < component.release_count; release++) {
            bool has_build = false;
            if (fps_database_release(database, i, release, &has_build) && has_build)
                fingerprinted++;
        }
        fputs("    ", stdout);
        put_safe(component.id);
        printf(" (%s): %zu of %u releases", fps_component_role_name(component.role), fingerprinted,
               component.release_count);
        if (component.purl[0]) {
            fputs(", ", stdout);
            put_safe(component.purl);
        }
        putchar('\n');
    }
}

static void put_diagnostics(const fps_database *database)
{
    for (size_t i = 0; i < fps_database_diagnostic_count(database); i++)
        put_fact("diagnostic", fps_database_diagnostic(database, i)->message);
}

static void put_info(const open_set *set, bool components)
{
    fps_database_info info;
    char digest[2 * sizeof info.digest + 1], format[32];
    fps_database_read_info(set->database, &info);
    digest_text(&info, digest);
    snprintf(format, sizeof format, "%u.%u", info.version_major, info.version_minor);
    put_safe(set->path);
    putchar('\n');
    put_fact("name", info.name);
    put_fact("digest", digest);
    put_fact("format", format);
    put_fact("creator", info.creator);
    put_fact("parameters", info.parameters);
    put_number("bytes", info.size);
    put_number("components", info.components);
    put_number("releases", info.fingerprinted_releases);
    put_number("units", info.units);
    put_number("keys", info.keys);
    put_number("templates", info.templates);
    put_number("patches", fps_database_patch_count(set->database));
    put_diagnostics(set->database);
    if (components)
        put_components(set->database);
}

int command_set_info(const settings *s, const option_result *parsed)
{
    open_sets sets = {0};
    bool good = open_chosen(&sets, s, parsed);
    for (size_t i = 0; good && i < sets.count; i++)
        put_info(&sets.items[i], s->verbose > 0);
    return finish(&sets, good);
}

/* False, and a message is printed, unless the key has signed the file. */
static bool check_signature(const char *path, const char *key)
{
    static const char *const faults[] = {
        [SIGNATURE_BAD] = "the signature is not of this file and key",
        [SIGNATURE_MISSING] = "there is no signature beside it",
    };
    signature_verdict verdict = signature_check(PROGRAM, path, key);
    if (verdict == SIGNATURE_BAD || verdict == SIGNATURE_MISSING)
        message_print(PROGRAM, "%s: %s (%s%s)", path, faults[verdict], path, SIGNATURE_EXTENSION);
    return verdict == SIGNATURE_GOOD;
}

/* Each set gets its own line, also after a damaged one. */
int command_set_verify(const settings *s, const option_result *parsed)
{
    open_sets sets = {0};
    bool good = open_chosen(&sets, s, parsed);
    bool all_good = good;
    for (size_t i = 0; good && i < sets.count; i++) {
        fps_error error = {.offset = UINT64_MAX};
        if (s->key && !check_signature(sets.items[i].path, s->key)) {
            all_good = false;
        } else if (fps_database_verify(sets.items[i].database, &error) == FPS_OK) {
            put_safe(sets.items[i].path);
            puts(s->key ? ": good, and signed" : ": good");
        } else {
            message_error(PROGRAM, sets.items[i].path, &error);
            all_good = false;
        }
    }
    return finish(&sets, all_good);
}

/* A set whose bytes are good, and which a key has signed if one was named. */
static bool is_fit(const char *path, const settings *s)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_database *database = NULL;
    bool good = fps_database_open(&database, path, &error) == FPS_OK &&
                fps_database_verify(database, &error) == FPS_OK;
    if (!good)
        message_error(PROGRAM, path, &error);
    fps_database_free(database);
    return good && (!s->key || check_signature(path, s->key)) && sets_are_trusted(path);
}

/* The signature first: a set is never there without it. */
static bool install(const char *from, const char *to)
{
    char *signature = NULL, *kept = NULL;
    bool good = asprintf(&signature, "%s%s", from, SIGNATURE_EXTENSION) >= 0 &&
                asprintf(&kept, "%s%s", to, SIGNATURE_EXTENSION) >= 0;
    if (good && access(signature, R_OK) == 0)
        good = folder_copy_file(signature, kept);
    else if (good)
        unlink(kept);
    good = good && folder_copy_file(from, to);
    if (!good)
        message_print(PROGRAM, "%s: cannot be written: %s", to, strerror(errno));
    free(signature);
    free(kept);
    return good;
}

int command_set_add(const settings *s, const option_result *parsed)
{
    char *folder = NULL, *path = installed_path(parsed->operands[0], s->as_base);
    bool good = path && folder_data(&folder) && is_fit(parsed->operands[0], s);
    if (good) {
        folder_make(folder);
        good = install(parsed->operands[0], path);
    }
    if (good && !s->quiet) {
        put_safe(path);
        puts(s->as_base ? ": used from now on in place of the base set of the program"
                        : ": used from now on");
    }
    free(folder);
    free(path);
    return outputs_flush() && good ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}

int command_set_remove(const settings *s, const option_result *parsed)
{
    char *path = installed_path(parsed->operands[0], false), *signature = NULL;
    bool good = path && unlink(path) == 0;
    if (path && !good)
        message_print(PROGRAM, "%s: %s; fpscan set list shows the sets", path, strerror(errno));
    if (good && asprintf(&signature, "%s%s", path, SIGNATURE_EXTENSION) >= 0)
        unlink(signature);
    if (good && !s->quiet) {
        put_safe(path);
        puts(": removed");
    }
    free(signature);
    free(path);
    return outputs_flush() && good ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}
