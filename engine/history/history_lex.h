/* Reads C and C++ source text: string literals as the compiler makes them, macros, and names of functions.
 *
 * Not a preprocessor: all branches of #if are read, and what macros give is not known here. A text that is
 * joined with a macro, or made by one, is therefore given in parts, for history_macro.c to put together once
 * the macros of the release are known.
 */
#ifndef FPS_HISTORY_HISTORY_LEX_H
#define FPS_HISTORY_HISTORY_LEX_H

#include "util/bytes.h"

#include <fpscan/status.h>

/* Parts of a text. Each is the byte of its kind and a text with its NUL; of a call, two texts. */
typedef enum fps__lex_part {
    FPS__LEX_TEXT = 1,      /* bytes of a literal */
    FPS__LEX_MACRO = 2,     /* a macro without arguments, by its name */
    FPS__LEX_CALL = 3,      /* a macro with one argument: name, argument */
    FPS__LEX_PARAMETER = 4, /* in a definition: the text of the argument, whose number is a digit */
    FPS__LEX_UNKNOWN = 5,   /* nothing that can be known */
} fps__lex_part;

typedef enum fps__lex_kind {
    FPS__LEX_LITERAL, /* text[0..size): a literal; without NUL */
    FPS__LEX_JOINED,  /* text[0..size): parts that make one literal */
    FPS__LEX_DEFINE,  /* a macro `name`; text[0..size): the parts it gives; one event a text it makes */
    FPS__LEX_INVOKE, /* what may be a macro that makes texts of its arguments: `name`; `index` and text of one */
    FPS__LEX_DECLARED, /* `name` stands before a parenthesis outside of directives */
    FPS__LEX_DEFINED,  /* `name` is a function with a body that other files can call */
} fps__lex_kind;

typedef struct fps__lex_event {
    fps__lex_kind kind;
    const char *name; /* not NUL-terminated */
    size_t name_size;
    const char *text;
    size_t size;
    unsigned index;
    bool call; /* FPS__LEX_DEFINE: a macro with parameters */
} fps__lex_event;

/* A failure ends the reading. What the event points to is valid during the call. */
typedef fps_status (*fps__lex_callback)(void *user, const fps__lex_event *event);

enum {
    FPS__LEX_PARTS = 65536, /* bytes of the longest literal in parts */
    FPS__LEX_NAME_LEAST = 5,
    FPS__LEX_NAME_MOST = 64, /* bytes of a name that counts */
};

/* Reads source text. Time is linear in its size. FPS_ERROR_MEMORY; what the callback returns. */
fps_status fps__lex_source(fps__span source, fps__lex_callback callback, void *user);
/* Reads an export list (.def, .map, .sym ...): each name in it is an event FPS__LEX_DECLARED. */
fps_status fps__lex_exports(fps__span source, fps__lex_callback callback, void *user);

#endif
