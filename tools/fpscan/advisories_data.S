/* The bytes of signatures/advisories.fpav, on pages of their own in the read-only part of the program. */
    .section .rodata.advisories, "a"
    .balign 4096
    .globl fps_advisories_start
    .hidden fps_advisories_start
fps_advisories_start:
    .incbin "advisories.fpav"
    .globl fps_advisories_end
    .hidden fps_advisories_end
fps_advisories_end:
    .balign 4096
    .section .note.GNU-stack, ""
