/* What a text is worth as evidence, before it is known how many others hold it: texts that are short or have
 * no word are met by chance, and tables of bytes look like texts. The compiler weighs the features of a set by it, the decision the
 * share of an object that a component explains. */
#ifndef FPS_FEATURE_TEXT_WORTH_H
#define FPS_FEATURE_TEXT_WORTH_H

#include <stddef.h>

/* Macros, since the parameters that a set carries show them as text. */
#define FPS__TEXT_WORTH_FULL  16
#define FPS__TEXT_LETTERS     3 /* a text of fewer letters (A to Z in either case) in a row ... */
#define FPS__TEXT_WORTH_FEW   4 /* ... is worth this */
#define FPS__TEXT_LENGTH      8 /* another one of fewer bytes ... */
#define FPS__TEXT_WORTH_SHORT 8 /* ... this */

/* In sixteenths of a full one. */
unsigned fps__text_worth(const char *text, size_t length);

#endif
