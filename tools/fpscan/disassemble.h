/* Lists functions of one file, or of a member of an archive, in normalised form. */
#ifndef TOOLS_FPSCAN_DISASSEMBLE_H
#define TOOLS_FPSCAN_DISASSEMBLE_H

#include "settings.h"

/* Writes the functions that --disassemble selects, by address (0x... or decimal) or symbol name, to standard
 * output. `path` is a file, or "ARCHIVE(MEMBER)". False: a message was printed. */
bool disassemble(const char *path, const settings *s);

#endif
