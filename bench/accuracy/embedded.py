"""Links stripped static programs from the machine's archives; the link map tells what is really in them."""

import collections
import glob
import hashlib
import os
import re
import subprocess

import judging

AMOUNTS = {"few": lambda count: 4, "quarter": lambda count: count // 4 + 1, "all": lambda count: count}
LARGEST_ARCHIVE = 48 << 20
COMBINED = 6  # archives in each program of the group "combined"

Owner = collections.namedtuple("Owner", "source component version vendors")


class Owners:
    """Component and version of an archive, by the package that dpkg says owns it."""

    def __init__(self, sources, vendors, upstream_version):
        self.sources, self.vendors, self.upstream_version, self.known = sources, vendors, upstream_version, {}

    def of(self, path):
        """The Owner of a path; component is empty where the catalogue has none."""
        path = os.path.realpath(path)
        if path not in self.known:
            self.known[path] = self._ask(path)
        return self.known[path]

    def _ask(self, path):
        for name in (path, path.removeprefix("/usr")):
            listing = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False).stdout
            if listing:
                package = listing.splitlines()[0].partition(": ")[0].partition(",")[0]
                facts = subprocess.run(["dpkg-query", "-W", "-f", "${source:Package}\t${source:Version}", package],
                                       capture_output=True, text=True, check=True).stdout
                source, _, version = facts.partition("\t")
                component = self.sources.component(source) or ""
                return Owner(source, component, self.upstream_version(version) or "", frozenset(self.vendors.get(component, ())))
        return Owner("", "", "", frozenset())


def archives(owners):
    """The machine's static libraries that hold code of a component, each once, by path."""
    folder = subprocess.run(["gcc", "-print-file-name=libc.a"], capture_output=True, text=True, check=True).stdout.strip()
    found = {os.path.realpath(path) for path in glob.glob(os.path.join(os.path.dirname(folder), "*.a"))}
    for path in sorted(found):
        with open(path, "rb") as data:
            if data.read(8) != b"!<arch>\n" or os.path.getsize(path) > LARGEST_ARCHIVE:
                continue
        if owners.of(path).component and owners.of(path).source != "glibc":
            yield path


def functions(archive):
    """Global functions of an archive, in an order that depends on their names only."""
    listing = subprocess.run(["nm", "-g", "--defined-only", "-P", archive], capture_output=True, text=True, check=False).stdout
    names = {fields[0] for fields in map(str.split, listing.splitlines()) if len(fields) > 1 and fields[1] == "T"}
    return sorted((name for name in names if re.fullmatch(r"\w+", name)),
                  key=lambda name: hashlib.sha256(name.encode()).digest())


def link(program, wanted, libraries):
    """Link and strip a program that holds these functions; {archive: number of members in it} by the map."""
    lines = "".join(f'__asm__(".data\\n.quad {name}\\n");\n' for name in wanted)
    command = ["gcc", "-static", "-x", "c", "-", "-x", "none", "-o", program, f"-Wl,-Map={program}.map", "-Wl,-z,muldefs",
               "-Wl,--unresolved-symbols=ignore-all", "-Wl,--start-group", *libraries, "-Wl,--end-group"]
    done = subprocess.run(command, input=lines + "int main(void) { return 0; }\n", text=True, capture_output=True, check=False)
    if done.returncode or subprocess.run(["strip", "-s", program], check=False).returncode:
        return {}
    with open(program + ".map", encoding="utf-8", errors="replace") as text:
        head = text.read().partition("\nMemory Configuration")[0]
    os.unlink(program + ".map")
    members = set(re.findall(r"^(/\S+\.a)\(([^)]+)\)", head, re.M))
    return collections.Counter(os.path.realpath(path) for path, _ in members)


def plans(libraries):
    """(group, functions, archives) of each program."""
    named = {library: functions(library) for library in libraries}
    for library, names in named.items():
        for amount, count in AMOUNTS.items():
            if names:
                yield amount, names[:count(len(names))], [library]
    order = sorted(named, key=lambda path: hashlib.sha256(os.path.basename(path).encode()).digest())
    for start in range(0, len(order), COMBINED):
        several = order[start:start + COMBINED]
        yield "combined", [name for path in several for name in named[path][:len(named[path]) // 4 + 1]], several


def build(folder, owners, log):
    """Link all programs below a folder: {path: (group, owners of what is in it)}."""
    truth = {}
    for number, (group, wanted, libraries) in enumerate(plans(list(archives(owners)))):
        path = f"/{group}/{number:04d}"
        os.makedirs(folder + "/" + group, exist_ok=True)
        members = link(folder + path, wanted, libraries)
        names = " ".join(f"{os.path.basename(name)}:{count}" for name, count in sorted(members.items()))
        log("linked" if members else "not-linked", group, path, names or " ".join(map(os.path.basename, libraries)))
        if members:
            truth[path] = (group, {owners.of(name) for name in members if owners.of(name).component})
    return truth


def judge(report, truth, contained, log):
    """Rows as judging.judge_file makes them, one for each component of each program."""
    rows = []
    for path, (group, owned) in sorted(truth.items()):
        inside = frozenset(owner.component for owner in owned).union(*(owner.vendors for owner in owned))
        inside |= {component for owner in owned for component in contained.get(owner.source, ())}
        found = report.findings.get(path, [])
        stray = [one for one in found if one.facts["id"] not in inside]
        for owner in sorted(owned):
            own = [one for one in found if one.facts["id"] == owner.component]
            expected = judging.Expected(owner.source, owner.component, owner.version, inside)
            row = judging.judge_file(path, expected, own + stray, contained, log)
            row["group"] = "runtime" if is_runtime(owner.source) else group
            rows.append(row)
            stray = []
    return rows


def is_runtime(source):
    """Whether a source package is what every static program carries."""
    return source == "glibc" or source.startswith("gcc-")
