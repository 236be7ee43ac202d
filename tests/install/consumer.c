/* A user's program: it includes only the installed headers and links the installed library. */
#include <fpscan/status.h>
#include <fpscan/version.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", FPS_VERSION_MAJOR, FPS_VERSION_MINOR, FPS_VERSION_PATCH);
    puts(fps_version());
    return strcmp(fps_version(), version) != 0 || strcmp(fps_version(), FPS_VERSION) != 0 ||
           strcmp(fps_status_name(FPS_ERROR_CORRUPT), "corrupt") != 0;
}
