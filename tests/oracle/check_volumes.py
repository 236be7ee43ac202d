"""Compares the reader of file systems with the trees that images were made from: check_volumes.py VOLUME_DUMP [options] [NAME...].

    --tree FOLDER    a tree of your own in place of a small one that has every kind of file
    --table          prints for each image: its size, files, how many are equal, the time of reading it, and that of the format's
                     own extractor where there is one
    --keep FOLDER    keeps the images there
    NAME             only recipes whose names begin so

Every file, symbolic link and hard link of the tree must come out with its path and all of its bytes, and nothing else may. Debian's own
tools make the images; a recipe whose tool is missing is skipped. Exits with 77 when none is there, and with 1 after a difference.
"""
import argparse
import hashlib
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

ENVIRONMENT = os.environ | {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}


def run(*command, **options):
    command = [str(part) for part in command]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode(errors='replace') or done.stdout.decode(errors='replace')}")
    return done.stdout


def make_tree(root):
    """A tree with every kind of file: around the sizes of blocks, sparse, linked, deep, and with many names in a folder."""
    rng = random.Random(7)
    (root / "lib" / "deep" / "er" / "still").mkdir(parents=True)
    (root / "many").mkdir()
    (root / "empty").mkdir()
    words = b"".join(rng.randbytes(6) + b" lorem ipsum dolor " for _ in range(20000))
    for size in (0, 1, 60, 61, 511, 512, 513, 4095, 4096, 4097, 12288, 65535, 65536, 65537, 131071, 131072, 131073, 300000):
        (root / f"text-{size}").write_bytes(words[:size])
        (root / "lib" / f"noise-{size}").write_bytes(rng.randbytes(size))
    (root / "zeros").write_bytes(bytes(400000))
    with open(root / "lib" / "sparse", "wb") as file:  # data, hole, data, hole
        file.write(words[:5000])
        file.seek(1 << 21)
        file.write(rng.randbytes(70000))
        file.truncate(5 << 20)
    for number in range(400):
        (root / "many" / f"a file with a rather long name, number {number}").write_bytes(words[number * 7:number * 7 + number])
    (root / "large").write_bytes((words + rng.randbytes(100000)) * 6)
    (root / "lib" / "deep" / "er" / "still" / "last").write_text("the last file\n")
    os.link(root / "large", root / "lib" / "deep" / "second name of large")
    os.link(root / "text-60", root / "lib" / "again")
    os.symlink("text-61", root / "short link")
    os.symlink("/very/" + "long/" * 40 + "end", root / "lib" / "long link")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()


def read_tree(root):
    """Files by path with digest, links by path with target, further names by path with inode."""
    files, links = {}, {}
    for folder, _, names in os.walk(os.fsencode(root)):
        folders = [name for name in os.listdir(folder) if os.path.islink(os.path.join(folder, name))]
        for name in {*names, *folders}:
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, os.fsencode(root))
            if os.path.islink(path):
                links[inside] = os.readlink(path)
            elif os.path.isfile(path):
                files[inside] = digest(path).encode()
    return files, links


def read_image(program, image, prefix=b""):
    """The same of an image, with the faults that the reader told."""
    out = subprocess.run([program, image], capture_output=True).stdout
    files, links, faults = {}, {}, []
    for line in out.split(b"\n"):
        kind, _, rest = line.partition(b"\t")
        value, _, path = rest.rpartition(b"\t")
        if prefix and kind in b"fhl" and kind:
            if not path.startswith(prefix):
                continue
            path = path[len(prefix):]
        if kind == b"f":
            files[path] = value
        elif kind == b"h":
            files[path] = files.get(value[len(prefix):], b"of no file")
        elif kind == b"l":
            links[path] = value
        elif kind == b"!":
            faults.append(line)
    return files, links, faults


# ---- recipes: each makes IMAGE of TREE; what it cannot hold is named behind it ----

RECIPES = []


