"""The folders that packages are made of: the programs as a system installs them, with libraries beside them, or as a whole root.

Three trees are made of one build:

    native   programs that use the system's libraries (.deb)
    bundle   programs that bring all libraries and the loader along (.tar.gz, .rpm, wheel)
    image    a root file system that holds the programs, their libraries and nothing else (OCI image)

The bundle is not linked statically, because Debian 12 has no libisal.a. Nor do the programs find their libraries by a run path:
the C library would still be the system's, and one from 2022 or later would be needed. A small static program in bin/ starts the
bundled loader instead (launcher.c), so that any Linux does, also one with another C library, or with none.
"""
from __future__ import annotations

import dataclasses
import gzip
import os
import pathlib
import shutil
import subprocess

from system import Package, System, read_elf

PROGRAMS = ("fpscan", "sigbuild", "vulnbuild")
HERE = pathlib.Path(__file__).resolve().parent
USER = 65532  # "nonroot", as images without a distribution have it by habit


@dataclasses.dataclass(frozen=True)
class Release:
    """What all packages say of the program."""

    version: str
    epoch: int  # seconds since 1970, of the last commit
    summary: str
    description: str
    licence: str
    maintainer: str


def run(*command: object, **options: object) -> None:
    subprocess.run([str(part) for part in command], check=True, **options)  # type: ignore[call-overload]


def write(path: pathlib.Path, data: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def copy(source: pathlib.Path, target: pathlib.Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def settle(tree: pathlib.Path, epoch: int) -> None:
    """Gives all files of a tree the same time, and modes that do not depend on the umask."""
    for path in [tree, *sorted(tree.rglob("*"))]:
        if not path.is_symlink() and path.name != "tmp":
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def install(build: pathlib.Path, tree: pathlib.Path, prefix: str) -> None:
    """The component `runtime` of a build, stripped, with compressed man pages."""
    run("cmake", "--install", build, "--prefix", tree / prefix, "--component", "runtime", "--strip", stdout=subprocess.DEVNULL)
    for page in sorted((tree / prefix).glob("share/man/man1/*.1")):
        write(page.with_suffix(".1.gz"), gzip.compress(page.read_bytes(), 9, mtime=0))
        page.unlink()


def describe(tree: pathlib.Path, place: str, scanner: pathlib.Path, release: Release) -> None:
    """Puts a bill of materials of the tree into it, made by fpscan; its words do not depend on where the tree lies."""
    bill = tree / place / "fpscan.cdx.json"
    bill.parent.mkdir(parents=True, exist_ok=True)
    made = tree.parent / "fpscan.cdx.json"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch), "XDG_CACHE_HOME": str(tree.parent / "cache")}
    for name in [name for name in environment if name.startswith("FPSCAN_")]:
        del environment[name]
    done = subprocess.run([str(scanner), "-q", "--no-vulnerabilities", "-o", f"cyclonedx-json={made}", tree.name], cwd=tree.parent, env=environment, check=False)
    if done.returncode not in (0, 3):  # 3: a place of one of the libraries could not be read, which the bill says
        raise SystemExit(f"package: fpscan ends with {done.returncode}")
    made.replace(bill)


def native(build: pathlib.Path, tree: pathlib.Path, scanner: pathlib.Path, release: Release) -> None:
    install(build, tree, "usr")
    functions = tree / "usr/share/zsh/site-functions"  # where the administrator's own are, on Debian
    functions.rename(functions.with_name("vendor-completions"))
    describe(tree, "usr/share/doc/fpscan", scanner, release)
    settle(tree, release.epoch)


def add_licences(folder: pathlib.Path, libraries: dict[str, pathlib.Path], system: System) -> list[Package]:
    """The licence of each bundled library, and a table of where each is from; the packages, sorted."""
    packages, rows = {}, ["file\tpackage\tversion\tsource\n"]
    for name, path in libraries.items():
        package = system.package(path)
        packages[package.name] = package
        rows.append(f"{name}\t{package.name}\t{package.version}\t{package.source}\n")
        if not package.copyright:
            raise SystemExit(f"package: {package.name} has no file `copyright`, which must go with {name}")
        copy(package.copyright, folder / package.name)
    write(folder / "libraries.tsv", "".join(rows))
    return [packages[name] for name in sorted(packages)]


