/* fpscan: names the open-source components inside binaries. */
#include "common/exit.h"
#include "settings.h"

#include <malloc.h>

/* Buffers of files come and go on several threads. Above this size they are given back to the system at once;
 * otherwise the C library raises the bound to 32 MiB by itself, and what lies between two of them stays: a
 * quarter more memory for an image of 3 GB. */
static void bound_memory(void)
{
#ifdef __GLIBC__
    enum { OWN_MAPPING = 256 * 1024 };
    mallopt(M_MMAP_THRESHOLD, OWN_MAPPING);
#endif
}

int main(int argc, char **argv)
{
    static int (*const commands[VERB_COUNT])(const settings *, const option_result *) = {
        [VERB_SCAN] = command_scan,
        [VERB_EXPLAIN] = command_explain,
        [VERB_DRIFT] = command_drift,
        [VERB_SET_LIST] = command_set_list,
        [VERB_SET_INFO] = command_set_info,
        [VERB_SET_VERIFY] = command_set_verify,
        [VERB_CACHE_STATS] = command_cache_stats,
        [VERB_CACHE_PRUNE] = command_cache_prune,
        [VERB_CACHE_CLEAR] = command_cache_clear,
        [VERB_BASE_IMAGE_ADD] = command_base_image_add,
        [VERB_BASE_IMAGE_LIST] = command_base_image_list,
        [VERB_BASE_IMAGE_REMOVE] = command_base_image_remove,
    };
    settings s = {0};
    option_result parsed;
    int code = TOOL_EXIT_ERROR;
    bound_memory();
    switch (option_parse(&fpscan_program, argc, argv, &s, &parsed)) {
    case OPTION_RUN:
        code = commands[parsed.verb_index](&s, &parsed);
        break;
    case OPTION_DONE:
        code = TOOL_EXIT_OK;
        break;
    case OPTION_FAIL:
        break;
    }
    option_free(&parsed);
    return code;
}
