/* A set as text, one fact a line in the order of the file: for tests, for eyes and for diff. */
#include "database/database_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { LINE_SIZE = 4096 };

/* Collects text and hands it on in pieces; the first failure of the callback sticks. */
typedef struct dump {
    const fps_database *database;
    fps_write_callback write;
    void *user;
    fps_status status;
    size_t used;
    char text[LINE_SIZE];
} dump;

static void flush(dump *d)
{
    if (d->status == FPS_OK && d->used > 0)
        d->status = d->write(d->user, d->text, d->used);
    d->used = 0;
}

/* Prints a short piece: numbers and words, never a text of the set. */
static void put(dump *d, const char *format, ...) FPS_PRINTF(2, 3);
static void put(dump *d, const char *format, ...)
{
    enum { MAX_PIECE = 256 };
    if (d->used > LINE_SIZE - MAX_PIECE)
        flush(d);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(d->text + d->used, MAX_PIECE, format, arguments);
    va_end(arguments);
    if (length > 0)
        d->used += (size_t)length < MAX_PIECE ? (size_t)length : MAX_PIECE - 1;
}

/* Prints a text in quotes; what is not plain ASCII becomes \xNN. */
static void put_text(dump *d, const char *text, uint64_t length)
{
    put(d, "\"");
    for (uint64_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            put(d, "\\%c", c);
        else if (c < 0x20 || c > 0x7e)
            put(d, "\\x%02x", c);
        else
            put(d, "%c", c);
    }
    put(d, "\"");
}

static void put_named(dump *d, const char *name, const char *text)
{
    put(d, " %s ", name);
    put_text(d, text, strlen(text));
}

static void dump_meta(dump *d)
{
    fps_database_info info;
    fps_database_read_info(d->database, &info);
    put(d, "set version %u.%u digest ", info.version_major, info.version_minor);
    for (size_t i = 0; i < sizeof info.digest; i++)
        put(d, "%02x", info.digest[i]);
    put_named(d, "name", info.name);
    put_named(d, "creator", info.creator);
    put_named(d, "parameters", info.parameters);
    put(d, "\n");
}

static void dump_releases(dump *d, const fps__set_component *component)
{
    for (uint32_t r = 0; r < component->release_count; r++) {
        fps__set_release release;
        fps__database_release(d->database, component->release_first + r, &release);
        put(d, "release %" PRIu32 " ", component->release_first + r);
        put_text(d, release.version, strlen(release.version));
        put(d, "%s\n", !release.fingerprinted ? "" : release.built ? " built" : " sources");
    }
}

static void dump_code_builds(dump *d, const fps__set_component *component)
{
    for (uint32_t b = 0; b < component->build_count && d->status == FPS_OK; b++) {
        fps__set_code_build build;
        fps__database_code_build(d->database, component->build_first + b, &build);
        put(d, "code-build %" PRIu32 " release %" PRIu32 " machine %u", component->build_first + b,
            build.release, build.machine);
        put_named(d, "toolchain", build.toolchain);
        put_named(d, "origin", build.origin);
        put(d, "%s\n", build.archives ? " archives" : "");
    }
}

/* The units of a component with their totals over its fingerprinted releases. */
static void dump_units(dump *d, const fps__set_component *component)
{
    for (uint32_t u = 0; u < component->unit_count; u++) {
        fps__set_unit unit;
        fps__database_unit(d->database, component->unit_first + u, &unit);
        put(d, "unit %" PRIu32 " component %" PRIu32, component->unit_first + u, unit.component);
        put_named(d, "name", unit.name);
        put(d, " kind %d%s totals", unit.kind, unit.code ? " code" : "");
        for (uint32_t b = 0; unit.code && b < component->build_count && d->status == FPS_OK; b++)
            put(d, " %" PRIu32, fps__database_unit_total(d->database, component->unit_first + u, b));
        for (uint32_t r = 0; !unit.code && r < component->release_count && d->status == FPS_OK; r++) {
            fps__set_release release;
            fps__database_release(d->database, component->release_first + r, &release);
            if (release.fingerprinted)
                put(d, " %" PRIu32, fps__database_unit_total(d->database, component->unit_first + u, r));
        }
        put(d, "\n");
    }
}

static void dump_components(dump *d, uint64_t count)
{
    static const char *const roles[] = {"library", "program", "runtime"};
    for (uint32_t id = 0; id < count && d->status == FPS_OK; id++) {
        fps__set_component c;
        fps__database_component(d->database, id, &c);
        put(d, "component %" PRIu32, id);
        put_named(d, "id", c.id);
        put_named(d, "name", c.name);
        put_named(d, "purl", c.purl);
        put_named(d, "cpe", c.cpe);
        put_named(d, "license", c.license);
        put_named(d, "family", c.family);
        put_named(d, "sources", c.sources);
        put(d, " role %s since %" PRIu32 " samples %u %u\n", roles[c.role], c.since, c.sample_members,
            c.sample_others);
        dump_releases(d, &c);
        dump_code_builds(d, &c);
        dump_units(d, &c);
    }
}

static void dump_bit_sets(dump *d, uint64_t count)
{
    for (uint32_t id = 0; id < count && d->status == FPS_OK; id++) {
        fps__bit_set set;
        fps__database_bit_set(d->database, id, &set);
        put(d, "bits %" PRIu32 ":", id);
        for (uint32_t w = 0; w < set.word_count && d->status == FPS_OK; w++) {
            for (uint64_t rest = set.words[w]; rest; rest &= rest - 1)
                put(d, " %" PRIu64, w * UINT64_C(64) + (unsigned)__builtin_ctzll(rest));
        }
        put(d, "\n");
    }
}

