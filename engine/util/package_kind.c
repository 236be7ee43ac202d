/* The table of package kinds. */
#include "util/package_kind.h"

#define LINE(kind, type, ecosystem, manages, vendor, names, version, ends, reader)                           \
    [FPS_PACKAGE_##kind] = {                                                                                 \
        type, ecosystem, vendor, ends, FPS__MANAGES_##manages, FPS__NAMES_##names, FPS__VERSION_##version},

static const fps__package_facts kinds[] = {FPS__PACKAGE_KINDS(LINE)};

_Static_assert(sizeof kinds / sizeof *kinds == FPS__PACKAGE_KIND_COUNT,
               "the table has gaps or is not in order");

const fps__package_facts *fps__package_kind(fps_package_kind kind)
{
    return &kinds[(unsigned)kind < FPS__PACKAGE_KIND_COUNT ? kind : FPS_PACKAGE_GENERIC];
}

bool fps__package_is_system(fps_package_kind kind)
{
    return fps__package_kind(kind)->manages == FPS__MANAGES_SYSTEM;
}
