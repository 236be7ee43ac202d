"""Checks all text files: no paths of one machine, no marks of unfinished work, no hosts of package registries."""
import re
import sys

import tree

PATHS = re.compile(r"(?<![\w./-])/(?:work|home|root)/[\w.-]+|(?<![\w./-])/tmp/[\w-]+/")
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
HOSTS = re.compile(r"\b(registry\.npmjs\.org|pypi\.org|files\.pythonhosted\.org|deb\.debian\.org|snapshot\.debian\.org|"
                   r"security\.debian\.org|proxy\.golang\.org|crates\.io|repo1?\.maven\.org|rubygems\.org|ghcr\.io|docker\.io|"
                   r"archive\.ubuntu\.com|dl-cdn\.alpinelinux\.org)\b")
CHECKED = {"", ".c", ".h", ".py", ".sh", ".cmake", ".in", ".txt", ".md", ".yml", ".css", ".js"}


def main():
    faults = []
    for path, text in tree.files(sys.argv[1]):
        if path.suffix not in CHECKED or path.parts[:2] == ("tests", "lint") or "cases" in path.parts:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for what, pattern in (("path of one machine", PATHS), ("unfinished mark", MARKS), ("registry host", HOSTS)):
                found = pattern.search(line)
                if found and not (what == "unfinished mark" and path.suffix not in (".c", ".h", ".py", ".css", ".js")):
                    faults.append(f"{path}:{number}: {what}: {found.group()}")
    tree.finish(faults)


main()
