/* Jars inside of one file: their poms and manifests while it is unpacked, and then what each of them is.
 *
 *   fps__jar_begins(u, path)                 for each archive that is met
 *   fps__jar_passes(u, path, head)           for each file
 *   if (fps__jar_wants(path))                for each file
 *       fps__jar_read(u, path, bytes)
 *   fps__jars_settle(u)                      at the end: a package for each jar, and which poms are of copied artifacts
 *   fps__jar_name(&found, path, &arena)      when the path of the file itself is known, which a cached answer does not hold
 */
#ifndef FPS_SCAN_JAR_PACKAGES_H
#define FPS_SCAN_JAR_PACKAGES_H

#include "scan/unpacking.h"

/* True for the files of a jar that tell what it is. `path` is inside the innermost package. */
bool fps__jar_wants(const char *path);
/* Takes note of a file that goes by, read or not; classes count. `head`: its first bytes. */
void fps__jar_passes(fps__unpacking *u, const char *path, fps__span head);
/* Ends what fps__jar_passes has gathered: paths of other archives, or inside another package, follow. */
void fps__jar_pause(fps__unpacking *u);
/* Takes note of an archive at `path` if its name is that of a Java archive. */
void fps__jar_begins(fps__unpacking *u, const char *path);
/* Reads a file that fps__jar_wants. A pom.xml that cannot be read is a partial diagnostic. */
void fps__jar_read(fps__unpacking *u, const char *path, fps__span bytes);
/* Adds the packages of all jars but the file itself. `u->no_memory` is set without memory. */
void fps__jars_settle(fps__unpacking *u);
/* True when the manifest of a jar has a field of use, so that it is what names the jar. `manifest`: see fps__jar. */
bool fps__jar_has_manifest(const char *manifest);
/* Frees what the functions above keep. */
void fps__jars_free(fps__unpacking *u);

/* The file itself, if it is a jar: adds its package to `found`, or chooses one of its poms, and gives it the members and
 * packages that nothing else owns. The lists of `found` are replaced by copies in `arena`. False without memory. */
bool fps__jar_name(fps__analysed_file *found, const char *path, fps__arena *arena);

#endif
