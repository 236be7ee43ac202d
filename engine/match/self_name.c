/* Components that say in a text of their own what they are: a table of such texts. */
#include "match/self_name.h"

#include "util/mark_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reader of one kind of text: puts the version into `version` and returns true where the text, which begins with the mark,
 * is of that kind. `text` is what follows the mark. */
typedef bool reader(fps__span text, char version[FPS__SELF_VERSION]);

typedef struct entry {
    const char *mark;  /* that the text begins with */
    const char *needs; /* another text that must be there; NULL: none */
    reader *read;
    const char *id, *name, *purl, *cpe, *license;
    const char *const *donates;
    const char *soname; /* see fps__self_name */
    /* Texts that those of `donates` have: with one of them they are there as well; NULL: none. */
    const char *const *kept_by;
} entry;

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_version_character(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("._+~-", c));
}

/* The first word of a text, which must begin with a digit and have a dot. Its bytes, 0 for none. */
static size_t take_word(fps__span text, char version[FPS__SELF_VERSION])
{
    size_t size = 0;
    bool dot = false;
    while (size < text.size && size < FPS__SELF_VERSION - 1 && is_version_character(text.data[size])) {
        dot |= text.data[size] == '.';
        size++;
    }
    if (!size || !dot || !is_digit(text.data[0]) || size == FPS__SELF_VERSION - 1)
        return 0;
    memcpy(version, text.data, size);
    version[size] = '\0';
    return size;
}

/* "6.1.0-57-cloud-amd64 (builder@host) (gcc-12 ...) #1 SMP Debian 6.1.192-3 (2026-01-01)": Linux, init/version.c. A distribution
 * keeps the number of the first release and says in the last part which one it is. */
static bool read_linux(fps__span text, char version[FPS__SELF_VERSION])
{
    static const char debian[] = " Debian ";
    size_t size = take_word(text, version);
    if (!size || !fps__span_has(text, size, 2) || memcmp(text.data + size, " (", 2) != 0)
        return false;
    const uint8_t *at = memmem(text.data, text.size, debian, sizeof debian - 1);
    char upstream[FPS__SELF_VERSION];
    if (at) {
        size_t start = (size_t)(at - text.data) + sizeof debian - 1;
        size = take_word(fps__span_part(text, start, text.size - start), upstream);
        char *revision = size ? strrchr(upstream, '-') : NULL;
        if (revision) {
            *revision = '\0';
            memcpy(version, upstream, sizeof upstream);
        }
    }
    return true;
}

/* "6.1.0-57-cloud-amd64 SMP preempt mod_unload modversions ": Linux, include/linux/vermagic.h. */
static bool read_module(fps__span text, char version[FPS__SELF_VERSION])
{
    size_t size = take_word(text, version);
    return size && size < text.size && text.data[size] == ' ';
}

/* "2023.01+dfsg-2 (Jun 22 2026 - 08:38:07 +0000)": U-Boot, common/version.c; a distribution's suffix is no release. */
static bool read_dated(fps__span text, char version[FPS__SELF_VERSION])
{
    size_t size = take_word(text, version);
    if (size < 7 || version[4] != '.' || !fps__span_has(text, size, 3) ||
        memcmp(text.data + size, " (", 2) != 0)
        return false;
    version[strcspn(version, "+~")] = '\0';
    return true;
}

/* "v3.4.0 ***": Zephyr, kernel/banner.c. */
static bool read_zephyr(fps__span text, char version[FPS__SELF_VERSION])
{
    bool letter = text.size && text.data[0] == 'v';
    return letter && take_word(fps__span_part(text, 1, text.size - 1), version);
}

/* "17.0.15+6-Debian-1deb12u1) for linux-amd64 JRE (17.0.15+6-Debian-1deb12u1), built on ...": OpenJDK,
 * hotspot/share/runtime/abstract_vm_version.cpp; the first version is the virtual machine's, which was counted by itself up to 8. What
 * a distribution adds stands behind the build's number. Logs of crashes have the text as well, and are no OpenJDK. */
