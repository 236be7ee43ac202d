/* The names that a user can mean: of components in sets, rules and results, and of packages.
 *
 *   fps_names_create(&names, &error)
 *   fps_names_add_database(names, database, &error)      and the other sources
 *   if (!fps_names_has(names, "opensl"))
 *       puts(fps_names_nearest(names, "opensl"))         "openssl"
 *   fps_names_free(names)
 *
 * A name is the id or name of a component, the name or source of a package, or a package URL ("pkg:TYPE/..."), of which version,
 * qualifiers and subpath do not count. Filling is for one thread; asking is thread-safe.
 */
#ifndef FPSCAN_NAMES_H
#define FPSCAN_NAMES_H

#include <fpscan/result.h>

FPS_BEGIN_DECLS

typedef struct fps_names fps_names;

/* An empty collection. *names is the caller's, to be freed by fps_names_free; NULL on failure. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_names_create(fps_names **names, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_names_free(fps_names *names);

/* Adds one name. `name` is copied; NULL and "" add nothing. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_names_add(fps_names *names, const char *name, fps_error *error);
/* Adds all components of an open set, those without features included, and what distributions call them: a name that fits a
 * pattern of their sources is known. The set must outlive `names`. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_names_add_database(fps_names *names, const fps_database *database, fps_error *error);
/* Adds the components of a result, and those that they may be instead. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_names_add_components(fps_names *names, const fps_result *result, fps_error *error);
/* Adds the packages of a result. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_names_add_packages(fps_names *names, const fps_result *result, fps_error *error);

/* True when something is called so. */
FPS_API bool fps_names_has(const fps_names *names, const char *name);
/* The name that is most like `name`, by the number of letters to insert, remove, replace or swap (at most a third of its length,
 * or one; upper and lower case are the same), and by what names of a project have in common ("libexpat1" and "expat"). The first
 * in alphabetical order of several. NULL when none is like it. It lives as long as `names` is not changed. */
FPS_API const char *fps_names_nearest(const fps_names *names, const char *name);

FPS_END_DECLS

#endif
