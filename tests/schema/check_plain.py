"""Checks the formats that have no schema of their own: JUnit as CI servers read it, markdown tables, lists of package URLs.

usage: check_plain.py PROGRAM FOLDER    PROGRAM writes reports: `test_report FORMAT sample|empty|image|layers`
"""
import re
import sys
from xml.etree import ElementTree

import npm

DOCUMENTS = ["sample", "empty", "image", "layers"]
OUTCOMES = {"failure": "failures", "error": "errors", "skipped": "skipped"}
CELLS = re.compile(r"(?<!\\)\|")


def junit_faults(text):
    """Counts that do not add up, and cases that nobody could tell from another."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return [str(error)]
    found = []
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        counts = {"tests": len(cases), **{name: len(suite.findall(f"testcase/{element}")) for element, name in OUTCOMES.items()}}
        found += [f"{suite.get('name')}: {name} is {suite.get(name)}, not {count}" for name, count in counts.items() if suite.get(name) != str(count)]
        found += [f"a case without {key}" for case in cases for key in ("name", "classname") if not case.get(key)]
        found += ["an outcome without message" for case in cases for end in case if end.tag not in OUTCOMES or not end.get("message")]
        if not cases:
            found.append(f"{suite.get('name')} has no case")
    for name in ("tests", *OUTCOMES.values()):
        if root.get(name) != str(sum(int(suite.get(name)) for suite in root.iter("testsuite"))):
            found.append(f"{name} of all suites is wrong")
    return found


def markdown_faults(text):
    """Rows of a table with another number of cells than its head, and text that would be taken for HTML or a link."""
    found, columns = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        cells = len(CELLS.findall(line))
        if line.startswith("|"):
            columns = columns or cells
            if cells != columns:
                found.append(f"line {number} has {cells} cells, not {columns}")
        else:
            columns = 0
        if re.search(r"[<>`\[\]]", line):
            found.append(f"line {number} has markup of the target")
    return found + ([] if text.startswith("# ") else ["there is no heading"])


def purls_faults(text):
    lines = text.splitlines()
    found = [f"{line!r} is no package URL" for line in lines if not re.match(r"^pkg:[a-z0-9.+-]+/[!-~]+$", line)]
    return found + ([] if lines == sorted(set(lines)) else ["they are not sorted, or one is there twice"])


CHECKS = {"junit": junit_faults, "markdown": markdown_faults, "purls": purls_faults}


def broken(texts):
    yield "JUnit: a count", junit_faults(texts["junit"].replace('failures="', 'failures="1', 1))
    yield "JUnit: no XML", junit_faults(texts["junit"].replace("</testsuite>", "", 1))
    yield "JUnit: no message", junit_faults(re.sub(' message="[^"]*"', "", texts["junit"], count=1))
    yield "markdown: a cell", markdown_faults(texts["markdown"].replace("| rsync |", "| rs|ync |", 1))
    yield "markdown: HTML", markdown_faults(texts["markdown"].replace("&#60;", "<", 1))
    yield "package URLs: twice", purls_faults(texts["purls"] + texts["purls"].splitlines()[-1] + "\n")
    yield "package URLs: blank", purls_faults(texts["purls"].replace("pkg:", "pkg: ", 1))


def main():
    program, failed, image = sys.argv[1], [], {}
    for what in DOCUMENTS:
        texts = {name: npm.document(program, name, what).decode("utf-8") for name in CHECKS}
        failed += [f"{name} {what}: {fault}" for name, check in CHECKS.items() for fault in check(texts[name])]
        image = texts if what == "image" else image
    refused = list(broken(image))
    failed += [f"accepted although wrong: {name}" for name, found in refused if not found]
    npm.finish(failed, f"{len(DOCUMENTS) * len(CHECKS)} documents are valid, {len(refused)} broken ones are refused")


main()
