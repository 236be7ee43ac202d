#include "a.h"
#define NAME "acme"
#define VERSION_TEXT NAME " " STR(MAJOR) ".1"
#define STR(x) #x
#define XSTR(x) STR(x)
#define MAJOR 3
#define CAST (const char *)
#define CHECK(c, m) fail("no: " #c, m)
extern "C" {
static const char *a[] = {"plain", u8"narrow", L"wide", R"x(raw)x", CAST "cast", "esc\x41\101\u00e9\0cut"};
int acme_open(const char *name)
{
    assert(name != NULL && "text");
    CHECK(name[0] == '"', "quote");
    __asm__ volatile("nop");
    return printf("%" PRIu64 " items of " VERSION_TEXT, count); /* comment */
}
}
