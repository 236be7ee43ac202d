/* Opens and reads Go's pclntab in its four layouts; every offset is checked where it is used. */
#include "code/pclntab.h"

enum {
    FIXED_HEADER = 8, /* magic number, two zeros, instruction quantum, size of an address */
    MAX_NAME_BYTES = 4096,
};

/* Magic numbers, by the release that brought each. */
#define MAGIC_1_2  0xfffffffbU
#define MAGIC_1_16 0xfffffffaU
#define MAGIC_1_18 0xfffffff0U
#define MAGIC_1_20 0xfffffff1U

static uint64_t get_number(const fps__pclntab *table, size_t offset, size_t size)
{
    uint64_t value = 0;
    if (!fps__span_has(table->bytes, offset, size))
        return 0;
    const uint8_t *p = table->bytes.data + offset;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)p[table->big_endian ? size - 1 - i : i] << 8 * i;
    return value;
}

/* The word with number `index` behind the fixed header. */
static uint64_t get_field(const fps__pclntab *table, size_t index)
{
    return get_number(table, FIXED_HEADER + index * table->word, table->word);
}

/* A field that is an offset into the table; SIZE_MAX when it leads out. */
static size_t get_offset(const fps__pclntab *table, size_t index)
{
    uint64_t offset = get_field(table, index);
    return offset <= table->bytes.size ? (size_t)offset : SIZE_MAX;
}

static bool is_header(const uint8_t *p, bool big_endian)
{
    uint32_t magic = big_endian ? fps__get32be(p) : fps__get32le(p);
    bool known = magic == MAGIC_1_2 || magic == MAGIC_1_16 || magic == MAGIC_1_18 || magic == MAGIC_1_20;
    return known && !p[4] && !p[5] && (p[6] == 1 || p[6] == 2 || p[6] == 4) && (p[7] == 4 || p[7] == 8);
}

/* Behind the entries of Go 1.2 to 1.15 stands where the list of files is: their number, and where each path begins. */
static void find_old_files(fps__pclntab *table)
{
    uint64_t count = get_field(table, 0);
    if (count > table->bytes.size)
        return;
    uint64_t place = get_number(table, table->entries + (2 * (size_t)count + 1) * table->word, 4);
    if (!place || !fps__span_has(table->bytes, place, 4))
        return;
    uint64_t files = get_number(table, (size_t)place, 4);
    if (files && fps__span_has(table->bytes, place, 4 * files)) {
        table->files = (size_t)place;
        table->files_end = (size_t)(place + 4 * files);
    }
}

bool fps__pclntab_open(fps__pclntab *table, fps__span bytes, bool big_endian)
{
    *table = (fps__pclntab){.bytes = bytes, .big_endian = big_endian};
    if (bytes.size < FIXED_HEADER || !is_header(bytes.data, big_endian))
        return false;
    table->word = bytes.data[7];
    uint32_t magic = (uint32_t)get_number(table, 0, 4);
    table->field = table->word;
    if (magic == MAGIC_1_2) {
        table->entries = FIXED_HEADER + table->word;
        find_old_files(table);
    } else {
        bool later = magic != MAGIC_1_16;
        table->files = get_offset(table, later ? 5 : 4);
        table->files_end = get_offset(table, later ? 6 : 5);
        table->names_end = get_offset(table, later ? 4 : 3);
        table->names = get_offset(table, later ? 3 : 2);
        table->entries = table->base = get_offset(table, later ? 7 : 6);
        table->relative = later;
        if (later) {
            table->field = 4;
            table->text_start = get_field(table, 2);
        }
    }
    if (table->entries >= bytes.size || table->names >= bytes.size)
        return false;
    size_t most = (bytes.size - table->entries) / (2 * (size_t)table->field);
    uint64_t count = get_field(table, 0);
    table->count = count < most ? (size_t)count : most;
    return table->count > 0;
}

