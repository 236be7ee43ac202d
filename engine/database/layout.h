/* The byte layout of a compiled set (.fpdb), drawn once for writer and reader; see signatures/FORMAT.md.
 *
 * All numbers are little endian, all positions are offsets or indexes. A file is a header of 64 bytes,
 * sections that start at multiples of 64, and the section table at the end. Items are records of whole bytes, or are
 * packed: of a number of bits that fits the set.
 */
#ifndef FPS_DATABASE_LAYOUT_H
#define FPS_DATABASE_LAYOUT_H

#include "feature/feature.h"
#include "util/bytes.h"

#include <stdint.h>

enum {
    FPS__LAYOUT_MAJOR = 3, /* another major version is refused */
    FPS__LAYOUT_MINOR = 3, /* a higher one may add sections, and fields at the end of items */
    /* Of sets without what came later, so that their bytes are those of before. */
    FPS__LAYOUT_MINOR_WITHOUT_PATCHES = 1,
    FPS__LAYOUT_MINOR_WITHOUT_DAYS = 2, /* without histories that have days alone */
    FPS__LAYOUT_ALIGNMENT = 64,
    FPS__MAX_LAYOUT_SECTIONS = 1024,
};

/* As PNG's: a transfer that changes line ends or drops the high bit destroys it. */
#define FPS__LAYOUT_MAGIC                                                                                    \
    "\x89"                                                                                                   \
    "FPDB\r\n\x1a"

enum fps__layout_header {
    FPS__HEADER_MAGIC = 0,          /* 8 bytes */
    FPS__HEADER_MAJOR = 8,          /* u16 */
    FPS__HEADER_MINOR = 10,         /* u16 */
    FPS__HEADER_SECTION_COUNT = 12, /* u32 */
    FPS__HEADER_FILE_SIZE = 16,     /* u64 */
    FPS__HEADER_TABLE_OFFSET = 24,  /* u64; the table ends where the file ends */
    FPS__HEADER_DIGEST = 32,        /* XXH3-128 of all bytes behind the header, canonical (big-endian) form */
    FPS__HEADER_TABLE_CHECKSUM = 48, /* u64, XXH3-64 of the section table */
    FPS__HEADER_CHECKSUM = 56,       /* u64, XXH3-64 of the 56 bytes before it */
    FPS__HEADER_SIZE = 64,
};

enum fps__layout_table {
    FPS__TABLE_KIND = 0,       /* u32, enum fps__layout_section */
    FPS__TABLE_FEATURE = 4,    /* u8, feature kind of a directory or keys section, 0 otherwise */
    FPS__TABLE_HASH_BITS = 5,  /* u8, of a keys section: hash bits of a key, 0 otherwise */
    FPS__TABLE_WIDTH = 6,      /* u16, bits of a packed item; 0: items have whole bytes */
    FPS__TABLE_PARAMETERS = 8, /* u32, parameters id of that feature kind, 0 otherwise */
    FPS__TABLE_ITEM_SIZE = 12, /* u32, bytes; 0: items are packed */
    FPS__TABLE_OFFSET = 16,    /* u64, a multiple of 64 */
    FPS__TABLE_COUNT = 24,     /* u64, items */
    FPS__TABLE_CHECKSUM = 32,  /* u64, XXH3-64 of the section */
    FPS__TABLE_ENTRY_SIZE = 40,
};

