"""Suite unseen: versions that the set does not hold; each of its sets leaves out one version of many components."""

import collections
import hashlib
import os
import subprocess

import archives
import judging
import programs

SETS, QUICK_SETS = 4, 1


def leave_outs(truths, held, number):
    """[{component: version}] to leave out of `number` sets, most linked versions first; every component keeps a version."""
    used = collections.Counter((part.component, part.version) for truth in truths for part in truth.parts
                               if part.counts and not programs.RUNTIME.fullmatch(part.source))
    versions = collections.defaultdict(list)
    for (component, version), _ in sorted(used.items(), key=lambda item: (-item[1], item[0])):
        if version in held.get(component, ()) and len(held[component]) > 1:
            versions[component].append(version)
    return [{component: order[turn] for component, order in versions.items() if turn < len(order)} for turn in range(number)]


def compile_set(sigbuild, workbench, catalogue, rules, left_out, folder):
    """The path of a set without these versions; reuses the set of an earlier run of the same program over the same workbench."""
    options = [word for component, version in sorted(left_out.items()) for word in ("--leave-out", f"{component}={version}")]
    identity = [(path, os.stat(path).st_mtime_ns) for path in (sigbuild, workbench)]
    path = os.path.join(folder, f"unseen-{hashlib.sha256(repr((identity, options)).encode()).hexdigest()[:16]}.fpdb")
    if not os.path.exists(path):
        done = subprocess.run([sigbuild, "compile", "-q", "-w", workbench, "-c", catalogue, "-r", rules, *options, "-o", path + ".new"],
                              check=False)
        if done.returncode not in (0, 3):
            raise judging.JudgeError(f"sigbuild compile ended with {done.returncode}")
        os.rename(path + ".new", path)
    return path


class Differences:
    """Decides by the literals of archives whether the linked members of a version differ from all other versions."""

    def __init__(self, pool):
        self.pool, self.known = pool, {}
        self.packages = collections.defaultdict(list)
        for package in pool.packages:
            if "-dev" in package.name:
                owner = pool.owner(package)
                self.packages[owner.component, package.arch].append((owner.version, package))

    def literals(self, component, version, arch):
        """{archive(member): literals} of all archives of one version."""
        key = component, version, arch
        if key not in self.known:
            self.known[key] = found = collections.defaultdict(set)
            for _, package in (pair for pair in self.packages[component, arch] if pair[0] == version):
                for archive in self.pool.archives(package):
                    for member, sections in archives.literals(archive).items() if archive.endswith(".a") else ():
                        found[f"{os.path.basename(archive)}({member})"].update(*sections.values())
        return self.known[key]

    def differs(self, part, arch):
        """Whether no other version of the same architecture has all literals of the members that were linked."""
        own = self.literals(part.component, part.version, arch)
        linked = set().union(*(own.get(member, set()) for member in part.members))
        others = {version for version, _ in self.packages[part.component, arch]} - {part.version}
        return bool(linked) and not any(linked <= set().union(*self.literals(part.component, version, arch).values()) for version in others)


def judge(report, truths, judge_of, left_out, differences):
    """The rows of parts whose versions were left out; `differs` says whether the linked members are unlike all other versions."""
    rows, _ = judge_of.judge(report, truths)
    rows = [row for row in rows if row["kind"] == "counts" and left_out.get(row["component"]) == row["version"]]
    for row in rows:
        held = judge_of.held.get(row["component"], set())
        row["said"] = row["present"] and (row["nearest"] or row["version_in"] and not held & set(row["versions"]))
        row["differs"] = bool(row["part"].members) and differences.differs(row["part"], row["truth"].arch)
        row["in_or_neighbour"] = row["neighbour"] if row.get("nearest") else row.get("version_in")
        if row["present"] and not row["said"]:
            judge_of.log("not-said", row["path"], row["component"], row["version"], "differs" if row["differs"] else "same",
                         f"{row['kind_of_version']} {' '.join(row['versions'][:3])}")
    return rows


def summaries(suite, rows):
    """The rows of the table, by architecture and by `differs`."""
    groups = collections.defaultdict(list)
    for row in rows:
        arch = row["truth"].arch
        for group in (f"{arch} all", f"{arch} differs" if row["differs"] else f"{arch} same"):
            groups[group].append(row)
    lines = []
    for group, members in sorted(groups.items()):
        line = programs.summary(suite, group, members, None)
        found = [row for row in members if row["present"]]
        line.update(said=judging.mean(row["said"] for row in found), in_or_neighbour=judging.mean(row["in_or_neighbour"] for row in found))
        lines.append(line)
    return lines
