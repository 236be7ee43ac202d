"""Checks with readelf that the programs and the shared library are hardened.

They must be position independent, have no executable stack, bind relocations at start and make them read-only, and use the stack
protector and fortified functions. On x86-64, every object of the library must be built for control-flow enforcement. The programs
as a whole do not have that mark, because Debian's start files (crt1.o, crti.o) lack it.
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
    """Faults for objects of the static library that lack the mark of control-flow enforcement."""
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
