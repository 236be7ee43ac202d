"""Writes a Python wheel of a bundle: the programs, and the module `fpscan` that runs them.

Format: the binary distribution format (PEP 427), RECORD (PEP 376), tags (PEP 600, PEP 656), bills of materials (PEP 770).
"""
from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import re
import time
import zipfile

from system import Architecture, read_elf
from trees import HERE, PROGRAMS, Release

SOURCES = HERE.parent / "python/fpscan"
LOWEST = {"manylinux": (2, 17), "musllinux": (1, 1)}  # the oldest for which both architectures have a tag


def glibc_needed(paths: list[pathlib.Path]) -> tuple[int, int] | None:
    """The newest version of glibc's symbols that files need which the system's own loader starts; None: they need no library."""
    newest = None
    for path in paths:
        elf = read_elf(path)
        if elf is None or not (elf.needed or elf.interpreter):
            continue
        versions = [found for names in elf.wanted.values() for name in names if (found := re.fullmatch(r"GLIBC_(\d+)\.(\d+).*", name))]
        newest = max([newest or (2, 0), *((int(found[1]), int(found[2])) for found in versions)])
    return newest


def platforms(tree: pathlib.Path, architecture: Architecture) -> list[str]:
    """The platform tags that are true for a bundle. Its libraries are loaded by its own loader, and ask nothing of the system."""
    needed = glibc_needed(sorted((tree / "bin").iterdir()))
    if needed:
        return ["manylinux_{}_{}_{}".format(*max(needed, LOWEST["manylinux"]), architecture.machine)]
    return ["{}_{}_{}_{}".format(kind, *version, architecture.machine) for kind, version in LOWEST.items()]


def metadata(release: Release) -> str:
    readme = (SOURCES.parent / "README.md").read_text(encoding="utf-8")
    return (f"Metadata-Version: 2.1\nName: fpscan\nVersion: {release.version}\nSummary: {release.summary}\n"
            f"License: {release.licence}\nRequires-Python: >=3.9\nClassifier: Operating System :: POSIX :: Linux\n"
            "Classifier: Typing :: Typed\nDescription-Content-Type: text/markdown\n\n" + readme)


def contents(tree: pathlib.Path, tags: list[str], release: Release) -> dict[str, tuple[bytes, int]]:
    """All files of the wheel but RECORD: bytes and mode, by name."""
    info, files = f"fpscan-{release.version}.dist-info", {}
    for path in sorted(SOURCES.glob("*")):
        if path.is_file():
            files[f"fpscan/{path.name}"] = (path.read_bytes(), 0o644)
    for path in sorted(tree.rglob("*")):
        inside = str(path.relative_to(tree))
        if not path.is_file():
            continue
        if inside.startswith(("bin/", "lib/")):
            name = f"fpscan/bundle/{inside}"
        elif inside.endswith(".cdx.json"):
            name = f"{info}/sboms/{path.name}"
        elif inside.startswith("share/doc/fpscan/"):
            name = f"{info}/licenses/{inside.removeprefix('share/doc/fpscan/')}"
        else:
            name = f"fpscan-{release.version}.data/data/{inside}"  # man pages and completions
        files[name] = (path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)
    files[f"{info}/METADATA"] = (metadata(release).encode(), 0o644)
    files[f"{info}/WHEEL"] = ("Wheel-Version: 1.0\nGenerator: fpscan tools/package\nRoot-Is-Purelib: false\n"
                              + "".join(f"Tag: py3-none-{tag}\n" for tag in tags)).encode(), 0o644
    points = "".join(f"{name} = fpscan._program:{name}\n" for name in PROGRAMS)
    files[f"{info}/entry_points.txt"] = (f"[console_scripts]\n{points}".encode(), 0o644)
    return files


def make(tree: pathlib.Path, folder: pathlib.Path, architecture: Architecture, release: Release, quick: bool) -> pathlib.Path:
    """The path of the wheel."""
    tags = platforms(tree, architecture)
    files = contents(tree, tags, release)
    record = f"fpscan-{release.version}.dist-info/RECORD"
    lines = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}\n"
             for name, (data, _) in files.items()]
    files[record] = ("".join(lines) + f"{record},,\n").encode(), 0o644
    target = folder / f"fpscan-{release.version}-py3-none-{'.'.join(tags)}.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1 if quick else 6) as archive:
        for name, (data, mode) in files.items():
            entry = zipfile.ZipInfo(name, time.gmtime(max(release.epoch, 315532800))[:6])  # a zip knows no time before 1980
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, (0o100000 | mode) << 16
            archive.writestr(entry, data)
    return target
