"""Checks the licence expressions and package URLs of bills of materials with the ecosystem's own parsers.

usage: check_names.py PROGRAM FOLDER    installs npm packages in FOLDER/names; skips the test if that is impossible
"""
import json
import os
import subprocess
import sys

import npm

PACKAGES = ["spdx-expression-validate@2.0.0", "packageurl-js@2.0.1"]
JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "validate_names.cjs")
WRONG = {"licenses": ["GPL-3+ with OpenSSL exception", "MIT AND", "BSD"], "purls": ["pkg:", "zlib@1.2.13", "pkg:generic"]}


def components(items):
    for item in items:
        yield item
        yield from components(item.get("components", []))


def names(program):
    """All licence expressions and package URLs of all documents."""
    found = {"licenses": set(), "purls": set()}
    for what in ("sample", "layers"):
        for version in ("1.4", "1.7"):
            document = json.loads(npm.document(program, f"cyclonedx-json@{version}", what))
            for item in [document["metadata"]["component"], *components(document["components"])]:
                found["licenses"] |= {choice["expression"] for choice in item.get("licenses", []) if "expression" in choice}
                found["purls"] |= {item["purl"]} if "purl" in item else set()
        for package in json.loads(npm.document(program, "spdx-json", what))["packages"]:
            found["licenses"] |= {package["licenseDeclared"]} - {"NOASSERTION"}
            found["purls"] |= {reference["referenceLocator"] for reference in package.get("externalRefs", [])
                               if reference["referenceType"] == "purl"}
    return {kind: sorted(values) for kind, values in found.items()}


def judge(folder, given):
    done = subprocess.run(["node", JUDGE, folder], input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("the parser does not run: " + done.stderr)
    return json.loads(done.stdout)


def main():
    program, folder = sys.argv[1], os.path.join(os.path.abspath(sys.argv[2]), "names")
    npm.install(folder, PACKAGES)
    given = names(program)
    good, wrong = judge(folder, given), judge(folder, WRONG)
    failed = [f"refused: {name}" for kind in given for name, valid in zip(given[kind], good[kind]) if not valid]
    failed += [f"accepted although wrong: {name}" for kind in WRONG for name, valid in zip(WRONG[kind], wrong[kind]) if valid]
    if len(given["licenses"]) < 4 or len(given["purls"]) < 6:
        failed.append("the documents contain too few names to prove anything")
    npm.finish(failed, f"{len(given['licenses'])} expressions and {len(given['purls'])} package URLs are valid")


main()
