/* Names of machines, by ELF machine number. */
#include "object/object_internal.h"

#include <elf.h>
#include <stdio.h>

static const struct {
    uint16_t machine;
    const char *narrow, *wide; /* 32 and 64 bit */
    const char *narrow_little,
        *wide_little; /* NULL: named like the big-endian one, or there is only one order */
} machines[] = {
    {EM_X86_64, "x32", "x86-64", NULL, NULL},
    {EM_AARCH64, "aarch64-ilp32", "aarch64", NULL, NULL},
    {EM_386, "i386", "i386", NULL, NULL},
    {EM_ARM, "arm", "arm", NULL, NULL},
    {EM_RISCV, "riscv32", "riscv64", NULL, NULL},
    {EM_PPC64, "ppc64", "ppc64", "ppc64le", "ppc64le"},
    {EM_PPC, "ppc", "ppc", NULL, NULL},
    {EM_S390, "s390", "s390x", NULL, NULL},
    {EM_MIPS, "mips", "mips64", "mipsel", "mips64el"},
    {EM_LOONGARCH, "loongarch32", "loongarch64", NULL, NULL},
    {EM_SPARC, "sparc", "sparc", NULL, NULL},
    {EM_SPARCV9, "sparc64", "sparc64", NULL, NULL},
    {EM_IA_64, "ia64", "ia64", NULL, NULL},
    {EM_ALPHA, "alpha", "alpha", NULL, NULL},
    {EM_PARISC, "hppa", "hppa64", NULL, NULL},
    {EM_68K, "m68k", "m68k", NULL, NULL},
    {EM_SH, "sh", "sh", NULL, NULL},
    {EM_BPF, "bpf", "bpf", NULL, NULL},
    {EM_AVR, "avr", "avr", NULL, NULL},
    {EM_XTENSA, "xtensa", "xtensa", NULL, NULL},
};

void fps__object_set_machine(fps_object *object, uint16_t machine)
{
    fps_object_info *info = &object->info;
    bool wide = info->bits == 64;
    info->machine = machine;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (machines[i].machine != machine)
            continue;
        const char *little = wide ? machines[i].wide_little : machines[i].narrow_little;
        info->machine_name = wide ? machines[i].wide : machines[i].narrow;
        if (!info->big_endian && little)
            info->machine_name = little;
        return;
    }
    char text[24];
    snprintf(text, sizeof text, "machine-%u", machine);
    const char *name = fps__arena_string(&object->arena, text);
    object->memory_failed = object->memory_failed || !name;
    info->machine_name = name ? name : "";
}
