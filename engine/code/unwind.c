/* Walks .eh_frame and .eh_frame_hdr: lengths, CIEs, pointer encodings; every step is bounded by the bytes. */
#include "code/unwind.h"

enum {
    ENCODING_ABSOLUTE = 0x00,
    ENCODING_OMIT = 0xff,
    FORMAT_MASK = 0x0f,
    BASE_MASK = 0x70,
    BASE_PC = 0x10,
    BASE_DATA = 0x30,
    INDIRECT = 0x80,
    MAX_AUGMENTATION = 8, /* characters; compilers write at most "zPLRSB" */
    HEADER_SIZE = 4,
    LENGTH_MIN = 4, /* of a record: it holds the identifier */
};

/* A place in the table from which values are read. */
typedef struct cursor {
    const fps__unwind_table *table;
    size_t at, end;
    bool failed;
} cursor;

static uint64_t read_number(cursor *from, size_t size)
{
    if (from->failed || from->end - from->at < size) {
        from->failed = true;
        return 0;
    }
    const uint8_t *p = from->table->bytes.data + from->at;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)p[from->table->big_endian ? size - 1 - i : i] << 8 * i;
    from->at += size;
    return value;
}

static uint64_t sign_extend(uint64_t value, size_t size)
{
    if (size >= 8)
        return value;
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    return (value ^ sign) - sign;
}

/* LEB128 of at most ten bytes; the value of signed ones is not needed. */
static uint64_t read_leb128(cursor *from)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint64_t byte = read_number(from, 1);
        if (shift < 64)
            value |= (byte & 0x7f) << shift;
        if (from->failed || !(byte & 0x80))
            return value;
    }
    from->failed = true;
    return 0;
}

static size_t format_size(const fps__unwind_table *table, uint8_t encoding)
{
    static const uint8_t sizes[16] = {[2] = 2, [3] = 4, [4] = 8, [10] = 2, [11] = 4, [12] = 8};
    uint8_t format = encoding & FORMAT_MASK;
    return format == 0 || format == 8 ? table->word : sizes[format];
}

/* The bare value, without a base. */
static uint64_t read_value(cursor *from, uint8_t encoding)
{
    size_t size = format_size(from->table, encoding);
    if (!size) {
        from->failed = true;
        return 0;
    }
    uint64_t value = read_number(from, size);
    return encoding & 8 ? sign_extend(value, size) : value;
}

/* An address as the program sees it. Indirect ones, and those relative to text or function, are refused: no
 * compiler writes them for functions. */
static uint64_t read_pointer(cursor *from, uint8_t encoding)
{
    const fps__unwind_table *table = from->table;
    uint64_t base = 0, at = from->at;
    if (encoding & INDIRECT)
        from->failed = true;
    if ((encoding & BASE_MASK) == BASE_PC)
        base = table->address + at;
    else if ((encoding & BASE_MASK) == BASE_DATA && table->data_address != UINT64_MAX)
        base = table->data_address;
    else if (encoding & BASE_MASK)
        from->failed = true;
    uint64_t value = read_value(from, encoding) + base;
    return table->word == 4 ? (uint32_t)value : value;
}

/* Reads the augmentation data up to the letter that tells how functions are encoded. */
static bool read_augmentation(cursor *from, const char *letters, uint8_t *encoding)
{
    *encoding = ENCODING_ABSOLUTE;
    if (letters[0] != 'z')
        return !letters[0];
    read_leb128(from);
    for (letters++; *letters && !from->failed; letters++) {
        uint8_t personality;
        switch (*letters) {
        case 'R':
            *encoding = (uint8_t)read_number(from, 1);
            return !from->failed && *encoding != ENCODING_OMIT;
        case 'L':
            read_number(from, 1);
            break;
        case 'P':
            personality = (uint8_t)read_number(from, 1);
            read_value(from, personality);
            break;
        case 'S': /* signal frame */
        case 'B': /* return addresses signed with the B key */
        case 'G': /* tagged stack */
            break;
        default:
            return true; /* the length of what follows is unknown, and R comes first in practice */
        }
    }
    return !from->failed;
}

/* The record at `at`: its content as [*start, *end). False when it runs out of the table. */
static bool read_length(const fps__unwind_table *table, size_t at, size_t *start, size_t *end)
{
    cursor from = {table, at, table->bytes.size, false};
    uint64_t length = read_number(&from, 4);
    if (!from.failed && length == UINT32_MAX)
        length = read_number(&from, 8);
    if (from.failed || length > from.end - from.at)
        return false;
    *start = from.at;
    *end = from.at + (size_t)length;
    return true;
}

