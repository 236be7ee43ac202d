/* Adds features to a collector: each key once, up to a maximum. */
#include "feature/collect.h"

bool fps__collect_again(fps__collector *collector, const fps__feature *feature)
{
    if (collector->status == FPS_OK)
        collector->status = FPS__ARRAY_PUSH(&collector->items, feature, collector->maximum);
    return collector->status == FPS_OK;
}

bool fps__collect(fps__collector *collector, const fps__feature *feature)
{
    bool fresh;
    if (fps__alarm_rings(&collector->alarm))
        return false;
    if (!fps__key_map_add(&collector->seen, feature->key, &fresh)) {
        collector->status = FPS_ERROR_MEMORY;
        return false;
    }
    return fresh ? fps__collect_again(collector, feature) : collector->status == FPS_OK;
}
