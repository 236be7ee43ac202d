"""Finds releases in upstream changelogs and NEWS files, and accepts them only if the file proves that its headings are releases."""

import re

import upstream

VERSION = re.compile(r"(?<![0-9A-Za-z.])[vV]?([0-9]+(?:\.[0-9]+){1,3}[a-z]?)(?![0-9A-Za-z]|\.[0-9])")
DATE = re.compile(r"\b(19|20)[0-9][0-9][-/. ][0-9A-Za-z]+|\b(19|20)[0-9][0-9]\b")
KEYWORD = re.compile(r"\b(version|release[ds]?|changes? (in|between|since|from)|what'?s new|noteworthy|news for|changelog|overview)\b", re.I)
MAX_WORDS = 14
# A file must name the package's own version and at least MIN_HEADINGS releases, nearly all in descending or ascending order.
MIN_HEADINGS = 3
MIN_ORDERED = 0.9


def heading(line, name):
    """The first version in a heading line, or None if the line is not a heading."""
    text = line.strip().strip("#*=-[]:").strip()
    if not text or line[:4].isspace() or len(text.split()) > MAX_WORDS:
        return None
    found = VERSION.search(text)
    if not found:
        return None
    alone = found.start() == 0 and (found.end() == len(text) or DATE.search(text) or text[found.end():].strip(" :()]-") == "")
    named = text.lower().startswith(name.lower()) and found.start() <= len(name) + 10
    if alone or named or KEYWORD.search(text[:found.start()]):
        return found.group(1)
    return None


def releases(text, name, current):
    """The releases in a changelog's headings, or [] unless the `current` one is among them and they are in order."""
    versions = []
    for line in text.splitlines():
        version = heading(line, name)
        if version and not upstream.is_prerelease(version) and (not versions or versions[-1] != version):
            versions.append(version)
    keys = [upstream.order_key(version) for version in versions]
    if len(versions) < MIN_HEADINGS or upstream.order_key(current) not in keys:
        return []
    down = sum(a >= b for a, b in zip(keys, keys[1:]))
    ordered = max(down, len(keys) - 1 - down) / (len(keys) - 1)
    top = upstream.order_key(current)
    return [v for v, key in zip(versions, keys) if key <= top] if ordered >= MIN_ORDERED else []
