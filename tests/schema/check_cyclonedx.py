"""Validates CycloneDX documents of every version with the CycloneDX project's own library, and proves that it refuses broken ones.

usage: check_cyclonedx.py PROGRAM FOLDER    installs npm packages in FOLDER; skips the test if that is impossible
"""
import json
import os
import subprocess
import sys

import npm

PACKAGES = ["@cyclonedx/cyclonedx-library@10.3.0", "ajv@8", "ajv-formats@3", "ajv-formats-draft2019@1"]
VALIDATOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "validate_cyclonedx.cjs")
VERSIONS = ["1.4", "1.5", "1.6", "1.7"]
DOCUMENTS = ["sample", "empty", "image", "layers"]


def validate(folder, documents):
    """The validator's faults for each document, None for a valid one."""
    done = subprocess.run(["node", VALIDATOR, folder], input=json.dumps(documents), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("the validator does not run: " + done.stderr)
    return json.loads(done.stdout)


def with_evidence(document):
    return next(c for c in document["components"] if "evidence" in c and "occurrences" in c["evidence"])


def broken(document, version):
    """Copies of a document, each wrong in one way."""
    changes = [
        ("serial number", lambda d: d.update(serialNumber="1234")),
        ("component without name", lambda d: d["components"][0].pop("name")),
        ("type of a component", lambda d: d["components"][0].update(type="thing")),
        ("aggregate", lambda d: d["compositions"][0].update(aggregate="partial")),
        ("reference twice in a dependency", lambda d: d["dependencies"][0]["dependsOn"].append(d["dependencies"][0]["dependsOn"][0])),
        ("hash", lambda d: d["metadata"]["component"].update(hashes=[{"alg": "SHA-256", "content": "12"}])),
    ]
    if version == "1.4":
        changes += [("evidence of a later version", lambda d: d["components"][1].update(evidence={"identity": {"field": "name"}}))]
    if version == "1.5":
        changes += [("list of identities", lambda d: with_evidence(d)["evidence"].update(identity=[])),
                    ("offset", lambda d: with_evidence(d)["evidence"]["occurrences"][0].update(offset=1))]
    if version >= "1.6":
        changes += [
            ("technique", lambda d: with_evidence(d)["evidence"]["identity"][0]["methods"][0].update(technique="guess")),
            ("confidence", lambda d: with_evidence(d)["evidence"]["identity"][0].update(confidence=2)),
            ("member of an occurrence", lambda d: with_evidence(d)["evidence"]["occurrences"][0].update(layer="x")),
        ]
    for name, change in changes:
        wrong = json.loads(json.dumps(document))
        change(wrong)
        yield name, wrong


def components(items):
    for item in items:
        yield item
        yield from components(item.get("components", []))


def cross_faults(document):
    """Faults that a schema cannot express: references that are not unique, or lead nowhere."""
    references = [item["bom-ref"] for item in components(document["components"])] + [document["metadata"]["component"]["bom-ref"]]
    if len(references) != len(set(references)):
        yield "references are not unique"
    for edge in document["dependencies"]:
        for reference in [edge["ref"], *edge.get("dependsOn", [])]:
            if reference not in references:
                yield f"{reference} leads nowhere"
    placed = {edge["ref"] for edge in document["dependencies"]}
    if len(placed) != len(document["dependencies"]):
        yield "the dependencies of a component are listed twice"
    if "fpscan:os" not in references and document["specVersion"] != "1.4" and "image:format" in json.dumps(document["metadata"]):
        yield "the operating system is missing"


def main():
    program, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    npm.install(folder, PACKAGES)
    failed, good, wrong = [], {}, {}
    for version in VERSIONS:
        for what in DOCUMENTS:
            document = json.loads(npm.document(program, f"cyclonedx-json@{version}", what))
            good[f"{version} {what}"] = document
            failed += [f"{version} {what}: {fault}" for fault in cross_faults(document)]
        wrong.update({f"{version} {name}": made for name, made in broken(good[f"{version} image"], version)})
    faults = validate(folder, [*good.values(), *wrong.values()])
    failed += [f"{what}: {fault}" for what, fault in zip(good, faults) if fault is not None]
    failed += [f"accepted although wrong: {name}" for name, fault in zip(wrong, faults[len(good):]) if fault is None]
    npm.finish(failed, f"{len(good)} documents are valid, {len(wrong)} broken ones are refused")


main()
