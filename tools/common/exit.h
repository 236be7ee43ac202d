/* Exit codes of the programs, and what --help and the man page say about them. */
#ifndef TOOLS_COMMON_EXIT_H
#define TOOLS_COMMON_EXIT_H

/* X(name, code, text). If several apply, 1 takes precedence over 2, then 3, then 4. */
#define EXIT_CODES(X)                                                                                        \
    X(TOOL_EXIT_OK, 0, "success")                                                                            \
    X(TOOL_EXIT_ERROR, 1, "error: a bad option, a missing or damaged input, a failed write")                 \
    X(TOOL_EXIT_GATE, 2, "--fail-on: the result has what the command line forbids")                          \
    X(TOOL_EXIT_PARTIAL, 3, "partial: some files that may contain code could not be scanned")                \
    X(TOOL_EXIT_EMPTY, 4, "the target contains no regular file")                                             \
    X(TOOL_EXIT_INTERRUPTED, 130, "interrupted: the report holds what was found so far")

typedef enum tool_exit {
#define X(name, code, text) name = code,
    EXIT_CODES(X)
#undef X
} tool_exit;

#endif