enum fps__layout_section {
    FPS__SECTION_META = 1,
    FPS__SECTION_STRINGS = 2,        /* bytes; texts end in NUL, the first byte and the last one are NUL */
    FPS__SECTION_COMPONENTS = 3,     /* sorted by id */
    FPS__SECTION_RELEASES = 4,       /* grouped by component, oldest first */
    FPS__SECTION_UNITS = 5,          /* packed; grouped by component */
    FPS__SECTION_TOTALS = 6,         /* u16; see fps__layout_unit */
    FPS__SECTION_BIT_SETS = 7,       /* u32, count + 1 ascending indexes into the words */
    FPS__SECTION_BIT_WORDS = 8,      /* u64 */
    FPS__SECTION_ENTRIES = 9,        /* packed */
    FPS__SECTION_ATTRIBUTES = 10,    /* what entries say, each once */
    FPS__SECTION_POSTING_LISTS = 11, /* packed; a count, then that many ascending entry ids */
    FPS__SECTION_TEMPLATES = 12,
    FPS__SECTION_RULES = 13,       /* bytes and a NUL; absent when there are no rules */
    FPS__SECTION_DIRECTORY = 14,   /* one pair of sections for each feature kind; see below */
    FPS__SECTION_KEYS = 15,        /* packed */
    FPS__SECTION_CODE_BUILDS = 16, /* grouped by component */
    /* Release histories: all six or none. */
    FPS__SECTION_HISTORIES = 17,         /* sorted by component */
    FPS__SECTION_HISTORY_RELEASES = 18,  /* grouped by history, oldest first */
    FPS__SECTION_HISTORY_RANGES = 19,    /* packed; grouped by history; one more closes them */
    FPS__SECTION_HISTORY_PAIRS = 20,     /* packed; grouped by range */
    FPS__SECTION_HISTORY_DIRECTORY = 21, /* as those of the feature kinds */
    FPS__SECTION_HISTORY_KEYS = 22,
    /* Patches of vulnerabilities: both or none. */
    FPS__SECTION_PATCHES = 23,         /* sorted by component and CVE */
    FPS__SECTION_PATCH_FUNCTIONS = 24, /* grouped by patch, sorted by key */
    FPS__SECTION_KINDS = 25,
};

/* Records: the offset of each field (u32 unless said) and the size of the whole. "text" is an offset into the
 * strings. */
enum fps__layout_meta {
    FPS__META_NAME = 0,       /* text */
    FPS__META_CREATOR = 4,    /* text */
    FPS__META_PARAMETERS = 8, /* text */
    FPS__META_SIZE = 12,
};

enum fps__layout_component {
    FPS__COMPONENT_ID = 0, /* text, and so are the next six */
    FPS__COMPONENT_NAME = 4,
    FPS__COMPONENT_PURL = 8,
    FPS__COMPONENT_CPE = 12,
    FPS__COMPONENT_LICENSE = 16,
    FPS__COMPONENT_FAMILY = 20,
    FPS__COMPONENT_SOURCES = 24,
    FPS__COMPONENT_ROLE = 28, /* fps_component_role */
    FPS__COMPONENT_SINCE = 32,
    FPS__COMPONENT_RELEASE_FIRST = 36,
    FPS__COMPONENT_RELEASE_COUNT = 40,
    FPS__COMPONENT_UNIT_FIRST = 44,
    FPS__COMPONENT_UNIT_COUNT = 48,
    FPS__COMPONENT_BUILD_FIRST = 52,
    FPS__COMPONENT_BUILD_COUNT = 56,
    FPS__COMPONENT_SAMPLE = 60, /* of functions: low byte of archive members, the byte above of all others */
    FPS__COMPONENT_SIZE = 64,
};

enum fps__layout_release {
    FPS__RELEASE_VERSION = 0, /* text */
    FPS__RELEASE_RANK =
        4, /* how many releases of the component before it are fingerprinted; 0xffffffff: it is not */
    FPS__RELEASE_BUILT = 8, /* 1: builds of it are in the set; 0: its sources alone, or nothing */
    FPS__RELEASE_SIZE = 12,
    FPS__RELEASE_SIZE_0 = 8, /* of version 3.0, in which each fingerprinted release is built */
};

enum fps__layout_code_build {
    FPS__CODE_BUILD_RELEASE = 0, /* counted from the first of its component */
    FPS__CODE_BUILD_MACHINE = 4,
    FPS__CODE_BUILD_TOOLCHAIN = 8, /* text */
    FPS__CODE_BUILD_ORIGIN = 12,   /* text */
    FPS__CODE_BUILD_ARCHIVES = 16, /* 1: archive members are among its objects */
    FPS__CODE_BUILD_SIZE = 20,
};

