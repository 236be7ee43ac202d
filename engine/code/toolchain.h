/* The compiler that made an object, as its .comment tells. */
#ifndef FPS_CODE_TOOLCHAIN_H
#define FPS_CODE_TOOLCHAIN_H

#include <fpscan/object.h>

enum { FPS__MAX_TOOLCHAIN = 24 };

/* Writes "gcc-12", "clang-14" or "rustc-1.63", "" when nothing tells. Start files are always the C compiler's
 * own, so another compiler wins over GCC. */
void fps__toolchain_name(const fps_object *object, char name[FPS__MAX_TOOLCHAIN]);

#endif
