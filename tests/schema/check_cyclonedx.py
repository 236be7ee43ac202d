"""Validates CycloneDX documents with the library of the standard's own project, and proves that it refuses broken ones.

usage: check_cyclonedx.py PROGRAM FOLDER    npm packages go to FOLDER; the test is skipped where they cannot be had
"""
import json
import os
import shutil
import subprocess
import sys

PACKAGES = ["@cyclonedx/cyclonedx-library@10.3.0", "ajv@8", "ajv-formats@3", "ajv-formats-draft2019@1"]
VALIDATOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "validate_cyclonedx.cjs")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def install(folder):
    """Installs the packages once; a folder that is complete carries a mark."""
    mark = os.path.join(folder, "complete")
    if os.path.exists(mark):
        return
    if not shutil.which("npm") or not shutil.which("node"):
        skip("node or npm is not installed")
    os.makedirs(folder, exist_ok=True)
    command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional",
               "--loglevel=error", "--fetch-retries=1", *PACKAGES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        skip("npm did not answer in time")
    if done.returncode:
        skip("npm cannot fetch the validator: " + (done.stderr.strip().splitlines() or ["no reason given"])[0])
    with open(mark, "w", encoding="utf-8"):
        pass


def validate(folder, documents):
    """For each document the validator's faults, None for a valid one."""
    done = subprocess.run(["node", VALIDATOR, folder], input=json.dumps(documents), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("the validator does not run: " + done.stderr)
    return json.loads(done.stdout)


def broken(document):
    changes = [
        ("technique", lambda d: d["components"][0]["evidence"]["identity"][0]["methods"][0].update(technique="guess")),
        ("confidence", lambda d: d["components"][0]["evidence"]["identity"][0].update(confidence=2)),
        ("member of an occurrence", lambda d: d["components"][0]["evidence"]["occurrences"][0].update(layer="x")),
        ("serial number", lambda d: d.update(serialNumber="1234")),
        ("component without name", lambda d: d["components"][0].pop("name")),
        ("aggregate", lambda d: d["compositions"][0].update(aggregate="partial")),
    ]
    for name, change in changes:
        wrong = json.loads(json.dumps(document))
        change(wrong)
        yield name, wrong


def main():
    program, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    install(folder)
    good = {what: json.loads(subprocess.run([program, "cyclonedx-json@1.6", what], check=True, capture_output=True).stdout)
            for what in ("sample", "empty")}
    wrong = dict(broken(good["sample"]))
    faults = validate(folder, [*good.values(), *wrong.values()])
    failed = [f"{what}: {fault}" for what, fault in zip(good, faults) if fault is not None]
    failed += [f"accepted although wrong: {name}" for name, fault in zip(wrong, faults[len(good):]) if fault is None]
    references = [component["bom-ref"] for component in good["sample"]["components"]]
    if len(references) != len(set(references)):
        failed.append("references are not unique")
    print("\n".join(failed) or "the documents are valid, broken ones are refused")
    sys.exit(bool(failed))


main()
