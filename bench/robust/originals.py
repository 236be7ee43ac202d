"""Real files to mutate: those of this Debian system, and a few packages that apt-get and pip fetch once into the work folder."""
import glob
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGEST = 64 * 1024  # of one original: small ones are scanned fast, and mutation meets what is in them sooner
DEBS = ["hostname", "libcommons-cli-java", "libz-mingw-w64", "libacl1", "libattr1", "bsdutils", "libcap2", "gzip"]
WHEELS = ["distlib", "markupsafe"]


def read(path):
    return pathlib.Path(path).read_bytes()


def some(paths, most, largest=LARGEST):
    """Up to `most` files of different sizes, by size."""
    sizes = {os.path.getsize(path): path for path in sorted(paths) if os.path.isfile(path) and 64 < os.path.getsize(path) <= largest}
    chosen = [sizes[size] for size in sorted(sizes)]
    step = max(len(chosen) / most, 1)
    return [chosen[int(i * step)] for i in range(min(most, len(chosen)))]


def fetch(work):
    """Packages that are not there yet; without a network the others do."""
    folder = work / "fetched"
    folder.mkdir(parents=True, exist_ok=True)
    for command, names in ((["apt-get", "download"], DEBS), ([sys.executable, "-m", "pip", "download", "--no-deps", "-q"], WHEELS)):
        missing = [name for name in names if not list(folder.glob(f"{name}[-_]*"))]
        if missing:
            subprocess.run([*command, *missing], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return folder


def inside_deb(path, suffix):
    """Files of a package whose name ends so."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", path, folder], check=True)
        return [read(found) for found in sorted(glob.glob(f"{folder}/**/*{suffix}", recursive=True)) if not os.path.islink(found)]


def tar_of(files, form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o755
            tar.addfile(info, io.BytesIO(data))
        for kind, name, target in ((tarfile.SYMTYPE, "usr/lib/link.so", "a.so"), (tarfile.LNKTYPE, "usr/lib/hard.so", next(iter(files)))):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info)
    return out.getvalue()


def cpio_of(files):
    out = b""
    for number, (name, data) in enumerate([*files.items(), ("TRAILER!!!", b"")]):
        fields = [number + 1, 0o100755, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        out += head.ljust(len(head) + 3 & ~3, b"\0") + data.ljust(len(data) + 3 & ~3, b"\0")
    return out


def dpkg_root(names):
    """The database and the files of some packages of this system, as a root."""
    files = {"etc/os-release": read("/etc/os-release")}
    records = read("/var/lib/dpkg/status").split(b"\n\n")
    chosen = [record for record in records if any(record.startswith(b"Package: %s\n" % name.encode()) for name in names)]
    files["var/lib/dpkg/status"] = b"\n\n".join(chosen) + b"\n\n"
    for name in names:
        for info in glob.glob(f"/var/lib/dpkg/info/{name}.*") + glob.glob(f"/var/lib/dpkg/info/{name}:*.*"):
            if info.endswith((".list", ".md5sums", ".conffiles")):
                files[info[1:]] = read(info)
        for line in read((glob.glob(f"/var/lib/dpkg/info/{name}*.list") or ["/dev/null"])[0]).decode().split("\n"):
            if os.path.isfile(line) and os.path.getsize(line) <= LARGEST and ("/lib/" in line or "/bin/" in line):
                files[line[1:]] = read(line)
    return files


def apk_root(deb_root):
    """The same files as apk lists them."""
    lines = []
    for name in ("musl", "busybox", "zlib"):
        lines += [f"C:Q1{'a' * 27}=", f"P:{name}", "V:1.2.13-r1", "A:x86_64", "S:53000", "I:110592", "T:a library", "L:Zlib", f"o:{name}",
                  "D:so:libc.musl-x86_64.so.1", f"p:so:lib{name}.so.1=1.2.13"]
        folder = None
        for path in sorted(path for path in deb_root if path.startswith("usr/lib")):
            if os.path.dirname(path) != folder:
                folder = os.path.dirname(path)
                lines.append(f"F:{folder}")
            lines += [f"R:{os.path.basename(path)}", "a:0:0:755", f"Z:Q1{'b' * 27}="]
        lines.append("")
    files = {path: data for path, data in deb_root.items() if path.startswith("usr/lib")}
    files["etc/os-release"] = b'ID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux"\n'
    files["lib/apk/db/installed"] = "\n".join(lines).encode() + b"\n"
    return files


def image(layers):
    """An OCI layout and a docker archive of these tars."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def store(data, kind):
        digest = hashlib.sha256(data).hexdigest()
        files[f"blobs/sha256/{digest}"] = data
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/bin"]}, "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]},
        "history": [{"created_by": "COPY a"}, {"created_by": "ENV x", "empty_layer": True}, {"created_by": "RUN b"}]}).encode()
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": store(config, "config.v1+json"),
                "layers": [store(gzip.compress(layer, 6, mtime=0), "layer.v1.tar+gzip") for layer in layers]}
    index = {"schemaVersion": 2, "manifests": [store(json.dumps(manifest).encode(), "manifest.v1+json") |
                                               {"annotations": {"org.opencontainers.image.ref.name": "a:1"}}]}
    files["index.json"] = json.dumps(index).encode()
    saved = io.BytesIO()
    with tarfile.open(fileobj=saved, mode="w") as tar:
        for name, data in [("config.json", config), *((f"{i}/layer.tar", layer) for i, layer in enumerate(layers)), ("manifest.json", json.dumps(
                [{"Config": "config.json", "RepoTags": ["a:1"], "Layers": [f"{i}/layer.tar" for i in range(len(layers))]}]).encode())]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return files, saved.getvalue()


