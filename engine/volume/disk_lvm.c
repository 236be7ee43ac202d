/* A physical volume of LVM2. The layout: LVM2, lib/format_text/layout.h and lib/label/label.h; the metadata is text, see
 * lib/format_text/import_vsn1.c.
 *
 * It is read as a disk on which the logical volumes lie one behind the other, each a partition. Of those that are made of other devices, or
 * in another way than one piece behind the other, the pieces that cannot be read are failures of whoever reads them. */
#include "util/array.h"
#include "util/error.h"
#include "volume/disk.h"

#include <stdlib.h>

enum {
    SECTOR = 512,
    LABEL_SECTORS = 4, /* in one of which the label is */
    LABEL = 32,
    ID = 32, /* letters of the id of a device */
    AREA = 16,
    MOST_AREAS = 16,
    TEXT_HEADER = 512,
    MOST_TEXT = 16 << 20, /* bytes */
    MOST_DEPTH = 6,
    MOST_PIECES = 1 << 16,
    MOST_VOLUMES = 128,
};
static const uint64_t MOST_EXTENT = 1 << 22,
                      MOST_EXTENTS = UINT32_MAX; /* sectors of one, and their number: below 2^63 bytes */

/* A run of bytes of the disk. */
typedef struct segment {
    uint64_t start, size, at; /* on the disk, and in the image */
    bool here;                /* it can be read */
} segment;

typedef struct lvm {
    FPS__ARRAY(segment) segments; /* by start, without gaps */
    fps__partition volumes[MOST_VOLUMES];
    uint32_t count;
    bool damaged; /* there are more volumes than are read */
    char id[ID];
    uint8_t *text;
} lvm;

/* The label of the head: the sector that it is in, or LABEL_SECTORS. */
static uint32_t find_label(fps__span head)
{
    for (uint32_t sector = 0; sector < LABEL_SECTORS; sector++) {
        if (!fps__span_has(head, (uint64_t)sector * SECTOR, SECTOR))
            break;
        const uint8_t *p = head.data + (size_t)sector * SECTOR;
        if (memcmp(p, "LABELONE", 8) == 0 && fps__get64le(p + 8) == sector && fps__get32le(p + 20) >= LABEL &&
            fps__get32le(p + 20) <= SECTOR - ID - 8 && memcmp(p + 24, "LVM2 001", 8) == 0)
            return sector;
    }
    return LABEL_SECTORS;
}

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return find_label(head) < LABEL_SECTORS;
}

/* ---- the text ----
 *
 *   NAME { ... }    KEY = VALUE    KEY = [VALUE, VALUE]    # to the end of the line */

typedef enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_SIGN } token_kind;

typedef struct token {
    token_kind kind;
    fps__span text; /* a string without its quotes */
} token;

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("_-.+/", c));
}

static token next_token(fps__span *rest)
{
    size_t at = 0, start;
    while (at < rest->size && (rest->data[at] <= ' ' || rest->data[at] == '#'))
        if (rest->data[at++] == '#')
            while (at < rest->size && rest->data[at] != '\n')
                at++;
    start = at;
    token found = {at < rest->size ? TOKEN_SIGN : TOKEN_END, {NULL, 0}};
    if (found.kind == TOKEN_SIGN && rest->data[at] == '"') {
        found.kind = TOKEN_STRING;
        for (at++; at < rest->size && rest->data[at] != '"'; at++)
            at += rest->data[at] == '\\';
        at = at < rest->size ? at : rest->size;
        found.text = fps__span_part(*rest, start + 1, at - start - 1);
        at += at < rest->size;
    } else if (found.kind == TOKEN_SIGN) {
        while (at < rest->size && is_word(rest->data[at]))
            at++;
        found.kind = at > start ? TOKEN_WORD : TOKEN_SIGN;
        at += at == start;
        found.text = fps__span_part(*rest, start, at - start);
    }
    *rest = at < rest->size ? fps__span_part(*rest, at, rest->size - at) : (fps__span){NULL, 0};
    return found;
}

static bool is_text(fps__span text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

static bool is_sign(const token *t, char sign)
{
    return t->kind == TOKEN_SIGN && t->text.size == 1 && t->text.data[0] == (uint8_t)sign;
}

/* A number of decimal digits; UINT64_MAX for anything else. */
static uint64_t number_of(fps__span text)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || value > UINT64_MAX / 16)
            return UINT64_MAX;
        value = value * 10 + (text.data[i] - '0');
    }
    return text.size ? value : UINT64_MAX;
}

/* What has been read of the text so far. */
typedef struct reading {
    lvm *l;
    fps__span names[MOST_DEPTH]; /* of the sections that are open */
    unsigned depth;
    uint64_t extent;  /* bytes */
    fps__span device; /* the name that the text has for this one */
    uint64_t data;    /* bytes before its first extent */
    fps__span last_device;
    uint64_t last_data;
    uint64_t volume_start, end; /* of the disk so far */
    bool visible;
    /* of a segment */
    uint64_t count, first;
    fps__span on;
    bool linear, single;
    fps_status status;
} reading;

