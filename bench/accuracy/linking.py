"""Links stripped static programs from archives; the link map tells which parts of each archive are really in them."""

import bisect
import collections
import os
import re
import subprocess
import tempfile

import archives
import judging

KINDS = ("static", "static-pie", "gc-sections")
OPTIONS = {"static": ["-static"], "static-pie": ["-static", "-pie", "--no-dynamic-linker", "-z", "notext"],
           "gc-sections": ["-static", "--gc-sections"]}
MAIN = {"amd64": "ret", "arm64": "ret"}
# " .text  0x1000  0x20 /lib/liba.a(b.o)", where a long name stands on a line of its own.
PLACED = re.compile(r"^ (\.[^\s]+|COMMON)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(/[^\n]*\.a)\(([^)\n]+)\)$", re.M)
LEAST_FUNCTION = 64  # bytes; stands for sixteen instructions
COUNTS_FUNCTIONS, COUNTS_LITERALS = 3, 5

Content = collections.namedtuple("Content", "members functions literals")


def tool(arch, name):
    """The binutils program for an architecture."""
    return f"{archives.TRIPLETS[arch]}-{name}"


def run(command, **options):
    """Run a tool; returns (success, output)."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=300, **options)
    except FileNotFoundError as error:
        raise judging.JudgeError(f"no {command[0]}: install binutils for that architecture") from error
    except subprocess.TimeoutExpired:
        return False, ""
    return done.returncode == 0, done.stdout


def link(program, arch, kind, wanted, libraries, runtime, whole=False):
    """Link and strip a program; returns {archive: Content}, which is empty if the program cannot be linked.

    `wanted` are the symbols that pull members in; with `whole`, all members of `libraries` are linked instead. `runtime` comes from
    Pool.runtime. Symbols that the archives lack stay unresolved, so a library is linked without the libraries that it needs.
    """
    startup, system = runtime
    with tempfile.TemporaryDirectory() as scratch:
        main, table = os.path.join(scratch, "main.o"), os.path.join(scratch, "map")
        run([tool(arch, "as"), "-o", main, "-"], input=f".globl main\nmain: {MAIN[arch]}\n.section .note.GNU-stack,\"\"\n")
        first = startup["rcrt1.o" if kind == "static-pie" and "rcrt1.o" in startup else "crt1.o"]
        command = [tool(arch, "ld"), *OPTIONS[kind], "-o", program, "-Map", table, "-z", "muldefs", "--unresolved-symbols=ignore-all",
                   "--no-warn-mismatch", "--build-id=none", *(part for name in wanted for part in ("-u", name)), first, startup["crti.o"], main]
        command += ["--whole-archive", *libraries, "--no-whole-archive"] if whole else []
        command += ["--start-group", *([] if whole else libraries), *system, "--end-group", startup["crtn.o"]]
        done, _ = run(command)
        if not done or not os.path.exists(program):
            return {}
        content = read_content(program, arch, table)
    done, _ = run([tool(arch, "strip"), "-s", program])
    return content if done else {}


def read_content(program, arch, table):
    """{archive: Content} of a linked program that still has its symbols, from its link map."""
    with open(table, encoding="utf-8", errors="replace") as text:
        placed = [(section, int(address, 16), int(size, 16), os.path.realpath(path), member)
                  for section, address, size, path, member in PLACED.findall(text.read().partition("\nLinker script and memory map")[2])]
    functions, literals, members = collections.Counter(), collections.defaultdict(set), collections.defaultdict(set)
    text_ranges = sorted((address, address + size, path) for section, address, size, path, _ in placed
                         if address and size and section.startswith(".text"))
    starts = [start for start, _, _ in text_ranges]
    for address in function_addresses(program, arch):
        at = bisect.bisect_right(starts, address) - 1
        if at >= 0 and address < text_ranges[at][1]:
            functions[text_ranges[at][2]] += 1
    for section, address, size, path, member in placed:
        if size or section.startswith(".rodata"):
            members[path].add(member)
        if section.startswith(".rodata"):  # only the first of several merged sections has a size
            literals[path] |= archives.literals(path).get(member, {}).get(section, set())
    return {path: Content(sorted(names), functions[path], len(literals[path])) for path, names in members.items()}


def function_addresses(program, arch):
    """Addresses of the functions that are large enough to count."""
    _, listing = run([tool(arch, "nm"), "-S", "--defined-only", program])
    found = set()
    for fields in map(str.split, listing.splitlines()):
        if len(fields) == 4 and fields[2] in "tTwWi" and int(fields[1], 16) >= LEAST_FUNCTION and ".cold" not in fields[3]:
            found.add(int(fields[0], 16))
    return found


def counts(functions, literals):
    """Whether a program contains enough of a component that fpscan must find it."""
    return functions >= COUNTS_FUNCTIONS or literals >= COUNTS_LITERALS
