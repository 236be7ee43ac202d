/* Narrowing versions by files of the same component beside them. */
#ifndef FPS_RESULT_SIBLINGS_H
#define FPS_RESULT_SIBLINGS_H

#include "result/result_build.h"

/* An object that alone allows several releases is narrowed to the one that all other objects of its component
 * in the target, or else in its folder, agree on, when it allows that one too. Only objects that are the
 * component's own count, and the answer says what narrowed it. Call before fps__result_finish. False without
 * memory. */
bool fps__siblings_narrow(fps_result *result);

#endif
