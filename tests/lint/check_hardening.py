"""Checks the hardening of the programs and of the shared library, as readelf shows it.

Position independent, no executable stack, relocations read-only and bound at start, stack protector and fortified functions in
use. On x86-64 every object of the library is built for control-flow enforcement; the programs as a whole are not marked so,
because Debian's start files (crt1.o, crti.o) are not.
"""
import pathlib
import subprocess
import sys

import tree


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, str(path)], capture_output=True, text=True, check=True).stdout


def faults_of(path):
    headers, dynamic, symbols = readelf(path, "-hl"), readelf(path, "-d"), readelf(path, "--dyn-syms")
    faults = []
    if "Type:                              DYN" not in headers:
        faults.append("is not position independent")
    stack = [line for line in headers.splitlines() if "GNU_STACK" in line]
    if not stack or "RWE" in stack[0]:
        faults.append("has an executable stack")
    if "GNU_RELRO" not in headers or not ("BIND_NOW" in dynamic or "NOW" in dynamic):
        faults.append("does not bind all relocations at start and make them read-only")
    if "__stack_chk_fail" not in symbols:
        faults.append("has no stack protector")
    if "_chk@" not in symbols.replace("__stack_chk_fail", ""):
        faults.append("uses no fortified functions")
    return [f"{path.name}: {fault}" for fault in faults]


def archive_faults(path):
    """Objects of the static library without the mark of control-flow enforcement."""
    faults, text = [], readelf(path, "-hn")
    for part in text.split("\nFile: ")[1:]:
        if "Advanced Micro Devices X86-64" in part and not ("IBT" in part and "SHSTK" in part):
            faults.append(f"{part.splitlines()[0]}: is not built for control-flow enforcement")
    return faults


def main():
    programs = pathlib.Path(sys.argv[2])
    checked = [programs / "fpscan", programs / "sigbuild", programs.parent / "libfpscan.so"]
    faults = [fault for path in checked for fault in faults_of(path)]
    tree.finish(faults + archive_faults(programs.parent / "libfpscan.a"))


main()
