/* apk's database of installed packages. The format: Alpine's description of the installed database. */
#include "inventory/inventory_reading.h"
#include "inventory/name_list.h"

#include "util/lines.h"

enum { MAX_RULES = 64 };

static const char *const databases[] = {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"};

/* Lists of paths that apk keeps as they are. */
static bool is_protected_list(const char *path)
{
    static const char *const folders[] = {"/etc/apk/protected_paths.d/", "/lib/apk/protected_paths.d/"};
    return !strncmp(path, folders[0], strlen(folders[0])) || !strncmp(path, folders[1], strlen(folders[1]));
}

static bool wants(const char *path, uint64_t size)
{
    (void)size;
    return !strcmp(path, databases[0]) || !strcmp(path, databases[1]) || is_protected_list(path);
}

/* The package that is being read; its place in the inventory is found by index, for the array may move. */
typedef struct apk_reader {
    fps__inventory_reading *reading;
    const fps__inventory_file *file;
    bool open;
    size_t package;
    const char *folder;     /* of the files that follow, NULL when its name is damaged */
    fps__owned_path *owned; /* of the file that Z: belongs to, NULL for none */
    bool damaged;
    fps__span rules[MAX_RULES]; /* of protected paths */
    size_t rule_count;
} apk_reader;

static fps__inventory_package *current(apk_reader *apk)
{
    if (!apk->open) {
        const fps__inventory *inventory = apk->reading->inventory;
        if (!fps__inventory_add(apk->reading, FPS_PACKAGE_APK))
            return NULL;
        apk->package = inventory->packages.count - 1;
        apk->open = true;
        fps__inventory_package *package = &inventory->packages.items[apk->package];
        package->facts.location = fps__inventory_text(apk->reading, apk->file->path, strlen(apk->file->path));
        package->paths_known = true;
        return package;
    }
    return &apk->reading->inventory->packages.items[apk->package];
}

static void finish(apk_reader *apk)
{
    fps__inventory_package *package = apk->open ? current(apk) : NULL;
    if (package && *package->facts.name && *package->facts.version)
        fps__inventory_end_paths(apk->reading, package);
    else {
        apk->damaged |= package || apk->reading->paths.count;
        apk->reading->paths.count = 0;
        apk->reading->inventory->packages.count -= package != NULL;
    }
    apk->open = false;
    apk->folder = "/";
    apk->owned = NULL;
}

/* Names that blanks separate, as "a, b". */
static const char *with_commas(fps__inventory_reading *reading, fps__span names)
{
    const char *text = "";
    fps__name_list list;
    bool memory = fps__name_list_init(&list, 2 * names.size);
    if (memory) {
        for (fps__span name; fps__span_cut(&names, " \t", &name);)
            fps__name_list_add(&list, name);
        memory = fps__name_list_finish(&list, &reading->inventory->arena, &text);
    }
    reading->no_memory |= !memory;
    return text;
}

/* Adds the lines of the lists: "+var/www" (keep), "@run" (keep links), "-etc/x" and "!etc/x" (do not), to be
 * looked at from the end. They follow what apk has of its own. */
static void read_protected(apk_reader *apk)
{
    static const char *const own[] = {"+etc", "@etc/init.d", "!etc/apk"};
    fps__inventory_reading *reading = apk->reading;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        apk->rules[apk->rule_count++] = fps__span_of(own[i]);
    for (size_t i = 0; i < reading->count; i++) {
        size_t at = 0;
        for (fps__span line; is_protected_list(reading->files[i].path) && apk->rule_count < MAX_RULES &&
                             fps__line_next(reading->files[i].bytes, &at, &line);) {
            line = fps__span_trim(line);
            if (line.size > 1 && strchr("+@-!", line.data[0]))
                apk->rules[apk->rule_count++] = line;
        }
    }
}

/* Whether the last rule whose folder holds the path keeps it. */
static bool is_config(const apk_reader *apk, const char *path)
{
    size_t length = strlen(path + 1);
    for (size_t i = apk->rule_count; i-- > 0;) {
        fps__span folder = fps__span_part(apk->rules[i], 1, apk->rules[i].size - 1);
        if (folder.size <= length && !memcmp(path + 1, folder.data, folder.size) &&
            (!path[1 + folder.size] || path[1 + folder.size] == '/'))
            return apk->rules[i].data[0] == '+';
    }
    return false;
}

static bool is_documentation(const char *path)
{
    static const char *const folders[] = {"/usr/share/doc/", "/usr/share/man/", "/usr/share/info/",
                                          "/usr/share/locale/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (!strncmp(path, folders[i], strlen(folders[i])))
            return true;
    return false;
}

static void take_file(apk_reader *apk, fps__span name)
{
    apk->owned = apk->folder ? fps__inventory_add_path(apk->reading,
                                                       fps__inventory_path(apk->reading, apk->folder, name))
                             : NULL;
    if (!apk->owned) {
        apk->damaged |= !apk->reading->full;
        return;
    }
    if (is_config(apk, apk->owned->path))
        apk->owned->flags |= FPS__OWNED_CONFIG;
    if (is_documentation(apk->owned->path))
        apk->owned->flags |= FPS__OWNED_OPTIONAL;
}

static void take_folder(apk_reader *apk, fps__span name)
{
    apk->owned = NULL;
    apk->folder = "/";
    if (!name.size)
        return;
    apk->folder = fps__inventory_path(apk->reading, "/", name);
    fps__owned_path *owned = fps__inventory_add_path(apk->reading, apk->folder);
    if (owned)
        owned->flags |= FPS__OWNED_DIRECTORY;
    apk->damaged |= !apk->folder;
}

/* "Q1" and a SHA-1, "Q2" and a SHA-256. Of a symbolic link it is the digest of its target, and the database
 * does not say which files are links: paths are never marked as regular. */
static void take_digest(apk_reader *apk, fps__span value)
{
    if (!apk->owned)
        return;
    fps__span digest = fps__span_part(value, 2, value.size < 2 ? 0 : value.size - 2);
    fps__digest_kind kind = fps__span_starts(value, "Q1")   ? FPS__DIGEST_SHA1
                            : fps__span_starts(value, "Q2") ? FPS__DIGEST_SHA256
                                                            : FPS__DIGEST_OTHER;
    if (kind == FPS__DIGEST_OTHER)
        apk->owned->digest_kind = FPS__DIGEST_OTHER;
    else
        apk->damaged |= !fps__owned_path_base64(apk->owned, kind, digest);
}

static void take_fact(apk_reader *apk, uint8_t key, fps__span value)
{
    fps__inventory_package *package = current(apk);
    if (package && key == 'P' && *package->facts.name) { /* the empty line between two packages is missing */
        apk->damaged = true;
        finish(apk);
        package = current(apk);
    }
    if (!package)
        return;
    const struct {
        uint8_t key;
        const char **text;
    } texts[] = {{'P', &package->facts.name},         {'V', &package->facts.version},
                 {'A', &package->facts.architecture}, {'L', &package->facts.license},
                 {'m', &package->facts.supplier},     {'o', &package->facts.source}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].key == key)
            *texts[i].text = fps__inventory_value(apk->reading, value);
    if (key == 'D')
        package->depends = with_commas(apk->reading, value);
    if (key == 'p')
        package->provides = with_commas(apk->reading, value);
}

static void take_line(apk_reader *apk, fps__span line)
{
    if (line.size < 2 || line.data[1] != ':') {
        apk->damaged = true;
        return;
    }
    fps__span value = fps__span_trim(fps__span_part(line, 2, line.size - 2));
    switch (line.data[0]) {
    case 'F':
        take_folder(apk, value);
        break;
    case 'R':
        take_file(apk, value);
        break;
    case 'Z':
        take_digest(apk, value);
        break;
    default:
        take_fact(apk, line.data[0], value);
        break;
    }
}

static void read_database(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    apk_reader apk = {.reading = reading, .file = file, .folder = "/"};
    size_t at = 0;
    read_protected(&apk);
    for (fps__span line; fps__line_next(file->bytes, &at, &line);) {
        if (line.size)
            take_line(&apk, line);
        else
            finish(&apk);
    }
    finish(&apk);
    if (file->bytes.size && file->bytes.data[file->bytes.size - 1] != '\n')
        apk.damaged = true;
    if (apk.damaged)
        fps__inventory_diagnose(reading, file->path, "database of apk is damaged or cut off");
}

static void read_databases(fps__inventory_reading *reading)
{
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
        const fps__inventory_file *file = fps__inventory_find(reading, databases[i]);
        if (file)
            read_database(reading, file);
    }
}

static const char *const linked_places[] = {"/lib/apk/db", "/usr/lib/apk/db", "/etc/apk/protected_paths.d",
                                            "/lib/apk/protected_paths.d", NULL};

const fps__inventory_reader fps__reader_apk = {
    .wants = wants, .read = read_databases, .places = linked_places};
