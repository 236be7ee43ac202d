/* Kinds of packages: one table of what the rooms know about each of them. */
#include "util/package_kind.h"

const fps__package_kind *fps__package_kind_of(fps_package_kind kind)
{
#define FACTS(KIND, name, ecosystem, scope, version, purl, space, arch, upstream, ends, reader)              \
    [FPS_PACKAGE_##KIND] = {name,                                                                            \
                            ecosystem,                                                                       \
                            FPS__SCOPE_##scope,                                                              \
                            FPS__SCOPE_##scope == FPS__SCOPE_CHECKED,                                        \
                            FPS__VERSION_##version,                                                          \
                            FPS__PURL_##purl,                                                                \
                            space,                                                                           \
                            arch,                                                                            \
                            FPS__UPSTREAM_##upstream,                                                        \
                            ends},
    static const fps__package_kind kinds[FPS__PACKAGE_KIND_COUNT] = {FPS__PACKAGE_KINDS(FACTS)};
#undef FACTS
    static const fps__package_kind unknown = {
        .name = "unknown", .ecosystem = "", .purl_namespace = "", .architecture = "", .name_ends = ""};
    return (unsigned)kind < FPS__PACKAGE_KIND_COUNT ? &kinds[kind] : &unknown;
}
