/* Messages for people on stderr, in which no byte of an input can reach the terminal as a control sequence.
 */
#ifndef TOOLS_COMMON_MESSAGE_H
#define TOOLS_COMMON_MESSAGE_H

#include <fpscan/status.h>
#include <stdio.h>

/* Writes "PROGRAM: TEXT" and a newline to stderr. Control characters and bytes that are not UTF-8 are shown
 * as \xNN. */
void message_print(const char *program, const char *format, ...) FPS_PRINTF(2, 3);

/* Writes the one line of a failure: "PROGRAM: PATH: MESSAGE (at byte N)". `what` names the input when the
 * error itself has no path; it may be NULL. */
void message_error(const char *program, const char *what, const fps_error *error);

/* Writes untrusted text to `stream` in the same safe form. */
void message_put_safe(FILE *stream, const char *text);

#endif
