/* Archives of Python modules that PyInstaller makes. */
#ifndef FPS_PROGRAM_PYTHON_ARCHIVE_H
#define FPS_PROGRAM_PYTHON_ARCHIVE_H

#include "program/program.h"

/* True when the bytes are such an archive, by its header. Thread-safe. */
bool fps__is_python_archive(fps__span bytes);
/* Lists the packages of which the archive holds modules that say the version: likely ones, since a module is not called as its
 * package must be. As fps__program_read. */
fps_status fps__python_archive_read(fps__program *program, fps__span bytes, uint64_t deadline_ms,
                                    fps__arena *arena);

#endif
