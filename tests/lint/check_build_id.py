"""Checks that answers in the cache cannot outlive the code that gave them: the key holds a hash over all engine sources.

Every source must be in the list that is hashed, a changed byte in any of them must change the hash, and the program must
hold the hash of the sources that it was built from.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import tree


def build_id(root, sources, output):
    """The id that the build's own script makes of these sources."""
    script = pathlib.Path(sys.argv[1]).resolve() / "engine" / "build_id.cmake"
    subprocess.run(["cmake", f"-DROOT={root}", f"-DSOURCES={sources}", f"-DOUTPUT={output}", "-P", script], check=True)
    return re.search(r'FPS_BUILD_ID "([0-9a-f]{64})"', output.read_text())[1]


def changed_faults(folder):
    """A small tree in which each file is changed in turn."""
    names = ["engine/match/match.c", "engine/util/bytes.h"]
    for name in names:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("int a;\n")
    sources = folder / "sources.txt"
    sources.write_text("".join(f"{name}\n" for name in names))
    ids = {build_id(folder, sources, folder / "first.h")}
    for name in names:
        (folder / name).write_text("int b;\n")
        ids.add(build_id(folder, sources, folder / "next.h"))
    return [] if len(ids) == 1 + len(names) else ["engine/build_id.cmake: a changed source does not change the id"]


def main():
    root, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve().parent
    listed = set((build / "engine" / "sources.txt").read_text().split())
    there = {str(path) for path, _ in tree.files(root, ".c", ".h", folders=("engine",)) if path.parts[1] != "examples"}
    faults = [f"{path}: not in the hash that the cache's key holds" for path in sorted(there - listed)]
    with tempfile.TemporaryDirectory() as folder:
        faults += changed_faults(pathlib.Path(folder))
        now = build_id(root, build / "engine" / "sources.txt", pathlib.Path(folder) / "now.h")
    if now.encode() not in (build / "bin" / "fpscan").read_bytes():
        faults.append("bin/fpscan does not hold the id of these sources: was it built from them?")
    tree.finish(faults)


main()
