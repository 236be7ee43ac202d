/* The rules of the base set, compiled: vectorscan wants them at a multiple of 8 bytes behind a header of 16. */
    .section .rodata.base_rules, "a"
    .balign 64
    .globl fps_base_rules_start
    .hidden fps_base_rules_start
fps_base_rules_start:
    .incbin "base.rules"
    .globl fps_base_rules_end
    .hidden fps_base_rules_end
fps_base_rules_end:
    .balign 64
    .section .note.GNU-stack, ""
