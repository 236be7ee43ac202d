/* The monotonic clock, and deadlines on it. A deadline is a time in milliseconds; 0 means that there is none. */
#ifndef FPS_UTIL_CLOCK_H
#define FPS_UTIL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds on CLOCK_MONOTONIC. */
uint64_t fps__clock_ms(void);
/* The deadline that lies `timeout_ms` from now; 0 for a timeout of 0. */
uint64_t fps__deadline_after(uint64_t timeout_ms);
/* The earlier of two deadlines. */
uint64_t fps__deadline_earlier(uint64_t a, uint64_t b);
/* True from the millisecond of the deadline on; false without a deadline. */
bool fps__deadline_passed(uint64_t deadline_ms);
/* A deadline for a loop over foreign bytes, cheap enough to be asked at every step. One thread's. */
typedef struct fps__alarm {
    uint64_t deadline_ms; /* 0: it never rings */
    uint32_t steps;       /* left until the clock is looked at again; 0 at first */
    bool rang;
} fps__alarm;

enum { FPS__ALARM_STEPS = 4096 }; /* between two looks at the clock: a step of a microsecond makes 4 ms */

/* True from the deadline on, and then for ever. */
static inline bool fps__alarm_rings(fps__alarm *alarm)
{
    if (alarm->rang || !alarm->deadline_ms)
        return alarm->rang;
    if (alarm->steps) {
        alarm->steps--;
        return false;
    }
    alarm->steps = FPS__ALARM_STEPS;
    return alarm->rang = fps__deadline_passed(alarm->deadline_ms);
}

/* A time `wait_ms` from now, as pthread_cond_timedwait takes it on a condition of CLOCK_MONOTONIC. */
struct timespec fps__clock_after(uint64_t wait_ms);

#endif
