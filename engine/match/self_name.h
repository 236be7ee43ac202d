/* Components that say in a text of their own what they are: kernels, their modules, boot loaders, run times. They are known by that
 * text alone, without a set; a set that knows more of them goes before it.
 *
 * An entry belongs here where the text names the component, its version and its build in one, so that nothing else prints it, and
 * where the whole file is the component, or one that is too large for a set and is linked whole (LLVM, V8): what a program says of
 * another library in it is a rule (signatures/rules).
 */
#ifndef FPS_MATCH_SELF_NAME_H
#define FPS_MATCH_SELF_NAME_H

#include "feature/feature.h"
#include "util/bytes.h"

/* fps_finding.admitted_by of them. */
#define FPS__ADMITTED_BY_ITSELF "names-itself"

enum { FPS__SELF_NAMES = 8, FPS__SELF_VERSION = 64 };

typedef struct fps__self_name {
    const char *id, *name, *purl, *cpe, *license; /* static; purl and cpe without version */
    /* Ids of components that share code or an interface with it and are not in it, NULL-terminated; NULL for none. */
    const char *const *donates;
    const char
        *soname; /* of a library that others link in: how the name of its own file begins; NULL for others */
    char version[FPS__SELF_VERSION];
    double confidence; /* 0..1, of component and version */
    const char *text;  /* that says so, in the features; not NUL-terminated */
    uint32_t length;   /* bytes of it */
    uint64_t offset;   /* as of its feature */
} fps__self_name;

/* What the literals of an object say that it is; each component once. Returns how many of names[0..FPS__SELF_NAMES). */
size_t fps__self_names(const fps__features *features, fps__self_name names[FPS__SELF_NAMES]);
/* True when the bytes hold such a text: an image without any header that tells its format. About 0.2 ns a byte. */
bool fps__has_self_name(fps__span bytes);

/* The id of component `index` that is known so; NULL out of range. An id may come several times. */
const char *fps__self_name_component(size_t index);

#endif
