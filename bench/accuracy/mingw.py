"""Suite pe: programs and libraries for Windows, linked by MinGW from Debian's static archives for it; truth is the link map."""

import bisect
import collections
import glob
import os
import re
import shutil
import subprocess

import archives
import judging
import linking
import programs
import upstream

PREFIX = "x86_64-w64-mingw32-"
# Whole libraries, one each, and programs of one to three libraries with one to five entry points of each.
PROGRAMS, MOST_LIBRARIES, MOST_ENTRIES, QUICK = 24, 3, 5, 8
SYSTEM = ("-lws2_32", "-ladvapi32", "-luser32")
SECTION = re.compile(r"^ (\.text[^\s]*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(/[^\n]*\.a)\(([^)\n]+)\)$", re.M)
SEED = "mingw-1"

Library = collections.namedtuple("Library", "component version archives")


def missing_tool():
    """What this machine lacks for the suite, or None."""
    return next((name for name in (PREFIX + "gcc", "apt-get", "dpkg-deb") if not shutil.which(name)), None)


def fetch(listing, folder):
    """Get the missing packages of a list (PACKAGE COMPONENT per line) through apt-get; yields a Library for each."""
    with open(listing, encoding="utf-8") as lines:
        wanted = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    os.makedirs(folder, exist_ok=True)
    for package, component in wanted:
        if not glob.glob(os.path.join(glob.escape(folder), f"{package}_*.deb")):
            if subprocess.run(["apt-get", "-q", "download", package], cwd=folder, capture_output=True, check=False).returncode:
                raise judging.JudgeError(f"apt-get download {package} failed")
        path = max(glob.glob(os.path.join(glob.escape(folder), f"{package}_*.deb")))
        version = subprocess.run(["dpkg-deb", "-f", path, "Version"], capture_output=True, text=True, check=True).stdout.strip()
        dest = path.removesuffix(".deb")
        if not os.path.isdir(dest):
            subprocess.run(["dpkg-deb", "-x", path, dest + ".new"], check=True)
            os.rename(dest + ".new", dest)
        paths = glob.glob(os.path.join(glob.escape(dest), "usr", PREFIX.rstrip("-"), "lib", "*.a"))
        # of libraries for both widths the file names are the same
        yield Library(component, upstream.upstream_version(version) or "", sorted(path for path in paths if not path.endswith(".dll.a")))


def read_content(program, table):
    """{archive: Content} of a linked file that still has its symbols; functions reach to the next symbol."""
    _, listing = linking.run([PREFIX + "nm", "--defined-only", program])
    symbols = sorted({int(fields[0], 16) for fields in map(str.split, listing.splitlines()) if len(fields) == 3 and fields[1] in "tT"})
    with open(table, encoding="utf-8", errors="replace") as text:
        placed = SECTION.findall(text.read().partition("\nLinker script and memory map")[2])
    functions, members = collections.Counter(), collections.defaultdict(set)
    for _, address, size, path, member in placed:
        start, end, path = int(address, 16), int(address, 16) + int(size, 16), os.path.realpath(path)
        inside = symbols[bisect.bisect_left(symbols, start):bisect.bisect_left(symbols, end)]
        functions[path] += sum(after - before >= linking.LEAST_FUNCTION for before, after in zip(inside, inside[1:] + [end]))
        if int(size, 16):
            members[path].add(member)
    return {path: linking.Content(sorted(names), functions[path], 0) for path, names in members.items()}


def link(path, wanted, whole, others):
    """Link and strip a file; returns {archive: Content}, empty if it cannot be linked. `whole` archives are linked with all members, and of
    `others` what `wanted` and the rest need."""
    table = path + ".map"
    kind = ["-shared"] if whole else []
    command = [PREFIX + "gcc", *kind, "-o", path, f"-Wl,-Map,{table}", "-Wl,--allow-multiple-definition", *(f"-Wl,-u,{name}" for name in wanted)]
    if not whole:
        command += ["-x", "c", "-", "-x", "none"]
    command += ["-Wl,--whole-archive", *whole, "-Wl,--no-whole-archive", "-Wl,--start-group", *others, *SYSTEM, "-Wl,--end-group"]
    done, _ = linking.run(command, input="int main(void) { return 0; }\n")
    if not done or not os.path.exists(path):
        return {}
    content = read_content(path, table)
    os.unlink(table)
    done, _ = linking.run([PREFIX + "strip", "-s", path])
    return content if done else {}


def plans(libraries):
    """(name, group, entry points, whole archives) of each file."""
    for library in libraries:
        for archive in library.archives:
            yield f"{library.component}-{os.path.basename(archive)}.dll", "library", [], [archive]
    for number in range(PROGRAMS):
        chosen = archives.shuffled(libraries, f"{SEED}:{number}")[:1 + number % MOST_LIBRARIES]
        wanted = []
        for library in chosen:
            archive = archives.shuffled(library.archives, f"{SEED}:{number}")[0]
            wanted += archives.shuffled(archives.functions(archive), f"{SEED}:{number}")[:1 + number % MOST_ENTRIES]
        yield f"{number:03d}.exe", "program", wanted, []


def build(listing, packages, work, quick, log):
    """(folder, truths): links what is missing."""
    folder = os.path.join(work, "pe")
    record = folder + ".json"
    if not os.path.exists(record):
        os.makedirs(folder, exist_ok=True)
        libraries, truths = list(fetch(listing, packages)), []
        owners = {os.path.realpath(path): archives.Owner(library.component, library.component, library.version)
                  for library in libraries for path in library.archives}
        for name, group, wanted, whole in plans(libraries):
            content = link(os.path.join(folder, name), wanted, whole, [path for path in owners if path not in map(os.path.realpath, whole)])
            parts = programs.parts_of(content, owners)
            log("linked" if parts else "not-linked", "pe", name, " ".join(wanted))
            truths += [programs.Truth("/" + name, [group], "pe", "bookworm", parts)] if parts else []
        programs.save(record, truths)
    truths = programs.load(record)
    return folder, truths[:QUICK] if quick else truths
