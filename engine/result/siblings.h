/* Narrowing versions by files of the same component and package. */
#ifndef FPS_RESULT_SIBLINGS_H
#define FPS_RESULT_SIBLINGS_H

#include "result/result_build.h"

/* An object that alone allows several releases is narrowed to the one that all other objects of its component in
 * the same package, or in packages of the same source and version, or else in its folder there, agree on, when it allows that one too. Files without an
 * owner neither narrow nor are narrowed. Only objects that are the component's own count; the answer says what
 * narrowed it, and keeps what the object alone allows. Owners must be known; call fps__result_finish again
 * afterwards. False without memory. */
bool fps__siblings_narrow(fps_result *result);

#endif
