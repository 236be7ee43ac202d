"""Checks that every path of the repository that a document (*.md) names exists.

A path starts with a folder of the root, or it is a name in backquotes or with a slash that ends like a file of the repository.
It is looked up from the root, from the document's folder, and among the public headers. A bare name such as `layout.h` may be
anywhere in the tree. `*` matches as in a shell, an upper-case word (`report_FORMAT.c`) matches anything, and paths that begin with
one (`DEST/manifest.tsv`) lie outside of the repository. ALLOWED lists the names that do not belong to the repository. Between
fences (```) stands what a program printed: its names are not looked at.
"""
import pathlib
import re
import sys

import tree

FOLDERS = "engine signatures tools corpus tests bench .github .ci".split()
SUFFIXES = "c h py cmake md json txt csv tsv rules fpdb".split()
ALLOWED = {
    "bom.json": "a report that an example writes",
    "fpscan.json": "the user's configuration",
    "versions.json": "a file of sharp's npm packages",
}
PATH = r"[\w.*+-]+(?:/[\w.*+-]+)*"
ROOTED = re.compile(rf"(?<![\w./$~*+-])((?:{'|'.join(map(re.escape, FOLDERS))})/(?:{PATH})?)")
FILE = re.compile(rf"(?<![\w./$~*+:@-])({PATH}\.(?:{'|'.join(SUFFIXES)}))(?![\w/-]|\.\w)")
PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])[A-Z]+(?=[/_]|\.(?!md\b)|$)")
BUILD = re.compile(r"^build(-\w+)?/")


def named_paths(line):
    """The paths in a line, each once: those below a folder of the root, and names of files."""
    found = {path.rstrip(".") for path in ROOTED.findall(line)}
    for path in FILE.findall(line):
        quoted = f"`{path}`" in line
        if "/" in path or quoted or path.endswith((".c", ".h", ".py")):
            found.add(path)
    return sorted(path for path in found if path not in ALLOWED and not PLACEHOLDER.match(path) and not BUILD.match(path))


def exists(root, names, document, path):
    """Whether a path leads to something, from any folder that it may be meant from."""
    if "/" not in path and path in names:
        return True
    pattern = PLACEHOLDER.sub("*", path)
    return any(True for base in (root, root / "engine" / "include", (root / document).parent) for _ in base.glob(pattern))


def documents(root):
    """Yields (path, text) of the documents."""
    for path in sorted(root.glob("*.md")):
        yield path.relative_to(root), path.read_text(encoding="utf-8")
    yield from tree.files(root, ".md")


def own_lines(text):
    """Yields (number, line) of what is not between fences."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            yield number, line


def main():
    root = pathlib.Path(sys.argv[1])
    names = {path.name for path, _ in tree.files(root)}
    faults = [f"{document}:{number}: {path} does not exist"
              for document, text in documents(root)
              for number, line in own_lines(text)
              for path in named_paths(line) if not exists(root, names, document, path)]
    tree.finish(faults)


main()
