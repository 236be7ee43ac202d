/* Every diagnostic code of the library: the words that reports, --allow-partial and users' scripts rely on.
 *
 * A code is added here and used in the engine as a string literal; tests/lint/check_diagnostics.py compares
 * the two. A code that has been released keeps its name and its meaning.
 */
#ifndef FPS_UTIL_DIAGNOSTIC_CODES_H
#define FPS_UTIL_DIAGNOSTIC_CODES_H

/* X(code, level, meaning). The level is the highest that the code can have: a row with PARTIAL may also be
 * given as a note where nothing was missed. Sorted by code. */
#define FPS__DIAGNOSTIC_CODES(X)                                                                             \
    X("ambiguous-archive", PARTIAL, "the tables of an archive contradict each other; it was read by both")   \
    X("archive-limit", PARTIAL, "an archive exceeds a limit of size, depth, time or compression ratio")      \
    X("bad-parent", NOTE, "a layer puts a file below something that is not a directory")                     \
    X("bad-whiteout", NOTE, "a whiteout removes nothing, or contains bytes")                                 \
    X("broken-dependency-list", PARTIAL,                                                                     \
      "the list of packages in a program could not be read, or not all of it")                               \
    X("broken-package-database", PARTIAL, "a package database, or part of it, could not be read")            \
    X("cache-not-written", NOTE, "answers could not be saved in the cache, or read")                         \
    X("changed-while-read", PARTIAL, "a file changed while it was read")                                     \
    X("clr-metadata-damaged", NOTE, "the metadata of a .NET assembly cannot be read")                        \
    X("damaged-archive", PARTIAL, "an archive is damaged; members before the damage were scanned")           \
    X("damaged-layer", PARTIAL, "the tar of a layer is damaged")                                             \
    X("damaged-object", PARTIAL, "sigbuild: an object in a package could not be read")                       \
    X("damaged-set", PARTIAL, "a signature set contains invalid values, which were skipped")                 \
    X("dangling-hard-link", NOTE, "the target of a hard link does not exist")                                \
    X("directory-loop", NOTE, "a directory is its own ancestor and was not entered again")                   \
    X("directory-out-of-file", NOTE, "a PE data directory lies outside of the file")                         \
    X("doubtful-release", NOTE,                                                                              \
      "sigbuild: a tag says another version than its sources, or two tags name the same files")              \
    X("duplicate-member", NOTE, "an image archive contains two members of one name")                         \
    X("duplicate-path", NOTE, "a layer lists a path twice; the last entry counts")                           \
    X("dynamic-name-damaged", NOTE, "a name in the dynamic section cannot be read")                          \
    X("dynamic-table-damaged", NOTE, "the dynamic section cannot be read")                                   \
    X("export-table-damaged", NOTE, "the PE export table cannot be read")                                    \
    X("feature-limit", PARTIAL, "sigbuild: an object has more features than are kept")                       \
    X("folder-depth", PARTIAL, "sigbuild: directories are nested too deeply")                                \
    X("foreign-layer", PARTIAL, "the bytes of a layer are not part of the image")                            \
    X("function-limit", PARTIAL, "an object has more functions than are read")                               \
    X("function-out-of-region", NOTE, "function symbols lie outside of the executable bytes")                \
    X("function-table-damaged", NOTE, "records of Go's function table cannot be read")                       \
    X("functions-overlap", NOTE, "functions that overlap too many others were ignored")                      \
    X("hard-links-not-joined", NOTE, "too many hard links: some names of files are missing or separate")     \
    X("hash-table-damaged", NOTE, "a symbol hash table cannot be read")                                      \
    X("hidden-content", PARTIAL, "a program or archive inside another file was not scanned")                 \
    X("history-mismatch", NOTE, "the image's history and its layers differ in number")                       \
    X("ignore-expired", NOTE, "an entry of an ignore file has expired and does not apply")                   \
    X("image-limit", PARTIAL, "the layers of an image unpack to more than the limit")                        \
    X("import-table-damaged", NOTE, "the PE import table cannot be read")                                    \
    X("interrupted", PARTIAL, "the scan was interrupted before the file was looked at")                      \
    X("inventory-limit", PARTIAL, "package databases are larger than may be kept in memory")                 \
    X("layer-limit", PARTIAL, "a layer exceeds a limit of size or number of entries")                        \
    X("list-limit", NOTE, "a list in an object is longer than is read")                                      \
    X("missing-index", NOTE, "an image index names a manifest that is missing")                              \
    X("missing-layer", PARTIAL, "the blob of a layer is missing")                                            \
    X("name-cut", NOTE, "a name in an object is too long or has no end, and was truncated")                  \
    X("name-limit", NOTE, "overlapping names in an object would take too much memory")                       \
    X("name-too-long", NOTE, "a path in a layer was truncated to 4,096 bytes")                               \
    X("no-base-images", NOTE, "the table of base images could not be read")                                  \
    X("no-cache", NOTE, "the cache could not be used; the scan ran without it")                              \
    X("no-end-mark", NOTE, "a tar has no end mark")                                                          \
    X("no-package-database", PARTIAL, "a root has no package database that is known")                        \
    X("no-version", NOTE, "sigbuild: a package has no version, and none was given")                          \
    X("note-damaged", NOTE, "an ELF note does not fit into its section")                                     \
    X("other-file-system", NOTE, "a directory on another file system was not entered (--one-file-system)")   \
    X("other-members", PARTIAL, "members of an archive of objects are not ELF files and were not scanned")   \
    X("out-of-memory", PARTIAL, "there was no memory to scan a file")                                        \
    X("overlapping-sections", NOTE, "PE sections overlap")                                                   \
    X("overlapping-segments", NOTE, "ELF segments overlap")                                                  \
    X("packed-program", PARTIAL,                                                                             \
      "a program is packed or encrypted; a note where it was unpacked and scanned")                          \
    X("patch-without-function", NOTE,                                                                        \
      "sigbuild: a patch changes no function that can be told apart by its code")                            \
    X("path-escape", NOTE, "a path in a layer would leave the root")                                         \
    X("preallocated-file", NOTE, "a large file that holds one byte again and again was passed over")         \
    X("program-headers-damaged", PARTIAL, "the ELF program headers cannot be read")                          \
    X("pseudo-file-system", NOTE, "a pseudo file system such as /proc was not entered")                      \
    X("refused-kind", PARTIAL, "features in a set were made with other parameters and are not used")         \
    X("relocation-limit", NOTE, "relocation tables overlap; the rest was not read")                          \
    X("relocations-damaged", NOTE, "relocations cannot be read")                                             \
    X("rules-cache-not-written", NOTE, "compiled rules could not be saved in the cache")                     \
    X("rules-cache-refused", NOTE, "compiled rules in the cache could not be trusted or read")               \
    X("section-mismatch", NOTE, "a section contradicts the segments; the segments are used")                 \
    X("section-names-damaged", NOTE, "the section names cannot be read")                                     \
    X("section-out-of-file", PARTIAL, "a section lies outside of the file")                                  \
    X("section-table-damaged", PARTIAL, "the section table cannot be read")                                  \
    X("segment-out-of-file", PARTIAL, "a segment lies outside of the file")                                  \
    X("symbol-limit", PARTIAL, "an object has more symbols than are read")                                   \
    X("symbol-table-damaged", NOTE, "a symbol table cannot be read")                                         \
    X("timeout", PARTIAL, "the time limit was reached before the file was scanned")                          \
    X("too-deep", PARTIAL, "a path is too long or nested too deeply to follow")                              \
    X("too-large", PARTIAL, "a file is larger than the size limit")                                          \
    X("too-many-directories", PARTIAL, "the target has more directories than are walked")                    \
    X("too-many-features", PARTIAL, "an object has more features than are kept")                             \
    X("too-many-links", PARTIAL, "paths of a layer lead through more links than are followed")               \
    X("too-many-members", PARTIAL, "an archive of objects has more members than are read")                   \
    X("too-many-names", PARTIAL, "the target has more paths than are kept")                                  \
    X("too-many-rule-hits", PARTIAL, "version rules matched an object more often than is kept")              \
    X("trailing-data", PARTIAL, "there is data after the end of an archive or layer")                        \
    X("truncated-dynamic", NOTE, "the dynamic section ends outside of the file")                             \
    X("truncated-layer", PARTIAL, "the tar of a layer ends too early")                                       \
    X("truncated-note", NOTE, "an ELF note section ends outside of the file")                                \
    X("truncated-program-headers", PARTIAL, "the ELF program headers end outside of the file")               \
    X("truncated-section", PARTIAL, "a section ends outside of the file")                                    \
    X("truncated-section-table", PARTIAL, "the section table ends outside of the file")                      \
    X("truncated-segment", PARTIAL, "a segment ends outside of the file")                                    \
    X("unknown-layout", PARTIAL, "the target looks like an image, in a layout that is not known")            \
    X("unknown-machine", PARTIAL, "an object has code of an unknown machine, which was not looked at")       \
    X("unknown-section", NOTE, "a signature set has a section that this build does not know")                \
    X("unread-container", PARTIAL, "fpscan cannot look into this type of container")                         \
    X("unreadable", PARTIAL, "a file or directory could not be read")                                        \
    X("unreadable-archive", PARTIAL, "an archive could not be read")                                         \
    X("unreadable-file", PARTIAL, "sigbuild: a file could not be read")                                      \
    X("unreadable-folder", PARTIAL, "sigbuild: a directory could not be read")                               \
    X("unreadable-history", PARTIAL, "sigbuild: a release history could not be read or made")                \
    X("unreadable-layer", PARTIAL, "a layer could not be read")                                              \
    X("unreadable-object", PARTIAL, "an ELF, PE or Mach-O file has a header that cannot be used")            \
    X("unreadable-release", PARTIAL,                                                                         \
      "sigbuild: a release in a repository, or a part of it, could not be read")                             \
    X("unsupported-archive", PARTIAL, "an archive uses a format or compression that cannot be read")         \
    X("unwind-entry-damaged", NOTE, "unwind entries cannot be read")                                         \
    X("unwind-range-damaged", NOTE, "unwind entries are empty or cover no executable bytes")                 \
    X("unwind-table-damaged", NOTE, "an unwind table cannot be read")                                        \
    X("vanished", NOTE, "a file disappeared during the scan")                                                \
    X("version-resource-damaged", NOTE, "a PE version resource cannot be read")                              \
    X("version-table-damaged", NOTE, "a symbol version table cannot be read")                                \
    X("wrong-digest", PARTIAL, "the bytes of a layer do not match the digest in the manifest")               \
    X("yara", PARTIAL, "YARA rules could not be applied to a file")

#endif
