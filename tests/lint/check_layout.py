"""Checks the layout: the root holds only the agreed entries, file names are unique in the engine, Python files compile."""
import ast
import collections
import pathlib
import sys

import tree

ROOT = {"CMakeLists.txt", "README.md", "LICENSE", "engine", "signatures", "tools", "corpus", "tests", "bench"}


def main():
    root = pathlib.Path(sys.argv[1])
    faults = [f"{path.name}: the root may hold only {' '.join(sorted(ROOT))} and dot files"
              for path in sorted(root.iterdir())
              if path.name not in ROOT and not path.name.startswith((".", "build"))]
    places = collections.defaultdict(list)
    for path, _ in tree.files(root, ".c", ".h", folders=("engine",)):
        if path.parts[1] not in ("include", "examples"):
            places[path.name].append(str(path))
    faults += [f"{name}: this name occurs more than once: {' '.join(paths)}" for name, paths in sorted(places.items()) if len(paths) > 1]
    for path, text in tree.files(root):
        if path.suffix == ".py" or text.startswith(("#!/usr/bin/python3", "#!/usr/bin/env python3")):
            try:
                ast.parse(text)
            except SyntaxError as error:
                faults.append(f"{path}:{error.lineno}: {error.msg}")
    tree.finish(faults)


main()
