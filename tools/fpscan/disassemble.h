/* Lists functions of one file, or of a member of an archive, in normalised form. */
#ifndef TOOLS_FPSCAN_DISASSEMBLE_H
#define TOOLS_FPSCAN_DISASSEMBLE_H

#include "settings.h"

/* Writes to standard output the functions at the places that --disassemble names: addresses (0x... or
 * decimal) or names of symbols. `path` is a file, or "ARCHIVE(MEMBER)". False: a line was printed. */
bool disassemble(const char *path, const settings *s);

#endif
