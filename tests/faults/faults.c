/* Makes calls fail at a chosen point, for tests: preloaded into a program with LD_PRELOAD.
 *
 *   FAULT=KIND:N     the call number N (from 1) of KIND fails; KIND:N+ the calls from N on
 *   FAULT_COUNT=FILE at the end the number of calls is written there; with FAULT=KIND:0 nothing fails
 *   FAULT_WHERE=FILE the name of the library whose call for memory failed is written there
 *
 *   memory   malloc, calloc, realloc and the like give NULL, an anonymous mmap ENOMEM
 *   read     read, pread and readv give EIO
 *   write    write, pwrite and writev give EIO
 *   full     the same calls give ENOSPC
 *   open     open and openat give EMFILE
 *   shrink   the file of the N-th read loses all its bytes before it, if it lies below FAULT_BELOW; the program must not confine itself
 *   stop     the process stops itself (SIGSTOP) before the N-th write
 *   kill     the process kills itself (SIGKILL) before the N-th write
 *
 * Counting starts with main: what the loader and constructors do is not the program's. glibc's own calls, such as those
 * of fread, do not pass here.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SHOW __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

typedef enum fault { NONE, MEMORY, READ, WRITE, FULL, OPEN, SHRINK, STOP, KILL } fault;

static atomic_bool armed;
static fault kind;
static long first, calls_limit; /* calls first .. calls_limit fail */
static atomic_long calls;
static char below[PATH_MAX];

static int where_fd = -1;

/* Says which library has called. */
static void note_caller(const void *caller)
{
    Dl_info info;
    if (where_fd >= 0 && dladdr(caller, &info) && info.dli_fname)
        syscall(SYS_pwrite64, where_fd, info.dli_fname, strlen(info.dli_fname), 0L);
}

static bool strikes(fault of)
{
    if (!atomic_load_explicit(&armed, memory_order_relaxed) || kind != of)
        return false;
    long call = atomic_fetch_add(&calls, 1) + 1;
    return first && call >= first && call <= calls_limit;
}

/* ---- start and end ---- */

static void set_up(void)
{
    static const char *const names[] = {"",     "memory", "read", "write", "full",
                                        "open", "shrink", "stop", "kill"};
    const char *wanted = getenv("FAULT"), *colon = wanted ? strchr(wanted, ':') : NULL,
               *folder = getenv("FAULT_BELOW");
    if (!colon)
        return;
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == (size_t)(colon - wanted) && strncmp(names[i], wanted, strlen(names[i])) == 0)
            kind = (fault)i;
    char *end;
    first = strtol(colon + 1, &end, 10);
    calls_limit = *end == '+' ? LONG_MAX : first;
    snprintf(below, sizeof below, "%s", folder ? folder : "");
}

typedef int (*main_function)(int, char **, char **);
static main_function real_main;
/* The program has no write rights below FAULT_COUNT's folder once it confines itself: the file is opened before. */
static int count_fd = -1;

static void write_count_at_end(void)
{
    char text[32];
    armed = false;
    int length = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));
    syscall(SYS_pwrite64, count_fd, text, (size_t)length, 0L);
}

static int counted_main(int argc, char **argv, char **environment)
{
    const char *path = getenv("FAULT_COUNT"), *where = getenv("FAULT_WHERE");
    where_fd = where ? open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    count_fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (count_fd >= 0)
        atexit(write_count_at_end);
    set_up();
    armed = true;
    return real_main(argc, argv, environment);
}

SHOW int __libc_start_main(main_function program, int argc, char **argv, void (*start)(void),
                           void (*finish)(void), void (*loader)(void), void *stack)
{
    typedef int (*starter)(main_function, int, char **, void (*)(void), void (*)(void), void (*)(void),
                           void *);
    starter next;
    *(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = program;
    return next(counted_main, argc, argv, start, finish, loader, stack);
}

/* ---- memory ---- */

static void *no_memory(const void *caller)
{
    note_caller(caller);
    errno = ENOMEM;
    return NULL;
}
#define NO_MEMORY() no_memory(__builtin_return_address(0))

SHOW void *malloc(size_t size)
{
    return strikes(MEMORY) ? NO_MEMORY() : __libc_malloc(size);
}

SHOW void *calloc(size_t count, size_t size)
{
    return strikes(MEMORY) ? NO_MEMORY() : __libc_calloc(count, size);
}

SHOW void *realloc(void *old, size_t size)
{
    return strikes(MEMORY) ? NO_MEMORY() : __libc_realloc(old, size);
}

SHOW void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NO_MEMORY();
    return realloc(old, bytes);
}

