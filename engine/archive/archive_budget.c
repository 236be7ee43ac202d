/* The limits that an outermost archive and all in it share, and what was used of them. */
#include "archive/archive_budget.h"

#include "util/clock.h"
#include "util/error.h"

enum { FREE_OF_RATIO = 64 * 1024 * 1024 };

void fps__archive_budget_init(fps__archive_budget *budget, const fps__archive_limits *limits, uint64_t packed)
{
    static const fps__archive_limits defaults = {8, (uint64_t)1 << 30, (uint64_t)32 << 30, 1000, 4000000, 0};
    fps__archive_limits used = limits ? *limits : defaults;
    used.depth = used.depth ? used.depth : defaults.depth;
    used.file_size = used.file_size ? used.file_size : defaults.file_size;
    used.total_size = used.total_size ? used.total_size : defaults.total_size;
    used.ratio = used.ratio ? used.ratio : defaults.ratio;
    used.entries = used.entries ? used.entries : defaults.entries;
    *budget = (fps__archive_budget){.limits = used, .packed = packed};
}

fps_status fps__archive_charge(fps__archive_budget *budget, uint64_t bytes, fps_error *error)
{
    if (fps__deadline_passed(budget->limits.deadline_ms)) {
        budget->unpacked = budget->limits.total_size;
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "the time for one file ran out");
    }
    if (bytes > budget->limits.total_size - budget->unpacked) {
        budget->unpacked = budget->limits.total_size;
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %llu bytes unpacked",
                         (unsigned long long)budget->limits.total_size);
    }
    budget->unpacked += bytes;
    if (budget->unpacked > FREE_OF_RATIO && budget->unpacked / budget->limits.ratio > budget->packed)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "unpacks to more than %llu times its size of %llu bytes",
                         (unsigned long long)budget->limits.ratio, (unsigned long long)budget->packed);
    return FPS_OK;
}

fps_status fps__archive_charge_entry(fps__archive_budget *budget, fps_error *error)
{
    if (++budget->entries <= budget->limits.entries)
        return FPS_OK;
    return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %llu entries",
                     (unsigned long long)budget->limits.entries);
}
