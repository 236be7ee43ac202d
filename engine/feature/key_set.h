/* A set of 64-bit keys: open addressing, grows, never shrinks; for seeing each key once. */
#ifndef FPS_FEATURE_KEY_SET_H
#define FPS_FEATURE_KEY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fps__key_set {
    uint64_t *slots; /* 0 is empty; the key 0 never occurs, since kinds begin at 1 */
    size_t size, count;
} fps__key_set;

typedef enum fps__key_set_result { FPS__KEY_NEW, FPS__KEY_KNOWN, FPS__KEY_NO_MEMORY } fps__key_set_result;

fps__key_set_result fps__key_set_add(fps__key_set *set, uint64_t key);
void fps__key_set_free(fps__key_set *set);

#endif
