/* A budget of bytes that many threads hold at once: first come, first served, so that a large request is not
 * passed for ever by small ones. */
#ifndef FPS_SCAN_BUDGET_H
#define FPS_SCAN_BUDGET_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct fps__budget {
    pthread_mutex_t lock;
    pthread_cond_t freed; /* on CLOCK_MONOTONIC */
    uint64_t limit, used; /* bytes; limit 0: none */
    uint64_t next_ticket, serving;
} fps__budget;

void fps__budget_init(fps__budget *budget, uint64_t limit);
void fps__budget_destroy(fps__budget *budget);
/* Waits until `size` bytes may be held. What is above the whole limit is given when nothing else is held.
 * `wait` (may be NULL) is called about every 50 ms of waiting, without the lock. */
void fps__budget_take(fps__budget *budget, uint64_t size, void (*wait)(void *user), void *user);
void fps__budget_give(fps__budget *budget, uint64_t size);

#endif
