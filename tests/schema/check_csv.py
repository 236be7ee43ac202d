"""Reads CSV reports as a spreadsheet would: every line has all columns, and no cell starts a formula.

usage: check_csv.py PROGRAM    PROGRAM writes reports: `test_report FORMAT sample|empty|image|layers`
"""
import csv
import io
import sys

import npm

COLUMNS = ["type", "name", "version", "state", "confidence", "kind", "path", "layer", "layer_diff_id", "visibility", "package",
           "explained", "purl", "cpe", "license", "note", "links", "doubt", "candidates", "vulnerability", "severity", "score", "risk", "epss", "exploited",
           "fixed", "title", "link"]
KINDS = {"sample": {"component", "vulnerabilities"}, "empty": {"vulnerabilities"},
         "image": {"package", "component", "drift", "vulnerabilities"}, "layers": {"package", "component", "drift", "vulnerabilities"}}


def faults(text, kinds):
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
        yield "a line does not end in CR LF"
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if rows[0] != COLUMNS:
        yield f"the columns are {rows[0]}"
    if {row[0] for row in rows[1:]} != kinds:
        yield f"the types are {({row[0] for row in rows[1:]})}"
    for number, row in enumerate(rows, 1):
        if len(row) != len(COLUMNS):
            yield f"line {number} has {len(row)} columns"
        yield from (f"line {number}: {cell!r} may be a formula" for cell in row if cell.lstrip()[:1] in tuple("=+-@\t\r"))


def main():
    program, failed, image = sys.argv[1], [], ""
    for what, kinds in KINDS.items():
        text = npm.document(program, "csv", what).decode("utf-8")
        failed += [f"{what}: {fault}" for fault in faults(text, kinds)]
        image = text if what == "image" else image
    for name, wrong in {"formula": image.replace("'=", "="), "column": image.replace('"rsync",', "", 1), "line end": image.replace("\r\n", "\n", 1)}.items():
        if not list(faults(wrong, KINDS["image"])):
            failed.append(f"accepted although wrong: {name}")
    npm.finish(failed, "the tables are valid, broken ones are refused")


main()
