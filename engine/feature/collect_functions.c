/* Collects the functions of an object, each by the hash of its normalised instructions. */
#include "code/functions.h"
#include "feature/collect.h"

#include <string.h>

enum { BYTES_BETWEEN = 256 * 1024 }; /* of code between two looks at the clock */

static void count_bytes(fps__collector *collector, const fps__function *function, uint32_t instructions)
{
    if (function->source != FPS__FUNCTION_FLOW && instructions < FPS__CODE_SUPPORT)
        collector->small_code_bytes += function->size;
}

static bool add_function(fps__collector *collector, const fps__machine *machine,
                         const fps__function *function, fps__code_buffer *buffer)
{
    fps__code code = fps__function_code(collector->object, collector->bytes.data, function);
    fps__code_result result;
    if (machine->normalise(&code, buffer, &result) != FPS_OK) {
        collector->status = FPS_ERROR_MEMORY;
        return false;
    }
    count_bytes(collector, function, result.instructions);
    if (result.instructions < FPS__CODE_SUPPORT)
        return true;
    fps__feature feature = {.key = fps__feature_key(result.hash, FPS__FEATURE_FUNCTION),
                            .offset = function->offset,
                            .address = function->address,
                            .text = function->name ? function->name : "",
                            .length = function->name ? (uint32_t)strlen(function->name) : 0,
                            .instructions = result.instructions,
                            .size = function->size,
                            .uncertain_start = function->source == FPS__FUNCTION_FLOW};
    return fps__collect(collector, &feature);
}

void fps__collect_functions(fps__collector *collector)
{
    const fps__machine *machine = fps__machine_find(collector->info);
    fps__functions functions;
    fps__code_buffer buffer = {0};
    uint64_t work = 0;
    if (!machine || collector->status != FPS_OK)
        return;
    const fps__function_options options = {.deadline_ms = collector->alarm.deadline_ms};
    fps_status status = fps__functions_find(collector->object, collector->bytes.data, collector->bytes.size,
                                            &options, collector->arena, &functions, NULL);
    if (status != FPS_OK) {
        collector->status = status;
        return;
    }
    collector->code_bytes = functions.executable_bytes;
    collector->diagnostics = functions.diagnostics;
    collector->diagnostic_count = functions.diagnostic_count;
    for (size_t i = 0; i < functions.count; i++) {
        work += functions.items[i].size;
        if (work > BYTES_BETWEEN && fps__deadline_passed(collector->alarm.deadline_ms))
            break;
        work = work > BYTES_BETWEEN ? 0 : work;
        if (collector->certain_starts_only && functions.items[i].source == FPS__FUNCTION_FLOW)
            continue;
        if (!add_function(collector, machine, &functions.items[i], &buffer))
            break;
    }
    fps__code_buffer_free(&buffer);
}
