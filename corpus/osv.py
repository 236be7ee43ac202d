"""Finds releases in OSV records: the tags that a record lists, and the ends of its version ranges."""

import glob
import json
import os
import re

TAG = re.compile(r"(?:^|(?<=[^0-9]))([0-9]+(?:\.[0-9]+){1,3}[a-z]?)$")


def tag_version(tag):
    """Version of a release tag ("curl-7_84_0", "VER-2-10-4", "release-70-1"); None for other tags."""
    text = re.sub(r"(?<=[0-9])[_-](?=[0-9])", ".", tag.strip("'\""))
    found = TAG.search(text)
    if not found or re.search(r"(rc|alpha|beta|pre|dev|test|snapshot|b|a)[._-]?[0-9.]*$", text[:found.end()], re.I):
        return None
    version = found.group(1)
    return version if all(int(n) < 100000 for n in re.findall(r"[0-9]+", version)) else None


def _read_yaml(path):
    """(package, versions) of one OSV record in YAML; reads only the parts of YAML that lists of versions use."""
    package, versions, inside = None, [], False
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if (found := re.match(r"^(?:- |  )(?:package:)?\s*name: (\S+)", line)) or \
                    (found := re.match(r"^    name: (\S+)", line)):
                package = found.group(1)
            elif re.match(r"^  versions:", line):
                inside = True
            elif inside and (found := re.match(r"^  - (\S+)", line)):
                versions.append(found.group(1))
            else:
                inside = False
    return package, versions


def _read_json(path):
    """(package, versions) pairs of a JSON file with one OSV record or a list of them."""
    with open(path, encoding="utf-8") as data:
        records = json.load(data)
    for record in records if isinstance(records, list) else [records]:
        for affected in record.get("affected", []):
            ends = [value for span in affected.get("ranges", []) if span.get("type") != "GIT"
                    for event in span.get("events", []) for value in event.values() if value != "0"]
            yield affected.get("package", {}).get("name"), ends + affected.get("versions", [])


def releases(path):
    """{package: set of versions} of an OSV file, or of all OSV files below a folder."""
    found = {}
    paths = [path] if os.path.isfile(path) else sorted(
        glob.glob(os.path.join(path, "**/*.json"), recursive=True) +
        glob.glob(os.path.join(path, "**/*.yaml"), recursive=True))
    for name in paths:
        for package, tags in ([_read_yaml(name)] if name.endswith(".yaml") else _read_json(name)):
            versions = {version for tag in tags if (version := tag_version(tag))}
            if package and versions:
                found.setdefault(package.lower(), set()).update(versions)
    return found
