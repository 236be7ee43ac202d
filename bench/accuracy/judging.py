"""Judges findings of fpscan against package managers and source trees; shared by the programs in this folder."""

import collections
import json
import os
import re

import upstream

COLUMNS = ("suite root group files sources right right_by_source right_or_likely version_in version_in_by_source exact "
           "exact_by_source nearest in_or_nearest unknown mean_answer mean_answer_by_source files_with_false "
           "same_components same_answers").split()
SET_FAULTS = ("refused-kind", "damaged-set")  # with one of these, a miss proves nothing
LIBRARY_FOLDER = re.compile(r"(/usr)?(/local)?/lib(32|64|x32)?(/[a-z0-9_]+-linux-[a-z0-9]+)?")
PLUGINS = (("plugin-gconv", re.compile(r"/gconv/")),
           ("plugin-perl", re.compile(r"/perl(5|-base)?/")),
           ("plugin-python", re.compile(r"/(python3[^/]*|lib-dynload|dist-packages|site-packages)/")))
PROGRAM_FOLDER = re.compile(r"(/usr)?(/local)?/s?bin")

Expected = collections.namedtuple("Expected", "source component version extra")
Found = collections.namedtuple("Found", "facts place")


class JudgeError(Exception):
    """A report or a list cannot be judged; the message says why."""


def group_of(path):
    """The group of a file: shared objects where the dynamic linker looks, plugins by folder, programs in the PATH, the rest."""
    folder = os.path.dirname(path)
    if not re.search(r"\.so(\.|$)", os.path.basename(path)):
        return "program" if PROGRAM_FOLDER.fullmatch(folder) else "program-elsewhere"
    if LIBRARY_FOLDER.fullmatch(folder):
        return "shared"
    return next((name for name, pattern in PLUGINS if pattern.search(path)), "plugin-other")


def read_truth(path):
    """{path: Expected} from the table that corpus/coverage --list prints."""
    truth = {}
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, _, source, _, component, version, extra = (line.rstrip("\n").split("\t") + [""] * 7)[:7]
                truth[name] = Expected(source, component, version, frozenset(extra.split()))
    return truth


def read_contained(path):
    """{source package: components} that source trees were seen to contain; each line of the file names the proof."""
    contained = collections.defaultdict(set)
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    fields = line.rstrip("\n").split("\t")
                    if len(fields) != 3 or not all(fields):
                        raise JudgeError(f"{path}: a line must be source, component and path: {line.strip()}")
                    contained[fields[0]].add(fields[1])
    return contained


class Report:
    """The findings of one JSON report by path; a hard-linked file occurs once."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as text:
            report = json.load(text)
        self.links = {link for entry in report["files"] for link in entry["links"]}
        self.machines = {entry["path"]: entry["machine"] for entry in report["files"] if entry["format"] in ("elf", "pe")}
        self.objects = list(self.machines)
        for diagnostic in report["diagnostics"]:
            if diagnostic["code"] in SET_FAULTS:
                raise JudgeError(f"{diagnostic['path'] or 'a set'}: {diagnostic['message']}")
        self.findings = collections.defaultdict(list)
        for facts in report["components"]:
            for place in facts["files"]:
                if place["features"]["exact"]:
                    raise JudgeError(f"{place['path']} was found by an exact hash: scan with --no-exact")
                self.findings[place["path"]].append(Found(facts, place))

    def present(self, path):
        """Ids of the components of state present in one file."""
        return {found.facts["id"] for found in self.findings.get(path, ()) if found.place["state"] == "present"}


def describe(found):
    """A short description of one finding's evidence for the log."""
    place, features = found.place, found.place["features"]
    return (f"{found.facts['id']}\t{place['linkage']} {place['confidence']} literals {features['literals']} names "
            f"{features['names']} functions {features['functions']} share {place['share']} units {place['unitsActive']}/{place['unitsTotal']}")


def versions_text(facts):
    """A short description of a finding's versions."""
    versions = facts["versions"]
    if len(versions) <= 3:
        return f"{facts['versionKind']} {' '.join(versions)}".strip()
    return f"{facts['versionKind']} of {len(versions)}, {versions[0]} to {versions[-1]}"


