"""Validates SARIF documents with the validator of the standard's authors, and proves that it refuses broken ones.

usage: check_sarif.py PROGRAM FOLDER    installs npm packages in FOLDER/sarif (100 MB); skips the test if that is impossible

The validator always exits with 0; the results are in its log. KNOWN lists warnings about facts that a scanner of binaries cannot
know.
"""
import glob
import json
import os
import subprocess
import sys

import npm

PACKAGES = ["@microsoft/sarif-multitool-linux@5.7.0"]
KNOWN = set()


def start(folder):
    found = glob.glob(os.path.join(folder, "node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool"))
    if not found:
        npm.skip("the validator has no binary for this machine")
    os.chmod(found[0], 0o755)
    return found[0]


def rules_broken(tool, folder, document):
    """The ids of the validator's rules that a document breaks."""
    given, log = os.path.join(folder, "document.sarif"), os.path.join(folder, "log.sarif")
    with open(given, "w", encoding="utf-8") as file:
        json.dump(document, file)
    if os.path.exists(log):
        os.remove(log)
    variables = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_BUNDLE_EXTRACT_BASE_DIR": folder}
    done = subprocess.run([tool, "validate", "--log", "ForceOverwrite", "--output", log, given], capture_output=True, text=True,
                          timeout=120, check=False, env=variables)
    if not os.path.exists(log):
        npm.skip("the validator does not run: " + (done.stderr.strip().splitlines() or ["no reason given"])[0])
    with open(log, encoding="utf-8-sig") as file:
        runs = json.load(file)["runs"]
    return {result["ruleId"] for run in runs for result in run.get("results", [])}


def broken(document):
    changes = [
        ("driver without name", lambda run: run["tool"]["driver"].pop("name")),
        ("result without message", lambda run: run["results"][0].pop("message")),
        ("rule that is not there", lambda run: run["results"][0].update(ruleIndex=99)),
        ("absolute path", lambda run: run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="/a b")),
    ]
    for name, change in changes:
        wrong = json.loads(json.dumps(document))
        change(wrong["runs"][0])
        yield name, wrong


def own_faults(document):
    """Faults that the validator does not check."""
    run = document["runs"][0]
    prints = [result["partialFingerprints"]["fpscanDrift/v1"] for result in run["results"]]
    if len(prints) != len(set(prints)):
        yield "fingerprints are not unique"
    for result in run["results"]:
        if run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] != result["ruleId"]:
            yield f"{result['ruleId']} has the index of another rule"
        if result["level"] not in ("error", "warning", "note"):
            yield f"{result['level']} is not a level"


def main():
    program, folder = sys.argv[1], os.path.join(os.path.abspath(sys.argv[2]), "sarif")
    npm.install(folder, PACKAGES, optional=True)
    tool = start(folder)
    good = {what: json.loads(npm.document(program, "sarif", what)) for what in ("image", "sample", "empty")}
    failed = [f"{what}: {fault}" for what, document in good.items() for fault in own_faults(document)]
    for what, document in good.items():
        failed += [f"{what}: {rule}" for rule in sorted(rules_broken(tool, folder, document) - KNOWN)]
    wrong = dict(broken(good["image"]))
    failed += [f"accepted although wrong: {name}" for name, made in wrong.items() if not rules_broken(tool, folder, made) - KNOWN]
    npm.finish(failed, f"{len(good)} documents are valid, {len(wrong)} broken ones are refused")


main()
