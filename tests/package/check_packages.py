"""Makes all packages of a build twice and uses each as a person would, without a network and without being root.

Arguments: BUILD PART. The part `make` makes the packages, which the others use: it says that two runs in different folders, with
another umask, time zone and language, give the same bytes.
"""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIP = 77
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


def run(*command, code=0, **options):
    """Standard output and error of a command, which must exit with this code."""
    options = {"env": ENVIRONMENT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options}
    done = subprocess.run([str(part) for part in command], check=False, **options)
    if done.returncode != code:
        raise SystemExit(f"{command}: exit code {done.returncode}, not {code}\n{done.stdout}")
    return done.stdout


def check(condition, text):
    if not condition:
        raise SystemExit(text)


def only(folder, pattern):
    found = sorted(folder.glob(pattern))
    check(len(found) == 1, f"{folder} holds not one {pattern}: {found}")
    return found[0]


def inside(root, *command, code=0):
    """Runs a command in a root of its own; skips the test where neither root nor a user name space may do that."""
    if os.getuid() == 0:
        return run("chroot", root, *command, code=code)
    if subprocess.run(["unshare", "-r", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("no way into another root")
        sys.exit(SKIP)
    return run("unshare", "-r", "chroot", root, *command, code=code)


def use_in_root(root, program, libraries):
    """The program tells its version and scans its own libraries and an empty folder, in a root where nothing else is."""
    check("fpscan 0." in inside(root, program, "--version"), "no version")
    (root / "empty").mkdir()
    check("no regular file" in inside(root, program, "--no-cache", "/empty", code=4), "no message about an empty folder")
    found = inside(root, program, "-q", "--no-cache", "--no-vulnerabilities",
                   "-o", "purls", libraries)
    check("/libarchive@" in found or "/libarchive13@" in found, f"libarchive is not found:\n{found}")



def check_bill(text):
    """The bill of ourselves names real components and no paths of the machine that it was made on."""
    bill = json.loads(text)
    check(bill["bomFormat"] == "CycloneDX", "no CycloneDX")
    check("/tmp/" not in text and str(ROOT) not in text, "the bill names a path of this machine")
    names = {component["name"] for component in bill.get("components", [])}
    check(not names & {"AFL", "Apache"}, f"licences are no components: {sorted(names)}")
    return names


def part_make(build, folder):
    shutil.rmtree(folder, ignore_errors=True)
    strings = (build / "bin/fpscan").read_bytes()
    check(str(ROOT).encode() not in strings and str(build).encode() not in strings, "fpscan holds the path of its sources or build")
    make = [ROOT / "tools/package/make", build]
    run(*make, folder / "first", "--quick")
    other = {**ENVIRONMENT, "TZ": "Asia/Tokyo", "LC_ALL": "C", "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "")}
    run(*make, folder / "second folder", "--quick", env={name: value for name, value in other.items() if value}, umask=0o077)
    first, second = (only(folder / name, "SHA256SUMS-*").read_text() for name in ("first", "second folder"))
    check(len(first.splitlines()) == 5, f"not all packages were made:\n{first}")
    check(first == second, f"two runs give different packages:\n{first}\n{second}")


def part_deb(folder, work):
    package = only(folder, "*.deb")
    control = run("dpkg-deb", "--field", package)
    for word in ("libc6 (>= ", "libarchive13", "libsqlite3-0", "libgit2-1.5"):
        check(word in control, f"the .deb does not depend on {word}:\n{control}")
    listed = run("dpkg-deb", "--contents", package)
    check(not [line for line in listed.splitlines() if " root/root " not in line], "a file of the .deb is not root's")
    run("dpkg-deb", "--extract", package, work)
    for name in ("fpscan", "sigbuild", "vulnbuild"):
        check(name in run(work / "usr/bin" / name, "--help"), f"{name} tells no help")
        for place in (f"share/man/man1/{name}.1.gz", f"share/bash-completion/completions/{name}", f"share/zsh/vendor-completions/_{name}"):
            check((work / "usr" / place).is_file(), f"the .deb has no {place}")
    documents = work / "usr/share/doc/fpscan"
    check_bill((documents / "fpscan.cdx.json").read_text())
    check("Apache License" in (documents / "LICENSE").read_text() and (documents / "copyright").is_file(), "no licence")
    run("dpkg-deb", "--control", package, work / "DEBIAN")
    run("md5sum", "--check", "--quiet", "DEBIAN/md5sums", cwd=work)


def part_tar(folder, work):
    with tarfile.open(only(folder, "*.tar.gz")) as archive:
        check({(entry.uid, entry.gid) for entry in archive} == {(0, 0)}, "an owner is not root")
        check(len({entry.mtime for entry in archive}) == 1, "files have different times")
    run("tar", "-xf", only(folder, "*.tar.gz"), "-C", work, "--strip-components=1")
    use_in_root(work, "/bin/fpscan", "/lib")
    (work / "opt").mkdir()
    (work / "opt/scanner").symlink_to("../bin/fpscan")
    check("fpscan 0." in inside(work, "/opt/scanner", "--version"), "fpscan does not start by a link")
    names = check_bill((work / "share/doc/fpscan/fpscan.cdx.json").read_text())
    check(any("libarchive" in name for name in names), f"the bill does not name libarchive: {sorted(names)}")
    table = (work / "share/doc/fpscan/licences/libraries.tsv").read_text().splitlines()[1:]
    check(len(table) == len(list((work / "lib/fpscan").glob("*.so*"))), "the table of libraries is not complete")
    missing = [row for row in table if not (work / "share/doc/fpscan/licences" / row.split("\t")[1]).is_file()]
    check(not missing, f"no licence for {missing}")
    known = set(re.findall(r'^    "([^"]+)": "', (ROOT / "tests/lint/check_linked.py").read_text(), re.M))
    unknown = [row for row in table if row.split(".so")[0] not in known]
    check(not unknown, f"the licence is not in tests/lint/check_linked.py: {unknown}")
    loaded = run(work / "bin/fpscan", "--version", env={**ENVIRONMENT, "LD_PRELOAD": "/nonexistent.so", "LD_LIBRARY_PATH": "/nonexistent"})
    check("ERROR" not in loaded, f"the system's loader variables count:\n{loaded}")


def part_rpm(folder, work):
    package = only(folder, "*.rpm")
    database = ["--dbpath", work / "db"]
    listed = run("rpm", *database, "-qpl", package).splitlines()
    for place in ("/usr/bin/fpscan", "/usr/lib/fpscan/programs/fpscan", "/usr/share/man/man1/fpscan.1.gz", "/usr/share/doc/fpscan/LICENSE"):
        check(place in listed, f"the .rpm has no {place}")
    check("bundled(libarchive13)" in run("rpm", *database, "-qp", "--provides", package), "bundled libraries are not named")
    wanted = [line for line in run("rpm", *database, "-qp", "--requires", package).splitlines() if not line.startswith("rpmlib(")]
    check(not wanted, f"the .rpm needs {wanted}")
    check({line.split()[0] for line in run("rpm", *database, "-qp", "--qf", "[%{FILEUSERNAME}\\n]", package).splitlines()} == {"root"}, "owners")
    with open(package, "rb") as data:
        archive = run("rpm2archive", "-", stdin=data, text=False, stderr=None)
    root = work / "root"
    root.mkdir()
    run("tar", "-xzf", "-", "-C", root, input=archive, text=False)
    use_in_root(root, "/usr/bin/fpscan", "/usr/lib")


def part_image(folder, work):
    run("tar", "-xf", only(folder, "*.oci.tar"), "-C", work)
    index = json.loads((work / "index.json").read_text())

    def blob(digest):
        return work / "blobs" / digest.replace(":", "/")

    manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text())
    config = json.loads(blob(manifest["config"]["digest"]).read_text())
    check(config["config"]["User"] == "65532:65532" and config["config"]["Entrypoint"] == ["/usr/bin/fpscan"], f"user, entry point: {config}")
    check(len(manifest["layers"]) == 1, "more than one layer")
    root = work / "root"
    root.mkdir()
    run("tar", "-xzf", blob(manifest["layers"][0]["digest"]), "-C", root)
    check_bill((root / "usr/share/doc/fpscan/fpscan.cdx.json").read_text())
    use_in_root(root, "/usr/bin/fpscan", "/usr/lib")
    found = run(BUILD / "bin/fpscan", "-q", "--no-cache", "--no-vulnerabilities", "-o", "purls",
                only(folder, "*.oci.tar"))
    check(re.search(r"^pkg:deb/debian/libarchive13@", found, re.M), f"a scanner does not see the packages of the image:\n{found}")


def part_module(folder, work):
    """Each field of the module's dataclasses is a member of the report's schema, always there unless it has a default."""
    del folder, work
    sys.path.insert(0, str(ROOT / "tools/python"))
    from fpscan import _report  # pylint: disable=import-outside-toplevel
    schema = json.loads((ROOT / "engine/report/report.schema.json").read_text())
    top, defined = schema["properties"], schema["$defs"]
    component = top["components"]["items"]
    places = {"Report": schema, "Target": top["target"], "File": top["files"]["items"], "Package": defined["package"],
              "Component": component, "Finding": component["properties"]["files"]["items"],
              "Evidence": component["properties"]["evidence"]["items"], "Vulnerability": defined["vulnerability"],
              "Drift": defined["drift"], "Diagnostic": top["diagnostics"]["items"]}
    given = {"exit_code", "messages", "raw"}
    for name, place in places.items():
        for field in dataclasses.fields(getattr(_report, name)):
            member = _report._member(field.name)  # pylint: disable=protected-access
            known = member in (place["required"] if field.default is dataclasses.MISSING else place["properties"])
            check(known or field.name in given, f"{name}.{field.name}: the schema does not promise a member {member}")


USE = """\
import sys
import fpscan
report = fpscan.scan(sys.argv[1], no_cache=True, no_vulnerabilities=True)
assert "bundle" in str(fpscan.program_path()), fpscan.program_path()
assert [file.path for file in report.files] == ["/libz.so"], report.files
zlib, = [component for component in report.components if component.id == "zlib"]
assert zlib.files[0].path == "/libz.so" and zlib.versions and zlib.evidence, zlib
assert report.exit_code == 0 and not report.partial and not report.gate_closed
assert fpscan.scan(sys.argv[1], no_cache=True, fail_on=["component=zlib"]).gate_closed
for bad, kind, code in (("/nonexistent", fpscan.ScanError, 1), (sys.argv[2], fpscan.EmptyTargetError, 4)):
    try:
        fpscan.scan(bad, no_cache=True)
    except kind as error:
        assert error.exit_code == code and error.message, error
    else:
        raise AssertionError(bad)
try:
    zlib.id = ""
except AttributeError:
    pass
else:
    raise AssertionError("a component can be changed")
cut = fpscan.scan(sys.argv[3], no_cache=True)
assert cut.partial and cut.exit_code == 3 and [item for item in cut.diagnostics if item.level == "partial"], cut
"""
TYPED = """\
import fpscan
report = fpscan.scan("x", fail_on=["critical"], timeout="1m", no_cache=True)
names: list[str] = [component.id for component in report.components]
report.components[0].version.upper()
"""


def part_wheel(folder, work):
    wheel = only(folder, "*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tags = re.findall(r"^Tag: (.+)$", archive.read(only_name(archive, "dist-info/WHEEL")).decode(), re.M)
        check_bill(archive.read(only_name(archive, "sboms/fpscan.cdx.json")).decode())
    name = {tag.removeprefix("py3-none-") for tag in tags}
    check(name == set(wheel.stem.split("-")[-1].split(".")), f"tags of the name and of WHEEL differ: {name}")
    venv = work / "venv"
    run("/usr/bin/python3", "-m", "venv", venv)
    run(venv / "bin/pip", "install", "--no-index", "--no-deps", "--quiet", wheel)
    check("fpscan 0." in run(venv / "bin/fpscan", "--version"), "the command of the wheel tells no version")
    check("fpscan 0." in run(venv / "bin/python", "-m", "fpscan", "--version"), "python -m fpscan tells no version")
    check((venv / "share/man/man1/fpscan.1.gz").is_file(), "no man page")
    target, empty, cut = work / "target", work / "empty", work / "cut"
    for path in (target, empty, cut):
        path.mkdir()
    shutil.copyfile(next(pathlib.Path(place) for place in ZLIBS if pathlib.Path(place).exists()), target / "libz.so")
    (cut / "cut.zip").write_bytes(b"PK\3\4" + b"\0" * 26 + b"\xff" * 99)
    run(venv / "bin/python", "-c", USE, target, empty, cut)
    (work / "typed.py").write_text(TYPED)
    if shutil.which("mypy"):
        run("mypy", "--strict", "--python-version", "3.9", "--cache-dir", work / "mypy", ROOT / "tools/python/fpscan")
        faults = run("mypy", "--strict", "--cache-dir", work / "mypy", "--python-executable", venv / "bin/python", work / "typed.py", code=1)
        check("Found 1 error" in faults and 'has no attribute "upper"' in faults, f"types of the installed module:\n{faults}")


def only_name(archive, end):
    return [name for name in archive.namelist() if name.endswith(end)][0]


ZLIBS = ("/usr/lib/x86_64-linux-gnu/libz.so.1", "/lib/x86_64-linux-gnu/libz.so.1", "/usr/lib/aarch64-linux-gnu/libz.so.1")
BUILD = pathlib.Path(sys.argv[1]).resolve()


def main():
    part, folder = sys.argv[2], BUILD / "package-test"
    if part == "make":
        part_make(BUILD, folder)
        return
    with tempfile.TemporaryDirectory() as work:
        globals()[f"part_{part}"](folder / "first", pathlib.Path(work))


main()
