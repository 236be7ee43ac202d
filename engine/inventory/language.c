/* What the readers of language packages share. */
#include "inventory/language.h"

#include "util/lines.h"

size_t fps__path_stem(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);
    return size > tail && !strcmp(path + size - tail, suffix) ? size - tail : 0;
}

void fps__language_read(fps__inventory_reading *reading, bool (*is_metadata)(const char *path),
                        void (*read)(fps__inventory_reading *reading, const fps__inventory_file *file))
{
    for (size_t i = 0; i < reading->count && !reading->no_memory; i++)
        if (is_metadata(reading->files[i].path))
            read(reading, &reading->files[i]);
}

fps__inventory_package *fps__language_add(fps__inventory_reading *reading, const fps__inventory_file *file,
                                          fps_package_kind kind, fps__language_parser parse)
{
    fps_package facts = fps__inventory_facts(kind);
    const char *depends = "";
    fps_status status = parse(&reading->inventory->arena, file->bytes, &facts, &depends);
    if (status == FPS_ERROR_MEMORY)
        reading->no_memory = true;
    /* a package.json may be of something that is no package, what pip and RubyGems install never is */
    bool nameless = status == FPS_ERROR_NOT_FOUND && (kind == FPS_PACKAGE_PYPI || kind == FPS_PACKAGE_GEM);
    if (status == FPS_ERROR_CORRUPT || nameless)
        fps__inventory_diagnose(reading, file->path, "metadata of the package is damaged");
    fps__inventory_package *package = status ? NULL : fps__inventory_add(reading, kind);
    if (!package)
        return NULL;
    package->facts = facts;
    package->facts.location = fps__inventory_text(reading, file->path, strlen(file->path));
    package->depends = depends;
    return package;
}

bool fps__language_take(fps__arena *arena, fps__span value, const char **text)
{
    const char *copy = fps__inventory_copy(arena, value);
    if (copy && *copy)
        *text = copy;
    return copy != NULL;
}

fps_status fps__language_complete(const fps_package *facts)
{
    return *facts->name && *facts->version ? FPS_OK : FPS_ERROR_NOT_FOUND;
}
