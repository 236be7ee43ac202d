/* A quota: bytes or steps that a run may use up, taken before they are used. Any thread may take. */
#ifndef FPS_UTIL_QUOTA_H
#define FPS_UTIL_QUOTA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct fps__quota {
    _Atomic uint64_t left;
} fps__quota;

/* Takes `amount`; false, and nothing is taken, when less than that is left. */
static inline bool fps__quota_take(fps__quota *quota, uint64_t amount)
{
    uint64_t left = atomic_load_explicit(&quota->left, memory_order_relaxed);
    do {
        if (amount > left)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&quota->left, &left, left - amount, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

static inline void fps__quota_give(fps__quota *quota, uint64_t amount)
{
    atomic_fetch_add_explicit(&quota->left, amount, memory_order_relaxed);
}

static inline uint64_t fps__quota_left(const fps__quota *quota)
{
    return atomic_load_explicit(&quota->left, memory_order_relaxed);
}

#endif
