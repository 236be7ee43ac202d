/* OVAL of distributions: definitions, and the tests, objects and states that they refer to. Expat parses, and no document type is
 * taken: entities are what makes XML a bomb. */
#include "feed/feed_formats.h"

#include "util/arena.h"
#include "util/error.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_XML_DEPTH = 256,
    MAX_ITEMS = 20000000,     /* tests, objects, states, criteria of one file */
    MAX_TEXT = 4096,          /* bytes of one text */
    CHUNK = 16 * 1024 * 1024, /* given to expat at a time */
};
#define MAX_OVAL_MEMORY ((size_t)4 << 30)

bool fps__feed_is_oval(fps__span bytes, const char *path)
{
    (void)path;
    fps__span head = fps__span_part(bytes, 0, bytes.size < 2048 ? bytes.size : 2048);
    return head.size && memmem(head.data, head.size, "oval_definitions", 16) != NULL;
}

/* A test with its object and state, an object with its name, a state with its version, a value of a variable: by id. */
typedef struct item {
    const char *id, *first, *second;
} item;

typedef FPS__ARRAY(item) items;

typedef struct definition {
    const char *id, *title, *severity, *platform;
    size_t cve_first, cve_count, test_first, test_count; /* in `names` and `criteria` */
} definition;

typedef FPS__ARRAY(const char *) texts;

typedef struct reader {
    fps__feed *feed;
    XML_Parser parser;
    fps__arena arena;
    items tests, objects, states, values;
    FPS__ARRAY(definition) definitions;
    texts names, criteria;
    item now;         /* the test, object or state that is open */
    const char *open; /* "test", "object", "state", "variable", "definition"; NULL: none */
    char text[MAX_TEXT];
    size_t used;
    unsigned depth;
    fps_status status;
} reader;

/* ---- parsing ---- */

static void stop(reader *now, fps_status status)
{
    if (!now->status)
        now->status = status;
    XML_StopParser(now->parser, XML_FALSE);
}

static const char *copy(reader *now, const char *text)
{
    const char *made = fps__arena_string(&now->arena, text ? text : "");
    if (!made)
        stop(now, now->arena.used >= MAX_OVAL_MEMORY - MAX_TEXT ? FPS_ERROR_LIMIT : FPS_ERROR_MEMORY);
    return made ? made : "";
}

static const char *attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (!strcmp(attributes[0], name))
            return attributes[1];
    return NULL;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && !strcmp(name + length - tail, end);
}

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static void push_text(reader *now, texts *list, const char *text)
{
    const char *made = copy(now, text);
    fps_status status = FPS__ARRAY_PUSH(list, &made, MAX_ITEMS);
    if (status)
        stop(now, status);
}

static void push_item(reader *now, items *list)
{
    fps_status status = FPS__ARRAY_PUSH(list, &now->now, MAX_ITEMS);
    if (status)
        stop(now, status);
}

static void start_definition(reader *now, const char **attributes)
{
    const definition made = {.id = copy(now, attribute(attributes, "id")),
                             .title = "",
                             .severity = "",
                             .platform = "",
                             .cve_first = now->names.count,
                             .test_first = now->criteria.count};
    fps_status status = FPS__ARRAY_PUSH(&now->definitions, &made, MAX_ITEMS);
    if (status)
        stop(now, status);
}

static void start_inside(reader *now, const char *name, const char **attributes)
{
    if (!strcmp(now->open, "definition") && !strcmp(name, "criterion")) {
        const char *test = attribute(attributes, "test_ref");
        if (test)
            push_text(now, &now->criteria, test);
    } else if (!strcmp(now->open, "definition") && !strcmp(name, "reference")) {
        const char *id = attribute(attributes, "ref_id");
        if (id && fps__is_cve(id))
            push_text(now, &now->names, id);
    } else if (!strcmp(now->open, "test") && !strcmp(name, "object")) {
        now->now.first = copy(now, attribute(attributes, "object_ref"));
    } else if (!strcmp(now->open, "test") && !strcmp(name, "state")) {
        now->now.second = copy(now, attribute(attributes, "state_ref"));
    } else if (!strcmp(now->open, "object") && !strcmp(name, "name") && attribute(attributes, "var_ref")) {
        now->now.second = copy(now, attribute(attributes, "var_ref"));
    } else if (!strcmp(now->open, "state") && !strcmp(name, "evr")) {
        now->now.second = copy(now, attribute(attributes, "operation"));
    }
}

static void XMLCALL start_element(void *user, const char *raw, const char **attributes)
{
    reader *now = user;
    const char *name = local_name(raw);
    now->used = 0;
    if (++now->depth > MAX_XML_DEPTH) {
        stop(now, FPS_ERROR_LIMIT);
        return;
    }
    if (now->open) {
        start_inside(now, name, attributes);
        return;
    }
    static const struct {
        const char *end, *open;
    } kinds[] = {{"info_test", "test"},
                 {"info_object", "object"},
                 {"info_state", "state"},
                 {"constant_variable", "variable"}};
    if (!strcmp(name, "definition")) {
        now->open = "definition";
        start_definition(now, attributes);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ends_with(name, kinds[i].end)) {
            now->open = kinds[i].open;
            now->now = (item){copy(now, attribute(attributes, "id")), "", ""};
        }
}

