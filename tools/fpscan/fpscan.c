/* fpscan: names the open-source components inside binaries. */
#include "common/exit.h"
#include "settings.h"

#include <malloc.h>

/* File buffers come and go on several threads. Larger ones than this go back to the system at once. Left
 * alone, the C library raises the bound to 32 MiB and keeps what lies between two buffers: 25 % more memory
 * for an image of 3 GB. */
static void bound_memory(void)
{
#ifdef __GLIBC__
    enum { OWN_MAPPING = 256 * 1024 };
    mallopt(M_MMAP_THRESHOLD, OWN_MAPPING);
#endif
}

int main(int argc, char **argv)
{
    settings s = {0};
    option_result parsed;
    int code = TOOL_EXIT_ERROR;
    bound_memory();
    switch (option_parse(&fpscan_program, argc, argv, &s, &parsed)) {
    case OPTION_RUN:
        code = parsed.verb->run(&s, &parsed);
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