def bundle(build: pathlib.Path, tree: pathlib.Path, system: System, scanner: pathlib.Path, release: Release) -> list[Package]:
    """Programs, libraries and loader; the packages that the libraries are from."""
    install(build, tree, "")
    programs, libraries = tree / "lib/fpscan/programs", tree / "lib/fpscan"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        (tree / "bin" / name).rename(programs / name)
    found = system.closure([programs / name for name in PROGRAMS])
    for name, path in found.items():
        copy(path, libraries / name, 0o755)
    loader = pathlib.PurePosixPath(system.architecture.loader).name
    launcher = tree.parent / "launcher"
    compiler = f"{system.architecture.triplet}-gcc"
    sysroot = [] if str(system.root) == "/" else [f"--sysroot={system.root}"]
    run(compiler, *sysroot, "-std=c11", "-D_GNU_SOURCE", f'-DLOADER="{loader}"', "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s",
        "-fstack-protector-strong", "-Wl,--build-id=none", "-o", launcher, "launcher.c", cwd=HERE)
    for name in PROGRAMS:
        copy(launcher, tree / "bin" / name, 0o755)
    packages = add_licences(tree / "share/doc/fpscan/licences", found, system)
    check_bundle(tree)
    describe(tree, "share/doc/fpscan", scanner, release)
    settle(tree, release.epoch)
    return packages


def check_bundle(tree: pathlib.Path) -> None:
    """Stops unless every library and every version of a symbol that a file asks for is in the bundle."""
    libraries = tree / "lib/fpscan"
    files = {path.name: elf for path in sorted(libraries.rglob("*")) if path.is_file() and (elf := read_elf(path))}
    for name, elf in files.items():
        for library in elf.needed:
            if library not in files:
                raise SystemExit(f"package: {name} needs {library}, which is not in the bundle")
        for library, versions in elf.wanted.items():
            if missing := set(versions) - set(files[library].defined):
                raise SystemExit(f"package: {name} needs {' '.join(sorted(missing))} of {library}")
    for path in sorted((tree / "bin").iterdir()):
        elf = read_elf(path)
        if elf is None or elf.needed or elf.interpreter:
            raise SystemExit(f"package: {path.name} needs a library of the system, or is no program")


def image(build: pathlib.Path, tree: pathlib.Path, system: System, scanner: pathlib.Path, release: Release) -> None:
    """A root file system; scanners read from it which packages of Debian the libraries are from (var/lib/dpkg/status.d)."""
    install(build, tree, "usr")
    architecture = system.architecture
    found = system.closure([tree / "usr/bin" / name for name in PROGRAMS])
    loader = tree / architecture.loader.lstrip("/")
    packages: dict[str, list[str]] = {}
    for name, path in found.items():
        target = loader if name == loader.name else tree / "usr/lib" / architecture.triplet / name
        copy(path, target, 0o755)
        packages.setdefault(system.package(path).name, []).append(str(target.relative_to(tree)))
    for package in add_licences(tree / "usr/share/doc/fpscan/licences", found, system):
        stanza = system.query("-f=Package: ${Package}\nStatus: install ok installed\nArchitecture: ${Architecture}\n"
                              "Maintainer: ${Maintainer}\nSource: ${source:Package} (${source:Version})\nVersion: ${Version}\n"
                              "Description: ${binary:Summary}\n", "-W", f"{package.name}:{architecture.debian}")
        write(tree / "var/lib/dpkg/status.d" / package.name, stanza)
        sums = subprocess.run(["md5sum", *packages[package.name]], cwd=tree, capture_output=True, text=True, check=True).stdout
        write(tree / "var/lib/dpkg/status.d" / f"{package.name}.md5sums", sums)
    copy(system.root / "usr/lib/os-release", tree / "etc/os-release")
    write(tree / "etc/passwd", f"root:x:0:0:root:/:/sbin/nologin\nfpscan:x:{USER}:{USER}:fpscan:/tmp:/sbin/nologin\n")
    write(tree / "etc/group", f"root:x:0:\nfpscan:x:{USER}:\n")
    (tree / "tmp").mkdir()
    (tree / "tmp").chmod(0o1777)
    describe(tree, "usr/share/doc/fpscan", scanner, release)
    settle(tree, release.epoch)
