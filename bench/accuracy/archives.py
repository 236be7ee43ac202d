"""Static archives of Debian packages: the component and version of each, and the contents of their members."""

import collections
import functools
import glob
import hashlib
import os
import re
import struct
import subprocess

import upstream

TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
RUNTIME = re.compile(r"glibc|gcc-[0-9.]+")
LARGEST_PACKAGE = 24 << 20
LARGEST_ARCHIVE = 48 << 20
LITERAL = re.compile(rb"[\t\n\r\x20-\x7e]{8,}\0")  # stands for a literal: eight characters of text and the terminator
LETTERS = re.compile(rb"[A-Za-z]{3}")
STARTUP = ("crt1.o", "rcrt1.o", "crti.o", "crtn.o")

# version is that of the source package.
Package = collections.namedtuple("Package", "path source version name arch suite")
Owner = collections.namedtuple("Owner", "source component version")


def shuffled(items, seed):
    """Items in an order that depends only on their names and a seed."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}:{item}".encode()).digest())


def read_manifest(folder):
    """The packages in a folder that corpus/fetch filled."""
    with open(os.path.join(folder, "manifest.tsv"), encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return [Package(os.path.join(folder, row[0]), row[2], row[3], row[4], row[6], row[7]) for row in rows]


class Pool:
    """Static archives of the packages that corpus/fetch downloaded; unpacks each into a work folder on first use."""

    def __init__(self, debs, work, sources):
        self.packages, self.work, self.sources = read_manifest(debs), os.path.join(work, "archives"), sources

    def owner(self, package):
        """Source, component ("" if the catalogue has none) and upstream version of a package."""
        return Owner(package.source, self.sources.component(package.source) or "",
                     upstream.upstream_version(package.version) or "")

    def development(self, suite, arch):
        """{component: its development packages} of one suite, without the C library and the compiler."""
        found = collections.defaultdict(list)
        for package in self.packages:
            if (package.suite == suite and package.arch == arch and "-dev" in package.name and self.owner(package).component
                    and not RUNTIME.fullmatch(package.source) and os.path.getsize(package.path) <= LARGEST_PACKAGE):
                found[self.owner(package).component].append(package)
        return found

    def archives(self, package):
        """Paths of the static archives in a package, and of the C library's startup objects."""
        folder = os.path.join(self.work, package.suite, package.arch, os.path.basename(package.path).removesuffix(".deb"))
        if not os.path.isdir(folder):
            os.makedirs(folder + ".new", exist_ok=True)
            unpacked = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package.path], stdout=subprocess.PIPE)
            subprocess.run(["tar", "-x", "-C", folder + ".new", "--wildcards", "*.a", "*crt?.o", "*crt1.o"], stdin=unpacked.stdout,
                           stderr=subprocess.DEVNULL, check=False)
            unpacked.stdout.close()
            unpacked.wait()
            os.rename(folder + ".new", folder)
        paths = glob.glob(os.path.join(glob.escape(folder), "**", "*.[ao]"), recursive=True)
        return sorted(path for path in paths if not os.path.islink(path) and (path.endswith(".o") or is_archive(path)))

    def runtime(self, suite, arch):
        """({startup object: path}, archives of the C library and of the compiler's runtime) of one suite."""
        wanted = [package for package in self.packages if package.suite == suite and package.arch == arch
                  and (package.name == "libc6-dev" or re.fullmatch(r"lib(gcc|stdc\+\+)-[0-9]+-dev", package.name))]
        libc = [package for package in wanted if package.name == "libc6-dev"]
        compilers = sorted((package for package in wanted if package not in libc), key=lambda p: int(re.search(r"-([0-9]+)-", p.name)[1]))
        paths = {}
        for package in libc + compilers:  # the last of several compilers wins
            for path in self.archives(package):
                if "x32" not in path and "/32/" not in path:
                    paths[os.path.basename(path)] = (path, package)
        startup = {name: paths[name][0] for name in STARTUP if name in paths}
        libraries = {path: self.owner(package) for name, (path, package) in paths.items()
                     if re.fullmatch(r"lib(c|m|m-[0-9.]+|mvec|pthread|dl|rt|resolv|gcc|gcc_eh|stdc\+\+)\.a", name)}
        return startup, libraries


def is_archive(path):
    """Whether a file is an archive that contains its members and is small enough to link in seconds."""
    with open(path, "rb") as data:
        return data.read(8) == b"!<arch>\n" and os.path.getsize(path) <= LARGEST_ARCHIVE


@functools.lru_cache(maxsize=None)
def functions(archive):
    """Names of the global functions of an archive."""
    listing = subprocess.run(["nm", "-g", "--defined-only", "-P", archive], capture_output=True, text=True, check=False,
                             errors="replace").stdout
    names = {fields[0] for fields in map(str.split, listing.splitlines()) if len(fields) > 1 and fields[1] == "T"}
    return sorted(name for name in names if re.fullmatch(r"\w+", name))


def members(archive):
    """(name, bytes) of each member of an archive."""
    with open(archive, "rb") as data:
        content = data.read()
    at, names = 8, b""
    while at + 60 <= len(content):
        name, size = content[at:at + 16].rstrip(), int(content[at + 48:at + 58])
        body, at = content[at + 60:at + 60 + size], at + 60 + size + size % 2
        if name == b"//":
            names = body
        elif name[:1] == b"/" and name[1:].isdigit():
            start = int(name[1:])
            yield names[start:names.index(b"/\n", start)].decode(errors="replace"), body
        elif name not in (b"/", b"/SYM64/"):
            yield name.rstrip(b"/").decode(errors="replace"), body


def section_literals(content):
    """{section: literals} of the read-only data of a 64-bit little-endian object."""
    if content[:6] != b"\x7fELF\x02\x01":
        return {}
    table, = struct.unpack_from("<Q", content, 40)
    count, strings = struct.unpack_from("<HH", content, 60)
    headers = [struct.unpack_from("<IIQQQQ", content, table + 64 * number) for number in range(count)]
    found = {}
    for name_at, kind, flags, _, start, size in headers:
        name = content[headers[strings][4] + name_at:].partition(b"\0")[0].decode(errors="replace")
        if kind == 1 and flags & 2 and not flags & 4 and name.startswith(".rodata"):
            texts = {text for text in LITERAL.findall(content[start:start + size]) if LETTERS.search(text)}
            found[name] = found.get(name, set()) | texts
    return found


@functools.lru_cache(maxsize=64)
def literals(archive):
    """{member: {section: literals}} of an archive."""
    found = collections.defaultdict(dict)
    for name, content in members(archive):
        try:
            for section, texts in section_literals(content).items():
                found[name][section] = found[name].get(section, set()) | texts
        except (struct.error, IndexError):
            continue
    return found
