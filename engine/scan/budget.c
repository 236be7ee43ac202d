/* A budget of bytes that many threads hold at once, served in the order of asking. */
#include "scan/budget.h"

#include "util/clock.h"

enum { WAIT_MS = 50 };

void fps__budget_init(fps__budget *budget, uint64_t limit)
{
    pthread_condattr_t monotonic;
    *budget = (fps__budget){.limit = limit};
    pthread_mutex_init(&budget->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&budget->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void fps__budget_destroy(fps__budget *budget)
{
    pthread_mutex_destroy(&budget->lock);
    pthread_cond_destroy(&budget->freed);
}

/* What is above the whole limit fits when nothing else is held. */
static bool fits(const fps__budget *budget, uint64_t size)
{
    if (!budget->limit || !budget->used)
        return true;
    return budget->used < budget->limit && size <= budget->limit - budget->used;
}

/* One wait with the lock held; in between the caller may look around. */
static void wait_once(fps__budget *budget, void (*wait)(void *user), void *user)
{
    if (!wait) {
        pthread_cond_wait(&budget->freed, &budget->lock);
        return;
    }
    struct timespec until = fps__clock_after(WAIT_MS);
    pthread_cond_timedwait(&budget->freed, &budget->lock, &until);
    pthread_mutex_unlock(&budget->lock);
    wait(user);
    pthread_mutex_lock(&budget->lock);
}

void fps__budget_take(fps__budget *budget, uint64_t size, void (*wait)(void *user), void *user)
{
    pthread_mutex_lock(&budget->lock);
    uint64_t ticket = budget->next_ticket++;
    while (budget->serving != ticket || !fits(budget, size))
        wait_once(budget, wait, user);
    budget->serving++;
    budget->used += size;
    pthread_cond_broadcast(&budget->freed);
    pthread_mutex_unlock(&budget->lock);
}

void fps__budget_give(fps__budget *budget, uint64_t size)
{
    pthread_mutex_lock(&budget->lock);
    budget->used -= size;
    pthread_cond_broadcast(&budget->freed);
    pthread_mutex_unlock(&budget->lock);
}
