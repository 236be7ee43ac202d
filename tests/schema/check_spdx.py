"""Validates SPDX 2.3 documents, and proves that the schema refuses what is wrong.

usage: check_spdx.py PROGRAM SCHEMA    PROGRAM writes reports: `test_report FORMAT sample|empty|image|layers`

No package of Debian or npm contains the official schema, so SCHEMA is our own, written from the specification's text. This test
also checks the relationships between elements, which a schema cannot express.
"""
import copy
import json
import sys

import npm

try:
    import jsonschema
except ImportError:
    npm.skip("python3-jsonschema is not installed")

DOCUMENTS = ["sample", "empty", "image", "layers"]


def faults(validator, document):
    found = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(document)]
    elements = [item["SPDXID"] for item in document.get("packages", []) + document.get("files", []) if "SPDXID" in item]
    if len(elements) != len(set(elements)):
        found.append("an element is listed twice")
    known, seen = {*elements, "SPDXRef-DOCUMENT"}, set()
    for relation in document.get("relationships", []):
        ends = (relation.get("spdxElementId"), relation.get("relationshipType"), relation.get("relatedSpdxElement"))
        found += [f"{end} has a relationship but is not an element" for end in ends[::2] if end not in known]
        if ends in seen:
            found.append(f"{ends} is listed twice")
        seen.add(ends)
    if not any(start == "SPDXRef-DOCUMENT" and kind == "DESCRIBES" for start, kind, _ in seen):
        found.append("the document describes nothing")
    inside = {end for _, kind, end in seen if kind in ("CONTAINS", "STATIC_LINK", "DYNAMIC_LINK", "DESCRIBES")}
    files = {file["SPDXID"] for file in document.get("files", []) if "SPDXID" in file}
    inside |= {start for start, kind, _ in seen if kind == "OTHER" and start in files}
    found += [f"{start} is not analysed and contains the file {end}" for start, kind, end in seen if kind == "CONTAINS" and end in files]
    named = {item.get("licenseId") for item in document.get("hasExtractedLicensingInfos", [])}
    used = {p.get("licenseDeclared") for p in document.get("packages", []) if str(p.get("licenseDeclared")).startswith("LicenseRef-")}
    found += [f"the text of {reference} is missing" for reference in used - named]
    found += [f"{p['SPDXID']} has no {key}" for p in document.get("packages", []) for key in ("supplier", "versionInfo") if key not in p]
    return found + [f"no element contains {element}" for element in elements if element not in inside]



def broken(document):
    """Copies of a document, each wrong in one way."""
    for key in document:
        wrong = copy.deepcopy(document)
        del wrong[key]
        if key not in ("comment", "annotations", "files"):
            yield f"without {key}", wrong
    changes = [
        ("unknown member", lambda d: d.update(extra=1)),
        ("other version", lambda d: d.update(spdxVersion="SPDX-2.2")),
        ("namespace with a fragment", lambda d: d.update(documentNamespace="https://example.org/a#b")),
        ("time without zone", lambda d: d["creationInfo"].update(created="2024-01-01T00:00:00")),
        ("creator of no kind", lambda d: d["creationInfo"].update(creators=["fpscan"])),
        ("package without downloadLocation", lambda d: d["packages"][0].pop("downloadLocation")),
        ("identifier with a space", lambda d: d["packages"][0].update(SPDXID="SPDXRef-a b")),
        ("two of one identifier", lambda d: d["packages"][1].update(SPDXID=d["packages"][0]["SPDXID"])),
        ("purpose", lambda d: d["packages"][0].update(primaryPackagePurpose="IMAGE")),
        ("checksum", lambda d: d["packages"][0].update(checksums=[{"algorithm": "SHA-256", "checksumValue": "00"}])),
        ("category of a package URL", lambda d: [r.update(referenceCategory="OTHER") for p in d["packages"] for r in p.get("externalRefs", [])]),
        ("relation", lambda d: d["relationships"][1].update(relationshipType="HOLDS")),
        ("relation to nothing", lambda d: d["relationships"][1].update(relatedSpdxElement="SPDXRef-Absent")),
        ("relation twice", lambda d: d["relationships"].append(d["relationships"][1])),
        ("file in a package that is not analysed", lambda d: d["relationships"].append({"spdxElementId": "SPDXRef-Target", "relationshipType": "CONTAINS", "relatedSpdxElement": d["files"][0]["SPDXID"]})),
        ("file without SHA-1", lambda d: d.update(files=[{"SPDXID": "SPDXRef-f", "fileName": "./f", "checksums": [{"algorithm": "MD5", "checksumValue": "00"}]}])),
    ]
    for name, change in changes:
        wrong = copy.deepcopy(document)
        change(wrong)
        yield name, wrong


def main():
    program, schema_path = sys.argv[1:3]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    documents = {what: json.loads(npm.document(program, "spdx-json@2.3", what)) for what in DOCUMENTS}
    failed = [f"{what}: {fault}" for what, document in documents.items() for fault in faults(validator, document)]
    failed += [f"accepted although wrong: {name}" for name, wrong in broken(documents["image"]) if not faults(validator, wrong)]
    for kind in ("CONTAINS", "DEPENDS_ON", "STATIC_LINK"):
        if not any(relation["relationshipType"] == kind for relation in documents["image"]["relationships"]):
            failed.append(f"no {kind} in the image's document")
    npm.finish(failed, f"{len(documents)} documents are valid, broken ones are refused")


main()