static const char *get_name(const fps__pclntab *table, uint64_t record)
{
    uint64_t at = table->base + record + (table->relative ? 4 : table->word);
    if (record > table->bytes.size || !fps__span_has(table->bytes, at, 4))
        return NULL;
    uint64_t name = table->names + get_number(table, (size_t)at, 4);
    if (name >= table->bytes.size)
        return NULL;
    size_t left = table->bytes.size - (size_t)name;
    const char *text = (const char *)table->bytes.data + name;
    return memchr(text, 0, left < MAX_NAME_BYTES ? left : MAX_NAME_BYTES) && *text ? text : NULL;
}

bool fps__pclntab_read(const fps__pclntab *table, size_t index, fps__pclntab_function *function)
{
    size_t at = table->entries + 2 * index * table->field;
    if (!fps__span_has(table->bytes, at, 3 * (uint64_t)table->field))
        return false;
    uint64_t base = table->relative ? table->text_start : 0;
    function->address = base + get_number(table, at, table->field);
    function->end = base + get_number(table, at + 2 * (size_t)table->field, table->field);
    function->name = get_name(table, get_number(table, at + table->field, table->field));
    return function->end > function->address;
}

/* The text of at most `most` bytes at `at`, which a NUL before `end` ends; empty for none. */
static fps__span text_at(const fps__pclntab *table, size_t at, size_t end, size_t most)
{
    size_t left = at < end && end <= table->bytes.size ? end - at : 0;
    const uint8_t *stop = left ? memchr(table->bytes.data + at, 0, left < most ? left : most) : NULL;
    return stop ? fps__span_part(table->bytes, at, (size_t)(stop - table->bytes.data) - at)
                : (fps__span){NULL, 0};
}

/* Texts that lie one behind the other; a longer one ends them. */
typedef struct run {
    size_t from, end, most;
} run;

static bool next_text(const fps__pclntab *table, size_t *at, run texts, fps__span *text)
{
    size_t end = texts.end;
    if (*at < texts.from)
        *at = texts.from;
    while (*at < end && end <= table->bytes.size && !table->bytes.data[*at])
        (*at)++;
    *text = text_at(table, *at, end, texts.most);
    *at += text->size + 1;
    return text->size > 0;
}

bool fps__pclntab_next_name(const fps__pclntab *table, size_t *at, fps__span *name)
{
    /* names with type arguments have any length */
    return next_text(table, at, (run){table->names, table->names_end, SIZE_MAX}, name);
}

bool fps__pclntab_next_file(const fps__pclntab *table, size_t *at, fps__span *path)
{
    if (table->base) /* Go 1.16 and later */
        return next_text(table, at, (run){table->files, table->files_end, MAX_NAME_BYTES}, path);
    size_t item = table->files + 4 + *at * 4; /* the first number counts them */
    if (!table->files || item + 4 > table->files_end)
        return false;
    (*at)++;
    *path = text_at(table, (size_t)get_number(table, item, 4), table->bytes.size, MAX_NAME_BYTES);
    return true;
}

/* Three bytes of the magic number and what follows it: where its first byte is the one that tells the releases apart, those from
 * there on, else the last two and a zero. */
static size_t word_place(bool big_endian)
{
    return big_endian ? 2 : 0;
}

void fps__pclntab_search_init(fps__pclntab_search *search, bool big_endian)
{
    static const uint32_t magics[] = {MAGIC_1_2, MAGIC_1_16, MAGIC_1_18, MAGIC_1_20};
    memset(search, 0, sizeof *search);
    search->big_endian = big_endian;
    for (unsigned i = 0; i < sizeof magics / sizeof *magics; i++) {
        uint8_t header[FIXED_HEADER] = {0};
        fps__put32le(header, big_endian ? __builtin_bswap32(magics[i]) : magics[i]);
        fps__byte_filter_add(&search->filter, header + word_place(big_endian), false, i);
    }
}

size_t fps__pclntab_next(const fps__pclntab_search *search, fps__span bytes, size_t offset)
{
    size_t place = word_place(search->big_endian), at = offset + place;
    for (; offset < bytes.size && (at = fps__byte_filter_next(&search->filter, bytes, at)) < bytes.size; at++)
        if (fps__span_has(bytes, at - place, FIXED_HEADER) &&
            is_header(bytes.data + at - place, search->big_endian))
            return at - place;
    return bytes.size;
}
