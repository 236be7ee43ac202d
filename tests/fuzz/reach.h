/* Records which functions of the library a fuzz target reaches, without changing the library.
 *
 * The linker redirects calls of NAME between object files to __wrap_NAME (--wrap). That records the call and
 * jumps to the function with all registers unchanged, so it works for functions of any type.
 */
#ifndef FPS_TESTS_REACH_H
#define FPS_TESTS_REACH_H

typedef struct fuzz_reach {
    const char *name;
    const unsigned char *reached; /* 1 after the first call */
} fuzz_reach;

/* The functions after "Reaches:" in the target's header comment; a NULL name ends the table. */
extern const fuzz_reach fuzz_reaches[];

#if defined(__x86_64__)
#define FUZZ_REACH(name)                                                                                     \
    __attribute__((used)) unsigned char reached_##name;                                                      \
    __asm__(".pushsection .text\n.globl __wrap_" #name "\n.type __wrap_" #name ", @function\n__wrap_" #name  \
            ":\n"                                                                                            \
            "endbr64\nmovb $1, reached_" #name "(%rip)\njmp __real_" #name "@PLT\n.popsection\n");
#elif defined(__aarch64__)
#define FUZZ_REACH(name)                                                                                     \
    __attribute__((used)) unsigned char reached_##name;                                                      \
    __asm__(".pushsection .text\n.globl __wrap_" #name "\n.type __wrap_" #name ", %function\n__wrap_" #name  \
            ":\n"                                                                                            \
            "hint #34\nadrp x16, reached_" #name "\nadd x16, x16, :lo12:reached_" #name "\nmov w17, #1\n"    \
            "strb w17, [x16]\nb __real_" #name "\n.popsection\n");
#endif

#endif
