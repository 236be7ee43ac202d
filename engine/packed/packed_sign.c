/* The signs of a packed or encrypted program, whoever packed it: one small model over what every loader needs.
 *
 * Bytes of machine code are far from alike in number, those of what is compressed or encrypted nearly so. A program whose own
 * code is like that is packed. Elsewhere compressed bytes are common (pictures, archives), so they count only together with
 * what a loader cannot do without: room to unpack to that is executed, code that may be written, next to no imports, a call that
 * starts what it unpacked. Each sign has points, and three make a packed program. Names of sections are a hint of one point: they are easily changed.
 * bench/packed measures false alarms. */
#include "packed/packed.h"

enum {
    WINDOW = 4096,       /* bytes that are judged at once */
    SAMPLES = 512,       /* windows of a region that are judged; they lie evenly */
    DENSE_SHARE = 150,   /* see is_dense */
    LEAST_WINDOWS = 2,   /* in code that is judged */
    NEEDED = 3,          /* points */
    FEW_IMPORTS = 8,     /* a loader needs two or three: to allocate, to protect, to find others */
    LEAST_ROOM = WINDOW, /* bytes of executed memory without bytes in the file */
    FRONT = 1024,        /* UPX's mark lies in the first or ... */
    BACK = 64,           /* ... the last bytes */
};

/* Names that packers give to sections. */
static const char *const names[] = {"UPX0",    "UPX1",  ".aspack",  ".adata",   ".MPRESS1", ".MPRESS2",
                                    ".petite", ".vmp0", ".vmp1",    ".themida", ".winlice", ".nsp0",
                                    ".nsp1",   "PEC2",  ".enigma1", ".enigma2", ".mackt",   ".packed",
                                    ".pklstb", ".svkp", ".yP"};

/* Functions that start a program; what encrypts scripts (shc) calls one. */
static const char *const starters[] = {"execve", "execv", "execvp", "fexecve", "memfd_create"};

typedef struct shape {
    uint64_t code, dense_code;     /* windows */
    uint64_t loaded, dense_loaded; /* of code and data */
    const fps_region *entry;       /* that has the entry point, NULL for none */
    uint64_t imports;
    bool starts; /* it imports a function that starts programs */
    bool room;   /* memory that is executed and has no bytes */
    bool named;  /* a section with a packer's name */
} shape;

/* True when two bytes of the window are alike in one of DENSE_SHARE pairs or fewer (its collision entropy is 7.2 bits). Of random
 * bytes one in 241 pairs is, each with itself included; in code and text one in 10 to 90. */
static bool is_dense(const uint8_t *bytes)
{
    enum { PART = WINDOW / 4, MOST = WINDOW * WINDOW / DENSE_SHARE };
    uint32_t counts[2][256] = {{0}, {0}}, alike = 0;
    /* Pairs only become more: of most windows a half tells. */
    for (size_t end = PART; end <= WINDOW && alike <= MOST; end += PART) {
        for (size_t i = end - PART; i < end;
             i += 2) { /* two tables: the next count need not wait for this one */
            counts[0][bytes[i]]++;
            counts[1][bytes[i + 1]]++;
        }
        alike = 0;
        for (size_t i = 0; i < 256; i++) {
            uint32_t count = counts[0][i] + counts[1][i];
            alike += count * count;
        }
    }
    return alike <= MOST;
}

static void add_region(shape *s, const fps_region *region, fps__span bytes)
{
    bool code = region->kind == FPS_REGION_CODE;
    if (!region->loaded || !(code || region->kind == FPS_REGION_DATA || region->kind == FPS_REGION_READ_ONLY))
        return;
    fps__span part = fps__span_part(bytes, region->offset, region->size);
    uint64_t windows = part.size / WINDOW, step = windows / SAMPLES + 1;
    for (uint64_t i = 0; i < windows; i += step) {
        uint64_t weight = step < windows - i ? step : windows - i;
        bool dense = is_dense(part.data + i * WINDOW);
        s->loaded += weight;
        s->dense_loaded += dense ? weight : 0;
        s->code += code ? weight : 0;
        s->dense_code += code && dense ? weight : 0;
    }
}

static void read_shape(shape *s, const fps_object *object, fps__span bytes)
{
    const fps_object_info *info = fps_object_get_info(object);
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        add_region(s, region, bytes);
        if (region->loaded && info->entry >= region->address && info->entry - region->address < region->size)
            s->entry = region;
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
            s->named |= strcmp(region->name, names[n]) == 0;
    }
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        const fps_symbol *symbol = fps_object_symbol(object, i);
        if (!symbol->dynamic || symbol->defined)
            continue;
        s->imports++;
        for (size_t n = 0; n < sizeof starters / sizeof *starters; n++)
            s->starts |= strcmp(symbol->name, starters[n]) == 0;
    }
    s->room = info->executed_room >= LEAST_ROOM;
}

static bool has_mark(fps__span bytes)
{
    static const char mark[] = "UPX!";
    fps__span front = fps__span_part(bytes, 0, bytes.size < FRONT ? bytes.size : FRONT);
    fps__span back = bytes.size > BACK ? fps__span_part(bytes, bytes.size - BACK, BACK) : front;
    return memmem(front.data, front.size, mark, sizeof mark - 1) ||
           memmem(back.data, back.size, mark, sizeof mark - 1);
}

const char *fps__packed_sign(const fps_object *object, fps__span bytes)
{
    const fps_object_info *info = fps_object_get_info(object);
    shape s = {.entry = NULL};
    if (info->type != FPS_OBJECT_EXECUTABLE && info->type != FPS_OBJECT_SHARED)
        return NULL;
    read_shape(&s, object, bytes);
    if (s.code >= LEAST_WINDOWS && 2 * s.dense_code >= s.code)
        return "most of its code is compressed or encrypted";
    bool dense = s.loaded >= LEAST_WINDOWS && 2 * s.dense_loaded >= s.loaded;
    bool written = s.entry && s.entry->writable && s.entry->executable;
    bool few = info->format == FPS_FORMAT_PE && s.imports <= FEW_IMPORTS;
    unsigned points = 2u * dense + s.room + written + few + s.starts + s.named;
    if (points >= NEEDED)
        return dense
                   ? "most of what it loads is compressed or encrypted, and it has the memory or imports of a loader"
                   : "it has the memory and the imports of a loader";
    return has_mark(bytes) ? "it has the mark of UPX, and is not packed as UPX packs" : NULL;
}
