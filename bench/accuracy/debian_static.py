"""Suite debian-static: Debian's own static programs. The truth is Built-Using, as far as the archives prove it in the file."""

import collections
import functools
import os
import re
import struct
import subprocess

import archives
import programs
import upstream

MOST_FILES = 4  # per package: qemu-user-static has sixty similar ones
RUN = 32        # so many consecutive bytes without a relocation prove code
MEMBER_RUNS, MEMBER_LITERALS = 3, 5  # minimum for one member
PROVED_RUNS, PROVED_LITERALS = 6, 5  # minimum over all members
# Linked by a package in Built-Using or by the program itself, but not always declared; counted as right if they are proved.
LINKED_TOO = ("libassuan", "libgpg-error", "ncurses", "util-linux", "xz-utils")
USING = re.compile(r"([a-z0-9][a-z0-9.+-]*) \(= ([^)]+)\)")
ARCHES = {62: "amd64", 183: "arm64"}


def machine_if_static(path):
    """The architecture of a statically linked ELF program, or "" for other files."""
    with open(path, "rb") as data:
        head = data.read(4096)
    if head[:6] != b"\x7fELF\x02\x01" or len(head) < 64 or struct.unpack_from("<H", head, 16)[0] not in (2, 3):
        return ""
    start, = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    kinds = [struct.unpack_from("<I", head, start + size * number)[0] for number in range(count) if start + size * number + 4 <= len(head)]
    return "" if 3 in kinds else ARCHES.get(struct.unpack_from("<H", head, 18)[0], "")