static bool read_openjdk(fps__span text, char version[FPS__SELF_VERSION])
{
    static const char jre[] = " JRE (";
    const uint8_t *at = memmem(text.data, text.size, jre, sizeof jre - 1);
    if (!at)
        return false;
    size_t start = (size_t)(at - text.data) + sizeof jre - 1;
    size_t size = take_word(fps__span_part(text, start, text.size - start), version);
    char *build = strchr(version, '+'), *vendor = build ? strchr(build, '-') : NULL;
    if (vendor)
        *vendor = '\0';
    return size > 0;
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* The numbers of a version with dots between, and what is behind them. */
static size_t take_numbers(const char *version, size_t digits[4], const char **rest)
{
    size_t count = 0;
    while (count < 4 && (digits[count] = count_digits(version)) > 0) {
        version += digits[count++];
        if (*version != '.' || count == 4)
            break;
        version++;
    }
    *rest = version;
    return count;
}

/* "14.0.6", "17.0.6-rust-1.75.0-stable": what LLVM writes into the bitcode that it makes (llvm/lib/Bitcode/Writer,
 * BitcodeWriter.cpp). */
static bool read_llvm(fps__span text, char version[FPS__SELF_VERSION])
{
    size_t digits[4];
    const char *rest;
    bool whole = take_word(text, version) == text.size && take_numbers(version, digits, &rest) == 3;
    if (!whole || (*rest && *rest != '-' && strncmp(rest, "git", 3) != 0))
        return false;
    version[strcspn(version, "-")] = '\0';
    return true;
}

/* "14.4.258.23", "11.3.244.8-node.16": V8, src/utils/version.cc; the version of a browser around it has a larger third number. */
static bool read_v8(fps__span text, char version[FPS__SELF_VERSION])
{
    size_t digits[4];
    const char *rest;
    if (take_word(text, version) != text.size || take_numbers(version, digits, &rest) != 4)
        return false;
    return digits[0] <= 2 && digits[1] == 1 && digits[2] <= 3 && digits[3] <= 3 && (!*rest || *rest == '-');
}

/* "8.0.1024.46610 @Commit: 81cabf2857a01351e5ab578947c7403a5b128ad1": .NET from 5 on, whose second number is 0; the third one is a
 * hundred times the patch and the year of the build (dotnet/arcade, Version.BeforeCommonTargets.targets). */
static bool read_dotnet(fps__span text, char version[FPS__SELF_VERSION])
{
    static const char commit[] = " @Commit: ";
    size_t digits[4], size = take_word(text, version);
    const char *rest;
    if (!size || text.size < size + sizeof commit - 1 ||
        memcmp(text.data + size, commit, sizeof commit - 1) != 0 ||
        take_numbers(version, digits, &rest) != 4 || version[digits[0] + 1] != '0')
        return false;
    char *patch = version + digits[0] + 1 + digits[1] + 1;
    unsigned long number = strtoul(patch, NULL, 10) / 100;
    snprintf(patch, (size_t)(version + FPS__SELF_VERSION - patch), "%lu", number);
    return true;
}

/* "1.4.2 (Linux x64)", "1.3.6 (Linux x64 baseline)": Bun, src/crash_handler.zig; then the system and the machine. */
static bool read_bun(fps__span text, char version[FPS__SELF_VERSION])
{
    size_t size = take_word(text, version);
    return size && fps__span_has(text, size, 3) && memcmp(text.data + size, " (", 2) == 0 &&
           text.data[text.size - 1] == ')';
}

/* Run times that implement the interface of Node.js and run its modules have its names and messages. */
static const char *const from_bun[] = {"nodejs", NULL};

/* Node.js has V8 linked in, and more of its own than any other program that embeds V8: with V8 alone, what is found of it is V8's. Its
 * own texts are the names of variables that it reads (src/node.cc): with OpenSSL since 7.3, with ICU since 0.12. */
static const char *const from_v8[] = {"nodejs", NULL};
static const char *const of_nodejs[] = {"NODE_EXTRA_CA_CERTS", "NODE_ICU_DATA", NULL};

/* Tools that share files with the kernel: tables of RAID 6, trees, file systems. */
static const char *const from_linux[] = {
    "btrfs-progs", "xfsprogs", "e2fsprogs",      "f2fs-tools",  "mdadm", "util-linux", "iproute2",   "libnl",
    "ethtool",     "kmod",     "bcachefs-tools", "erofs-utils", "lvm2",  "nfs-utils",  "cifs-utils", NULL};

#define LINUX                                                                                                \
    "linux", "Linux kernel", "pkg:generic/linux", "cpe:2.3:o:linux:linux_kernel", "GPL-2.0-only",            \
        from_linux, NULL, NULL
#define U_BOOT                                                                                               \
    "u-boot", "U-Boot", "pkg:generic/u-boot", "cpe:2.3:a:denx:u-boot", "GPL-2.0-or-later", NULL, NULL, NULL

#define OPENJDK                                                                                              \
    "java.vm.specification.name", read_openjdk, "openjdk", "OpenJDK", "pkg:generic/openjdk",                 \
        "cpe:2.3:a:oracle:openjdk", "GPL-2.0-only WITH Classpath-exception-2.0", NULL, NULL, NULL

static const entry entries[] = {
    {"Linux version ", NULL, read_linux, LINUX},
    {"vermagic=", "intree=Y", read_module, LINUX},
    {"U-Boot ", NULL, read_dated, U_BOOT},
    {"U-Boot SPL ", NULL, read_dated, U_BOOT},
    {"U-Boot TPL ", NULL, read_dated, U_BOOT},
    {"*** Booting Zephyr OS build ", NULL, read_zephyr, "zephyr", "Zephyr",
     "pkg:github/zephyrproject-rtos/zephyr", "cpe:2.3:o:zephyrproject:zephyr", "Apache-2.0", NULL, NULL,
     NULL},
    {"OpenJDK 64-Bit Server VM (", OPENJDK},
    {"OpenJDK Server VM (", OPENJDK},
    {"OpenJDK 64-Bit Minimal VM (", OPENJDK},
    {"OpenJDK Client VM (", OPENJDK},
    {"OpenJDK 64-Bit Zero VM (", OPENJDK},
    {"LLVM", "Invalid bitcode signature", read_llvm, "llvm", "LLVM", "pkg:github/llvm/llvm-project",
     "cpe:2.3:a:llvm:llvm", "Apache-2.0 WITH LLVM-exception", NULL, "libLLVM", NULL},
    {"", "V8.GC_MC_EVACUATE", read_v8, "v8", "V8", "pkg:github/v8/v8", "cpe:2.3:a:google:v8", "BSD-3-Clause",
     from_v8, "libv8", of_nodejs},
    {"@(#)Version ", NULL, read_dotnet, "dotnet", ".NET runtime", "pkg:github/dotnet/runtime",
     "cpe:2.3:a:microsoft:.net", "MIT", NULL, NULL, NULL},
    {"Bun v", "BUN_INSPECT_CONNECT_TO", read_bun, "bun", "Bun", "pkg:github/oven-sh/bun", "cpe:2.3:a:bun:bun",
     "MIT", from_bun, NULL, NULL},
};
enum { ENTRIES = sizeof entries / sizeof *entries };

static bool read_text(const entry *e, fps__span text, char version[FPS__SELF_VERSION])
{
    size_t mark = strlen(e->mark);
    return text.size > mark && memcmp(text.data, e->mark, mark) == 0 &&
           e->read(fps__span_part(text, mark, text.size - mark), version);
}

static bool holds(const fps__features *features, const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < features->literal_count; i++)
        if (features->items[i].length == size && memcmp(features->items[i].text, text, size) == 0)
            return true;
    return false;
}

