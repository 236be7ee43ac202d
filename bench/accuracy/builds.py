"""Suite builds: versions of the set, built by corpus/build-variants with compilers and flags that are not in the set."""

import collections
import concurrent.futures
import csv
import os
import re

import archives
import linking
import programs

SEED = "builds-1"
QUICK = 20  # builds of a quick run
LEAST_FUNCTIONS = 8  # archives of at least so many functions also give a program with a few entry points
TALKS = 10  # libraries with at least so many own literals are in the group literals-10
ARCHES = {"x86_64": "amd64", "x86-64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}

Build = collections.namedtuple("Build", "component version variant arch compiler flags source archive")


def read(manifest):
    """The builds of the manifest that are made for judging."""
    with open(manifest, encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        base = os.path.dirname(manifest)
        return [Build(row["component"], row["version"], row["variant"], ARCHES.get(row["machine"], row["machine"]), row["compiler"],
                      row["flags"], row["source"], os.path.join(base, row["archive"])) for row in rows if row["set"].lstrip("#") == "tests"]


def class_of(build):
    """The class of a build: same-family for GCC 11 to 12 at -O2 or -O3, as Debian 12 builds, else other."""
    levels = re.findall(r"(?:^|\s)-O([0-3sz]|fast)\b", build.flags)
    return "same-family" if "gcc" in build.compiler and levels and levels[-1] in "23" else "other"


def programs_of(build):
    """(name, entry points, whether the whole archive) of each program to link from one build."""
    names = archives.shuffled(archives.functions(build.archive), f"{SEED}:{build.component}")
    yield "whole", [], True
    if len(names) >= LEAST_FUNCTIONS:
        yield "entries", names[:3], False


def make(pool, folder, known, build, name, wanted, whole):
    """Link one program, or take it from the known ones; returns its Truth, or None."""
    stem = os.path.basename(build.archive).removesuffix(".a")
    path = f"{build.arch}/{build.component}-{build.version}-{build.variant}-{stem}-{name}"
    if "/" + path in known and os.path.getmtime(os.path.join(folder, path)) > os.path.getmtime(build.archive):
        return known["/" + path]
    startup, system = pool.runtime("bookworm", build.arch)
    os.makedirs(os.path.join(folder, build.arch), exist_ok=True)
    content = linking.link(os.path.join(folder, path), build.arch, "static", wanted, [build.archive], (startup, list(system)), whole)
    if not content:
        return None
    owner, kind = archives.Owner(build.source, build.component, build.version), class_of(build)
    parts = programs.parts_of(content, {os.path.realpath(build.archive): owner, **system})
    talks = [part for part in parts if part.component == build.component and part.literals >= TALKS]
    groups = [kind, f"{kind} {name}", build.variant] + ([f"{kind} literals-{TALKS}"] if talks else [])
    return programs.Truth("/" + path, groups, build.arch, "bookworm", parts)


def build(manifest, pool, work, quick, log):
    """Link the programs that are missing in the work folder; returns (folder, truths)."""
    folder = os.path.join(work, "builds")
    record = folder + ".json"
    known = {truth.path: truth for truth in programs.load(record)} if os.path.exists(record) else {}
    builds = [one for one in read(manifest) if os.path.exists(one.archive)]
    if quick:
        builds = archives.shuffled(builds, SEED)[:QUICK]
    jobs = [(known, one, *program) for one in builds for program in programs_of(one)]
    truths = []
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        for (_, one, name, _, _), truth in zip(jobs, workers.map(lambda job: make(pool, folder, *job), jobs)):
            truths += [truth] if truth else []
            if not truth:
                log("not-linked", "builds", f"{one.component} {one.version} {one.variant} {name}")
    programs.save(record, list({**known, **{truth.path: truth for truth in truths}}.values()))
    return folder, truths
