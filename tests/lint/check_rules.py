"""Checks that every version and naming rule names a component of the catalogue."""
import sys

import tree


def values(root, folder, suffix, key):
    """Yields (path, value) of every line "key: value" in the files of a folder."""
    for path, text in tree.files(root, suffix, folders=(folder,)):
        for line in text.splitlines():
            if line.startswith(key + ": "):
                yield path, line[len(key) + 2:]


def main():
    root = sys.argv[1]
    known = {value for _, value in values(root, "signatures/catalogue", ".txt", "Component")}
    faults = [f"{path}: component {value} is not in signatures/catalogue"
              for path, value in values(root, "signatures/rules", ".rules", "Component") if value not in known]
    tree.finish(faults)


main()