static void dump_entries(dump *d, uint64_t count)
{
    for (uint32_t id = 0; id < count && d->status == FPS_OK; id++) {
        fps__set_entry e;
        fps__database_entry_by_id(d->database, id, &e);
        put(d, "entry %" PRIu32 " component %" PRIu32, id, e.component);
        if (e.unit != FPS__NONE)
            put(d, " unit %" PRIu32, e.unit);
        put(d, " any %" PRIu32 " all %" PRIu32 " weight %u flags %u\n", e.any, e.all, e.weight, e.flags);
    }
}

/* The postings that are no entries. */
static void dump_lists(dump *d, uint64_t entries, uint64_t items)
{
    for (uint64_t at = 0; at < items && d->status == FPS_OK;) {
        uint32_t posting = (uint32_t)(entries + at), size = fps__database_posting_size(d->database, posting);
        put(d, "posting %" PRIu32 ":", posting);
        for (uint32_t i = 0; i < size && d->status == FPS_OK; i++)
            put(d, " %" PRIu32, fps__database_posting_entry_id(d->database, posting, i));
        put(d, "\n");
        at += (uint64_t)size + 1;
    }
}

static void dump_templates(dump *d, uint64_t count)
{
    for (uint32_t id = 0; id < count && d->status == FPS_OK; id++) {
        fps__set_template t;
        fps__database_template(d->database, id, &t);
        put(d, "template %" PRIu32 " key %016" PRIx64 " component %" PRIu32 " learnt-from %" PRIu32, id,
            t.key, t.component, t.learnt_from);
        put(d, " negative-hits %" PRIu32, t.negative_hits);
        put_named(d, "text", t.text);
        put(d, "\n");
    }
}

static void dump_histories(dump *d, const fps__set_counts *counts)
{
    for (uint32_t i = 0; i < counts->histories && d->status == FPS_OK; i++) {
        fps__set_history h;
        uint32_t component;
        fps__database_history_by_index(d->database, i, &component, &h);
        put(d, "history component %" PRIu32 " releases %" PRIu32 " %" PRIu32, component, h.first, h.count);
        put(d, " ranges %" PRIu32 " %" PRIu32 "\n", h.first_range, h.range_count);
    }
    for (uint32_t id = 0; id < counts->history_releases && d->status == FPS_OK; id++) {
        fps__set_history_release r;
        fps__database_history_release(d->database, id, &r);
        put(d, "history-release %" PRIu32 " day %" PRIu32 " ", id, r.day);
        put_text(d, r.version, strlen(r.version));
        put(d, "\n");
    }
    for (uint32_t id = 0; id < counts->history_ranges && d->status == FPS_OK; id++) {
        fps__set_history_range r;
        fps__database_history_range(d->database, id, &r);
        put(d, "history-range %" PRIu32 " component %" PRIu32 " unit %" PRIu32 " texts %" PRIu32 " releases",
            id, r.component, r.unit, r.texts);
        for (uint32_t p = 0; p < r.pair_count && d->status == FPS_OK; p++) {
            uint32_t first, last;
            fps__database_history_pair(d->database, r.pairs + p, &first, &last);
            put(d, " %" PRIu32 "-%" PRIu32, first, last);
        }
        put(d, "\n");
    }
    for (uint64_t i = 0; i < counts->history_keys && d->status == FPS_OK; i++) {
        uint64_t key;
        uint32_t range;
        if (fps__database_history_key(d->database, i, &key, &range))
            put(d, "history-key %011" PRIx64 " range %" PRIu32 "\n", key >> FPS__HISTORY_RANGE_BITS, range);
    }
}

static void dump_patches(dump *d, const fps__set_counts *counts)
{
    for (uint32_t id = 0; id < counts->patches && d->status == FPS_OK; id++) {
        fps__set_patch p;
        fps__database_patch(d->database, id, &p);
        put(d, "patch %" PRIu32 " component %" PRIu32 " functions %" PRIu32 " %" PRIu32, id, p.component,
            p.first, p.count);
        put_named(d, "cve", p.cve);
        put(d, "\n");
    }
    for (uint32_t id = 0; id < counts->patch_functions && d->status == FPS_OK; id++) {
        fps__set_patch_function f;
        fps__database_patch_function(d->database, id, &f);
        put(d, "patch-function %" PRIu32 " key %016" PRIx64 " %s machine %u", id, f.key,
            f.fixed ? "fixed" : "unfixed", f.machine);
        put_named(d, "name", f.name);
        put_named(d, "toolchain", f.toolchain);
        put_named(d, "origin", f.origin);
        put(d, "\n");
    }
}

static void dump_keys(dump *d, uint64_t count)
{
    for (uint64_t i = 0; i < count && d->status == FPS_OK; i++) {
        uint64_t key;
        uint32_t posting;
        if (fps__database_key(d->database, i, &key, &posting))
            put(d, "key %016" PRIx64 " posting %" PRIu32 "\n", key, posting);
    }
}

fps_status fps__database_dump(const fps_database *database, fps_write_callback write, void *user)
{
    dump d = {.database = database, .write = write, .user = user};
    fps__set_counts counts;
    uint64_t rules_size;
    const char *rules = fps__database_rules(database, &rules_size);
    fps__database_counts(database, &counts);
    dump_meta(&d);
    dump_components(&d, counts.components);
    dump_bit_sets(&d, counts.bit_sets);
    dump_entries(&d, counts.entries);
    dump_lists(&d, counts.entries, counts.list_items);
    dump_templates(&d, counts.templates);
    if (rules) {
        put(&d, "rules ");
        put_text(&d, rules, rules_size);
        put(&d, "\n");
    }
    dump_histories(&d, &counts);
    dump_patches(&d, &counts);
    dump_keys(&d, counts.keys);
    flush(&d);
    return d.status;
}