SHOW void *memalign(size_t alignment, size_t size)
{
    return strikes(MEMORY) ? NO_MEMORY() : __libc_memalign(alignment, size);
}

SHOW void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

SHOW int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *made = memalign(alignment, size);
    if (!made)
        return ENOMEM;
    *block = made;
    return 0;
}

static void *map(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (flags & MAP_ANONYMOUS && strikes(MEMORY)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

SHOW void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    return map(address, size, protection, flags, fd, offset);
}

SHOW void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
    return map(address, size, protection, flags, fd, offset);
}

/* ---- files ---- */

/* Takes all bytes of a file below the chosen folder. */
static void shrink(int fd)
{
    char link[64], path[PATH_MAX];
    if (!*below || kind != SHRINK)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    if (length <= 0 || strncmp(path, below, strlen(below)) != 0 || !strikes(SHRINK))
        return;
    if (truncate(path, 0) != 0)
        abort();
}

static int read_fault(int fd)
{
    shrink(fd);
    return strikes(READ) ? EIO : 0;
}

static int write_fault(void)
{
    if (strikes(STOP))
        raise(SIGSTOP);
    if (strikes(KILL))
        raise(SIGKILL);
    return strikes(WRITE) ? EIO : strikes(FULL) ? ENOSPC : 0;
}

static ssize_t fail_with(int code)
{
    errno = code;
    return -1;
}

SHOW ssize_t read(int fd, void *buffer, size_t size)
{
    int code = read_fault(fd);
    return code ? fail_with(code) : (ssize_t)syscall(SYS_read, fd, buffer, size);
}

SHOW ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
    int code = read_fault(fd);
    return code ? fail_with(code) : (ssize_t)syscall(SYS_pread64, fd, buffer, size, offset);
}

SHOW ssize_t pread64(int fd, void *buffer, size_t size, off64_t offset)
{
    return pread(fd, buffer, size, offset);
}

SHOW ssize_t readv(int fd, const struct iovec *parts, int count)
{
    int code = read_fault(fd);
    return code ? fail_with(code) : (ssize_t)syscall(SYS_readv, fd, parts, count);
}

SHOW ssize_t write(int fd, const void *bytes, size_t size)
{
    int code = write_fault();
    return code ? fail_with(code) : (ssize_t)syscall(SYS_write, fd, bytes, size);
}

SHOW ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    int code = write_fault();
    return code ? fail_with(code) : (ssize_t)syscall(SYS_pwrite64, fd, bytes, size, offset);
}

SHOW ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

SHOW ssize_t writev(int fd, const struct iovec *parts, int count)
{
    int code = write_fault();
    return code ? fail_with(code) : (ssize_t)syscall(SYS_writev, fd, parts, count);
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    if (strikes(OPEN)) {
        errno = EMFILE;
        return -1;
    }
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

static mode_t mode_of(int flags, va_list list)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

#define OPENER(name, parameters, folder)                                                                     \
    SHOW int name parameters                                                                                 \
    {                                                                                                        \
        va_list list;                                                                                        \
        va_start(list, flags);                                                                               \
        mode_t mode = mode_of(flags, list);                                                                  \
        va_end(list);                                                                                        \
        return open_at(folder, path, flags, mode);                                                           \
    }
OPENER(open, (const char *path, int flags, ...), AT_FDCWD)
OPENER(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENER(openat, (int at, const char *path, int flags, ...), at)
OPENER(openat64, (int at, const char *path, int flags, ...), at)
