/* Reads ar archives: System V, GNU and BSD long names. */
#include "object/object_internal.h"

#include <stdlib.h>

enum { MAGIC = 8, HEADER = 60, NAME_FIELD = 16, SIZE_FIELD = 48, SIZE_DIGITS = 10, END_FIELD = 58 };

struct fps_ar {
    fps__span data;
    size_t at;            /* of the next member header */
    bool thin;            /* the members are other files: no bytes here */
    bool cut;             /* the last member ran out of the archive */
    fps__span long_names; /* the GNU "//" member */
    char name[FPS__MAX_NAME + 1];
};

static bool is_thin(fps__span data)
{
    return data.size >= MAGIC && memcmp(data.data, "!<thin>\n", MAGIC) == 0;
}

bool fps__ar_probe(fps__span data)
{
    return is_thin(data) || (data.size >= MAGIC && memcmp(data.data, "!<arch>\n", MAGIC) == 0);
}

fps_status fps_ar_open(fps_ar **ar, const void *data, size_t size, fps_error *error)
{
    *ar = NULL;
    fps__span span = {data, data ? size : 0};
    if (!fps__ar_probe(span))
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not an ar archive");
    fps_ar *opened = calloc(1, sizeof *opened);
    if (!opened)
        return fps__fail_memory(error);
    opened->data = span;
    opened->at = MAGIC;
    opened->thin = is_thin(span);
    *ar = opened;
    return FPS_OK;
}

void fps_ar_free(fps_ar *ar)
{
    free(ar);
}

/* A decimal field padded with spaces; false when it holds anything else. */
static bool parse_number(const uint8_t *field, size_t length, uint64_t *value)
{
    size_t i = 0;
    *value = 0;
    for (; i < length && field[i] >= '0' && field[i] <= '9'; i++)
        *value = *value * 10 + (uint64_t)(field[i] - '0');
    bool digits = i > 0;
    while (i < length && field[i] == ' ')
        i++;
    return digits && i == length;
}

static void set_name(fps_ar *ar, const uint8_t *text, size_t length)
{
    if (length > FPS__MAX_NAME)
        length = FPS__MAX_NAME;
    if (length)
        memcpy(ar->name, text, length);
    ar->name[length] = 0;
}

/* GNU: "/OFFSET" into the long names, where the name ends with "/\n" or, from some writers, with a NUL. */
static bool set_long_name(fps_ar *ar, const uint8_t *field)
{
    uint64_t offset;
    if (!parse_number(field + 1, NAME_FIELD - 1, &offset) || offset >= ar->long_names.size)
        return false;
    const uint8_t *start = ar->long_names.data + offset;
    size_t most = ar->long_names.size - (size_t)offset, length = 0;
    while (length < most && length <= FPS__MAX_NAME && start[length] != '\n' && start[length] != 0)
        length++;
    if (length && start[length - 1] == '/')
        length--;
    set_name(ar, start, length);
    return true;
}

static void set_short_name(fps_ar *ar, const uint8_t *field)
{
    size_t length = NAME_FIELD;
    while (length && field[length - 1] == ' ')
        length--;
    if (length > 1 && field[length - 1] == '/')
        length--;
    set_name(ar, field, length);
}

/* BSD: "#1/LENGTH", and the name is the first LENGTH bytes of the member, padded with NULs. */
static bool take_bsd_name(fps_ar *ar, const uint8_t *field, fps_ar_member *member)
{
    uint64_t length;
    if (!parse_number(field + 3, NAME_FIELD - 3, &length) || length > member->size)
        return false;
    set_name(ar, member->data, strnlen((const char *)member->data, (size_t)length));
    member->data += length;
    member->size -= (size_t)length;
    member->offset += length;
    return true;
}

typedef enum member_kind { MEMBER_FILE, MEMBER_TABLE, MEMBER_DAMAGED } member_kind;

/* Names the member, or takes it as one of the archive's own tables. */
static member_kind name_member(fps_ar *ar, const uint8_t *field, fps_ar_member *member)
{
    if (memcmp(field, "// ", 3) == 0) {
        ar->long_names = (fps__span){member->data, member->size};
        return MEMBER_TABLE;
    }
    if (memcmp(field, "/ ", 2) == 0 || memcmp(field, "/SYM64/ ", 8) == 0)
        return MEMBER_TABLE;
    if (field[0] == '/' && field[1] >= '0' && field[1] <= '9') {
        if (!set_long_name(ar, field))
            set_short_name(ar, field);
    } else if (memcmp(field, "#1/", 3) == 0) {
        if (!take_bsd_name(ar, field, member))
            return MEMBER_DAMAGED;
    } else {
        set_short_name(ar, field);
    }
    return strncmp(ar->name, "__.SYMDEF", 9) == 0 ? MEMBER_TABLE : MEMBER_FILE;
}

fps_status fps_ar_next(fps_ar *ar, fps_ar_member *member, fps_error *error)
{
    while (!ar->thin && !ar->cut && ar->at < ar->data.size) {
        const uint8_t *header = ar->data.data + ar->at;
        uint64_t size;
        if (ar->data.size - ar->at < HEADER || header[END_FIELD] != '`' || header[END_FIELD + 1] != '\n' ||
            !parse_number(header + SIZE_FIELD, SIZE_DIGITS, &size))
            return fps__fail(error, FPS_ERROR_CORRUPT, NULL, ar->at, "an ar member header is damaged");
        size_t start = ar->at + HEADER, left = ar->data.size - start;
        ar->cut = size > left;
        *member = (fps_ar_member){.name = ar->name,
                                  .data = ar->data.data + start,
                                  .size = ar->cut ? left : (size_t)size,
                                  .offset = start};
        size_t end = start + member->size;
        ar->at = end < ar->data.size && (end & 1) ? end + 1 : end;
        member_kind kind = name_member(ar, header, member);
        if (kind == MEMBER_FILE)
            return FPS_OK;
        if (kind == MEMBER_DAMAGED)
            return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start, "an ar member's long name is damaged");
    }
    if (ar->cut)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, ar->data.size, "the last ar member is cut short");
    return FPS_ERROR_NOT_FOUND;
}
