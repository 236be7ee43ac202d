"""The contents of the generated apk, rpm and pacman roots: programs and libraries of this machine, as packages of a distribution."""
import pathlib
import shutil
import subprocess
import sys

# A Debian package of this machine, and the packages made from its files: {name: files}. They share one source package.
SOURCES = {
    "coreutils": ("coreutils", {"coreutils": ["/bin/true", "/bin/cat", "/usr/bin/sort"]}),
    "sed": ("sed", {"sed": ["/bin/sed"]}),
    "gzip": ("gzip", {"gzip": ["/bin/gzip"]}),
    "bzip2": ("bzip2", {"bzip2": ["/bin/bzip2"], "bzip2-libs": ["libbz2.so.1.0"]}),
    "xz-utils": ("xz", {"xz": ["/usr/bin/xz"], "xz-libs": ["liblzma.so.5"]}),
    "zlib1g": ("zlib", {"zlib": ["libz.so.1"]}),
}
LICENSES = {"coreutils": "GPL-3.0-or-later", "sed": "GPL-3.0-or-later", "gzip": "GPL-3.0-or-later", "bzip2": "bzip2-1.0.6",
            "xz": "0BSD", "zlib": "Zlib"}


class Package:
    """`files` are pairs of a path in the root and the file to copy; `links` are pairs of a path and its target."""

    def __init__(self, name, source, version):
        self.name, self.source, self.version = name, source, version
        self.license = LICENSES[source]
        self.files, self.links = [], []


def skip(reason):
    print(f"{reason}: nothing made")
    sys.exit(77)


def machine_version(package):
    """The upstream version, without the suffix of repacked sources."""
    found = subprocess.run(["dpkg-query", "-W", "-f", "${source:Upstream-Version}", package], capture_output=True, text=True)
    if found.returncode:
        skip(f"{package} is not installed")
    return found.stdout.split("+")[0].removesuffix(".dfsg")


def machine_library(name):
    for folder in ("/usr/lib", "/lib"):
        for path in sorted(pathlib.Path(folder).glob(f"*-linux-gnu/{name}")):
            return path
    skip(f"{name} is not installed")


def packages(library_folder):
    """The packages, with programs in /usr/bin and libraries in `library_folder`."""
    if not shutil.which("dpkg-query"):
        skip("dpkg-query is missing")
    made = []
    for debian, (source, parts) in SOURCES.items():
        version = machine_version(debian)
        for name, files in parts.items():
            package = Package(name, source, version)
            for file in files:
                if file.startswith("/"):
                    package.files.append((f"/usr/bin/{pathlib.Path(file).name}", pathlib.Path(file).resolve()))
                    continue
                real = machine_library(file).resolve()
                package.files.append((f"{library_folder}/{real.name}", real))
                if real.name != file:
                    package.links.append((f"{library_folder}/{file}", real.name))
            made.append(package)
    return made
