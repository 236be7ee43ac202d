"""A private apt root with its own lists, state and cache; it uses the mirror and keyring of the machine's own apt."""

import glob
import os
import re
import subprocess
import sys
from collections import namedtuple

APT_HELPER = "/usr/lib/apt/apt-helper"

Target = namedtuple("Target", "site repo release arch component filename signed_by")

Package = namedtuple("Package", "name version arch source source_version suite uri sha256 size section built_using depends")

TARGET_FORMAT = "$(CREATED_BY)|$(SITE)|$(REPO_URI)|$(RELEASE)|$(ARCHITECTURE)|$(COMPONENT)|$(FILENAME)|$(SIGNED_BY)"


class AptError(Exception):
    """apt or its configuration cannot provide something; the message says what."""


def _index_targets(options=(), kind="Packages"):
    """The package lists that apt knows under `options`, as Target tuples; kind "Sources" gives those of source packages."""
    out = subprocess.run(["apt-get", *options, "indextargets", "--format", TARGET_FORMAT],
                         check=True, capture_output=True, text=True).stdout
    targets = []
    for line in out.splitlines():
        fields = line.split("|")
        if fields[0] == kind:
            signed_by = fields[7] if not fields[7].startswith("$(") else ""
            targets.append(Target(fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], signed_by))
    return targets


def machine_mirrors():
    """{"main": (uri, keyring), "security": (uri, keyring)} for the Debian archives that this machine's apt reaches."""
    mirrors = {}
    for target in _index_targets():
        if target.component != "main":
            continue
        kind = "security" if target.release.endswith("-security") else "main"
        if kind == "main" and "-" in target.release and "main" in mirrors:
            continue
        mirrors.setdefault(kind, (target.repo.rstrip("/"), target.signed_by))
    if "main" not in mirrors:
        raise AptError("this machine's apt configuration names no Debian archive with a component 'main'")
    return mirrors


def _debian_keyring():
    """Path of the installed Debian archive keyring, or "" to let apt use its trusted keys."""
    listing = subprocess.run(["dpkg", "-L", "debian-archive-keyring"], capture_output=True, text=True).stdout
    for path in listing.split():
        if path.endswith("/debian-archive-keyring.gpg") and "/trusted.gpg.d/" not in path:
            return path
    return ""


