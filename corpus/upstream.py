"""Extracts upstream versions from Debian versions and orders them by release, with the rules of engine/util/version.h."""

import functools
import re

REPACK_WORDS = ("dfsg|ds|repack|repacked|debian|deb|nmu|bpo|cs|ubuntu|stripped|orig|clean|nodoc|srcless|free|nonfree|stable")
REPACK = re.compile(rf"(?:[+~.-]+|(?<=[0-9]))(?:{REPACK_WORDS})(?![A-Za-z]).*")
PRERELEASE_WORDS = ["dev", "alpha", "beta", "pre", "preview", "rc"]
PRERELEASE_MARK = re.compile(r"~(?=(?:dev|alpha|beta|pre|preview|rc)(?![a-z]))", re.IGNORECASE)
SNAPSHOT = re.compile(r"git|svn|hg[0-9]|bzr|cvs|fossil|snapshot|test|[-.+]g[0-9a-f]{7}|\.[0-9a-f]*[a-f][0-9a-f]{5,}$"
                      r"|[~+](19|20)[0-9]{6}|\.(50|51|9[0-9])\.(19|20)[0-9]{6}", re.IGNORECASE)
PART = re.compile(r"~|[+^]|[0-9]+|[A-Za-z]+")


def upstream_version(version):
    """Upstream part of a Debian version: "1:1.3.dfsg+really1.3.1-1+b1" gives "1.3.1"; None if nothing is left."""
    text = re.sub(r"^[0-9]+:", "", version)
    text = re.sub(r"\+b[0-9]+$", "", text)
    if "-" in text[1:]:
        text = text[:text.rindex("-")]
    while (found := re.search(r"really[.+~-]*", text)):
        rest = text[found.end():]
        text = rest or text[:found.start()]
    text = re.sub(r"(?<=.)\+~.*", "", text)
    text = text[:1] + REPACK.sub("", text[1:], count=1)
    text = PRERELEASE_MARK.sub("", text).rstrip("+~.-_^")
    return text if re.match(r"[0-9A-Za-z]", text) else None


def is_prerelease(version):
    """Whether an upstream version is marked as coming before a release."""
    return "~" in version or any(_part(p, version, m.end())[0] == 1 for m in PART.finditer(version) for p in [m.group()])


def is_snapshot(version):
    """Whether an upstream version names a revision of a repository instead of a release."""
    return bool(SNAPSHOT.search(version))


def _part(text, version, end):
    """Sort key of one part: (class, order or number, letters)."""
    if text == "~":
        return (0, 0, "")
    if text in "+^":
        return (4, 0, "")
    if text[0].isdigit():
        return (5, int(text), "")
    low = text.lower()
    if low in ("a", "b") and version[end:end + 1].isdigit():
        return (1, 2 if low == "a" else 3, "")
    if low in PRERELEASE_WORDS:
        return (1, PRERELEASE_WORDS.index(low) + 1, "")
    return (3, 0, low)


@functools.lru_cache(maxsize=None)
def order_key(version):
    """Key that sorts upstream versions in the order of release; versions that differ only in separators are equal."""
    return tuple(_part(m.group(), version, m.end()) for m in PART.finditer(version)) + ((2, 0, ""),)
