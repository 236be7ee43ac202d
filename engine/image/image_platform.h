/* Platforms of images, "OS/ARCHITECTURE[/VARIANT]": reading, comparing, and the host's own. */
#ifndef FPS_IMAGE_IMAGE_PLATFORM_H
#define FPS_IMAGE_IMAGE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

typedef struct fps__platform {
    char os[32], os_version[64], architecture[32], variant[32]; /* "" when not given; longer ones are cut */
} fps__platform;

enum { FPS__PLATFORM_TEXT = 192 };

/* Sets the parts, with the usual other names of architectures (x86_64, aarch64) and without variants that go
 * without saying (arm64/v8, arm/v7, amd64/v1). NULL is taken for "". */
void fps__platform_set(fps__platform *platform, const char *os, const char *architecture,
                       const char *variant);
/* "OS/ARCH[/VARIANT]", the OS also with its version: "windows(10.0.17763.1)/amd64". False when it is not so.
 */
bool fps__platform_parse(const char *text, fps__platform *platform);
/* linux and the architecture this program runs on. */
void fps__platform_host(fps__platform *platform);
/* 0: does not fit; 1: fits, with a variant or version that was not asked for; 2: fits. */
int fps__platform_fit(const fps__platform *wanted, const fps__platform *found);
/* Writes the text form, "unknown" when nothing is known. */
void fps__platform_print(const fps__platform *platform, char text[FPS__PLATFORM_TEXT]);

#endif
