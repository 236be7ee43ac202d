"""Writes packages of finished trees: .deb, .tar.gz, .rpm and OCI images. Equal trees give equal bytes."""
from __future__ import annotations

import datetime
import gzip
import os
import pathlib
import shutil
import subprocess

from system import Architecture, Package, System
from trees import HERE, PROGRAMS, USER, Release, run, settle, write

NEWS = HERE.parents[1] / ".github/CHANGELOG.md"


def pack_tar(source: pathlib.Path, entry: str, target: pathlib.Path, release: Release) -> None:
    """An uncompressed tar of source/entry, with sorted names, no owner, and one time."""
    run("tar", "--create", "--file", target, "--format=gnu", "--sort=name", "--owner=root:0", "--group=root:0", "--numeric-owner",
        f"--mtime=@{release.epoch}", "--directory", source, entry)


def tar_gz(tree: pathlib.Path, target: pathlib.Path, release: Release, quick: bool) -> None:
    plain = tree.parent / "plain.tar"
    pack_tar(tree.parent, tree.name, plain, release)
    with open(target, "wb") as output:
        run("gzip", "-n", "-1" if quick else "-6", "-c", plain, stdout=output)
    plain.unlink()


def shared_dependencies(tree: pathlib.Path, system: System) -> str:
    """What dpkg-shlibdeps makes of the programs of a tree."""
    work = tree.parent / "shlibdeps"
    write(work / "debian/control", "Source: fpscan\n\nPackage: fpscan\nArchitecture: any\n")
    options = [] if str(system.root) == "/" else [f"--admindir={system.root / 'var/lib/dpkg'}",
                                                  *(f"-l{system.root / folder.lstrip('/')}" for folder in system.folders)]
    programs = [str(tree / "usr/bin" / name) for name in PROGRAMS]
    environment = {**os.environ, "DEB_HOST_ARCH": system.architecture.debian, "LC_ALL": "C"}
    text = subprocess.run(["dpkg-shlibdeps", "-O", *options, *(f"-e{path}" for path in programs)], cwd=work, env=environment,
                          capture_output=True, text=True, check=False)
    if text.returncode:
        raise SystemExit(f"package: dpkg-shlibdeps: {text.stderr.strip()}")
    return text.stdout.strip().removeprefix("shlibs:Depends=")


def deb(tree: pathlib.Path, target: pathlib.Path, system: System, release: Release, quick: bool) -> None:
    documents = tree / "usr/share/doc/fpscan"
    licence = documents / "LICENSE"
    write(documents / "copyright", "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
          f"Upstream-Name: fpscan\n\nFiles: *\nCopyright: the fpscan authors\nLicense: {release.licence}\n"
          " The text is in LICENSE, beside this file, and in /usr/share/common-licenses/Apache-2.0.\n")
    write(documents / "changelog.gz", gzip.compress(NEWS.read_bytes(), 9, mtime=0))
    assert licence.exists()
    size = sum(1 + path.stat().st_size // 1024 for path in tree.rglob("*") if path.is_file())
    depends = shared_dependencies(tree, system)
    write(tree / "DEBIAN/control", f"Package: fpscan\nVersion: {release.version}\nArchitecture: {system.architecture.debian}\n"
          f"Maintainer: {release.maintainer}\nInstalled-Size: {size}\nDepends: {depends}\nSection: utils\nPriority: optional\n"
          f"Description: {release.summary}\n" + "".join(f" {line}\n" for line in release.description.splitlines()))
    sums = subprocess.run(["md5sum", *sorted(str(path.relative_to(tree)) for path in tree.glob("usr/**/*") if path.is_file())],
                          cwd=tree, capture_output=True, text=True, check=True).stdout
    write(tree / "DEBIAN/md5sums", sums)
    settle(tree, release.epoch)
    strength = ["-Zxz", "-z0"] if quick else ["-Zxz", "-z6"]
    run("dpkg-deb", *strength, "--threads-max=1", "--root-owner-group", "--build", tree, target, stdout=subprocess.DEVNULL,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch)})
    shutil.rmtree(tree / "DEBIAN")


SPEC = """\
Name: fpscan
Version: {version}
Release: 1
Summary: {summary}
License: {licence}
AutoReqProv: no
{bundled}
%description
{description}

%install
mkdir -p %{{buildroot}}/usr
cp -a {tree}/. %{{buildroot}}/usr

%files
/usr/bin/*
/usr/lib/fpscan
%doc /usr/share/doc/fpscan
/usr/share/man/man1/*
/usr/share/bash-completion/completions/*
/usr/share/fish/vendor_completions.d/*
/usr/share/zsh/site-functions/*
"""


def rpm(tree: pathlib.Path, target: pathlib.Path, architecture: Architecture, packages: list[Package], release: Release) -> None:
    """The bundle below /usr: no other distribution has all of these libraries in these versions."""
    top = tree.parent / "rpm"
    bundled = "".join(f"Provides: bundled({package.name}) = {package.version.replace(':', '_').replace('-', '_')}\n" for package in packages)
    write(top / "fpscan.spec", SPEC.format(tree=tree, bundled=bundled, version=release.version, summary=release.summary,
                                           description=release.description, licence=release.licence))
    settings = {"_topdir": top, "_rpmdir": top, "_rpmfilename": "fpscan.rpm", "_buildhost": "reproducible", "debug_package": "%{nil}",
                "__os_install_post": "%{nil}", "_build_id_links": "none", "_binary_payload": "w6.zstdio", "_dbpath": top / "db",
                "use_source_date_epoch_as_buildtime": 1, "clamp_mtime_to_source_date_epoch": 1, "_docdir": "/usr/share/doc",
                "source_date_epoch_from_changelog": 0}
    defines = [part for name, value in settings.items() for part in ("--define", f"{name} {value}")]
    with open(top / "log", "wb") as log:
        done = subprocess.run(["rpmbuild", "-bb", "--target", f"{architecture.machine}-linux", *defines, str(top / "fpscan.spec")],
                              stdout=log, stderr=log, env={**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch)}, check=False)
    if done.returncode:
        raise SystemExit("package: rpmbuild: " + (top / "log").read_text()[-2000:])
    (top / "fpscan.rpm").replace(target)


def oci_image(tree: pathlib.Path, target: pathlib.Path, architecture: Architecture, release: Release) -> None:
    """An image of one layer, as an archive of an OCI layout: from scratch, not as root, and fpscan is what it runs."""
    work = tree.parent / "oci"
    layout, layer, name = work / "layout", work / "layer.tar", f"{work}/layout:{release.version}"
    work.mkdir()
    pack_tar(tree, ".", layer, release)
    time = datetime.datetime.fromtimestamp(release.epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", name)
    run("umoci", "raw", "add-layer", "--image", name, "--history.created", time, "--history.created_by", "tools/dev package", layer)
    labels = {"title": "fpscan", "version": release.version, "licenses": release.licence, "description": release.summary}
    run("umoci", "config", "--image", name, "--no-history", "--created", time, "--os", "linux", "--architecture", architecture.go,
        "--config.user", f"{USER}:{USER}", "--config.entrypoint", "/usr/bin/fpscan", "--config.workingdir", "/tmp",
        "--config.env", "PATH=/usr/bin", "--config.env", "XDG_CACHE_HOME=/tmp",
        *(part for key, value in labels.items() for part in ("--config.label", f"org.opencontainers.image.{key}={value}")))
    run("umoci", "gc", "--layout", layout, stdout=subprocess.DEVNULL)
    layer.unlink()
    settle(layout, release.epoch)
    pack_tar(layout, ".", target, release)
