"""Makes JSON reports of any size for the tests and the bench of HTML reports: an image with layers, packages, components,
vulnerabilities, drift and places that were not looked at, and names that try to break out of a page."""
import json
import subprocess
import sys

# What a hostile target may call its files; as JSON of fpscan has it, escapes stand for bytes that nobody can show.
HOSTILE = ["</script><script>window.pwned=1</script>", "\"><img src=x onerror=window.pwned=1>", "<!--<script>",
           "evil\\xe2\\x80\\xaegpj.exe", "two\\x0alines", "]]>&lt;b&gt;&amp;", "javascript:window.pwned=1",
           "\u2028line\u2029", "' onclick='window.pwned=1", "__proto__", "\u202ebidi\u2066", "{{7*7}}${7*7}`"]
SETS = [{"name": "demo", "digest": "00" * 16, "creator": "bench", "parameters": "", "versionMajor": 1, "versionMinor": 0, "size": 1,
         "components": 1, "releases": 1}]


def make_target():
    return {"path": "shop.tar", "type": "image", "image": {
        "format": "oci-archive", "reference": "example.org/shop:1", "manifest": "sha256:" + "4" * 64, "config": "sha256:" + "5" * 64,
        "platform": {"os": "linux", "architecture": "amd64", "variant": "", "osVersion": ""},
        "base": {"source": "annotation", "name": "example.org/base:12", "digest": "sha256:" + "6" * 64, "layers": 1}},
            "os": {"id": "debian", "versionId": "12", "name": "Debian GNU/Linux 12 (bookworm)"}, "packagesKnown": True,
            "packagesStatedBy": "target", "digestsCompared": True, "entries": 1, "regularFiles": 1, "objects": 1, "bytes": 1,
            "skippedPseudo": 0, "partial": True}


def make_layers(count):
    return [{"index": i, "digest": f"sha256:{i:064x}", "diffID": f"sha256:{i:064x}", "createdBy": f"RUN step {i} && build",
             "mediaType": "", "size": 1000 + i, "base": i == 0, "read": True} for i in range(count)]


def make_package(index, layers, name):
    version = f"1.{index % 50}-{index % 3}"
    return {"index": index, "kind": "deb", "name": name, "version": version, "architecture": "amd64", "source": name,
            "sourceVersion": version, "supplier": "Debian", "license": "MIT", "purl": f"pkg:deb/debian/pkg{index}@{version}",
            "cpe": "", "location": "/var/lib/dpkg/status", "visibility": "visible", "layer": index % layers, "parent": None,
            "depends": [], "owned": 3, "components": [], "contains": []}


def make_location(index, layers, packages):
    owner = index % packages if index % 3 else None
    return {"archivePath": None, "layer": index % layers, "visibility": "visible", "owner": owner,
            "ownerName": None if owner is None else f"pkg{owner}"}


def make_file(index, location, path):
    code = {"executable": 4000 + index * 7, "attributed": 1000 + index, "generic": 500, "unknown": 2500 + index * 6}
    return {"path": path, **location, "links": [], "size": 10000 + index, "sha1": None, "format": "elf", "type": "shared",
            "machine": "x86-64", "code": code}


def make_finding(index, location, path, state):
    return {"file": index, "path": path, **location, "introducedLayer": location["layer"], "explainedBy": location["owner"],
            "drift": None, "state": state, "linkage": "own", "renamed": False, "textsOnly": False, "doubt": None,
            "versionConfidence": 0.9, "versionTemplate": None, "versionToolchain": None, "versionNote": None, "versionAlone": None,
            "confidence": 0.97, "coverage": 0.8, "share": 0.5, "unitsActive": 5, "unitsTotal": 7,
            "features": {"literals": 30, "names": 4, "uses": 0, "functions": 9, "exact": 0}, "evidenceTotal": 43, "against": None,
            "admittedBy": None}


def make_evidence(index):
    return [{"file": index, "kind": kind, "offset": 4096 + 64 * i, "address": "0x401000", "weight": 0.9,
             "text": f"{kind} text {i} of file {index}", "unit": f"unit_{i}.o", "instructions": 0, "size": 0}
            for i, kind in enumerate(["literal", "name", "literal", "literal"])]


def make_component(index, locations, paths, name):
    """A component in the file of the same index."""
    version, state = f"{index % 7}.{index % 30}.{index % 11}", "likely" if index % 5 == 4 else "present"
    known = index % 17 != 0
    versions = [version] if known else []
    return {"id": name, "name": name, "purl": f"pkg:generic/component{index}", "cpe": "", "license": "MIT", "family": "",
            "candidates": [], "versionKind": "exact" if known else "unknown", "version": version if known else None,
            "versions": versions, "versionOpenBelow": False, "versionOpenAbove": False, "versionFrom": version if known else None,
            "versionTo": version if known else None, "versionConfidence": 0.9, "versionTemplate": None, "versionToolchain": None,
            "versionNote": None, "state": state, "role": "library", "linkage": "own", "confidence": 0.97, "doubt": None,
            "explainedBy": locations[index]["owner"], "files": [make_finding(index, locations[index], paths[index], state)],
            "evidence": make_evidence(index)}


