/* What macros make of texts, in the release at hand: joined literals, stringified arguments, versions of build files.
 *
 * A macro that a release defines with two different values has none: which one is compiled is not known.
 */
#include "history/history_maker.h"

#include "util/lines.h"

#include <ctype.h>

enum { MAX_DEPTH = 12, MAX_STEPS = 512, MAX_BUILD_VALUE = 128 };

/* ---- what no release defines ---- */

static const struct {
    const char *name, *value;
} known_values[] = {
    {"PRId64", "ld"},  {"PRIi64", "li"},  {"PRIu64", "lu"},  {"PRIx64", "lx"},  {"PRIX64", "lX"},
    {"PRIo64", "lo"},  {"PRId32", "d"},   {"PRIi32", "i"},   {"PRIu32", "u"},   {"PRIx32", "x"},
    {"PRIX32", "X"},   {"PRIo32", "o"},   {"PRId16", "d"},   {"PRIu16", "u"},   {"PRIx16", "x"},
    {"PRIX16", "X"},   {"PRId8", "d"},    {"PRIu8", "u"},    {"PRIx8", "x"},    {"PRIX8", "X"},
    {"PRIdMAX", "ld"}, {"PRIuMAX", "lu"}, {"PRIxMAX", "lx"}, {"PRIdPTR", "ld"}, {"PRIuPTR", "lu"},
    {"PRIxPTR", "lx"}, {"PRIXPTR", "lX"},
};

static fps__maker_macro *macro_of(fps__maker *maker, uint32_t name)
{
    size_t count = maker->macros.count;
    if (name >= count) {
        size_t extra = name + 1 - count;
        if (FPS__ARRAY_RESERVE(&maker->macros, extra, UINT32_MAX))
            return NULL;
        memset(maker->macros.items + count, 0, extra * sizeof *maker->macros.items);
        maker->macros.count += extra;
    }
    return &maker->macros.items[name];
}

fps_status fps__macro_start(fps__maker *maker)
{
    static const char parameter[] = {FPS__LEX_PARAMETER, '0', 0};
    uint32_t name = fps__maker_intern(&maker->strings, "assert", 6);
    uint32_t parts = fps__maker_intern(&maker->strings, parameter, sizeof parameter);
    fps__maker_macro *macro = name && parts ? macro_of(maker, name) : NULL;
    if (!macro)
        return FPS_ERROR_MEMORY;
    macro->templates[macro->template_count++] = parts;
    for (size_t i = 0; i < sizeof known_values / sizeof *known_values; i++) {
        char value[8] = {FPS__LEX_TEXT};
        size_t size = strlen(known_values[i].value);
        memcpy(value + 1, known_values[i].value, size + 1);
        name = fps__maker_intern(&maker->strings, known_values[i].name, strlen(known_values[i].name));
        parts = fps__maker_intern(&maker->strings, value, size + 2);
        macro = name && parts ? macro_of(maker, name) : NULL;
        if (!macro)
            return FPS_ERROR_MEMORY;
        macro->value = parts;
        macro->has_value = true;
    }
    return FPS_OK;
}

fps_status fps__macro_define(fps__maker *maker, const fps__maker_item *item)
{
    fps__maker_macro *macro = macro_of(maker, item->name);
    if (!macro)
        return FPS_ERROR_MEMORY;
    if (macro->release != maker->release)
        *macro = (fps__maker_macro){.release = maker->release};
    if (!item->call) {
        macro->several |= macro->has_value && macro->value != item->text;
        macro->has_value = true;
        macro->value = item->text;
        return FPS_OK;
    }
    for (unsigned i = 0; i < macro->template_count; i++)
        if (macro->templates[i] == item->text)
            return FPS_OK;
    if (macro->template_count < FPS__MAKER_TEMPLATES)
        macro->templates[macro->template_count++] = item->text;
    return FPS_OK;
}

/* ---- expansion ---- */

typedef struct expansion {
    fps__maker *maker;
    size_t used;
    unsigned steps;
    int parameter; /* whose argument is known */
    const char *argument;
    size_t argument_size;
} expansion;

