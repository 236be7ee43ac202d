"""Reads advisories of several forms into OSV records, and writes them as the databases of other matchers.

It is a second reader beside engine/feed: vulnbuild reads the same files. What the two make of a record differently shows as a
difference between the matchers.
"""
import collections
import hashlib
import json
import re
import sys
import tarfile
import tomllib
import zipfile

try:
    import yaml  # PyPA's records are YAML
except ImportError:
    sys.exit("python3-yaml is missing")

# File in the folder of advisories, and how it is read.
SOURCES = {"go-vulndb": "go-vulndb-osv.tar.xz", "pypa": "pypa-advisories.tar.xz", "rustsec": "rustsec-advisories.tar.xz",
           "cisa-vulnrichment": "cve5-vulnrichment-2022-2024.tar.xz", "debian": "misc-formats.tar.xz"}
CRATES = "crates" + ".io"  # the name of an ecosystem, which looks like a host
RELEASES = {"bullseye": "11", "bookworm": "12"}
# Words for no end of a range of CVE records.
OPEN = {"", "0", "*", "-", "n/a", "unspecified", "all", "All"}
COLLECTIONS = {"maven": "Maven", "npmjs": "npm", "pypi": "PyPI", "crates": CRATES, "go": "Go"}


def members(path, pattern):
    """Yields (name, bytes) of the files of an archive whose names match."""
    with tarfile.open(path) as archive:
        for item in archive:
            if item.isfile() and re.search(pattern, item.name):
                yield item.name, archive.extractfile(item).read()


# ---- readers: each yields OSV records ----

def read_go(path):
    for _, text in members(path, r"data/osv/.*\.json$"):
        yield json.loads(text)


def read_pypa(path):
    for _, text in members(path, r"vulns/.*\.ya?ml$"):
        yield yaml.load(text, yaml.CBaseLoader)  # texts alone: a version 1.10 must not become a number


def release(text):
    """A semantic version as numbers, what it lacks is 0, and its pre-release, None for none."""
    core, _, rest = text.strip().partition("+")[0].partition("-")
    numbers = [int(part) for part in core.split(".")]
    return tuple(numbers + [0] * (3 - len(numbers))), rest or None, len(numbers)


def write_release(numbers, rest=None):
    return ".".join(map(str, numbers)) + (f"-{rest}" if rest else "")


def order(version):
    """The order of semantic versions (semver.org, 11); what is none, "RELEASE.2022-01-01", is before all of them."""
    found = re.match(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([^+]*))?", version)
    if not found:
        return (-1,), True, []
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in found[4].split(".")] if found[4] else []
    return tuple(int(number or 0) for number in found.groups()[:3]), not parts, parts


def interval(requirement):
    """Cargo's requirement as (from, to): half-open, None for no end."""
    low = high = None
    for part in requirement.split(","):
        sign, text = re.fullmatch(r"\s*([<>=^~]*)\s*([^\s]+)\s*", part).groups()
        numbers, rest, given = release(text.replace("*", "0"))
        exact = write_release(numbers, rest)
        after = write_release((*numbers[:2], numbers[2] + 1), "0") if not rest else exact + ".0"
        if sign in (">=", "=", "^", "", "~"):
            low = exact
        if sign == ">":
            low = after
        if sign == "<":
            high = exact
        if sign in ("<=", "="):
            high = after
        if sign in ("^", ""):
            place = next((i for i, number in enumerate(numbers[:given]) if number), given - 1)
            high = write_release((*numbers[:place], numbers[place] + 1, 0, 0)[:3])
        if sign == "~":
            place = min(1, given - 1)
            high = write_release((*numbers[:place], numbers[place] + 1, 0, 0)[:3])
    return low, high


def read_rustsec(path):
    """RustSec names what is not affected; OSV what is: the gaps."""
    for _, text in members(path, r"crates/.*\.md$"):
        head = tomllib.loads(re.search(r"```toml\n(.*?)```", text.decode(), re.S)[1])
        advisory, versions = head["advisory"], head["versions"]
        safe = sorted((interval(text) for text in versions.get("patched", []) + versions.get("unaffected", [])),
                      key=lambda pair: order(pair[0]) if pair[0] else ((-1,),))
        events, at = [], "0.0.0-0"
        for low, high in safe:
            if at is not None and low is not None and order(low) > order(at):
                events += [{"introduced": at}, {"fixed": low}]
            if at is not None:
                at = None if high is None else max(at, high, key=order)
        if at is not None:
            events.append({"introduced": at})
        record = {"id": advisory["id"], "modified": f"{advisory['date']}T00:00:00Z", "aliases": advisory.get("aliases", []),
                  "affected": [{"package": {"ecosystem": CRATES, "name": advisory["package"]},
                                "ranges": [{"type": "SEMVER", "events": events}],
                                "database_specific": {"informational": advisory.get("informational")}}]}
        if "withdrawn" in advisory:
            record["withdrawn"] = f"{advisory['withdrawn']}T00:00:00Z"
        yield record