/* A text inside of a definition, object, state or variable has ended. */
static void end_text(reader *now, const char *name)
{
    definition *last = now->definitions.count ? &now->definitions.items[now->definitions.count - 1] : NULL;
    if (!strcmp(now->open, "definition") && last) {
        if (!strcmp(name, "title") && !*last->title)
            last->title = copy(now, now->text);
        else if (!strcmp(name, "severity") && !*last->severity)
            last->severity = copy(now, now->text);
        else if (!strcmp(name, "platform") && !*last->platform)
            last->platform = copy(now, now->text);
        else if (!strcmp(name, "cve") && fps__is_cve(now->text))
            push_text(now, &now->names, now->text);
    } else if (!strcmp(now->open, "object") && !strcmp(name, "name") && *now->text) {
        now->now.first = copy(now, now->text);
    } else if (!strcmp(now->open, "state") && !strcmp(name, "evr")) {
        now->now.first = copy(now, now->text);
    } else if (!strcmp(now->open, "variable") && !strcmp(name, "value")) {
        now->now.first = copy(now, now->text);
        push_item(now, &now->values);
    }
}

static void XMLCALL end_element(void *user, const char *raw)
{
    reader *now = user;
    const char *name = local_name(raw);
    now->text[now->used] = '\0';
    now->depth--;
    if (!now->open)
        return;
    end_text(now, name);
    now->used = 0;
    if (!strcmp(now->open, "definition") && !strcmp(name, "definition")) {
        definition *last = &now->definitions.items[now->definitions.count - 1];
        last->cve_count = now->names.count - last->cve_first;
        last->test_count = now->criteria.count - last->test_first;
        now->open = NULL;
    } else if (!strcmp(now->open, "test") && ends_with(name, "info_test")) {
        push_item(now, &now->tests);
        now->open = NULL;
    } else if (!strcmp(now->open, "object") && ends_with(name, "info_object")) {
        push_item(now, &now->objects);
        now->open = NULL;
    } else if (!strcmp(now->open, "state") && ends_with(name, "info_state")) {
        push_item(now, &now->states);
        now->open = NULL;
    } else if (!strcmp(now->open, "variable") && !strcmp(name, "constant_variable")) {
        now->open = NULL;
    }
}

static void XMLCALL take_text(void *user, const char *text, int length)
{
    reader *now = user;
    for (int i = 0; i < length && now->used + 1 < MAX_TEXT; i++)
        if (now->used || !strchr(" \t\r\n", text[i]))
            now->text[now->used++] = text[i];
}

static void XMLCALL refuse_doctype(void *user, const char *name, const char *system, const char *public,
                                   int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    stop(user, FPS_ERROR_UNSUPPORTED);
}

static fps_status parse(reader *now, fps__span bytes, fps_error *error)
{
    now->parser = XML_ParserCreate(NULL);
    if (!now->parser)
        return fps__fail_memory(error);
    XML_SetUserData(now->parser, now);
    XML_SetElementHandler(now->parser, start_element, end_element);
    XML_SetCharacterDataHandler(now->parser, take_text);
    XML_SetStartDoctypeDeclHandler(now->parser, refuse_doctype);
    enum XML_Status got = XML_STATUS_OK;
    for (size_t at = 0; at < bytes.size && got == XML_STATUS_OK; at += CHUNK) {
        size_t size = bytes.size - at < CHUNK ? bytes.size - at : CHUNK;
        got = XML_Parse(now->parser, (const char *)bytes.data + at, (int)size, at + size == bytes.size);
    }
    fps_status status = FPS_OK;
    unsigned long line = XML_GetCurrentLineNumber(now->parser);
    if (now->status == FPS_ERROR_MEMORY)
        status = fps__fail_memory(error);
    else if (now->status == FPS_ERROR_LIMIT)
        status = fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "line %lu: a document beyond the limits",
                           line);
    else if (now->status)
        status = fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                           "line %lu: a document type, which is not read", line);
    else if (got != XML_STATUS_OK)
        status = fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "line %lu: %s", line,
                           XML_ErrorString(XML_GetErrorCode(now->parser)));
    XML_ParserFree(now->parser);
    return status;
}

/* ---- what it says ---- */

static int compare_items(const void *a, const void *b)
{
    const item *first = a, *second = b;
    return strcmp(first->id, second->id);
}

static void sort_items(items *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_items);
}

/* The first item of an id; NULL when there is none. */
static const item *find_item(const items *list, const char *id)
{
    const item wanted = {id, NULL, NULL};
    const item *found =
        list->count ? bsearch(&wanted, list->items, list->count, sizeof wanted, compare_items) : NULL;
    while (found && found > list->items && !strcmp(found[-1].id, id))
        found--;
    return found;
}

