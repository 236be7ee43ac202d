/* Counts which functions of the library a fuzz target reaches, without a change to the library.
 *
 * The linker sends calls of NAME from one object file to another to __wrap_NAME (--wrap), which notes the call and
 * jumps on with all registers as they were, whatever the function's type.
 */
#ifndef FPS_TESTS_REACH_H
#define FPS_TESTS_REACH_H

typedef struct fuzz_reach {
    const char *name;
    const unsigned char *reached; /* 1 after the first call */
} fuzz_reach;

/* The functions that the target's header comment names behind "Reaches:"; ends with a NULL name. */
extern const fuzz_reach fuzz_reaches[];

#if defined(__x86_64__)
#define FUZZ_REACH(name)                                                                                     \
    __attribute__((used)) unsigned char reached_##name;                                                      \
    __asm__(".text\n.globl __wrap_" #name "\n.type __wrap_" #name ", @function\n__wrap_" #name ":\n"         \
            "endbr64\nmovb $1, reached_" #name "(%rip)\njmp __real_" #name "@PLT\n");
#elif defined(__aarch64__)
#define FUZZ_REACH(name)                                                                                     \
    __attribute__((used)) unsigned char reached_##name;                                                      \
    __asm__(".text\n.globl __wrap_" #name "\n.type __wrap_" #name ", %function\n__wrap_" #name ":\n"         \
            "hint #34\nadrp x16, reached_" #name "\nadd x16, x16, :lo12:reached_" #name "\nmov w17, #1\n"    \
            "strb w17, [x16]\nb __real_" #name "\n");
#endif

#endif
