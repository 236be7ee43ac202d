"""Checks fpscan's reports on generated images: layers, hidden files, every form of an image, and broken images.

usage: check_images.py BUILD
The layers contain shared libraries of this machine with which fpscan itself is linked; without them the test is skipped.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import image_builder as ib

SKIPPED = 77


def libraries(program):
    """The paths where the loader finds libz and liblzma."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    found = {}
    for name in ("libz.so.1", "liblzma.so.5"):
        match = re.search(re.escape(name) + r" => (\S+)", text)
        if match and os.path.exists(match[1]):
            with open(match[1], "rb") as file:
                found[name] = file.read()
    return found


class Scanner:
    def __init__(self, build, scratch):
        self.program = os.path.join(build, "bin", "fpscan")
        self.scratch = scratch
        self.number = 0

    def path(self, name):
        self.number += 1
        return os.path.join(self.scratch, f"{self.number}-{name}")

    def scan(self, target, *options, code=0):
        cache = [] if "--no-cache" in options else ["--no-cache"]
        done = subprocess.run([self.program, "scan", "--no-progress", "--reproducible", *cache, "--format", "json", *options, target],
                              capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, "HOME": self.scratch})
        if code is not None and done.returncode != code:
            raise AssertionError(f"{target}: exit {done.returncode}, not {code}\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout else None, done


def places(report):
    """{(component, path): (layer, layer that brought it in, visibility)} of a report."""
    found = {}
    for component in report["components"]:
        for item in component["files"]:
            found[component["id"], item["path"]] = (item["layer"], item["introducedLayer"], item["visibility"])
    return found


def attribution_cases(zlib, lzma):
    """The cases, as (description, layers, options, {(component, path): (layer, introduced, visibility)})."""
    z, x = ib.file("usr/lib/libz.so.1", zlib), ib.file("usr/lib/libx.so", lzma)
    z_at, x_at = ("zlib", "/usr/lib/libz.so.1"), ("xz", "/usr/lib/libx.so")
    both = ("--scope", "all-layers")
    other = ib.file("usr/lib/libz.so.1", b"no program\n")
    return [
        ("one layer", [[z]], (), {z_at: (0, 0, "visible")}),
        ("the layer that has it", [[ib.folder("etc")], [z]], (), {z_at: (1, 1, "visible")}),
        ("changed in place, the same component: the first brought it in", [[z], [ib.file("usr/lib/libz.so.1", zlib, 0o755)]],
         (), {z_at: (1, 0, "visible")}),
        ("changed in place twice", [[z], [ib.file("usr/lib/libz.so.1", zlib, 0o755)],
                                    [ib.file("usr/lib/libz.so.1", zlib, 0o700)]], (), {z_at: (2, 0, "visible")}),
        ("replaced by something else", [[z], [other]], (), {}),
        ("replaced by something else: still in the bytes", [[z], [other]], both, {z_at: (0, 0, "shadowed")}),
        ("replaced and brought back", [[z], [other], [z]], (), {z_at: (2, 2, "visible")}),
        ("another component in its place", [[z], [ib.file("usr/lib/libz.so.1", lzma)]], (),
         {("xz", "/usr/lib/libz.so.1"): (1, 1, "visible")}),
        ("removed", [[z], [ib.gone("usr/lib/libz.so.1")]], (), {}),
        ("removed: still in the bytes", [[z], [ib.gone("usr/lib/libz.so.1")]], both, {z_at: (0, 0, "deleted")}),
        ("removed and added again", [[z], [ib.gone("usr/lib/libz.so.1")], [z]], (), {z_at: (2, 2, "visible")}),
        ("removed and added in one layer", [[z], [z, ib.gone("usr/lib/libz.so.1")]], (), {z_at: (1, 1, "visible")}),
        ("its folder removed", [[z, x], [ib.gone("usr/lib")]], both, {z_at: (0, 0, "deleted"), x_at: (0, 0, "deleted")}),
        ("opaque before the entries", [[z, x], [ib.opaque("usr/lib"), z]], (), {z_at: (1, 1, "visible")}),
        ("opaque behind the entries", [[z, x], [z, ib.opaque("usr/lib")]], (), {z_at: (1, 1, "visible")}),
        ("a whiteout says nothing of its own layer", [[ib.folder("usr/lib")], [ib.gone("usr/lib/libz.so.1"), z]], (),
         {z_at: (1, 1, "visible")}),
        ("a folder replaced by a file", [[z], [ib.file("usr/lib", b"")]], both, {z_at: (0, 0, "deleted")}),
        ("hard link to a lower layer", [[z], [ib.hard("opt/copy.so", "usr/lib/libz.so.1")]], (),
         {("zlib", "/opt/copy.so"): (0, 0, "visible")}),
        ("hard link, then the first name removed", [[z, ib.hard("opt/copy.so", "usr/lib/libz.so.1")],
                                                    [ib.gone("usr/lib/libz.so.1")]], (),
         {("zlib", "/opt/copy.so"): (0, 0, "visible")}),
        ("through a link to a folder", [[ib.folder("usr/lib"), ib.link("lib", "usr/lib")],
                                        [ib.file("lib/libz.so.1", zlib)]], (), {z_at: (1, 1, "visible")}),
    ]


def check_attribution(scanner, zlib, lzma):
    for what, layers, options, expected in attribution_cases(zlib, lzma):
        layers[0] = [*layers[0], ib.file("etc/hostname", b"made\n")]
        target = ib.write_folder(scanner.path("oci"), ib.Image(layers).layout())
        report, _ = scanner.scan(target, *options)
        seen = places(report)
        if seen != expected:
            raise AssertionError(f"{what}: expected {expected}, seen {seen}")


def check_forms(scanner, zlib, lzma):
    """One root gives the same components in every form."""
    entries = [ib.folder("usr"), ib.folder("usr/lib"), ib.file("usr/lib/libz.so.1", zlib),
               ib.hard("usr/lib/copy.so", "usr/lib/libz.so.1"), ib.file("opt/libx.so", lzma), ib.folder("etc")]
    image = ib.Image([entries])
    root = scanner.path("root")
    ib.write_folder(root, {"usr/lib/libz.so.1": zlib, "opt/libx.so": lzma})
    os.mkdir(os.path.join(root, "etc"))
    os.link(os.path.join(root, "usr/lib/libz.so.1"), os.path.join(root, "usr/lib/copy.so"))
    plain_tar = scanner.path("root.tar")
    with open(plain_tar, "wb") as out:
        out.write(ib.tar(entries))
    layout, docker = image.layout(), image.docker()
    targets = {
        "dir": root, "tar": plain_tar,
        "oci-dir": ib.write_folder(scanner.path("oci"), layout),
        "oci-dir, no compression": ib.write_folder(scanner.path("plain"), ib.Image([entries], how="none").layout()),
        "oci-archive": ib.write_archive(scanner.path("oci.tar"), layout),
        "oci-archive, gzip": ib.write_archive(scanner.path("oci.tar.gz"), layout, "w:gz"),
        "docker-archive": ib.write_archive(scanner.path("docker.tar"), docker),
        "docker-archive, xz": ib.write_archive(scanner.path("docker.tar.xz"), docker, "w:xz"),
        "docker-archive of an OCI layout": ib.write_archive(scanner.path("both.tar"), {**layout, "manifest.json": json.dumps(
            [{"Config": "blobs/" + next(iter(layout)), "RepoTags": ["test:1"], "Layers": []}]).encode()}),
    }
    first = None
    for form, target in targets.items():
        report, _ = scanner.scan(target)
        components = json.loads(json.dumps(report["components"]))
        for component in components:
            for item in component["files"]:
                item["layer"] = item["introducedLayer"] = None
        seen = (components, [(item["path"], item["links"], item["size"]) for item in report["files"]],
                report["target"]["regularFiles"], report["target"]["entries"])
        if first is None:
            first = seen
            if not components:
                raise AssertionError("nothing was found")
        elif seen != first:
            raise AssertionError(f"{form} differs:\n{seen}\n{first}")


def check_choice(scanner, zlib, lzma):
    """An image can be selected by platform and by name."""
    amd64, arm64 = ib.Image([[ib.file("z", zlib)]]), ib.Image([[ib.file("x", lzma)]], platform=("linux", "arm64"))
    (one, blobs_one), (two, blobs_two) = amd64.blobs(), arm64.blobs()
    target = ib.write_folder(scanner.path("multi"), ib.layout_files([one, two], {**blobs_one, **blobs_two}))
    for platform, component in (("linux/amd64", "zlib"), ("linux/arm64", "xz")):
        report, _ = scanner.scan(target, "--platform", platform)
        if [item["id"] for item in report["components"]] != [component]:
            raise AssertionError(f"{platform}: {report['components']}")
    _, done = scanner.scan(target, "--platform", "linux/s390x", code=1)
    if "linux/amd64" not in done.stderr or "linux/arm64" not in done.stderr:
        raise AssertionError(f"the message does not list the platforms: {done.stderr}")
    names = {"org.opencontainers.image.ref.name": "a"}, {"org.opencontainers.image.ref.name": "b"}
    one["annotations"], two["annotations"] = names
    one.pop("platform"), two.pop("platform")
    target = ib.write_folder(scanner.path("names"), ib.layout_files([one, two], {**blobs_one, **blobs_two}))
    report, _ = scanner.scan(target, "--image", "b")
    if [item["id"] for item in report["components"]] != ["xz"]:
        raise AssertionError(f"--image b: {report['components']}")
    scanner.scan(target, code=1)


def codes(report):
    return {item["code"] for item in report["diagnostics"] if item["level"] == "partial"}


def check_faults(scanner, zlib, _lzma):
    """Broken parts become diagnostics and exit code 3; the rest is scanned."""
    good = ib.Image([[ib.file("lib/libz.so.1", zlib)], [ib.file("etc/x", b"x")]], how="none")
    wrong = ib.Image([[ib.file("lib/libz.so.1", zlib)]])
    wrong.config["rootfs"]["diff_ids"][0] = ib.sha256(b"something else")
    files = good.layout()
    cut = dict(files)
    largest = max(cut, key=lambda name: len(cut[name]))
    cut[largest] = cut[largest][:len(cut[largest]) // 2]
    lost = {name: data for name, data in files.items() if name != largest}
    bomb = ib.Image([ib.tar([ib.file("lib/libz.so.1", zlib)]) + bytes(1 << 20), [ib.file("zero", bytes(1 << 27))]])
    trailing = ib.Image([ib.tar([ib.file("lib/libz.so.1", zlib)]) + b"hidden " * 4096])
    escape = ib.Image([[ib.file("../../lib/libz.so.1", zlib)]])
    for what, target_files, code, expected in (
            ("wrong diff ID", wrong.layout(), 3, "wrong-digest"),
            ("cut blob", cut, 3, None),
            ("missing blob", lost, 3, "missing-layer"),
            ("data behind the tar", trailing.layout(), 3, "trailing-data"),
            ("path that leaves the root", escape.layout(), 0, None),
            ("bomb", bomb.layout(), 3, "layer-limit")):
        report, done = scanner.scan(ib.write_folder(scanner.path("fault"), target_files), code=code)
        if expected and expected not in codes(report):
            raise AssertionError(f"{what}: {report['diagnostics']}")
        found = {item["id"] for item in report["components"]}
        if what in ("wrong diff ID", "data behind the tar", "path that leaves the root", "bomb") and "zlib" not in found:
            raise AssertionError(f"{what}: {found} {done.stderr}")
    if wrong.config["rootfs"]["diff_ids"][0][7:20] not in json.dumps(
            scanner.scan(ib.write_folder(scanner.path("fault"), wrong.layout()), code=3)[0]["diagnostics"]):
        raise AssertionError("the diagnostic does not name the digest")


def check_cache(scanner, zlib, lzma):
    """A second scan gives the same report, a changed layer changes it, and a blob that forges a known diff ID inherits nothing."""
    folder = scanner.path("cache")
    image = ib.Image([[ib.file("lib/libz.so.1", zlib)], [ib.file("opt/libx.so", lzma)]])
    target = ib.write_folder(scanner.path("oci"), image.layout())

    def cached(path):
        done = subprocess.run([scanner.program, "scan", "--no-progress", "--reproducible", "--cache-dir", folder, "--format", "json", path],
                              capture_output=True, text=True, check=False, timeout=300)
        return done
    first, second = cached(target), cached(target)
    if first.returncode or first.stdout != second.stdout:
        raise AssertionError(f"the second scan differs: {first.stderr} {second.stderr}")
    if first.stdout != scanner.scan(target, "--no-cache")[1].stdout:
        raise AssertionError("a scan with a cache differs from one without")
    forged = ib.Image([[ib.file("lib/libz.so.1", b"nothing")], [ib.file("opt/libx.so", lzma)]])
    forged.config["rootfs"]["diff_ids"] = image.config["rootfs"]["diff_ids"]
    done = cached(ib.write_folder(scanner.path("oci"), forged.layout()))
    if done.returncode != 3 or '"zlib"' in done.stdout:
        raise AssertionError(f"a forged diff ID inherits a result: {done.returncode}")


def check_tools(scanner, zlib, lzma):
    """The same image gives the same report in every form that umoci and skopeo write."""
    root, above = (ib.write_folder(scanner.path(name), files) for name, files in (
        ("root", {"usr/lib/libz.so.1": zlib, "etc/hostname": b"made\n"}),
        ("above", {"opt/libx.so": lzma, "usr/lib/libz.so.1": zlib + b"\0"})))
    out = scanner.path("forms")
    done = subprocess.run([os.path.join(os.path.dirname(os.path.abspath(__file__)), "make-images"), out, root, above],
                          capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        print(f"skipped: {done.stderr.strip()}" if done.returncode == SKIPPED else done.stderr)
        return
    expected = {("zlib", "/usr/lib/libz.so.1"): (1, 0, "visible"), ("xz", "/opt/libx.so"): (1, 1, "visible")}
    for form in sorted(os.listdir(out)):
        report, _ = scanner.scan(os.path.join(out, form))
        layers = report["layers"]
        if places(report) != expected or len(layers) != 2 or "above" not in layers[1]["createdBy"]:
            raise AssertionError(f"{form}: {places(report)}, {layers}")
    report, _ = scanner.scan(os.path.join(out, "oci"), "--scope", "all-layers")
    hidden = [item["visibility"] for component in report["components"] for item in component["files"]]
    if sorted(hidden) != ["shadowed", "visible", "visible"]:
        raise AssertionError(f"all layers: {hidden}")


def main():
    build = sys.argv[1]
    found = libraries(os.path.join(build, "bin", "fpscan"))
    if len(found) != 2:
        print("skipped: libz.so.1 or liblzma.so.5 is missing")
        return SKIPPED
    with tempfile.TemporaryDirectory() as scratch:
        scanner = Scanner(build, scratch)
        for check in (check_attribution, check_forms, check_choice, check_faults, check_cache, check_tools):
            check(scanner, found["libz.so.1"], found["liblzma.so.5"])
            print(check.__name__, "good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