/* Whether an id with dashes is that of the label. */
static bool is_own_id(const reading *in, fps__span id)
{
    size_t used = 0;
    for (size_t i = 0; i < id.size; i++)
        if (id.data[i] != '-' && (used == ID || (char)id.data[i] != in->l->id[used++]))
            return false;
    return used == ID;
}

/* One value; those of a list come one by one with their place in it. */
static void take_value(reading *in, fps__span key, fps__span value, size_t place)
{
    bool in_devices = in->depth >= 3 && is_text(in->names[1], "physical_volumes");
    bool in_volumes = in->depth >= 3 && is_text(in->names[1], "logical_volumes");
    uint64_t number = number_of(value);
    if (in->depth == 1 && is_text(key, "extent_size"))
        in->extent = number && number <= MOST_EXTENT ? number * SECTOR : 0;
    else if (in_devices && in->depth == 3 && is_text(key, "id") && is_own_id(in, value))
        in->device = in->names[2];
    else if (in_devices && in->depth == 3 && is_text(key, "pe_start") && number <= UINT64_MAX / 4 / SECTOR) {
        in->last_device = in->names[2];
        in->last_data = number * SECTOR;
    } else if (in_volumes && in->depth == 3 && is_text(key, "status"))
        in->visible |= is_text(value, "VISIBLE");
    else if (in_volumes && in->depth == 4 && is_text(key, "extent_count"))
        in->count = number <= MOST_EXTENTS ? number : 0;
    else if (in_volumes && in->depth == 4 && is_text(key, "type"))
        in->linear = is_text(value, "striped") || is_text(value, "linear");
    else if (in_volumes && in->depth == 4 && is_text(key, "stripe_count"))
        in->single = number == 1;
    else if (in_volumes && in->depth == 4 && is_text(key, "stripes") && place == 0)
        in->on = value;
    else if (in_volumes && in->depth == 4 && is_text(key, "stripes") && place == 1)
        in->first = number <= MOST_EXTENTS ? number : UINT64_MAX;
}

