/* The inside of a source, for the files that implement it. */
#ifndef FPS_SOURCE_SOURCE_STATE_H
#define FPS_SOURCE_SOURCE_STATE_H

#include "source/source_links.h"
#include "source/walk.h"

struct fps__source {
    fps__walk_settings settings; /* its root is the target, or the directory that the target file lies in */
    fps__walk *walk;             /* NULL for a file */
    fps__links links;
    bool links_full_said;
    fps__source_entry single; /* the target when it is a file */
    bool single_given;
};

#endif
