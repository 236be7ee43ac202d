"""Checks the drift of small roots: none as packages installed them, and each kind of drift after a matching change.

usage: check_drift.py BUILD
The roots are made from this machine's Debian packages, and in the way of apk, rpm and pacman. A root is left out if its tools
are missing.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
PROGRAM = r"""
#include <zlib.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    unsigned char in[64], out[64];
    z_stream s = {.next_in = in, .avail_in = sizeof in, .next_out = out, .avail_out = sizeof out};
    gzFile file = gzopen(argv[argc - 1], "rb");
    inflateInit2(&s, 31), inflate(&s, Z_FINISH), inflateEnd(&s);
    deflateInit(&s, 9), deflate(&s, Z_FINISH), deflateEnd(&s);
    return puts(zlibVersion()) + gzread(file, out, sizeof out) + (int)crc32(0, out, 64);
}
"""


def scan(build, root, *options, verb="drift"):
    fpscan = build / "bin/fpscan"
    done = subprocess.run([fpscan, verb, "--no-progress", "--reproducible", "--no-cache", "--format", "json", *options, root],
                          capture_output=True, text=True, check=False, timeout=300)
    if not done.stdout:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout), done.returncode


def drift(report):
    """The (kind, path) of each drift item; paths of a merged /usr have their real names."""
    return {(item["kind"], re.sub("^/lib", "/usr/lib", item["path"])) for item in report["drift"] if item["level"] == "drift"}


def find(root, pattern):
    """The path, inside the root, of the one regular file that matches."""
    for path in sorted(root.glob(pattern)):
        if path.is_file() and not path.is_symlink():
            return path
    raise AssertionError(f"{root}: no file matches {pattern}")


def static_program(folder):
    """A static program that contains zlib, or None if it cannot be linked."""
    source, program = folder / "program.c", folder / "program"
    source.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run([os.environ.get("CC", "cc"), "-O2", "-static", "-o", program, source, "-lz"], check=False,
                          capture_output=True)
    if done.returncode:
        return None
    subprocess.run(["strip", program], check=True)
    return program


def plants(root, program):
    """The changes, as (description, changed path, function that changes it, expected kinds)."""
    zlib, lzma, xz = find(root, "usr/lib*/**/libz.so.1.*"), find(root, "usr/lib*/**/liblzma.so.5.*"), root / "usr/bin/xz"
    unowned = root / "opt/tool"
    yield "an executable that nobody owns", unowned, lambda: (unowned.parent.mkdir(exist_ok=True),
                                                              shutil.copy2(xz, unowned)), {"unowned"}
    yield "a library that is gone", lzma, lzma.unlink, {"missing"}
    yield "a byte that was changed", xz, lambda: xz.write_bytes(xz.read_bytes() + b"\0"), {"digest"}
    yield "another library under the name", lzma, lambda: shutil.copyfile(zlib, lzma), {"digest", "replaced"}
    if program:
        yield "a program with a copy of zlib", root / "usr/bin/bzip2", lambda: shutil.copyfile(
            program, root / "usr/bin/bzip2"), {"digest", "component"}


def check_root(build, kind, root, scratch, program):
    report, code = scan(build, root)
    if drift(report) or code:
        raise AssertionError(f"{kind}: the unchanged root has drift: {sorted(drift(report))}, exit {code}")
    if not report["packages"] or not report["target"]["packagesKnown"] or not report["target"]["digestsCompared"]:
        raise AssertionError(f"{kind}: packages were not read")
    for number, (what, *_) in enumerate(plants(root, program)):
        copy = scratch / f"{kind}{number}"
        shutil.copytree(root, copy, symlinks=True)
        _, path, change, expected = list(plants(copy, program))[number]
        change()
        report, code = scan(build, copy, "--fail-on", "drift")
        place = "/" + str(path.relative_to(copy))
        found = drift(report)
        if not expected <= {item for item, at in found if at == place} or code != 2:
            raise AssertionError(f"{kind}: {what}: expected {expected} at {place}, found {sorted(found)}, exit {code}")
        if {at for _, at in found} != {place}:
            raise AssertionError(f"{kind}: {what}: drift is reported for another path: {sorted(found)}")
        shutil.rmtree(copy)


def check_other_version(build, root):
    """If the database names another version than the library has, the report gives both."""
    status = root / "var/lib/dpkg/status"
    before = status.read_text(encoding="utf-8")
    lines, inside = [], False
    for line in before.splitlines():
        inside = line == "Package: zlib1g" or (inside and bool(line))
        lines.append("Version: 1:1.3.1-1" if inside and line.startswith("Version: ") else line)
    status.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report, _ = scan(build, root, verb="scan")
    items = [item for item in report["drift"] if item["kind"] == "version"]
    status.write_text(before, encoding="utf-8")
    if len(items) != 1 or "1.3.1" not in items[0]["message"] or items[0]["component"] != "zlib":
        raise AssertionError(f"another version in the database: {items}")


def check_kept(build, root, scratch, program):
    """The cache changes no report, whichever scans filled it; only one of the two scans asks for digests."""
    copy, reports = scratch / "kept", []
    shutil.copytree(root, copy, symlinks=True)
    for number in (2, 4) if program else (2,):
        list(plants(copy, program))[number][2]()
    for verb in ("scan", "scan", "drift", "scan"):
        done = subprocess.run([build / "bin/fpscan", verb, "--no-progress", "--reproducible", "--format", "json", "--cache-dir", scratch / "cache",
                               copy], capture_output=True, check=False, timeout=300)
        reports.append(done.stdout)
    shutil.rmtree(copy)
    if not reports[0] or reports[1] != reports[0] or reports[3] != reports[0]:
        raise AssertionError("a scan with cached files gives another report")
    if not any(item["kind"] == "digest" for item in json.loads(reports[2])["drift"]):
        raise AssertionError("the digests of cached files were not compared")


def check_no_drift(build, root):
    """Changes that packages allow are not drift."""
    shutil.rmtree(root / "usr/share/doc", ignore_errors=True)
    setting = root / "etc/issue"
    if setting.exists():
        setting.write_text("changed\n", encoding="utf-8")
    for info in (root / "var/lib/dpkg/info").glob("gzip*.md5sums"):
        info.unlink()
    report, _ = scan(build, root)
    if drift(report):
        raise AssertionError(f"allowed changes are reported as drift: {sorted(drift(report))}")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch, done = pathlib.Path(folder), 0
        program = static_program(scratch)
        for kind in ("deb", "apk", "rpm", "pacman"):
            root = scratch / kind
            made = subprocess.run([HERE / f"make-{kind}-root", root], check=False, capture_output=True, text=True)
            if made.returncode:
                print(f"skipped: no {kind} root: {(made.stdout + made.stderr).strip()}")
                continue
            check_root(build, kind, root, scratch, program)
            if kind == "deb":
                check_other_version(build, root)
                check_kept(build, root, scratch, program)
                check_no_drift(build, root)
            print(kind, "good")
            done += 1
    return 0 if done else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
