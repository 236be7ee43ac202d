/* The bytes of signatures/base.fpdb, on pages of their own in the read-only part of the program. */
    .section .rodata.base_set, "a"
    .balign 4096
    .globl fps_base_set_start
    .hidden fps_base_set_start
fps_base_set_start:
    .incbin "base.fpdb"
    .globl fps_base_set_end
    .hidden fps_base_set_end
fps_base_set_end:
    .balign 4096
    .section .note.GNU-stack, ""
