"""Why two matchers differ about a package and a vulnerability: each reason is checked in the records, and names who is right."""
import re

from advisories import order

COMMIT = re.compile(r"v?0\.0\.0-")


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
        return "what the record leaves open, a commit or the first release with the fix: fpscan says conditional, grype nothing" \
            if conditional else None
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
                    if re.sub(r"[-_.]+", "-", item["package"]["name"]).lower() == name]
    if (one.target, one.entry, one.group) in groups.suppressed and one.side != "fpscan":
        return "fpscan suppresses it: " + groups.suppressed[(one.target, one.entry, one.group)]
    if kind == "golang":
        return of_go(one, version, affected, groups)
    if kind == "deb" and one.side == "fpscan" and not affected and records:
        return "a package of another name than its source: osv-scanner looks up the name in the bill, and not its source" \
            if one.peer == "osv-scanner" else None
    if one.peer == "osv-scanner" and one.side == "fpscan" and affected and all(
            item.get("ranges") and item["ranges"][0]["type"] == "GIT" and version not in item.get("versions", []) for item in affected):
        return "a range of commits that comes first: osv-scanner reads no range behind it"
    return None
