"""Describes what a bench ran on: processor, build and files. Shared by bench/accuracy, bench/images and bench/speed."""

import collections
import hashlib
import os

Build = collections.namedtuple("Build", "type sanitizers compiler")


def processor():
    """The name of the processor."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "CPU part"))),
                    os.uname().machine)


def build_facts(build):
    """Build type, sanitizers ("" if there are none) and compiler of a build folder."""
    facts = {}
    try:
        with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as lines:
            for line in lines:
                name, _, value = line.strip().partition("=")
                facts[name.partition(":")[0]] = value
    except OSError:
        pass
    return Build(facts.get("CMAKE_BUILD_TYPE", "unknown"), facts.get("FPS_SANITIZE", ""),
                 os.path.basename(facts.get("CMAKE_C_COMPILER", "unknown compiler")))


def regular_files(target):
    """Paths and sizes of the regular files of a target; lists each inode once and follows no symbolic links."""
    if os.path.isfile(target):
        return [(os.fsencode(os.path.realpath(target)), os.stat(target).st_size)]
    seen, found = set(), []
    for folder, _, names in os.walk(os.fsencode(os.path.realpath(target))):
        for name in names:
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            if (facts.st_mode & 0o170000) != 0o100000 or (facts.st_dev, facts.st_ino) in seen:
                continue
            seen.add((facts.st_dev, facts.st_ino))
            if os.access(path, os.R_OK):
                found.append((path, facts.st_size))
    return sorted(found)


def corpus_hash(files):
    """A hash of 16 digits over the names and sizes of files."""
    digest = hashlib.sha256()
    for path, size in files:
        digest.update(path + b"\0" + str(size).encode() + b"\0")
    return digest.hexdigest()[:16]


def file_digest(path):
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
