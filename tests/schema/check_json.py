"""Validates JSON reports against report.schema.json, and proves that the schema refuses what is wrong.

usage: check_json.py PROGRAM SCHEMA    PROGRAM writes reports: `test_report FORMAT sample|empty|image|layers`
"""
import copy
import json
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def faults(schema, document):
    return sorted(f"{list(e.absolute_path)}: {e.message}" for e in jsonschema.Draft202012Validator(schema).iter_errors(document))


def broken(document):
    """Copies of a document, each wrong in one way."""
    for key in document:
        wrong = copy.deepcopy(document)
        del wrong[key]
        yield f"without {key}", wrong
    changes = [
        ("unknown member", lambda d: d.update(extra=1)),
        ("other major version", lambda d: d.update(schemaVersion="3.0")),
        ("state", lambda d: d["components"][0].update(state="certain")),
        ("confidence above 1", lambda d: d["components"][0].update(confidence=1.5)),
        ("offset as text", lambda d: d["components"][0]["evidence"][0].update(offset="12")),
        ("negative offset", lambda d: d["components"][0]["evidence"][0].update(offset=-1)),
        ("address as number", lambda d: d["components"][0]["evidence"][0].update(address=1)),
        ("file without path", lambda d: d["files"][0].pop("path")),
        ("level", lambda d: d["diagnostics"][0].update(level="error")),
        ("digest", lambda d: d["sets"][0].update(digest="xyz")),
        ("code as number", lambda d: d["files"][0].update(code=12)),
        ("code without unknown", lambda d: [f["code"].pop("unknown") for f in d["files"] if f["code"]]),
        ("negative instructions", lambda d: d["components"][0]["evidence"][0].update(instructions=-1)),
        ("evidence without size", lambda d: d["components"][0]["evidence"][0].pop("size")),
        ("version as number", lambda d: d["components"][0].update(version=1.2)),
        ("old word for a hidden file", lambda d: d["files"][0].update(visibility="hidden")),
        ("owner by name", lambda d: d["files"][0].update(owner="rsync")),
        ("layer by digest", lambda d: d["files"][0].update(layer="sha256:00")),
        ("finding without layer", lambda d: d["components"][0]["files"][0].pop("introducedLayer")),
        ("finding without explanation", lambda d: d["components"][0]["files"][0].pop("explainedBy")),
        ("target without packagesKnown", lambda d: d["target"].pop("packagesKnown")),
    ]
    if document["packages"]:
        changes = [
            ("layer without diff ID", lambda d: d["layers"][0].pop("diffID")),
            ("source of the base", lambda d: d["target"]["image"]["base"].update(source="rumour")),
            ("kind of a package", lambda d: d["packages"][0].update(kind="msi")),
            ("need by name", lambda d: d["packages"][0].update(depends=["zlib1g"])),
            ("kind of drift", lambda d: d["drift"][0].update(kind="odd")),
            ("level of drift", lambda d: d["drift"][0].update(level="error")),
            ("drift without message", lambda d: d["drift"][0].pop("message")),
        ]
    for name, change in changes:
        wrong = copy.deepcopy(document)
        change(wrong)
        yield name, wrong


def main():
    program, schema_path = sys.argv[1:3]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    documents = {what: json.loads(subprocess.run([program, "json", what], check=True, capture_output=True).stdout)
                 for what in ("sample", "empty", "image", "layers")}
    failed = [f"{what}: {fault}" for what, document in documents.items() for fault in faults(schema, document)]
    failed += [f"accepted although wrong: {name}" for what in ("sample", "image") for name, wrong in broken(documents[what])
               if not faults(schema, wrong)]
    print("\n".join(failed) or "the reports are valid, broken ones are refused")
    sys.exit(bool(failed))


main()
