"""Lists the files of the project and prints faults; shared by the checks in this folder."""
import pathlib
import sys

SKIPPED = {".git", ".cache", "__pycache__"}


def files(root, *suffixes, folders=("engine", "tools", "tests", "bench", "corpus", "signatures", ".ci", ".github")):
    """Yields (path relative to root, text) of every text file with one of the suffixes, or of all if none is given."""
    root = pathlib.Path(root)
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.is_symlink() or not path.is_file() or SKIPPED & set(relative.parts):
                continue
            if suffixes and path.suffix not in suffixes:
                continue
            data = path.read_bytes()
            if b"\0" in data:
                continue
            yield relative, data.decode("utf-8", "replace")


def finish(faults):
    """Prints the faults and exits: 0 if there are none, else 1."""
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)
