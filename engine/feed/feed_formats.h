/* The readers of all formats: for feed_format.c, and what some of them share. */
#ifndef FPS_FEED_FEED_FORMATS_H
#define FPS_FEED_FEED_FORMATS_H

#include "feed/feed.h"

#define FPS__FEED_VALUE_FORMAT(NAME)                                                                         \
    bool fps__feed_is_##NAME(const json_t *value);                                                           \
    fps_status fps__feed_read_##NAME(fps__feed *feed, json_t *value, fps_error *error);
#define FPS__FEED_BYTES_FORMAT(NAME)                                                                         \
    bool fps__feed_is_##NAME(fps__span bytes, const char *path);                                             \
    fps_status fps__feed_read_##NAME(fps__feed *feed, fps__span bytes, const char *path, fps_error *error);

FPS__FEED_VALUE_FORMAT(osv)
FPS__FEED_VALUE_FORMAT(ruby)
FPS__FEED_VALUE_FORMAT(cve)
FPS__FEED_VALUE_FORMAT(nvd)
FPS__FEED_VALUE_FORMAT(nvd_override)
FPS__FEED_VALUE_FORMAT(debian_tracker)
FPS__FEED_VALUE_FORMAT(alpine)
FPS__FEED_VALUE_FORMAT(csaf)
FPS__FEED_VALUE_FORMAT(openvex)
FPS__FEED_VALUE_FORMAT(kev)
FPS__FEED_BYTES_FORMAT(rustsec)
FPS__FEED_BYTES_FORMAT(debian_list)
FPS__FEED_BYTES_FORMAT(facts)
FPS__FEED_BYTES_FORMAT(oval)
FPS__FEED_BYTES_FORMAT(epss)
FPS__FEED_BYTES_FORMAT(grype)
FPS__FEED_BYTES_FORMAT(trivy)
FPS__FEED_BYTES_FORMAT(names)

/* The texts of an array as further names of an advisory. */
fps_status fps__feed_put_names(fps__feed *feed, int64_t advisory, const json_t *names, fps_error *error);
/* The advisory of a CVE that carries nothing but its name. */
fps_status fps__feed_put_cve(fps__feed *feed, const char *name, int64_t *id, fps_error *error);

#undef FPS__FEED_VALUE_FORMAT
#undef FPS__FEED_BYTES_FORMAT

#endif
