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
/* A time `wait_ms` from now, as pthread_cond_timedwait takes it on a condition of CLOCK_MONOTONIC. */
struct timespec fps__clock_after(uint64_t wait_ms);

#endif
