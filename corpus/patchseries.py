"""The patches of a Debian source package: which CVE each one fixes, which files it changes, and those files after each patch."""

import itertools
import os
import re
import subprocess
from collections import namedtuple

CODE = (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".inc", ".def", ".tcc", ".y", ".l")
UNITS = (".c", ".cc", ".cpp", ".cxx")
SERIES = "debian/patches/series"

CVE = re.compile(r"\bCVE-\d{4}-\d{4,7}\b", re.I)
HEAD_END = re.compile(r"^(?:--- |diff |Index: )", re.M)
# A line of a header that names a CVE for another reason than that the patch fixes it.
NO_FIX = re.compile(r"regress|introduc|incomplete|follow|related|similar|since|after|prior|prepar|prereq|need|depend|not affect|unlike"
                    r"|caused|broke|break|fix for CVE.*\b(?:of|was|is)\b", re.I)
# Parts of a fix that say in their name that they are not the fix itself.
SIDE_PART = re.compile(r"(?:^|[-_.])(?:pre(?:req|p|pare)?[-_]?\d*|regression|follow-?up|tests?|prerequisite|refactor|backport-helper)"
                       r"(?=[-_.\d]|$)", re.I)

# name: as the series has it; cves: sorted, upper case; side: whether it prepares or repairs a fix; files: path -> text of the change
Patch = namedtuple("Patch", "name cves side files")


class SeriesError(Exception):
    """The patches of a source cannot be used; the message says which and why."""


SHORT_LIST = re.compile(r"\b(CVE-\d{4}-)(?:\{(\d{4,7}(?:,\s*\d{4,7})+)\}|(\d{4,7}(?:[_,+]\d{4,7})+)(?!\d))", re.I)


def _spelled_out(text):
    """The text with lists of CVEs in short, CVE-2025-{49794,49796} or CVE-2025-49794_49796, as whole names."""
    return SHORT_LIST.sub(lambda m: " ".join(m.group(1) + number for number in re.findall(r"\d+", m.group(2) or m.group(3))), text)


def fixed_cves(name, head):
    """(CVEs that a patch says it fixes, whether it is only a side part of the fix). The name of the file goes before its header."""
    head, full_name = _spelled_out(head), _spelled_out(name)
    in_name = {cve.upper() for cve in CVE.findall(full_name.replace("_", "-"))}
    if in_name:
        return sorted(in_name), bool(SIDE_PART.search(CVE.sub("", os.path.basename(name.replace("_", "-")))))
    in_head = {cve.upper() for line in head.splitlines() if not NO_FIX.search(CVE.sub("", line)) for cve in CVE.findall(line)}
    return sorted(in_head), bool(in_head) and bool(SIDE_PART.search(os.path.basename(name)))


def _path(line):
    """The path below the tree that a line `--- a/x` or `+++ b/x` names; None for /dev/null."""
    path = line[4:].split("\t")[0].strip().strip('"')
    return None if path == "/dev/null" else path.partition("/")[2]


def split_files(text):
    """{path below the tree: the part of the patch that changes it}, of files with code alone."""
    found, lines, at = {}, text.splitlines(keepends=True), 0
    starts = [i for i, line in enumerate(lines[:-1]) if line.startswith("--- ") and lines[i + 1].startswith("+++ ")
              and any(later.startswith("@@") for later in lines[i + 2:i + 3])]
    for at, end in zip(starts, starts[1:] + [len(lines)]):
        path = _path(lines[at + 1]) or _path(lines[at])
        if path and path.endswith(CODE):
            hunks = itertools.takewhile(lambda line: line[0] in " +-@\\\n\r", lines[at:end])
            found[path] = found.get(path, "") + "".join(hunks)
    return found


def read_series(folder):
    """The patches of the unpacked source in `folder`, in order; an empty list for a source without a series."""
    series, patches = os.path.join(folder, SERIES), []
    if not os.path.exists(series):
        return patches
    with open(series, encoding="utf-8", errors="replace") as lines:
        names = [line.split()[0] for line in lines if line.strip() and not line.lstrip().startswith("#")]
    for name in names:
        path = os.path.join(os.path.dirname(series), name)
        if not os.path.exists(path):
            raise SeriesError(f"{name}: the series names it, and it is not there")
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as data:
            text = data.read()
        end = HEAD_END.search(text)
        cves, side = fixed_cves(name, text[:end.start()] if end else text)
        patches.append(Patch(name, cves, side, split_files(text)))
    return patches


class States:
    """The files with code that a series changes, as they are after each patch. State 0 is upstream's, state i has patches 1 to i.

    `folder` is the unpacked source without the patches; it is changed as the patches are applied.
    """

    def __init__(self, folder, patches):
        self.folder = folder
        self.count = len(patches)
        self.versions = {path: [(0, self._read(path))] for patch in patches for path in patch.files}
        for number, patch in enumerate(patches, 1):
            self._apply(patch)
            for path in patch.files:
                self.versions[path].append((number, self._read(path)))

    def _read(self, path):
        try:
            with open(os.path.join(self.folder, path), "rb") as data:
                return data.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _apply(self, patch):
        if not patch.files:
            return
        text = "".join(patch.files.values()).encode("utf-8", "surrogateescape")
        done = subprocess.run(["patch", "-p1", "-t", "-N", "-E", "-s", "-u", "-V", "never", "--no-backup-if-mismatch"], cwd=self.folder,
                              input=text, capture_output=True, check=False)
        if done.returncode != 0:
            raise SeriesError(f"{patch.name} does not apply: {done.stdout.decode(errors='replace').strip()[:200]}")

    def content(self, path, state):
        """The bytes of a file in a state, None where it is not there."""
        return [data for number, data in self.versions[path] if number <= state][-1]

    def changes(self, paths):
        """The states, ascending, in which one of these files differs from the state before; state 0 is not among them."""
        return sorted({number for path in paths if path in self.versions
                       for (_, old), (number, new) in zip(self.versions[path], self.versions[path][1:]) if old != new})


def steps(numbers, changes):
    """(state before, state after) of each run of patches `numbers` of one fix; `changes` are the states in which the file changes.
    Parts of a fix between which nothing else changes the file are one step."""
    found, at = [], {state: place for place, state in enumerate(changes)}
    for number in sorted(number for number in numbers if number in at):
        if found and at[found[-1][1]] + 1 == at[number]:
            found[-1] = (found[-1][0], number)
        else:
            found.append((changes[at[number] - 1] if at[number] else 0, number))
    return found
