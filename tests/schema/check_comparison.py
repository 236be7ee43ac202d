"""Validates a comparison against comparison.schema.json, and proves that the schema refuses what is wrong.

usage: check_comparison.py PROGRAM SCHEMA    PROGRAM writes a comparison: `test_compare sample`
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

CHANGES = [
    ("unknown member", lambda d: d.update(extra=1)),
    ("other major version", lambda d: d.update(schemaVersion="2.0")),
    ("section", lambda d: d["changes"][0].update(section="files")),
    ("kind", lambda d: d["changes"][0].update(change="moved")),
    ("no place", lambda d: d["changes"][0].update(places=[])),
    ("negative layer", lambda d: d["changes"][0]["places"][0].update(layerAfter=-1)),
    ("bytes as text", lambda d: d["executableBytes"].update(added="1")),
    ("counts without compared", lambda d: d["summary"]["drift"].pop("compared")),
]


def broken(document):
    """Copies of a document, each wrong in one way."""
    for key in document:
        wrong = copy.deepcopy(document)
        del wrong[key]
        yield f"without {key}", wrong
    for name, change in CHANGES:
        wrong = copy.deepcopy(document)
        change(wrong)
        yield name, wrong


def main():
    program, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    document = json.loads(subprocess.run([program, "sample"], capture_output=True, check=True).stdout)
    faults = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(document)]
    faults += [f"accepted: {name}" for name, wrong in broken(document) if validator.is_valid(wrong)]
    if not document["changes"]:
        faults.append("the sample has no change")
    print("\n".join(faults))
    return bool(faults)


sys.exit(main())
