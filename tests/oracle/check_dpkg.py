"""Compares fpscan's reading of dpkg databases with dpkg-query: check_dpkg.py INVENTORY_DUMP [ROOT...]. Exits with 77 without one.

Without ROOT it checks a copy of the running system's database. Packages, versions, sources, files and digests must be equal, and a
sound database must give no diagnostics.
"""
import collections
import pathlib
import shutil
import subprocess
import sys
import tempfile

FIELDS = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"


def query(root, *arguments):
    command = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", *arguments]
    return subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=True).stdout


def read_dump(program, root):
    """The facts about dpkg's packages, their owned paths by package and architecture, and all diagnostics."""
    text = subprocess.run([program, root], capture_output=True, text=True, errors="surrogateescape", check=True).stdout
    facts, claims, faults, current = [], collections.defaultdict(dict), [], None
    for line in text.splitlines():
        fields = line.split("\t")
        if fields[0] == "package":
            dpkg = fields[7].startswith("pkg:deb/")
            current = (fields[1], fields[3]) if dpkg else None
            facts += [tuple(fields[1:6])] if dpkg else []
        elif fields[0] == "claim" and current:
            claims[current][fields[1]] = (fields[2], fields[3])
        elif fields[0] == "diagnostic":
            faults.append(line)
    return facts, claims, faults


def listed(root, name, architecture, suffix):
    info = pathlib.Path(root, "var/lib/dpkg/info")
    for stem in (name, f"{name}:{architecture}"):
        path = info / f"{stem}.{suffix}"
        if path.exists():
            return path.read_text(errors="surrogateescape").splitlines()
    return []


def compare(program, root):
    facts, claims, faults = read_dump(program, root)
    wanted = [tuple(line.split("\t")) for line in query(root, "-W", "-f", "${db:Status-Status}\t" + FIELDS).splitlines()]
    wanted = sorted(line[1:] for line in wanted if line[0] not in ("not-installed", "config-files"))
    if sorted(facts) != wanted:
        faults += [f"package differs: {fact}" for fact in sorted(set(facts) ^ set(wanted))]
    paths = digests = 0
    for name, _, architecture, *_ in wanted:
        have = claims[name, architecture]
        listing = query(root, "-L", f"{name}:{architecture}").splitlines() if len(wanted) < 200 else None
        listing = listed(root, name, architecture, "list") if listing is None else listing
        names = {line for line in listing if line.startswith("/") and line != "/."}
        sums = dict(reversed(line.split("  ", 1)) for line in listed(root, name, architecture, "md5sums"))
        faults += [f"{name} misses {path}" for path in names - set(have)]
        faults += [f"{name} invents {path}" for path in set(have) - names if path[1:] not in sums and "c" not in have[path][0]]
        faults += [f"{name}: digest of {path}" for path, digest in sums.items() if have.get("/" + path, ("", ""))[1] != "m" + digest]
        paths += len(names)
        digests += len(sums)
    print(f"{root}: {len(wanted)} packages, {paths} paths, {digests} digests, {len(faults)} differences")
    return faults


def copy_database(root):
    target = pathlib.Path(root, "var/lib/dpkg/info")
    target.mkdir(parents=True)
    for name in ("status", "diversions"):
        shutil.copy(f"/var/lib/dpkg/{name}", target.parent)
    for path in pathlib.Path("/var/lib/dpkg/info").iterdir():
        if path.suffix in (".list", ".md5sums", ".conffiles"):
            shutil.copy(path, target)


def main():
    with tempfile.TemporaryDirectory() as copy:
        roots = sys.argv[2:] or [copy]
        try:
            if roots == [copy]:
                copy_database(copy)
            query(roots[0], "-W")
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"skipped: no dpkg database to compare with ({error})")
            sys.exit(77)
        faults = [fault for root in roots for fault in compare(sys.argv[1], root)]
    print("\n".join(faults[:20]))
    sys.exit(1 if faults else 0)


main()