def recipe(name, *tools, links=True, prefix=b"", extract=None, fold=None):
    def add(make):
        RECIPES.append({"name": name, "tools": tools, "make": make, "links": links, "prefix": prefix, "extract": extract, "fold": fold})
        return make
    return add


def squashfs(packing, *options):
    @recipe(f"squashfs-{packing}" + "".join(options[:1]), "mksquashfs",
            extract=lambda image, out: run("unsquashfs", "-q", "-n", "-d", out / "x", image))
    def make(tree, image):
        run("mksquashfs", tree, image, "-noappend", "-quiet", "-no-progress", "-comp", packing, *options)


for one in ("gzip", "xz", "lzma", "lzo", "lz4", "zstd"):
    squashfs(one)
squashfs("xz", "-Xbcj", "x86")
squashfs("gzip", "-always-use-fragments", "-b", "1M")
squashfs("gzip", "-noI", "-noD", "-noF", "-no-fragments", "-no-exports")
squashfs("zstd", "-b", "4096")


def tree_size(tree):
    return sum(path.lstat().st_blocks * 512 + 4096 for path in tree.rglob("*"))


def without_sparse(files, links):
    """mke2fs 1.47.0 cuts a file that begins with inline data and ends with a hole."""
    return {path: value for path, value in files.items() if path != b"lib/sparse"}, links


def ext(name, kind, *options, slack=1.6, fold=None):
    @recipe(f"{kind}-{name}", "mke2fs", fold=fold)
    def make(tree, image):
        with open(image, "wb") as file:
            file.truncate(int(tree_size(tree) * slack) + (24 << 20))
        run("mke2fs", "-q", "-F", "-t", kind, *options, "-d", tree, image)


ext("1k", "ext2", "-b", "1024")
ext("4k", "ext2", "-b", "4096", "-O", "^dir_index")
ext("journal", "ext3", "-b", "1024", "-I", "128")
ext("default", "ext4")
ext("1k", "ext4", "-b", "1024")
ext("inline", "ext4", "-O", "inline_data", "-I", "1024", fold=without_sparse)
ext("metabg", "ext4", "-b", "1024", "-O", "meta_bg,^resize_inode,64bit", "-g", "1024")
ext("flat", "ext4", "-O", "^flex_bg,^64bit,^metadata_csum,uninit_bg")
ext("64k", "ext4", "-b", "65536", slack=8)


def iso(name, *options, links=True, fold=None):
    @recipe(f"iso-{name}", "genisoimage", links=links, fold=fold)
    def make(tree, image):
        run("genisoimage", "-quiet", *options, "-o", image, tree)


def short_names(files, links):
    """Joliet's names have up to 64 units."""
    return {path: value for path, value in files.items() if len(path.rsplit(b"/", 1)[-1]) <= 64}, {}


iso("rock", "-R", "-l")
iso("rock-joliet", "-r", "-J", "-joliet-long")
iso("joliet", "-J", "-joliet-long", links=False, fold=short_names)
iso("deep", "-R", "-no-pad", "-allow-lowercase")


def knows(word):
    """Whether mkfs.erofs is new enough: that of Debian 12 has lz4 alone."""
    program = shutil.which("mkfs.erofs", path=ENVIRONMENT["PATH"])
    done = subprocess.run([program, "--help"], capture_output=True, text=True) if program else None
    return bool(done) and word in done.stdout + done.stderr


def erofs(name, *options, needs=""):
    @recipe(f"erofs-{name}", "mkfs.erofs" if knows(needs) else "a newer mkfs.erofs")
    def make(tree, image):
        run("mkfs.erofs", *options, image, tree)


erofs("plain")
erofs("lz4", "-zlz4")
erofs("lz4hc-legacy", "-zlz4hc,12", "-E", "legacy-compress")
erofs("lz4-big", "-zlz4hc", "-C65536")
erofs("lz4-big-tail", "-zlz4hc", "-C65536", "-Eztailpacking")
for one in ("lzma", "deflate", "zstd"):
    erofs(one, f"-z{one}", needs=one)
    erofs(one + "-all", f"-z{one}", "-C65536", "-Eztailpacking,fragments,dedupe", needs=one)
