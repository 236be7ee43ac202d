/* Pseudo file systems, known by their type: what lies there is the kernel talking, not stored bytes.
 *
 * tmpfs, ramfs and devtmpfs (which says that it is a tmpfs) are not among them: files there hold bytes that
 * somebody wrote. Numbers: linux/magic.h and the super block code of each file system.
 */
#include "source/walk.h"

#include <sys/vfs.h>

static const struct {
    uint32_t type;
    const char *name;
} pseudo_types[] = {
    {0x00009fa0, "proc"},      {0x62656572, "sysfs"},       {0x00001cd1, "devpts"},
    {0x0027e0eb, "cgroup"},    {0x63677270, "cgroup2"},     {0x74726163, "tracefs"},
    {0x64626720, "debugfs"},   {0x73636673, "securityfs"},  {0x6165676c, "pstore"},
    {0xcafe4a11, "bpf"},       {0x19800202, "mqueue"},      {0x62656570, "configfs"},
    {0x65735543, "fusectl"},   {0x42494e4d, "binfmt_misc"}, {0xde5e81e4, "efivarfs"},
    {0xf97cff8c, "selinuxfs"}, {0x43415d53, "smackfs"},     {0x5a3c69f0, "apparmorfs"},
    {0x6e736673, "nsfs"},      {0x67596969, "rpc_pipefs"},  {0x958458f6, "hugetlbfs"},
    {0x534f434b, "sockfs"},    {0x50495045, "pipefs"},      {0x09041934, "anon_inodefs"},
    {0xabba1974, "xenfs"},     {0x6e667364, "nfsd"},        {0x07655821, "resctrl"},
    {0x00009fa2, "usbfs"},     {0x6c6f6f70, "binder"},      {0x444d4142, "dmabuf"},
    {0x0bad1dea, "futexfs"},   {0x00000187, "autofs"},      {0x00009fa1, "openpromfs"},
    {0x62646576, "bdev"},      {0x50494446, "pidfs"},
};

const char *fps__source_pseudo_name(int fd)
{
    struct statfs facts;
    if (fstatfs(fd, &facts) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof pseudo_types / sizeof *pseudo_types; i++) {
        if (pseudo_types[i].type == (uint32_t)facts.f_type)
            return pseudo_types[i].name;
    }
    return NULL;
}
