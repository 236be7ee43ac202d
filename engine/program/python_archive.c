/* Packages of Python that a bundle has frozen: the table of a PYZ archive (PyInstaller, PyInstaller/archive/writers.py, ZlibArchiveWriter)
 * names modules alone, and the code of a few of them says the version.
 *
 *   "PYZ\0", the magic of Python's compiled files (4), the place of the table (4, big-endian), the modules packed by zlib
 *   table, by marshal: a list of (name, (type, place, size)); type 1 is a package
 *
 * marshal (Python, Python/marshal.c): a type, whose highest bit says that later values refer to this one by its number. */
#include "program/python_archive.h"

#include "program/program_reading.h"
#include "program/python_names.h"
#include "util/lines.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

enum {
    HEADER = 12,
    MAX_MODULES = 1 << 16,
    MAX_REFERENCES = 4 * MAX_MODULES, /* a name, two tuples and a number of each */
    MAX_CODE = 1 << 20,               /* unpacked bytes of a module that is looked at */
    MAX_UNPACKED = 1 << 27,           /* of all modules */
    MAX_NAME = 200,
    REFERABLE = 0x80,
};

bool fps__is_python_archive(fps__span bytes)
{
    return fps__span_has(bytes, 0, HEADER) && memcmp(bytes.data, "PYZ\0", 4) == 0 && bytes.data[6] == '\r' &&
           bytes.data[7] == '\n' && fps__get32be(bytes.data + 8) >= HEADER &&
           fps__get32be(bytes.data + 8) < bytes.size;
}

/* A value of the table: a text, a number, or a list of `count` values that follow. */
typedef struct value {
    char kind; /* 't', 'n', 'l'; 0: what cannot be read */
    fps__span text;
    uint64_t number;
} value;

typedef struct marshal {
    fps__span bytes;
    size_t at;
    FPS__ARRAY(value) references;
    bool bad, no_memory;
} marshal;

static uint64_t take_number(marshal *m, size_t size)
{
    m->bad |= !fps__span_has(m->bytes, m->at, size);
    if (m->bad)
        return 0;
    const uint8_t *p = m->bytes.data + m->at;
    m->at += size;
    return size == 1 ? *p : fps__get32le(p);
}

static value take_text(marshal *m, size_t size)
{
    m->bad |= !fps__span_has(m->bytes, m->at, size);
    value v = {.kind = 't', .text = fps__span_part(m->bytes, m->at, m->bad ? 0 : size)};
    m->at += m->bad ? 0 : size;
    return v;
}

static value take_plain(marshal *m, char type)
{
    switch (type) {
    case 'z':
    case 'Z':
        return take_text(m, take_number(m, 1));
    case 'a':
    case 'A':
    case 'u':
    case 't':
        return take_text(m, take_number(m, 4));
    case 'i':
        return (value){.kind = 'n', .number = take_number(m, 4)};
    case ')':
        return (value){.kind = 'l', .number = take_number(m, 1)};
    case '(':
    case '[':
        return (value){.kind = 'l', .number = take_number(m, 4)};
    default:
        m->bad = true;
        return (value){.kind = 0};
    }
}

/* The next value; of a list its values follow. */
static value take_value(marshal *m)
{
    uint8_t type = (uint8_t)take_number(m, 1);
    if ((type & ~REFERABLE) == 'r') {
        uint64_t index = take_number(m, 4);
        m->bad |= index >= m->references.count;
        return m->bad ? (value){.kind = 0} : m->references.items[index];
    }
    value v = take_plain(m, (char)(type & ~REFERABLE));
    if (!(type & REFERABLE) || m->bad)
        return v;
    fps_status status = FPS__ARRAY_PUSH(&m->references, &v, MAX_REFERENCES);
    m->no_memory |= status == FPS_ERROR_MEMORY;
    m->bad |= status != FPS_OK;
    return v;
}

/* ---- versions ---- */

typedef struct module {
    fps__span name;
    uint64_t type, offset, size;
} module;

static bool is_version(fps__span text)
{
    bool dot = false;
    if (text.size < 3 || text.size > 30 || text.data[0] < '0' || text.data[0] > '9')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        dot |= c == '.';
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && c != '.' && c != '+')
            return false;
    }
    return dot;
}

/* The one text of compiled code that is a version, where the code sets __version__; empty where there is none, or several. Short
 * texts have their type and a length of one byte before them. */
