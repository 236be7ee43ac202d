"""Judges programs that contain several components: what is in each, whether it was found, and which version was named."""

import collections
import json
import os

import judging
import linking
import upstream
from archives import RUNTIME

COLUMNS = ("suite group files components present present_or_likely precision false version_in_set exact version_in mean_answer "
           "nearest neighbour said in_or_neighbour unknown literals names functions").split()
POOR = ("xxhash", "lz4", "snappy", "giflib", "libffi")  # libraries with few literals of their own
TOOLCHAIN = ("gcc", "glibc")  # components that a compiler adds to a program; they need no entry in a table or in Built-Using
SIZES = ((3, "functions-0-2"), (10, "functions-3-9"), (100, "functions-10-99"), (1 << 60, "functions-100-or-more"))

Part = collections.namedtuple("Part", "source component version members functions literals counts")
# own: components that the program itself is; they are not judged.
Truth = collections.namedtuple("Truth", "path groups arch suite parts own", defaults=[()])


def parts_of(content, owners):
    """The parts of a linked program: one for each component whose archives are in it."""
    found = {}
    for path, inside in content.items():
        owner = owners.get(path) or owners.get(os.path.realpath(path))
        if owner and owner.component:
            members = [f"{os.path.basename(path)}({name})" for name in inside.members]
            was = found.get(owner.component, Part(owner.source, owner.component, owner.version, [], 0, 0, False))
            functions, literals = was.functions + inside.functions, was.literals + inside.literals
            found[owner.component] = was._replace(members=was.members + members, functions=functions, literals=literals,
                                                  counts=linking.counts(functions, literals))
    return sorted(found.values())


def save(path, truths):
    """Save truths to a file."""
    with open(path + ".new", "w", encoding="utf-8") as out:
        json.dump([truth._replace(parts=[part._asdict() for part in truth.parts])._asdict() for truth in truths], out, indent=1)
    os.replace(path + ".new", path)


def load(path):
    """Load the truths that save wrote."""
    with open(path, encoding="utf-8") as text:
        return [Truth(**{**truth, "parts": [Part(**part) for part in truth["parts"]]}) for truth in json.load(text)]


def kind_of(part):
    """The kind of a part: counts, runtime (every static program contains it), or small (too little of a component)."""
    return "runtime" if RUNTIME.fullmatch(part.source) else "counts" if part.counts else "small"