enum fps__layout_attribute {
    FPS__ATTRIBUTE_ANY = 0,    /* bit set */
    FPS__ATTRIBUTE_ALL = 4,    /* bit set */
    FPS__ATTRIBUTE_WEIGHT = 8, /* u16 */
    FPS__ATTRIBUTE_FLAGS = 10, /* u16 */
    FPS__ATTRIBUTE_SIZE = 12,
};

enum fps__layout_template {
    FPS__TEMPLATE_KEY = 0,  /* u64 */
    FPS__TEMPLATE_TEXT = 8, /* text */
    FPS__TEMPLATE_COMPONENT = 12,
    FPS__TEMPLATE_LEARNT_FROM = 16, /* bit set */
    FPS__TEMPLATE_NEGATIVE_HITS = 20,
    FPS__TEMPLATE_SIZE = 24,
};

enum fps__layout_history {
    FPS__HISTORY_COMPONENT = 0,
    FPS__HISTORY_RELEASE_FIRST = 4,
    FPS__HISTORY_RELEASE_COUNT = 8,
    FPS__HISTORY_RANGE_FIRST = 12,
    FPS__HISTORY_RANGE_COUNT = 16,
    FPS__HISTORY_SIZE = 20,
};

enum fps__layout_history_release {
    FPS__HISTORY_RELEASE_VERSION = 0, /* text */
    FPS__HISTORY_RELEASE_DAY = 4,     /* since 1970-01-01, 0: unknown */
    FPS__HISTORY_RELEASE_SIZE = 8,
};

enum fps__layout_patch {
    FPS__PATCH_COMPONENT = 0,
    FPS__PATCH_CVE = 4, /* text */
    FPS__PATCH_FUNCTION_FIRST = 8,
    FPS__PATCH_FUNCTION_COUNT = 12,
    FPS__PATCH_SIZE = 16,
};

enum fps__layout_patch_function {
    FPS__PATCH_FUNCTION_KEY = 0,        /* u64, whole */
    FPS__PATCH_FUNCTION_NAME = 8,       /* text */
    FPS__PATCH_FUNCTION_TOOLCHAIN = 12, /* text */
    FPS__PATCH_FUNCTION_ORIGIN = 16,    /* text */
    FPS__PATCH_FUNCTION_MACHINE = 20,   /* u16, ELF e_machine */
    FPS__PATCH_FUNCTION_STATE = 22,     /* u16, enum fps__layout_patch_state */
    FPS__PATCH_FUNCTION_SIZE = 24,
};
enum fps__layout_patch_state { FPS__PATCH_UNFIXED = 0, FPS__PATCH_FIXED = 1 };

/* ---- packed items ----
 *
 * Item i of a section whose items have `width` bits stands at bit i * width, the low bit of a byte being its first. Its
 * fields stand from its low bit up. A field that names an item of a section of n items has as many bits as n needs, and
 * with all of them set names none. Eight bytes of zero behind the items let a field of at most 57 bits be read by one
 * load of 8 bytes. */
enum { FPS__MAX_FIELD_BITS = 57, FPS__PACKED_PADDING = 8 };
/* No section has so many items: ids and positions are u32. */
#define FPS__MAX_ITEMS UINT64_C(0xffffffff)

/* The bits of a field that names one of `count` items, and is larger than each of them with all bits set. */
static inline unsigned fps__layout_bits(uint64_t count)
{
    return count ? 64 - (unsigned)__builtin_clzll(count) : 0;
}
static inline uint64_t fps__layout_mask(unsigned bits)
{
    return (UINT64_C(1) << bits) - 1;
}
/* The field of `bits` bits, at most 57, at bit `position`. */
static inline uint64_t fps__layout_field(const uint8_t *data, uint64_t position, unsigned bits)
{
    return fps__get64le(data + position / 8) >> position % 8 & fps__layout_mask(bits);
}
/* The bytes of a section of fewer than FPS__MAX_ITEMS items. */
static inline uint64_t fps__layout_bytes(uint64_t count, uint32_t item_size, uint32_t width)
{
    return width ? (count * width + 7) / 8 + FPS__PACKED_PADDING : count * item_size;
}