erofs("fragments", "-zlz4hc", "-Efragments", needs="zstd")
erofs("all-fragments", "-zlz4hc", "-Eall-fragments,dedupe", "-C16384", needs="zstd")
erofs("legacy-fragments", "-zlz4hc", "-Elegacy-compress,fragments", needs="zstd")
erofs("chunks", "--chunksize=65536")
erofs("extended", "-Eforce-inode-extended", "-zlz4", "-Enoinline_data")


def jffs2(name, *options):
    @recipe(f"jffs2-{name}", "mkfs.jffs2")
    def make(tree, image):
        run("mkfs.jffs2", "-r", tree, "-o", image, "-e", "128KiB", *options)


jffs2("little", "-l")
jffs2("big", "-b", "-p")
jffs2("lzo", "-l", "-x", "zlib", "-x", "rtime", "-X", "lzo")
jffs2("rtime", "-l", "-x", "zlib", "-x", "lzo")
jffs2("plain", "-l", "-m", "none", "-n")


def ubifs(name, *options):
    @recipe(f"ubifs-{name}", "mkfs.ubifs")
    def make(tree, image):
        run("mkfs.ubifs", "-r", tree, "-o", image, "-m", "2048", "-e", "126976", "-c", "8000", *options)


ubifs("lzo")
ubifs("zlib", "-x", "zlib")
ubifs("zstd", "-x", "zstd")
ubifs("none", "-x", "none")


@recipe("ubi", "mkfs.ubifs", "ubinize", prefix=b"volume-8!")
def ubi(tree, image):
    part = image.with_suffix(".ubifs")
    run("mkfs.ubifs", "-r", tree, "-o", part, "-m", "2048", "-e", "126976", "-c", "8000")
    config = image.with_suffix(".ini")
    config.write_text(f"[a]\nmode=ubi\nimage={part}\nvol_id=7\nvol_type=dynamic\nvol_name=rootfs\nvol_flags=autoresize\n")
    run("ubinize", "-o", image, "-m", "2048", "-p", "128KiB", config)
    part.unlink()
    config.unlink()


@recipe("romfs", "genromfs")
def romfs(tree, image):
    run("genromfs", "-d", tree, "-f", image)


@recipe("cramfs", "mkfs.cramfs")
def cramfs(tree, image):
    run("mkfs.cramfs", tree, image)


def without_links(files, links):
    return files, {}


def fat(name, kilobytes, *options):
    @recipe(f"fat-{name}", "mkfs.fat", "mcopy", links=False)
    def make(tree, image):
        with open(image, "wb") as file:
            file.truncate(max(kilobytes << 10, int(tree_size(tree) * 1.5) if kilobytes > 40000 else 0))
        run("mkfs.fat", *options, image)
        with tempfile.TemporaryDirectory() as folder:  # mcopy follows no links
            copy = pathlib.Path(folder, "copy")
            shutil.copytree(tree, copy, symlinks=True)
            for path in copy.rglob("*"):
                if path.is_symlink():
                    path.unlink()
            run("mcopy", "-s", "-Q", "-i", image, *sorted(copy.iterdir()), "::/")


fat("12", 30000, "-F", "12", "-s", "16")
fat("16", 100000, "-F", "16", "-s", "8")
fat("32", 100000, "-F", "32", "-s", "1")


PLAIN = bytes.maketrans(b" :", b"__")


def plain_names(files, links):
    """A prototype file of mkfs.xfs cannot hold names with spaces, and takes what begins with a colon for a comment."""
    return tuple({path.translate(PLAIN): value for path, value in part.items()} for part in (files, links))