/* Reads the CIE at `at` as far as the encoding of functions. */
static bool read_cie(const fps__unwind_table *table, size_t at, uint8_t *encoding)
{
    cursor from = {.table = table};
    if (!read_length(table, at, &from.at, &from.end) || read_number(&from, 4) != 0)
        return false;
    uint64_t version = read_number(&from, 1);
    if (version != 1 && version != 3)
        return false;
    char letters[MAX_AUGMENTATION + 1] = {0};
    size_t count = 0;
    for (char c; (c = (char)read_number(&from, 1)) && !from.failed; letters[count++] = c) {
        if (count == MAX_AUGMENTATION)
            return false;
    }
    const char *rest = letters;
    if (rest[0] == 'e' && rest[1] == 'h') { /* GCC 2: a pointer to exception data */
        read_number(&from, table->word);
        rest += 2;
    }
    read_leb128(&from); /* alignment of code, alignment of data, register of the return address */
    read_leb128(&from);
    if (version == 1)
        read_number(&from, 1);
    else
        read_leb128(&from);
    return !from.failed && read_augmentation(&from, rest, encoding);
}

static bool find_cie(fps__unwind_walk *walk, size_t at)
{
    if (walk->cie != at + 1) {
        walk->cie = at + 1;
        walk->readable = read_cie(&walk->table, at, &walk->encoding);
    }
    return walk->readable;
}

/* Reads the FDE whose content starts at `from`; the identifier is the distance back to its CIE. */
static bool read_fde(fps__unwind_walk *walk, cursor *from, fps__unwind_entry *entry)
{
    size_t place = from->at;
    uint64_t distance = read_number(from, 4);
    entry->event = FPS__UNWIND_BAD_ENTRY;
    if (from->failed || distance > place || !find_cie(walk, place - (size_t)distance))
        return false;
    uint64_t address = read_pointer(from, walk->encoding);
    uint64_t size = read_value(from, walk->encoding & FORMAT_MASK & 7); /* lengths have no sign */
    if (from->failed)
        return false;
    entry->event = FPS__UNWIND_FUNCTION;
    entry->address = address;
    entry->size = size;
    return true;
}

bool fps__unwind_next(fps__unwind_walk *walk, fps__unwind_entry *entry)
{
    const fps__unwind_table *table = &walk->table;
    *entry = (fps__unwind_entry){0};
    while (table->bytes.size - walk->at >= LENGTH_MIN) {
        cursor from = {.table = table};
        entry->offset = walk->at;
        if (!read_length(table, walk->at, &from.at, &from.end)) {
            walk->at = table->bytes.size;
            entry->event = FPS__UNWIND_BAD_RECORD;
            return true;
        }
        walk->at = from.end;
        if (from.end - from.at < LENGTH_MIN)
            continue;
        cursor identifier = from;
        if (read_number(&identifier, 4) == 0)
            continue; /* a CIE; it is read when an FDE names it */
        read_fde(walk, &from, entry);
        return true;
    }
    return false;
}

bool fps__unwind_read(fps__unwind_walk *walk, size_t offset, fps__unwind_entry *entry)
{
    cursor from = {.table = &walk->table};
    *entry = (fps__unwind_entry){.event = FPS__UNWIND_BAD_ENTRY, .offset = offset};
    return offset <= walk->table.bytes.size && read_length(&walk->table, offset, &from.at, &from.end) &&
           read_fde(walk, &from, entry);
}

bool fps__unwind_is_cie(const fps__unwind_table *table, size_t offset)
{
    uint8_t encoding;
    return read_cie(table, offset, &encoding);
}

bool fps__unwind_read_header(const fps__unwind_table *table, fps__unwind_header *header)
{
    *header = (fps__unwind_header){0};
    if (table->bytes.size < HEADER_SIZE || table->bytes.data[0] != 1)
        return false;
    const uint8_t *bytes = table->bytes.data;
    cursor from = {table, HEADER_SIZE, table->bytes.size, false};
    header->frame_address = read_pointer(&from, bytes[1]);
    if (from.failed)
        return false;
    if (bytes[2] == ENCODING_OMIT || bytes[3] == ENCODING_OMIT)
        return true;
    uint64_t count = read_value(&from, bytes[2]);
    size_t width = format_size(table, bytes[3]);
    if (from.failed || !width)
        return true;
    size_t most = (from.end - from.at) / (2 * width);
    header->entries = count < most ? (size_t)count : most;
    header->first = from.at;
    header->width = (uint8_t)width;
    header->encoding = bytes[3];
    return true;
}

bool fps__unwind_header_entry(const fps__unwind_table *table, const fps__unwind_header *header, size_t index,
                              uint64_t *fde)
{
    cursor from = {table, header->first + (2 * index + 1) * header->width, table->bytes.size, false};
    *fde = index < header->entries ? read_pointer(&from, header->encoding) : 0;
    return index < header->entries && !from.failed;
}