class AptRoot:
    """A private apt root at `path` for the given suites and architectures."""

    def __init__(self, path, suites, architectures, sources=False):
        """With `sources` the root holds source packages only, for `download_source`."""
        self.path = os.path.abspath(path)
        self.suites = list(suites)
        self.architectures = list(architectures)
        self.sources = sources

    def options(self):
        """Options that make any apt program use this root and none of the machine's state."""
        settings = {
            "Dir::Etc::sourcelist": self.path + "/etc/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State": self.path + "/state",
            "Dir::State::lists": self.path + "/lists",
            "Dir::State::status": self.path + "/state/status",
            "Dir::Cache": self.path + "/cache",
            "APT::Architecture": self.architectures[0],
            "APT::Architectures": ",".join(self.architectures),
            "APT::Get::List-Cleanup": "false",
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]

    def prepare(self, update):
        """Write the root's source list and fetch the missing package lists, or all of them with `update`."""
        for sub in ("etc", "state", "lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self.path, sub), exist_ok=True)
        open(self.path + "/state/status", "a").close()
        mirrors = machine_mirrors()
        lines = []
        for suite in self.suites:
            kind = "security" if suite.endswith("-security") else "main"
            if kind not in mirrors:
                raise AptError(f"this machine's apt reaches no security archive, which suite {suite} needs")
            uri, keyring = mirrors[kind]
            keyring = keyring or _debian_keyring()
            signed = f" signed-by={keyring}" if keyring else ""
            word = "deb-src" if self.sources else "deb"
            lines.append(f"{word} [arch={','.join(self.architectures)}{signed}] {uri} {suite} main\n")
        with open(self.path + "/etc/sources.list", "w") as out:
            out.writelines(lines)
        if update or self._missing():
            subprocess.run(["apt-get", *self.options(), "update"], check=False, stdout=subprocess.DEVNULL)
        for suite, arch in self._missing():
            print(f"no package list of suite {suite} for {arch}", file=sys.stderr)

    def _missing(self):
        """Suites and architectures without a package list."""
        if self.sources:
            there = {t.release for t in _index_targets(self.options(), "Sources") if os.path.exists(t.filename)}
            return [(suite, "source") for suite in self.suites if suite not in there]
        there = {(t.release, t.arch) for t in _index_targets(self.options()) if os.path.exists(t.filename)}
        return [(suite, arch) for suite in self.suites for arch in self.architectures if (suite, arch) not in there]

    def packages(self):
        """Yield a Package for each binary package of each suite and architecture, suites in the order given."""
        rank = {suite: i for i, suite in enumerate(self.suites)}
        targets = [t for t in _index_targets(self.options())
                   if t.release in rank and t.arch in self.architectures]
        targets.sort(key=lambda t: (rank[t.release], self.architectures.index(t.arch)))
        for target in targets:
            if os.path.exists(target.filename):
                yield from self._read_list(target)

    def _read_list(self, target):
        reader = subprocess.Popen([APT_HELPER, *self.options(), "cat-file", target.filename],
                                  stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
        fields = {}
        with reader.stdout as lines:
            for line in lines:
                if line == "\n":
                    if fields:
                        yield _package(fields, target)
                    fields = {}
                elif not line[0].isspace():
                    key, _, value = line.partition(":")
                    fields[key] = value.strip()
        if fields:
            yield _package(fields, target)
        if reader.wait() != 0:
            raise AptError(f"cannot read the package list {target.filename}")

    def download(self, jobs):
        """Download (uri, path, sha256) triples in one call of apt, which checks each digest; True if all succeeded."""
        arguments = [part for uri, path, sha256 in jobs for part in (uri, path, "SHA256:" + sha256)]
        done = subprocess.run([APT_HELPER, *self.options(), "-qq", "download-file", *arguments],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return done.returncode == 0

    def download_source(self, source, suite, folder):
        """Download source package `source` of `suite` into `folder` and return the path of its .dsc; AptError on failure."""
        os.makedirs(folder, exist_ok=True)
        done = subprocess.run(["apt-get", *self.options(), "-qq", "source", "--download-only", "--only-source",
                               f"{source}/{suite}"], cwd=folder, capture_output=True, text=True)
        found = sorted(glob.glob(os.path.join(glob.escape(folder), "*.dsc")))
        if done.returncode != 0 or not found:
            raise AptError(f"source package {source} of {suite}: {done.stderr.strip().splitlines()[-1:] or 'not downloaded'}")
        return found[-1]

    def source_packages(self):
        """{suite: {source package: its stanza}} of the package lists of a root of sources."""
        suites = {}
        for target in _index_targets(self.options(), "Sources"):
            if not os.path.exists(target.filename):
                continue
            out = subprocess.run([APT_HELPER, *self.options(), "cat-file", target.filename], capture_output=True, text=True,
                                 encoding="utf-8", errors="replace", check=True).stdout
            names = suites.setdefault(target.release, {})
            for stanza in out.split("\n\n"):
                name = re.search(r"^Package: (.+)$", stanza, re.M)
                if name:
                    names[name.group(1)] = stanza
        return suites

    def download_debian(self, source, suite, folder):
        """Download what Debian adds to the sources of `source`, and return the path of that archive; AptError on failure."""
        done = subprocess.run(["apt-get", *self.options(), "-qq", "source", "--diff-only", "--download-only", "--only-source",
                               f"{source}/{suite}"], cwd=folder, capture_output=True, text=True, check=False)
        found = glob.glob(os.path.join(glob.escape(folder), "*.debian.tar.*"))
        if done.returncode != 0 or not found:
            raise AptError("no changelog" if done.returncode == 0 else done.stderr.strip()[-200:])
        return found[0]


def _package(fields, target):
    """A Package from the fields of one stanza of a package list."""
    source, _, rest = fields.get("Source", fields["Package"]).partition(" ")
    version = fields["Version"]
    return Package(name=fields["Package"], version=version, arch=fields["Architecture"], source=source,
                   source_version=rest.strip("() ") or version, suite=target.release,
                   uri=target.repo.rstrip("/") + "/" + fields["Filename"], sha256=fields["SHA256"],
                   size=int(fields["Size"]), section=fields.get("Section", ""),
                   built_using=fields.get("Built-Using", ""), depends=fields.get("Depends", ""))
