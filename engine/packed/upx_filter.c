/* The filters of UPX, taken back: branches to absolute places become branches to relative ones again. The numbers and what
 * each does: UPX 4, src/filter/filter_impl.cpp and the headers beside it. */
#include "packed/upx_internal.h"

enum {
    CALL = 0xe8,
    JUMP = 0xe9,
    BRANCH_SIZE = 5,  /* bytes of a call or jump with its distance */
    RECENT = 32,      /* destinations that the filters 0x80 to 0x87 remember */
    PPC_MARK_BITS = 4 /* of the mark in a branch of PowerPC */
};

static uint32_t get(const uint8_t *p, unsigned size, bool big)
{
    if (size == 2)
        return big ? fps__get16be(p) : fps__get16le(p);
    return big ? fps__get32be(p) : fps__get32le(p);
}

static void put(uint8_t *p, uint32_t value, unsigned size, bool big)
{
    for (unsigned i = 0; i < size; i++)
        p[big ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

/* ---- x86 without marks: every call or jump was changed ---- */

typedef struct plain_kind {
    uint8_t first, last; /* numbers of the filters for calls; for jumps; for both */
    bool relative;       /* a place was added */
    bool from_big;       /* the target stands in big-endian order */
    bool to_big;         /* the result shall */
} plain_kind;

/* By the low half of the number; 0x01 to 0x0e have targets of 16 bits, 0x11 to 0x1e of 32. */
static const plain_kind plain_kinds[] = {
    {0x1, 0x3, true, false, false},
    {0x4, 0x6, true, true, false},
    {0x7, 0x9, true, false, true},
    {0xa, 0xc, false, true, false},
};

/* 0xd and 0xe: of calls and jumps one kind has its place added, both are in big-endian order. */
static void undo_mixed(uint8_t *b, size_t size, unsigned width, uint8_t relative, uint32_t base)
{
    for (size_t i = 0; i + width + 1 < size; i++) {
        if (b[i] != CALL && b[i] != JUMP)
            continue;
        uint32_t target = get(b + i + 1, width, true);
        if (b[i] == relative)
            target -= (uint32_t)i + 1 + base;
        put(b + i + 1, target, width, false);
        i += width;
    }
}

static bool undo_plain(const fps__upx_filter *f, uint8_t *b, size_t size)
{
    unsigned width = f->id < 0x10 ? 2 : 4, low = f->id & 0xf;
    if (low == 0xd || low == 0xe) {
        undo_mixed(b, size, width, low == 0xd ? CALL : JUMP, f->base);
        return true;
    }
    const plain_kind *kind = NULL;
    for (size_t i = 0; i < sizeof plain_kinds / sizeof *plain_kinds; i++)
        if (low >= plain_kinds[i].first && low <= plain_kinds[i].last)
            kind = &plain_kinds[i];
    if (!kind)
        return false;
    unsigned which = low - kind->first; /* calls, jumps, both */
    for (size_t i = 0; i + width + 1 < size; i++) {
        if (!((b[i] == CALL && which != 1) || (b[i] == JUMP && which != 0)))
            continue;
        uint32_t target = get(b + i + 1, width, kind->from_big);
        if (kind->relative)
            target -= (uint32_t)i + 1 + f->base;
        put(b + i + 1, target, width, kind->to_big);
        i += width;
    }
    return true;
}

/* ---- x86 with a mark: only branches into the code were changed ---- */

typedef struct marked_kind {
    uint8_t id;
    bool calls, jumps, conditions;
} marked_kind;

static const marked_kind marked_kinds[] = {
    {0x24, true, false, false}, {0x25, false, true, false}, {0x26, true, true, false},
    {0x36, true, true, false},  {0x46, true, true, false},  {0x49, true, true, true},
};

static bool undo_marked(const fps__upx_filter *f, uint8_t *b, size_t size)
{
    const marked_kind *kind = NULL;
    for (size_t i = 0; i < sizeof marked_kinds / sizeof *marked_kinds; i++)
        if (marked_kinds[i].id == f->id)
            kind = &marked_kinds[i];
    if (!kind)
        return false;
    uint32_t mark = (uint32_t)f->mark << 24;
    size_t behind = 0; /* the last branch */
    for (size_t i = 0; i + BRANCH_SIZE < size; i++) {
        bool branch = (kind->calls && b[i] == CALL) || (kind->jumps && b[i] == JUMP) ||
                      (kind->conditions && i != behind && i && b[i - 1] == 0x0f && (b[i] & 0xf0) == 0x80);
        if (!branch || b[i + 1] != f->mark)
            continue;
        put(b + i + 1, fps__get32be(b + i + 1) - (uint32_t)i - 1 - f->base - mark, 4, false);
        i += BRANCH_SIZE - 1;
        behind = i + 1;
    }
    return true;
}

/* ---- x86 with a mark and recent destinations, 0x80 to 0x87 ---- */

enum { UNCHANGED, CHANGED, REMEMBERED };

typedef struct recent {
    uint32_t places[RECENT];
    unsigned hand, tail; /* of the newest, and behind the oldest */
} recent;

static unsigned before(unsigned slot)
{
    return slot ? slot - 1 : RECENT - 1;
}

/* The destination of a branch; false for a slot that is none. */
static bool recall(recent *r, uint32_t code, uint32_t *place)
{
    if (code & 1) { /* new */
        r->hand = before(r->hand);
        *place = r->places[r->hand] = code >> 1;
        return true;
    }
    if (code >> 1 >= RECENT)
        return false;
    unsigned slot = ((code >> 1) + r->hand) % RECENT;
    *place = r->places[slot];
    r->hand = before(r->hand);
    uint32_t moved = r->places[r->hand];
    if (!moved) { /* fewer than RECENT so far: they stay together */
        r->tail = before(r->tail);
        moved = r->places[r->tail];
        r->places[r->tail] = 0;
    }
    r->places[slot] = moved;
    r->places[r->hand] = *place;
    return true;
}

static bool undo_recent(const fps__upx_filter *f, uint8_t *b, size_t size)
{
    unsigned digits = 1 + (f->id & 0xf);
    unsigned how[3] = {digits % 3, digits / 3 % 3, digits / 3 % 3}; /* calls, jumps, conditions */
    uint32_t mark = (uint32_t)f->mark << 24;
    recent r = {.hand = 0};
    size_t behind = 0;
    for (size_t i = 0; i + BRANCH_SIZE < size; i++) {
        /* a condition was swapped with its prefix */
        bool condition = i != behind && i && b[i] == 0x0f && (b[i - 1] & 0xf0) == 0x80;
        if ((b[i] != CALL && b[i] != JUMP && !condition) || b[i + 1] != f->mark)
            continue;
        unsigned kind = b[i] == CALL ? 0 : b[i] == JUMP ? 1 : 2;
        uint32_t place = fps__get32be(b + i + 1) - mark;
        if (how[kind] == UNCHANGED)
            continue;
        if (how[kind] == REMEMBERED && !recall(&r, place, &place))
            return false;
        put(b + i + 1, place - (uint32_t)i - 1, 4, false);
        if (kind == 2) {
            b[i] = b[i - 1];
            b[i - 1] = 0x0f;
        }
        i += BRANCH_SIZE - 1;
        behind = i + 1;
    }
    return true;
}

/* ---- other machines ---- */

/* BL of 32-bit ARM has its distance in 24 bits; B and BL of AArch64 in 26. Both count words. */
static void undo_arm(const fps__upx_filter *f, uint8_t *b, size_t size)
{
    bool big = f->id == 0x51, wide = f->id == 0x52;
    uint32_t mask = wide ? 0x03ffffff : 0x00ffffff;
    for (size_t i = 0; i + 4 < size || i == 0; i += 4) {
        if (size < 4)
            return;
        uint32_t word = get(b + i, 4, big);
        bool branch = wide ? (word >> 24 & 0x7c) == 0x14 : (word >> 24 & 0x0f) == 0x0b;
        if (branch)
            put(b + i, (word & ~mask) | ((word - (uint32_t)(i / 4) - f->base) & mask), 4, big);
    }
}

/* Branches of PowerPC that have the mark in the high bits of their distance. UPX reads them big-endian on all machines. */
static void undo_ppc(const fps__upx_filter *f, uint8_t *b, size_t size)
{
    const size_t most = (size_t)1 << (32 - (6 + PPC_MARK_BITS));
    for (size_t i = 0; i + 4 <= size && i <= most; i += 4) {
        uint32_t word = fps__get32be(b + i);
        if (word >> 26 != 18 || (word >> (26 - PPC_MARK_BITS) & ((1u << PPC_MARK_BITS) - 1)) != f->mark)
            continue;
        uint32_t target = word & ((1u << (26 - PPC_MARK_BITS)) - 1) & ~3u;
        put(b + i, (word & 0xfc000003) | ((target - (uint32_t)i - f->base) & 0x03fffffc), 4, true);
    }
}

/* 0x90 to 0x93, 0xa0 to 0xa3, 0xb0 to 0xb3: differences of items of 1, 2 and 4 bytes, of 1 to 4 series that alternate. */
static void undo_differences(const fps__upx_filter *f, uint8_t *b, size_t size)
{
    unsigned width = 1u << ((f->id >> 4) - 9), series = 1 + (f->id & 3);
    uint32_t sums[4] = {0, 0, 0, 0};
    unsigned now = series - 1;
    for (size_t i = 0; i + width <= size; i += width) {
        sums[now] += width == 1 ? b[i] : get(b + i, width, false);
        put(b + i, sums[now], width, false);
        now = now ? now - 1 : series - 1;
    }
}

bool fps__upx_unfilter(const fps__upx_filter *filter, uint8_t *bytes, size_t size)
{
    unsigned id = filter->id;
    if (!id)
        return true;
    if (id <= 0x1e && (id & 0xf) >= 1 && (id & 0xf) <= 0xe)
        return undo_plain(filter, bytes, size);
    if (id >= 0x80 && id <= 0x87)
        return undo_recent(filter, bytes, size);
    if (id >= 0x90 && id <= 0xb3 && (id & 0xf) <= 3)
        undo_differences(filter, bytes, size);
    else if (id >= 0x50 && id <= 0x52)
        undo_arm(filter, bytes, size);
    else if (id == 0xd0)
        undo_ppc(filter, bytes, size);
    else
        return undo_marked(filter, bytes, size);
    return true;
}

/* ---- a filter that no header tells ---- */

/* How often each byte follows a branch. */
typedef struct followers {
    size_t count, bytes[256];
} followers;

static void note(followers *f, uint8_t byte)
{
    f->count++;
    f->bytes[byte]++;
}

/* A third of the branches of one kind at least: few are outside the code. A distance has no byte that is half as common. */
static bool is_marked(const followers *f, unsigned mark)
{
    return f->bytes[mark] * 3 >= f->count;
}

fps__upx_filter fps__upx_guess_filter(const uint8_t *bytes, size_t size, uint32_t base)
{
    enum { LEAST = 16, LEAST_CONDITIONS = 4 }; /* branches, to tell anything */
    followers calls = {.count = 0}, jumps = {.count = 0}, conditions = {.count = 0};
    for (size_t i = 1; i + BRANCH_SIZE < size; i++) {
        if (bytes[i] == CALL)
            note(&calls, bytes[i + 1]);
        else if (bytes[i] == JUMP)
            note(&jumps, bytes[i + 1]);
        else if (bytes[i - 1] == 0x0f && (bytes[i] & 0xf0) == 0x80)
            note(&conditions, bytes[i + 1]);
    }
    unsigned mark = 0;
    for (unsigned i = 1; i < 256; i++)
        if (calls.bytes[i] + jumps.bytes[i] > calls.bytes[mark] + jumps.bytes[mark])
            mark = i;
    fps__upx_filter filter = {.mark = (uint8_t)mark, .base = base};
    bool call = calls.count && is_marked(&calls, mark), jump = jumps.count && is_marked(&jumps, mark);
    if (calls.count + jumps.count >= LEAST && (call || jump)) {
        call = call || !calls.count;
        jump = jump || !jumps.count;
        filter.id = conditions.count >= LEAST_CONDITIONS && is_marked(&conditions, mark) ? 0x49
                    : call && jump                                                       ? 0x26
                    : call                                                               ? 0x24
                                                                                         : 0x25;
    }
    return filter;
}