def rpm_package(work):
    """A package that rpmbuild makes of a file of this system; nothing where it is not installed."""
    if not shutil.which("rpmbuild"):
        return []
    top = work / "rpm"
    if not list(top.glob("RPMS/*/*.rpm")):
        top.mkdir(parents=True, exist_ok=True)
        (top / "made.spec").write_text(
            "Name: made\nVersion: 1.2\nRelease: 3\nSummary: x\nLicense: MIT\nProvides: bundled(zlib) = 1.2.13\n%global debug_package %{nil}\n"
            "%define _build_id_links none\n%description\nx\n%install\nmkdir -p %{buildroot}/usr/lib64 %{buildroot}/etc\n"
            "cp /usr/lib/x86_64-linux-gnu/libattr.so.1 %{buildroot}/usr/lib64/ || cp /bin/true %{buildroot}/usr/lib64/\n"
            "echo a >%{buildroot}/etc/made.conf\n%files\n/usr/lib64/*\n%config /etc/made.conf\n")
        subprocess.run(["rpmbuild", "-bb", "--define", f"_topdir {top}", top / "made.spec"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return [read(path) for path in sorted(top.glob("RPMS/*/*.rpm"))]


def make_set(work, sigbuild):
    """A small set of libraries that the originals hold. With the base set each scan would compile its rules, a second under the
    sanitizers."""
    base, made = work / "set.work", work / "set.fpdb"
    rules = work / "made.rules"
    if made.exists():
        return str(made)
    base.unlink(missing_ok=True)
    rules.write_text("Rule: zlib-inflate\nComponent: z\nMatch: inflate (?<version>[0-9.]+) Copyright\nEffect: version\n")
    for name in ("attr", "acl", "z", "cap"):
        for path in sorted(glob.glob(f"/usr/lib/x86_64-linux-gnu/lib{name}.so.*"))[-1:]:
            subprocess.run([sigbuild, "add", "-q", "-w", base, "--name", name, "--version", "1.0", path], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sigbuild, "compile", "-q", "-w", base, "-r", rules, "-o", made], check=True, stdout=subprocess.DEVNULL)
    return str(made)


def collect(work):
    """Originals by kind: bytes for a single file, a dict of names and bytes for a folder."""
    fetched = fetch(work)
    libraries = glob.glob("/usr/lib/x86_64-linux-gnu/*.so.*") + glob.glob("/usr/lib/x86_64-linux-gnu/*/*.so") + glob.glob("/usr/lib/aarch64-linux-gnu/*.so.*")
    objects = sorted(glob.glob(str(ROOT / "tests/object/objects/*")))
    kinds = {"elf": [read(path) for path in some(libraries, 30) + some(glob.glob("/usr/bin/*"), 10) if read(path)[:4] == b"\x7fELF"]}
    kinds["elf"] += [read(path) for path in objects if read(path)[:4] == b"\x7fELF"]
    wheels = sorted(map(str, fetched.glob("*.whl")))
    programs = [read(path) for path in objects if path.endswith(".dll")]
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            programs += [packed.read(name) for name in packed.namelist() if name.endswith(".exe")]
    debs = sorted(map(str, fetched.glob("*.deb")))
    for path in debs:
        programs += [data for data in inside_deb(path, ".dll")]
    kinds["pe"] = [data for data in programs if len(data) <= 4 * LARGEST]
    kinds["ar"] = [read(path) for path in some(glob.glob("/usr/lib/x86_64-linux-gnu/*.a") + glob.glob("/usr/lib/gcc/x86_64-linux-gnu/*/*.a"), 12)]
    small = {f"usr/lib/{os.path.basename(path)}": read(path) for path in some(libraries, 4, 24 * 1024)}
    plain = {"etc/os-release": read("/etc/os-release"), "usr/bin/true": read("/bin/true")[:LARGEST]}
    kinds["tar"] = [tar_of(small, tarfile.USTAR_FORMAT), tar_of(small | plain, tarfile.GNU_FORMAT), tar_of(plain | small, tarfile.PAX_FORMAT)]
    kinds["packed tar"] = [pack(tar_of(small, tarfile.PAX_FORMAT)) for pack in (lambda data: gzip.compress(data, mtime=0),)]
    kinds["cpio"] = [cpio_of(small), cpio_of(plain)]
    kinds["deb"] = [read(path) for path in debs if os.path.getsize(path) <= 4 * LARGEST]
    kinds["zip"] = [read(path) for path in wheels if os.path.getsize(path) <= LARGEST]
    for path in debs:
        kinds["zip"] += [data for data in inside_deb(path, ".jar") if len(data) <= 2 * LARGEST]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:  # stored, with a wheel's metadata
        for name, data in small.items():
            packed.writestr(name, data)
        packed.writestr("a-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1\n")
        packed.writestr("a-1.dist-info/RECORD", "usr/lib/a.so,sha256=x,1\n")
    kinds["zip"].append(out.getvalue())
    deb_root = dpkg_root(["libacl1", "libattr1", "hostname", "zlib1g", "base-files"])
    kinds["dpkg"], kinds["apk"] = [deb_root], [apk_root(deb_root)]
    upper = {f"usr/lib/{name}": data for name, data in zip(("new.so", ".wh.a.so"), (next(iter(small.values())), b""))}
    layers = [tar_of({path: data for path, data in deb_root.items() if len(data) < 20000}, tarfile.PAX_FORMAT), tar_of(upper, tarfile.GNU_FORMAT)]
    layout, saved = image(layers)
    kinds["oci"], kinds["docker"] = [layout], [saved]
    bases = {name: gzip.decompress(read(ROOT / "tests/inventory/rpm" / f"{name}.gz")) for name in ("rpmdb.sqlite", "Packages", "Packages.db")}
    names = {"rpmdb.sqlite": "var/lib/rpm/rpmdb.sqlite", "Packages": "var/lib/rpm/Packages", "Packages.db": "usr/lib/sysimage/rpm/Packages.db"}
    kinds["rpm"] = [{"etc/os-release": b"ID=fedora\nVERSION_ID=40\n", names[name]: data, **small} for name, data in bases.items()]
    kinds["rpm package"] = rpm_package(work)
    return {kind: originals for kind, originals in kinds.items() if originals}
