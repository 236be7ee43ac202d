"""Suite static: programs linked from one to six libraries of the set, each with other entry points; truth is the link map."""

import collections
import concurrent.futures
import hashlib
import os

import archives
import linking
import programs

SEED = "static-1"
SUITES = {"amd64": ("bookworm", "trixie", "bullseye", "sid"), "arm64": ("bookworm", "trixie")}
COUNTS = {"amd64": 120, "arm64": 64}
QUICK = {"amd64": 40, "arm64": 20}
MOST_LIBRARIES, MOST_ENTRIES = 6, 5

Plan = collections.namedtuple("Plan", "name arch suite kind packages")


def number_of(most, *words):
    """A number from 1 to `most` that depends only on the words."""
    return int.from_bytes(hashlib.sha256(":".join(map(str, (SEED, *words))).encode()).digest()[:8], "big") % most + 1


def plans(pool, arch, count):
    """The plans of `count` programs, and of one more for each literal-poor library alone.

    Suites and kinds alternate; every library of a suite is used once before any is used again.
    """
    queues, taken = {suite: [] for suite in SUITES[arch]}, collections.Counter()
    known = {suite: pool.development(suite, arch) for suite in SUITES[arch]}
    for number in range(count):
        suite = SUITES[arch][number % len(SUITES[arch])]
        kind = linking.KINDS[number // len(SUITES[arch]) % len(linking.KINDS)]
        chosen = {}
        while known[suite] and len(chosen) < number_of(MOST_LIBRARIES, arch, number):
            if not queues[suite]:
                taken[suite] += 1
                queues[suite] = archives.shuffled(known[suite], f"{SEED}:{suite}:{taken[suite]}")
            component = queues[suite].pop()
            package = with_archive(pool, known[suite][component], f"{SEED}:{number}")
            if package:
                chosen[component] = package
            else:
                del known[suite][component]
                queues[suite] = [name for name in queues[suite] if name != component]
        yield Plan(f"{arch}/{number:03d}-{suite}-{kind}", arch, suite, kind, list(chosen.values()))
    for suite in SUITES[arch]:
        for component in programs.POOR:
            package = with_archive(pool, known[suite].get(component, ()), SEED)
            if package:
                yield Plan(f"{arch}/{component}-{suite}", arch, suite, "static", [package])


def with_archive(pool, packages, seed):
    """One of the packages that has a static archive with functions, or None."""
    for path in archives.shuffled((package.path for package in packages), seed):
        package = next(package for package in packages if package.path == path)
        if any(archives.functions(archive) for archive in pool.archives(package) if archive.endswith(".a")):
            return package
    return None


def choose(pool, plan):
    """The entry points and archives of a plan: one to five functions from one archive of each library."""
    wanted, libraries = [], {}
    for package in plan.packages:
        paths = [path for path in pool.archives(package) if path.endswith(".a")]
        libraries.update((path, pool.owner(package)) for path in paths)
        archive = archives.shuffled([path for path in paths if archives.functions(path)], plan.name)[0]
        names = archives.shuffled(archives.functions(archive), plan.name)
        wanted += names[:number_of(MOST_ENTRIES, plan.name, package.name)]
    return wanted, libraries


def make(pool, plan, folder):
    """Link one program; returns its Truth, or None."""
    wanted, libraries = choose(pool, plan)
    startup, system = pool.runtime(plan.suite, plan.arch)
    path = os.path.join(folder, plan.name)
    content = linking.link(path, plan.arch, plan.kind, wanted, list(libraries), (startup, list(system)))
    if not content:
        return None
    return programs.Truth("/" + plan.name, [plan.kind, f"libraries-{min(len(plan.packages), 6)}"], plan.arch, plan.suite,
                          programs.parts_of(content, {**libraries, **system}))


def is_quick(truth):
    """Whether a program belongs to a quick run."""
    number = os.path.basename(truth.path).partition("-")[0]
    return number.isdigit() and int(number) < QUICK[truth.arch]


def build(pool, work, quick, log):
    """Link the missing programs of both architectures into the work folder; returns (folder, truths)."""
    folder = os.path.join(work, "static")
    record = folder + ".json"
    if quick and not os.path.exists(record):
        folder = os.path.join(work, "static-quick")
        record = folder + ".json"
    if not os.path.exists(record):
        truths = []
        for arch, count in (QUICK if folder.endswith("-quick") else COUNTS).items():
            os.makedirs(os.path.join(folder, arch), exist_ok=True)
            planned = list(plans(pool, arch, count))
            with concurrent.futures.ThreadPoolExecutor(2) as workers:
                for plan, truth in zip(planned, workers.map(lambda plan: make(pool, plan, folder), planned)):
                    log("linked" if truth else "not-linked", "static", plan.name, " ".join(p.name for p in plan.packages))
                    truths += [truth] if truth else []
        programs.save(record, truths)
    truths = programs.load(record)
    return folder, list(filter(is_quick, truths)) if quick else truths