/* A unit: its component, FPS__UNIT_KIND_BITS of fps__unit_kind, its name (text), the first of its totals (none: all of
 * them are zero), a bit that is set when totals are two u16 each, the low half first, and a bit that is set when they
 * are of code builds. Totals are one number for each fingerprinted release in order, of a unit of functions for each code
 * build. Units may share them. */
enum { FPS__UNIT_KIND_BITS = 4 };

/* An entry: its owner, a unit, or the number of units plus a component; and its attribute. */

/* A posting below the number of entries is that entry; another one is, less that number, an index into the lists. */

/* A history range: the first of its pairs, FPS__RANGE_TEXTS_BITS of texts, FPS__RANGE_UNIT_BITS of the number of a source
 * file. The first pair of the next range ends its pairs. */
enum { FPS__RANGE_TEXTS_BITS = 8, FPS__RANGE_UNIT_BITS = 16 };

/* A history pair is two numbers of the same width, at most 16 bits: first and last release, both in it, counted from the
 * first of the history. */
enum { FPS__MAX_PAIR_BITS = 16 };

/* ---- keys ----
 *
 * A key has 60 hash bits and, in its low 4, the feature kind. Of the hash bits a set keeps the top ones: few enough that
 * a key with its posting has about 6 bytes, and so many that an unknown feature meets one of them by chance in one of
 * many million look-ups (signatures/FORMAT.md). An exact hash names a component by itself; a text or function alone does
 * not. With 36 bits, which give 256 times as many chance hits as 44, components, versions and states found in a container
 * (245 components) and ten wheels were the same; one object was no longer known as a whole, for a text too many. */
enum { FPS__KIND_BITS = 4, FPS__MAX_HASH_BITS = 60 };

static inline unsigned fps__layout_hash_bits(unsigned kind)
{
    enum { OF_MANY_KEYS = 44, OF_FEW_KEYS = 48 };
    bool many = kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_NAME || kind == FPS__FEATURE_FUNCTION;
    return many ? OF_MANY_KEYS : OF_FEW_KEYS;
}
/* A key without the hash bits that a set does not keep. */
static inline uint64_t fps__layout_stored_key(uint64_t key)
{
    unsigned kind = (unsigned)(key & fps__layout_mask(FPS__KIND_BITS));
    return (key & ~fps__layout_mask(64 - fps__layout_hash_bits(kind))) | kind;
}

/* The index of one feature kind. Of the hash bits that are kept the top `bits` choose a bucket, the rest stands in the
 * record, above the posting. The directory has a group for 16 buckets: the position of its first record; for each bucket the
 * records of the group before it, which are none for the first one; and all records of the group. The records of a
 * bucket ascend. */
enum fps__layout_group {
    FPS__GROUP_FIRST = 0,  /* u32 */
    FPS__GROUP_BOUNDS = 4, /* 17 u8 */
    FPS__GROUP_SIZE = 21,
};
enum {
    FPS__GROUP_BITS = 4,
    FPS__GROUP_BUCKETS = 1 << FPS__GROUP_BITS,
    FPS__BITS_MIN = FPS__GROUP_BITS + 1, /* a key is shifted by less than 64 to its group */
    FPS__MAX_BITS = 28,
};

/* The index of histories is alike: keys are the top 44 bits of those of literals, and their postings are ids of ranges. A
 * text that is in several of them has as many records. In a model a history key is a number with the id in its low 20
 * bits. */
enum { FPS__HISTORY_RANGE_BITS = 20, FPS__HISTORY_HASH_BITS = 64 - FPS__HISTORY_RANGE_BITS };
#define FPS__HISTORY_RANGE_MASK ((UINT64_C(1) << FPS__HISTORY_RANGE_BITS) - 1)

#endif
