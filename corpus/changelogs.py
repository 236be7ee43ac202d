"""Changelogs inside Debian packages."""

import gzip
import io
import re
import subprocess
import tarfile
import zlib
from email.utils import parsedate_to_datetime

HEAD = re.compile(r"^([a-z0-9][a-z0-9.+-]*) \(([^ )]+)\) ([^;]*);")
TAIL = re.compile(r"^ -- .*>\s+(.*\S)")
NAMES = re.compile(r"^\./usr/share/doc/[^/]+/(changelog|news|changes|history|release[-_]?notes)[^/]*\.gz$", re.I)
MAX_TEXT = 20_000_000


def texts(path):
    """Texts of the changelogs and NEWS files in a .deb."""
    found = []
    reader = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with reader.stdout as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for member in archive:
                    if member.isfile() and member.size < MAX_TEXT and NAMES.match(member.name):
                        data = gzip.decompress(archive.extractfile(member).read())
                        found.append(data.decode("utf-8", "replace").lstrip("\n"))
        except (tarfile.TarError, OSError, EOFError, zlib.error):
            pass
    reader.wait()
    return found


def is_debian(text):
    """Whether a text is a Debian changelog."""
    return bool(HEAD.match(text.partition("\n")[0]))


def entries(text, source):
    """(version, day) of each released entry for this source package in a Debian changelog."""
    version = None
    stem = source.rstrip("0123456789.-")
    for line in io.StringIO(text):
        head, tail = HEAD.match(line), TAIL.match(line)
        if head:
            ours = head.group(1).rstrip("0123456789.-") == stem and "UNRELEASED" not in head.group(3)
            version = head.group(2) if ours else None
        elif tail and version:
            try:
                day = parsedate_to_datetime(tail.group(1)).date()
            except (TypeError, ValueError):
                continue
            yield version, day
            version = None
