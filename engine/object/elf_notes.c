/* Notes (build-id, package metadata), .comment and .gnu_debuglink of an ELF file. */
#include "object/elf_internal.h"

#include <stdlib.h>

enum { NOTE_HEADER = 12, MAX_BUILD_ID = 64, FDO_PACKAGING_METADATA = 0xcafe1a7e };

typedef struct note_range {
    uint64_t offset, end, align;
} note_range;

static int compare_ranges(const void *left, const void *right)
{
    const note_range *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return (a->align > b->align) - (a->align < b->align);
}

static void add_range(const fps__elf *elf, note_range *ranges, size_t *count, const note_range *range)
{
    note_range kept = *range; /* `end` still holds the size */
    uint64_t left = kept.offset < elf->data.size ? elf->data.size - kept.offset : 0;
    if (kept.end > left) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "truncated-note", kept.offset,
                             "only %llu of %llu bytes of notes are in the file", (unsigned long long)left,
                             (unsigned long long)kept.end);
        kept.end = left;
    }
    if (kept.end < NOTE_HEADER)
        return;
    kept.end += kept.offset;
    ranges[(*count)++] = kept;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static void keep_known(fps_object *object, const fps_note *note)
{
    fps_object_info *info = &object->info;
    if (strcmp(note->owner, "GNU") == 0 && note->type == NT_GNU_BUILD_ID && !info->build_id && note->size &&
        note->size <= MAX_BUILD_ID) {
        info->build_id = note->data;
        info->build_id_size = note->size;
    }
    if (strcmp(note->owner, "FDO") == 0 && note->type == FDO_PACKAGING_METADATA && !info->package_note &&
        note->size) {
        size_t length = strnlen((const char *)note->data, note->size);
        info->package_note = fps__arena_text(&object->arena, (const char *)note->data, length);
    }
}

/* Reads the notes from `start`; returns where it stopped. */
static void read_range(fps__elf *elf, uint64_t start, const note_range *range)
{
    fps_object *object = elf->object;
    uint64_t align = range->align == 8 ? 8 : 4;
    for (uint64_t at = start; at <= range->end && range->end - at >= NOTE_HEADER;) {
        const uint8_t *header = elf->data.data + at;
        uint64_t name_size = fps__elf_get32(elf, header), size = fps__elf_get32(elf, header + 4);
        uint64_t data = align_up(NOTE_HEADER + name_size, align);
        if (at + data > range->end || size > range->end - at - data) {
            fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "note-damaged", at,
                                 "a note does not fit into its section");
            return;
        }
        fps__span name = fps__span_part(elf->data, at + NOTE_HEADER, name_size);
        fps_note note = {.owner = name_size ? fps__object_text_at(object, name, 0) : "",
                         .type = fps__elf_get32(elf, header + 8),
                         .data = header + data,
                         .size = (size_t)size};
        if (!note.owner)
            return;
        keep_known(object, &note);
        if (object->notes.count >= FPS__MAX_TEXTS)
            return;
        fps__object_add_note(object, &note);
        at += align_up(data + size, align);
    }
}

void fps__elf_read_notes(fps__elf *elf)
{
    size_t most = elf->segment_count + elf->section_count, count = 0;
    if (!most)
        return;
    note_range *ranges = fps__arena_array(&elf->scratch, most, sizeof *ranges);
    if (!ranges) {
        elf->object->memory_failed = true;
        return;
    }
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *p = &elf->segments[i];
        if (p->p_type == PT_NOTE)
            add_range(elf, ranges, &count, &(note_range){p->p_offset, p->p_filesz, p->p_align});
    }
    for (size_t i = 0; i < elf->section_count; i++) {
        const Elf64_Shdr *s = &elf->sections[i];
        if (s->sh_type == SHT_NOTE)
            add_range(elf, ranges, &count, &(note_range){s->sh_offset, s->sh_size, s->sh_addralign});
    }
    qsort(ranges, count, sizeof *ranges, compare_ranges);
    uint64_t done = 0; /* a segment and its sections hold the same notes: read each byte once */
    for (size_t i = 0; i < count; i++) {
        bool last_of_start = i + 1 == count || ranges[i + 1].offset != ranges[i].offset;
        if (!last_of_start || ranges[i].end <= done)
            continue;
        read_range(elf, ranges[i].offset > done ? ranges[i].offset : done, &ranges[i]);
        done = ranges[i].end;
    }
}

static void read_comment(fps__elf *elf, const Elf64_Shdr *section)
{
    fps__span bytes = fps__elf_section_bytes(elf, section);
    for (size_t at = 0; at < bytes.size;) {
        const char *text = fps__object_text_at(elf->object, bytes, at);
        if (!text)
            return;
        if (text[0])
            fps__object_add_text(elf->object, FPS_TEXT_COMMENT, text);
        at += strlen(text) + 1;
    }
}

void fps__elf_read_texts(fps__elf *elf)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        const Elf64_Shdr *section = &elf->sections[i];
        if (section->sh_type != SHT_PROGBITS || (section->sh_flags & SHF_ALLOC))
            continue;
        const char *name = fps__elf_section_name(elf, section);
        if (strcmp(name, ".comment") == 0) {
            read_comment(elf, section);
        } else if (strcmp(name, ".gnu_debuglink") == 0) {
            fps__span bytes = fps__elf_section_bytes(elf, section);
            elf->object->info.debug_link = fps__object_text_at(elf->object, bytes, 0);
        }
    }
}
