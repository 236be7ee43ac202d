/* The byte layout of a compiled set (.fpdb), drawn once for writer and reader; see signatures/FORMAT.md.
 *
 * All numbers are little endian, all positions are offsets or indexes. A file is a header of 64 bytes,
 * sections that start at multiples of 64, and the section table at the end.
 */
#ifndef FPS_DATABASE_LAYOUT_H
#define FPS_DATABASE_LAYOUT_H

#include <stdint.h>

enum {
    FPS__LAYOUT_MAJOR = 2, /* another major version is refused */
    FPS__LAYOUT_MINOR = 2, /* a higher one may add sections, and fields at the end of records */
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
    FPS__TABLE_FEATURE = 4,    /* u32, feature kind of a directory or keys section, 0 otherwise */
    FPS__TABLE_PARAMETERS = 8, /* u32, parameters id of that feature kind, 0 otherwise */
    FPS__TABLE_ITEM_SIZE = 12, /* u32, bytes */
    FPS__TABLE_OFFSET = 16,    /* u64, a multiple of 64 */
    FPS__TABLE_COUNT = 24,     /* u64, items; the section has count * item size bytes */
    FPS__TABLE_CHECKSUM = 32,  /* u64, XXH3-64 of the section */
    FPS__TABLE_ENTRY_SIZE = 40,
};

enum fps__layout_section {
    FPS__SECTION_META = 1,
    FPS__SECTION_STRINGS = 2,    /* bytes; texts end in NUL, the first byte and the last one are NUL */
    FPS__SECTION_COMPONENTS = 3, /* sorted by id */
    FPS__SECTION_RELEASES = 4,   /* grouped by component, oldest first */
    FPS__SECTION_UNITS = 5,      /* grouped by component */
    FPS__SECTION_TOTALS = 6,     /* u16; see FPS__UNIT_TOTALS */
    FPS__SECTION_BIT_SETS = 7,   /* u32, count + 1 ascending indexes into the words */
    FPS__SECTION_BIT_WORDS = 8,  /* u64 */
    FPS__SECTION_ENTRIES = 9,
    FPS__SECTION_POSTINGS = 10,      /* u32; see FPS__POSTING_LIST */
    FPS__SECTION_POSTING_LISTS = 11, /* u32; a count, then that many ascending entry ids */
    FPS__SECTION_TEMPLATES = 12,
    FPS__SECTION_RULES = 13,       /* bytes and a NUL; absent when there are no rules */
    FPS__SECTION_DIRECTORY = 14,   /* u32, one pair of sections for each feature kind; see below */
    FPS__SECTION_KEYS = 15,        /* u64 */
    FPS__SECTION_CODE_BUILDS = 16, /* grouped by component */
    /* Release histories: from minor version 2 on, all five or none. */
    FPS__SECTION_HISTORIES = 17,        /* sorted by component */
    FPS__SECTION_HISTORY_RELEASES = 18, /* grouped by history, oldest first */
    FPS__SECTION_HISTORY_RANGES = 19,   /* grouped by history, each list of releases once */
    FPS__SECTION_HISTORY_PAIRS = 20,    /* grouped by list */
    FPS__SECTION_HISTORY_KEYS = 21,     /* u64, ascending; see FPS__HISTORY_RANGE_BITS */
    FPS__SECTION_KINDS = 22,
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
    FPS__RELEASE_SIZE = 8,
};

enum fps__layout_code_build {
    FPS__CODE_BUILD_RELEASE = 0, /* counted from the first of its component */
    FPS__CODE_BUILD_MACHINE = 4,
    FPS__CODE_BUILD_TOOLCHAIN = 8, /* text */
    FPS__CODE_BUILD_ORIGIN = 12,   /* text */
    FPS__CODE_BUILD_ARCHIVES = 16, /* 1: archive members are among its objects */
    FPS__CODE_BUILD_SIZE = 20,
};

enum fps__layout_unit {
    FPS__UNIT_COMPONENT = 0,
    FPS__UNIT_NAME = 4,   /* text */
    FPS__UNIT_TOTALS = 8, /* 0xffffffff: all zero; else first index into the totals, and FPS__TOTALS_... */
    FPS__UNIT_SIZE_2_0 = 12,
    FPS__UNIT_KIND = 12, /* fps__unit_kind; from minor version 1 on */
    FPS__UNIT_SIZE = 16,
};
/* Totals of a unit are one u16 for each fingerprinted release in order, of a unit of functions for each code
 * build; with the first bit set two, the low half first. */
