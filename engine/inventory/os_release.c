/* os-release: which distribution the target is. The format: os-release(5), shell-like assignments. */
#include "inventory/inventory_reading.h"

#include "util/lines.h"

/* What a POSIX shell makes of the right side of an assignment without expansions: quotes and backslashes. */
static const char *unquote(fps__inventory_reading *reading, fps__span value)
{
    char text[1024];
    size_t used = 0;
    uint8_t quote = 0;
    for (size_t i = 0; i < value.size && used < sizeof text; i++) {
        uint8_t c = value.data[i];
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            continue;
        }
        if (c == '\\' && quote != '\'' && i + 1 < value.size)
            c = value.data[++i];
        if (!quote && (c == ' ' || c == '\t'))
            break;
        text[used++] = (char)c;
    }
    return fps__inventory_value(reading, (fps__span){(const uint8_t *)text, used});
}

/* The first of them counts. */
static const char *const places[] = {"/etc/os-release", "/usr/lib/os-release"};

static bool wants(const char *path, uint64_t size)
{
    (void)size;
    return !strcmp(path, places[0]) || !strcmp(path, places[1]);
}

static void read_os_release(fps__inventory_reading *reading)
{
    fps__inventory *inventory = reading->inventory;
    const fps__inventory_file *file = fps__inventory_find(reading, places[0]);
    if (!file)
        file = fps__inventory_find(reading, places[1]);
    if (!file)
        return;
    const char *name = "";
    const struct {
        const char *key, **value;
    } fields[] = {{"ID", &inventory->os_id},
                  {"VERSION_ID", &inventory->os_version_id},
                  {"ID_LIKE", &inventory->os_like},
                  {"PRETTY_NAME", &inventory->os_name},
                  {"NAME", &name}};
    size_t at = 0;
    for (fps__span line, key, value; fps__line_next(file->bytes, &at, &line);) {
        line = fps__span_trim(line);
        if (fps__span_starts(line, "#") || !fps__line_split(line, '=', &key, &value))
            continue;
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (key.size == strlen(fields[i].key) && !memcmp(key.data, fields[i].key, key.size))
                *fields[i].value = unquote(reading, value);
    }
    if (!*inventory->os_name)
        inventory->os_name = name;
}

static const char *const linked_places[] = {"/etc/os-release", "/usr/lib/os-release", NULL};

const fps__inventory_reader fps__reader_os_release = {
    .wants = wants, .read = read_os_release, .places = linked_places};