static const fps__maker_macro *find_macro(const fps__maker *maker, const char *name, size_t size)
{
    uint32_t id = fps__maker_find(&maker->strings, name, size);
    const fps__maker_macro *macro = id && id < maker->macros.count ? &maker->macros.items[id] : NULL;
    return macro && (!macro->release || macro->release == maker->release) ? macro : NULL;
}

static bool append(expansion *now, const char *text, size_t size)
{
    if (size > FPS__LEX_PARTS - now->used)
        return false;
    memcpy(now->maker->scratch + now->used, text, size);
    now->used += size;
    return true;
}

static bool expand(expansion *now, uint32_t parts, int depth);

static bool expand_macro(expansion *now, const char *name, int depth)
{
    const fps__maker_macro *macro = find_macro(now->maker, name, strlen(name));
    return macro && macro->has_value && !macro->several && expand(now, macro->value, depth + 1);
}

/* NAME(argument): as it stands when the macro makes a text of it at once, else what the argument stands for. */
static bool expand_call(expansion *now, const char *name, const char *argument, int depth)
{
    const fps__maker_macro *macro = find_macro(now->maker, name, strlen(name));
    if (!macro || macro->template_count != 1 || depth > MAX_DEPTH)
        return false;
    const char *parts = now->maker->strings.items.items[macro->templates[0] - 1].text;
    if (parts[0] == FPS__LEX_PARAMETER)
        return append(now, argument, strlen(argument));
    if (parts[0] != FPS__LEX_CALL)
        return false;
    return expand_macro(now, argument, depth + 1) || append(now, argument, strlen(argument));
}

static bool expand(expansion *now, uint32_t parts, int depth)
{
    const fps__maker_string *text = &now->maker->strings.items.items[parts - 1];
    if (depth > MAX_DEPTH)
        return false;
    for (size_t at = 0; at < text->size;) {
        const char *part = text->text + at, *body = part + 1;
        size_t size = strlen(body);
        if (++now->steps > MAX_STEPS)
            return false;
        at += size + 2;
        switch (*part) {
        case FPS__LEX_TEXT:
            if (!append(now, body, size))
                return false;
            break;
        case FPS__LEX_MACRO:
            if (!expand_macro(now, body, depth))
                return false;
            break;
        case FPS__LEX_CALL:
            if (!expand_call(now, body, body + size + 1, depth))
                return false;
            at += strlen(body + size + 1) + 1;
            break;
        case FPS__LEX_PARAMETER:
            if (body[0] - '0' != now->parameter || !append(now, now->argument, now->argument_size))
                return false;
            break;
        default:
            return false;
        }
    }
    return true;
}

size_t fps__macro_expand(fps__maker *maker, const fps__maker_item *item, unsigned *next)
{
    expansion now = {.maker = maker, .parameter = -1};
    if (item->kind == FPS__LEX_JOINED) {
        *next = 0;
        return expand(&now, item->text, 0) ? now.used : 0;
    }
    const fps__maker_macro *macro =
        item->name < maker->macros.count ? &maker->macros.items[item->name] : NULL;
    if (!macro || (macro->release && macro->release != maker->release) || *next >= macro->template_count) {
        *next = 0;
        return 0;
    }
    const fps__maker_string *argument = &maker->strings.items.items[item->text - 1];
    uint32_t parts = macro->templates[(*next)++];
    now.parameter = item->index;
    now.argument = argument->text;
    now.argument_size = argument->size;
    if (maker->strings.items.items[parts - 1].text[0] == FPS__LEX_CALL || !expand(&now, parts, 0))
        return 0;
    return now.used;
}

const char *fps__macro_stated_version(fps__maker *maker)
{
    static const char *const names[] = {"PROJECT_VERSION", "PACKAGE_VERSION"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expansion now = {.maker = maker, .parameter = -1};
        if (expand_macro(&now, names[i], 0) && now.used) {
            maker->scratch[now.used] = '\0';
            return maker->scratch;
        }
    }
    return NULL;
}

/* ---- build files ---- */

