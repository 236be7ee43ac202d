/* GNU symbol versions: what an object defines, what it needs, and the name of each version index. */
#include "object/elf_internal.h"

#include <stdio.h>

enum {
    VERDEF_SIZE = 20,
    VERDAUX_SIZE = 8,
    VERNEED_SIZE = 16,
    VERNAUX_SIZE = 16,
    INDEX_MASK = 0x7fff, /* the top bit of a version index says hidden */
};

typedef struct walk {
    fps__elf *elf;
    fps__elf_versions *versions;
    fps__span table; /* as far as the segment goes; the true end is not known before */
    fps__span strings;
    uint64_t budget; /* records that may still be read, so that chains that overlap end */
    uint64_t end;    /* of the last record read */
    bool damaged;
} walk;

static walk begin(fps__elf *elf, fps__elf_versions *versions, fps__elf_table table)
{
    walk w = {.elf = elf, .versions = versions};
    w.table = fps__elf_bytes(elf, elf->dynamic.tables[table]);
    w.strings = fps__elf_bytes(elf, elf->dynamic.tables[FPS__ELF_STRTAB]);
    w.budget = w.table.size / VERDAUX_SIZE;
    if (w.budget > FPS__MAX_TEXTS)
        w.budget = FPS__MAX_TEXTS;
    return w;
}

/* The true size replaces "to the end of the segment". */
static void finish(const walk *w, fps__elf_table table)
{
    fps__elf_extent *extent = &w->elf->dynamic.tables[table];
    if (w->damaged)
        fps__object_diagnose(w->elf->object, FPS_DIAGNOSTIC_NOTE, "version-table-damaged", extent->offset,
                             "a symbol version record lies outside of its segment or points nowhere");
    extent->size = w->end;
}

static const uint8_t *record(walk *w, uint64_t offset, uint64_t size)
{
    if (!w->budget || !fps__span_has(w->table, offset, size)) {
        w->damaged = true;
        return NULL;
    }
    w->budget--;
    if (offset + size > w->end)
        w->end = offset + size;
    return w->table.data + offset;
}

static const char *text(walk *w, const uint8_t *offset)
{
    const char *found = fps__object_text_at(w->elf->object, w->strings, fps__elf_get32(w->elf, offset));
    w->damaged = w->damaged || !found;
    return found;
}

static void set_name(walk *w, uint16_t index, const char *name)
{
    fps__elf_versions *versions = w->versions;
    index &= INDEX_MASK;
    if (index >= versions->count) {
        size_t count = versions->count ? versions->count * 2 : 64;
        while (count <= index)
            count *= 2;
        const char **grown = fps__arena_array(&w->elf->scratch, count, sizeof *grown);
        if (!grown) {
            w->elf->object->memory_failed = true;
            return;
        }
        if (versions->count)
            memcpy(grown, versions->names, versions->count * sizeof *grown);
        versions->names = grown;
        versions->count = count;
    }
    if (!versions->names[index])
        versions->names[index] = name;
}

static void read_defined(fps__elf *elf, fps__elf_versions *versions)
{
    walk w = begin(elf, versions, FPS__ELF_VERDEF);
    uint64_t at = 0;
    while (w.table.size) { /* the loader follows the chain too, whatever DT_VERDEFNUM says */
        const uint8_t *definition = record(&w, at, VERDEF_SIZE);
        if (!definition)
            break;
        uint16_t flags = fps__elf_get16(elf, definition + 2);
        uint32_t aux = fps__elf_get32(elf, definition + 12), next = fps__elf_get32(elf, definition + 16);
        const uint8_t *first = record(&w, at + aux, VERDAUX_SIZE);
        const char *name = first ? text(&w, first) : NULL;
        if (name && !(flags & VER_FLG_BASE)) {
            set_name(&w, fps__elf_get16(elf, definition + 4), name);
            fps__object_add_text(elf->object, FPS_TEXT_VERSION_DEFINED, name);
        }
        uint32_t count = fps__elf_get16(elf, definition + 6);
        /* The parents are only read to know where the table ends. */
        for (uint64_t parent = at + aux; first && count > 1; count--) {
            parent += fps__elf_get32(elf, first + 4);
            first = record(&w, parent, VERDAUX_SIZE);
        }
        if (!next)
            break;
        at += next;
    }
    finish(&w, FPS__ELF_VERDEF);
}

static void add_needed(walk *w, const char *file, const char *version)
{
    fps_object *object = w->elf->object;
    char joined[2 * FPS__MAX_NAME + 2];
    int length = snprintf(joined, sizeof joined, "%s:%s", file, version);
    fps__object_add_text(object, FPS_TEXT_VERSION_NEEDED,
                         fps__object_copy_text(object, joined, (size_t)length));
}

static void read_needed(fps__elf *elf, fps__elf_versions *versions)
{
    walk w = begin(elf, versions, FPS__ELF_VERNEED);
    uint64_t at = 0;
    while (w.table.size) {
        const uint8_t *need = record(&w, at, VERNEED_SIZE);
        if (!need)
            break;
        const char *file = text(&w, need + 4);
        uint64_t aux_at = at + fps__elf_get32(elf, need + 8);
        for (uint32_t count = fps__elf_get16(elf, need + 2); count; count--) {
            const uint8_t *aux = record(&w, aux_at, VERNAUX_SIZE);
            const char *version = aux ? text(&w, aux + 8) : NULL;
            if (!version)
                break;
            set_name(&w, fps__elf_get16(elf, aux + 6), version);
            if (file)
                add_needed(&w, file, version);
            aux_at += fps__elf_get32(elf, aux + 12);
            if (!fps__elf_get32(elf, aux + 12))
                break;
        }
        if (!fps__elf_get32(elf, need + 12))
            break;
        at += fps__elf_get32(elf, need + 12);
    }
    finish(&w, FPS__ELF_VERNEED);
}

void fps__elf_read_versions(fps__elf *elf, fps__elf_versions *versions)
{
    read_defined(elf, versions);
    read_needed(elf, versions);
}