#define FPS__TOTALS_WIDE  UINT32_C(0x80000000)
#define FPS__TOTALS_CODE  UINT32_C(0x40000000)
#define FPS__TOTALS_INDEX UINT32_C(0x3fffffff)

enum fps__layout_entry {
    FPS__ENTRY_OWNER = 0,   /* the unit; with FPS__ENTRY_NO_UNIT in the flags the component */
    FPS__ENTRY_ANY = 4,     /* bit set */
    FPS__ENTRY_ALL = 8,     /* bit set */
    FPS__ENTRY_WEIGHT = 12, /* u16 */
    FPS__ENTRY_FLAGS = 14,  /* u16 */
    FPS__ENTRY_SIZE = 16,
};
enum { FPS__ENTRY_NO_UNIT = 0x8000 };

/* A posting with this bit set is an index into the posting lists; without it the posting is that one entry.
 */
#define FPS__POSTING_LIST UINT32_C(0x80000000)

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

enum fps__layout_history_range {
    FPS__HISTORY_RANGE_COMPONENT = 0,
    FPS__HISTORY_RANGE_PAIRS = 4,      /* its first pair */
    FPS__HISTORY_RANGE_PAIR_COUNT = 8, /* u8 */
    FPS__HISTORY_RANGE_TEXTS = 9,      /* u8 */
    FPS__HISTORY_RANGE_UNIT = 10,      /* u16: number of a source file */
    FPS__HISTORY_RANGE_SIZE = 12,
};

enum fps__layout_history_pair {
    FPS__HISTORY_PAIR_FIRST = 0, /* u16, counted from the first release of the history */
    FPS__HISTORY_PAIR_LAST = 2,  /* u16, in it */
    FPS__HISTORY_PAIR_SIZE = 4,
};

/* A history key is the top 44 bits of the key of a literal, and below them the id of the list of the releases whose
 * sources hold it. 44 bits are enough: with 2^19 keys an unknown literal meets one of them in one of 2^25 look-ups. */
enum { FPS__HISTORY_RANGE_BITS = 20 };
#define FPS__HISTORY_RANGE_MASK ((UINT64_C(1) << FPS__HISTORY_RANGE_BITS) - 1)

/* The index of one feature kind. The 60 hash bits of a key (all but its low 4, the kind) are cut in two: the
 * top `bits` choose a bucket, the rest stands in the record, above the posting id. directory[b] ..
 * directory[b + 1] are the records of bucket b, ascending; the directory has 2^bits + 1 items. A record has
 * bits + 4 bits for the posting id, so no key bit is lost and a record is 8 bytes whatever the size of the
 * set. */
enum { FPS__BITS_MIN = 1, FPS__MAX_BITS = 31, FPS__KIND_BITS = 4 };

static inline unsigned fps__layout_bucket_shift(unsigned bits)
{
    return 64 - bits;
}
static inline unsigned fps__layout_record_shift(unsigned bits)
{
    return bits + FPS__KIND_BITS;
}
static inline uint64_t fps__layout_bucket(uint64_t key, unsigned bits)
{
    return key >> fps__layout_bucket_shift(bits);
}
/* The record of a key with posting 0; records compare as (key, posting). */
static inline uint64_t fps__layout_record(uint64_t key, unsigned bits)
{
    return key >> FPS__KIND_BITS << fps__layout_record_shift(bits);
}
static inline uint64_t fps__layout_posting_mask(unsigned bits)
{
    return (UINT64_C(1) << fps__layout_record_shift(bits)) - 1;
}
/* The key that a record of bucket `bucket` stands for. */
static inline uint64_t fps__layout_key(uint64_t bucket, uint64_t record, unsigned bits, unsigned kind)
{
    uint64_t rest = record >> fps__layout_record_shift(bits); /* the low 60 - bits hash bits */
    return bucket << fps__layout_bucket_shift(bits) | rest << FPS__KIND_BITS | kind;
}

#endif
