/* Starts the program of its own name with the libraries that lie beside it, on any Linux of this architecture.
 *
 * It lies in PREFIX/bin, linked statically. The program is PREFIX/lib/fpscan/programs/NAME, its libraries are
 * in PREFIX/lib/fpscan, and LOADER, a file name, is the dynamic loader among them. The place is that of the file which was
 * started, links followed, as the kernel tells it (getauxval(3), AT_EXECFN); no /proc is needed. ld.so(8) describes the options. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { FIXED = 6, CANNOT = 1 };

/* Variables of the system's own loader do not fit these libraries: a preloaded library would need another C library. */
static void forget_loader_variables(void)
{
    static const char *const names[] = {"LD_PRELOAD",  "LD_LIBRARY_PATH", "LD_AUDIT",
                                        "LD_BIND_NOW", "GCONV_PATH",      "LOCPATH"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
}

/* PREFIX of this program, and its name; both stay valid. NULL where the place cannot be told. */
static char *find_prefix(const char **name)
{
    const char *started = (const char *)getauxval(AT_EXECFN);
    char *place = started ? realpath(started, NULL) : NULL;
    char *slash = place ? strrchr(place, '/') : NULL;
    if (!slash)
        return NULL;
    *slash = '\0';
    *name = slash + 1;
    slash = strrchr(place, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    return place;
}

int main(int count, char **arguments)
{
    const char *name = NULL;
    char *prefix = find_prefix(&name), *libraries = NULL, *loader = NULL, *program = NULL;
    char **call = calloc((size_t)count + FIXED + 2, sizeof(*call));
    if (!prefix || !call || asprintf(&libraries, "%s/lib/fpscan", prefix) < 0 ||
        asprintf(&loader, "%s/" LOADER, libraries) < 0 ||
        asprintf(&program, "%s/programs/%s", libraries, name) < 0) {
        fprintf(stderr, "fpscan: cannot find the folder that it is installed in: %s\n", strerror(errno));
        return CANNOT;
    }
    char *fixed[FIXED] = {loader,    "--inhibit-cache", "--library-path",
                          libraries, "--argv0",         count > 0 ? arguments[0] : program};
    memcpy(call, fixed, sizeof(fixed));
    call[FIXED] = program;
    for (int i = 1; i < count; i++)
        call[FIXED + i] = arguments[i];
    forget_loader_variables();
    execv(loader, call);
    fprintf(stderr, "%s: cannot start %s: %s\n", name, loader, strerror(errno));
    return CANNOT;
}
