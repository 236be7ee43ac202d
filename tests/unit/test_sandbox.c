/* Planted violations: what a confined process tries and must not get. Each runs in a child of its own. */
#include "common/sandbox.h"

#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { REFUSED = 0, POSSIBLE = 1, FAILED = 2 };

static char folder[256], outside[300], inside[300], kept[300];

/* Runs `attempt` in a confined child that may read `inside` and write `kept`; gives its verdict. */
static int confined(int (*attempt)(void), bool *files, bool *calls)
{
    sandbox_state state = {false, false};
    int pipes[2], status;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        const sandbox_path paths[] = {{inside, SANDBOX_READ}, {kept, SANDBOX_WRITE}, {NULL, SANDBOX_READ}};
        state = sandbox_enter(paths, 3);
        if (write(pipes[1], &state, sizeof state) != sizeof state)
            _exit(FAILED);
        _exit(attempt());
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &state, sizeof state), sizeof state);
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    *files = state.files;
    *calls = state.calls;
    return WEXITSTATUS(status);
}

static int opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd < 0)
        return errno == EACCES ? REFUSED : FAILED;
    close(fd);
    return POSSIBLE;
}

static int start_program(void)
{
    char *const arguments[] = {"true", NULL};
    execv("/bin/true", arguments);
    return errno == EPERM || errno == EACCES ? REFUSED : FAILED;
}

static int open_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM ? REFUSED : POSSIBLE;
}

static int read_outside(void)
{
    return opens(outside, O_RDONLY);
}

static int write_inside(void)
{
    return opens(inside, O_WRONLY);
}

static int make_outside(void)
{
    char path[400];
    snprintf(path, sizeof path, "%s/new", folder);
    return opens(path, O_WRONLY | O_CREAT);
}

static int remove_outside(void)
{
    return unlink(outside) != 0 && errno == EACCES ? REFUSED : POSSIBLE;
}

static int read_inside(void)
{
    return opens(inside, O_RDONLY);
}

static int make_kept(void)
{
    char path[400], other[400];
    snprintf(path, sizeof path, "%s/new", kept);
    snprintf(other, sizeof other, "%s/renamed", kept);
    return opens(path, O_WRONLY | O_CREAT | O_TRUNC) == POSSIBLE && rename(path, other) == 0 &&
                   unlink(other) == 0
               ? POSSIBLE
               : FAILED;
}

static void *try_socket(void *verdict)
{
    *(int *)verdict = open_socket();
    return NULL;
}

static int open_socket_in_a_thread(void)
{
    pthread_t thread;
    int verdict = FAILED;
    if (pthread_create(&thread, NULL, try_socket, &verdict) != 0 || pthread_join(thread, NULL) != 0)
        return FAILED;
    return verdict;
}

/* `calls` and `files` say which part must refuse it; on a kernel without that part nothing is proved. */
static void assert_refused(int (*attempt)(void), bool by_calls)
{
    bool files, calls;
    int verdict = confined(attempt, &files, &calls);
    if (by_calls ? calls : files)
        assert_int_equal(verdict, REFUSED);
}

static void no_program_is_started_and_no_socket_opened(void **state)
{
    (void)state;
    assert_refused(start_program, true);
    assert_refused(open_socket, true);
    assert_refused(open_socket_in_a_thread, true);
}

static void files_outside_are_neither_read_nor_made_nor_removed(void **state)
{
    (void)state;
    assert_refused(read_outside, false);
    assert_refused(make_outside, false);
    assert_refused(remove_outside, false);
    assert_refused(write_inside, false);
}

static void what_is_named_stays_usable(void **state)
{
    (void)state;
    bool files, calls;
    assert_int_equal(confined(read_inside, &files, &calls), POSSIBLE);
    assert_int_equal(confined(make_kept, &files, &calls), POSSIBLE);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(temporary_name(folder, "fps-sandbox")))
        return -1;
    snprintf(outside, sizeof outside, "%s/outside", folder);
    snprintf(inside, sizeof inside, "%s/inside", folder);
    snprintf(kept, sizeof kept, "%s/kept", folder);
    return close(creat(outside, 0600)) || close(creat(inside, 0600)) || mkdir(kept, 0700);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(outside) | unlink(inside) | rmdir(kept) | rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_program_is_started_and_no_socket_opened),
        cmocka_unit_test(files_outside_are_neither_read_nor_made_nor_removed),
        cmocka_unit_test(what_is_named_stays_usable),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