def make_advisory(index, rows, title):
    """An advisory in OSV's format: a report that is read again is matched with advisories again. It affects ten components."""
    link = "javascript:window.pwned=1" if index % 4 == 1 else f"https://example.org/advisory/{index}"
    impact = ["C:H/I:H/A:H", "C:H/I:N/A:N", "C:L/I:N/A:N"][index % 3]
    names = [f"component{i}" for i in range(10 * index, min(rows, 10 * index + 10))]
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "9.0.0"} if index % 2 else {"last_affected": "99.0.0"}]}]
    return {"id": f"DEMO-{index}", "modified": "2026-01-01T00:00:00Z", "summary": title, "aliases": [] if index % 4 == 1 else [f"CVE-2024-{10000 + index}"],
            "references": [{"type": "ADVISORY", "url": link}],
            "severity": [{"type": "CVSS_V3", "score": f"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/{impact}"}],
            "affected": [{"package": {"ecosystem": "generic", "name": name}, "ranges": ranges} for name in names]}


def make_advisories(rows):
    """One for every 50 components."""
    return [make_advisory(i, rows, f"{HOSTILE[i % len(HOSTILE)]} overflow") for i in range(max(1, rows // 50))]


def make_drift(index, path, hostile):
    kind = ["unowned", "replaced", "missing", "digest"][index % 4]
    return {"kind": kind, "level": "drift" if index % 3 else "note", "path": path, "file": index, "package": None,
            "otherPackage": None, "component": None, "claimed": "1", "found": "2", "message": f"{hostile}: differs"}


def make_report(rows, hostile=True):
    """A report with so many components, each in a file of its own."""
    layers, packages = 6, max(1, rows // 10)
    names = HOSTILE if hostile else [f"name{i}" for i in range(len(HOSTILE))]

    def odd(index, plain):
        """A name that sorts by its number; the first ones are hostile."""
        return f"{plain}{index:06}{names[index] if index < len(names) else ''}"

    paths = [f"/usr/lib/{odd(i, 'lib')}.so" for i in range(rows)]
    locations = [make_location(i, layers, packages) for i in range(rows)]
    components = [make_component(i, locations, paths, odd(i, "component")) for i in range(rows)]
    return {
        "schemaVersion": "2.1", "tool": {"name": "fpscan", "version": "1.0.0"}, "created": "2026-01-01T00:00:00Z",
        "shown": {"states": ["present", "likely"], "minConfidence": 0, "component": None, "scope": "squashed", "evidence": "some",
                  "omittedFindings": 0, "omittedHiddenFindings": 0},
        "target": make_target(), "sets": SETS, "layers": make_layers(layers),
        "files": [make_file(i, locations[i], paths[i]) for i in range(rows)],
        "packages": [make_package(i, layers, odd(i, "pkg")) for i in range(packages)],
        "components": sorted(components, key=lambda item: item["id"].encode()),
        "drift": [make_drift(i, paths[i], names[i % len(names)]) for i in range(0, rows, 20)],
        "vulnerabilitiesChecked": False, "advisorySources": [], "vulnerabilities": [],
        "diagnostics": [{"level": "partial" if i % 2 else "note", "code": "unknown-layout", "path": paths[i % rows], "offset": None,
                         "message": f"{names[i % len(names)]} cannot be read"} for i in range(min(rows, 40))],
    }


def write_page(programs, folder, rows, hostile=True):
    """Makes FOLDER/page.html of a report with so many components and their vulnerabilities, with the programs of a build."""
    (folder / "feed").mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(make_report(rows, hostile), ensure_ascii=False), encoding="utf-8")
    for advisory in make_advisories(rows):
        (folder / "feed" / f"{advisory['id']}.json").write_text(json.dumps(advisory), encoding="utf-8")
    database, packed, page = folder / "all.db", folder / "demo.fpav", folder / "page.html"
    run([programs / "vulnbuild", "import", "-q", "-d", database, "-s", "demo", folder / "feed"])
    run([programs / "vulnbuild", "pack", "-q", "-d", database, "-o", packed])
    run([programs / "fpscan", "-q", "--no-cache", "--reproducible", "--advisories", packed, "-o", f"html={page}", "-o", f"json={folder / 'matched.json'}",
         f"sbom:{folder / 'report.json'}"])
    return page


def run(command):
    """Runs a program; 3 says that the report is partial, as it is made to be."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if result.returncode not in (0, 3):
        sys.exit(f"{command[0]} fails with {result.returncode}: {result.stderr}")