def unexplained(found, expected, contained):
    """Ids of found components that are neither the source package's own nor contained in it."""
    allowed = {expected.component} | expected.extra | contained.get(expected.source, set())
    return {one.facts["id"] for one in found} - allowed


def false_findings(found, expected, contained):
    """The unexplained findings of state present."""
    wrong = unexplained(found, expected, contained)
    return [one for one in found if one.place["state"] == "present" and one.facts["id"] in wrong]


def judge_version(facts, version):
    """The columns about the version of a right finding; an unknown version is not an answer."""
    unknown = facts["versionKind"] == "unknown" or not facts["versions"]
    inside = not unknown and upstream.order_key(version) in map(upstream.order_key, facts["versions"])  # 11.01.00 is 11.1.0
    nearest = facts["versionKind"] == "nearest"
    return {"version_in": inside, "exact": inside and facts["versionKind"] == "exact" and len(facts["versions"]) == 1,
            "nearest": nearest, "in_or_nearest": inside or nearest, "unknown": unknown,
            "mean_answer": None if unknown else len(facts["versions"])}


def judge_file(path, expected, found, contained, log):
    """The row of one file; logs missed and false components, and versions that are wrong or not exact."""
    row = {"path": path, "group": group_of(path), "source": expected.source, "known": bool(expected.component)}
    own = [one for one in found if one.facts["id"] == expected.component]
    right = next((one.facts for one in own if one.place["state"] == "present"), None)
    row["right"] = right is not None
    row["right_or_likely"] = any(one.place["state"] in ("present", "likely") for one in own)
    row["false"] = false_findings(found, expected, contained)
    for one in row["false"]:
        log("false", row["group"], path, expected.source, describe(one))
    if row["known"] and not right:
        log("missed", row["group"], path, expected.source, expected.component + (" (likely)" if row["right_or_likely"] else ""))
    if right:
        row.update(judge_version(right, expected.version))
        if not row["exact"]:
            log("interval" if row["version_in"] else "version", row["group"], path, expected.source, expected.component,
                f"{expected.version}: {versions_text(right)}")
    return row


def judge(report, truth, contained, log):
    """The rows of all files of the truth; a hard-linked file counts once."""
    return [judge_file(path, expected, report.findings.get(path, []), contained, log)
            for path, expected in sorted(truth.items()) if path not in report.links]


def mean(values):
    """The mean of the values that are not None, or None if there are none."""
    numbers = [float(value) for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None


def mean_by_source(rows, column):
    """Mean over source packages of the mean over their files."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["source"]].append(row[column])
    return mean(mean(values) for values in groups.values())


def summary(suite, root, group, rows):
    """One row of the table for one group of files."""
    known = [row for row in rows if row["known"]]
    right = [row for row in known if row["right"]]
    line = {"suite": suite, "root": root, "group": group, "files": len(known),
            "sources": len({row["source"] for row in known}),
            "files_with_false": f"{sum(bool(row['false']) for row in rows)}/{len(rows)}",
            "right_by_source": mean_by_source(known, "right")}
    for column in ("right", "right_or_likely"):
        line[column] = mean(row[column] for row in known)
    for column in ("version_in", "exact", "nearest", "in_or_nearest", "unknown", "mean_answer"):
        line[column] = mean(row[column] for row in right)
    for column in ("version_in", "exact", "mean_answer"):
        line[column + "_by_source"] = mean_by_source(right, column)
    return line


def summaries(suite, root, rows):
    """Rows of the table for all groups of files, by name."""
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["group"]].append(row)
    return [summary(suite, root, group, members) for group, members in sorted(groups.items())]


def as_cells(line, columns):
    """Cells of one row of a table as text."""
    return [f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)
            for value in (line.get(column) for column in columns)]


def as_csv(lines, columns=tuple(COLUMNS)):
    """A table as csv."""
    return "".join(",".join(cells) + "\n" for cells in [columns] + [as_cells(line, columns) for line in lines])