def write_prototype(tree, lines, folder):
    """The lines of a prototype file (mkfs.xfs(8), -p) for what a folder holds; files are copied from FOLDER, whose names have no spaces."""
    for path in sorted(tree.iterdir()):
        name = os.fsdecode(os.fsencode(path.name).translate(PLAIN))
        if path.is_symlink():
            lines.append(f"{name} l--777 0 0 {os.readlink(path)}")
        elif path.is_dir():
            lines.append(f"{name} d--755 0 0")
            write_prototype(path, lines, folder)
            lines.append("$")
        elif path.is_file():  # a root has devices and pipes too, which the other recipes pass over as well
            link = folder / str(len(lines))
            link.symlink_to(path.resolve())
            lines.append(f"{name} ---644 0 0 {link}")


def make_xfs(tree, image, *options):
    with tempfile.TemporaryDirectory() as folder:
        lines = ["/", "0 0", "d--755 0 0"]
        write_prototype(tree, lines, pathlib.Path(folder))
        prototype = pathlib.Path(folder, "prototype")
        prototype.write_text("\n".join(lines + ["$"]) + "\n")
        with open(image, "wb") as file:
            file.truncate((350 << 20) + 2 * tree_size(tree))
        run("mkfs.xfs", "-q", *options, "-p", prototype, image)


def xfs(name, *options):
    @recipe(f"xfs-{name}", "mkfs.xfs", fold=plain_names)
    def make(tree, image):
        make_xfs(tree, image, *options)


xfs("default")
xfs("1k", "-b", "size=1k", "-n", "size=64k")
xfs("many-extents", "-i", "nrext64=1,size=1024", "-m", "bigtime=0")
xfs("4", "-m", "crc=0", "-n", "ftype=0")
xfs("4-small", "-m", "crc=0", "-b", "size=512", "-s", "size=512", "-i", "size=256", "-n", "size=4k")