class Judge:
    """Judges findings with what is known beyond each program's truth: contained trees, vendors, versions in the set, releases."""

    def __init__(self, contained, vendors, held, releases, log):
        self.contained, self.vendors, self.held, self.releases, self.log = contained, vendors, held, releases, log
        self.spelled = {}

    def canonical(self, component, version):
        """A version as the catalogue spells it: 11.01.00 is 11.1.0."""
        if component not in self.spelled:
            self.spelled[component] = {upstream.order_key(one): one for one in self.releases.get(component, ())}
        return self.spelled[component].get(upstream.order_key(version), version)

    def explained(self, truth):
        """Components that may be in a program: its parts, their vendors, and what their source trees were seen to contain."""
        inside = {part.component for part in truth.parts} | set(truth.own)
        for own in truth.own:
            inside |= set(self.vendors.get(own, ())) | self.contained.get(own, set())
        for part in truth.parts:
            inside |= set(self.vendors.get(part.component, ())) | self.contained.get(part.source, set())
        return inside

    def unexplained(self, report, truth):
        """Ids of components that were found in a program but are not in it."""
        return {one.facts["id"] for one in report.findings.get(truth.path, [])} - self.explained(truth)

    def is_neighbour(self, component, version, answer):
        """Whether an answer names a release next to `version` in the catalogue's order, among those that the set holds."""
        releases, held = self.releases.get(component, []), self.held.get(component, set())
        if version not in releases:
            return None
        at = releases.index(version)
        below = next((one for one in reversed(releases[:at]) if one in held), None)
        above = next((one for one in releases[at + 1:] if one in held), None)
        return bool({below, above} & set(answer))

    def judge_part(self, path, part, found):
        """The row of one component of one program."""
        best, part = {"present": 2, "likely": 1}, part._replace(version=self.canonical(part.component, part.version))
        own = sorted((one for one in found if one.facts["id"] == part.component), key=lambda one: -best.get(one.place["state"], 0))
        state = own[0].place["state"] if own else ""
        row = {"path": path, "component": part.component, "version": part.version, "kind": kind_of(part), "state": state,
               "present": state == "present", "present_or_likely": state in best, "confidence": own[0].place["confidence"] if own else None,
               "version_in_set": part.version in self.held.get(part.component, set()), "features": own[0].place["features"] if own else {}}
        if row["kind"] == "counts" and not row["present"]:
            self.log("missed", path, part.source, f"{part.component} {part.version}", state or "nothing",
                     f"functions {part.functions} literals {part.literals} members {len(part.members)}")
        if row["present"]:
            answers = [one.facts for one in own if one.place["state"] == "present"]
            facts = next((one for one in answers if part.version in one["versions"]), answers[0])
            row.update(judging.judge_version(facts, part.version), versions=facts["versions"], kind_of_version=facts["versionKind"],
                       version_confidence=facts.get("versionConfidence"))
            row["neighbour"] = self.is_neighbour(part.component, part.version, facts["versions"]) if row["nearest"] else None
            if not row["exact"] and row["kind"] != "small":
                self.log("interval" if row["version_in"] else "version", path, part.source, part.component,
                         f"{part.version}: {judging.versions_text(facts)}", f"functions {part.functions} literals {part.literals}")
        return row

    def judge(self, report, truths):
        """(rows of parts, {path: false findings}) of all programs of one report."""
        rows, false = [], {}
        for truth in truths:
            found, wrong = report.findings.get(truth.path, []), self.unexplained(report, truth)
            false[truth.path] = [one for one in found if one.place["state"] == "present" and one.facts["id"] in wrong]
            for one in false[truth.path]:
                self.log("false", truth.path, "", judging.describe(one))
            for part in truth.parts:
                rows.append({**self.judge_part(truth.path, part, found), "truth": truth, "part": part})
        return rows, false


def groups_of(row):
    """The groups of the table to which the row of a component belongs."""
    arch, part = row["truth"].arch, row["part"]
    if row["kind"] != "counts":
        return [f"{arch} {row['kind']}"]
    size = next(name for limit, name in SIZES if part.functions < limit)
    found = [f"{arch} {name}" for name in ("all", *row["truth"].groups)] + ([f"{arch} {size}"] if part.members else [])
    return found + ([f"{arch} {part.component}"] if part.component in POOR else [])


def summary(suite, group, rows, wrong):
    """One row of the table; `wrong` is the number of false findings in the same programs, or None to leave precision out."""
    right = [row for row in rows if row["present"]]
    line = {"suite": suite, "group": group, "files": len({row["path"] for row in rows}), "components": len(rows), "false": wrong}
    if wrong is not None and right:
        line["precision"] = len(right) / (len(right) + wrong)
    for column in ("present", "present_or_likely", "version_in_set"):
        line[column] = judging.mean(row[column] for row in rows)
    for column in ("exact", "version_in", "mean_answer", "nearest", "neighbour", "unknown"):
        line[column] = judging.mean(row.get(column) for row in right)
    for column in ("literals", "names", "functions"):
        line[column] = judging.mean(row["features"].get(column) for row in right)
    return line


def summaries(suite, rows, false):
    """The rows of all groups, with `all` of each architecture first; only groups of whole programs count false findings."""
    groups = collections.defaultdict(list)
    mixed = len({row["version_in_set"] for row in rows}) > 1
    for row in rows:
        held = f"{row['truth'].arch} version-{'held' if row['version_in_set'] else 'unseen'}"
        for group in groups_of(row) + ([held] if mixed and row["kind"] == "counts" else []):
            groups[group].append(row)
    lines = []
    for group, members in sorted(groups.items(), key=lambda item: (" all" not in item[0], item[0])):
        whole = group.partition(" ")[2] in {"all", *members[0]["truth"].groups}
        lines.append(summary(suite, group, members, sum(len(false[path]) for path in {row["path"] for row in members}) if whole else None))
    return lines
