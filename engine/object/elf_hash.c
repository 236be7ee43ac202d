/* How many symbols the dynamic symbol table has: nothing says so directly, the hash tables and the layout do.
 */
#include "object/elf_internal.h"

enum { GNU_HEADER = 16 };

/* DT_HASH has one chain entry a symbol. s390x and Alpha use 8-byte words. */
static uint64_t count_by_hash(fps__elf *elf)
{
    fps__elf_extent *table = &elf->dynamic.tables[FPS__ELF_HASH];
    bool words = elf->wide && (elf->header.e_machine == EM_S390 || elf->header.e_machine == EM_ALPHA);
    uint64_t word = words ? 8 : 4;
    fps__span bytes = fps__elf_bytes(elf, *table);
    if (bytes.size < 2 * word)
        return 0;
    uint64_t buckets = words ? fps__elf_get_word(elf, bytes.data) : fps__elf_get32(elf, bytes.data);
    uint64_t chains =
        words ? fps__elf_get_word(elf, bytes.data + word) : fps__elf_get32(elf, bytes.data + word);
    uint64_t most = bytes.size / word - 2;
    if (buckets > most || chains > most - buckets) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "hash-table-damaged", table->offset,
                             "a hash table of %llu buckets and %llu symbols does not fit into its segment",
                             (unsigned long long)buckets, (unsigned long long)chains);
        table->size = 2 * word;
        return 0;
    }
    table->size = (2 + buckets + chains) * word;
    return chains;
}

/* DT_GNU_HASH ends with one chain word for each symbol from `first` on; a set lowest bit ends a chain. The
 * chain of the highest bucket ends with the last symbol. `exact` is false when there is no chain: then only
 * `first` is known. */
static uint64_t count_by_gnu_hash(fps__elf *elf, bool *exact)
{
    fps__elf_extent *table = &elf->dynamic.tables[FPS__ELF_GNU_HASH];
    fps__span bytes = fps__elf_bytes(elf, *table);
    *exact = false;
    if (bytes.size < GNU_HEADER)
        return 0;
    uint64_t buckets = fps__elf_get32(elf, bytes.data), first = fps__elf_get32(elf, bytes.data + 4);
    uint64_t bloom = (uint64_t)fps__elf_get32(elf, bytes.data + 8) * (elf->wide ? 8 : 4);
    uint64_t chains = GNU_HEADER + bloom + buckets * 4;
    if (chains > bytes.size)
        goto damaged;
    uint64_t highest = 0;
    for (uint64_t i = 0; i < buckets; i++) {
        uint32_t symbol = fps__elf_get32(elf, bytes.data + GNU_HEADER + bloom + i * 4);
        highest = symbol > highest ? symbol : highest;
    }
    table->size = chains;
    if (highest < first || !highest)
        return first;
    for (uint64_t i = highest - first; chains + (i + 1) * 4 <= bytes.size; i++) {
        if (fps__elf_get32(elf, bytes.data + chains + i * 4) & 1) {
            table->size = chains + (i + 1) * 4;
            *exact = true;
            return first + i + 1;
        }
    }
damaged:
    fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "hash-table-damaged", table->offset,
                         "the GNU hash table does not end inside its segment");
    table->size = GNU_HEADER;
    return 0;
}

/* Symbols between the table's start and whatever table or end of segment comes next. */
static uint64_t count_by_layout(const fps__elf *elf)
{
    const fps__elf_extent *symbols = &elf->dynamic.tables[FPS__ELF_SYMTAB];
    uint64_t end = symbols->address + fps__elf_map(elf, symbols->address, UINT64_MAX).size;
    for (size_t i = 0; i < FPS__ELF_TABLES; i++) {
        const fps__elf_extent *table = &elf->dynamic.tables[i];
        if (table->address > symbols->address && table->address < end)
            end = table->address;
    }
    return (end - symbols->address) / fps__elf_record_size(elf, FPS__ELF_SYM);
}

/* Counts on from `known` while the records look like symbols. */
static uint64_t count_plausible(const fps__elf *elf, uint64_t known, uint64_t most)
{
    uint64_t names = elf->dynamic.tables[FPS__ELF_STRTAB].size;
    const uint8_t *bytes = elf->data.data + elf->dynamic.tables[FPS__ELF_SYMTAB].offset;
    size_t size = fps__elf_record_size(elf, FPS__ELF_SYM);
    for (; known < most; known++) {
        Elf64_Sym symbol;
        fps__elf_records_read(elf, FPS__ELF_SYM, bytes + known * size, 1, &symbol);
        bool blank = !symbol.st_name && !symbol.st_info && !symbol.st_value && !symbol.st_shndx;
        if (symbol.st_name >= names || symbol.st_other > 0xfb || (blank && known))
            break;
    }
    return known;
}

uint64_t fps__elf_count_symbols(fps__elf *elf)
{
    fps__elf_dynamic *dynamic = &elf->dynamic;
    if (!dynamic->tables[FPS__ELF_SYMTAB].size)
        return 0;
    bool exact;
    uint64_t by_gnu_hash = count_by_gnu_hash(elf, &exact);
    uint64_t count = count_by_hash(elf);
    uint64_t most = count_by_layout(elf);
    if (dynamic->symbol_count > count) /* the machine's own tag told */
        count = dynamic->symbol_count;
    if (by_gnu_hash > count && exact)
        count = by_gnu_hash;
    if (count > most) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged",
                             dynamic->tables[FPS__ELF_SYMTAB].offset,
                             "%llu dynamic symbols are claimed where %llu fit", (unsigned long long)count,
                             (unsigned long long)most);
        return most;
    }
    if (count)
        return count;
    return count_plausible(elf, by_gnu_hash < most ? by_gnu_hash : most, most);
}
