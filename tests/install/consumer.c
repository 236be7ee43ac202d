/* A user's program: it includes only the installed headers and links the installed library. */
#include <fpscan/status.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    const char *name = fps_status_name(FPS_ERROR_CORRUPT);
    puts(name);
    return strcmp(name, "corrupt") != 0;
}
