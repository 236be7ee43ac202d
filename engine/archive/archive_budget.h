/* Charges what is read of an archive to its budget. fps__archive_budget_init stands in archive.h. */
#ifndef FPS_ARCHIVE_ARCHIVE_BUDGET_H
#define FPS_ARCHIVE_ARCHIVE_BUDGET_H

#include "archive/archive.h"

/* `bytes` that were unpacked or are about to be. FPS_ERROR_LIMIT when there are too many of them, for all or for the size of the
 * outermost archive, or when the time is over. */
fps_status fps__archive_charge(fps__archive_budget *budget, uint64_t bytes, fps_error *error);
/* One entry. FPS_ERROR_LIMIT when there are too many. */
fps_status fps__archive_charge_entry(fps__archive_budget *budget, fps_error *error);

#endif