static bool holds_any(const fps__features *features, const char *const *texts)
{
    for (; texts && *texts; texts++)
        if (holds(features, *texts))
            return true;
    return false;
}

static bool is_known(const fps__self_name *names, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i].id, id) == 0)
            return true;
    return false;
}

size_t fps__self_names(const fps__features *features, fps__self_name names[FPS__SELF_NAMES])
{
    static const double sure = .95; /* nobody else prints it; a copy of the text is possible */
    size_t count = 0;
    bool open
        [ENTRIES]; /* the text that an entry needs is there; looked for once, however many texts it may read */
    for (size_t k = 0; k < ENTRIES; k++)
        open[k] = !entries[k].needs || holds(features, entries[k].needs);
    for (size_t i = 0; i < features->literal_count && count < FPS__SELF_NAMES; i++) {
        const fps__feature *f = &features->items[i];
        fps__span text = {(const uint8_t *)f->text, f->length};
        for (size_t k = 0; k < ENTRIES && count < FPS__SELF_NAMES; k++) {
            const entry *e = &entries[k];
            fps__self_name *name = &names[count];
            if (!open[k] || !read_text(e, text, name->version) || is_known(names, count, e->id))
                continue;
            name->id = e->id;
            name->name = e->name;
            name->purl = e->purl;
            name->cpe = e->cpe;
            name->license = e->license;
            name->donates = holds_any(features, e->kept_by) ? NULL : e->donates;
            name->soname = e->soname;
            name->confidence = sure;
            name->text = f->text;
            name->length = f->length;
            name->offset = f->offset;
            count++;
        }
    }
    return count;
}

/* True when an entry's mark begins a text from which it reads a version. */
static bool says_name(const entry *e, fps__span bytes)
{
    enum { LONGEST = 512 };
    char version[FPS__SELF_VERSION];
    const uint8_t *at = bytes.data;
    size_t left = bytes.size, mark = strlen(e->mark);
    while (left >= mark && (at = memmem(at, left, e->mark, mark))) {
        left = bytes.size - (size_t)(at - bytes.data);
        fps__span text = {at, left < LONGEST ? left : LONGEST};
        bool begins = at > bytes.data && (at[-1] == '\0' || at[-1] == '\n');
        text.size = strnlen((const char *)at, text.size);
        if (begins && read_text(e, text, version))
            return true;
        at += mark;
        left -= mark;
    }
    return false;
}

bool fps__has_self_name(fps__span bytes)
{
    const entry
        *sought[FPS__MOST_MARKS]; /* those that need no other text, as images without a header have them */
    fps__mark marks[FPS__MOST_MARKS];
    fps__mark_search search;
    size_t count = 0;
    for (size_t k = 0; k < ENTRIES && count < FPS__MOST_MARKS; k++) {
        if (entries[k].needs)
            continue;
        marks[count] = (fps__mark){entries[k].mark, strlen(entries[k].mark)};
        sought[count++] = &entries[k];
    }
    fps__mark_search_init(&search, marks, count);
    unsigned found = fps__mark_search_run(&search, bytes, 0);
    for (size_t i = 0; i < count; i++)
        if ((found >> i & 1) && says_name(sought[i], bytes))
            return true;
    return false;
}

const char *fps__self_name_component(size_t index)
{
    return index < ENTRIES ? entries[index].id : NULL;
}
