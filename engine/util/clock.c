/* The monotonic clock, and deadlines on it. */
#include "util/clock.h"

enum { MS_PER_SECOND = 1000, NS_PER_MS = 1000000, NS_PER_SECOND = 1000000000 };

static struct timespec now(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time); /* cannot fail: Linux always has this clock */
    return time;
}

uint64_t fps__clock_ms(void)
{
    struct timespec time = now();
    return (uint64_t)time.tv_sec * MS_PER_SECOND + (uint64_t)time.tv_nsec / NS_PER_MS;
}

uint64_t fps__deadline_after(uint64_t timeout_ms)
{
    uint64_t start = fps__clock_ms();
    if (!timeout_ms)
        return 0;
    return timeout_ms < UINT64_MAX - start ? start + timeout_ms : UINT64_MAX;
}

uint64_t fps__deadline_earlier(uint64_t a, uint64_t b)
{
    if (!a || !b)
        return a ? a : b;
    return a < b ? a : b;
}

bool fps__deadline_passed(uint64_t deadline_ms)
{
    return deadline_ms && fps__clock_ms() >= deadline_ms;
}

struct timespec fps__clock_after(uint64_t wait_ms)
{
    struct timespec time = now();
    time.tv_sec += (time_t)(wait_ms / MS_PER_SECOND);
    time.tv_nsec += (long)(wait_ms % MS_PER_SECOND) * NS_PER_MS;
    time.tv_sec += time.tv_nsec / NS_PER_SECOND;
    time.tv_nsec %= NS_PER_SECOND;
    return time;
}
