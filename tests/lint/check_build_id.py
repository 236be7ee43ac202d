"""Checks that cached results cannot outlive the code that made them: the cache key contains a hash over all engine sources.

Every source must be in the hashed list, a changed byte in any source must change the hash, and the program must contain the
hash of the sources that it was built from.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import tree


def build_id(root, sources, output):
    """The id that the build's own script computes for these sources."""
    script = pathlib.Path(sys.argv[1]).resolve() / "engine" / "build_id.cmake"
    subprocess.run(["cmake", f"-DROOT={root}", f"-DSOURCES={sources}", f"-DOUTPUT={output}", "-P", script], check=True)
    return re.search(r'FPS_BUILD_ID "([0-9a-f]{64})"', output.read_text())[1]


def changed_faults(folder):
    """Faults of a small tree in which each file is changed in turn."""
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
    faults = [f"{path}: missing in the list of sources that the cache key hashes" for path in sorted(there - listed)]
    with tempfile.TemporaryDirectory() as folder:
        faults += changed_faults(pathlib.Path(folder))
        now = build_id(root, build / "engine" / "sources.txt", pathlib.Path(folder) / "now.h")
    if now.encode() not in (build / "bin" / "fpscan").read_bytes():
        faults.append("bin/fpscan does not contain the id of these sources: was it built from them?")
    tree.finish(faults)


main()
