/* Which release of Rust was made from which commit. */
#ifndef FPS_PROGRAM_RUST_RELEASES_H
#define FPS_PROGRAM_RUST_RELEASES_H

#include <stddef.h>

typedef struct fps__rust_release {
    const char *commit; /* 40 hexadecimal digits */
    const char *version;
} fps__rust_release;

/* Sorted by commit. */
extern const fps__rust_release fps__rust_releases[];
extern const size_t fps__rust_release_count;

#endif