/* "Ubuntu 22.04 LTS", "Oracle Linux 8": the space of a platform. */
static bool platform_space(char space[FPS__MAX_SPACE], const char *platform)
{
    static const struct {
        const char *name, *type, *system;
    } platforms[] = {
        {"Ubuntu", "deb", "ubuntu"},     {"Debian", "deb", "debian"},       {"Oracle", "rpm", "oracle"},
        {"Amazon", "rpm", "amazon"},     {"Red Hat", "rpm", "redhat"},      {"SUSE", "rpm", "suse"},
        {"openSUSE", "rpm", "opensuse"}, {"AlmaLinux", "rpm", "almalinux"}, {"Rocky", "rpm", "rocky"},
        {"CentOS", "rpm", "centos"},     {"Alpine", "apk", "alpine"},
    };
    const char *digit = strpbrk(platform, "0123456789"), *pack = strstr(platform, " SP");
    char release[24];
    if (!digit)
        return false;
    bool service = pack && pack[3] >= '0' && pack[3] <= '9';
    snprintf(release, sizeof release, "%.*s%s%.*s", (int)strspn(digit, "0123456789.") & 0xf, digit,
             service ? "." : "", service ? 1 : 0, service ? pack + 3 : "");
    for (size_t i = 0; i < sizeof platforms / sizeof *platforms; i++)
        if (!strncmp(platform, platforms[i].name, strlen(platforms[i].name)))
            return fps__space_of_system(space, platforms[i].type, platforms[i].system, release);
    return false;
}

static fps_status put_name(reader *now, const char *space, const char *name, const definition *about,
                           int64_t advisory, const char *fixed, fps_error *error)
{
    fps__subject subject;
    if (!fps__subject_set(&subject, space, name)) {
        fps__feed_bad(now->feed, "a package without a name", about->id);
        return FPS_OK;
    }
    const fps__feed_range range = {
        .subject = &subject, .kind = FPS__AFFECTED, .to = fixed, .note = about->title};
    return fps__feed_put_range(now->feed, advisory, &range, error);
}

/* A test "NAME is earlier than VERSION" says that versions before it are affected; other tests say what must be installed. */
static fps_status put_test(reader *now, const char *space, const definition *about, int64_t advisory,
                           const char *id, fps_error *error)
{
    const item *test = find_item(&now->tests, id),
               *object = test ? find_item(&now->objects, test->first) : NULL;
    const item *state = test ? find_item(&now->states, test->second) : NULL;
    if (!object || !state || strcmp(state->second, "less than") != 0 || !*state->first)
        return FPS_OK;
    if (*object->first)
        return put_name(now, space, object->first, about, advisory, state->first, error);
    fps_status status = FPS_OK;
    const item *value = find_item(&now->values, object->second);
    for (; value && value < now->values.items + now->values.count && !strcmp(value->id, object->second) &&
           !status;
         value++)
        status = put_name(now, space, value->first, about, advisory, state->first, error);
    return status;
}

static fps_status put_definition(reader *now, const definition *about, fps_error *error)
{
    char space[FPS__MAX_SPACE];
    if (!about->cve_count || !about->test_count)
        return FPS_OK;
    if (!platform_space(space, about->platform)) {
        fps__feed_bad(now->feed, "a platform that is not known", about->platform);
        return FPS_OK;
    }
    fps_status status = FPS_OK;
    fps__feed_count(now->feed);
    for (size_t i = 0; i < about->cve_count && !status; i++) {
        int64_t row;
        const fps__feed_advisory advisory = {.name = now->names.items[about->cve_first + i],
                                             .title = about->title,
                                             .severity = fps__severity_of_word(about->severity)};
        status = fps__feed_put_advisory(now->feed, &advisory, &row, error);
        for (size_t k = 0; k < about->test_count && !status; k++)
            status = put_test(now, space, about, row, now->criteria.items[about->test_first + k], error);
    }
    return status;
}

fps_status fps__feed_read_oval(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    (void)path;
    reader *now = calloc(1, sizeof *now);
    if (!now)
        return fps__fail_memory(error);
    now->feed = feed;
    now->arena.limit = MAX_OVAL_MEMORY;
    fps_status status = parse(now, bytes, error);
    sort_items(&now->tests);
    sort_items(&now->objects);
    sort_items(&now->states);
    sort_items(&now->values);
    for (size_t i = 0; i < now->definitions.count && !status; i++)
        status = put_definition(now, &now->definitions.items[i], error);
    free(now->tests.items);
    free(now->objects.items);
    free(now->states.items);
    free(now->values.items);
    free(now->definitions.items);
    free((void *)now->names.items);
    free((void *)now->criteria.items);
    fps__arena_free(&now->arena);
    free(now);
    return status;
}
