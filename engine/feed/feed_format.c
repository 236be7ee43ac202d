/* The table of formats. A format is a file feed_FORMAT.c and a line here; the first one that fits a document reads it. */
#include "feed/feed_formats.h"

#include <fpscan/advisory_build.h>

#define VALUE(NAME, record, about)                                                                           \
    {                                                                                                        \
#NAME, FPS__FEED_JSON, record, about, fps__feed_is_##NAME, NULL, fps__feed_read_##NAME, NULL         \
    }
#define BYTES(NAME, syntax, record, about)                                                                   \
    {                                                                                                        \
#NAME, syntax, record, about, NULL, fps__feed_is_##NAME, NULL, fps__feed_read_##NAME                 \
    }

static const fps__feed_format formats[] = {
    VALUE(osv, true, "OSV to 1.7, JSON or YAML"),
    BYTES(rustsec, FPS__FEED_TEXT, true, "RustSec: Markdown with a TOML head"),
    VALUE(cve, true, "CVE records 5.x, with CISA's SSVC"),
    VALUE(nvd_override, true, "NVD 2.0 configurations in the wrapped form of overrides"),
    VALUE(nvd, false, "NVD 2.0: answers of its API, and feeds"),
    VALUE(csaf, true, "CSAF 2.0: VEX and advisories of Red Hat, SUSE, MSRC and others"),
    VALUE(openvex, true, "OpenVEX"),
    VALUE(kev, false, "CISA's catalogue of known exploited vulnerabilities"),
    VALUE(alpine, false, "Alpine's secdb, JSON or YAML"),
    VALUE(ruby, true, "advisories of rubysec, YAML"),
    VALUE(debian_tracker, false, "Debian's security tracker, JSON"),
    BYTES(debian_list, FPS__FEED_TEXT, false, "Debian's lists of DSA and DLA, and its list of CVEs"),
    BYTES(facts, FPS__FEED_TEXT, false, "facts of changelogs, as vulnbuild changelog writes them"),
    BYTES(names, FPS__FEED_TEXT, false,
          "names of components in other sources (signatures/advisory-names.txt)"),
    BYTES(oval, FPS__FEED_TEXT, false, "OVAL of Ubuntu, Oracle, Amazon and others"),
    BYTES(epss, FPS__FEED_TEXT, false, "EPSS, csv"),
    BYTES(grype, FPS__FEED_BINARY, false, "Grype's database of version 6, SQLite"),
    BYTES(trivy, FPS__FEED_BINARY, false, "Trivy's database, bbolt"),
};

const fps__feed_format *fps__feed_format_entry(size_t index)
{
    return index < sizeof formats / sizeof *formats ? &formats[index] : NULL;
}

const char *fps_advisory_format_name(size_t index)
{
    const fps__feed_format *format = fps__feed_format_entry(index);
    return format ? format->name : NULL;
}

const char *fps_advisory_format_about(size_t index)
{
    const fps__feed_format *format = fps__feed_format_entry(index);
    return format ? format->about : NULL;
}