def cve_range(version):
    """An entry of a CVE record as ("ranges" or "versions", value), None for one that says nothing that can be compared."""
    low, below, upto = version.get("version", ""), version.get("lessThan"), version.get("lessThanOrEqual")
    words = [text for text in (low, below, upto) if text and text not in OPEN]
    if version.get("status", "affected") != "affected" or version.get("changes") or not (words or below or upto) or \
            not all(re.fullmatch(r"v?\d[^\s<>,*&|]*", text) and ".x" not in text for text in words):
        return None
    if below is None and upto is None:
        return "versions", low
    events = [{"introduced": "0" if low in OPEN else low}]
    if below and below not in OPEN:
        events.append({"fixed": below})
    elif not below and upto not in OPEN:
        events.append({"last_affected": upto})
    return "ranges", {"type": "ECOSYSTEM", "events": events}


def read_cve(path):
    """CVE records that name a package of a collection whose names are those of an ecosystem."""
    for _, text in members(path, r"\.json$"):
        if b"collectionURL" not in text:
            continue
        record = json.loads(text)
        affected = []
        for container in [record["containers"].get("cna", {}), *record["containers"].get("adp", [])]:
            for product in container.get("affected", []):
                labels = re.split(r"[./:]+", product.get("collectionURL", ""))
                kind = next((COLLECTIONS[label] for label in labels if label in COLLECTIONS), None)
                if not kind or not product.get("packageName"):
                    continue
                made = {"package": {"ecosystem": kind, "name": product["packageName"]}, "ranges": [], "versions": []}
                for key, value in filter(None, map(cve_range, product.get("versions", []))):
                    made[key].append(value)
                affected.append(made)
        if affected:
            yield {"id": record["cveMetadata"]["cveId"], "modified": record["cveMetadata"].get("dateUpdated", "2024-01-01T00:00:00Z"),
                   "affected": affected}