static fps__span version_in(fps__span code)
{
    static const char wanted[] = "__version__";
    fps__span found = {NULL, 0};
    if (!memmem(code.data, code.size, wanted, sizeof wanted - 1))
        return found;
    for (size_t at = 0; at + 2 < code.size; at++) {
        char type = (char)(code.data[at] & ~REFERABLE);
        fps__span text = fps__span_part(code, at + 2, code.data[at + 1]);
        if ((type != 'z' && type != 'Z') || !is_version(text))
            continue;
        if (found.size && (found.size != text.size || memcmp(found.data, text.data, text.size) != 0))
            return (fps__span){NULL, 0};
        found = text;
    }
    return found;
}

/* True for the modules that say the version of a package: itself, and a few by habit. */
static bool may_say_version(fps__span name, fps__span *package)
{
    static const char *const habits[] = {"__version__",  "_version",  "version",
                                         "package_data", "__about__", "about"};
    const uint8_t *dot = memchr(name.data, '.', name.size);
    *package = dot ? fps__span_part(name, 0, (size_t)(dot - name.data)) : name;
    if (!dot)
        return true;
    fps__span last = fps__span_part(name, package->size + 1, name.size - package->size - 1);
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (fps__span_is(last, habits[i]))
            return true;
    return false;
}

/* Unpacks a module into `room`, of MAX_CODE bytes, if it may say a version. Returns how many bytes that took. */
static size_t take_module(fps__program_reading *reading, fps__span bytes, const module *m, uint8_t *room)
{
    fps__span package, packed = fps__span_part(bytes, m->offset, m->size);
    if (!m->name.size || m->name.size > MAX_NAME || !packed.size || !may_say_version(m->name, &package) ||
        fps__python_is_standard(package))
        return 0;
    struct inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_ZLIB;
    state.next_in = (uint8_t *)packed.data; /* is only read */
    state.avail_in = packed.size < UINT32_MAX ? (uint32_t)packed.size : UINT32_MAX;
    state.next_out = room;
    state.avail_out = MAX_CODE;
    isal_inflate(&state);
    size_t unpacked = MAX_CODE - state.avail_out;
    fps__span version = version_in((fps__span){room, unpacked});
    if (!version.size)
        return unpacked;
    const fps__listed listed = {.kind = FPS_PACKAGE_PYPI,
                                .name = fps__program_text(reading, fps__python_distribution(package)),
                                .version = fps__program_text(reading, version),
                                .properties = "",
                                .likely = true};
    fps__program_add(reading, &listed);
    return unpacked;
}

/* ("name", (type, place, size)) */
static bool take_entry(marshal *m, module *found)
{
    value pair = take_value(m), name = take_value(m), facts = take_value(m);
    if (m->bad || pair.kind != 'l' || pair.number != 2 || name.kind != 't' || facts.kind != 'l' ||
        facts.number != 3)
        return false;
    value type = take_value(m), offset = take_value(m), size = take_value(m);
    *found = (module){name.text, type.number, offset.number, size.number};
    return !m->bad && type.kind == 'n' && offset.kind == 'n' && size.kind == 'n';
}

void fps__python_archive_list(fps__program_reading *reading)
{
    fps__span bytes = reading->bytes;
    uint64_t table = fps__get32be(bytes.data + 8);
    marshal m = {.bytes = fps__span_part(bytes, table, bytes.size - table)};
    uint8_t *room = malloc(MAX_CODE);
    value list = take_value(&m);
    reading->no_memory |= !room;
    bool good = list.kind == 'l' && list.number <= MAX_MODULES;
    size_t left = MAX_UNPACKED; /* modules may lie on each other, so the size of the archive bounds nothing */
    for (uint64_t i = 0; good && room && i < list.number && !reading->no_memory; i++) {
        module found;
        good = !fps__alarm_rings(&reading->alarm) && take_entry(&m, &found);
        if (good && left < MAX_CODE) {
            fps__program_fault(reading, "the modules of an archive of Python modules are too large",
                               found.offset);
            break;
        }
        if (good)
            left -= take_module(reading, bytes, &found, room);
    }
    if (!good && !reading->alarm.rang)
        fps__program_fault(reading, "the table of an archive of Python modules cannot be read", table);
    reading->no_memory |= m.no_memory;
    free(room);
    free(m.references.items);
}