def split_extent(data, block_size, inode, free):
    """Makes the one extent of an inode of XFS version 5 a tree of two levels, whose leaves have an extent for each block and lie at FREE, a
    block in the first group. mkfs.xfs itself writes whole extents alone. Returns the first block that is still free."""
    core, per_leaf = 176, 200
    fork = struct.unpack_from(">QQ", data, inode + core)
    first = (fork[0] & 0x1ff) << 43 | fork[1] >> 21
    count = fork[1] & 0x1fffff
    records = [(number, first + number) for number in range(count)]
    leaves = [records[at:at + per_leaf] for at in range(0, count, per_leaf)]
    middle, free = free, free + 1
    for number, leaf in enumerate(leaves):
        at = (free + number) * block_size
        data[at:at + 72] = struct.pack(">4sHH", b"BMA3", 0, len(leaf)) + bytes(64)
        for index, (offset, block) in enumerate(leaf):
            struct.pack_into(">QQ", data, at + 72 + 16 * index, offset << 9 | block >> 43, (block & ((1 << 43) - 1)) << 21 | 1)
    most = (block_size - 72) // 16
    at = middle * block_size
    data[at:at + 72] = struct.pack(">4sHH", b"BMA3", 1, len(leaves)) + bytes(64)
    for number, leaf in enumerate(leaves):
        struct.pack_into(">Q", data, at + 72 + 8 * number, leaf[0][0])
        struct.pack_into(">Q", data, at + 72 + 8 * most + 8 * number, free + number)
    data[inode + 5] = 3
    room = (data[inode + 82] * 8 or 512 - core) - 4
    struct.pack_into(">HHQ", data, inode + core, 2, 1, 0)
    struct.pack_into(">Q", data, inode + core + 4 + room // 16 * 8, middle)
    return free + len(leaves)


@recipe("xfs-tree", "mkfs.xfs", fold=plain_names)
def xfs_tree(tree, image):
    """Every file of one extent in the first group becomes a tree of extents."""
    make_xfs(tree, image)
    data = bytearray(image.read_bytes())
    block_size, group = struct.unpack_from(">I", data, 4)[0], struct.unpack_from(">I", data, 84)[0]
    free = group - group // 4
    for inode in range(0, free * block_size, 512):
        if data[inode:inode + 2] != b"IN" or data[inode + 5] != 2 or struct.unpack_from(">H", data, inode + 2)[0] >> 12 not in (4, 8):
            continue
        if struct.unpack_from(">Q", data, inode + 24)[0] + struct.unpack_from(">I", data, inode + 76)[0] == 1:
            free = split_extent(data, block_size, inode, free)
    image.write_bytes(data)


def make_btrfs(tree, image, *options):
    with open(image, "wb") as file:
        file.truncate((150 << 20) + 2 * tree_size(tree))
    run("mkfs.btrfs", "-q", *options, "--rootdir", tree, image)


def btrfs(name, *options):
    @recipe(f"btrfs-{name}", "mkfs.btrfs")
    def make(tree, image):
        make_btrfs(tree, image, *options)


btrfs("default")
btrfs("small", "-n", "4096", "-m", "single", "-O", "^no-holes")
btrfs("64k", "-n", "65536", "-m", "dup", "-d", "dup")
btrfs("mixed", "--mixed")


def lzo_length(code, base, length):
    """An instruction whose length does not fit into its own bits: zeros stand for 255 each (Linux, Documentation/staging/lzo.rst)."""
    rest = length - base
    zeros = (rest - 1) // 255
    return bytes([code]) + bytes(zeros) + bytes([rest - 255 * zeros])


def pack_lzo(data, sector=4096):
    """The frame of btrfs around sectors in LZO1X: a byte that is repeated, or literals alone."""
    out = bytearray(4)
    for at in range(0, len(data), sector):
        part = data[at:at + sector].ljust(64, b"\0")
        if part == part[:1] * len(part):
            block = bytes([17 + 4]) + part[:4] + lzo_length(32, 33, len(part) - 4) + b"\0\0"
        else:
            block = lzo_length(0, 18, len(part)) + part
        block += b"\x11\0\0"
        if sector - len(out) % sector < 4:
            out += bytes(sector - len(out) % sector)
        out += struct.pack("<I", len(block)) + block
    struct.pack_into("<I", out, 0, len(out))
    return bytes(out)


def pack_zstd(data):
    """One frame whose blocks repeat a byte where they can, and are as they are elsewhere (RFC 8878, 3.1.1)."""
    blocks = [data[at:at + 4096] for at in range(0, len(data), 4096)]
    out = struct.pack("<IBI", 0xFD2FB528, 0xA0, len(data))
    for number, block in enumerate(blocks):
        same = block == block[:1] * len(block)
        out += struct.pack("<I", len(block) << 3 | same << 1 | (number == len(blocks) - 1))[:3] + (block[:1] if same else block)
    return out


def packed_btrfs(name, number, pack):
    @recipe(f"btrfs-{name}", "mkfs.btrfs")
    def make(tree, image):
        """mkfs.btrfs of Debian 12 packs nothing: here extents are packed where they lie. Checksums of data are not read."""
        make_btrfs(tree, image, "-n", "16384", "-m", "single")
        data = bytearray(image.read_bytes())
        chunks, packed = btrfs_chunks(data), 0
        for leaf, items in btrfs_leaves(data, chunks):
            for at, kind, size in items:
                if kind != 108 or data[at + 20] != 1:
                    continue
                room, address, length = struct.unpack_from("<Q", data, at + 8)[0], *struct.unpack_from("<QQ", data, at + 21)
                if not address or room > 1 << 20:
                    continue
                place = btrfs_place(chunks, address)
                small = pack(bytes(data[place:place + length]))
                taken = (len(small) + 4095) // 4096 * 4096
                if taken > length:
                    continue
                data[place:place + length] = small.ljust(length, b"\xee")
                data[at + 16] = number
                struct.pack_into("<Q", data, at + 29, taken)
                packed += 1
        if not packed:
            raise RuntimeError("no extent could be packed")
        image.write_bytes(data)


def btrfs_chunks(data):
    """Chunks of the one device as (address, size, place), from the superblock and all leaves with chunks."""
    at, end = 65536 + 811, 65536 + 811 + struct.unpack_from("<I", data, 65536 + 160)[0]
    chunks = {}
    while at < end:
        address, size = struct.unpack_from("<Q", data, at + 9)[0], struct.unpack_from("<Q", data, at + 17)[0]
        chunks[address] = (size, struct.unpack_from("<Q", data, at + 17 + 56)[0])
        at += 17 + 48 + 32 * struct.unpack_from("<H", data, at + 17 + 44)[0]
    for leaf, items in btrfs_leaves(data, chunks):
        for at, kind, size in items:
            if kind == 228:
                key = leaf + 101
                while struct.unpack_from("<I", data, key + 17)[0] + leaf + 101 != at:
                    key += 25
                chunks[struct.unpack_from("<Q", data, key + 9)[0]] = (struct.unpack_from("<Q", data, at)[0], struct.unpack_from("<Q", data, at + 56)[0])
    return chunks


def btrfs_place(chunks, address):
    for start, (size, place) in chunks.items():
        if start <= address < start + size:
            return place + address - start
    raise RuntimeError("an address in no chunk")


def btrfs_leaves(data, chunks):
    """Each leaf of the file system with its items as (place, type, size); blocks that are not used any more do no harm."""
    fsid, node = data[65536 + 32:65536 + 48], struct.unpack_from("<I", data, 65536 + 148)[0]
    for size, place in list(chunks.values()):
        for at in range(place, min(place + size, len(data) - node), node):
            if data[at + 32:at + 48] == fsid and not data[at + 100]:
                count = struct.unpack_from("<I", data, at + 96)[0]
                heads = (at + 101 + 25 * number for number in range(count))
                yield at, [(at + 101 + struct.unpack_from("<I", data, head + 17)[0], data[head + 8],
                            struct.unpack_from("<I", data, head + 21)[0]) for head in heads]


packed_btrfs("zlib", 1, zlib.compress)
packed_btrfs("lzo", 2, pack_lzo)
packed_btrfs("zstd", 3, pack_zstd)


def padded_ext4(tree, image):
    with open(image, "wb") as file:
        file.truncate(int(tree_size(tree) * 1.3) + (24 << 20))
    run("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, image)


def partitioned(tree, image, script, start, *options):
    """A disk with the tree as ext4 in a partition that begins at a sector."""
    part = image.with_suffix(".part")
    padded_ext4(tree, part)
    size = part.stat().st_size
    with open(image, "wb") as file:
        file.truncate(start * 512 + size + (4 << 20))
    run("sfdisk", "-q", *options, image, input=script.format(start=start, size=size // 512).encode())
    run("dd", f"if={part}", f"of={image}", "bs=512", f"seek={start}", "conv=notrunc,sparse")
    part.unlink()


@recipe("disk-mbr", "sfdisk", "mke2fs", prefix=b"partition-3!")
def mbr(tree, image):
    partitioned(tree, image, "label: dos\n2048,1024,83\n/dev/x3 : start={start}, size={size}, type=83\n", 8192)


@recipe("disk-logical", "sfdisk", "mke2fs", prefix=b"partition-6!")
def logical(tree, image):
    partitioned(tree, image, "label: dos\n2048,1024,83\n4096,,E\n/dev/x5 : start=6144, size=1024, type=83\n"
                "/dev/x6 : start={start}, size={size}, type=83\n", 16384)


@recipe("disk-gpt", "sfdisk", "mke2fs", prefix=b"partition-7!")
def gpt(tree, image):
    partitioned(tree, image, "label: gpt\n/dev/x1 : start=2048, size=1024\n/dev/x7 : start={start}, size={size}\n", 8192)


LVM_TEXT = """bench {{
id = "aaaaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaaaa"
seqno = 4 # "of a {{ comment"
status = ["RESIZEABLE", "READ", "WRITE"]
extent_size = {extent}
physical_volumes {{
pv0 {{
id = "bbbbbb-bbbb-bbbb-bbbb-bbbb-bbbb-bbbbbb"
device = "/dev/other"
pe_start = 4096
pe_count = 9
}}
pv1 {{
id = "cccccc-cccc-cccc-cccc-cccc-cccc-cccccc"
device = "/dev/a \\"b\\""
pe_start = {start}
pe_count = {count}
}}
}}
logical_volumes {{
hidden {{
status = ["READ", "WRITE"]
segment1 {{
start_extent = 0
extent_count = 1
type = "striped"
stripe_count = 1
stripes = ["pv1", 0]
}}
}}
root {{
status = ["READ", "WRITE", "VISIBLE"]
segment_count = 2
segment1 {{
start_extent = 0
extent_count = {first}
type = "striped"
stripe_count = 1	# linear
stripes = [
"pv1", {second}
]
}}
segment2 {{
start_extent = {first}
extent_count = {second}
type = "striped"
stripe_count = 1
stripes = ["pv1", 0]
}}
}}
}}
}}
"""


def make_lvm(content, image, extent=4 << 20, start=1 << 20):
    """A device of LVM2 with one visible volume, whose second half lies before the first. Its text begins at the end of its area and goes on
    at the start, as that of a device does whose volumes have changed often (LVM2, lib/format_text/layout.h)."""
    area, area_size = 4096, 16384
    content = content + bytes(-len(content) % extent)
    count = len(content) // extent
    second = count // 2
    text = LVM_TEXT.format(count=count, first=count - second, second=second, extent=extent // 512, start=start // 512).encode() + b"\0"
    data = bytearray(start)
    data[512:512 + 32] = struct.pack("<8sQII8s", b"LABELONE", 1, 0, 32, b"LVM2 001")
    areas = [(start, 0), (0, 0), (area, area_size), (0, 0)]
    data[544:544 + 40] = b"c" * 32 + struct.pack("<Q", len(data) + len(content))
    data[584:584 + 64] = b"".join(struct.pack("<QQ", *one) for one in areas)
    text_start = area_size - 300
    data[area:area + 64] = struct.pack("<I16sIQQQQII", 0, b" LVM2 x[5A%r0N*>", 1, area, area_size, text_start, len(text), 0, 0)
    data[area + text_start:area + area_size] = text[:300]
    data[area + 512:area + 512 + len(text) - 300] = text[300:]
    middle = (count - second) * extent
    image.write_bytes(bytes(data) + content[middle:] + content[:middle])


@recipe("lvm", "mke2fs", prefix=b"volume-1!")
def lvm(tree, image):
    padded_ext4(tree, image)
    make_lvm(image.read_bytes(), image)


def make_raid(content, image):
    """One of two devices of a mirror (Linux, include/uapi/linux/raid/md_p.h, version 1.2)."""
    start = 1 << 20
    data, sectors = bytearray(start), len(content) // 512
    block = bytearray(256 + 2 * 2)
    struct.pack_into("<IIII16s32sQIIQII", block, 0, 0xa92b4efc, 1, 0, 0, b"u" * 16, b"host:0", 0, 1, 0, sectors, 0, 2)
    struct.pack_into("<QQQQII16s", block, 128, start // 512, sectors, 8, 0, 0, 0, b"d" * 16)
    struct.pack_into("<QQQII", block, 192, 0, 1, 2 ** 64 - 1, 0, 2)
    struct.pack_into("<HH", block, 256, 0, 1)
    total = sum(struct.unpack("<65I", bytes(block)))
    struct.pack_into("<I", block, 216, ((total & 0xffffffff) + (total >> 32)) & 0xffffffff)
    data[4096:4096 + len(block)] = block
    image.write_bytes(bytes(data) + content)


@recipe("raid-lvm", "mke2fs", prefix=b"volume-1-volume-1!")
def raid_lvm(tree, image):
    padded_ext4(tree, image)
    make_lvm(image.read_bytes(), image)
    make_raid(image.read_bytes(), image)


@recipe("disk-lvm", "sfdisk", "mkfs.xfs", prefix=b"partition-2-volume-1!", fold=plain_names)
def disk_lvm(tree, image):
    make_xfs(tree, image)
    make_lvm(image.read_bytes(), image)
    data, start = image.read_bytes(), 4096
    with open(image, "wb") as file:
        file.truncate(start * 512 + len(data) + (4 << 20))
    run("sfdisk", "-q", image, input=f"label: gpt\nstart=2048,size=1024\nstart={start},size={len(data) // 512}\n".encode())
    with open(image, "r+b") as file:
        file.seek(start * 512)
        file.write(data)


def converted(name, kind, *options):
    @recipe(f"disk-{name}", "sfdisk", "mke2fs", "qemu-img", prefix=b"partition-7!")
    def make(tree, image):
        raw = image.with_suffix(".raw")
        gpt(tree, raw)
        run("qemu-img", "convert", "-f", "raw", "-O", kind, *options, raw, image)
        raw.unlink()


converted("qcow2", "qcow2")
converted("qcow2-old", "qcow2", "-o", "compat=0.10,cluster_size=4096")
converted("qcow2-zlib", "qcow2", "-c")
converted("qcow2-zstd", "qcow2", "-c", "-o", "compression_type=zstd,cluster_size=1M")
converted("vhd-dynamic", "vpc", "-o", "subformat=dynamic")
converted("vhd-fixed", "vpc", "-o", "subformat=fixed")
converted("vmdk", "vmdk")
converted("vmdk-stream", "vmdk", "-o", "subformat=streamOptimized")
converted("vdi", "vdi")


# ---- running ----


def check(program, one, tree, expected, image, table):
    started = time.monotonic()
    one["make"](tree, image)
    made = time.monotonic()
    files, links, faults = read_image(program, image, one["prefix"])
    taken = time.monotonic() - made
    want_files, want_links = expected
    if one["fold"]:
        want_files, want_links = one["fold"](want_files, want_links)
        files, links = one["fold"](files, links)
    if not one["links"]:
        want_links = links = {}
    equal = sum(files.get(path) == value for path, value in want_files.items())
    equal_links = sum(links.get(path) == value for path, value in want_links.items())
    wrong = [path for path, value in want_files.items() if files.get(path) != value] + \
            [path for path, value in want_links.items() if links.get(path) != value] + \
            [path for path in {**files, **links} if path not in want_files and path not in want_links]
    own = ""
    if table and one["extract"]:
        with tempfile.TemporaryDirectory() as out:
            begun = time.monotonic()
            one["extract"](image, pathlib.Path(out))
            own = f"{time.monotonic() - begun:.2f} s"
    if table:
        print(f"| {one['name']} | {image.stat().st_size >> 20} MiB | {len(want_files)} | {equal} | {len(want_links)} | {equal_links} "
              f"| {taken:.2f} s | {own} |", flush=True)
    else:
        print(f"{one['name']}: {equal} of {len(want_files)} files, {equal_links} of {len(want_links)} links ({made - started:.1f} s, {taken:.1f} s)")
    for line in (faults + wrong)[:10]:
        print("   ", line)
    return not wrong and not faults


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--tree", type=pathlib.Path)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_intermixed_args()
    chosen = [one for one in RECIPES if not options.names or any(one["name"].startswith(name) for name in options.names)]
    usable = [one for one in chosen if all(shutil.which(tool, path=ENVIRONMENT["PATH"]) for tool in one["tools"])]
    for one in chosen:
        if one not in usable:
            print(f"{one['name']}: skipped, one of {', '.join(one['tools'])} is missing")
    if not usable:
        sys.exit(77)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        tree = options.tree
        if not tree:
            tree = folder / "tree"
            tree.mkdir()
            make_tree(tree)
        expected = read_tree(tree)
        if options.table:
            print("| format | image | files | equal | links | equal | fpscan reads and hashes | extractor |\n|---|---|---|---|---|---|---|---|")
        for one in usable:
            image = (options.keep or folder) / f"{one['name']}.img"
            image.unlink(missing_ok=True)
            try:
                good &= check(options.program, one, tree, expected, image, options.table)
            except RuntimeError as error:
                print(f"{one['name']}: {error}")
                good = False
            if not options.keep:
                image.unlink(missing_ok=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