def read_debian(path):
    """DSA and DLA lists: "[date] DSA-1-1 source - what", names of CVEs in braces, a line for each release."""
    for _, text in members(path, r"debian/D[SL]A-list$"):
        record = None
        for line in [*text.decode("utf-8", "replace").splitlines(), "[end] "]:
            head = re.match(r"\[[^]]*\] (D[SL]A-\S+)", line)
            fixed = re.match(r"\t\[(\w+)\] - (\S+) (\d\S*)", line)
            names = re.match(r"\t\{(.*)\}", line)
            if line.startswith("[") and record:
                if record["affected"]:
                    yield record
                record = None
            if head:
                record = {"id": head[1], "modified": "2023-04-01T00:00:00Z", "upstream": [], "affected": []}
            elif names and record:
                record["upstream"] = [name for name in names[1].split() if name.startswith("CVE-")]
            elif fixed and record and fixed[1] in RELEASES:
                record["affected"].append({"package": {"ecosystem": f"Debian:{RELEASES[fixed[1]]}", "name": fixed[2]},
                                           "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed[3]}]}]})


READERS = {"go-vulndb": read_go, "pypa": read_pypa, "rustsec": read_rustsec, "cisa-vulnrichment": read_cve, "debian": read_debian}


def load(data):
    """{source: [record]} of all files of the folder."""
    return {name: list(READERS[name](data / file)) for name, file in SOURCES.items()}


# ---- osv-scanner ----

def write_ecosystem(folder, kind, records):
    """A database of osv-scanner 2.5: its documentation calls the folder osv-scanner, it reads osv-scalibr."""
    path = folder / "osv-scalibr" / kind / "all.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, record in records.items():
            out.writestr(f"{name}.json", json.dumps(record))


def write_osv(records, folder):
    by_kind = collections.defaultdict(dict)
    for record in records:
        for affected in record.get("affected", []):
            by_kind[affected.get("package", {}).get("ecosystem", "").partition(":")[0]][record["id"]] = record
    for kind, found in by_kind.items():
        write_ecosystem(folder, kind, found)


# ---- grype ----

# Ecosystems of grype's reader of GitHub's advisories.
LANGUAGES = {"PyPI": "python", CRATES: "rust", "npm": "npm", "Maven": "java", "Go": "go"}


def spans(events):
    """Pairs of an event that begins a range and the one that ends it, None for no end."""
    start, found = None, []
    for event in events:
        if "introduced" in event:
            start = event["introduced"]
        elif start is not None and ("fixed" in event or "last_affected" in event):
            found.append((start, event))
            start = None
    return found + ([(start, None)] if start is not None else [])


def fixes(affected):
    """Yields (constraint, fixed version or "") for each range; versions that stand alone make one of their own."""
    ranges = [item for item in affected.get("ranges", []) if item["type"] != "GIT"]
    for item in ranges:
        for start, end in spans(item["events"]):
            parts = [] if start in ("0", "0.0.0-0") else [f">={start}"]
            if end:
                parts.append(f"<{end['fixed']}" if "fixed" in end else f"<={end['last_affected']}")
            yield ",".join(parts or [">=0"]), (end or {}).get("fixed", "")
    if not ranges and affected.get("versions"):
        yield " || ".join(f"={version}" for version in affected["versions"]), ""


def github_records(records):
    """Records in the form of GitHub's advisories: what grype's database has of languages comes from there."""
    for record in records:
        fixed = [{"name": item["package"]["name"], "identifier": version, "ecosystem": LANGUAGES[item["package"]["ecosystem"]],
                  "namespace": f"github:{LANGUAGES[item['package']['ecosystem']]}", "range": text}
                 for item in record.get("affected", []) if item.get("package", {}).get("ecosystem") in LANGUAGES
                 for text, version in fixes(item)]
        if fixed:
            yield record["id"], {"Advisory": {
                "CVE": record.get("aliases", []), "FixedIn": fixed, "Metadata": {"CVE": record.get("aliases", [])}, "Severity": "High",
                "Summary": record["id"], "ghsaId": record["id"], "namespace": fixed[0]["namespace"], "url": "",
                "published": record["modified"], "updated": record["modified"], "withdrawn": record.get("withdrawn")}}


def system_records(records):
    """A record for each release and name, as grype has them of distributions: with all source packages that fix it."""
    found = collections.defaultdict(dict)
    for record in records:
        for item in record["affected"]:
            for name in record["upstream"] or [record["id"]]:
                # A second fix is there where the first one was not enough: the last list entry of a source is the oldest.
                found[(item["package"]["ecosystem"].lower(), name)].setdefault(item["package"]["name"],
                                                                              item["ranges"][0]["events"][1]["fixed"])
    for (space, name), fixed in found.items():
        yield f"{space}/{name}", {"Vulnerability": {
            "CVSS": [], "Description": "", "Link": "", "Metadata": {}, "Name": name, "NamespaceName": space, "Severity": "High",
            "FixedIn": [{"Name": source, "NamespaceName": space, "Version": version, "VersionFormat": "dpkg",
                         "VendorAdvisory": {"AdvisorySummary": [], "NoAdvisory": False}} for source, version in fixed.items()]}}


def write_state(folder, provider, schema, records):
    """A provider's folder, as grype's builder reads it; its metadata.json."""
    results = folder / provider / "results"
    results.mkdir(parents=True, exist_ok=True)
    listing = []
    for name, item in records:
        text = json.dumps({"schema": schema, "identifier": name, "item": item})
        file = results / (hashlib.sha256(name.encode()).hexdigest()[:24] + ".json")
        file.write_text(text, encoding="utf-8")
        listing.append(f"0  results/{file.name}")
    (folder / provider / "listing.xxh64").write_text("\n".join(listing) + "\n", encoding="utf-8")
    state = folder / provider / "metadata.json"
    state.write_text(json.dumps({"provider": provider, "version": 1, "distribution_version": 1, "processor": "bench", "urls": [],
                                 "schema": {"version": "1.0.0", "url": schema}, "timestamp": "2026-08-22T00:00:00Z",
                                 "listing": {"path": "listing.xxh64", "digest": "0", "algorithm": "xxh64"}, "store": "flat-file"}),
                     encoding="utf-8")
    return state


def write_grype(sources, folder):
    """The folders of three providers; their states."""
    languages = [record for name in ("pypa", "rustsec", "cisa-vulnrichment") for record in sources[name]]
    go = ((record["id"], record) for record in sources["go-vulndb"])
    return [write_state(folder, "github", "schema/github-security-advisory/schema-1.0.1.json", github_records(languages)),
            write_state(folder, "govulndb", "schema/osv/schema-1.6.1.json", go),
            write_state(folder, "debian", "schema/os/schema-1.0.0.json", system_records(sources["debian"]))]


# ---- names of one vulnerability ----

class Groups:
    """Names that stand for the same vulnerability: an advisory and its aliases."""

    def __init__(self, records):
        self.parents, self.upstream, self.records = {}, {}, collections.defaultdict(list)
        self.by_group = collections.defaultdict(list)
        self.verdicts, self.suppressed = {}, {}  # of fpscan, by (target, package, group)
        for record in records:
            self.records[record["id"]].append(record)
            self.upstream[record["id"]] = record.get("upstream") or []
            for alias in record.get("aliases") or []:
                self.parents[self.find(alias)] = self.find(record["id"])

    def find(self, name):
        while self.parents.get(name, name) != name:
            name = self.parents[name]
        return name

    def of(self, name):
        """What an advisory stands for: one group, or those of the vulnerabilities that a distribution's one fixes."""
        return {self.find(part) for part in self.upstream.get(name) or [name]}

    def members(self, group):
        """Records of a group."""
        if not self.by_group:
            for name, records in self.records.items():
                for part in self.of(name):
                    self.by_group[part] += records
        return self.by_group[group]