static fps_status define_value(const char *const *names, fps__span value, fps__lex_callback callback,
                               void *user)
{
    char parts[MAX_BUILD_VALUE + 3] = {FPS__LEX_TEXT};
    fps_status status = FPS_OK;
    if (!value.size || value.size > MAX_BUILD_VALUE)
        return FPS_OK;
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] < ' ' || value.data[i] > '~' || strchr("$@{}()\"\\", value.data[i]))
            return FPS_OK; /* made by the build */
    memcpy(parts + 1, value.data, value.size);
    for (; *names && !status; names++) {
        fps__lex_event event = {.kind = FPS__LEX_DEFINE,
                                .name = *names,
                                .name_size = strlen(*names),
                                .text = parts,
                                .size = value.size + 2};
        status = callback(user, &event);
    }
    return status;
}

static fps__span strip(fps__span text)
{
    static const char quotes[] = "[]'\" \t\r\n";
    while (text.size && strchr(quotes, text.data[0]) && text.data[0])
        text = (fps__span){text.data + 1, text.size - 1};
    while (text.size && strchr(quotes, text.data[text.size - 1]) && text.data[text.size - 1])
        text.size--;
    return text;
}

/* What stands behind `word`, up to one of `ends`; empty when it is not there. */
static fps__span behind(fps__span text, const char *word, const char *ends)
{
    const uint8_t *found = !text.size ? NULL : memmem(text.data, text.size, word, strlen(word));
    if (!found)
        return (fps__span){NULL, 0};
    found += strlen(word);
    fps__span rest = {found, text.size - (size_t)(found - text.data)};
    while (rest.size && (isspace(rest.data[0]) || rest.data[0] == '('))
        rest = (fps__span){rest.data + 1, rest.size - 1};
    size_t size = 0;
    while (size < rest.size && !strchr(ends, rest.data[size]))
        size++;
    rest.size = size;
    return strip(rest);
}

fps_status fps__macro_read_build(fps__span text, const char *base, fps__lex_callback callback, void *user)
{
    static const char *const of_autoconf[] = {"VERSION", "PACKAGE_VERSION", NULL};
    static const char *const of_package[] = {"PACKAGE_NAME", "PACKAGE", "PACKAGE_TARNAME", NULL};
    static const char *const of_string[] = {"PACKAGE_STRING", NULL};
    static const char *const of_project[] = {"PROJECT_VERSION", "VERSION", "PACKAGE_VERSION", NULL};
    fps__span name = {NULL, 0}, version = {NULL, 0};
    if (!strncmp(base, "configure", 9)) {
        fps__span call = behind(text, "AC_INIT", ")");
        const uint8_t *comma = call.size ? memchr(call.data, ',', call.size) : NULL;
        if (comma) {
            name = strip((fps__span){call.data, (size_t)(comma - call.data)});
            fps__span rest = {comma + 1, call.size - (size_t)(comma + 1 - call.data)};
            const uint8_t *end = memchr(rest.data, ',', rest.size);
            version = strip((fps__span){rest.data, end ? (size_t)(end - rest.data) : rest.size});
        }
        fps_status status = define_value(of_autoconf, version, callback, user);
        if (!status)
            status = define_value(of_package, name, callback, user);
        char both[2 * MAX_BUILD_VALUE + 2];
        if (status || !version.size || name.size + version.size + 1 > sizeof both)
            return status;
        memcpy(both, name.data, name.size);
        both[name.size] = ' ';
        memcpy(both + name.size + 1, version.data, version.size);
        return define_value(of_string, (fps__span){(uint8_t *)both, name.size + 1 + version.size}, callback,
                            user);
    }
    if (!strcmp(base, "meson.build")) {
        fps__span call = behind(text, "project", ")");
        const uint8_t *word = call.size ? memmem(call.data, call.size, "version", 7) : NULL;
        if (!word)
            return FPS_OK;
        fps__span rest = {word + 7, call.size - (size_t)(word + 7 - call.data)};
        version = behind(rest, ":", ",\n");
    } else {
        fps__span call = behind(text, "project", ")");
        if (!call.size)
            call = behind(text, "PROJECT", ")");
        version = behind(call, "VERSION", " \t\n)");
    }
    return define_value(of_project, version, callback, user);
}
