"""Why two matchers differ about a package and a vulnerability: each reason is checked in the records, and names who is right."""
import re

from advisories import order

PEP440 = re.compile(r"v?(\d+!)?\d+(\.\d+)*([-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?\d*)?((-\d+)|([-_.]?(post|rev|r)[-_.]?\d*))?"
                    r"([-_.]?dev[-_.]?\d*)?(\+[a-z0-9]+([-_.][a-z0-9]+)*)?", re.I)


def within(events, version):
    """OSV's evaluation of a range of semantic versions: from each "introduced" to what comes next and ends it."""
    inside = False
    for event in sorted(events, key=lambda item: (order(text) if (text := next(iter(item.values()))) != "0" else ((-1,),), "introduced" in item)):
        text = next(iter(event.values()))
        if "introduced" in event and (text == "0" or order(version) >= order(text)):
            inside = True
        elif "fixed" in event and order(version) >= order(text) or "last_affected" in event and order(version) > order(text):
            inside = False
    return inside


def normal(name):
    """PyPI's normal form of a name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def customs_of(affected):
    return (affected.get("ecosystem_specific") or {}).get("custom_ranges") or []


def of_go(one, version, affected, groups):
    """The Go database has custom_ranges beside ranges: in the numbers of the project, where the module proxy does not know its releases."""
    if not affected and one.side == "grype":
        return "names that differ in case alone: paths of Go modules are case-sensitive, grype compares without case"
    if not any(customs_of(item) for item in affected):
        return None
    text = version.removeprefix("v")
    by_range = any(within(part["events"], text) for item in affected for part in item["ranges"])
    by_custom = any(within(part["events"], text) for item in affected for part in customs_of(item))
    conditional = groups.verdicts.get((one.target, one.entry, one.group)) == "conditional"
    if one.peer == "osv-scanner":
        return "custom_ranges of the Go database: osv-scanner does not read them" if by_range != by_custom else None
    if one.side == "fpscan":
        if conditional:
            return "what the record leaves open, a commit or the first release with the fix: fpscan says conditional, grype nothing"
        return "the last part of a range, which has no end: grype drops it where there are custom_ranges" if by_range else None
    customs = [event for item in affected for part in customs_of(item) for event in part["events"]]
    if sum("introduced" in event for event in customs) * 2 < len(customs):
        return "custom_ranges with two ends for one beginning: grype takes the later one"
    if by_custom and not by_range:
        return "custom_ranges beside a range that ends at a release or a later commit, and says all: grype joins the two"
    return None


def reason_of(one, groups):
    """A sentence, None where nothing explains the difference."""
    kind, _, rest = one.entry.removeprefix("pkg:").partition("/")
    name, _, version = rest.rpartition("@")
    records = groups.members(one.group)
    names = {name, name.replace("/", ":")} if kind == "maven" else {name.removeprefix("debian/")}
    affected = [item for record in records for item in record["affected"] if item["package"]["name"] in names]
    if kind == "pypi":
        affected = [item for record in records for item in record["affected"]
                    if normal(item["package"]["name"]) == normal(name)]
    if (one.target, one.entry, one.group) in groups.suppressed and one.side != "fpscan":
        return "fpscan suppresses it: " + groups.suppressed[(one.target, one.entry, one.group)]
    if kind == "golang":
        return of_go(one, version, affected, groups)
    if kind == "deb" and one.side == "fpscan" and not affected and records:
        return "a package of another name than its source: osv-scanner looks up the name in the bill, and not its source" \
            if one.peer == "osv-scanner" else None
    return of_lists(one, name, version, affected) if one.side == "fpscan" else None


def of_lists(one, name, version, affected):
    """What fpscan alone has of a record that lists versions or has several ranges."""
    if not affected:
        return None
    if any(version in item.get("versions", []) for item in affected) and one.peer == "grype":
        return "a version that a list names beside a range without it: the form that grype reads has ranges alone" if PEP440.fullmatch(version) \
            else "a version that a list names and PEP 440 does not know: grype has no order for it"
    if one.peer == "osv-scanner" and all(item.get("ranges") and item["ranges"][0]["type"] == "GIT" for item in affected):
        return "a range of commits that comes first: osv-scanner reads no range behind it"
    if one.peer == "osv-scanner" and all(item["package"]["name"] != normal(name) for item in affected):
        return "a name that the record has in another spelling: osv-scanner brings the bill's to PyPI's normal form alone"
    events = [set(event.items()) for item in affected for part in item.get("ranges", []) for event in part["events"]]
    ends = [{text for event in events for kind, text in event if kind == wanted} for wanted in ("fixed", "introduced")]
    if one.peer == "osv-scanner" and ends[0] & ends[1]:
        return "a range that ends where the next one begins: osv-scanner sorts the two by chance"
    if any(not PEP440.fullmatch(text) for text in ends[0]):
        return "an end that PEP 440 does not know: vulnbuild counts it as bad, and takes the range for one without an end"
    if one.group.startswith("CVE-") and all(item["versions"] in ([], ["0"]) and not item["ranges"] for item in affected):
        return "an entry of a CVE record, \"0\" alone or with changes of the status: vulnbuild reads it, advisories.py does not"
    return None