static bool is_same(fps__span a, fps__span b)
{
    return a.size && a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static void end_segment(reading *in)
{
    bool here = in->linear && in->single && in->first != UINT64_MAX && is_same(in->on, in->device);
    segment made = {in->end, in->count * in->extent, here ? in->data + in->first * in->extent : 0, here};
    made.here &= made.at <= INT64_MAX; /* with its size, it is a place of a file */
    if (!made.size || made.size > INT64_MAX - in->end)
        return;
    in->end += made.size;
    in->status = FPS__ARRAY_PUSH(&in->l->segments, &made, MOST_PIECES);
}

/* Parts of other volumes, such as the mirrors of one, are not given: their bytes are those of whom they belong to. */
static void end_volume(reading *in)
{
    if (in->visible && in->end > in->volume_start && in->l->count < MOST_VOLUMES) {
        in->l->volumes[in->l->count] = (fps__partition){
            .offset = in->volume_start, .size = in->end - in->volume_start, .number = in->l->count + 1};
        in->l->count++;
    } else {
        in->l->damaged |= in->visible && in->end > in->volume_start;
        while (in->l->segments.count &&
               in->l->segments.items[in->l->segments.count - 1].start >= in->volume_start)
            in->l->segments.count--;
        in->end = in->volume_start;
    }
}

static void begin_section(reading *in)
{
    bool in_volumes = in->depth >= 3 && is_text(in->names[1], "logical_volumes");
    if (in_volumes && in->depth == 3) {
        in->volume_start = in->end;
        in->visible = false;
    } else if (in_volumes && in->depth == 4) {
        in->count = 0;
        in->first = UINT64_MAX;
        in->on = (fps__span){NULL, 0};
        in->linear = in->single = false;
    }
}

static void end_section(reading *in)
{
    bool in_volumes = in->depth >= 3 && is_text(in->names[1], "logical_volumes");
    if (in->depth == 3 && is_same(in->last_device, in->device))
        in->data = in->last_data;
    if (in_volumes && in->depth == 4)
        end_segment(in);
    else if (in_volumes && in->depth == 3)
        end_volume(in);
    in->depth--;
}

static void take_list(reading *in, fps__span key, fps__span *rest)
{
    token value;
    for (size_t place = 0; (value = next_token(rest)).kind != TOKEN_END && !is_sign(&value, ']');)
        if (value.kind != TOKEN_SIGN)
            take_value(in, key, value.text, place++);
}

/* False where the text is no such text. */
static bool read_text(reading *in, fps__span rest)
{
    token name;
    while (!in->status && (name = next_token(&rest)).kind != TOKEN_END) {
        if (is_sign(&name, '}') && in->depth) {
            end_section(in);
            continue;
        }
        if (name.kind != TOKEN_WORD)
            return false;
        token sign = next_token(&rest);
        if (is_sign(&sign, '{') && in->depth < MOST_DEPTH) {
            in->names[in->depth++] = name.text;
            begin_section(in);
        } else if (is_sign(&sign, '=')) {
            token value = next_token(&rest);
            if (value.kind == TOKEN_END)
                return false;
            if (is_sign(&value, '['))
                take_list(in, name.text, &rest);
            else
                take_value(in, name.text, value.text, 0);
        } else {
            return false;
        }
    }
    return !in->depth && !in->status;
}

/* ---- opening ---- */

/* The place of the area that has the text; the id of the device is kept. */
static fps_status find_area(fps__disk *disk, lvm *l, uint64_t *at, uint64_t *size, fps_error *error)
{
    uint8_t room[LABEL_SECTORS * SECTOR];
    const uint8_t *p;
    fps_status status = fps__medium_get(&disk->image, 0, sizeof room, room, &p, error);
    if (status)
        return status;
    fps__span head = {p, sizeof room};
    const size_t sector = find_label(head) * (size_t)SECTOR;
    if (sector == sizeof room) /* a file may be written to since it was looked at */
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged label of LVM");
    size_t place = sector + fps__get32le(p + sector + 20), lists = 0;
    memcpy(l->id, p + place, ID);
    place += ID + 8;
    for (unsigned i = 0; i < MOST_AREAS && fps__span_has(head, place, AREA); i++, place += AREA) {
        *at = fps__get64le(p + place);
        *size = fps__get64le(p + place + 8);
        if (!*at && lists++)
            break;
        if (*at && lists) /* first those of data, then those of the text */
            return FPS_OK;
    }
    return fps__filesystem_unsupported(error, "a device of LVM without a description of its volumes");
}

/* The text, which may go on at the start of its area. */
static fps_status load_text(fps__disk *disk, lvm *l, fps__span *text, fps_error *error)
{
    enum { MAGIC = 4, MAGIC_SIZE = 16, PLACE = 40 };
    uint8_t room[TEXT_HEADER];
    const uint8_t *p = room;
    uint64_t area = 0, area_size = 0;
    fps_status status = find_area(disk, l, &area, &area_size, error);
    if (!status)
        status = fps__medium_get(&disk->image, area, TEXT_HEADER, room, &p, error);
    if (status)
        return status;
    uint64_t offset = fps__get64le(p + PLACE), size = fps__get64le(p + PLACE + 8);
    if (memcmp(p + MAGIC, " LVM2 x[5A%r0N*>", MAGIC_SIZE) != 0 || fps__get64le(p + 32) < TEXT_HEADER ||
        offset < TEXT_HEADER || offset >= area_size || !size || size > MOST_TEXT ||
        size > area_size - TEXT_HEADER)
        return fps__filesystem_corrupt(error, area, "a damaged description of the volumes of LVM");
    status = disk->budget->spend(disk->budget->user, size, 0, error);
    if (!status && !(l->text = malloc((size_t)size)))
        return fps__fail_memory(error);
    uint64_t first = size < area_size - offset ? size : area_size - offset;
    if (!status)
        status = fps__medium_copy(&disk->image, area + offset, (size_t)first, l->text, error);
    if (!status && first < size)
        status = fps__medium_copy(&disk->image, area + TEXT_HEADER, (size_t)(size - first), l->text + first,
                                  error);
    if (!status)
        *text = (fps__span){l->text, strnlen((const char *)l->text, (size_t)size)};
    return status;
}

static fps_status open_lvm(fps__disk *disk, fps_error *error)
{
    fps__span text = {NULL, 0};
    lvm *l = disk->state = calloc(1, sizeof *l);
    fps_status status = l ? load_text(disk, l, &text, error) : fps__fail_memory(error);
    if (status)
        return status;
    reading in = {.l = l};
    bool good = read_text(&in, text);
    if (in.status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (!good)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged description of the volumes of LVM");
    disk->size = in.end;
    return FPS_OK;
}

static void close_lvm(fps__disk *disk)
{
    lvm *l = disk->state;
    if (!l)
        return;
    free(l->segments.items);
    free(l->text);
}

static void list_volumes(const fps__disk *disk, fps__partitions *found)
{
    const lvm *l = disk->state;
    *found = (fps__partitions){.kind = "volume", .count = l->count, .damaged = l->damaged};
    memcpy(found->items, l->volumes, l->count * sizeof *l->volumes);
}

static fps_status find_piece(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const lvm *l = disk->state;
    size_t low = 0, high = l->segments.count;
    *piece = (fps__piece){.kind = FPS__PIECE_ZERO, .length = 1};
    if (!high)
        return FPS_OK;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->segments.items[middle].start <= offset)
            low = middle;
        else
            high = middle;
    }
    const segment *found = &l->segments.items[low];
    *piece = (fps__piece){.kind = FPS__PIECE_PLAIN,
                          .length = found->size - (offset - found->start),
                          .at = found->at + (offset - found->start)};
    return found->here ? FPS_OK
                       : fps__filesystem_unsupported(
                             error, "a volume of LVM on other devices, in stripes, mirrored or thin");
}

const fps__disk_format fps__lvm = {"a device of LVM", identify,  open_lvm,
                                   find_piece,        close_lvm, list_volumes};