def unpack(package, folder):
    """Unpack a package once below `folder`; returns the paths of its first static programs."""
    name = os.path.basename(package.path).removesuffix(".deb")
    dest = os.path.join(folder, package.arch, f"{package.suite}-{name.split('_')[0]}-{package.version.replace(':', '.')}")
    if not os.path.isdir(dest):
        os.makedirs(dest + ".new", exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", package.path, dest + ".new"], check=True)
        kept = 0
        for path in sorted(os.path.join(base, name) for base, _, names in os.walk(dest + ".new") for name in names):
            if not os.path.islink(path) and kept < MOST_FILES and os.path.isfile(path) and machine_if_static(path):
                kept += 1
            else:
                os.unlink(path)
        os.rename(dest + ".new", dest)
    return sorted(os.path.join(base, name) for base, _, names in os.walk(dest) for name in names)


def code_runs(content):
    """Stretches of code of an object that no relocation touches."""
    if content[:6] != b"\x7fELF\x02\x01":
        return set()
    table, = struct.unpack_from("<Q", content, 40)
    count, = struct.unpack_from("<H", content, 60)
    headers = [struct.unpack_from("<IIQQQQIIQQ", content, table + 64 * number) for number in range(count)]
    cuts = {number: [] for number, header in enumerate(headers) if header[1] == 1 and header[2] & 4}
    for header in headers:
        if header[1] == 4 and header[7] in cuts:
            cuts[header[7]] += [struct.unpack_from("<Q", content, header[4] + at)[0] for at in range(0, header[5] - 23, 24)]
    found = set()
    for number, places in cuts.items():
        start, size, at = headers[number][4], headers[number][5], 0
        for place in sorted(places) + [size + 4]:
            piece = content[start + at:start + min(place - 4, size)]  # the linker may also change the bytes before it
            if len(piece) >= RUN and len(set(piece[:RUN])) > RUN // 3:
                found.add(piece[:RUN])
            at = max(at, place + 8)
    return found


@functools.lru_cache(maxsize=64)
def proofs(archive):
    """[(code runs, literals)] of the members of an archive."""
    found, texts = [], archives.literals(archive)
    for name, content in archives.members(archive):
        try:
            found.append((code_runs(content), set().union(*texts.get(name, {}).values())))
        except (struct.error, IndexError):
            continue
    return found


def seen(wanted, there, least):
    """How much of a member is in a file, or 0 if it is less than half: that is by chance, or code that libraries share."""
    count = len(wanted & there)
    return count if count >= least and 2 * count >= len(wanted) else 0


class Prover:
    """Searches a program for contents of a source package's archives that the C library does not have."""

    def __init__(self, pool):
        self.pool = pool

    def packages(self, source, version, suite, arch):
        """The development packages of a source: those of this version, else those of the suite, else all."""
        own = [package for package in self.pool.packages if package.source == source and package.arch == arch and "-dev" in package.name]
        return ([package for package in own if package.version == version] or [package for package in own if package.suite == suite]
                or own)

    def features(self, source, version, suite, arch):
        """[(code runs, literals)] of the members of a source package, without those of the C library and the compiler's runtime."""
        members, common, runtime = [], (set(), set()), programs.RUNTIME.fullmatch(source)
        base = next((suite for suite in (suite, "trixie", "bookworm") if self.pool.runtime(suite, arch)[1]), suite)
        for archive in [] if runtime else self.pool.runtime(base, arch)[1]:
            for runs, texts in proofs(archive):
                common[0].update(runs)
                common[1].update(texts)
        for package in self.packages(source, version, suite, arch):
            for archive in self.pool.archives(package):
                if archive.endswith(".a"):
                    members += [(runs - common[0], texts - common[1]) for runs, texts in proofs(archive)]
        return members

    def count(self, content, sources, suite, arch):
        """[(number of code runs, number of literals)] in the bytes of a program, for each (source, version)."""
        known = [self.features(source, version, suite, arch) for source, version in sources]
        wanted = set().union(*(runs for members in known for runs, _ in members))
        pieces = (content[at:at + RUN] for at in range(0, len(content) - RUN, 4 if arch == "arm64" else 1))
        there, texts = {piece for piece in pieces if piece in wanted}, set(archives.LITERAL.findall(content))
        return [(sum(seen(runs, there, MEMBER_RUNS) for runs, _ in members),
                 sum(seen(literals, texts, MEMBER_LITERALS) for _, literals in members)) for members in known]


def build(debs, pool, work, quick, log):
    """(folder, truths) of all packages."""
    folder = os.path.join(work, "debian-static")
    record = folder + ".json"
    if not os.path.exists(record):
        prover, truths = Prover(pool), []
        for package in archives.read_manifest(debs):
            fields = subprocess.run(["dpkg-deb", "-f", package.path, "Built-Using", "Static-Built-Using"], capture_output=True, text=True,
                                    check=True).stdout
            sources = [pair for pair in sorted(set(USING.findall(fields)))
                       if pool.sources.component(pair[0]) not in (None, pool.owner(package).component)]
            for path in unpack(package, folder) if sources else ():
                truths.append(prove(prover, package, path, folder, sources, log))
        programs.save(record, share_own(truths))
    truths = programs.load(record)
    return folder, [truth for truth in truths if truth.suite in ("bookworm", "trixie")] if quick else truths


def share_own(truths):
    """Share undeclared components between architectures: the archives that prove them may be missing for one."""
    own = collections.defaultdict(set)
    for truth in truths:
        own[truth.path.split("/", 2)[2]].update(truth.own)
    return [truth._replace(own=sorted(own[truth.path.split("/", 2)[2]])) for truth in truths]


def prove(prover, package, path, folder, sources, log):
    """The Truth of one program: what its package declares, and how much of each is in the file."""
    with open(path, "rb") as data:
        content = data.read()
    component_of, owner, parts = prover.pool.sources.component, prover.pool.owner(package), []
    declared, own = {source for source, _ in sources}, [owner.component or owner.source, *programs.TOOLCHAIN]
    sources = sources + [(source, "") for source in LINKED_TOO if source not in declared]
    for (source, version), (runs, texts) in zip(sources, prover.count(content, sources, package.suite, package.arch)):
        proved = runs >= PROVED_RUNS or texts >= PROVED_LITERALS
        if source in declared:
            parts.append(programs.Part(source, component_of(source), upstream.upstream_version(version) or "", [], runs, texts, proved))
        elif proved:
            own.append(component_of(source))
        log("declares" if source in declared else "undeclared", path.removeprefix(folder), f"{source} {version}",
            f"code {runs} literals {texts}", "" if proved else "not proved")
    return programs.Truth(path.removeprefix(folder), [package.name], package.arch, package.suite, parts, own)
