"""Unpacks packages that contain no component, and judges the findings in them."""

import os
import re
import subprocess

import archives
import judging


def built_using(package):
    """Source packages that a .deb names in Built-Using and Static-Built-Using."""
    text = subprocess.run(["dpkg-deb", "-f", package, "Built-Using", "Static-Built-Using"], capture_output=True,
                          text=True, check=True).stdout
    return re.findall(r"([a-z0-9][a-z0-9.+-]*) \(", text)


def unpack(debs, folder):
    """Unpack all packages once to folder/SOURCE/NUMBER; returns {source: source packages that Built-Using names}."""
    using = {}
    for number, package in enumerate(archives.read_manifest(debs)):
        dest = os.path.join(folder, package.source, str(number))
        if not os.path.isdir(dest):
            os.makedirs(dest + ".new", exist_ok=True)
            subprocess.run(["dpkg-deb", "-x", package.path, dest + ".new"], check=True)
            os.rename(dest + ".new", dest)
        using.setdefault(package.source, set()).update(built_using(package.path))
    return using


def expectations(using, sources, vendors):
    """{source: Expected}: the source's own component if the catalogue has one, its vendors, and Built-Using."""
    expected = {}
    for source, names in using.items():
        own = sources.component(source) or ""
        extra = {component for component in map(sources.component, names) if component}
        expected[source] = judging.Expected(source, own, "", frozenset(extra | set(vendors.get(own, ()))))
    return expected


def judge(report, expected, contained, log):
    """The rows of the table over all objects: by the group of the path inside the package, by machine, and in total."""
    groups = {}
    for path in report.objects:
        source, _, inside = path[1:].partition("/")
        false = judging.false_findings(report.findings.get(path, ()), expected[source], contained)
        for one in false:
            log("false", "negative", path, source, judging.describe(one))
        group = judging.group_of("/" + inside.partition("/")[2])
        for name in ("all", report.machines[path], group):
            groups.setdefault(name, []).append((source, bool(false)))
    return [{"group": name, "files": len(rows), "sources": len({source for source, _ in rows}),
             "files_with_false": f"{sum(false for _, false in rows)}/{len(rows)}"} for name, rows in sorted(groups.items())]
