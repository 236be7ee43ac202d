"""The Debian system that programs are linked with: its libraries, the packages that these are from, and what ELF files need.

A system is the machine itself (folder /) or a folder made by sysroot.py. Nothing of it is run.
"""
from __future__ import annotations

import dataclasses
import pathlib
import re
import subprocess


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One architecture by the names that others have for it."""

    debian: str
    machine: str  # of the kernel, RPM and Python
    triplet: str
    loader: str  # path of the dynamic loader, as programs name it
    go: str  # of OCI images


ARCHITECTURES = {
    "amd64": Architecture("amd64", "x86_64", "x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2", "amd64"),
    "arm64": Architecture("arm64", "aarch64", "aarch64-linux-gnu", "/lib/ld-linux-aarch64.so.1", "arm64"),
}
NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
INTERPRETER = re.compile(r"Requesting program interpreter: (.+)\]")


@dataclasses.dataclass(frozen=True)
class Elf:
    """What an ELF file asks of its system."""

    needed: tuple[str, ...]  # names of libraries
    interpreter: str | None
    wanted: dict[str, tuple[str, ...]]  # versions of symbols, by the library that must have them
    defined: tuple[str, ...]  # versions of symbols that it has itself


def read_elf(path: pathlib.Path) -> Elf | None:
    """None unless path is a linked ELF file."""
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return None
    text = subprocess.run(["readelf", "-dVlW", str(path)], capture_output=True, text=True, check=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    wanted: dict[str, list[str]] = {}
    defined: list[str] = []
    library = section = ""
    for line in text.splitlines():
        if line.startswith("Version "):
            section = line.split()[1]
        elif section == "needs" and (found := re.search(r"File: (\S+)", line)):
            library = found[1]
        elif section in ("needs", "definition") and (found := re.search(r"Name: (\S+)", line)):
            (wanted.setdefault(library, []) if section == "needs" else defined).append(found[1])
    interpreter = INTERPRETER.search(text)
    return Elf(tuple(NEEDED.findall(text)), interpreter[1] if interpreter else None,
               {name: tuple(versions) for name, versions in wanted.items()}, tuple(defined))


@dataclasses.dataclass(frozen=True)
class Package:
    """An installed package that a library is from."""

    name: str
    version: str
    source: str
    copyright: pathlib.Path | None


class System:
    """Libraries and packages below a folder."""

    def __init__(self, root: pathlib.Path, architecture: Architecture):
        self.root, self.architecture = root, architecture
        triplet = architecture.triplet
        self.folders = [f"/lib/{triplet}", f"/usr/lib/{triplet}", str(pathlib.PurePosixPath(architecture.loader).parent)]
        self._packages: dict[str, Package] = {}

    def library(self, name: str) -> pathlib.Path:
        """The file of a library, links followed."""
        for folder in self.folders:
            path = self.root / folder.lstrip("/") / name
            if path.exists():
                return path.resolve()
        raise SystemExit(f"package: {self.root} has no {name}")

    def closure(self, programs: list[pathlib.Path]) -> dict[str, pathlib.Path]:
        """All libraries that the programs need, by name, the loader among them."""
        loader = pathlib.PurePosixPath(self.architecture.loader).name
        found: dict[str, pathlib.Path] = {loader: self.library(loader)}
        waiting = list(programs) + list(found.values())
        while waiting:
            elf = read_elf(waiting.pop())
            for name in elf.needed if elf else ():
                if name not in found:
                    found[name] = self.library(name)
                    waiting.append(found[name])
        return dict(sorted(found.items()))

    def query(self, *arguments: str) -> str:
        """What dpkg-query says of this system."""
        admin = f"--admindir={self.root / 'var/lib/dpkg'}"
        return subprocess.run(["dpkg-query", admin, *arguments], capture_output=True, text=True, check=False).stdout

    def package(self, library: pathlib.Path) -> Package:
        """The package that a library is from; systems with a merged /usr may list it below /lib, sysroot lists whole paths."""
        whole = str(library)
        for path in (whole, whole.removeprefix("/usr")):
            owner = self.query("-S", path).split(": ")[0].split(",")[0]
            if owner:
                break
        else:
            raise SystemExit(f"package: no package of {self.root} has {whole}")
        if owner not in self._packages:
            name, version, source = self.query("-W", "-f=${Package}\t${Version}\t${source:Package} ${source:Version}", owner).split("\t")
            text = self.root / "usr/share/doc" / name / "copyright"
            self._packages[owner] = Package(name, version, source, text if text.exists() else None)
        return self._packages[owner]
