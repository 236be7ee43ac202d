/* Confinement of a program: Landlock for files, seccomp for system calls. */
#include "common/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- files ---- */

/* Rights that newer kernels know than the headers of Debian 12 (linux/landlock.h of Linux 6.2 and 6.10). */
#define RIGHT_TRUNCATE  (UINT64_C(1) << 14)
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15)

enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_IOCTL = 5 };

static const uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t write_rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                     LANDLOCK_ACCESS_FS_REMOVE_FILE | RIGHT_TRUNCATE;
static const uint64_t file_rights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE;

/* Every right that this kernel can take away: what a rule does not give back is gone. */
static uint64_t known_rights(long abi)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* those of the first version */
    if (abi >= ABI_REFER)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= ABI_TRUNCATE)
        rights |= RIGHT_TRUNCATE;
    if (abi >= ABI_IOCTL)
        rights |= RIGHT_IOCTL_DEV;
    return rights;
}

static bool allow(int rules, const sandbox_path *path, uint64_t known)
{
    struct stat st;
    int fd = path->path ? open(path->path, O_PATH | O_CLOEXEC) : -1;
    if (fd < 0)
        return !path->path || errno == ENOENT || errno == ENOTDIR;
    uint64_t rights = read_rights | (path->access == SANDBOX_WRITE ? write_rights : 0);
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rights &= file_rights;
    struct landlock_path_beneath_attr beneath = {.allowed_access = rights & known, .parent_fd = fd};
    bool good = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
    close(fd);
    return good;
}

static bool confine_files(const sandbox_path *paths, size_t count)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return false;
    struct landlock_ruleset_attr attributes = {.handled_access_fs = known_rights(abi)};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (rules < 0)
        return false;
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = allow(rules, &paths[i], attributes.handled_access_fs);
    good = good && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return good;
}

/* ---- system calls ---- */

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#define FOREIGN_BIT 0x40000000 /* calls of the x32 ABI, which have other numbers */
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#define FOREIGN_BIT 0x80000000
#endif

#ifdef NATIVE_ARCH
/* Calls that start programs, reach other machines and processes, or change what the kernel runs. */
static const uint32_t refused[] = {
    SYS_execve,      SYS_execveat,     SYS_socket,           SYS_socketpair,
    SYS_connect,     SYS_bind,         SYS_listen,           SYS_accept,
    SYS_accept4,     SYS_ptrace,       SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_bpf,         SYS_mount,        SYS_umount2,          SYS_pivot_root,
    SYS_chroot,      SYS_setns,        SYS_unshare,          SYS_kexec_load,
    SYS_init_module, SYS_finit_module, SYS_perf_event_open,  SYS_userfaultfd,
    SYS_keyctl,      SYS_add_key,      SYS_request_key,      SYS_io_uring_setup,
};

enum { REFUSED = sizeof refused / sizeof *refused, FRAME = 6 };

/* The filter: another architecture or ABI ends the process; a refused call fails with EPERM; all others pass. */
static bool confine_calls(void)
{
    struct sock_filter code[REFUSED + FRAME + 1];
    size_t n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_BIT, REFUSED + 1, 0);
    for (size_t i = 0; i < REFUSED;
         i++) /* to the last statement, over what is left of the list and one more */
        code[n++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], (uint8_t)(REFUSED - i), 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    const struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}
#else
static bool confine_calls(void)
{
    return false;
}
#endif

/* LeakSanitizer looks for leaks at exit from a second process, through ptrace and /proc: programs with sanitizers are not
 * confined. */
#ifdef FPS_SANITIZED
enum { LEAKS_ARE_SOUGHT = 1 };
#else
enum { LEAKS_ARE_SOUGHT = 0 };
#endif

sandbox_state sandbox_enter(const sandbox_path *paths, size_t count)
{
    sandbox_state state = {false, false};
    if (LEAKS_ARE_SOUGHT || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return state;
    state.files = confine_files(paths, count);
    state.calls = confine_calls();
    return state;
}
