/* Listings of code for people: text by capstone, lengths and marks by our own decoders and normalisers. */
#include "code/code.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE = 512,
    BYTES_SHOWN = 15, /* the longest instruction */
};

/* The handle belongs to one thread, and cs_close ends it. FPS_ERROR_UNSUPPORTED where capstone was built without the
 * machine. */
static fps_status open_capstone(const fps__machine *machine, const fps__code *code, csh *handle)
{
    int mode = machine->capstone_mode_of ? machine->capstone_mode_of(code->bytes, code->size)
                                         : machine->capstone_mode;
    cs_err error = cs_open((cs_arch)machine->capstone_arch, (cs_mode)mode, handle);
    if (error == CS_ERR_OK)
        return FPS_OK;
    return error == CS_ERR_MEM ? FPS_ERROR_MEMORY : FPS_ERROR_UNSUPPORTED;
}

typedef struct listing {
    const fps__machine *machine;
    const fps__code *code;
    csh capstone;
    cs_insn *decoded;
    fps__code_buffer buffer;
    char *marks; /* one for each unit of alignment, NULL where instructions are normalised one by one */
    fps_write_callback write;
    void *user;
} listing;

/* What normalisation does to one instruction alone. */
static fps_status mark_alone(listing *l, size_t at, size_t length, char *mark)
{
    const fps__code *code = l->code;
    fps__code one = {.bytes = code->bytes + at,
                     .size = length,
                     .address = code->address + at,
                     .offset = code->offset + at};
    for (size_t i = 0; i < code->relocation_count; i++) {
        uint64_t offset = code->relocations[i].offset;
        if (offset < one.offset || offset - one.offset >= length)
            continue;
        if (!one.relocations)
            one.relocations = &code->relocations[i];
        one.relocation_count++;
    }
    fps__code_result result;
    if (l->machine->normalise(&one, &l->buffer, &result) != FPS_OK)
        return FPS_ERROR_MEMORY;
    fps__instruction instruction;
    bool same = l->buffer.count == length && memcmp(l->buffer.bytes, one.bytes, length) == 0;
    same |= l->machine->decode(one.bytes, length, &instruction) &&
            instruction.kind == FPS__INSTRUCTION_RETURN; /* has nothing to mask */
    *mark = result.instructions == 0 ? '-' : same ? ' ' : '*';
    return FPS_OK;
}

static fps_status find_mark(listing *l, size_t at, size_t length, char *mark)
{
    if (!l->marks)
        return mark_alone(l, at, length, mark);
    *mark = l->marks[at / l->machine->alignment];
    return FPS_OK;
}

/* Text of the instruction, when capstone sees one of the same length. */
static bool capstone_text(listing *l, size_t at, size_t length, char *text, size_t size)
{
    const uint8_t *bytes = l->code->bytes + at;
    size_t left = length;
    uint64_t address = l->code->address + at;
    if (!cs_disasm_iter(l->capstone, &bytes, &left, &address, l->decoded) || left != 0)
        return false;
    snprintf(text, size, "%s%s%s", l->decoded->mnemonic, l->decoded->op_str[0] ? " " : "",
             l->decoded->op_str);
    return true;
}

static void data_text(const uint8_t *bytes, size_t length, bool word, char *text, size_t size)
{
    if (word && length == 4) {
        snprintf(text, size, ".word 0x%02x%02x%02x%02x", bytes[3], bytes[2], bytes[1], bytes[0]);
        return;
    }
    size_t used = (size_t)snprintf(text, size, ".byte");
    for (size_t i = 0; i < length && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s0x%02x", i ? ", " : " ", bytes[i]);
}

static fps_status write_line(listing *l, size_t at, size_t length, char mark)
{
    const uint8_t *bytes = l->code->bytes + at;
    char hex[2 * BYTES_SHOWN + 1] = "", text[LINE / 2], line[LINE];
    bool words = l->machine->lists_words;
    for (size_t i = 0; i < length && i < BYTES_SHOWN; i++)
        snprintf(hex + 2 * i, sizeof hex - 2 * i, "%02x", bytes[i]);
    if (!capstone_text(l, at, length, text, sizeof text))
        data_text(bytes, length, words, text, sizeof text);
    int used = snprintf(line, sizeof line, "%c %8llx  %-*s  %s\n", mark,
                        (unsigned long long)(l->code->address + at), words ? 8 : 22, hex, text);
    return l->write(l->user, line, (size_t)used < sizeof line ? (size_t)used : sizeof line - 1);
}

static fps_status write_all(listing *l)
{
    for (size_t at = 0, length; at < l->code->size; at += length) {
        size_t left = l->code->size - at;
        fps__instruction instruction;
        char mark = ' ';
        fps_status status = FPS_OK;
        if (l->machine->decode(l->code->bytes + at, left, &instruction)) {
            length = instruction.length;
            status = find_mark(l, at, length, &mark);
        } else {
            length = left < l->machine->alignment ? left : l->machine->alignment;
        }
        if (status == FPS_OK)
            status = write_line(l, at, length, mark);
        if (status != FPS_OK)
            return status;
    }
    return FPS_OK;
}

/* Marks of the whole function, where they depend on all of it. */
static fps_status find_marks(listing *l)
{
    if (!l->machine->mark || l->code->size == 0)
        return FPS_OK;
    size_t count = l->code->size / l->machine->alignment + 1;
    l->marks = malloc(count);
    if (!l->marks)
        return FPS_ERROR_MEMORY;
    memset(l->marks, ' ', count);
    return l->machine->mark(l->code, &l->buffer, l->marks);
}

fps_status fps__code_list(const fps_object_info *info, const fps__code *code, fps_write_callback write,
                          void *user)
{
    listing l = {.machine = fps__machine_find(info), .code = code, .write = write, .user = user};
    if (!l.machine)
        return FPS_ERROR_UNSUPPORTED;
    fps_status status = open_capstone(l.machine, code, &l.capstone);
    if (status != FPS_OK)
        return status;
    l.decoded = cs_malloc(l.capstone);
    status = l.decoded ? find_marks(&l) : FPS_ERROR_MEMORY;
    if (status == FPS_OK)
        status = write_all(&l);
    if (l.decoded)
        cs_free(l.decoded, 1);
    cs_close(&l.capstone);
    fps__code_buffer_free(&l.buffer);
    free(l.marks);
    return status;
}
